package member

import (
	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/vault"
)

// Callable gives those of a set, or all where it is nil, who may be called under a
// Scope for pulling: they would be on its list, and have a telephone number that is
// not covered (L8). It tells no number.
func (d *Directory) Callable(s access.Scope, among *roaring.Bitmap) *roaring.Bitmap {
	callable := roaring.New()
	x, err := d.enter(s, charter.Pull)
	if err != nil {
		return callable
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	selected, _ := x.selected(s)
	if among != nil {
		selected.And(among)
	}
	selected.AndNot(x.strict)
	for persons := selected.Iterator(); persons.HasNext(); {
		person := persons.Next()
		if c := x.contactOf(vault.PersonID(person)); c.phone != "" || c.mobile != "" {
			callable.Add(person)
		}
	}
	return callable
}
