package document

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/goregular"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/norm"
)

// face is one of the Go fonts in use by one document. They have the letters of
// every language that is written in Latin, Greek or Cyrillic, Vietnamese aside. A
// letter they lack is drawn as an empty box, and counted: see Missing.
type face struct {
	*typeface
	used map[sfnt.GlyphIndex]rune
}

// typeface is a font as it lies in the program.
type typeface struct {
	name     string
	file     []byte
	font     *sfnt.Font
	units    float64
	mutex    sync.Mutex
	buffer   sfnt.Buffer
	glyphs   map[rune]sfnt.GlyphIndex
	advances map[sfnt.GlyphIndex]float64 // in thousandths of the size
}

var (
	regularFace = sync.OnceValue(func() *typeface { return parseFace("GoRegular", goregular.TTF) })
	boldFace    = sync.OnceValue(func() *typeface { return parseFace("GoBold", gobold.TTF) })
)

func regular() *face { return &face{regularFace(), map[sfnt.GlyphIndex]rune{}} }
func bold() *face    { return &face{boldFace(), map[sfnt.GlyphIndex]rune{}} }

func parseFace(name string, file []byte) *typeface {
	f, err := sfnt.Parse(file)
	if err != nil {
		panic(err) // it is part of the program
	}
	return &typeface{name: name, file: file, font: f, units: float64(f.UnitsPerEm()),
		glyphs: map[rune]sfnt.GlyphIndex{}, advances: map[sfnt.GlyphIndex]float64{}}
}

// glyph finds a letter and notes that it is used.
func (f *face) glyph(r rune) (sfnt.GlyphIndex, bool) {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	g := f.find(r)
	f.used[g] = r
	return g, g != 0
}

// find looks a letter up; what is no Latin letter is not remembered, so that the
// memory of it stays small.
func (t *typeface) find(r rune) sfnt.GlyphIndex {
	g, known := t.glyphs[r]
	if !known {
		g, _ = t.font.GlyphIndex(&t.buffer, r)
		if _, there := t.advances[g]; !there {
			advance, err := t.font.GlyphAdvance(&t.buffer, g, fixed.I(int(t.units)), font.HintingNone)
			if err == nil {
				t.advances[g] = float64(advance) / 64 * 1000 / t.units
			}
		}
		if r < 0x0530 {
			t.glyphs[r] = g
		}
	}
	return g
}

// width is how wide a text is at a size, in millimetres.
func (f *face) width(size float64, s string) float64 {
	f.mutex.Lock()
	defer f.mutex.Unlock()
	thousandths := 0.0
	for _, r := range s {
		thousandths += f.advances[f.find(r)]
	}
	return thousandths / 1000 * size * 25.4 / 72
}

// wrap breaks a text into lines of at most a width, at spaces where it can, and
// behind @ . - / within long words.
func (f *face) wrap(size, width float64, s string) []string {
	var lines []string
	for _, paragraph := range strings.Split(tidy(s), "\n") {
		line := ""
		for _, word := range strings.FieldsFunc(paragraph, func(r rune) bool { return r == ' ' }) { // and not at a no-break space
			joined := word
			if line != "" {
				joined = line + " " + word
			}
			if f.width(size, joined) <= width {
				line = joined
				continue
			}
			if line != "" {
				lines = append(lines, line)
			}
			for f.width(size, word) > width {
				head := f.breakWord(size, width, word)
				lines = append(lines, word[:head])
				word = word[head:]
			}
			line = word
		}
		lines = append(lines, line)
	}
	return lines
}

// breakWord says how much of a word goes on a line: at least one letter.
func (f *face) breakWord(size, width float64, word string) int {
	fits, soft := 0, 0
	for i, r := range word {
		end := i + len(string(r))
		if f.width(size, word[:end]) > width && fits > 0 {
			break
		}
		fits = end
		if strings.ContainsRune("@.-/_", r) {
			soft = end
		}
	}
	if soft > fits/2 {
		return soft
	}
	return fits
}

// tidy puts accents onto their letters, and takes out what cannot be drawn.
func tidy(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(strings.ToValidUTF8(s, "\ufffd"))
	return norm.NFC.String(strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, s))
}

// font writes a font with what a reader needs to draw its letters, to find them
// and to copy them.
func (p *pdf) font(number int, f *face) {
	bounds, _ := f.typeface.font.Bounds(&f.buffer, fixed.I(1000), font.HintingNone)
	metrics, _ := f.typeface.font.Metrics(&f.buffer, fixed.I(1000), font.HintingNone)
	var widths, letters strings.Builder
	used := slices.Sorted(maps.Keys(f.used))
	for i, g := range used {
		fmt.Fprintf(&widths, "%d[%s]", g, decimal(f.advances[g]))
		if i%100 == 0 {
			if i > 0 {
				letters.WriteString("endbfchar\n")
			}
			fmt.Fprintf(&letters, "%d beginbfchar\n", min(100, len(used)-i))
		}
		fmt.Fprintf(&letters, "<%04X> %s\n", g, strings.Replace(pdfText(string(f.used[g])), "FEFF", "", 1))
	}
	if len(used) > 0 {
		letters.WriteString("endbfchar\n")
	}
	p.object(number, fmt.Sprintf("<</Type/Font/Subtype/Type0/BaseFont/%s/Encoding/Identity-H/DescendantFonts[%d 0 R]/ToUnicode %d 0 R>>", f.name, number+1, number+4))
	p.object(number+1, fmt.Sprintf("<</Type/Font/Subtype/CIDFontType2/BaseFont/%s/CIDSystemInfo<</Registry(Adobe)/Ordering(Identity)/Supplement 0>>/FontDescriptor %d 0 R/DW 500/W[%s]/CIDToGIDMap/Identity>>",
		f.name, number+2, widths.String()))
	p.object(number+2, fmt.Sprintf("<</Type/FontDescriptor/FontName/%s/Flags 32/FontBBox[%d %d %d %d]/ItalicAngle 0/Ascent %d/Descent %d/CapHeight %d/StemV 80/FontFile2 %d 0 R>>",
		f.name, bounds.Min.X.Floor(), -bounds.Max.Y.Ceil(), bounds.Max.X.Ceil(), -bounds.Min.Y.Floor(), metrics.Ascent.Ceil(), -metrics.Descent.Ceil(), metrics.CapHeight.Ceil(), number+3))
	p.stream(number+3, fmt.Sprintf("/Length1 %d", len(f.file)), f.file)
	p.stream(number+4, "", []byte("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n"+
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n"+letters.String()+"endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend"))
}
