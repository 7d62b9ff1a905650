package member

import (
	"context"
	"slices"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Addressed calls fn with the envelope of each person whom the house itself
// writes to on paper, whoever is leaving among them. The Scope is decided for
// changing or closing. One of the whole register is given secret addresses too,
// since it posts (L8); any other only who is within it, and no secret address.
// The caller journals whom it prints or shows. Whoever is gone is passed over.
func (d *Directory) Addressed(ctx context.Context, s access.Scope, persons []vault.PersonID, fn func(*Envelope) error) error {
	x, err := d.enter(s, charter.Edit|charter.Close)
	if err != nil {
		return err
	}
	wanted := slices.Clone(persons)
	slices.Sort(wanted)
	wanted = slices.DeleteFunc(slices.Compact(wanted), func(person vault.PersonID) bool {
		return !s.All() && !x.holds(reachOf(s), person)
	})
	return record.Fetch(d.records, ctx, Profiles, wanted, func(person vault.PersonID, _ uint64, p *Profile) error {
		e := &Envelope{
			Persons: []vault.PersonID{person}, To: []Addressee{{Given: strings.Clone(p.Given), Family: strings.Clone(p.Family)}},
			Email: strings.Clone(p.Email), Language: strings.Clone(p.Language), Back: !p.Letter.Since.IsZero(),
		}
		if p.SecretAddress && !s.All() {
			e.Covered = true
			return fn(e)
		}
		if p.Street != "" || p.Town != "" {
			for _, line := range AddressLines(p, d.charter.Country) {
				e.Lines = append(e.Lines, strings.Clone(line))
			}
		}
		return fn(e)
	})
}
