package member

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Voter is what the rule on who has a vote asks of a member of a body. The birth date
// is for the rule alone and stands on no roll.
type Voter struct {
	Person        vault.PersonID
	Number        string
	Given, Family string
	Category      string     // a code of the charter
	Since         civil.Date // a member of the body; zero when nobody knows
	Birth         civil.Date // zero when nobody knows
	Passive       bool       // without the rights the bylaws tie to dues paid
}

// Name is the member's full name.
func (v *Voter) Name() string { return fullName(v.Given, v.Family) }

// Voters calls fn for the members of a Scope for an electoral roll, by name: everybody
// within it but those whose data are restricted. The roll must be journaled before
// anything of it is shown. Whoever belongs to several bodies stands as what they are in
// the Scope's own.
func (d *Directory) Voters(ctx context.Context, s access.Scope, fn func(*Voter) error) error {
	if p := s.Purpose(); p == nil || p.Code != charter.ForRoll {
		return fault.New(fault.Denied, "access.denied.act", "act", charter.Pull.String())
	}
	x, err := d.enter(s, charter.Pull)
	if err != nil {
		return err
	}
	x.mu.RLock()
	wanted, _ := x.selected(s)
	sorted := x.sorted(wanted, ByName)
	x.mu.RUnlock()
	belongs := make(map[vault.PersonID]Membership, len(sorted))
	err = record.Fetch(d.records, ctx, Memberships, sorted, func(person vault.PersonID, _ uint64, m *Membership) error {
		if at := m.Unit; at == s.Unit() || s.Covers(at) && belongs[person].Unit == unit.ID(0) {
			belongs[person] = *m
		}
		return nil
	})
	if err != nil {
		return err
	}
	return record.Fetch(d.records, ctx, Profiles, sorted, func(person vault.PersonID, _ uint64, p *Profile) error {
		m, member := belongs[person]
		if !member {
			return nil // has left since
		}
		v := Voter{
			Person: person, Number: p.Number, Given: p.Given, Family: p.Family, Category: d.charter.CategoryOr(m.Category).Code,
			Since: m.From, Birth: p.Birth, Passive: m.State == Passive,
		}
		if v.Since.IsZero() {
			v.Since = p.Joined
		}
		return fn(&v)
	})
}

// NumberOf is the member number of somebody within a Scope for searching, to look them
// up by; the search that follows is what shows them, and journals it.
func (d *Directory) NumberOf(s access.Scope, person vault.PersonID) (string, error) {
	x, err := d.enter(s, charter.Search)
	if err != nil {
		return "", err
	}
	if !x.holds(reachOf(s), person) || x.isHidden(person) {
		return "", notFound()
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.contactOf(person).number, nil
}
