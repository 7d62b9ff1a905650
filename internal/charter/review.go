package charter

import (
	"slices"
	"time"

	"github.com/golang-sql/civil"
)

// Review is when access is looked through, who is given how long, and what it looks
// for (D14, N13). How often is a parameter, reviews-per-year; who answers has "review"
// under may.
type Review struct {
	Month      Number `toml:"month"`       // the month whose first day the first review of a year opens on; the others follow evenly
	AnswerDays Number `toml:"answer-days"` // bodies answer for their own within
	GraceDays  Number `toml:"grace-days"`  // then what nobody has answered is suspended after
	EndDays    Number `toml:"end-days"`    // and, still without an answer, ends after
	IdleMonths Number `toml:"idle-months"` // a finding: nobody has signed in, or used a documented access, for
	Renewals   Number `toml:"renewals"`    // a finding: a documented access was renewed so many times
	Years      Number `toml:"years"`       // the review and its report are kept for
}

// usualReview holds where a charter says nothing of reviews.
func usualReview() Review {
	own := Words{
		"da": "Programmets standard, indtil charteret siger andet",
		"en": "The program's default, until the charter says otherwise",
		"nb": "Programmets standard, til charteret sier noe annet",
		"sv": "Programmets standard, tills reglerna säger annat",
	}
	of := func(value int) Number { return Number{Value: value, Source: own} }
	return Review{
		Month: of(4), AnswerDays: of(30), GraceDays: of(14), EndDays: of(30), IdleMonths: of(6), Renewals: of(3), Years: of(5),
	}
}

func (r *Review) rows() []Parameter {
	return []Parameter{
		r.Month.row("review-month"), r.AnswerDays.row("review-answer-days"), r.GraceDays.row("review-grace-days"), r.EndDays.row("review-end-days"),
		r.IdleMonths.row("review-idle-months"), r.Renewals.row("review-renewals"), r.Years.row("review-years"),
	}
}

// review checks when and for how long access is looked through.
func (r *reporter) review(v *Review) {
	for _, n := range []struct {
		path      string
		n         *Number
		low, high int
	}{
		{"month", &v.Month, 1, 12}, {"answer-days", &v.AnswerDays, 7, 120}, {"grace-days", &v.GraceDays, 7, 90}, {"end-days", &v.EndDays, 7, 180},
		{"idle-months", &v.IdleMonths, 1, 60}, {"renewals", &v.Renewals, 1, 20}, {"years", &v.Years, 1, 20},
	} {
		r.between("review."+n.path+".value", n.n.Value, n.low, n.high)
		r.checked("review."+n.path, n.n.Checked)
	}
}

// compileReviewers gives a charter from before reviews somebody who answers: the posts
// that see who has access and fill posts or add members, and the positions that see it
// and close memberships or give positions.
func (c *Charter) compileReviewers() {
	said := slices.ContainsFunc(c.Posts, func(p Post) bool { return p.Acts.Has(LookThrough) }) ||
		slices.ContainsFunc(c.Positions, func(p Position) bool { return p.Acts.Has(LookThrough) })
	if said {
		return
	}
	for i := range c.Posts {
		if p := &c.Posts[i]; p.Acts.Has(Access) && p.Acts&(Appoint|Create) != 0 && p.OverMembers == 0 {
			p.Acts |= LookThrough
		}
	}
	for i := range c.Positions {
		if p := &c.Positions[i]; p.Acts.Has(Access) && p.Acts&(Close|Staff) != 0 {
			p.Acts |= LookThrough
		}
	}
}

// ReviewDay is the newest day, today or before, on which a review opens by itself.
func (c *Charter) ReviewDay(today civil.Date) civil.Date {
	times := max(1, c.Parameters.ReviewsPerYear.Value)
	for back := range 13 {
		first := time.Date(today.Year, today.Month-time.Month(back), 1, 0, 0, 0, 0, time.UTC)
		for n := range times {
			if (c.Review.Month.Value-1+n*12/times)%12+1 == int(first.Month()) {
				return civil.DateOf(first)
			}
		}
	}
	return civil.Date{} // never: some month of the year before is one
}
