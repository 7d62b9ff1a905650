package departure_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// books are what people have paid; the real ones are in another room.
type books map[vault.PersonID][]departure.Fact

func (b books) Bookkeeping(_ context.Context, person vault.PersonID) ([]departure.Fact, error) {
	return slices.Clone(b[person]), nil
}

// paid books a payment of the cast's member in a body.
func (b books) paid(f *housetest.Fixture, name, body string, on civil.Date, kroner int64, voucher string) {
	person := f.Person(name)
	b[person] = append(b[person], departure.Fact{
		Unit: f.Bodies[body], Kind: departure.FactPayment, Amount: kroner * 100, Currency: "DKK", On: on,
		Reference: "715250000001234", Voucher: voucher, Name: "Søren Åge Østergård-Quistorff",
	})
	f.Departures.Keeper = b
}

func date(year int, month time.Month, day int) civil.Date {
	return civil.Date{Year: year, Month: month, Day: day}
}

// the clock of the house at noon of a day.
func noon(d civil.Date) time.Time { return time.Date(d.Year, d.Month, d.Day, 11, 0, 0, 0, time.UTC) }

// keptBy lists a body's kept vouchers as one who may see them does.
func keptBy(f *housetest.Fixture, who, body string) (vouchers []string) {
	scope, err := f.Departures.Accounts(f.Context(), f.As(who), f.Bodies[body])
	f.Must(err)
	lines, err := f.Departures.KeptLines(f.Context(), scope, f.Bodies[body])
	f.Must(err)
	for _, l := range lines {
		vouchers = append(vouchers, l.Voucher+" "+l.Until.String())
	}
	return vouchers
}

// erasedOn closes a member's card and lets the window end.
func erased(t *testing.T, f *housetest.Fixture, name, reason string) {
	t.Helper()
	d, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person(name), reason, false)
	f.Must(err)
	f.Clock.Set(d.DueAt.Add(time.Minute))
	if n, err := f.Departures.EraseDue(f.Context()); n != 1 || err != nil {
		t.Fatalf("%d erased, %v", n, err)
	}
}

