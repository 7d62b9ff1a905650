package document

import (
	"io"
	"strconv"
	"strings"
)

// RollTexts are the texts of an attendance sheet. All of them are the caller's.
type RollTexts struct {
	Heading string
	Lead    []string // under it on the first page
	// What every page says above the lines: which list it is, who it is for, and when
	// it must be destroyed.
	List, Recipient, DestroyBy string
	Name, Vote, Signature      string // over the columns
	Footer                     string
	Page                       string // "Side {page} af {pages}"
}

// RollRow is one person on it.
type RollRow struct {
	Name   string
	Number string
	Vote   bool
	Mark   string   // "Stemme", "Ingen stemme"
	Notes  []string // why, under the name
}

// RollWriter prints an attendance sheet on A4: a line for each person, in letters that
// are read across a table, with room for a signature and a box for whoever has a vote.
// It holds one page.
type RollWriter struct {
	pdf   *pdf
	texts RollTexts
	y     float64
	rows  int
}

// The measures of an attendance sheet.
const (
	rollLeft  = 15.0
	rollRight = a4Short - 15
	rollVote  = 104.0 // where the mark stands
	rollSign  = 142.0 // and where the line for the signature begins
	rollSize  = 13.0
	rollHigh  = 11.5
	rollNote  = 4.0
	rollEnd   = 276.0
)

// NewRoll begins an attendance sheet on w.
func NewRoll(w io.Writer, texts RollTexts, o PDFOptions) *RollWriter {
	r := &RollWriter{pdf: newPDF(w, o), texts: texts}
	r.page()
	return r
}

// Missing is how many letters the fonts do not have.
func (r *RollWriter) Missing() int { return r.pdf.missing }

func (r *RollWriter) page() {
	p := r.pdf
	regular, bold := p.faces[0], p.faces[1]
	p.newPage(a4Short, a4Long)
	p.text(bold, 10, rollLeft, 14, ink, fitted(bold, 10, r.texts.List, 60))
	p.textRight(bold, 10, rollRight, 14, ink, fitted(bold, 10, r.texts.DestroyBy, 110))
	p.text(regular, 10, rollLeft, 19.5, ink, fitted(regular, 10, r.texts.Recipient, rollRight-rollLeft))
	p.line(rollLeft, 22, rollRight, 22, 0.2, feint)
	r.y = 24
	if len(p.pages) == 1 {
		for _, line := range bold.wrap(18, rollRight-rollLeft, r.texts.Heading) {
			r.y += 8
			p.text(bold, 18, rollLeft, r.y, ink, line)
		}
		r.y += 1.5
		for _, text := range r.texts.Lead {
			for _, line := range regular.wrap(11, rollRight-rollLeft, text) {
				r.y += 5.2
				p.text(regular, 11, rollLeft, r.y, inkSoft, line)
			}
		}
		r.y += 3
	}
	r.y += 5
	for _, head := range []struct {
		x    float64
		text string
		wide float64
	}{{rollLeft + 9, r.texts.Name, rollVote - rollLeft - 12}, {rollVote, r.texts.Vote, rollSign - rollVote - 2}, {rollSign, r.texts.Signature, rollRight - rollSign}} {
		p.text(bold, 10, head.x, r.y, ink, fitted(bold, 10, head.text, head.wide))
	}
	r.y += 2
	p.line(rollLeft, r.y, rollRight, r.y, 0.35, margin)

	p.text(regular, 8, rollLeft, 287, inkSoft, fitted(regular, 8, r.texts.Footer, 140))
	before, rest, _ := strings.Cut(r.texts.Page, "{page}")
	middle, _, _ := strings.Cut(rest, "{pages}")
	x := p.text(regular, 8, rollRight-24, 287, inkSoft, before+strconv.Itoa(len(p.pages))+middle)
	p.total(x, 287)
}

// Write adds a person, on the next page when this one has no room.
func (r *RollWriter) Write(row RollRow) error {
	p := r.pdf
	regular, bold := p.faces[0], p.faces[1]
	r.rows++
	names := bold.wrap(rollSize, rollVote-rollLeft-13, row.Name)
	var notes []string
	for _, note := range row.Notes {
		notes = append(notes, regular.wrap(9, rollSign-rollLeft-12, note)...)
	}
	high := rollHigh + float64(len(names)-1)*5.5 + float64(len(notes))*rollNote
	if r.y+high > rollEnd {
		r.page()
	}
	y := r.y + 6.4
	p.textRight(regular, 9, rollLeft+6, y, inkSoft, strconv.Itoa(r.rows))
	for i, line := range names {
		p.text(bold, rollSize, rollLeft+9, y+float64(i)*5.5, ink, line)
	}
	mark := regular
	if row.Vote {
		mark = bold
		p.box(rollVote, y-3.6, 4.4)
	}
	p.text(mark, 10.5, rollVote+6.5, y, ink, fitted(mark, 10.5, row.Mark, rollSign-rollVote-9))
	p.line(rollSign, y+1.2, rollRight, y+1.2, 0.25, ink)
	below := y + float64(len(names)-1)*5.5 + 3.9
	p.text(regular, 8, rollLeft+9, below, inkSoft, row.Number)
	for i, line := range notes {
		p.text(regular, 9, rollLeft+9, below+float64(i+1)*rollNote, ink, line)
	}
	r.y += high
	p.line(rollLeft, r.y, rollRight, r.y, 0.15, feint)
	return p.err
}

// Close ends the sheet.
func (r *RollWriter) Close() error {
	_, rest, _ := strings.Cut(r.texts.Page, "{page}")
	_, after, _ := strings.Cut(rest, "{pages}")
	return r.pdf.close(r.pdf.drawTotal(r.pdf.faces[0], 8, inkSoft, after))
}

// box draws the outline of a square to be ticked by hand.
func (p *pdf) box(x, y, side float64) {
	for _, l := range [][4]float64{{x, y, x + side, y}, {x + side, y, x + side, y + side}, {x + side, y + side, x, y + side}, {x, y + side, x, y}} {
		p.line(l[0], l[1], l[2], l[3], 0.35, ink)
	}
}
