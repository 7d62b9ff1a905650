package joining_test

import (
	"testing"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/joining"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/transfer"
	"kartotek/internal/vault"
)

// claims is an application to Gentofte by somebody who seems to be a member of
// Lyngby, which the scheduled work has looked at.
func claims(t *testing.T, f *housetest.Fixture) (joining.Application, string) {
	t.Helper()
	return resembling(t, f, "Yrsa", "Yding", "yrsa@example.dk")
}

// resembling is an application of a name from an address that are a member's.
func resembling(t *testing.T, f *housetest.Fixture, given, family, email string) (joining.Application, string) {
	t.Helper()
	f.Must(f.Joining.Apply(f.Context(), wish(f, given, family, email, "gentofte")))
	_, token := letter(f, email, "joining.known")
	a, err := f.Joining.Confirm(f.Context(), token)
	f.Must(err)
	sweep(f)
	return a, token
}

// cards counts the cards of one name.
func cards(f *housetest.Fixture, name string) int {
	found, err := f.Members.Search(f.Context(), f.Scope("anna", access.Want{Act: charter.Search}), member.Query{Text: name})
	f.Must(err)
	return found.Total
}

func accepts(t *testing.T, f *housetest.Fixture, a joining.Application) joining.Application {
	t.Helper()
	done, err := f.Joining.Accept(f.Context(), f.As("officer"), a.ID, 0)
	f.Must(err)
	return done
}

// D11: whoever is a member elsewhere looks to the association like anybody: what
// it is shown, told and made to wait for is the same until the day.
func TestD11AnApplicantWhoIsAMemberLooksLikeAnyOther(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		member, memberKey := claims(t, f)
		other, otherKey := apply(t, f, wish(f, "Nina", "Nytilkommen", "nina@example.dk", "gentofte"))
		sweep(f)
		shape := func(id int64) joining.Seen {
			s, err := f.Joining.One(f.Context(), f.As("officer"), id)
			f.Must(err)
			return joining.Seen{Application: joining.Application{State: s.State, Unit: s.Unit, Looked: s.Looked, DueOn: s.DueOn}, Settles: s.Settles, Alike: s.Alike, Same: s.Same}
		}
		same := func(when string) {
			t.Helper()
			a, b := shape(member.ID), shape(other.ID)
			if a.State != b.State || a.Unit != b.Unit || a.Looked != b.Looked || a.DueOn != b.DueOn || a.Settles != b.Settles ||
				len(a.Alike)+len(b.Alike) != 0 || a.Same != nil || b.Same != nil {
				t.Errorf("%s: %+v and %+v", when, a, b)
			}
			x, err := f.Joining.Status(f.Context(), memberKey)
			f.Must(err)
			y, err := f.Joining.Status(f.Context(), otherKey)
			f.Must(err)
			if x.State != y.State || x.DueOn != y.DueOn {
				t.Errorf("%s: the applicants see %s and %s", when, x.State, y.State)
			}
		}
		same("before")
		if open := duties(f, "gentofte", charter.Create); len(open) != 2 || open[0].Kind != duty.Application || open[1].Kind != duty.Application {
			t.Fatalf("the association's duties: %+v", open)
		}
		accepts(t, f, member)
		accepts(t, f, other)
		same("accepted")
		f.Must(f.Joining.Claim(f.Context(), f.As("lyngby member"), member.ID, true))
		same("the member has answered")
		days(f, 6)
		same("the day before")
	})
}