// At closing only the bookkeeping facts of bodies with that duty stay, each
// until its own day, and then they go too: with every key that exists nothing
// opens any more (L7, N14).
func TestL7OnlyTheAccountsStayAndThenTheyGoToo(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person, all := f.Context(), f.Person("member"), books{}
		all.paid(f, "member", "gentofte", date(2020, 12, 31), 100, "too old")
		all.paid(f, "member", "gentofte", date(2021, 6, 1), 150, "A-1")
		all.paid(f, "member", "gentofte", date(2026, 1, 2), 200, "A-2")
		all.paid(f, "member", "party", date(2026, 3, 4), 250, "P-1")
		all.paid(f, "member", "abroad", date(2026, 5, 6), 300, "no duty")
		before, err := f.Departures.Foresee(ctx, f.As("anna"), person)
		f.Must(err)
		if len(before.Kept) != 3 || before.Kept[0].Until != date(2026, 12, 31) || before.Kept[2].Law["da"] != "bogføringsloven § 12" {
			t.Errorf("foretold: %+v", before.Kept)
		}
		erased(t, f, "member", "resignation")

		r := search(f, "Quistorff")
		if len(r.Places) != 0 || len(r.Kept) != 3 || r.Kept[0].Kind != "kept" {
			t.Errorf("remains %+v, kept %+v", r.Places, r.Kept)
		}
		if r := search(f, "Bregnebjerglundvej 117", "soeren.quistorff@example.dk", "23-09-1961"); len(r.Places)+len(r.Kept) != 0 {
			t.Errorf("more than the accounts is left: %+v %+v", r.Places, r.Kept)
		}
		if got := keptBy(f, "treasurer", "gentofte"); !slices.Equal(got, []string{"A-2 2031-12-31", "A-1 2026-12-31"}) {
			t.Errorf("kept by gentofte: %v", got)
		}
		if n := entries(t, f, person, journal.Kept); n != 1 {
			t.Errorf("the look at the accounts is journaled %d times", n)
		}
		rows := sealed(f, person)
		if len(rows) != 3 {
			t.Fatalf("%d rows are left", len(rows))
		}

		// The day is over at midnight, not before.
		f.Clock.Set(f.Charter.Midnight(date(2027, 1, 1)).Add(-time.Minute))
		if n, err := f.Departures.EndKept(ctx); n != 0 || err != nil {
			t.Fatalf("ended %d on the last day, %v", n, err)
		}
		f.Clock.Set(f.Charter.Midnight(date(2027, 1, 1)))
		if due, _, err := f.Departures.KeptTally(ctx, f.Clock.Now()); due != 1 || err != nil {
			t.Errorf("%d are due, %v", due, err)
		}
		if got := keptBy(f, "treasurer", "gentofte"); len(got) != 1 {
			t.Errorf("on the day after the last, before the daily work: %v", got)
		}
		for range 2 { // the second time there is nothing left to do
			if _, err := f.Departures.EndKept(ctx); err != nil {
				t.Fatal(err)
			}
		}
		if got := sealed(f, person); len(got) != 2 {
			t.Errorf("%d rows are left", len(got))
		}
		after := f.Departures.Afterlife(person)
		if !slices.Equal(after.Ended, []civil.Date{date(2026, 12, 31)}) || !slices.Equal(after.Until, []civil.Date{date(2031, 12, 31)}) {
			t.Errorf("%+v", after)
		}
		f.Clock.Set(noon(date(2032, 1, 1)))
		if n, err := f.Departures.EndKept(ctx); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		if got := sealed(f, person); len(got) != 0 || len(search(f, "Quistorff").Kept) != 0 {
			t.Errorf("%d rows are left", len(got))
		}
		noKeyOpens(t, f, person, rows)
		f.Must(f.Keyring.VerifyLedger(ctx))
		f.Must(f.Keyring.Healthy())
	}, housetest.At(noon(date(2026, 11, 22))))
}

// noKeyOpens tries every key the keyring has, of everybody and every class,
// on sealed bytes.
func noKeyOpens(t *testing.T, f *housetest.Fixture, person vault.PersonID, rows [][]byte) {
	t.Helper()
	ended := f.Keyring.Ended(person)
	if len(ended) != 2 {
		t.Errorf("ended: %v", ended)
	}
	for _, row := range rows {
		for _, class := range append(ended, vault.Membership) {
			for _, body := range f.Bodies {
				label := vault.Label{Person: person, Class: class, Kind: 77, ID: uint64(body)<<16 | uint64(class), Version: 1}
				if _, err := f.Keyring.Open(nil, label, row); !errors.Is(err, vault.ErrErased) {
					t.Errorf("class %d: %v", class, err)
				}
			}
		}
	}
	for p := vault.PersonID(1); p <= f.Keyring.LastPerson(); p++ {
		if held := f.Keyring.Keeping(p); len(held) > 0 {
			t.Errorf("person %d has keys of %v", p, held)
		}
	}
}

