package extract_test

import (
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
)

// office are the open duties of whoever keeps the register, of a kind.
func office(f *housetest.Fixture, kind duty.Kind) (found []duty.Duty) {
	all, err := f.Duties.Open(f.Context(), duty.Responsible{Person: f.Person("anna"), Acts: map[unit.ID]charter.Acts{0: charter.Access}})
	f.Must(err)
	for _, d := range all {
		if d.Kind == kind {
			found = append(found, d)
		}
	}
	return found
}

// journaled counts entries of an act.
func journaled(f *housetest.Fixture, act journal.Act) int {
	_, err := f.Journal.Checkpoint(f.Context())
	f.Must(err)
	found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: act}, journal.Page{Limit: 1000})
	f.Must(err)
	return len(found.Lines)
}

// D12: whoever has a list past its day gets no new one, whatever they pull it under; a
// notice the bylaws call for they get all the same.
func TestD12NoNewListForWhoeverIsLate(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		old, _ := pull(t, f, "chair", wish("newsletter"))
		if _, err := f.Extracts.Pull(ctx, f.As("chair"), wish("newsletter")); err != nil {
			t.Fatal("in time:", err)
		}
		f.Clock.Add(8 * 24 * time.Hour)
		before := journaled(f, journal.Denied)
		_, err := f.Extracts.Pull(ctx, f.As("chair"), wish("administration"))
		refused(t, "a new one", err, fault.Denied, "extract.error.overdue")
		if lists, ok := fault.From(err).Args["lists"].([]string); !ok || len(lists) != 2 {
			t.Errorf("the refusal names %v", fault.From(err).Args["lists"])
		}
		if journaled(f, journal.Denied) != before+1 {
			t.Error("the denial is not journaled")
		}
		slip, err := f.Extracts.Prepare(ctx, f.As("chair"), wish("administration"))
		f.Must(err)
		if len(slip.Late) != 2 {
			t.Errorf("the slip says %v", slip.Late)
		}
		pull(t, f, "chair", wish("meeting-notice")) // L8
		pull(t, f, "officer", wish("administration"))

		// Whoever covers for them is asked about the same lists.
		today := f.Access.Today()
		_, err = f.Access.NameCover(ctx, f.As("chair"), f.Person("neighbour"), held(f, "chair"), access.Cover{From: today, Until: today.AddDays(5), Ground: "På ferie"})
		f.Must(err)
		_, err = f.Extracts.Pull(ctx, f.As("neighbour"), wish("administration"))
		refused(t, "the cover", err, fault.Denied, "extract.error.overdue_covered")
		pull(t, f, "neighbour", wish("meeting-notice"))

		mine, err := f.Extracts.Mine(ctx, f.As("chair"))
		f.Must(err)
		_, err = f.Extracts.AttestAll(ctx, f.As("chair"), []int64{mine[0].Number, old.Number})
		f.Must(err)
		_, err = f.Extracts.Pull(ctx, f.As("neighbour"), wish("administration"))
		refused(t, "with one left", err, fault.Denied, "extract.error.overdue_covered")
		_, err = f.Extracts.AttestAll(ctx, f.As("chair"), []int64{old.Number + 1})
		f.Must(err)
		pull(t, f, "neighbour", wish("administration"))
	})
}

// held is the number of somebody's post.
func held(f *housetest.Fixture, who string) uint64 {
	return f.Access.Held(f.Person(who))[0].Basis.ID
}

// D12: several lists are attested in one step, on both media: all that are named, or
// none.
func TestD12DestroyedAllOfThese(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		var numbers []int64
		for range 3 {
			l, _ := pull(t, f, "chair", wish("administration"))
			numbers = append(numbers, l.Number)
		}
		theirs, _ := pull(t, f, "officer", wish("administration"))
		for _, bad := range [][]int64{nil, {numbers[0], theirs.Number}, {numbers[0], 999}} {
			if _, err := f.Extracts.AttestAll(ctx, f.As("chair"), bad); err == nil {
				t.Errorf("%v is attested", bad)
			}
		}
		if len(duties(f, "chair")) != 3 {
			t.Error("what was refused left something behind")
		}
		_, err := f.Extracts.Attest(ctx, f.As("chair"), numbers[1], extract.Digital)
		f.Must(err)
		before := journaled(f, journal.Attest)
		done, err := f.Extracts.AttestAll(ctx, f.As("chair"), []int64{numbers[0], numbers[1], numbers[0]})
		f.Must(err)
		if len(done) != 2 || !done[0].Destroyed() || !done[1].Destroyed() || len(duties(f, "chair")) != 1 {
			t.Errorf("%+v, left %d", done, len(duties(f, "chair")))
		}
		if journaled(f, journal.Attest) != before+2 {
			t.Error("not one entry for each list")
		}
		if _, err := f.Extracts.AttestAll(ctx, f.As("chair"), numbers); err == nil {
			t.Error("attested again")
		}
	})
}

