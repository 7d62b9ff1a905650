package departure_test

import (
	"slices"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// twice registers the member a second time, in another association, with more and
// other data, a post, an objection and a secret address.
func twice(f *housetest.Fixture) (kept, other vault.PersonID) {
	kept = f.Person("member")
	other = f.Join("again", "lyngby", map[string]string{
		"given": "Søren Åge", "family": "Østergård-Quistorff", "birth": "23-09-1961", "address": "Nyvej 3", "postal": "2800", "town": "Kongens Lyngby",
		"email": "ny.quistorff@example.dk", "mobile": "20 30 40 50", "joined": "01-05-2001", "sex": "male",
	}, true)
	f.Must(f.Members.SetObjection(f.Context(), f.Scope("anna", access.Want{Act: charter.Edit}), other, "newsletter", true))
	f.Appoint("again", "treasurer", "lyngby")
	return kept, other
}

func byNumber(f *housetest.Fixture, number string) (vault.PersonID, error) {
	return f.Members.ByNumber(f.Context(), f.Scope("anna", access.Want{Act: charter.View}), number)
}

func card(f *housetest.Fixture, person vault.PersonID) *member.Card {
	c, err := f.Members.Reveal(f.Context(), f.Scope("anna", access.Want{Act: charter.View}), person)
	f.Must(err)
	return c
}

// merge is proposed by Anna and confirmed by Bo.
func merge(f *housetest.Fixture, kept, other vault.PersonID, take []string) departure.Departure {
	_, err := f.Departures.ProposeMerge(f.Context(), f.As("anna"), kept, other, take)
	f.Must(err)
	d, err := f.Departures.ConfirmMerge(f.Context(), f.As("bo"), other)
	f.Must(err)
	return d
}

func TestTwoCardsBecomeOneAndTheOtherIsErased(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		kept, other := twice(f)
		d := merge(f, kept, other, []string{"email"})
		if d.Person != other || d.State != "hidden" {
			t.Errorf("%+v", d)
		}
		check := func(when string) {
			t.Helper()
			c := card(f, kept)
			p := &c.Profile
			if p.Email != "ny.quistorff@example.dk" || p.Street != "Bregnebjerglundvej 117, 3. tv." || p.Sex != "male" || p.Joined.Year != 2001 {
				t.Errorf("%s: %+v", when, p)
			}
			if !p.SecretAddress || !slices.Equal(p.Objections, []string{"newsletter"}) {
				t.Errorf("%s: what protects is lost: secret %v, objections %v", when, p.SecretAddress, p.Objections)
			}
			if len(c.Memberships) != 2 {
				t.Errorf("%s: %+v", when, c.Memberships)
			}
			for _, number := range []string{f.Number["member"], f.Number["again"]} {
				if found, err := byNumber(f, number); err != nil || found != kept {
					t.Errorf("%s: number %s finds %d, %v", when, number, found, err)
				}
			}
			hits, err := f.Members.Search(ctx, f.Scope("anna", access.Want{Act: charter.Search}), member.Query{Text: f.Number["again"]})
			if err != nil || hits.Total != 1 || hits.Rows[0].Person != kept {
				t.Errorf("%s: the search by the old number: %+v %v", when, hits, err)
			}
			if scope, err := f.Access.Decide(f.As("member"), access.Want{Act: charter.Pull}); err != nil || scope.Unit() != f.Bodies["lyngby"] {
				t.Errorf("%s: the post has not moved: %v", when, err)
			}
			if _, err := f.Access.Decide(f.As("again"), access.Want{Act: charter.Pull}); !fault.Is(err, fault.Denied) {
				t.Errorf("%s: the other still has rights", when)
			}
		}
		check("at once")
		f.Reopen()
		check("after a start")
		for _, person := range []vault.PersonID{kept, other} {
			if n := entries(t, f, person, journal.Merge); n != 1 {
				t.Errorf("%d mergings are journaled", n)
			}
		}
		f.Clock.Set(d.DueAt.Add(time.Hour))
		if n, err := f.Departures.EraseDue(ctx); err != nil || n != 1 {
			t.Fatalf("%d erased: %v", n, err)
		}
		if _, err := f.Keyring.Ledger(ctx, 1); err != nil {
			t.Error(err)
		}
		check("after the erasure")
		if _, err := f.Members.Card(ctx, f.Scope("anna", access.Want{Act: charter.View}), other); !fault.Is(err, fault.NotFound) {
			t.Errorf("the other's card: %v", err)
		}
		f.Reopen()
		check("after the erasure and a start")
	})
}

func TestAMergingIsTakenBack(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		kept, other := twice(f)
		was, wasOther := card(f, kept), card(f, other)
		merge(f, kept, other, []string{"address", "email"})
		// Somebody changes the kept card meanwhile: that stays.
		_, err := f.Members.Update(ctx, f.Scope("anna", access.Want{Act: charter.Edit}), kept, member.Changes{Values: map[string]string{"mobile": "60 70 80 90"}})
		f.Must(err)
		lost, err := f.Departures.Reopen(ctx, f.As("bo"), other)
		if err != nil || len(lost) != 0 {
			t.Fatal(lost, err)
		}
		for range 2 {
			now, nowOther := card(f, kept), card(f, other)
			want := was.Profile
			want.Mobile = "+4560708090"
			if !same(&now.Profile, &want) || !slices.Equal(now.Memberships, was.Memberships) {
				t.Errorf("%+v %+v, want %+v", now.Profile, now.Memberships, want)
			}
			if !same(&nowOther.Profile, &wasOther.Profile) || !slices.Equal(nowOther.Memberships, wasOther.Memberships) {
				t.Errorf("%+v, want %+v", nowOther, wasOther)
			}
			for person, number := range map[vault.PersonID]string{kept: f.Number["member"], other: f.Number["again"]} {
				if found, err := byNumber(f, number); err != nil || found != person {
					t.Errorf("number %s finds %d, %v", number, found, err)
				}
			}
			if scope, err := f.Access.Decide(f.As("again"), access.Want{Act: charter.Pull}); err != nil || scope.Unit() != f.Bodies["lyngby"] {
				t.Errorf("the post is not back: %v", err)
			}
			if _, err := f.Access.Decide(f.As("member"), access.Want{Act: charter.Pull}); !fault.Is(err, fault.Denied) {
				t.Error("the post stayed too")
			}
			f.Reopen()
		}
	})
}

