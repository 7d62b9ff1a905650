// Package notice tells those outside who hold members' data of what has changed
// about them: that somebody was erased, restricted or corrected (L3, GDPR Art. 19).
// It keeps the register of holders: the printer, the mail provider, the
// international body. A notice points ("list 317, line 214") and never names; a
// holder acknowledges it from a page, without an account. One's own officers are
// not written to: they find the lines to strike on their list's page.
//
//	          Send                 Acknowledge
//	(lines) ────────▶ told ───────────────────────▶ acknowledged
//	                   │       Settle, with grounds
//	                   └──────────────────────────▶ refused, effort
package notice

import (
	"time"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Role is what a holder is to the association.
type Role string

// Roles lists every role there is.
var Roles = []Role{"processor", "recipient", "international"}

// Tells is of what a holder is told.
type Tells string

const (
	ByList  Tells = "lists"   // of lines on lists that were handed to it
	ByEntry Tells = "entries" // of everybody in its bodies, by the entry's own number
	Never   Tells = "none"    // it keeps nothing beyond its task, as agreed
)

// AllTells lists every way there is.
var AllTells = []Tells{ByList, ByEntry, Never}

// Holder is an organisation outside that holds members' data. Organisations are no
// persons: what it is and gets stands in clear, who answers there is sealed.
type Holder struct {
	ID       int64
	Name     string
	Country  string // ISO 3166-1, two letters
	Role     Role
	Tells    Tells
	Purposes []string // the charter's codes
	Fields   []string
	Bodies   []unit.ID // none: all
	Person   vault.PersonID
	Since    time.Time
	Ended    time.Time // zero while it holds anything

	Contact
	Open  int // notices that are not acknowledged
	Lists int // lists it has in its hands
}

// Contact is who answers at a holder, and on what ground it gets what it gets. It
// is a record under a key of its own, which goes when another takes over.
type Contact struct {
	Who      string
	Email    string
	Language string
	Basis    string
}

// Ground is why a holder did not do what it was told.
type Ground struct{ Text string }

var (
	Contacts = record.Declare(record.Kind[Contact]{
		Number: 81, Name: "holder-contact", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, c *Contact) []byte {
			w := record.Writer{Bytes: dst}
			return w.String(1, c.Who).String(2, c.Email).String(3, c.Language).String(4, c.Basis).Bytes
		},
		Decode: func(src []byte, c *Contact) error {
			*c = Contact{}
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					c.Who = r.String()
				case 2:
					c.Email = r.String()
				case 3:
					c.Language = r.String()
				case 4:
					c.Basis = r.String()
				}
			}
			return r.Err()
		},
		Words: func(c *Contact) []record.Line {
			return []record.Line{
				{Key: "notice.record.who", Value: c.Who},
				{Key: "notice.record.email", Value: c.Email},
				{Key: "notice.record.basis", Value: c.Basis},
			}
		},
	})

	Grounds = record.Declare(record.Kind[Ground]{
		Number: 82, Name: "notice-ground", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, g *Ground) []byte {
			w := record.Writer{Bytes: dst}
			return w.String(1, g.Text).Bytes
		},
		Decode: func(src []byte, g *Ground) error {
			*g = Ground{}
			r := record.NewReader(src)
			for r.Next() {
				if r.Field() == 1 {
					g.Text = r.String()
				}
			}
			return r.Err()
		},
		Words: func(g *Ground) []record.Line { return []record.Line{{Key: "notice.record.ground", Value: g.Text}} },
	})
)

// Why a holder is told.
type Why string

const (
	Erased     Why = "erased"
	Restricted Why = "restricted"
	Corrected  Why = "corrected"
)

// State is where a notice is.
type State string

const (
	Told         State = "told"
	Acknowledged State = "acknowledged"
	Refused      State = "refused" // the holder will not
	Effort       State = "effort"  // it would be a disproportionate effort
)

// States lists every state there is.
var States = []State{Told, Acknowledged, Refused, Effort}

// Notice is one message to a holder, with the lines it is about.
type Notice struct {
	ID       int64
	Holder   int64
	Name     string // of the holder
	Country  string
	InPerson bool // somebody who was handed a list, and no organisation
	State    State
	ToldAt   time.Time
	Reminded time.Time
	DoneAt   time.Time
	SaidBy   vault.PersonID // who took it down; 0 for the holder itself
	Ground   string
	Count    int
	Lines    []Line
}

// Line is where somebody stands.
type Line struct {
	List   int64 // 0: the entry's own number
	Line   int   // 0: not known any more
	Entry  string
	Why    Why
	Fields []string // what was corrected
	At     time.Time

	person vault.PersonID
	notice int64
}

// The charter does not speak of these: they are how long a holder is given.
const (
	remindDays = 7
	answerDays = 14
)

// Page is a page of notices.
type Page struct {
	All     int
	Open    int
	Notices []Notice
}
