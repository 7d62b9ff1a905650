package departure

import (
	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Many memberships can be closed in one go: for non-payment, or from a file. Who they
// are, why, which posts and lists they hold, and who cannot be closed is shown before
// anything happens. More than the charter lets one person close at once wait for a
// second (D6, D7). Each is then a closing like any other, and while their windows are
// open all of them can be undone together.
//
//	            Approve                all are closed
//	proposed ─────────────▶ running ───────────────────▶ done
//	   │  └─────▶ refused, lapsed          (few at once begin here)

// BatchState is where a closing of many is.
type BatchState string

// The states there are.
const (
	BatchProposed BatchState = "proposed"
	BatchRunning  BatchState = "running"
	BatchDone     BatchState = "done"
	BatchRefused  BatchState = "refused"
	BatchLapsed   BatchState = "lapsed"
)

// batchMoves is every arrow of the diagram.
var batchMoves = map[BatchState][]BatchState{
	BatchProposed: {BatchRunning, BatchRefused, BatchLapsed}, BatchRunning: {BatchDone},
}

// Batch is a closing of many. It is a record of whoever proposed it. Whom it is about
// stands in it only until they are closed; afterwards it is numbers.
type Batch struct {
	ID        uint64
	State     BatchState
	By        vault.PersonID
	Unit      unit.ID // of the post it was proposed under; 0: of the secretariat
	On        civil.Date
	Reason    string
	PassLists bool
	Second    vault.PersonID
	DecidedOn civil.Date

	Persons []vault.PersonID // still to be closed
	Total   int
	Closed  int
	Refused int // could not be closed when it ran
}

// Batches are records of whoever proposed them, and go with them.
var Batches = record.Declare(record.Kind[Batch]{
	Number: 91, Name: "closing-batch", Class: vault.Membership, Retention: "closing-batch",
	Encode: func(dst []byte, b *Batch) []byte {
		w := record.Writer{Bytes: dst}
		w.String(1, string(b.State)).Uint(2, uint64(b.Unit)).Date(3, b.On).String(4, b.Reason).Bool(5, b.PassLists)
		w.Uint(6, uint64(b.Second)).Date(7, b.DecidedOn).Uint(8, uint64(b.Total)).Uint(9, uint64(b.Closed)).Uint(10, uint64(b.Refused))
		var ids record.Writer
		for _, person := range b.Persons {
			ids.Uint(1, uint64(person))
		}
		return w.Blob(11, ids.Bytes).Bytes
	},
	Decode: func(src []byte, b *Batch) error {
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				b.State = BatchState(r.String())
			case 2:
				b.Unit = unit.ID(r.Uint())
			case 3:
				b.On = r.Date()
			case 4:
				b.Reason = r.String()
			case 5:
				b.PassLists = r.Bool()
			case 6:
				b.Second = vault.PersonID(r.Uint())
			case 7:
				b.DecidedOn = r.Date()
			case 8:
				b.Total = int(r.Uint())
			case 9:
				b.Closed = int(r.Uint())
			case 10:
				b.Refused = int(r.Uint())
			case 11:
				ids := record.NewReader(r.Blob())
				for ids.Next() {
					if ids.Field() == 1 {
						b.Persons = append(b.Persons, vault.PersonID(ids.Uint()))
					}
				}
				if err := ids.Err(); err != nil {
					return err
				}
			}
		}
		return r.Err()
	},
	Words: func(b *Batch) []record.Line {
		return []record.Line{
			{Key: "departure.record.batch_state", ValueKey: "departure.batch." + string(b.State)},
			{Key: "departure.record.batch_on", Value: b.On.String()},
		}
	},
})

// Listed is one of those a closing of many is about, before it begins.
type Listed struct {
	Row     int    // of the file, or place among the numbers, from 1
	Number  string // as it was given
	Person  vault.PersonID
	Refused string // message key of why not; "" for whoever can be closed
	Posts   int    // they hold
	Lists   []Held // they hold, not attested
}

// Preview is a closing of many before it begins.
type Preview struct {
	Lines   []Listed
	Going   int  // can be closed
	Refused int  // cannot
	Holding int  // of those going, who hold lists that pass on
	Posts   int  // of those going, who hold posts
	Within  int  // members within reach
	Second  bool // a second person is asked
}
