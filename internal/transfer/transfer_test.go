package transfer_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/transfer"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// town is a house in which Lyngby too has somebody who takes members in.
func town(t *testing.T, body func(t *testing.T, f *housetest.Fixture)) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		f.Appoint("lyngby member", "membership-officer", "lyngby")
		body(t, f)
	})
}

func propose(f *housetest.Fixture, by, who, to string) transfer.Case {
	c, err := f.Transfers.Propose(f.Context(), f.As(by), transfer.Wish{Person: f.Person(who), To: f.Bodies[to]})
	f.Must(err)
	return c
}

func days(f *housetest.Fixture, n int) {
	f.Clock.Add(time.Duration(n) * 24 * time.Hour)
	sweep(f)
}

func card(t *testing.T, f *housetest.Fixture, by, who string) (*member.Card, error) {
	t.Helper()
	return f.Members.Card(f.Context(), f.Scope(by, access.Want{Act: charter.View}), f.Person(who))
}

// The member moves when the receiver says yes: number, joining date and category
// go along, the old body's access and the posts in it end at that moment (D11).
func TestD11TheMoveTakesTheMemberAndTheOldAccessEnds(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		before, err := card(t, f, "officer", "treasurer")
		f.Must(err)
		c := propose(f, "officer", "treasurer", "lyngby")
		if _, err := f.Transfers.Accept(f.Context(), f.As("officer"), c.ID, false); !fault.Is(err, fault.Denied) {
			t.Fatalf("who proposed has accepted: %v", err)
		}
		if _, err := card(t, f, "lyngby member", "treasurer"); !fault.Is(err, fault.NotFound) {
			t.Fatalf("the receiver opens the card before: %v", err)
		}
		open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{f.Bodies["lyngby"]: charter.Create}})
		if err != nil || len(open) != 1 || open[0].Kind != duty.Transfer || open[0].Subject != c.ID {
			t.Fatalf("the receiver's duties: %+v, %v", open, err)
		}
		done, err := f.Transfers.Accept(f.Context(), f.As("lyngby member"), c.ID, false)
		if err != nil || done.State != transfer.Moved {
			t.Fatalf("%s, %v", done.State, err)
		}
		if _, err := card(t, f, "officer", "treasurer"); !fault.Is(err, fault.NotFound) {
			t.Errorf("the old body still opens the card: %v", err)
		}
		after, err := card(t, f, "lyngby member", "treasurer")
		f.Must(err)
		was, is := before.Memberships[0], after.Memberships[0]
		if after.Profile.Number != before.Profile.Number || after.Profile.Joined != before.Profile.Joined ||
			is.Category != was.Category || is.From != was.From || is.Unit != f.Bodies["lyngby"] {
			t.Errorf("%+v became %+v", was, is)
		}
		if held := f.Access.Held(f.Person("treasurer")); len(held) != 0 {
			t.Errorf("still holds %+v", held)
		}
		f.Reopen()
		if _, err := card(t, f, "officer", "treasurer"); !fault.Is(err, fault.NotFound) {
			t.Errorf("after a start the old body opens the card: %v", err)
		}
		if held := f.Access.Held(f.Person("treasurer")); len(held) != 0 {
			t.Errorf("after a start still holds %+v", held)
		}
		about, err := f.Journal.About(f.Context(), uint32(f.Person("treasurer")), journal.Page{Limit: 50})
		f.Must(err)
		acts := map[journal.Act]int{}
		for _, l := range about.Lines {
			acts[l.Act]++
		}
		if acts[journal.Propose] != 1 || acts[journal.Accept] != 1 || acts[journal.Move] != 1 || acts[journal.Dismiss] != 1 {
			t.Errorf("the journal has %v", acts)
		}
	})
}

// The mails say that something waits, and name nobody.
func TestMailsNameNobody(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		propose(f, "officer", "member", "lyngby")
		f.Post()
		shown, err := f.Mail.Mailbox(f.Context())
		f.Must(err)
		kinds := map[string]bool{}
		for _, letter := range shown {
			kinds[letter.Kind] = true
			for _, word := range []string{"Søren", "Quistorff", "Lyngby", "Gentofte", f.Number["member"]} {
				if strings.Contains(letter.Subject+letter.Body, word) {
					t.Errorf("%s says %s: %s", letter.Kind, word, letter.Body)
				}
			}
		}
		if !kinds["transfer.waits"] || !kinds["transfer.proposed"] {
			t.Errorf("sent: %v", kinds)
		}
	})
}

