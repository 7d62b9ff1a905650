package letter

import (
	"context"
	"errors"

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

// Forget removes every letter to a person and then their keys: a step of an
// erasure (D7), and what is done when somebody has died.
func (s *Service) Forget(ctx context.Context, person vault.PersonID) error {
	return s.clear(ctx, `person = $1`, int64(person))
}

func (s *Service) clear(ctx context.Context, where string, args ...any) error {
	var gone []int64
	err := s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if gone, err = remove(tx, where, args...); err != nil {
			return err
		}
		return s.settle(tx, 0)
	})
	if err != nil {
		return err
	}
	return s.Keyring.DropOneOff(ctx, gone...)
}

// Sweep ends the letters whose time is over: one that waited so long is of no use
// any more, and what was posted can hardly come back. That one was never posted
// is remembered as long again.
func (s *Service) Sweep(ctx context.Context) error {
	now := s.Now()
	var ended []Letter
	err := s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if ended, err = query(tx, `WHERE state = $1 AND ends_at <= $2`, string(Waiting), now.UnixMicro()); err != nil {
			return err
		}
		for i := range ended {
			if err := become(tx, &ended[i], Ended, 0); err != nil {
				return err
			}
		}
		return s.settle(tx, 0)
	})
	if err != nil {
		return err
	}
	keys := make([]int64, len(ended))
	for i := range ended {
		keys[i] = ended[i].key
	}
	if err := s.Keyring.DropOneOff(ctx, keys...); err != nil {
		return err
	}
	return s.clear(ctx, `(state IN ($1, $2) AND ends_at <= $3) OR (state IN ($4, $5) AND state_at <= $6)`,
		string(Posted), string(Returned), now.UnixMicro(), string(Dropped), string(Ended), now.AddDate(0, 0, -s.Charter.LetterKeepDays).UnixMicro())
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
