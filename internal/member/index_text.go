package member

import (
	"hash/maphash"
	"math/bits"
	"unsafe"
)

// arena keeps short texts of many persons in a few large blocks of bytes, so
// that a million of them cost the garbage collector nothing, never move, and
// can be overwritten when a person goes.
type arena struct {
	blocks []*[arenaBlock]byte
	end    uint32           // first unused offset
	free   map[int][]uint32 // wiped places by their length
}

const (
	arenaBlock = 1 << 18
	arenaBits  = 18
)

// span is a place in the arena.
type span struct {
	at uint32
	n  uint16
}

// put stores b, which is shorter than a block; an empty b takes no place.
func (a *arena) put(b []byte) span {
	if len(b) == 0 {
		return span{}
	}
	s := span{n: uint16(len(b))}
	if vacant := a.free[len(b)]; len(vacant) > 0 {
		s.at = vacant[len(vacant)-1]
		a.free[len(b)] = vacant[:len(vacant)-1]
	} else {
		if left := arenaBlock - a.end%arenaBlock; int(left) < len(b) {
			a.end += left // a text never straddles two blocks
		}
		if a.end>>arenaBits == uint32(len(a.blocks)) {
			a.blocks = append(a.blocks, new([arenaBlock]byte))
		}
		s.at = a.end
		a.end += uint32(len(b))
	}
	copy(a.get(s), b)
	return s
}

// get is the text at s; it belongs to the arena.
func (a *arena) get(s span) []byte {
	if s.n == 0 {
		return nil
	}
	at := s.at % arenaBlock
	return a.blocks[s.at>>arenaBits][at : at+uint32(s.n) : at+uint32(s.n)]
}

// wipe overwrites the text at s with zeros and lets the place be used again.
func (a *arena) wipe(s span) {
	if s.n == 0 {
		return
	}
	clear(a.get(s))
	if a.free == nil {
		a.free = map[int][]uint32{}
	}
	a.free[int(s.n)] = append(a.free[int(s.n)], s.at)
}

// names holds every distinct name once, with its sort key, and counts who bears
// it. A name is its number; number 0 is the empty name. What nobody bears any
// more is overwritten.
type names struct {
	texts  arena
	all    []name
	vacant []uint32 // numbers free for use
	table  []uint32 // open addressing: number by hash; 0 is an empty slot
	count  int
	seed   maphash.Seed
}

type name struct {
	place span // the name, then its sort key
	text  uint8
	tab   uint8 // the letter it stands under, see sorter
	refs  uint32
}

func newNames() *names {
	return &names{all: make([]name, 1), table: make([]uint32, 1<<10), seed: maphash.MakeSeed()}
}

// text is the name as written.
func (t *names) text(number uint32) []byte {
	n := &t.all[number]
	return t.texts.get(n.place)[:n.text]
}

// key is what the name sorts by.
func (t *names) key(number uint32) []byte {
	n := &t.all[number]
	return t.texts.get(n.place)[n.text:]
}

// find gives the number of a name, or 0 and the free slot for it.
func (t *names) find(s string) (number uint32, slot int) {
	mask := len(t.table) - 1
	slot = int(maphash.String(t.seed, s)) & mask
	for {
		number = t.table[slot]
		if number == 0 || string(t.text(number)) == s {
			return number, slot
		}
		slot = (slot + 1) & mask
	}
}

// acquire gives the number of a name and counts one more bearer. A new name
// asks keyOf for its sort key and letter. Names are at most 255 bytes.
func (t *names) acquire(s string, keyOf func(s string) (key []byte, tab uint8)) (number uint32, fresh bool) {
	if s == "" {
		return 0, false
	}
	number, slot := t.find(s)
	if number != 0 {
		t.all[number].refs++
		return number, false
	}
	key, tab := keyOf(s)
	text := append(append(make([]byte, 0, 512), s...), key...)
	n := name{place: t.texts.put(text), text: uint8(len(s)), tab: tab, refs: 1}
	if last := len(t.vacant) - 1; last >= 0 {
		number, t.vacant = t.vacant[last], t.vacant[:last]
		t.all[number] = n
	} else {
		number = uint32(len(t.all))
		t.all = append(t.all, n)
	}
	t.table[slot] = number
	if t.count++; t.count*4 > len(t.table)*3 {
		t.grow()
	}
	return number, true
}

// release counts one bearer less and forgets a name without any.
func (t *names) release(number uint32) {
	if number == 0 {
		return
	}
	n := &t.all[number]
	if n.refs--; n.refs > 0 {
		return
	}
	text := t.text(number)
	_, slot := t.find(unsafe.String(unsafe.SliceData(text), len(text))) // no copy that would outlive the name
	t.vacate(slot)
	t.texts.wipe(n.place)
	*n = name{}
	t.vacant = append(t.vacant, number)
	t.count--
}

// vacate empties a slot and moves up those behind it that it had displaced.
func (t *names) vacate(slot int) {
	mask := len(t.table) - 1
	for next := (slot + 1) & mask; t.table[next] != 0; next = (next + 1) & mask {
		home := int(maphash.Bytes(t.seed, t.text(t.table[next]))) & mask
		if (next-home)&mask >= (next-slot)&mask {
			t.table[slot] = t.table[next]
			slot = next
		}
	}
	t.table[slot] = 0
}

func (t *names) grow() {
	old := t.table
	t.table = make([]uint32, 2<<bits.Len(uint(len(old)-1)))
	mask := len(t.table) - 1
	for _, number := range old {
		if number == 0 {
			continue
		}
		slot := int(maphash.Bytes(t.seed, t.text(number))) & mask
		for t.table[slot] != 0 {
			slot = (slot + 1) & mask
		}
		t.table[slot] = number
	}
}
