package backup

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/fault"
	"kartotek/internal/place"
	"kartotek/internal/vault"
)

// bench is a register with a keyring, an identity and a place.
type bench struct {
	t      *testing.T
	db     *database.DB
	ring   *vault.Keyring
	reader *Reader
	to     recipients
	dir    string
	place  place.Place
	sizes  sizes
	now    time.Time
}

func newBench(t *testing.T, db *database.DB) *bench {
	t.Helper()
	b := &bench{t: t, db: db, dir: t.TempDir(), sizes: sizes{512, 2048, 8192}, now: time.Date(2026, 11, 22, 1, 30, 0, 0, time.UTC)}
	b.ring = newRing(t)
	key := filepath.Join(t.TempDir(), "backup.key")
	recipient, err := NewIdentity(key)
	b.must(err)
	identities, err := LoadIdentities(key)
	b.must(err)
	b.to, err = parseRecipients([]string{recipient})
	b.must(err)
	b.reader, err = NewReader(b.ring, identities)
	b.must(err)
	b.place, err = OpenPlace(b.dir)
	b.must(err)
	return b
}

func newRing(t *testing.T) *vault.Keyring {
	t.Helper()
	dir := t.TempDir()
	ring, err := vault.CreateFrom(t.Context(), filepath.Join(dir, "keyring.db"), vault.Unlock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := ring.Close(); err != nil {
			t.Error(err)
		}
	})
	return ring
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

// taking is an archive about to be made.
func (b *bench) taking() *taking {
	b.now = b.now.Add(time.Hour)
	version, err := b.db.Version(b.t.Context())
	b.must(err)
	return &taking{
		db: b.db, ring: b.ring, signer: b.ring.Signer(origin), place: b.place, to: b.to, sizes: b.sizes, patience: time.Minute, now: b.now,
		contents: contents{Schema: version, Charter: "charter"},
	}
}

func (b *bench) take() (*manifest, int64) {
	b.t.Helper()
	t := b.taking()
	m, err := t.take(b.t.Context())
	b.must(err)
	return m, t.fresh.Load()
}

// fill puts so many records into the register.
func (b *bench) fill(from, count int) {
	b.t.Helper()
	sealed := make([]byte, 200)
	b.must(b.db.Write(b.t.Context(), func(tx *database.Tx) error {
		_, err := tx.ExecEach(`INSERT INTO record (kind, person, id, class, version, sealed) VALUES ($1, $2, $3, $4, $5, $6)`, func(yield func([]any) bool) {
			for i := range count {
				rand.Read(sealed)
				if !yield([]any{1, from + i, 1, 1, 1, sealed[:100+i%100]}) {
					return
				}
			}
		})
		return err
	}))
}

// rows gives every row of the tables that are in archives.
func (b *bench) rows(db *database.DB) (all []string) {
	b.t.Helper()
	b.must(db.Read(b.t.Context(), func(q database.Querier) error {
		tables, err := db.Tables(q)
		if err != nil {
			return err
		}
		return walk(b.t.Context(), tables, b.sizes, func(fn func(database.Querier) error) error { return fn(q) },
			func(_ int, plain []byte, _ int64) error {
				return readChunk(plain, func(table string, columns []string, row []any) error {
					all = append(all, fmt.Sprintf("%s %q %q", table, columns, row))
					return nil
				})
			})
	}))
	return all
}

// restore loads an archive into a fresh register of the other engine, where
// order does not matter, or of the same.
func (b *bench) restore(id string, db *database.DB) error {
	o, err := b.reader.Open(b.t.Context(), b.place, id)
	if err != nil {
		return err
	}
	return b.reader.Load(b.t.Context(), b.place, o, db, func(int, int) {})
}

func each(t *testing.T, body func(t *testing.T, b *bench)) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) { body(t, newBench(t, db)) })
}

func silent(int, int) {}

