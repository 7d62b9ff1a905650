// Package passing passes members' data on to bodies outside that the charter declares:
// an international one, for instance (N12). Only declared fields leave, and only of
// persons for whom the recipient's ground stands when they leave (GDPR Chapter V). What
// goes is what has changed since it was last acknowledged; of what somebody outside has
// got, the register keeps keyed prints, sealed with the person, and nothing to read.
// Whoever leaves, withdraws, objects, is restricted or gets a secret address is told of
// by a reference that names nobody, until the recipient confirms (Art. 19, L3).
//
// A run becomes batches, and a batch goes to its end in order:
//
//	            attempt              answer, or a receipt
//	(ready) ───────────────▶ sent ────────────────────────▶ acknowledged
//	   │  ▲                   │
//	   └──┘ again, later      │ nobody answers: a duty
//	   └──────▶ failed ◀──────┘ given up: what was in it goes again
package passing

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// State is how somebody stands with a recipient.
type State string

const (
	Standing   State = "standing"   // the recipient has their data, or they are on their way
	Restricted State = "restricted" // it was told to keep and not to use them
	Removing   State = "removing"   // it was told to delete them and has not confirmed
	Removed    State = "removed"    // it has confirmed
)

// States lists every one.
var States = []State{Standing, Restricted, Removing, Removed}

// Event is what a line of a batch asks the recipient to do. Join and change bring the
// whole entry as it is, so a recipient that meets either twice does no harm.
type Event string

const (
	Join     Event = "join"
	Change   Event = "change"
	Leave    Event = "leave"    // delete everything under the reference
	Restrict Event = "restrict" // keep it and do not use it (Art. 18); a later change lifts that
	Withhold Event = "withhold" // delete the named fields
)

// Why somebody's data are taken back or held. It is for the association's own pages; the
// recipient is told only what to do.
type Why string

const (
	Gone       Why = "gone"       // no member any more
	Erased     Why = "erased"     // and erased here too
	NoConsent  Why = "consent"    // refused or withdrawn
	Objects    Why = "objects"    // Art. 21
	IsStopped  Why = "restricted" // Art. 18
	IsCovered  Why = "secret"     // a secret address
	LeftOut    Why = "category"   // of a kind of membership that is not passed on
	Ended      Why = "ended"      // the passing on has ended
	Undeclared Why = "undeclared" // the field is not declared any more
)

// Whys lists every reason there is.
var Whys = []Why{Gone, Erased, NoConsent, Objects, IsStopped, IsCovered, LeftOut, Ended, Undeclared}

// Print is a keyed hash of one field's value: it shows that a value has changed and
// nothing of what it is. The zero Print is of a value nobody here knows the recipient
// to have: it differs from all.
type Print [8]byte

// Prints are the prints of what somebody is passed on with, by field. An empty value
// has none.
type Prints map[string]Print

// Passed is what a recipient got of somebody. It is the person's record; its id is the
// recipient's number.
type Passed struct {
	Recipient string // as it was called
	Country   string
	Reference string // by which the recipient knows the person
	State     State
	Numbers   bool // the number and the body only
	Since     time.Time
	Last      time.Time
	Answered  time.Time // when it last acknowledged
	Known     Prints    // as last acknowledged
	Sent      Prints    // on its way
	Batch     int64     // in which; 0 for none
	Fields    []string  // what the recipient has, or may have
}

// Passes are records of whoever was passed on: they go with the person.
var Passes = record.Declare(record.Kind[Passed]{
	Number: 117, Name: "passed-on", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, p *Passed) []byte {
		w := record.Writer{Bytes: dst}
		w = *w.String(1, p.Recipient).String(2, p.Country).String(3, p.Reference).String(4, string(p.State)).Bool(5, p.Numbers)
		w = *w.Uint(6, micros(p.Since)).Uint(7, micros(p.Last)).Uint(8, micros(p.Answered)).Blob(9, p.Known.pack()).Blob(10, p.Sent.pack())
		return w.Uint(11, uint64(p.Batch)).String(12, joined(p.Fields)).Bytes
	},
	Decode: func(src []byte, p *Passed) error {
		*p = Passed{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				p.Recipient = r.String()
			case 2:
				p.Country = r.String()
			case 3:
				p.Reference = r.String()
			case 4:
				p.State = State(r.String())
			case 5:
				p.Numbers = r.Bool()
			case 6:
				p.Since = moment(r.Uint())
			case 7:
				p.Last = moment(r.Uint())
			case 8:
				p.Answered = moment(r.Uint())
			case 9:
				p.Known = unpack(r.Blob())
			case 10:
				p.Sent = unpack(r.Blob())
			case 11:
				p.Batch = int64(r.Uint())
			case 12:
				p.Fields = split(r.String())
			}
		}
		return r.Err()
	},
	Words: func(p *Passed) []record.Line {
		lines := []record.Line{
			{Key: "passing.record.recipient", Value: p.Recipient + " (" + p.Country + ")"},
			{Key: "passing.record.state", ValueKey: "passing.state." + string(p.State)},
			{Key: "passing.record.reference", Value: p.Reference},
			{Key: "passing.record.since", Value: p.Since.Format(time.DateOnly)},
			{Key: "passing.record.last", Value: p.Last.Format(time.DateOnly)},
		}
		if len(p.Fields) > 0 {
			lines = append(lines, record.Line{Key: "passing.record.fields", Value: joined(p.Fields)})
		}
		return lines
	},
})