// same compares what is known of somebody, but for what only a text of its own order tells.
func same(a, b *member.Profile) bool {
	for _, code := range []string{"number", "given", "family", "sex", "birth", "address", "postal", "town", "country", "email", "phone", "mobile", "joined"} {
		if a.Value(code) != b.Value(code) {
			return false
		}
	}
	return a.Secrecy() == b.Secrecy() && slices.Equal(a.Objections, b.Objections) && a.Restricted == b.Restricted &&
		len(a.Numbers) == len(b.Numbers) && len(a.Merged) == len(b.Merged)
}

func TestWhoMayMerge(t *testing.T) {
	f := housetest.New(t)
	ctx := f.Context()
	kept, other := twice(f)
	for _, who := range []string{"chair", "officer", "dorte", "member"} {
		if _, err := f.Departures.ProposeMerge(ctx, f.As(who), kept, other, nil); !fault.Is(err, fault.Denied) {
			t.Errorf("%s merges: %v", who, err)
		}
	}
	if _, err := f.Departures.ProposeMerge(ctx, f.As("anna"), kept, kept, nil); !fault.Is(err, fault.Invalid) {
		t.Errorf("with itself: %v", err)
	}
	_, err := f.Departures.ProposeMerge(ctx, f.As("anna"), f.Person("anna"), other, nil)
	refused(t, "one's own", err, fault.Denied, "departure.error.merge_own")
	_, err = f.Departures.ProposeMerge(ctx, f.As("anna"), kept, f.Person("bo"), nil)
	refused(t, "a position", err, fault.Conflict, "access.error.merge_position")
	_, err = f.Departures.ProposeMerge(ctx, f.As("anna"), kept, 4000, nil)
	refused(t, "nobody", err, fault.NotFound, "departure.error.none")
	_, err = f.Departures.Close(ctx, f.As("anna"), other, "resignation", false)
	f.Must(err)
	if _, err = f.Departures.ProposeMerge(ctx, f.As("anna"), kept, other, nil); err == nil {
		t.Error("somebody who is leaving is merged")
	}
}

// D8: an undone closing gives no second holder to a seat that was filled.
func TestUndoLeavesAFilledSeatAlone(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("treasurer"), "resignation", false)
		f.Must(err)
		f.Appoint("neighbour", "treasurer", "gentofte")
		lost, err := f.Departures.Reopen(ctx, f.As("bo"), f.Person("treasurer"))
		f.Must(err)
		if want := []access.Lost{{Post: "treasurer", Unit: f.Bodies["gentofte"]}}; !slices.Equal(lost, want) {
			t.Errorf("%+v, want %+v", lost, want)
		}
		for range 2 {
			if _, err := f.Access.Decide(f.As("treasurer"), access.Want{Act: charter.View}); !fault.Is(err, fault.Denied) {
				t.Error("two hold one seat")
			}
			if _, err := f.Access.Decide(f.As("neighbour"), access.Want{Act: charter.View}); err != nil {
				t.Error("whoever filled it has lost it")
			}
			f.Reopen()
		}
		if n := entries(t, f, f.Person("treasurer"), journal.Dismiss); n != 1 {
			t.Errorf("%d endings are journaled", n)
		}
	})
}

// Whoever moves out of an association holds no post there.
func TestPostsEndWithBelonging(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		edit := f.Scope("anna", access.Want{Act: charter.Edit})
		f.Must(f.Members.Move(ctx, edit, f.Person("chair"), f.Bodies["gentofte"], f.Bodies["odense"]))
		f.Must(f.Members.Move(ctx, edit, f.Person("regional chair"), f.Bodies["lyngby"], f.Bodies["gentofte"]))
		f.Must(f.Members.SetCategory(ctx, edit, f.Person("officer"), member.Recategorised{Category: "passive"}))
		for range 2 {
			if len(f.Access.Held(f.Person("chair"))) != 0 {
				t.Error("the chair of Gentofte lives in Odense")
			}
			if held := f.Access.Held(f.Person("regional chair")); len(held) != 1 {
				t.Errorf("another association of the region carries the post: %+v", held)
			}
			if len(f.Access.Held(f.Person("officer"))) != 0 {
				t.Error("a passive member holds a post")
			}
			f.Reopen()
		}
		f.Must(f.Members.Move(ctx, f.Scope("anna", access.Want{Act: charter.Edit}), f.Person("regional chair"), f.Bodies["gentofte"], f.Bodies["odense"]))
		if held := f.Access.Held(f.Person("regional chair")); len(held) != 0 {
			t.Errorf("%+v", held)
		}
		_, err := f.Access.Appoint(ctx, f.As("anna"), f.Person("officer"), access.Appointment{Unit: f.Bodies["gentofte"], Post: "chair", From: f.Access.Today(), Ground: "x"})
		if e := fault.From(err); e == nil || len(e.Fields) != 1 || e.Fields[0].Key != "access.error.no_posts" {
			t.Errorf("a passive member is appointed: %v", err)
		}
	})
}
