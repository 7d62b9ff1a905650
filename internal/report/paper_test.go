package report_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"kartotek/internal/app/housetest"
	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/report"
)

// D2: a report as a file says what the report says, in each language, and a number
// that is not told is empty there.
func TestD2ReportAsAFile(t *testing.T) {
	f := housetest.New(t)
	crowd(f, 40)
	next(f, "2026-11-23")
	ctx, at := f.Context(), date(f, "2026-11-23")
	bodies, err := f.Reports.Bodies(ctx, f.As("anna"), f.Bodies["north"], at)
	f.Must(err)
	age, err := f.Reports.Members(ctx, f.As("anna"), 0, report.ByAge, at)
	f.Must(err)
	heads, err := f.Reports.Headcount(ctx, f.As("anna"), 0, at, at)
	f.Must(err)
	about := report.Paper{Sender: "Partiet", Time: f.Now(), Zone: f.Charter.Location()}
	for _, table := range []*report.Table{bodies, age, heads} {
		for _, lang := range []string{"da", "nb", "sv", "en"} {
			p := locale.For(lang)
			for _, format := range []string{"csv", "xlsx"} {
				var b bytes.Buffer
				f.Must(table.Write(&b, p, format, about))
				read, err := document.Open(bytes.NewReader(b.Bytes()), int64(b.Len()), document.ReadOptions{})
				f.Must(err)
				i, sum := 0, 0
				for row, err := range read.Rows() {
					f.Must(err)
					l := &table.Lines[i]
					cell := ""
					if l.Numbers != nil {
						cell = strconv.Itoa(l.Numbers[0])
						sum += l.Numbers[0]
					}
					column := 1
					if len(row.Cells) <= column || row.Cells[column] != cell {
						t.Errorf("%s %s %s: line %d is %q, want %s", table.Subject, lang, format, i, row.Cells, cell)
					}
					i++
				}
				if i != len(table.Lines) || sum != table.Sum() {
					t.Errorf("%s %s %s: %d rows of %d", table.Subject, lang, format, i, len(table.Lines))
				}
			}
			var b bytes.Buffer
			f.Must(table.Write(&b, p, "pdf", about))
			if !strings.HasPrefix(b.String(), "%PDF") {
				t.Errorf("%s is no paper", table.Subject)
			}
		}
	}
}
