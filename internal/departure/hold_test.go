package departure_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/mail"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// claim is a hold for a claim for so many days.
func claim(f *housetest.Fixture, days int) departure.Hold {
	return departure.Hold{Kind: departure.HoldClaim, Grounds: "Stævning om kontingent, sag 7", Until: f.Access.Today().AddDays(days)}
}

// While a claim stands the departure waits, hidden, and the member is told why;
// when it ends the erasure goes on at once (GDPR Art. 17(3)(e)).
func TestL7AClaimMakesTheErasureWait(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		d, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", false)
		f.Must(err)
		ends := claim(f, 60).Until
		id, err := f.Departures.PlaceHold(ctx, f.As("anna"), person, claim(f, 60))
		f.Must(err)
		f.Post()
		shown, err := f.House.Mail.Mailbox(ctx)
		f.Must(err)
		if !slices.ContainsFunc(shown, func(m mail.Shown) bool { return m.Kind == "departure.held" && strings.Contains(m.Body, "sag 7") }) {
			t.Error("the member was not told, or not why")
		}
		f.Clock.Set(d.DueAt.Add(time.Hour))
		if n, err := f.Departures.EraseDue(ctx); n != 0 || err != nil {
			t.Fatalf("%d erased, %v", n, err)
		}
		if len(search(f, "Quistorff").Places) == 0 {
			t.Fatal("the data are gone while a claim stands")
		}
		if !f.Members.Leaving(person) {
			t.Error("the member is not hidden")
		}
		open, err := f.Duties.Open(ctx, duty.Responsible{Person: f.Person("bo"), Acts: map[unit.ID]charter.Acts{0: charter.Hold}})
		f.Must(err)
		if !slices.ContainsFunc(open, func(d duty.Duty) bool { return d.Kind == duty.ReviewHold && d.DueOn == ends }) {
			t.Errorf("no duty reminds of the end: %+v", open)
		}
		all, err := f.Departures.AllHolds(ctx, f.Scope("bo", access.Want{Act: charter.Hold}))
		f.Must(err)
		if len(all) != 1 || all[0].ID != id || all[0].By != f.Person("anna") {
			t.Errorf("%+v", all)
		}

		if err := f.Departures.EndHold(ctx, f.As("anna"), person, id, "forlig"); !fault.Is(err, fault.Denied) {
			t.Errorf("who placed it lifts it alone: %v", err)
		}
		f.Must(f.Departures.EndHold(ctx, f.As("bo"), person, id, "forlig"))
		gone(t, f, "member")
		for _, act := range []journal.Act{journal.Hold, journal.Lift} {
			if n := entries(t, f, person, act); n != 1 {
				t.Errorf("%s is journaled %d times", act, n)
			}
		}
	})
}

// A hold ends by itself on its day, and the daily work erases.
func TestL7AHoldEndsByItself(t *testing.T) {
	f := housetest.New(t)
	ctx, person := f.Context(), f.Person("member")
	_, err := f.Departures.PlaceHold(ctx, f.As("anna"), person, claim(f, 30)) // while still a member
	f.Must(err)
	last := f.Access.Today().AddDays(30)
	_, err = f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
	f.Must(err)
	if _, err := f.Departures.Confirm(ctx, f.As("bo"), person); !fault.Is(err, fault.Conflict) {
		t.Errorf("a second pair of eyes ends the window in spite of a claim: %v", err)
	}
	f.Clock.Set(f.Charter.Midnight(last.AddDays(1)).Add(-time.Minute))
	if n, err := f.Departures.EraseDue(ctx); n != 0 || err != nil {
		t.Fatalf("%d erased on the last day, %v", n, err)
	}
	f.Clock.Set(f.Charter.Midnight(last.AddDays(1)))
	if n, err := f.Departures.EraseDue(ctx); n != 1 || err != nil {
		t.Fatalf("%d erased on the day after, %v", n, err)
	}
	gone(t, f, "member")
}

