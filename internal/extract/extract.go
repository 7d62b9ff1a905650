// Package extract is the life of a member list: wished for with a purpose,
// pulled, in somebody's hands until a day, destroyed, attested (D2, D12, L8).
// A list carries its purpose's fields and no others; pulling one is journaled
// with everybody on it and opens a duty to destroy it. The package reaches
// members only through the directory, with a Scope.
//
//	            Pull                attest both
//	(wished) ──────────▶ out ─────────────────────▶ destroyed
//	                      │  the day passes          ▲
//	                      ▼                          │
//	                   overdue ──────────────────────┤
//	                                                 ▼
//	        out or overdue, and nobody has it:      lost
package extract

import (
	"io"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Wish is what somebody wants a list for.
type Wish struct {
	Unit      unit.ID    // 0: the body of one's own post, or the whole register for staff
	Purpose   string     // the charter's code; required, since purpose comes first
	Format    Format     // what kind of file
	Lang      string     // the language of headings and words
	DestroyBy civil.Date // zero: the latest day the purpose allows
	Per       Per        // what stands on a line, a label or an envelope
	Sheet     string     // of labels and envelopes, by its code; "" is the commonest
	Start     int        // of labels: the first that is still on the sheet; 0 is 1
	Beside    *Beside    // only some of them, with what another room knows of each; nil: all
}

// Beside narrows a list to some of those it would hold, and adds columns that the
// room which asks for it fills. They leave with the list and count as its own.
type Beside struct {
	Among   *roaring.Bitmap
	Columns []document.Column
	Cells   func(person vault.PersonID) []string // one for each column

	// Covered, where it is given, leaves a field of somebody empty that they do not let
	// others see (N11).
	Covered func(person vault.PersonID, field string) bool

	// Printed, where it is given, begins the paper of a PDF in the asking room's own
	// form; it says the list's number, recipient and last day on every page.
	Printed func(w io.Writer, l *List, recipient string) document.Writer
}

// Slip says what a list would be, before anything leaves.
type Slip struct {
	Purpose  *charter.Purpose
	Fields   []*charter.Field // on the list
	Left     []*charter.Field // not on it, though the register has them
	Members  int              // on the list
	Within   int              // within reach, the left out ones included
	Objected int              // left out because they object to the purpose
	Stopped  int              // left out because their data are restricted
	LeftOut  int              // left out because the charter leaves their category out
	Covered  int              // on the list with their address covered
	Late     []int64          // lists past their day that keep one from this one (D12)

	Formats    []Format   // in which such a list is of use
	Households bool       // whether it can have one line for each household
	Latest     civil.Date // the last day the list may exist
}

// List is a pulled list as the register knows it.
type List struct {
	Number    int64 // what the list is called, everywhere
	Entry     int64 // the journal's entry; it holds who is on the list
	Unit      unit.ID
	Purpose   string
	Format    Format
	Recipient vault.PersonID
	Post      string // the post or position it was pulled under
	Members   int
	Fields    []string
	Per       Per
	Sheet     string // of labels and envelopes
	Outcome   Outcome
	PulledAt  time.Time
	DestroyBy civil.Date

	DigitalAt  time.Time // when the file's destruction was attested; zero while open
	PhysicalAt time.Time // the same for paper
	AttestedBy vault.PersonID
	LostAt     time.Time // when the recipient attested that it is lost; zero while it is not

	Passes []Part // who took it over; pass.go
	Mine   *Part  // what its reader must attest; set where one asks for one's own
}

// Outcome is what became of a list's file, in numbers: what only its writing
// could tell.
type Outcome struct {
	Written  int   // lines, contacts, labels or envelopes; -1 while the file is not, or not wholly, written
	Cramped  []int // labels or envelopes, from 1, whose address did not fit and ends in "…"
	Missing  int   // letters of the alphabet that the paper does not have
	Covered  int   // members without a label: their address is secret
	Returned int   // members without a label: letters to them come back
	Nowhere  int   // members without a label: the register has no address of theirs
}

// Unposted is how many members got no label or envelope.
func (o *Outcome) Unposted() int { return o.Covered + o.Returned + o.Nowhere }

// Medium is what a list exists on; destruction is attested for each.
type Medium string

const (
	Digital  Medium = "digital"
	Physical Medium = "physical"
)

// State is where a list is in its life.
type State string

const (
	Out       State = "out"
	Overdue   State = "overdue"
	Destroyed State = "destroyed"
	Strayed   State = "lost" // attested lost: nothing is left to attest, and nothing is destroyed
)
