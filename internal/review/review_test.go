package review_test

import (
	"bytes"
	"encoding/hex"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/review"
)

func key(err error) string {
	if err == nil {
		return ""
	}
	return fault.From(err).Key
}

// on sets the clock to the morning of a day of the charter.
func on(f *housetest.Fixture, d civil.Date) {
	f.Clock.Set(f.Charter.Midnight(d).Add(9 * time.Hour))
}

// daily is what a day's scheduled work does for reviews.
func daily(f *housetest.Fixture) { f.Must(f.Reviews.Daily(f.Context())) }

// lineOf is somebody's line in a body.
func lineOf(t *testing.T, f *housetest.Fixture, by access.Actor, body, who string) review.Line {
	t.Helper()
	r, err := f.Reviews.Newest(f.Context(), by)
	f.Must(err)
	sheet, err := f.Reviews.Sheet(f.Context(), by, r.ID, f.Bodies[body])
	f.Must(err)
	for _, l := range sheet.Lines {
		if l.Person == f.Person(who) {
			return l
		}
	}
	t.Fatalf("%s has no line in %s", who, body)
	return review.Line{}
}

func whys(l *review.Line) (all []review.Why) {
	for _, found := range l.Findings() {
		all = append(all, found.Why)
	}
	return all
}

// A review opens by itself on its day, also where nobody ran the program on it, once;
// warns, suspends what nobody answered, and ends what stays without an answer. Whoever
// answers meanwhile gives it back.
func TestD14AReviewRunsByTheClock(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		daily(f)
		if all, err := f.Reviews.List(ctx, f.As("anna")); err != nil || len(all) != 0 {
			t.Fatalf("a new register has had reviews: %v, %v", all, err)
		}
		next := f.Charter.ReviewDay(f.Access.Today().AddDays(200))
		on(f, next.AddDays(3)) // nobody ran the program on the day
		daily(f)
		daily(f)
		all, err := f.Reviews.List(ctx, f.As("anna"))
		f.Must(err)
		if len(all) != 1 || all[0].Scheduled != next || all[0].AnswerBy != f.Access.Today().AddDays(30) {
			t.Fatalf("the reviews are %+v", all)
		}
		r := all[0]
		open, err := f.Duties.OpenOf(ctx, duty.AnswerReview)
		f.Must(err)
		if !slices.ContainsFunc(open, func(d duty.Duty) bool { return d.Unit == f.Bodies["gentofte"] && d.Subject == r.ID }) {
			t.Errorf("the association is not asked: %+v", open)
		}
		if l := lineOf(t, f, f.As("anna"), "gentofte", "chair"); l.State != review.Open || l.Evidence.Name != "Carl Formandsen" || !slices.Contains(whys(&l), review.NoFactor) {
			t.Errorf("the chair's line is %+v, %+v", l, l.Evidence)
		}

		on(f, r.SuspendOn) // nobody ran it for the warning either: a week must pass
		daily(f)
		if l := lineOf(t, f, f.As("anna"), "gentofte", "chair"); l.State != review.Open {
			t.Fatalf("suspended without a warning: %s", l.State)
		}
		on(f, r.SuspendOn.AddDays(7))
		daily(f)
		left := f.Access.Employed(charter.LookThrough)
		if len(left) != 1 || len(f.Access.Employed(charter.Staff)) != 1 {
			t.Fatalf("%d can still answer for everything", len(left))
		}
		last := access.Actor{Person: left[0], Via: access.Web}
		l := lineOf(t, f, last, "gentofte", "chair")
		_, denied := f.Access.Decide(f.As("chair"), access.Want{Act: charter.View})
		if l.State != review.Suspended || key(denied) != "access.denied.halted" {
			t.Fatalf("the chair is %s, %v", l.State, denied)
		}
		if _, err := f.Reviews.Answer(ctx, last, l.ID, review.Confirmed, "er stadig valgt"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Access.Decide(f.As("chair"), access.Want{Act: charter.View}); err != nil {
			t.Errorf("answered, and still %v", err)
		}
		on(f, f.Access.Today().AddDays(31))
		daily(f)
		if l := lineOf(t, f, last, "gentofte", "treasurer"); l.State != review.Expired || f.Reviews.Live(&l).There {
			t.Errorf("the treasurer's access is %s", l.State)
		}
	})
}

