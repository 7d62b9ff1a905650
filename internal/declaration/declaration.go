// Package declaration is the privacy declaration of a body (N4–N9, N13–N16): fourteen
// points, written from what charter and register know and kept true, with the body's own
// words beside them and a note for whoever adapts each.
//
// Nobody writes what the register knows better: body, controller, functions, fields,
// purposes with their basis, recipients, retention and authority are filled in, and
// when one of them changes, what is published no longer agrees and that is a duty. The
// body writes its practice, whom to ask, further data it asks for with consent, its
// closed pages and processors of its own; every change asks for a reason.
//
//	         Write                Submit              Approve             Publish
//	none ─────────────▶ draft ─────────────▶ waiting ─────────▶ approved ─────────▶ published
//	                     ▲  ▲                  │  │ Refuse          │                    │
//	                     │  └──────────────────┼──┘                 │                    │
//	                     └──────── Write ──────┴────────────────────┴──────── Write ─────┘
//
// What is published is public and stands in clear: it names functions, never persons.
// The package knows no member.
package declaration

import (
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Points is how many points a declaration has (N5).
const Points = 14

// codes are the points in their order.
var codes = [Points]string{
	"introduction", "basis", "purpose", "controller", "personal", "collecting", "collected",
	"use", "sharing", "protection", "deletion", "rights", "changes", "contact",
}

// Codes are the points of a declaration in their order (N5).
func Codes() []string { return codes[:] }

// Kind is what a block of a point is.
type Kind string

// The kinds of blocks.
const (
	Paragraph Kind = "text"
	Entry     Kind = "item" // of a list
	Fact      Kind = "fact" // a term, what holds of it, and perhaps more
	Own       Kind = "own"  // the body's own words
)

// Block is one passage of a point.
type Block struct {
	Kind    Kind     `json:"kind"`
	Term    string   `json:"term,omitempty"`
	Text    string   `json:"text"`
	More    string   `json:"more,omitempty"`
	URL     string   `json:"url,omitempty"`
	Lang    string   `json:"lang,omitempty"`    // where the body wrote it in another language only
	Answers []string `json:"answers,omitempty"` // items of GDPR Art. 13 and 14
}

// Point is one of the fourteen.
type Point struct {
	Number int     `json:"number"`
	Code   string  `json:"code"`
	Title  string  `json:"title"`
	Blocks []Block `json:"blocks"`

	Note  string `json:"-"` // guides whoever adapts it (N5)
	Keeps string `json:"-"` // what a change must keep meeting (N13)
}

// Text is a declaration in one language.
type Text struct {
	Title  string  `json:"title"`
	Lead   string  `json:"lead"`
	Points []Point `json:"points"`
}

// Texts are a declaration in every language of the charter.
type Texts map[string]Text

// In gives the text in a language, else in the first of the others that is there.
func (t Texts) In(lang string, others ...string) (Text, string) {
	for _, code := range append([]string{lang}, others...) {
		if text, there := t[code]; there {
			return text, code
		}
	}
	return Text{}, ""
}

// Rendered is a declaration as it is shown, in one language: the version it is of, and
// whose.
type Rendered struct {
	Text
	Version  Version
	Body     string
	Lang     string // of the text
	Standing string // which version, since when, who edited it, in words
}

// Version is a declaration as a body published it.
type Version struct {
	ID        int64
	Unit      unit.ID // whose it is
	Number    int     // 1, 2, … of the body
	At        time.Time
	By        vault.PersonID    // who published it
	Function  string            // the post or position they did it by, by code
	Reviewer  string            // and of whoever looked it through
	Reason    string            // what changed, in the body's words
	Material  bool              // it changes what somebody consented to
	Languages []string          // the texts there are
	Hashes    map[string]string // SHA-256 of each text, hexadecimal
	Facts     string            // SHA-256 of what it was written from

	texts Texts
	facts []Stated
}

// State is where a draft is in its life.
type State string

// The states of a draft.
const (
	Drafted  State = "draft"
	Waiting  State = "waiting" // for somebody else to look it through
	Approved State = "approved"
)

// Draft is what a body has written towards its next version.
type Draft struct {
	Unit      unit.ID
	State     State
	Own       Content
	Revision  int // of the whole, one more with every change
	Since     time.Time
	Writer    vault.PersonID // who changed it last
	Submitter vault.PersonID
	Reviewer  vault.PersonID
	Function  string // of the reviewer
	Reason    string // what changes, in the body's words
	Material  bool
}

// Content is what a body writes itself, and all it writes.
type Content struct {
	Words      map[string]charter.Words `json:"words,omitempty"` // by point
	Contact    Contact                  `json:"contact"`
	Adviser    Contact                  `json:"adviser"`           // a data protection officer (Art. 37), where there is one
	Pages      string                   `json:"pages,omitempty"`   // the closed pages' address
	Extra      []Extra                  `json:"extra,omitempty"`   // N9: further data, with consent
	Processors []Processor              `json:"parties,omitempty"` // N12: the body's own
	Grounds    map[string]charter.Words `json:"grounds,omitempty"` // of transfers to those whom the register knows, by code
	Seen       map[string]int           `json:"seen,omitempty"`    // by part: which revision changed it last
}

// Contact is a function that answers questions (N16). It names no person.
type Contact struct {
	Function charter.Words `json:"function,omitempty"`
	Phone    string        `json:"phone,omitempty"`
	Email    string        `json:"email,omitempty"`
}

// Empty reports whether nobody could be reached by it.
func (c *Contact) Empty() bool { return c.Phone == "" && c.Email == "" }

// Extra is something a body keeps beyond the declared fields (N9).
type Extra struct {
	Name charter.Words `json:"name"`
	Use  charter.Words `json:"use"`  // what for, and how it is kept
	Ends charter.Words `json:"ends"` // until when
}

// Processor is somebody a body itself has handle data for it (N12).
type Processor struct {
	Name    string        `json:"name"`
	Country string        `json:"country"` // ISO 3166-1 alpha-2
	Task    charter.Words `json:"task"`
	Ground  charter.Words `json:"ground,omitempty"` // of a transfer to a third country (GDPR Art. 44–49)
}

// Edit is one line of who did what to a declaration, and why.
type Edit struct {
	At       time.Time
	By       vault.PersonID
	Function string
	Part     string // a point's code; "" for the whole
	Act      string // "write", "submit", "approve", "refuse", "publish"
	Reason   string
}
