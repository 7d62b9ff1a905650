package declaration

import (
	"slices"
	"strings"

	"kartotek/internal/diff"
)

// Difference is what became of a point between two texts.
type Difference struct {
	Code    string        `json:"code"` // "" is the title and the lead
	Number  int           `json:"number,omitempty"`
	Heading string        `json:"heading"`
	Changes []diff.Change `json:"changes"`
}

// Compare tells what differs between two texts, point by point, word by word (N13).
func Compare(was, now *Text) []Difference {
	var all []Difference
	if head := diff.Changes([]string{was.Title, was.Lead}, []string{now.Title, now.Lead}); len(head) > 0 {
		all = append(all, Difference{Heading: now.Title, Changes: head})
	}
	for i := range now.Points {
		p := &now.Points[i]
		var before []string
		if at := slices.IndexFunc(was.Points, func(old Point) bool { return old.Code == p.Code }); at >= 0 {
			before = was.Points[at].Passages()
		}
		if changes := diff.Changes(before, p.Passages()); len(changes) > 0 {
			all = append(all, Difference{p.Code, p.Number, p.Title, changes})
		}
	}
	return all
}

// Passages are a point as lines, to be read and compared.
func (p *Point) Passages() []string {
	lines := []string{p.Title}
	for i := range p.Blocks {
		lines = append(lines, p.Blocks[i].Line())
	}
	return lines
}

// Line is a block in one line.
func (b *Block) Line() string {
	line := b.Text
	if b.Term != "" {
		line = b.Term + ": " + line
	}
	if b.More != "" {
		line = strings.TrimSuffix(line, ".") + ". " + b.More
	}
	if b.URL != "" {
		line += " " + b.URL
	}
	return line
}
