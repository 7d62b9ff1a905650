package extract_test

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
)

// D12: journal entry, list and duty are durable before a byte leaves; whether
// the file is ever written makes no difference.
func TestD12TheDutyStandsBeforeAByteLeaves(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		d, err := f.Extracts.Pull(ctx, f.As("chair"), wish("administration"))
		f.Must(err)
		want := d.List
		f.Reopen() // the program stopped before the first byte
		check := func() {
			t.Helper()
			mine, err := f.Extracts.Mine(ctx, f.As("chair"))
			f.Must(err)
			if len(mine) != 1 || mine[0].Number != want.Number || mine[0].Members != want.Members || mine[0].StateOn(f.Access.Today()) != extract.Out {
				t.Fatalf("%+v", mine)
			}
			if open := duties(f, "chair"); len(open) != 1 || open[0].Subject != want.Number || open[0].DueOn != want.DestroyBy || open[0].Unit != f.Bodies["gentofte"] {
				t.Fatalf("%+v", open)
			}
			line, err := f.Journal.Entry(ctx, want.Entry)
			f.Must(err)
			if line.Act != journal.List || line.Number != want.Number || line.Count != want.Members || line.Purpose != "administration" ||
				!slices.Equal(line.Fields, want.Fields) || line.Post != "chair" || line.Actor != uint32(f.Person("chair")) {
				t.Errorf("%+v", line)
			}
			lists, err := f.Extracts.With(ctx, f.Scope("member", access.Want{Self: true}))
			f.Must(err)
			if len(lists) != 1 || lists[0].Number != want.Number {
				t.Errorf("the member is on %+v", lists)
			}
		}
		check()
		// A delivery writes once: a second copy is a second list.
		d, err = f.Extracts.Pull(ctx, f.As("officer"), wish("administration"))
		f.Must(err)
		deliver(t, f, d)
		if err := d.Write(ctx, &bytes.Buffer{}); err == nil {
			t.Error("written twice")
		}
		if d.List.Number != want.Number+1 {
			t.Errorf("list %d after %d", d.List.Number, want.Number)
		}
		name := d.FileName()
		if !strings.Contains(name, strconv.FormatInt(d.List.Number, 10)) || !strings.Contains(name, d.List.DestroyBy.String()) || !strings.HasSuffix(name, ".csv") {
			t.Errorf("the file is called %s", name)
		}
		if _, err := f.Extracts.With(ctx, f.Scope("anna", access.Want{Act: charter.View})); !fault.Is(err, fault.Denied) {
			t.Errorf("somebody else's lists: %v", err)
		}
	})
}

// D12: the day can be sooner than the latest, never later.
func TestD12TheLatestDay(t *testing.T) {
	f := housetest.New(t)
	ctx, today := f.Context(), f.Access.Today()
	for i := range f.Charter.Purposes {
		purpose := &f.Charter.Purposes[i]
		latest := today.AddDays(f.Charter.ListDaysFor(purpose))
		if latest.After(today.AddDays(30)) {
			t.Errorf("%s: a list may live until %s", purpose.Code, latest)
		}
		slip, err := f.Extracts.Prepare(ctx, f.As("chair"), wish(purpose.Code))
		f.Must(err)
		if slip.Latest != latest {
			t.Errorf("%s: %s is announced, not %s", purpose.Code, slip.Latest, latest)
		}
		for _, c := range []struct {
			by, want civil.Date
			key      string
		}{
			{civil.Date{}, latest, ""}, {latest, latest, ""}, {today.AddDays(3), today.AddDays(3), ""}, {today, today, ""},
			{latest.AddDays(1), civil.Date{}, "extract.error.by_late"},
			{today.AddDays(-1), civil.Date{}, "extract.error.by_past"},
			{civil.Date{Year: 2026, Month: 2, Day: 30}, civil.Date{}, "extract.error.by_past"},
		} {
			w := wish(purpose.Code)
			w.DestroyBy = c.by
			d, err := f.Extracts.Pull(ctx, f.As("chair"), w)
			if c.key != "" {
				refusedField(t, purpose.Code+" until "+c.by.String(), err, "by", c.key)
				continue
			}
			f.Must(err)
			if d.List.DestroyBy != c.want {
				t.Errorf("%s until %s: %s", purpose.Code, c.by, d.List.DestroyBy)
			}
		}
	}
}

