package grant_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/grant"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
)

// wish is an access for the newsletter that the chair may propose.
func wish(f *housetest.Fixture) grant.Wish {
	today := f.Access.Today()
	return grant.Wish{
		Person: f.Person("neighbour"), Unit: f.Bodies["gentofte"], Task: "Sender nyhedsbrevet", Ground: "Nyhedsbrevet sendes til medlemmerne ved navn",
		Purposes: []string{"newsletter", "administration"}, Fields: []string{"given", "family", "email"}, From: today, Until: today.AddDays(120),
	}
}

func decision(f *housetest.Fixture, approve bool) grant.Decision {
	return grant.Decision{
		Approve: approve, Meeting: charter.ByBoard, Met: f.Access.Today(), Minutes: "referat, punkt 4", Reason: "Ingen af de tre på posterne har tid", Apart: true,
	}
}

func propose(t *testing.T, f *housetest.Fixture) grant.Case {
	t.Helper()
	c, err := f.Grants.Propose(f.Context(), f.As("chair"), wish(f))
	f.Must(err)
	return c
}

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Key
}

func denied(f *housetest.Fixture, act charter.Acts, purpose string) string {
	_, err := f.Access.Decide(f.As("neighbour"), access.Want{Act: act, Purpose: purpose})
	return key(err)
}

// From the proposal to the last day: nothing opens before the association has decided,
// what opens then is what was decided, and it ends by itself.
func TestD9TheAssociationDecides(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		c := propose(t, f)
		if got := denied(f, charter.Pull, "newsletter"); got != "access.denied.none" {
			t.Errorf("while it waits: %q", got)
		}
		open, err := f.Duties.Open(ctx, duty.Responsible{Person: f.Person("officer"), Acts: map[unitID]charter.Acts{f.Bodies["gentofte"]: charter.Access}})
		f.Must(err)
		if !slices.ContainsFunc(open, func(d duty.Duty) bool { return d.Kind == duty.DecideGrant && d.Subject == c.ID }) {
			t.Errorf("the board's duties are %+v", open)
		}
		for who, want := range map[string]string{
			"chair": "grant.denied.second", "neighbour": "access.denied.none", "other chair": "access.denied.body", "anna": "grant.denied.body", "regional chair": "access.denied.act",
		} {
			if _, err := f.Grants.Decide(ctx, f.As(who), c.ID, decision(f, true)); key(err) != want {
				t.Errorf("%s decides: %v", who, err)
			}
		}
		c, err = f.Grants.Decide(ctx, f.As("officer"), c.ID, decision(f, true))
		f.Must(err)
		if _, err := f.Grants.Decide(ctx, f.As("treasurer"), c.ID, decision(f, false)); key(err) != "grant.error.state" {
			t.Errorf("twice: %v", err)
		}
		for act, purpose := range map[charter.Acts]string{charter.Pull: "newsletter", charter.Search: "administration"} {
			if got := denied(f, act, purpose); got != "" {
				t.Errorf("%s: %q", act, got)
			}
		}
		if got := denied(f, charter.Pull, "dues"); got != "access.denied.grant_purpose" {
			t.Errorf("another purpose: %q", got)
		}
		f.Clock.Add(121 * 24 * time.Hour)
		if got := denied(f, charter.Pull, "newsletter"); got != "access.denied.term" {
			t.Errorf("after its last day: %q", got)
		}
		got, _, err := f.Grants.Get(ctx, f.As("chair"), c.ID)
		f.Must(err)
		if s := got.StandingOn(f.Access.Today()); s != grant.Over || got.Decision.Minutes != "referat, punkt 4" || got.DecidedBy != f.Person("officer") {
			t.Errorf("%s: %+v", s, got)
		}
	})
}

