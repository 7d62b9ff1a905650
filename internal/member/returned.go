package member

import (
	"context"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Return says that mail to a person came back: since when, and as what somebody
// noticed it. Who it was stands in the journal; here only the post, so that
// nobody else's id lies in the member's data.
type Return struct {
	Since civil.Date // zero: nothing came back
	As    string     // code of the post or position; "" is the person or the program
	Unit  unit.ID    // the post's body
}

func (r Return) encode() []byte {
	var w record.Writer
	return w.Date(1, r.Since).String(2, r.As).Uint(3, uint64(r.Unit)).Bytes
}

func (r *Return) decode(src []byte) error {
	in := record.NewReader(src)
	for in.Next() {
		switch in.Field() {
		case 1:
			r.Since = in.Date()
		case 2:
			r.As = in.String()
		case 3:
			r.Unit = unit.ID(in.Uint())
		}
	}
	return in.Err()
}

// Returned reports whether letters or e-mails to the person come back.
func (p *Profile) Returned() bool { return !p.Letter.Since.IsZero() || !p.Mailed.Since.IsZero() }

// Channel is a way in which mail comes back.
type Channel string

const (
	ByLetter Channel = "letter"
	ByEmail  Channel = "email"
)

// SetReturned marks that letters or e-mails to a member come back, from a day on;
// the zero day takes the mark away. It goes by itself when the address changes.
func (d *Directory) SetReturned(ctx context.Context, s access.Scope, person vault.PersonID, by Channel, since civil.Date) error {
	if by != ByLetter && by != ByEmail {
		return refused("channel", "member.error.choice")
	}
	if !since.IsZero() && (!since.IsValid() || since.After(d.charter.Today(d.now()))) {
		return refused("since", "member.error.since")
	}
	_, err := d.edit(ctx, s, charter.Edit, person, journal.Edit, func(after *stored) error {
		mark := Return{}
		if !since.IsZero() {
			mark = Return{Since: since, As: s.Basis().Code, Unit: s.Basis().Unit}
		}
		if by == ByEmail {
			if after.profile.Email == "" && !since.IsZero() {
				return refused("channel", "member.error.no_email")
			}
			after.profile.Mailed = mark
			return nil
		}
		after.profile.Letter = mark
		return nil
	})
	return err
}

// settleMail takes the marks of returned mail away where the address changed.
func (c *change) settleMail() {
	if c.before == nil {
		return
	}
	before, after := &c.before.profile, &c.after.profile
	if !sameAddress(before, after) && before.Letter == after.Letter {
		after.Letter = Return{}
	}
	if before.Email != after.Email && before.Mailed == after.Mailed {
		after.Mailed = Return{}
	}
}

// sameAddress reports whether two profiles have one postal address.
func sameAddress(a, b *Profile) bool {
	return a.Street == b.Street && a.Postal == b.Postal && a.Town == b.Town && a.Country == b.Country
}

// Upkeep is what the secretariat or a board has to see to among its members.
type Upkeep struct {
	Returned []vault.PersonID // mail to them comes back
	Expired  []vault.PersonID // the day of their protected address has passed
}

// Upkeep gives the members within a Scope for viewing who need a look. It gives
// ids; whoever shows names asks for them.
func (d *Directory) Upkeep(s access.Scope) (Upkeep, error) {
	x, err := d.enter(s, charter.View|charter.Search)
	if err != nil {
		return Upkeep{}, err
	}
	today := d.charter.Today(d.now())
	x.mu.RLock()
	defer x.mu.RUnlock()
	reached := x.reached(membersOf(s))
	var u Upkeep
	back := x.returned.Clone()
	back.And(reached)
	for it := back.Iterator(); it.HasNext(); {
		u.Returned = append(u.Returned, vault.PersonID(it.Next()))
	}
	if s.All() { // who is protected, and until when, is the secretariat's to follow up
		for person, until := range x.protected {
			if until.Before(today) && reached.Contains(uint32(person)) {
				u.Expired = append(u.Expired, person)
			}
		}
		slices.Sort(u.Expired)
	}
	return u, nil
}

// Returned reports whether letters, and whether e-mails, to a member on a list
// come back.
func (r *Row) Returned() (letters, emails bool) {
	return !r.profile.Letter.Since.IsZero(), !r.profile.Mailed.Since.IsZero()
}
