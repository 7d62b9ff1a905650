// Package grant is the procedure of documented access (D9): an officer of a body
// proposes a named person with a delimited task that needs member data, the body
// decides at a meeting, somebody else enters what it decided, and the grounds stay as
// a document of the body. Nothing is approved by default: what nobody decides lapses.
// Room access holds what the decision gives, and ends it on its day.
//
// A case is a sealed record of the person it is about and goes with them; there is no
// table of cases.
package grant

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// State is where a case is.
//
//	Proposed ─┬─► Approved ──► Withdrawn
//	          ├─► Refused
//	          ├─► TakenBack
//	          └─► Lapsed
//
// An approved access ends by itself on its last day: no state is written for that, so
// nothing has to run for it to end.
type State string

const (
	Proposed  State = "proposed"   // the body has not decided
	Approved  State = "approved"   // gives access between its dates
	Refused   State = "refused"    //
	TakenBack State = "taken-back" // before anything was decided
	Lapsed    State = "lapsed"     // nobody decided in time
	Withdrawn State = "withdrawn"  // ended before its last day
)

// Standing is a state as it is on a day; words under grant.standing.
type Standing string

const (
	Waiting Standing = "waiting"
	Coming  Standing = "coming" // decided, and begins later
	InForce Standing = "in-force"
	Over    Standing = "over" // the last day has passed
)

// Wish is what an officer proposes.
type Wish struct {
	Person   vault.PersonID
	Unit     unit.ID
	Task     string // the delimited task
	Ground   string // why it necessarily needs member data
	Purposes []string
	Fields   []string
	From     civil.Date
	Until    civil.Date
	Renews   int64 // the case whose access goes on; 0 for none
}

// Decision is what the body decided, entered by somebody who may (who decided, when,
// where it is written).
type Decision struct {
	Approve bool
	Meeting string     // charter.ByBoard …
	Met     civil.Date // the day of the meeting
	Minutes string     // where it stands in the minutes
	Reason  string     // the body's own assessment
	Apart   bool       // whoever it is about took no part
}

// Case is one proposed access from its proposal on.
type Case struct {
	ID     int64
	Person vault.PersonID
	Wish   Wish // without the person
	State  State

	ProposedBy vault.PersonID
	ProposedAt time.Time
	AnswerBy   civil.Date // then it lapses

	Decision  Decision
	DecidedBy vault.PersonID // who entered it
	DecidedAt time.Time
	Holding   uint64 // of room access; 0 while nothing was approved

	EndedBy vault.PersonID // 0 by itself
	EndedAt time.Time
	Why     string // of a withdrawal
}

// StandingOn says how a case stands on a day.
func (c *Case) StandingOn(today civil.Date) Standing {
	switch {
	case c.State == Proposed:
		return Waiting
	case c.State != Approved:
		return Standing(c.State)
	case today.Before(c.Wish.From):
		return Coming
	case today.After(c.Wish.Until):
		return Over
	}
	return InForce
}

// granted is what the case gives, as room access keeps it.
func (c *Case) granted() access.Grant {
	w := &c.Wish
	return access.Grant{
		Unit: w.Unit, Case: c.ID, Task: w.Task, Ground: w.Ground, Purposes: w.Purposes, Fields: w.Fields, From: w.From, Until: w.Until,
	}
}