// A list through a documented access has the fields that were decided, a search shows
// and finds by no others, no card opens, and the member's own page names it.
func TestD9L2WhatIsSeenThroughAGrant(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		c := propose(t, f)
		_, err := f.Grants.Decide(ctx, f.As("officer"), c.ID, decision(f, true))
		f.Must(err)
		d, err := f.Extracts.Pull(ctx, f.As("neighbour"), extract.Wish{Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
		f.Must(err)
		var file bytes.Buffer
		f.Must(d.Write(ctx, &file))
		if text := file.String(); !strings.Contains(text, "soeren.quistorff@example.dk") || strings.Contains(text, "2820") || strings.Contains(text, "Bregnebjerg") || strings.Contains(text, "Yding") {
			t.Errorf("the list is\n%s", text)
		}
		if !slices.Equal(d.List.Fields, []string{"given", "family", "email"}) || d.List.Post != access.GrantCode {
			t.Errorf("the list is recorded as %+v", d.List)
		}
		search := f.Scope("neighbour", access.Want{Act: charter.Search})
		for text, want := range map[string]int{"quistorff": 1, "s": 2, "soeren.quistorff@": 1, "39684795": 0, "41234567": 0, f.Number["member"]: 0, f.Number["member"][:1]: 0, "yding": 0} {
			hits, err := f.Members.Search(ctx, search, member.Query{Text: text})
			f.Must(err)
			if len(hits.Rows) != want {
				t.Errorf("%q finds %d", text, len(hits.Rows))
			}
			for _, h := range hits.Rows {
				if h.Number != "" || h.Phone != "" || h.Mobile != "" || h.Email == "" && h.Family == "Quistorff" {
					t.Errorf("%q shows %+v", text, h)
				}
			}
		}
		if _, err := f.Members.Card(ctx, search, f.Person("member")); err == nil {
			t.Error("a card opened")
		}
		own := f.Scope("member", access.Want{Self: true})
		seen, err := f.Access.WhoSees(own, []unitID{f.Bodies["gentofte"]})
		f.Must(err)
		if !slices.ContainsFunc(seen, func(h access.Holding) bool { return h.Person == f.Person("neighbour") && h.Grant != nil }) {
			t.Errorf("who sees me: %+v", seen)
		}
		named := func() bool { // sequenced within 200 ms on PostgreSQL
			told, err := f.Journal.About(ctx, uint32(f.Person("member")), journal.Page{Limit: 50})
			f.Must(err)
			return slices.ContainsFunc(told.Lines, func(l journal.Line) bool { return l.Act == journal.List && l.Right == string(access.ByGrant) })
		}
		for deadline := time.Now().Add(5 * time.Second); !named(); time.Sleep(20 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatal("who has seen me does not name the access")
			}
		}
	})
}

// Nothing is approved by default, and an access that runs out is asked about once; a
// renewal wants grounds and a decision of its own.
func TestD9LapseAndRenewal(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		c := propose(t, f)
		if _, err := f.Grants.Propose(ctx, f.As("officer"), wish(f)); key(err) != "grant.error.waiting" {
			t.Errorf("a second proposal: %v", err)
		}
		f.Clock.Add(61 * 24 * time.Hour)
		f.Must(f.Grants.Daily(ctx))
		got, _, err := f.Grants.Get(ctx, f.As("chair"), c.ID)
		f.Must(err)
		if got.State != grant.Lapsed || got.Holding != 0 || denied(f, charter.Pull, "newsletter") != "access.denied.none" {
			t.Errorf("nobody decided: %+v", got)
		}
		c = propose(t, f)
		_, err = f.Grants.Decide(ctx, f.As("treasurer"), c.ID, decision(f, true))
		f.Must(err)
		f.Clock.Add(100 * 24 * time.Hour)
		for range 2 {
			f.Must(f.Grants.Daily(ctx))
		}
		asked := func() []duty.Duty {
			all, err := f.Duties.OpenOf(ctx, duty.RenewGrant)
			f.Must(err)
			return all
		}
		if all := asked(); len(all) != 1 || all[0].Subject != c.ID || all[0].DueOn != c.Wish.Until {
			t.Errorf("asked about %+v", all)
		}
		w := f.Grants.Renewal(&c)
		if w.Ground != "" || w.Task != c.Wish.Task || w.From != c.Wish.Until.AddDays(1) {
			t.Errorf("a renewal begins as %+v", w)
		}
		w.Until = w.From.AddDays(90)
		for ground, want := range map[string]string{"": "ground", "Nyhedsbrevet  sendes til medlemmerne ved NAVN": "ground"} {
			w.Ground = ground
			if _, err := f.Grants.Propose(ctx, f.As("chair"), w); err == nil || fault.From(err).Fields[0].Name != want {
				t.Errorf("renewed on %q: %v", ground, err)
			}
		}
		w.Ground = "Bladet er blevet månedligt, og opgaven er ikke løst"
		again, err := f.Grants.Propose(ctx, f.As("chair"), w)
		f.Must(err)
		if len(asked()) != 0 {
			t.Error("still asked about it")
		}
		old := decision(f, true)
		old.Met = f.Access.Today().AddDays(-100)
		if _, err := f.Grants.Decide(ctx, f.As("officer"), again.ID, old); err == nil || fault.From(err).Fields[0].Name != "met" {
			t.Errorf("renewed by the old meeting: %v", err)
		}
		f.Clock.Add(25 * 24 * time.Hour)
		f.Must(f.Grants.Daily(ctx))
		if got := denied(f, charter.Pull, "newsletter"); got != "access.denied.term" {
			t.Errorf("while the renewal waits: %q", got)
		}
		_, err = f.Grants.Decide(ctx, f.As("officer"), again.ID, decision(f, true))
		f.Must(err)
		if got := denied(f, charter.Pull, "newsletter"); got != "" {
			t.Errorf("renewed: %q", got)
		}
	})
}

