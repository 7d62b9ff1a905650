package document

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
)

// pdf writes a PDF page by page. The two fonts and the number of pages, which
// every page tells, come last in the file, so a page is gone from memory as soon
// as it is full: a PDF may well be made the other way about, but one of members
// should lie in as few places as possible.
//
// Measures are millimetres from the upper left corner, sizes of letters points.
type pdf struct {
	out     io.Writer
	err     error
	at      int64   // bytes written
	objects []int64 // where each begins, from object 1; 0 while it is only promised
	pages   []int
	faces   [2]*face
	page    bytes.Buffer // what is on the page at hand
	packed  bytes.Buffer
	width   float64 // of the page
	height  float64
	o       PDFOptions
	missing int

	attached *Attachment // the file inside, if there is one
}

// PDFOptions are what every PDF says about itself. It stands in the file for
// anybody to see and holds nothing about a person.
type PDFOptions struct {
	Title    string
	Language string    // "da"; for those who have it read aloud
	Time     time.Time // when it was made
}

// The objects that others refer to before they are written.
const (
	catalogObject = iota + 1
	pagesObject
	infoObject
	totalObject
	firstFontObject // and four more for each font
)

const fontObjects = 5

// color is red, green and blue, from 0 to 255.
type color [3]uint8

// The colours of the pages on screen, as print has them.
var (
	ink     = color{22, 33, 30}
	inkSoft = color{72, 87, 79}
	feint   = color{200, 218, 232}
	margin  = color{201, 72, 61}
)

func newPDF(w io.Writer, o PDFOptions) *pdf {
	p := &pdf{out: w, o: o, objects: make([]int64, firstFontObject+2*fontObjects-1)}
	p.faces = [2]*face{regular(), bold()}
	p.raw(pdfHeader)
	return p
}

func (p *pdf) raw(s string) {
	if p.err != nil {
		return
	}
	var n int
	n, p.err = io.WriteString(p.out, s)
	p.at += int64(n)
}

// object writes an object under its number; 0 takes the next one.
func (p *pdf) object(number int, body string) int {
	if number == 0 {
		p.objects = append(p.objects, 0)
		number = len(p.objects)
	}
	p.objects[number-1] = p.at
	p.raw(strconv.Itoa(number) + " 0 obj\n" + body + "\nendobj\n")
	return number
}

// stream writes an object of bytes, packed.
func (p *pdf) stream(number int, entries string, content []byte) int {
	p.packed.Reset()
	z := zlib.NewWriter(&p.packed)
	z.Write(content)
	z.Close()
	return p.object(number, "<<"+entries+"/Filter/FlateDecode/Length "+strconv.Itoa(p.packed.Len())+">>\nstream\n"+p.packed.String()+"\nendstream")
}

// newPage ends the page at hand and begins another.
func (p *pdf) newPage(width, height float64) {
	p.endPage()
	p.width, p.height = width, height
	p.pages = append(p.pages, 0)
}

func (p *pdf) endPage() {
	if len(p.pages) == 0 {
		return
	}
	content := p.stream(0, "", p.page.Bytes())
	p.page.Reset()
	p.pages[len(p.pages)-1] = p.object(0, fmt.Sprintf("<</Type/Page/Parent %d 0 R/MediaBox[0 0 %s %s]/Contents %d 0 R/Resources<</Font<</F0 %d 0 R/F1 %d 0 R>>/XObject<</T %d 0 R>>>>>>",
		pagesObject, points(p.width), points(p.height), content, firstFontObject, firstFontObject+fontObjects, totalObject))
}

