package transfer

import (
	"context"
	"errors"
	"slices"

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

// shownDays is how long a case that is over is still shown.
const shownDays = 30

// Sweep is the scheduled work: additions nobody has looked at are looked at,
// whatever has its day today happens, what nobody answered ends, and what is long
// over goes. One that fails does not keep the others waiting.
func (s *Service) Sweep(ctx context.Context) error {
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
		failed = append(failed, s.sweepOne(ctx, &all[i], today))
	}
	return errors.Join(append(failed, s.tidy(ctx, today))...)
}

func (s *Service) sweepOne(ctx context.Context, c *Case, today civil.Date) error {
	due := !today.Before(c.DueOn)
	switch {
	case c.State == Received && !due:
		return s.look(ctx, c)
	case c.Kind == Addition && c.State.Open() && due:
		return s.conclude(ctx, c)
	case c.Kind == Addition && c.State == Ended && s.Keyring.Holds(c.Person, vault.Membership):
		return s.discard(ctx, c) // a stop came between
	case c.State == Asked && today.After(c.DueOn):
		return s.lapse(ctx, c)
	case c.State == Agreed && !today.Before(c.Moving.On) && c.Moving.Addition == 0:
		return s.arrive(ctx, c)
	}
	return nil
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
	err := s.move(ctx, c, nil)
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
// case, journal and letter. also, which may be nil, is written in it too.
func (s *Service) move(ctx context.Context, c *Case, also func(tx *database.Tx) error) error {
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

// tidy drops cases that are long over, and those of persons who were erased.
func (s *Service) tidy(ctx context.Context, today civil.Date) error {
	var old []Case
	err := s.DB.Read(ctx, func(q database.Querier) error {
		all, err := query(q, ``)
		for i := range all {
			c := &all[i]
			long := !c.EndedAt.IsZero() && today.DaysSince(s.Charter.Today(c.EndedAt)) > shownDays
			erased := c.State != Ended && !s.Keyring.Holds(c.Person, vault.Membership)
			if long || erased {
				old = append(old, *c)
			}
		}
		return err
	})
	if err != nil || len(old) == 0 {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
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
