package document

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"kartotek/internal/fault"
)

// open reads a whole file into lines like "3: a|b".
func open(file []byte, o ReadOptions) (Source, []string, error) {
	s, err := Open(bytes.NewReader(file), int64(len(file)), o)
	if err != nil {
		return nil, nil, err
	}
	var rows []string
	for row, err := range s.Rows() {
		if err != nil {
			return s, rows, err
		}
		line := fmt.Sprintf("%d: %s", row.Line, strings.Join(row.Cells, "|"))
		if row.Fault != nil {
			line += " !" + fault.From(row.Fault).Key
		}
		if row.Sparse {
			line += " sparse"
		}
		if row.Gap {
			line += " gap"
		}
		rows = append(rows, line)
	}
	return s, rows, nil
}

func encoded(t *testing.T, e encoding.Encoding, text string) []byte {
	t.Helper()
	out, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// The names of a Danish list in every way a spreadsheet may have saved them.
func TestEncodings(t *testing.T) {
	const text = "Navn;Adresse\r\nSøren Ægidius Ås;\"Ørstedsvej 5\r\n8000 Århus\"\r\nÉlise Müller;Sjællandsgade\r\n"
	rows := []string{"2: Søren Ægidius Ås|Ørstedsvej 5\r\n8000 Århus", "4: Élise Müller|Sjællandsgade"}
	for name, c := range map[string]struct {
		file []byte
		want Encoding
	}{
		"UTF-8":          {[]byte(text), UTF8},
		"UTF-8, mark":    {[]byte(bom + text), UTF8},
		"UTF-16 LE mark": {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM), text), UTF16LE},
		"UTF-16 BE mark": {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.ExpectBOM), text), UTF16BE},
		"UTF-16 LE":      {encoded(t, unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), text), UTF16LE},
		"UTF-16 BE":      {encoded(t, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM), text), UTF16BE},
		"Windows-1252":   {encoded(t, charmap.Windows1252, text), Windows1252},
		"Macintosh":      {encoded(t, charmap.Macintosh, text), Macintosh},
		"MS-DOS":         {encoded(t, charmap.CodePage850, text), DOS},
	} {
		t.Run(name, func(t *testing.T) {
			s, got, err := open(c.file, ReadOptions{})
			if err != nil || !slices.Equal(got, rows) || s.About().Encoding != c.want {
				t.Errorf("%v %q %v", s.About().Encoding, got, err)
			}
			if _, got, err = open(c.file, ReadOptions{Encoding: c.want}); err != nil || !slices.Equal(got, rows) {
				t.Errorf("as told: %q %v", got, err)
			}
		})
	}
	// The first foreign letter on the last line counts too.
	late := append(bytes.Repeat([]byte("Navn;By\n"), 20000), "S\xF8ren;Ry\n"...)
	if s, rows, err := open(late, ReadOptions{}); err != nil || s.About().Encoding != Windows1252 || !strings.HasSuffix(rows[len(rows)-1], "Søren|Ry") {
		t.Error(err, s.About())
	}
	// One broken byte among many good letters does not make a file another encoding.
	mixed := []byte(strings.Repeat("Søren;Ærø\n", 20) + "S\xF8ren;Ry\n")
	if _, _, err := open(mixed, ReadOptions{}); fault.From(err).Key != "document.error.not_utf8" || fault.From(err).Args["line"] != 21 {
		t.Error(err)
	}
	if _, rows, err := open(mixed, ReadOptions{Encoding: Windows1252}); err != nil || !strings.HasSuffix(rows[len(rows)-1], "Søren|Ry") {
		t.Error(rows, err)
	}
	for _, e := range Encodings {
		if got, ok := EncodingNamed(e.String()); !ok || got != e {
			t.Error(e)
		}
	}
}

// However a file is cut into pieces, the census is the same.
func FuzzCensus(f *testing.F) {
	f.Add([]byte("Søren Ås"), uint8(3))
	f.Add([]byte("S\xF8ren\xE2\x82"), uint8(5))
	f.Add([]byte("\xF0\x9F\x98\x80\xF0\x9F"), uint8(2))
	f.Fuzz(func(t *testing.T, text []byte, step uint8) {
		var whole, pieces census
		whole.add(text)
		for rest := text; len(rest) > 0; {
			n := min(int(step%7)+1, len(rest))
			pieces.add(rest[:n])
			rest = rest[n:]
		}
		if got, want := pieces.guess(), whole.guess(); got != want || pieces.rune != whole.rune || pieces.invalid != whole.invalid || !bytes.Equal(pieces.part, whole.part) {
			t.Fatalf("%v and %v: %+v, %+v", got, want, pieces.invalid, whole.invalid)
		}
	})
}

