// Package letter is the print queue: what the house writes to somebody without
// e-mail waits here until it is printed and posted, so that nobody is told less
// for having no mailbox.
//
// A letter is sealed under a one-off key with an end, as a mail is. It holds its
// text and neither name nor address: those are read when it is printed, so that
// it goes where the person lives by then. Only the secretariat prints, since the
// letters are the house's and a closing or a certificate is seen by nobody else;
// it posts to secret addresses, which stand on the paper and on no page (L8).
// Reading, printing and posting are journaled.
//
//	           Post                 Return
//	waiting ──────────▶ posted ──────────────▶ returned
//	   │  ▲                │                      │
//	   │  └──── Again ─────┴────────── Again ─────┘
//	   ├── Drop ──▶ dropped
//	   └── its end ──▶ ended
package letter

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/vault"
)

// Draft is a letter to be written.
type Draft struct {
	Person  vault.PersonID
	With    []vault.PersonID // the others of a household whom it is to, as long as they live there
	Subject string
	Body    string // plain text; an empty line parts paragraphs
	Lang    string // of the text
	Kind    string // which letter it is: "departure.closed"
	// Holds is for a letter that an erasure waits for, a day at most: it is
	// printed before the address goes.
	Holds bool
	// Soon is for a letter that is of no use some days later: it is posted by the
	// next day.
	Soon bool
}

// State is where a letter is in its life.
type State string

const (
	Waiting  State = "waiting"
	Posted   State = "posted"
	Returned State = "returned"
	Dropped  State = "dropped" // told in another way, or not any more
	Ended    State = "ended"   // nobody posted it in time
)

// Letter is a letter as the register keeps it.
type Letter struct {
	ID      int64 // stands on the paper too
	Person  vault.PersonID
	Holds   bool
	Written time.Time
	DueOn   civil.Date // the day by which it should be posted
	Printed time.Time  // when it was printed last; zero for never
	State   State
	Since   time.Time // when it came into the state
	Ends    time.Time // then its text is gone

	Subject, Body, Lang, Kind string // "" once the text is gone
	With                      []vault.PersonID

	key    int64
	sealed []byte
}

// Line is a letter with whom it is to, as the queue shows it.
type Line struct {
	Letter
	Name    string // "" for somebody who is gone
	Trouble Trouble
}

// Trouble is why a letter cannot be posted as it is.
type Trouble string

const (
	Nowhere Trouble = "nowhere" // the register has no address
	Back    Trouble = "back"    // the last letter there came back
)

// Queue is a page of letters with how many there are.
type Queue struct {
	Waiting  int // in all
	Printed  int // of these
	Late     int // of these, past their day
	Recent   int // posted, returned or ended
	Lines    []Line
	DueFirst civil.Date // the nearest day of those that wait; zero for none
}

// Paper is what letters are printed as.
type Paper string

const (
	Letters Paper = "letters" // the letters themselves, for envelopes with a window
	Labels  Paper = "labels"  // their addresses on a sheet of labels
)

// Wish is what somebody wants printed.
type Wish struct {
	IDs   []int64 // none: all that wait and can be posted
	Paper Paper
	Sheet string // of labels; "" is the commonest
	Start int    // of labels: the first on the sheet; 0 is 1
	Lang  string // of the remarks for whoever posts
}

// AtOnce is how many letters are printed at a time.
const AtOnce = 200
