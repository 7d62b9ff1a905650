package unit

import (
	"bytes"
	"cmp"
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/locale"
)

// Tree is all bodies at one moment. It never changes; an act makes a new one.
// Bodies stand in reading order: each before those below it, siblings as the
// charter's language sorts their names.
type Tree struct {
	units  []Unit
	end    []int32           // units[i+1:end[i]] are below units[i]
	under  []*roaring.Bitmap // by place: the body and all below
	place  map[ID]int32
	codes  map[string]int32
	folded []string // by place: name folded for search
}

// errBroken means the table does not hold one tree; nothing in the program can
// make it so, hence somebody wrote into the database.
var errBroken = errors.New("unit: the bodies in the register do not form a tree")

// newTree puts bodies, in any order, into a tree sorted for a language.
func newTree(units []Unit, lang string) (*Tree, error) {
	t := &Tree{
		units:  make([]Unit, 0, len(units)),
		end:    make([]int32, len(units)),
		under:  make([]*roaring.Bitmap, len(units)),
		place:  make(map[ID]int32, len(units)),
		codes:  make(map[string]int32, len(units)),
		folded: make([]string, 0, len(units)),
	}
	for _, u := range units {
		_, twice := t.place[u.ID]
		_, taken := t.codes[u.Code]
		if u.ID == 0 || twice || taken {
			return nil, errBroken
		}
		t.place[u.ID], t.codes[u.Code] = 0, 0
	}
	t.grow(0, siblings(units, lang))
	if len(t.units) != len(units) || len(units) > 0 && int(t.end[0]) != len(units) {
		return nil, errBroken // a circle, a missing parent or a second root
	}
	return t, nil
}

// siblings sorts bodies by parent, then name, and gives each parent's children.
func siblings(units []Unit, lang string) map[ID][]Unit {
	type sortable struct {
		Unit
		key []byte
	}
	sorter := locale.NewSorter(lang)
	all := make([]sortable, len(units))
	for i, u := range units {
		all[i] = sortable{u, sorter.Append(nil, u.Name)}
	}
	slices.SortFunc(all, func(a, b sortable) int {
		return cmp.Or(bytes.Compare(a.key, b.key), cmp.Compare(a.ID, b.ID))
	})
	children := make(map[ID][]Unit)
	for i := range all {
		children[all[i].Parent] = append(children[all[i].Parent], all[i].Unit)
	}
	return children
}

// grow appends the bodies under a parent, depth first.
func (t *Tree) grow(parent ID, children map[ID][]Unit) *roaring.Bitmap {
	all := roaring.New()
	for _, u := range children[parent] {
		at := len(t.units)
		t.units = append(t.units, u)
		t.folded = append(t.folded, locale.Fold(u.Name))
		t.place[u.ID] = int32(at)
		t.codes[u.Code] = int32(at)
		below := t.grow(u.ID, children)
		below.Add(uint32(u.ID))
		below.RunOptimize()
		t.under[at], t.end[at] = below, int32(len(t.units))
		all.Or(below)
	}
	return all
}

// Len gives the number of bodies, closed ones too.
func (t *Tree) Len() int { return len(t.units) }

// All gives every body in reading order, closed ones too. Do not modify it.
func (t *Tree) All() []Unit { return t.units }

// Root gives the body above all others; false while there is none.
func (t *Tree) Root() (Unit, bool) {
	if len(t.units) == 0 {
		return Unit{}, false
	}
	return t.units[0], true
}

// ByID finds a body, closed or not.
func (t *Tree) ByID(id ID) (Unit, bool) { return t.at(t.place[id], id != 0 && t.has(id)) }

// ByCode finds a body, closed or not, by its exact code.
func (t *Tree) ByCode(code string) (Unit, bool) {
	at, ok := t.codes[code]
	return t.at(at, ok)
}

func (t *Tree) at(place int32, ok bool) (Unit, bool) {
	if !ok {
		return Unit{}, false
	}
	return t.units[place], true
}

func (t *Tree) has(id ID) bool {
	_, ok := t.place[id]
	return ok
}

// nothing answers Under for a body that is none.
var nothing = roaring.New()

// Under gives the body and all below it, closed ones too: precomputed, shared,
// not to be modified. Empty for an unknown body.
func (t *Tree) Under(id ID) *roaring.Bitmap {
	if at, ok := t.place[id]; ok {
		return t.under[at]
	}
	return nothing
}

// Within reports whether a body is another one or stands below it.
func (t *Tree) Within(id, above ID) bool {
	i, ok := t.place[id]
	j, okAbove := t.place[above]
	return ok && okAbove && i >= j && i < t.end[j]
}

// Children gives the bodies right below one, in reading order.
func (t *Tree) Children(id ID) []Unit {
	at, ok := t.place[id]
	if !ok {
		return nil
	}
	var children []Unit
	for i := at + 1; i < t.end[at]; i = t.end[i] {
		children = append(children, t.units[i])
	}
	return children
}

// Below gives all bodies below one, in reading order. Do not modify it.
func (t *Tree) Below(id ID) []Unit {
	at, ok := t.place[id]
	if !ok {
		return nil
	}
	return t.units[at+1 : t.end[at] : t.end[at]]
}

// Path gives the bodies from the root down to one; empty for an unknown body.
func (t *Tree) Path(id ID) []Unit {
	var path []Unit
	for at, ok := t.place[id]; ok; at, ok = t.place[t.units[at].Parent] {
		path = append(path, t.units[at])
	}
	slices.Reverse(path)
	return path
}

// Seat is the country a body has its seat in: its own, else that of the nearest above
// it that says one; "" where none does.
func (t *Tree) Seat(id ID) string {
	for u, ok := t.ByID(id); ok; u, ok = t.ByID(u.Parent) {
		if u.Seat != "" {
			return u.Seat
		}
	}
	return ""
}

// Depth gives how many bodies stand above one; 0 for the root.
func (t *Tree) Depth(id ID) int { return max(0, len(t.Path(id))-1) }

// AtLevel gives the open bodies of a level, in reading order.
func (t *Tree) AtLevel(level string) []Unit {
	var found []Unit
	for _, u := range t.units {
		if u.Level == level && !u.Closed {
			found = append(found, u)
		}
	}
	return found
}
