// Package agreement has bodies agree on the members' data as the charter's roles demand
// (L10): a processing agreement where one body has another process for it (N2, GDPR Art.
// 28), an arrangement between joint controllers, whose essence is public (Art. 26). Fixed
// clauses are locked and carry a version; appendices are filled from what the register
// does. The body's president signs, on the web or on paper, by a recorded mandate; the
// law committee looks at it; the other side countersigns, and both hold one sealed PDF.
//
//	          Sign                Accept              Countersign        (sealed)
//	open ──────────────▶ signed ──────────▶ accepted ─────────────▶ countersigned ──▶ concluded
//	  ▲                    │ Return, with reasons                                        │ a later one
//	  └──── returned ◀─────┘                                                 replaced ◀──┘
//
// It keeps the register of processors too, the whole chain (N12, Art. 28(2), 28(4)).
//
// The text of an agreement is public. Who signed, the scan and the sealed PDF are
// records under a key of the agreement's own: the law wants the agreement kept (Art.
// 28(9), 5(2)), so they outlast whoever signed by the charter's years and end with that
// key. What somebody signed is besides a record of theirs, and goes with them.
package agreement

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// State is where an agreement is.
type State string

const (
	Open          State = "open"          // the body has not signed
	Returned      State = "returned"      // sent back with reasons; the body signs again
	Signed        State = "signed"        // by the body
	Accepted      State = "accepted"      // looked at
	Countersigned State = "countersigned" // by the other side; the PDF is being made
	Concluded     State = "concluded"     // in force
	Replaced      State = "replaced"      // a later one is in force, or the signer left before it was
)

// States lists every state there is, in their order.
var States = []State{Open, Returned, Signed, Accepted, Countersigned, Concluded, Replaced}

// Waits reports whether the body itself has to act.
func (s State) Waits() bool { return s == Open || s == Returned }

// Why a round was opened.
const (
	First    = "first"      // there was none
	NewText  = "text"       // the fixed clauses have a new version
	NewRules = "charter"    // what the charter says of the processing has changed
	NewChain = "processors" // others process for the other side than when it was signed
	NewSign  = "signer"     // whoever signed the one in force has left
	Own      = "own"        // the body asked for it itself
	Renewed  = "renewed"    // somebody wants it signed anew
)

// Document is an agreement's text: public, of no person.
type Document struct {
	Title    string    `json:"title"`
	Lead     string    `json:"lead"`
	Sections []Section `json:"sections"`
	Terms    *Terms    `json:"terms,omitempty"`
}

// Terms are what a text rests on, by which a later day tells whether it still holds.
type Terms struct {
	Rules string   `json:"rules"` // of the charter: purposes, grounds, fields and times
	Chain []string `json:"chain"` // of Appendix B, one for each processor
}

// Section is a clause or an appendix, with an anchor that stays.
type Section struct {
	Code    string   `json:"code"`
	Heading string   `json:"heading"`
	Text    []string `json:"text,omitempty"`
	Items   []string `json:"items,omitempty"`
	Locked  bool     `json:"locked,omitempty"` // a fixed clause
}

// Agreement is one, from its opening on.
type Agreement struct {
	Number      int64
	Unit        unit.ID // whose members it is about
	With        unit.ID // the other side
	Kind        string  // charter.BindingProcessing or charter.BindingJoint
	Version     int     // of the fixed clauses
	State       State
	Why         string
	Paper       bool // signed by hand; the scan is kept
	Lang        string
	OpenedAt    time.Time
	DueOn       civil.Date
	SignedAt    time.Time
	AcceptedAt  time.Time
	ConcludedAt time.Time
	EndedAt     time.Time
	KeepUntil   civil.Date // when who signed it goes; zero while nobody knows
	Hash        []byte     // of the text
	SealedHash  []byte     // of the sealed PDF
	Content     Document   // as signed; of an open one empty
	Reminders   int        // that were sent while it waited to be signed
	RemindedAt  time.Time

	holder  vault.PersonID // the key of the agreement; 0 while nobody signed
	signer  vault.PersonID
	looked  vault.PersonID
	counter vault.PersonID
	entry   int64 // of the journal, that the PDF proves
}

// Mandate is by what somebody signs for a body (N2).
type Mandate struct {
	Meeting string     // which meeting decided: members or board
	On      civil.Date // when
	Item    string     // where it stands in the minutes
}

// Meetings are the meetings that can give a mandate.
var Meetings = []string{"board", "members"}

// Signing is what somebody signs: by a mandate, on the web or by hand, and which text
// they had before them.
type Signing struct {
	Mandate
	Scan []byte // of the paper signed by hand; nil on the web
	Read string // the hash of the text that was read, see Reading; "" is not held against it
}

// Signature is somebody's name under an agreement.
type Signature struct {
	Name     string
	Function string // the post or position, in the agreement's language
	From     civil.Date
	Until    civil.Date
	At       time.Time
	Mandate  Mandate
	ScanHash string // of a scan: signed by hand
}

// Dossier is who has done what: sealed under the agreement's key.
type Dossier struct {
	Body     Signature // for the body
	Looked   Signature // for the law committee
	Other    Signature // for the other side
	Returned string    // why it was sent back
}

// Processor is an organisation that gets members' data from a body or from another
// processor (N12). It is no person; its contact is an address of the organisation.
type Processor struct {
	ID       int64
	Unit     unit.ID // whose processor it is
	Parent   int64   // whose sub-processor; 0 for the body's own
	Holder   int64   // in the register of holders, which is told of changes (L3); 0 for none
	Name     string
	Address  string
	Contact  string
	Country  string // ISO 3166-1, two letters
	Transfer string // see Transfers
	Task     string
	Purposes []string // the charter's codes
	Fields   []string
	From     civil.Date // from which day it gets anything
	Until    civil.Date // zero while it gets anything
	ToldOn   civil.Date // when the bodies were told
	HasFile  bool       // its agreement is kept, to be shown on request

	Depth      int // in the chain
	Objections int // that nobody has answered

	holder vault.PersonID // the key of its agreement's file
}

// Transfers are the grounds on which data go to a country (GDPR chapter V).
var Transfers = []string{"eea", "adequacy", "dpf", "scc", "bcr"}

// Objection is a body's no to a new sub-processor (Art. 28(2)).
type Objection struct {
	ID        int64
	Processor int64
	Unit      unit.ID
	At        time.Time
	Reason    string
	Answer    string
	Outcome   string // "", "withdrawn" or "kept"
	DoneAt    time.Time

	by, holder vault.PersonID
}

// Line is a body's place in the round.
type Line struct {
	Unit      unit.ID
	Name      string
	Kind      string
	Agreement Agreement // Number 0: there is none
	Late      bool
}

// Status is the round of all bodies at a glance.
type Status struct {
	Counts map[State]int // "" for those without any
	Late   int
	Total  int // that a filter lets through
	Lines  []Line
}
