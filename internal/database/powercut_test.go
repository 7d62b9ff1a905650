package database_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"testing/fstest"

	"kartotek/internal/database"
	"kartotek/internal/database/faulttest"
)

// faultRuns, in the environment, asks for more runs than the usual ones.
const faultRuns = "KARTOTEK_FAULT_RUNS"

func runs(usual int) int {
	if n, err := strconv.Atoi(os.Getenv(faultRuns)); err == nil {
		return n
	}
	return usual
}

var notes fs.FS = fstest.MapFS{"00001_note.sql": {Data: []byte("-- +goose Up\nCREATE TABLE note (id INTEGER PRIMARY KEY, text BLOB NOT NULL) STRICT;\n")}}

// scribbled is what a random life left of a file: what it held after every
// commit, and where in the disk's operations that was.
type scribbled struct {
	disk   *faulttest.Disk
	states []string   // by commit
	begun  []int      // operations when the act began
	acked  []int      // operations when it was acknowledged
	gone   []forgiven // what Forget let go of
}

type forgiven struct {
	text []byte
	at   int // operations when Forget was acknowledged
}

// scribble writes, deletes and forgets at random.
func scribble(t *testing.T, seed uint64, acts int) *scribbled {
	t.Helper()
	dir := faulttest.Scratch(t)
	s := &scribbled{disk: faulttest.Watch(t, dir), states: []string{""}, begun: []int{0}, acked: []int{0}}
	db, err := database.OpenFile(t.Context(), filepath.Join(dir, "notes.db"), notes, database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.acked[0] = s.disk.Len()
	rng := rand.New(rand.NewPCG(seed, 1))
	texts := map[int64][]byte{}
	var deleted [][]byte
	for range acts {
		begun := s.disk.Len()
		if rng.IntN(8) == 0 {
			if err := db.Forget(t.Context()); err != nil {
				t.Fatal(err)
			}
			for _, text := range deleted {
				s.gone = append(s.gone, forgiven{text, s.disk.Len()})
			}
			deleted = nil
			continue
		}
		err := db.Write(t.Context(), func(tx *database.Tx) error {
			for range 1 + rng.IntN(12) {
				id := int64(rng.IntN(40))
				if old := texts[id]; old != nil && rng.IntN(2) == 0 {
					deleted = append(deleted, old)
					delete(texts, id)
					if _, err := tx.Exec(`DELETE FROM note WHERE id = $1`, id); err != nil {
						return err
					}
					continue
				}
				if old := texts[id]; old != nil {
					deleted = append(deleted, old)
				}
				texts[id] = bytes.Repeat(fmt.Appendf(nil, "<%016x%016x>", rng.Uint64(), rng.Uint64()), 1+rng.IntN(40))
				if _, err := tx.Exec(`INSERT INTO note (id, text) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET text = excluded.text`, id, texts[id]); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.states, s.begun, s.acked = append(s.states, held(t, db)), append(s.begun, begun), append(s.acked, s.disk.Len())
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	return s
}

// held is everything a file holds.
func held(t testing.TB, db *database.DB) (all string) {
	t.Helper()
	err := db.Read(t.Context(), func(q database.Querier) error {
		all = ""
		rows, err := q.Query(`SELECT id, text FROM note ORDER BY id`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var id int64
			var text []byte
			if err := rows.Scan(&id, &text); err != nil {
				return err
			}
			all += fmt.Sprintf("%d %d %s\n", id, len(text), text[:min(len(text), 40)])
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// check opens the disk as a cut after n operations left it and says what is wrong.
func (s *scribbled) check(t *testing.T, scratch string, n int, loss faulttest.Loss, seed uint64) error {
	dir, err := os.MkdirTemp(scratch, "")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := s.disk.Image(n, loss, seed, dir); err != nil {
		return err
	}
	for _, name := range []string{"notes.db", "notes.db-wal"} {
		content, _ := os.ReadFile(filepath.Join(dir, name))
		for _, g := range s.gone {
			if g.at <= n && bytes.Contains(content, g.text[:bytes.IndexByte(g.text, '>')+1]) {
				return fmt.Errorf("%s holds again what was forgotten", name)
			}
		}
	}
	db, err := database.OpenFile(t.Context(), filepath.Join(dir, "notes.db"), notes, database.Options{})
	if err != nil {
		return err
	}
	defer db.Close()
	now, first := held(t, db), 0
	for i := range s.states {
		if s.acked[i] <= n {
			first = i
		}
	}
	for i := first; i < len(s.states) && s.begun[i] <= n; i++ {
		if s.states[i] == now {
			return nil
		}
	}
	return fmt.Errorf("holds what it did after none of the acts %d and later", first)
}

// A file after a power cut, or after its process was killed, at any write: it
// opens, every acknowledged act is there and whole, of others all or nothing, and
// what was forgotten has not come back (D7).
func TestD7AFileAfterAPowerCut(t *testing.T) {
	counts := map[faulttest.Loss]int{}
	total, scratch := runs(300), faulttest.Scratch(t)
	var s *scribbled
	for run := range total {
		if run%200 == 0 {
			s = scribble(t, uint64(run), 30)
		}
		rng := rand.New(rand.NewPCG(uint64(run), 2))
		loss, n := faulttest.Losses[run%len(faulttest.Losses)], rng.IntN(s.disk.Len()+1)
		if run%5 == 0 && len(s.gone) > 0 { // just when something was promised to be gone
			n = s.gone[rng.IntN(len(s.gone))].at
		}
		if err := s.check(t, scratch, n, loss, uint64(run)); err != nil {
			t.Errorf("run %d, %v after %d of %d operations: %v", run, loss, n, s.disk.Len(), err)
		}
		counts[loss]++
	}
	faulttest.Tell(t, "%d disks: %v", total, counts)
	// It would be seen if nothing were ever synced.
	seen, tried := 0, 0
	for n := 40; n < s.disk.Len(); n += 9 {
		tried++
		if s.check(t, scratch, n, faulttest.Unsynced, 1) != nil {
			seen++
		}
	}
	if seen < tried*9/10 {
		t.Errorf("on a disk that syncs nothing only %d of %d cuts are noticed", seen, tried)
	}
}
