package member

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// Secret addresses (L8): where they are covered and for whom they are not. The
// rules stand here and nowhere else.
//
//   - A list shows the address only where its purpose needs to post. Of a strict
//     protection only the secretariat may post, since a list in an association is
//     in too many hands.
//   - A card shows it to the person, and to the secretariat after a press that is
//     logged.
//   - A strict protection covers the landline too, which tells the town. Mobile
//     number and e-mail address stay: they are what is left to reach somebody by
//     without knowing where they are. So does the body, which only that body
//     itself and the secretariat ever see.
//   - Whoever shares the household would tell the address by standing beside it.
//     So no household is told of somebody whose address is covered, nor they in
//     anybody else's.
//   - When the day of a protection has passed it stays: an address is never
//     uncovered because nobody looked. The day makes work for the secretariat.

// Secrecy is how a person's address is protected.
type Secrecy struct {
	Secret bool
	Level  string     // a code of the charter's protections; "" is the first
	Until  civil.Date // the last day of the proof; zero while it has no end
}

// Secrecy is how the address is protected.
func (p *Profile) Secrecy() Secrecy {
	if !p.SecretAddress {
		return Secrecy{}
	}
	return Secrecy{Secret: true, Level: p.SecretLevel, Until: p.SecretUntil}
}

func (p *Profile) protect(s Secrecy) {
	if !s.Secret {
		s = Secrecy{}
	}
	p.SecretAddress, p.SecretLevel, p.SecretUntil = s.Secret, s.Level, s.Until
}

// newSecrecy checks a protection and fills in its last day, where the charter
// says how long one lasts and nobody said otherwise.
func (d *Directory) newSecrecy(s Secrecy) (_ Secrecy, field, problem string) {
	if !s.Secret {
		return Secrecy{}, "", ""
	}
	level, known := d.charter.Protection(s.Level)
	if !known {
		return s, "secret_level", "member.error.choice"
	}
	today := d.charter.Today(d.now())
	switch {
	case s.Until.IsZero() && level.Months > 0:
		s.Until = monthsOn(today, level.Months)
	case !s.Until.IsZero() && (!s.Until.IsValid() || s.Until.Before(today)):
		return s, "secret_until", "member.error.secret_until"
	}
	return s, "", ""
}

// monthsOn is the day so many months on; the last of the month where there is no
// such day.
func monthsOn(from civil.Date, months int) civil.Date {
	to := civil.DateOf(time.Date(from.Year, from.Month+time.Month(months), from.Day, 0, 0, 0, 0, time.UTC))
	if to.Day != from.Day { // ran over into the next month
		to = to.AddDays(-to.Day)
	}
	return to
}

// strict reports whether a profile's protection is of the stricter kind. A level
// the charter does not know any more counts as strict.
func (d *Directory) strict(p *Profile) bool {
	if !p.SecretAddress {
		return false
	}
	level, known := d.charter.Protection(p.SecretLevel)
	return !known || level.Strict
}

// posts reports whether a list of a Scope may hold a secret address.
func posts(s access.Scope, strict bool) bool {
	return s.Purpose() != nil && s.Purpose().Posts && (!strict || s.Basis().Right == access.ByPosition)
}

// cover takes away from a row what the Scope may not have of a secret address,
// and reports whether it did.
func (d *Directory) cover(s access.Scope, p *Profile) bool {
	if !p.SecretAddress || posts(s, d.strict(p)) {
		return false
	}
	return d.coverCard(p)
}

// coverCard takes a secret address away, whatever it is for.
func (d *Directory) coverCard(p *Profile) bool {
	if !p.SecretAddress {
		return false
	}
	if d.strict(p) {
		p.Phone = ""
	}
	p.coverAddress()
	return true
}

// coveredFor are those whose address a list of a Scope leaves out. The caller
// holds the lock.
func (x *index) coveredFor(s access.Scope) *roaring.Bitmap {
	switch {
	case !posts(s, false):
		return x.secret
	case !posts(s, true):
		return x.strict
	}
	return roaring.New()
}

