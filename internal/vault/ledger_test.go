package vault

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"kartotek/internal/database"
)

// copyRing copies a keyring's file as a backup would: closed, or checkpointed.
func copyRing(t testing.TB, k *Keyring) string {
	t.Helper()
	must(t, k.db.Forget(ctx))
	b, err := os.ReadFile(k.Path())
	must(t, err)
	path := filepath.Join(t.TempDir(), "copy.db")
	must(t, os.WriteFile(path, b, 0o600))
	return path
}

func openRing(t testing.TB, path string, m Master) *Keyring {
	t.Helper()
	k, err := Open(ctx, path, m)
	must(t, err)
	t.Cleanup(func() { must(t, k.Close()) })
	return k
}

func TestOldCopyIsRefusedAndBroughtForward(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 5, Bookkeeping)
	_, err := k.Erase(ctx, noon, p[:1], Membership)
	must(t, err)
	sealed := seal(t, k, label(p[2], Membership), "about her")
	path := copyRing(t, k)
	gone := traces(t, k, p[2], Membership)
	younger := newPersons(t, k, 100)
	_, err = k.Erase(ctx, noon, []PersonID{p[2], younger[99]}, Membership)
	must(t, err)
	size, hash := k.LedgerHead()

	old := openRing(t, path, m)
	plain, err := old.Open(nil, label(p[2], Membership), sealed)
	must(t, err) // which is why it must not serve
	if string(plain) != "about her" {
		t.Errorf("opened %q", plain)
	}
	wants(t, old.KnownHead(size, hash), ErrLedgerOlder)
	must(t, k.KnownHead(size, hash))
	must(t, k.KnownHead(0, [32]byte{}))
	sizeOld, hashOld := old.LedgerHead()
	must(t, k.KnownHead(sizeOld, hashOld))

	newer, err := k.Ledger(ctx, 1)
	must(t, err)
	wants(t, old.Extend(ctx, newer[2:]), ErrLedgerForked) // a gap
	must(t, old.Extend(ctx, newer))
	must(t, old.Extend(ctx, newer[1:2]))
	must(t, old.KnownHead(size, hash))
	must(t, old.VerifyLedger(ctx))
	_, err = old.Open(nil, label(p[2], Membership), sealed)
	wants(t, err, ErrErased)
	_, err = old.Open(nil, label(younger[99], Membership), sealed)
	wants(t, err, ErrErased)
	if got, _ := old.Find(ClaimNumber, number(p[2])); got != nil {
		t.Errorf("still finds %v", got)
	}
	if !old.Holds(p[2], Bookkeeping) || !old.Holds(p[1], Membership) {
		t.Error("more is gone than the ledger says")
	}
	if old.LastPerson() != younger[99] {
		t.Errorf("last person %d: ids would be issued again", old.LastPerson())
	}
	all := files(t, old)
	for _, trace := range gone {
		if bytes.Contains(all, trace) {
			t.Error("a byte is left after the replay")
		}
	}
	old = reopen(t, old, m)
	must(t, old.KnownHead(size, hash))
}

func TestForkIsRefused(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 4)
	other := openRing(t, copyRing(t, k), m)
	_, err := k.Erase(ctx, noon, p[:2], Membership)
	must(t, err)
	_, err = other.Erase(ctx, noon.Add(time.Second), p[1:3], Membership)
	must(t, err)
	wants(t, other.KnownHead(k.LedgerHead()), ErrLedgerForked)
	newer, err := k.Ledger(ctx, 1)
	must(t, err)
	wants(t, other.Extend(ctx, newer), ErrLedgerForked)
	if !other.Holds(p[0], Membership) {
		t.Error("a refused ledger took a key")
	}
	stranger, _ := testRing(t)
	newPersons(t, stranger, 4)
	wants(t, stranger.Extend(ctx, newer), ErrLedgerForked)
}