// A move of the future happens on its day, by itself; until then either side
// takes it back.
func TestTheDayComes(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		on := f.Access.Today().AddDays(10)
		c, err := f.Transfers.Propose(f.Context(), f.As("member"), transfer.Wish{Person: f.Person("member"), To: f.Bodies["lyngby"], On: on})
		f.Must(err)
		if c.Moving.Side != transfer.ByMember {
			t.Fatalf("proposed by %s", c.Moving.Side)
		}
		c, err = f.Transfers.Accept(f.Context(), f.As("lyngby member"), c.ID, false)
		if err != nil || c.State != transfer.Agreed {
			t.Fatalf("%s, %v", c.State, err)
		}
		days(f, 9)
		if !f.Members.Belongs(f.Person("member"), f.Bodies["gentofte"]) {
			t.Error("moved too soon")
		}
		days(f, 1)
		if !f.Members.Belongs(f.Person("member"), f.Bodies["lyngby"]) || f.Members.Belongs(f.Person("member"), f.Bodies["gentofte"]) {
			t.Error("not moved on the day")
		}
		if _, err := f.Transfers.Cancel(f.Context(), f.As("member"), c.ID); !fault.Is(err, fault.Gone) {
			t.Errorf("taken back after the day: %v", err)
		}
		days(f, 31)
		if _, err := f.Transfers.One(f.Context(), f.As("anna"), c.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("still there after a month: %v", err)
		}
	})
}

// Silence ends a proposal, and so do a no and taking it back; nothing moves.
func TestSilenceNoAndTakingBackChangeNothing(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		c := propose(f, "officer", "member", "lyngby")
		if _, err := f.Transfers.Propose(f.Context(), f.As("member"), transfer.Wish{Person: f.Person("member"), To: f.Bodies["odense"]}); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second move beside the first: %v", err)
		}
		if _, err := f.Transfers.Refuse(f.Context(), f.As("lyngby member"), c.ID, "because he snores"); !fault.Is(err, fault.Invalid) {
			t.Errorf("a reason of one's own: %v", err)
		}
		c, err := f.Transfers.Refuse(f.Context(), f.As("lyngby member"), c.ID, "wrong-body")
		if err != nil || c.State != transfer.Refused {
			t.Fatalf("%s, %v", c.State, err)
		}
		c = propose(f, "anna", "member", "lyngby")
		c, err = f.Transfers.Cancel(f.Context(), f.As("member"), c.ID)
		if err != nil || c.State != transfer.Cancelled {
			t.Fatalf("%s, %v", c.State, err)
		}
		c = propose(f, "officer", "member", "lyngby")
		days(f, f.Charter.Transfers.AnswerDays.Value)
		if seen, err := f.Transfers.One(f.Context(), f.As("officer"), c.ID); err != nil || seen.State != transfer.Asked {
			t.Errorf("on the last day: %s, %v", seen.State, err)
		}
		days(f, 1)
		if seen, err := f.Transfers.One(f.Context(), f.As("officer"), c.ID); err != nil || seen.State != transfer.Expired {
			t.Errorf("the day after: %s, %v", seen.State, err)
		}
		if !f.Members.Belongs(f.Person("member"), f.Bodies["gentofte"]) {
			t.Error("moved all the same")
		}
		if open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{f.Bodies["lyngby"]: charter.Create}}); err != nil || len(open) != 0 {
			t.Errorf("duties are left: %+v, %v", open, err)
		}
	})
}

