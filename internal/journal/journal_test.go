package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/fault"
)

const origin = "kartotek.test/register"

var ctx = context.Background()

// keys makes a signing key of a name; the register's own is made once.
func keys(name string) (note.Signer, note.Verifier) {
	private, public, err := note.GenerateKey(rand.Reader, name)
	if err != nil {
		panic(err)
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		panic(err)
	}
	verifier, err := note.NewVerifier(public)
	if err != nil {
		panic(err)
	}
	return signer, verifier
}

var ownSigner, ownVerifier = keys("register")

// open opens the journal until the test ends.
func open(t testing.TB, db *database.DB) *Journal {
	t.Helper()
	j, err := Open(ctx, db, ownSigner, ownVerifier, origin)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(j.halt)
	return j
}

// add appends entries, an act each, and waits until they are placed.
func add(t testing.TB, j *Journal, entries ...*Entry) []int64 {
	t.Helper()
	var ids []int64
	for _, e := range entries {
		must(t, j.db.Write(ctx, func(tx *database.Tx) error {
			id, err := j.Append(tx, e)
			ids = append(ids, id)
			return err
		}))
	}
	must(t, j.db.Write(ctx, j.sequence))
	return ids
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// count runs a query for one number.
func count(t testing.TB, db *database.DB, text string, args ...any) (n int64) {
	t.Helper()
	must(t, db.Read(ctx, func(q database.Querier) error { return q.QueryRow(text, args...).Scan(&n) }))
	return n
}

func TestEntryIsReadAsWritten(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		want := Entry{Act: List, Actor: 7, Post: "chair", Unit: 3, Right: "post", Via: "console", OSUser: "u", Purpose: "newsletter",
			Target: 4, Fields: []string{"given", "email"}, Persons: Set(1, 4095, 4096, 1_000_000), Reason: "r", Number: 317, Proof: []byte("p"), Keep: time.Hour}
		var at time.Time
		var id int64
		must(t, db.Write(ctx, func(tx *database.Tx) (err error) {
			at = tx.Now()
			id, err = j.Append(tx, &want)
			return err
		}))
		got, err := j.Entry(ctx, id)
		must(t, err)
		if id != 1 || got.ID != 1 || !got.At.Equal(at) || !got.KeepUntil.Equal(at.Add(time.Hour)) || got.Count != 4 || !got.Persons.Equals(want.Persons) {
			t.Errorf("got %+v", got)
		}
		got.Persons, want.Persons, want.Keep = nil, nil, 0
		if !reflect.DeepEqual(got.Entry, want) {
			t.Errorf("got %+v, want %+v", got.Entry, want)
		}
		if _, err := j.Entry(ctx, 2); !errors.Is(err, database.ErrNotFound) {
			t.Errorf("an entry that is none: %v", err)
		}
		if set, err := j.Persons(ctx, id); err != nil || set.GetCardinality() != 4 {
			t.Errorf("persons: %v, %v", set, err)
		}
	})
}

func TestMalformedEntriesAreRefused(t *testing.T) {
	j, err := view(nil, ownSigner, ownVerifier, origin)
	must(t, err)
	j.readOnly = false
	for name, e := range map[string]Entry{
		"no act": {}, "unknown act": {Act: 255}, "negative keep": {Act: Opened, Keep: -2}, "not UTF-8": {Act: Opened, Post: "\xff"},
		"long": {Act: Opened, Reason: string(make([]byte, maxText+1))}, "field": {Act: Opened, Fields: []string{"\xff"}},
		"fields": {Act: Opened, Fields: make([]string, maxCodes+1)}, "proof": {Act: Opened, Proof: make([]byte, maxProof+1)},
	} {
		if _, err := j.Read(ctx, &e); !errors.Is(err, errEntry) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestActAndEntryShareTheirFate(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		add(t, j, &Entry{Act: Start})
		undone := errors.New("undone")
		err := db.Write(ctx, func(tx *database.Tx) error {
			for range 3 {
				if _, err := j.Append(tx, &Entry{Act: Edit, Persons: Set(1)}); err != nil {
					return err
				}
			}
			return undone
		})
		if !errors.Is(err, undone) {
			t.Fatal(err)
		}
		// Several in one act, after one that failed: the tree goes on from what is committed.
		must(t, db.Write(ctx, func(tx *database.Tx) error {
			for want := int64(2); want <= 4; want++ {
				if id, err := j.Append(tx, &Entry{Act: Edit, Persons: Set(2)}); err != nil || id != want {
					t.Errorf("entry %d: %v", id, err)
				}
			}
			return nil
		}))
		must(t, db.Write(ctx, j.sequence))
		if a, err := j.About(ctx, 1, Page{}); err != nil || a.Total != 0 {
			t.Errorf("the failed act left %d entries, %v", a.Total, err)
		}
		sound(t, j, nil, 4)
	})
}

// sound verifies and wants no problem and that many entries.
func sound(t testing.TB, j *Journal, outside []byte, entries int64) Report {
	t.Helper()
	r, err := j.Verify(ctx, outside)
	must(t, err)
	if !r.Sound() || r.Entries != entries || r.Unsequenced != 0 {
		t.Fatalf("the journal is not sound: %+v", r)
	}
	return r
}

