package departure

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Bookkeeping law keeps some facts of a person's payments for years (L7, N14).
// When the erasure begins they, and nothing else, are sealed anew: for every day
// on which the law of some body ends its keeping under a key of its own, which
// is destroyed when that day is over. What the person was beside that is gone.
//
//	keys of the ends drawn ─▶ intent, certificate and kept facts in one act ─▶
//	the person's other keys destroyed ─▶ … years … ─▶ key of the end destroyed
//
// A stop before the act keeps nothing and loses nothing, since all is still
// there; one after it loses nothing, since the facts stand under keys of their
// own. Keys that were drawn for nothing end with their month.

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

// Account is what is kept of one person in the accounts of one body until one
// day. It is sealed under the key of that end.
type Account struct {
	Unit  unit.ID
	Until civil.Date
	Left  civil.Date // the day the erasure began
	Facts []Fact
}

// class is the retention class that ends with the account.
func (a *Account) class() vault.Class { return vault.KeptUntil(a.Until.Year, a.Until.Month) }

// id is the account's number among the person's: a body has one for each end.
func (a *Account) id() uint64 { return uint64(a.Unit)<<16 | uint64(a.class()) }

// ofUnit are the first and the last id that accounts of a body can have.
func ofUnit(body unit.ID) (first, last uint64) {
	return uint64(body) << 16, uint64(body)<<16 | (1<<16 - 1)
}

// Accounts are records of whoever has left; nothing else is ever sealed in a
// class that ends by itself.
var Accounts = record.Declare(record.Kind[Account]{
	Number: 77, Name: "kept", Class: vault.Bookkeeping, Retention: "bookkeeping",
	Encode: func(dst []byte, a *Account) []byte {
		w := record.Writer{Bytes: dst}
		w.Uint(1, uint64(a.Unit)).Date(2, a.Until).Date(3, a.Left)
		for i := range a.Facts {
			w.Blob(4, a.Facts[i].encode(nil))
		}
		return w.Bytes
	},
	Decode: func(src []byte, a *Account) error {
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				a.Unit = unit.ID(r.Uint())
			case 2:
				a.Until = r.Date()
			case 3:
				a.Left = r.Date()
			case 4:
				f := Fact{Unit: a.Unit}
				if err := f.decode(r.Blob()); err != nil {
					return err
				}
				a.Facts = append(a.Facts, f)
			}
		}
		return r.Err()
	},
	Words: func(a *Account) []record.Line {
		lines := []record.Line{{Key: "departure.record.kept_until", Value: a.Until.String()}}
		for i := range a.Facts {
			f := &a.Facts[i]
			lines = append(lines,
				record.Line{Key: "departure.record.kept_name", Value: f.Name},
				record.Line{Key: "departure.record.kept_kind", ValueKey: "departure.fact." + string(f.Kind)},
				record.Line{Key: "departure.record.kept_on", Value: f.On.String()},
				record.Line{Key: "departure.record.kept_amount", Value: f.Money()},
				record.Line{Key: "departure.record.kept_reference", Value: f.Reference},
				record.Line{Key: "departure.record.kept_voucher", Value: f.Voucher})
		}
		return lines
	},
})

func (f *Fact) encode(dst []byte) []byte {
	w := record.Writer{Bytes: dst}
	w.String(1, string(f.Kind)).Uint(2, zigzag(f.Amount)).String(3, f.Currency).Date(4, f.On)
	return w.String(5, f.Reference).String(6, f.Voucher).String(7, f.Name).Bytes
}

func (f *Fact) decode(src []byte) error {
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			f.Kind = FactKind(r.String())
		case 2:
			f.Amount = unzigzag(r.Uint())
		case 3:
			f.Currency = r.String()
		case 4:
			f.On = r.Date()
		case 5:
			f.Reference = r.String()
		case 6:
			f.Voucher = r.String()
		case 7:
			f.Name = r.String()
		}
	}
	return r.Err()
}

// zigzag makes small numbers of both signs small numbers without.
func zigzag(n int64) uint64   { return uint64(n<<1) ^ uint64(n>>63) }
func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }
