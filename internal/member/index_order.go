package member

import (
	"math"
	"slices"
	"sort"

	"kartotek/internal/vault"
)

// order is all persons as the card index sorts them. Every person has a place,
// a number that grows along the order with gaps between, so that a newcomer
// takes a number in a gap and any two persons compare at once.
type order struct {
	blocks []*orderBlock
	places []uint32 // by person; 0 for who is not in the order
	count  int
}

const orderBlockSize = 256

type orderBlock struct {
	n       int
	persons [orderBlockSize]vault.PersonID
}

// compare says whether a sorts before (<0) or after (>0) b; never 0 for two persons.
type compare func(a, b vault.PersonID) int

// insert puts a person who is not in the order where cmp says.
func (o *order) insert(person vault.PersonID, cmp compare) {
	if len(o.blocks) == 0 {
		o.blocks = []*orderBlock{{}}
	}
	block := max(0, sort.Search(len(o.blocks), func(i int) bool {
		return o.blocks[i].n > 0 && cmp(o.blocks[i].persons[0], person) > 0
	})-1)
	b := o.blocks[block]
	at := sort.Search(b.n, func(i int) bool { return cmp(b.persons[i], person) > 0 })
	if b.n == orderBlockSize {
		half := orderBlockSize / 2
		next := &orderBlock{n: b.n - half}
		copy(next.persons[:], b.persons[half:])
		clear(b.persons[half:])
		b.n = half
		o.blocks = slices.Insert(o.blocks, block+1, next)
		if at > half {
			block, at, b = block+1, at-half, next
		}
	}
	copy(b.persons[at+1:b.n+1], b.persons[at:b.n])
	b.persons[at] = person
	b.n++
	o.count++
	o.room(person)
	before, after := o.bounds(block, at, block, at)
	if after-before < 2 {
		o.spread(block)
		return
	}
	o.places[person] = uint32((before + after) / 2)
}

// bounds are the places just outside of two positions.
func (o *order) bounds(firstBlock, firstAt, lastBlock, lastAt int) (before, after uint64) {
	after = math.MaxUint32
	if firstAt > 0 {
		before = uint64(o.places[o.blocks[firstBlock].persons[firstAt-1]])
	} else if firstBlock > 0 {
		prev := o.blocks[firstBlock-1]
		before = uint64(o.places[prev.persons[prev.n-1]])
	}
	if lastAt+1 < o.blocks[lastBlock].n {
		after = uint64(o.places[o.blocks[lastBlock].persons[lastAt+1]])
	} else if lastBlock+1 < len(o.blocks) {
		after = uint64(o.places[o.blocks[lastBlock+1].persons[0]])
	}
	return before, after
}

// spread gives the persons around a block new places, in as small a stretch as
// leaves them gaps.
func (o *order) spread(block int) {
	for first, last := block, block; ; {
		count := uint64(0)
		for _, b := range o.blocks[first : last+1] {
			count += uint64(b.n)
		}
		before, after := o.bounds(first, 0, last, o.blocks[last].n-1)
		whole := first == 0 && last == len(o.blocks)-1
		if step := (after - before) / (count + 1); step >= 64 || whole {
			o.number(o.blocks[first:last+1], before, step)
			return
		}
		width := last - first + 1
		first, last = max(0, first-width), min(len(o.blocks)-1, last+width)
	}
}

func (o *order) number(blocks []*orderBlock, place, step uint64) {
	for _, b := range blocks {
		for _, person := range b.persons[:b.n] {
			place += step
			o.places[person] = uint32(place)
		}
	}
}

// remove takes a person out of the order.
func (o *order) remove(person vault.PersonID) {
	if int(person) >= len(o.places) || o.places[person] == 0 {
		return
	}
	place := o.places[person]
	block := sort.Search(len(o.blocks), func(i int) bool { return o.places[o.blocks[i].persons[0]] > place }) - 1
	b := o.blocks[block]
	at := sort.Search(b.n, func(i int) bool { return o.places[b.persons[i]] >= place })
	copy(b.persons[at:], b.persons[at+1:b.n])
	b.n--
	b.persons[b.n] = 0
	if b.n == 0 {
		o.blocks = slices.Delete(o.blocks, block, block+1)
	}
	o.places[person] = 0
	o.count--
}

// fill makes the order of sorted persons. Only an empty order is filled.
func (o *order) fill(sorted []vault.PersonID) {
	const load = orderBlockSize * 7 / 8
	for part := range slices.Chunk(sorted, load) {
		b := &orderBlock{n: len(part)}
		copy(b.persons[:], part)
		o.blocks = append(o.blocks, b)
	}
	if len(sorted) > 0 {
		o.count = len(sorted)
		o.room(slices.Max(sorted))
		o.number(o.blocks, 0, math.MaxUint32/uint64(len(sorted)+1))
	}
}

// room makes the table of places reach a person.
func (o *order) room(person vault.PersonID) {
	if need := int(person) + 1; need > len(o.places) {
		o.places = append(o.places, make([]uint32, need-len(o.places))...)
	}
}
