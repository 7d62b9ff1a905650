package extract

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"strconv"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// Delivery is a pulled list on its way to whoever pulled it. The list is
// journaled and its duty stands, whether the file is ever written or not.
type Delivery struct {
	List List

	service *Service
	scope   access.Scope
	persons *roaring.Bitmap
	fields  []*charter.Field
	lang    string
	start   int // the first label
	beside  *Beside
	name    string // of a recipient who is no member; "": whoever acts
	written bool
	order   order
}

// FileName is what the file should be called: it says the number and the day,
// so that a file found in a folder still tells when it must go.
func (d *Delivery) FileName() string {
	return fmt.Sprintf("%s-%d-%s-%s.%s", locale.For(d.lang).T("extract.file.list"), d.List.Number,
		locale.For(d.lang).T("extract.file.destroy"), d.List.DestroyBy, d.List.Format.Ending())
}

// Number is what the list is called.
func (d *Delivery) Number() int64 { return d.List.Number }

// ContentType is the file's media type.
func (d *Delivery) ContentType() string { return d.List.Format.ContentType() }

// buffered is how much of a file is gathered before it goes on. The formats
// write in small pieces, and a connection likes them larger.
const buffered = 64 << 10

// Write streams the file, in constant memory and without a temporary file. It
// can be called once: a second copy is a second list. What became of it stands
// with the list afterwards.
func (d *Delivery) Write(ctx context.Context, w io.Writer) error {
	if d.written {
		return fmt.Errorf("extract: list %d was delivered already", d.List.Number)
	}
	d.written = true
	recipient, err := d.name, error(nil)
	if recipient == "" {
		recipient, err = d.service.directory.OwnName(ctx, d.scope)
	}
	if err != nil {
		return err
	}
	out := bufio.NewWriterSize(w, buffered)
	var o Outcome
	switch {
	case d.List.Format.Posts():
		o, err = d.addresses(ctx, out)
	case d.List.Format == VCard:
		o, err = d.contacts(ctx, out, recipient)
	default:
		o, err = d.table(ctx, out, recipient)
	}
	if err == nil {
		err = out.Flush()
	}
	// What was written of a file that broke off may lie somewhere all the same.
	if kept := d.service.keepOrder(context.WithoutCancel(ctx), &d.List, &d.order); err == nil {
		err = kept
	}
	if err != nil {
		return err
	}
	d.List.Outcome = o
	return d.service.db.Write(ctx, func(tx *database.Tx) error { return conclude(tx, d.List.Number, &o) })
}

// table writes a list of lines and columns.
func (d *Delivery) table(ctx context.Context, w io.Writer, recipient string) (o Outcome, err error) {
	columns := d.columns()
	if d.beside != nil {
		columns = append(columns, d.beside.Columns...)
	}
	var tail []string
	number := -1
	if d.List.Format != PDF { // which says it on every page, and numbers the rows in the margin
		columns, tail = d.marked(columns, recipient)
		number = len(columns) - 1
	}
	var out document.Writer
	var printed *document.ListWriter
	switch d.List.Format {
	case CSV:
		out = document.NewCSV(w, columns, document.CSVOptions{Separator: separator(d.lang), BOM: true})
	case XLSX:
		out = document.NewXLSX(w, columns, document.XLSXOptions{Sheet: d.title(), Title: d.title(), Time: d.List.PulledAt})
	default:
		if d.beside != nil && d.beside.Printed != nil {
			out = d.beside.Printed(w, &d.List, recipient)
			break
		}
		printed = d.printed(w, columns, recipient)
		out = printed
	}
	cells := make([]string, len(columns))
	copy(cells[len(cells)-len(tail):], tail)
	if err := d.lines(ctx, cells, func(persons ...vault.PersonID) error {
		o.Written++
		d.order.add(persons...)
		if number >= 0 {
			cells[number] = strconv.Itoa(d.order.lines)
		}
		return out.Write(cells)
	}); err != nil {
		return o, err
	}
	err = out.Close()
	if printed != nil {
		o.Missing = printed.Missing()
	}
	return o, err
}

// columns are the fields of the list; of a household the names together are one.
func (d *Delivery) columns() []document.Column {
	var columns []document.Column
	if d.List.Per == PerHousehold {
		columns = append(columns, document.Column{Name: locale.For(d.lang).T("extract.column.name")})
	}
	for _, f := range d.fields {
		if d.List.Per == PerHousehold && isName(f) {
			continue
		}
		columns = append(columns, document.Column{Name: f.Name.In(d.lang), Type: columnType(f)})
	}
	return columns
}

func isName(f *charter.Field) bool { return f.Code == "given" || f.Code == "family" }

// marked adds the list's number, recipient and last day to the columns: they
// stand in every line, so that a part of the file still tells what it belongs to,
// and the line's own, so that a line can be pointed to however the file is sorted.
func (d *Delivery) marked(columns []document.Column, recipient string) ([]document.Column, []string) {
	p := locale.For(d.lang)
	columns = append(columns,
		document.Column{Name: p.T("extract.column.list"), Type: document.ID},
		document.Column{Name: p.T("extract.column.recipient")},
		document.Column{Name: p.T("extract.column.destroy_by"), Type: document.Date},
		document.Column{Name: p.T("extract.column.line"), Type: document.ID})
	return columns, []string{fmt.Sprint(d.List.Number), recipient, d.List.DestroyBy.String(), ""}
}

// lines fills the cells with a member, or those of a household, after the other.
func (d *Delivery) lines(ctx context.Context, cells []string, write func(persons ...vault.PersonID) error) error {
	if d.List.Per == PerHousehold {
		p := locale.For(d.lang)
		_, err := d.service.directory.Envelopes(ctx, d.scope, d.persons, member.OneLine, func(e *member.Envelope) error {
			cells[0] = e.Name(p)
			at := 1
			for _, f := range d.fields {
				if !isName(f) {
					cells[at] = d.shown(f, envelopeValue(e, f.Code))
					at++
				}
			}
			return write(e.Persons...)
		})
		return err
	}
	return d.service.directory.Export(ctx, d.scope, d.persons, func(row *member.Row) error {
		for i, f := range d.fields {
			cells[i] = d.shown(f, row.Cell(f))
			if d.beside != nil && d.beside.Covered != nil && d.beside.Covered(row.Person, f.Code) {
				cells[i] = ""
			}
		}
		if d.beside != nil && d.beside.Cells != nil {
			copy(cells[len(d.fields):], d.beside.Cells(row.Person))
		}
		return write(row.Person)
	})
}

func envelopeValue(e *member.Envelope, code string) string {
	switch code {
	case "address":
		return e.Street
	case "postal":
		return e.Postal
	case "town":
		return e.Town
	case "country":
		return e.Country
	case "email":
		return e.Email
	}
	return ""
}

// separator is what a spreadsheet of that language expects between cells.
func separator(lang string) byte {
	if lang == "en" {
		return ','
	}
	return ';'
}

func columnType(f *charter.Field) document.Type {
	switch f.Type {
	case charter.TypeDate:
		return document.Date
	case charter.TypePhone:
		return document.Phone
	case charter.TypeNumber, charter.TypePostal:
		return document.ID
	}
	return document.Text
}