// Only those the charter names see what is kept, each in their own body, for the
// accounts alone; a right to anything else gives nothing (N14).
func TestN14OnlyThosePostsSeeWhatIsKept(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, all := f.Context(), books{}
		all.paid(f, "member", "gentofte", date(2026, 1, 2), 200, "A-2")
		erased(t, f, "member", "exclusion")
		for _, who := range []string{"chair", "officer", "anna", "neighbour"} {
			if _, err := f.Departures.Accounts(ctx, f.As(who), f.Bodies["gentofte"]); !fault.Is(err, fault.Denied) {
				t.Errorf("%s sees the accounts: %v", who, err)
			}
		}
		if _, err := f.Departures.Accounts(ctx, f.As("treasurer"), f.Bodies["lyngby"]); !fault.Is(err, fault.Denied) {
			t.Errorf("gentofte's treasurer sees lyngby's accounts: %v", err)
		}
		for name, scope := range map[string]access.Scope{
			"another act":     f.Scope("treasurer", access.Want{Act: charter.Pull, Unit: f.Bodies["gentofte"]}),
			"another purpose": f.Scope("treasurer", access.Want{Act: charter.Accounts, Unit: f.Bodies["gentofte"]}),
			"oneself":         f.Scope("neighbour", access.Want{Self: true}),
			"nothing":         {},
		} {
			if _, err := f.Departures.KeptLines(ctx, scope, f.Bodies["gentofte"]); !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v", name, err)
			}
		}
		scope, err := f.Departures.Accounts(ctx, f.As("treasurer"), f.Bodies["gentofte"])
		f.Must(err)
		if _, err := f.Departures.KeptLines(ctx, scope, f.Bodies["lyngby"]); !fault.Is(err, fault.NotFound) {
			t.Errorf("through gentofte to lyngby: %v", err)
		}
		bodies, err := f.Departures.KeptBodies(ctx, scope)
		f.Must(err)
		if len(bodies) != 1 || bodies[0].Persons != 1 {
			t.Errorf("%+v", bodies)
		}
	})
}

// Nothing is kept of somebody who was never rightly a member.
func TestL7NothingIsKeptOfAMistake(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		books{}.paid(f, "member", "gentofte", date(2026, 1, 2), 200, "A-2")
		erased(t, f, "member", "mistake")
		if rows := sealed(f, f.Person("member")); len(rows) != 0 || len(f.Keyring.Keeping(f.Person("member"))) != 0 {
			t.Errorf("%d rows", len(rows))
		}
	})
}

// A body's own law and year decide, and what they were when the erasure began.
func TestL7EachBodyHasItsOwnLaw(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		by := f.Recorder(f.Scope("anna", access.Want{Act: charter.Units}).Entry(journal.Unit))
		if _, err := f.Units.SetAccounting(ctx, by, f.Bodies["gentofte"], unit.Accounting{Keeps: true, Seat: "XX", YearEnds: 13}); !fault.Is(err, fault.Invalid) {
			t.Errorf("an unknown law: %v", err)
		}
		_, err := f.Units.SetAccounting(ctx, by, f.Bodies["gentofte"], unit.Accounting{Keeps: true, Seat: "NO", YearEnds: time.September})
		f.Must(err)
		_, err = f.Units.SetAccounting(ctx, by, f.Bodies["lyngby"], unit.Accounting{})
		f.Must(err)
		all := books{}
		all.paid(f, "member", "gentofte", date(2026, 10, 1), 200, "G-1")
		all.paid(f, "member", "lyngby", date(2026, 10, 1), 200, "L-1")
		before, err := f.Departures.Foresee(ctx, f.As("anna"), f.Person("member"))
		f.Must(err)
		if len(before.Kept) != 1 || before.Kept[0].Until != date(2032, 9, 30) || before.Kept[0].Law["en"] != "the Norwegian Bookkeeping Act, section 13" {
			t.Errorf("%+v", before.Kept)
		}
		erased(t, f, "member", "resignation")
		_, err = f.Units.SetAccounting(ctx, by, f.Bodies["gentofte"], unit.Accounting{Keeps: false})
		f.Must(err)
		if until := f.Departures.Afterlife(f.Person("member")).Until; !slices.Equal(until, []civil.Date{date(2032, 9, 30)}) {
			t.Errorf("kept until %v", until)
		}
	})
}

