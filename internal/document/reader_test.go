package document

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"kartotek/internal/fault"
)

// readAll reads a file into lines like "3: a|b".
func readAll(text string, o ReadOptions) (r *CSVReader, rows []string, err error) {
	r, err = ReadCSV(strings.NewReader(text), o)
	if err != nil {
		return nil, nil, err
	}
	for row, err := range r.Rows() {
		if err != nil {
			return r, rows, err
		}
		line := fmt.Sprintf("%d: %s", row.Line, strings.Join(row.Cells, "|"))
		if row.Fault != nil {
			line += " !" + fault.From(row.Fault).Key
		}
		rows = append(rows, line)
	}
	return r, rows, nil
}

func names(r *CSVReader) string {
	var all []string
	for _, c := range r.Columns() {
		all = append(all, c.Name)
	}
	return strings.Join(all, "|")
}

func TestReadCSV(t *testing.T) {
	for name, c := range map[string]struct {
		text      string
		separator byte
		headings  string
		line      int
		rows      []string
	}{
		"semicolons, CRLF, BOM": {"\ufeffNavn;By\r\nÅse;Ribe\r\nBo;Ry\r\n", ';', "Navn|By", 1, []string{"2: Åse|Ribe", "3: Bo|Ry"}},
		"commas, LF, no end":    {"Name,Town\nA,B", ',', "Name|Town", 1, []string{"2: A|B"}},
		"tabs, CR alone":        {"Navn\tBy\rA\tB\r", '\t', "Navn|By", 1, []string{"2: A|B"}},
		"bars":                  {"Navn|By\nA|B\n", '|', "Navn|By", 1, []string{"2: A|B"}},
		"one column":            {"E-mail\na@b.dk\n", ';', "E-mail", 1, []string{"2: a@b.dk"}},
		"commas inside": {"Navn;Adresse\nA;Vej 1, 2. tv\nB;Vej 2, 1. th\nC;Torvet 3, st.\n", ';', "Navn|Adresse", 1,
			[]string{"2: A|Vej 1, 2. tv", "3: B|Vej 2, 1. th", "4: C|Torvet 3, st."}},
		"separators in quotes": {"\"Navn\",\"Note\"\n\"A\",\"x;y;z\"\n\"B\",\"p;q;r\"\n", ',', "Navn|Note", 1, []string{"2: A|x;y;z", "3: B|p;q;r"}},
		"line breaks in quotes": {"Navn;Adresse\n\"A\";\"Vej 1\r\n2100 Kbh\rDK\"\nB;C\n", ';', "Navn|Adresse", 1,
			[]string{"2: A|Vej 1\r\n2100 Kbh\rDK", "5: B|C"}},
		"title rows":  {"Medlemsliste pr. 1. maj\n\n;;;\nNr.;Navn;By;E-mail\n101;A;Ry;a@b.dk\n", ';', "Nr.|Navn|By|E-mail", 4, []string{"5: 101|A|Ry|a@b.dk"}},
		"no headings": {"101;Åse Holm;2100;a@b.dk\n102;Bo Dam;8000;b@b.dk\n", ';', "|||", 0, []string{"1: 101|Åse Holm|2100|a@b.dk", "2: 102|Bo Dam|8000|b@b.dk"}},
		"blank rows":  {"Navn;By\n\n ; \nA;B\n;;\n\nC;D\n", ';', "Navn|By", 1, []string{"4: A|B", "7: C|D"}},
		"short rows":  {"Navn;By;Land\nA;B;C\nA\nA;B\n", ';', "Navn|By|Land", 1, []string{"2: A|B|C", "3: A||", "4: A|B|"}},
		"long rows": {"Navn;By\nA;B\nA;B;\nA;Vej 1; 2. th\nC;D\n", ';', "Navn|By", 1,
			[]string{"2: A|B", "3: A|B", "4: A|Vej 1| 2. th !document.error.too_many_cells", "5: C|D"}},
		"told separator":        {"sep=|\r\nNavn|By;Land\r\nA|B;C\r\n", '|', "Navn|By;Land", 2, []string{"3: A|B;C"}},
		"quotes inside a cell":  {"Navn;Ting\nA;5\" skærm\n\"B\" ;\"si \"\"ja\"\"\"\n", ';', "Navn|Ting", 1, []string{"2: A|5\" skærm", "3: B|si \"ja\""}},
		"text behind a quote":   {"Navn;By\n\"A\"x;B\nC;D\n", ';', "Navn|By", 1, []string{"2: Ax|B !document.error.quote_text", "3: C|D"}},
		"written by us":         {"Navn;Telefon;Nr\nA;'+4510264795;=\"00101\"\nB;'=1;'x\n", ';', "Navn|Telefon|Nr", 1, []string{"2: A|+4510264795|00101", "3: B|=1|'x"}},
		"headings on two lines": {"Navn;\"E-mail\n(privat)\";1. telefon\nA;a@b.dk;10264795\n", ';', "Navn|E-mail (privat)|1. telefon", 1, []string{"3: A|a@b.dk|10264795"}},
		"headings alone":        {"Navn;By", ';', "Navn|By", 1, nil},
		"a column without name": {"Navn;By;\nA;B;C\n", ';', "Navn|By|", 1, []string{"2: A|B|C"}},
	} {
		t.Run(name, func(t *testing.T) {
			r, rows, err := readAll(c.text, ReadOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if r.Separator() != c.separator || names(r) != c.headings || r.HeadingLine() != c.line {
				t.Errorf("separator %q, headings %q on line %d", r.Separator(), names(r), r.HeadingLine())
			}
			if !slices.Equal(rows, c.rows) {
				t.Errorf("got  %q\nwant %q", rows, c.rows)
			}
		})
	}
}

func TestReadCSVAsTold(t *testing.T) {
	const text = "Jens;Holm\nBo;Dam\n"
	if r, rows, _ := readAll(text, ReadOptions{Headings: NoHeadings}); len(rows) != 2 || r.HeadingLine() != 0 {
		t.Error(rows)
	}
	if r, rows, _ := readAll("1;2\n3;4\n", ReadOptions{Headings: FirstRow}); len(rows) != 1 || names(r) != "1|2" {
		t.Error(rows)
	}
	if r, _, _ := readAll(text, ReadOptions{Separator: ','}); names(r) != "Jens;Holm" {
		t.Error(names(r))
	}
	// Headings that the caller knows win over what stands above them.
	known := func(h string) bool { return h == "Medlemsnr" || h == "Navn 2" || h == "2100" }
	r, rows, err := readAll("Liste;over;alle\nMedlemsnr;Navn 2;2100\n1;A;B\n", ReadOptions{Known: known})
	if err != nil || r.HeadingLine() != 2 || len(rows) != 1 {
		t.Error(rows, err)
	}
}

func TestReadCSVRefuses(t *testing.T) {
	long := strings.Repeat("x", 3000)
	small := ReadOptions{Limits: Limits{Row: 2048, Columns: 4, File: 100 << 10}}
	for name, c := range map[string]struct {
		text string
		o    ReadOptions
		key  string
		line any
	}{
		"nothing":             {"", ReadOptions{}, "error.empty", nil},
		"only blanks":         {"\ufeff\n \n;;\n", ReadOptions{}, "error.empty", nil},
		"a workbook":          {"PK\x03\x04abc", ReadOptions{}, "error.spreadsheet", nil},
		"an old one":          {"\xD0\xCF\x11\xE0abc", ReadOptions{}, "file.old_workbook", nil},
		"a PDF":               {"%PDF-1.7", ReadOptions{}, "error.pdf", nil},
		"UTF-16, not as told": {"N\x00a\x00v\x00n\x00", ReadOptions{Encoding: UTF8}, "error.utf16", nil},
		"a NUL":               {"Navn;By\nA long enough row;B\nC\x00;D\n", ReadOptions{}, "error.binary", 3},
		"a NUL far down":      {strings.Repeat("Navn;By\n", 9000) + "A\x00;B\n", ReadOptions{}, "error.binary", 9001},
		"a NUL in quotes":     {strings.Repeat("Navn;By\n", 9000) + "\"A\x00\";B\n", ReadOptions{}, "error.binary", 9001},
		"Windows-1252":        {"Navn;By\nS\xF8ren;Ry\n", ReadOptions{Encoding: UTF8}, "error.not_utf8", 2},
		"… far down":          {strings.Repeat("Navn;By\n", 9000) + "S\xF8ren;Ry\n", ReadOptions{}, "error.not_utf8", 9001},
		"an open quote":       {"Navn;By\nA;\"B\nC;D\n", ReadOptions{}, "error.quote_open", 2},
		"a long row":          {"Navn;By\nA;" + long + "\n", small, "error.row_too_long", 2},
		"a long quote":        {"Navn;By\nA;\"" + strings.Repeat("x\n", 2000), small, "error.row_too_long", 2},
		"many columns":        {"Navn;By\nA;B;C;D;E\n", small, "error.too_many_columns", 2},
		"a long file":         {"Navn;By\n" + strings.Repeat("A;B\n", 30000), small, "error.too_large", nil},
		"a long sample":       {"Navn;By\n" + strings.Repeat("A;B\n", 15000), ReadOptions{Limits: Limits{File: 1000}}, "error.too_large", nil},
		"one endless row":     {strings.Repeat("x", 70000), ReadOptions{}, "error.row_too_long", 1},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := readAll(c.text, c.o)
			var e *fault.Error
			if !errors.As(err, &e) || e.Key != "document."+c.key || e.Code != fault.Invalid {
				t.Fatalf("got %v, want %s", err, c.key)
			}
			if c.line != nil && e.Args["line"] != c.line {
				t.Errorf("line %v, want %v", e.Args["line"], c.line)
			}
		})
	}
}

