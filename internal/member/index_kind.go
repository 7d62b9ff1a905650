package member

import (
	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// kinds is what the charter says of the kinds of membership, by their place in
// it. Sets are kept of those only that are not as everybody's: of a million
// members few stand in any.
type kinds struct {
	uncounted, noPosts, aged []bool
	leftOut                  map[string][]bool // by purpose
}

func newKinds(c *charter.Charter) *kinds {
	n := len(c.Categories)
	k := &kinds{uncounted: make([]bool, n), noPosts: make([]bool, n), aged: make([]bool, n), leftOut: map[string][]bool{}}
	for i := range c.Categories {
		category := &c.Categories[i]
		k.uncounted[i], k.noPosts[i], k.aged[i] = category.Uncounted, category.NoPosts, category.ToAge > 0
		for _, purpose := range category.LeftOut {
			if k.leftOut[purpose] == nil {
				k.leftOut[purpose] = make([]bool, n)
			}
			k.leftOut[purpose][i] = true
		}
	}
	return k
}

// is reads a mark of a place; a nil table marks nothing.
func is(marks []bool, place uint8) bool { return int(place) < len(marks) && marks[place] }

// special reports whether a set of a kind's members is kept.
func (k *kinds) special(place uint8) bool {
	if k == nil {
		return false
	}
	if is(k.uncounted, place) || is(k.noPosts, place) || is(k.aged, place) {
		return true
	}
	for _, marks := range k.leftOut {
		if is(marks, place) {
			return true
		}
	}
	return false
}

// counted is how many members a body is measured by (D10).
func (x *index) counted(id unit.ID) int {
	members := x.units[id]
	if members == nil {
		return 0
	}
	n := int(members.AndCardinality(x.visible))
	if x.kinds == nil {
		return n
	}
	for place, uncounted := range x.kinds.uncounted {
		if set := x.ofKind[belonging{id, uint8(place)}]; uncounted && set != nil {
			n -= int(set.AndCardinality(x.visible))
		}
	}
	return n
}

// leftOut is who stands on no list of a purpose because of what they are; nil for
// nobody. Somebody who is something else in another body of the Scope stays.
func (x *index) leftOut(s access.Scope) *roaring.Bitmap {
	marks := x.marksOf(s)
	if marks == nil {
		return nil
	}
	var left *roaring.Bitmap
	for b, set := range x.ofKind {
		if is(marks, b.category) && s.Covers(b.unit) {
			if left == nil {
				left = roaring.New()
			}
			left.Or(set)
		}
	}
	if left == nil {
		return nil
	}
	for person := range x.more {
		if left.Contains(uint32(person)) {
			for _, b := range x.belongsTo(person) {
				if s.Covers(b.unit) && !is(marks, b.category) {
					left.Remove(uint32(person))
					break
				}
			}
		}
	}
	return left
}

// marksOf are the kinds that stand on no list of the Scope's purpose.
func (x *index) marksOf(s access.Scope) []bool {
	if x.kinds == nil || s.Purpose() == nil {
		return nil
	}
	return x.kinds.leftOut[s.Purpose().Code]
}

// MayHold reports whether what somebody is in a body lets them hold a post there.
func (d *Directory) MayHold(person vault.PersonID, id unit.ID) bool {
	x := d.loaded()
	if x == nil {
		return false
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.known(person) {
		return false
	}
	for _, b := range x.belongsTo(person) {
		if b.unit == id {
			return x.kinds == nil || !is(x.kinds.noPosts, b.category)
		}
	}
	return false
}

// dueToday is who may be somebody else today than yesterday: those with a day ahead
// in their records, and those whose kind ends by age.
func (x *index) dueToday() []vault.PersonID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	due := roaring.And(x.dated, x.visible)
	if x.kinds != nil {
		for b, set := range x.ofKind {
			if is(x.kinds.aged, b.category) {
				due.Or(roaring.And(set, x.visible))
			}
		}
	}
	persons := make([]vault.PersonID, 0, due.GetCardinality())
	for it := due.Iterator(); it.HasNext(); {
		persons = append(persons, vault.PersonID(it.Next()))
	}
	return persons
}
