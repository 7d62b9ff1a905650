package report_test

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/app/housetest"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/report"
	"kartotek/internal/vault"
)

// crowd is members of two associations, of all ages.
func crowd(f *housetest.Fixture, n int) (all []vault.PersonID) {
	for i := range n {
		more := map[string]string{
			"given": "Nr", "family": fmt.Sprint("Nummer", i), "sex": []string{"female", "male"}[i%2],
			"birth": fmt.Sprintf("01-02-%d", 1950+i%50), "joined": fmt.Sprintf("01-02-%d", 2011+i%15),
		}
		all = append(all, f.Join(fmt.Sprint("crowd ", i), []string{"gentofte", "odense"}[i/(n/2)], more, false))
	}
	return all
}

// next moves the clock to the morning of a day and counts.
func next(f *housetest.Fixture, day string) {
	at, err := time.Parse(time.DateOnly, day)
	f.Must(err)
	f.Clock.Set(at.Add(7 * time.Hour))
	f.Must(f.Reports.Ready(f.Context()))
	f.Must(f.Reports.Count(f.Context()))
}

func date(f *housetest.Fixture, text string) civil.Date {
	d, err := civil.ParseDate(text)
	f.Must(err)
	return d
}

// everything is every report that the secretariat can see.
func everything(f *housetest.Fixture, on string) (all []*report.Table) {
	ctx, anna, at := f.Context(), f.As("anna"), date(f, on)
	for _, body := range []string{"party", "gentofte", "odense", "south"} {
		id := f.Bodies[body]
		add := func(t *report.Table, err error) {
			f.Must(err)
			all = append(all, t)
		}
		add(f.Reports.Bodies(ctx, anna, id, at))
		for _, cut := range f.Reports.Cuts() {
			add(f.Reports.Members(ctx, anna, id, cut, at))
		}
		add(f.Reports.Headcount(ctx, anna, id, at.AddDays(-400), at))
		add(f.Reports.Flow(ctx, anna, id, at.AddDays(-400), at))
		add(f.Reports.Years(ctx, anna, id, at.Year-1, at.Year))
	}
	return all
}

// erase takes somebody whole, with a second pair of eyes.
func erase(f *housetest.Fixture, person vault.PersonID) {
	_, err := f.Departures.Close(f.Context(), f.As("anna"), person, "resignation", true)
	f.Must(err)
	_, err = f.Departures.Confirm(f.Context(), f.As("bo"), person)
	f.Must(err)
}

// D2, D7, N14: what was counted stays as it was when half of those counted are
// erased; no number is below the minimum, and no column could hold a person.
func TestD2FactsSurviveErasure(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		persons := crowd(f, 36)
		next(f, "2026-11-23") // counting begins
		next(f, "2026-12-01") // November's end
		f.Join("fresh", "odense", map[string]string{"given": "Ny", "family": "Nyhus", "joined": "01-12-2026"}, false)
		for i := range 7 {
			f.Join(fmt.Sprint("fresh ", i), "gentofte", map[string]string{"given": "Ny", "family": fmt.Sprint("Nygaard", i), "joined": "01-12-2026"}, false)
		}
		next(f, "2027-01-01")
		before := everything(f, "2026-12-31")

		anna := before[0] // the party by body
		if anna.Body.ID != f.Bodies["party"] || anna.Lines[0].Numbers == nil || anna.Lines[0].Numbers[0] != 12+36+8 {
			t.Errorf("the party at the year's end: %+v", anna.Lines)
		}
		numbers(t, f)

		for _, person := range persons[:18] {
			erase(f, person)
		}
		if after := everything(f, "2026-12-31"); !reflect.DeepEqual(before, after) {
			t.Errorf("the past has changed:\n%+v\n%+v", before, after)
		}
		next(f, "2027-02-01")
		if after := everything(f, "2026-12-31"); !reflect.DeepEqual(before[:4], after[:4]) {
			t.Error("counting anew has changed the past")
		}
		numbers(t, f)
		flow, err := f.Reports.Flow(f.Context(), f.As("anna"), f.Bodies["party"], date(f, "2026-12-01"), date(f, "2027-01-31"))
		f.Must(err)
		if len(flow.Lines) != 2 || flow.Lines[0].Numbers[report.Came] != 8 || flow.Lines[1].Numbers[report.Went] != 18 {
			t.Errorf("who came and went: %+v", flow.Lines)
		}
		now, err := f.Reports.Headcount(f.Context(), f.As("anna"), 0, date(f, "2027-01-31"), date(f, "2027-01-31"))
		f.Must(err)
		if len(now.Lines) != 1 || now.Lines[0].Numbers[0] != 38 {
			t.Errorf("the head-count now: %+v", now.Lines)
		}
	})
}

