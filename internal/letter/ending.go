package letter

import (
	"context"
	"errors"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// Holding reports whether an erasure has a letter to wait for: one that must be
// printed while there is still an address, and is not yet.
func (s *Service) Holding(ctx context.Context, person vault.PersonID) (bool, error) {
	var n int
	err := s.DB.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT COUNT(*) FROM letter WHERE person = $1 AND state = $2 AND holds = 1 AND printed_at IS NULL`,
			int64(person), string(Waiting)).Scan(&n)
	})
	return n > 0, err
}

// Forget removes every letter to some persons and then their keys: a step of an
// erasure (D7), and what is done when somebody has died.
func (s *Service) Forget(ctx context.Context, persons ...vault.PersonID) error {
	return s.clear(ctx, func(tx *database.Tx) (gone []int64, err error) {
		for _, person := range persons {
			if err := s.passOn(tx, person, persons); err != nil {
				return nil, err
			}
			keys, err := remove(tx, `person = $1`, int64(person))
			if err != nil {
				return nil, err
			}
			gone = append(gone, keys...)
		}
		return gone, nil
	})
}

// clear removes letters, and their keys once nothing refers to them.
func (s *Service) clear(ctx context.Context, removing func(tx *database.Tx) (keys []int64, err error)) error {
	var gone []int64
	err := s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if gone, err = removing(tx); err != nil {
			return err
		}
		return s.settle(tx, 0)
	})
	if err != nil || len(gone) == 0 {
		return err
	}
	return s.Keyring.DropOneOff(ctx, gone...)
}

// ended is what End forgets: what was posted can hardly come back, and that one was
// never posted is remembered as long again.
const ended = `(state IN ($1, $2) AND ends_at <= $3) OR (state IN ($4, $5) AND state_at <= $6)`

func (s *Service) endedArgs(by time.Time) []any {
	return []any{
		string(Posted), string(Returned), by.UnixMicro(), string(Dropped), string(Ended), by.AddDate(0, 0, -s.Charter.LetterKeepDays).UnixMicro(),
	}
}

// Due counts the letters whose time is over by a moment, and all there are.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	var waiting, over, total int64
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if err := q.QueryRow(`SELECT COUNT(*) FROM letter WHERE state = $1 AND ends_at <= $2`, string(Waiting), by.UnixMicro()).Scan(&waiting); err != nil {
			return err
		}
		if err := q.QueryRow(`SELECT COUNT(*) FROM letter WHERE `+ended, s.endedArgs(by)...).Scan(&over); err != nil {
			return err
		}
		return q.QueryRow(`SELECT COUNT(*) FROM letter`).Scan(&total)
	})
	return int(waiting + over), int(total), err
}

// Of tells how many letters to a person lie here, and when the last of them ends.
func (s *Service) Of(ctx context.Context, person vault.PersonID) (count int, last time.Time, err error) {
	var n, ends int64
	err = s.DB.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT COUNT(*), COALESCE(MAX(ends_at), 0) FROM letter WHERE person = $1`, int64(person)).Scan(&n, &ends)
	})
	return int(n), time.UnixMicro(ends).UTC(), err
}

// End ends the letters whose time was over by a moment, and says how many: one
// that waited so long is of no use any more and loses its text, what was posted is
// forgotten.
func (s *Service) End(ctx context.Context, by time.Time) (int, error) {
	var late []Letter
	over := 0
	err := s.DB.Read(ctx, func(q database.Querier) error {
		var n int64
		err := q.QueryRow(`SELECT COUNT(*) FROM letter WHERE `+ended, s.endedArgs(by)...).Scan(&n)
		over = int(n)
		return err
	})
	if err != nil {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if late, err = query(tx, `WHERE state = $1 AND ends_at <= $2`, string(Waiting), by.UnixMicro()); err != nil {
			return err
		}
		for i := range late {
			if err := become(tx, &late[i], Ended, 0); err != nil {
				return err
			}
		}
		return s.settle(tx, 0)
	})
	if err != nil {
		return 0, err
	}
	keys := make([]int64, len(late))
	for i := range late {
		keys[i] = late[i].key
	}
	if err := s.Keyring.DropOneOff(ctx, keys...); err != nil {
		return len(late), err
	}
	if err := s.clear(ctx, func(tx *database.Tx) ([]int64, error) { return remove(tx, ended, s.endedArgs(by)...) }); err != nil {
		return len(late), err
	}
	return len(late) + over, nil
}

// Address gives what stands on the envelope to somebody who is about to be erased
// and has no e-mail: whoever ends the window hands the certificate over on paper,
// and afterwards there is no address any more. None where it is not known or not
// for them to see.
func (s *Service) Address(ctx context.Context, by access.Actor, person vault.PersonID) ([]string, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Close})
	if err != nil {
		return nil, err
	}
	var lines []string
	err = s.Directory.Addressed(ctx, scope, []vault.PersonID{person}, func(e *member.Envelope) error {
		if e.Email == "" && len(e.Lines) > 0 {
			lines = append([]string{e.To[0].Name()}, e.Lines...)
		}
		return nil
	})
	if err != nil || len(lines) == 0 {
		return nil, err
	}
	e := scope.Entry(journal.Print, person)
	e.Fields = addressFields
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return lines, nil
}

// walkAtOnce is how many letters Walk reads at a time.
const walkAtOnce = 64

// Walk calls fn with every letter that can still be opened: for whoever searches
// for what must be gone (D7).
func (s *Service) Walk(ctx context.Context, fn func(id int64, person vault.PersonID, texts []string, err error) error) error {
	for after := int64(0); ; {
		var all []Letter
		err := s.DB.Read(ctx, func(q database.Querier) (err error) {
			all, err = query(q, `WHERE id > $1 AND key_id <> 0 ORDER BY id LIMIT $2`, after, int64(walkAtOnce))
			return err
		})
		if err != nil || len(all) == 0 {
			return err
		}
		for i := range all {
			l := &all[i]
			after = l.ID
			plain, err := s.Keyring.OpenOnce(l.key, l.sealed)
			if errors.Is(err, vault.ErrOneOffSpent) {
				continue
			}
			if err == nil {
				err = l.decode(plain)
			}
			if err := fn(l.ID, l.Person, []string{l.Subject, l.Body, l.Kind}, err); err != nil {
				return err
			}
		}
	}
}
