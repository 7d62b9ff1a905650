package member

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// A value that changes is forgotten (N14). So that a list found months later can
// still be told from another pulled before or after the change, what a value was
// leaves a print behind: a keyed hash that nobody reads back and that only finds
// the same value again, for as long as the charter says (trace-months). It is a
// sealed record of the person and goes with them.

// printSize is enough that two values of a register never share a print.
const printSize = 16

// Print stands for a value somebody had.
type Print [printSize]byte

// Once is a value somebody had: what kind, its print, and from when to when it was
// theirs. From is zero where that lies further back than prints are kept.
type Once struct {
	Field       string
	Print       Print
	From, Until time.Time
}

// Past is the values a person had before those they have.
type Past struct{ Was []Once }

// Pasts are records of the person, id 1.
var Pasts = record.Declare(record.Kind[Past]{
	Number: 86, Name: "past-values", Class: vault.Membership, Retention: "past-value",
	Encode: encodePast, Decode: decodePast, Words: pastWords,
})

const (
	pastID   = 1
	mostPast = 64 // of one person; the oldest go first
)

func encodePast(dst []byte, p *Past) []byte {
	w := record.Writer{Bytes: dst}
	for i := range p.Was {
		var one record.Writer
		o := &p.Was[i]
		one.String(1, o.Field).Blob(2, o.Print[:]).Uint(4, uint64(o.Until.UnixMicro()))
		if !o.From.IsZero() {
			one.Uint(3, uint64(o.From.UnixMicro()))
		}
		w.Blob(1, one.Bytes)
	}
	return w.Bytes
}

func decodePast(src []byte, p *Past) error {
	*p = Past{}
	r := record.NewReader(src)
	for r.Next() {
		if r.Field() != 1 {
			continue
		}
		var o Once
		in := record.NewReader(r.Blob())
		for in.Next() {
			switch in.Field() {
			case 1:
				o.Field = in.String()
			case 2:
				copy(o.Print[:], in.Blob())
			case 3:
				o.From = time.UnixMicro(int64(in.Uint())).UTC()
			case 4:
				o.Until = time.UnixMicro(int64(in.Uint())).UTC()
			}
		}
		if err := in.Err(); err != nil {
			return err
		}
		p.Was = append(p.Was, o)
	}
	return r.Err()
}

// pastKeys say of each kind of value that a print of one is kept.
var pastKeys = map[string]string{
	"number": "member.past.number", "name": "member.past.name", "birth": "member.past.birth", "email": "member.past.email",
	"phone": "member.past.phone", "mobile": "member.past.mobile", "address": "member.past.address", "postal": "member.past.postal",
}

func pastWords(p *Past) []record.Line {
	lines := make([]record.Line, 0, len(p.Was))
	for i := range p.Was {
		if key := pastKeys[p.Was[i].Field]; key != "" {
			lines = append(lines, record.Line{Key: key, Value: p.Was[i].Until.Format(time.DateOnly)})
		}
	}
	return lines
}

// marked are the values of a profile that leave prints, in the form in which a row
// of a file is compared with them. A secret address never leaves one.
func marked(p *Profile) map[string]string {
	values := map[string]string{
		"number": claimedNumber(p.Number), "name": nameMark(nameWords(p.Name())), "birth": dateValue(p.Birth),
		"email": strings.ToLower(p.Email), "phone": p.Phone, "mobile": p.Mobile,
	}
	if !p.SecretAddress {
		values["address"], values["postal"] = addressMark(p.Street, p.Postal), postalMark(p.Postal)
	}
	return values
}

// nameMark is a name whatever the order of its words; a single word is none.
func nameMark(words []string) string {
	if len(words) < 2 {
		return ""
	}
	words = slices.Clone(words)
	slices.Sort(words)
	return strings.Join(words, " ")
}

func postalMark(postal string) string {
	return locale.Fold(strings.ReplaceAll(postal, " ", ""))
}

// addressMark is a street with its postal code; neither alone tells an address.
func addressMark(street, postal string) string {
	if street, postal = streetKey(street), postalMark(postal); street == "" || postal == "" {
		return ""
	} else {
		return street + " " + postal
	}
}

