package dues

import (
	"context"
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Undo takes a charging back as if it had not been, as long as nobody has paid
// anything of it: with money on it, it is a fact of the books. What it carried
// from other charges goes back there.
func (s *Service) Undo(ctx context.Context, by access.Actor, number int64) (Run, error) {
	var run Run
	err := s.read(ctx, func(q querier) (err error) {
		run, err = getRun(q, number)
		return err
	})
	if errors.Is(err, database.ErrNotFound) {
		return run, fault.New(fault.NotFound, "dues.error.no_run")
	}
	if err != nil {
		return run, err
	}
	scope, err := s.charging(ctx, by, run.Unit, run.Year)
	if err != nil {
		return run, err
	}
	if run.Unit == 0 && !scope.All() {
		return run, s.deny(ctx, scope, "dues.denied.collector")
	}
	if !run.UndoneAt.IsZero() {
		return run, fault.New(fault.Conflict, "dues.error.undone")
	}
	s.booking.Lock()
	defer s.booking.Unlock()
	taken, err := s.ofRun(ctx, number)
	if err != nil {
		return run, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		persons := roaring.New()
		for _, a := range taken {
			persons.Add(uint32(a.Person))
			if err := s.takeBack(tx, a, number); err != nil {
				return err
			}
		}
		if err := undoRun(tx, number); err != nil {
			return err
		}
		run.UndoneAt = tx.Now()
		e := scope.Entry(journal.Charge)
		e.Number, e.Reason, e.Persons = number, "undone", persons
		_, err := s.Journal.Append(tx, &e)
		return err
	})
	s.written.Add(1)
	return run, err
}

// ofRun reads the whole accounts of everybody whom a charging charged, or refuses.
func (s *Service) ofRun(ctx context.Context, number int64) (taken []*Account, err error) {
	var persons []vault.PersonID
	err = record.Scan(s.Records, ctx, Charges, func(person vault.PersonID, _ uint64, c *Charge) error {
		if c.Run == number {
			persons = append(persons, person)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.Sort(persons)
	err = s.accounts(ctx, slices.Compact(persons), nil, func(a *Account) error {
		for i := range a.Lines {
			l := &a.Lines[i]
			if l.Run == number && slices.ContainsFunc(l.Entries, func(e Entry) bool { return e.Kind != Carried }) {
				return fault.New(fault.Conflict, "dues.error.paid")
			}
		}
		taken = append(taken, a)
		return nil
	})
	return taken, err
}

// takeBack removes a person's charges of a run with their notices, and counters
// what they got from elsewhere on the charge it came from.
func (s *Service) takeBack(tx *database.Tx, a *Account, number int64) error {
	for i := range a.Lines {
		l := &a.Lines[i]
		if l.Run != number {
			continue
		}
		for k := range l.Entries {
			e := &l.Entries[k]
			if err := s.giveBack(tx, a, e); err != nil {
				return err
			}
			if err := record.Remove(tx, Entries, a.Person, uint64(e.Number)); err != nil {
				return err
			}
		}
		for _, n := range l.Notices {
			if err := record.Remove(tx, Notices, a.Person, uint64(n.Number)); err != nil {
				return err
			}
		}
		if err := record.Remove(tx, Charges, a.Person, l.ID); err != nil {
			return err
		}
	}
	return nil
}

// giveBack counters the other side of what was carried: the voucher before it.
func (s *Service) giveBack(tx *database.Tx, a *Account, carried *Entry) error {
	for i := range a.Lines {
		other := a.Lines[i].entry(carried.Number - 1)
		if other == nil || other.Kind != Carried || other.Amount != -carried.Amount {
			continue
		}
		today := s.today()
		return s.put(tx, a.Person, &Entry{Charge: other.Charge, Kind: Countered, Amount: carried.Amount, Date: today, Booked: today, Of: other.Number})
	}
	return nil
}

// Runs gives the chargings of a year.
func (s *Service) Runs(ctx context.Context, by access.Actor, year int) ([]Run, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Collect, Purpose: purpose})
	if err != nil {
		return nil, err
	}
	return s.runs(ctx, scope, year)
}
