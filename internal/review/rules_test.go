package review

import (
	"slices"
	"testing"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/vault"
)

func rules(t *testing.T) *charter.Charter {
	t.Helper()
	c, err := charter.Load("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var noon = civil.Date{Year: 2027, Month: 4, Day: 1}

func drawn(t *rapid.T) (*Evidence, facts) {
	days := func(name string, back int) civil.Date {
		if rapid.Bool().Draw(t, name+" known") {
			return noon.AddDays(-rapid.IntRange(0, back).Draw(t, name))
		}
		return civil.Date{}
	}
	e := &Evidence{
		From: noon.AddDays(-rapid.IntRange(0, 2000).Draw(t, "from")), SignedIn: days("signed in", 900), Used: days("used", 900),
		Known: noon.AddDays(-rapid.IntRange(0, 900).Draw(t, "known")), Rests: rapid.Bool().Draw(t, "rests"),
		Lists:  Tally{Overdue: rapid.IntRange(0, 2).Draw(t, "overdue"), Kept: rapid.IntRange(0, 1).Draw(t, "kept")},
		Others: rapid.IntRange(0, 2).Draw(t, "others"), Case: int64(rapid.IntRange(0, 1).Draw(t, "case")),
	}
	if rapid.Bool().Draw(t, "factor") {
		e.Factors = []string{"app"}
	}
	if rapid.Bool().Draw(t, "ends") {
		e.Until = e.From.AddDays(rapid.IntRange(0, 900).Draw(t, "until"))
	}
	f := facts{renewals: rapid.IntRange(0, 4).Draw(t, "renewals"), own: rapid.Bool().Draw(t, "own"), cover: rapid.Bool().Draw(t, "cover")}
	if rapid.Bool().Draw(t, "post") {
		f.post = &charter.Post{TermMonths: 24}
	}
	if rapid.Bool().Draw(t, "lost") {
		f.lost = &access.Finding{Why: access.Shrunk, Seats: 0, Taken: 1, Members: 150, Limit: 200}
	}
	return e, f
}

// Whatever stands about an access: each thing is found at most once, exactly where its
// own condition holds, and putting one thing right takes that finding away and leaves
// the others.
func TestD14FindingsFollowTheEvidence(t *testing.T) {
	c := rules(t)
	has := func(all []Finding, why Why) bool {
		return slices.ContainsFunc(all, func(f Finding) bool { return f.Why == why })
	}
	rapid.Check(t, func(t *rapid.T) {
		e, f := drawn(t)
		found := judge(c, e, f, noon)
		seen := map[Why]bool{}
		for _, one := range found {
			if seen[one.Why] {
				t.Fatalf("%s is found twice", one.Why)
			}
			seen[one.Why] = true
		}
		since := monthsOn(noon, -c.Review.IdleMonths.Value)
		idle := !e.Rests && !e.Known.After(since) && !e.From.After(since)
		for why, want := range map[Why]bool{
			NoFactor: len(e.Factors) == 0, Overdue: e.Lists.Overdue > 0, Exception: e.Lists.Kept > 0, Several: e.Others > 0,
			OwnHand: f.own, Renewed: f.renewals >= 3, Why(access.Shrunk): f.lost != nil,
			Idle:      idle && e.Case == 0 && e.Used.Before(since) && e.SignedIn.Before(since),
			Unused:    idle && e.Case != 0 && e.Used.Before(since),
			LongCover: f.cover && !e.Until.IsZero() && e.Until.DaysSince(e.From) >= c.CoverDays,
			PastTerm:  f.post != nil && !f.cover && e.Until.IsZero() && monthsOn(e.From, 24).Before(noon),
		} {
			if has(found, why) != want {
				t.Fatalf("%s: found %v, want %v of %+v", why, has(found, why), want, e)
			}
		}
		mended := *e
		mended.Factors, mended.Lists, mended.Others, mended.Used, mended.SignedIn = []string{"passkey"}, Tally{}, 0, noon, noon
		for _, one := range judge(c, &mended, facts{post: f.post, cover: f.cover}, noon) {
			if one.Why != PastTerm && one.Why != LongCover {
				t.Fatalf("%s is found where everything is in order", one.Why)
			}
		}
		if (checkReason(Confirmed, " ", found) == nil) != (len(found) == 0) || checkReason(Ended, "", nil) == nil || checkReason(Ended, "left", found) != nil {
			t.Fatal("a reason is wanted for ending, and for confirming what has findings")
		}
	})
}

// However many are suspended, somebody stays who answers for the whole register and
// somebody who gives positions; nobody else is spared.
func TestD14SuspendingNeverLeavesNobody(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var all []keeper
		var candidates []uint64
		used := map[uint64]civil.Date{}
		for i := range rapid.IntRange(1, 6).Draw(t, "keepers") {
			k := keeper{
				holding: uint64(i + 1), person: vault.PersonID(rapid.IntRange(1, 4).Draw(t, "person")),
				answers: rapid.Bool().Draw(t, "answers"), appoints: rapid.Bool().Draw(t, "appoints"),
			}
			all = append(all, k)
			if rapid.Bool().Draw(t, "open") {
				candidates = append(candidates, k.holding)
				used[k.holding] = noon.AddDays(-rapid.IntRange(0, 400).Draw(t, "used"))
			}
		}
		candidates = append(candidates, 99) // an officer
		kept := spared(all, candidates, used)
		if kept[99] || len(kept) > 2 {
			t.Fatalf("spared are %v", kept)
		}
		left := func(has func(keeper) bool) (n, before int) {
			for _, k := range all {
				if has(k) {
					before++
					if !slices.Contains(candidates, k.holding) || kept[k.holding] {
						n++
					}
				}
			}
			return n, before
		}
		for name, has := range map[string]func(keeper) bool{
			"answers": func(k keeper) bool { return k.answers }, "appoints": func(k keeper) bool { return k.appoints },
		} {
			if n, before := left(has); before > 0 && n == 0 {
				t.Fatalf("nobody %s any more", name)
			}
		}
	})
}

// A state is settled exactly where nobody is asked any more, and every state that is
// reached has a way on or is an end.
func TestD14StepsAndStatesAgree(t *testing.T) {
	for _, s := range []State{Open, Confirmed, Ended, Lapsed, Suspended, Expired, Kept} {
		asked := slices.Contains(steps[s], Confirmed)
		if asked == s.Settled() {
			t.Errorf("%s: can be answered %v, settled %v", s, asked, s.Settled())
		}
	}
}

// The charter's days, whatever today is: the newest of them, never after today, and as
// many in a year as it says.
func TestD14ReviewDays(t *testing.T) {
	c := rules(t)
	for today, want := range map[civil.Date]civil.Date{
		{Year: 2027, Month: 4, Day: 1}:   {Year: 2027, Month: 4, Day: 1},
		{Year: 2027, Month: 3, Day: 31}:  {Year: 2026, Month: 10, Day: 1},
		{Year: 2027, Month: 12, Day: 31}: {Year: 2027, Month: 10, Day: 1},
		{Year: 2027, Month: 1, Day: 1}:   {Year: 2026, Month: 10, Day: 1},
	} {
		if got := c.ReviewDay(today); got != want {
			t.Errorf("on %s it is %s, want %s", today, got, want)
		}
	}
	club, err := charter.Load("club-no")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := club.ReviewDay(civil.Date{Year: 2027, Month: 9, Day: 30}), (civil.Date{Year: 2026, Month: 10, Day: 1}); got != want {
		t.Errorf("the clubs' day is %s, want %s", got, want)
	}
}
