// Package meeting is the general meeting of a body: it is planned and called in time,
// who has a vote is worked out as the charter says, who comes is ticked off, votes are
// counted on paper and the count is entered, and the new board is handed to room access
// that very evening. How anybody voted is never known: only what was counted is
// entered. It reaches members through the directory, with a Scope for the roll.
//
//	        Plan          the notice is out        Open             Close
//	(wish) ──────▶ planned ───────────────▶ noticed ─────▶ held ─────────────▶ closed
//	                  │ └──────────────────────────────────▲ (called too late, and told so)
//	                  └───────────▶ cancelled ◀────┘
//
// Who came and who stood are sealed records of those persons and end a while after the
// meeting; the numbers stay, about nobody.
package meeting

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Kind is what sort of meeting it is.
type Kind string

const (
	Ordinary      Kind = "ordinary"      // the one the charter has every year
	Extraordinary Kind = "extraordinary" // called when something must be decided before
)

// Kinds are those one can plan.
var Kinds = []Kind{Ordinary, Extraordinary}

// State is where a meeting is; words under meeting.state.
type State string

const (
	Planned   State = "planned"
	Noticed   State = "noticed" // the notice is out
	Held      State = "held"    // it has been opened
	Closed    State = "closed"  // the minutes are noted
	Cancelled State = "cancelled"
)

// Wish is what somebody plans.
type Wish struct {
	Unit   unit.ID
	Kind   Kind
	Day    civil.Date
	Clock  string // "19:00"
	Place  string
	Agenda []string
	Posts  map[string]int // how many of a post's seats are to be filled
}

// Meeting is a meeting as its officers know it. It names nobody.
type Meeting struct {
	Number   int64
	Unit     unit.ID
	Kind     Kind
	State    State
	Day      civil.Date
	Clock    string
	Place    string
	Agenda   []string
	NoticeBy civil.Date // the last day the notice is in time

	NoticedOn civil.Date // the day it was out; zero while it is not
	Mailing   int64      // of room mailing; 0 where none was made here
	Minutes   string     // where they are kept
	Numbers
	BoardOn civil.Date // the day the new board was entered

	PlannedAt, HeldAt, EndedAt time.Time
	Polls                      []Poll
}

// Numbers are what a meeting leaves behind, about nobody.
type Numbers struct {
	Entitled int // had a vote on the roll of the day
	Present  int // came, and have not left again
	Voting   int // of these, with a vote; votes by proxy are counted among the ballots alone
	Ballots  int // sets of ballots handed out
	Unlisted int // came with a vote and are on no roll, since their data are restricted
}

// Most is how many ballots there can be in one vote.
func (n *Numbers) Most() int { return n.Ballots + n.Unlisted }

// PollState is where one vote is; words under meeting.poll.
type PollState string

const (
	Waiting  PollState = "open"     // not counted
	Elected  PollState = "elected"  // every seat was filled
	Short    PollState = "short"    // some seats were not filled
	Tied     PollState = "tied"     // equal votes leave a seat undecided
	Carried  PollState = "carried"  // of a question: yes
	Rejected PollState = "rejected" // and no
	Dropped  PollState = "dropped"  // no vote was held
)

// Poll is one vote: an election to a post, or a question.
type Poll struct {
	Line  int
	Post  string // a code of the charter; "" of a question or another election
	Seats int    // to be filled; 0 of a question
	About string // what is asked, or elected to; "" of a post
	State PollState
	Again int // the vote it was held again of; 0 for none

	Handed, Cast, Blank, Invalid int
	Yes, No                      int
	CountedAt                    time.Time
}

// Question reports whether yes or no is answered, rather than somebody elected.
func (p *Poll) Question() bool { return p.Seats == 0 }

// Valid is how many ballots said something.
func (p *Poll) Valid() int { return p.Cast - p.Blank - p.Invalid }

// Candidate is who stands in a vote.
type Candidate struct {
	Person  vault.PersonID
	Line    int
	Votes   int
	Elected bool
	Tied    bool // with others, for a seat that is not decided
}

// Arrival is that somebody came.
type Arrival struct {
	Person  vault.PersonID
	Meeting int64
	At      time.Time
	Vote    bool           // had a vote then
	Ballots int            // handed out, those of proxies among them
	LeftAt  time.Time      // zero while there
	For     vault.PersonID // of somebody absent: who casts their vote; 0 of whoever came
}

// Here reports whether the person is in the room.
func (a *Arrival) Here() bool { return a.For == 0 && a.LeftAt.IsZero() && !a.At.IsZero() }

// Line is one member on the roll.
type Line struct {
	Person       vault.PersonID
	Number, Name string
	Verdict
	Arrival *Arrival // nil for whoever has not come
}

// Tally is what was counted of one vote.
type Tally struct {
	Votes     map[vault.PersonID]int
	Yes, No   int
	Cast      int // ballots in the box
	Blank     int
	Invalid   int
	Handed    int               // handed out for this vote
	Unopposed bool              // elected without a vote: no more stood than there are seats
	Counters  [2]vault.PersonID // who counted and sign
}
