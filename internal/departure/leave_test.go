package departure_test

import (
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// refused checks code and message key of a refusal.
func refused(t *testing.T, what string, err error, code fault.Code, key string) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Code != code || f.Key != key {
		t.Errorf("%s: got %v, want %s", what, err, key)
	}
}

// entries counts what the journal holds of an act about somebody.
func entries(t *testing.T, f *housetest.Fixture, person vault.PersonID, act journal.Act) (n int) {
	t.Helper()
	account, err := f.Journal.About(f.Context(), uint32(person), journal.Page{Limit: 1000})
	f.Must(err)
	for _, line := range account.Lines {
		if line.Act == act {
			n++
		}
	}
	return n
}

// denials counts the denials the journal holds.
func denials(f *housetest.Fixture) int {
	f.Must(f.DB.Write(f.Context(), func(*database.Tx) error { return nil })) // PostgreSQL sequences what waits
	_, err := f.Journal.Checkpoint(f.Context())
	f.Must(err)
	found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: journal.Denied}, journal.Page{Limit: 1000})
	f.Must(err)
	return len(found.Lines)
}

// open lists the open duties of the secretariat of a kind.
func open(f *housetest.Fixture, kind duty.Kind) (found []duty.Duty) {
	all, err := f.Duties.Open(f.Context(), duty.Responsible{Person: f.Person("anna"), Acts: map[unit.ID]charter.Acts{0: charter.Close}})
	f.Must(err)
	for _, d := range all {
		if d.Kind == kind {
			found = append(found, d)
		}
	}
	return found
}

func TestD6OnlyTheSecretariatCloses(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		employIT(f)
		for _, who := range []string{"chair", "officer", "treasurer", "other chair", "regional chair", "dorte", "ida", "neighbour", "member"} {
			before := denials(f)
			_, err := f.Departures.Close(ctx, f.As(who), person, "resignation", false)
			if !fault.Is(err, fault.Denied) {
				t.Errorf("%s closes: %v", who, err)
			}
			if denials(f) != before+1 {
				t.Errorf("%s: the denial is not journaled", who)
			}
		}
		before := denials(f)
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("anna"), "resignation", false)
		refused(t, "one's own", err, fault.Denied, "departure.error.own")
		if denials(f) != before+1 {
			t.Error("closing one's own: the denial is not journaled")
		}
		_, err = f.Departures.Close(ctx, f.As("anna"), person, "whim", false)
		refused(t, "without a reason", err, fault.Invalid, "departure.error.closing")
		_, err = f.Departures.Close(ctx, f.As("anna"), 4000, "resignation", false)
		refused(t, "nobody", err, fault.NotFound, "departure.error.none")

		d, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", false)
		f.Must(err)
		if d.State != departure.Hidden || d.ClosedBy != f.Person("anna") || !d.DueAt.Equal(d.ClosedAt.AddDate(0, 0, 3)) || d.Certificate == "" {
			t.Errorf("%+v", d)
		}
		_, err = f.Departures.Close(ctx, f.As("bo"), person, "resignation", false)
		refused(t, "twice", err, fault.Conflict, "departure.error.closed")
		if n := entries(t, f, person, journal.Close); n != 1 {
			t.Errorf("%d closings are journaled", n)
		}
		found, closing, err := f.Departures.Of(ctx, f.Scope("bo", access.Want{Act: charter.Close}), person)
		if err != nil || found != withEntry(d, found) || closing.Reason != "resignation" || closing.By != f.Person("anna") {
			t.Errorf("%+v %+v %v", found, closing, err)
		}
		// Somebody else in the secretariat closes hers; she has no rights left then.
		_, err = f.Departures.Close(ctx, f.As("bo"), f.Person("anna"), "mistake", false)
		f.Must(err)
		if err := f.Departures.Undo(ctx, f.As("anna"), f.Person("anna")); !fault.Is(err, fault.Denied) {
			t.Errorf("she undoes it herself: %v", err)
		}
	})
}

// employIT employs Ida, whose position closes nobody.
func employIT(f *housetest.Fixture) {
	f.Employ("ida", "it", member.Draft{Values: map[string]string{"given": "Ida", "family": "Itsgaard"}})
}

// withEntry gives a departure the times as the register has them.
func withEntry(d, stored departure.Departure) departure.Departure {
	if d.ClosedAt.Equal(stored.ClosedAt) && d.DueAt.Equal(stored.DueAt) {
		d.ClosedAt, d.DueAt = stored.ClosedAt, stored.DueAt
	}
	return d
}