// uncovered are those of a set whom a list of a Scope may group with others.
func (d *Directory) uncovered(x *index, s access.Scope, persons *roaring.Bitmap) *roaring.Bitmap {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return roaring.AndNot(persons, x.coveredFor(s))
}

// household is a person's household among those of a set.
func (x *index) household(person vault.PersonID, among *roaring.Bitmap) uint64 {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.homes.together(person, among)
}

// Housemate is one of those who share a person's household.
type Housemate struct {
	Person vault.PersonID
	Name   string
	Secret bool // told only where the address was uncovered
}

// housemates are the others of a person's household within a Scope: nobody whose
// address is secret and nobody of whose is, unless it is uncovered.
func (x *index) housemates(s access.Scope, person vault.PersonID, revealed bool) []Housemate {
	own, self := s.Self()
	w := reachOf(s)
	x.mu.RLock()
	defer x.mu.RUnlock()
	if !revealed && x.secret.Contains(uint32(person)) && !(self && own == person) {
		return nil
	}
	var mates []Housemate
	for _, p := range x.homes.with(person) {
		secret := x.secret.Contains(uint32(p))
		if p == person || !x.visible.Contains(uint32(p)) || secret && !revealed || !self && !x.reaches(w, p) {
			continue
		}
		mates = append(mates, Housemate{Person: p, Name: x.nameOf(p), Secret: secret})
	}
	return mates
}

// nameOf is a person's full name. The caller holds the lock.
func (x *index) nameOf(person vault.PersonID) string {
	slip := &x.slips[person]
	return fullName(string(x.names.text(slip.given)), string(x.names.text(slip.family)))
}

// journalHome records that names of a household were shown.
func (d *Directory) journalHome(ctx context.Context, s access.Scope, mates []Housemate) error {
	if len(mates) == 0 {
		return nil
	}
	e := s.Entry(journal.Shown)
	e.Persons, e.Fields = roaring.New(), []string{"given", "family", "household"}
	for _, m := range mates {
		e.Persons.Add(uint32(m.Person))
	}
	_, err := d.journal.Read(ctx, &e)
	return err
}

// Protect says how a person's address is protected. Anybody who may edit may
// protect it further, and the person themselves; only the secretariat takes a
// protection away or makes it less, since whoever did would see the address.
func (d *Directory) Protect(ctx context.Context, s access.Scope, person vault.PersonID, how Secrecy) error {
	set := func(after *stored) error {
		checked, field, problem := d.newSecrecy(how)
		if problem != "" {
			return refused(field, problem)
		}
		own, self := s.Self()
		if d.lessens(&after.profile, checked) && !s.All() && !(self && own == person) {
			return refused("address", "member.error.secret")
		}
		after.profile.protect(checked)
		return nil
	}
	if own, self := s.Self(); self {
		if own != person {
			return notFound()
		}
		if _, err := d.open(); err != nil {
			return err
		}
		_, err := d.editKnown(ctx, s, person, journal.Edit, set)
		return err
	}
	_, err := d.edit(ctx, s, charter.Edit, person, journal.Edit, set)
	return err
}

// lessens reports whether a protection is less than the one that stands.
func (d *Directory) lessens(p *Profile, to Secrecy) bool {
	after := Profile{SecretAddress: to.Secret, SecretLevel: to.Level}
	return p.SecretAddress && (!to.Secret || d.strict(p) && !d.strict(&after))
}

// secrecy is what an edit makes of a protection; nil where it says nothing.
func (ch *Changes) secrecy(p *Profile) *Secrecy {
	switch {
	case ch.Secret != nil:
		s := *ch.Secret
		if s.Secret && p.SecretAddress && s.Level == p.SecretLevel && s.Until == p.SecretUntil {
			return nil
		}
		return &s
	case ch.SecretAddress == nil || *ch.SecretAddress == p.SecretAddress:
		return nil
	}
	return &Secrecy{Secret: *ch.SecretAddress}
}
