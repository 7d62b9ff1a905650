package document

import (
	"io"

	"github.com/boombuler/barcode/qr"
)

// Strip is a piece of paper that one person fills in and signs: a line of a sheet, or
// a slip. It stands between two square codes, by which a camera finds it again however
// the paper lies, also when it was cut out. What is in the codes names nobody.
type Strip struct {
	Code  string // letters and digits of StripCode; two more say which of the codes it is
	Typed string // the same for eyes, in groups
	Name  string
	Note  []string // what the signature says, a paragraph each
	Boxes []Box
	Lines []string // over lines to be filled in by hand: a date, a signature
}

// Box is to be ticked by hand; none is printed ticked.
type Box struct {
	Group string // a heading over this one and those that follow
	Text  string
	Lines int // empty lines to write on, below
}

// The measures of a strip, from its upper left corner. The centres of two neighbouring
// corners of a code are ten millimetres apart: those are what a reader sees.
const (
	stripLeft  = 12.0
	stripRight = a4Short - 12
	markSide   = 15.0
	markTop    = 3.0
	markCorner = markSide * 3.5 / 21
	stripFrom  = stripLeft + markSide + 5
	stripTo    = stripRight - markSide - 5

	stripBox  = 5.6
	stripNote = 3.9
	stripHand = 8.0
)

// The first letters of a strip's two codes.
const (
	MarkLeft  = "KL"
	MarkRight = "KR"
)

// StripCode is how many letters and digits a code has: with its beginning, what the
// smallest square holds that can be read with a quarter of it gone.
const StripCode = 14

// height is how much of the page a strip takes.
func (p *pdf) stripHeight(s *Strip) float64 {
	h := 7.0
	for _, note := range s.Note {
		h += stripNote * float64(len(p.faces[0].wrap(8.5, stripTo-stripFrom, note)))
	}
	h += 2
	for _, b := range s.Boxes {
		if b.Group != "" {
			h += stripBox
		}
		h += stripBox*float64(len(p.faces[0].wrap(9.5, stripTo-stripFrom-6, b.Text))) + stripHand*float64(b.Lines)
	}
	if len(s.Lines) > 0 {
		h += stripHand + 3
	}
	return max(h, markTop+markSide+9) + 2
}

// strip prints a strip with its upper end at top.
func (p *pdf) strip(s *Strip, top, height float64) error {
	regular, bold := p.faces[0], p.faces[1]
	p.line(stripLeft, top, stripRight, top, 0.15, inkSoft)
	p.line(stripLeft, top+height, stripRight, top+height, 0.15, inkSoft)
	for _, mark := range []struct {
		begin string
		x     float64
	}{{MarkLeft, stripLeft}, {MarkRight, stripRight - markSide}} {
		square, err := qr.Encode(mark.begin+s.Code, qr.Q, qr.AlphaNumeric)
		if err != nil {
			return err
		}
		p.square(square, mark.x, top+markTop, markSide)
	}
	for i, line := range regular.wrap(7, markSide, s.Typed) {
		p.text(regular, 7, stripLeft, top+markTop+markSide+3.4+2.8*float64(i), inkSoft, line)
	}
	y := top + 7
	p.text(bold, 11, stripFrom, y, ink, fitted(bold, 11, s.Name, stripTo-stripFrom))
	for _, note := range s.Note {
		for _, line := range regular.wrap(8.5, stripTo-stripFrom, note) {
			y += stripNote
			p.text(regular, 8.5, stripFrom, y, inkSoft, line)
		}
	}
	y += 2
	for _, b := range s.Boxes {
		if b.Group != "" {
			y += stripBox
			p.text(bold, 9.5, stripFrom, y, ink, fitted(bold, 9.5, b.Group, stripTo-stripFrom))
		}
		p.frame(stripFrom, y+stripBox-3.4, 3.8, 3.8, 0.25)
		for _, line := range regular.wrap(9.5, stripTo-stripFrom-6, b.Text) {
			y += stripBox
			p.text(regular, 9.5, stripFrom+6, y, ink, line)
		}
		for range b.Lines {
			y += stripHand
			p.line(stripFrom+6, y, stripTo, y, 0.15, inkSoft)
		}
	}
	if n := len(s.Lines); n > 0 {
		y = top + height - 5
		x := stripFrom
		for i, label := range s.Lines { // the last, a signature, takes the most room
			to := stripTo
			if i < n-1 {
				to = x + 45
			}
			from := p.text(regular, 8.5, x, y, inkSoft, label) + 1.5
			p.line(from, y+0.6, to, y+0.6, 0.2, ink)
			x = to + 4
		}
	}
	return p.err
}

// frame draws an empty box.
func (p *pdf) frame(x, y, w, h, width float64) {
	p.line(x, y, x+w, y, width, ink)
	p.line(x, y+h, x+w, y+h, width, ink)
	p.line(x, y, x, y+h, width, ink)
	p.line(x+w, y, x+w, y+h, width, ink)
}

// Strips prints strips below each other from a page of their own on, each whole, and
// gives the height each has.
func (w *PaperWriter) Strips(strips []Strip) ([]float64, error) {
	heights := make([]float64, len(strips))
	w.page()
	for i := range strips {
		h := w.pdf.stripHeight(&strips[i])
		if w.y+h > paperEnd+6 {
			w.page()
		}
		if err := w.pdf.strip(&strips[i], w.y, h); err != nil {
			return nil, err
		}
		heights[i] = h
		w.y += h
	}
	return heights, w.pdf.err
}

// StripHeight is how high a strip is printed, in millimetres.
func StripHeight(s *Strip) float64 { return newPDF(io.Discard, PDFOptions{}).stripHeight(s) }

// Slip prints a strip on a page after a letter, with a sentence above it.
func (l *LetterWriter) Slip(lead string, s *Strip) error {
	p := l.pdf
	p.newPage(a4Short, a4Long)
	y := 22.0
	for _, line := range p.faces[0].wrap(letterSize, letterRight-letterLeft, lead) {
		p.text(p.faces[0], letterSize, letterLeft, y, ink, line)
		y += letterLine
	}
	return p.strip(s, y+4, p.stripHeight(s))
}