// D12: a list lives longer only on grounds, to a day within the charter's limit, when
// somebody else who keeps the register says so.
func TestD12AnExceptionIsDecidedBySomebodyElse(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		l, _ := pull(t, f, "chair", wish("newsletter"))
		until := l.DestroyBy.AddDays(20)
		for name, c := range map[string]struct {
			until   civil.Date
			grounds string
		}{
			"no grounds": {until, " "}, "sooner": {l.DestroyBy, "Mødet er udsat"}, "too long": {l.DestroyBy.AddDays(61), "Mødet er udsat"},
		} {
			if _, err := f.Extracts.AskLonger(ctx, f.As("chair"), l.Number, c.until, c.grounds); !fault.Is(err, fault.Invalid) {
				t.Errorf("%s: %v", name, err)
			}
		}
		_, err := f.Extracts.AskLonger(ctx, f.As("officer"), l.Number, until, "Mødet er udsat")
		refused(t, "somebody else's list", err, fault.NotFound, "extract.error.none")
		id, err := f.Extracts.AskLonger(ctx, f.As("chair"), l.Number, until, "Mødet er udsat")
		f.Must(err)
		_, err = f.Extracts.AskLonger(ctx, f.As("chair"), l.Number, until, "Igen")
		refused(t, "twice", err, fault.Conflict, "extract.error.asked")
		if open := office(f, duty.Exception); len(open) != 1 || open[0].Subject != id {
			t.Fatalf("the office has %+v", open)
		}
		f.Clock.Add(8 * 24 * time.Hour) // asking alone changes nothing
		_, err = f.Extracts.Pull(ctx, f.As("chair"), wish("newsletter"))
		refused(t, "while it waits", err, fault.Denied, "extract.error.overdue")

		if err := f.Extracts.Decide(ctx, f.As("chair"), id, true, "Ja"); !fault.Is(err, fault.Denied) {
			t.Errorf("the officer decides: %v", err)
		}
		if err := f.Extracts.Decide(ctx, f.As("anna"), id, true, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("without grounds: %v", err)
		}
		f.Must(f.Extracts.Decide(ctx, f.As("anna"), id, true, "Til det nye møde"))
		if err := f.Extracts.Decide(ctx, f.As("bo"), id, false, "Nej"); !fault.Is(err, fault.Conflict) {
			t.Errorf("decided twice: %v", err)
		}
		if open := duties(f, "chair"); len(open) != 1 || open[0].DueOn != until || len(office(f, duty.Exception)) != 0 {
			t.Errorf("%+v", open)
		}
		pull(t, f, "chair", wish("newsletter"))
		asked, err := f.Extracts.ExceptionsOf(ctx, f.As("chair"), l.Number)
		f.Must(err)
		if len(asked) != 1 || asked[0].Standing != extract.Granted || asked[0].Grounds != "Mødet er udsat" || asked[0].Answer != "Til det nye møde" {
			t.Errorf("%+v", asked)
		}
		if other, err := f.Extracts.ExceptionsOf(ctx, f.As("other chair"), l.Number); err != nil || len(other) != 0 {
			t.Errorf("another body sees %+v, %v", other, err)
		}
		_, err = f.Extracts.AskLonger(ctx, f.As("chair"), l.Number, l.DestroyBy.AddDays(61), "Endnu længere")
		if !fault.Is(err, fault.Invalid) {
			t.Errorf("the limit moves with each exception: %v", err)
		}
		// Staff do not decide on their own.
		own, _ := pull(t, f, "anna", extract.Wish{Unit: f.Bodies["gentofte"], Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
		id, err = f.Extracts.AskLonger(ctx, f.As("anna"), own.Number, own.DestroyBy.AddDays(1), "Selv")
		f.Must(err)
		before := journaled(f, journal.Denied)
		err = f.Extracts.Decide(ctx, f.As("anna"), id, true, "Selv")
		refused(t, "one's own", err, fault.Denied, "extract.error.own")
		if journaled(f, journal.Denied) != before+1 {
			t.Error("the denial is not journaled")
		}
		f.Must(f.Extracts.Decide(ctx, f.As("bo"), id, false, "Nej"))
		if now := must(f.Extracts.Mine(ctx, f.As("anna")))(t); now[0].DestroyBy != own.DestroyBy {
			t.Error("a refusal moved the day")
		}
	})
}

