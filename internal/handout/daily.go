package handout

import (
	"context"
	"errors"
	"slices"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/journal"
	"kartotek/internal/record"
)

// Daily lapses requisitions that nobody has decided and approvals that nobody has
// fetched, and takes back the duties about those that are no more. It gives nobody
// anything.
func (s *Service) Daily(ctx context.Context) error {
	today := s.Access.Today()
	all, err := s.all(ctx, func(*Case) bool { return true })
	if err != nil {
		return err
	}
	open := map[int64]bool{}
	for i := range all {
		c := &all[i]
		open[c.ID] = c.State.Open()
		switch {
		case c.State.Open() && c.AnswerBy.Before(today):
			open[c.ID] = false
			err = s.lapse(ctx, *c, Lapsed)
		case c.State == Approved && c.OpenUntil.Before(today):
			err = s.lapse(ctx, *c, Expired)
		}
		if err != nil {
			return err
		}
	}
	duties, err := s.Duties.OpenOf(ctx, duty.DecideRequisition)
	for i := range duties {
		if open[duties[i].Subject] {
			continue
		}
		err = errors.Join(err, s.DB.Write(ctx, func(tx *database.Tx) error {
			_, err := s.Duties.Finish(tx, duty.DecideRequisition, duties[i].Subject, 0, "ended")
			return err
		}))
	}
	return err
}

// lapse ends a case without anybody's doing, and tells whoever waits.
func (s *Service) lapse(ctx context.Context, c Case, to State) error {
	letter, err := s.Letters.Write(ctx, &c, "handout."+string(to))
	if err != nil {
		return err
	}
	_, err = s.step(ctx, c, to, func(tx *database.Tx, c *Case) error {
		c.EndedAt, c.Code = tx.Now(), nil
		e := access.Scope{}.Entry(journal.HandoutLapse, c.Person)
		e.Right, e.Via = string(access.System), string(access.System)
		if err := s.note(tx, e, c); err != nil {
			return err
		}
		if _, err := s.Duties.Finish(tx, duty.DecideRequisition, c.ID, 0, "lapsed"); err != nil {
			return err
		}
		return letter(tx)
	})
	return err
}

// Remind writes to a recipient without an account that a list is to be destroyed, or
// should have been. It is the link they have: whoever keeps the first mail can use it.
func (s *Service) Remind(ctx context.Context, c *Case) error {
	lists, err := s.Out(ctx, c)
	if err != nil || len(lists) == 0 || destroyed(lists) {
		return err
	}
	letter, err := s.reminder(ctx, c, lists)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, letter)
}

func (s *Service) reminder(ctx context.Context, c *Case, lists []List) (Letter, error) {
	return s.Letters.Write(ctx, c, "handout.reminder", "url", s.URL(s.key(c.ID, c.Link)), "number", lists[0].Number, "date", lists[0].DestroyBy)
}

// due reports whether a case is over so long that it goes: one that came to nothing
// after the days for cases; one that became a list with what is known of the list, since
// so long a member can be told by name who got it (CJEU C-154/21).
func (s *Service) due(c *Case, by time.Time, known map[int64]bool) bool {
	if c.State == Fetched {
		return !slices.ContainsFunc(c.Lists, func(number int64) bool { return known[number] })
	}
	return c.State.over() && c.EndedAt.AddDate(0, 0, s.Charter.Parameters.CaseDays.Value).Before(by)
}

// ended lists the cases that go by a moment, and how many there are.
func (s *Service) ended(ctx context.Context, by time.Time) (over []Case, all int, err error) {
	var numbers []int64
	cases, err := s.all(ctx, func(c *Case) bool {
		numbers = append(numbers, c.Lists...)
		return true
	})
	if err != nil {
		return nil, 0, err
	}
	lists, err := s.Lists.Numbered(ctx, numbers...)
	known := map[int64]bool{}
	for i := range lists {
		known[lists[i].Number] = true
	}
	for i := range cases {
		if s.due(&cases[i], by, known) {
			over = append(over, cases[i])
		}
	}
	return over, len(cases), err
}

// Due counts the requisitions that go by a moment, and all there are (N14).
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	over, all, err := s.ended(ctx, by)
	return len(over), all, err
}

// End forgets the requisitions that were over so long before a moment, and recipients
// of whom nothing is told any more, key first. It says how many cases.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, err error) {
	over, _, err := s.ended(ctx, by)
	if err != nil {
		return 0, err
	}
	for i := range over {
		c := &over[i]
		if !c.Member() {
			left, err := s.all(ctx, func(o *Case) bool { return o.Person == c.Person && o.ID != c.ID })
			if err != nil {
				return gone, err
			}
			if len(left) == 0 {
				if err := s.Eraser.Discard(ctx, c.Person); err != nil {
					return gone, err
				}
				gone++
				continue
			}
		}
		if err := s.DB.Write(ctx, func(tx *database.Tx) error { return record.Remove(tx, Cases, c.Person, uint64(c.ID)) }); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}
