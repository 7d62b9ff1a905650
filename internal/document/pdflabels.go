package document

import (
	"io"

	"kartotek/internal/fault"
)

// LabelSheet is a sheet of labels as it is sold: measures in millimetres, on A4.
type LabelSheet struct {
	Name          string // what stands on the box
	Columns, Rows int
	Width, Height float64 // of a label
	Left, Top     float64 // of the first label on the sheet
	Across, Down  float64 // from one label to the next
}

// LabelSheets are the common ones, three across and seven down first.
var LabelSheets = []LabelSheet{
	{Name: "L7160 (3 × 7, 63,5 × 38,1 mm)", Columns: 3, Rows: 7, Width: 63.5, Height: 38.1, Left: 7.2, Top: 15.15, Across: 66.04, Down: 38.1},
	{Name: "L7159 (3 × 8, 63,5 × 33,9 mm)", Columns: 3, Rows: 8, Width: 63.5, Height: 33.9, Left: 7.2, Top: 12.9, Across: 66.04, Down: 33.9},
	{Name: "L7161 (3 × 6, 63,5 × 46,6 mm)", Columns: 3, Rows: 6, Width: 63.5, Height: 46.6, Left: 7.2, Top: 8.7, Across: 66.04, Down: 46.6},
	{Name: "L7163 (2 × 7, 99,1 × 38,1 mm)", Columns: 2, Rows: 7, Width: 99.1, Height: 38.1, Left: 4.63, Top: 15.15, Across: 101.64, Down: 38.1},
	{Name: "L7162 (2 × 8, 99,1 × 33,9 mm)", Columns: 2, Rows: 8, Width: 99.1, Height: 33.9, Left: 4.63, Top: 12.9, Across: 101.64, Down: 33.9},
	{Name: "3474 (3 × 8, 70 × 37 mm)", Columns: 3, Rows: 8, Width: 70, Height: 37, Left: 0, Top: 0.5, Across: 70, Down: 37},
	{Name: "3475 (3 × 8, 70 × 36 mm)", Columns: 3, Rows: 8, Width: 70, Height: 36, Left: 0, Top: 4.5, Across: 70, Down: 36},
}

// LabelSheetNamed is the sheet by the number that its name begins with.
func LabelSheetNamed(code string) (LabelSheet, bool) {
	for _, s := range LabelSheets {
		if s.Code() == code {
			return s, true
		}
	}
	return LabelSheet{}, false
}

// Code is the number that the sheet is sold under.
func (s LabelSheet) Code() string {
	for i, r := range s.Name {
		if r == ' ' {
			return s.Name[:i]
		}
	}
	return s.Name
}

// Envelope is a size of envelope, lying.
type Envelope struct {
	Name          string
	Width, Height float64
	x, y          float64 // of the address
}

// Envelopes are the ones that A4 is folded into. The address stands right of the
// middle and above the 23 millimetres that sorting machines want for themselves.
var Envelopes = []Envelope{
	{"C5", 229, 162, 114, 84},
	{"DL", 220, 110, 110, 50},
	{"M65", 221, 114, 110, 52},
}

// EnvelopeNamed is the envelope of that name.
func EnvelopeNamed(name string) (Envelope, bool) {
	for _, e := range Envelopes {
		if e.Name == name {
			return e, true
		}
	}
	return Envelope{}, false
}

// AddressWriter prints addresses, on labels or on envelopes, as they come. It
// holds one page.
type AddressWriter struct {
	pdf     *pdf
	place   func(n int) (box, bool) // of the address number n from 0, and whether a page begins with it
	size    [2]float64              // of the page
	sender  []string
	next    int
	cramped []int
}

// box is where an address has its place.
type box struct{ x, y, width, height float64 }

// NewLabels begins sheets of labels. start is the first label of the first sheet
// that is still there, from 1, row by row.
func NewLabels(w io.Writer, sheet LabelSheet, start int, o PDFOptions) (*AddressWriter, error) {
	perSheet := sheet.Columns * sheet.Rows
	if start < 1 || start > perSheet {
		return nil, fault.New(fault.Invalid, "document.file.label_start", "limit", perSheet)
	}
	// Printers leave some millimetres at the edges, and sheets lie askew.
	const side, edge = 5, 3
	place := func(n int) (box, bool) {
		at := (n + start - 1) % perSheet
		return box{sheet.Left + float64(at%sheet.Columns)*sheet.Across + side, sheet.Top + float64(at/sheet.Columns)*sheet.Down + edge,
			sheet.Width - 2*side, sheet.Height - 2*edge}, n == 0 || at == 0
	}
	return &AddressWriter{pdf: newPDF(w, o), place: place, size: [2]float64{a4Short, a4Long}}, nil
}

