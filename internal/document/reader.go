package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"iter"
	"strings"
	"unicode/utf8"

	"kartotek/internal/fault"
)

// Limits bound what reading a file may cost. A zero field takes its default.
type Limits struct {
	File    int64 // bytes of the file; 1 GiB
	Row     int   // bytes of a row; 1 MiB
	Columns int   // cells of a row; 256
}

func (l Limits) orDefault() Limits {
	if l.File == 0 {
		l.File = 1 << 30
	}
	if l.Row == 0 {
		l.Row = 1 << 20
	}
	if l.Columns == 0 {
		l.Columns = 256
	}
	return l
}

// ReadOptions are what the caller knows better than the reader can guess.
type ReadOptions struct {
	Limits    Limits
	Separator byte // 0: guessed among ; , tab and |
	Headings  Headings
	// Known reports whether a text is a heading that the caller expects. It makes
	// the guess of the heading row certain. May be nil.
	Known func(heading string) bool
}

// Headings says whether a file has a row of headings.
type Headings uint8

const (
	GuessHeadings Headings = iota
	FirstRow
	NoHeadings
)

// CSVReader is a CSV file as a table. It reads the file as its rows are asked
// for and holds one row at a time.
type CSVReader struct {
	scan    *scanner
	columns []Column
	headed  int // the line of the heading row; 0 when there is none
	cells   []string
	first   int // rows that begin before this line are titles and headings
}

// sampleSize is how much of a file the guesses may look at.
const sampleSize = 64 << 10

// ReadCSV begins to read a CSV file: it looks at the first 64 KiB, settles the
// separator and the headings, and refuses with a *fault.Error what is no CSV in
// UTF-8. An error of in itself is returned wrapped.
func ReadCSV(in io.Reader, o ReadOptions) (*CSVReader, error) {
	limits := o.Limits.orDefault()
	buffer := make([]byte, sampleSize)
	n, err := io.ReadFull(in, buffer)
	whole := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !whole {
		return nil, fmt.Errorf("reading a CSV file: %w", err)
	}
	if int64(n) > limits.File {
		return nil, tooLarge(limits.File)
	}
	if err := recognise(buffer[:n], whole); err != nil {
		return nil, err
	}

	s := newScanner(in, buffer, limits)
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

	r := &CSVReader{scan: s}
	rows := sample.rows(separator)
	if len(rows) == 0 {
		return nil, sample.problem(separator)
	}
	r.arrange(rows, o)
	return r, nil
}

// arrange settles columns and heading row from the sample's rows.
func (r *CSVReader) arrange(rows []sampleRow, o ReadOptions) {
	width := usualWidth(rows)
	heading := -1
	switch o.Headings {
	case FirstRow:
		heading = 0
	case GuessHeadings:
		heading = headingRow(rows, width, o.Known)
	}
	if heading >= 0 {
		width = max(width, len(rows[heading].cells))
		r.headed = rows[heading].line
		r.first = rows[heading].next
	}
	r.columns = make([]Column, width)
	if heading >= 0 {
		for i, name := range rows[heading].cells {
			r.columns[i].Name = strings.Join(strings.Fields(name), " ")
		}
	}
}

// Columns are the file's columns, all of type Text: a CSV file tells no types.
func (r *CSVReader) Columns() []Column { return r.columns }

// Separator is the one told or guessed.
func (r *CSVReader) Separator() byte { return r.scan.separator }

// HeadingLine is the line on which the headings stand, or 0 without headings.
func (r *CSVReader) HeadingLine() int { return r.headed }

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
			if r.scan.start < r.first || blank(r.scan.row) {
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
	for len(r.cells) > len(r.columns) && strings.TrimSpace(r.cells[len(r.cells)-1]) == "" {
		r.cells = r.cells[:len(r.cells)-1]
	}
	if len(r.cells) > len(r.columns) && row.Fault == nil {
		row.Fault = fault.New(fault.Invalid, "document.error.too_many_cells",
			"line", row.Line, "count", len(r.cells), "limit", len(r.columns))
	}
	for len(r.cells) < len(r.columns) {
		r.cells = append(r.cells, "")
	}
	row.Cells = r.cells
	return row
}

// blank reports whether a row holds nothing but white space.
func blank(row []byte) bool {
	return len(bytes.TrimSpace(row)) == 0
}

// recognise refuses files that are no CSV by how they begin.
func recognise(start []byte, whole bool) error {
	for _, kind := range [...]struct{ magic, key string }{
		{"PK\x03\x04", "document.error.spreadsheet"},
		{"\xD0\xCF\x11\xE0", "document.error.spreadsheet"},
		{"%PDF-", "document.error.pdf"},
		{"\xFF\xFE", "document.error.utf16"},
		{"\xFE\xFF", "document.error.utf16"},
	} {
		if bytes.HasPrefix(start, []byte(kind.magic)) {
			return fault.New(fault.Invalid, kind.key)
		}
	}
	// UTF-16 without its mark has a NUL in every other byte of a Nordic text.
	head := start[:min(len(start), 1024)]
	if nuls := bytes.Count(head, []byte{0}); nuls > 0 && nuls >= len(head)/4 {
		return fault.New(fault.Invalid, "document.error.utf16")
	}
	if at := bytes.IndexByte(start, 0); at >= 0 {
		return fault.New(fault.Invalid, "document.error.binary", "line", 1+lineBreaks(start[:at]))
	}
	if at := firstInvalid(start); at < len(start)-utf8.UTFMax || whole && at < len(start) {
		return fault.New(fault.Invalid, "document.error.not_utf8", "line", 1+lineBreaks(start[:at]))
	}
	return nil
}

// firstInvalid returns where a text ceases to be UTF-8, its length when it never does.
func firstInvalid(text []byte) int {
	if utf8.Valid(text) {
		return len(text)
	}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return len(text)
}

// lineBreaks counts \n, \r\n and \r.
func lineBreaks(text []byte) int {
	return bytes.Count(text, []byte{'\n'}) + bytes.Count(text, []byte{'\r'}) - bytes.Count(text, []byte("\r\n"))
}

var _ Table = (*CSVReader)(nil)
