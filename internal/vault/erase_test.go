package vault

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kartotek/internal/database"
)

func TestD7EraseIsFinal(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 3, Bookkeeping)
	var sealed [3][]byte
	for i := range p {
		sealed[i] = seal(t, k, label(p[i], Membership), email(p[i]))
	}
	kept := seal(t, k, label(p[1], Bookkeeping), "paid 2026")
	entries, err := k.Erase(ctx, noon, []PersonID{p[1], p[1]}, Membership)
	must(t, err)
	if len(entries) != 1 || entries[0].Seq != 1 || entries[0].Person != p[1] || entries[0].Class != Membership || !entries[0].At.Equal(noon) {
		t.Fatalf("entries %+v", entries)
	}
	for range 2 {
		_, err := k.Open(nil, label(p[1], Membership), sealed[1])
		wants(t, err, ErrErased)
		_, err = k.Seal(nil, label(p[1], Membership), nil)
		wants(t, err, ErrErased)
		plain, err := k.Open(nil, label(p[1], Bookkeeping), kept) // what law keeps stays (L7)
		must(t, err)
		if string(plain) != "paid 2026" {
			t.Errorf("kept %q", plain)
		}
		_, err = k.Open(nil, label(p[2], Membership), sealed[2])
		must(t, err)
		for kind, value := range map[ClaimKind]string{ClaimNumber: number(p[1]), ClaimEmail: email(p[1])} {
			if got, _ := k.Find(kind, value); got != nil {
				t.Errorf("claim %d still finds %v", kind, got)
			}
		}
		wants(t, k.Write(ctx, func(tx *Tx) error { return tx.Claim(ClaimEmail, "x", p[1]) }), ErrErased)
		if got := slices.Collect(k.ErasedPersons()); !slices.Equal(got, []PersonID{p[1]}) {
			t.Errorf("erased persons %v", got)
		}
		must(t, k.Healthy())
		k = reopen(t, k, m)
	}
	// Rolling forward once more gives the same entries and adds none.
	again, err := k.Erase(ctx, noon.Add(time.Hour), p[:2], Membership)
	must(t, err)
	if len(again) != 2 || again[0].Person != p[0] || again[0].Seq != 2 || again[1] != entries[0] {
		t.Errorf("again %+v", again)
	}
	// The bookkeeping class goes when its time has come, and is not required.
	last, err := k.Erase(ctx, noon, p, Bookkeeping, Evidence)
	must(t, err)
	if len(last) != 3 || last[2].Seq != 5 {
		t.Errorf("last %+v", last)
	}
	// A number that was erased is free.
	must(t, k.Write(ctx, func(tx *Tx) error { return tx.Claim(ClaimNumber, number(p[1]), p[2]) }))
	must(t, k.VerifyLedger(ctx))
}

func TestEraseOfMissingKeyErasesNobody(t *testing.T) {
	k, _ := testRing(t)
	p := newPersons(t, k, 1)
	_, err := k.Erase(ctx, noon, []PersonID{p[0], 77}, Membership)
	wants(t, err, ErrKeyMissing)
	wants(t, k.Healthy(), ErrKeyMissing)
	if size, _ := k.LedgerHead(); size != 0 || !k.Holds(p[0], Membership) {
		t.Error("half an erasure")
	}
	_, err = k.Erase(ctx, noon, p)
	wants(t, err, errNoClassToErase)
	_, err = k.Erase(ctx, noon, p, 7)
	wants(t, err, errUnknownClass)
}

// files is every byte of the keyring on the disk.
func files(t testing.TB, k *Keyring) (all []byte) {
	t.Helper()
	names, err := filepath.Glob(k.Path() + "*")
	must(t, err)
	if len(names) < 2 {
		t.Fatalf("only %v", names)
	}
	for _, name := range names {
		b, err := os.ReadFile(name)
		must(t, err)
		all = append(all, b...)
	}
	return all
}

// traces are the secrets of a person that must not outlive an erasure.
func traces(t testing.TB, k *Keyring, p PersonID, of ...Class) (list [][]byte) {
	t.Helper()
	for _, c := range of {
		var w wrappedKey
		if k.keys.get(&w, keyName{p, c}) == nil {
			t.Fatalf("person %d has no key %d", p, c)
		}
		list = append(list, w[:])
	}
	return append(list, traceOf(k, ClaimNumber, number(p), p), traceOf(k, ClaimEmail, email(p), p))
}

func TestD7NoByteOfAnErasedKeyIsLeft(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 200, Evidence)
	gone := traces(t, k, p[70], Membership, Evidence)
	kept := traces(t, k, p[71], Membership, Evidence)
	before := files(t, k)
	for i, trace := range append(slices.Clone(gone), kept...) {
		if !bytes.Contains(before, trace) {
			t.Fatalf("trace %d is not in the files at all", i)
		}
	}
	_, err := k.Erase(ctx, noon, p[70:71], Membership, Evidence)
	must(t, err)
	for range 2 {
		after := files(t, k)
		for i, trace := range gone {
			for part := 0; part+8 <= len(trace); part++ {
				if bytes.Contains(after, trace[part:part+8]) {
					t.Fatalf("trace %d is left from byte %d", i, part)
				}
			}
		}
		for i, trace := range kept {
			if !bytes.Contains(after, trace) {
				t.Fatalf("kept trace %d is gone", i)
			}
		}
		k = reopen(t, k, m)
	}
}