// print is the print of a value. A number rung is the same whichever phone it is.
func (d *Directory) print(field, value string) (p Print) {
	if field == "mobile" {
		field = "phone"
	}
	copy(p[:], d.keyring.MAC("past "+field, []byte(value)))
	return p
}

// writePast notes what a change replaces, where the charter keeps prints at all.
func (d *Directory) writePast(tx *database.Tx, c *change) error {
	if d.charter.Parameters.TraceMonths.Value == 0 {
		return nil
	}
	before, after := marked(&c.before.profile), marked(&c.after.profile)
	var fields []string
	for field, was := range before {
		if now, kept := after[field]; was != "" && kept && was != now {
			fields = append(fields, field)
		}
	}
	if len(fields) == 0 {
		return nil
	}
	slices.Sort(fields)
	var p Past
	if err := record.Get(d.records, tx, Pasts, c.person, pastID, &p); err != nil && !errors.Is(err, database.ErrNotFound) {
		return err
	}
	for _, field := range fields {
		o := Once{Field: field, Print: d.print(field, before[field]), From: p.since(field), Until: tx.Now()}
		p.Was = append(p.Was, o)
	}
	p.Was = p.Was[max(0, len(p.Was)-mostPast):]
	return record.Put(d.records, tx, Pasts, c.person, pastID, &p)
}

// since is from when the value that stands now is known to stand; zero where that
// lies further back than prints are kept.
func (p *Past) since(field string) (since time.Time) {
	for i := range p.Was {
		if p.Was[i].Field == field && p.Was[i].Until.After(since) {
			since = p.Was[i].Until
		}
	}
	return since
}

// pastBefore is before when a value must have ended for its print to go.
func (d *Directory) pastBefore(by time.Time) time.Time {
	return d.charter.Midnight(monthsOn(d.charter.Today(by), -d.charter.Parameters.TraceMonths.Value))
}

func (d *Directory) oldPasts(ctx context.Context, by time.Time) (over []kept, all int, err error) {
	before := d.pastBefore(by)
	err = record.Scan(d.records, ctx, Pasts, func(person vault.PersonID, id uint64, p *Past) error {
		all++
		if slices.ContainsFunc(p.Was, func(o Once) bool { return o.Until.Before(before) }) {
			over = append(over, kept{person, id})
		}
		return nil
	})
	return over, all, err
}

// PastDue counts the persons of whose former values a print has ended by a moment,
// and all of whom there is one.
func (d *Directory) PastDue(ctx context.Context, by time.Time) (due, all int, err error) {
	over, all, err := d.oldPasts(ctx, by)
	return len(over), all, err
}

// EndPast forgets the prints that had ended by a moment, and says of how many
// persons.
func (d *Directory) EndPast(ctx context.Context, by time.Time) (int, error) {
	over, _, err := d.oldPasts(ctx, by)
	if err != nil {
		return 0, err
	}
	d.writing.Lock() // nobody else adds to one meanwhile
	defer d.writing.Unlock()
	before := d.pastBefore(by)
	return d.each(ctx, over, func(tx *database.Tx, k kept) error {
		var p Past
		err := record.Get(d.records, tx, Pasts, k.person, k.id, &p)
		if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
			return nil
		}
		if err != nil {
			return err
		}
		p.Was = slices.DeleteFunc(p.Was, func(o Once) bool { return o.Until.Before(before) })
		if len(p.Was) == 0 {
			return record.Remove(tx, Pasts, k.person, k.id)
		}
		return record.Put(d.records, tx, Pasts, k.person, k.id, &p)
	})
}

// PastOf tells how many prints of former values are kept of a person, and when the
// last of them goes.
func (d *Directory) PastOf(ctx context.Context, person vault.PersonID) (count int, last time.Time, err error) {
	var p Past
	err = d.db.Read(ctx, func(q database.Querier) error { return record.Get(d.records, q, Pasts, person, pastID, &p) })
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		return 0, time.Time{}, nil
	}
	for i := range p.Was {
		if p.Was[i].Until.After(last) {
			last = p.Was[i].Until
		}
	}
	if last.IsZero() {
		return 0, last, err
	}
	return len(p.Was), d.charter.Midnight(monthsOn(d.charter.Today(last), d.charter.Parameters.TraceMonths.Value).AddDays(1)), err
}
