package vault

import (
	"bytes"
	"testing"
)

// FuzzOpen: whatever bytes and label come, opening neither panics nor succeeds,
// unless they are exactly what was sealed.
func FuzzOpen(f *testing.F) {
	k, _ := testRing(f)
	persons := newPersons(f, k, 2, Bookkeeping)
	plain := []byte("what is known about her")
	l := label(persons[0], Membership)
	sealed := seal(f, k, l, string(plain))
	f.Add(sealed, uint32(l.Person), uint16(l.Class), l.Kind, l.ID, l.Version)
	f.Add(sealed[:Overhead], uint32(l.Person), uint16(l.Class), l.Kind, l.ID, l.Version)
	f.Add([]byte{}, uint32(0), uint16(0), uint16(0), uint64(0), uint32(0))
	f.Add([]byte{sealFormat}, uint32(persons[1]), uint16(Bookkeeping), uint16(1), uint64(1), uint32(1))
	f.Add(bytes.Repeat([]byte{1}, 64), uint32(1<<32-1), uint16(1<<16-1), uint16(9), uint64(1<<63), uint32(7))
	o := k.Opener()
	f.Fuzz(func(t *testing.T, b []byte, person uint32, class, kind uint16, id uint64, version uint32) {
		at := Label{PersonID(person), Class(class), kind, id, version}
		for _, open := range []func([]byte, Label, []byte) ([]byte, error){k.Open, o.Open} {
			got, err := open(nil, at, b)
			if right := at == l && bytes.Equal(b, sealed); right != (err == nil) {
				t.Fatalf("opened %v as %v: %v", b, at, err)
			}
			if err != nil && len(got) != 0 || err == nil && !bytes.Equal(got, plain) {
				t.Fatalf("got %q, %v", got, err)
			}
		}
		if got, err := k.OpenOnce(int64(id), b); err == nil {
			t.Fatalf("opened %q under a one-off key that never was", got)
		}
	})
}

// FuzzPublicID: no text but the one PublicID made names a person.
func FuzzPublicID(f *testing.F) {
	k, _ := testRing(f)
	f.Add(k.PublicID(1))
	f.Add("")
	f.Add("aaaaaaaaaaaaaaaaaaaaaaaaaa")
	f.Fuzz(func(t *testing.T, s string) {
		if p, ok := k.PersonOf(s); ok && k.PublicID(p) != s {
			t.Fatalf("%q is person %d, whose id is %q", s, p, k.PublicID(p))
		}
	})
}
