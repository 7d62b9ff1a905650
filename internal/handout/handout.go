// Package handout is how a list reaches somebody who has no access of their own: an
// officer of a body that may only requisition one (D13), and whoever the charter names
// besides, an employee, a member of parliament, a minister, an adviser (D5). Somebody
// asks, the secretariat approves or refuses with grounds, the recipient gets a mail
// with a link, and a code that comes separately. Only the code has the list made, while
// it is fetched, so that no copy waits anywhere. Recipients attest its destruction by
// the same link, without an account.
//
//	Asked ─┬─► Approved ─┬─► Fetched
//	       ├─► Refused   ├─► Withdrawn
//	       ├─► TakenBack └─► Expired
//	       └─► Lapsed
//
// What stands outside the legal body gets only members who consented to that (GDPR
// Art. 9(2)(d)); the room of consents says who.
//
// A case is a sealed record of its recipient. One who is no member is a person of
// their own here, with a key that goes when nothing of theirs is told any more. There is
// no table.
package handout

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// State is where a requisition is.
type State string

const (
	Asked     State = "asked"      // nobody has decided
	Refused   State = "refused"    //
	TakenBack State = "taken-back" // by whoever asked, before it was decided
	Lapsed    State = "lapsed"     // nobody decided in time
	Approved  State = "approved"   // can be fetched
	Withdrawn State = "withdrawn"  // by the secretariat, before it was fetched
	Expired   State = "expired"    // nobody fetched it in time
	Fetched   State = "fetched"    // the list is with the recipient, or destroyed
)

// How a requisition came.
const (
	ByPage  = "page" // the recipient wrote it, signed in
	ByPhone = "phone"
	ByMail  = "mail"
)

// Recipient is somebody who has no account (D5).
type Recipient struct {
	Name     string
	Email    string
	Function string // what they are, in words
	Lang     string
	Outside  bool // of the legal body: only members who consented are on their list
}

// Wish is what somebody asks for.
type Wish struct {
	As      string         // a post of Unit, or the charter's kind of recipient
	For     vault.PersonID // the member who holds that post; 0 where To says who it is
	To      Recipient
	Unit    unit.ID
	Purpose string
	Format  string
	Need    string     // the objective need, in words
	Until   civil.Date // when they will be done with it; zero: as long as a list may exist
	Channel string
}

// Case is one requisition from its asking on.
type Case struct {
	ID     int64
	Person vault.PersonID // the recipient
	Wish   Wish           // For is Person where they are a member, and else 0
	State  State

	AskedBy  vault.PersonID
	AskedAt  time.Time
	AnswerBy civil.Date // then it lapses

	DecidedBy vault.PersonID
	DecidedAt time.Time
	Grounds   string
	OpenUntil civil.Date // the last day on which it can be fetched

	Link     uint64 // how many links were sent; only the last opens anything
	Code     []byte // digest of the code that opens it now; nil: none
	CodeEnds time.Time
	Tries    uint64 // wrong codes since that one was given

	Lists     []int64 // that were made, almost always one
	FetchedAt time.Time

	EndedBy vault.PersonID // who took it back or withdrew it; 0 by itself
	EndedAt time.Time
	Why     string
}

// Member reports whether the recipient is a member, known by their card.
func (c *Case) Member() bool { return c.Wish.For != 0 }

// Consented reports whether only members who consented may be on the list.
func (c *Case) Consented() bool { return c.Wish.To.Outside }

// How often and how long. The charter does not speak of these: they are what a code
// is worth, as at the door.
const (
	codeDigits = 6
	CodeLife   = 15 * time.Minute
	codeTries  = 5
	// A download that broke off may be repeated so long after the first, with a new
	// code: the second list has its own number, and both are attested together.
	repeatFor = time.Hour
	mostLists = 3
)
