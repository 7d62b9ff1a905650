package member

import (
	"context"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Bond is what those who get one letter have in common besides the household.
type Bond uint8

const (
	OneAddress Bond = iota // letters and labels
	OneMailbox             // e-mail
	OneLine                // lines of a list: both; nobody is left out
	OnePerson              // letters and labels, one for each
)

// Envelope is one letter: to a person, or to those of a household who have one
// address. It belongs to whoever got it.
type Envelope struct {
	Persons  []vault.PersonID
	To       []Addressee // in the order of the card index
	Lines    []string    // the address, ready to print; none of an e-mail
	Email    string      // none of a letter
	Language string      // of the first

	// Of a line: the address in its parts, none where it is covered.
	Street, Postal, Town, Country string
	Covered                       bool
	Back                          bool // the last letter there came back
}

// Name is what stands above the address, in a language.
func (e *Envelope) Name(p *locale.Printer) string { return JointName(p, e.To) }

// Left are the members of a list who get no letter so, in numbers.
type Left struct {
	Covered  int // the address is secret and the purpose does not post
	Returned int // the last letter, or e-mail, came back
	Nowhere  int // there is no address
}

// longestHome is how many persons of a household are waited for.
const longestHome = 64

// Envelopes is Export with one for each household: those on the list who share a
// household and the address, or the mailbox, come together, the rest alone, in
// the order of the first of each. Only who is on the list and within the Scope
// counts and is named; nobody whose address is covered is among them. Mail that
// came back is not sent again.
//
// Lines of a list leave nobody out: those of a household come together whom one
// message reaches, by whichever way, and whoever has a covered address stands
// alone.
func (d *Directory) Envelopes(ctx context.Context, s access.Scope, persons *roaring.Bitmap, by Bond, fn func(*Envelope) error) (Left, error) {
	var left Left
	x, err := d.enter(s, charter.Pull)
	if err != nil {
		return left, err
	}
	x.mu.RLock()
	wanted, _ := x.selected(s)
	wanted.And(persons)
	order := ByName
	if wanted.GetCardinality() > byNameUpTo {
		order = ByNumber
	}
	sorted := x.gathered(x.sorted(wanted, order), wanted)
	x.mu.RUnlock()

	fields := s.Purpose().Set
	var waiting []*Envelope // of the household at hand
	var place uint64
	flush := func() error {
		for _, e := range waiting {
			if err := fn(e); err != nil {
				return err
			}
		}
		waiting = waiting[:0]
		return nil
	}
	err = record.Fetch(d.records, ctx, Profiles, sorted, func(person vault.PersonID, _ uint64, p *Profile) error {
		if _, listed := x.listed(s, person); !listed {
			return nil
		}
		at := x.household(person, wanted)
		if by == OnePerson {
			at = 0
		}
		if at == 0 || at != place || len(waiting) >= longestHome {
			if err := flush(); err != nil {
				return err
			}
		}
		place = at
		e := d.envelope(s, person, p, by, fields, &left)
		if e == nil {
			return nil
		}
		for _, other := range waiting {
			if other.joins(e) {
				other.Persons, other.To = append(other.Persons, person), append(other.To, e.To...)
				return nil
			}
		}
		waiting = append(waiting, e)
		return nil
	})
	if err != nil {
		return left, err
	}
	return left, flush()
}

// joins reports whether two letters go to one place.
func (e *Envelope) joins(other *Envelope) bool {
	return !e.Covered && !other.Covered && e.Email == other.Email && strings.Join(e.Lines, "\n") == strings.Join(other.Lines, "\n") &&
		e.Street == other.Street && e.Postal == other.Postal && e.Town == other.Town && e.Country == other.Country
}

// envelope is one person's letter; nil where none can be sent.
func (d *Directory) envelope(s access.Scope, person vault.PersonID, p *Profile, by Bond, fields charter.FieldSet, left *Left) *Envelope {
	e := &Envelope{Persons: []vault.PersonID{person}, Language: p.Language}
	for _, name := range [...]struct {
		code string
		to   *string
	}{{"given", &p.Given}, {"family", &p.Family}} {
		if f, ok := d.charter.Field(name.code); !ok || !fields.Has(f.Bit) {
			*name.to = ""
		}
	}
	e.To = []Addressee{{Given: strings.Clone(p.Given), Family: strings.Clone(p.Family)}}
	e.Language = strings.Clone(p.Language)
	if by == OneLine {
		e.Covered = d.cover(s, p)
		for _, part := range [...]struct {
			code, value string
			to          *string
		}{
			{"email", p.Email, &e.Email}, {"address", p.Street, &e.Street}, {"postal", p.Postal, &e.Postal},
			{"town", p.Town, &e.Town}, {"country", p.Country, &e.Country},
		} {
			if f, ok := d.charter.Field(part.code); ok && fields.Has(f.Bit) {
				*part.to = strings.Clone(part.value)
			}
		}
		return e
	}
	if by == OneMailbox {
		f, ok := d.charter.Field("email")
		switch {
		case !ok || !fields.Has(f.Bit) || p.Email == "":
			left.Nowhere++
			return nil
		case !p.Mailed.Since.IsZero():
			left.Returned++
			return nil
		}
		e.Email = strings.Clone(p.Email)
		return e
	}
	back := !p.Letter.Since.IsZero()
	if d.cover(s, p) {
		left.Covered++
		return nil
	}
	if f, ok := d.charter.Field("address"); !ok || !fields.Has(f.Bit) || p.Street == "" && p.Town == "" {
		left.Nowhere++
		return nil
	}
	if back {
		left.Returned++
		return nil
	}
	for _, line := range AddressLines(p, d.charter.Country) {
		e.Lines = append(e.Lines, strings.Clone(line))
	}
	return e
}

// gathered puts those of a household behind the first of them. The caller holds
// the lock.
func (x *index) gathered(sorted []vault.PersonID, among *roaring.Bitmap) []vault.PersonID {
	waiting := map[uint64][]vault.PersonID{}
	for _, person := range sorted {
		if at := x.homes.together(person, among); at != 0 {
			waiting[at] = append(waiting[at], person)
		}
	}
	if len(waiting) == 0 {
		return sorted
	}
	all := make([]vault.PersonID, 0, len(sorted))
	for _, person := range sorted {
		at := x.homes.together(person, among)
		if at == 0 {
			all = append(all, person)
			continue
		}
		all = append(all, waiting[at]...)
		delete(waiting, at)
	}
	return all
}
