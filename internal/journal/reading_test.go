package journal

import (
	"sync"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// The keystrokes of one search are one reading: only persons that appear for
// the first time are added, and without any there is no write.
func TestKeystrokesAreOneReading(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		now := time.Unix(1_800_000_000, 0)
		j.readings.clock = func() time.Time { return now }
		step := func(first int64, e Entry, persons ...uint32) int64 {
			t.Helper()
			e.Act, e.Actor, e.Persons = Search, 7, Set(persons...)
			first, err := j.Extend(ctx, first, &e)
			must(t, err)
			return first
		}
		entries := func(want int64) {
			t.Helper()
			if n := count(t, db, `SELECT COUNT(*) FROM journal_entry`); n != want {
				t.Errorf("%d entries, want %d", n, want)
			}
		}
		first := step(0, Entry{}, 1, 2, 3)
		for _, persons := range [][]uint32{{1, 2}, {3}, {}, {1, 2, 3}} {
			if got := step(first, Entry{}, persons...); got != first {
				t.Errorf("reading %d became %d", first, got)
			}
		}
		entries(1)
		step(first, Entry{}, 2, 3, 4, 5)
		entries(2)
		step(first, Entry{}, 4, 5)
		entries(2)
		l, err := j.Entry(ctx, 2)
		must(t, err)
		if l.Reading != first || l.Count != 2 || !l.Persons.Equals(Set(4, 5)) {
			t.Errorf("the extension is %+v", l)
		}
		// More fields are another reading, and so is a search after a long pause.
		more := step(first, Entry{Fields: []string{"phone"}}, 1)
		if more == first {
			t.Error("more fields went into the same reading")
		}
		entries(3)
		now = now.Add(heldFor - time.Second)
		if step(first, Entry{}, 1) != first {
			t.Error("a reading ended early")
		}
		entries(3)
		now = now.Add(heldFor + time.Second)
		if step(first, Entry{}, 1) == first {
			t.Error("a reading never ends")
		}
		entries(4)
		// What is unknown, after a restart say, begins anew.
		step(4711, Entry{}, 1)
		entries(5)
	})
}

func TestHeldReadingsAreBounded(t *testing.T) {
	j, err := view(databasetest.SQLite(t), ownSigner, ownVerifier, origin)
	must(t, err)
	now := time.Unix(1_800_000_000, 0)
	r := &j.readings
	r.clock = func() time.Time { return now }
	for n := range int64(heldReadings + 10) {
		r.keep(&held{first: n + 1, persons: Set()})
	}
	if len(r.by) != heldReadings || r.order.Len() != heldReadings || r.find(10, "") != nil || r.find(11, "") == nil {
		t.Errorf("%d are held", len(r.by))
	}
	now = now.Add(heldFor + time.Second)
	r.keep(&held{first: 1, persons: Set()})
	if len(r.by) != 1 || r.order.Len() != 1 {
		t.Errorf("%d are held after their time", len(r.by))
	}
}

func TestStepsOfOneReadingWaitForEachOther(t *testing.T) {
	db := databasetest.SQLite(t)
	j := open(t, db)
	first, err := j.Extend(ctx, 0, &Entry{Act: Search, Persons: Set(1)})
	must(t, err)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, err := j.Extend(ctx, first, &Entry{Act: Search, Persons: Set(1, 2, 3)}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := count(t, db, `SELECT COUNT(*) FROM journal_entry`); n != 2 {
		t.Errorf("%d entries", n)
	}
}
