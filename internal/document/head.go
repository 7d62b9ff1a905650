package document

import (
	"strings"

	"kartotek/internal/fault"
)

// head is what was settled about a table from its first rows: its columns, and
// where its rows begin.
type head struct {
	columns []Column
	line    int // of the headings; 0 when there are none
	first   int // rows that begin before this line are titles and headings
	above   []Row
	skipped []int
	last    int // the last line skipped
}

// headOf settles columns and heading row from the first rows that are not blank.
func headOf(rows []sampleRow, width int, o ReadOptions) (head, error) {
	var h head
	heading := -1
	switch {
	case o.HeadingLine > 0:
		for i, row := range rows {
			if row.line == o.HeadingLine {
				heading = i
			}
		}
		if heading < 0 {
			return h, fault.New(fault.Invalid, "document.file.no_headings", "line", o.HeadingLine)
		}
	case o.Headings == FirstRow:
		heading = 0
	case o.Headings == GuessHeadings:
		heading = headingRow(rows, width, o.Heading, o.Known)
	}
	if heading >= 0 {
		width = max(width, len(rows[heading].cells))
		h.line = rows[heading].line
		h.first = rows[heading].next
		for _, row := range rows[:heading] {
			h.above = append(h.above, Row{Line: row.line, Cells: row.cells})
		}
	}
	h.columns = make([]Column, width)
	if heading >= 0 {
		for i, name := range rows[heading].cells {
			h.columns[i].Name = strings.Join(strings.Fields(name), " ")
		}
	}
	return h, nil
}

// skip notes a blank row.
func (h *head) skip(line int) {
	h.last = line
	if len(h.skipped) < 1000 {
		h.skipped = append(h.skipped, line)
	}
}

// fit gives a row a cell for each column, and takes empty ones off its end.
func (h *head) fit(cells []string) []string {
	for len(cells) > len(h.columns) && strings.TrimSpace(cells[len(cells)-1]) == "" {
		cells = cells[:len(cells)-1]
	}
	for len(cells) < len(h.columns) {
		cells = append(cells, "")
	}
	return cells
}

// judge tells what is unusual about where a row stands and how full it is.
func (h *head) judge(row Row) (sparse, gap bool) {
	return title(row.Cells, len(h.columns)), h.last > 0 && h.last == row.Line-1
}