// Who may hold, for how long, on which grounds, and who renews (N14, Art. 18).
func TestN14HoldsHaveGroundsADeciderAndAnEnd(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		for _, who := range []string{"chair", "treasurer", "neighbour"} {
			if _, err := f.Departures.PlaceHold(ctx, f.As(who), person, claim(f, 30)); !fault.Is(err, fault.Denied) && !fault.Is(err, fault.NotFound) {
				t.Errorf("%s holds an erasure: %v", who, err)
			}
		}
		if _, err := f.Departures.PlaceHold(ctx, f.As("anna"), f.Person("anna"), claim(f, 30)); err == nil {
			t.Error("somebody holds their own erasure")
		}
		for name, h := range map[string]departure.Hold{
			"no grounds":      {Kind: departure.HoldClaim, Grounds: " ", Until: f.Access.Today().AddDays(3)},
			"no kind":         {Kind: "because", Grounds: "x", Until: f.Access.Today().AddDays(3)},
			"too long":        claim(f, 400),
			"over":            claim(f, -1),
			"without end":     {Kind: departure.HoldClaim, Grounds: "x"},
			"silently":        {Kind: departure.HoldInvestigation, Grounds: "x", Until: f.Access.Today().AddDays(3), Silent: true},
			"a silent claim":  {Kind: departure.HoldClaim, Grounds: "x", Until: f.Access.Today().AddDays(3), Silent: true},
			"endless grounds": {Kind: departure.HoldClaim, Grounds: strings.Repeat("x", 2001), Until: f.Access.Today().AddDays(3)},
		} {
			if _, err := f.Departures.PlaceHold(ctx, f.As("anna"), person, h); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		id, err := f.Departures.PlaceHold(ctx, f.As("anna"), person, claim(f, 30))
		f.Must(err)
		later := f.Access.Today().AddDays(90)
		if err := f.Departures.RenewHold(ctx, f.As("anna"), person, id, "ny stævning", later); !fault.Is(err, fault.Denied) {
			t.Errorf("who placed it renews it: %v", err)
		}
		if err := f.Departures.RenewHold(ctx, f.As("bo"), person, id, claim(f, 1).Grounds, later); !fault.Is(err, fault.Invalid) {
			t.Errorf("renewed on the old grounds: %v", err)
		}
		if err := f.Departures.RenewHold(ctx, f.As("bo"), person, id, "ny stævning", f.Access.Today().AddDays(20)); !fault.Is(err, fault.Invalid) {
			t.Errorf("renewed to a sooner day: %v", err)
		}
		f.Must(f.Departures.RenewHold(ctx, f.As("bo"), person, id, "ny stævning", later))
		holds, err := f.Departures.HoldsOf(ctx, f.As("anna"), person)
		f.Must(err)
		if len(holds) != 1 || holds[0].Until != later || holds[0].By != f.Person("bo") || holds[0].Grounds != "ny stævning" {
			t.Errorf("%+v", holds)
		}
		if err := f.Departures.EndHold(ctx, f.As("anna"), person, id+1, "x"); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown hold: %v", err)
		}
		f.Must(f.Departures.EndHold(ctx, f.As("anna"), person, id, "hævet"))
		if err := f.Departures.EndHold(ctx, f.As("bo"), person, id, "hævet"); !fault.Is(err, fault.NotFound) {
			t.Errorf("ended twice: %v", err)
		}
	})
}

// A silent investigation, where the charter has it, writes to nobody, and somebody
// who stays after all is not left with a secret about them.
func TestN14ASilentInvestigation(t *testing.T) {
	f := housetest.New(t)
	ctx, person := f.Context(), f.Person("member")
	f.Charter.Holds.SilentInvestigation.Value = true
	_, err := f.Departures.Close(ctx, f.As("anna"), person, "exclusion", false)
	f.Must(err)
	_, err = f.Departures.PlaceHold(ctx, f.As("anna"), person, departure.Hold{
		Kind: departure.HoldInvestigation, Grounds: "kassen mangler", Until: f.Access.Today().AddDays(60), Silent: true,
	})
	f.Must(err)
	f.Post()
	shown, err := f.House.Mail.Mailbox(ctx)
	f.Must(err)
	if slices.ContainsFunc(shown, func(m mail.Shown) bool { return m.Kind == "departure.held" }) {
		t.Error("whoever is investigated silently is told")
	}
	f.Must(f.Departures.Undo(ctx, f.As("bo"), person))
	n := 0
	f.Must(record.Scan(f.Records, ctx, departure.Holds, func(vault.PersonID, uint64, *departure.Hold) error {
		n++
		return nil
	}))
	if n != 0 {
		t.Errorf("%d holds are left", n)
	}
}
