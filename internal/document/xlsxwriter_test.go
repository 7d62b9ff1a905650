package document

import (
	"bytes"
	"io"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"pgregory.net/rapid"

	"kartotek/internal/fault"
)

var clock = time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)

func workbookOf(t testing.TB, columns []Column, rows ...[]string) []byte {
	t.Helper()
	var file bytes.Buffer
	if _, err := Copy(NewXLSX(&file, columns, XLSXOptions{Sheet: "Liste 331", Title: "Liste 331", Time: clock}), Of(columns, rows...)); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

var listColumns = []Column{{"Nr.", ID}, {"Navn", Text}, {"Født", Date}, {"Beløb", Number}, {"Telefon", Phone}, {"Postnr.", ID}}

var listRows = [][]string{
	{"00101", "Søren & <Åse>", "2009-09-03", "12.5", "+4510264795", "0555"},
	{"102", "=1+1", "1899-12-31", "-3", "", "2100"},
	{"103", "To\nlinjer ", "2024-02-29", "1234567890123456", "+4799887766", "8000"},
}

// Types and noughts as another's reader finds them.
func TestExcelizeReadsOurWorkbook(t *testing.T) {
	f, err := excelize.OpenReader(bytes.NewReader(workbookOf(t, listColumns, listRows...)))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if sheets := f.GetSheetList(); !slices.Equal(sheets, []string{"Liste 331"}) {
		t.Error(sheets)
	}
	rows, err := f.GetRows("Liste 331", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	want := [][]string{{"Nr.", "Navn", "Født", "Beløb", "Telefon", "Postnr."},
		{"00101", "Søren & <Åse>", "40059", "12.5", "+4510264795", "0555"},
		{"102", "=1+1", "1899-12-31", "-3", "", "2100"},
		{"103", "To\nlinjer ", "45351", "1234567890123456", "+4799887766", "8000"}}
	for i := range want {
		if !slices.Equal(rows[i], want[i]) {
			t.Errorf("got %q, want %q", rows[i], want[i])
		}
	}
	for cell, want := range map[string]excelize.CellType{"A2": excelize.CellTypeInlineString, "C2": excelize.CellTypeUnset, "C3": excelize.CellTypeInlineString,
		"D2": excelize.CellTypeUnset, "D4": excelize.CellTypeInlineString, "E2": excelize.CellTypeInlineString} {
		if got, err := f.GetCellType("Liste 331", cell); err != nil || got != want {
			t.Errorf("%s is of type %v, not %v", cell, got, want)
		}
	}
	if formula, _ := f.GetCellFormula("Liste 331", "B3"); formula != "" {
		t.Errorf("a text became a formula: %q", formula)
	}
	if props, err := f.GetDocProps(); err != nil || props.Title != "Liste 331" || props.Creator != "" {
		t.Errorf("%+v %v", props, err)
	}
	if panes, err := f.GetPanes("Liste 331"); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("%+v %v", panes, err)
	}
}

// LibreOffice opens it, with days as days and nothing run.
func TestLibreOfficeReadsOurWorkbook(t *testing.T) {
	out := convert(t, workbookOf(t, listColumns, listRows...), "xlsx", `csv:Text - txt - csv (StarCalc):44,34,76,1,,1030,true,false,false`)
	// A day as the language C writes it: a text would have come back as it was.
	want := "Nr.,Navn,Født,Beløb,Telefon,Postnr.\n" +
		"\"00101\",\"Søren & <Åse>\",\"09/03/2009\",\"12.5\",\"+4510264795\",\"0555\"\n"
	text := strings.ReplaceAll(strings.TrimPrefix(string(out), bom), "\"Nr.\",\"Navn\",\"Født\",\"Beløb\",\"Telefon\",\"Postnr.\"", "Nr.,Navn,Født,Beløb,Telefon,Postnr.")
	if !strings.HasPrefix(text, want) || !strings.Contains(text, `"=1+1"`) {
		t.Errorf("got\n%s", text)
	}
}

// Whatever the texts, a workbook written and read gives them back, numbers and
// days in their canonical form.
func TestWorkbookComesBack(t *testing.T) {
	special := rapid.SampledFrom([]string{"'+45", "'x", "=\"001\"", "_x000D_", "_x005F_x0041_", "\r\n", "\x01\x1f", "]]>", "&amp;", " a ", "\t", "\U0001F600", "_x", "＝1", "'=\"1\"", "_x000d_"})
	texts := rapid.OneOf(rapid.String(), special)
	rapid.Check(t, func(t *rapid.T) {
		rows := rapid.SliceOfN(rapid.SliceOfN(texts, 2, 2), 1, 20).Draw(t, "rows")
		columns := []Column{{"Navn", Text}, {"Note", ID}}
		var file bytes.Buffer
		if _, err := Copy(NewXLSX(&file, columns, XLSXOptions{}), Of(columns, rows...)); err != nil {
			t.Fatal(err)
		}
		s, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()), ReadOptions{Headings: FirstRow})
		if err != nil {
			t.Fatal(err)
		}
		clean := strings.NewReplacer("\x00", "\ufffd", "\ufffe", "\ufffd", "\uffff", "\ufffd")
		next := 0
		for row, err := range s.Rows() {
			if err != nil {
				t.Fatal(err)
			}
			want := rows[row.Line-2]
			for ; next < row.Line-2; next++ {
				if strings.TrimSpace(rows[next][0]+rows[next][1]) != "" {
					t.Fatalf("row %d is gone: %q", next, rows[next])
				}
			}
			next++
			for i := range want {
				if got, want := row.Cells[i], clean.Replace(strings.ToValidUTF8(want[i], "\ufffd")); got != want && strings.TrimSpace(want) != "" {
					t.Fatalf("got %q, want %q", got, want)
				}
			}
		}
	})
}

