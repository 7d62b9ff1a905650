package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
)

var ctx = context.Background()

// noon is when things happen in these tests.
var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func testMaster(t testing.TB) Master {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master")
	must(t, NewMaster(path))
	m, err := LoadMaster(path)
	must(t, err)
	return m
}

// testRing is a new keyring that is closed with the test.
func testRing(t testing.TB) (*Keyring, Master) {
	t.Helper()
	m := testMaster(t)
	k, err := Create(ctx, filepath.Join(t.TempDir(), "keyring.db"), m)
	must(t, err)
	t.Cleanup(func() { must(t, k.Close()) })
	return k, m
}

func reopen(t testing.TB, k *Keyring, m Master) *Keyring {
	t.Helper()
	must(t, k.Close())
	k, err := Open(ctx, k.Path(), m)
	must(t, err)
	t.Cleanup(func() { must(t, k.Close()) })
	return k
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func wants(t testing.TB, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
}

// newPersons creates n persons with a number and an e-mail address each.
func newPersons(t testing.TB, k *Keyring, n int, extra ...Class) []PersonID {
	t.Helper()
	var list []PersonID
	must(t, k.Write(ctx, func(tx *Tx) error {
		for range n {
			p, err := tx.NewPerson(extra...)
			if err != nil {
				return err
			}
			list = append(list, p)
			if err := errors.Join(tx.Claim(ClaimNumber, number(p), p), tx.Claim(ClaimEmail, email(p), p)); err != nil {
				return err
			}
		}
		return nil
	}))
	return list
}

func number(p PersonID) string { return fmt.Sprint(100_000 + p) }
func email(p PersonID) string  { return fmt.Sprintf("member%d@example.org", p) }

func label(p PersonID, c Class) Label { return Label{Person: p, Class: c, Kind: 1, ID: 7, Version: 3} }

func seal(t testing.TB, k *Keyring, l Label, text string) []byte {
	t.Helper()
	sealed, err := k.Seal(nil, l, []byte(text))
	must(t, err)
	return sealed
}

func TestSealedRecordOpensUnderItsLabelOnly(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 3, Bookkeeping)
	l := label(p[1], Membership)
	sealed := seal(t, k, l, "known about her")
	if len(sealed) != len("known about her")+Overhead {
		t.Errorf("sealed is %d bytes", len(sealed))
	}
	k = reopen(t, k, m)
	plain, err := k.Open([]byte("before:"), l, sealed)
	must(t, err)
	if string(plain) != "before:known about her" {
		t.Errorf("opened %q", plain)
	}
	for name, change := range map[string]func(l *Label){
		"person":  func(l *Label) { l.Person = p[2] },
		"class":   func(l *Label) { l.Class = Bookkeeping },
		"kind":    func(l *Label) { l.Kind++ },
		"id":      func(l *Label) { l.ID++ },
		"version": func(l *Label) { l.Version-- },
	} {
		other := l
		change(&other)
		if got, err := k.Open(nil, other, sealed); !errors.Is(err, ErrTampered) || len(got) != 0 {
			t.Errorf("another %s: %q, %v", name, got, err)
		}
	}
	for i := range sealed {
		bad := bytes.Clone(sealed)
		bad[i] ^= 0x20
		_, err := k.Open(nil, l, bad)
		wants(t, err, ErrTampered)
		_, err = k.Open(nil, l, sealed[:i])
		wants(t, err, ErrTampered)
	}
}

func TestMissingKeyIsAlarm(t *testing.T) {
	k, _ := testRing(t)
	newPersons(t, k, 1)
	must(t, k.Healthy())
	_, err := k.Seal(nil, label(900, Membership), nil)
	wants(t, err, ErrKeyMissing)
	wants(t, k.Healthy(), ErrKeyMissing)
	if got := k.Missing(); !slices.Equal(got, []PersonID{900}) {
		t.Errorf("missing %v", got)
	}
	wants(t, k.KnownPerson(900), ErrKeyringOlder)
	must(t, k.KnownPerson(1))
}

