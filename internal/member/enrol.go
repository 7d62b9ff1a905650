package member

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// Enrol makes somebody known who is no member: whoever is to hold a position in
// the secretariat (D4). They belong to no body and stand on no list and in no
// search; the draft's body and category do not count. The Scope must be decided
// for giving positions.
func (d *Directory) Enrol(ctx context.Context, s access.Scope, draft Draft) (vault.PersonID, error) {
	if _, err := d.enter(s, charter.Staff); err != nil {
		return 0, err
	}
	c, err := d.draft(&draft, 0, fault.New(fault.Invalid, "member.error.invalid"))
	if err != nil {
		return 0, err
	}
	person, _, err := d.createOne(ctx, c, func(person vault.PersonID) journal.Entry {
		return s.Entry(journal.Create, person)
	})
	return person, err
}
