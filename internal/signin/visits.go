package signin

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Seen is a session as its owner sees it.
type Seen struct {
	ID uint64
	Visit
	Here bool // the one that asks
}

// Visits lists the sessions of a person, the newest first; token is the one that
// asks.
func (s *Service) Visits(ctx context.Context, person vault.PersonID, token string) ([]Seen, error) {
	here := s.drawer(forSession, token).id
	var all []Seen
	err := s.db.Read(ctx, func(q database.Querier) error {
		all = nil
		visits, err := record.All(s.o.Records, q, Visits, person)
		if err != nil {
			return err
		}
		for _, v := range visits {
			row, err := findSession(q, v.Value.Session)
			if errors.Is(err, database.ErrNotFound) || err == nil && !s.o.Clock().Before(row.idle) {
				continue
			}
			if err != nil {
				return err
			}
			all = append(all, Seen{ID: v.ID, Visit: v.Value, Here: bytes.Equal(v.Value.Session, here)})
		}
		return nil
	})
	slices.Reverse(all)
	return all, err
}

// EndVisit ends one session of a person.
func (s *Service) EndVisit(ctx context.Context, person vault.PersonID, id uint64) error {
	return s.db.Write(ctx, func(tx *database.Tx) error {
		var v Visit
		err := record.Get(s.o.Records, tx, Visits, person, id, &v)
		if errors.Is(err, database.ErrNotFound) {
			return fault.New(fault.NotFound, "signin.error.no_visit")
		}
		if err != nil {
			return err
		}
		return s.endVisit(tx, person, id, v.Session)
	})
}

func (s *Service) endVisit(tx *database.Tx, person vault.PersonID, id uint64, session []byte) error {
	s.sessions.end(sessionID(session))
	return errors.Join(deleteSession(tx, session), record.Remove(tx, Visits, person, id))
}

// EndOthers ends every session of a person but the one with the token.
func (s *Service) EndOthers(ctx context.Context, person vault.PersonID, token string) error {
	here := s.drawer(forSession, token).id
	return s.db.Write(ctx, func(tx *database.Tx) error {
		visits, err := record.All(s.o.Records, tx, Visits, person)
		if err != nil {
			return err
		}
		for _, v := range visits {
			if !bytes.Equal(v.Value.Session, here) {
				err = errors.Join(err, s.endVisit(tx, person, v.ID, v.Value.Session))
			}
		}
		return err
	})
}

// begin notes a new session for its owner.
func (s *Service) beginVisit(tx *database.Tx, session Session, id []byte) error {
	if session.Person == 0 || !s.keys.Holds(session.Person, vault.Membership) {
		return nil
	}
	n, err := tx.Next("visit")
	if err != nil {
		return err
	}
	v := Visit{Session: id, What: session.What, Begun: tx.Now()}
	return record.Create(s.o.Records, tx, Visits, session.Person, uint64(n), &v)
}

// forgetVisit removes the note of a session that ends.
func (s *Service) forgetVisit(tx *database.Tx, person vault.PersonID, id []byte) error {
	if person == 0 {
		return nil
	}
	visits, err := record.All(s.o.Records, tx, Visits, person)
	if errors.Is(err, vault.ErrErased) || errors.Is(err, vault.ErrKeyMissing) {
		return nil
	}
	for _, v := range visits {
		if bytes.Equal(v.Value.Session, id) {
			err = errors.Join(err, record.Remove(tx, Visits, person, v.ID))
		}
	}
	return err
}
