package document

import (
	"strings"
	"time"
	"unicode/utf8"
)

const (
	xmlHead   = `<?xml version="1.0" encoding="UTF-8" standalone="yes"?>` + "\n"
	mainSpace = `http://schemas.openxmlformats.org/spreadsheetml/2006/main`
	linkSpace = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	packSpace = `http://schemas.openxmlformats.org/package/2006/`
)

// beside writes the parts of a workbook that are no sheet. The headings are
// repeated on every page that is printed.
func (x *XLSXWriter) beside(area string) {
	name := sheetName(x.o.Sheet)
	quoted := xmlText("'" + strings.ReplaceAll(name, "'", "''") + "'!")
	first, last, _ := strings.Cut(area, ":")
	absolute := func(cell string) string {
		letters := strings.TrimRight(cell, "0123456789")
		return "$" + letters + "$" + cell[len(letters):]
	}
	made := x.o.Time.UTC().Format(time.RFC3339)
	for _, part := range [...]struct{ name, text string }{
		{"xl/workbook.xml", `<workbook xmlns="` + mainSpace + `" xmlns:r="` + linkSpace + `"><sheets><sheet name="` + xmlText(name) + `" sheetId="1" r:id="rId1"/></sheets><definedNames>` +
			`<definedName name="_xlnm._FilterDatabase" localSheetId="0" hidden="1">` + quoted + absolute(first) + ":" + absolute(last) + `</definedName>` +
			`<definedName name="_xlnm.Print_Titles" localSheetId="0">` + quoted + `$1:$1</definedName></definedNames></workbook>`},
		{"xl/styles.xml", workbookStyles},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="` + packSpace + `relationships"><Relationship Id="rId1" Type="` + linkSpace + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="rId2" Type="` + linkSpace + `/styles" Target="styles.xml"/></Relationships>`},
		{"docProps/core.xml", `<cp:coreProperties xmlns:cp="` + packSpace + `metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" ` +
			`xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>` + xmlText(x.o.Title) + `</dc:title><dcterms:created xsi:type="dcterms:W3CDTF">` + made + `</dcterms:created></cp:coreProperties>`},
		{"docProps/app.xml", `<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"><Application>Kartotek</Application></Properties>`},
		{"_rels/.rels", `<Relationships xmlns="` + packSpace + `relationships"><Relationship Id="rId1" Type="` + linkSpace + `/officeDocument" Target="xl/workbook.xml"/>` +
			`<Relationship Id="rId2" Type="` + packSpace + `relationships/metadata/core-properties" Target="docProps/core.xml"/>` +
			`<Relationship Id="rId3" Type="` + linkSpace + `/extended-properties" Target="docProps/app.xml"/></Relationships>`},
		{"[Content_Types].xml", workbookTypes},
	} {
		x.part(part.name)
		x.raw(xmlHead + part.text)
		x.flush()
	}
}

const workbookTypes = `<Types xmlns="` + packSpace + `content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
	`<Default Extension="xml" ContentType="application/xml"/>` +
	`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
	`<Override PartName="/xl/worksheets/sheet1.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>` +
	`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` +
	`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/>` +
	`<Override PartName="/docProps/app.xml" ContentType="application/vnd.openxmlformats-officedocument.extended-properties+xml"/></Types>`

// workbookStyles are the styles that the writer names by number. Format 14 is
// the day as the reader's own country writes it, 22 the same with a time, 49 text.
const workbookStyles = `<styleSheet xmlns="` + mainSpace + `"><fonts count="2"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font>` +
	`<font><b/><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>` +
	`<fills count="3"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill>` +
	`<fill><patternFill patternType="solid"><fgColor rgb="FFE6ECEA"/><bgColor indexed="64"/></patternFill></fill></fills>` +
	`<borders count="2"><border><left/><right/><top/><bottom/><diagonal/></border><border><left/><right/><top/><bottom style="thin"><color rgb="FFC9483D"/></bottom><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs><cellXfs count="6">` +
	`<xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="1" fillId="2" borderId="1" xfId="0" applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1"/>` +
	`<xf numFmtId="14" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="22" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1"><alignment vertical="top" wrapText="1"/></xf>` +
	`</cellXfs><cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles></styleSheet>`

// sheetName is a name as sheets may have it: at most 31 characters, none of
// those that formulas use.
func sheetName(name string) string {
	name = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\`, r) || r < ' ' || r == utf8.RuneError {
			return ' '
		}
		return r
	}, name)
	name = strings.Join(strings.Fields(name), " ")
	for units(name) > 31 {
		_, size := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-size]
	}
	if name = strings.Trim(name, "' "); name == "" {
		return "Sheet1"
	}
	return name
}

// xmlText is a text within XML or an attribute.
func xmlText(s string) string {
	return strings.ReplaceAll(string(appendCellText(nil, s)), `"`, "&quot;")
}
