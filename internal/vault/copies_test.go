package vault

import (
	"bytes"
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/place"
	"kartotek/internal/place/placetest"
)

// never is for places in which no copy was before.
func never(string) bool { return false }

// site is a place for a copy and everything it holds.
type site struct {
	place.Place
	bytes func(t testing.TB) map[string][]byte
	spoil func(t testing.TB, name string) // flips a bit
}

// sites are a directory and a bucket.
func sites(t *testing.T) map[string]site {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copy")
	server := placetest.New(t, "keys")
	inDirectory, err := place.Open(dir)
	must(t, err)
	inBucket, err := place.Open(server.Address("keys/house"))
	must(t, err)
	spoil := func(p place.Place) func(testing.TB, string) {
		return func(t testing.TB, name string) {
			t.Helper()
			text, err := fetch(ctx, p, name)
			must(t, err)
			text[len(text)/2] ^= 4
			must(t, p.Put(ctx, name, bytes.NewReader(text)))
		}
	}
	return map[string]site{
		"directory": {inDirectory, func(t testing.TB) map[string][]byte { return objects(t, dir) }, spoil(inDirectory)},
		"bucket":    {inBucket, func(testing.TB) map[string][]byte { return server.Bytes(t, "keys") }, spoil(inBucket)},
	}
}

// objects is every byte of a directory.
func objects(t testing.TB, dir string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	must(t, filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		all[path], err = os.ReadFile(path)
		return err
	}))
	return all
}

// wrappedOf gives the wrapped keys of a person as they lie in keyring and copies.
func wrappedOf(k *Keyring, p PersonID) (all [][]byte) {
	for c := Membership; c < classes; c++ {
		var w wrappedKey
		if k.Holds(p, c) {
			k.keys.get(&w, keyName{p, c})
			all = append(all, bytes.Clone(w[:]))
		}
	}
	return all
}

func holding(all map[string][]byte, needles [][]byte) (found []string) {
	for name, text := range all {
		for _, needle := range needles {
			if bytes.Contains(text, needle) {
				found = append(found, name)
			}
		}
	}
	return found
}

func clock() time.Time { return noon }

func copiesIn(k *Keyring, places ...place.Place) *Copies { return k.Copies(places, clock, never) }

// TestD7ACopyFollowsAndForgets: whatever happens to the keyring, a copy that has
// confirmed is the keyring, and no byte in the place is a key that was erased.
func TestD7ACopyFollowsAndForgets(t *testing.T) {
	for name, s := range sites(t) {
		t.Run(name, func(t *testing.T) {
			k, m := testRing(t)
			c := copiesIn(k, s)
			must(t, c.CatchUp(ctx))
			p := newPersons(t, k, 300, Bookkeeping, Evidence)
			oneOff, err := k.OneOff(ctx, noon)
			must(t, err)
			must(t, c.CatchUp(ctx))
			secret := wrappedOf(k, p[7])
			stays := wrappedOf(k, p[8])
			if len(secret) != 3 || len(holding(s.bytes(t), secret)) != 3 {
				t.Fatalf("%d keys, in %v", len(secret), holding(s.bytes(t), secret))
			}
			_, err = k.Erase(ctx, noon, p[7:8], Membership, Bookkeeping, Evidence)
			must(t, err)
			if all, _ := c.Confirmed(3); all {
				t.Error("confirmed before anything was written")
			}
			must(t, c.CatchUp(ctx))
			if all, states := c.Confirmed(3); !all || states[0].Ledger != 3 || !states[0].ConfirmedAt.Equal(noon) {
				t.Errorf("not confirmed: %+v", states)
			}
			if found := holding(s.bytes(t), secret); len(found) > 0 {
				t.Errorf("an erased key lies in %v", found)
			}
			if len(holding(s.bytes(t), stays)) != 3 {
				t.Error("the neighbour's keys are not there")
			}
			must(t, k.DropOneOff(ctx, oneOff))
			must(t, k.Write(ctx, func(tx *Tx) error { return tx.Release(ClaimEmail, email(p[20]), p[20]) }))
			must(t, c.CatchUp(ctx))
			back, done := rebuilt(t, m, s)
			same(t, k, back)
			if done.Ledger != 3 || done.LastPerson != p[299] || back.ID() != k.ID() {
				t.Errorf("%+v", done)
			}
			if _, err := back.Open(nil, label(p[7], Membership), seal(t, k, label(p[8], Membership), "x")); !errors.Is(err, ErrErased) {
				t.Errorf("the erased person: %v", err)
			}
			if got, err := back.Find(ClaimNumber, number(p[20])); err != nil || !slices.Equal(got, p[20:21]) {
				t.Errorf("found %v, %v", got, err)
			}
			if string(back.MAC("x", nil)) != string(k.MAC("x", nil)) || back.PublicID(5) != k.PublicID(5) {
				t.Error("the secrets are others")
			}
		})
	}
}

