package signin

import (
	"context"
	"errors"
	"sync"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Sessions stores sessions for scs: it satisfies scs.CtxStore without importing
// it. A token is stored as a keyed digest, the data sealed under a key made from
// the token, the person as a digest that only serves EndAll.
type Sessions struct {
	s *Service

	mu    sync.Mutex
	known map[sessionID]visit
}

type sessionID [32]byte

// visit is what memory knows of a session: newer than the register, which is told
// of uses only once a minute.
type visit struct {
	idle  time.Time // ends then unless it is used before
	ended bool      // stays so: a page begun before the end must not bring it back
	until time.Time // nothing needs to be known after this
}

// written is how old the use noted in the register may be.
const written = time.Minute

// FindCtx gives the data of a session and notes that it was used. A session that
// is unknown, altered, over or idle, or whose person is leaving or erased, is
// not found.
func (x *Sessions) FindCtx(ctx context.Context, token string) ([]byte, bool, error) {
	d := x.s.drawer(forSession, token)
	id := sessionID(d.id)
	var row sessionRow
	err := x.s.db.Read(ctx, func(q database.Querier) (err error) {
		row, err = findSession(q, d.id)
		return err
	})
	if errors.Is(err, database.ErrNotFound) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	plain, err := d.open(row.data)
	if err != nil {
		return nil, false, nil // no session of this house
	}
	_, session, err := decodeSession(plain)
	if err != nil {
		return nil, false, nil // of another version: sign in again
	}
	now := x.s.o.Clock()
	x.mu.Lock()
	v := x.known[id]
	if v.idle.Before(row.idle) {
		v.idle = row.idle
	}
	alive := !v.ended && now.Before(v.idle) && now.Before(row.expires) &&
		(session.Person == 0 || x.s.keys.Holds(session.Person, vault.Membership) && !x.s.o.Persons.Leaving(session.Person)) // neither erased nor on the way
	if alive {
		v.idle, v.until = idleAt(session, now, row.expires), row.expires
		x.known[id] = v
	}
	x.mu.Unlock()
	if !alive {
		return nil, false, x.DeleteCtx(ctx, token)
	}
	if v.idle.Sub(row.idle) > written {
		err := x.s.db.Write(ctx, func(tx *database.Tx) error { return touchSession(tx, d.id, v.idle) })
		if err != nil {
			return nil, false, err
		}
	}
	return plain, true, nil
}

// CommitCtx keeps a session until expiry, Lifetime at most. One that was ended
// meanwhile stays ended.
func (x *Sessions) CommitCtx(ctx context.Context, token string, b []byte, expiry time.Time) error {
	_, session, err := decodeSession(b)
	if err != nil {
		return err
	}
	d := x.s.drawer(forSession, token)
	id := sessionID(d.id)
	return x.s.db.Write(ctx, func(tx *database.Tx) error {
		now := x.s.o.Clock()
		if latest := now.Add(Lifetime); expiry.After(latest) {
			expiry = latest
		}
		x.mu.Lock()
		defer x.mu.Unlock()
		if x.known[id].ended {
			return nil
		}
		row := sessionRow{
			owner: x.owner(session.Person), data: d.seal(b), idle: idleAt(session, now, expiry), expires: expiry,
		}
		_, err := findSession(tx, d.id)
		if errors.Is(err, database.ErrNotFound) {
			err = x.s.beginVisit(tx, session, d.id)
		}
		if err != nil {
			return err
		}
		x.known[id] = visit{idle: row.idle, until: expiry}
		return writeSession(tx, d.id, row)
	})
}

// DeleteCtx ends a session; ending what is not there does nothing.
func (x *Sessions) DeleteCtx(ctx context.Context, token string) error {
	d := x.s.drawer(forSession, token)
	return x.s.db.Write(ctx, func(tx *database.Tx) error {
		x.end(sessionID(d.id))
		if row, err := findSession(tx, d.id); err == nil {
			if plain, err := d.open(row.data); err == nil {
				if _, session, err := decodeSession(plain); err == nil {
					if err := x.s.forgetVisit(tx, session.Person, d.id); err != nil {
						return err
					}
				}
			}
		}
		return deleteSession(tx, d.id)
	})
}

// Find, Commit and Delete complete scs.Store; scs uses the ones with a context.
func (x *Sessions) Find(token string) ([]byte, bool, error) {
	return x.FindCtx(context.Background(), token)
}

// Commit is CommitCtx without a context.
func (x *Sessions) Commit(token string, b []byte, expiry time.Time) error {
	return x.CommitCtx(context.Background(), token, b, expiry)
}

// Delete is DeleteCtx without a context.
func (x *Sessions) Delete(token string) error { return x.DeleteCtx(context.Background(), token) }

// EndAll ends every session of a person, as part of an act: a closing shows the
// person out at once (D7).
func (s *Service) EndAll(tx *database.Tx, person vault.PersonID) error {
	if person == 0 {
		return nil // visitors are nobody's sessions
	}
	ids, err := deleteSessionsOf(tx, s.sessions.owner(person))
	// Before the commit: were the act to fail, the person would only sign in again.
	s.sessions.end(ids...)
	for _, id := range ids {
		err = errors.Join(err, s.forgetVisit(tx, person, id[:]))
	}
	return err
}

// end notes sessions as ended for as long as a page begun before could last.
func (x *Sessions) end(ids ...sessionID) {
	until := x.s.o.Clock().Add(Lifetime)
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, id := range ids {
		x.known[id] = visit{ended: true, until: until}
	}
}

// tidy forgets visits nobody needs to know of.
func (x *Sessions) tidy() {
	now := x.s.o.Clock()
	x.mu.Lock()
	defer x.mu.Unlock()
	for id, v := range x.known {
		if now.After(v.until) {
			delete(x.known, id)
		}
	}
}

// owner is the digest a person's sessions are found by; empty for a visitor.
func (x *Sessions) owner(person vault.PersonID) []byte {
	if person == 0 {
		return []byte{}
	}
	return x.s.keys.MAC("signin.owner", personBytes(person))
}

// idleAt is when a session used now ends unless it is used again.
func idleAt(s Session, now, expires time.Time) time.Time {
	if at := now.Add(Idle); s.Access && at.Before(expires) {
		return at
	}
	return expires
}