func TestD6AnAssociationPassesAResignationOn(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person, today := f.Context(), f.Person("member"), f.Access.Today()
		pass := func(who, how string, on civil.Date) error {
			return f.Departures.PassOn(ctx, f.As(who), person, how, on)
		}
		refused(t, "another association", pass("other chair", "email", today), fault.NotFound, "departure.error.none")
		for _, who := range []string{"neighbour", "regional chair", "dorte"} {
			if err := pass(who, "email", today); !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v", who, err)
			}
		}
		refused(t, "tomorrow", pass("chair", "email", today.AddDays(1)), fault.Invalid, "departure.error.resignation")
		f.Must(pass("chair", "email", today))
		refused(t, "twice", pass("officer", "phone", today), fault.Conflict, "departure.error.passed_on")
		duties := open(f, duty.CloseMembership)
		if len(duties) != 1 || duties[0].Subject != int64(person) || duties[0].DueOn != today.AddDays(7) {
			t.Fatalf("the secretariat's duty: %+v", duties)
		}
		if n := entries(t, f, person, journal.Resign); n != 1 {
			t.Errorf("%d entries", n)
		}
		scope := f.Scope("anna", access.Want{Act: charter.View})
		heard, err := f.Departures.Resigned(ctx, scope, person)
		if err != nil || heard.How != "email" || heard.Unit != f.Bodies["gentofte"] || heard.By != f.Person("chair") || heard.On != today {
			t.Errorf("%+v %v", heard, err)
		}
		if _, err := f.Departures.Resigned(ctx, f.Scope("other chair", access.Want{Act: charter.View}), person); !fault.Is(err, fault.NotFound) {
			t.Errorf("another association is told: %v", err)
		}
		// Nothing has changed for the member yet.
		if !f.Members.Belongs(person, f.Bodies["gentofte"]) {
			t.Error("gone before the secretariat has closed")
		}
		// Another officer cannot take it back; who entered it can, the member, and the secretariat.
		if err := f.Departures.Withdraw(ctx, f.As("officer"), person); !fault.Is(err, fault.Denied) {
			t.Errorf("another officer withdraws: %v", err)
		}
		f.Must(f.Departures.Withdraw(ctx, f.As("member"), person))
		refused(t, "nothing to withdraw", f.Departures.Withdraw(ctx, f.As("member"), person), fault.NotFound, "departure.error.none")
		if len(open(f, duty.CloseMembership)) != 0 {
			t.Error("the duty stands")
		}
		f.Must(f.Departures.Ask(ctx, f.As("member")))
		heard, err = f.Departures.Resigned(ctx, f.Scope("member", access.Want{Self: true}), person)
		if err != nil || heard.How != "self" || heard.Unit != 0 || heard.By != person {
			t.Errorf("%+v %v", heard, err)
		}
		f.Must(f.Departures.Withdraw(ctx, f.As("anna"), person))
		f.Must(f.Departures.Ask(ctx, f.As("member")))
		if _, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", false); err != nil {
			t.Fatal(err)
		}
		if len(open(f, duty.CloseMembership)) != 0 {
			t.Error("the duty stands after the closing")
		}
		refused(t, "passed on after the closing", pass("chair", "email", today), fault.Conflict, "departure.error.closed")
	})
}

// N14, D7: the window ends by itself; then there is no way back.
func TestD7TheWindowEnds(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		d, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", false)
		f.Must(err)
		f.Clock.Set(d.DueAt.Add(-time.Second))
		if n, err := f.Departures.EraseDue(ctx); err != nil || n != 0 {
			t.Fatalf("erased %d a second early, %v", n, err)
		}
		f.Clock.Set(d.DueAt)
		refused(t, "undone at the end", f.Departures.Undo(ctx, f.As("bo"), person), fault.Gone, "departure.error.too_late")
		if n, err := f.Departures.EraseDue(ctx); err != nil || n != 1 {
			t.Fatalf("erased %d at the end, %v", n, err)
		}
		if n, err := f.Departures.EraseDue(ctx); err != nil || n != 0 {
			t.Fatalf("erased %d again, %v", n, err)
		}
		gone(t, f, "member")
		refused(t, "undone when erased", f.Departures.Undo(ctx, f.As("bo"), person), fault.NotFound, "departure.error.none")
		waiting, erased, err := f.Departures.Waiting(ctx, f.Scope("anna", access.Want{Act: charter.Close}))
		if err != nil || len(waiting) != 0 || len(erased) != 1 || erased[0].Person != person || erased[0].Certificate != d.Certificate {
			t.Errorf("%+v %+v %v", waiting, erased, err)
		}
		if n := entries(t, f, person, journal.Erase); n != 1 {
			t.Errorf("%d erasures are journaled", n)
		}
		for _, who := range []access.Want{{Act: charter.View}, {Act: charter.Search}} {
			if _, _, err := f.Departures.Waiting(ctx, f.Scope("anna", who)); !fault.Is(err, fault.Denied) {
				t.Errorf("waiting under %v: %v", who.Act, err)
			}
		}
		// A number is never given out twice, an address is free again.
		again := f.Join("again", "gentofte", map[string]string{"given": "Søren", "family": "Østergård", "email": roleOf("member").More["email"]}, false)
		if again == person || f.Number["again"] == f.Number["member"] {
			t.Errorf("%d has number %s once more", again, f.Number["again"])
		}
		f.Reopen()
		gone(t, f, "member")
	})
}

