package extract

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// A list that must live longer than its day is asked for with grounds and a new day,
// and whoever keeps the register decides; nobody decides on a list of their own. A
// list that cannot be destroyed since it is lost is attested lost, with how: that is
// looked at as what may be a breach (D12, L4).
//
//	Asked ──┬─▶ Granted
//	        ├─▶ Refused
//	        └─▶ Dropped
//	Lost ───┬─▶ Breach
//	        └─▶ NoBreach

// Standing is where an exception is.
type Standing string

const (
	Asked    Standing = "asked"
	Granted  Standing = "granted"
	Refused  Standing = "refused"
	Dropped  Standing = "dropped" // the list was destroyed, or lost, before anybody had decided
	Lost     Standing = "lost"
	Breach   Standing = "breach"
	NoBreach Standing = "no-breach"
)

// moves is every arrow of the diagram above.
var moves = map[Standing][]Standing{Asked: {Granted, Refused, Dropped}, Lost: {Breach, NoBreach}}

// Open reports whether somebody has yet to decide.
func (s Standing) Open() bool { return len(moves[s]) > 0 }

// OfLoss reports whether it is about a lost list.
func (s Standing) OfLoss() bool { return s == Lost || s == Breach || s == NoBreach }

// Exception is one list that was to live longer than its day, or is lost.
type Exception struct {
	ID        int64
	Number    int64 // of the list
	Standing  Standing
	By        vault.PersonID // who asked, or attested the loss
	Holder    vault.PersonID // who holds the list; 0: whoever answers for it
	AskedAt   time.Time
	From      civil.Date // the last day the list had
	Until     civil.Date // the last day it is to have; zero of a loss
	DecidedBy vault.PersonID
	DecidedAt time.Time

	Words // sealed with who asked; empty where they are gone
}

// Words are what persons wrote about an exception.
type Words struct {
	Grounds string
	Answer  string // of whoever decided
}

// Exceptions are records of whoever wrote them, and go with them.
var Exceptions = record.Declare(record.Kind[Words]{
	Number: 90, Name: "list-exception", Class: vault.Membership, Retention: "list",
	Encode: func(dst []byte, e *Words) []byte {
		w := record.Writer{Bytes: dst}
		return w.String(1, e.Grounds).String(2, e.Answer).Bytes
	},
	Decode: func(src []byte, e *Words) error {
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				e.Grounds = r.String()
			case 2:
				e.Answer = r.String()
			}
		}
		return r.Err()
	},
	Words: func(e *Words) []record.Line {
		return []record.Line{
			{Key: "extract.record.grounds", Value: e.Grounds},
			{Key: "extract.record.answer", Value: e.Answer},
		}
	},
})
