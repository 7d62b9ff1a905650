package document

import (
	"bytes"
	"io"
	"iter"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/golang-sql/civil"

	"kartotek/internal/fault"
)

// XLSXReader is a sheet of a workbook as a table. It unpacks the sheet as its
// rows are asked for and holds one row at a time, besides the texts that the
// workbook shares and the first rows, which settle the headings.
//
// Dates come as 2009-09-03, with the time of day behind where the cell has one;
// numbers as somebody would type them; TRUE and FALSE; of a formula what it
// gave. A cell that spans several is the first of them.
type XLSXReader struct {
	book  *workbook
	sheet string
	in    io.ReadCloser
	m     *markup
	head  head
	ahead []Row // rows read to settle the head

	line   int // of the row last read
	size   int // bytes of the row being read
	cells  []string
	errors []int
	hidden bool
	merged int
	done   bool
}

// lastRow is how many rows a sheet can have.
const lastRow = 1 << 20

func openWorkbook(r io.ReaderAt, size int64, o ReadOptions) (*XLSXReader, error) {
	book, err := newWorkbook(r, size, o.Limits.orDefault())
	if err != nil {
		return nil, err
	}
	for _, sheet := range book.candidates(o.Sheet) {
		x := &XLSXReader{book: book, sheet: sheet.Name}
		if x.in, err = book.unpack(sheet.part); err != nil {
			return nil, err
		}
		x.m = newMarkup(x.in, book.limits.Row)
		rows, err := x.sample()
		if err != nil {
			return nil, err
		}
		if len(rows) == 0 {
			x.close()
			continue
		}
		width := 0
		for _, row := range rows {
			width = max(width, len(row.cells))
		}
		x.head, err = headOf(rows, width, o)
		return x, err
	}
	if o.Sheet != "" && !slices.ContainsFunc(book.sheets, func(s sheetPart) bool { return strings.EqualFold(s.Name, o.Sheet) }) {
		return nil, fault.New(fault.Invalid, "document.file.no_sheet")
	}
	return nil, fault.New(fault.Invalid, "document.error.empty")
}

// candidates are the sheets to try: the one asked for, or those that show.
func (w *workbook) candidates(name string) (found []sheetPart) {
	for _, s := range w.sheets {
		if name == "" && !s.Hidden || name != "" && strings.EqualFold(s.Name, name) {
			found = append(found, s)
		}
	}
	return found
}

// sample reads the first rows that have text.
func (x *XLSXReader) sample() (rows []sampleRow, err error) {
	size := 0
	for len(rows) < sampleRows && size < 1<<20 {
		row, err := x.read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		row.Cells, row.Errors = slices.Clone(row.Cells), slices.Clone(row.Errors)
		size += x.size
		x.ahead = append(x.ahead, row)
		rows = append(rows, sampleRow{line: row.Line, next: row.Line + 1, cells: row.Cells})
	}
	return rows, nil
}

// Columns are the sheet's columns, as far as the first rows have text. They are
// of type Text: a sheet's cells have types, its columns have none.
func (x *XLSXReader) Columns() []Column { return x.head.columns }

// HeadingLine is the row of the headings, or 0 without.
func (x *XLSXReader) HeadingLine() int { return x.head.line }

// Above are the rows over the headings.
func (x *XLSXReader) Above() []Row { return x.head.above }

// Skipped are the blank rows passed over so far.
func (x *XLSXReader) Skipped() []int { return x.head.skipped }

// SerialDate reads a day counted as this workbook counts.
func (x *XLSXReader) SerialDate(cell string) (civil.Date, bool) {
	return serialDate(cell, x.book.since1904)
}

// About tells the sheets.
func (x *XLSXReader) About() About {
	a := About{Format: XLSX, Sheet: x.sheet, Merged: x.merged}
	for _, s := range x.book.sheets {
		a.Sheets = append(a.Sheets, s.Sheet)
	}
	return a
}

