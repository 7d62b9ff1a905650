package document

import (
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// ListTexts are the texts of a printed list. All of them are the caller's.
type ListTexts struct {
	Heading string // over the table on the first page
	Lead    string // under it, smaller
	// What every page says above the table: which list it is, who it is for, and
	// when it must be destroyed.
	List, Recipient, DestroyBy string
	// What every page says below it.
	Footer string
	Page   string // "Side {page} af {pages}"

	Numbered bool // each row carries its number in the margin
}

// ListWriter prints a table on A4 on its side: the headings again on every page,
// cells wrapped, and the texts that say whose paper it is. It holds the first
// rows, by which the columns get their width, and one page.
type ListWriter struct {
	pdf     *pdf
	columns []Column
	texts   ListTexts
	ahead   [][]string
	begun   bool
	width   []float64
	y       float64 // where the next row begins
	rows    int
}

// The measures of a printed list.
const (
	a4Long, a4Short = 297.0, 210.0
	listSide        = 12.0  // from the sides of the paper
	listTop         = 18.0  // where the table may begin
	listEnd         = 194.0 // and where it ends
	listSize        = 9.0
	listLine        = 4.2
	listGap         = 3.0 // between columns
	listRoom        = 1.3 // over and under the text of a row
)

// NewPDF begins a printed list on w.
func NewPDF(w io.Writer, columns []Column, texts ListTexts, o PDFOptions) *ListWriter {
	return &ListWriter{pdf: newPDF(w, o), columns: columns, texts: texts}
}

// Missing is how many letters the fonts do not have: they are drawn as boxes,
// and whoever prints the list should know.
func (l *ListWriter) Missing() int { return l.pdf.missing }

// Write adds one row. It must have a cell for each column.
func (l *ListWriter) Write(cells []string) error {
	if len(cells) != len(l.columns) {
		panic("document: a row must have a cell for each column")
	}
	if !l.begun {
		if len(l.ahead) < measuredRows {
			l.ahead = append(l.ahead, slices.Clone(cells))
			return l.pdf.err
		}
		l.begin()
	}
	l.row(cells)
	return l.pdf.err
}

// Close ends the list.
func (l *ListWriter) Close() error {
	if !l.begun {
		l.begin()
	}
	_, after := l.pageText()
	return l.pdf.close(l.pdf.drawTotal(l.pdf.faces[0], 8, inkSoft, after))
}

func (l *ListWriter) begin() {
	l.begun = true
	l.measure()
	l.newPage()
	for _, cells := range l.ahead {
		l.row(cells)
	}
	l.ahead = nil
}

// measure shares the paper's width out: a column gets what its first rows need,
// and where that is too much for all, the widest give way.
func (l *ListWriter) measure() {
	p := l.pdf
	need := make([]float64, len(l.columns))
	least := make([]float64, len(l.columns)) // what the longest word needs
	for i, c := range l.columns {
		need[i] = p.faces[1].width(listSize, c.Name)
		for _, word := range strings.Fields(tidy(c.Name)) {
			least[i] = max(least[i], p.faces[1].width(listSize, word))
		}
		for _, row := range l.ahead {
			for _, line := range strings.Split(tidy(row[i]), "\n") {
				need[i] = max(need[i], p.faces[0].width(listSize, line))
				for _, word := range strings.Fields(line) {
					least[i] = max(least[i], p.faces[0].width(listSize, word))
				}
			}
		}
		need[i] = max(need[i], 6)
	}
	room := a4Long - 2*listSide - listGap*float64(max(len(need)-1, 0))
	l.width = share(need, least, room)
}

// share gives every column what it needs, if there is room; otherwise the same
// greatest width to all that need more than that, though none less than its
// longest word where that can be: an address is copied wrongly from two lines. Room to spare is shared out evenly, up to a third more.
func share(need, least []float64, room float64) []float64 {
	sum := 0.0
	for _, n := range need {
		sum += n
	}
	out := slices.Clone(need)
	if sum <= room {
		if len(out) > 0 {
			for i := range out {
				out[i] += min((room-sum)/float64(len(out)), out[i]/3)
			}
		}
		return out
	}
	for _, longest := range [...]float64{90, 40, 0} {
		fits := func(cap float64) bool {
			sum = 0
			for i, n := range need {
				out[i] = min(n, max(cap, min(least[i], longest)))
				sum += out[i]
			}
			return sum <= room
		}
		if !fits(6) {
			continue // so many columns that not even words fit
		}
		low, high := 6.0, room
		for range 50 {
			if middle := (low + high) / 2; fits(middle) {
				low = middle
			} else {
				high = middle
			}
		}
		fits(low)
		return out
	}
	for i := range out {
		out[i] *= room / sum
	}
	return out
}

// newPage begins a page with its frame and the headings.
func (l *ListWriter) newPage() {
	p := l.pdf
	p.newPage(a4Long, a4Short)
	page := len(p.pages)
	right := a4Long - listSide
	p.text(p.faces[1], 9, listSide, 11, ink, fitted(p.faces[1], 9, l.texts.List, 85))
	middle := fitted(p.faces[0], 9, l.texts.Recipient, 95)
	p.text(p.faces[0], 9, (a4Long-p.faces[0].width(9, middle))/2, 11, ink, middle)
	p.textRight(p.faces[1], 9, right, 11, ink, fitted(p.faces[1], 9, l.texts.DestroyBy, 85))
	p.line(listSide, 13.5, right, 13.5, 0.2, feint)

	p.text(p.faces[0], 8, listSide, 201, inkSoft, fitted(p.faces[0], 8, l.texts.Footer, 215))
	before, after := l.pageText()
	before += strconv.Itoa(page)
	if _, rest, total := strings.Cut(l.texts.Page, "{page}"); total {
		middle, _, counted := strings.Cut(rest, "{pages}")
		before += middle
		// The last page's number is not known yet; it begins where two digits fit.
		x := right - p.faces[0].width(8, "00"+after)
		p.textRight(p.faces[0], 8, x, 201, inkSoft, before)
		if counted {
			p.total(x, 201)
		}
	}
	l.y = listTop
	if page == 1 && l.texts.Heading != "" {
		for _, line := range p.faces[1].wrap(16, right-listSide, l.texts.Heading) {
			l.y += 6.5
			p.text(p.faces[1], 16, listSide, l.y, ink, line)
		}
		if l.texts.Lead != "" {
			for _, line := range p.faces[0].wrap(10, right-listSide, l.texts.Lead) {
				l.y += 5
				p.text(p.faces[0], 10, listSide, l.y, inkSoft, line)
			}
		}
		l.y += 5
	}
	l.headings()
}

// pageText is what stands before the page's own number and behind the last one.
func (l *ListWriter) pageText() (before, after string) {
	before, rest, _ := strings.Cut(l.texts.Page, "{page}")
	_, after, _ = strings.Cut(rest, "{pages}")
	return before, after
}

// fitted is a text cut to a width.
func fitted(f *face, size float64, text string, width float64) string {
	text = strings.ReplaceAll(tidy(text), "\n", " ")
	if f.width(size, text) <= width {
		return text
	}
	for text != "" && f.width(size, text+"…") > width {
		_, n := utf8.DecodeLastRuneInString(text)
		text = text[:len(text)-n]
	}
	return strings.TrimRight(text, " ") + "…"
}

// headings writes the columns' names over a red rule, as on a card.
func (l *ListWriter) headings() {
	p := l.pdf
	lines := make([][]string, len(l.columns))
	most := 0
	for i, c := range l.columns {
		lines[i] = p.faces[1].wrap(listSize, l.width[i], c.Name)
		most = max(most, len(lines[i]))
	}
	bottom := l.y + float64(most)*listLine + 1
	x := listSide
	for i := range l.columns {
		for n, line := range lines[i] {
			y := bottom - 2 - float64(len(lines[i])-1-n)*listLine
			if l.columns[i].Type == Number {
				p.textRight(p.faces[1], listSize, x+l.width[i], y, ink, line)
			} else {
				p.text(p.faces[1], listSize, x, y, ink, line)
			}
		}
		x += l.width[i] + listGap
	}
	p.line(listSide, bottom, a4Long-listSide, bottom, 0.35, margin)
	l.y = bottom
}

// row writes a row, on the next page when this one has no room for it. One that
// is taller than a page goes on over several.
func (l *ListWriter) row(cells []string) {
	p := l.pdf
	l.rows++
	lines := make([][]string, len(cells))
	most := 1
	for i, cell := range cells {
		lines[i] = p.faces[0].wrap(listSize, l.width[i], cell)
		most = max(most, len(lines[i]))
	}
	const page = listEnd - listTop - 20
	if height := rowHeight(most); l.y+height > listEnd && height <= page {
		l.newPage()
	}
	for from := 0; from < most; {
		n := min(most-from, int(math.Floor((listEnd-l.y-2*listRoom)/listLine)))
		if n < 1 {
			l.newPage()
			continue
		}
		if l.texts.Numbered && from == 0 {
			p.textRight(p.faces[0], 6.5, listSide-1.2, l.y+listRoom+listLine-1.1, inkSoft, strconv.Itoa(l.rows))
		}
		x := listSide
		for i := range cells {
			for k := from; k < min(from+n, len(lines[i])); k++ {
				y := l.y + listRoom + float64(k-from+1)*listLine - 1.1
				if l.columns[i].Type == Number {
					p.textRight(p.faces[0], listSize, x+l.width[i], y, ink, lines[i][k])
				} else {
					p.text(p.faces[0], listSize, x, y, ink, lines[i][k])
				}
			}
			x += l.width[i] + listGap
		}
		l.y += rowHeight(n)
		p.line(listSide, l.y, a4Long-listSide, l.y, 0.15, feint)
		from += n
	}
}

func rowHeight(lines int) float64 { return float64(lines)*listLine + 2*listRoom }

var _ Writer = (*ListWriter)(nil)