// close ends the file. total is how the number of pages is drawn, where pages
// have a place for it.
func (p *pdf) close(total func()) error {
	p.endPage()
	if total != nil {
		total()
	}
	p.stream(totalObject, fmt.Sprintf("/Type/XObject/Subtype/Form/BBox[-10 -10 200 50]/Resources<</Font<</F0 %d 0 R/F1 %d 0 R>>>>", firstFontObject, firstFontObject+fontObjects), p.page.Bytes())
	for i, f := range p.faces {
		p.font(firstFontObject+i*fontObjects, f)
	}
	var kids strings.Builder
	for _, page := range p.pages {
		kids.WriteString(strconv.Itoa(page) + " 0 R ")
	}
	p.object(pagesObject, fmt.Sprintf("<</Type/Pages/Count %d/Kids[%s]>>", len(p.pages), kids.String()))
	inside := p.attach(p.attached)
	p.object(catalogObject, fmt.Sprintf("<</Type/Catalog/Pages %d 0 R/Lang%s/ViewerPreferences<</DisplayDocTitle true>>%s>>", pagesObject, pdfText(p.o.Language), inside))
	p.object(infoObject, fmt.Sprintf("<</Title%s/Producer(Kartotek)/CreationDate(D:%sZ)>>", pdfText(p.o.Title), p.o.Time.UTC().Format("20060102150405")))

	start := p.at
	var table strings.Builder
	fmt.Fprintf(&table, "xref\n0 %d\n0000000000 65535 f \n", len(p.objects)+1)
	for _, at := range p.objects {
		fmt.Fprintf(&table, "%010d 00000 n \n", at)
	}
	fmt.Fprintf(&table, "trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(p.objects)+1, catalogObject, infoObject, start)
	p.raw(table.String())
	return p.err
}

// text draws a line of text, its left end and base line at x and y, and returns
// where it ends.
func (p *pdf) text(f *face, size, x, y float64, c color, s string) float64 {
	if s == "" {
		return x
	}
	fmt.Fprintf(&p.page, "BT %s %s %s rg /F%d %s Tf %s %s Td <", part(c[0]), part(c[1]), part(c[2]), p.index(f), decimal(size), points(x), points(p.height-y))
	for _, r := range s {
		g, ok := f.glyph(r)
		if !ok {
			p.missing++
		}
		fmt.Fprintf(&p.page, "%04X", g)
	}
	p.page.WriteString("> Tj ET\n")
	return x + f.width(size, s)
}

// textRight draws a line of text that ends at x.
func (p *pdf) textRight(f *face, size, x, y float64, c color, s string) {
	p.text(f, size, x-f.width(size, s), y, c, s)
}

func (p *pdf) index(f *face) int {
	if f == p.faces[1] {
		return 1
	}
	return 0
}

// line draws a line of a width.
func (p *pdf) line(x1, y1, x2, y2, width float64, c color) {
	fmt.Fprintf(&p.page, "%s %s %s RG %s w %s %s m %s %s l S\n", part(c[0]), part(c[1]), part(c[2]), points(width),
		points(x1), points(p.height-y1), points(x2), points(p.height-y2))
}

// total draws the number of pages, once it is known, at x and y.
func (p *pdf) total(x, y float64) {
	fmt.Fprintf(&p.page, "q 1 0 0 1 %s %s cm /T Do Q\n", points(x), points(p.height-y))
}

// drawTotal is the number of pages itself.
func (p *pdf) drawTotal(f *face, size float64, c color, after string) func() {
	return func() {
		p.height = 0
		p.text(f, size, 0, 0, c, strconv.Itoa(len(p.pages))+after)
	}
}

// points turns millimetres into PDF's measure.
func points(mm float64) string { return decimal(mm * 72 / 25.4) }

func part(c uint8) string { return decimal(float64(c) / 255) }

func decimal(n float64) string {
	s := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(n, 'f', 3, 64), "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// pdfText is a text outside the pages, in UTF-16.
func pdfText(s string) string {
	var b strings.Builder
	b.WriteString("<FEFF")
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String() + ">"
}

// fromPDFText reads the digits of pdfText.
func fromPDFText(digits string) (string, bool) {
	raw, err := hex.DecodeString(digits)
	if err != nil || len(raw)%2 != 0 {
		return "", false
	}
	units := make([]uint16, 0, len(raw)/2)
	for i := 0; i < len(raw); i += 2 {
		units = append(units, uint16(raw[i])<<8|uint16(raw[i+1]))
	}
	return string(utf16.Decode(units)), true
}
