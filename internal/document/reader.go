package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"

	"github.com/golang-sql/civil"

	"kartotek/internal/fault"
)

// CSVReader is a CSV file as a table. It reads the file as its rows are asked
// for and holds one row at a time.
type CSVReader struct {
	scan     *scanner
	encoding Encoding
	head     head
	cells    []string
}

// sampleSize is how much of a file the guesses may look at.
const sampleSize = 64 << 10

// ReadCSV begins to read a CSV file: it looks at the first 64 KiB, settles the
// encoding, the separator and the headings, and refuses with a *fault.Error what
// is no CSV. An error of in itself is returned wrapped.
func ReadCSV(in io.Reader, o ReadOptions) (*CSVReader, error) {
	limits := o.Limits.orDefault()
	buffer := make([]byte, sampleSize)
	n, whole, err := fillUp(in, buffer)
	if err != nil {
		return nil, err
	}
	if int64(n) > limits.File {
		return nil, tooLarge(limits.File)
	}
	if err := recognise(buffer[:n]); err != nil {
		return nil, err
	}
	encoding := o.Encoding
	if encoding == GuessEncoding {
		var c census
		c.add(buffer[:n])
		if !whole {
			c.part = nil // cut by the end of the sample
		}
		encoding = c.guess()
	}
	s := newScanner(in, buffer, limits)
	if decoder := encoding.decoder(); decoder != nil {
		s.in = decoder.Reader(io.MultiReader(bytes.NewReader(buffer[:n]), in))
		buffer = make([]byte, sampleSize)
		if n, whole, err = fillUp(s.in, buffer); err != nil {
			return nil, err
		}
		s.buffer = buffer
	}
	if err := textual(buffer[:n], whole); err != nil {
		return nil, err
	}

	s.read, s.end, s.eof = int64(n), n, whole
	if bytes.HasPrefix(buffer[:n], []byte(bom)) {
		s.pos = len(bom)
	}
	separator := o.Separator
	if told, size := toldSeparator(buffer[s.pos:n]); told != 0 {
		s.pos += size
		s.line++
		if separator == 0 {
			separator = told
		}
	}
	sample := sample{text: buffer[s.pos:n], whole: whole, line: s.line, limits: limits}
	if separator == 0 {
		separator = sample.separator()
	}
	s.separateBy(separator)

	rows := sample.rows(separator)
	if len(rows) == 0 {
		return nil, sample.problem(separator)
	}
	r := &CSVReader{scan: s, encoding: encoding}
	r.head, err = headOf(rows, usualWidth(rows), o)
	return r, err
}

// fillUp reads until a buffer is full or there is no more.
func fillUp(in io.Reader, buffer []byte) (n int, whole bool, err error) {
	n, err = io.ReadFull(in, buffer)
	whole = errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !whole {
		return 0, false, fmt.Errorf("reading a CSV file: %w", err)
	}
	return n, whole, nil
}

// Columns are the file's columns, all of type Text: a CSV file tells no types.
func (r *CSVReader) Columns() []Column { return r.head.columns }

// Separator is the one told or guessed.
func (r *CSVReader) Separator() byte { return r.scan.separator }

// HeadingLine is the line on which the headings stand, or 0 without headings.
func (r *CSVReader) HeadingLine() int { return r.head.line }

// Above are the rows over the headings.
func (r *CSVReader) Above() []Row { return r.head.above }

// Skipped are the lines of the blank rows passed over so far.
func (r *CSVReader) Skipped() []int { return r.head.skipped }

// About tells encoding and separator.
func (r *CSVReader) About() About {
	return About{Format: CSV, Encoding: r.encoding, Separator: r.scan.separator}
}

// SerialDate reads a day counted from 1900, as Excel writes it into CSV when a
// column of dates was formatted as numbers.
func (r *CSVReader) SerialDate(cell string) (civil.Date, bool) { return serialDate(cell, false) }

// Rows reads the rows under the headings. Rows without any text are passed over,
// short ones filled with empty cells. A row with more cells than the table has
// columns, or with text behind a closing quote, carries a fault and reading goes
// on; an error ends it. Every *fault.Error has the line in its arguments.
func (r *CSVReader) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		for {
			err := r.scan.next()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Row{Line: r.scan.start}, err)
				return
			}
			if blank(r.scan.row) {
				r.head.skip(r.scan.start)
				continue
			}
			if r.scan.start < r.head.first {
				continue
			}
			if !yield(r.row(), nil) {
				return
			}
		}
	}
}

// row makes a Row of what the scanner holds: one string for all its cells.
func (r *CSVReader) row() Row {
	row := Row{Line: r.scan.start, Fault: r.scan.fault}
	text := string(r.scan.row)
	r.cells = r.cells[:0]
	from := 0
	for _, end := range r.scan.ends {
		r.cells = append(r.cells, restore(text[from:end]))
		from = end
	}
	if r.cells = r.head.fit(r.cells); len(r.cells) > len(r.head.columns) && row.Fault == nil {
		row.Fault = fault.New(fault.Invalid, "document.error.too_many_cells",
			"line", row.Line, "count", len(r.cells), "limit", len(r.head.columns))
	}
	row.Cells = r.cells
	row.Sparse, row.Gap = r.head.judge(row)
	return row
}

// blank reports whether a row holds nothing but white space.
func blank(row []byte) bool {
	return len(bytes.TrimSpace(row)) == 0
}

var _ Source = (*CSVReader)(nil)
