package extract_test

import (
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
)

// A handover passes open lists on: whoever follows answers for them, whoever
// leaves still for their own copies, and the list is destroyed when both have
// said so (D12).
func TestD12ListsPassOnWithThePost(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, today := f.Context(), f.Access.Today()
		list, _ := pull(t, f, "chair", wish("newsletter"))
		held := f.Access.Held(f.Person("chair"))[0]
		board := access.Board{Unit: f.Bodies["gentofte"], Met: today, Moves: today, Ground: "elected", Lines: []access.Line{
			{Post: "chair", Holding: held.Basis.ID, Do: access.Fresh, Person: f.Person("neighbour"), Until: today.AddDays(600), Pass: true},
		}}
		_, err := f.Access.HandOver(ctx, f.As("anna"), board)
		f.Must(err)
		if own, next := duties(f, "chair"), duties(f, "neighbour"); len(own) != 1 || len(next) != 1 || next[0].Subject != list.Number || next[0].DueOn != list.DestroyBy {
			t.Fatalf("duties %+v, %+v", own, next)
		}
		attest := func(who string, m extract.Medium) extract.List {
			t.Helper()
			l, err := f.Extracts.Attest(ctx, f.As(who), list.Number, m)
			f.Must(err)
			return l
		}
		attest("chair", extract.Digital) // no access any more, but still their list
		if l := attest("chair", extract.Physical); l.Destroyed() || !l.Mine.Done() || len(duties(f, "chair")) != 0 || len(duties(f, "neighbour")) != 1 {
			t.Errorf("after the leaving chair: %+v", l)
		}
		f.Reopen()
		attest("neighbour", extract.Physical)
		if l := attest("neighbour", extract.Digital); !l.Destroyed() || len(duties(f, "neighbour")) != 0 {
			t.Errorf("after both: %+v", l)
		}
	})
}

// Whoever holds a list passes it on to an officer of the body, to nobody else.
func TestD12PassingAList(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		list, _ := pull(t, f, "chair", wish("newsletter"))
		refused(t, "a stranger passes", f.Extracts.Pass(ctx, f.As("member"), list.Number, f.Person("officer")), fault.NotFound, "extract.error.none")
		for _, who := range []string{"member", "other chair", "chair"} {
			refusedField(t, who, f.Extracts.Pass(ctx, f.As("chair"), list.Number, f.Person(who)), "to", "extract.error.successor")
		}
		f.Must(f.Extracts.Pass(ctx, f.As("chair"), list.Number, f.Person("officer")))
		mine, err := f.Extracts.Mine(ctx, f.As("officer"))
		f.Must(err)
		if len(mine) != 1 || mine[0].Recipient != f.Person("chair") || mine[0].Mine.Person != f.Person("officer") {
			t.Errorf("the officer's lists: %+v", mine)
		}
	})
}

// What an erased recipient had to destroy falls to the body's officers, and to
// the secretariat where it has none (D12).
func TestD12AnErasedRecipientsListsFallToTheBody(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		first, _ := pull(t, f, "chair", wish("newsletter"))
		second, _ := pull(t, f, "other chair", wish("newsletter"))
		for _, who := range []string{"chair", "other chair"} {
			_, err := f.Departures.Close(ctx, f.As("anna"), f.Person(who), "resignation", true)
			f.Must(err)
			_, err = f.Departures.Confirm(ctx, f.As("bo"), f.Person(who))
			f.Must(err)
		}
		for _, c := range []struct {
			who    string
			number int64
		}{{"treasurer", first.Number}, {"anna", second.Number}} {
			mine, err := f.Extracts.Mine(ctx, f.As(c.who))
			f.Must(err)
			if len(mine) != 1 || mine[0].Number != c.number {
				t.Fatalf("%s answers for %+v", c.who, mine)
			}
			for _, m := range []extract.Medium{extract.Digital, extract.Physical} {
				if _, err = f.Extracts.Attest(ctx, f.As(c.who), c.number, m); err != nil {
					t.Fatal(err)
				}
			}
			if mine, err = f.Extracts.Mine(ctx, f.As(c.who)); err != nil || len(mine) != 1 || !mine[0].Destroyed() {
				t.Errorf("%s has attested: %+v, %v", c.who, mine, err)
			}
		}
		late, err := f.Extracts.Overdue(ctx, f.Scope("anna", access.Want{Act: charter.Access}))
		if err != nil || len(late) != 0 {
			t.Errorf("overdue: %+v, %v", late, err)
		}
	})
}
