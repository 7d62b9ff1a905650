package procedure

import (
	"slices"
	"strings"
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

// Change is one passage that differs: with Was alone it was removed, with Now alone
// added, with both it was changed.
type Change struct {
	Was []Piece `json:"was,omitempty"`
	Now []Piece `json:"now,omitempty"`
}

// Piece is a run of words; Differs marks those the other side does not have.
type Piece struct {
	Text    string `json:"text"`
	Differs bool   `json:"differs,omitempty"`
}

// Compare tells what differs between two texts, section by section in the order of
// the newer one; those that are gone come last.
func Compare(was, now *Text) []Difference {
	var all []Difference
	head := changes([]string{was.Title, was.Lead, was.Intro}, []string{now.Title, now.Lead, now.Intro})
	if len(head) > 0 {
		all = append(all, Difference{Heading: now.Title, Changes: head})
	}
	for i := range now.Sections {
		s := &now.Sections[i]
		d := Difference{Code: s.Code, Heading: s.Heading}
		if old := find(was.Sections, s.Code); old != nil {
			d.Changes = changes(old.passages(), s.passages())
		} else {
			d.Whole, d.Changes = Added, changes(nil, s.passages())
		}
		if len(d.Changes) > 0 {
			all = append(all, d)
		}
	}
	for i := range was.Sections {
		if s := &was.Sections[i]; find(now.Sections, s.Code) == nil {
			all = append(all, Difference{Code: s.Code, Heading: s.Heading, Whole: Removed, Changes: changes(s.passages(), nil)})
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

// changes are the passages that differ. A removed passage next to an added one that
// is like it is one that was changed.
func changes(was, now []string) []Change {
	empty := func(s string) bool { return s == "" }
	was, now = slices.DeleteFunc(slices.Clone(was), empty), slices.DeleteFunc(slices.Clone(now), empty)
	var all []Change
	var gone, come []string
	flush := func() {
		all = append(all, paired(gone, come)...)
		gone, come = nil, nil
	}
	for _, step := range steps(was, now) {
		switch {
		case step.was && step.now:
			flush()
		case step.was:
			gone = append(gone, step.text)
		default:
			come = append(come, step.text)
		}
	}
	flush()
	return all
}

// paired puts each passage that is gone beside the one that came in its place.
func paired(gone, come []string) []Change {
	var all []Change
	used := make([]bool, len(come))
	for _, old := range gone {
		best, most := -1, likeness
		for i, text := range come {
			if !used[i] {
				if alike := alike(old, text); alike >= most {
					best, most = i, alike+1e-9
				}
			}
		}
		if best < 0 {
			all = append(all, Change{Was: []Piece{{Text: old}}})
			continue
		}
		used[best] = true
		was, now := pieces(old, come[best])
		all = append(all, Change{Was: was, Now: now})
	}
	for i, text := range come {
		if !used[i] {
			all = append(all, Change{Now: []Piece{{Text: text}}})
		}
	}
	return all
}

// likeness is the share of words that two passages must have in common to be one that
// was changed.
const likeness = .4

func alike(a, b string) float64 {
	words, others := strings.Fields(a), strings.Fields(b)
	same := 0
	for _, s := range steps(words, others) {
		if s.was && s.now {
			same++
		}
	}
	return 2 * float64(same) / float64(len(words)+len(others))
}

// pieces are two passages with the words marked that the other does not have.
func pieces(old, text string) (was, now []Piece) {
	put := func(into *[]Piece, word string, differs bool) {
		if last := len(*into) - 1; last >= 0 && (*into)[last].Differs == differs {
			(*into)[last].Text += " " + word
			return
		}
		*into = append(*into, Piece{word, differs})
	}
	for _, s := range steps(strings.Fields(old), strings.Fields(text)) {
		if s.was {
			put(&was, s.text, !s.now)
		}
		if s.now {
			put(&now, s.text, !s.was)
		}
	}
	return was, now
}

// step is one item of two sequences on the shortest way from one to the other.
type step struct {
	text     string
	was, now bool
}

// steps is that way, by the longest sequence the two have in common. What is gone
// comes before what came in its place.
func steps(was, now []string) []step {
	longest := make([][]int, len(was)+1)
	for i := range longest {
		longest[i] = make([]int, len(now)+1)
	}
	for i := len(was) - 1; i >= 0; i-- {
		for j := len(now) - 1; j >= 0; j-- {
			if was[i] == now[j] {
				longest[i][j] = longest[i+1][j+1] + 1
			} else {
				longest[i][j] = max(longest[i+1][j], longest[i][j+1])
			}
		}
	}
	var all []step
	i, j := 0, 0
	for i < len(was) || j < len(now) {
		switch {
		case i < len(was) && j < len(now) && was[i] == now[j]:
			all = append(all, step{was[i], true, true})
			i, j = i+1, j+1
		case j == len(now) || i < len(was) && longest[i+1][j] >= longest[i][j+1]:
			all = append(all, step{was[i], true, false})
			i++
		default:
			all = append(all, step{now[j], false, true})
			j++
		}
	}
	return all
}
