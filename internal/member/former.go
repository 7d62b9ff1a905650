package member

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Former is a name somebody had, kept because somebody asked for it. Nothing is
// found by it and no list has it. Without such a wish a name that changes is
// forgotten (N14).
type Former struct {
	Given, Family string
	Reason        string     // why it is kept, in free words
	Since         civil.Date // the day the name changed
	Until         civil.Date // the last day it is kept
}

// Formers are records of the person, by number from 1.
var Formers = record.Declare(record.Kind[Former]{
	Number: 6, Name: "former-name", Class: vault.Membership, Retention: "former-name",
	Encode: func(dst []byte, f *Former) []byte {
		w := record.Writer{Bytes: dst}
		return w.String(1, f.Given).String(2, f.Family).String(3, f.Reason).Date(4, f.Since).Date(5, f.Until).Bytes
	},
	Decode: func(src []byte, f *Former) error {
		*f = Former{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				f.Given = r.String()
			case 2:
				f.Family = r.String()
			case 3:
				f.Reason = r.String()
			case 4:
				f.Since = r.Date()
			case 5:
				f.Until = r.Date()
			}
		}
		return r.Err()
	},
	Words: func(f *Former) []record.Line {
		lines := make([]record.Line, 0, 5)
		for _, fact := range [...]struct{ code, value string }{
			{"given", f.Given}, {"family", f.Family}, {"reason", f.Reason}, {"from", dateValue(f.Since)}, {"until", dateValue(f.Until)},
		} {
			if fact.value != "" {
				lines = append(lines, record.Line{Key: "member.field." + fact.code, Value: fact.value})
			}
		}
		return lines
	},
})

// Name is the full name, given names first.
func (f *Former) Name() string { return fullName(f.Given, f.Family) }

// Keep asks for the name that changes to be kept, and why.
type Keep struct {
	Reason string
	Until  civil.Date // zero: as long as the charter says
}

// formerOf is the record of a name that a change replaces; nil where it stays.
func (d *Directory) formerOf(before, after *Profile, keep *Keep) (former *Former, field, problem string) {
	if keep == nil || before.Given == after.Given && before.Family == after.Family {
		return nil, "", ""
	}
	reason, problem := short(keep.Reason, longestText)
	if reason == "" && problem == "" {
		problem = "member.error.required"
	}
	if problem != "" {
		return nil, "former_reason", problem
	}
	if HoldsIdentityNumber(reason) {
		return nil, "former_reason", "member.error.identity"
	}
	today := d.charter.Today(d.now())
	last := monthsOn(today, d.charter.FormerNameMonths)
	f := &Former{Given: before.Given, Family: before.Family, Reason: reason, Since: today, Until: keep.Until}
	switch {
	case f.Until.IsZero():
		f.Until = last
	case !f.Until.IsValid() || f.Until.Before(today) || f.Until.After(last):
		return nil, "former_until", "member.error.former_until"
	}
	return f, "", ""
}

// writeFormer adds the name that an act asks to keep.
func (d *Directory) writeFormer(tx *database.Tx, c *change) error {
	if c.former == nil {
		return nil
	}
	kept, err := record.All(d.records, tx, Formers, c.person)
	if err != nil {
		return err
	}
	id := uint64(1)
	for _, k := range kept {
		id = max(id, k.ID+1)
	}
	return record.Create(d.records, tx, Formers, c.person, id, c.former)
}

// FormerName is a kept name and its number.
type FormerName struct {
	ID uint64
	Former
}

// FormerNames uncovers the former names that are kept of a member. Only the
// secretariat may, and the log says that it did.
func (d *Directory) FormerNames(ctx context.Context, s access.Scope, person vault.PersonID) ([]FormerName, error) {
	x, err := d.enter(s, charter.View|charter.Edit)
	if err != nil {
		return nil, err
	}
	if !s.All() || !x.holds(reachOf(s), person) || x.isHidden(person) {
		return nil, d.denyCard(ctx, x, s, person)
	}
	var names []FormerName
	err = d.db.Read(ctx, func(q database.Querier) error {
		kept, err := record.All(d.records, q, Formers, person)
		for _, k := range kept {
			names = append(names, FormerName{ID: k.ID, Former: k.Value})
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	e := s.Entry(journal.Revealed, person)
	e.Fields = []string{"former_name"}
	if _, err := d.journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return names, nil
}

// ForgetFormer forgets a kept name before its day.
func (d *Directory) ForgetFormer(ctx context.Context, s access.Scope, person vault.PersonID, id uint64) error {
	x, err := d.enter(s, charter.Edit)
	if err != nil {
		return err
	}
	if !s.All() || !x.holds(reachOf(s), person) || x.isHidden(person) {
		return d.denyCard(ctx, x, s, person)
	}
	return d.db.Write(ctx, func(tx *database.Tx) error {
		if err := record.Remove(tx, Formers, person, id); err != nil {
			return err
		}
		e := s.Entry(journal.Edit, person)
		e.Fields = []string{"former_name"}
		_, err := d.journal.Append(tx, &e)
		return err
	})
}
