package member

import (
	"context"
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Members seen by members on closed pages (N11, N12), and those shown on open pages by
// their own consent. Both take Scopes of their own, which open nothing else.

// Fellow is a member as other members find them: the name, and where they belong.
type Fellow struct {
	Person        vault.PersonID
	Given, Family string
	Units         []unit.ID // those within the Scope
}

// Name is the full name, given names first.
func (f *Fellow) Name() string { return fullName(f.Given, f.Family) }

// Fellows are a page of them.
type Fellows struct {
	Total   int
	Rows    []Fellow
	Reading int64
}

// Fellows finds members by name on closed pages; the empty text is everybody. Whoever
// objects to the purpose, is restricted or is leaving is not there (L8). Those on the
// page are journaled before it returns.
func (d *Directory) Fellows(ctx context.Context, s access.Scope, q Query) (*Fellows, error) {
	x, err := d.enterFellow(s)
	if err != nil {
		return nil, err
	}
	x.mu.RLock()
	among, _ := x.selected(s)
	x.mu.RUnlock()
	size := min(max(q.Size, 1), usualPage)
	within := within{units: s.Units(), members: true, among: among, shown: func(kind key) bool { return kind == nameKey }}
	total, persons := x.find(within, q.Text, max(q.Page, 0)*size, size)
	found := &Fellows{Total: total, Reading: q.Reading}
	for _, hit := range x.hits(s, persons) {
		found.Rows = append(found.Rows, Fellow{Person: hit.Person, Given: hit.Given, Family: hit.Family, Units: hit.Units})
	}
	others := roaring.New()
	for _, row := range found.Rows {
		others.Add(uint32(row.Person))
	}
	others.Remove(uint32(s.Actor().Person)) // nobody is told to themselves
	if others.IsEmpty() {
		return found, nil
	}
	e := s.Entry(journal.FellowsShown)
	e.Persons, e.Fields = others, []string{"given", "family", "unit"}
	found.Reading, err = d.journal.Extend(ctx, q.Reading, &e)
	if err != nil {
		return nil, err
	}
	return found, nil
}

// OpenFellow is a member whose contact data another member looks at.
type OpenFellow struct {
	Fellow
	Profile Profile  // the fields that are shown, and no others
	Fields  []string // which these are
	Covered bool     // the address is secret, whatever was chosen
}

// OpenFellow shows of a member what they let other members see. The looking is
// journaled with it, in one transaction with what the asking room notes of its own.
func (d *Directory) OpenFellow(ctx context.Context, s access.Scope, person vault.PersonID, shown []string, also func(tx *database.Tx) error) (*OpenFellow, error) {
	x, err := d.enterFellow(s)
	if err != nil {
		return nil, err
	}
	x.mu.RLock()
	among, _ := x.selected(s)
	x.mu.RUnlock()
	if !among.Contains(uint32(person)) {
		return nil, d.denyCard(ctx, x, s, person)
	}
	hits := x.hits(s, []vault.PersonID{person})
	p, err := d.ownProfile(ctx, person)
	if err != nil || len(hits) == 0 {
		return nil, notFound()
	}
	seen := &OpenFellow{Fellow: Fellow{Person: person, Given: hits[0].Given, Family: hits[0].Family, Units: hits[0].Units}}
	seen.Covered = d.coverCard(p)
	seen.Profile = Profile{Given: p.Given, Family: p.Family}
	for _, code := range s.Purpose().Fields {
		if value := p.Value(code); value != "" && slices.Contains(shown, code) && code != "given" && code != "family" {
			copyField(&seen.Profile, p, code)
			seen.Fields = append(seen.Fields, code)
		}
	}
	err = d.db.Write(ctx, func(tx *database.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		if person == s.Actor().Person {
			return nil
		}
		e := s.Entry(journal.FellowOpened, person)
		e.Fields = append([]string{"given", "family"}, seen.Fields...)
		_, err := d.journal.Append(tx, &e)
		return err
	})
	if err != nil {
		return nil, err
	}
	return seen, nil
}

// copyField takes over one of the fields by which somebody is reached.
func copyField(to, from *Profile, code string) {
	switch code {
	case "email":
		to.Email = from.Email
	case "phone":
		to.Phone = from.Phone
	case "mobile":
		to.Mobile = from.Mobile
	case "address":
		to.Street = from.Street
	case "postal":
		to.Postal = from.Postal
	case "town":
		to.Town = from.Town
	case "country":
		to.Country = from.Country
	}
}

// Listable reports whether somebody stands on a body's closed pages for others.
func (d *Directory) Listable(s access.Scope, person vault.PersonID) bool {
	x, err := d.enterFellow(s)
	if err != nil {
		return false
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	among, _ := x.selected(s)
	return among.Contains(uint32(person))
}

func (d *Directory) enterFellow(s access.Scope) (*index, error) {
	if !s.Fellow() {
		return nil, fault.New(fault.Denied, "access.denied.fellow")
	}
	return d.open()
}

// Public is what an open page shows of somebody who agreed to it.
type Public struct {
	Name  string
	Email string // "" where the Scope does not reach it
}

// Publics reads what a Scope of an open page shows, person by person, and journals it
// as told by the entry: the room of the open pages says whom it has not told of today,
// since strangers may look as often as they like. Whoever is leaving is not shown (D7).
func (d *Directory) Publics(ctx context.Context, s access.Scope, untold func(*roaring.Bitmap) *roaring.Bitmap) (map[vault.PersonID]Public, error) {
	only := s.Only()
	if only == nil {
		return nil, fault.New(fault.Denied, "access.denied.fellow")
	}
	x, err := d.open()
	if err != nil {
		return nil, err
	}
	x.mu.RLock()
	seen := roaring.And(only, x.visible)
	seen.AndNot(x.restricted)
	x.mu.RUnlock()
	shown := make(map[vault.PersonID]Public, seen.GetCardinality())
	err = d.db.Read(ctx, func(q database.Querier) error {
		for it := seen.Iterator(); it.HasNext(); {
			person := vault.PersonID(it.Next())
			var p Profile
			if err := record.Get(d.records, q, Profiles, person, profileID, &p); err != nil {
				if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
					continue
				}
				return err
			}
			one := Public{Name: p.Name()}
			if shows(s, "email") {
				one.Email = p.Email
			}
			shown[person] = one
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	e := s.Entry(journal.OpenShown)
	e.Fields = s.Purpose().Fields
	if e.Persons = untold(seen); e.Persons.IsEmpty() {
		return shown, nil
	}
	if _, err := d.journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return shown, nil
}
