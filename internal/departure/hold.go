package departure

import (
	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// A hold makes an erasure wait. Until it ends the member stays hidden: out of
// every search, list and page, and of no use for anything but what the hold is
// about. It has grounds, somebody who decided it, and an end that comes by itself.

// HoldKind is what the law lets an erasure wait for.
type HoldKind string

// The kinds there are.
const (
	HoldClaim         HoldKind = "claim"         // a legal claim (GDPR Art. 17(3)(e))
	HoldInvestigation HoldKind = "investigation" // somebody looks into what happened (Art. 17(3)(b), (e))
	HoldRequest       HoldKind = "request"       // the person needs the data for a claim of their own (Art. 18(1)(c), (2))
	HoldBreach        HoldKind = "breach"        // what a breach has done is being found out (Art. 33, 34)
)

// HoldKinds lists every kind there is.
var HoldKinds = []HoldKind{HoldClaim, HoldInvestigation, HoldRequest, HoldBreach}

// Hold is one such wait, a document of the body whose officer decided it.
type Hold struct {
	Kind    HoldKind
	Unit    unit.ID // 0: decided in the secretariat
	Grounds string  // in the words of whoever decided, or renewed it
	By      vault.PersonID
	From    civil.Date
	Until   civil.Date // the last day
	Silent  bool       // the person is not told

	EndedBy  vault.PersonID // 0 while it stands, or where it ended by itself
	EndedOn  civil.Date
	EndedFor string // why it was ended before its day
}

// stands reports whether the hold makes an erasure wait on a day.
func (h *Hold) stands(today civil.Date) bool { return h.EndedOn.IsZero() && !h.Until.Before(today) }

// Holds are records of the person, so they go with the person.
var Holds = record.Declare(record.Kind[Hold]{
	Number: 78, Name: "hold", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, h *Hold) []byte {
		w := record.Writer{Bytes: dst}
		w.String(1, string(h.Kind)).Uint(2, uint64(h.Unit)).String(3, h.Grounds).Uint(4, uint64(h.By)).Date(5, h.From).Date(6, h.Until)
		return w.Bool(7, h.Silent).Uint(8, uint64(h.EndedBy)).Date(9, h.EndedOn).String(10, h.EndedFor).Bytes
	},
	Decode: func(src []byte, h *Hold) error {
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				h.Kind = HoldKind(r.String())
			case 2:
				h.Unit = unit.ID(r.Uint())
			case 3:
				h.Grounds = r.String()
			case 4:
				h.By = vault.PersonID(r.Uint())
			case 5:
				h.From = r.Date()
			case 6:
				h.Until = r.Date()
			case 7:
				h.Silent = r.Bool()
			case 8:
				h.EndedBy = vault.PersonID(r.Uint())
			case 9:
				h.EndedOn = r.Date()
			case 10:
				h.EndedFor = r.String()
			}
		}
		return r.Err()
	},
	Words: func(h *Hold) []record.Line {
		return []record.Line{
			{Key: "departure.record.hold_kind", ValueKey: "departure.hold." + string(h.Kind)},
			{Key: "departure.record.hold_grounds", Value: h.Grounds},
			{Key: "departure.record.hold_from", Value: h.From.String()},
			{Key: "departure.record.hold_until", Value: h.Until.String()},
		}
	},
})
