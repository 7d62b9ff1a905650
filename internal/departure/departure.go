// Package departure is how a person leaves: a resignation heard of and passed
// on, a membership closed, a window in which it can be undone, the erasure and
// its certificate (D6, D7, N14, GDPR Art. 17). Only the secretariat closes.
// From the closing on the person is hidden everywhere; the erasure only rolls
// forward. The package knows ids, dates and reasons; a name it needs only to
// address somebody comes from the directory.
//
//	            Close              Confirm, or the window ends
//	(member) ─────────▶ hidden ───────────────────────────────▶ erasing
//	   ▲                  │                                         │ five steps
//	   └──────────────────┘                                         ▼
//	          Undo                                                erased
package departure

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// State is where a departure is.
type State string

const (
	Hidden  State = "hidden"  // closed, out of every search, list and page; can be undone
	Erasing State = "erasing" // the erasure has begun and only rolls forward
	Erased  State = "erased"
)

// The steps of an erasure. Each is done before the next begins, and a start
// goes on where a stop came.
const (
	stepIntent    = 1 // journal entry and intent stand in the register
	stepKeys      = 2 // ledger entry written, keys and look-ups destroyed
	stepRows      = 3 // sealed rows deleted
	stepForgotten = 4 // no freed page and no log file holds a byte of them
	stepConfirmed = 5 // every copy of the keys has confirmed
)

// Departure is one person's leaving. Everything in it is clear, so it holds
// ids, dates and numbers only; the reason is in the sealed Closing.
type Departure struct {
	Person      vault.PersonID
	State       State
	ClosedBy    vault.PersonID
	ClosedAt    time.Time
	DueAt       time.Time      // from then on it may be erased; once the erasure has begun, when it did
	Second      vault.PersonID // who ended the window early; 0 for nobody
	Entry       int64          // the journal's entry of the closing
	Step        int
	Certificate string // its number; what it says is not kept
}

// How somebody heard of a resignation.
var Ways = []string{"email", "phone", "letter", "meeting"}

// ownWay marks a resignation the member gave themselves.
const ownWay = "self"

// Resignation is what was heard, and how (D6).
type Resignation struct {
	Unit unit.ID // the body that passes it on; 0 for the member themselves
	How  string  // one of Ways, or "self"
	On   civil.Date
	By   vault.PersonID

	Number string // on the receipt
	Died   bool   // what was heard is that the member has died
}

// Closing is why a membership was closed.
type Closing struct {
	Reason string // the charter's code
	By     vault.PersonID
	On     civil.Date
	Died   civil.Date // the day somebody died, where it is known

	PassLists bool   // the lists they still hold pass on to their bodies' officers
	Override  string // why it is closed although they hold lists that nobody has attested
	Batch     uint64 // of a closing of many
}

// Both are records of the person, so they go with the person.
var (
	Closings = record.Declare(record.Kind[Closing]{
		Number: 3, Name: "closing", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, c *Closing) []byte {
			w := record.Writer{Bytes: dst}
			return w.String(1, c.Reason).Uint(2, uint64(c.By)).Date(3, c.On).Date(4, c.Died).Bool(5, c.PassLists).String(6, c.Override).Uint(7, c.Batch).Bytes
		},
		Decode: func(src []byte, c *Closing) error {
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					c.Reason = r.String()
				case 2:
					c.By = vault.PersonID(r.Uint())
				case 3:
					c.On = r.Date()
				case 4:
					c.Died = r.Date()
				case 5:
					c.PassLists = r.Bool()
				case 6:
					c.Override = r.String()
				case 7:
					c.Batch = r.Uint()
				}
			}
			return r.Err()
		},
		Words: func(c *Closing) []record.Line {
			return []record.Line{
				{Key: "departure.record.closed_on", Value: c.On.String()},
				{Key: "departure.record.reason", Value: c.Reason},
			}
		},
	})

	Resignations = record.Declare(record.Kind[Resignation]{
		Number: 4, Name: "resignation", Class: vault.Membership, Retention: "membership",
		Encode: func(dst []byte, v *Resignation) []byte {
			w := record.Writer{Bytes: dst}
			return w.Uint(1, uint64(v.Unit)).String(2, v.How).Date(3, v.On).Uint(4, uint64(v.By)).String(5, v.Number).Bool(6, v.Died).Bytes
		},
		Decode: func(src []byte, v *Resignation) error {
			r := record.NewReader(src)
			for r.Next() {
				switch r.Field() {
				case 1:
					v.Unit = unit.ID(r.Uint())
				case 2:
					v.How = r.String()
				case 3:
					v.On = r.Date()
				case 4:
					v.By = vault.PersonID(r.Uint())
				case 5:
					v.Number = r.String()
				case 6:
					v.Died = r.Bool()
				}
			}
			return r.Err()
		},
		Words: func(v *Resignation) []record.Line {
			return []record.Line{
				{Key: "departure.record.resigned_on", Value: v.On.String()},
				{Key: "departure.record.how", ValueKey: "departure.how." + v.How},
				{Key: "departure.record.number", Value: v.Number},
			}
		},
	})
)
