package sheet

import (
	"regexp"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
)

// Kind is what a row of a file is.
type Kind uint8

const (
	Person   Kind = iota
	Total         // "I alt 214"
	Headings      // the headings once more, as on every page of a printed report
	Footer        // "Side 2 af 5", "Udskrevet 3.9.2026"
)

var (
	totalForm  = regexp.MustCompile(`^(i alt|ialt|total|totalt|totals|sum|summa|subtotal|delsum|samlet|tilsammen|til sammen|grand total|antal|antall|number of members|count)\b`)
	footerForm = regexp.MustCompile(`^((side|page|sida|s\.)\s*\d+(\s*(af|av|of|/)\s*\d+)?|(udskrevet|utskrevet|utskriven|printed|exported|eksporteret|eksportert|exporterad|udtrukket|uttrekk|dato|date|datum)\b.*\d.*)$`)
)

// KindOf tells a member's row from the rows that printed reports put between
// them. A row that could be somebody's is a Person: nobody is passed over
// because of a name.
func KindOf(cells, headings []string) Kind {
	filled, numbers, same, known := 0, 0, 0, 0
	first := ""
	for i, cell := range cells {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		if filled == 0 {
			first = cell
		}
		filled++
		if isNumber(cell) {
			numbers++
		}
		if i < len(headings) && headings[i] != "" {
			known++
			if strings.EqualFold(strings.Join(strings.Fields(cell), " "), headings[i]) {
				same++
			}
		}
	}
	if filled == 0 {
		return Person
	}
	if same == filled && known == filled && (same > 1 || len(headings) == 1) {
		return Headings
	}
	if filled > 3 || len(headings) < 2 && filled > 1 {
		return Person
	}
	text := locale.Fold(first)
	// A label, and beside it nothing but numbers; or label and number in one cell.
	label := totalForm.MatchString(text)
	alone := filled == 1 && (isCount(text) || numbers == 0 && strings.HasSuffix(text, ":"))
	if label && (numbers > 0 && numbers == filled-1 || alone) {
		return Total
	}
	if filled == 1 && footerForm.MatchString(text) {
		return Footer
	}
	return Person
}

// isCount: a label with a number behind it.
func isCount(text string) bool { return strings.ContainsAny(text, "0123456789") }

// isNumber: digits with the signs that amounts and counts have.
func isNumber(s string) bool {
	digits := false
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			digits = true
		case strings.ContainsRune(" .,-+\u00a0%", r):
		default:
			return false
		}
	}
	return digits
}

// HeadingScore says how well a row would do for the headings of a list of
// members: what counts is how many of its cells are recognised. 0 is no heading
// row, so that a member called Ejby is none.
func HeadingScore(c *charter.Charter, cells []string) int {
	score, filled := 0, 0
	seen := map[string]bool{}
	for _, cell := range cells {
		if cell = strings.TrimSpace(cell); cell == "" {
			continue
		}
		filled++
		if len(cell) > 60 || strings.Contains(cell, "@") {
			return 0
		}
		if m, known := Recognise(c, cell); known && !seen[m.Code] {
			seen[m.Code] = true
			score += 2
			if m.Likely {
				score--
			}
		}
	}
	if score < 2 || len(seen)*2 < filled && len(seen) < 3 || len(seen) == 1 && filled > 2 {
		return 0
	}
	return score
}