// Rows reads the rows under the headings; those without any text are passed
// over. A row with text beyond the last column carries a fault and reading goes
// on; an error ends it.
func (x *XLSXReader) Rows() iter.Seq2[Row, error] {
	return func(yield func(Row, error) bool) {
		last := x.head.line
		emit := func(row Row) bool {
			for line := last + 1; line < row.Line && line-last <= 1000; line++ {
				x.head.skip(line)
			}
			if row.Line > last+1 {
				x.head.last = row.Line - 1
			}
			last = row.Line
			return yield(x.finish(row), nil)
		}
		headings := x.head.line != 0
		for _, row := range x.ahead {
			if headings {
				headings = row.Line != x.head.line
				continue
			}
			if !emit(row) {
				return
			}
		}
		x.ahead = nil
		for {
			row, err := x.read()
			if err == io.EOF {
				return
			}
			if err != nil {
				yield(Row{Line: x.line}, err)
				return
			}
			if !emit(row) {
				return
			}
		}
	}
}

// finish gives a row its place in the table.
func (x *XLSXReader) finish(row Row) Row {
	if row.Cells = x.head.fit(row.Cells); len(row.Cells) > len(x.head.columns) {
		row.Fault = fault.New(fault.Invalid, "document.file.beyond", "line", row.Line,
			"column", columnName(len(row.Cells)-1), "last", columnName(len(x.head.columns)-1))
	}
	row.Sparse, row.Gap = x.head.judge(row)
	return row
}

// read reads the next row that has text. io.EOF comes after the last.
func (x *XLSXReader) read() (Row, error) {
	for !x.done {
		t, err := x.m.next()
		if err == io.EOF {
			x.close()
			break
		}
		if err != nil {
			return Row{}, x.broken(err)
		}
		if t != opened {
			continue
		}
		switch string(x.m.name) {
		case "row":
			if err := x.row(); err != nil {
				return Row{}, x.broken(err)
			}
			if len(x.cells) > 0 || len(x.errors) > 0 {
				return Row{Line: x.line, Cells: x.cells, Hidden: x.hidden, Errors: x.errors}, nil
			}
		case "mergeCell":
			if spansRows(x.m.attr("ref")) {
				x.merged++
			}
		}
	}
	return Row{}, io.EOF
}

func (x *XLSXReader) close() {
	x.done = true
	x.in.Close()
}

// broken names the row at which a sheet cannot be read on.
func (x *XLSXReader) broken(err error) error {
	x.close()
	return broken(err)
}

// row reads the cells of a row, whose tag has been read.
func (x *XLSXReader) row() error {
	line := x.line + 1
	if at := x.m.attr("r"); at != nil {
		n, err := strconv.Atoi(string(at))
		if err != nil || n < 1 {
			return errMarkup
		}
		line = n
	}
	if line > lastRow {
		return hostile()
	}
	x.line, x.size, x.hidden = line, 0, x.m.yes("hidden")
	clear(x.cells)
	x.cells, x.errors = x.cells[:0], nil
	depth, column := x.m.depth, -1
	for {
		t, err := x.m.next()
		if err != nil {
			return unexpected(err)
		}
		if t == closed && x.m.depth < depth {
			break
		}
		if t != opened || string(x.m.name) != "c" {
			continue
		}
		column++
		if at := x.m.attr("r"); at != nil {
			if column = columnAt(at); column < 0 {
				return errMarkup
			}
		}
		if err := x.cell(column); err != nil {
			return err
		}
	}
	for len(x.cells) > 0 && strings.TrimSpace(x.cells[len(x.cells)-1]) == "" {
		x.cells = x.cells[:len(x.cells)-1]
	}
	return nil
}

// cell reads a cell, whose tag has been read, into its column.
func (x *XLSXReader) cell(column int) error {
	kind := kindOf(x.m.attr("t"))
	format := 0
	if s := x.m.attr("s"); s != nil {
		format, _ = strconv.Atoi(string(s)) // what is no number has no format
	}
	text, err := x.content(x.m.depth)
	if err != nil {
		return err
	}
	switch kind {
	case sharedText:
		if text == "" {
			break
		}
		i, err := strconv.Atoi(text)
		shared, ok := x.book.strings.at(i)
		if err != nil || !ok {
			return errMarkup
		}
		text = restore(unescape(shared))
	case ownText:
		text = restore(unescape(text))
	case boolean:
		switch text {
		case "1", "true":
			text = "TRUE"
		case "0", "false":
			text = "FALSE"
		}
	case failed:
		if column < x.book.limits.Columns {
			x.errors = append(x.errors, column)
		}
		text = ""
	case day:
		text = isoMoment(text)
	case number:
		if format >= 0 && format < len(x.book.styles) {
			text = x.book.styles[format].show(text, x.book.since1904)
		} else {
			text = typed(text)
		}
	}
	if text == "" {
		return nil // styled cells may run to the edge of the sheet
	}
	if column >= x.book.limits.Columns {
		if strings.TrimSpace(text) == "" {
			return nil
		}
		return fault.New(fault.Invalid, "document.error.too_many_columns", "line", x.line, "limit", x.book.limits.Columns)
	}
	if x.size += len(text); x.size > x.book.limits.Row {
		return fault.New(fault.Invalid, "document.error.row_too_long", "line", x.line, "limit", x.book.limits.Row>>10)
	}
	if !utf8.ValidString(text) || strings.IndexByte(text, 0) >= 0 {
		return errMarkup
	}
	for len(x.cells) <= column {
		x.cells = append(x.cells, "")
	}
	x.cells[column] = text
	return nil
}