// A fact booked while the certificate was being made is kept too: the erasure
// begins anew, and keeps neither less nor more.
func TestL7WhatComesInMeanwhileIsKeptToo(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, all, person := f.Context(), books{}, f.Person("member")
		all.paid(f, "member", "gentofte", date(2026, 1, 2), 200, "A-2")
		d, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", false)
		f.Must(err)
		f.Clock.Set(d.DueAt.Add(time.Minute))
		departure.StopAt(f.Departures, func(point string) {
			if point == "ends" && len(all[person]) == 1 {
				all.paid(f, "member", "gentofte", date(2025, 1, 2), 100, "A-1")
			}
		})
		if n, err := f.Departures.EraseDue(ctx); n != 0 || !fault.Is(err, fault.Conflict) {
			t.Errorf("%d erased, %v", n, err)
		}
		if n, err := f.Departures.EraseDue(ctx); n != 1 || err != nil {
			t.Fatalf("%d erased, %v", n, err)
		}
		if got := keptBy(f, "treasurer", "gentofte"); !slices.Equal(got, []string{"A-2 2031-12-31", "A-1 2030-12-31"}) {
			t.Errorf("kept: %v", got)
		}
	})
}

// An old copy of the register brings nothing back that has ended, and a start
// finishes an end that was cut off.
func TestL7AnOldRegisterKeepsNothingLonger(t *testing.T) {
	f := housetest.New(t)
	ctx, all := f.Context(), books{}
	all.paid(f, "member", "gentofte", date(2021, 6, 1), 150, "A-1")
	all.paid(f, "member", "gentofte", date(2026, 6, 1), 150, "A-2")
	erased(t, f, "member", "resignation")
	old := f.OldRegister()
	f.Clock.Set(noon(date(2027, 1, 1)))
	if n, err := f.Departures.EndKept(ctx); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	f.Must(f.House.Close())
	f.Config = old
	f.Must(f.Open())
	if rows := sealed(f, f.Person("member")); len(rows) != 1 {
		t.Errorf("%d rows came back", len(rows))
	}
	if got := keptBy(f, "treasurer", "gentofte"); !slices.Equal(got, []string{"A-2 2031-12-31"}) {
		t.Errorf("kept: %v", got)
	}
}

// The certificate tells what is kept, by which law and until when.
func TestL7TheCertificateTellsWhatIsKept(t *testing.T) {
	f := housetest.New(t)
	ctx, all, person := f.Context(), books{}, f.Person("member")
	all.paid(f, "member", "gentofte", date(2026, 6, 1), 150, "A-1")
	all.paid(f, "member", "gentofte", date(2026, 7, 1), 150, "A-2")
	_, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
	f.Must(err)
	e, err := f.Departures.Confirm(ctx, f.As("bo"), person)
	f.Must(err)
	text := e.Certificate.Text(f.Charter.Printer("da"), "Partiet", f.Charter.Location())
	if want := "2 bilag i regnskabet for Gentofte til og med 31. december 2031 (bogføringsloven § 12)"; !strings.Contains(text, want) {
		t.Errorf("%q is not in\n%s", want, text)
	}
	if got := e.Certificate.Kept; len(got) != 1 || got[0].Count != 2 || got[0].Body != "Gentofte" {
		t.Errorf("%+v", got)
	}
	all.paid(f, "neighbour", "abroad", date(2026, 7, 1), 150, "A-2")
	_, err = f.Departures.Close(ctx, f.As("anna"), f.Person("neighbour"), "resignation", true)
	f.Must(err)
	e, err = f.Departures.Confirm(ctx, f.As("bo"), f.Person("neighbour"))
	f.Must(err)
	if text := e.Certificate.Text(f.Charter.Printer("da"), "Partiet", f.Charter.Location()); !strings.Contains(text, "Intet er gemt") {
		t.Errorf("of somebody without payments in bodies that keep accounts:\n%s", text)
	}
}

