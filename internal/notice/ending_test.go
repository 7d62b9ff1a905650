package notice_test

import (
	"bytes"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/extract"
	"kartotek/internal/notice"
	"kartotek/internal/retention"
	"kartotek/internal/vault"
)

// N14: what holders were told ends by a rule, counted, told to whom it is about, and
// swept; a notice without an answer, and a list that lies somewhere, end nothing.
func TestN14NoticesEndByARule(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, anna, person := f.Context(), f.As("anna"), f.Person("member")
		h, err := f.Notices.AddHolder(ctx, anna, printer())
		f.Must(err)
		list, _ := pulled(t, f, "chair", extract.Wish{Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
		f.Must(f.Notices.Hand(ctx, f.As("chair"), list, h.ID))
		edit := f.Scope("anna", access.Want{Act: charter.Edit})
		for _, on := range []bool{true, false} { // the end of a restriction is told too
			f.Must(f.Members.Restrict(ctx, edit, person, on))
		}
		_, err = f.Notices.Send(ctx)
		f.Must(err)
		page, err := f.Notices.List(ctx, anna, "", 1, 10)
		f.Must(err)
		ends := f.Clock.Now().AddDate(f.Charter.Parameters.ListRecordYears.Value, 0, 0)
		due := func(want, of int) {
			t.Helper()
			if due, all, err := f.Notices.Due(ctx, ends); due != want || all < of || err != nil {
				t.Errorf("%d of %d are over, %v; want %d of %d", due, all, err, want, of)
			}
		}
		due(0, 3)
		if n, until, err := f.Notices.Of(ctx, person); n == 0 || !until.IsZero() || err != nil {
			t.Errorf("while it is not answered: %d until %v, %v", n, until, err)
		}
		f.Must(f.Notices.Settle(ctx, anna, page.Notices[0].ID, notice.Refused, "De skriver, at de ikke har listen mere."))
		due(1, 3)
		for _, medium := range []extract.Medium{extract.Digital, extract.Physical} {
			_, err := f.Extracts.Attest(ctx, f.As("chair"), list, medium)
			f.Must(err)
		}
		f.Must(f.Notices.Destroyed(ctx, anna, list, h.ID))
		_, all, err := f.Notices.Due(ctx, ends)
		f.Must(err)
		due(all, 3)
		if n, until, err := f.Notices.Of(ctx, person); n == 0 || !until.Equal(ends) || err != nil {
			t.Errorf("when it is answered: %d until %v, %v", n, until, err)
		}
		if early, _, err := f.Notices.Due(ctx, ends.Add(-time.Second)); early != 0 || err != nil {
			t.Errorf("%d are over before their time, %v", early, err)
		}
		f.Clock.Set(ends)
		plans, err := f.Retention.Plan(ctx, true)
		f.Must(err)
		for _, p := range plans {
			if p.Rule == "notice" && (p.Today != all || p.Count != all) {
				t.Errorf("planned %+v", p)
			}
		}
		f.Must(f.Retention.Sweep(ctx, false))
		st, err := f.Retention.Look(ctx, anna)
		f.Must(err)
		var run *retention.Run
		for i := range st.Runs {
			if st.Runs[i].Rule == "notice" {
				run = &st.Runs[i]
			}
		}
		if run == nil || run.Told != all || run.Taken != all {
			t.Errorf("told and taken: %+v, want %d", run, all)
		}
		f.Must(f.DB.Read(ctx, func(q database.Querier) error {
			for _, table := range []string{"notice", "notice_line", "holder_list", "record WHERE kind = 82"} {
				var left int64
				if err := q.QueryRow(`SELECT COUNT(*) FROM ` + table).Scan(&left); err != nil || left != 0 {
					t.Errorf("%d left of %s, %v", left, table, err)
				}
			}
			return nil
		}))
	})
}

// N14, L3: who stood on which line is forgotten on its day, key and row, though nobody
// has attested that the list is destroyed; the list itself stays to be asked about.
func TestN14LinesEndByARule(t *testing.T) {
	f := housetest.New(t)
	ctx, person := f.Context(), f.Person("member")
	d, err := f.Extracts.Pull(ctx, f.As("chair"), extract.Wish{Purpose: "newsletter", Format: extract.CSV, Lang: "da"})
	f.Must(err)
	f.Must(d.Write(ctx, new(bytes.Buffer)))
	day := f.Charter.Midnight(d.List.DestroyBy.AddDays(1 + f.Charter.Parameters.ListLineDays.Value))
	for _, when := range []struct {
		at   time.Time
		line bool
	}{{day.Add(-48 * time.Hour), true}, {day.Add(48 * time.Hour), false}} {
		f.Clock.Set(when.at)
		f.Must(f.Retention.Sweep(ctx, false))
		lines, err := f.Extracts.LinesOn(ctx, d.List.Number, []vault.PersonID{person})
		f.Must(err)
		if (lines[person] > 0) != when.line {
			t.Errorf("at %v: line %d", when.at, lines[person])
		}
	}
	if _, all, err := f.Extracts.OrdersDue(ctx, f.Clock.Now()); all != 0 || err != nil {
		t.Errorf("%d orders are kept, %v", all, err)
	}
	if _, all, err := f.Extracts.Due(ctx, f.Clock.Now()); all != 1 || err != nil {
		t.Errorf("%d lists are known, %v", all, err)
	}
}