func TestClaims(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 3)
	find := func(kind ClaimKind, value string, want ...PersonID) {
		t.Helper()
		got, err := k.Find(kind, value)
		must(t, err)
		if !slices.Equal(got, want) {
			t.Errorf("found %v, want %v", got, want)
		}
	}
	wants(t, k.Write(ctx, func(tx *Tx) error { return tx.Claim(ClaimNumber, number(p[0]), p[1]) }), ErrTaken)
	must(t, k.Write(ctx, func(tx *Tx) error {
		return errors.Join(
			tx.Claim(ClaimNumber, number(p[0]), p[0]), // again
			tx.Claim(ClaimEmail, email(p[0]), p[2]),
			tx.Claim(ClaimEmail, email(p[0]), p[1]),
			tx.Claim(ClaimEmail, email(p[0]), p[1]),
		)
	}))
	for range 2 {
		find(ClaimNumber, number(p[0]), p[0])
		find(ClaimEmail, email(p[0]), p...)
		find(ClaimEmail, number(p[0]))
		find(ClaimNumber, "0")
		k = reopen(t, k, m)
	}
	// A number released may be given to somebody else in the same transaction.
	must(t, k.Write(ctx, func(tx *Tx) error {
		return errors.Join(
			tx.Release(ClaimNumber, number(p[0]), p[0]),
			tx.Release(ClaimNumber, number(p[0]), p[0]),
			tx.Claim(ClaimNumber, number(p[0]), p[1]),
			tx.Release(ClaimEmail, email(p[0]), p[0]),
			tx.Release(ClaimEmail, "nobody's", p[0]),
		)
	}))
	wants(t, k.Write(ctx, func(tx *Tx) error {
		must(t, tx.Claim(ClaimNumber, "new", p[0]))
		return tx.Claim(ClaimNumber, "new", p[1])
	}), ErrTaken)
	for range 2 {
		find(ClaimNumber, number(p[0]), p[1])
		find(ClaimNumber, number(p[1]), p[1])
		find(ClaimNumber, "new")
		find(ClaimEmail, email(p[0]), p[1], p[2])
		k = reopen(t, k, m)
	}
}

func TestManyClaimsOfFewPersons(t *testing.T) {
	k, m := testRing(t)
	p := newPersons(t, k, 2)
	const n = 500 // more than two drawers hold
	must(t, k.Write(ctx, func(tx *Tx) error {
		for i := range n {
			if err := tx.Claim(ClaimEmail, fmt.Sprint("address", i), p[i%2]); err != nil {
				return err
			}
		}
		for i := range n / 2 { // the first drawer is emptied, the others stay reachable
			if err := tx.Release(ClaimEmail, fmt.Sprint("address", i), p[i%2]); err != nil {
				return err
			}
		}
		return nil
	}))
	k = reopen(t, k, m)
	must(t, k.Write(ctx, func(tx *Tx) error { return tx.Claim(ClaimEmail, fmt.Sprint("address", n-1), p[(n-1)%2]) }))
	for i := range n {
		got, err := k.Find(ClaimEmail, fmt.Sprint("address", i))
		must(t, err)
		if i < n/2 && got != nil || i >= n/2 && !slices.Equal(got, []PersonID{p[i%2]}) {
			t.Fatalf("address %d: %v", i, got)
		}
	}
}

func TestPendingPersons(t *testing.T) {
	k, m := testRing(t)
	var p [3]PersonID
	must(t, k.Write(ctx, func(tx *Tx) (err error) {
		for i := range p {
			if p[i], err = tx.NewPerson(); err != nil {
				return err
			}
			if err = errors.Join(tx.Pending(p[i]), tx.Claim(ClaimNumber, number(p[i]), p[i])); err != nil {
				return err
			}
		}
		return nil
	}))
	k = reopen(t, k, m)
	if got := k.PendingPersons(); !slices.Equal(got, p[:]) {
		t.Fatalf("pending %v", got)
	}
	must(t, k.Settle(ctx, p[0]))
	wants(t, k.Write(ctx, func(tx *Tx) error { return tx.Drop(p[0]) }), ErrNotPending)
	must(t, k.Write(ctx, func(tx *Tx) error { return tx.Drop(p[1]) }))
	for range 2 {
		if got := k.PendingPersons(); !slices.Equal(got, p[2:]) {
			t.Fatalf("pending %v", got)
		}
		if got, _ := k.Find(ClaimNumber, number(p[1])); got != nil || k.Holds(p[1], Membership) {
			t.Error("the dropped person is still there")
		}
		k = reopen(t, k, m)
	}
	must(t, k.Settle(ctx, p[2])) // written at Close
	k = reopen(t, k, m)
	if got := k.PendingPersons(); got != nil {
		t.Errorf("pending %v", got)
	}
	if size, _ := k.LedgerHead(); size != 0 {
		t.Error("a drop is no erasure")
	}
	if next := newPersons(t, k, 1); next[0] != p[2]+1 {
		t.Errorf("person %d after %d", next[0], p[2])
	}
}

