package departure

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Bookkeeping law keeps some facts of a person's payments for years (L7, N14).
// When the erasure begins they, and nothing else, are sealed anew: for every day
// on which the law of some body ends its keeping under a key of its own, which
// is destroyed when that day is over. What the person was beside that is gone.

// Keeper knows what people owe and have paid: it hands over the facts that
// belong into somebody's accounts.
type Keeper interface {
	// Bookkeeping gives the facts of one person, of every body, in the order of
	// their days. Which of them a law keeps, and until when, is not its business.
	// It is asked before a closing, to tell what would stay, and once more in the
	// act that begins the erasure; from then on nothing about the person may be
	// added. A fact that nobody can read any more is left out: it keeps nobody
	// from going.
	Bookkeeping(ctx context.Context, person vault.PersonID) ([]Fact, error)
}

// FactKind says what was booked.
type FactKind string

// What can be booked of a person.
const (
	FactCharge   FactKind = "charge"   // dues were asked for
	FactPayment  FactKind = "payment"  // money came in
	FactRefund   FactKind = "refund"   // money went back
	FactWriteOff FactKind = "writeoff" // a charge nobody waits for any more
)

// FactKinds lists every kind there is.
var FactKinds = []FactKind{FactCharge, FactPayment, FactRefund, FactWriteOff}

// Fact is one line in a body's accounts: what bookkeeping law wants of it, and
// no more.
type Fact struct {
	Unit      unit.ID // the body whose accounts it stands in
	Kind      FactKind
	Amount    int64      // in hundredths: øre
	Currency  string     // ISO 4217
	On        civil.Date // the day it is booked on; the accounting year follows from it and the body
	Reference string     // what the payment carried: FI, KID, a bank's own
	Voucher   string     // its number in the accounts
	Name      string     // of the other side, as it was then
}

// Kept is what stays of somebody, as closing page and certificate tell it: so
// many facts in the accounts of one body until a day.
type Kept struct {
	Law   charter.Words // "bogføringsloven § 12", in the charter's languages
	Unit  unit.ID
	Body  string     // the body's name
	Until civil.Date // the last day; the key is destroyed when it is over
	Count int
}