// The same rows at the same time are the same file.
func TestWorkbookIsTheSameAgain(t *testing.T) {
	if !bytes.Equal(workbookOf(t, listColumns, listRows...), workbookOf(t, listColumns, listRows...)) {
		t.Error("two files of the same rows differ")
	}
}

func TestWorkbookLimits(t *testing.T) {
	w := NewXLSX(io.Discard, listColumns[:1], XLSXOptions{})
	if err := w.Write([]string{strings.Repeat("ø", longestText)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Write([]string{strings.Repeat("ø", longestText+1)}); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); fault.From(err).Key != "document.file.text_too_long" {
		t.Error(err)
	}
	w = NewXLSX(io.Discard, listColumns[:1], XLSXOptions{})
	var err error
	for range lastRow {
		if err = w.Write([]string{"1"}); err != nil {
			break
		}
	}
	if fault.From(err).Key != "document.file.too_many_rows" {
		t.Error(err)
	}
	if err := NewXLSX(brokenWriter{}, listColumns, XLSXOptions{}).Close(); err != io.ErrClosedPipe {
		t.Error(err)
	}
	for name, want := range map[string]string{"": "Sheet1", "Liste: 331/2": "Liste 331 2", "'a'": "a", strings.Repeat("å", 40): strings.Repeat("å", 31)} {
		if got := sheetName(name); got != want {
			t.Errorf("%q became %q", name, got)
		}
	}
}

// A long list costs no more memory than a short one, written or read.
func TestWorkbookHoldsOneRow(t *testing.T) {
	var file bytes.Buffer
	w := NewXLSX(&file, benchColumns, XLSXOptions{})
	row := slices.Clone(benchRow)
	memory := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	const rows = 100_000
	var early uint64
	for i := range rows {
		row[0] = strconv.Itoa(100_000 + i)
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
		if i == 1000 {
			file.Grow(16 << 20)
			early = memory()
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if grown := int64(memory()) - int64(early); grown > 1<<20 {
		t.Errorf("writing: %d bytes more at the end than after a thousand rows", grown)
	}
	s, err := Open(bytes.NewReader(file.Bytes()), int64(file.Len()), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for row, err := range s.Rows() {
		if err != nil {
			t.Fatal(err)
		}
		if n++; n == 1000 {
			early = memory()
		}
		if row.Cells[1] != benchRow[1] {
			t.Fatal(row.Cells)
		}
	}
	if grown := int64(memory()) - int64(early); grown > 1<<20 || n != rows {
		t.Errorf("reading %d rows: %d bytes more at the end than after a thousand", n, grown)
	}
}
