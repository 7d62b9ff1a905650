package transfer

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Work is the scheduled work: additions nobody has looked at are looked at, what has
// its day today happens, and of whoever was erased no case is left. One that fails
// does not keep the others waiting.
func (s *Service) Work(ctx context.Context) error {
	today := s.Charter.Today(s.Now())
	var all []Case
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = s.cases(q, `WHERE state IN ($1, $2, $3) OR ended_at IS NULL AND due_on <= $4
			ORDER BY kind, made_at, id`, // additions before moves
			string(Received), string(Agreed), string(Ended), today.String())
		return err
	})
	if err != nil {
		return err
	}
	var failed []error
	for i := range all {
		failed = append(failed, s.workOne(ctx, &all[i], today))
	}
	_, err = s.tidy(ctx, func(c *Case) bool { return c.State != Ended && !s.Keyring.Holds(c.Person, vault.Membership) })
	return errors.Join(append(failed, err)...)
}

func (s *Service) workOne(ctx context.Context, c *Case, today civil.Date) error {
	due := !today.Before(c.DueOn)
	switch {
	case c.State == Received && !due:
		return s.look(ctx, c)
	case c.Kind == Addition && c.State == Confirmed && due:
		return s.conclude(ctx, c)
	case c.Kind == Addition && c.State == Ended && s.Keyring.Holds(c.Person, vault.Membership):
		return s.discard(ctx, c) // a stop came between
	case c.State == Agreed && !today.Before(c.Moving.On) && c.Moving.Addition == 0:
		return s.arrive(ctx, c)
	}
	return nil
}

// lapsed reports whether a case ends unanswered by a day: an addition on its day, a
// move after it.
func (c *Case) lapsed(today civil.Date) bool {
	return c.Kind == Addition && c.State.Open() && c.State != Confirmed && !today.Before(c.DueOn) ||
		c.State == Asked && today.After(c.DueOn)
}

// long reports whether a case has been over for so long that it goes.
func (s *Service) long(c *Case, today civil.Date) bool {
	return !c.EndedAt.IsZero() && today.DaysSince(s.Charter.Today(c.EndedAt)) > s.Charter.Parameters.CaseDays.Value
}

// Due counts the cases that end unanswered or are long over by a moment, and all
// there are.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	today := s.Charter.Today(by)
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := query(q, ``)
		for i := range found {
			if found[i].lapsed(today) || s.long(&found[i], today) {
				due++
			}
		}
		all = len(found)
		return err
	})
	return due, all, err
}

// End ends what nobody had answered by a moment, an addition with its key, forgets
// what was long over, and says how many. One that fails does not keep the others
// waiting.
func (s *Service) End(ctx context.Context, by time.Time) (int, error) {
	today := s.Charter.Today(by)
	gone, failed := s.tidy(ctx, func(c *Case) bool { return s.long(c, today) })
	var open []Case
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		open, err = s.cases(q, `WHERE ended_at IS NULL AND due_on <= $1 ORDER BY kind, made_at, id`, today.String())
		return err
	})
	failed = errors.Join(failed, err)
	for i := range open {
		c := &open[i]
		if !c.lapsed(today) {
			continue
		}
		err := s.lapse(ctx, c)
		if err == nil && c.Kind == Addition {
			err = s.discard(ctx, c)
		}
		if err == nil {
			gone++
		}
		failed = errors.Join(failed, err)
	}
	return gone, failed
}

// Of tells how many cases there are about a person, and when the last of those that
// are over is forgotten.
func (s *Service) Of(ctx context.Context, person vault.PersonID) (count int, until time.Time, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := query(q, `WHERE person = $1`, int64(person))
		count = len(found)
		for i := range found {
			if found[i].EndedAt.IsZero() {
				continue
			}
			over := s.Charter.Midnight(s.Charter.Today(found[i].EndedAt).AddDays(s.Charter.Parameters.CaseDays.Value + 1))
			if over.After(until) {
				until = over
			}
		}
		return err
	})
	return count, until, err
}

// conclude answers an addition on its day: a member, or not.
func (s *Service) conclude(ctx context.Context, c *Case) error {
	if c.State == Confirmed {
		err := s.join(ctx, c)
		if err == nil || !impossible(err) {
			return err
		}
	}
	if err := s.lapse(ctx, c); err != nil {
		return err
	}
	return s.discard(ctx, c)
}

// arrive carries an agreed move out. One that cannot be done any more ends.
func (s *Service) arrive(ctx context.Context, c *Case) error {
	err := s.move(ctx, c, nil, nil)
	if impossible(err) {
		return s.lapse(ctx, c)
	}
	return err
}