// numbers reads every number stored.
func numbers(t *testing.T, f *housetest.Fixture) {
	t.Helper()
	seen := 0
	f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
		rows, err := q.Query(`SELECT members FROM report_fact`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var n int64
			if err := rows.Scan(&n); err != nil {
				return err
			}
			if seen++; n != 0 && n < 5 {
				t.Errorf("the number %d is stored", n)
			}
		}
		return rows.Err()
	}))
	if seen < 10 {
		t.Errorf("%d numbers are stored", seen)
	}
}

// D2, N14: a body of which fewer came or went than the minimum is not told anew, so
// that no two counts tell of one person.
func TestD2TwoCountsDoNotTellOfOnePerson(t *testing.T) {
	f := housetest.New(t)
	crowd(f, 24)
	next(f, "2026-11-23")
	for month := range 12 {
		f.Join(fmt.Sprint("fresh ", month), "gentofte", map[string]string{"given": "Ny", "family": fmt.Sprint("Nygaard", month), "joined": f.Charter.Today(f.Now()).String()}, false)
		next(f, civil.DateOf(time.Date(2026, time.December+time.Month(month), 1, 0, 0, 0, 0, time.UTC)).String())
	}
	heads, err := f.Reports.Headcount(f.Context(), f.As("anna"), f.Bodies["party"], date(f, "2026-11-22"), date(f, "2027-12-01"))
	f.Must(err)
	if len(heads.Lines) < 2 || len(heads.Lines) > 3 {
		t.Errorf("told on %d days: %+v", len(heads.Lines), heads.Lines)
	}
	for i := 1; i < len(heads.Lines); i++ {
		if by := heads.Lines[i].Numbers[0] - heads.Lines[i-1].Numbers[0]; by < 5 {
			t.Errorf("%d came between two counts", by)
		}
	}
}

// D2: a month's end on which nobody counted is made good while nothing has happened
// since, and given up after.
func TestD2MissedDays(t *testing.T) {
	f := housetest.New(t)
	crowd(f, 20)
	next(f, "2026-11-23")
	for i := range 6 {
		f.Join(fmt.Sprint("a ", i), "gentofte", map[string]string{"given": "Ny", "family": fmt.Sprint("Nygaard", i), "joined": "22-11-2026"}, false)
	}
	next(f, "2026-12-03") // two days late, and nothing has happened
	f.Clock.Add(30 * 24 * time.Hour)
	f.Join("late", "gentofte", map[string]string{"given": "Sen", "family": "Sendrup"}, false) // in January, before December was counted
	next(f, "2027-01-05")
	heads, err := f.Reports.Headcount(f.Context(), f.As("anna"), f.Bodies["party"], date(f, "2026-11-25"), date(f, "2027-01-05"))
	f.Must(err)
	if n := len(heads.Lines); n != 2 || heads.Lines[1].Day.String() != "2026-11-30" || heads.Missed != 1 {
		t.Errorf("told %+v, missed %d", heads.Lines, heads.Missed)
	}
	flow, err := f.Reports.Flow(f.Context(), f.As("anna"), f.Bodies["party"], date(f, "2026-11-01"), date(f, "2027-01-31"))
	f.Must(err)
	if len(flow.Lines) != 2 || !flow.Lines[0].Missed || flow.Lines[1].Missed { // November had begun; December is made good
		t.Errorf("the months: %+v", flow.Lines)
	}
}

// D2, D11: officers see the reports of their own body, staff those of all; nobody
// else sees any. Every look is in the journal, and names nobody.
func TestD11WhoSeesWhichReport(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		crowd(f, 20)
		next(f, "2026-11-23")
		ctx, at := f.Context(), date(f, "2026-11-22")
		for who, sees := range map[string]bool{"chair": true, "other chair": false, "regional chair": false, "member": false} {
			_, err := f.Reports.Members(ctx, f.As(who), f.Bodies["gentofte"], report.ByAge, at)
			if sees && err != nil || !sees && !fault.Is(err, fault.Denied) {
				t.Errorf("%s: %v", who, err)
			}
		}
		own, err := f.Reports.Bodies(ctx, f.As("other chair"), 0, at)
		f.Must(err)
		if own.Body.Code != "lyngby" || len(own.Lines) != 1 || own.Lines[0].Numbers != nil { // three members
			t.Errorf("lyngby: %+v", own)
		}
		if n := len(f.Reports.Choose(f.As("chair"))); n != 1 {
			t.Errorf("the chair chooses among %d bodies", n)
		}
		_, err = f.Journal.Checkpoint(ctx) // what waits for its place gets it
		f.Must(err)
		looks, err := f.Journal.Recent(ctx, journal.Filter{Act: journal.Facts}, journal.Page{})
		f.Must(err)
		if looks.Total != 2 || looks.Lines[0].Count != 0 || looks.Lines[1].Target != uint32(f.Bodies["gentofte"]) {
			t.Errorf("the journal: %+v", looks)
		}
	})
}
