package dues

import (
	"bytes"
	"io"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// BankRow is one payment as a bank tells it: reference, sum and day. Who paid,
// and what else a bank writes, is not read.
type BankRow struct {
	Line      int // of the file; of an XML file the payment's number
	Reference string
	Amount    int64
	Date      civil.Date
	Bad       bool // sum or day cannot be read
}

// mostRows bounds what one file may hold.
const mostRows = 500_000

// readBank reads a bank's file, of whichever kind its first bytes say: CAMT
// messages, Norwegian OCR giro, or a table as banks export it.
func readBank(file io.ReaderAt, size int64) (rows []BankRow, format string, err error) {
	if size == 0 {
		return nil, "", fault.New(fault.Invalid, "dues.error.import").With("file", "document.error.empty")
	}
	start := make([]byte, min(size, 512))
	if _, err := file.ReadAt(start, 0); err != nil && err != io.EOF {
		return nil, "", err
	}
	switch head := bytes.TrimLeft(bytes.TrimPrefix(start, []byte("\ufeff")), " \r\n\t"); {
	case bytes.HasPrefix(head, []byte("<")):
		rows, err = readCAMT(io.NewSectionReader(file, 0, size))
		format = "camt"
	case bytes.HasPrefix(head, []byte("NY000010")):
		rows, err = readOCR(io.NewSectionReader(file, 0, size))
		format = "ocr"
	default:
		rows, err = readTable(file, size)
		format = "table"
	}
	if err == nil && len(rows) == 0 {
		err = fault.New(fault.Invalid, "dues.error.import").With("file", "dues.error.no_payments")
	}
	return rows, format, err
}

// The headings under which banks write what matters, folded, without marks.
var bankHeadings = map[string][]string{
	"reference": {
		"kid", "kidnummer", "kidnr", "betalingsid", "betalingsidentifikation", "betalingsident", "betalerident", "betaleridentifikation",
		"fireference", "fiidentifikation", "kreditorreference", "indbetalingsident", "ocr", "ocrreference", "referanse", "reference", "kreditoridentifikation",
		"indbetalerident", "kundereferanse", "creditorreference", "paymentreference",
	},
	"amount": {
		"belob", "belobdkk", "belobidkk", "belobnok", "amount", "inn", "innpakonto", "innbetaling", "innbetalt", "indbetaling", "indbetalt", "kredit", "kreditbelob",
		"credit", "ind", "transaktionsbelob", "innbetaltbelop", "belop", "beloep",
	},
	"date": {
		"dato", "bogfort", "bogforingsdato", "bogforingsdag", "bokfort", "bokforingsdato", "bokforingsdag", "betalingsdato", "betalingsdag", "indbetalingsdato", "innbetalingsdato", "valor", "valordato",
		"rentedato", "date", "bookingdate", "valuedate", "transaktionsdato", "oppgjorsdato",
	},
}

// bankHeading is what a heading means; "" for nothing that matters.
func bankHeading(heading string) string {
	folded := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, strings.NewReplacer("ø", "o", "å", "a", "æ", "ae").Replace(strings.ToLower(heading)))
	for _, meaning := range [...]string{"reference", "amount", "date"} {
		for _, known := range bankHeadings[meaning] {
			if folded == known {
				return meaning
			}
		}
	}
	return ""
}

// readTable reads a table. Where no column is of references, the first digits of
// a row that have a reference's length count; text beside them is passed over.
func readTable(file io.ReaderAt, size int64) (rows []BankRow, err error) {
	source, err := document.Open(file, size, document.ReadOptions{
		Heading: func(cells []string) (score int) {
			for _, cell := range cells {
				if bankHeading(cell) != "" {
					score++
				}
			}
			if score < 2 {
				return 0
			}
			return score
		},
	})
	if err != nil {
		return nil, err
	}
	at := map[string]int{}
	for i, column := range source.Columns() {
		if meaning := bankHeading(column.Name); meaning != "" {
			if _, taken := at[meaning]; !taken {
				at[meaning] = i
			}
		}
	}
	invalid := fault.New(fault.Invalid, "dues.error.import")
	for _, needed := range [...]string{"amount", "date"} {
		if _, there := at[needed]; !there {
			return nil, invalid.With("file", "dues.error.no_"+needed)
		}
	}
	for row, err := range source.Rows() {
		if err != nil {
			return nil, err
		}
		if len(rows) >= mostRows {
			return nil, invalid.With("file", "dues.error.too_many", "most", mostRows)
		}
		rows = append(rows, bankRow(source, &row, at))
	}
	return rows, nil
}

func bankRow(source document.Source, row *document.Row, at map[string]int) BankRow {
	b := BankRow{Line: row.Line}
	cell := func(meaning string) string {
		if i, there := at[meaning]; there && i < len(row.Cells) {
			return row.Cells[i]
		}
		return ""
	}
	var amount, date bool
	b.Amount, amount = locale.ParseAmount(cell("amount"))
	if b.Date, date = locale.ParseDate(cell("date"), locale.DayFirst); !date {
		b.Date, date = source.SerialDate(cell("date"))
	}
	b.Bad = row.Fault != nil || !amount || !date
	if _, there := at["reference"]; there {
		b.Reference = TidyReference(cell("reference"))
		return b
	}
	for i, text := range row.Cells {
		if i != at["amount"] && i != at["date"] {
			if b.Reference = referenceIn(text); b.Reference != "" {
				break
			}
		}
	}
	return b
}

// referenceIn finds digits as long as a reference in a text; "" for none.
func referenceIn(text string) string {
	for _, digits := range strings.FieldsFunc(text, func(r rune) bool { return r < '0' || r > '9' }) {
		if tidy := TidyReference(digits); len(tidy) == referenceDigits {
			return tidy
		}
	}
	return ""
}