// Whatever stands in the register comes back, whatever its values, on the same
// engine and on the other; a body whose parent was made after it too.
func TestN14AnArchiveHoldsEveryRow(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.fill(1, 200)
		b.must(b.db.Write(t.Context(), func(tx *database.Tx) error {
			for _, text := range []string{
				`INSERT INTO unit (id, parent, level, code, name, created_at) VALUES (1, NULL, 'local', 'a', 'Ærø ''"; --', 1)`,
				`INSERT INTO unit (id, parent, level, code, name, created_at, closed_at) VALUES (2, 1, 'local', 'b', '', -5, 9223372036854775807)`,
				`INSERT INTO unit (id, parent, level, code, name, created_at) VALUES (3, NULL, 'region', 'c', 'x', 1)`,
				`UPDATE unit SET parent = 3 WHERE id = 1`,
				`INSERT INTO session (token, owner, data, idle_at, expires_at) VALUES ('t', 'o', 'd', 1, 1)`,
			} {
				if b.db.Engine() == database.SQLite {
					text = strings.ReplaceAll(text, "('t', 'o', 'd'", "(x'74', x'6f', x'64'")
				}
				if _, err := tx.Exec(text); err != nil {
					return err
				}
			}
			_, err := tx.Exec(`INSERT INTO mail (id, key_id, sealed, created_at, not_before, attempts, ends_at) VALUES (1, 1, $1, 1, 1, 1, 1)`, []byte{})
			return err
		}))
		m, _ := b.take()
		want := b.rows(b.db)
		for _, fresh := range []*database.DB{databasetest.SQLite(t), databasetest.PostgreSQL(t)} {
			b.must(b.restore(m.ID, fresh))
			got := b.rows(fresh)
			slices.Sort(got)
			slices.Sort(want)
			if !slices.Equal(got, want) {
				t.Errorf("into %s: %d rows, want %d", fresh.Engine(), len(got), len(want))
			}
			b.must(fresh.Read(t.Context(), func(q database.Querier) error {
				var n int
				err := q.QueryRow(`SELECT count(*) FROM session`).Scan(&n)
				if n != 0 {
					t.Error("a session came back")
				}
				return err
			}))
		}
	})
}

// What has not changed is not written again, whatever changed elsewhere.
func TestN14UnchangedChunksAreNotWrittenAgain(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.fill(1, 600)
		m, first := b.take()
		if _, again := b.take(); again > first/8 {
			t.Errorf("unchanged: %d bytes written again, %d the first time", again, first)
		}
		b.must(b.db.Write(t.Context(), func(tx *database.Tx) error {
			if _, err := tx.Exec(`DELETE FROM record WHERE person = 7`); err != nil {
				return err
			}
			_, err := tx.Exec(`UPDATE record SET version = 2 WHERE person = 500`)
			return err
		}))
		n, some := b.take()
		if some > first/3 {
			t.Errorf("two rows changed: %d bytes written again, %d the first time", some, first)
		}
		for _, id := range []string{m.ID, n.ID} {
			if v, err := b.reader.Verify(t.Context(), b.place, id, silent); err != nil || !v.Decrypted {
				t.Error(err)
			}
		}
		// For other readers everything is written anew.
		recipient, err := NewIdentity(filepath.Join(t.TempDir(), "other"))
		b.must(err)
		if b.to, err = parseRecipients([]string{recipient}); err != nil {
			t.Fatal(err)
		}
		other, whole := b.take()
		if whole < first*9/10 {
			t.Errorf("for others only %d bytes were written", whole)
		}
		_, err = b.reader.Verify(t.Context(), b.place, other.ID, silent)
		refusedWith(t, "for others", err, locked)
		blind, err := NewReader(b.ring, nil)
		b.must(err)
		if v, err := blind.Verify(t.Context(), b.place, other.ID, silent); err != nil || v.Decrypted {
			t.Errorf("without an identity: %+v, %v", v.Decrypted, err)
		}
	})
}

func refusedWith(t *testing.T, what string, err error, reasons ...string) {
	t.Helper()
	var e *fault.Error
	if !errors.As(err, &e) || !slices.ContainsFunc(reasons, func(r string) bool { return e.Key == "backup.error."+r }) {
		t.Errorf("%s: %v, want one of %v", what, err, reasons)
	}
}

// objects lists the files of a place.
func (b *bench) objects() (all []string) {
	items, err := b.place.List(b.t.Context(), "")
	b.must(err)
	for _, item := range items {
		all = append(all, item.Name)
	}
	return all
}

