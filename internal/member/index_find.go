package member

import (
	"bytes"
	"math/bits"
	"slices"
	"strings"
	"unsafe"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/vault"
)

// within is which persons a reading may reach.
type within struct {
	all     bool
	members bool // of all: only who belongs to a body, not staff
	units   *roaring.Bitmap
	self    vault.PersonID
	shown   func(kind key) bool // by what one is found; nil: by everything
	among   *roaring.Bitmap     // nobody else; nil: everybody in reach
}

// scratch is what one search works on; bit i of its sets is person i.
type scratch struct {
	found, part, words []uint64
	folded             []byte
	best               []uint64
}

// find gives how many visible persons match a text, and those on one page of
// them in order. Every part of the text must match, in any order; an empty text
// matches everybody.
func (x *index) find(w within, text string, offset, size int) (total int, page []vault.PersonID) {
	s := x.scratch.Get().(*scratch)
	defer x.scratch.Put(s)
	q := parseQuery(s.folded[:0], text)
	s.folded = q.folded
	if w.shown != nil {
		q.limit(w.shown)
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	s.resize(len(x.slips))
	x.reach(s, w)
	if w.among != nil {
		clear(s.part)
		w.among.WriteDenseTo(s.part)
		intersect(s.found, s.part)
	}
	for i := range q.parts {
		x.match(s, &q.parts[i])
		intersect(s.found, s.part)
	}
	total = count(s.found)
	return total, x.page(s, total, offset, size)
}

// resize makes the sets reach persons below n, in whole roaring containers.
func (s *scratch) resize(n int) {
	if words := (n>>16 + 1) << 10; len(s.found) != words {
		s.found, s.part, s.words = make([]uint64, words), make([]uint64, words), make([]uint64, words)
	}
}

// reach fills found with the visible persons of a reach.
func (x *index) reach(s *scratch, w within) {
	clear(s.found)
	x.visible.WriteDenseTo(s.found)
	switch {
	case w.all && w.members:
		clear(s.part)
		x.members.WriteDenseTo(s.part)
		intersect(s.found, s.part)
	case w.all:
	case w.self != 0:
		clear(s.part)
		if int(w.self) < len(x.slips) {
			s.part[w.self>>6] = 1 << (w.self & 63)
		}
		intersect(s.found, s.part)
	default:
		clear(s.part)
		if w.units != nil {
			for it := w.units.Iterator(); it.HasNext(); {
				if members := x.units[unitID(it.Next())]; members != nil {
					addAll(s.part, members)
				}
			}
		}
		intersect(s.found, s.part)
	}
}

// match fills part with the persons a part of the query matches.
func (x *index) match(s *scratch, p *part) {
	clear(s.part)
	if len(p.words) > 0 { // all of the words, or the part as a whole
		for i := range p.words {
			clear(s.words)
			x.matchAny(s.words, &p.words[i])
			if i == 0 {
				copy(s.part, s.words)
			} else {
				intersect(s.part, s.words)
			}
		}
	}
	x.matchAny(s.part, p)
}

func (x *index) matchAny(set []uint64, p *part) {
	if p.short != 0 {
		if found := x.short[p.short]; found != nil {
			addAll(set, found)
		}
	}
	for _, w := range p.any {
		x.shelf.runs(w.keys, func(persons []vault.PersonID) {
			for _, person := range persons {
				if w.sharp || x.begins(person, w) {
					set[person>>6] |= 1 << (person & 63)
				}
			}
		})
	}
}

// begins compares what a person is found by with a prefix its key cannot hold.
func (x *index) begins(person vault.PersonID, w want) bool {
	slip := &x.slips[person]
	if w.kind == nameKey {
		var space [128]byte
		for _, number := range [...]uint32{slip.given, slip.family} {
			found := false
			wordsOf(foldWords(space[:0], view(x.names.text(number))), func(word []byte) {
				found = found || bytes.HasPrefix(word, w.prefix)
			})
			if found {
				return true
			}
		}
		return false
	}
	prefix := view(w.prefix)
	c := unpackContact(view(x.contacts.get(slip.contact)))
	switch w.kind {
	case emailKey:
		return strings.HasPrefix(c.email, prefix)
	case domainKey:
		return strings.HasPrefix(c.email[strings.LastIndexByte(c.email, '@')+1:], prefix)
	case numberKey:
		begins := func(number string) bool {
			return len(number) >= len(prefix) && strings.EqualFold(number[:len(prefix)], prefix)
		}
		return begins(c.number) || c.former != "" && slices.ContainsFunc(strings.Fields(c.former), begins)
	case phoneKey:
		return strings.HasPrefix(c.phone, "+"+prefix) || strings.HasPrefix(c.mobile, "+"+prefix)
	case nationalKey:
		return strings.HasPrefix(national(c.phone), prefix) || strings.HasPrefix(national(c.mobile), prefix)
	}
	return false
}

// view is bytes as a string without a copy; it must not outlive the lock.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// walkBudget is how many persons of the order are tried one by one before the
// page is chosen among all that were found.
const walkBudget = 20_000

// page gives the persons from offset on, in order.
func (x *index) page(s *scratch, total, offset, size int) []vault.PersonID {
	offset = max(offset, 0)
	to := min(offset+size, total)
	if size <= 0 || offset >= to {
		return nil
	}
	// Where many are found, the first of them stand near the beginning.
	if to*(x.order.count/total) < walkBudget {
		if page, ok := x.walk(s.found, offset, to, walkBudget); ok {
			return page
		}
	}
	// Where very many are found, walking to the page is cheaper than choosing.
	if total > x.order.count/4 {
		if page, ok := x.walk(s.found, offset, to, x.order.count); ok {
			return page
		}
	}
	best := x.choose(s, to)
	lowest(best, offset)
	slices.Sort(best[offset:])
	page := make([]vault.PersonID, to-offset)
	for i, placed := range best[offset:] {
		page[i] = vault.PersonID(placed)
	}
	return page
}

// walk goes along the order until it has passed `to` persons of the set, and
// gives up after so many tries.
func (x *index) walk(found []uint64, offset, to, tries int) ([]vault.PersonID, bool) {
	page := make([]vault.PersonID, 0, to-offset)
	passed := 0
	for _, b := range x.order.blocks {
		for _, person := range b.persons[:b.n] {
			if found[person>>6]&(1<<(person&63)) == 0 {
				continue
			}
			if passed >= offset {
				page = append(page, person)
			}
			if passed++; passed == to {
				return page, true
			}
		}
		if tries -= b.n; tries <= 0 {
			return nil, false
		}
	}
	return page, true
}

// choose gives the first n persons found, as place and person in one number,
// themselves unsorted: it keeps the best so far and, whenever these are too
// many, throws the worse ones out.
func (x *index) choose(s *scratch, n int) []uint64 {
	room := 2*n + 1024
	if cap(s.best) < room {
		s.best = make([]uint64, 0, room)
	}
	best, worst := s.best[:0], ^uint64(0)
	for i, word := range s.found {
		for ; word != 0; word &= word - 1 {
			person := i<<6 | bits.TrailingZeros64(word)
			placed := uint64(x.order.places[person])<<32 | uint64(person)
			if placed > worst {
				continue
			}
			if best = append(best, placed); len(best) == room {
				lowest(best, n)
				best = best[:n]
				worst = slices.Max(best)
			}
		}
	}
	if len(best) > n {
		lowest(best, n)
		best = best[:n]
	}
	return best
}

// lowest brings the n lowest numbers to the front, unsorted (quickselect).
func lowest(all []uint64, n int) {
	for lo, hi := 0, len(all); n > lo && n < hi; {
		pivot := median(all[lo], all[(lo+hi)/2], all[hi-1])
		i, j := lo, hi-1
		for i <= j {
			for all[i] < pivot {
				i++
			}
			for all[j] > pivot {
				j--
			}
			if i <= j {
				all[i], all[j] = all[j], all[i]
				i++
				j--
			}
		}
		switch {
		case n <= j:
			hi = j + 1
		case n >= i:
			lo = i
		default:
			return
		}
	}
}

func median(a, b, c uint64) uint64 { return max(min(a, b), min(max(a, b), c)) }

// addAll adds a roaring set to a plain one, which WriteDenseTo would overwrite.
func addAll(set []uint64, all *roaring.Bitmap) {
	var space [1024]uint32
	it := all.ManyIterator()
	for n := it.NextMany(space[:]); n > 0; n = it.NextMany(space[:]) {
		for _, person := range space[:n] {
			set[person>>6] |= 1 << (person & 63)
		}
	}
}

func intersect(set, other []uint64) {
	other = other[:len(set)]
	for i := range set {
		set[i] &= other[i]
	}
}

func count(set []uint64) (n int) {
	for _, word := range set {
		n += bits.OnesCount64(word)
	}
	return n
}

// letters counts the visible persons of a reach by the letter they stand
// under, in their order behind whatever sorts before it.
func (x *index) letters(w within) (counts [tabCount]int) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	reached := x.reached(w)
	for i, tab := range x.tabs {
		counts[i] = int(tab.AndCardinality(reached))
	}
	return counts
}

// reachedNow is reached for whoever does not hold the lock.
func (x *index) reachedNow(w within) *roaring.Bitmap {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.reached(w)
}

// reached is the visible persons of a reach as a set of its own.
func (x *index) reached(w within) *roaring.Bitmap {
	switch {
	case w.all && w.members:
		return roaring.And(x.visible, x.members)
	case w.all:
		return x.visible.Clone()
	case w.self != 0:
		return roaring.And(x.visible, roaring.BitmapOf(uint32(w.self)))
	}
	reached := roaring.New()
	if w.units != nil {
		for it := w.units.Iterator(); it.HasNext(); {
			if members := x.units[unitID(it.Next())]; members != nil {
				reached.Or(members)
			}
		}
	}
	reached.And(x.visible)
	return reached
}
