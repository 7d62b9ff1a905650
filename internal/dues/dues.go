// Package dues is a small ledger of what members owe and have paid: rates of a
// body and year, charges, payments and what counters them, reminders, arrears,
// and what bodies owe each other by the head. It knows rates and sums in the
// clear and persons only through the directory, with a Scope; what somebody owes
// and has paid are sealed records of theirs and go with the membership (N14),
// but for the facts that bookkeeping law keeps (L7), which others take over.
//
// A fact of the books is never changed: what was wrong is countered.
//
//	         Charge                    Pay, Import
//	rates ──────────▶ owed ────────────────────────────────▶ paid
//	                   │ Remind: a bill, then reminders        │ Counter, Refund
//	                   │ WriteOff                              ▼
//	                   └──▶ patience ends: closing is proposed (D6)   owed again
package dues

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Sheet is what a body has members pay in an accounting year. Setting it again
// makes another sheet, so what stood before is known.
type Sheet struct {
	ID       int64
	Unit     unit.ID // who collects
	Year     int     // accounting year, named after its end
	DueOn    civil.Date
	Payee    string // creditor number or account; "" is the charter's
	PartYear bool   // whoever joins late pays for the months that are left
	Rates    map[string]int64
	By       vault.PersonID
	At       time.Time
}

// Charge is what a person owes a body for a year.
type Charge struct {
	Unit      unit.ID // who collects
	Body      unit.ID // where they were a member
	Year      int
	Category  string
	Amount    int64 // øre
	Due       civil.Date
	Booked    civil.Date
	Reference string
	Slot      uint32 // the reference's running number of the person
	Payee     string
	Run       int64
	Was       vault.PersonID // charged as somebody who became one with this person
}

// Kind is what an entry in the books does.
type Kind uint8

const (
	Paid       Kind = 1 // money came
	Refunded   Kind = 2 // money went back
	WrittenOff Kind = 3 // not asked for any more
	Countered  Kind = 4 // takes back what another entry says
	Carried    Kind = 5 // what was too much for one charge, used for another
)

var kindCodes = [...]string{Paid: "paid", Refunded: "refunded", WrittenOff: "written_off", Countered: "countered", Carried: "carried"}

// Code is the kind's word in message keys and answers.
func (k Kind) Code() string {
	if k >= Paid && int(k) < len(kindCodes) {
		return kindCodes[k]
	}
	return "unknown"
}

// Entry is one fact in the books, on one charge. Its number is the voucher's.
type Entry struct {
	Number int64
	Charge uint64
	Kind   Kind
	Amount int64 // what the charge is less owed by it; negative makes it more
	Date   civil.Date
	Booked civil.Date
	Of     int64          // the entry it counters
	Source Source         // where money came from
	Was    vault.PersonID // made on somebody who became one with this person
}

// Source is how money came.
type Source uint8

const (
	ByHand Source = 0 // somebody typed it
	ByBank Source = 1 // from a bank's file
)

// Notice is that somebody was written to about a charge: level 0 is the bill,
// then the reminders.
type Notice struct {
	Number int64
	Charge uint64
	Level  int
	On     civil.Date
}

// Line is a charge with everything on it.
type Line struct {
	ID uint64
	Charge
	Entries []Entry
	Notices []Notice
}

// Account is what a person owes and has paid, the oldest charge first.
type Account struct {
	Person vault.PersonID
	Lines  []Line
}

// chargeID is a charge's place among a person's records: a body charges somebody
// once a year, and the register's own key holds that.
func chargeID(collector unit.ID, year int) uint64 { return uint64(collector)<<16 | uint64(year) }

// Run is one charging of many.
type Run struct {
	Number   int64
	Unit     unit.ID // 0: everybody
	Year     int
	By       vault.PersonID
	At       time.Time
	Members  int
	Amount   int64
	UndoneAt time.Time
}
