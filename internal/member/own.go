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
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// What members change about themselves: how they are reached. What tells who
// they are, name and birth date, they ask for, and member service answers.

// ownFields are what a member changes without asking anybody.
var ownFields = []string{"address", "postal", "town", "country", "phone", "mobile"}

// OwnField reports whether members change a field of their own themselves; an
// e-mail address they change too, by a code sent to the new one.
func OwnField(code string) bool { return slices.Contains(ownFields, code) }

// UpdateOwn changes how one is reached: address, phones, language, and whether
// the address is secret.
func (d *Directory) UpdateOwn(ctx context.Context, s access.Scope, ch Changes, secret *Secrecy) ([]string, error) {
	return d.editOwn(ctx, s, func(after *stored) error {
		check := newChecker(d.charter, d.charter.Today(d.now()))
		invalid := fault.New(fault.Invalid, "member.error.invalid")
		for code := range ch.Values {
			if !OwnField(code) {
				invalid = invalid.With(code, "member.error.own_field")
			}
		}
		if len(invalid.Fields) > 0 {
			return invalid
		}
		invalid = check.setAll(&after.profile, ch.Values, invalid)
		if missing := check.required(&after.profile); missing != "" && !wrong(invalid, missing) {
			invalid = invalid.With(missing, "member.error.required")
		}
		if secret != nil && *secret != after.profile.Secrecy() {
			checked, field, problem := d.newSecrecy(*secret)
			if problem != "" {
				invalid = invalid.With(field, problem)
			}
			after.profile.protect(checked)
		}
		if len(invalid.Fields) > 0 {
			return invalid
		}
		if ch.Language != nil {
			after.profile.Language = *ch.Language
		}
		return nil
	})
}

// SetOwnEmail changes one's own e-mail address, once it is proven that one reads
// what is sent there.
func (d *Directory) SetOwnEmail(ctx context.Context, s access.Scope, email string) error {
	_, err := d.editOwn(ctx, s, func(after *stored) error {
		check := newChecker(d.charter, d.charter.Today(d.now()))
		invalid := check.setAll(&after.profile, map[string]string{"email": email}, fault.New(fault.Invalid, "member.error.invalid"))
		if len(invalid.Fields) > 0 {
			return invalid
		}
		return nil
	})
	return err
}

func (d *Directory) editOwn(ctx context.Context, s access.Scope, fn func(after *stored) error) ([]string, error) {
	x, person, err := d.enterSelf(s)
	if err != nil {
		return nil, err
	}
	if x.isHidden(person) {
		return nil, fault.New(fault.Denied, "member.error.own_closed")
	}
	return d.editKnown(ctx, s, person, journal.Edit, fn)
}

// Wish is what a member asks to have corrected and may not change themselves.
type Wish struct {
	Given, Family string // "" is as it stands
	Birth         civil.Date
	Why           string
	Asked         civil.Date
}

// Wishes are records of the person, id 1: who asks again, asks instead.
var Wishes = record.Declare(record.Kind[Wish]{
	Number: 9, Name: "correction-asked", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, w *Wish) []byte {
		out := record.Writer{Bytes: dst}
		return out.String(1, w.Given).String(2, w.Family).Date(3, w.Birth).String(4, w.Why).Date(5, w.Asked).Bytes
	},
	Decode: func(src []byte, w *Wish) error {
		*w = Wish{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				w.Given = r.String()
			case 2:
				w.Family = r.String()
			case 3:
				w.Birth = r.Date()
			case 4:
				w.Why = r.String()
			case 5:
				w.Asked = r.Date()
			}
		}
		return r.Err()
	},
	Words: func(w *Wish) []record.Line {
		lines := make([]record.Line, 0, 5)
		for _, fact := range [...]struct{ code, value string }{
			{"given", w.Given}, {"family", w.Family}, {"birth", dateValue(w.Birth)}, {"reason", w.Why}, {"from", dateValue(w.Asked)},
		} {
			if fact.value != "" {
				lines = append(lines, record.Line{Key: "member.field." + fact.code, Value: fact.value})
			}
		}
		return lines
	},
})

const wishID = 1