func TestTitlesTotalsAndGaps(t *testing.T) {
	const text = "Medlemsliste\n\nUdskrevet 1. maj;\nNr;Navn;By;Bidrag\n1;A;Ry;100\n\n2;B;;\n\n;;;I alt 200\n"
	s, rows, err := open([]byte(text), ReadOptions{})
	want := []string{"5: 1|A|Ry|100", "7: 2|B|| gap", "9: |||I alt 200 sparse gap"}
	if err != nil || !slices.Equal(rows, want) {
		t.Errorf("%q %v", rows, err)
	}
	if above := s.Above(); s.HeadingLine() != 4 || len(above) != 2 || above[1].Line != 3 || above[0].Cells[0] != "Medlemsliste" {
		t.Errorf("%d %v", s.HeadingLine(), above)
	}
	if !slices.Equal(s.Skipped(), []int{2, 6, 8}) {
		t.Error(s.Skipped())
	}
	// Somebody points the headings out, or the caller knows them.
	if s, rows, _ := open([]byte(text), ReadOptions{HeadingLine: 3}); s.HeadingLine() != 3 || len(rows) != 4 {
		t.Error(s.HeadingLine(), rows)
	}
	if _, _, err := open([]byte(text), ReadOptions{HeadingLine: 2}); fault.From(err).Key != "document.file.no_headings" {
		t.Error(err)
	}
	best := func(cells []string) int {
		return strings.Count(strings.Join(cells, " "), "a")
	}
	if s, _, _ := open([]byte(text), ReadOptions{Heading: best}); s.HeadingLine() != 4 {
		t.Error(s.HeadingLine())
	}
}

// archive is a zip of parts, two strings each.
func archive(parts ...string) []byte {
	var file bytes.Buffer
	z := zip.NewWriter(&file)
	for i := 0; i < len(parts); i += 2 {
		w, err := z.Create(parts[i])
		if err == nil {
			_, err = w.Write([]byte(parts[i+1]))
		}
		if err != nil {
			panic(err)
		}
	}
	if err := z.Close(); err != nil {
		panic(err)
	}
	return file.Bytes()
}

// What people choose instead of a list is named, with what to do about it.
func TestOpenRefuses(t *testing.T) {
	compound := func(stream string) []byte {
		file := make([]byte, 2048)
		copy(file, "\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1")
		file[30], file[48] = 9, 1 // sectors of 512 bytes, the directory in the second
		copy(file[1024+128:], wide(stream))
		return file
	}
	whole := book(`<row><c t="inlineStr"><is><t>Navn</t></is></c></row>`)
	for name, c := range map[string]struct {
		file []byte
		key  string
	}{
		"nothing":           {nil, "error.empty"},
		"blanks":            {[]byte("\r\n;;\r\n"), "error.empty"},
		"a PDF":             {[]byte("%PDF-1.7\n"), "error.pdf"},
		"a photo":           {[]byte("\xFF\xD8\xFF\xE0\x00\x10JFIF"), "file.image"},
		"a phone's photo":   {[]byte("\x00\x00\x00\x24ftypheic\x00\x00\x00\x00"), "file.image"},
		"old Excel":         {compound("Workbook"), "file.old_workbook"},
		"a password":        {compound("EncryptedPackage"), "file.encrypted"},
		"old Word":          {compound("WordDocument"), "file.text_document"},
		"a stump":           {[]byte("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1"), "file.damaged"},
		"a page as .xls":    {[]byte("\r\n<html><table><tr><td>Navn</td></tr></table></html>"), "file.web_page"},
		"a page in UTF-16":  {append([]byte("\xFF\xFE"), wide("<table>")...), "file.web_page"},
		"Excel 2003 XML":    {[]byte("\ufeff<?xml version=\"1.0\"?><Workbook/>"), "file.web_page"},
		"contacts":          {[]byte("BEGIN:VCARD\r\nVERSION:3.0\r\n"), "file.contacts"},
		"OpenDocument":      {archive("mimetype", "application/vnd.oasis.opendocument.spreadsheet", "content.xml", "<a/>"), "file.open_document"},
		"Numbers":           {archive("Index/Document.iwa", "x"), "file.numbers"},
		"Word":              {archive("[Content_Types].xml", "<a/>", "word/document.xml", "<a/>"), "file.text_document"},
		"a binary workbook": {archive("[Content_Types].xml", "<a/>", "xl/workbook.bin", "x"), "file.old_workbook"},
		"a packed list":     {archive("liste.csv", "Navn;By\n"), "file.zip"},
		"an empty zip":      {archive(), "file.zip"},
		"cut in the middle": {whole[:len(whole)/2], "file.damaged"},
		"the last byte off": {whole[:len(whole)-1], "file.damaged"},
		"random bytes":      {[]byte("\x7FELF\x02\x01\x01\x00\x00"), "error.utf16"},
		"few NULs":          {[]byte("Navn;By\nA;B\x00\n"), "error.binary"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := open(c.file, ReadOptions{})
			var e *fault.Error
			if !errors.As(err, &e) || e.Key != "document."+c.key || e.Code != fault.Invalid {
				t.Fatalf("got %v, want %s", err, c.key)
			}
		})
	}
	small := ReadOptions{Limits: Limits{File: 100}}
	if _, _, err := open(whole, small); fault.From(err).Key != "document.error.too_large" {
		t.Error(err)
	}
}
