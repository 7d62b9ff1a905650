package grant_test

import (
	"testing"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/app/housetest"
	"kartotek/internal/fault"
	"kartotek/internal/grant"
	"kartotek/internal/unit"
)

type unitID = unit.ID

// Whatever a decision leaves out or gets wrong, it is told at its field, and the case
// still waits.
func TestD9ADecisionIsWhole(t *testing.T) {
	f := housetest.New(t)
	ctx := f.Context()
	c := propose(t, f)
	rapid.Check(t, func(t *rapid.T) {
		d := decision(f, rapid.Bool().Draw(t, "approve"))
		field := rapid.SampledFrom([]string{"meeting", "met", "minutes", "reason", "apart"}).Draw(t, "spoilt")
		switch field {
		case "meeting":
			d.Meeting = rapid.SampledFrom([]string{"", "members-meeting", "me"}).Draw(t, "meeting")
		case "met":
			d.Met = rapid.SampledFrom([]civil.Date{{}, {Year: 2026, Month: 2, Day: 30}, f.Access.Today().AddDays(1)}).Draw(t, "met")
		case "minutes":
			d.Minutes = rapid.SampledFrom([]string{"", " \t"}).Draw(t, "minutes")
		case "reason":
			d.Reason = rapid.SampledFrom([]string{"", "\n"}).Draw(t, "reason")
		case "apart":
			d.Apart = false
		}
		who := rapid.SampledFrom([]string{"officer", "treasurer"}).Draw(t, "who")
		_, err := f.Grants.Decide(ctx, f.As(who), c.ID, d)
		if err == nil || len(fault.From(err).Fields) != 1 || fault.From(err).Fields[0].Name != field {
			t.Fatalf("%s: %v", field, err)
		}
	})
	now, _, err := f.Grants.Get(ctx, f.As("chair"), c.ID)
	f.Must(err)
	if now.State != grant.Proposed {
		t.Errorf("it is %s", now.State)
	}
}

// Random histories of a few cases: whatever officers, the secretariat and the person do
// in whatever order, access is open exactly while some case says approved and its days
// run, and nobody ever decided on their own.
func TestD9AccessFollowsTheCases(t *testing.T) {
	f := housetest.New(t)
	ctx := f.Context()
	people := []string{"neighbour", "member"}
	rapid.Check(t, func(t *rapid.T) {
		f.Clock.Add(400 * 24 * 3600e9) // what was before is over
		f.Must(f.Grants.Daily(ctx))
		var ids []int64
		fine := func(err error) {
			if err != nil && !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
				t.Fatal(err)
			}
		}
		for range rapid.IntRange(2, 10).Draw(t, "steps") {
			who := rapid.SampledFrom([]string{"chair", "officer", "treasurer", "other chair", "anna", "neighbour", "member"}).Draw(t, "who")
			id := int64(-1)
			if len(ids) > 0 {
				id = rapid.SampledFrom(ids).Draw(t, "case")
			}
			switch rapid.IntRange(0, 4).Draw(t, "act") {
			case 0, 1:
				w := wish(f)
				w.Person = f.Person(rapid.SampledFrom(people).Draw(t, "for"))
				w.From = f.Access.Today().AddDays(rapid.IntRange(-1, 3).Draw(t, "from"))
				w.Until = w.From.AddDays(rapid.IntRange(-1, 5).Draw(t, "days"))
				c, err := f.Grants.Propose(ctx, f.As(who), w)
				if fine(err); err == nil {
					ids = append(ids, c.ID)
				}
			case 2:
				c, err := f.Grants.Decide(ctx, f.As(who), id, decision(f, rapid.Bool().Draw(t, "approve")))
				if fine(err); err == nil && (c.DecidedBy == c.Person || c.DecidedBy == c.ProposedBy || who == "other chair" || who == "anna") {
					t.Fatalf("%s decided %+v", who, c)
				}
			case 3:
				_, err := f.Grants.Withdraw(ctx, f.As(who), id, "fordi")
				fine(err)
			case 4:
				f.Clock.Add(24 * 3600e9)
				f.Must(f.Grants.Daily(ctx))
			}
			all, _, err := f.Grants.List(ctx, f.As("anna"), 0)
			f.Must(err)
			for _, name := range people {
				open := false
				for i := range all {
					open = open || all[i].Person == f.Person(name) && all[i].StandingOn(f.Access.Today()) == grant.InForce
				}
				if got := len(f.Access.Held(f.Person(name))) > 0; got != open {
					t.Fatalf("%s has access: %v; the cases say %v", name, got, open)
				}
			}
		}
	})
}
