package member

import (
	"bytes"
	"slices"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// builder makes a whole index at once, many times faster than person by
// person: keys gather in heaps by their first letter, which are sorted side by
// side at the end. One goroutine adds.
type builder struct {
	x     *index
	heaps [heapCount][]entry
	cache [][]key // a name's keys, by its number
	space []byte
	keys  []key
	sets  map[unit.ID][]uint32 // persons of a body, gathered before they become a set
	found []vault.PersonID
}

// heapCount: six kinds of keys, by their first letter or digit.
const heapCount = 6 * 32

func heapOf(k key) int {
	kind := int(k>>60) - 1
	if kind < int(numberKey>>60)-1 {
		return kind*32 + int(k>>55&31)
	}
	return kind*32 + int(k>>56&15)
}

// newBuilder fills an index that is empty but for who is hidden.
func newBuilder(x *index) *builder {
	return &builder{x: x, sets: map[unit.ID][]uint32{}}
}

// add takes a person in. Persons come once each, best in the order of their
// ids; a person's bodies may come apart, through belongs.
func (b *builder) add(in *subject) {
	x := b.x
	x.room(in.person)
	given, family := b.name(in.given), b.name(in.family)
	b.space = packContact(b.space[:0], in.contact)
	x.slips[in.person] = slip{given: given, family: family, contact: x.contacts.put(b.space), known: true, first: x.slips[in.person].first}
	b.keys = append(append(b.keys[:0], b.cache[given]...), b.cache[family]...)
	b.keys = contactKeys(b.keys, in.contact)
	for i, k := range b.keys {
		if !slices.Contains(b.keys[:i], k) {
			heap := &b.heaps[heapOf(k)]
			*heap = append(*heap, entry{k, in.person})
		}
	}
	belongs := in.belongs
	in.belongs = nil // gathered below, which is faster
	x.file(in)
	in.belongs = belongs
	for _, to := range belongs {
		b.belongs(in.person, to)
	}
	b.found = append(b.found, in.person)
}

// belongs says that a person belongs to a body. The person may come later.
func (b *builder) belongs(person vault.PersonID, to belonging) {
	b.x.room(person)
	if s := &b.x.slips[person]; s.first.unit == 0 {
		s.first = to
	} else {
		b.x.more[person] = append(b.x.more[person], to)
	}
	b.sets[to.unit] = append(b.sets[to.unit], uint32(person))
	if b.x.kinds.special(to.category) {
		set(b.x.ofKind, to).Add(uint32(person))
	}
}

func (b *builder) name(s string) uint32 {
	number, fresh := b.x.names.acquire(s, b.x.sorter.key)
	for int(number) >= len(b.cache) {
		b.cache = append(b.cache, nil)
	}
	if fresh {
		b.cache[number] = nameKeys(nil, s)
	}
	return number
}

// finish makes the index ready for reading.
func (b *builder) finish() {
	b.cache = nil
	var both sync.WaitGroup
	both.Go(b.sort)
	b.fillUnits()
	b.fillOrder()
	both.Wait()
	b.fillShelf()
}

// sort brings each heap into order. Persons came in order, so equal keys stay so.
func (b *builder) sort() {
	for _, heap := range b.heaps {
		slices.SortFunc(heap, entry.compare)
	}
}

// fillShelf puts the heaps on the shelf one after the other and lets them go.
func (b *builder) fillShelf() {
	b.fillShort([]key{nameKey, emailKey}, 55, 31)
	b.fillShort([]key{numberKey, phoneKey, nationalKey}, 56, 15)
	for i, heap := range b.heaps {
		b.x.shelf.fill(heap)
		b.heaps[i] = nil
	}
}

// fillShort makes the short sets of the kinds that share them, one first letter
// after the other, so that few sets of bits are needed at a time.
func (b *builder) fillShort(kinds []key, shift, mask uint) {
	width := (len(b.x.slips)>>16 + 1) << 10
	one, pairs := make([]uint64, width), map[key][]uint64{}
	for letter := key(1); letter <= key(mask); letter++ {
		first := key(0)
		clear(one)
		for _, set := range pairs {
			clear(set)
		}
		used := map[key]key{} // short key by its second letter
		for _, kind := range kinds {
			for _, e := range b.heaps[heapOf(kind|letter<<shift)] {
				short, two := shortOf(e.key)
				if short == 0 {
					continue
				}
				first = short
				one[e.person>>6] |= 1 << (e.person & 63)
				if two == 0 {
					continue
				}
				second := two &^ short
				set := pairs[second]
				if set == nil {
					set = make([]uint64, width)
					pairs[second] = set
				}
				used[second] = two
				set[e.person>>6] |= 1 << (e.person & 63)
			}
		}
		if first != 0 {
			b.x.short[first] = fromDense(one)
		}
		for second, two := range used {
			b.x.short[two] = fromDense(pairs[second])
		}
	}
}

func fromDense(set []uint64) *roaring.Bitmap {
	bitmap := roaring.FromDense(set, true)
	bitmap.RunOptimize()
	return bitmap
}

func (b *builder) fillUnits() {
	for id, persons := range b.sets {
		set(b.x.units, id).AddMany(persons)
		b.x.members.AddMany(persons)
	}
	b.sets = nil
	// Memberships of somebody without a profile are nobody's.
	known := roaring.Or(b.x.visible, b.x.hidden)
	b.x.members.And(known)
	b.x.dated.And(known)
}

// fillOrder sorts all persons: names first, each distinct one once, then
// persons by the ranks of their names.
func (b *builder) fillOrder() {
	x := b.x
	numbers := make([]uint32, 0, len(x.names.all))
	for number := range x.names.all {
		numbers = append(numbers, uint32(number))
	}
	slices.SortFunc(numbers, func(a, b uint32) int { return bytes.Compare(x.names.key(a), x.names.key(b)) })
	ranks := make([]uint32, len(numbers))
	rank := uint32(0)
	for i, number := range numbers {
		if i > 0 && !bytes.Equal(x.names.key(numbers[i-1]), x.names.key(number)) {
			rank++
		}
		ranks[number] = rank
	}
	type ranked struct {
		names  uint64
		person vault.PersonID
	}
	all := make([]ranked, len(b.found))
	for i, person := range b.found {
		first, second := x.sortNames(person)
		all[i] = ranked{uint64(ranks[first])<<32 | uint64(ranks[second]), person}
	}
	b.found = nil
	slices.SortFunc(all, func(a, b ranked) int {
		switch {
		case a.names < b.names || a.names == b.names && a.person < b.person:
			return -1
		case a.names == b.names && a.person == b.person:
			return 0
		}
		return 1
	})
	sorted := make([]vault.PersonID, len(all))
	for i, r := range all {
		sorted[i] = r.person
	}
	x.order.fill(sorted)
}
