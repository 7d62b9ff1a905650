package member

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Head is what a count tells members apart by. It is no person: whoever is alike
// in all of it is one Head with a number.
type Head struct {
	Unit   unit.ID
	Sex    string // the charter's choice; "" where nobody knows
	Age    int    // in whole years; -1 where nobody knows
	Joined int    // the year; 0 where nobody knows
}

// Census counts who belongs to which body, by what they are on a day (D2). It names
// nobody and is kept in memory only; what of it may be stored, whoever asks must
// judge. Of whoever is restricted nothing counts but that they are there (GDPR Art.
// 18). Whoever belongs to two bodies is one in each.
func (d *Directory) Census(ctx context.Context, on civil.Date) (map[Head]int, error) {
	x, err := d.open()
	if err != nil {
		return nil, err
	}
	heads := map[Head]int{}
	err = record.Scan(d.records, ctx, Profiles, func(person vault.PersonID, _ uint64, p *Profile) error {
		h := Head{Age: -1}
		if !p.Restricted {
			h.Sex, h.Age, h.Joined = p.Sex, ageOn(p.Birth, on), p.Joined.Year
		}
		for _, b := range x.visiblyIn(person) {
			h.Unit = b.unit
			heads[h]++
		}
		return nil
	})
	return heads, err
}

// visiblyIn gives the bodies of somebody who is found and listed.
func (x *index) visiblyIn(person vault.PersonID) []belonging {
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !x.known(person) || !x.visible.Contains(uint32(person)) {
		return nil
	}
	return x.belongsTo(person)
}

// Heads counts who belongs to which body now, of everybody who is found and listed.
func (d *Directory) Heads() (map[unit.ID]int, error) {
	x, err := d.open()
	if err != nil {
		return nil, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	heads := make(map[unit.ID]int, len(x.units))
	for id, members := range x.units {
		if n := int(members.AndCardinality(x.visible)); n > 0 {
			heads[id] = n
		}
	}
	return heads, nil
}

// ageOn is how many birthdays somebody has had by a day; -1 where nobody knows.
func ageOn(birth, on civil.Date) int {
	if birth.IsZero() {
		return -1
	}
	age := on.Year - birth.Year
	if on.Month < birth.Month || on.Month == birth.Month && on.Day < birth.Day {
		age--
	}
	return max(0, age)
}

// Enrolled gives the members of a body who are found and listed, as Heads counts them.
// It names nobody; whoever shows one of them journals it. The set is the caller's.
func (d *Directory) Enrolled(id unit.ID) (*roaring.Bitmap, error) {
	x, err := d.open()
	if err != nil {
		return nil, err
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	members, some := x.units[id]
	if !some {
		return roaring.New(), nil
	}
	return roaring.And(members, x.visible), nil
}
