package member

import (
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/vault"
)

// homes is which persons share a household: four bytes a person up to the
// highest one who does, and some sixty for each household.
type homes struct {
	of       []uint32 // by person: a place in all; 0 is alone
	all      []home   // the first is nobody's
	free     []uint32 // places of households that are no more
	byNumber map[uint64]uint32
}

type home struct {
	number  uint64
	persons []vault.PersonID
}

// join puts a person, who is in none, into the household of a number.
func (h *homes) join(person vault.PersonID, number uint64) {
	if number == 0 {
		return
	}
	if h.byNumber == nil {
		h.byNumber, h.all = map[uint64]uint32{}, make([]home, 1)
	}
	place, known := h.byNumber[number]
	if !known {
		if n := len(h.free); n > 0 {
			place, h.free = h.free[n-1], h.free[:n-1]
		} else {
			place = uint32(len(h.all))
			h.all = append(h.all, home{})
		}
		h.byNumber[number], h.all[place] = place, home{number: number}
	}
	if need := int(person) + 1; need > len(h.of) {
		h.of = append(h.of, make([]uint32, need-len(h.of))...)
	}
	h.of[person] = place
	h.all[place].persons = append(h.all[place].persons, person)
}

// leave takes a person out of their household; the last one ends it.
func (h *homes) leave(person vault.PersonID) {
	place := h.place(person)
	if place == 0 {
		return
	}
	h.of[person] = 0
	at := &h.all[place]
	at.persons = slices.DeleteFunc(at.persons, func(p vault.PersonID) bool { return p == person })
	if len(at.persons) == 0 {
		delete(h.byNumber, at.number)
		*at = home{}
		h.free = append(h.free, place)
	}
}

// place is where a person's household is; 0 for none.
func (h *homes) place(person vault.PersonID) uint32 {
	if int(person) >= len(h.of) {
		return 0
	}
	return h.of[person]
}

// with are all persons of a person's household, they themselves too; none for
// somebody alone.
func (h *homes) with(person vault.PersonID) []vault.PersonID {
	if place := h.place(person); place != 0 && len(h.all[place].persons) > 1 {
		return h.all[place].persons
	}
	return nil
}

// together is a number that those of a set who share a person's household have
// in common, as long as a list is written; 0 where nobody else of the set does.
func (h *homes) together(person vault.PersonID, among *roaring.Bitmap) uint64 {
	if !among.Contains(uint32(person)) {
		return 0
	}
	n := 0
	for _, p := range h.with(person) {
		if among.Contains(uint32(p)) {
			n++
		}
	}
	if n < 2 {
		return 0
	}
	return uint64(h.place(person))
}
