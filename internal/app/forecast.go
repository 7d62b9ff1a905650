package app

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
)

// connectForecast tells the year what is known to come before there is a duty: from
// the charter, and from what ends on record. A room that knows more hands its own in.
func (h *House) connectForecast() {
	h.Duties.Foresee(h.reviewsAhead, h.auditsAhead, h.termsAhead, h.drillsAhead, h.duesAhead, h.meetingsAhead)
}

// reviewsAhead are the days on which access is looked through, and by which bodies have
// answered (D14, N13).
func (h *House) reviewsAhead(_ context.Context, first, last civil.Date) ([]duty.Ahead, error) {
	var all []duty.Ahead
	for d := h.Charter.ReviewDay(last); !d.IsZero() && !d.Before(first.AddDays(-h.Charter.Review.AnswerDays.Value)); d = h.Charter.ReviewDay(d.AddDays(-1)) {
		all = append(all,
			duty.Ahead{On: d, Code: "review", Act: charter.Access.String()},
			duty.Ahead{On: d.AddDays(h.Charter.Review.AnswerDays.Value), Code: "review-answer", Each: true, Act: charter.LookThrough.String()},
		)
	}
	return all, nil
}

// termsAhead are the posts, covers and documented accesses that end (D8, D9). Two of one
// kind that end in a body on one day are one line.
func (h *House) termsAhead(_ context.Context, first, last civil.Date) ([]duty.Ahead, error) {
	type ending struct {
		on   civil.Date
		unit uint32
		code string
		post string
	}
	seen := map[ending]bool{}
	var all []duty.Ahead
	for _, b := range h.Access.Terms(first, last) {
		a := duty.Ahead{On: b.Until, Unit: b.Unit, Act: charter.Access.String()}
		switch b.Right {
		case access.ByGrant:
			a.Code = "grant"
		case access.ByCover, access.ByPost:
			post, known := h.Charter.Post(b.Code)
			if !known {
				continue
			}
			a.Code, a.Args = "term", []any{"post", post.Name}
			if b.Right == access.ByCover {
				a.Code = "cover"
			}
		default:
			position, known := h.Charter.Position(b.Code)
			if !known {
				continue
			}
			a.Code, a.Args = "position", []any{"post", position.Name}
		}
		key := ending{a.On, uint32(a.Unit), a.Code, b.Code}
		if !seen[key] {
			seen[key] = true
			all = append(all, a)
		}
	}
	slices.SortFunc(all, func(a, b duty.Ahead) int { return strings.Compare(a.Code, b.Code) })
	return all, nil
}

// drillsAhead are the trials of bringing an archive back, from the one that is due now.
func (h *House) drillsAhead(ctx context.Context, first, last civil.Date) ([]duty.Ahead, error) {
	open, err := h.Duties.OpenOf(ctx, duty.RestoreDrill)
	if err != nil || len(open) == 0 {
		return nil, err
	}
	var all []duty.Ahead
	for i := 1; ; i++ {
		d := charter.MonthsAfter(open[0].DueOn, i*h.Charter.DrillMonths)
		if d.After(last) {
			return all, nil
		}
		if !d.Before(first) {
			all = append(all, duty.Ahead{On: d, Code: "drill", Act: charter.Staff.String()})
		}
	}
}

// duesAhead are the day on which dues fall due, when closing is proposed of whoever has
// not paid, and the days on which heads are counted.
func (h *House) duesAhead(_ context.Context, first, last civil.Date) ([]duty.Ahead, error) {
	rules := &h.Charter.Dues
	if !rules.Any() {
		return nil, nil
	}
	each := rules.Collects == charter.CollectsBody
	var all []duty.Ahead
	for year := first.Year - 1; year <= last.Year+1; year++ {
		due := h.Charter.DuesDay(year)
		all = append(all,
			duty.Ahead{On: due, Code: "dues", Act: charter.Collect.String(), Each: each},
			duty.Ahead{On: charter.MonthsAfter(due, rules.ProposeMonths.Value), Code: "unpaid", Act: charter.Close.String()},
		)
		for _, day := range h.Charter.CutOffs(year) {
			all = append(all, duty.Ahead{On: day, Code: "heads", Act: charter.Collect.String()})
		}
	}
	return all, nil
}

// meetingsAhead are the season of the general meeting: the last day on which it is held,
// and the last on which its notice can be out before that.
func (h *House) meetingsAhead(_ context.Context, first, last civil.Date) ([]duty.Ahead, error) {
	rules := &h.Charter.Meetings
	if len(rules.Months) == 0 {
		return nil, nil
	}
	var all []duty.Ahead
	for year := first.Year - 1; year <= last.Year; year++ {
		end := civil.DateOf(time.Date(year, time.Month(rules.Months[0]+len(rules.Months)), 0, 0, 0, 0, 0, time.UTC))
		all = append(all,
			duty.Ahead{On: end, Code: "meeting", Each: true, Act: rules.Calls},
			duty.Ahead{On: end.AddDays(-rules.OrdinaryDays.Value), Code: "notice", Each: true, Act: rules.Calls},
		)
	}
	return all, nil
}
