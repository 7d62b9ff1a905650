package dues

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"kartotek/internal/document"
)

const someReference = "123456789012347"

// ocrRecord is a payment in a Norwegian OCR file: eighty characters.
func ocrRecord(day string, sign byte, amount int64, kid string) string {
	r := "NY09" + "10" + "30" + "0000001" + day + "99" + "01" + "1" + "00001" + string(sign) + fmt.Sprintf("%017d", amount) + fmt.Sprintf("%25s", kid)
	return r + strings.Repeat("0", 80-len(r))
}

// L7: the files banks give: tables in Danish and Norwegian, a workbook, CAMT and
// OCR, all tell the same payments.
func TestL7BankFiles(t *testing.T) {
	var book bytes.Buffer
	w := document.NewXLSX(&book, []document.Column{{Name: "Bogført", Type: document.Date}, {Name: "Reference", Type: document.ID}, {Name: "Beløb", Type: document.Number}}, document.XLSXOptions{})
	for _, row := range [][]string{{"2026-11-20", someReference, "300.50"}, {"2026-11-21", "", "-75"}} {
		if err := w.Write(row); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	camt := `<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.08"><BkToCstmrDbtCdtNtfctn><Ntfctn>
<Ntry><Amt Ccy="DKK">300.50</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-11-20</Dt></BookgDt><NtryDtls><TxDtls><Amt Ccy="DKK">300.50</Amt>
<RmtInf><Strd><CdtrRefInf><Ref>000` + someReference + `</Ref></CdtrRefInf></Strd></RmtInf><RltdPties><Dbtr><Nm>Somebody</Nm></Dbtr></RltdPties></TxDtls></NtryDtls></Ntry>
<Ntry><Amt Ccy="DKK">75.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><BookgDt><DtTm>2026-11-21T10:00:00Z</DtTm></BookgDt></Ntry></Ntfctn></BkToCstmrDbtCdtNtfctn></Document>`
	for name, file := range map[string]string{
		"danish":    "Dato;Tekst;Betalings-ID;Beløb;Saldo\n20-11-2026;Indbetaling;+71<" + someReference + "+12345678<;300,50;1.000,00\n21-11-2026;Gebyr;;-75,00;925,00\n",
		"norwegian": "Bokføringsdato;Forklaring;KID-nummer;Innbetaling\n20.11.2026;Giro;" + someReference + ";300,50\n21.11.2026;Gebyr;;-75\n",
		"in a text": "Date,Text,Amount\n2026-11-20,\"FI " + someReference + " Hansen\",300.50\n2026-11-21,fee,-75.00\n",
		"workbook":  book.String(),
		"camt":      camt,
		"ocr": "NY000010" + strings.Repeat("0", 72) + "\r\n" + ocrRecord("201126", '0', 300_50, someReference) + "\r\n" +
			ocrRecord("211126", '-', 75_00, "") + "\r\n" + "NY000089" + strings.Repeat("0", 72) + "\r\n",
	} {
		rows, _, err := readBank(strings.NewReader(file), int64(len(file)))
		if err != nil || len(rows) != 2 {
			t.Errorf("%s: %d rows, %v", name, len(rows), err)
			continue
		}
		if r := rows[0]; r.Reference != someReference || r.Amount != 300_50 || r.Date.String() != "2026-11-20" || r.Bad {
			t.Errorf("%s: %+v", name, r)
		}
		if r := rows[1]; r.Reference != "" || r.Amount != -75_00 || r.Date.String() != "2026-11-21" || r.Bad {
			t.Errorf("%s: %+v", name, r)
		}
	}
	for name, file := range map[string]string{
		"no amounts": "Dato;KID\n20-11-2026;1\n", "no days": "KID;Beløb\n1;2\n", "half XML": camt[:400], "short record": "NY000010" + strings.Repeat("0", 72) + "\nNY0910\n", "nothing": "",
	} {
		if rows, _, err := readBank(strings.NewReader(file), int64(len(file))); err == nil {
			t.Errorf("%s is read as %+v", name, rows)
		}
	}
}

// Whatever a file holds, reading it ends with rows or a refusal.
func FuzzReadBank(f *testing.F) {
	f.Add([]byte("Dato;Betalings-ID;Beløb\n20-11-2026;" + someReference + ";300,50\n"))
	f.Add([]byte("<Document><Ntry><Amt>3</Amt></Ntry></Document>"))
	f.Add([]byte("NY000010" + strings.Repeat("0", 72) + "\n" + ocrRecord("201126", '0', 1, someReference)))
	f.Fuzz(func(t *testing.T, file []byte) {
		rows, _, err := readBank(bytes.NewReader(file), int64(len(file)))
		if err == nil && len(rows) == 0 {
			t.Error("neither rows nor a refusal")
		}
		for _, r := range rows {
			if Verify("FI", r.Reference) && strings.Trim(r.Reference, "0123456789") != "" {
				t.Errorf("%q passes as a reference", r.Reference)
			}
		}
	})
}
