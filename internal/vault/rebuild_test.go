package vault

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"testing"

	"kartotek/internal/database"
	"kartotek/internal/durable"
	"kartotek/internal/place"
)

func anyway(*Keyring) error { return nil }

// rebuilt rebuilds a keyring from places.
func rebuilt(t testing.TB, m Master, places ...place.Place) (*Keyring, Rebuilt) {
	t.Helper()
	dir := t.TempDir()
	must(t, m.WriteFile(filepath.Join(dir, "master.key")))
	path := filepath.Join(dir, "keyring.db")
	done, err := Rebuild(ctx, path, Unlock{}, places, anyway)
	must(t, err)
	if left, err := filepath.Glob(path + ".*"); err != nil || len(left) > 0 {
		t.Errorf("left beside the keyring: %v, %v", left, err)
	}
	k, err := Open(ctx, path, m)
	must(t, err)
	t.Cleanup(func() { must(t, k.Close()) })
	return k, done
}

// same holds two keyrings against each other, part by part; the head differs in
// its counters.
func same(t testing.TB, a, b *Keyring) {
	t.Helper()
	texts := func(k *Keyring) map[part][]byte {
		all := map[part][]byte{}
		must(t, k.db.Read(ctx, func(q database.Querier) error {
			parts, err := partsOf(q)
			if err != nil {
				return err
			}
			return readInto(q, parts, all)
		}))
		delete(all, head)
		return all
	}
	left, right := texts(a), texts(b)
	if !maps.EqualFunc(left, right, bytes.Equal) {
		t.Errorf("%d parts and %d parts, not the same", len(left), len(right))
	}
}

// TestD7RebuildTakesTheNewestLedger: an older copy brings nobody back who was
// erased later.
func TestD7RebuildTakesTheNewestLedger(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 10)
	s := sites(t)
	old, young := s["directory"], s["bucket"]
	sealed := seal(t, k, label(p[3], Membership), "secret")
	must(t, copiesIn(k, old).CatchUp(ctx))
	_, err := k.Erase(ctx, noon, p[3:4], Membership)
	must(t, err)
	late := newPersons(t, k, 1)
	must(t, copiesIn(k, young).CatchUp(ctx))

	back, done := rebuilt(t, m, old, young) // the newest is taken, wherever it stands
	if done.From != young.Address() || done.Newer != 0 || !back.Holds(late[0], Membership) {
		t.Errorf("%+v", done)
	}
	// The newest is damaged, its ledger is not: the older copy, with that ledger.
	named, err := young.List(ctx, "keys/k")
	must(t, err)
	young.spoil(t, named[0].Name)
	back, done = rebuilt(t, m, old, young)
	if done.From != old.Address() || done.Newer != 1 || done.Ledger != 1 || len(done.Passed) != 1 {
		t.Errorf("%+v", done)
	}
	_, err = back.Open(nil, label(p[3], Membership), sealed)
	wants(t, err, ErrErased)
	if back.Holds(late[0], Membership) {
		t.Error("a key that is in no whole copy")
	}
	must(t, copiesIn(back, old, young).CatchUp(ctx)) // it goes on from there

	// Whose key is in no copy is given up, for good.
	must(t, back.Lose(ctx, noon, late[0], []Key{{late[0], Membership}}))
	_, err = back.Seal(nil, label(late[0], Membership), nil)
	wants(t, err, ErrErased)
	must(t, back.Healthy())
	if next := newPersons(t, back, 1); next[0] <= late[0] {
		t.Errorf("the id %d is issued again", next[0])
	}
	wants(t, back.Lose(ctx, noon, p[0], []Key{{p[0], Membership}}), ErrHeld)
	must(t, back.VerifyLedger(ctx))
	back = reopen(t, back, m)
	must(t, back.VerifyLedger(ctx))
	wants(t, copiesIn(k, old).Check(ctx), ErrCopyNewer) // the keyring that was lost turns up again
}

func TestRebuildRefuses(t *testing.T) {
	k, m := testRing(t)
	newPersons(t, k, 3)
	s := sites(t)["directory"]
	must(t, copiesIn(k, s).CatchUp(ctx))
	_, err := Rebuild(ctx, k.Path(), Unlock{}, []place.Place{s}, anyway)
	wants(t, err, ErrExists)
	dir := t.TempDir()
	must(t, m.WriteFile(filepath.Join(dir, "master.key")))
	path := filepath.Join(dir, "keyring.db")
	empty, err := place.Open(filepath.Join(dir, "empty"))
	must(t, err)
	done, err := Rebuild(ctx, path, Unlock{}, []place.Place{empty}, anyway)
	wants(t, err, ErrNoCopy)
	if len(done.Passed) != 1 || !errors.Is(done.Passed[0].Because, place.ErrNone) {
		t.Errorf("%+v", done)
	}
	// Every bit of every object counts.
	named, err := s.List(ctx, copyFolder)
	must(t, err)
	for _, object := range named {
		s.spoil(t, object.Name)
		if _, err := Rebuild(ctx, path, Unlock{}, []place.Place{s}, anyway); !errors.Is(err, ErrNoCopy) {
			t.Errorf("%s damaged: %v", object.Name, err)
		}
		s.spoil(t, object.Name) // the same bit again
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a refused rebuild leaves the keyring: %v", err)
	}
	_, err = Rebuild(ctx, path, Unlock{}, []place.Place{s}, anyway)
	must(t, err)
}

func FuzzDecodeManifest(f *testing.F) {
	m := manifest{generation: 1, revision: 2, at: noon, parts: map[part]partEntry{head: entryFor(1, []byte("x"))}}
	f.Add(m.encode(func(string, []byte) []byte { return make([]byte, 32) }))
	f.Add([]byte(manifestLead))
	f.Fuzz(func(t *testing.T, text []byte) {
		m, err := decodeManifest(text)
		if err != nil {
			return
		}
		again := m.encode(func(string, []byte) []byte { return text[len(text)-32:] })
		if !bytes.Equal(again, text) && len(again) == len(text) {
			two, err := decodeManifest(again)
			if err != nil || fmt.Sprint(two) != fmt.Sprint(m) {
				t.Errorf("%x\n%x", text, again)
			}
		}
	})
}

// What a stop or a refusal leaves of a keyring that was being rebuilt may hold keys
// that were erased since: it is overwritten, not only removed (D7).
func TestD7AHalfRebuiltKeyringIsOverwritten(t *testing.T) {
	dir := t.TempDir()
	path, empty := filepath.Join(dir, "keyring.db"), sites(t)["directory"]
	held := map[string]string{}
	for _, end := range []string{"", "-wal"} {
		at := path + unborn + end
		held[end] = filepath.Join(t.TempDir(), "held")
		must(t, errors.Join(os.WriteFile(at, []byte("a wrapped key"), 0o600), os.Link(at, held[end])))
	}
	_, err := Rebuild(ctx, path, Unlock{}, []place.Place{empty}, anyway)
	wants(t, err, ErrNoCopy)
	for end, other := range held {
		if _, err := os.Stat(path + unborn + end); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%q still stands: %v", end, err)
		}
		if !durable.IsBlank(other) {
			t.Errorf("%q was not overwritten", end)
		}
	}
}
