package record_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

type note struct {
	Text string
	On   civil.Date
}

func encodeNote(dst []byte, n *note) []byte {
	w := record.Writer{Bytes: dst}
	return w.String(1, n.Text).Date(2, n.On).Bytes
}

func decodeNote(src []byte, n *note) error {
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			n.Text = r.String()
		case 2:
			n.On = r.Date()
		}
	}
	return r.Err()
}

func noteWords(n *note) []record.Line { return []record.Line{{Key: "note.text", Value: n.Text}} }

var (
	notes = record.Declare(record.Kind[note]{
		Number: 900, Name: "note", Class: vault.Membership, Encode: encodeNote, Decode: decodeNote, Words: noteWords,
	})
	bills = record.Declare(record.Kind[note]{
		Number: 901, Name: "bill", Class: vault.Bookkeeping, Encode: encodeNote, Decode: decodeNote, Words: noteWords,
	})
)

// house is a register with its keyring.
type house struct {
	t       testing.TB
	db      *database.DB
	keyring *vault.Keyring
	*record.Store
}

func each(t *testing.T, body func(t *testing.T, h *house)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		dir := t.TempDir()
		keyring, err := vault.CreateFrom(t.Context(), filepath.Join(dir, "keyring.db"), vault.Unlock{})
		must(t, err)
		t.Cleanup(func() { keyring.Close() })
		body(t, &house{t, db, keyring, record.New(db, keyring)})
	})
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// persons makes n persons with a note each, and a bill for every third.
func (h *house) persons(n int) []vault.PersonID {
	h.t.Helper()
	ids := make([]vault.PersonID, n)
	must(h.t, h.keyring.Write(h.t.Context(), func(tx *vault.Tx) (err error) {
		for i := range ids {
			if ids[i], err = tx.NewPerson(vault.Bookkeeping); err != nil {
				return err
			}
		}
		return nil
	}))
	h.write(func(tx *database.Tx) error {
		for i, id := range ids {
			if err := record.Create(h.Store, tx, notes, id, 0, &note{Text: text(id)}); err != nil {
				return err
			}
			if i%3 == 0 {
				if err := record.Create(h.Store, tx, bills, id, 7, &note{Text: "bill " + text(id)}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	return ids
}

func text(id vault.PersonID) string { return fmt.Sprintf("note of %d", id) }

func (h *house) write(act func(tx *database.Tx) error) {
	h.t.Helper()
	must(h.t, h.db.Write(h.t.Context(), act))
}

func TestPutGetVersions(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.persons(1)[0]
		on := civil.Date{Year: 2026, Month: time.November, Day: 22}
		for i := range 3 {
			h.write(func(tx *database.Tx) error {
				return record.Put(h.Store, tx, notes, p, 0, &note{Text: fmt.Sprint(i), On: on})
			})
		}
		must(t, h.db.Read(t.Context(), func(q database.Querier) error {
			items, err := record.All(h.Store, q, notes, p)
			must(t, err)
			if len(items) != 1 || items[0].Version != 4 || items[0].Value != (note{"2", on}) {
				t.Errorf("got %+v", items)
			}
			if err := record.Get(h.Store, q, notes, p, 99, &note{}); !errors.Is(err, database.ErrNotFound) {
				t.Errorf("a record that is not there: %v", err)
			}
			return nil
		}))
		err := h.db.Write(t.Context(), func(tx *database.Tx) error {
			return record.Create(h.Store, tx, notes, p, 0, &note{})
		})
		if !errors.Is(err, database.ErrConflict) {
			t.Errorf("creating twice: %v", err)
		}
	})
}

// A row says nothing by standing elsewhere: whatever is moved to another
// person, kind, id or version does not open.
func TestL1SealedRowsCannotBeMoved(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ids := h.persons(2)
		for _, change := range []string{
			`UPDATE record SET sealed = (SELECT sealed FROM record WHERE kind = 900 AND person = $2) WHERE kind = 900 AND person = $1`,
			`UPDATE record SET version = version + 1 WHERE kind = 900 AND person = $1 AND $2 > 0`,
			`UPDATE record SET class = 2 WHERE kind = 900 AND person = $1 AND $2 > 0`,
			`UPDATE record SET id = 5 WHERE kind = 900 AND person = $1 AND $2 > 0`,
		} {
			rollback := errors.New("rollback")
			err := h.db.Write(t.Context(), func(tx *database.Tx) error {
				if n, err := tx.Exec(change, int64(ids[0]), int64(ids[1])); err != nil || n != 1 {
					t.Fatalf("%s: %d rows, %v", change, n, err)
				}
				if _, err := record.All(h.Store, tx, notes, ids[0]); !errors.Is(err, vault.ErrTampered) {
					t.Errorf("%s: %v", change, err)
				}
				return rollback
			})
			if !errors.Is(err, rollback) {
				t.Fatal(err)
			}
		}
	})
}

func TestD7DeleteTakesEveryKindOfTheClass(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ids := h.persons(4)
		h.write(func(tx *database.Tx) error {
			// A kind that no room declares any more goes too.
			_, err := tx.Exec(`INSERT INTO record (kind, person, id, class, version, sealed) VALUES (950, $1, 1, 1, 1, $2)`, int64(ids[0]), []byte("x"))
			return err
		})
		h.write(func(tx *database.Tx) error {
			n, err := h.Delete(tx, ids[0], vault.Membership, vault.Evidence)
			if n != 2 {
				t.Errorf("deleted %d rows, want 2", n)
			}
			return err
		})
		must(t, h.db.Read(t.Context(), func(q database.Querier) error {
			gone, err := h.Count(q, ids[0], vault.Membership)
			must(t, err)
			kept, err := h.Count(q, ids[0], vault.Bookkeeping)
			must(t, err)
			others, err := h.Count(q, ids[1], vault.Membership)
			must(t, err)
			if gone != 0 || kept != 1 || others != 1 {
				t.Errorf("gone %d, kept %d, others %d", gone, kept, others)
			}
			return nil
		}))
	})
}