// Nobody proposes for a member of another body, and nobody sees its cases.
func TestD11OthersSeeNothing(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		if _, err := f.Transfers.Propose(f.Context(), f.As("officer"), transfer.Wish{Person: f.Person("odense member"), To: f.Bodies["gentofte"]}); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else's member: %v", err)
		}
		c := propose(f, "anna", "odense member", "lyngby")
		_, elsewhere := f.Transfers.One(f.Context(), f.As("officer"), c.ID)
		_, nowhere := f.Transfers.One(f.Context(), f.As("officer"), 10_000_001)
		if !fault.Is(elsewhere, fault.NotFound) || elsewhere.Error() != nowhere.Error() {
			t.Errorf("elsewhere %v, nowhere %v", elsewhere, nowhere)
		}
		rows, total, err := f.Transfers.List(f.Context(), f.As("officer"), 0, 50)
		if err != nil || total != 0 || len(rows) != 0 {
			t.Errorf("%+v, %v", rows, err)
		}
		rows, _, err = f.Transfers.List(f.Context(), f.As("lyngby member"), 0, 50)
		if err != nil || len(rows) != 1 || !rows[0].Waits || rows[0].Name != "Frode Fynbo" {
			t.Errorf("%+v, %v", rows, err)
		}
	})
}

// A body that closes, or a member who leaves, in between ends the move.
func TestTheWorldMayChangeMeanwhile(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		on := f.Access.Today().AddDays(3)
		c, err := f.Transfers.Propose(f.Context(), f.As("member"), transfer.Wish{Person: f.Person("member"), To: f.Bodies["lyngby"], On: on})
		f.Must(err)
		_, err = f.Transfers.Accept(f.Context(), f.As("lyngby member"), c.ID, false)
		f.Must(err)
		_, err = f.Departures.Close(f.Context(), f.As("anna"), f.Person("member"), "resignation", false)
		f.Must(err)
		days(f, 3)
		if f.Members.Belongs(f.Person("member"), f.Bodies["lyngby"]) {
			t.Error("somebody who leaves has moved")
		}
		_, err = f.Departures.EraseDue(f.Context())
		f.Must(err)
		sweep(f)
		if rows, _, err := f.Transfers.List(f.Context(), f.As("anna"), 0, 50); err != nil || len(rows) != 0 {
			t.Errorf("%+v, %v", rows, err)
		}
	})
}

// added is a person as an officer types them.
func added(given, family, email string) member.Draft {
	return member.Draft{Values: map[string]string{"given": given, "family": family, "email": email}}
}

func add(t *testing.T, f *housetest.Fixture, by string, draft member.Draft) transfer.Seen {
	t.Helper()
	person, number, err := f.Members.Create(f.Context(), f.Scope(by, access.Want{Act: charter.Create}), draft)
	if err != nil || person != 0 || number != "" {
		t.Fatalf("%d, %s, %v", person, number, err)
	}
	rows, _, err := f.Transfers.List(f.Context(), f.As(by), 0, 50)
	f.Must(err)
	for _, r := range rows {
		if r.Kind == transfer.Addition && r.Name == draft.Values["given"]+" "+draft.Values["family"] {
			return r
		}
	}
	t.Fatalf("the addition is not listed: %+v", rows)
	return transfer.Seen{}
}

// Somebody new becomes a member on the day, once the secretariat has said yes.
func TestD11SomebodyNewIsConfirmed(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		draft := added("Nina", "Nytilkommen", "nina@example.dk")
		draft.Secret = member.Secrecy{Secret: true, Until: civil.Date{Year: 2027, Month: 3, Day: 1}}
		r := add(t, f, "officer", draft)
		sweep(f)
		if _, err := f.Transfers.Accept(f.Context(), f.As("officer"), r.ID, false); !fault.Is(err, fault.Denied) {
			t.Fatalf("the officer has confirmed: %v", err)
		}
		if c, err := f.Transfers.Accept(f.Context(), f.As("anna"), r.ID, false); err != nil || c.State != transfer.Confirmed {
			t.Fatalf("%s, %v", c.State, err)
		}
		days(f, 6)
		if one, err := f.Transfers.One(f.Context(), f.As("officer"), r.ID); err != nil || one.State != transfer.Waiting {
			t.Errorf("before the day: %s, %v", one.State, err)
		}
		f.Reopen()
		days(f, 1)
		one, err := f.Transfers.One(f.Context(), f.As("officer"), r.ID)
		if err != nil || one.State != transfer.Joined || one.Name != "Nina Nytilkommen" {
			t.Fatalf("on the day: %+v, %v", one, err)
		}
		c, err := f.Members.Card(f.Context(), f.Scope("officer", access.Want{Act: charter.View}), one.Person)
		if err != nil || c.Profile.Number == "" || c.Memberships[0].Unit != f.Bodies["gentofte"] {
			t.Fatalf("%+v, %v", c, err)
		}
		if !c.Profile.SecretAddress || c.Profile.SecretUntil != draft.Secret.Until {
			t.Errorf("protected until %v", c.Profile.SecretUntil)
		}
		if found, err := f.Keyring.Find(vault.ClaimEmail, "nina@example.dk"); err != nil || len(found) != 1 {
			t.Errorf("signs in as %v, %v", found, err)
		}
		f.Reopen()
		if !f.Members.Belongs(one.Person, f.Bodies["gentofte"]) {
			t.Error("gone after a start")
		}
	})
}