// The rule itself, over random bodies, laws, years and days: a fact is kept
// exactly when its body has the duty and the day has not passed, once, until the
// last day of the month in which so many years have passed since its year ended.
func TestL7WhichFactsAreKept(t *testing.T) {
	f := housetest.New(t)
	by := f.Recorder(f.Scope("anna", access.Want{Act: charter.Units}).Entry(journal.Unit))
	codes := []string{"party", "north", "gentofte", "lyngby", "odense", "abroad"}
	rapid.Check(t, func(t *rapid.T) {
		for _, code := range codes {
			_, err := f.Units.SetAccounting(f.Context(), by, f.Bodies[code], unit.Accounting{
				Keeps: rapid.Bool().Draw(t, "keeps"), Seat: rapid.SampledFrom([]string{"", "DK", "NO"}).Draw(t, "seat"),
				YearEnds: time.Month(rapid.IntRange(0, 12).Draw(t, "year ends")),
			})
			f.Must(err)
		}
		days := rapid.IntRange(0, 12*365)
		today := date(2032, 1, 1).AddDays(days.Draw(t, "today"))
		facts := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) departure.Fact {
			return departure.Fact{
				Unit: f.Bodies[rapid.SampledFrom(codes).Draw(t, "body")], Amount: rapid.Int64().Draw(t, "amount"),
				On: date(2025, 1, 1).AddDays(days.Draw(t, "on")), Kind: rapid.SampledFrom(departure.FactKinds).Draw(t, "kind"),
			}
		}), 0, 20).Draw(t, "facts")
		kept := 0
		for _, a := range departure.AccountsOf(f.Charter, f.Units.Tree(), facts, today) {
			if a.Until.Before(today) || a.Until.AddDays(1).Day != 1 || len(a.Facts) == 0 {
				t.Fatalf("kept until %v on %v", a.Until, today)
			}
			kept += len(a.Facts)
			var back departure.Account
			if err := departure.Accounts.Decode(departure.Accounts.Encode(nil, &a), &back); err != nil || !slices.Equal(back.Facts, a.Facts) {
				t.Fatalf("%+v came back as %+v, %v", a, back, err)
			}
		}
		want := 0
		for _, fact := range facts {
			body, _ := f.Units.Tree().ByID(fact.Unit)
			ends := body.YearEnds
			if ends == 0 {
				ends = time.December
			}
			year := fact.On
			for year.Month != ends || year.AddDays(1).Day != 1 { // day by day to the end of its year
				year = year.AddDays(1)
			}
			last := civil.DateOf(time.Date(year.Year+5, year.Month+1, 0, 0, 0, 0, 0, time.UTC))
			if body.Accounts && !today.After(last) {
				want++
			}
		}
		if kept != want {
			t.Fatalf("%d facts are kept, %d should be", kept, want)
		}
	})
}

// Ten thousand that end on the same day end together.
func TestL7ManyEndTogether(t *testing.T) {
	f := housetest.New(t)
	ctx, class := f.Context(), vault.KeptUntil(2026, time.December)
	var persons []vault.PersonID
	f.Must(f.Keyring.Write(ctx, func(tx *vault.Tx) error {
		for range 10_000 {
			p, err := tx.NewPerson(class)
			if err != nil {
				return err
			}
			persons = append(persons, p)
		}
		return nil
	}))
	f.Must(f.DB.Write(ctx, func(tx *database.Tx) error {
		for _, p := range persons {
			if err := departure.PutAccount(f.Departures, tx, p, &departure.Account{Unit: f.Bodies["gentofte"], Until: date(2026, 12, 31)}); err != nil {
				return err
			}
		}
		return nil
	}))
	f.Clock.Set(noon(date(2027, 1, 1)))
	begun := time.Now()
	n, err := f.Departures.EndKept(ctx)
	f.Must(err)
	t.Logf("%d ended in %v", n, time.Since(begun))
	if n != len(persons) || len(f.Keyring.Kept(class+1)) != 0 {
		t.Errorf("%d ended", n)
	}
	if entries, err := f.Keyring.Ledger(ctx, 1); err != nil || len(entries) != len(persons) {
		t.Errorf("%d entries, %v", len(entries), err)
	}
}