// A flipped bit, a cut or a swap anywhere in a place is found, and the reason is
// one that a person can read. Nothing of a damaged archive is brought back.
func TestN14DamageIsFoundWhereverItIs(t *testing.T) {
	b := newBench(t, databasetest.SQLite(t))
	b.fill(1, 60)
	m, _ := b.take()
	r := mathrand.New(mathrand.NewPCG(1, 2))
	check := func(what, name string, change func(raw []byte) []byte, reasons ...string) {
		t.Helper()
		path := filepath.Join(b.dir, filepath.FromSlash(name))
		raw, err := os.ReadFile(path)
		b.must(err)
		b.must(os.WriteFile(path, change(bytes.Clone(raw)), 0o600))
		_, err = b.reader.Verify(t.Context(), b.place, m.ID, silent)
		refusedWith(t, what, err, reasons...)
		if err := b.restore(m.ID, databasetest.SQLite(t)); err == nil {
			t.Errorf("%s: it was brought back", what)
		}
		b.must(os.WriteFile(path, raw, 0o600))
	}
	all := []string{truncated, damaged, reordered, foreign, forged, missing}
	for _, name := range b.objects() {
		for range 6 {
			check("a bit of "+name, name, func(raw []byte) []byte {
				raw[r.IntN(len(raw))] ^= 1 << r.IntN(8)
				return raw
			}, all...)
		}
		for _, n := range []int{0, 1, 40, 200} {
			check(fmt.Sprintf("%s without %d bytes", name, n+1), name, func(raw []byte) []byte { return raw[:max(0, len(raw)-n-1)] }, truncated, damaged)
		}
		check(name+" with more", name, func(raw []byte) []byte { return append(raw, 'x') }, damaged)
		if strings.HasPrefix(name, chunkPrefix) {
			path := filepath.Join(b.dir, filepath.FromSlash(name))
			b.must(os.Rename(path, path+"x"))
			_, err := b.reader.Verify(t.Context(), b.place, m.ID, silent)
			refusedWith(t, "without "+name, err, missing)
			b.must(os.Rename(path+"x", path))
		}
	}
	check("lines swapped", archivePrefix+m.ID, func(raw []byte) []byte {
		lines := bytes.SplitAfter(raw, []byte("\n"))
		first := slices.IndexFunc(lines, func(l []byte) bool { return bytes.HasPrefix(l, []byte(chunkPrefix)) })
		lines[first], lines[first+1] = lines[first+1], lines[first]
		return bytes.Join(lines, nil)
	}, reordered)
	// Another good archive under this name.
	other, _ := b.take()
	raw, err := os.ReadFile(filepath.Join(b.dir, archivePrefix, other.ID))
	b.must(err)
	check("another's manifest", archivePrefix+m.ID, func([]byte) []byte { return raw }, reordered)
	// One that another keyring signed, and one that claims to be ours.
	stranger := newBench(t, b.db)
	stranger.place = b.place
	theirs, _ := stranger.take()
	_, err = b.reader.Verify(t.Context(), b.place, theirs.ID, silent)
	refusedWith(t, "another keyring's", err, foreign)
	path := filepath.Join(b.dir, archivePrefix, theirs.ID)
	raw, err = os.ReadFile(path)
	b.must(err)
	b.must(os.WriteFile(path, bytes.Replace(raw, []byte(keyringID(stranger.ring)), []byte(keyringID(b.ring)), 1), 0o600))
	_, err = b.reader.Verify(t.Context(), b.place, theirs.ID, silent)
	refusedWith(t, "a forged one", err, forged)
	if v, err := b.reader.Verify(t.Context(), b.place, m.ID, silent); err != nil || v.Rows != m.Rows {
		t.Errorf("in the end: %v", err)
	}
	listed, err := b.reader.List(t.Context(), b.place)
	b.must(err)
	chosen, err := Choose(listed, "", time.Time{})
	if len(listed) != 3 || err != nil || chosen.ID != other.ID {
		t.Errorf("%d listed, %s chosen, %v", len(listed), chosen.ID, err)
	}
}

// slow is a place that takes its time.
type slow struct {
	place.Place
	wait time.Duration
	puts atomic.Int64
}

func (s *slow) Put(ctx context.Context, name string, from io.Reader) error {
	s.puts.Add(1)
	time.Sleep(s.wait)
	return s.Place.Put(ctx, name, from)
}

// A slow place does not keep a snapshot open: what is missing is written with
// nothing open, while acts go on and the log is emptied; the archive is of one
// moment all the same.
func TestN14ASlowPlaceHoldsNoSnapshot(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.fill(1, 400)
		place := &slow{Place: b.place, wait: 5 * time.Millisecond}
		b.place = place
		taking := b.taking()
		taking.patience = 30 * time.Millisecond
		stop, acted := make(chan struct{}), make(chan error, 1)
		var longest time.Duration
		go func() {
			for i := 0; ; i++ {
				select {
				case <-stop:
					acted <- nil
					return
				default:
				}
				began := time.Now()
				err := b.db.Write(context.Background(), func(tx *database.Tx) error { // two rows that always say the same
					for _, person := range []int{3, 300} {
						if _, err := tx.Exec(`UPDATE record SET version = $1 WHERE person = $2`, i+2, person); err != nil {
							return err
						}
					}
					return nil
				})
				longest = max(longest, time.Since(began))
				if err != nil {
					acted <- err
					return
				}
				time.Sleep(time.Millisecond)
			}
		}()
		m, err := taking.take(t.Context())
		close(stop)
		b.must(errors.Join(err, <-acted))
		if taking.snaps < 2 {
			t.Errorf("%d snapshots: the place was not slow", taking.snaps)
		}
		t.Logf("%d puts, %d snapshots, the longest act took %v", place.puts.Load(), taking.snaps, longest)
		fresh := databasetest.SQLite(t)
		b.must(b.restore(m.ID, fresh))
		b.must(fresh.Read(t.Context(), func(q database.Querier) error {
			var versions, count int
			if err := q.QueryRow(`SELECT count(DISTINCT version) FROM record WHERE person IN (3, 300)`).Scan(&versions); err != nil {
				return err
			}
			err := q.QueryRow(`SELECT count(*) FROM record`).Scan(&count)
			if versions != 1 || count != 400 {
				t.Errorf("%d versions, %d records: not of one moment", versions, count)
			}
			return err
		}))
	})
}