// A keyring that has lived: many transactions, claims moved, persons dropped,
// mails sent. SQLite moves small rows between pages and leaves copies behind
// that secure_delete does not see; drawers must not.
func TestD7NothingIsLeftInAUsedKeyring(t *testing.T) {
	k, _ := testRing(t)
	random := rand.New(rand.NewPCG(1, 2))
	var living []PersonID
	var gone [][]byte
	for range 60 {
		switch random.IntN(4) {
		case 0, 1:
			living = append(living, newPersons(t, k, 1+random.IntN(60), Bookkeeping)...)
		case 2:
			must(t, k.Write(ctx, func(tx *Tx) error {
				for range 50 {
					if len(living) == 0 {
						break
					}
					p := living[random.IntN(len(living))]
					other := fmt.Sprintf("other%d@example.org", random.IntN(100))
					if err := tx.Claim(ClaimEmail, other, p); err != nil {
						return err
					}
					gone = append(gone, traceOf(k, ClaimEmail, other, p))
					if err := tx.Release(ClaimEmail, other, p); err != nil {
						return err
					}
					if _, err := tx.OneOff(noon.Add(time.Duration(random.IntN(100)) * time.Hour)); err != nil {
						return err
					}
				}
				return nil
			}))
		case 3:
			now := noon.Add(time.Duration(random.IntN(100)) * time.Hour)
			for _, o := range k.oneOffs.keys {
				if o.ends <= now.UnixMicro() {
					gone = append(gone, o.key[:])
				}
			}
			_, err := k.DropOneOffs(ctx, now)
			must(t, err)
		}
		for range min(len(living), random.IntN(20)) {
			i := random.IntN(len(living))
			p := living[i]
			living = slices.Delete(living, i, i+1)
			gone = append(gone, traces(t, k, p, Membership, Bookkeeping)...)
			_, err := k.Erase(ctx, noon, []PersonID{p}, Membership, Bookkeeping)
			must(t, err)
		}
	}
	_, err := k.Erase(ctx, noon, nil, Membership)
	must(t, err)
	all := index(files(t, k))
	for i, trace := range gone {
		if all[[8]byte(trace)] || all[[8]byte(trace[len(trace)-8:])] {
			t.Errorf("trace %d of %d is left", i, len(gone))
		}
	}
	for _, p := range living {
		for _, trace := range traces(t, k, p, Membership, Bookkeeping) {
			if !all[[8]byte(trace)] {
				t.Fatalf("person %d lost a trace", p)
			}
		}
	}
	t.Logf("%d traces gone, %d persons living, %d bytes", len(gone), len(living), len(all))
}

// traceOf is a claim as the file has it.
func traceOf(k *Keyring, kind ClaimKind, value string, p PersonID) []byte {
	cell := k.cell(k.claim(kind, value), p)
	return cell[:]
}

// index is every run of eight bytes.
func index(all []byte) map[[8]byte]bool {
	runs := make(map[[8]byte]bool, len(all))
	for i := range len(all) - 8 {
		runs[[8]byte(all[i:])] = true
	}
	return runs
}

// Whoever can write the file, but has no master key, can take a claim away but
// not give it to somebody else.
func TestClaimMovedToAnotherPersonIsNobodys(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 2)
	var cells []byte
	must(t, k.db.Read(ctx, func(q database.Querier) error { return q.QueryRow(claimDrawers.one, int64(0)).Scan(&cells) }))
	for i := range claimsInDrawer {
		if c := claimCell(cells[i*claimSize:][:claimSize]); c.mark() == byte(p[0])+1 {
			c[0] = byte(p[1]) + 1
		}
	}
	tamper(t, k, claimDrawers.put, int64(0), cells)
	k = reopen(t, k, m)
	for _, value := range []string{email(p[0]), email(p[1])} {
		got, err := k.Find(ClaimEmail, value)
		must(t, err)
		if value == email(p[0]) && got != nil || value == email(p[1]) && !slices.Equal(got, p[1:]) {
			t.Errorf("%s is %v", value, got)
		}
	}
}

// A crash between the transaction and the emptying of the log leaves the key in
// the log: the next start must not.
func TestStartEmptiesTheLogOfACrash(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 1)
	gone := traces(t, k, p[0], Membership)
	cancelled, cancel := context.WithCancel(ctx)
	must(t, k.Write(cancelled, func(tx *Tx) error {
		_, err := tx.erase(noon, p, []Class{Membership})
		return err
	}))
	cancel()
	crash := filepath.Join(t.TempDir(), "keyring.db") // what lies on the disk now
	for _, suffix := range []string{"", "-wal"} {
		b, err := os.ReadFile(k.Path() + suffix)
		must(t, err)
		must(t, os.WriteFile(crash+suffix, b, 0o600))
		if suffix == "-wal" && !bytes.Contains(b, gone[0]) {
			t.Fatal("the log does not hold the key: nothing to test")
		}
	}
	after := openRing(t, crash, m)
	_, err := after.Seal(nil, label(p[0], Membership), nil)
	wants(t, err, ErrErased)
	all := files(t, after)
	for i, trace := range gone {
		if bytes.Contains(all, trace) {
			t.Errorf("trace %d is left", i)
		}
	}
}
