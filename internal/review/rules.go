package review

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// steps are the states a line comes to from each.
var steps = map[State][]State{
	Open:      {Confirmed, Ended, Lapsed, Suspended, Kept},
	Suspended: {Confirmed, Ended, Lapsed, Expired},
	Confirmed: {Open},
	Ended:     {Open},
	Lapsed:    {Open}, // a closing was undone: the access is there again
}

func (s State) may(to State) bool { return slices.Contains(steps[s], to) }

// warned is how many days pass at least between the warning and a suspension, also
// where nobody ran the program when the warning was due.
const warned = 7

// dates sets when a review that opens today asks, suspends and ends.
func (r *Review) dates(c *charter.Charter, today civil.Date) {
	r.AnswerBy = today.AddDays(c.Review.AnswerDays.Value)
	r.SuspendOn = r.AnswerBy.AddDays(c.Review.GraceDays.Value + 1)
	r.EndsOn = r.SuspendOn.AddDays(c.Review.EndDays.Value)
}

// warns reports whether holders and bodies are told today of what comes.
func (r *Review) warns(today civil.Date) bool { return r.WarnedOn.IsZero() && today.After(r.AnswerBy) }

// suspends reports whether what nobody answered is suspended today.
func (r *Review) suspends(today civil.Date) bool {
	return !r.WarnedOn.IsZero() && !today.Before(r.SuspendOn) && today.DaysSince(r.WarnedOn) >= warned
}

// expires reports whether what was suspended on a day ends today.
func expires(c *charter.Charter, since, today civil.Date) bool {
	return !since.IsZero() && today.DaysSince(since) > c.Review.EndDays.Value
}

// facts are what the rules look at beside the evidence.
type facts struct {
	lost     *access.Finding // of room access: no ground any more
	renewals int             // of a documented access
	post     *charter.Post
	cover    bool
	own      bool // its holder gave it
}

// judge finds what is wrong with an access (D14). It is pure: the same evidence always
// gives the same findings, the gravest first.
func judge(c *charter.Charter, e *Evidence, f facts, today civil.Date) []Finding {
	var found []Finding
	add := func(why Why, count, limit int) {
		found = append(found, Finding{Why: why, Count: count, Limit: limit})
	}
	if l := f.lost; l != nil {
		found = append(found, Finding{Why: Why(l.Why), Seats: l.Seats, Taken: l.Taken, Size: l.Members, Limit: l.Limit})
	}
	if f.own {
		add(OwnHand, 0, 0)
	}
	if f.post != nil && f.post.TermMonths > 0 && !f.cover && e.Until.IsZero() && !e.From.IsZero() && monthsOn(e.From, f.post.TermMonths).Before(today) {
		add(PastTerm, 0, f.post.TermMonths)
	}
	if f.cover && !e.Until.IsZero() && e.Until.DaysSince(e.From)+1 > c.CoverDays {
		add(LongCover, e.Until.DaysSince(e.From)+1, c.CoverDays)
	}
	if e.Lists.Overdue > 0 {
		add(Overdue, e.Lists.Overdue, 0)
	}
	if e.Lists.Kept > 0 {
		add(Exception, e.Lists.Kept, 0)
	}
	if len(e.Factors) == 0 {
		add(NoFactor, 0, 0)
	}
	months := c.Review.IdleMonths.Value
	since := monthsOn(today, -months)
	told := !e.Known.IsZero() && !e.Known.After(since) && !e.From.After(since) // held so long, and the journal can tell
	switch {
	case !told || e.Rests:
	case e.Case != 0 && e.Used.Before(since):
		add(Unused, months, 0)
	case e.Used.Before(since) && e.SignedIn.Before(since):
		add(Idle, months, 0)
	}
	if limit := c.Review.Renewals.Value; f.renewals >= limit {
		add(Renewed, f.renewals, limit)
	}
	if e.Others > 0 {
		add(Several, e.Others, 0)
	}
	return found
}

// monthsOn is a day so many months later, the last of a shorter month.
func monthsOn(d civil.Date, months int) civil.Date {
	first := time.Date(d.Year, d.Month+time.Month(months), 1, 0, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return civil.Date{Year: first.Year(), Month: first.Month(), Day: min(d.Day, last)}
}

// firsts puts down in which review each finding was found first: a finding of the same
// access and kind in the review before is the same one.
func firsts(review int64, found []Finding, before []Finding) {
	for i := range found {
		found[i].First = review
		for _, f := range before {
			if f.Why == found[i].Why {
				found[i].First = f.First
			}
		}
	}
}

// checkReason wants a reason for ending, and for confirming what has findings.
func checkReason(to State, reason string, found []Finding) error {
	switch {
	case strings.TrimSpace(reason) != "":
		return nil
	case to == Ended:
		return fault.New(fault.Invalid, "review.error.answer").With("reason", "review.error.reason_end")
	case len(found) > 0:
		return fault.New(fault.Invalid, "review.error.answer").With("reason", "review.error.reason_found")
	}
	return nil
}

// keeper is somebody without whom a register can come to a standstill: they answer for
// everything, or give positions.
type keeper struct {
	holding  uint64
	person   vault.PersonID
	answers  bool // for the whole register
	appoints bool // gives and ends positions
}

// spared are the candidates that are not suspended: with each of them gone too, nobody
// could answer for the whole register any more, or nobody could give a position. Those
// used last stay; used tells when.
func spared(all []keeper, candidates []uint64, used map[uint64]civil.Date) map[uint64]bool {
	gone, kept := map[uint64]bool{}, map[uint64]bool{}
	stays := func(without uint64, has func(*keeper) bool) bool {
		return slices.ContainsFunc(all, func(k keeper) bool { return k.holding != without && !gone[k.holding] && has(&k) })
	}
	order := slices.Clone(candidates)
	slices.SortFunc(order, func(a, b uint64) int {
		return cmp.Or(used[a].DaysSince(used[b]), cmp.Compare(b, a))
	})
	for _, id := range order {
		at := slices.IndexFunc(all, func(k keeper) bool { return k.holding == id })
		if at >= 0 && (all[at].answers && !stays(id, func(k *keeper) bool { return k.answers }) ||
			all[at].appoints && !stays(id, func(k *keeper) bool { return k.appoints })) {
			kept[id] = true
			continue
		}
		gone[id] = true
	}
	return kept
}