// Associations answer for their own, nobody for themselves; ending acts at once, and is
// undone while the review is open; what was frozen stays when the register changes.
func TestD14AssociationsAnswerForTheirOwn(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		if _, err := f.Reviews.OpenByHand(ctx, f.As("anna"), ""); key(err) != "review.error.open" {
			t.Errorf("without grounds: %v", err)
		}
		if _, err := f.Reviews.OpenByHand(ctx, f.As("chair"), "nu"); !fault.Is(err, fault.Denied) {
			t.Errorf("by an officer: %v", err)
		}
		r, err := f.Reviews.OpenByHand(ctx, f.As("anna"), "Ny bestyrelse i flere foreninger")
		f.Must(err)
		if _, err := f.Reviews.OpenByHand(ctx, f.As("anna"), "igen"); key(err) != "review.error.running" {
			t.Errorf("a second beside it: %v", err)
		}
		chair, treasurer := lineOf(t, f, f.As("chair"), "gentofte", "chair"), lineOf(t, f, f.As("chair"), "gentofte", "treasurer")
		for what, c := range map[string]struct {
			by     string
			line   int64
			reason string
			want   string
		}{
			"one's own":           {"chair", chair.ID, "det er mig", "review.denied.own"},
			"another association": {"other chair", chair.ID, "nej", "review.error.gone"},
			"the treasurer":       {"treasurer", chair.ID, "nej", "review.error.gone"},
			"without a reason":    {"chair", treasurer.ID, "", "review.error.answer"},
		} {
			if _, err := f.Reviews.Answer(ctx, f.As(c.by), c.line, review.Confirmed, c.reason); key(err) != c.want {
				t.Errorf("%s: %v, want %s", what, err, c.want)
			}
		}
		if done, err := f.Reviews.ConfirmAll(ctx, f.As("chair"), r.ID, f.Bodies["gentofte"], []int64{chair.ID, treasurer.ID}); err != nil || len(done) != 0 {
			t.Errorf("confirmed in one step, with findings: %+v, %v", done, err)
		}
		if _, err := f.Reviews.Answer(ctx, f.As("chair"), treasurer.ID, review.Ended, "er fratrådt"); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Access.Decide(f.As("treasurer"), access.Want{Act: charter.View}); err == nil {
			t.Error("ended, and still inside")
		}
		after := lineOf(t, f, f.As("chair"), "gentofte", "treasurer")
		if live := f.Reviews.Live(&after); live.There || after.Evidence.Until != treasurer.Evidence.Until || after.Evidence.Ground != treasurer.Evidence.Ground {
			t.Errorf("what was frozen has changed: %+v, live %+v", after.Evidence, live)
		}
		if _, err := f.Reviews.Undo(ctx, f.As("chair"), treasurer.ID); err != nil {
			t.Fatal(err)
		}
		if _, err := f.Access.Decide(f.As("treasurer"), access.Want{Act: charter.View}); err != nil {
			t.Errorf("undone, and still %v", err)
		}
		if _, err := f.Reviews.Close(ctx, f.As("anna"), r.ID, ""); key(err) != "review.error.waiting" {
			t.Errorf("closed with open lines: %v", err)
		}
	})
}

// answerAll answers every line as somebody who may.
func answerAll(t *testing.T, f *housetest.Fixture, id int64) {
	t.Helper()
	for _, by := range []string{"anna", "bo", "chair"} {
		o, err := f.Reviews.Overview(f.Context(), f.As(by), id)
		f.Must(err)
		for _, p := range o.Bodies {
			sheet, err := f.Reviews.Sheet(f.Context(), f.As(by), id, p.Unit)
			if err != nil {
				continue
			}
			for _, l := range sheet.Lines {
				if !l.State.Settled() && l.Person != f.Person(by) {
					_, err := f.Reviews.Answer(f.Context(), f.As(by), l.ID, review.Confirmed, "set igennem")
					f.Must(err)
				}
			}
		}
	}
}

