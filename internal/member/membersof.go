package member

import (
	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/unit"
)

// MembersOf gives the members of one body whom nothing hides, by their ids alone: for
// rooms that count and owe something to each. What is read of them goes through a
// Scope. The set is the caller's.
func (d *Directory) MembersOf(id unit.ID) *roaring.Bitmap {
	x := d.loaded()
	if x == nil {
		return roaring.New()
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	members := x.units[id]
	if members == nil {
		return roaring.New()
	}
	found := roaring.And(members, x.visible)
	found.And(x.members)
	return found
}
