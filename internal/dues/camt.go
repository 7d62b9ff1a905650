package dues

import (
	"bufio"
	"encoding/xml"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// entryXML is what matters of an entry of a CAMT.053 or CAMT.054 message
// (ISO 20022), whatever its version.
type entryXML struct {
	Amount    string   `xml:"Amt"`
	Direction string   `xml:"CdtDbtInd"`
	Reversal  bool     `xml:"RvslInd"`
	Booked    dateXML  `xml:"BookgDt"`
	Value     dateXML  `xml:"ValDt"`
	Details   []detail `xml:"NtryDtls>TxDtls"`
}

type dateXML struct {
	Day  string `xml:"Dt"`
	Time string `xml:"DtTm"`
}

type detail struct {
	Amount     string   `xml:"Amt"`
	TxAmount   string   `xml:"AmtDtls>TxAmt>Amt"`
	Direction  string   `xml:"CdtDbtInd"`
	References []string `xml:"RmtInf>Strd>CdtrRefInf>Ref"`
	Texts      []string `xml:"RmtInf>Ustrd"`
}

// readCAMT reads the payments of a CAMT message. Only money that came is one;
// what went out is told as such.
func readCAMT(r io.Reader) (rows []BankRow, err error) {
	d := xml.NewDecoder(bufio.NewReader(r))
	d.CharsetReader = charset
	invalid := fault.New(fault.Invalid, "dues.error.import")
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, invalid.With("file", "dues.error.xml").Because(err)
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != "Ntry" {
			continue
		}
		var e entryXML
		if err := d.DecodeElement(&e, &start); err != nil {
			return nil, invalid.With("file", "dues.error.xml").Because(err)
		}
		rows = append(rows, e.rows(len(rows))...)
		if len(rows) > mostRows {
			return nil, invalid.With("file", "dues.error.too_many", "most", mostRows)
		}
	}
}

// charset lets files through that say they are in what XML has always been in;
// references, sums and days are ASCII in any of them.
func charset(label string, in io.Reader) (io.Reader, error) {
	switch strings.ToLower(label) {
	case "utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252":
		return in, nil
	}
	return nil, errors.New("dues: unknown encoding")
}

// rows are the payments of an entry, numbered on from those before it.
func (e *entryXML) rows(before int) (rows []BankRow) {
	day, known := e.Value.date()
	if booked, ok := e.Booked.date(); ok {
		day, known = booked, true
	}
	details := e.Details
	if len(details) == 0 {
		details = []detail{{}}
	}
	for i := range details {
		t := &details[i]
		b := BankRow{Line: before + i + 1, Date: day}
		text := t.TxAmount
		if t.Amount != "" {
			text = t.Amount
		}
		if text == "" && len(details) == 1 {
			text = e.Amount
		}
		var ok bool
		b.Amount, ok = locale.ParseAmount(decimal(text))
		b.Bad = !ok || !known
		if direction := t.Direction; direction == "DBIT" || direction == "" && e.Direction == "DBIT" || e.Reversal {
			b.Amount = -abs(b.Amount)
		}
		b.Reference = t.reference()
		rows = append(rows, b)
	}
	return rows
}

func (t *detail) reference() string {
	for _, text := range t.References {
		if tidy := TidyReference(text); tidy != "" {
			return tidy
		}
	}
	for _, text := range t.Texts {
		if found := referenceIn(text); found != "" {
			return found
		}
	}
	return ""
}

// decimal makes "300" and "300.000" what ParseAmount reads without a doubt: in
// these files a point is always that of decimals.
func decimal(text string) string {
	whole, part, _ := strings.Cut(strings.TrimSpace(text), ".")
	for len(part) > 2 && strings.HasSuffix(part, "0") {
		part = part[:len(part)-1]
	}
	if part == "" {
		return whole
	}
	return whole + "." + part
}

func (d *dateXML) date() (civil.Date, bool) {
	text := strings.TrimSpace(d.Day)
	if text == "" {
		text = strings.TrimSpace(d.Time)
	}
	if len(text) < 10 {
		return civil.Date{}, false
	}
	day, err := civil.ParseDate(text[:10])
	return day, err == nil
}

// readOCR reads a Norwegian OCR giro file: records of eighty characters, of which
// the first two of a transaction hold sum, KID and the day of settlement.
func readOCR(r io.Reader) (rows []BankRow, err error) {
	invalid := fault.New(fault.Invalid, "dues.error.import")
	lines := bufio.NewScanner(r)
	for n := 1; lines.Scan(); n++ {
		text := strings.TrimRight(lines.Text(), "\r")
		if text == "" {
			continue
		}
		if len(text) < 80 || !strings.HasPrefix(text, "NY") {
			return nil, invalid.With("file", "dues.error.ocr", "line", n)
		}
		if text[2:4] != "09" || text[6:8] != "30" { // amount item 1 of the OCR service
			continue
		}
		b := BankRow{Line: n, Reference: TidyReference(text[49:74])}
		amount, wrong := strconv.ParseInt(text[32:49], 10, 64)
		b.Amount = amount
		if text[31] == '-' {
			b.Amount = -amount
		}
		day, err := time.Parse("020106", text[15:21])
		b.Date, b.Bad = civil.DateOf(day), wrong != nil || err != nil
		if rows = append(rows, b); len(rows) > mostRows {
			return nil, invalid.With("file", "dues.error.too_many", "most", mostRows)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, invalid.With("file", "dues.error.ocr", "line", len(rows)).Because(err)
	}
	return rows, nil
}
