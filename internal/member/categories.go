package member

import (
	"context"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Recategorised says what somebody becomes in a body, and when.
type Recategorised struct {
	Unit     unit.ID    // 0: the only one within the Scope
	Category string     // a code of the charter
	From     civil.Date // zero is today; a day ahead is kept until it comes
	Until    civil.Date // the last day, after which what was before comes back; zero for good
}

// farAhead is how many years ahead a change may be planned.
const farAhead = 5

// SetCategory changes the kind of a membership from a day on. A day ahead is
// stored, and comes by itself (Daily); what is not for everybody asks for what it
// needs: leave an end, youth an age, a second membership a first.
func (d *Directory) SetCategory(ctx context.Context, s access.Scope, person vault.PersonID, r Recategorised) error {
	_, err := d.edit(ctx, s, charter.Edit, person, journal.Category, func(after *stored) error {
		today := d.charter.Today(d.now())
		m, err := theOne(s, after, r.Unit)
		if err != nil {
			return err
		}
		if r.From.IsZero() {
			r.From = today
		}
		if field, problem := d.checkKind(after, m, r.Category, r.From, r.Until, today); problem != "" {
			return refused(field, problem)
		}
		after.become(m, r.From, r.Until, r.Category, s.Actor().Person, today)
		return nil
	})
	return err
}

// DropCategory takes back a change of category that is planned to begin on a day.
func (d *Directory) DropCategory(ctx context.Context, s access.Scope, person vault.PersonID, body unit.ID, from civil.Date) error {
	_, err := d.edit(ctx, s, charter.Edit, person, journal.Category, func(after *stored) error {
		m, err := theOne(s, after, body)
		if err != nil {
			return err
		}
		c := after.course(m)
		if !from.After(d.charter.Today(d.now())) || !c.drop(from) {
			return fault.New(fault.Gone, "member.error.category_gone")
		}
		after.keep(c)
		return nil
	})
	return err
}

// theOne is the membership that is meant within a Scope.
func theOne(s access.Scope, after *stored, body unit.ID) (*Membership, error) {
	var found *Membership
	for i := range after.memberships {
		m := &after.memberships[i]
		if !s.Covers(m.Unit) || body != 0 && m.Unit != body {
			continue
		}
		if found != nil {
			return nil, refused("unit", "member.error.several_bodies")
		}
		found = m
	}
	if found == nil {
		return nil, refused("unit", "member.error.unit_reach")
	}
	return found, nil
}

// checkKind says, as a field and a message key, why a membership cannot be of a
// category from a day on; the zero until is for good.
func (d *Directory) checkKind(s *stored, m *Membership, code string, from, until, today civil.Date) (field, problem string) {
	k, known := d.charter.Category(code)
	primary := func(other Membership) bool { return other.Unit != m.Unit && !d.charter.CategoryOr(other.Category).Dual }
	switch {
	case !known:
		return "category", "member.error.category"
	case !from.IsValid() || !until.IsZero() && !until.IsValid():
		return "from", "member.error.date"
	case from.Before(today) && !m.From.IsZero() && from.Before(m.From):
		return "from", "member.error.category_before"
	case from.Year > today.Year+farAhead:
		return "from", "member.error.category_far"
	case !m.Until.IsZero() && from.After(m.Until):
		return "from", "member.error.category_after"
	case !until.IsZero() && until.Before(from):
		return "until", "member.error.until_before_from"
	case k.Leave && until.IsZero():
		return "until", "member.error.leave_end"
	case k.LongestMonths > 0 && until.After(monthsOn(from, k.LongestMonths)):
		return "until", "member.error.leave_long"
	case k.Central && m.Unit != d.root():
		return "category", "member.error.category_central"
	case k.Dual && !slices.ContainsFunc(s.memberships, primary):
		return "category", "member.error.category_dual"
	case k.Aged() && s.profile.Birth.IsZero():
		return "category", "member.error.category_birth"
	case !k.Fits(s.profile.Birth, from):
		return "category", "member.error.category_age"
	}
	return "", ""
}

// checkNewcomer says why a new member cannot begin in a category. In files youth
// often stands without a birth date; it is believed.
func (d *Directory) checkNewcomer(p *Profile, body unit.ID, category string, today civil.Date) (problem string) {
	alone := stored{profile: *p, memberships: []Membership{{Unit: body}}}
	field, problem := d.checkKind(&alone, &alone.memberships[0], d.firstCategory(body, category), today, civil.Date{}, today)
	switch {
	case problem == "member.error.category_birth":
		return ""
	case field == "until":
		return "member.error.category_new"
	}
	return problem
}

// root is the association itself.
func (d *Directory) root() unit.ID {
	root, _ := d.units.Tree().Root()
	return root.ID
}

// firstCategory is the category of a membership that names none.
func (d *Directory) firstCategory(body unit.ID, code string) string {
	if code == "" {
		return d.charter.FirstCategory(body == d.root())
	}
	return code
}

// decentral takes central membership out of a course that moves to an association.
func (d *Directory) decentral(c *Course, body unit.ID) {
	if body == d.root() {
		return
	}
	for i := range c.Steps {
		if d.charter.CategoryOr(c.Steps[i].Category).Central {
			c.Steps[i].Category = d.charter.FirstCategory(false)
		}
	}
	c.tidy()
}

// Course gives the kinds of a person's memberships from day to day, those within
// the Scope: what was, as far back as it is kept, and what is planned. Whoever
// asks has opened the card; that is journaled here as well.
func (d *Directory) Course(ctx context.Context, s access.Scope, person vault.PersonID) ([]Course, error) {
	card, err := d.Card(ctx, s, person)
	if err != nil {
		return nil, err
	}
	var found *stored
	err = d.db.Read(ctx, func(q database.Querier) (err error) {
		found, err = d.read(q, person)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []Course
	for i := range card.Memberships {
		all = append(all, found.course(&card.Memberships[i]))
	}
	return all, nil
}

// endPosts ends what somebody held where a change takes them out, or where they
// become what holds no posts.
func (d *Directory) endPosts(tx *database.Tx, by journal.Entry, c *change) error {
	if d.Posts == nil || c.before == nil {
		return nil
	}
	today := d.charter.Today(tx.Now())
	var rest []unit.ID
	for i := range c.after.memberships {
		if m := &c.after.memberships[i]; m.activeOn(today) {
			rest = append(rest, m.Unit)
		}
	}
	for _, was := range c.before.memberships {
		is := c.after.in(was.Unit)
		if is == nil || !is.activeOn(today) {
			if _, err := d.Posts.EndIn(tx, by, c.person, was.Unit, rest); err != nil {
				return err
			}
		} else if d.charter.CategoryOr(is.Category).NoPosts && !d.charter.CategoryOr(was.Category).NoPosts {
			if _, err := d.Posts.EndPosts(tx, by, c.person, was.Unit); err != nil {
				return err
			}
		}
	}
	return nil
}
