package departure

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// erased are the classes an erasure takes. What law keeps lies in the
// bookkeeping class and ends by a rule of its own (L7).
var erasedClasses = []vault.Class{vault.Membership, vault.Evidence}

// EraseDue erases everybody whose window has ended and says how many. It does
// not run while keys are missing that nobody erased: somebody may have lost a
// keyring, and a destroyed key forgives no mistake.
func (s *Service) EraseDue(ctx context.Context) (int, error) {
	due, err := s.due(ctx, func(d *Departure) bool { return d.due(s.Now()) })
	if err != nil {
		return 0, err
	}
	return s.eraseAll(ctx, due)
}

// eraseAll erases one after the other. One who cannot be erased now does not
// keep the others waiting.
func (s *Service) eraseAll(ctx context.Context, persons []vault.PersonID) (erased int, err error) {
	for _, person := range persons {
		e, failed := s.erase(ctx, person)
		err = errors.Join(err, failed)
		if e.State == Erased {
			erased++
		}
	}
	return erased, err
}

func (s *Service) due(ctx context.Context, want func(*Departure) bool) ([]vault.PersonID, error) {
	var persons []vault.PersonID
	err := s.DB.Read(ctx, func(q database.Querier) error {
		open, err := query(q, `WHERE state <> $1 ORDER BY due_at, person`, string(Erased))
		for i := range open {
			if want(&open[i]) {
				persons = append(persons, open[i].Person)
			}
		}
		return err
	})
	return persons, err
}

// patience is how long, from its beginning, the certificate may keep an erasure
// waiting when the mail server does not take it. Then it goes on without.
const patience = 24 * time.Hour

// erase takes one person through the five steps, from wherever they are. Every
// step is safe to do twice. It stops after the first, and is tried again later,
// while the certificate is still on its way: it is handed over before the
// address goes.
func (s *Service) erase(ctx context.Context, person vault.PersonID) (Erasure, error) {
	var e Erasure
	if err := s.Keyring.Healthy(); err != nil {
		return e, fault.New(fault.Unavailable, "departure.error.keys").Because(err)
	}
	s.erasing <- struct{}{}
	defer func() { <-s.erasing }()
	ctx = context.WithoutCancel(ctx) // what has begun goes on

	var d Departure
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		d, err = get(q, person)
		return err
	})
	if err != nil {
		return e, err
	}
	e.State = Erasing
	if d.Step < stepIntent {
		if e.Certificate, err = s.intend(ctx, person); err != nil {
			return Erasure{State: d.State}, err
		}
		d.DueAt = s.Now()
	}
	s.at("intent")
	if d.Step < stepKeys {
		delivered, err := s.Letters.Delivered(ctx, person)
		if err != nil || !delivered && s.Now().Before(d.DueAt.Add(patience)) {
			return e, err
		}
	}
	steps := []struct {
		number int
		do     func() error
	}{
		{stepKeys, func() error {
			// The letters' keys go first, so that the keyring forgets all at once.
			if err := s.Letters.Forget(ctx, person); err != nil {
				return err
			}
			_, err := s.Keyring.Erase(ctx, s.Now(), []vault.PersonID{person}, erasedClasses...)
			return err
		}},
		{stepRows, func() error {
			return s.DB.Write(ctx, func(tx *database.Tx) error {
				if _, err := s.Records.Delete(tx, person, erasedClasses...); err != nil {
					return err
				}
				if err := s.Access.Forget(tx, person, tx.Now()); err != nil {
					return err
				}
				return s.note(tx)
			})
		}},
		{stepForgotten, func() error { return s.DB.Forget(ctx) }},
		{stepConfirmed, func() error { return nil }}, // no copies of the keys are kept yet
	}
	for _, step := range steps {
		if d.Step >= step.number {
			continue
		}
		if err := step.do(); err != nil {
			return e, fmt.Errorf("departure: step %d: %w", step.number, err)
		}
		s.at(fmt.Sprintf("done %d", step.number))
		if err := s.DB.Write(ctx, func(tx *database.Tx) error { return advance(tx, person, step.number) }); err != nil {
			return e, err
		}
		s.at(fmt.Sprintf("noted %d", step.number))
	}
	s.Directory.Forget(person)
	e.State = Erased
	return e, nil
}

// finish ends whatever the secretariat still had to do about the person, and
// passes on what the person had to do about lists.
func (s *Service) finish(tx *database.Tx, person vault.PersonID) error {
	for _, kind := range []duty.Kind{duty.CloseMembership, duty.ConfirmErasure} {
		if _, err := s.Duties.Finish(tx, kind, int64(person), 0, "done"); err != nil {
			return err
		}
	}
	return s.Lists.Orphan(tx, person)
}

// intend is step 1: the certificate is made, and journal entry, intent and the
// letter with the certificate are committed together.
func (s *Service) intend(ctx context.Context, person vault.PersonID) (Certificate, error) {
	d, silent, err := s.leaving(ctx, person)
	if err != nil {
		return Certificate{}, err
	}
	c := Certificate{Number: d.Certificate, ClosedAt: d.ClosedAt, ErasedAt: s.Now().UTC(), Salt: drawn()}
	if c.Lists, err = s.Lists.Outstanding(ctx, person); err != nil {
		return c, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := s.Records.Tally(q, person, erasedClasses...)
		c.count(all)
		return err
	})
	if err != nil {
		return c, err
	}
	var letter Letter
	if !silent {
		letter, err = s.Letters.Certificate(ctx, d, c)
		if err != nil && s.Now().Before(d.DueAt.Add(patience)) {
			return c, err
		}
	}
	return c, s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := begin(tx, person, c.hash()); err != nil {
			return err
		}
		if err := letter.enqueue(tx); err != nil {
			return err
		}
		if err := s.finish(tx, person); err != nil {
			return err
		}
		_, err := s.Journal.Append(tx, &journal.Entry{
			Act: journal.Erase, Right: string(access.System), Via: string(access.System),
			Persons: roaring.BitmapOf(uint32(person)), Proof: c.hash(),
		})
		return err
	})
}
