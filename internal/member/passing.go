package member

import (
	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
)

// Sorted is who stands on a list of a Scope for pulling, and who is left out and why,
// as sets of ids. It tells nothing of anybody and is no list: whoever reads more of them
// journals that.
type Sorted struct {
	On         *roaring.Bitmap
	Restricted *roaring.Bitmap // kept but not used (Art. 18)
	Objecting  *roaring.Bitmap // to the purpose (Art. 21)
	LeftOut    *roaring.Bitmap // of a kind of membership that the charter leaves out
	Covered    *roaring.Bitmap // on it, their secret address left out
}

// Sort gives that for a Scope over the whole register (N12, L8). The sets are the
// caller's.
func (d *Directory) Sort(s access.Scope) (Sorted, error) {
	x, err := d.enter(s, charter.Pull)
	if err != nil {
		return Sorted{}, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	within := x.reached(reachOf(s))
	within.And(x.members)
	out := Sorted{LeftOut: roaring.New(), Objecting: roaring.New()}
	out.On, _ = x.selected(s)
	out.Covered = roaring.And(out.On, x.coveredFor(s))
	out.Restricted = roaring.And(within, x.restricted)
	within.AndNot(x.restricted)
	if left := x.leftOut(s); left != nil {
		out.LeftOut = roaring.And(within, left)
		within.AndNot(left)
	}
	if objected := x.objections[s.Purpose().Code]; objected != nil && !s.Purpose().Statutory {
		out.Objecting = roaring.And(within, objected)
	}
	return out, nil
}
