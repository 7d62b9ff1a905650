// Package member keeps the members: what is known about each (profile), where
// they belong (memberships), the checks on every value, the index in memory
// they are searched in, and the reading of whole lists from files. Directory is
// the one way in: every method takes an access.Scope, refuses without one, and
// journals before it answers (D1, D11, N9, L8).
//
// It stands on record, journal, access, unit and charter. It knows nothing of
// pages, of lists that leave the house, or of how a membership is closed.
package member

import (
	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Query is one keystroke of a search, or one page of its hits.
type Query struct {
	Text    string
	Skip    int   // hits passed over before the first page: where a guide tab begins
	Page    int   // from 0
	Size    int   // hits on a page; 0 is 50
	Reading int64 // what the keystroke before returned; 0 begins a reading
}

// Hits is a page of what was found.
type Hits struct {
	Total   int
	Page    int
	Pages   int
	Rows    []Hit
	Reading int64 // for the next keystroke or page
}

// Hit is a member as a search shows them: enough to know whom one has found.
type Hit struct {
	Person     vault.PersonID
	Number     string
	Given      string
	Family     string
	Email      string
	Phone      string    // E.164
	Mobile     string    // E.164
	Units      []unit.ID // those within the Scope
	Restricted bool      // kept but not used (Art. 18)
	Returned   bool      // mail to them came back
}

// Name is the full name, given names first.
func (h *Hit) Name() string { return fullName(h.Given, h.Family) }

// Card is all that is known of a member, as far as the Scope reaches.
type Card struct {
	Person      vault.PersonID
	Profile     Profile
	Memberships []Membership // those within the Scope
	Covered     bool         // the address is secret and left out; Reveal shows it
	Hidden      bool         // the membership is closed (D7); only the person still sees the card
	Home        []Housemate  // the others of the household, as far as they may be told
	HomeCovered bool         // some are left out since an address is secret; told to the secretariat only
}

// Row is a member on a list: the fields of the list's purpose and no others
// (L8). It is valid until the function it is given to returns.
type Row struct {
	Person  vault.PersonID
	Covered bool // the address is secret and left out

	profile        *Profile
	fields         charter.FieldSet
	unit, category string
	code           string // of the body
	household      uint64
}

// Household is a number that those on the list who share a household have in
// common; 0 for whoever is alone on it, and for an address that is covered. It
// groups within one list and says nothing outside it, so no file carries it.
func (r *Row) Household() uint64 { return r.household }

// Cell gives a field as it stands in a file: dates as YYYY-MM-DD, phone numbers
// in E.164, body and category by name. A field that the purpose does not have
// is empty.
func (r *Row) Cell(f *charter.Field) string {
	if !r.fields.Has(f.Bit) {
		return ""
	}
	switch f.Type {
	case charter.TypeUnit:
		return r.unit
	case charter.TypeCategory:
		return r.category
	case charter.TypeFullName:
		return r.profile.Name()
	}
	return r.profile.Value(f.Code)
}

// Code is the code of the body under which the row stands: the club's number (N9). It
// is empty where the purpose does not have the body, or the body has no code.
func (r *Row) Code(f *charter.Field) string {
	if f.Type != charter.TypeUnit || !r.fields.Has(f.Bit) {
		return ""
	}
	return r.code
}

// Sorting is the order of a list.
type Sorting uint8

const (
	ByName   Sorting = iota // as the card index stands
	ByNumber                // by member number
)

// Reach tells a list's purpose and reach in numbers. It tells nothing of anybody.
type Reach struct {
	Within     int // members within the Scope
	Members    int // of these, on a list
	Objected   int // left out: they object to the purpose (Art. 21)
	Restricted int // left out: kept but not used (Art. 18)
	LeftOut    int // left out: of a kind of membership that the charter leaves out
	Covered    int // on the list, their secret address left out
}

// Tab is a guide tab of the card index: letters that stand together, and where
// they begin.
type Tab struct {
	From, To string // letters; From is "" for what sorts before A
	Count    int
	Offset   int // how many stand before the tab
}

// Draft is what a new member is made from.
type Draft struct {
	Values   map[string]string // as typed, by the charter's field codes; without a number one is given out
	Unit     unit.ID           // 0: the body of the Scope; for the secretariat the association itself
	Category string            // a code of the charter; "" is the first
	Language string
	Secret   Secrecy // of the address
}

// Name is what the draft calls the person.
func (d *Draft) Name() string { return fullName(d.Values["given"], d.Values["family"]) }

// Changes are what an edit changes; what is not named stays.
type Changes struct {
	Values        map[string]string // as typed, by field code; "" empties a field
	Language      *string
	SecretAddress *bool
	Secret        *Secrecy // the same, with its kind and last day
	Keep          *Keep    // keeps a name that changes; nil forgets it
}

// Own is what the house needs of a person who acts, or is written to, for
// themselves.
type Own struct {
	Number, Given, Family string
	Email                 string
	EmailBack             bool // e-mails come back
	Language              string
	Birth                 bool // whether the birth date is known
	Hidden                bool // the membership is closed
}

// Name is the full name, given names first.
func (o *Own) Name() string { return fullName(o.Given, o.Family) }

// Section is one record about a person, in words (Art. 15).
type Section struct {
	Kind  string // stable English name
	ID    uint64
	Lines []record.Line
}

// activeOn reports whether a membership counts on a day.
func (m *Membership) activeOn(day civil.Date) bool {
	return m.Until.IsZero() || !m.Until.Before(day)
}
