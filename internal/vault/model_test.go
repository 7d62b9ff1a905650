package vault

import (
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// modelPerson is what a person of the keyring amounts to, without any cleverness.
type modelPerson struct {
	sealed  map[Class][]byte // what was sealed under a key that was drawn
	erased  map[Class]bool
	claims  map[modelClaim]bool
	pending bool
	dropped bool
}

type modelClaim struct {
	kind  ClaimKind
	value string
}

// modelRing is the keyring as maps, beside the real one. Old copies of the real
// file come with the model as it was then.
type modelRing struct {
	t       *rapid.T
	dir     string
	master  Master
	ring    *Keyring
	persons map[PersonID]*modelPerson
	entries int64
	copies  []modelCopy
	files   int
}

type modelCopy struct {
	path    string
	master  Master
	last    PersonID
	entries int64
}

func (m *modelRing) must(err error) {
	m.t.Helper()
	if err != nil {
		m.t.Fatalf("%v", err)
	}
}

// is fails unless the error is the one wanted; nil wants none.
func (m *modelRing) is(what string, err, want error) {
	m.t.Helper()
	if !errors.Is(err, want) {
		m.t.Fatalf("%s: got %v, want %v", what, err, want)
	}
}

// modelClasses are the classes met in the model, two that end by themselves
// among them.
var modelClasses = []Class{Membership, Bookkeeping, Evidence, KeptUntil(2031, time.December), KeptUntil(2032, time.September)}

func (m *modelRing) file() string {
	m.files++
	return filepath.Join(m.dir, fmt.Sprint(m.files, ".db"))
}

func (m *modelRing) person() PersonID {
	return rapid.SampledFrom(slices.Sorted(maps.Keys(m.persons))).Draw(m.t, "person")
}

func (m *modelRing) class() Class {
	return rapid.SampledFrom(modelClasses).Draw(m.t, "class")
}

func (m *modelRing) claim() modelClaim {
	return modelClaim{
		rapid.SampledFrom([]ClaimKind{ClaimNumber, ClaimEmail}).Draw(m.t, "kind"),
		rapid.SampledFrom([]string{"a", "b", "c", "d"}).Draw(m.t, "value"),
	}
}

// lacks is the error that using a key must give, nil if it is there.
func (p *modelPerson) lacks(c Class) error {
	switch {
	case p.erased[c]:
		return ErrErased
	case p.sealed[c] == nil:
		return ErrKeyMissing
	}
	return nil
}

func (m *modelRing) owners(c modelClaim) (list []PersonID) {
	for _, p := range slices.Sorted(maps.Keys(m.persons)) {
		if m.persons[p].claims[c] {
			list = append(list, p)
		}
	}
	return list
}

func text(p PersonID, c Class) string { return fmt.Sprintf("person %d class %d", p, c) }

func (m *modelRing) create() {
	extra := rapid.SliceOfN(rapid.SampledFrom(modelClasses), 0, 2).Draw(m.t, "extra")
	pending := rapid.Bool().Draw(m.t, "pending")
	var p PersonID
	m.must(m.ring.Write(ctx, func(tx *Tx) (err error) {
		if p, err = tx.NewPerson(extra...); err == nil && pending {
			err = tx.Pending(p)
		}
		return err
	}))
	if m.persons[p] != nil {
		m.t.Fatalf("person %d was issued before", p)
	}
	m.persons[p] = &modelPerson{sealed: map[Class][]byte{}, erased: map[Class]bool{}, claims: map[modelClaim]bool{}, pending: pending}
	for _, c := range append(extra, Membership) {
		m.seal(p, c)
	}
}

func (m *modelRing) seal(p PersonID, c Class) {
	sealed, err := m.ring.Seal(nil, label(p, c), []byte(text(p, c)))
	m.must(err)
	m.persons[p].sealed[c] = sealed
}

func (m *modelRing) newKey() {
	p, c := m.person(), m.class()
	want := m.persons[p].lacks(c)
	switch {
	case want == nil:
		want = ErrHeld
	case errors.Is(want, ErrKeyMissing) && !errors.Is(m.persons[p].lacks(Membership), ErrKeyMissing):
		want = nil
	}
	m.is("NewKey", m.ring.Write(ctx, func(tx *Tx) error { return tx.NewKey(p, c) }), want)
	if want == nil {
		m.seal(p, c)
	}
}

func (m *modelRing) claims() {
	p, c := m.person(), m.claim()
	want := m.persons[p].lacks(Membership)
	owners := m.owners(c)
	if want == nil && c.kind == ClaimNumber && len(owners) > 0 && owners[0] != p {
		want = ErrTaken
	}
	m.is("Claim", m.ring.Write(ctx, func(tx *Tx) error { return tx.Claim(c.kind, c.value, p) }), want)
	if want == nil {
		m.persons[p].claims[c] = true
	}
}

func (m *modelRing) release() {
	p, c := m.person(), m.claim()
	m.must(m.ring.Write(ctx, func(tx *Tx) error { return tx.Release(c.kind, c.value, p) }))
	delete(m.persons[p].claims, c)
}

func (m *modelRing) settle() {
	p := m.person()
	m.must(m.ring.Settle(ctx, p))
	m.persons[p].pending = false
}

func (m *modelRing) drop() {
	id := m.person()
	p := m.persons[id]
	want := error(nil)
	if !p.pending {
		want = ErrNotPending
	}
	m.is("Drop", m.ring.Write(ctx, func(tx *Tx) error { return tx.Drop(id) }), want)
	if want == nil {
		*p = modelPerson{sealed: map[Class][]byte{}, erased: p.erased, dropped: true}
	}
}

func (m *modelRing) erase() {
	list := rapid.SliceOfN(rapid.SampledFrom(slices.Sorted(maps.Keys(m.persons))), 1, 3).Draw(m.t, "persons")
	of := rapid.SliceOfNDistinct(rapid.SampledFrom(modelClasses), 1, 3, rapid.ID).Draw(m.t, "classes")
	want := error(nil)
	for _, p := range list {
		if slices.Contains(of, Membership) && errors.Is(m.persons[p].lacks(Membership), ErrKeyMissing) {
			want = ErrKeyMissing
		}
	}
	entries, err := m.ring.Erase(ctx, noon, list, of...)
	m.is("Erase", err, want)
	if want != nil {
		return
	}
	standing := 0
	slices.Sort(list)
	for _, id := range slices.Compact(list) {
		p := m.persons[id]
		for _, c := range of {
			if p.erased[c] {
				standing++
			}
			if p.lacks(c) != nil {
				continue
			}
			standing++
			m.entries++
			p.erased[c] = true
			if c == Membership {
				p.pending = false
				clear(p.claims)
			}
		}
	}
	if len(entries) != standing {
		m.t.Fatalf("%d entries, want %d", len(entries), standing)
	}
}

func (m *modelRing) reopen() {
	m.must(m.ring.Close())
	var err error
	m.ring, err = Open(ctx, m.ring.Path(), m.master)
	m.must(err)
}

func (m *modelRing) rotate() {
	path := m.file()
	_, err := m.ring.Rotate(ctx, Unlock{Source: Source{FromFile, path}}, false)
	m.must(err)
	m.master, err = LoadMaster(path)
	m.must(err)
}

func (m *modelRing) keepCopy() {
	m.must(m.ring.Close())
	b, err := os.ReadFile(m.ring.Path())
	m.must(err)
	c := modelCopy{m.file(), m.master, PersonID(len(m.persons)), m.entries}
	m.must(os.WriteFile(c.path, b, 0o600))
	m.copies = append(m.copies, c)
	m.ring, err = Open(ctx, m.ring.Path(), m.master)
	m.must(err)
}

// restore opens an old copy. With the newer head known it is refused; brought
// forward with the newer ledger it opens nothing that was erased since.
func (m *modelRing) restore() {
	if len(m.copies) == 0 {
		m.t.Skip("no copy")
	}
	c := rapid.SampledFrom(m.copies).Draw(m.t, "copy")
	b, err := os.ReadFile(c.path)
	m.must(err)
	path := m.file()
	m.must(os.WriteFile(path, b, 0o600))
	if c.master != m.master {
		_, err := Open(ctx, path, m.master)
		m.is("a copy of before the rotation", err, ErrWrongMaster)
	}
	old, err := Open(ctx, path, c.master)
	m.must(err)
	defer func() { m.must(old.Close()) }()
	want := error(nil)
	if c.entries < m.entries {
		want = ErrLedgerOlder
	}
	m.is("KnownHead", old.KnownHead(m.ring.LedgerHead()), want)
	newer, err := m.ring.Ledger(ctx, 1+rapid.Int64Range(0, c.entries).Draw(m.t, "from"))
	m.must(err)
	m.must(old.Extend(ctx, newer))
	m.must(old.KnownHead(m.ring.LedgerHead()))
	m.must(old.VerifyLedger(ctx))
	for id, p := range m.persons {
		for class, sealed := range p.sealed {
			_, err := old.Open(nil, label(id, class), sealed)
			if p.erased[class] {
				m.is("an erased record in a copy", err, ErrErased)
			} else if err != nil && !errors.Is(err, ErrKeyMissing) { // drawn after the copy
				m.t.Fatalf("person %d class %d: %v", id, class, err)
			}
		}
		if p.erased[Membership] && old.KnownPerson(id) != nil {
			m.t.Fatalf("person %d would be issued again", id)
		}
	}
}

func (m *modelRing) check(t *rapid.T) {
	m.t = t
	for id, p := range m.persons {
		for _, c := range modelClasses {
			plain, err := m.ring.Open(nil, label(id, c), p.sealed[c])
			m.is(fmt.Sprint("opening person ", id, " class ", c), err, p.lacks(c))
			if err == nil && string(plain) != text(id, c) {
				t.Fatalf("opened %q", plain)
			}
		}
	}
	for _, kind := range []ClaimKind{ClaimNumber, ClaimEmail} {
		for _, value := range []string{"a", "b", "c", "d"} {
			c := modelClaim{kind, value}
			got, err := m.ring.Find(kind, value)
			m.must(err)
			if want := m.owners(c); !slices.Equal(got, want) {
				t.Fatalf("claim %v: found %v, want %v", c, got, want)
			}
		}
	}
	var pending, erased []PersonID
	for _, id := range slices.Sorted(maps.Keys(m.persons)) {
		if m.persons[id].pending {
			pending = append(pending, id)
		}
		if m.persons[id].erased[Membership] {
			erased = append(erased, id)
		}
	}
	if got := m.ring.PendingPersons(); !slices.Equal(got, pending) {
		t.Fatalf("pending %v, want %v", got, pending)
	}
	if got := slices.Collect(m.ring.ErasedPersons()); !slices.Equal(got, erased) {
		t.Fatalf("erased %v, want %v", got, erased)
	}
	if size, _ := m.ring.LedgerHead(); size != m.entries {
		t.Fatalf("ledger of %d, want %d", size, m.entries)
	}
	m.must(m.ring.VerifyLedger(ctx))
}

// TestMain keeps the model short, since every act is an fsync; go test -rapid.checks=1000 does more.
func TestMain(m *testing.M) {
	if dir := os.Getenv(spinning); dir != "" {
		spin(dir)
	}
	flag.Parse()
	asked := false
	flag.Visit(func(f *flag.Flag) { asked = asked || f.Name == "rapid.checks" })
	if !asked {
		_ = flag.Set("rapid.checks", "20")
	}
	os.Exit(m.Run())
}

func TestKeyringAgreesWithModel(t *testing.T) {
	master := testMaster(t)
	root := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp(root, "")
		if err != nil {
			t.Fatal(err)
		}
		m := &modelRing{t: t, dir: dir, master: master, persons: map[PersonID]*modelPerson{}}
		m.ring, err = Create(ctx, m.file(), master)
		m.must(err)
		defer func() { m.must(m.ring.Close()) }()
		m.create()
		act := func(f func()) func(*rapid.T) {
			return func(t *rapid.T) { m.t = t; f() }
		}
		t.Repeat(map[string]func(*rapid.T){
			"":        m.check,
			"create":  act(m.create),
			"new key": act(m.newKey),
			"claim":   act(m.claims),
			"claim 2": act(m.claims), // twice as often
			"release": act(m.release),
			"settle":  act(m.settle),
			"drop":    act(m.drop),
			"erase":   act(m.erase),
			"reopen":  act(m.reopen),
			"copy":    act(m.keepCopy),
			"restore": act(m.restore),
			"rotate":  act(m.rotate),
		})
	})
}
