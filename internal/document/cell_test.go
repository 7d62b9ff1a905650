package document

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// cells are the texts that go wrong in spreadsheets, and any others.
func cells() *rapid.Generator[string] {
	awkward := rapid.SampledFrom([]string{
		"", "'", "''", "=", "+", "-", "@", "\t", "\r", "\n", "\r\n", " ", "\u00a0", `"`, `""`, ";", ",", "|", "\ufeff", "＝", "＠",
		"1", "+4510264795", `="00101"`, `=HYPERLINK("http://x")`, "Søren", "5\" skærm", "sep=;", "a", "\ufffd",
	})
	text := rapid.Map(rapid.SliceOfN(awkward, 0, 5), func(parts []string) string { return strings.Join(parts, "") })
	return rapid.OneOf(text, rapid.Map(rapid.String(), func(s string) string {
		return strings.ReplaceAll(s, "\x00", "")
	}))
}

// What is written comes back, whatever it is; and no cell of the file begins with
// a sign that a spreadsheet would run.
func TestWriteReadIsIdentity(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := CSVOptions{
			Separator: rapid.SampledFrom(separators[:]).Draw(t, "separator"),
			BOM:       rapid.Bool().Draw(t, "bom"),
		}
		columns := []Column{{Name: "Anchor"}, {Name: "A"}, {Name: "B"}}
		var rows [][]string
		for range rapid.IntRange(0, 6).Draw(t, "rows") {
			rows = append(rows, []string{"x", cells().Draw(t, "a"), cells().Draw(t, "b")})
		}
		var file bytes.Buffer
		if n, err := WriteCSV(&file, Of(columns, rows...), o); err != nil || n != len(rows) {
			t.Fatal(n, err)
		}
		r, err := ReadCSV(bytes.NewReader(file.Bytes()), ReadOptions{Separator: o.Separator, Headings: FirstRow})
		if err != nil {
			t.Fatalf("%v in %q", err, file.String())
		}
		if r.Columns()[0].Name != "Anchor" {
			t.Fatalf("headings %v", r.Columns())
		}
		i := 0
		for row, err := range r.Rows() {
			if err != nil || row.Fault != nil {
				t.Fatalf("%v %v in %q", err, row.Fault, file.String())
			}
			if got, want := fmt.Sprintf("%q", row.Cells), fmt.Sprintf("%q", rows[i]); got != want {
				t.Fatalf("row %d: read %s, wrote %s, file %q", i, got, want, file.String())
			}
			i++
		}
		if i != len(rows) {
			t.Fatalf("%d rows read, %d written: %q", i, len(rows), file.String())
		}
		s := sample{text: bytes.TrimPrefix(file.Bytes(), []byte(bom)), whole: true, line: 1, limits: Limits{}.orDefault()}
		raw := s.scanner(o.Separator)
		for raw.next() == nil {
			from := 0
			for _, end := range raw.ends {
				if cell := string(raw.row[from:end]); opensFormula(cell) {
					t.Fatalf("the cell %q could be run", cell)
				}
				from = end
			}
		}
	})
}

// opensFormula is said here in its own words, so that the rule is checked twice.
func opensFormula(cell string) bool {
	first := []rune(strings.TrimLeft(cell, " \u00a0"))
	return len(first) > 0 && strings.ContainsRune("=+-@\t\r\n＝＋－＠", first[0])
}

func TestRestore(t *testing.T) {
	for in, want := range map[string]string{
		"'+4510264795": "+4510264795", "'=1+1": "=1+1", `="00101"`: "00101", `="a""b"`: `a"b`, `=""`: "", "''=1": "'=1",
		"'abc": "'abc", "'": "'", "": "", "=1+1": "=1+1", `="a"&"b"`: `="a"&"b"`, "' =1": " =1", "+45": "+45", "'t Hooft": "'t Hooft",
	} {
		if got := restore(in); got != want {
			t.Errorf("restore(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPhonesAndFormulasInAFile(t *testing.T) {
	var file bytes.Buffer
	_, err := WriteCSV(&file, Of([]Column{{"Navn", Text}, {"Telefon", Phone}, {"Note", Text}},
		[]string{"Åse", "+4510264795", "=cmd|' /C calc'!A0"},
		[]string{`Bo "B"`, "", "linje 1\r\nlinje 2"},
		[]string{"O'Brien; Jens", "\x00\xff", " kant "},
	), CSVOptions{BOM: true})
	if err != nil {
		t.Fatal(err)
	}
	want := "\ufeffNavn;Telefon;Note\r\n" +
		"Åse;'+4510264795;'=cmd|' /C calc'!A0\r\n" +
		"\"Bo \"\"B\"\"\";;\"linje 1\r\nlinje 2\"\r\n" +
		"\"O'Brien; Jens\";\ufffd\ufffd;\" kant \"\r\n"
	if file.String() != want {
		t.Errorf("got  %q\nwant %q", file.String(), want)
	}
}