// Readings that come while one is being written are committed together, and
// each returns when its own entry is durable.
func TestReadingsShareACommit(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		const readers = 50
		busy, release := make(chan struct{}), make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			if err := db.Write(ctx, func(*database.Tx) error { close(busy); <-release; return nil }); err != nil {
				t.Error(err)
			}
		})
		<-busy
		read := func(n uint32) {
			id, err := j.Read(ctx, &Entry{Act: Opened, Actor: 1, Persons: Set(n + 1)})
			if err != nil {
				t.Error(err)
				return
			}
			if l, err := j.Entry(ctx, id); err != nil || !l.Persons.Contains(n+1) {
				t.Errorf("reading of %d returned before its entry stood: %v", n+1, err)
			}
		}
		waits := func() int {
			j.group.mu.Lock()
			defer j.group.mu.Unlock()
			return len(j.group.waiting)
		}
		ahead := func() bool { // somebody has taken what waited, and waits for the writer
			if j.group.commit.TryLock() {
				j.group.commit.Unlock()
				return false
			}
			return waits() == 0
		}
		all.Go(func() { read(0) })
		for !ahead() {
			time.Sleep(time.Millisecond)
		}
		for n := uint32(1); n < readers; n++ {
			all.Go(func() { read(n) })
		}
		for waits() < readers-1 {
			time.Sleep(time.Millisecond)
		}
		close(release)
		all.Wait()
		must(t, db.Write(ctx, j.sequence))
		sound(t, j, nil, readers)
		log, err := j.Recent(ctx, Filter{}, Page{Limit: readers})
		must(t, err)
		commits := map[time.Time]bool{}
		for _, l := range log.Lines {
			commits[l.At] = true
		}
		if len(commits) > 2 {
			t.Errorf("%d readings took %d commits", readers, len(commits))
		}
	})
}

// What could not be journaled is answered to nobody.
func TestNoReadWithoutATrace(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		j := open(t, db)
		first, err := j.Extend(ctx, 0, &Entry{Act: Search, Persons: Set(1)})
		must(t, err)
		must(t, db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`ALTER TABLE journal_body RENAME TO journal_gone`)
			return err
		}))
		var all sync.WaitGroup
		for range 20 {
			all.Go(func() {
				if _, err := j.Read(ctx, &Entry{Act: Opened, Persons: Set(2)}); !fault.Is(err, fault.Unavailable) {
					t.Errorf("a reading without a trace: %v", err)
				}
			})
		}
		all.Wait()
		if _, err := j.Extend(ctx, first, &Entry{Act: Search, Persons: Set(1, 2)}); !fault.Is(err, fault.Unavailable) {
			t.Errorf("an extension without a trace: %v", err)
		}
		must(t, db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`ALTER TABLE journal_gone RENAME TO journal_body`)
			return err
		}))
		// Whom the failed step would have shown is not held.
		if _, err := j.Extend(ctx, first, &Entry{Act: Search, Persons: Set(1, 2)}); err != nil {
			t.Fatal(err)
		}
		a, err := j.About(ctx, 2, Page{})
		must(t, err)
		if a.Total != 1 {
			t.Errorf("person 2 has %d entries", a.Total)
		}
		ended, end := context.WithCancel(ctx)
		end()
		if _, err := j.Read(ended, &Entry{Act: Opened}); !errors.Is(err, context.Canceled) {
			t.Errorf("a reading whose asker has gone: %v", err)
		}
	})
}

func TestViewOnlyReads(t *testing.T) {
	db := databasetest.SQLite(t)
	add(t, open(t, db), &Entry{Act: Start})
	j, err := View(db, nil, ownVerifier, origin)
	must(t, err)
	if r := sound(t, j, nil, 1); !warned(r, warnNoSeals) {
		t.Errorf("no warning: %+v", r)
	}
	_, reading := j.Read(ctx, &Entry{Act: Opened})
	_, pruning := j.Prune(ctx, time.Now())
	_, signing := j.Checkpoint(ctx)
	for _, err := range []error{reading, pruning, signing} {
		if !errors.Is(err, ErrReading) {
			t.Errorf("a view wrote: %v", err)
		}
	}
	must(t, j.Close())
	if _, err := Open(ctx, db, nil, ownVerifier, origin); err == nil {
		t.Error("opened without a signer")
	}
	if _, err := View(db, nil, ownVerifier, "two\nlines"); err == nil {
		t.Error("opened with an origin of two lines")
	}
	if _, err := View(db, fickle{ownSigner}, ownVerifier, origin); err == nil {
		t.Error("opened with a signer that cannot be derived from")
	}
}

// fickle signs the same text differently each time.
type fickle struct{ note.Signer }

func (fickle) Sign([]byte) ([]byte, error) {
	b := make([]byte, 64)
	rand.Read(b)
	return b, nil
}

func warned(r Report, key string) bool {
	return slices.ContainsFunc(r.Warnings, func(w Warning) bool { return w.Key == key })
}
