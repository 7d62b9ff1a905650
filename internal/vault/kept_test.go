package vault

import (
	"bytes"
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Every month has a class of its own, in the order of the months, and none of
// them is one of the classes that have no end.
func TestL7EveryMonthHasItsOwnClass(t *testing.T) {
	before := Evidence
	for year := keptFrom; year < keptFrom+200; year++ {
		for month := time.January; month <= time.December; month++ {
			c := KeptUntil(year, month)
			y, m := c.End()
			if !c.Valid() || !c.Ends() || c <= before || y != year || m != month {
				t.Fatalf("%d-%d: class %d, which ends %d-%d", year, month, c, y, m)
			}
			before = c
		}
	}
	for _, c := range []Class{0, Membership, Bookkeeping, Evidence, classes, 255, KeptUntil(1999, 12), KeptUntil(2200, 1), KeptUntil(2030, 13), before + 1} {
		if c.Ends() || c > Evidence && c.Valid() {
			t.Errorf("class %d ends by itself", c)
		}
	}
}

// What is bound to a seal tells every two labels, keys and entries apart.
func TestClassesAreBoundApart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Label {
			return Label{
				Person: PersonID(rapid.Uint32().Draw(t, name)), Class: Class(rapid.Uint16().Draw(t, name)),
				Kind: rapid.Uint16().Draw(t, name), ID: rapid.Uint64().Draw(t, name), Version: rapid.Uint32().Draw(t, name),
			}
		}
		a, b := draw("a"), draw("b")
		if rapid.Bool().Draw(t, "same person") {
			b.Person = a.Person
		}
		if (a == b) != bytes.Equal(a.append(nil), b.append(nil)) {
			t.Fatalf("%v and %v", a, b)
		}
		m, n := keyName{a.Person, a.Class}, keyName{b.Person, b.Class}
		if (m == n) != bytes.Equal(m.append(nil), n.append(nil)) {
			t.Fatalf("%v and %v", m, n)
		}
	})
}

// A month that is over is ended for everybody in one transaction; what ends
// later stays, no file holds a byte of the keys that went, and an older copy of
// the keyring gives none of them back.
func TestL7AMonthEndsByItsKeys(t *testing.T) {
	k, m := testRing(t)
	persons := newPersons(t, k, 150)
	soon, later := KeptUntil(2031, time.September), KeptUntil(2031, time.December)
	must(t, k.Write(ctx, func(tx *Tx) error {
		for _, p := range persons {
			for _, c := range []Class{soon, later} {
				if err := tx.NewKey(p, c); err != nil {
					return err
				}
			}
		}
		return nil
	}))
	_, err := k.Erase(ctx, noon, persons, Membership, Evidence)
	must(t, err)
	if got := k.Keeping(persons[3]); !slices.Equal(got, []Class{soon, later}) {
		t.Fatalf("kept until %v", got)
	}
	var gone, kept [][]byte
	sealed := map[PersonID][]byte{}
	for _, p := range persons {
		var w wrappedKey
		k.keys.get(&w, keyName{p, soon})
		gone = append(gone, slices.Clone(w[:]))
		k.keys.get(&w, keyName{p, later})
		kept = append(kept, slices.Clone(w[:]))
		sealed[p] = seal(t, k, label(p, soon), fmt.Sprint("paid by ", p))
	}
	must(t, k.Close())
	old, err := os.ReadFile(k.Path())
	must(t, err)
	k, err = Open(ctx, k.Path(), m)
	must(t, err)
	defer func() { must(t, k.Close()) }()

	if len(k.Kept(soon)) != 0 || len(k.Kept(later)[soon]) != len(persons) || len(k.Kept(later)) != 1 {
		t.Fatalf("due: %v", k.Kept(later))
	}
	entries, err := k.Erase(ctx, noon, persons, soon)
	must(t, err)
	if len(entries) != len(persons) {
		t.Fatalf("%d entries", len(entries))
	}
	for i, p := range persons {
		if _, err := k.Open(nil, label(p, soon), sealed[p]); err == nil {
			t.Fatalf("person %d opens", p)
		}
		if !k.Holds(p, later) || !slices.Equal(k.Ended(p), []Class{soon}) || i == 0 && !slices.Equal(k.Keeping(p), []Class{later}) {
			t.Fatalf("person %d: %v, %v", p, k.Keeping(p), k.Ended(p))
		}
	}
	now := files(t, k)
	for i := range gone {
		if bytes.Contains(now, gone[i]) || !bytes.Contains(now, kept[i]) {
			t.Fatalf("person %d: a byte of what ended is left, or what stays is lost", persons[i])
		}
	}
	path := t.TempDir() + "/old.db"
	must(t, os.WriteFile(path, old, 0o600))
	copied, err := Open(ctx, path, m)
	must(t, err)
	defer func() { must(t, copied.Close()) }()
	must(t, copied.Extend(ctx, entries))
	for p, bytes := range sealed {
		_, err := copied.Open(nil, label(p, soon), bytes)
		wants(t, err, ErrErased)
	}
}