// impossible reports whether an error says that the world has changed since, and
// not that something is broken.
func impossible(err error) bool {
	return fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Gone) || fault.Is(err, fault.Conflict)
}

// move is the one transaction of a move: membership, posts in what is left, the
// case, journal and letter. first and also, which may be nil, are written in it
// too, before the case moves on and after.
func (s *Service) move(ctx context.Context, c *Case, first, also func(tx *database.Tx) error) error {
	letters, err := s.Letters.Member(ctx, c.Person, "transfer.moved")
	if err != nil {
		return err
	}
	m := c.Moving
	rest := append(slices.DeleteFunc(s.Members.Units(c.Person), func(id unit.ID) bool { return id == m.From }), m.To)
	entry := func() journal.Entry {
		e := s.entry(journal.Move, c.Person)
		e.Unit, e.Target, e.Number = uint32(m.From), uint32(m.To), c.ID
		return e
	}
	relocation := member.Relocation{From: m.From, To: m.To, Keep: m.Keep}
	return s.Members.Relocate(ctx, c.Person, relocation, entry, func(tx *database.Tx) error {
		if first != nil {
			if err := first(tx); err != nil {
				return err
			}
		}
		if err := s.stillOpen(tx, c, Arrive); err != nil {
			return err
		}
		if !m.Keep {
			if _, err := s.Posts.EndIn(tx, s.entry(journal.Dismiss, c.Person), c.Person, m.From, rest); err != nil {
				return err
			}
		}
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		return enqueue(tx, letters)
	})
}

// stillOpen moves a case on in a transaction, if nothing has happened to it since
// it was read.
func (s *Service) stillOpen(tx *database.Tx, c *Case, by Event) error {
	found, err := query(tx, `WHERE id = $1`, c.ID)
	if err != nil {
		return err
	}
	if len(found) == 0 || found[0].State != c.State {
		return fault.New(fault.Gone, "transfer.error.over")
	}
	on := *c
	if err := on.step(by); err != nil {
		return err
	}
	if err := update(tx, &on); err != nil {
		return err
	}
	tx.AfterCommit(func() { c.State, c.EndedAt = on.State, on.EndedAt })
	return nil
}

// lapse ends a case whose day has come without a yes, or that cannot be done.
func (s *Service) lapse(ctx context.Context, c *Case) error {
	var letters []Letter
	if c.Kind == Move {
		told, err := s.Letters.Member(ctx, c.Person, "transfer.answered")
		if err != nil {
			return err
		}
		letters = told
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.get(tx, c.ID)
		if errors.Is(err, database.ErrNotFound) {
			return nil
		}
		if err != nil {
			return err
		}
		*c = fresh
		if c.step(Lapse) != nil {
			return nil // somebody was quicker
		}
		if err := s.settle(tx, c, Lapse, "", 0); err != nil {
			return err
		}
		e := s.entry(journal.Cancel, c.Person)
		e.Number, e.Reason = c.ID, "lapsed"
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return enqueue(tx, letters)
	})
}

// tidy drops the cases somebody wants dropped, and says how many.
func (s *Service) tidy(ctx context.Context, want func(*Case) bool) (int, error) {
	var old []Case
	err := s.DB.Read(ctx, func(q database.Querier) error {
		all, err := query(q, ``)
		for i := range all {
			if want(&all[i]) {
				old = append(old, all[i])
			}
		}
		return err
	})
	if err != nil || len(old) == 0 {
		return 0, err
	}
	return len(old), s.DB.Write(ctx, func(tx *database.Tx) error {
		for i := range old {
			c := &old[i]
			if err := s.dropSealed(tx, c); err != nil {
				return err
			}
			if _, err := s.Duties.Finish(tx, duty.Transfer, c.ID, 0, "withdrawn"); err != nil {
				return err
			}
			if err := remove(tx, c.ID); err != nil {
				return err
			}
		}
		return nil
	})
}

// dropSealed removes what a case's record says; the person's key stays.
func (s *Service) dropSealed(tx *database.Tx, c *Case) error {
	if c.Kind == Move {
		return record.Remove(tx, Moves, c.Person, uint64(c.ID))
	}
	return record.Remove(tx, Additions, c.Person, uint64(c.ID))
}

// entry is a journal entry of the program itself.
func (s *Service) entry(act journal.Act, person vault.PersonID) journal.Entry {
	return journal.Entry{
		Act: act, Right: string(access.System), Via: string(access.System), Persons: roaring.BitmapOf(uint32(person)),
	}
}
