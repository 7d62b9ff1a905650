package document

import (
	"archive/zip"
	"compress/flate"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-sql/civil"

	"kartotek/internal/fault"
)

// XLSXOptions are what a workbook says besides its rows. All of it may stand in
// the file for anybody to see, so it holds nothing about a person.
type XLSXOptions struct {
	Sheet string    // the sheet's name; "Sheet1" when empty
	Title string    // of the document
	Time  time.Time // when it was made
}

// XLSXWriter writes a workbook of one sheet as its rows come. It holds the first
// rows, by which the columns get their width, and one buffer; nothing goes to
// disk.
//
// Dates are days and numbers are numbers, so they sort and add up. Everything
// else is a text, which no spreadsheet runs, whatever sign it begins with: phones
// keep their + and member numbers their noughts. Excel shows numbers kept as
// text with a green corner; the file asks it not to.
//
// Against formulas CSV needs an apostrophe; here the type of the cell is the
// guard, and none is written. The one exception is a text that reading would
// take for one of CSV's own: it gets another, so that it comes back as it left.
type XLSXWriter struct {
	archive *zip.Writer
	out     io.Writer // the sheet being packed
	buffer  []byte
	err     error
	columns []Column
	places  []string // "A", "B", …
	width   []int    // characters, from the headings and the first rows
	ahead   [][]string
	rows    int // written, the headings too
	o       XLSXOptions
}

// measuredRows is how many rows the columns' widths are taken from.
const measuredRows = 100

// longestText is how many characters a cell can hold, in UTF-16.
const longestText = 32767

// NewXLSX begins a workbook on w.
func NewXLSX(w io.Writer, columns []Column, o XLSXOptions) *XLSXWriter {
	x := &XLSXWriter{archive: zip.NewWriter(w), columns: columns, o: o, buffer: make([]byte, 0, flushAt+16<<10)}
	x.archive.RegisterCompressor(zip.Deflate, func(w io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(w, flate.BestSpeed)
	})
	for i, c := range columns {
		x.places = append(x.places, columnName(i))
		x.width = append(x.width, utf8.RuneCountInString(c.Name)+3) // room for the filter's button
	}
	return x
}

// Write adds one row. It must have a cell for each column.
func (x *XLSXWriter) Write(cells []string) error {
	if len(cells) != len(x.columns) {
		panic("document: a row must have a cell for each column")
	}
	if x.out == nil && x.err == nil {
		if len(x.ahead) < measuredRows {
			x.ahead = append(x.ahead, append([]string(nil), cells...))
			return nil
		}
		x.begin()
	}
	x.row(cells)
	return x.err
}

// Close ends the sheet and writes what stands beside it.
func (x *XLSXWriter) Close() error {
	if x.out == nil && x.err == nil {
		x.begin()
	}
	if x.err != nil {
		return x.err
	}
	area := "A1:" + columnName(max(len(x.columns), 1)-1) + strconv.Itoa(x.rows)
	x.raw(`</sheetData><autoFilter ref="` + area + `"/><pageMargins left="0.4" right="0.4" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>` +
		`<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/><ignoredErrors><ignoredError sqref="` + area + `" numberStoredAsText="1"/></ignoredErrors></worksheet>`)
	x.flush()
	x.beside(area)
	if err := x.archive.Close(); x.err == nil {
		x.err = err
	}
	return x.err
}

// begin opens the sheet and writes the rows that waited for it.
func (x *XLSXWriter) begin() {
	for _, cells := range x.ahead {
		for i, cell := range cells {
			x.width[i] = max(x.width[i], utf8.RuneCountInString(cell)+1)
		}
	}
	x.part("xl/worksheets/sheet1.xml")
	x.raw(xmlHead + `<worksheet xmlns="` + mainSpace + `"><sheetPr><pageSetUpPr fitToPage="1"/></sheetPr>` +
		`<sheetViews><sheetView workbookViewId="0"><pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews>` +
		`<sheetFormatPr defaultRowHeight="15"/>`)
	if len(x.columns) > 0 {
		x.raw(`<cols>`)
		for i, c := range x.columns {
			n := strconv.Itoa(i + 1)
			x.raw(`<col min="` + n + `" max="` + n + `" width="` + strconv.Itoa(max(min(x.width[i], 50), 6)) + `" style="` + string(columnStyle(c.Type)) + `" customWidth="1"/>`)
		}
		x.raw(`</cols>`)
	}
	x.raw(`<sheetData>`)
	x.open()
	for i, c := range x.columns {
		x.cell(i, headingStyle, c.Name)
	}
	x.raw(`</row>`)
	for _, cells := range x.ahead {
		x.row(cells)
	}
	x.ahead = nil
}

// The styles, by their number in styles.xml.
const (
	plainStyle   = '0'
	headingStyle = '1'
	dateStyle    = '2'
	textStyle    = '3' // stays text when somebody types over it
	momentStyle  = '4'
	linesStyle   = '5' // text of several lines
)

func columnStyle(t Type) byte {
	switch t {
	case Date:
		return dateStyle
	case Number:
		return plainStyle
	}
	return textStyle
}

func (x *XLSXWriter) open() {
	x.rows++
	x.buffer = append(x.buffer, `<row r="`...)
	x.buffer = strconv.AppendInt(x.buffer, int64(x.rows), 10)
	x.buffer = append(x.buffer, `">`...)
}

