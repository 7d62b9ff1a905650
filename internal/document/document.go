// Package document turns tables into files and files into tables. One neutral
// table, columns with a type and a stream of rows, stands between what the house
// knows and the formats people use. CSV and XLSX are read and written here, row by
// row, in constant memory however long the file is; vCard, and PDF for lists,
// labels, envelopes and letters, are written.
//
// It knows nothing of members, languages or storage: headings arrive as text,
// cells in one canonical form, and errors leave as message keys with the line
// they are about, never with what stood there.
package document

import "iter"

// Type says what a column holds, so that a format can show it rightly and a
// spreadsheet keeps its hands off identifiers. Cells are text in any case.
type Type uint8

const (
	Text   Type = iota
	Number      // digits, a minus in front, a full stop for decimals
	Date        // 2009-09-03
	Phone       // +4510264795
	ID          // digits that are no number: member number, postal code
)

// Column is one column of a table.
type Column struct {
	Name string // the heading; empty in a file without one
	Type Type
}

// Row is one row of a table.
type Row struct {
	Line  int      // where it begins in the file read, from 1; 0 when it comes from no file
	Cells []string // one for each column; the slice is reused for the next row, the strings may be kept
	Fault error    // a *fault.Error about this row alone; Cells are then as found

	// What tells a total or a remark below the table from a row of it. Whether it
	// is one, only the caller can know.
	Sparse bool // less than half of at least three columns have text
	Gap    bool // a row without any text stands right above

	Hidden bool  // in a workbook: by a filter or by hand
	Errors []int // in a workbook: the cells, from 0, in which a formula failed; their text is empty
}

// Table is a table that can be read once, from its first row to its last. An
// error ends the rows; a fault of one row does not.
type Table interface {
	Columns() []Column
	Rows() iter.Seq2[Row, error]
}

// Writer writes a table in some format. Close ends the file and flushes it; it
// does not close what lies beneath.
type Writer interface {
	Write(cells []string) error
	Close() error
}