// The report is signed, says the same whenever it is made, is checked without a
// register, and forgets whoever is erased; the next review says what is new and gone.
func TestD14TheReportForgetsTheErased(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		first, err := f.Reviews.OpenByHand(ctx, f.As("anna"), "prøve")
		f.Must(err)
		answerAll(t, f, first.ID)
		closed, err := f.Reviews.Close(ctx, f.As("anna"), first.ID, "Alt i orden")
		f.Must(err)
		signed, err := f.Reviews.Report(ctx, f.As("bo"), first.ID, "da")
		f.Must(err)
		file, err := signed.PDF()
		f.Must(err)
		again, err := f.Reviews.Report(ctx, f.As("anna"), first.ID, "da")
		f.Must(err)
		same, err := again.PDF()
		f.Must(err)
		if !bytes.Equal(file, same) {
			t.Error("the report made twice differs")
		}
		check := review.Verify(file, f.Keyring.LedgerKey())
		if !check.Sound() || !check.AsClosed || check.Hash == "" || len(check.Checked) != 5 {
			t.Errorf("the check says %+v", check)
		}
		text, err := signed.JSON()
		f.Must(err)
		if !strings.Contains(string(text), "Carl Formandsen") || !strings.Contains(string(text), "Alt i orden") {
			t.Error("the report lacks a name or the remark")
		}
		for what, forged := range map[string][]byte{
			"json": bytes.Replace(text, []byte("Carl"), []byte("Karl"), 1), "pdf": append(slices.Clone(file), ' '),
		} {
			if forged := review.Verify(forged, nil); forged.Sound() {
				t.Errorf("a changed %s is sound", what)
			}
		}

		_, err = f.Departures.Close(ctx, f.As("anna"), f.Person("treasurer"), "resignation", true)
		f.Must(err)
		_, err = f.Departures.Confirm(ctx, f.As("bo"), f.Person("treasurer"))
		f.Must(err)
		signed, err = f.Reviews.Report(ctx, f.As("anna"), first.ID, "da")
		f.Must(err)
		file, err = signed.PDF()
		f.Must(err)
		text, err = signed.JSON()
		f.Must(err)
		check = review.Verify(file, nil)
		if strings.Contains(string(text), "Kassemand") || signed.Report.Contents.Erased() != 1 {
			t.Errorf("the erased treasurer is in the report: %d lines without a name", signed.Report.Contents.Erased())
		}
		if !check.Sound() || check.AsClosed || signed.Report.Closing != "" && signed.Report.Closing != hex.EncodeToString(closed.Hash) {
			t.Errorf("the report without the erased: %+v", check)
		}

		second, err := f.Reviews.OpenByHand(ctx, f.As("anna"), "igen")
		f.Must(err)
		o, err := f.Reviews.Overview(ctx, f.As("anna"), second.ID)
		f.Must(err)
		if o.Last != first.ID || o.Before[review.CountAccess] != o.Numbers[0][review.CountAccess]+1 {
			t.Errorf("beside the last: %d, %v and %v", o.Last, o.Before, o.Numbers[0])
		}
		if l := lineOf(t, f, f.As("anna"), "gentofte", "chair"); l.Findings()[0].First != first.ID {
			t.Errorf("what was found before is new: %+v", l.Findings())
		}
		years := f.Charter.Review.Years.Value
		if due, all, err := f.Reviews.Due(ctx, f.Now().AddDate(years, 0, 1)); err != nil || due != 1 || all != 2 {
			t.Errorf("due %d of %d, %v", due, all, err)
		}
		if gone, err := f.Reviews.End(ctx, f.Now().AddDate(years, 0, 1)); err != nil || gone != 1 {
			t.Errorf("gone %d, %v", gone, err)
		}
		for _, lang := range locale.Languages() {
			p := locale.For(lang)
			for _, l := range signed.Report.Contents.Lines {
				for _, found := range l.Findings {
					one := review.Finding{Why: review.Why(found.Why)}
					if strings.Contains(one.Words(p)+one.Remedy(p)+review.Short(p, one.Why), "⟦") {
						t.Errorf("%s: no words for %s", lang, found.Why)
					}
				}
			}
		}
	})
}
