package vault

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"kartotek/internal/database/faulttest"
	"kartotek/internal/place"
)

// copying makes a run of this test binary a process that changes a keyring and its
// copy until it is killed.
const copying = "KARTOTEK_TEST_COPYING"

// TestCopyUntilKilled is that process.
func TestCopyUntilKilled(t *testing.T) {
	dir := os.Getenv(copying)
	if dir == "" {
		return // not the process
	}
	k, err := OpenFrom(ctx, filepath.Join(dir, "keyring.db"), Unlock{})
	must(t, err)
	p, err := place.Open(filepath.Join(dir, "copy"))
	must(t, err)
	c := k.Copies([]place.Place{p}, time.Now, never)
	for {
		person := newPersons(t, k, 1, Bookkeeping)
		must(t, c.CatchUp(ctx))
		if rand.IntN(2) == 0 {
			_, err := k.Erase(ctx, noon, person, Membership, Bookkeeping)
			must(t, err)
			must(t, c.CatchUp(ctx))
		}
	}
}

// Killed at random moments, the copy is one that was or one that was to be, the
// next start makes it good, and no key that was erased lies in any file of it.
func TestD7KilledWhileCopying(t *testing.T) {
	dir := t.TempDir()
	f := fill(t, dir, 70)
	m, err := LoadMaster(filepath.Join(dir, "master.key"))
	must(t, err)
	must(t, f.ring.Close())
	rounds := 15
	if testing.Short() {
		rounds = 3
	}
	s, err := place.Open(filepath.Join(dir, "copy"))
	must(t, err)
	known := map[PersonID][][]byte{} // keys as they were before they were erased
	for range rounds {
		cmd := exec.Command(os.Args[0], "-test.run=^TestCopyUntilKilled$")
		cmd.Env = append(os.Environ(), copying+"="+dir)
		must(t, cmd.Start())
		time.Sleep(time.Duration(100+rand.IntN(400)) * time.Millisecond)
		must(t, cmd.Process.Signal(syscall.SIGKILL))
		_ = cmd.Wait()
		if cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
			t.Fatal("it ended by itself")
		}
		k, err := OpenFrom(ctx, filepath.Join(dir, "keyring.db"), Unlock{})
		must(t, err)
		f.ring = k
		before, _ := k.LedgerHead()
		c := copiesIn(k, s)
		must(t, c.Check(ctx))
		if _, err := s.Get(ctx, manifestName); err == nil {
			back, done := rebuilt(t, m, s)
			if done.Ledger > before || done.LastPerson > k.LastPerson() {
				t.Errorf("the copy is ahead: %+v", done)
			}
			must(t, back.VerifyLedger(ctx))
		}
		must(t, c.CatchUp(ctx))
		if all, _ := c.Confirmed(before); !all {
			t.Error("not confirmed")
		}
		erased := slices.Collect(k.ErasedPersons())
		all := objects(t, filepath.Join(dir, "copy"))
		for _, p := range erased {
			if found := holding(all, known[p]); len(found) > 0 {
				t.Errorf("the key of %d, erased, lies in %v", p, found)
			}
		}
		for p := PersonID(1); p <= k.LastPerson(); p++ {
			if k.Holds(p, Membership) {
				known[p] = wrappedOf(k, p)
			}
		}
		// Whoever stands now is erased in part, with keys that are known.
		if p := k.LastPerson(); k.Holds(p, Membership) {
			_, err := k.Erase(ctx, noon, []PersonID{p}, Membership, Bookkeeping)
			must(t, err)
		}
		must(t, k.Close())
	}
	k, err := OpenFrom(ctx, filepath.Join(dir, "keyring.db"), Unlock{})
	must(t, err)
	f.ring = k
	must(t, copiesIn(k, s).Verify(ctx))
	back, _ := rebuilt(t, m, s)
	same(t, k, back)
	if left, err := filepath.Glob(filepath.Join(dir, "copy", "keys", ".*")); err != nil || len(left) > 0 {
		t.Errorf("left unfinished: %v %v", left, err)
	}
	ledger, _ := k.LedgerHead()
	faulttest.Tell(t, "%d kills, %d persons, %d keys erased", rounds, k.LastPerson(), ledger)
}
