package member

import (
	"context"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// AddMembership makes a member belong to one more body of the Scope.
func (d *Directory) AddMembership(ctx context.Context, s access.Scope, person vault.PersonID, m Membership) error {
	_, err := d.edit(ctx, s, charter.Create, person, journal.Move, func(after *stored) error {
		body, problem := d.bodyFor(s, m.Unit)
		if problem != "" {
			return refused("unit", problem)
		}
		if after.in(body) != nil {
			return fault.New(fault.Conflict, "member.error.invalid").With("unit", "member.error.belongs")
		}
		if !m.From.IsZero() && !m.From.IsValid() || !m.Until.IsZero() && !m.Until.IsValid() || m.State != Active && m.State != Passive {
			return refused("from", "member.error.date")
		}
		if m.From.IsZero() {
			m.From = d.charter.Today(d.now())
		}
		m.Unit, m.Category = body, d.firstCategory(body, m.Category)
		after.memberships = append(after.memberships, m)
		today := d.charter.Today(d.now())
		if field, problem := d.checkKind(after, after.in(body), m.Category, today, civil.Date{}, today); problem != "" {
			return refused(field, problem)
		}
		return nil
	})
	return err
}

// EndMembership ends one of several memberships; its record goes, since nothing
// is kept for history's sake (N14). The last one is not ended so: leaving the
// association is closing, with its window, reason and certificate (D6). Only the
// secretariat may.
func (d *Directory) EndMembership(ctx context.Context, s access.Scope, person vault.PersonID, id unit.ID) error {
	_, err := d.edit(ctx, s, charter.Close, person, journal.Move, func(after *stored) error {
		at := slices.IndexFunc(after.memberships, func(m Membership) bool { return m.Unit == id })
		if at < 0 || !s.Covers(id) {
			return refused("unit", "member.error.unit_reach")
		}
		if len(after.memberships) == 1 {
			return fault.New(fault.Conflict, "member.error.last_membership")
		}
		after.memberships = slices.Delete(after.memberships, at, at+1)
		after.primary(d.charter, d.charter.Today(d.now()))
		return nil
	})
	return err
}

// Move takes a membership from one body to another, joining date and category
// included. Both must be within the Scope.
func (d *Directory) Move(ctx context.Context, s access.Scope, person vault.PersonID, from, to unit.ID) error {
	_, err := d.edit(ctx, s, charter.Edit, person, journal.Move, func(after *stored) error {
		if problem := d.move(s, after, from, to); problem != "" {
			return refused("unit", problem)
		}
		return nil
	})
	return err
}

func (d *Directory) move(s access.Scope, after *stored, from, to unit.ID) (problem string) {
	body, problem := d.bodyFor(s, to)
	if problem != "" {
		return problem
	}
	m := after.in(from)
	if m == nil || !s.Covers(from) {
		return "member.error.unit_reach"
	}
	if after.in(body) != nil {
		return "member.error.belongs"
	}
	if of := d.charter.CategoryOr(m.Category); of.Central && body != d.root() {
		m.Category = d.charter.FirstCategory(false)
	}
	for i := range after.courses {
		if c := &after.courses[i]; c.Unit == from {
			c.Unit = body
			d.decentral(c, body)
		}
	}
	m.Unit = body
	return ""
}

func refused(field, problem string) error {
	return fault.New(fault.Invalid, "member.error.invalid").With(field, problem)
}

// SetObjection records that a person objects to a purpose, or no longer does
// (Art. 21): the person, or an officer who was told. A purpose that reaches
// everybody takes no objection (L8).
func (d *Directory) SetObjection(ctx context.Context, s access.Scope, person vault.PersonID, purpose string, objects bool) error {
	p, known := d.charter.Purpose(purpose)
	if !known {
		return refused("purpose", "member.error.purpose")
	}
	if !p.Objection || p.Statutory {
		return refused("purpose", "member.error.no_objection")
	}
	set := func(after *stored) error {
		rest := slices.DeleteFunc(after.profile.Objections, func(code string) bool { return code == purpose })
		if objects {
			rest = append(rest, purpose)
		}
		slices.Sort(rest)
		after.profile.Objections = rest
		return nil
	}
	if own, self := s.Self(); self {
		if own != person {
			return notFound()
		}
		if _, err := d.open(); err != nil {
			return err
		}
		_, err := d.editKnown(ctx, s, person, journal.Object, set)
		return err
	}
	_, err := d.edit(ctx, s, charter.Edit, person, journal.Object, set)
	return err
}

// Restrict marks a member's data as kept but not used, or used again (Art. 18).
func (d *Directory) Restrict(ctx context.Context, s access.Scope, person vault.PersonID, restricted bool) error {
	_, err := d.edit(ctx, s, charter.Edit, person, journal.Restrict, func(after *stored) error {
		after.profile.Restricted = restricted
		return nil
	})
	return err
}