// Somebody known is asked, with their body; on the day they move, and what the
// officer had typed is erased with its key.
func TestD11SomebodyKnownIsAsked(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		r := add(t, f, "officer", added("Frode", "Fynbo", "frode@example.dk"))
		placeholder := r.Person
		sweep(f)
		own, err := f.Transfers.Own(f.Context(), f.As("odense member"))
		if err != nil || len(own) != 1 || !own[0].Waits || own[0].Moving.To != f.Bodies["gentofte"] {
			t.Fatalf("%+v, %v", own, err)
		}
		_, err = f.Transfers.Accept(f.Context(), f.As("odense member"), own[0].ID, false)
		f.Must(err)
		days(f, 6)
		if one, err := f.Transfers.One(f.Context(), f.As("officer"), r.ID); err != nil || one.State != transfer.Waiting {
			t.Errorf("before the day: %s, %v", one.State, err)
		}
		days(f, 1)
		one, err := f.Transfers.One(f.Context(), f.As("officer"), r.ID)
		if err != nil || one.State != transfer.Joined || one.Person != f.Person("odense member") {
			t.Fatalf("on the day: %+v, %v", one, err)
		}
		if c, err := card(t, f, "officer", "odense member"); err != nil || c.Profile.Number != f.Number["odense member"] {
			t.Errorf("the number did not stay: %v", err)
		}
		if f.Keyring.Holds(placeholder, vault.Membership) {
			t.Error("the key of what was typed is left")
		}
	})
}

// Nobody answers, or somebody says no: both end on the same day, and what was
// typed is erased with its key. The question to the member ends too.
func TestD11WhatIsNotConfirmedIsErased(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		fresh := add(t, f, "officer", added("Nina", "Nytilkommen", "nina@example.dk"))
		known := add(t, f, "officer", added("Frode", "Fynbo", "frode@example.dk"))
		silent := add(t, f, "officer", added("Yrsa", "Yding", "yrsa@example.dk"))
		sweep(f)
		_, err := f.Transfers.Refuse(f.Context(), f.As("anna"), fresh.ID, "unknown")
		f.Must(err)
		own, err := f.Transfers.Own(f.Context(), f.As("odense member"))
		f.Must(err)
		_, err = f.Transfers.Refuse(f.Context(), f.As("odense member"), own[0].ID, "stays")
		f.Must(err)
		for _, want := range []transfer.State{transfer.Waiting, transfer.Ended} {
			for _, r := range []transfer.Seen{fresh, known, silent} {
				if one, err := f.Transfers.One(f.Context(), f.As("officer"), r.ID); err != nil || one.State != want {
					t.Errorf("%s: %s, %v; want %s", r.Name, one.State, err, want)
				}
			}
			days(f, 7)
		}
		for _, r := range []transfer.Seen{fresh, known, silent} {
			if f.Keyring.Holds(r.Person, vault.Membership) {
				t.Errorf("the key of %s is left", r.Name)
			}
		}
		if own, err := f.Transfers.Own(f.Context(), f.As("lyngby member")); err != nil || own[0].State.Open() {
			t.Errorf("the question is open: %+v, %v", own, err)
		}
		if !f.Members.Belongs(f.Person("odense member"), f.Bodies["odense"]) || !f.Members.Belongs(f.Person("lyngby member"), f.Bodies["lyngby"]) {
			t.Error("somebody moved")
		}
		f.Reopen()
	})
}

