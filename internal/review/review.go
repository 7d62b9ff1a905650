// Package review is the control of access that the charter calls for (D14, N13): on
// its day every access is written down with its evidence, frozen; each is confirmed or
// ended with a reason by somebody other than its holder; what nobody answers is
// suspended and then ends; and a signed report says what was found.
//
//	open ─┬─► confirmed          somebody answers; undone until the review is closed
//	      ├─► ended
//	      ├─► lapsed             it ended by itself meanwhile, or its holder is gone
//	      ├─► suspended ─┬─► confirmed, ended, lapsed
//	      │              └─► expired     still no answer: it ended
//	      └─► kept               nobody else could answer and without it nobody could act
//
// Of a line the register keeps role, body and state in clear. Whose it is, the evidence
// and the answer are sealed records of the holder, so whoever is erased goes out of
// every review, and their line stays as role and body.
package review

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// State is how a line is answered; its words are review.state.<state>.
type State string

const (
	Open      State = "open"
	Confirmed State = "confirmed"
	Ended     State = "ended"
	Lapsed    State = "lapsed"
	Suspended State = "suspended"
	Expired   State = "expired"
	Kept      State = "kept"
)

// Settled reports whether nobody is asked any more.
func (s State) Settled() bool { return s != Open && s != Suspended }

// Review is one control.
type Review struct {
	ID        int64
	Scheduled civil.Date // the charter's day; zero where somebody opened it by hand
	OpenedAt  time.Time
	OpenedBy  vault.PersonID // 0 by itself
	Since     civil.Date     // the first day of the period it looks at
	AnswerBy  civil.Date
	SuspendOn civil.Date // from this day what nobody answered is suspended
	EndsOn    civil.Date // by when it is closed
	WarnedOn  civil.Date // when holders and bodies were told what comes
	ClosedAt  time.Time
	ClosedBy  vault.PersonID
	Hash      []byte // of the report's contents, as they were when it was closed
}

// Closed reports whether it is over.
func (r *Review) Closed() bool { return !r.ClosedAt.IsZero() }

// Line is one access in a review.
type Line struct {
	ID     int64
	Review int64
	Unit   unit.ID // 0 of a position
	Right  access.Right
	Code   string
	State  State
	At     time.Time // when it came to its state

	Person   vault.PersonID // 0 where the holder is erased: role and body are left
	Evidence *Evidence
	Answer   *Answer
}

// Basis is the right the line is about.
func (l *Line) Basis() access.Basis {
	b := access.Basis{Right: l.Right, Code: l.Code, Unit: l.Unit}
	if l.Evidence != nil {
		b.ID, b.From, b.Until = l.Evidence.Holding, l.Evidence.From, l.Evidence.Until
	}
	return b
}

// Findings are what was found; none where the holder is erased.
func (l *Line) Findings() []Finding {
	if l.Evidence == nil {
		return nil
	}
	return l.Evidence.Findings
}

// Evidence is what stood when the review opened. It never changes.
type Evidence struct {
	Review int64
	Line   int64 // 0: somebody who opened, closed or answered, and has no line
	Name   string
	Salt   []byte // makes the report's hash say nothing of whoever is erased

	Holding  uint64
	From     civil.Date
	Until    civil.Date
	Ground   string
	By       vault.PersonID // who gave it; 0 where nobody is known
	Case     int64          // the document of a documented access (D9)
	May      charter.Acts
	Rests    bool
	SignedIn civil.Date // last; zero for none known
	Used     civil.Date // last use of this very right
	Known    civil.Date // the first day of which the journal can tell
	Factors  []string   // kinds of second factor: passkey, app
	Lists    Tally
	Seats    int // that the charter gives; of a post
	Taken    int
	Members  int // of the body
	Others   int // further accesses of the same person
	Findings []Finding

	Note string // of whoever opened it by hand, why; of whoever closed it, what they say of it
}

// Tally is what became of the lists somebody pulled under a right.
type Tally struct {
	Pulled, Destroyed   int // in the period
	Open, Overdue, Kept int // when the review opened; Kept: with an exception
}

// Why says what was found; words under review.finding.<why> and review.remedy.<why>.
// Those of room access are told in its own words.
type Why string

const (
	PastTerm  Why = "past_term"  // a post held longer than its term
	LongCover Why = "long_cover" // a cover longer than the charter allows
	Idle      Why = "idle"       // nobody has signed in for the charter's months
	Unused    Why = "unused"     // a documented access nobody used: has its task ended?
	Renewed   Why = "renewed"    // a documented access renewed again and again
	NoFactor  Why = "no_factor"  // no second factor
	Overdue   Why = "overdue"    // lists past their day
	Exception Why = "exception"  // lists kept with an exception
	Several   Why = "several"    // the person holds other accesses too
	OwnHand   Why = "own_hand"   // given by the holder
)

// Finding is one thing found about an access.
type Finding struct {
	Why   Why
	Count int // months, lists, times, accesses: what the words name
	Seats int
	Taken int
	Size  int   // members
	Limit int   // the charter's
	First int64 // the review in which it was found first; this one's number where it is new
}

// Answer is what somebody said of a line.
type Answer struct {
	Review int64
	Line   int64
	To     State
	Reason string
	By     vault.PersonID // 0: by itself
	ByCode string         // the post or position it was answered under
	ByUnit unit.ID
	At     time.Time
	Until  civil.Date // of what was ended: the last day it had
}

// Numbers are counts of a review by body; body 0 holds those of the whole.
type Numbers map[unit.ID]map[string]int

// What is counted by body.
const (
	CountAccess    = "access"
	CountPulled    = "lists_pulled"
	CountDestroyed = "lists_destroyed"
	CountOpen      = "lists_open"
	CountOverdue   = "lists_overdue"
	CountHandouts  = "handouts"
	CountFactor    = "with_factor"
	CountFound     = "with_findings"

	FoundPrefix = "finding:" // and the Why
	GonePrefix  = "gone:"    // found by the review before, and no more
	countWas    = "was:"     // and what the review before counted
	countLast   = "last"     // the number of that review
)

// Counts are what is counted of the whole, in the order it is told in.
var Counts = []string{CountAccess, CountFactor, CountFound, CountPulled, CountDestroyed, CountOpen, CountOverdue, CountHandouts}
