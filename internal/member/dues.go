package member

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Payers calls fn with every membership within a Scope for keeping dues, by
// person; the membership is valid until fn returns. Whoever is leaving is not
// among them (D7), nor whose data are kept but not used (Art. 18): those are
// counted. It tells numbers and no names.
func (d *Directory) Payers(ctx context.Context, s access.Scope, fn func(person vault.PersonID, m *Membership) error) (restricted int, err error) {
	x, err := d.enter(s, charter.Collect)
	if err != nil {
		return 0, err
	}
	within, kept := x.payers(s)
	today := d.charter.Today(d.now())
	give := func(person vault.PersonID, _ uint64, m *Membership) error {
		if !within.Contains(uint32(person)) || !s.Covers(m.Unit) || !m.activeOn(today) {
			return nil
		}
		return fn(person, m)
	}
	if s.All() { // whoever belongs to the association itself among them
		return kept, record.Scan(d.records, ctx, Memberships, give)
	}
	return kept, record.Fetch(d.records, ctx, Memberships, persons(within), give)
}

// payers is who is within a Scope and is used, and how many more are only kept.
func (x *index) payers(s access.Scope) (*roaring.Bitmap, int) {
	x.mu.RLock()
	defer x.mu.RUnlock()
	within := x.inScope(s)
	all := int(within.GetCardinality())
	within.AndNot(x.restricted)
	return within, all - int(within.GetCardinality())
}

// inScope is every member within a Scope who is not leaving; the caller holds the
// lock.
func (x *index) inScope(s access.Scope) *roaring.Bitmap {
	if s.All() {
		within := x.members.Clone()
		within.And(x.visible)
		return within
	}
	within := roaring.New()
	if s.Units() == nil {
		return within
	}
	for bodies := s.Units().Iterator(); bodies.HasNext(); {
		if members := x.units[unitID(bodies.Next())]; members != nil {
			within.Or(members)
		}
	}
	within.And(x.visible)
	return within
}

// Debtors gives those of a set whom a Scope for keeping dues, or for closing,
// reaches, in the order of the card index. It tells ids and no names.
func (d *Directory) Debtors(s access.Scope, among *roaring.Bitmap) ([]vault.PersonID, error) {
	x, err := d.enter(s, charter.Collect|charter.Close)
	if err != nil {
		return nil, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	within := x.inScope(s)
	within.And(among)
	return x.sorted(within, ByName), nil
}

// Paying gives what a page about accounts shows of persons whom a Scope for
// keeping dues, or for closing, reaches: number, name, bodies, as the purpose allows. The caller
// journals what it shows.
func (d *Directory) Paying(s access.Scope, all []vault.PersonID) ([]Hit, error) {
	x, err := d.enter(s, charter.Collect|charter.Close)
	if err != nil {
		return nil, err
	}
	reached := slices.DeleteFunc(slices.Clone(all), func(person vault.PersonID) bool { return !x.holds(reachOf(s), person) })
	return x.hits(s, reached), nil
}

// Pays reports whether a Scope for keeping dues reaches a person who is a member
// and not leaving.
func (d *Directory) Pays(s access.Scope, person vault.PersonID) bool {
	x, err := d.enter(s, charter.Collect)
	return err == nil && x.holds(reachOf(s), person) && !x.isHidden(person)
}

func persons(set *roaring.Bitmap) []vault.PersonID {
	all := make([]vault.PersonID, 0, set.GetCardinality())
	for it := set.Iterator(); it.HasNext(); {
		all = append(all, vault.PersonID(it.Next()))
	}
	return all
}