// An old copy that served on issued the same ids to other persons: the ledger
// names keys, not ids alone, so nobody else's key is taken.
func TestReplayTakesOnlyTheKeyTheLedgerNames(t *testing.T) {
	k, m := testRing(t)
	old := openRing(t, copyRing(t, k), m)
	p := newPersons(t, k, 1)
	newPersons(t, old, 1)
	_, err := k.Erase(ctx, noon, p, Membership)
	must(t, err)
	newer, err := k.Ledger(ctx, 1)
	must(t, err)
	wants(t, old.Extend(ctx, newer), ErrLedgerForked)
	if !old.Holds(p[0], Membership) {
		t.Error("somebody else's key is gone")
	}
}

// A drawer restored from an older copy into a newer file brings keys back; every
// start takes them away again.
func TestLedgerIsReplayedAtEveryStart(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 3)
	gone := traces(t, k, p[1], Membership)
	sealed := seal(t, k, label(p[1], Membership), "about her")
	var keys, claims []byte
	must(t, k.db.Read(ctx, func(q database.Querier) error {
		must(t, q.QueryRow(keyDrawers.one, int64(Membership)<<32).Scan(&keys))
		return q.QueryRow(claimDrawers.one, int64(0)).Scan(&claims)
	}))
	_, err := k.Erase(ctx, noon, p[1:2], Membership)
	must(t, err)
	tamper(t, k, claimDrawers.put, int64(0), claims)
	k = reopen(t, k, m)
	if got, _ := k.Find(ClaimEmail, email(p[1])); got != nil {
		t.Errorf("claims alone came back: %v", got)
	}
	tamper(t, k, keyDrawers.put, int64(Membership)<<32, keys)
	tamper(t, k, claimDrawers.put, int64(0), claims)
	k = reopen(t, k, m)
	_, err = k.Open(nil, label(p[1], Membership), sealed)
	wants(t, err, ErrErased)
	if got, _ := k.Find(ClaimEmail, email(p[1])); got != nil {
		t.Errorf("still finds %v", got)
	}
	all := files(t, k)
	for _, trace := range gone {
		if bytes.Contains(all, trace) {
			t.Error("a byte is left after the replay")
		}
	}
	// Somebody else's key in an erased place is not replayed but refused.
	copy(keys[wrappedSize*int(p[1]):], keys[wrappedSize*int(p[2]):][:wrappedSize])
	tamper(t, k, keyDrawers.put, int64(Membership)<<32, keys)
	must(t, k.Close())
	_, err = Open(ctx, k.Path(), m)
	wants(t, err, ErrTampered) // it is not even wrapped for this person
}

// A counter set back would issue ids once more.
func TestCounterSetBackIsRefused(t *testing.T) {
	m := testMaster(t)
	for _, erased := range []bool{false, true} {
		k, err := Create(ctx, filepath.Join(t.TempDir(), "keyring.db"), m)
		must(t, err)
		p := newPersons(t, k, 5)
		if erased {
			_, err := k.Erase(ctx, noon, p, Membership)
			must(t, err)
		}
		tamper(t, k, `UPDATE counter SET next = 3`)
		must(t, k.Close())
		_, err = Open(ctx, k.Path(), m)
		wants(t, err, database.ErrCorrupt)
	}
}

// tamper executes a statement behind the keyring's back.
func tamper(t testing.TB, k *Keyring, query string, args ...any) {
	t.Helper()
	must(t, k.db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(query, args...)
		return err
	}))
}

func TestLedgerRefusesChange(t *testing.T) {
	k, _ := testRing(t)
	p := newPersons(t, k, 3)
	_, err := k.Erase(ctx, noon, p[:2], Membership)
	must(t, err)
	for _, query := range []string{
		`UPDATE ledger SET at = at + 1 WHERE seq = 1`,
		`DELETE FROM ledger WHERE seq = 2`,
		`DELETE FROM ledger`,
		`INSERT OR REPLACE INTO ledger SELECT seq, person, class, fingerprint, at + 1, hash, signature FROM ledger WHERE seq = 2`,
		`INSERT OR REPLACE INTO ledger SELECT 3, person, class, fingerprint, at, hash, signature FROM ledger WHERE seq = 2`,
		`INSERT INTO ledger SELECT 4, 3, class, fingerprint, at, hash, signature FROM ledger WHERE seq = 2`,
	} {
		err := k.db.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(query)
			return err
		})
		wants(t, err, database.ErrRefused)
	}
	must(t, k.VerifyLedger(ctx))
}