// NewEnvelopes begins envelopes, one a page, with the sender in the upper left
// corner.
func NewEnvelopes(w io.Writer, e Envelope, sender []string, o PDFOptions) *AddressWriter {
	place := func(int) (box, bool) {
		return box{e.x, e.y, e.Width - e.x - 15, e.Height - e.y - 23}, true
	}
	return &AddressWriter{pdf: newPDF(w, o), place: place, size: [2]float64{e.Width, e.Height}, sender: sender}
}

// Write prints an address, a text for each line; empty ones are left out.
func (a *AddressWriter) Write(lines []string) error {
	at, newPage := a.place(a.next)
	a.next++
	if newPage {
		a.pdf.newPage(a.size[0], a.size[1])
		for i, line := range a.sender {
			a.pdf.text(a.pdf.faces[0], 8, 12, 14+float64(i)*3.8, inkSoft, fitted(a.pdf.faces[0], 8, line, 85))
		}
	}
	if !a.pdf.address(at, lines) {
		a.cramped = append(a.cramped, a.next)
	}
	return a.pdf.err
}

// Close ends the file.
func (a *AddressWriter) Close() error {
	if a.next == 0 {
		a.pdf.newPage(a.size[0], a.size[1])
	}
	return a.pdf.close(nil)
}

// Cramped are the addresses, from 1, that did not fit even in the smallest
// letters that can be read, and end in "…". Whoever prints them must know.
func (a *AddressWriter) Cramped() []int { return a.cramped }

// Missing is how many letters the fonts do not have.
func (a *AddressWriter) Missing() int { return a.pdf.missing }

// address writes lines into a box, in the middle of its height, in letters of 11
// points or as much smaller as it takes. What does not fit in 7 points is cut,
// which it tells.
func (p *pdf) address(at box, lines []string) (whole bool) {
	f := p.faces[0]
	var texts []string
	for _, line := range lines {
		for _, t := range f.wrap(1, 1e9, line) {
			if t != "" {
				texts = append(texts, t)
			}
		}
	}
	size, texts := f.fitAddress(at, texts)
	whole = true
	for addressHeight(size, len(texts)) > at.height && len(texts) > 1 {
		// The last line is the town or the land; what stands above it gives way.
		last := texts[len(texts)-1]
		texts = append(texts[:len(texts)-2], last)
		if n := len(texts) - 2; n >= 0 {
			texts[n] = fitted(f, size, texts[n]+" …………", at.width)
		}
		whole = false
	}
	y := at.y + (at.height-addressHeight(size, len(texts)))/2
	for _, t := range texts {
		y += size * lineHeight
		p.text(f, size, at.x, y-size*lineHeight*0.25, ink, t)
	}
	return whole
}

// fitAddress finds the largest letters in which an address fits its box, and the
// lines it then has. Lines are kept whole down to 8 points; below that they are
// rather wrapped.
func (f *face) fitAddress(at box, lines []string) (size float64, texts []string) {
	const largest, whole, largestWrapped, smallest, step = 11.0, 8.0, 9.0, 7.0, 0.5
	for size = largest; size >= whole; size -= step {
		if addressHeight(size, len(lines)) <= at.height && widest(f, size, lines) <= at.width {
			return size, lines
		}
	}
	for size = largestWrapped; ; size -= step {
		texts = texts[:0]
		for _, line := range lines {
			texts = append(texts, f.wrap(size, at.width, line)...)
		}
		if addressHeight(size, len(texts)) <= at.height || size <= smallest {
			return size, texts
		}
	}
}

// lineHeight is the height of a line of addresses, in millimetres for a point.
const lineHeight = 0.43

func addressHeight(size float64, lines int) float64 { return size * lineHeight * float64(lines) }

func widest(f *face, size float64, lines []string) (most float64) {
	for _, line := range lines {
		most = max(most, f.width(size, line))
	}
	return most
}
