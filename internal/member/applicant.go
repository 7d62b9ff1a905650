package member

import (
	"slices"

	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Tested checks what an applicant has typed as it would be for a new member, and
// gives it as it would be kept. needed are fields that an application cannot do
// without, whatever the register does. Nothing is read and nothing kept.
func (d *Directory) Tested(draft Draft, needed []string) (Draft, error) {
	invalid := fault.New(fault.Invalid, "member.error.invalid")
	for _, code := range needed {
		if draft.Values[code] == "" {
			invalid = invalid.With(code, "member.error.required")
		}
	}
	if draft.Unit != 0 {
		if problem := d.takesMembers(draft.Unit); problem != "" {
			invalid = invalid.With("unit", problem)
		}
	}
	c, err := d.draft(&draft, draft.Unit, invalid)
	if err != nil {
		return Draft{}, err
	}
	tested := c.draft(d.charter)
	tested.Unit, tested.Category = draft.Unit, draft.Category
	return tested, nil
}

// Refused reports whether an error refuses a person for their age (N9).
func Refused(err error) bool {
	e := fault.From(err)
	return e != nil && slices.ContainsFunc(e.Fields, func(f fault.Field) bool { return f.Key == "member.error.child" })
}

// Named finds the member of a body whom somebody has named by number or e-mail
// address; 0 where there is none, or where several share the address. Whoever
// named them is not told.
func (d *Directory) Named(named string, body unit.ID) (vault.PersonID, error) {
	kind, value := vault.ClaimNumber, claimedNumber(named)
	if address, ok := locale.ParseEmail(named); ok {
		kind, value = vault.ClaimEmail, address
	}
	if value == "" {
		return 0, nil
	}
	persons, err := d.keyring.Find(kind, value)
	if err != nil {
		return 0, err
	}
	var found vault.PersonID
	for _, person := range persons {
		if d.Leaving(person) || !d.Belongs(person, body) && body != 0 {
			continue
		}
		if found != 0 {
			return 0, nil
		}
		found = person
	}
	return found, nil
}
