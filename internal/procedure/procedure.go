// Package procedure publishes what the association promises about its members' data
// (D12, D15): the procedure for access to them, and the guideline on keeping and
// destroying. Both are written from the charter and from what the program enforces,
// so text and behaviour cannot drift apart; the secretariat may add an introduction
// and notes, and nothing else. What is published is a version: its whole text in every
// language of the charter, with editor, time and what changed, kept for good.
//
// It also writes the year paper, one page for a body. The package knows no member
// beyond the names it is handed, and the name of an editor, which is a sealed record of
// that person and goes with them.
package procedure

import (
	"time"

	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// Code is one of the two documents.
type Code string

const (
	Procedure Code = "procedure" // access to members' data, D1–D15
	Guideline Code = "guideline" // retention and destruction, D12
)

// Codes are the documents there are.
func Codes() []Code { return []Code{Procedure, Guideline} }

// Known finds a document by its code.
func Known(code string) (Code, bool) {
	for _, known := range Codes() {
		if string(known) == code {
			return known, true
		}
	}
	return "", false
}

// Text is a document in one language.
type Text struct {
	Title    string    `json:"title"`
	Lead     string    `json:"lead"`
	Intro    string    `json:"intro,omitempty"` // the association's own words
	Sections []Section `json:"sections"`
}

// Section is one part, with an anchor that stays the same from version to version.
type Section struct {
	Code    string   `json:"code"`
	Heading string   `json:"heading"`
	Text    []string `json:"text"`
	Facts   []Fact   `json:"facts,omitempty"`
	After   []string `json:"after,omitempty"`
	Note    string   `json:"note,omitempty"` // the association's own words
}

// Fact is one line of a section: a post and what it opens, a limit and where it is from.
type Fact struct {
	Term  string `json:"term"`
	Value string `json:"value"`
	Note  string `json:"note,omitempty"`
}

// Texts are a document in every language of the charter.
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

// Version is a document as it was published.
type Version struct {
	ID       int64
	Document Code
	Number   int // 1, 2, … of the document
	At       time.Time
	By       vault.PersonID // who published it
	Function string         // the editor as the association wants it shown: a function
	Name     string         // and a name, where the editor wants it; "" once they have gone
	Reason   string         // what changed
	Texts    Texts
}

// Editor is who edited a version, as it is shown.
func (v *Version) Editor(p *locale.Printer) string {
	if v.Name == "" {
		return v.Function
	}
	return p.T("procedure.editor_named", "name", v.Name, "function", v.Function)
}

// Rule is a rule of retention in words, as the sweep tells it.
type Rule struct {
	Parameter                                 string // the key of the charter that sets the period
	Name, What, Period, Ends, Source, Checked string
}

// Rules gives every rule of retention in words. app connects it to the sweep.
type Rules func(p *locale.Printer) []Rule
