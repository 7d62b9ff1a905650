// Package mailing is writing to members without handing anybody a list (L8, D13): a
// body writes, whoever the charter names approves, and the house sends, person by
// person. Nobody gets the addresses: neither who writes, who sees numbers, nor who
// approves.
//
// Who is written to is settled when sending begins and journaled with all of them.
// Sending then works in small parts, each one transaction: mails and letters of the
// part, a sealed record of each of those who get one, and what is left to do. A stop
// at any moment leaves a part sent or unsent, never twice. Whoever left, objects or is
// restricted meanwhile is passed over.
//
//	                    ┌────────── the right of who approved ended ──────────┐
//	                    ▼                                                     │
//	draft ──Submit──▶ submitted ──Approve──▶ approved ──its time──▶ sending ──┴──▶ sent
//	  ▲                 │  │                    │                     │
//	  ├──── TakeBack ───┘  └─Refuse─▶ refused   └─────── Stop ────────┴──▶ stopped
//	  └────────────────── Write ─────────┘
//
// A draft may also be dropped, which leaves nothing.
package mailing

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// State is where a mailing is in its life.
type State string

const (
	Drafted   State = "draft"
	Submitted State = "submitted" // waits for whoever approves
	Refused   State = "refused"
	Approved  State = "approved" // waits for its time
	Sending   State = "sending"
	Sent      State = "sent"    // everybody's is with the mail server or in the print queue
	Stopped   State = "stopped" // the rest is not sent
)

// Draft is what somebody writes.
type Draft struct {
	Unit       unit.ID
	Purpose    string
	Subject    string // neutral: it shows on locked screens
	Text       string // plain text; an empty line parts paragraphs
	ReplyTo    string // an address of the body; "" for none
	Lang       string // of the text; "" is the charter's own
	Letters    bool   // to whoever has no e-mail
	Households bool   // one for those of a household who share mailbox or address
	SendAt     time.Time
}

// Counts tell of a mailing in numbers, and of nobody.
type Counts struct {
	Members  int // who it was for, when sending began
	Mails    int // e-mails given to the outbox
	ByMail   int // members they reach
	Letters  int // letters given to the print queue
	ByLetter int
	Accepted int // e-mails that a mail server has taken
	Bounced  int // e-mails refused for good, or that nobody took in time
	Passed   int // who left, objected or was restricted after sending began

	Objected, Restricted, LeftOut int // who it was not for
	Covered, Returned, Nowhere    int // who could not be reached

	Unsubscribed int // members who stopped this kind of mail by its link
}

// Unreached is how many members it was for got nothing.
func (c *Counts) Unreached() int { return c.Covered + c.Returned + c.Nowhere }

// Mailing is a mailing as the register keeps it.
type Mailing struct {
	ID int64
	Draft
	State State
	Since time.Time // when it came into the state

	WrittenBy  vault.PersonID
	WrittenAt  time.Time
	ApprovedBy vault.PersonID
	ApprovedAt time.Time
	AnswerBy   civil.Date // of one that waits
	Grounds    string     // of a refusal, or why it was stopped
	BegunAt    time.Time
	EndedAt    time.Time
	Counts     Counts

	keys   keys
	entry  int64 // the journal's, which holds everybody it was for
	worked time.Time
}

// keys are the one-off keys of a mailing: of its text, and of what is left to do. The
// second changes with every part that is sent, so that an older register which is put
// back cannot send a part again.
type keys struct {
	text, run int64
	sealed    []byte // under text
	left      []byte // under run
}

// Done reports whether nothing happens to a mailing any more.
func (m *Mailing) Done() bool { return m.State == Sent || m.State == Stopped }

// Slip tells before anything is sent how members would be reached.
type Slip = member.Posting

// Sight is a mailing with what the one who looks may do with it.
type Sight struct {
	Mailing
	May   May
	Least int // fewer than so many are told as "fewer than"; 0 tells every number
}

// May is what somebody may do with a mailing as it stands.
type May struct {
	Write, Submit, TakeBack, Drop, Approve, Send, Stop bool
	Own                                                bool // it is theirs, so somebody else approves
}

// Body is one for which somebody may write.
type Body struct {
	Unit  unit.ID
	Level string
	Alone bool // their statutory notice needs nobody else
}

// Received is what a member was sent: a record of theirs, numbered as the mailing.
type Received struct {
	Unit    unit.ID
	Purpose string
	At      time.Time
	How     How
}

// How a member was reached.
type How string

const (
	ByMail   How = "mail"
	ByLetter How = "letter"
	CameBack How = "back"
)

// Got is a mailing that somebody got, as their own page tells it.
type Got struct {
	ID int64
	Received
}

// wearer is by which of their holdings somebody acts.
type wearer struct {
	access.Basis
	alone bool
}
