package document

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"kartotek/internal/fault"
)

// book is a workbook with one sheet, of which the rows are given; more parts may
// follow and take the place of the usual ones.
func book(rows string, more ...string) []byte {
	const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
	parts := map[string]string{
		"[Content_Types].xml": `<Types/>`,
		"_rels/.rels":         `<Relationships><Relationship Id="r" Type="` + rel + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml":     `<?xml version="1.0"?><workbook xmlns:r="` + rel + `"><sheets><sheet name="Ark1" sheetId="1" r:id="rId1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="rId1" Type="` + rel + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + rel + `/styles" Target="/xl/styles.xml"/><Relationship Id="rId3" Type="` + rel + `/sharedStrings" Target="sharedStrings.xml"/></Relationships>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="00000"/><numFmt numFmtId="165" formatCode="dd\-mm\-yyyy;@"/>` +
			`<numFmt numFmtId="166" formatCode="00\ 00\ 00\ 00"/><numFmt numFmtId="167" formatCode="[$-406]d. mmmm yyyy"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs>` +
			`<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="22"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/><xf numFmtId="167"/><xf numFmtId="20"/></cellXfs></styleSheet>`,
		"xl/sharedStrings.xml": `<sst><si><t>Navn</t></si><si><r><t>Sø</t></r><r><rPr><b/></rPr><t xml:space="preserve">ren </t></r><rPh sb="0" eb="1"><t>PHON</t></rPh></si>` +
			`<si><t/></si><si><t>A &amp; B &#xE6;_x000D_
_x005F_x0041_</t></si></sst>`,
		"xl/worksheets/sheet1.xml": `<worksheet><dimension ref="A1"/><sheetData>` + rows + `</sheetData><mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A3:A4"/></mergeCells></worksheet>`,
	}
	for i := 0; i < len(more); i += 2 {
		parts[more[i]] = more[i+1]
	}
	var all []string
	for name, text := range parts {
		all = append(all, name, text)
	}
	return archive(all...)
}

const headed = `<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>By</t></is></c></row>`

func TestSheetCells(t *testing.T) {
	for name, c := range map[string]struct{ cell, want string }{
		"a shared text":          {`<c t="s"><v>1</v></c>`, "Søren "},
		"an empty one":           {`<c t="s"><v>2</v></c>`, ""},
		"entities, escapes":      {`<c t="s"><v>3</v></c>`, "A & B æ\r\n_x0041_"},
		"a text of its own":      {`<c t="inlineStr"><is><r><t>Øst</t></r><r><t>er</t></r><rPh sb="0" eb="1"><t>no</t></rPh></is></c>`, "Øster"},
		"as it stands":           {`<c t="inlineStr"><is><t><![CDATA[<b>&amp;]]></t></is></c>`, "<b>&amp;"},
		"a formula's text":       {`<c t="str"><f>A1&amp;"x"</f><v>Ry</v></c>`, "Ry"},
		"a formula's number":     {`<c><f>1+1</f><v>2</v></c>`, "2"},
		"yes":                    {`<c t="b"><v>1</v></c>`, "TRUE"},
		"no":                     {`<c t="b"><v>0</v></c>`, "FALSE"},
		"an ISO day":             {`<c t="d"><v>2009-09-03T00:00:00</v></c>`, "2009-09-03"},
		"an ISO moment":          {`<c t="d"><v>2009-09-03T14:30:00.000Z</v></c>`, "2009-09-03 14:30"},
		"a phone as a number":    {`<c><v>1.0264795E7</v></c>`, "10264795"},
		"a long number":          {`<c><v>12345678</v></c>`, "12345678"},
		"a longer one":           {`<c><v>2.0031215123400001E+16</v></c>`, "20031215123400000"},
		"a fraction":             {`<c><v>0.10000000000000001</v></c>`, "0.1"},
		"a sum":                  {`<c><v>0.30000000000000004</v></c>`, "0.3"},
		"a negative":             {`<c><v>-1.5</v></c>`, "-1.5"},
		"a serial left alone":    {`<c><v>40059</v></c>`, "40059"},
		"a day":                  {`<c s="1"><v>40059</v></c>`, "2009-09-03"},
		"a day, own format":      {`<c s="4"><v>40059</v></c>`, "2009-09-03"},
		"a day in words":         {`<c s="6"><v>40059</v></c>`, "2009-09-03"},
		"a moment":               {`<c s="2"><v>40059.604166666664</v></c>`, "2009-09-03 14:30"},
		"a moment at midnight":   {`<c s="2"><v>40059</v></c>`, "2009-09-03"},
		"a time":                 {`<c s="7"><v>0.6041666666666666</v></c>`, "14:30"},
		"before the leap day":    {`<c s="1"><v>59</v></c>`, "1900-02-28"},
		"the day that never was": {`<c s="1"><v>60</v></c>`, "60"},
		"after it":               {`<c s="1"><v>61</v></c>`, "1900-03-01"},
		"a day out of bounds":    {`<c s="1"><v>1E+15</v></c>`, "1000000000000000"},
		"a day that is a text":   {`<c s="1" t="inlineStr"><is><t>3/9 09</t></is></c>`, "3/9 09"},
		"noughts in front":       {`<c s="3"><v>101</v></c>`, "00101"},
		"too many for the mask":  {`<c s="3"><v>1234567</v></c>`, "1234567"},
		"a phone's mask":         {`<c s="5"><v>10264795</v></c>`, "10 26 47 95"},
		"our own apostrophe":     {`<c t="inlineStr"><is><t>'+4510264795</t></is></c>`, "+4510264795"},
		"a formula as text":      {`<c t="inlineStr"><is><t>=1+1</t></is></c>`, "=1+1"},
		"a style that is none":   {`<c s="99"><v>1</v></c>`, "1"},
	} {
		t.Run(name, func(t *testing.T) {
			file := book(headed + `<row r="2"><c r="A2" t="inlineStr"><is><t>x</t></is></c>` + c.cell + `</row>`)
			_, rows, err := open(file, ReadOptions{Headings: FirstRow})
			if err != nil || !slices.Equal(rows, []string{"2: x|" + c.want}) {
				t.Errorf("got %q %v, want %q", rows, err, c.want)
			}
		})
	}
}

