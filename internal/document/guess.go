package document

import (
	"bytes"
	"io"
	"math"
	"strings"
	"unicode"
	"unicode/utf8"

	"kartotek/internal/fault"
)

// separators are the ones people use, the likeliest here first.
var separators = [...]byte{';', ',', '\t', '|'}

// sample is the beginning of a file, from which separator and headings are
// guessed.
type sample struct {
	text   []byte
	whole  bool // it is the whole file
	line   int  // the line on which it begins
	limits Limits
}

type sampleRow struct {
	line, next int // where it begins, and where the next one does
	cells      []string
	odd        bool // something was wrong with its quotes
}

// headingRows is how many rows may be asked whether they are the headings.
const headingRows = 30

// sampleRows is how many rows the guesses look at.
const sampleRows = 200

// rows reads the sample's rows as if separated so, blank ones left out, and the
// last one too when the sample may cut it.
func (s sample) rows(separator byte) []sampleRow {
	scan := s.scanner(separator)
	var rows []sampleRow
	for len(rows) < sampleRows {
		if err := scan.next(); err != nil || !s.whole && scan.pos == scan.end {
			break
		}
		if blank(scan.row) {
			continue
		}
		row := sampleRow{line: scan.start, next: scan.line, odd: scan.fault != nil}
		if scan.pos == scan.end {
			row.next++ // the last line may have no end
		}
		from := 0
		for _, end := range scan.ends {
			row.cells = append(row.cells, restore(string(scan.row[from:end])))
			from = end
		}
		rows = append(rows, row)
	}
	return rows
}

// problem says why a sample has no row to go by.
func (s sample) problem(separator byte) error {
	scan := s.scanner(separator)
	for {
		switch err := scan.next(); {
		case err != nil && err != io.EOF:
			return err
		case err == io.EOF || scan.pos == scan.end:
			if !s.whole && !blank(scan.row) {
				return tooLong(scan.start, len(s.text))
			}
			return fault.New(fault.Invalid, "document.error.empty")
		}
	}
}

func (s sample) scanner(separator byte) *scanner {
	scan := newScanner(nil, s.text, s.limits)
	scan.end, scan.eof, scan.line = len(s.text), true, s.line
	scan.separateBy(separator)
	return scan
}

// separator picks the one that gives the most even table: the more rows have the
// usual number of columns the better, the more columns the better too.
func (s sample) separator() byte {
	best, most := separators[0], 0.0
	for _, b := range separators {
		rows := s.rows(b)
		width, even := usualWidth(rows), 0
		for _, row := range rows {
			if len(row.cells) == width && !row.odd {
				even++
			}
		}
		if width < 2 {
			continue
		}
		share := float64(even) / float64(len(rows))
		if score := share * share * math.Sqrt(float64(width-1)); score > most {
			best, most = b, score
		}
	}
	return best
}

// toldSeparator reads the line "sep=;" that Excel understands at the top of a
// file; size is what to skip, 0 without such a line.
func toldSeparator(text []byte) (separator byte, size int) {
	if len(text) < 6 || !bytes.EqualFold(text[:4], []byte("sep=")) || bytes.IndexByte(separators[:], text[4]) < 0 {
		return 0, 0
	}
	switch {
	case text[5] == '\n':
		return text[4], 6
	case text[5] == '\r' && len(text) > 6 && text[6] == '\n':
		return text[4], 7
	case text[5] == '\r':
		return text[4], 6
	}
	return 0, 0
}

// usualWidth is the number of cells most rows have; the greater of two equally
// usual ones.
func usualWidth(rows []sampleRow) int {
	count := map[int]int{}
	width := 0
	for _, row := range rows {
		count[len(row.cells)]++
	}
	for w, n := range count {
		if n > count[width] || n == count[width] && w > width {
			width = w
		}
	}
	return width
}

// headingRow finds the row of headings: the first row that looks like one, above
// it only titles. -1 when the table begins with a member at once.
func headingRow(rows []sampleRow, width int, score func([]string) int, known func(string) bool) int {
	if score != nil {
		best, most := -1, 0
		for i, row := range rows[:min(len(rows), headingRows)] {
			if n := score(row.cells); n > most {
				best, most = i, n
			}
		}
		if best >= 0 {
			return best
		}
	}
	if known != nil {
		for i, row := range rows[:min(len(rows), headingRows)] {
			if knownHeadings(row.cells, known) {
				return i
			}
		}
	}
	for i, row := range rows[:min(len(rows), headingRows)] {
		if title(row.cells, width) && i+1 < len(rows) {
			continue
		}
		if looksLikeHeadings(row.cells) {
			return i
		}
		return -1
	}
	return -1
}

// knownHeadings asks for half of the cells, and for two of them where there are
// two, so that a member called Ejby is no heading.
func knownHeadings(cells []string, known func(string) bool) bool {
	hits, filled := 0, 0
	for _, cell := range cells {
		if cell = strings.TrimSpace(cell); cell != "" {
			filled++
			if known(cell) {
				hits++
			}
		}
	}
	return hits > 0 && hits*2 >= filled && (hits > 1 || filled < 3)
}

// title reports whether a row clearly stands above the table: less than half of
// at least three columns filled.
func title(cells []string, width int) bool {
	filled := 0
	for _, cell := range cells {
		if strings.TrimSpace(cell) != "" {
			filled++
		}
	}
	return width >= 3 && filled*2 < width
}

// looksLikeHeadings reports whether every cell could name a column: short words,
// no addresses, dates, numbers; none twice.
func looksLikeHeadings(cells []string) bool {
	seen := map[string]bool{}
	for _, cell := range cells {
		cell = strings.ToLower(strings.TrimSpace(cell))
		if cell == "" {
			continue
		}
		if seen[cell] || utf8.RuneCountInString(cell) > 60 || strings.Contains(cell, "@") {
			return false
		}
		seen[cell] = true
		letters, digits := 0, 0
		for _, r := range cell {
			switch {
			case unicode.IsLetter(r):
				letters++
			case unicode.IsDigit(r):
				digits++
			}
		}
		// "Telefon 2" and "1. telefon" are headings; "Nørregade 12" cannot be told
		// from them, "2100 Kbh" can.
		if letters == 0 || digits > letters || digits > 1 && unicode.IsDigit(rune(cell[0])) {
			return false
		}
	}
	return len(seen) > 0
}
