package document

import (
	"io"

	"github.com/boombuler/barcode/qr"
)

// ShareSheet is one share of a key on paper, in its texts.
type ShareSheet struct {
	Owner   string // whose key it is
	Title   string
	Lead    string
	Facts   [][2]string // what it is, and its value
	Holder  string      // over the line for a name
	Rows    []string    // the letters to type
	Typed   string      // over them
	Code    string      // the same for a camera
	Scanned string      // under the square
	Advice  []string
	Footer  string
}

// ShareWriter prints shares on A4, each on a page of its own. Nothing of them is
// kept: a page is written and forgotten.
type ShareWriter struct{ pdf *pdf }

// NewShares begins shares on w.
func NewShares(w io.Writer, o PDFOptions) *ShareWriter { return &ShareWriter{newPDF(w, o)} }

// The measures of a share's page.
const (
	shareLeft   = 25.0
	shareRight  = a4Short - 25
	shareSquare = 58.0 // the square's side, its quiet edge left out
	shareTop    = 112.0
)

// Write prints a share.
func (s *ShareWriter) Write(sheet ShareSheet) error {
	p := s.pdf
	regular, bold := p.faces[0], p.faces[1]
	square, err := qr.Encode(sheet.Code, qr.Q, qr.AlphaNumeric)
	if err != nil {
		return err
	}
	p.newPage(a4Short, a4Long)
	p.text(regular, 10, shareLeft, 28, inkSoft, fitted(regular, 10, sheet.Owner, shareRight-shareLeft))
	p.text(bold, 20, shareLeft, 38, ink, fitted(bold, 20, sheet.Title, shareRight-shareLeft))
	y := 48.0
	write := func(f *face, size, height, left, right float64, c color, text string) {
		for _, line := range f.wrap(size, right-left, text) {
			p.text(f, size, left, y, c, line)
			y += height
		}
	}
	write(regular, 11, 5.4, shareLeft, shareRight, ink, sheet.Lead)
	y += 3
	for _, fact := range sheet.Facts {
		p.text(regular, 11, shareLeft, y, inkSoft, fitted(regular, 11, fact[0], 55))
		p.text(bold, 11, shareLeft+60, y, ink, fitted(bold, 11, fact[1], shareRight-shareLeft-60))
		y += 6
	}
	y += 6
	p.text(regular, 11, shareLeft, y, inkSoft, fitted(regular, 11, sheet.Holder, 55))
	p.line(shareLeft+60, y+0.8, shareRight, y+0.8, 0.2, ink)

	// The letters and the square say the same.
	p.line(shareLeft, shareTop-8, shareRight, shareTop-8, 0.2, margin)
	y = shareTop
	write(regular, 10, 4.8, shareLeft, shareRight-shareSquare-10, inkSoft, sheet.Typed)
	y += 5
	for i, row := range sheet.Rows {
		p.text(regular, 10, shareLeft, y, inkSoft, string(rune('1'+i)))
		p.letters(bold, 15, shareLeft+8, y, 4.1, row)
		y += 9.2
	}
	p.square(square, shareRight-shareSquare, shareTop-3, shareSquare)
	bottom := y
	y = shareTop + shareSquare + 2
	write(regular, 9, 4.2, shareRight-shareSquare, shareRight, inkSoft, sheet.Scanned)
	y = max(bottom, y) + 4
	p.line(shareLeft, y-4, shareRight, y-4, 0.2, margin)
	y += 5
	for _, advice := range sheet.Advice {
		write(regular, 11, 5.4, shareLeft, shareRight, ink, advice)
		y += 2.6
	}
	p.text(regular, 8, shareLeft, 287, inkSoft, fitted(regular, 8, sheet.Footer, shareRight-shareLeft))
	return p.err
}

// Close ends the file.
func (s *ShareWriter) Close() error { return s.pdf.close(nil) }
