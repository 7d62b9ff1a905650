package document

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"kartotek/internal/fault"
)

// office is LibreOffice's program without windows.
func office(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"soffice", "libreoffice"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Fatal(`LibreOffice was not found in PATH. The tests read and write files with it; on Debian or Ubuntu:
    apt-get update && apt-get install -y --no-install-recommends libreoffice-calc-nogui`)
	return ""
}

// filters say how LibreOffice is to read a file: CSV with commas, in UTF-8.
var filters = map[string]string{"csv": "CSV:44,34,76", "xlsx": "Calc MS Excel 2007 XML"}

// convert has LibreOffice open a file and save it as something else.
func convert(t *testing.T, file []byte, from, to string) []byte {
	t.Helper()
	dir := t.TempDir()
	in := filepath.Join(dir, "fil."+from)
	if err := os.WriteFile(in, file, 0o600); err != nil {
		t.Fatal(err)
	}
	kind, _, _ := strings.Cut(to, ":")
	command := exec.Command(office(t), "-env:UserInstallation=file://"+filepath.Join(dir, "user"),
		"--headless", "--infilter="+filters[from], "--convert-to", to, "--outdir", filepath.Join(dir, "out"), in)
	command.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	result, err := os.ReadFile(filepath.Join(dir, "out", "fil."+kind))
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return result
}

// A workbook as excelize writes it: two sheets, dates, masks, rich text, a
// formula, merged cells.
func TestReadsWhatExcelizeWrites(t *testing.T) {
	f := excelize.NewFile()
	defer f.Close()
	do := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	style := func(code string) int {
		n, err := f.NewStyle(&excelize.Style{CustomNumFmt: &code})
		do(err)
		return n
	}
	_, err := f.NewSheet("Æresmedlemmer")
	do(err)
	const sheet = "Sheet1"
	do(f.SetSheetRow(sheet, "A1", &[]any{"Liste"}))
	do(f.MergeCell(sheet, "A1", "E1"))
	do(f.SetSheetRow(sheet, "A2", &[]any{"Nr.", "Navn", "Født", "Postnr.", "Telefon", "Aktiv"}))
	do(f.SetSheetRow(sheet, "A3", &[]any{"00101", "Søren & Åse", time.Date(2009, 9, 3, 0, 0, 0, 0, time.UTC), 555, 10264795, true}))
	do(f.SetSheetRow(sheet, "A4", &[]any{12345678, nil, 40059, 8000, 1.0264795e7, false}))
	do(f.SetCellRichText(sheet, "B4", []excelize.RichTextRun{{Text: "Bo "}, {Text: "Dam", Font: &excelize.Font{Bold: true}}}))
	do(f.SetCellStyle(sheet, "C3", "C3", style("dd\\-mm\\-yyyy")))
	do(f.SetCellStyle(sheet, "C4", "C4", style("[$-406]d. mmmm yyyy;@")))
	do(f.SetCellStyle(sheet, "D3", "D4", style("0000")))
	do(f.SetColVisible(sheet, "F", false))
	do(f.SetSheetRow("Æresmedlemmer", "B2", &[]any{"Navn", "By"}))
	do(f.SetSheetRow("Æresmedlemmer", "B3", &[]any{"Ib", "Ry"}))
	var file bytes.Buffer
	do(f.Write(&file))

	s, rows, err := open(file.Bytes(), ReadOptions{})
	want := []string{"3: 00101|Søren & Åse|2009-09-03|0555|10264795|TRUE", "4: 12345678|Bo Dam|2009-09-03|8000|10264795|FALSE"}
	if err != nil || !slices.Equal(rows, want) || s.HeadingLine() != 2 {
		t.Errorf("%q %v", rows, err)
	}
	if s, rows, err = open(file.Bytes(), ReadOptions{Sheet: "Æresmedlemmer"}); err != nil || !slices.Equal(rows, []string{"3: |Ib|Ry"}) || s.Columns()[1].Name != "Navn" {
		t.Errorf("%q %v", rows, err)
	}

	var locked bytes.Buffer
	do(f.Write(&locked, excelize.Options{Password: "hemmeligt"}))
	if _, _, err := open(locked.Bytes(), ReadOptions{}); fault.From(err).Key != "document.file.encrypted" {
		t.Error(err)
	}
}

// A workbook as LibreOffice saves it from a list.
func TestReadsWhatLibreOfficeWrites(t *testing.T) {
	const list = "Nr.,Navn,Født,Beløb,Note\n101,Søren Ås,2009-09-03,12.5,\"To\nlinjer\"\n102,\"Bo \"\"B\"\" Dam\",1931-01-05,1000000,\n,,,,\n103,Ib,2024-02-29,0.1,=1+1\n"
	s, rows, err := open(convert(t, []byte(list), "csv", "xlsx"), ReadOptions{})
	want := []string{"2: 101|Søren Ås|2009-09-03|12.5|To\nlinjer", "3: 102|Bo \"B\" Dam|1931-01-05|1000000|", "5: 103|Ib|2024-02-29|0.1|2 gap"}
	if err != nil || !slices.Equal(rows, want) {
		t.Fatalf("%q %v", rows, err)
	}
	if a := s.About(); a.Format != XLSX || len(a.Sheets) != 1 {
		t.Errorf("%+v", a)
	}
}