// D12: file and paper are attested separately, by the recipient alone; with
// both the duty is done.
func TestD12Attest(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		list, _ := pull(t, f, "chair", wish("newsletter"))
		for _, who := range []string{"officer", "anna", "member"} {
			_, err := f.Extracts.Attest(ctx, f.As(who), list.Number, extract.Digital)
			refused(t, who, err, fault.NotFound, "extract.error.none")
		}
		_, err := f.Extracts.Attest(ctx, f.As("chair"), 99, extract.Digital)
		refused(t, "no list", err, fault.NotFound, "extract.error.none")
		_, err = f.Extracts.Attest(ctx, f.As("chair"), list.Number, "vinyl")
		refused(t, "no medium", err, fault.Invalid, "extract.error.medium")

		after, err := f.Extracts.Attest(ctx, f.As("chair"), list.Number, extract.Physical)
		f.Must(err)
		if after.Destroyed() || !after.DigitalAt.IsZero() || !after.PhysicalAt.Equal(f.Clock.Now()) || len(duties(f, "chair")) != 1 {
			t.Errorf("%+v", after)
		}
		f.Clock.Add(time.Hour)
		again, err := f.Extracts.Attest(ctx, f.As("chair"), list.Number, extract.Physical)
		if err != nil || !again.PhysicalAt.Equal(after.PhysicalAt) {
			t.Errorf("attested again: %+v, %v", again, err)
		}
		f.Reopen()
		after, err = f.Extracts.Attest(ctx, f.As("chair"), list.Number, extract.Digital)
		f.Must(err)
		if !after.Destroyed() || after.StateOn(f.Access.Today().AddDays(400)) != extract.Destroyed || len(duties(f, "chair")) != 0 || after.AttestedBy != f.Person("chair") {
			t.Errorf("%+v, duties %+v", after, duties(f, "chair"))
		}
		if n := count(f, journal.Attest); n != 3 {
			t.Errorf("%d attestations are journaled", n)
		}
		if out, err := f.Extracts.Outstanding(ctx, f.Person("member")); err != nil || len(out) != 0 {
			t.Errorf("outstanding: %+v, %v", out, err)
		}
	})
}

// D12, D14: what is overdue, and who is told.
func TestD12Overdue(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		soon := wish("administration")
		soon.DestroyBy = f.Access.Today().AddDays(2)
		first, _ := pull(t, f, "chair", soon)
		second, _ := pull(t, f, "other chair", soon)
		third, _ := pull(t, f, "chair", wish("administration"))
		overdue := func(who string) (numbers []int64) {
			all, err := f.Extracts.Overdue(ctx, f.Scope(who, access.Want{Act: charter.Access}))
			f.Must(err)
			for _, l := range all {
				numbers = append(numbers, l.Number)
			}
			return numbers
		}
		f.Clock.Add(48 * time.Hour) // the last day itself
		if got := overdue("anna"); len(got) != 0 {
			t.Errorf("on the day: %v", got)
		}
		f.Clock.Add(24 * time.Hour)
		for _, c := range []struct {
			who  string
			want []int64
		}{{"anna", []int64{first.Number, second.Number}}, {"chair", []int64{first.Number}}, {"other chair", []int64{second.Number}}} {
			if got := overdue(c.who); !slices.Equal(got, c.want) {
				t.Errorf("%s: %v, want %v", c.who, got, c.want)
			}
		}
		if _, err := f.Extracts.Overdue(ctx, f.Scope("anna", access.Want{Act: charter.View})); !fault.Is(err, fault.Denied) {
			t.Errorf("under another act: %v", err)
		}
		for _, medium := range []extract.Medium{extract.Digital, extract.Physical} {
			_, err := f.Extracts.Attest(ctx, f.As("chair"), first.Number, medium)
			f.Must(err)
		}
		if got := overdue("anna"); !slices.Equal(got, []int64{second.Number}) {
			t.Errorf("after attesting: %v", got)
		}
		mine, err := f.Extracts.Mine(ctx, f.As("chair"))
		if err != nil || len(mine) != 2 || mine[0].Number != third.Number || mine[1].Number != first.Number {
			t.Errorf("%+v, %v", mine, err)
		}
	})
}
