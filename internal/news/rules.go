package news

import (
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// item is what is stored together: one kind of event, in one body or several.
type item struct {
	kind   Kind
	groups map[unit.ID]*roaring.Bitmap
	fields []string // of a single person's change
}

// only is the body of an item of one body; 0 where there are several.
func (it *item) only() unit.ID {
	if len(it.groups) != 1 {
		return 0
	}
	for id := range it.groups {
		return id
	}
	return 0
}

// gather makes items of events: one a kind.
func gather(events []Event) []item {
	byKind := map[Kind]*item{}
	for _, e := range events {
		it := byKind[e.Kind]
		if it == nil {
			it = &item{kind: e.Kind, groups: map[unit.ID]*roaring.Bitmap{}}
			byKind[e.Kind] = it
		}
		if it.groups[e.Unit] == nil {
			it.groups[e.Unit] = roaring.New()
		}
		it.groups[e.Unit].Add(uint32(e.Person))
		if sole(events) {
			it.fields = e.Fields
		}
	}
	var items []item
	for _, kind := range slices.Sorted(maps.Keys(byKind)) {
		items = append(items, *byKind[kind])
	}
	return items
}

// sole reports whether all events are about one person.
func sole(events []Event) bool {
	return !slices.ContainsFunc(events, func(e Event) bool { return e.Person != events[0].Person })
}

// Fields of an item's binary form.
const (
	formGroup = iota + 1
	formField
)

// Fields of a group in it.
const (
	formUnit = iota + 1
	formPersons
)

func (it *item) encode() []byte {
	var w record.Writer
	for _, id := range slices.Sorted(maps.Keys(it.groups)) {
		set := it.groups[id]
		set.RunOptimize()
		bits, err := set.ToBytes()
		if err != nil {
			panic(err) // a buffer in memory does not fail
		}
		var group record.Writer
		w.Blob(formGroup, group.Uint(formUnit, uint64(id)).Blob(formPersons, bits).Bytes)
	}
	return w.Strings(formField, it.fields).Bytes
}

func (it *item) decode(plain []byte) error {
	it.groups = map[unit.ID]*roaring.Bitmap{}
	r := record.NewReader(plain)
	for r.Next() {
		switch r.Field() {
		case formGroup:
			if err := it.decodeGroup(r.Blob()); err != nil {
				return err
			}
		case formField:
			it.fields = append(it.fields, r.String())
		}
	}
	return r.Err()
}

func (it *item) decodeGroup(plain []byte) error {
	var id unit.ID
	set := roaring.New()
	r := record.NewReader(plain)
	for r.Next() {
		switch r.Field() {
		case formUnit:
			id = unit.ID(r.Uint())
		case formPersons:
			if err := set.UnmarshalBinary(r.Blob()); err != nil {
				return err
			}
		}
	}
	it.groups[id] = set
	return r.Err()
}

// tally goes through items from the oldest to the newest and keeps, of each
// person, what is true at the end: who joined and left again is neither.
type tally struct {
	scope access.Scope
	sets  map[Kind]*roaring.Bitmap
	what  map[vault.PersonID][]string
}

func newTally(scope access.Scope) *tally {
	t := &tally{scope: scope, sets: map[Kind]*roaring.Bitmap{}, what: map[vault.PersonID][]string{}}
	for kind := Joined; kind <= Stayed; kind++ {
		t.sets[kind] = roaring.New()
	}
	return t
}

// undoes says which earlier news a kind makes untrue.
var undoes = map[Kind][]Kind{
	Joined: {Moved, Left}, Arrived: {Moved}, Moved: {Joined, Arrived}, Left: {Joined, Arrived}, Died: {Joined, Arrived}, Stayed: {Left, Died},
}

func (t *tally) add(it *item) {
	for id, persons := range it.groups {
		if !t.scope.Covers(id) {
			continue
		}
		for _, earlier := range undoes[it.kind] {
			t.sets[earlier].AndNot(persons)
		}
		t.sets[it.kind].Or(persons)
		if it.kind == Changed && len(it.fields) > 0 {
			for _, person := range persons.ToArray() {
				known := append(t.what[vault.PersonID(person)], it.fields...)
				slices.Sort(known)
				t.what[vault.PersonID(person)] = slices.Compact(known)
			}
		}
	}
}

// into writes the tally into a digest. A person within a wide Scope who moved
// from one of its bodies to another has arrived and not moved away.
func (t *tally) into(d *Digest, members Members, scope access.Scope) {
	d.Joined = members.Present(scope, t.sets[Joined])
	d.Arrived = members.Present(scope, t.sets[Arrived])
	d.Arrived.AndNot(d.Joined)
	d.Changed = members.Present(scope, t.sets[Changed])
	d.Changed.AndNot(d.Joined)
	d.Moved = int(roaring.AndNot(t.sets[Moved], members.Present(scope, t.sets[Moved])).GetCardinality())
	d.Left, d.Died = int(t.sets[Left].GetCardinality()), int(t.sets[Died].GetCardinality())
	for person, fields := range t.what {
		if d.Changed.Contains(uint32(person)) {
			d.Fields[person] = fields
		}
	}
}