func (x *XLSXWriter) row(cells []string) {
	if x.rows == lastRow {
		x.fail(fault.New(fault.Invalid, "document.file.too_many_rows", "limit", lastRow-1))
	}
	if x.err != nil {
		return
	}
	x.open()
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		switch x.columns[i].Type {
		case Number:
			if plainNumber(cell) {
				x.number(i, plainStyle, cell)
				continue
			}
		case Date:
			if serial, style, ok := serialOf(cell); ok {
				x.number(i, style, serial)
				continue
			}
		}
		style := byte(textStyle)
		if strings.IndexByte(cell, '\n') >= 0 {
			style = linesStyle
		}
		x.cell(i, style, cell)
	}
	x.buffer = append(x.buffer, `</row>`...)
	if len(x.buffer) >= flushAt {
		x.flush()
	}
}

func (x *XLSXWriter) place(column int, style byte) {
	x.buffer = append(append(x.buffer, `<c r="`...), x.places[column]...)
	x.buffer = strconv.AppendInt(x.buffer, int64(x.rows), 10)
	x.buffer = append(append(x.buffer, `" s="`...), style)
}

func (x *XLSXWriter) number(column int, style byte, n string) {
	x.place(column, style)
	x.buffer = append(append(append(x.buffer, `"><v>`...), n...), `</v></c>`...)
}

// cell writes a text.
func (x *XLSXWriter) cell(column int, style byte, text string) {
	if len(text) > longestText && units(text) > longestText {
		x.fail(fault.New(fault.Invalid, "document.file.text_too_long", "column", columnName(column), "line", x.rows, "limit", longestText))
		return
	}
	if restore(text) != text {
		text = "'" + text
	}
	x.place(column, style)
	x.buffer = append(x.buffer, `" t="inlineStr"><is><t`...)
	if edge := text != "" && (text[0] <= ' ' || text[len(text)-1] <= ' ') || strings.IndexByte(text, '\n') >= 0; edge {
		x.buffer = append(x.buffer, ` xml:space="preserve"`...)
	}
	x.buffer = append(x.buffer, '>')
	x.buffer = appendCellText(x.buffer, text)
	x.buffer = append(x.buffer, `</t></is></c>`...)
}

// units is a text's length in UTF-16.
func units(s string) (n int) {
	for _, r := range s {
		if n++; r > 0xFFFF {
			n++
		}
	}
	return n
}

// appendCellText writes a text as a cell has it: XML, and within it _x000D_ for
// the characters that XML cannot hold.
func appendCellText(b []byte, s string) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if textClass[c] == 0 {
			continue
		}
		var with string
		size := 1
		switch {
		case c == '&':
			with = "&amp;"
		case c == '<':
			with = "&lt;"
		case c == '>':
			with = "&gt;"
		case c == 0:
			with = "\ufffd"
		case c == '_':
			if i+7 > len(s) || unescape(s[i:i+7]) == s[i:i+7] {
				continue
			}
			with = "_x005F_"
		case c < ' ':
			with = "_x00" + string([]byte{hexDigits[c>>4], hexDigits[c&15]}) + "_"
		default: // no ASCII
			var r rune
			if r, size = utf8.DecodeRuneInString(s[i:]); r != utf8.RuneError && r != 0xFFFE && r != 0xFFFF {
				i += size - 1
				continue
			}
			with = "\ufffd"
		}
		b = append(append(b, s[from:i]...), with...)
		i += size - 1
		from = i + 1
	}
	return append(b, s[from:]...)
}

const hexDigits = "0123456789ABCDEF"

// textClass marks the bytes that may need another form.
var textClass = func() (class [256]uint8) {
	for b := range class {
		if b < ' ' && b != '\t' && b != '\n' || b >= utf8.RuneSelf {
			class[b] = 1
		}
	}
	class['&'], class['<'], class['>'], class['_'] = 1, 1, 1, 1
	return class
}()

// plainNumber reports whether a text is a number that a spreadsheet gives back
// as it was: no noughts in front, and no more than the 15 digits it can hold.
func plainNumber(s string) bool {
	s = strings.TrimPrefix(s, "-")
	whole, part, found := strings.Cut(s, ".")
	return digitsOnly(whole) && (whole == "0" || whole[0] != '0') && (!found || digitsOnly(part)) && len(whole)+len(part) <= 15
}

// serialOf is the number of a day, or of a day and a time. Days before March
// 1900, of which spreadsheets disagree, stay texts.
func serialOf(s string) (serial string, style byte, ok bool) {
	if len(s) < 10 {
		return "", 0, false
	}
	day, err := civil.ParseDate(s[:10])
	if err != nil || day.Year < 1900 || day.Year == 1900 && day.Month < 3 {
		return "", 0, false
	}
	days := day.DaysSince(civil.Date{Year: 1899, Month: 12, Day: 30})
	if len(s) == 10 {
		return strconv.Itoa(days), dateStyle, true
	}
	for _, form := range [...]string{" 15:04", " 15:04:05"} {
		if at, err := time.Parse(form, s[10:]); err == nil {
			seconds := at.Hour()*3600 + at.Minute()*60 + at.Second()
			return strconv.FormatFloat(float64(days)+float64(seconds)/86400, 'f', -1, 64), momentStyle, true
		}
	}
	return "", 0, false
}

func (x *XLSXWriter) fail(err error) {
	if x.err == nil {
		x.err = err
	}
}

func (x *XLSXWriter) raw(s string) { x.buffer = append(x.buffer, s...) }

func (x *XLSXWriter) flush() {
	if x.err == nil && len(x.buffer) > 0 {
		_, err := x.out.Write(x.buffer)
		x.fail(err)
	}
	x.buffer = x.buffer[:0]
}

// part begins a part of the workbook.
func (x *XLSXWriter) part(name string) {
	if x.err != nil {
		return
	}
	out, err := x.archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate, Modified: x.o.Time.UTC()})
	x.out = out
	x.fail(err)
}

var _ Writer = (*XLSXWriter)(nil)
