package procedure

import (
	"slices"
	"strings"

	"kartotek/internal/diff"
)

// Change and Piece are how a difference is told, word by word.
type (
	Change = diff.Change
	Piece  = diff.Piece
)

// Difference is what became of a section between two versions.
type Difference struct {
	Code    string   `json:"code"`
	Heading string   `json:"heading"`
	Whole   string   `json:"whole,omitempty"` // Added or Removed: the section as such
	Changes []Change `json:"changes"`
}

// What became of a section as a whole.
const (
	Added   = "added"
	Removed = "removed"
)

// Compare tells what differs between two texts, section by section in the order of
// the newer one; those that are gone come last.
func Compare(was, now *Text) []Difference {
	var all []Difference
	head := diff.Changes([]string{was.Title, was.Lead, was.Intro}, []string{now.Title, now.Lead, now.Intro})
	if len(head) > 0 {
		all = append(all, Difference{Heading: now.Title, Changes: head})
	}
	for i := range now.Sections {
		s := &now.Sections[i]
		d := Difference{Code: s.Code, Heading: s.Heading}
		if old := find(was.Sections, s.Code); old != nil {
			d.Changes = diff.Changes(old.passages(), s.passages())
		} else {
			d.Whole, d.Changes = Added, diff.Changes(nil, s.passages())
		}
		if len(d.Changes) > 0 {
			all = append(all, d)
		}
	}
	for i := range was.Sections {
		if s := &was.Sections[i]; find(now.Sections, s.Code) == nil {
			all = append(all, Difference{Code: s.Code, Heading: s.Heading, Whole: Removed, Changes: diff.Changes(s.passages(), nil)})
		}
	}
	return all
}

func find(sections []Section, code string) *Section {
	for i := range sections {
		if sections[i].Code == code {
			return &sections[i]
		}
	}
	return nil
}

// Passages are a section as lines, to be read and printed.
func (s *Section) Passages() []string {
	return slices.DeleteFunc(s.passages(), func(line string) bool { return line == "" })
}

// passages are a section as lines that are compared.
func (s *Section) passages() []string {
	lines := append([]string{s.Heading}, s.Text...)
	for _, f := range s.Facts {
		lines = append(lines, f.line())
	}
	return append(append(lines, s.After...), s.Note)
}

// line is a fact in one line.
func (f *Fact) line() string {
	if f.Note == "" {
		return f.Term + ": " + f.Value
	}
	return f.Term + ": " + strings.TrimSuffix(f.Value, ".") + ". " + f.Note
}