// content is the text of a cell: its value, or its own text without formats.
func (x *XLSXReader) content(depth int) (text string, err error) {
	phonetic, inText := 0, false
	for {
		t, err := x.m.next()
		if err != nil {
			return "", unexpected(err)
		}
		switch {
		case t == texted:
			if inText && phonetic == 0 {
				if text == "" {
					text = string(x.m.text)
				} else if len(text)+len(x.m.text) <= x.book.limits.Row {
					text += string(x.m.text)
				} else {
					return "", fault.New(fault.Invalid, "document.error.row_too_long", "line", x.line, "limit", x.book.limits.Row>>10)
				}
			}
		case t == closed && x.m.depth < depth:
			return text, nil
		default:
			switch string(x.m.name) {
			case "v", "t":
				inText = t == opened
			case "rPh":
				if phonetic++; t == closed {
					phonetic -= 2
				}
			}
		}
	}
}

// kind is the type of a cell.
type kind uint8

const (
	number kind = iota
	sharedText
	ownText
	boolean
	failed
	day
)

func kindOf(t []byte) kind {
	switch string(t) {
	case "s":
		return sharedText
	case "inlineStr", "str":
		return ownText
	case "b":
		return boolean
	case "e":
		return failed
	case "d":
		return day
	}
	return number
}

// isoMoment takes midnight off a day that is written out.
func isoMoment(text string) string {
	day, clock, found := strings.Cut(strings.TrimSuffix(strings.TrimSpace(text), "Z"), "T")
	clock = strings.TrimSuffix(clock, ".000")
	if !found || strings.Trim(clock, "0:.") == "" {
		return day
	}
	return day + " " + strings.TrimSuffix(clock, ":00")
}

// unescape reads _x000D_, as which workbooks write what XML cannot hold.
func unescape(s string) string {
	at := strings.Index(s, "_x")
	if at < 0 {
		return s
	}
	var out strings.Builder
	for ; at >= 0; at = strings.Index(s, "_x") {
		out.WriteString(s[:at])
		s = s[at:]
		if len(s) >= 7 && s[6] == '_' {
			if n, err := strconv.ParseUint(s[2:6], 16, 16); err == nil && n > 0 && (n < 0xD800 || n > 0xDFFF) {
				out.WriteRune(rune(n))
				s = s[7:]
				continue
			}
		}
		out.WriteString(s[:2])
		s = s[2:]
	}
	return out.String() + s
}

// columnAt is the column of a cell's name, from 0: AB12 is 27. Below 0: none.
func columnAt(name []byte) int {
	n := 0
	for _, c := range name {
		switch {
		case c >= 'A' && c <= 'Z':
			n = n*26 + int(c-'A') + 1
		case c >= 'a' && c <= 'z':
			n = n*26 + int(c-'a') + 1
		case c == '$':
		case c >= '0' && c <= '9':
			return n - 1
		default:
			return -1
		}
		if n > 1<<14 {
			return -1
		}
	}
	return -1
}

// columnName is what spreadsheets call a column: 27 is AB.
func columnName(n int) string {
	if n < 26 {
		return string(rune('A' + n))
	}
	return columnName(n/26-1) + string(rune('A'+n%26))
}

// spansRows reports whether cells merged as A1:B2 stand in several rows.
func spansRows(ref []byte) bool {
	first, last, found := bytes.Cut(ref, []byte{':'})
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz$"
	return found && !bytes.Equal(bytes.TrimLeft(first, letters), bytes.TrimLeft(last, letters))
}

var _ Source = (*XLSXReader)(nil)