func must[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// D12, L4: a list that is lost is attested lost, with how; that ends what its holder can
// do, and begins the judgement whether it was a breach.
func TestD12ALostListIsJudgedAsABreach(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		l, _ := pull(t, f, "chair", wish("newsletter"))
		longer, err := f.Extracts.AskLonger(ctx, f.As("chair"), l.Number, l.DestroyBy.AddDays(5), "Mødet er udsat")
		f.Must(err)
		f.Clock.Add(9 * 24 * time.Hour)
		if _, err := f.Extracts.AttestLost(ctx, f.As("chair"), l.Number, ""); !fault.Is(err, fault.Invalid) {
			t.Errorf("without how: %v", err)
		}
		if _, err := f.Extracts.AttestLost(ctx, f.As("officer"), l.Number, "Stjålet"); !fault.Is(err, fault.NotFound) {
			t.Errorf("by an officer without it: %v", err)
		}
		id, err := f.Extracts.AttestLost(ctx, f.As("chair"), l.Number, "Computeren blev stjålet i toget")
		f.Must(err)
		mine := must(f.Extracts.Mine(ctx, f.As("chair")))(t)
		if got := mine[0].StateOn(f.Access.Today()); got != extract.Strayed || mine[0].Destroyed() || !mine[0].Settled() {
			t.Errorf("it is %s", got)
		}
		if len(duties(f, "chair")) != 0 || len(office(f, duty.Exception)) != 0 {
			t.Error("something is still asked of them")
		}
		if e := must(f.Extracts.Exception(ctx, f.As("anna"), longer))(t); e.Standing != extract.Dropped {
			t.Errorf("what was asked is %s", e.Standing)
		}
		open := office(f, duty.ListLost)
		if len(open) != 1 || open[0].DueOn != f.Access.Today().AddDays(3) {
			t.Fatalf("%+v", open)
		}
		pull(t, f, "chair", wish("newsletter"))
		out := must(f.Extracts.Outstanding(ctx, f.Person("member")))(t)
		if len(out) != 2 {
			t.Errorf("a lost list is not told as out there: %+v", out)
		}
		f.Must(f.Extracts.Decide(ctx, f.As("anna"), id, true, "Filen var ikke krypteret"))
		if e := must(f.Extracts.Exception(ctx, f.As("anna"), id))(t); e.Standing != extract.Breach || len(office(f, duty.ListLost)) != 0 {
			t.Errorf("%+v", e)
		}
		// Nobody reaches the holder: whoever keeps the register says so for them.
		gone, _ := pull(t, f, "treasurer", wish("dues"))
		if _, err := f.Extracts.AttestLost(ctx, f.As("anna"), gone.Number, "Kassereren er rejst"); err != nil || len(duties(f, "treasurer")) != 0 {
			t.Errorf("%v, %d", err, len(duties(f, "treasurer")))
		}
	})
}

// D12: what is known of an exception ends with the record of its list.
func TestD12ExceptionsEndWithTheList(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		l, _ := pull(t, f, "chair", wish("newsletter"))
		id, err := f.Extracts.AttestLost(ctx, f.As("chair"), l.Number, "Glemt i toget")
		f.Must(err)
		f.Must(f.Extracts.Decide(ctx, f.As("anna"), id, false, "Krypteret"))
		years := f.Charter.Parameters.ListRecordYears.Value
		n, err := f.Extracts.End(ctx, f.Now().AddDate(years, 0, 1))
		f.Must(err)
		if n != 1 {
			t.Fatalf("%d lists ended", n)
		}
		if _, err := f.Extracts.Exception(ctx, f.As("anna"), id); !fault.Is(err, fault.NotFound) {
			t.Errorf("the exception is still there: %v", err)
		}
	})
}

