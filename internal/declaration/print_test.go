package declaration

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// The template in every format, read by what people read it with: Word's with its notes
// as comments, the PDF by poppler (N4).
func TestN4TheTemplateCanBeHadInEveryFormat(t *testing.T) {
	c := load(t, "club-no")
	r := Template(c, "nb", "Mal")
	made := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	files := map[string]*bytes.Buffer{}
	for _, format := range Formats() {
		files[format] = &bytes.Buffer{}
		if err := r.Write(files[format], format, made); err != nil {
			t.Fatal(err)
		}
	}
	for format, want := range map[string]string{"html": "<h2>14. Kontakt</h2>", "md": "\n## 14. Kontakt\n\n"} {
		if text := files[format].String(); !strings.Contains(text, want) {
			t.Errorf("%s lacks %q", format, want)
		}
	}
	read := exec.Command("pdftotext", "-", "-")
	read.Stdin = files["pdf"]
	text, err := read.Output()
	if err != nil || !strings.Contains(string(text), "14. Kontakt") || !strings.Contains(string(text), "Datatilsynet") && !strings.Contains(string(text), "tilsynsmyndigheten") {
		t.Errorf("poppler reads %v: %s", err, text)
	}
	packed, err := zip.NewReader(bytes.NewReader(files["docx"].Bytes()), int64(files["docx"].Len()))
	if err != nil {
		t.Fatal(err)
	}
	notes, headings := 0, 0
	for _, part := range packed.File {
		f, err := part.Open()
		if err != nil {
			t.Fatal(err)
		}
		for in := xml.NewDecoder(f); ; {
			token, err := in.Token()
			if errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", part.Name, err)
			}
			start, ok := token.(xml.StartElement)
			switch {
			case ok && start.Name.Local == "comment":
				notes++
			case ok && start.Name.Local == "pStyle" && start.Attr[0].Value == "Heading1":
				headings++
			}
		}
	}
	if notes != Points || headings != Points || len(packed.File) != 6 {
		t.Errorf("%d notes, %d headings, %d parts", notes, headings, len(packed.File))
	}
	if err := r.Write(&bytes.Buffer{}, "odt", made); err == nil {
		t.Error("a format that is none is written")
	}
}
