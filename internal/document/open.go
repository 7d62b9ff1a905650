package document

import (
	"io"

	"github.com/golang-sql/civil"

	"kartotek/internal/fault"
)

// Format is what kind of file a table is read from.
type Format uint8

const (
	CSV  Format = iota
	XLSX        // a workbook of Excel 2007 and everything since
)

// Source is a file opened as a table.
type Source interface {
	Table
	About() About
	// HeadingLine is the line on which the headings stand, or 0 without headings.
	HeadingLine() int
	// Above are the rows that stand over the headings, titles mostly, as found.
	Above() []Row
	// Skipped are the lines of rows without any text that have been passed over so
	// far, the first thousand of them.
	Skipped() []int
	// SerialDate reads a cell as the number by which spreadsheets count days: 40059
	// is 2009-09-03. It is for a column that holds dates by what the caller knows;
	// cells formatted as dates come as dates.
	SerialDate(cell string) (civil.Date, bool)
}

// About is what was found out about a file, or told.
type About struct {
	Format    Format
	Encoding  Encoding // of a CSV file
	Separator byte     // of a CSV file
	Sheets    []Sheet  // of a workbook, in its order
	Sheet     string   // the one that is read
	Merged    int      // cells of it that span several rows; known when the last row has been read
}

// Sheet is one of a workbook's.
type Sheet struct {
	Name   string
	Hidden bool
}

// Limits bound what reading a file may cost. A zero field takes its default.
type Limits struct {
	File     int64 // bytes of the file; 1 GiB
	Row      int   // bytes of a row; 1 MiB
	Columns  int   // cells of a row; 256
	Unpacked int64 // bytes of a workbook's sheet when unpacked; 4 GiB
	Strings  int   // bytes of texts a workbook keeps apart from its sheets; 128 MiB
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
	if l.Unpacked == 0 {
		l.Unpacked = 4 << 30
	}
	if l.Strings == 0 {
		l.Strings = 128 << 20
	}
	return l
}

// ReadOptions are what the caller knows better than the reader can guess.
type ReadOptions struct {
	Limits    Limits
	Encoding  Encoding // of a CSV file; guessed by default
	Separator byte     // of a CSV file; 0: guessed among ; , tab and |
	Sheet     string   // of a workbook; empty: the first that is not hidden and holds anything
	Headings  Headings
	// HeadingLine is the line that headings stand on, where somebody pointed it
	// out. It outdoes the guess. 0: none was.
	HeadingLine int
	// Known reports whether a text is a heading that the caller expects. It makes
	// the guess of the heading row certain. May be nil.
	Known func(heading string) bool
	// Heading says how well a row would do for headings; the best of the first
	// rows is taken, when any has more than 0. It outdoes Known. May be nil.
	Heading func(cells []string) int
}

// Headings says whether a file has a row of headings.
type Headings uint8

const (
	GuessHeadings Headings = iota
	FirstRow
	NoHeadings
)

// Open opens a file as a table, by its content and not by its name: CSV in any
// of the Encodings, or a workbook. It refuses with a *fault.Error what is
// neither, and says what it is. Nothing is unpacked to disk.
//
// A CSV file whose encoding is not told is read through once to name it, since
// the first foreign letter may stand on the last line.
func Open(r io.ReaderAt, size int64, o ReadOptions) (Source, error) {
	limits := o.Limits.orDefault()
	if size > limits.File {
		return nil, tooLarge(limits.File)
	}
	start := make([]byte, min(size, 4096))
	if _, err := r.ReadAt(start, 0); err != nil && err != io.EOF {
		return nil, err
	}
	switch {
	case size == 0:
		return nil, fault.New(fault.Invalid, "document.error.empty")
	case string(start[:min(len(start), 4)]) == "PK\x03\x04":
		return openWorkbook(r, size, o)
	case string(start[:min(len(start), 4)]) == "\xD0\xCF\x11\xE0":
		return nil, compound(r, size)
	}
	if err := recognise(start); err != nil {
		return nil, err
	}
	if o.Encoding == GuessEncoding {
		var err error
		if o.Encoding, err = survey(io.NewSectionReader(r, 0, size)); err != nil {
			return nil, err
		}
	}
	return ReadCSV(io.NewSectionReader(r, 0, size), o)
}