func TestFailedTransactionLeavesNothing(t *testing.T) {
	k, m := testRing(t)
	no := errors.New("no")
	wants(t, k.Write(ctx, func(tx *Tx) error {
		p, err := tx.NewPerson(Evidence)
		must(t, errors.Join(err, tx.Claim(ClaimNumber, "1", p), tx.Pending(p)))
		_, err = tx.OneOff(noon)
		must(t, err)
		return no
	}), no)
	for range 2 {
		if got, _ := k.Find(ClaimNumber, "1"); got != nil || k.LastPerson() != 0 || k.Holds(1, Membership) || k.PendingPersons() != nil {
			t.Error("something is left")
		}
		k = reopen(t, k, m)
	}
	if p := newPersons(t, k, 1); p[0] != 1 {
		t.Errorf("first person is %d", p[0])
	}
}

func TestNewKey(t *testing.T) {
	k, _ := testRing(t)
	p := newPersons(t, k, 1)[0]
	newKey := func(p PersonID, c Class) error {
		return k.Write(ctx, func(tx *Tx) error { return tx.NewKey(p, c) })
	}
	wants(t, newKey(p, Membership), ErrHeld)
	must(t, newKey(p, Bookkeeping))
	wants(t, newKey(p, Bookkeeping), ErrHeld)
	wants(t, newKey(p, 9), errUnknownClass)
	wants(t, newKey(p+1, Bookkeeping), ErrKeyMissing)
	_, err := k.Erase(ctx, noon, []PersonID{p}, Membership, Bookkeeping)
	must(t, err)
	wants(t, newKey(p, Membership), ErrErased)
	wants(t, newKey(p, Bookkeeping), ErrErased)
	must(t, newKey(p, Evidence))
}

func TestPublicID(t *testing.T) {
	k, m := testRing(t)
	seen := map[string]bool{}
	for _, p := range []PersonID{1, 2, 3, 4096, 1<<32 - 1} {
		s := k.PublicID(p)
		if len(s) != publicLength || s != strings.ToLower(s) || seen[s] {
			t.Errorf("public id %q", s)
		}
		seen[s] = true
		if got, ok := k.PersonOf(s); !ok || got != p {
			t.Errorf("%q is %d, %v", s, got, ok)
		}
		for i := range s { // every other spelling, also of the two spare bits at the end
			for _, r := range "abcdefghijklmnopqrstuvwxyz234567A\n=é" {
				other := s[:i] + string(r) + s[i+1:]
				if _, ok := k.PersonOf(other); ok && other != s {
					t.Fatalf("%q taken for %q", other, s)
				}
			}
		}
	}
	for _, s := range []string{"", "a", strings.Repeat("a", 26), k.PublicID(0), k.PublicID(1) + "\n", strings.ToUpper(k.PublicID(1))} {
		if p, ok := k.PersonOf(s); ok {
			t.Errorf("%q taken for %d", s, p)
		}
	}
	before := k.PublicID(5)
	if k = reopen(t, k, m); k.PublicID(5) != before {
		t.Error("public ids change with a restart")
	}
}

