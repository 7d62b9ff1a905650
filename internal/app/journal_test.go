package app_test

import (
	"bytes"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/extract"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// A whole life of the house stands in a journal that verifies: after closings
// and erasures, after starts, and when the retention of the entries has ended
// and they are pruned.
func TestTheJournalVerifiesAfterEverythingAndAfterPruning(t *testing.T) {
	then := time.Date(2019, time.March, 4, 9, 0, 0, 0, time.UTC)
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		live(t, f, "member")
		outside := verified(t, f, nil)
		about := func(name string) journal.Account {
			account, err := f.Journal.About(ctx, uint32(f.Person(name)), journal.Page{Limit: 1000})
			f.Must(err)
			return account
		}
		if a := about("member"); a.Opened < 1 || a.Listed < 1 || a.Searched < 1 || a.Other < 4 {
			t.Errorf("of the member the journal holds %+v", a)
		}
		// Nothing goes before its time.
		if n, err := f.Journal.Prune(ctx, f.Clock.Now()); err != nil || n != 0 {
			t.Errorf("%d pruned at once, %v", n, err)
		}
		f.Clock.Set(time.Now())
		f.Reopen()
		before := verified(t, f, outside)
		n, err := f.Journal.Prune(ctx, f.Clock.Now())
		if err != nil || n < 20 {
			t.Fatalf("%d pruned, %v", n, err)
		}
		f.Must(f.DB.Forget(ctx))
		for _, checkpoint := range [][]byte{outside, before} {
			verified(t, f, checkpoint)
		}
		report, err := f.Journal.Verify(ctx, nil)
		if err != nil || report.Pruned != int64(n) {
			t.Errorf("%d of %d are reported as pruned, %v", report.Pruned, n, err)
		}
		if a := about("member"); a.Total != 0 {
			t.Errorf("of the member the journal still holds %+v", a)
		}
		f.Reopen()
		live(t, f, "neighbour")
		after := verified(t, f, before)
		f.Reopen()
		verified(t, f, after)
	}, housetest.At(then))
}

// verified ends the test unless the journal is sound, also against a checkpoint
// kept outside, and gives a new one.
func verified(t *testing.T, f *housetest.Fixture, outside []byte) []byte {
	t.Helper()
	checkpoint, err := f.Journal.Checkpoint(f.Context())
	f.Must(err)
	report, err := f.Journal.Verify(f.Context(), outside)
	f.Must(err)
	if !report.Sound() || report.OutsideChecked != (outside != nil) || report.Entries == 0 || report.Unsequenced != 0 {
		t.Fatalf("%+v", report)
	}
	return checkpoint
}

// live lets somebody be found, opened, listed, passed on, closed and erased, and
// others be refused.
func live(t *testing.T, f *housetest.Fixture, name string) {
	t.Helper()
	ctx, person := f.Context(), f.Person(name)
	hits, err := f.Members.Search(ctx, f.Scope("anna", access.Want{Act: charter.Search}), member.Query{})
	f.Must(err)
	_, err = f.Members.Search(ctx, f.Scope("anna", access.Want{Act: charter.Search}), member.Query{Page: 1, Size: 2, Reading: hits.Reading})
	f.Must(err)
	_, err = f.Members.Card(ctx, f.Scope("anna", access.Want{Act: charter.View}), person)
	f.Must(err)
	if _, err := f.Departures.Close(ctx, f.As("dorte"), person, "resignation", false); err == nil {
		t.Error("dues closes")
	}
	d, err := f.Extracts.Pull(ctx, f.As("anna"), extract.Wish{Purpose: "meeting-notice", Format: extract.CSV, Lang: "en"})
	f.Must(err)
	f.Must(d.Write(ctx, &bytes.Buffer{}))
	_, err = f.Extracts.Attest(ctx, f.As("anna"), d.List.Number, extract.Digital)
	f.Must(err)
	f.Must(f.Departures.Ask(ctx, access.Actor{Person: person, Via: access.Web}))
	_, err = f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
	f.Must(err)
	f.Must(f.Departures.Undo(ctx, f.As("bo"), person))
	_, err = f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
	f.Must(err)
	e, err := f.Departures.Confirm(ctx, f.As("bo"), person)
	if err != nil || e.State != departure.Erased || f.Keyring.Holds(person, vault.Membership) {
		t.Fatalf("%+v, %v", e, err)
	}
}