func TestWalkTellsEverything(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		p := h.persons(1)[0]
		var told []string
		must(t, h.db.Read(t.Context(), func(q database.Querier) error {
			return h.Walk(q, p, func(k record.Named, id uint64, lines []record.Line) error {
				told = append(told, fmt.Sprint(k.Name, id, lines[0].Value))
				return nil
			})
		}))
		if want := []string{fmt.Sprint("note", 0, text(p)), fmt.Sprint("bill", 7, "bill "+text(p))}; !slices.Equal(told, want) {
			t.Errorf("told %q, want %q", told, want)
		}
		h.write(func(tx *database.Tx) error {
			_, err := tx.Exec(`INSERT INTO record (kind, person, id, class, version, sealed) VALUES (950, $1, 1, 1, 1, $2)`, int64(p), []byte("x"))
			return err
		})
		err := h.db.Read(t.Context(), func(q database.Querier) error {
			return h.Walk(q, p, func(record.Named, uint64, []record.Line) error { return nil })
		})
		if err == nil {
			t.Error("an undeclared kind was passed over in silence")
		}
	})
}

func TestScanAndFetch(t *testing.T) {
	each(t, func(t *testing.T, h *house) {
		ids := h.persons(6000)
		erased := []vault.PersonID{ids[0], ids[4097], ids[5999]}
		_, err := h.keyring.Erase(t.Context(), time.Now(), erased, vault.Membership)
		must(t, err)

		var scanned []vault.PersonID
		must(t, record.Scan(h.Store, t.Context(), notes, func(p vault.PersonID, _ uint64, n *note) error {
			if n.Text != text(p) {
				t.Fatalf("person %d: %q", p, n.Text)
			}
			scanned = append(scanned, p)
			return nil
		}))
		want := slices.DeleteFunc(slices.Clone(ids), func(p vault.PersonID) bool { return slices.Contains(erased, p) })
		if !slices.Equal(scanned, want) {
			t.Errorf("scanned %d persons, want %d in order", len(scanned), len(want))
		}

		// Fetch keeps the order it is given, dense and sparse.
		backwards := slices.Clone(ids)
		slices.Reverse(backwards)
		sparse := []vault.PersonID{ids[5500], ids[3], ids[3000], ids[0]}
		var scattered []vault.PersonID // more than one query looks up
		for i := len(ids) - 1; i >= 0; i -= 41 {
			scattered = append(scattered, ids[i])
		}
		for _, order := range [][]vault.PersonID{ids, backwards, sparse, scattered, nil} {
			var got []vault.PersonID
			must(t, record.Fetch(h.Store, t.Context(), notes, order, func(p vault.PersonID, _ uint64, n *note) error {
				got = append(got, p)
				return nil
			}))
			want := slices.DeleteFunc(slices.Clone(order), func(p vault.PersonID) bool { return slices.Contains(erased, p) })
			if !slices.Equal(got, want) {
				t.Errorf("fetched %d of %d persons", len(got), len(want))
			}
		}

		// A receiver that gives up, and a reader that is told to stop.
		stop := errors.New("stop")
		if err := record.Scan(h.Store, t.Context(), notes, func(vault.PersonID, uint64, *note) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("scan: %v", err)
		}
		if err := record.Fetch(h.Store, t.Context(), notes, ids, func(vault.PersonID, uint64, *note) error { return stop }); !errors.Is(err, stop) {
			t.Errorf("fetch: %v", err)
		}
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if err := record.Fetch(h.Store, ctx, notes, ids, func(vault.PersonID, uint64, *note) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled fetch: %v", err)
		}
	})
}

func TestFormKeepsWhatIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := note{Text: rapid.String().Draw(t, "text")}
		if rapid.Bool().Draw(t, "dated") {
			at := time.Unix(rapid.Int64Range(-3e9, 4e9).Draw(t, "seconds"), 0)
			in.On = civil.DateOf(at)
		}
		w := record.Writer{Bytes: encodeNote(nil, &in)}
		w.Uint(77, rapid.Uint64().Draw(t, "field of a later version"))
		var out note
		if err := decodeNote(w.Bytes, &out); err != nil || out != in {
			t.Fatalf("wrote %+v, read %+v, %v", in, out, err)
		}
	})
}

func FuzzForm(f *testing.F) {
	f.Add(encodeNote(nil, &note{Text: "x", On: civil.Date{Year: 2026, Month: 1, Day: 2}}))
	f.Add([]byte{0x10, 0xff})
	f.Fuzz(func(t *testing.T, src []byte) {
		var n note
		if err := decodeNote(src, &n); err != nil && !errors.Is(err, record.ErrForm) {
			t.Errorf("an error of another kind: %v", err)
		}
	})
}
