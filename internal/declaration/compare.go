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

// Runs are a point's blocks as they are set: what belongs to one list together.
func (p *Point) Runs() (all [][]Block) {
	listed := func(b *Block) bool { return b.Kind == Entry || b.Kind == Fact }
	for i := range p.Blocks {
		if i > 0 && listed(&p.Blocks[i]) == listed(&p.Blocks[i-1]) {
			all[len(all)-1] = append(all[len(all)-1], p.Blocks[i])
			continue
		}
		all = append(all, []Block{p.Blocks[i]})
	}
	return all
}

// Said is what a block says, without its term and its address.
func (b *Block) Said() string {
	if b.More == "" {
		return b.Text
	}
	return strings.TrimSuffix(b.Text, ".") + ". " + b.More
}

// Line is a block in one line.
func (b *Block) Line() string {
	line := b.Said()
	if b.Term != "" {
		line = b.Term + ": " + line
	}
	if b.URL != "" {
		line += " " + b.URL
	}
	return line
}
