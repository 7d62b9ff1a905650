// Package audit is the yearly audit between each body with members and whoever keeps
// the register (N13): the body confirms its roll, one member at a time; heads are agreed
// for each cut-off date; a few questions on security are answered, or filled in where
// the register knows; both sides confirm, and a signed report says what was found in
// counts and case numbers. A difference becomes a case with somebody responsible and a
// day; a body can tell of a change at any other time of the year too.
//
//	a body's part    open ──► said ──► done
//	                  ▲ taken back │     ▲
//	                  └────────────┘     │ closed without the body's word, once its days are over
//	                 open ───────────────┘
//
//	a case           open ◄──► settled   with an outcome; most can be taken up again
//
// What confirming did is undone when it is taken back: resignations it passed on are taken
// back where they still wait, and their cases are open again. A part that both sides have
// confirmed is not opened again: its report is signed. What changes then is a case.
//
// Whom the roll names is fixed when the audit opens, sealed under a key that ends with
// it. An answer is a sealed record of the member, so erasing takes it; what was counted
// stays, since it is about nobody. What nobody confirms is a finding and never takes
// anybody off the roll.
package audit

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Audit is one year's.
type Audit struct {
	ID       int64
	Day      civil.Date // the charter's day it is for, or the one it was opened on by hand
	OpenedAt time.Time
	OpenedBy vault.PersonID // 0 by itself
	AnswerBy civil.Date
	Last     int64 // the one before it; 0 for none
	ClosedAt time.Time

	key int64 // seals the rolls
}

// Closed reports whether every body's part is done.
func (a *Audit) Closed() bool { return !a.ClosedAt.IsZero() }

// Standing is how a body's part stands; words under audit.standing.<standing>.
type Standing string

const (
	Open Standing = "open" // the body answers
	Said Standing = "said" // it has confirmed; the register's side looks
	Done Standing = "done" // both have, or the register's side alone once the days were over
)

// State is how a member on the roll was answered for; words under audit.state.<state>.
type State uint8

const (
	Waiting State = iota // nobody has said anything yet
	Here                 // is a member, and what is recorded is right
	Left                 // is a member no more
	Wrong                // something recorded is wrong
	Gone                 // left the roll by another door meanwhile
	Silent               // nobody confirmed in time: a finding, and no more
)

// codes are the states in forms and messages.
var codes = [...]string{"waiting", "here", "left", "wrong", "gone", "silent"}

// States are all of them, in the order they are told in.
var States = []State{Here, Wrong, Left, Gone, Waiting, Silent}

// Code is the state's word in forms and message keys.
func (s State) Code() string {
	if int(s) < len(codes) {
		return codes[s]
	}
	return "unknown"
}

// ParseState gives the state somebody can answer with.
func ParseState(code string) (State, bool) {
	for _, s := range []State{Here, Left, Wrong} {
		if s.Code() == code {
			return s, true
		}
	}
	return 0, false
}

// Counts are how many members of a roll are in each state; together they are the roll.
type Counts [Silent + 1]int

// Members is how many stand on the roll.
func (c *Counts) Members() (n int) {
	for _, in := range c {
		n += in
	}
	return n
}

// Answered is how many somebody has answered for, or who left meanwhile.
func (c *Counts) Answered() int { return c.Members() - c[Waiting] - c[Silent] }

// Part is a body's part of an audit. It names nobody.
type Part struct {
	Audit    int64
	Unit     unit.ID
	Standing Standing
	Counts   Counts
	SaidAt   time.Time
	SaidBy   vault.PersonID
	SaidAs   string // the post
	DoneAt   time.Time
	DoneBy   vault.PersonID
	DoneAs   string
	Contents []byte // of the report, fixed when it was done

	roll []byte
}

// Head is what was counted in a body on a cut-off date, by the room that settles for it,
// and what the body says of it.
type Head struct {
	CutOff  civil.Date
	Members int
	Paying  int
	Counted bool // somebody was there to count on that day
	Answer  Verdict
	Case    int64 // where it is disputed
}

// Verdict is what a body says of a head-count; words under audit.verdict.<verdict>.
type Verdict string

const (
	Unsaid   Verdict = ""
	Agreed   Verdict = "agreed"
	Disputed Verdict = "disputed"
)

// Fact is what the register knows of a question.
type Fact struct {
	Known bool
	Holds bool
	Count int    // of what stands in the way, or is on record, where it can be counted
	Where int64  // the review's number
	Lacks string // what stands in the way; words under audit.lacks.<code>
}

// Check is a question on security and its answer.
type Check struct {
	Code   string
	Fact   Fact   // Known: filled in, and nothing else can be said
	Answer string // Yes, No; "" where nobody has answered
}

// Answers to a question.
const (
	Yes = "yes"
	No  = "no"
)

// What a change is about; words under audit.what.<what>.
const (
	Field   = "field"  // something recorded is wrong or has changed
	Leaving = "left"   // a member has left
	Joining = "joined" // somebody is a member and not on the roll
	Office  = "post"   // another holds a post
	Count   = "heads"  // a head-count is disputed
)

// Whats are the changes a body can tell of, in the order they are offered.
var Whats = []string{Field, Leaving, Joining, Office}

// Outcomes of a case; words under audit.outcome.<outcome>.
const (
	Applied   = "applied"   // the register has it now
	PassedOn  = "passed_on" // the resignation was passed on (D6)
	Closed    = "closed"    // the membership is closed
	Appointed = "appointed"
	Added     = "added"   // registered
	AtDoor    = "at_door" // taken in where additions wait (D11)
	Upheld    = "upheld"  // the count stands
	Corrected = "corrected"
	Refused   = "refused"
	Withdrawn = "withdrawn"
	Vanished  = "gone" // whoever it was about is gone
)

// Case is a difference with somebody responsible. What it says of a member is sealed
// under their key.
type Case struct {
	ID        int64
	Audit     int64 // 0: told of at another time
	Unit      unit.ID
	What      string
	OpenedAt  time.Time
	OpenedBy  vault.PersonID
	DueOn     civil.Date
	SettledAt time.Time
	SettledBy vault.PersonID
	Outcome   string
	Day       civil.Date // of a head-count: the cut-off

	Person vault.PersonID // 0 where nobody is on record
	Told   *Told
}

// Settled reports whether it has come to its end.
func (c *Case) Settled() bool { return c.Outcome != "" }

// Told is what somebody said of a member. It is a record of that member.
type Told struct {
	Case   int64
	Audit  int64
	Unit   unit.ID
	What   string
	Values map[string]string // of fields, as they should be
	Post   string
	On     civil.Date // from when, or the day of leaving
	Note   string
	By     vault.PersonID
	At     time.Time
	Heard  string // how it came to whoever keeps the register, one of Ways; "" told by the body
	Passed string // the receipt of the resignation it was passed on by
}

// Ways are how something comes to whoever keeps the register; words under
// departure.how.<way>.
var Ways = []string{"phone", "email", "letter", "meeting"}

// Answer is what somebody said of a member on a roll. It is a record of that member.
type Answer struct {
	Audit int64
	Unit  unit.ID
	To    State
	By    vault.PersonID
	At    time.Time
	Case  int64
}

// Remark is what an officer wrote: grounds of a dispute, a word to an answer, a reason.
// It is a record of the officer.
type Remark struct {
	Audit int64
	Unit  unit.ID
	Case  int64
	About string // a cut-off date or a question's code; "" of a case or the whole
	Text  string
	At    time.Time
}