// Recipient is a declared recipient and how passing on to it stands.
type Recipient struct {
	ID        int64
	Code      string
	State     Course
	By        vault.PersonID // by whose right it goes by itself
	Changed   time.Time
	RanAt     time.Time // the last run
	NextAt    time.Time // when the next is due by its cadence; zero while it is not running
	Webhook   string    // the host; "" while it goes as files
	Gone      bool      // its address says that it is no more; that is why it is paused
	Standing  int       // persons it has
	Unsettled int       // batches that are not acknowledged
	Waiting   int       // references to delete that are in no batch yet
}

// Course is how passing on to a recipient goes on.
type Course string

const (
	Fresh   Course = "fresh" // nothing was ever passed on
	Running Course = "running"
	Paused  Course = "paused" // nothing new; what is to be deleted is told all the same
	Stopped Course = "stopped"
)

// Kind is what a run was made for.
type Kind string

const (
	First    Kind = "first"
	Regular  Kind = "regular"
	Removals Kind = "removals" // by itself, since something must not wait
	Closing  Kind = "closing"  // the passing on was stopped
)

// RunState is where a run is.
type RunState string

const (
	Making  RunState = "making"
	Braked  RunState = "braked" // too many at once: a second person is asked
	Out     RunState = "out"
	Refused RunState = "refused"
)

// Run is one look at what has changed.
type Run struct {
	ID        int64
	Recipient int64
	Kind      Kind
	State     RunState
	By        vault.PersonID // 0: by itself
	At        time.Time
	Second    vault.PersonID // who let a braked one go
	Counts    Counts
}

// Counts are how many lines a run has, and how many are left out and why.
type Counts struct {
	Joins, Changes, Leaves, Restricts, Withholds int
	Unchanged                                    int
	OnWay                                        int // whose last batch is not acknowledged
	NoConsent, Objecting, Stopped, LeftOut       int // left out
	Covered                                      int // passed on without their address
	Numbers                                      int // with number and body only
}

// Lines is how many lines the recipient gets.
func (c *Counts) Lines() int { return c.Joins + c.Changes + c.Leaves + c.Restricts + c.Withholds }

// Removed is how many are taken back or held.
func (c *Counts) Removed() int { return c.Leaves + c.Restricts + c.Withholds }

// Way is how a batch reaches the recipient.
type Way string

const (
	ByFile    Way = "csv"
	ByWebhook Way = "webhook"
)

// BatchState is where a batch is.
type BatchState string

const (
	Ready        BatchState = "ready" // to be sent, or to be downloaded
	Sent         BatchState = "sent"  // and not acknowledged
	Acknowledged BatchState = "acknowledged"
	Failed       BatchState = "failed"
)

// ProblemGone is the problem of a batch whose recipient says its address is no more.
const ProblemGone = "gone"

// Problems lists what can have kept a batch from arriving: no connection, an answer
// that is an error, an address that cannot be one, an address that is no more.
var Problems = []string{"network", "status", "address", ProblemGone}

// Batch is one message to a recipient.
type Batch struct {
	ID        int64
	Recipient int64
	Run       int64 // 0: of what could not wait for one
	Removal   bool  // references only
	Numbers   bool  // of those with number and body only
	Way       Way
	State     BatchState
	Lines     int
	Tries     int
	NextAt    time.Time // not tried before
	MadeAt    time.Time
	SentAt    time.Time
	DoneAt    time.Time
	DoneBy    vault.PersonID // who entered the receipt; 0: the webhook's answer
	Receipt   string         // the recipient's own mark of it
	List      int64          // the list it was downloaded as
	Problem   string         // one of Problems; "" for none

	persons *roaring.Bitmap // whose lines it has, until it is settled
}

// Line is one reference the recipient is told about, without the person's data.
type Line struct {
	ID        int64
	Recipient int64
	Batch     int64 // 0: in none yet
	Reference string
	Event     Event
	Why       Why
	Fields    []string // to be withheld
	MadeAt    time.Time
	DoneAt    time.Time

	person vault.PersonID
}

// A batch of a webhook is small enough to be read again and repeated; a file is one.
const (
	perBatch = 500
	perFile  = 200_000
)

// backoff is how long after each attempt the next is made; after the last the batch has
// failed. It is the course the Standard Webhooks specification proposes.
var backoff = []time.Duration{
	30 * time.Second, 5 * time.Minute, 30 * time.Minute, 2 * time.Hour, 5 * time.Hour, 10 * time.Hour, 14 * time.Hour, 20 * time.Hour,
}
