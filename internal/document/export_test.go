package document

import (
	"io"
	"iter"
)

// Copy writes every row of a table and closes the writer. It returns the number
// of rows written. The first error, a row's fault too, ends it.
func Copy(w Writer, t Table) (rows int, err error) {
	for row, err := range t.Rows() {
		if err == nil {
			err = row.Fault
		}
		if err == nil {
			err = w.Write(row.Cells)
		}
		if err != nil {
			return rows, err
		}
		rows++
	}
	return rows, w.Close()
}

// Of is a table of rows at hand.
func Of(columns []Column, rows ...[]string) Table { return static{columns, rows} }

type static struct {
	columns []Column
	rows    [][]string
}

func (t static) Columns() []Column { return t.columns }

func (t static) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for _, cells := range t.rows {
			if !yield(Row{Cells: cells}, nil) {
				return
			}
		}
	}
}

// WriteCSV writes a whole table and returns the number of its rows.
func WriteCSV(w io.Writer, t Table, o CSVOptions) (rows int, err error) {
	return Copy(NewCSV(w, t.Columns(), o), t)
}

// Missing is how many letters of the alphabet the fonts do not have.
func (w *PaperWriter) Missing() int { return w.pdf.missing }