func TestTamperedLedgerIsRefused(t *testing.T) {
	m := testMaster(t)
	for name, change := range map[string]string{
		"time":            `UPDATE ledger SET at = at + 1 WHERE seq = 2`,
		"person":          `UPDATE ledger SET person = 77 WHERE seq = 2`,
		"class":           `UPDATE ledger SET class = 2 WHERE seq = 3`,
		"unknown class":   `UPDATE ledger SET class = 200 WHERE seq = 3`,
		"fingerprint":     `UPDATE ledger SET fingerprint = zeroblob(16) WHERE seq = 1`,
		"hash":            `UPDATE ledger SET hash = zeroblob(32) WHERE seq = 2`,
		"signature":       `UPDATE ledger SET signature = zeroblob(64) WHERE seq = 2`,
		"last signature":  `UPDATE ledger SET signature = zeroblob(64) WHERE seq = 3`,
		"entry cut out":   `DELETE FROM ledger WHERE seq = 2`,
		"first entry cut": `DELETE FROM ledger WHERE seq = 1`,
		"renumbered":      `UPDATE ledger SET seq = 9 WHERE seq = 3`,
	} {
		t.Run(name, func(t *testing.T) {
			k, err := Create(ctx, filepath.Join(t.TempDir(), "keyring.db"), m)
			must(t, err)
			p := newPersons(t, k, 3)
			_, err = k.Erase(ctx, noon, p, Membership)
			must(t, err)
			for _, trigger := range []string{"ledger_no_update", "ledger_no_delete", "ledger_only_append"} {
				tamper(t, k, `DROP TRIGGER `+trigger)
			}
			tamper(t, k, change)
			wants(t, k.VerifyLedger(ctx), ErrLedgerTampered)
			must(t, k.Close())
			_, err = Open(ctx, k.Path(), m)
			wants(t, err, ErrLedgerTampered)
		})
	}
}

// The newest entries cut off leave a sound chain: only a known head tells.
func TestShortenedLedgerIsOlder(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 3)
	_, err := k.Erase(ctx, noon, p, Membership)
	must(t, err)
	size, hash := k.LedgerHead()
	tamper(t, k, `DROP TRIGGER ledger_no_delete`)
	tamper(t, k, `DELETE FROM ledger WHERE seq = 3`)
	wants(t, k.VerifyLedger(ctx), ErrLedgerTampered) // this process knows better
	k = reopen(t, k, m)
	wants(t, k.KnownHead(size, hash), ErrLedgerOlder)
	_, err = k.Open(nil, label(p[2], Membership), nil)
	wants(t, err, ErrKeyMissing) // and no destructive job runs
}

func TestEntryIsProofByItself(t *testing.T) {
	k, _ := testRing(t)
	p := newPersons(t, k, 2)
	entries, err := k.Erase(ctx, noon, p, Membership)
	must(t, err)
	e := entries[1]
	if !e.SignedBy(k.LedgerKey()) {
		t.Fatal("not signed")
	}
	for name, change := range map[string]func(e *LedgerEntry){
		"seq":         func(e *LedgerEntry) { e.Seq++ },
		"person":      func(e *LedgerEntry) { e.Person++ },
		"class":       func(e *LedgerEntry) { e.Class++ },
		"fingerprint": func(e *LedgerEntry) { e.Fingerprint[0]++ },
		"time":        func(e *LedgerEntry) { e.At = e.At.Add(time.Microsecond) },
		"hash":        func(e *LedgerEntry) { e.Hash[31]++ },
		"signature":   func(e *LedgerEntry) { e.Signature[0]++ },
	} {
		other := e
		change(&other)
		if other.SignedBy(k.LedgerKey()) {
			t.Errorf("another %s is signed too", name)
		}
	}
	if e.SignedBy(nil) {
		t.Error("signed by nobody")
	}
}
