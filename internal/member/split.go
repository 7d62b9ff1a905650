package member

import (
	"context"
	"fmt"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// Part is what becomes of one person of a household that is parted.
type Part struct {
	Person vault.PersonID
	Moves  bool              // goes with those who move out
	Values map[string]string // what changes of name, address, e-mail and phones, as typed
	Keep   *Keep             // keeps the name that changes; nil forgets it
	Secret *Secrecy          // protects the address from now on
}

// partFields are what a parting may change.
var partFields = []string{"given", "family", "address", "postal", "town", "country", "email", "phone", "mobile"}

// PartField names a field of the n-th part in a refusal: "1-email".
func PartField(n int, code string) string { return fmt.Sprintf("%d-%s", n, code) }

// Split parts a household in one step, as a divorce does: who moves, the new
// addresses, numbers and names, who keeps the mailbox they shared, whose address
// is secret now. All of it stands, or nothing. Those who stay, and those who move,
// remain a household where they are more than one. Each has a log entry of their
// own, so that nobody reads in theirs what became of the other.
func (d *Directory) Split(ctx context.Context, s access.Scope, parts []Part) error {
	persons := make([]vault.PersonID, len(parts))
	for i := range parts {
		persons[i] = parts[i].Person
	}
	return d.editSeveral(ctx, s, persons, journal.Split, func(all []*change) error {
		if err := d.oneHousehold(all); err != nil {
			return err
		}
		invalid := fault.New(fault.Invalid, "member.error.invalid")
		for i, c := range all {
			invalid = d.part(s, i, c, &parts[i], invalid)
		}
		invalid = sides(parts, all, invalid)
		if len(invalid.Fields) > 0 {
			return invalid
		}
		d.untie(parts, all)
		return nil
	})
}

// oneHousehold checks that the parts are all of one household, as it is now.
func (d *Directory) oneHousehold(all []*change) error {
	changed := fault.New(fault.Conflict, "member.error.household_changed")
	if len(all) < 2 || all[0].before.tie.Household == 0 {
		return changed
	}
	x := d.loaded()
	for _, person := range x.homeOf(all[0].person) {
		if !slices.ContainsFunc(all, func(c *change) bool { return c.person == person }) && !x.isHidden(person) {
			return changed
		}
	}
	for i, c := range all {
		if c.before.tie.Household != all[0].before.tie.Household || slices.ContainsFunc(all[:i], func(o *change) bool { return o.person == c.person }) {
			return changed
		}
	}
	return nil
}

// part applies one part and adds what is wrong with it.
func (d *Directory) part(s access.Scope, n int, c *change, p *Part, invalid *fault.Error) *fault.Error {
	check := newChecker(d.charter, d.charter.Today(d.now()))
	wrong := fault.New(fault.Invalid, "member.error.invalid")
	values := make(map[string]string, len(p.Values))
	for code, value := range p.Values {
		if slices.Contains(partFields, code) {
			values[code] = value
		} else {
			wrong = wrong.With(code, "member.error.no_field")
		}
	}
	profile := &c.after.profile
	wrong = check.setAll(profile, values, wrong)
	if missing := check.required(profile); missing != "" {
		wrong = wrong.With(missing, "member.error.required")
	}
	former, field, problem := d.formerOf(&c.before.profile, profile, p.Keep)
	if c.former = former; problem != "" {
		wrong = wrong.With(field, problem)
	}
	if p.Secret != nil {
		secrecy, field, problem := d.newSecrecy(*p.Secret)
		switch {
		case problem != "":
			wrong = wrong.With(field, problem)
		case d.lessens(profile, secrecy) && !s.All():
			wrong = wrong.With("address", "member.error.secret")
		}
		profile.protect(secrecy)
	}
	for _, f := range wrong.Fields {
		f.Name = PartField(n, f.Name)
		invalid.Fields = append(invalid.Fields, f)
	}
	return invalid
}

// sides checks that there are two of them, and that no mailbox is on both: who
// parts from somebody does not want their mail read there.
func sides(parts []Part, all []*change, invalid *fault.Error) *fault.Error {
	moving := 0
	for i := range parts {
		if parts[i].Moves {
			moving++
		}
	}
	if moving == 0 || moving == len(parts) {
		return invalid.With("moves", "member.error.split_sides")
	}
	for i, c := range all {
		for j, other := range all[:i] {
			if email := c.after.profile.Email; email != "" && email == other.after.profile.Email && parts[i].Moves != parts[j].Moves {
				at := i
				if parts[j].Moves {
					at = j
				}
				invalid = invalid.With(PartField(at, "email"), "member.error.split_email")
			}
		}
	}
	return invalid
}

// untie leaves those who stay in the household and gives those who move one of
// their own; who is alone on their side is in none.
func (d *Directory) untie(parts []Part, all []*change) {
	count := map[bool]int{}
	for i := range parts {
		count[parts[i].Moves]++
	}
	moved := Tie{Household: newHousehold(), Since: d.charter.Today(d.now())}
	for i, c := range all {
		switch moves := parts[i].Moves; {
		case count[moves] < 2:
			c.after.tie = Tie{}
		case moves:
			c.after.tie = moved
		}
	}
}