// Corrections makes a duty of what a member asks for and ends it. app satisfies it.
type Corrections interface {
	Asked(tx *database.Tx, person vault.PersonID) error
	Answered(tx *database.Tx, person, by vault.PersonID, outcome string) error
}

// Correct has member service's Corrections told of wishes.
func (d *Directory) Correct(c Corrections) { d.corrections = c }

// AskCorrection asks for another name or birth date, as typed. It becomes a duty
// of member service (Art. 16).
func (d *Directory) AskCorrection(ctx context.Context, s access.Scope, values map[string]string, why string) error {
	x, person, err := d.enterSelf(s)
	if err != nil {
		return err
	}
	if x.isHidden(person) {
		return fault.New(fault.Denied, "member.error.own_closed")
	}
	check := newChecker(d.charter, d.charter.Today(d.now()))
	var p Profile
	invalid := fault.New(fault.Invalid, "member.error.invalid")
	for code := range values {
		if code != "given" && code != "family" && code != "birth" {
			invalid = invalid.With(code, "member.error.own_field")
		}
	}
	if len(invalid.Fields) == 0 {
		invalid = check.setAll(&p, values, invalid)
	}
	w := Wish{Given: p.Given, Family: p.Family, Birth: p.Birth, Asked: check.today}
	var problem string
	if w.Why, problem = short(why, longestText); problem != "" {
		invalid = invalid.With("why", problem)
	}
	if HoldsIdentityNumber(why) {
		invalid = invalid.With("why", "member.error.identity")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	if w.Given == "" && w.Family == "" && w.Birth.IsZero() && w.Why == "" {
		return refused("given", "member.error.wish_empty")
	}
	return d.db.Write(ctx, func(tx *database.Tx) error {
		if err := record.Put(d.records, tx, Wishes, person, wishID, &w); err != nil {
			return err
		}
		if d.corrections != nil {
			if err := d.corrections.Asked(tx, person); err != nil {
				return err
			}
		}
		e := s.Entry(journal.Edit, person)
		e.Fields = []string{"correction"}
		_, err := d.journal.Append(tx, &e)
		return err
	})
}

// Wish is what a member asks to have corrected; nil for nothing. It is part of a
// card that is open, so only whoever opened the card asks.
func (d *Directory) Wish(ctx context.Context, s access.Scope, person vault.PersonID) (*Wish, error) {
	if own, self := s.Self(); !s.All() && !(self && own == person) {
		return nil, nil
	}
	var found *Wish
	err := d.db.Read(ctx, func(q database.Querier) error {
		kept, err := record.All(d.records, q, Wishes, person)
		if len(kept) > 0 {
			found = &kept[0].Value
		}
		return err
	})
	return found, err
}

// AnswerCorrection does what a member asked for, or declines it; either way the
// wish goes and its duty is done.
func (d *Directory) AnswerCorrection(ctx context.Context, s access.Scope, person vault.PersonID, accept bool, keep *Keep) error {
	x, err := d.enter(s, charter.Edit)
	if err != nil {
		return err
	}
	if !s.All() || !x.holds(reachOf(s), person) || x.isHidden(person) {
		return d.denyCard(ctx, x, s, person)
	}
	w, err := d.Wish(ctx, s, person)
	if err != nil {
		return err
	}
	if w == nil {
		return fault.New(fault.Conflict, "member.error.wish_gone")
	}
	outcome := "declined"
	if accept {
		outcome = "done"
		ch := Changes{Values: map[string]string{}, Keep: keep}
		for code, value := range map[string]string{"given": w.Given, "family": w.Family, "birth": dateValue(w.Birth)} {
			if value != "" {
				ch.Values[code] = value
			}
		}
		if _, err := d.Update(ctx, s, person, ch); err != nil {
			return err
		}
	}
	return d.db.Write(ctx, func(tx *database.Tx) error {
		if err := record.Remove(tx, Wishes, person, wishID); err != nil {
			return err
		}
		if d.corrections != nil {
			if err := d.corrections.Answered(tx, person, s.Actor().Person, outcome); err != nil {
				return err
			}
		}
		e := s.Entry(journal.Edit, person)
		e.Fields = []string{"correction"}
		_, err := d.journal.Append(tx, &e)
		return err
	})
}
