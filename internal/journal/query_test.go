package journal

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

func ids(lines []Line) []int64 {
	all := make([]int64, len(lines))
	for i, l := range lines {
		all[i] = l.ID
	}
	return all
}

func TestWhoHasSeenMe(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		all := roaring.New()
		all.AddRange(1, 20_001)
		add(t, j,
			&Entry{Act: Search, Persons: Set(5000, 5001)},          // 1
			&Entry{Act: Opened, Persons: Set(5000)},                // 2
			&Entry{Act: Opened, Persons: Set(5001)},                // 3: a neighbour
			&Entry{Act: List, Number: 11, Persons: all},            // 4
			&Entry{Act: List, Number: 12, Persons: Set(1, 5001)},   // 5
			&Entry{Act: List, Number: 13, Persons: Set(5000)},      // 6
			&Entry{Act: Denied, Persons: Set(5000, 904)},           // 7: 904 has the same low bits
			&Entry{Act: Opened, Persons: Set(904)},                 // 8
			&Entry{Act: Start},                                     // 9: concerns nobody
			&Entry{Act: Shown, Persons: Set(5000, 5001, 5002, 70)}, // 10
		)
		a, err := j.About(ctx, 5000, Page{})
		must(t, err)
		if a.Total != 6 || a.Opened != 1 || a.Listed != 2 || a.Searched != 2 || a.Other != 1 {
			t.Errorf("%+v", a)
		}
		if got := ids(a.Lines); !slices.Equal(got, []int64{10, 7, 6, 4, 2, 1}) {
			t.Errorf("newest first: %v", got)
		}
		// Two cards that became one: what was done with either, and with both at once only once.
		both, err := j.AboutAll(ctx, []uint32{5000, 904}, Page{})
		must(t, err)
		if got := ids(both.Lines); both.Total != 7 || !slices.Equal(got, []int64{10, 8, 7, 6, 4, 2, 1}) {
			t.Errorf("%+v", both)
		}
		a, err = j.About(ctx, 5000, Page{Offset: 1, Limit: 2})
		must(t, err)
		if got := ids(a.Lines); a.Total != 6 || !slices.Equal(got, []int64{7, 6}) {
			t.Errorf("second page: %v of %d", got, a.Total)
		}
		for _, p := range []Page{{Offset: 6}, {Offset: 99, Limit: 1}} {
			if a, err := j.About(ctx, 5000, p); err != nil || len(a.Lines) != 0 || a.Total != 6 {
				t.Errorf("page %+v: %+v, %v", p, a, err)
			}
		}
		for person, want := range map[uint32][]int64{5000: {13, 11}, 5001: {12, 11}, 1: {12, 11}, 20_000: {11}, 20_001: {}} {
			if got, err := j.Lists(ctx, person); err != nil || !slices.Equal(got, want) {
				t.Errorf("lists of %d: %v, %v", person, got, err)
			}
		}
		if set, err := j.Persons(ctx, 4); err != nil || !set.Equals(all) {
			t.Errorf("list 11 had %v persons, %v", set, err)
		}
	})
}

// More lists than one query for bodies fetches, in order all the same.
func TestListsOfManyLists(t *testing.T) {
	j := open(t, databasetest.SQLite(t))
	var want []int64
	for n := range int64(2*bodiesAtOnce + 3) {
		add(t, j, &Entry{Act: List, Number: n + 1, Persons: Set(7, 8)})
		want = append(want, n+1)
	}
	slices.Reverse(want)
	got, err := j.Lists(ctx, 7)
	must(t, err)
	if !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}

func TestLogPage(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		for i := range 10 {
			act := Opened
			if i%2 == 1 {
				act = Edit
			}
			add(t, j, &Entry{Act: act, Actor: uint32(i % 3), Unit: uint32(i % 4), Target: uint32(40 + i%4)})
		}
		log, err := j.Recent(ctx, Filter{}, Page{})
		must(t, err)
		times := map[int64]time.Time{}
		for _, l := range log.Lines {
			times[l.ID] = l.At
		}
		for _, c := range []struct {
			f     Filter
			p     Page
			total int
			want  string
		}{
			{Filter{}, Page{}, 10, "[10 9 8 7 6 5 4 3 2 1]"},
			{Filter{}, Page{Offset: 2, Limit: 3}, 10, "[8 7 6]"},
			{Filter{}, Page{Offset: 9, Limit: 3}, 10, "[1]"},
			{Filter{}, Page{Offset: 10}, 10, "[]"},
			{Filter{Act: Edit}, Page{Limit: 2}, 5, "[10 8]"},
			{Filter{Actor: 2}, Page{}, 3, "[9 6 3]"},
			{Filter{Unit: 3}, Page{}, 2, "[8 4]"},
			{Filter{Unit: 43}, Page{}, 2, "[8 4]"},
			{Filter{Actor: 1, Act: Edit}, Page{}, 2, "[8 2]"},
			{Filter{From: times[4], To: times[7]}, Page{}, 3, "[6 5 4]"},
			{Filter{From: times[10].Add(time.Hour)}, Page{}, 0, "[]"},
		} {
			log, err := j.Recent(ctx, c.f, c.p)
			must(t, err)
			if got := fmt.Sprint(ids(log.Lines)); got != c.want || log.Total != c.total {
				t.Errorf("%+v %+v: %s of %d, want %s of %d", c.f, c.p, got, log.Total, c.want, c.total)
			}
		}
		add(t, j, &Entry{Act: Log, Actor: 9})
		log, err = j.Recent(ctx, Filter{Actor: 9}, Page{})
		must(t, err)
		if log.Total != 1 || log.Lines[0].Act != Log {
			t.Errorf("what is new is not shown: %+v", log)
		}
	}, ticking)
}

// ticking gives each act a second of its own.
func ticking(o *database.Options) {
	now := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	o.Clock = func() time.Time {
		now = now.Add(time.Second)
		return now
	}
}
