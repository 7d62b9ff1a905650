package document

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/boombuler/barcode/qr"
)

// PaperTexts are what stands on every page of a paper, and at its head.
type PaperTexts struct {
	Sender string // above the title
	Title  string
	Footer string
	Page   string // "Side {page} af {pages}"
}

// Section is a part of a paper: a heading, paragraphs and lines of a list.
type Section struct {
	Heading    string
	Paragraphs []string
	Items      []string
	After      []string // paragraphs below the list
	Codes      []string // lines to be typed off: numbers, fingerprints
	Square     string   // an address, as a square to scan
}

// Attachment is a file inside a PDF. Its name and what it is stand in clear, and
// readers list it (ISO 32000-1, 7.11.4); it belongs to the whole paper, of which
// it is the source (ISO 19005-3, AFRelationship).
type Attachment struct {
	Name     string // ASCII
	About    string
	Type     string // "application/json"
	Time     time.Time
	Contents []byte
}

// attach writes an attachment and gives the entries of the catalogue that lead to
// it.
func (p *pdf) attach(a *Attachment) string {
	if a == nil {
		return ""
	}
	kind := strings.ReplaceAll(a.Type, "/", "#2F")
	file := p.stream(0, fmt.Sprintf("/Type/EmbeddedFile/Subtype/%s/Params<</Size %d/ModDate(D:%sZ)>>", kind, len(a.Contents), a.Time.UTC().Format("20060102150405")), a.Contents)
	spec := p.object(0, fmt.Sprintf("<</Type/Filespec/F(%s)/UF(%s)/Desc%s/AFRelationship/Source/EF<</F %d 0 R/UF %d 0 R>>>>", a.Name, a.Name, pdfText(a.About), file, file))
	return fmt.Sprintf("/AF[%d 0 R]/Names<</EmbeddedFiles<</Names[(%s)%d 0 R]>>>>", spec, a.Name, spec)
}

// PaperWriter writes a paper on A4: sections below each other, the pages numbered.
type PaperWriter struct {
	pdf   *pdf
	texts PaperTexts
	after string
	y     float64
}

const (
	paperLeft  = 25.0
	paperRight = a4Short - 25
	paperTop   = 25.0
	paperEnd   = 270.0
	paperSize  = 10.5
	paperLine  = 5.0
)

// NewPaper begins a paper on w, perhaps with a file inside.
func NewPaper(w io.Writer, texts PaperTexts, a *Attachment, o PDFOptions) *PaperWriter {
	p := &PaperWriter{pdf: newPDF(w, o), texts: texts}
	p.pdf.attached = a
	p.Another(texts)
	return p
}

// Another begins a paper on a page of its own, in the same file.
func (w *PaperWriter) Another(texts PaperTexts) {
	w.texts = texts
	w.page()
	w.write(w.pdf.faces[0], 9, 4.4, paperLeft, inkSoft, texts.Sender)
	w.y += 3
	w.write(w.pdf.faces[1], 16, 7.5, paperLeft, ink, texts.Title)
	w.y += 3
}

func (w *PaperWriter) page() {
	p := w.pdf
	p.newPage(a4Short, a4Long)
	w.y = paperTop
	p.line(paperLeft, 281, paperRight, 281, 0.2, feint)
	p.text(p.faces[0], 8, paperLeft, 286, inkSoft, fitted(p.faces[0], 8, w.texts.Footer, 120))
	before, rest, _ := strings.Cut(w.texts.Page, "{page}")
	middle, after, _ := strings.Cut(rest, "{pages}")
	before, w.after = before+strconv.Itoa(len(p.pages))+middle, after
	x := p.text(p.faces[0], 8, paperRight-24, 286, inkSoft, before)
	p.total(x, 286)
}

func (w *PaperWriter) write(f *face, size, height, left float64, c color, text string) {
	for _, line := range f.wrap(size, paperRight-left, text) {
		if w.y > paperEnd {
			w.page()
		}
		w.pdf.text(f, size, left, w.y, c, line)
		w.y += height
	}
}

// Write adds a section. A heading does not stand alone at the end of a page.
func (w *PaperWriter) Write(s Section) error {
	regular, bold := w.pdf.faces[0], w.pdf.faces[1]
	if w.y > paperEnd-4*paperLine {
		w.page()
	}
	if s.Heading != "" {
		w.y += 2
		w.write(bold, 11.5, 6, paperLeft, ink, s.Heading)
	}
	for _, text := range s.Paragraphs {
		w.write(regular, paperSize, paperLine, paperLeft, ink, text)
		w.y += 1.2
	}
	for _, text := range s.Items {
		if w.y > paperEnd {
			w.page()
		}
		w.pdf.text(regular, paperSize, paperLeft+1, w.y, inkSoft, "•")
		w.write(regular, paperSize, paperLine, paperLeft+6, ink, text)
	}
	if len(s.Items) > 0 {
		w.y += 1.2
	}
	for _, text := range s.After {
		w.write(regular, paperSize, paperLine, paperLeft, ink, text)
		w.y += 1.2
	}
	for _, text := range s.Codes {
		w.write(regular, 8.5, 4.2, paperLeft, inkSoft, text)
	}
	if s.Square != "" {
		if err := w.square(s.Square); err != nil {
			return err
		}
	}
	w.y += 1.5
	return w.pdf.err
}

// square draws an address to scan, with the address below it.
func (w *PaperWriter) square(address string) error {
	const side = 32.0
	code, err := qr.Encode(address, qr.M, qr.Auto)
	if err != nil {
		return err
	}
	if w.y+side > paperEnd {
		w.page()
	}
	w.pdf.square(code, paperLeft, w.y, side)
	w.y += side + 5
	w.write(w.pdf.faces[0], 8.5, 4.2, paperLeft, inkSoft, address)
	return nil
}

// Close ends the file.
func (w *PaperWriter) Close() error {
	return w.pdf.close(w.pdf.drawTotal(w.pdf.faces[0], 8, inkSoft, w.after))
}
