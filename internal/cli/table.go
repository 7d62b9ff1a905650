package cli

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// table is rows under headings, aligned.
type table struct {
	heads []string
	rows  [][]string
	right map[int]bool // columns of numbers
}

// newTable makes a table; a heading is a message key, under cli.column.
func (d *desk) newTable(columns ...string) *table {
	t := &table{right: map[int]bool{}}
	for _, column := range columns {
		t.heads = append(t.heads, d.p.T("cli.column."+column))
	}
	return t
}

func (t *table) add(cells ...string) {
	for i := range cells {
		cells[i] = printable(cells[i])
	}
	t.rows = append(t.rows, cells)
}

// print writes the table; without rows nothing.
func (d *desk) print(t *table) {
	if len(t.rows) == 0 {
		return
	}
	widths := make([]int, len(t.heads))
	used := make([]bool, len(t.heads)) // a column without any text is left out
	for i, head := range t.heads {
		widths[i] = utf8.RuneCountInString(head)
		for _, row := range t.rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
			used[i] = used[i] || row[i] != ""
		}
	}
	line := func(cells []string) {
		var b strings.Builder
		for i, cell := range cells {
			if !used[i] {
				continue
			}
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if b.Len() > 0 {
				b.WriteString("  ")
			}
			if t.right[i] {
				b.WriteString(pad + cell)
			} else {
				b.WriteString(cell + pad)
			}
		}
		fmt.Fprintln(d.out, strings.TrimRight(b.String(), " "))
	}
	line(t.heads)
	for _, row := range t.rows {
		line(row)
	}
}

// printable keeps whatever a terminal would obey out of a cell.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
