package departure

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
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

// together is how many erasures share the steps that cost for one what they cost
// for many: one transaction of the keyring, one emptied log, one round of copies.
const together = 1000

// eraseAll erases many. One who cannot be erased now does not keep the others
// waiting.
func (s *Service) eraseAll(ctx context.Context, persons []vault.PersonID) (erased int, err error) {
	for batch := range slices.Chunk(persons, together) {
		leavers, failed := s.roll(ctx, batch)
		err = errors.Join(err, failed)
		for _, l := range leavers {
			if l.erasure.State == Erased {
				erased++
			}
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

// leaver is somebody on the way through the five steps.
type leaver struct {
	Departure
	erasure Erasure
}

// erase takes one person through the five steps, from wherever they are.
func (s *Service) erase(ctx context.Context, person vault.PersonID) (Erasure, error) {
	leavers, err := s.roll(ctx, []vault.PersonID{person})
	if len(leavers) == 0 {
		return Erasure{}, err
	}
	return leavers[0].erasure, err
}

// roll takes persons through the five steps, from wherever they are. Every step
// is safe to do twice. Whoever's certificate is still on its way stops after the
// first, since it is handed over before the address goes; whoever's keys still
// lie in a copy stops after the fourth. Both are tried again later.
func (s *Service) roll(ctx context.Context, persons []vault.PersonID) ([]*leaver, error) {
	if err := s.Keyring.Healthy(); err != nil {
		return nil, fault.New(fault.Unavailable, "departure.error.keys").Because(err)
	}
	s.erasing <- struct{}{}
	defer func() { <-s.erasing }()
	ctx = context.WithoutCancel(ctx) // what has begun goes on

	all := make([]*leaver, len(persons))
	var fresh, ready []*leaver
	var failed error
	for i, person := range persons {
		all[i] = &leaver{}
		switch begins, err := s.look(ctx, person, all[i]); {
		case err != nil:
			failed = errors.Join(failed, err)
		case begins:
			fresh = append(fresh, all[i])
		}
	}
	failed = errors.Join(failed, s.begin(ctx, fresh))
	for _, l := range all {
		switch goes, err := s.handedOver(ctx, l); {
		case err != nil:
			failed = errors.Join(failed, err)
		case goes:
			ready = append(ready, l)
		}
	}
	return all, errors.Join(failed, s.through(ctx, ready), s.complete(ctx, ready))
}

// look finds out where somebody is on the way, and reports whether the first step
// is to be done: not for whom something stands in the way that has not ended.
func (s *Service) look(ctx context.Context, person vault.PersonID, l *leaver) (begins bool, err error) {
	if l.Departure, err = s.departureOf(ctx, person); err != nil {
		return false, err
	}
	l.erasure.State = l.State
	if l.Step >= stepIntent {
		return false, nil
	}
	waits, err := s.waits(ctx, person)
	return !waits, err
}

// handedOver reports whether the certificate has left, so that the second step may
// follow the first.
func (s *Service) handedOver(ctx context.Context, l *leaver) (bool, error) {
	if l.Step < stepIntent {
		return false, nil
	}
	l.erasure.State = Erasing
	s.at("intent")
	if l.Step >= stepKeys {
		return true, nil
	}
	delivered, err := s.Letters.Delivered(ctx, l.Person)
	return err == nil && (delivered || !s.Now().Before(l.DueAt.Add(patience))), err
}

// through does the second to the fourth step for many at once. Where one of them
// cannot, the others are tried without.
func (s *Service) through(ctx context.Context, all []*leaver) error {
	steps := []struct {
		number int
		do     func(persons []vault.PersonID) error
	}{
		{stepKeys, func(persons []vault.PersonID) error {
			// The letters' keys go first, so that the keyring forgets all at once.
			if err := s.Letters.Forget(ctx, persons...); err != nil {
				return err
			}
			_, err := s.Keyring.Erase(ctx, s.Now(), persons, erasedClasses...)
			return err
		}},
		{stepRows, func(persons []vault.PersonID) error {
			return s.DB.Write(ctx, func(tx *database.Tx) error {
				for _, person := range persons {
					if _, err := s.Records.Delete(tx, person, erasedClasses...); err != nil {
						return err
					}
					if err := s.Access.Forget(tx, person, tx.Now()); err != nil {
						return err
					}
				}
				return s.note(tx)
			})
		}},
		{stepForgotten, func([]vault.PersonID) error { return s.DB.Forget(ctx) }},
	}
	for _, step := range steps {
		err := s.step(ctx, step.number, all, step.do)
		if err != nil && len(all) > 1 {
			half := len(all) / 2
			return errors.Join(s.through(ctx, all[:half]), s.through(ctx, all[half:]))
		}
		if err != nil {
			return fmt.Errorf("departure: step %d: %w", step.number, err)
		}
	}
	for _, l := range all {
		s.Directory.Forget(l.Person)
	}
	return nil
}

// step does one step for those who have not done it yet, and notes it.
func (s *Service) step(ctx context.Context, number int, all []*leaver, do func(persons []vault.PersonID) error) error {
	var todo []vault.PersonID
	for _, l := range all {
		if l.Step < number {
			todo = append(todo, l.Person)
		}
	}
	if len(todo) == 0 {
		return nil
	}
	if err := do(todo); err != nil {
		return err
	}
	s.at(fmt.Sprintf("done %d", number))
	err := s.DB.Write(ctx, func(tx *database.Tx) error {
		for _, person := range todo {
			if err := advance(tx, person, number); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, l := range all {
		l.Step = max(l.Step, number)
	}
	s.at(fmt.Sprintf("noted %d", number))
	return nil
}

// finish ends whatever the secretariat still had to do about the person, and
// passes on what the person had to do about lists.
func (s *Service) finish(tx *database.Tx, person vault.PersonID) error {
	for _, kind := range []duty.Kind{duty.CloseMembership, duty.ConfirmErasure, duty.ReviewHold} {
		if _, err := s.Duties.Finish(tx, kind, int64(person), 0, "done"); err != nil {
			return err
		}
	}
	return s.Lists.Orphan(tx, person)
}