func TestSheetRows(t *testing.T) {
	file := book(`<row r="1"><c r="A1" t="inlineStr"><is><t>Medlemmer pr. 1. maj</t></is></c></row>` +
		`<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="inlineStr"><is><t>By</t></is></c><c r="C3" t="inlineStr"><is><t>Nr.</t></is></c></row>` +
		`<row><c><v>1</v></c><c t="e"><v>#N/A</v></c><c r="C4" s="3"><v>7</v></c><c r="IW4" s="1"/></row>` +
		`<row r="6" hidden="1"><c r="C6"><v>8</v></c><c r="A6"><v>2</v></c></row>` +
		`<row r="7"/><row r="8"><c r="A8" t="inlineStr"><is><t> </t></is></c></row>` +
		`<row r="9"><c r="A9"><v>3</v></c><c r="D9"/></row>`)
	s, rows, err := open(file, ReadOptions{})
	want := []string{"4: 1||00007", "6: 2||8 gap", "9: 3|| sparse gap"}
	if err != nil || !slices.Equal(rows, want) || s.HeadingLine() != 3 || len(s.Above()) != 1 {
		t.Fatalf("%q %v, headings on %d", rows, err, s.HeadingLine())
	}
	if !slices.Equal(s.Skipped(), []int{5, 7, 8}) || s.About().Merged != 1 {
		t.Error(s.Skipped(), s.About())
	}
	s, err = Open(bytes.NewReader(file), int64(len(file)), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for row := range s.Rows() {
		if row.Hidden != (row.Line == 6) || slices.Equal(row.Errors, []int{1}) != (row.Line == 4) {
			t.Errorf("%+v", row)
		}
	}
	// A remark beyond the columns, far down.
	var long strings.Builder
	long.WriteString(headed)
	for i := range sampleRows {
		fmt.Fprintf(&long, `<row r="%d"><c r="A%[1]d"><v>1</v></c></row>`, i+2)
	}
	long.WriteString(`<row r="900"><c r="A900"><v>1</v></c><c r="AB900"><v>1</v></c></row><row r="901"><c r="A901"><v>5</v></c></row>`)
	s, err = Open(bytes.NewReader(book(long.String())), int64(len(book(long.String()))), ReadOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for row := range s.Rows() {
		f := fault.From(row.Fault)
		if (f != nil) != (row.Line == 900) || f != nil && (f.Args["column"] != "AB" || f.Args["last"] != "B") {
			t.Errorf("%+v", row)
		}
	}
}

func TestSheetsAreChosen(t *testing.T) {
	const rel = "http://purl.oclc.org/ooxml/officeDocument/relationships" // the strict kind
	file := book("",
		"_rels/.rels", `<Relationships><Relationship Id="r" Type="`+rel+`/officeDocument" Target="/xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml", "\ufeff"+`<x:workbook><x:workbookPr date1904="1"/><x:sheets><x:sheet name="Tom" r:id='a'/><x:sheet name="Gemt" state="hidden" r:id="b"/>`+
			`<x:sheet name="Bo's &amp; &quot;co&quot;" r:id="c"/><x:sheet name="Diagram" r:id="d"/></x:sheets></x:workbook>`,
		"xl/_rels/workbook.xml.rels", `<Relationships><Relationship Id="a" Type="`+rel+`/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="b" Type="`+rel+
			`/worksheet" Target="b.xml"/><Relationship Id="c" Type="`+rel+`/worksheet" Target="/xl/C.xml"/><Relationship Id="d" Type="`+rel+`/chartsheet" Target="d.xml"/></Relationships>`,
		"xl/b.xml", `<worksheet><sheetData><row><c t="inlineStr"><is><t>Hemmelig</t></is></c></row></sheetData></worksheet>`,
		"xl/c.xml", `<x:worksheet><x:sheetData><x:row><x:c t="inlineStr"><x:is><x:t>Navn</x:t></x:is></x:c></x:row><x:row><x:c><x:v>1</x:v></x:c></x:row></x:sheetData></x:worksheet>`)
	s, rows, err := open(file, ReadOptions{})
	if err != nil || s.About().Sheet != `Bo's & "co"` || !slices.Equal(rows, []string{"2: 1"}) {
		t.Fatalf("%v %q", err, rows)
	}
	if want := []Sheet{{"Tom", false}, {"Gemt", true}, {`Bo's & "co"`, false}}; !slices.Equal(s.About().Sheets, want) {
		t.Errorf("%+v", s.About().Sheets)
	}
	if day, ok := s.SerialDate("38597"); !ok || day.String() != "2009-09-03" {
		t.Error(day, ok)
	}
	if s, _, err := open(file, ReadOptions{Sheet: "gemt"}); err != nil || s.Columns()[0].Name != "Hemmelig" {
		t.Error(err)
	}
	for sheet, key := range map[string]string{"Andet": "document.file.no_sheet", "Tom": "document.error.empty", "Diagram": "document.file.no_sheet"} {
		if _, _, err := open(file, ReadOptions{Sheet: sheet}); fault.From(err).Key != key {
			t.Error(sheet, err)
		}
	}
}

// Files made to do harm cost little and say so.
func TestHostileWorkbooks(t *testing.T) {
	text := func(s string) string { return `<row><c t="inlineStr"><is><t>` + s + `</t></is></c></row>` }
	for name, c := range map[string]struct {
		file   []byte
		limits Limits
		key    string
	}{
		"a document type":        {book("", "xl/worksheets/sheet1.xml", `<!DOCTYPE a [<!ENTITY a "b">]><worksheet>&a;</worksheet>`), Limits{}, "file.damaged"},
		"an unknown entity":      {book(text("&lol;")), Limits{}, "file.damaged"},
		"a NUL by number":        {book(text("&#0;")), Limits{}, "file.damaged"},
		"a NUL":                  {book(text("a\x00b")), Limits{}, "file.damaged"},
		"no UTF-8":               {book(text("S\xF8ren")), Limits{}, "file.damaged"},
		"nested deep":            {book(strings.Repeat("<a>", 100)), Limits{}, "file.damaged"},
		"a cell that is endless": {book(text(strings.Repeat("x", 3<<20))), Limits{}, "file.damaged"},
		"a text in many pieces":  {book(`<row><c t="inlineStr"><is>` + strings.Repeat("<t>"+strings.Repeat("x", 1000)+"</t>", 2000) + `</is></c></row>`), Limits{}, "error.row_too_long"},
		"a row of many texts":    {book(`<row>` + strings.Repeat(`<c r="A1" t="inlineStr"><is><t>`+strings.Repeat("x", 1000)+"</t></is></c>", 2000) + `</row>`), Limits{}, "error.row_too_long"},
		"many columns":           {book(`<row><c r="ZZ1"><v>1</v></c></row>`), Limits{}, "error.too_many_columns"},
		"no such column":         {book(`<row><c r="ZZZZZZ1"><v>1</v></c></row>`), Limits{}, "file.damaged"},
		"no such row":            {book(`<row r="2000000"><c><v>1</v></c></row>`), Limits{}, "file.hostile"},
		"no such text":           {book(`<row><c t="s"><v>77</v></c></row>`), Limits{}, "file.damaged"},
		"cut short":              {book("", "xl/worksheets/sheet1.xml", `<worksheet><sheetData><row><c>`), Limits{}, "file.damaged"},
		"no sheets":              {book("", "xl/workbook.xml", `<workbook/>`), Limits{}, "error.empty"},
		"a sheet that is gone":   {book("", "xl/_rels/workbook.xml.rels", `<Relationships/>`), Limits{}, "error.empty"},
		"many texts":             {book("", "xl/sharedStrings.xml", "<sst>"+strings.Repeat("<si><t>xxxxxxxxxxxxxx</t></si>", 1000)+"</sst>"), Limits{Strings: 1000}, "file.too_many_texts"},
		"much of nothing":        {book(strings.Repeat(`<row></row>`, 10_000_000)), Limits{}, "file.hostile"},
		"a sheet over its size":  {book(strings.Repeat(`<row></row>`, 10_000)), Limits{Unpacked: 50_000}, "file.hostile"},
		"many attributes":        {book(`<row` + strings.Repeat(` a="b"`, 300) + `/>`), Limits{}, "file.damaged"},
		"no quotes":              {book(`<row r=1/>`), Limits{}, "file.damaged"},
		"closed too often":       {book(`</sheetData></worksheet></a></b>`), Limits{}, "file.damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			_, _, err := open(c.file, ReadOptions{Limits: c.limits})
			if err == nil || fault.From(err).Key != "document."+c.key {
				t.Fatalf("got %v, want %s", err, c.key)
			}
		})
	}
}

// FuzzSheet: no panic, and rows within their table, whatever a sheet has.
func FuzzSheet(f *testing.F) {
	f.Add(headed+`<row r="3"><c s="1"><v>40059</v></c></row>`, `<si><t>x</t></si>`)
	f.Add(`<row><c t="e"/><c r="B"/><c r="1"><v>1E5</v></c></row>`, `<si><r><t>a</t></r><rPh><t>b</t></rPh></si>`)
	f.Add(`<!-- --><row r="9" hidden="true"><c s="5"><v>-0.5</v></c></row><![CDATA[x]]>`, ``)
	f.Add(`<row><c t="inlineStr"><is><t>_x000D_&#x41;</t></is></c></row>`, `<?a?>`)
	f.Fuzz(func(t *testing.T, rows, texts string) {
		file := book(rows, "xl/sharedStrings.xml", "<sst>"+texts+"</sst>")
		s, err := Open(bytes.NewReader(file), int64(len(file)), ReadOptions{Limits: Limits{Row: 1 << 12, Columns: 16, Strings: 1 << 12}})
		if err != nil {
			return
		}
		for row, err := range s.Rows() {
			if err == nil && row.Fault == nil && len(row.Cells) != len(s.Columns()) {
				t.Fatalf("%d cells in %d columns", len(row.Cells), len(s.Columns()))
			}
		}
	})
}

// FuzzOpen: no panic whatever the file is.
func FuzzOpen(f *testing.F) {
	f.Add(book(headed))
	f.Add([]byte("\xD0\xCF\x11\xE0"))
	f.Add([]byte("\xFF\xFEN\x00a\x00"))
	f.Add([]byte("Navn;By\nS\xF8ren;Ry\n"))
	f.Fuzz(func(t *testing.T, file []byte) {
		_, _, _ = open(file, ReadOptions{Limits: Limits{Row: 1 << 12, Columns: 16, Strings: 1 << 12, Unpacked: 1 << 20}})
	})
}
