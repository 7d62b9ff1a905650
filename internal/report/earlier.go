package report

import (
	"context"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/member"
)

// Earlier is a month that was counted elsewhere, before this register was: who
// belonged to which body at its end, and what happened in it. It is numbers and
// names nobody.
type Earlier struct {
	End     civil.Date
	Members map[member.Head]int
	Events  map[Event]int
}

// TakeOver tells earlier months by the same rule as this register's own, so that
// courses of time need not begin anew with a new register. It may be done once,
// before anything was counted here; the numbers themselves are not kept.
func (s *Service) TakeOver(ctx context.Context, months []Earlier) error {
	s.counting.Lock()
	defer s.counting.Unlock()
	err := s.DB.Read(ctx, func(q database.Querier) error {
		for what := Heads; what <= Year; what++ {
			if all, err := counts(q, what); err != nil {
				return err
			} else if len(all) > 0 {
				return fault.New(fault.Conflict, "report.error.begun")
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	slices.SortFunc(months, func(a, b Earlier) int { return a.End.DaysSince(b.End) })
	var all []happened
	for _, m := range months {
		for event, n := range m.Events {
			all = append(all, happened{day: m.End, event: event, n: n})
		}
		if err := s.tellMonth(ctx, m.End, all); err != nil {
			return err
		}
		if err := s.tellParts(ctx, m.End, m.Members, all); err != nil {
			return err
		}
		if m.End.Month == 12 {
			if err := s.countYear(ctx, m.End, all); err != nil {
				return err
			}
		}
	}
	return nil
}