// gone checks that nothing opens about somebody any more and no row stands.
func gone(t *testing.T, f *housetest.Fixture, name string) {
	t.Helper()
	person := f.Person(name)
	if f.Keyring.Holds(person, vault.Membership) {
		t.Errorf("%s: the key stands", name)
	}
	if got, err := f.Keyring.Find(vault.ClaimNumber, f.Number[name]); err != nil || len(got) != 0 {
		t.Errorf("%s: the number is claimed by %v, %v", name, got, err)
	}
	f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
		for _, table := range []string{"record", "mail"} {
			var n int
			if err := q.QueryRow(`SELECT count(*) FROM `+table+` WHERE person = $1`, int64(person)).Scan(&n); err != nil {
				return err
			}
			if n != 0 {
				t.Errorf("%s: %d rows of %s", name, n, table)
			}
		}
		return nil
	}))
	if f.Members.Within(f.Scope("anna", access.Want{Act: charter.Close}), person) {
		t.Errorf("%s: memory still knows them", name)
	}
}

func TestD7ASecondPairOfEyesEndsTheWindow(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		_, err := f.Departures.Confirm(ctx, f.As("bo"), person)
		refused(t, "nobody is leaving", err, fault.NotFound, "departure.error.none")
		_, err = f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
		f.Must(err)
		duties := open(f, duty.ConfirmErasure)
		if len(duties) != 1 || duties[0].Subject != int64(person) {
			t.Fatalf("%+v", duties)
		}
		before := denials(f)
		_, err = f.Departures.Confirm(ctx, f.As("anna"), person)
		refused(t, "the same person", err, fault.Denied, "departure.error.second")
		if denials(f) != before+1 {
			t.Error("the denial is not journaled")
		}
		employIT(f)
		for _, who := range []string{"chair", "dorte", "ida"} {
			if _, err := f.Departures.Confirm(ctx, f.As(who), person); !fault.Is(err, fault.Denied) {
				t.Errorf("%s confirms: %v", who, err)
			}
		}
		// Until then it can be undone, and the duty goes with it.
		f.Must(f.Departures.Undo(ctx, f.As("anna"), person))
		if len(open(f, duty.ConfirmErasure)) != 0 {
			t.Error("the duty stands")
		}
		d, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
		f.Must(err)
		e, err := f.Departures.Confirm(ctx, f.As("bo"), person)
		f.Must(err)
		if e.State != departure.Erased || e.Certificate.Number != d.Certificate {
			t.Errorf("%+v", e)
		}
		gone(t, f, "member")
		if len(open(f, duty.ConfirmErasure)) != 0 {
			t.Error("the duty stands")
		}
		if n := entries(t, f, person, journal.Approve); n != 1 {
			t.Errorf("%d approvals are journaled", n)
		}
		_, err = f.Departures.Confirm(ctx, f.As("bo"), person)
		if !fault.Is(err, fault.NotFound) {
			t.Errorf("confirmed twice: %v", err)
		}
	})
}

// One person who cannot be erased does not keep the others waiting.
func TestN14OneWhoWaitsHoldsUpNobody(t *testing.T) {
	post := housetest.NewPost(t)
	post.Stop()
	f := housetest.New(t, housetest.Mail(post.Options()))
	ctx := f.Context()
	for _, name := range []string{"member", "without association"} {
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person(name), "mistake", false)
		f.Must(err)
	}
	_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("neighbour"), "resignation", false)
	f.Must(err)
	f.Clock.Add(3 * 24 * time.Hour)
	n, err := f.Departures.EraseDue(ctx)
	if err != nil || n != 2 {
		t.Errorf("%d erased, %v", n, err)
	}
	gone(t, f, "member") // silent: no letter goes to whoever was put in by mistake
	gone(t, f, "without association")
	if !f.Keyring.Holds(f.Person("neighbour"), vault.Membership) {
		t.Error("the neighbour's certificate was not waited for")
	}
}
