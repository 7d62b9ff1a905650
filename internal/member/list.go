package member

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Reach tells what a list of a Scope for pulling would be, in numbers.
func (d *Directory) Reach(s access.Scope) Reach {
	x, err := d.enter(s, charter.Pull)
	if err != nil {
		return Reach{}
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	_, reach := x.selected(s)
	return reach
}

// Select gives the members a list of a Scope for pulling holds: those within
// it, without who is restricted or, unless the purpose is statutory, objects to
// it (L8). The set is the caller's. It is empty where the Scope is not for
// pulling; the caller journals it before anything of it leaves.
func (d *Directory) Select(s access.Scope) *roaring.Bitmap {
	x, err := d.enter(s, charter.Pull)
	if err != nil {
		return roaring.New()
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	selected, _ := x.selected(s)
	return selected
}

// byNameUpTo is how long a list is given by name. To read a longer one so would
// jump through the whole register, for people whose spreadsheet sorts anyway.
const byNameUpTo = 100_000

// Export calls fn for the members of a set that Select gave under the same
// Scope, by name or, where they are very many, by number, with the fields of the
// Scope's purpose. The list must be
// journaled before. Whoever has left the register or the Scope since, or may
// not be on the list any more, is left out. Memory is constant; nothing of the
// database stays open while fn runs.
func (d *Directory) Export(ctx context.Context, s access.Scope, persons *roaring.Bitmap, fn func(*Row) error) error {
	by := ByName
	if persons.GetCardinality() > byNameUpTo {
		by = ByNumber
	}
	return d.ExportSorted(ctx, s, persons, by, fn)
}

// ExportSorted is Export in a chosen order.
func (d *Directory) ExportSorted(ctx context.Context, s access.Scope, persons *roaring.Bitmap, by Sorting, fn func(*Row) error) error {
	x, err := d.enter(s, charter.Pull)
	if err != nil {
		return err
	}
	x.mu.RLock()
	wanted, _ := x.selected(s)
	wanted.And(persons)
	sorted := x.sorted(wanted, by)
	x.mu.RUnlock()
	uncovered := d.uncovered(x, s, wanted)

	tree := d.units.Tree()
	row := Row{fields: s.Purpose().Set}
	return record.Fetch(d.records, ctx, Profiles, sorted, func(person vault.PersonID, _ uint64, p *Profile) error {
		b, listed := x.listed(s, person)
		if !listed {
			return nil
		}
		row.Person, row.profile, row.Covered = person, p, d.cover(s, p)
		row.household = x.household(person, uncovered)
		row.unit, row.code, row.category = unitName(tree, b.unit), unitCode(tree, b.unit), d.categoryName(b.category)
		return fn(&row)
	})
}

// listed gives the body under which a person stands on a list, and whether
// they are still to be shown at all.
func (x *index) listed(s access.Scope, person vault.PersonID) (belonging, bool) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.visible.Contains(uint32(person)) || x.restricted.Contains(uint32(person)) {
		return belonging{}, false
	}
	marks := x.marksOf(s)
	if first := x.slips[person].first; s.Covers(first.unit) && !is(marks, first.category) {
		return first, true
	}
	for _, b := range x.more[person] {
		if s.Covers(b.unit) && !is(marks, b.category) {
			return b, true
		}
	}
	return belonging{}, false
}

// sorted puts a set in order. The caller holds the lock.
func (x *index) sorted(persons *roaring.Bitmap, by Sorting) []vault.PersonID {
	sorted := make([]vault.PersonID, 0, persons.GetCardinality())
	if by == ByName {
		if uint64(x.order.count) < 64*persons.GetCardinality() {
			for _, b := range x.order.blocks {
				for _, person := range b.persons[:b.n] {
					if persons.Contains(uint32(person)) {
						sorted = append(sorted, person)
					}
				}
			}
			return sorted
		}
		for it := persons.Iterator(); it.HasNext(); {
			sorted = append(sorted, vault.PersonID(it.Next()))
		}
		slices.SortFunc(sorted, func(a, b vault.PersonID) int { return cmp.Compare(x.order.places[a], x.order.places[b]) })
		return sorted
	}
	type numbered struct {
		number string
		person vault.PersonID
	}
	all := make([]numbered, 0, persons.GetCardinality())
	for it := persons.Iterator(); it.HasNext(); {
		person := vault.PersonID(it.Next())
		all = append(all, numbered{x.contactOf(person).number, person})
	}
	slices.SortFunc(all, func(a, b numbered) int {
		return cmp.Or(compareNumbers(a.number, b.number), cmp.Compare(a.person, b.person))
	})
	for _, n := range all {
		sorted = append(sorted, n.person)
	}
	return sorted
}

// compareNumbers orders member numbers as people count: 9 before 10, and those
// with letters after those without.
func compareNumbers(a, b string) int {
	plainA, plainB := strings.Trim(a, "0123456789") == "", strings.Trim(b, "0123456789") == ""
	switch {
	case plainA && plainB:
		a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
		return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
	case plainA:
		return -1
	case plainB:
		return 1
	}
	return strings.Compare(a, b)
}

func unitName(t *unit.Tree, id unit.ID) string {
	u, _ := t.ByID(id)
	return u.Name
}

func unitCode(t *unit.Tree, id unit.ID) string {
	u, _ := t.ByID(id)
	return u.Code
}

// categoryName is a category in the association's own language, which is also
// how a file names it.
func (d *Directory) categoryName(place uint8) string {
	if int(place) >= len(d.charter.Categories) {
		return ""
	}
	return d.charter.Categories[place].Name.In(d.charter.Lang())
}

// categoryPlace is the place of a category in the charter; an unknown one
// counts as the first.
func (d *Directory) categoryPlace(code string) uint8 {
	for i := range d.charter.Categories {
		if d.charter.Categories[i].Code == code {
			return uint8(i)
		}
	}
	return 0
}