// TestD7ACopyAloneOpensNothing: neither values nor keys nor secrets lie in it.
func TestD7ACopyAloneOpensNothing(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 3)
	s := sites(t)["directory"]
	must(t, copiesIn(k, s).CatchUp(ctx))
	needles := [][]byte{m.key[:], []byte(email(p[0])), []byte(number(p[0])), k.ledgerKey.Seed(), k.journalKey.Seed()}
	w := wrapper{master: k.master.Load().cipher}
	k.keys.get(&w.sealed, keyName{p[0], Membership})
	must(t, w.unwrap(keyName{p[0], Membership}.append(nil)))
	needles = append(needles, w.key[:])
	if found := holding(s.bytes(t), needles); len(found) > 0 {
		t.Errorf("found in %v", found)
	}
	dir := t.TempDir()
	must(t, NewMaster(filepath.Join(dir, "master.key")))
	_, err := Rebuild(ctx, filepath.Join(dir, "keyring.db"), Unlock{}, []place.Place{s}, anyway)
	wants(t, err, ErrWrongMaster)
	if left := objects(t, dir); len(left) != 1 {
		t.Errorf("a refused rebuild leaves %d files", len(left))
	}
}

// TestEveryTableOfTheKeyringIsCopied: one that is added later must be too.
func TestEveryTableOfTheKeyringIsCopied(t *testing.T) {
	k, _ := testRing(t)
	var tables []string
	must(t, k.db.Read(ctx, func(q database.Querier) error {
		rows, err := q.Query(`SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			tables = append(tables, name)
		}
		return rows.Err()
	}))
	tables = slices.DeleteFunc(tables, func(name string) bool { return strings.HasPrefix(name, "goose") })
	if want := []string{"claim_drawer", "counter", "key_drawer", "keyring", "ledger", "one_off_drawer"}; !slices.Equal(tables, want) {
		t.Errorf("the keyring has %v; copies know %v: teach readPart and writePart the rest", tables, want)
	}
}

// TestACopyIsRepaired: a flipped bit, an object lost, one too many, a damaged
// manifest are found when the copy is read, and put right.
func TestACopyIsRepaired(t *testing.T) {
	for name, s := range sites(t) {
		t.Run(name, func(t *testing.T) {
			k, _ := testRing(t)
			newPersons(t, k, 100)
			c := copiesIn(k, s)
			must(t, c.CatchUp(ctx))
			before := s.bytes(t)
			named, err := s.List(ctx, copyFolder)
			must(t, err)
			for i := range named {
				named, err = s.List(ctx, copyFolder) // what is repaired has another name
				must(t, err)
				s.spoil(t, named[i].Name)
				must(t, copiesIn(k, s).Verify(ctx)) // as a start does
				if now := s.bytes(t); len(now) != len(before) {
					t.Errorf("%s: %d objects, there were %d", named[i].Name, len(now), len(before))
				}
				c := copiesIn(k, s)
				must(t, c.Verify(ctx))
				if state := c.States()[0]; state.Repaired != 0 {
					t.Errorf("%s: still damaged: %+v", named[i].Name, state)
				}
			}
			named, err = s.List(ctx, copyFolder)
			must(t, err)
			c = copiesIn(k, s)
			must(t, s.Delete(ctx, named[0].Name))
			must(t, s.Put(ctx, "keys/k0.99", strings.NewReader("stray")))
			must(t, c.Verify(ctx))
			if state := c.States()[0]; state.Repaired != 1 || !state.VerifiedAt.Equal(noon) {
				t.Errorf("%+v", state)
			}
			if _, err := s.Get(ctx, "keys/k0.99"); !errors.Is(err, place.ErrNone) {
				t.Errorf("the stray: %v", err)
			}
			must(t, c.Verify(ctx))
			if state := c.States()[0]; state.Repaired != 1 {
				t.Errorf("repaired twice: %+v", state)
			}
		})
	}
}

// broken is a place whose writes fail, or end the program, after some.
type broken struct {
	place.Place
	left atomic.Int64
}

var errBroken = errors.New("the line is cut")

func (b *broken) Put(ctx context.Context, name string, from io.Reader) error {
	if b.left.Add(-1) < 0 {
		return errBroken
	}
	return b.Place.Put(ctx, name, from)
}

func (b *broken) Delete(ctx context.Context, name string) error {
	if b.left.Add(-1) < 0 {
		return errBroken
	}
	return b.Place.Delete(ctx, name)
}

// TestD7ACopyCutOffAnywhere: wherever the line is cut, the copy is the one before
// or the one after, never counts as confirmed, and is made good.
func TestD7ACopyCutOffAnywhere(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 200, Bookkeeping)
	s := sites(t)["directory"]
	must(t, copiesIn(k, s).CatchUp(ctx))
	for cut := int64(0); ; cut++ {
		gone := wrappedOf(k, p[cut])
		_, err := k.Erase(ctx, noon, p[cut:cut+1], Membership, Bookkeeping)
		must(t, err)
		size, _ := k.LedgerHead()
		b := &broken{Place: s}
		b.left.Store(cut)
		c := copiesIn(k, b)
		err = c.CatchUp(ctx)
		back, done := rebuilt(t, m, s) // from whatever lies there
		if done.Ledger != size && done.Ledger != size-2 {
			t.Errorf("cut at %d: the ledger has %d entries", cut, done.Ledger)
		}
		must(t, back.VerifyLedger(ctx))
		all, states := c.Confirmed(size)
		if err == nil {
			if !all || len(holding(s.bytes(t), gone)) > 0 {
				t.Errorf("not cut off, and %+v", states)
			}
			faulttest.Tell(t, "cut off at %d places", cut)
			return
		}
		wants(t, err, errBroken)
		if all || !errors.Is(states[0].Problem, errBroken) || !states[0].FailingAt.Equal(noon) {
			t.Errorf("cut at %d: %+v", cut, states)
		}
		b.left.Store(1 << 20)
		must(t, c.CatchUp(ctx))
		if all, states := c.Confirmed(size); !all || !states[0].FailingAt.IsZero() || len(holding(s.bytes(t), gone)) > 0 {
			t.Errorf("cut at %d, made good: %+v", cut, states)
		}
		if cut > 50 {
			t.Fatal("it never comes through")
		}
	}
}

// TestD7AnOldKeyringIsRefused: one that is behind its copy may hold keys that were
// erased since.
func TestD7AnOldKeyringIsRefused(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 5)
	s := sites(t)["directory"]
	must(t, copiesIn(k, s).CatchUp(ctx))
	older := openRing(t, copyRing(t, k), m)
	must(t, copiesIn(older, s).Check(ctx)) // as old as the copy is not older
	for what, act := range map[string]func() error{
		"an erasure": func() error {
			_, err := k.Erase(ctx, noon, p[:1], Membership)
			return err
		},
		"an address": func() error {
			return k.Write(ctx, func(tx *Tx) error { return tx.Claim(ClaimEmail, "new@example.dk", p[2]) })
		},
		"a person": func() error { newPersons(t, k, 1); return nil },
	} {
		must(t, act())
		must(t, copiesIn(k, s).CatchUp(ctx))
		before := s.bytes(t)
		c := copiesIn(older, s)
		wants(t, c.Check(ctx), ErrCopyNewer)
		select {
		case <-c.Halted():
		default:
			t.Errorf("after %s: not halted", what)
		}
		wants(t, c.CatchUp(ctx), ErrCopyNewer)
		if !maps.EqualFunc(before, s.bytes(t), bytes.Equal) {
			t.Errorf("after %s: the copy was changed", what)
		}
	}
	// One that went another way since: as many acts, another ledger.
	other, _ := testRing(t)
	wants(t, copiesIn(other, s).CatchUp(ctx), ErrCopyOther)
	for range 4 {
		_, err := older.Erase(ctx, noon, p[3:], Membership)
		must(t, err)
		newPersons(t, older, 1)
	}
	wants(t, copiesIn(older, s).Check(ctx), ErrCopyNewer)
}

// TestACopyThatIsGoneIsNotBegunAnew: the disk may not be mounted, and its copy
// still hold keys that are erased.
func TestACopyThatIsGoneIsNotBegunAnew(t *testing.T) {
	k, _ := testRing(t)
	s := sites(t)["directory"]
	c := k.Copies([]place.Place{s}, clock, func(address string) bool { return address == s.Address() })
	wants(t, c.CatchUp(ctx), ErrCopyGone)
	if len(s.bytes(t)) != 0 {
		t.Error("something was written")
	}
	if !c.Renew(ctx, s.Address()) || c.Renew(ctx, "elsewhere") {
		t.Error("renewed another")
	}
	must(t, c.CatchUp(ctx))
	must(t, s.Delete(ctx, manifestName))
	newPersons(t, k, 1)
	must(t, c.CatchUp(ctx)) // written by us: the manifest is put back
}

// TestD7AWeekOutOfReach: nobody waits for a place but whoever asks whether it has
// confirmed, and it catches up by itself.
func TestD7AWeekOutOfReach(t *testing.T) {
	server := placetest.New(t, "keys")
	far, err := place.Open(server.Address("keys"))
	must(t, err)
	near := sites(t)["directory"]
	k, _ := testRing(t)
	now := noon
	c := k.Copies([]place.Place{near, far}, func() time.Time { return now }, never)
	p := newPersons(t, k, 20)
	must(t, c.CatchUp(ctx))
	server.Down.Store(true)
	for day := range 7 {
		now = noon.AddDate(0, 0, day)
		_, err := k.Erase(ctx, now, p[day:day+1], Membership)
		must(t, err)
		if err := c.CatchUp(ctx); err == nil {
			t.Fatal("a place that is down was written to")
		}
		all, states := c.Confirmed(int64(day) + 1)
		if all || states[0].Ledger != int64(day)+1 || states[1].Ledger != 0 || !states[1].FailingAt.Equal(noon) || states[1].Problem == nil {
			t.Fatalf("day %d: %+v", day, states)
		}
	}
	server.Down.Store(false)
	now = noon.AddDate(0, 0, 7)
	must(t, c.CatchUp(ctx))
	if all, states := c.Confirmed(7); !all || !states[1].FailingAt.IsZero() || !states[1].ConfirmedAt.Equal(now) {
		t.Errorf("%+v", states)
	}
}

// TestCopiesRun has the loops themselves follow.
func TestCopiesRun(t *testing.T) {
	k, _ := testRing(t)
	s := sites(t)
	c := copiesIn(k, s["directory"], s["bucket"])
	running, stop := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() { defer close(ended); c.Run(running) }()
	defer func() { stop(); <-ended }()
	p := newPersons(t, k, 50)
	for i := range 5 {
		gone := wrappedOf(k, p[i])
		_, err := k.Erase(ctx, noon, p[i:i+1], Membership)
		must(t, err)
		c.Await(ctx, int64(i)+1)
		if all, states := c.Confirmed(int64(i) + 1); !all {
			t.Fatalf("%+v", states)
		}
		for name, s := range s {
			if found := holding(s.bytes(t), gone); len(found) > 0 {
				t.Errorf("%s: %v", name, found)
			}
		}
	}
	// Without anybody who waits, soon all the same.
	newPersons(t, k, 1)
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		states := c.States()
		if slices.IndexFunc(states, func(s CopyState) bool { return !s.Current(k.Revision()) }) < 0 {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%+v", states)
		}
	}
}

// TestACopyFollowsARotation: every part is another, and only the new master key
// opens what lies in the place.
func TestACopyFollowsARotation(t *testing.T) {
	dir := t.TempDir()
	f := fill(t, dir, 30)
	s := sites(t)["directory"]
	c := copiesIn(f.ring, s)
	must(t, c.CatchUp(ctx))
	old := wrappedOf(f.ring, f.persons[10])
	if len(holding(s.bytes(t), old)) == 0 {
		t.Fatal("nothing to begin with")
	}
	_, err := f.ring.Rotate(ctx, Unlock{}, false)
	must(t, err)
	must(t, c.CatchUp(ctx))
	if found := holding(s.bytes(t), old); len(found) > 0 {
		t.Errorf("keys under the old master key lie in %v", found)
	}
	m, err := LoadMaster(filepath.Join(dir, "master.key"))
	must(t, err)
	back, _ := rebuilt(t, m, s)
	same(t, f.ring, back)
}

// TestD7ErasingManyIsOneRound: however many, no part is written twice.
func TestD7ErasingManyIsOneRound(t *testing.T) {
	k, _ := testRing(t)
	p := newPersons(t, k, 10_000)
	s := sites(t)["directory"]
	b := &broken{Place: s}
	b.left.Store(1 << 20)
	c := copiesIn(k, b)
	must(t, c.CatchUp(ctx))
	begun := b.left.Load()
	_, err := k.Erase(ctx, noon, p, Membership)
	must(t, err)
	must(t, c.CatchUp(ctx))
	if all, _ := c.Confirmed(10_000); !all {
		t.Error("not confirmed")
	}
	// 3 parts of keys, 3 of claims, 5 of the ledger, the head, the manifest; and
	// the old ones deleted.
	if acts := begun - b.left.Load(); acts > 24 {
		t.Errorf("%d objects were written or deleted", acts)
	}
}
