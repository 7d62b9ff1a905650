// Package record keeps what is known about persons: sealed records on the
// register. A record is (person, class, kind, id, version, sealed bytes); only
// the sealed bytes say anything about anybody. To tell a person everything, to
// restrict and to erase are walks over the person's records, so no room can
// forget one (GDPR Art. 15, 17, 20).
//
// The package knows kinds, ids and bytes. It does not know what a member is;
// rooms declare their kinds and are the only ones to read them.
package record

import (
	"fmt"
	"slices"
	"sync"

	"kartotek/internal/vault"
)

// Kind declares one kind of record: its number, the retention class whose key
// seals it, its binary form and its words for the person. A kind is declared
// once, in a package variable of the room that owns it.
type Kind[T any] struct {
	Number    uint16      // stands in the register; never reused
	Name      string      // stable English name, for exports
	Class     vault.Class // which of the person's keys seals it
	Retention string      // the rule of the sweep that ends it: "membership" with the person's (room retention)

	Encode func(dst []byte, v *T) []byte // appends the binary form of v
	Decode func(src []byte, v *T) error  // reads it; src is reused afterwards
	Words  func(v *T) []Line             // what the person is told (Art. 15)
}

// Line is one fact told to the person it is about: a message key that names
// the fact and its value. Where the value is itself a word of the catalogue,
// ValueKey names it.
type Line struct {
	Key      string
	Value    string
	ValueKey string
}

// Named is what can be said of a kind without knowing its type.
type Named struct {
	Number    uint16
	Name      string
	Class     vault.Class
	Retention string

	words func(src []byte) ([]Line, error)
}

var (
	kindsMu sync.RWMutex
	kinds   = map[uint16]Named{}
)

// Declare makes a kind known to Walk and returns it. Two kinds with one number
// are a defect of the program, so Declare panics.
func Declare[T any](k Kind[T]) *Kind[T] {
	kindsMu.Lock()
	defer kindsMu.Unlock()
	if other, taken := kinds[k.Number]; taken {
		panic(fmt.Sprintf("record: kinds %q and %q share the number %d", other.Name, k.Name, k.Number))
	}
	kinds[k.Number] = Named{
		Number: k.Number, Name: k.Name, Class: k.Class, Retention: k.Retention,
		words: func(src []byte) ([]Line, error) {
			var v T
			if err := k.Decode(src, &v); err != nil {
				return nil, err
			}
			return k.Words(&v), nil
		},
	}
	return &k
}

// Kinds lists every declared kind by number.
func Kinds() []Named {
	kindsMu.RLock()
	defer kindsMu.RUnlock()
	all := make([]Named, 0, len(kinds))
	for _, k := range kinds {
		all = append(all, k)
	}
	slices.SortFunc(all, func(a, b Named) int { return int(a.Number) - int(b.Number) })
	return all
}