// N15, D11: the member says that it is them, and the membership they have moves:
// one card, their number, no key of what they typed.
func TestAnApplicantWhoIsAMemberMoves(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		person, number := f.Person("lyngby member"), f.Number["lyngby member"]
		a, token := claims(t, f)
		if body, _ := letter(f, "yrsa@example.dk", "joining.yours"); body == "" {
			t.Error("the member was not told")
		}
		asked, err := f.Joining.Claims(f.Context(), f.As("lyngby member"))
		if err != nil || len(asked) != 1 || asked[0].ID != a.ID || asked[0].Unit != f.Bodies["gentofte"] {
			t.Fatalf("asked %+v, %v", asked, err)
		}
		if none, err := f.Joining.Claims(f.Context(), f.As("neighbour")); err != nil || len(none) != 0 {
			t.Fatalf("another is asked %+v, %v", none, err)
		}
		if err := f.Joining.Claim(f.Context(), f.As("neighbour"), a.ID, true); !fault.Is(err, fault.Gone) {
			t.Errorf("another says that it is them: %v", err)
		}
		f.Must(f.Joining.Claim(f.Context(), f.As("lyngby member"), a.ID, true))
		accepts(t, f, a)
		days(f, 7)
		if units := f.Members.Units(person); len(units) != 1 || units[0] != f.Bodies["gentofte"] || cards(f, "Yrsa Yding") != 1 {
			t.Fatalf("belongs to %v, %d cards", units, cards(f, "Yrsa Yding"))
		}
		c, err := f.Members.Card(f.Context(), f.Scope("officer", access.Want{Act: charter.View}), person)
		if err != nil || c.Profile.Number != number {
			t.Errorf("number %s, was %s: %v", c.Profile.Number, number, err)
		}
		if own, err := f.Joining.Status(f.Context(), token); err != nil || own.State != joining.Accepted {
			t.Errorf("the applicant sees %s, %v", own.State, err)
		}
		if f.Keyring.Holds(a.Person, vault.Membership) {
			t.Error("what was typed has its key")
		}
		if len(duties(f, "", charter.Create)) != 0 {
			t.Error("the secretariat still has to say")
		}
		cases, _, err := f.Transfers.List(f.Context(), f.As("officer"), 0, 50)
		if err != nil || len(cases) != 1 || cases[0].State != transfer.Moved || cases[0].Moving.Side != transfer.ByMember {
			t.Errorf("cases %+v, %v", cases, err)
		}
		about, err := f.Journal.About(f.Context(), uint32(person), journal.Page{Limit: 50})
		f.Must(err)
		acts := map[journal.Act]int{}
		for _, l := range about.Lines {
			acts[l.Act]++
		}
		if acts[journal.Move] != 1 || acts[journal.Accept] != 1 || acts[journal.Create] > 1 {
			t.Errorf("the journal has %v", acts)
		}
		f.Reopen()
		if !f.Members.Belongs(person, f.Bodies["gentofte"]) || cards(f, "Yrsa Yding") != 1 {
			t.Error("otherwise after a start")
		}
	})
}

// Where the charter lets one belong to two bodies, a second membership stands on
// the same card.
func TestWithDualMembershipThereIsASecondOne(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		f.Charter.Transfers.Dual.Value = true
		a, _ := claims(t, f)
		f.Must(f.Joining.Claim(f.Context(), f.As("lyngby member"), a.ID, true))
		accepts(t, f, a)
		days(f, 7)
		if units := f.Members.Units(f.Person("lyngby member")); len(units) != 2 || cards(f, "Yrsa Yding") != 1 {
			t.Errorf("belongs to %v, %d cards", units, cards(f, "Yrsa Yding"))
		}
	})
}

// Nobody has said who it is: no second card, no move; the applicant is told the
// one neutral word, and what they typed is erased.
func TestOfWhomNobodyHasSaidNothingComes(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		a, token := claims(t, f)
		accepts(t, f, a)
		f.Must(f.Joining.Claim(f.Context(), f.As("lyngby member"), a.ID, false))
		if again, err := f.Joining.Claims(f.Context(), f.As("lyngby member")); err != nil || len(again) != 0 {
			t.Errorf("asked again: %+v, %v", again, err)
		}
		days(f, 7)
		if f.Members.Belongs(f.Person("lyngby member"), f.Bodies["gentofte"]) || cards(f, "Yrsa Yding") != 1 {
			t.Error("moved, or a second card")
		}
		own, err := f.Joining.Status(f.Context(), token)
		if err != nil || own.State != joining.Declined || own.Form.Reason != "unconfirmed" {
			t.Fatalf("the applicant sees %s %s, %v", own.State, own.Form.Reason, err)
		}
		if seen, err := f.Joining.One(f.Context(), f.As("officer"), a.ID); err != nil || seen.State != joining.Declined || seen.Form.Reason != "" {
			t.Errorf("the association sees %+v, %v", seen.Form, err)
		}
		if body, _ := letter(f, "yrsa@example.dk", "joining.news"); body == "" {
			t.Error("the applicant was not told")
		}
		days(f, 31)
		left(t, f, a)
	})
}