// It is withdrawn at any time: by the association, the secretariat, the person.
func TestD9WithdrawnAtAnyTime(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		for _, who := range []string{"chair", "anna", "neighbour"} {
			c := propose(t, f)
			_, err := f.Grants.Decide(ctx, f.As("officer"), c.ID, decision(f, true))
			f.Must(err)
			if _, err := f.Grants.Withdraw(ctx, f.As("other chair"), c.ID, "nej"); !fault.Is(err, fault.Denied) {
				t.Errorf("another chair: %v", err)
			}
			if _, err := f.Grants.Withdraw(ctx, f.As(who), c.ID, " "); key(err) != "grant.error.withdrawal" {
				t.Errorf("without a reason: %v", err)
			}
			c, err = f.Grants.Withdraw(ctx, f.As(who), c.ID, "opgaven er løst")
			f.Must(err)
			if got := denied(f, charter.Pull, "newsletter"); c.State != grant.Withdrawn || got != "access.denied.term" {
				t.Errorf("%s: %s, %q", who, c.State, got)
			}
		}
		c := propose(t, f)
		c, err := f.Grants.Withdraw(ctx, f.As("officer"), c.ID, "alligevel ikke")
		f.Must(err)
		if open, _ := f.Duties.OpenOf(ctx, duty.DecideGrant); c.State != grant.TakenBack || len(open) != 0 {
			t.Errorf("%s, %v", c.State, open)
		}
	})
}

// Whoever is erased leaves no document; what is over long enough goes by itself.
func TestD9D7N14TheDocumentEnds(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		c := propose(t, f)
		_, err := f.Grants.Decide(ctx, f.As("officer"), c.ID, decision(f, false))
		f.Must(err)
		if due, all, err := f.Grants.Due(ctx, f.Clock.Now().AddDate(4, 11, 0)); due != 0 || all != 1 || err != nil {
			t.Errorf("due %d of %d, %v", due, all, err)
		}
		if n, err := f.Grants.End(ctx, f.Clock.Now().AddDate(5, 0, 2)); n != 1 || err != nil {
			t.Errorf("ended %d, %v", n, err)
		}
		c = propose(t, f)
		_, err = f.Departures.Close(ctx, f.As("anna"), f.Person("neighbour"), "resignation", false)
		f.Must(err)
		if _, _, err := f.Grants.Get(ctx, f.As("chair"), c.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("of somebody who is leaving: %v", err)
		}
		f.Clock.Add(4 * 24 * time.Hour)
		_, err = f.EraseDue(ctx)
		f.Must(err)
		f.Must(f.Grants.Daily(ctx))
		open, err := f.Duties.OpenOf(ctx, duty.DecideGrant)
		f.Must(err)
		f.Must(f.DB.Read(ctx, func(q database.Querier) error {
			all, err := record.All(f.Records, q, grant.Cases, f.Person("neighbour"))
			if len(all) != 0 {
				t.Errorf("left: %+v", all)
			}
			return err
		}))
		if len(open) != 0 {
			t.Errorf("asked about somebody who is gone: %+v", open)
		}
	})
}