func TestSignerIsANoteSigner(t *testing.T) {
	k, m := testRing(t)
	const name = "kartotek.example.org/journal"
	signed, err := note.Sign(&note.Note{Text: "checkpoint\n1\n"}, k.Signer(name))
	must(t, err)
	k = reopen(t, k, m)
	v, err := note.NewVerifier(k.VerifierKey(name))
	must(t, err)
	n, err := note.Open(signed, note.VerifierList(v))
	must(t, err)
	if len(n.Sigs) != 1 || n.Sigs[0].Name != name {
		t.Errorf("signatures %v", n.Sigs)
	}
	signed[3] ^= 1
	if _, err := note.Open(signed, note.VerifierList(v)); err == nil {
		t.Error("an altered checkpoint verifies")
	}
}

func TestMAC(t *testing.T) {
	k, m := testRing(t)
	a := k.MAC("code", []byte("123456"))
	if len(a) != 32 || bytes.Equal(a, k.MAC("cod", []byte("e123456"))) || bytes.Equal(a, k.MAC("code", []byte("123457"))) {
		t.Error("purposes or data collide")
	}
	if k = reopen(t, k, m); !bytes.Equal(a, k.MAC("code", []byte("123456"))) {
		t.Error("changes with a restart")
	}
}

func TestOneOffKeys(t *testing.T) {
	k, m := testRing(t)
	id, err := k.OneOff(ctx, noon.Add(time.Hour))
	must(t, err)
	var later []int64
	must(t, k.Write(ctx, func(tx *Tx) error {
		for range 3 * oneOffsInDrawer {
			id, err := tx.OneOff(noon.Add(48 * time.Hour))
			if err != nil {
				return err
			}
			later = append(later, id)
		}
		return nil
	}))
	sealed, err := k.SealOnce(id, []byte("Dear member"))
	must(t, err)
	_, err = k.OpenOnce(later[0], sealed)
	wants(t, err, ErrTampered)
	k = reopen(t, k, m)
	plain, err := k.OpenOnce(id, sealed)
	must(t, err)
	if string(plain) != "Dear member" {
		t.Errorf("opened %q", plain)
	}
	n, err := k.DropOneOffs(ctx, noon.Add(time.Hour))
	must(t, err)
	if n != 1 {
		t.Errorf("%d dropped", n)
	}
	_, err = k.OpenOnce(id, sealed)
	wants(t, err, ErrOneOffSpent)
	must(t, k.DropOneOff(ctx, append(later[1:], 9999)...))
	k = reopen(t, k, m)
	_, err = k.OpenOnce(id, sealed)
	wants(t, err, ErrOneOffSpent)
	_, err = k.SealOnce(later[0], nil)
	must(t, err)
	next, err := k.OneOff(ctx, noon)
	must(t, err)
	if next != later[len(later)-1]+1 {
		t.Errorf("one-off %d was issued before", next)
	}
}

func TestOpenWhileErasing(t *testing.T) {
	k, _ := testRing(t)
	p := newPersons(t, k, 200)
	sealed := make([][]byte, len(p))
	for i := range p {
		sealed[i] = seal(t, k, label(p[i], Membership), email(p[i]))
	}
	var done sync.WaitGroup
	stop := make(chan struct{})
	for w := range 3 {
		done.Go(func() {
			o := k.Opener()
			open := o.Open
			if w == 0 {
				open = k.Open
			}
			gone := make([]bool, len(p))
			for i := w; ; i = (i + 1) % len(p) {
				select {
				case <-stop:
					return
				default:
				}
				plain, err := open(nil, label(p[i], Membership), sealed[i])
				switch {
				case errors.Is(err, ErrErased):
					gone[i] = true
				case err != nil || gone[i] || string(plain) != email(p[i]):
					t.Errorf("person %d, gone %v: %q, %v", p[i], gone[i], plain, err)
					return
				}
			}
		})
	}
	kept := k.Opener()
	for i := 0; i < len(p); i += 20 {
		_, err := kept.Open(nil, label(p[i], Membership), sealed[i])
		must(t, err)
		_, err = k.Erase(ctx, noon, p[i:i+20], Membership)
		must(t, err)
		_, err = kept.Open(nil, label(p[i], Membership), sealed[i]) // its cipher was kept
		wants(t, err, ErrErased)
		newPersons(t, k, 1)
	}
	close(stop)
	done.Wait()
	must(t, k.Healthy())
}