// The numbers of the report add up, whatever became of the lists: each is one thing, and
// the sum over the purposes is the whole (D12).
func TestD12TheReportAddsUp(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		today := f.Access.Today()
		a, _ := pull(t, f, "chair", wish("newsletter"))
		b, _ := pull(t, f, "chair", wish("administration"))
		pull(t, f, "officer", wish("newsletter"))
		pull(t, f, "other chair", wish("newsletter"))
		staff := wish("newsletter")
		staff.Unit = f.Bodies["gentofte"]
		pull(t, f, "anna", staff)
		f.Clock.Add(4 * 24 * time.Hour)
		_, err := f.Extracts.AttestAll(ctx, f.As("chair"), []int64{a.Number})
		f.Must(err)
		_, err = f.Extracts.AskLonger(ctx, f.As("chair"), b.Number, b.DestroyBy.AddDays(3), "Mødet er udsat")
		f.Must(err)
		f.Clock.Add(12 * 24 * time.Hour)
		_, err = f.Extracts.AttestAll(ctx, f.As("chair"), []int64{b.Number})
		f.Must(err)

		all, err := f.Extracts.Account(ctx, f.As("anna"), 0, today, f.Access.Today())
		f.Must(err)
		if g := all.All; g.Pulled != 5 || g.InTime != 1 || g.LateDone != 1 || g.Overdue != 3 || g.Open != 0 || g.Asked != 1 || g.Mean() != 100 || len(all.Bodies) != 3 {
			t.Errorf("%+v in %d bodies", g, len(all.Bodies))
		}
		own, err := f.Extracts.Account(ctx, f.As("chair"), 0, today, f.Access.Today())
		f.Must(err)
		if own.All.Pulled != 3 || len(own.Bodies) != 1 || own.Bodies[0].Body != f.Bodies["gentofte"] {
			t.Errorf("the association sees %+v (D11)", own.Bodies)
		}
		if _, err := f.Extracts.Account(ctx, f.As("chair"), f.Bodies["lyngby"], today, today); err == nil {
			t.Error("another association's numbers")
		}
		if _, err := f.Extracts.Account(ctx, f.As("member"), 0, today, today); !fault.Is(err, fault.Denied) {
			t.Errorf("a member: %v", err)
		}
		if _, err := f.Extracts.Account(ctx, f.As("anna"), 0, today, today.AddDays(-1)); !fault.Is(err, fault.Invalid) {
			t.Errorf("a period that ends before it begins: %v", err)
		}
		sum := extract.Tally{}
		for _, p := range all.Purposes {
			sum.Pulled += p.Pulled
			if p.Open+p.Overdue+p.InTime+p.LateDone+p.Lost != p.Pulled {
				t.Errorf("%+v does not add up", p)
			}
		}
		if sum.Pulled != all.All.Pulled {
			t.Error("the purposes are not the whole")
		}
	})
}

// No sum of exceptions brings a list beyond the charter's days after its first day.
func TestD12TheLimitCountsFromTheFirstDay(t *testing.T) {
	c, err := charter.Load("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		first := civil.Date{Year: 2026, Month: 3, Day: 1}
		l := extract.List{DestroyBy: first}
		var before []extract.Exception
		for range rapid.IntRange(0, 6).Draw(t, "exceptions") {
			latest := extract.LatestExtra(c, &l, before)
			if latest != first.AddDays(c.Destruction.ExtraDays.Value) {
				t.Fatalf("the limit is %s after %d exceptions", latest, len(before))
			}
			if !latest.After(l.DestroyBy) {
				return
			}
			e := extract.Exception{Standing: extract.Granted, From: l.DestroyBy, Until: l.DestroyBy.AddDays(rapid.IntRange(1, latest.DaysSince(l.DestroyBy)).Draw(t, "days"))}
			if rapid.Bool().Draw(t, "refused") {
				e.Standing = extract.Refused
			} else {
				l.DestroyBy = e.Until
			}
			before = append(before, e)
		}
	})
}
