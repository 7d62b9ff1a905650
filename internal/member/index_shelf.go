package member

import (
	"slices"
	"sort"

	"kartotek/internal/vault"
)

// shelf is all keys of all persons in order: blocks of (key, person), split
// when full. A prefix is one run of neighbours.
type shelf struct {
	blocks []*shelfBlock
	firsts []entry // the first entry of each block: what a search touches
}

const shelfBlockSize = 512

type shelfBlock struct {
	n       int
	keys    [shelfBlockSize]key
	persons [shelfBlockSize]vault.PersonID
}

type entry struct {
	key    key
	person vault.PersonID
}

func (e entry) compare(other entry) int {
	switch {
	case e.key < other.key || e.key == other.key && e.person < other.person:
		return -1
	case e == other:
		return 0
	}
	return 1
}

// place finds where e stands or belongs.
func (s *shelf) place(e entry) (block, at int) {
	block, exact := slices.BinarySearchFunc(s.firsts, e, entry.compare)
	if exact {
		return block, 0
	}
	if block > 0 {
		block--
	}
	b := s.blocks[block]
	return block, sort.Search(b.n, func(i int) bool {
		return entry{b.keys[i], b.persons[i]}.compare(e) >= 0
	})
}

// insert adds an entry; one that is there already stays single.
func (s *shelf) insert(e entry) {
	if len(s.blocks) == 0 {
		s.blocks, s.firsts = []*shelfBlock{{}}, []entry{e}
	}
	block, at := s.place(e)
	b := s.blocks[block]
	if at < b.n && b.keys[at] == e.key && b.persons[at] == e.person {
		return
	}
	if b.n == shelfBlockSize {
		s.split(block)
		if half := s.blocks[block].n; at > half {
			block, at = block+1, at-half
		}
		b = s.blocks[block]
	}
	copy(b.keys[at+1:b.n+1], b.keys[at:b.n])
	copy(b.persons[at+1:b.n+1], b.persons[at:b.n])
	b.keys[at], b.persons[at] = e.key, e.person
	b.n++
	if at == 0 {
		s.firsts[block] = e
	}
}

func (s *shelf) split(block int) {
	b, half := s.blocks[block], shelfBlockSize/2
	next := &shelfBlock{n: b.n - half}
	copy(next.keys[:], b.keys[half:b.n])
	copy(next.persons[:], b.persons[half:b.n])
	clear(b.keys[half:])
	clear(b.persons[half:])
	b.n = half
	s.blocks = slices.Insert(s.blocks, block+1, next)
	s.firsts = slices.Insert(s.firsts, block+1, entry{next.keys[0], next.persons[0]})
}

// remove takes an entry out and overwrites its place.
func (s *shelf) remove(e entry) {
	if len(s.blocks) == 0 {
		return
	}
	block, at := s.place(e)
	b := s.blocks[block]
	if at == b.n || b.keys[at] != e.key || b.persons[at] != e.person {
		return
	}
	copy(b.keys[at:], b.keys[at+1:b.n])
	copy(b.persons[at:], b.persons[at+1:b.n])
	b.n--
	b.keys[b.n], b.persons[b.n] = 0, 0
	switch {
	case b.n == 0:
		s.blocks = slices.Delete(s.blocks, block, block+1)
		s.firsts = slices.Delete(s.firsts, block, block+1)
	case at == 0:
		s.firsts[block] = entry{b.keys[0], b.persons[0]}
	}
}

// runs calls fn for the persons of a range of keys, block by block.
func (s *shelf) runs(r keyRange, fn func(persons []vault.PersonID)) {
	if len(s.blocks) == 0 {
		return
	}
	block, at := s.place(entry{r.first, 0})
	for ; block < len(s.blocks); block, at = block+1, 0 {
		b := s.blocks[block]
		if at < b.n && b.keys[b.n-1] <= r.last {
			fn(b.persons[at:b.n])
			continue
		}
		end := at + sort.Search(b.n-at, func(i int) bool { return b.keys[at+i] > r.last })
		if end > at {
			fn(b.persons[at:end])
		}
		if end < b.n {
			return
		}
	}
}

// fill makes the shelf of entries in order, block after block with room to
// grow. Only an empty shelf is filled.
func (s *shelf) fill(entries []entry) {
	const load = shelfBlockSize * 7 / 8
	for part := range slices.Chunk(entries, load) {
		b := &shelfBlock{n: len(part)}
		for i, e := range part {
			b.keys[i], b.persons[i] = e.key, e.person
		}
		s.blocks = append(s.blocks, b)
		s.firsts = append(s.firsts, part[0])
	}
}
