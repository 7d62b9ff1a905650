package departure

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Undo brings a hidden member back while the window is open.
func (s *Service) Undo(ctx context.Context, by access.Actor, person vault.PersonID) error {
	_, err := s.Reopen(ctx, by, person)
	return err
}

// Reopen is Undo that tells what could not be given back: posts whose seat
// somebody else holds by now (D8). An entry that was merged parts again.
func (s *Service) Reopen(ctx context.Context, by access.Actor, person vault.PersonID) (lost []access.Lost, err error) {
	scope, err := s.within(ctx, by, charter.Close, person)
	if err != nil {
		return nil, err
	}
	d, _, silent, err := s.leaving(ctx, person)
	if err != nil {
		return nil, err
	}
	var letter Letter
	if !silent {
		if letter, err = s.Letters.Undone(ctx, d); err != nil {
			return nil, err
		}
	}
	reopen := func(tx *database.Tx) error {
		if err := s.reopenIn(tx, scope, person, by.Person); err != nil {
			return err
		}
		if lost, err = s.Access.Return(tx, scope.Entry(journal.Undo), person); err != nil {
			return err
		}
		tx.AfterCommit(func() { s.Directory.Unhide(person) }) // before the next act, which may close again
		if err := s.Access.Restore(tx, person); err != nil {
			return err
		}
		return letter.enqueue(tx)
	}
	parted, err := s.Directory.Part(ctx, scope, person, func(tx *database.Tx, kept vault.PersonID, posts []uint64) error {
		if err := s.Access.MovePostsBack(tx, scope.Entry(journal.Undo), kept, person, posts); err != nil {
			return err
		}
		if s.Ledger != nil {
			if err := s.Ledger.MoveAccountBack(tx, kept, person); err != nil {
				return err
			}
		}
		return reopen(tx)
	})
	if err == nil && !parted {
		err = s.DB.Write(ctx, reopen)
	}
	return lost, err
}

// reopenIn takes the closing back, in the transaction of the act it belongs to.
func (s *Service) reopenIn(tx *database.Tx, scope access.Scope, person, by vault.PersonID) error {
	d, err := get(tx, person)
	if err != nil {
		return unknown(err)
	}
	if err := d.undoable(tx.Now()); err != nil {
		return err
	}
	if err := record.Remove(tx, Closings, person, 0); err != nil {
		return err
	}
	if err := record.Remove(tx, Resignations, person, 0); err != nil {
		return err
	}
	if err := remove(tx, person); err != nil {
		return err
	}
	if err := s.unhush(tx, person); err != nil {
		return err
	}
	if _, err := s.Duties.Finish(tx, duty.ConfirmErasure, int64(person), by, "withdrawn"); err != nil {
		return err
	}
	if s.News != nil {
		if err := s.News.Stayed(tx, person); err != nil {
			return err
		}
	}
	return s.append(tx, scope.Entry(journal.Undo, person), "")
}

// askSecond ends what the secretariat had to do about a resignation, and asks a colleague
// to end the window where that was wanted.
func (s *Service) askSecond(tx *database.Tx, d *Departure, now bool) error {
	if _, err := s.Duties.Finish(tx, duty.CloseMembership, int64(d.Person), d.ClosedBy, "done"); err != nil || !now {
		return err
	}
	return s.ask(tx, duty.ConfirmErasure, d.Person, s.Charter.Today(d.DueAt))
}
