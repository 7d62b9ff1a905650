package document

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// WordWriter writes a paper that Word and its like can go on editing: headings,
// paragraphs, lists, and notes as comments in the margin, which do not print unless
// asked to. It is our own on archive/zip: the library in the design's list has no
// comments, and a paper is gathered in memory and never lies in a temporary file.
type WordWriter struct {
	out      io.Writer
	body     bytes.Buffer
	comments bytes.Buffer
	count    int
	o        PDFOptions
	by       string
}

// NewWord begins a paper on w; by is whom the notes are from.
func NewWord(w io.Writer, by string, o PDFOptions) *WordWriter {
	return &WordWriter{out: w, o: o, by: by}
}

func escaped(s string) string {
	var b bytes.Buffer
	_ = xml.EscapeText(&b, []byte(s)) // a buffer takes everything
	return b.String()
}

// Write adds a paragraph in a style: "Title", "Heading1", "ListBullet", "Own", "Note" or
// "" for running text. A note hangs on it as a comment.
func (w *WordWriter) Write(style, text, note string) {
	w.body.WriteString(`<w:p>`)
	if style != "" {
		w.body.WriteString(`<w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>`)
	}
	run := `<w:r><w:t xml:space="preserve">` + escaped(text) + `</w:t></w:r>`
	if note == "" {
		w.body.WriteString(run + `</w:p>`)
		return
	}
	id := w.count
	w.count++
	fmt.Fprintf(&w.body, `<w:commentRangeStart w:id="%d"/>%s<w:commentRangeEnd w:id="%d"/><w:r><w:commentReference w:id="%d"/></w:r></w:p>`, id, run, id, id)
	fmt.Fprintf(&w.comments, `<w:comment w:id="%d" w:author="%s" w:date="%s" w:initials="K"><w:p><w:r><w:t xml:space="preserve">%s</w:t></w:r></w:p></w:comment>`,
		id, escaped(w.by), w.o.Time.UTC().Format(time.RFC3339), escaped(note))
}

const (
	wordHead  = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	wordSpace = ` xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"`
	wordKind  = `application/vnd.openxmlformats-officedocument.wordprocessingml.`
	wordLink  = `http://schemas.openxmlformats.org/officeDocument/2006/relationships/`
)

// wordStyles are how the paper looks.
const wordStyles = wordHead + `<w:styles` + wordSpace + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="22"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="120"/></w:pPr></w:pPrDefault></w:docDefaults>` +
	`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>` +
	`<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:basedOn w:val="Normal"/><w:rPr><w:b/><w:sz w:val="36"/></w:rPr></w:style>` +
	`<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:basedOn w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="240"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="26"/></w:rPr></w:style>` +
	`<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:basedOn w:val="Normal"/><w:pPr><w:spacing w:after="60"/><w:ind w:left="360"/></w:pPr></w:style>` +
	`<w:style w:type="paragraph" w:styleId="Own"><w:name w:val="Own words"/><w:basedOn w:val="Normal"/><w:rPr><w:i/></w:rPr></w:style></w:styles>`

// Close writes the file.
func (w *WordWriter) Close() error {
	z := zip.NewWriter(w.out)
	parts := []struct{ name, content string }{
		{"[Content_Types].xml", wordHead + `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/word/document.xml" ContentType="` + wordKind + `document.main+xml"/><Override PartName="/word/styles.xml" ContentType="` + wordKind + `styles+xml"/><Override PartName="/word/comments.xml" ContentType="` + wordKind + `comments+xml"/></Types>`},
		{"_rels/.rels", wordHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + wordLink + `officeDocument" Target="word/document.xml"/></Relationships>`},
		{"word/_rels/document.xml.rels", wordHead + `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="` + wordLink + `styles" Target="styles.xml"/><Relationship Id="rId2" Type="` + wordLink + `comments" Target="comments.xml"/></Relationships>`},
		{"word/styles.xml", wordStyles},
		{"word/comments.xml", wordHead + `<w:comments` + wordSpace + `>` + w.comments.String() + `</w:comments>`},
		{"word/document.xml", wordHead + `<w:document` + wordSpace + `><w:body>` + w.body.String() + `<w:sectPr><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1417" w:right="1417" w:bottom="1417" w:left="1417" w:header="708" w:footer="708" w:gutter="0"/></w:sectPr></w:body></w:document>`},
	}
	for _, part := range parts {
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: w.o.Time.UTC()})
		if err != nil {
			return err
		}
		if _, err := io.WriteString(f, part.content); err != nil {
			return err
		}
	}
	return z.Close()
}
