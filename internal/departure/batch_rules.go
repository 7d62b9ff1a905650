package departure

import (
	"slices"
	"strings"
	"unicode"
)

// longestBatch is how many at most are closed in one go.
const longestBatch = 20_000

func (s BatchState) canBecome(next BatchState) bool { return slices.Contains(batchMoves[s], next) }

// Numbers reads member numbers from what was pasted or stands in a text file: the first
// cell of each line, whatever stands behind it. A first line without a digit is a
// heading. Empty lines are nobody.
func Numbers(text string) []string {
	var all []string
	text = strings.TrimPrefix(text, "\ufeff")
	first := true
	for line := range strings.FieldsFuncSeq(text, func(r rune) bool { return r == '\n' || r == '\r' }) {
		cells := []string{line}
		switch {
		case strings.ContainsAny(line, ";\t"):
			cells = strings.FieldsFunc(line, func(r rune) bool { return r == ';' || r == '\t' })[:min(1, len(strings.Trim(line, ";\t")))]
		case strings.Contains(line, ","):
			cells = strings.Split(line, ",")
			if !allNumbers(cells) { // a row of a table, not a list of numbers
				cells = cells[:1]
			}
		}
		for _, cell := range cells {
			cell = strings.Trim(strings.TrimSpace(cell), `"'`)
			if cell == "" {
				continue
			}
			if first && !strings.ContainsFunc(cell, unicode.IsDigit) {
				break
			}
			if all = append(all, cell); len(all) > longestBatch {
				return all
			}
		}
		first = false
	}
	return all
}

func allNumbers(cells []string) bool {
	return !slices.ContainsFunc(cells, func(cell string) bool {
		cell = strings.TrimSpace(cell)
		return cell != "" && strings.ContainsFunc(cell, func(r rune) bool { return !unicode.IsDigit(r) })
	})
}

// tally counts what a preview would do, and whether a second person is asked.
func (p *Preview) tally() {
	p.Going, p.Refused, p.Holding, p.Posts = 0, 0, 0, 0
	for i := range p.Lines {
		l := &p.Lines[i]
		if l.Refused != "" {
			p.Refused++
			continue
		}
		p.Going++
		if len(l.Lists) > 0 {
			p.Holding++
		}
		if l.Posts > 0 {
			p.Posts++
		}
	}
}
