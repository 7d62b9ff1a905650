package extract

import (
	"context"
	"fmt"
	"io"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/member"
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
	written bool
}

// FileName is what the file should be called: it says the number and the day,
// so that a file found in a folder still tells when it must go.
func (d *Delivery) FileName() string {
	return fmt.Sprintf("%s-%d-%s-%s.%s", locale.For(d.lang).T("extract.file.list"), d.List.Number,
		locale.For(d.lang).T("extract.file.destroy"), d.List.DestroyBy, d.List.Format)
}

// ContentType is the file's media type.
func (d *Delivery) ContentType() string { return "text/csv; charset=utf-8; header=present" }

// Write streams the file, in constant memory and without a temporary file. It
// can be called once: a second copy is a second list.
func (d *Delivery) Write(ctx context.Context, w io.Writer) error {
	if d.written {
		return fmt.Errorf("extract: list %d was delivered already", d.List.Number)
	}
	d.written = true
	p := locale.For(d.lang)
	columns := make([]document.Column, 0, len(d.fields)+3)
	for _, f := range d.fields {
		columns = append(columns, document.Column{Name: f.Name.In(d.lang), Type: columnType(f)})
	}
	// The list's number, recipient and last day stand in every line, so that a
	// part of the file still tells what it belongs to.
	columns = append(columns,
		document.Column{Name: p.T("extract.column.list"), Type: document.ID},
		document.Column{Name: p.T("extract.column.recipient")},
		document.Column{Name: p.T("extract.column.destroy_by"), Type: document.Date})

	recipient, err := d.service.directory.OwnName(ctx, d.scope)
	if err != nil {
		return err
	}
	out := document.NewCSV(w, columns, document.CSVOptions{Separator: separator(d.lang), BOM: true})
	cells := make([]string, len(columns))
	tail := cells[len(d.fields):]
	tail[0], tail[1], tail[2] = fmt.Sprint(d.List.Number), recipient, d.List.DestroyBy.String()
	err = d.service.directory.Export(ctx, d.scope, d.persons, func(row *member.Row) error {
		for i, f := range d.fields {
			cells[i] = row.Cell(f)
		}
		return out.Write(cells)
	})
	if err != nil {
		return err
	}
	return out.Close()
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