// Memory does not grow with the register: writing, reading back and bringing
// back a hundred thousand rows need a bounded heap.
func TestN14MemoryDoesNotGrow(t *testing.T) {
	b := newBench(t, databasetest.SQLite(t))
	b.sizes = usualSizes
	for i := range 10 {
		b.fill(1+i*10_000, 10_000)
	}
	var peak uint64
	stop, ended := make(chan struct{}), make(chan struct{})
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	go func() {
		defer close(ended)
		for {
			select {
			case <-stop:
				return
			case <-time.After(5 * time.Millisecond):
				var now runtime.MemStats
				runtime.ReadMemStats(&now)
				peak = max(peak, now.HeapAlloc)
			}
		}
	}()
	m, _ := b.take()
	_, err := b.reader.Verify(t.Context(), b.place, m.ID, silent)
	b.must(err)
	b.must(b.restore(m.ID, databasetest.SQLite(t)))
	close(stop)
	<-ended
	grown := int64(peak) - int64(before.HeapAlloc)
	t.Logf("%d rows, %d bytes in %d chunks: %d MB of heap at most", m.Rows, m.Bytes, len(m.Chunks), grown>>20)
	if grown > 160<<20 {
		t.Errorf("%d MB of heap", grown>>20)
	}
}

// What is over goes, with its chunks, and nothing that a remaining archive names;
// the last good archive stays however old it is.
func TestD7OldArchivesGoAndTheLastGoodOneStays(t *testing.T) {
	b := newBench(t, databasetest.SQLite(t))
	b.fill(1, 100)
	old, _ := b.take()
	b.must(b.db.Write(t.Context(), func(tx *database.Tx) error {
		_, err := tx.Exec(`UPDATE record SET version = 2 WHERE person > 50`)
		return err
	}))
	b.now = b.now.AddDate(0, 0, 50)
	kept, _ := b.take()
	done, err := b.reader.prune(t.Context(), b.place, b.now.AddDate(0, 0, 60), 90)
	if err != nil || done.Archives != 1 || done.Chunks == 0 {
		t.Errorf("%+v, %v", done, err)
	}
	if _, err := b.reader.Verify(t.Context(), b.place, kept.ID, silent); err != nil {
		t.Error(err)
	}
	if _, err := b.reader.Verify(t.Context(), b.place, old.ID, silent); !fault.Is(err, fault.NotFound) {
		t.Errorf("the old one: %v", err)
	}
	for _, name := range b.objects() {
		if strings.HasPrefix(name, chunkPrefix) && !slices.ContainsFunc(kept.Chunks, func(c Chunk) bool { return c.Name == name }) {
			t.Errorf("%s was left", name)
		}
	}
	done, err = b.reader.prune(t.Context(), b.place, b.now.AddDate(10, 0, 0), 90)
	if err != nil || done.Archives != 0 || done.Chunks != 0 {
		t.Errorf("the last good one: %+v, %v", done, err)
	}
	// One that cannot be read keeps every chunk, until its own time is over.
	path := filepath.Join(b.dir, archivePrefix, newID(b.now))
	b.must(os.WriteFile(path, []byte("nonsense"), 0o600))
	b.must(b.place.Put(t.Context(), chunkName(strings.Repeat("ab", 32), strings.Repeat("cd", 32)), strings.NewReader("x")))
	if done, err = b.reader.prune(t.Context(), b.place, b.now.AddDate(0, 0, 1), 90); err != nil || done.Chunks != 0 {
		t.Errorf("beside an unreadable one: %+v, %v", done, err)
	}
	if done, err = b.reader.prune(t.Context(), b.place, b.now.AddDate(0, 0, 100), 90); err != nil || done.Archives != 1 || done.Chunks != 1 {
		t.Errorf("after its time: %+v, %v", done, err)
	}
}