// The secretariat sees the match and says which: another person gets a card of
// their own, the same one moves at once, and neither goes before it is said.
func TestD11TheSecretariatSaysWhoItIs(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		a, _ := claims(t, f)
		office, err := f.Joining.One(f.Context(), f.As("anna"), a.ID)
		if err != nil || len(office.Alike) != 1 || office.Alike[0].Person != f.Person("lyngby member") || office.Alike[0].Name != "Yrsa Yding" {
			t.Fatalf("the secretariat sees %+v, %v", office.Alike, err)
		}
		if open := duties(f, "", charter.Create); len(open) != 1 || open[0].Kind != duty.ApplicantAlike || open[0].DueOn != f.Access.Today().AddDays(7) {
			t.Fatalf("the secretariat's duties: %+v", open)
		}
		if _, err := f.Joining.Accept(f.Context(), f.As("anna"), a.ID, 0); fault.From(err) == nil || fault.From(err).Key != "joining.error.alike" {
			t.Errorf("accepted before it is said: %v", err)
		}
		if _, err := f.Joining.Distinguish(f.Context(), f.As("officer"), a.ID); !fault.Is(err, fault.Gone) {
			t.Errorf("the association says who it is: %v", err)
		}
		if _, err := f.Joining.Identify(f.Context(), f.As("anna"), a.ID, f.Person("neighbour")); !fault.Is(err, fault.Invalid) {
			t.Errorf("somebody else altogether: %v", err)
		}
		_, err = f.Joining.Distinguish(f.Context(), f.As("anna"), a.ID)
		f.Must(err)
		done, err := f.Joining.Accept(f.Context(), f.As("anna"), a.ID, 0)
		if err != nil || done.State != joining.Accepted || cards(f, "Yrsa Yding") != 2 || !f.Members.Belongs(f.Person("lyngby member"), f.Bodies["lyngby"]) {
			t.Fatalf("%s, %d cards, %v", done.State, cards(f, "Yrsa Yding"), err)
		}
		b, _ := resembling(t, f, "Frode", "Fynbo", "frode@example.dk")
		_, err = f.Joining.Identify(f.Context(), f.As("anna"), b.ID, f.Person("odense member"))
		f.Must(err)
		if seen, err := f.Joining.One(f.Context(), f.As("anna"), b.ID); err != nil || seen.Same == nil || seen.Same.Name != "Frode Fynbo" {
			t.Fatalf("%+v, %v", seen.Same, err)
		}
		done, err = f.Joining.Accept(f.Context(), f.As("anna"), b.ID, 0)
		if err != nil || done.State != joining.Accepted || done.Person != f.Person("odense member") || cards(f, "Frode Fynbo") != 1 {
			t.Errorf("%s, %d cards, %v", done.State, cards(f, "Frode Fynbo"), err)
		}
	})
}

// An association may know its own: somebody who is a member there already is shown
// to it and taken in by nobody.
func TestWhoIsAMemberHereAlreadyIsNotTakenIn(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		a, _ := resembling(t, f, "Inger", "Nabogaard", "inger@example.dk")
		seen, err := f.Joining.One(f.Context(), f.As("officer"), a.ID)
		if err != nil || len(seen.Alike) != 1 || seen.Alike[0].Person != f.Person("neighbour") {
			t.Fatalf("%+v, %v", seen.Alike, err)
		}
		for _, who := range []string{"officer", "anna"} {
			if _, err := f.Joining.Accept(f.Context(), f.As(who), a.ID, 0); fault.From(err) == nil || fault.From(err).Key != "joining.error.here" {
				t.Errorf("%s: %v", who, err)
			}
		}
	})
}

// A stop after the yes is made good on the day; one between the move and the
// erasure of what was typed by the next start.
func TestAStopWhileSettlingIsMadeGood(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		a, _ := claims(t, f)
		f.Must(f.Joining.Claim(f.Context(), f.As("lyngby member"), a.ID, true))
		accepts(t, f, a)
		// They move by themselves before the day: the application follows.
		c, err := f.Transfers.Propose(f.Context(), f.As("lyngby member"), transfer.Wish{Person: f.Person("lyngby member"), To: f.Bodies["gentofte"]})
		f.Must(err)
		_, err = f.Transfers.Accept(f.Context(), f.As("officer"), c.ID, false)
		f.Must(err)
		f.Reopen()
		days(f, 7)
		var person, records int64
		var state string
		f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
			n, err := f.Records.Count(q, a.Person, vault.Membership)
			if err != nil {
				return err
			}
			records = int64(n)
			return q.QueryRow(`SELECT state, person FROM application WHERE id = $1`, a.ID).Scan(&state, &person)
		}))
		if state != "accepted" || person != int64(f.Person("lyngby member")) || records != 0 || f.Keyring.Holds(a.Person, vault.Membership) {
			t.Errorf("%s, person %d, %d records", state, person, records)
		}
	})
}
