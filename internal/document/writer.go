package document

import (
	"io"
	"strings"
)

// CSVOptions are the choices a CSV file leaves open. The zero value is the file
// that Excel in the Nordic countries opens by a double click, except that it
// wants BOM.
type CSVOptions struct {
	Separator byte // ';' when zero; ',' '\t' and '|' are the others that reading knows
	BOM       bool // begin with the mark by which Excel knows UTF-8
}

// CSVWriter writes CSV as RFC 4180 has it, in UTF-8, with the cells made safe
// against being run as formulas. It keeps one buffer and allocates nothing for
// a row.
type CSVWriter struct {
	out       io.Writer
	buffer    []byte
	err       error // of the writer beneath: it stays
	columns   int
	separator byte
	class     [256]class
}

// class is what a byte asks of the cell that holds it.
type class uint8

const (
	quote   class = 1 << iota // the cell must stand in quotes
	double                    // and the byte be doubled
	unknown                   // not ASCII, or a NUL: look whether it is text
)

// flushAt is how much is gathered before it is written on.
const flushAt = 64 << 10

// NewCSV begins a CSV file on w with the headings of its columns. They are
// written when the first row or Close comes.
func NewCSV(w io.Writer, columns []Column, o CSVOptions) *CSVWriter {
	c := &CSVWriter{out: w, columns: len(columns), separator: o.Separator, buffer: make([]byte, 0, flushAt+4<<10)}
	if c.separator == 0 {
		c.separator = ';'
	}
	for b := 0x80; b <= 0xFF; b++ {
		c.class[b] = unknown
	}
	c.class[0] = unknown
	c.class['\r'], c.class['\n'], c.class[c.separator] = quote, quote, quote
	c.class['"'] = quote | double
	if o.BOM {
		c.buffer = append(c.buffer, bom...)
	}
	headings := make([]string, len(columns))
	for i, column := range columns {
		headings[i] = column.Name
	}
	c.row(headings)
	return c
}

// Write adds one row. It must have a cell for each column. An error is the
// writer's beneath and comes again from every later call.
func (c *CSVWriter) Write(cells []string) error {
	if len(cells) != c.columns {
		panic("document: a row must have a cell for each column")
	}
	c.row(cells)
	if len(c.buffer) >= flushAt {
		c.flush()
	}
	return c.err
}

// Close writes what is still gathered.
func (c *CSVWriter) Close() error {
	c.flush()
	return c.err
}

func (c *CSVWriter) flush() {
	if c.err == nil && len(c.buffer) > 0 {
		_, c.err = c.out.Write(c.buffer)
	}
	c.buffer = c.buffer[:0]
}

func (c *CSVWriter) row(cells []string) {
	for i, cell := range cells {
		if i > 0 {
			c.buffer = append(c.buffer, c.separator)
		}
		c.cell(cell)
	}
	if len(cells) == 1 && cells[0] == "" {
		c.buffer = append(c.buffer, '"', '"') // an empty line would be no row
	}
	c.buffer = append(c.buffer, '\r', '\n')
}

func (c *CSVWriter) cell(s string) {
	if s == "" {
		return
	}
	var all class
	for i := 0; i < len(s); i++ {
		all |= c.class[s[i]]
	}
	if all&unknown != 0 {
		// Bytes that are no text would make the whole file unreadable.
		s = strings.ReplaceAll(strings.ToValidUTF8(s, "\ufffd"), "\x00", "\ufffd")
	}
	guard := dangerous(s)
	// Some programs trim spaces outside quotes, and a mark at the very start
	// would be taken for the file's.
	if all&quote == 0 && s[0] != ' ' && s[len(s)-1] != ' ' && !strings.HasPrefix(s, bom) {
		if guard {
			c.buffer = append(c.buffer, '\'')
		}
		c.buffer = append(c.buffer, s...)
		return
	}
	c.buffer = append(c.buffer, '"')
	if guard {
		c.buffer = append(c.buffer, '\'')
	}
	for all&double != 0 {
		before, after, found := strings.Cut(s, `"`)
		if !found {
			break
		}
		c.buffer = append(append(c.buffer, before...), '"', '"')
		s = after
	}
	c.buffer = append(append(c.buffer, s...), '"')
}

const bom = "\ufeff"

var _ Writer = (*CSVWriter)(nil)
