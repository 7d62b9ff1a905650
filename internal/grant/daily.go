package grant

import (
	"context"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/journal"
	"kartotek/internal/record"
)

// renewAhead is how many days before its last day somebody is asked whether an access
// goes on. An answer is not needed: without one it ends.
const renewAhead = 31

// Daily lapses the proposals that nobody has decided, asks the officers of a body about
// accesses that run out, and takes those questions back when there is nothing to ask
// any more. It gives nobody anything.
func (s *Service) Daily(ctx context.Context) error {
	today := s.Access.Today()
	all, err := s.all(ctx, func(*Case) bool { return true })
	if err != nil {
		return err
	}
	renewed, known := map[int64]bool{}, map[int64]*Case{}
	for i := range all {
		c := &all[i]
		known[c.ID] = c
		if c.State.Open() || c.State == Approved {
			renewed[c.Wish.Renews] = true
		}
	}
	for i := range all {
		c := &all[i]
		switch {
		case c.State.Open() && c.AnswerBy.Before(today):
			err = s.lapse(ctx, *c)
		case runsOut(c, today) && !renewed[c.ID] && !s.Members.Leaving(c.Person):
			err = s.askAgain(ctx, c)
		}
		if err != nil {
			return err
		}
	}
	return s.tidy(ctx, func(kind duty.Kind, id int64) bool {
		c := known[id]
		return c != nil && (kind == duty.DecideGrant && c.State.Open() || kind == duty.RenewGrant && runsOut(c, today))
	})
}

func runsOut(c *Case, today civil.Date) bool {
	return c.State == Approved && !c.Wish.Until.Before(today) && c.Wish.Until.DaysSince(today) <= renewAhead
}

// lapse ends a proposal without an answer: nothing is approved by default (D9).
func (s *Service) lapse(ctx context.Context, c Case) error {
	_, err := s.step(ctx, c, Lapsed, func(tx *database.Tx, c *Case) error {
		c.EndedAt = tx.Now()
		e := access.Scope{}.Entry(journal.GrantLapse, c.Person)
		e.Right, e.Via = string(access.System), string(access.System)
		if err := s.note(tx, e, c); err != nil {
			return err
		}
		return s.finish(tx, c, 0, "lapsed")
	})
	return err
}

// askAgain makes it a duty of the body to see to an access that runs out, once.
func (s *Service) askAgain(ctx context.Context, c *Case) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if _, open, err := s.Duties.OpenAbout(tx, duty.RenewGrant, c.ID); err != nil || open {
			return err
		}
		_, err := s.Duties.Add(tx, duty.Duty{
			Kind: duty.RenewGrant, Subject: c.ID, Unit: c.Wish.Unit, Act: s.Charter.Grants.Proposes, DueOn: c.Wish.Until,
		})
		return err
	})
}

// tidy finishes the duties about cases that ask for nothing any more: the access has
// ended by itself, or whoever it was about is gone.
func (s *Service) tidy(ctx context.Context, asks func(duty.Kind, int64) bool) error {
	for _, kind := range []duty.Kind{duty.DecideGrant, duty.RenewGrant} {
		open, err := s.Duties.OpenOf(ctx, kind)
		if err != nil {
			return err
		}
		for i := range open {
			if asks(kind, open[i].Subject) {
				continue
			}
			if err := s.DB.Write(ctx, func(tx *database.Tx) error {
				_, err := s.Duties.Finish(tx, kind, open[i].Subject, 0, "ended")
				return err
			}); err != nil {
				return err
			}
		}
	}
	return nil
}

// over is when a case was over; false while it is not.
func (s *Service) over(c *Case) (time.Time, bool) {
	switch {
	case c.State.Open():
		return time.Time{}, false
	case !c.EndedAt.IsZero():
		return c.EndedAt, true
	case c.State == Refused:
		return c.DecidedAt, true
	}
	return s.Charter.Midnight(c.Wish.Until.AddDays(1)), true
}

// due reports whether the document of a case goes by a moment: it stands as long as it is told who had
// access, since it is the reason.
func (s *Service) due(c *Case, by time.Time) bool {
	end, over := s.over(c)
	return over && end.AddDate(s.Charter.HistoryYears, 0, 0).Before(by)
}

// Due counts the cases that are over so long that their documents go by a moment, and
// all there are (N14).
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	_, err = s.all(ctx, func(c *Case) bool {
		all++
		if s.due(c, by) {
			due++
		}
		return false
	})
	return due, all, err
}

// End forgets the cases that were over so long before a moment, with what room access
// keeps of them, and says how many.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, err error) {
	all, err := s.all(ctx, func(c *Case) bool { return s.due(c, by) })
	if err != nil {
		return 0, err
	}
	for i := range all {
		c := &all[i]
		if err := s.DB.Write(ctx, func(tx *database.Tx) error {
			if c.Holding != 0 {
				if err := s.Access.DropGrant(tx, c.Person, c.Holding); err != nil {
					return err
				}
			}
			return record.Remove(tx, Cases, c.Person, uint64(c.ID))
		}); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}