// The secretariat says that it is somebody else of the same name.
func TestSomebodyElseOfTheSameName(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		r := add(t, f, "officer", added("Frode", "Fynbo", "frode@example.dk"))
		sweep(f)
		one, err := f.Transfers.One(f.Context(), f.As("anna"), r.ID)
		if err != nil || len(one.Alike) != 1 || one.Alike[0].Name != "Frode Fynbo" || one.Waits {
			t.Fatalf("%+v, %v", one, err)
		}
		_, err = f.Transfers.Distinguish(f.Context(), f.As("anna"), r.ID)
		f.Must(err)
		_, err = f.Transfers.Accept(f.Context(), f.As("anna"), r.ID, false)
		f.Must(err)
		days(f, 7)
		if f.Members.Count(f.Bodies["odense"]) != 1 || !f.Members.Belongs(f.Person("odense member"), f.Bodies["odense"]) {
			t.Error("the member was taken along")
		}
		if one, err := f.Transfers.One(f.Context(), f.As("officer"), r.ID); err != nil || one.State != transfer.Joined || one.Person == f.Person("odense member") {
			t.Errorf("%+v, %v", one, err)
		}
	})
}

// A couple with one mailbox are two persons.
func TestASharedMailboxIsNoSign(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		r := add(t, f, "officer", added("Fie", "Fynbo", "frode@example.dk"))
		sweep(f)
		if one, err := f.Transfers.One(f.Context(), f.As("anna"), r.ID); err != nil || len(one.Alike) != 0 || !one.Waits {
			t.Errorf("%+v, %v", one, err)
		}
	})
}

// stopped is an eraser that a stop of the program keeps from its work.
type stopped struct{}

func (stopped) Discard(context.Context, vault.PersonID) error { return errors.New("stopped here") }

// A stop before the erasure leaves nothing of what was typed: neither where the
// member has moved already, nor where the addition has ended.
func TestAStopBeforeTheErasureIsMadeGood(t *testing.T) {
	town(t, func(t *testing.T, f *housetest.Fixture) {
		moves := add(t, f, "officer", added("Frode", "Fynbo", "frode@example.dk"))
		ends := add(t, f, "officer", added("Nina", "Nytilkommen", "nina@example.dk"))
		sweep(f)
		own, err := f.Transfers.Own(f.Context(), f.As("odense member"))
		f.Must(err)
		_, err = f.Transfers.Accept(f.Context(), f.As("odense member"), own[0].ID, false)
		f.Must(err)
		parts := f.Transfers.Parts
		parts.Eraser = stopped{}
		f.Clock.Add(7 * 24 * time.Hour)
		cut := transfer.New(parts)
		failed := cut.Work(f.Context())
		if _, err := cut.End(f.Context(), f.Clock.Now()); failed == nil || err == nil {
			t.Fatal("nothing stopped it")
		}
		if !f.Members.Belongs(f.Person("odense member"), f.Bodies["gentofte"]) || !f.Keyring.Holds(moves.Person, vault.Membership) || !f.Keyring.Holds(ends.Person, vault.Membership) {
			t.Fatal("not the moment that is meant")
		}
		f.Reopen()
		sweep(f)
		for _, r := range []transfer.Seen{moves, ends} {
			if f.Keyring.Holds(r.Person, vault.Membership) {
				t.Errorf("the key of what was typed about %s is left", r.Name)
			}
		}
		if one, err := f.Transfers.One(f.Context(), f.As("officer"), moves.ID); err != nil || one.State != transfer.Joined {
			t.Errorf("%s, %v", one.State, err)
		}
		f.Must(f.Keyring.VerifyLedger(f.Context()))
	})
}

func TestDaysAreChecked(t *testing.T) {
	f := housetest.New(t)
	for _, on := range []civil.Date{f.Access.Today().AddDays(-1), f.Access.Today().AddDays(400), {Year: 2027, Month: 2, Day: 30}} {
		_, err := f.Transfers.Propose(f.Context(), f.As("officer"), transfer.Wish{Person: f.Person("member"), To: f.Bodies["lyngby"], On: on})
		if e := fault.From(err); e.Code != fault.Invalid || len(e.Fields) != 1 || e.Fields[0].Name != "on" {
			t.Errorf("%v: %v", on, err)
		}
	}
}