func TestReadErrorsPassThrough(t *testing.T) {
	broken := errors.New("the line went dead")
	if _, err := ReadCSV(iotest.ErrReader(broken), ReadOptions{}); !errors.Is(err, broken) {
		t.Error(err)
	}
	half := io.MultiReader(strings.NewReader(strings.Repeat("Navn;By\n", 10000)), iotest.ErrReader(broken))
	r, err := ReadCSV(half, ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, err = range r.Rows() {
	}
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

// However the bytes arrive, the rows are the same: a buffer may end anywhere.
func TestReadsTheSameInPieces(t *testing.T) {
	var text strings.Builder
	text.WriteString("Navn;Note\r\n")
	for i := range 9000 {
		fmt.Fprintf(&text, "Søren %d;\"a\"\"b\r\nc\rd\n%d\"\r\n", i, i)
	}
	_, want, err := readAll(text.String(), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	r, err := ReadCSV(iotest.OneByteReader(strings.NewReader(text.String())), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	i := 0
	for row, err := range r.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if got := fmt.Sprintf("%d: %s", row.Line, strings.Join(row.Cells, "|")); got != want[i] {
			t.Fatalf("got %q, want %q", got, want[i])
		}
		i++
	}
	if i != 9000 || want[1] != "6: Søren 1|a\"b\r\nc\rd\n1" {
		t.Errorf("%d rows, the second %q", i, want[1])
	}
}

// FuzzCSVReader: no panic; every row's line is right; memory stays within the
// limits; and where encoding/csv reads a file, it reads the same.
func FuzzCSVReader(f *testing.F) {
	for _, s := range []string{
		"Navn;By\nA;B\n", "a,b\r\n\"c\r\nd\",e\r\n", "\ufeffa\tb\r\rc\td", "sep=;\na;b", "a;\"b", "x\n\n;;\ny;z\n", "\"a\"b;c\n", "\"\"\"\";\" \" \n", "a\x00b", "'+45;=\"0\"\n",
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := Limits{Row: 1 << 12, Columns: 16, File: 1 << 20}
		if r, err := ReadCSV(bytes.NewReader(data), ReadOptions{Limits: limits}); err == nil {
			last := 0
			for row, err := range r.Rows() {
				if row.Line <= last && err == nil {
					t.Fatalf("line %d after line %d", row.Line, last)
				}
				if err == nil && row.Fault == nil && len(row.Cells) != len(r.Columns()) {
					t.Fatalf("%d cells in %d columns", len(row.Cells), len(r.Columns()))
				}
				last = row.Line
			}
			if cap(r.scan.row) > 4*limits.Row || cap(r.scan.buffer) > sampleSize || cap(r.scan.ends) > 64 {
				t.Fatalf("row %d, buffer %d, ends %d bytes", cap(r.scan.row), cap(r.scan.buffer), cap(r.scan.ends))
			}
		}

		s := sample{text: data, whole: true, line: 1, limits: limits}.scanner(';')
		var rows [][]string
		var odd bool
		for {
			at := s.pos
			err := s.next()
			if err != nil {
				odd = odd || err != io.EOF
				break
			}
			if want := 1 + lineBreaks(data[:at]); s.start != want {
				t.Fatalf("the row at byte %d begins on line %d, not %d", at, want, s.start)
			}
			var cells []string
			from := 0
			for _, end := range s.ends {
				cells = append(cells, string(s.row[from:end]))
				from = end
			}
			odd = odd || s.fault != nil
			if len(cells) > 1 || cells[0] != "" {
				rows = append(rows, cells)
			}
		}
		if odd || bytes.ContainsRune(data, '\r') {
			return
		}
		oracle := csv.NewReader(bytes.NewReader(data))
		oracle.Comma, oracle.FieldsPerRecord = ';', -1
		records, err := oracle.ReadAll()
		if err != nil {
			return
		}
		records = slices.DeleteFunc(records, func(r []string) bool { return len(r) == 1 && r[0] == "" })
		if got, want := fmt.Sprintf("%q", rows), fmt.Sprintf("%q", records); got != want {
			t.Fatalf("got %s, encoding/csv %s", got, want)
		}
	})
}
