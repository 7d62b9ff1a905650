package member

import (
	"context"
	"errors"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// What the procedure of moving does once both sides have said yes. No single
// Scope reaches both bodies, so these acts take none: the procedure has decided,
// and its journal entry stands in the same transaction.

// Relocation is a membership that goes from one body to another.
type Relocation struct {
	From, To unit.ID
	Keep     bool // the old one stays too, where the charter has dual membership
}

// Relocate carries a relocation out. Number and joining date stay, the category
// goes along. also is written in the same transaction as the membership.
func (d *Directory) Relocate(ctx context.Context, person vault.PersonID, r Relocation, entry func() journal.Entry, also func(tx *database.Tx) error) error {
	x, err := d.open()
	if err != nil {
		return err
	}
	d.writing.Lock()
	defer d.writing.Unlock()
	c := change{person: person}
	if c.before, err = d.readOne(ctx, person); err != nil {
		return err
	}
	if x.isHidden(person) {
		return notFound()
	}
	c.after = c.before.clone()
	m := c.after.in(r.From)
	switch {
	case c.after.in(r.To) != nil:
		return refused("unit", "member.error.belongs")
	case m == nil:
		return refused("unit", "member.error.unit_reach")
	}
	if problem := d.takesMembers(r.To); problem != "" {
		return refused("unit", problem)
	}
	if r.Keep {
		second := *m
		second.Unit, second.From = r.To, d.charter.Today(d.now())
		c.after.memberships = append(c.after.memberships, second)
	} else {
		m.Unit = r.To
	}
	return d.commitWith(ctx, []change{c}, d.entered(entry, c.fields(d.charter), also))
}

// takesMembers says, as a message key, why a body takes no members; "" if it does.
func (d *Directory) takesMembers(id unit.ID) string {
	u, known := d.units.Tree().ByID(id)
	if !known {
		return "member.error.unit_reach"
	}
	if u.Closed {
		return "member.error.unit_closed"
	}
	if level, known := d.charter.Level(u.Level); !known || !level.Members {
		return "member.error.unit_level"
	}
	return ""
}

// Admit makes a member of somebody whose addition has waited under a key of its
// own: the person stays, and gets profile, membership and number.
func (d *Directory) Admit(ctx context.Context, person vault.PersonID, draft Draft, entry func() journal.Entry, also func(tx *database.Tx) error) error {
	if _, err := d.open(); err != nil {
		return err
	}
	if problem := d.takesMembers(draft.Unit); problem != "" {
		return refused("unit", problem)
	}
	c, err := d.draft(&draft, draft.Unit, fault.New(fault.Invalid, "member.error.invalid"))
	if err != nil {
		return err
	}
	c.person, c.keyed = person, true
	d.writing.Lock()
	defer d.writing.Unlock()
	if err := d.giveNumber(&c.after.profile); err != nil {
		return err
	}
	return d.commitWith(ctx, []change{c}, d.entered(entry, filled(d.charter, &c.after), also))
}

// entered writes a procedure's entry with the fields that change, and what the
// procedure itself has to write.
func (d *Directory) entered(entry func() journal.Entry, fields []string, also func(tx *database.Tx) error) func(tx *database.Tx) error {
	return func(tx *database.Tx) error {
		e := entry()
		e.Fields = fields
		if _, err := d.journal.Append(tx, &e); err != nil {
			return err
		}
		return also(tx)
	}
}

// readOne gives one person's records; somebody who is not known any more is not
// found.
func (d *Directory) readOne(ctx context.Context, person vault.PersonID) (found *stored, err error) {
	err = d.db.Read(ctx, func(q database.Querier) (err error) {
		found, err = d.read(q, person)
		return err
	})
	if errors.Is(err, errNobody) {
		err = notFound()
	}
	return found, err
}

// likelyMost is how many persons of one name are looked at.
const likelyMost = 200

// Alike finds members who seem to be the person a draft is about, wherever they
// belong: by member number, and by name together with birth date, e-mail address
// or phone number. Nobody is shown what it finds; it decides who is asked.
func (d *Directory) Alike(ctx context.Context, draft Draft) ([]vault.PersonID, error) {
	x, err := d.open()
	if err != nil {
		return nil, err
	}
	c, err := d.draft(&draft, draft.Unit, fault.New(fault.Invalid, "member.error.invalid"))
	if err != nil {
		return nil, err
	}
	wanted := &c.after.profile
	_, persons := x.find(within{all: true, members: true}, wanted.Name(), 0, likelyMost)
	for _, claim := range [...]struct {
		kind  vault.ClaimKind
		value string
	}{{vault.ClaimNumber, claimedNumber(wanted.Number)}, {vault.ClaimEmail, wanted.Email}} {
		if claim.value == "" {
			continue
		}
		claimed, err := d.keyring.Find(claim.kind, claim.value)
		if err != nil {
			return nil, err
		}
		persons = append(persons, claimed...)
	}
	slices.Sort(persons)
	var found []vault.PersonID
	for _, person := range slices.Compact(persons) {
		if x.isHidden(person) || len(d.Units(person)) == 0 {
			continue // leaving, or no member
		}
		known, err := d.readOne(ctx, person)
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if alike(wanted, &known.profile) {
			found = append(found, person)
		}
	}
	return found, nil
}

// alike reports whether two profiles seem to be of one person. A shared mailbox
// alone is no sign: couples have one.
func alike(a, b *Profile) bool {
	if a.Number != "" && claimedNumber(a.Number) == claimedNumber(b.Number) {
		return locale.Fold(a.Family) == locale.Fold(b.Family)
	}
	if locale.Fold(a.Name()) != locale.Fold(b.Name()) {
		return false
	}
	if !a.Birth.IsZero() && !b.Birth.IsZero() {
		return a.Birth == b.Birth
	}
	same := func(x, y string) bool { return x != "" && x == y }
	return same(a.Email, b.Email) || same(a.Mobile, b.Mobile) || same(a.Phone, b.Phone) || same(a.Mobile, b.Phone) || same(a.Phone, b.Mobile) ||
		same(a.Postal, b.Postal) && same(locale.Fold(a.Street), locale.Fold(b.Street))
}

// waits reports whether additions made in a Scope wait to be confirmed.
func (d *Directory) waits(s access.Scope) bool { return d.Newcomers != nil && d.Newcomers.Waits(s) }

// draft is what a checked new member is made from again later.
func (c *change) draft(of *charter.Charter) Draft {
	p := &c.after.profile
	draft := Draft{Values: map[string]string{}, Language: p.Language, Secret: p.Secrecy()}
	for i := range of.Fields {
		if f := &of.Fields[i]; f.Type != charter.TypeUnit && f.Type != charter.TypeCategory && f.Type != charter.TypeFullName {
			if value := p.Value(f.Code); value != "" {
				draft.Values[f.Code] = value
			}
		}
	}
	if len(c.after.memberships) > 0 {
		draft.Unit, draft.Category = c.after.memberships[0].Unit, c.after.memberships[0].Category
	}
	return draft
}

// setAside takes an officer's newcomers out of a batch, to be confirmed first.
func (r *run) setAside(ctx context.Context, changes []change) ([]change, error) {
	if !r.d.waits(r.scope) {
		return changes, nil
	}
	var drafts []Draft
	kept := changes[:0]
	for i := range changes {
		if c := &changes[i]; c.before == nil {
			drafts = append(drafts, c.draft(r.d.charter))
		} else {
			kept = append(kept, *c)
		}
	}
	r.result.Waiting += len(drafts)
	if len(drafts) == 0 || r.options.DryRun {
		return kept, nil
	}
	return kept, r.d.Newcomers.Receive(ctx, r.scope, drafts)
}
