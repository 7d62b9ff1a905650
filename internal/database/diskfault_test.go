package database_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"

	"kartotek/internal/database"
	"kartotek/internal/database/faulttest"
)

// trouble is a way a disk fails, on which operations, and what the program says.
type trouble struct {
	name string
	on   []faulttest.Kind
	how  faulttest.Failure
	says []error
}

var troubles = []trouble{
	{"full", []faulttest.Kind{faulttest.Write}, faulttest.Full, []error{database.ErrFull}},
	{"full from the first byte", []faulttest.Kind{faulttest.Write, faulttest.Create}, faulttest.FullWhole, []error{database.ErrFull}},
	{"reading fails", []faulttest.Kind{faulttest.Read}, faulttest.ReadFails, []error{database.ErrUnavailable}},
	{"writing fails", []faulttest.Kind{faulttest.Write, faulttest.Truncate}, faulttest.WriteFails, []error{database.ErrUnavailable}},
	{"syncing fails", []faulttest.Kind{faulttest.Sync}, faulttest.SyncFails, []error{database.ErrUnavailable}},
	{"read only", []faulttest.Kind{faulttest.Write, faulttest.Truncate, faulttest.Create, faulttest.Delete}, faulttest.Protected, []error{database.ErrReadOnly}},
}

// A disk that fails refuses the act, by a name one can tell people; nothing of
// it is there, no other act is touched, and the next one goes through when the
// disk does. No failed sync is taken for one that went well.
func TestAnActOnADiskThatFails(t *testing.T) {
	total, failed, refused := runs(60), 0, map[string]int{}
	for run := range total {
		trouble := &troubles[run%len(troubles)]
		rng := rand.New(rand.NewPCG(uint64(run), 3))
		dir := faulttest.Scratch(t)
		disk := faulttest.Watch(t, dir)
		path := filepath.Join(dir, "notes.db")
		db, err := database.OpenFile(t.Context(), path, notes, database.Options{})
		if err != nil {
			t.Fatal(err)
		}
		before := held(t, db)
		for act := range 12 {
			broken := rng.IntN(2) == 0
			if broken {
				breaks(disk, trouble, rng)
			}
			forgets := rng.IntN(4) == 0
			err := scratch(t, db, rng, act, forgets)
			disk.Break(nil)
			switch {
			case err == nil:
			case !broken || !oneOf(err, trouble.says):
				t.Fatalf("run %d, %s, act %d: %v", run, trouble.name, act, err)
			default:
				failed++
				refused[trouble.name]++
			}
			now := held(t, db)
			switch {
			case err != nil && now != before:
				t.Fatalf("run %d, %s, act %d: it was refused (%v) and has left something", run, trouble.name, act, err)
			case err == nil && !forgets && now == before:
				t.Fatalf("run %d, %s, act %d: it was acknowledged and is not there", run, trouble.name, act)
			}
			before = now
		}
		if err := scratch(t, db, rng, 99, false); err != nil { // the disk is well: so is the next act
			t.Fatalf("run %d, %s: afterwards: %v", run, trouble.name, err)
		}
		before = held(t, db)
		if err := errors.Join(db.Forget(t.Context()), db.Close()); err != nil {
			t.Fatalf("run %d, %s: %v", run, trouble.name, err)
		}
		// What every sync promised is there after a power cut.
		into := faulttest.Scratch(t)
		if err := disk.Image(disk.Len(), faulttest.Lost, 0, into); err != nil {
			t.Fatal(err)
		}
		db, err = database.OpenFile(t.Context(), filepath.Join(into, "notes.db"), notes, database.Options{})
		if err != nil {
			t.Fatalf("run %d, %s: %v", run, trouble.name, err)
		}
		if now := held(t, db); now != before {
			t.Fatalf("run %d, %s: after a power cut it holds something else", run, trouble.name)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	faulttest.Tell(t, "%d lives, %d acts refused: %v", total, failed, refused)
	if failed < total {
		t.Error("too little was refused")
	}
}

// breaks lets a disk fail from one of the next operations on.
func breaks(disk *faulttest.Disk, trouble *trouble, rng *rand.Rand) {
	wait := rng.IntN(6)
	disk.Break(func(op *faulttest.Op) faulttest.Failure {
		for _, kind := range trouble.on {
			if op.Kind != kind {
				continue
			}
			if wait > 0 {
				wait--
				break
			}
			return trouble.how
		}
		return faulttest.Failure{}
	})
}

func oneOf(err error, all []error) bool {
	for _, one := range all {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

// scratch does one act.
func scratch(t *testing.T, db *database.DB, rng *rand.Rand, act int, forgets bool) error {
	if forgets {
		return db.Forget(t.Context())
	}
	return db.Write(t.Context(), func(tx *database.Tx) error {
		for i := range 1 + rng.IntN(20) {
			text := make([]byte, 1+rng.IntN(6000))
			copy(text, fmt.Sprintf("act %d row %d", act, i))
			if _, err := tx.Exec(`INSERT INTO note (id, text) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET text = excluded.text`, rng.IntN(60), text); err != nil {
				return err
			}
		}
		return nil
	})
}
