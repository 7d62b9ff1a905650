package document

import (
	"io"
	"strconv"
)

// Letter is one letter, in its texts.
type Letter struct {
	Sender     []string // who writes, in the upper right corner
	Address    []string // in the window of the envelope
	Date       string   // "Gentofte, 1. maj 2026"
	Subject    string
	Paragraphs []string // a line break within one stays
	Closing    []string // greeting and name
	Footer     string   // on every page
}

// LetterWriter prints letters on A4, each from a page of its own, as they come.
// It holds one page.
//
// The address stands where the windows of C5, C6/5 (M65) and E6/5 envelopes
// overlap: 15 millimetres and more from the left, 44 to 70 from the top.
type LetterWriter struct {
	pdf     *pdf
	cramped []int
	letters int
}

// NewLetters begins letters on w.
func NewLetters(w io.Writer, o PDFOptions) *LetterWriter {
	return &LetterWriter{pdf: newPDF(w, o)}
}

// The measures of a letter.
const (
	letterLeft  = 20.0
	letterRight = a4Short - 25
	letterEnd   = 272.0
	letterSize  = 11.0
	letterLine  = 5.4
)

// Write prints a letter.
func (l *LetterWriter) Write(letter Letter) error {
	p := l.pdf
	regular, bold := p.faces[0], p.faces[1]
	l.letters++
	page := 0
	newPage := func() (y float64) {
		page++
		p.newPage(a4Short, a4Long)
		p.text(regular, 8, letterLeft, 287, inkSoft, fitted(regular, 8, letter.Footer, letterRight-letterLeft-10))
		if page == 1 {
			return 0
		}
		p.textRight(regular, 8, letterRight, 287, inkSoft, strconv.Itoa(page))
		return 25
	}
	newPage()
	// Where to fold: in the middle for C5, in three for the long ones.
	for _, fold := range [...]float64{99, 148.5} {
		p.line(4, fold, 8, fold, 0.15, inkSoft)
	}
	for i, line := range letter.Sender {
		f, c := regular, inkSoft
		if i == 0 {
			f, c = bold, ink
		}
		p.text(f, 9, 130, 20+float64(i)*4.4, c, fitted(f, 9, line, letterRight-130))
	}
	if !p.address(box{letterLeft, 45, 90, 25}, letter.Address) {
		l.cramped = append(l.cramped, l.letters)
	}
	p.textRight(regular, letterSize, letterRight, 88, ink, fitted(regular, letterSize, letter.Date, 100))
	y := 101.0
	write := func(f *face, size, height float64, text string) {
		for _, line := range f.wrap(size, letterRight-letterLeft, text) {
			if y > letterEnd {
				y = newPage()
			}
			p.text(f, size, letterLeft, y, ink, line)
			y += height
		}
	}
	if letter.Subject != "" {
		write(bold, 13, 6.2, letter.Subject)
		y += 2.5
	}
	for _, paragraph := range letter.Paragraphs {
		write(regular, letterSize, letterLine, paragraph)
		y += letterLine / 2
	}
	if len(letter.Closing) > 0 {
		y += letterLine
		if y+float64(len(letter.Closing)-1)*letterLine > letterEnd { // a name does not stand alone
			y = newPage()
		}
		for _, line := range letter.Closing {
			write(regular, letterSize, letterLine, line)
		}
	}
	return p.err
}

// Close ends the file.
func (l *LetterWriter) Close() error {
	if l.letters == 0 {
		l.pdf.newPage(a4Short, a4Long)
	}
	return l.pdf.close(nil)
}

// Cramped are the letters, from 1, whose address did not fit the window.
func (l *LetterWriter) Cramped() []int { return l.cramped }

// Missing is how many letters of the alphabet the fonts do not have.
func (l *LetterWriter) Missing() int { return l.pdf.missing }
