package extract

import (
	"context"
	"fmt"
	"io"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/member"
)

// title is what the list is called, in a file's own description. It names
// nobody and says nothing of the association (L1).
func (d *Delivery) title() string {
	return locale.For(d.lang).T("extract.print.list", "number", d.List.Number)
}

// about is what a PDF says of itself.
func (d *Delivery) about() document.PDFOptions {
	return document.PDFOptions{Title: d.title(), Language: d.lang, Time: d.List.PulledAt}
}

// printed begins the list on paper: whose it is, which list and when it must be
// destroyed stand on every page (D12).
func (d *Delivery) printed(w io.Writer, columns []document.Column, recipient string) *document.ListWriter {
	p := locale.For(d.lang)
	purpose, _ := d.service.charter.Purpose(d.List.Purpose)
	body := d.service.bodyName(d.List.Unit)
	if body == "" {
		body = p.T("extract.print.everywhere")
	}
	return document.NewPDF(w, columns, document.ListTexts{
		Heading: purpose.Name.In(d.lang),
		Lead: p.T("extract.print.lead", "count", d.List.Members, "body", body,
			"date", p.Date(d.service.charter.Today(d.List.PulledAt))),
		List:      d.title(),
		Recipient: p.T("extract.print.recipient", "name", recipient),
		DestroyBy: p.T("extract.print.destroy_by", "date", p.Date(d.List.DestroyBy)),
		Footer:    p.T("extract.print.footer"),
		Page:      p.T("extract.print.page"),
		Numbered:  true,
	}, d.about())
}

// shown is a cell as people read it on paper; a spreadsheet has its own ways and
// gets it as it is.
func (d *Delivery) shown(f *charter.Field, value string) string {
	if d.List.Format != PDF || value == "" {
		return value
	}
	switch f.Type {
	case charter.TypeDate:
		if day, err := civil.ParseDate(value); err == nil {
			return locale.For(d.lang).ShortDate(day)
		}
	case charter.TypePhone:
		return locale.Phone(value, d.service.charter.Country)
	case charter.TypeNumber:
		return locale.MemberNumber(value)
	}
	return value
}

// addresses prints labels or envelopes. Nothing on them tells what they are of:
// an envelope lies in the hall for everybody to see (L1).
func (d *Delivery) addresses(ctx context.Context, w io.Writer) (o Outcome, err error) {
	var out *document.AddressWriter
	if d.List.Format == Labels {
		sheet, _ := document.LabelSheetNamed(d.List.Sheet)
		if out, err = document.NewLabels(w, sheet, d.start, d.about()); err != nil {
			return o, err
		}
	} else {
		envelope, known := document.EnvelopeNamed(d.List.Sheet)
		if !known {
			return o, fmt.Errorf("extract: no envelope %q", d.List.Sheet)
		}
		out = document.NewEnvelopes(w, envelope, d.service.charter.Letters.ReturnTo, d.about())
	}
	bond := member.OnePerson
	if d.List.Per == PerHousehold {
		bond = member.OneAddress
	}
	left, err := d.service.directory.Envelopes(ctx, d.scope, d.persons, bond, func(e *member.Envelope) error {
		o.Written++
		d.order.add(e.Persons...)
		return out.Write(append([]string{e.Name(locale.For(d.nameLang(e)))}, e.Lines...))
	})
	if err != nil {
		return o, err
	}
	err = out.Close()
	o.Cramped, o.Missing = out.Cramped(), out.Missing()
	o.Covered, o.Returned, o.Nowhere = left.Covered, left.Returned, left.Nowhere
	return o, err
}

// nameLang is the language in which those a letter is for are named together:
// theirs, since they read it.
func (d *Delivery) nameLang(e *member.Envelope) string {
	if e.Language != "" {
		return e.Language
	}
	return d.service.charter.Lang()
}

// contacts writes contacts for a phone. Each tells which list it came on and
// until when it may stay, and stands in a group of that name, so that all of
// them are found and deleted again (D12).
func (d *Delivery) contacts(ctx context.Context, w io.Writer, recipient string) (o Outcome, err error) {
	p := locale.For(d.lang)
	out := document.NewVCard(w, d.List.PulledAt)
	group := []string{p.T("extract.contact.group", "number", d.List.Number)}
	note := p.T("extract.contact.note", "number", d.List.Number, "name", recipient, "date", p.Date(d.List.DestroyBy))
	err = d.service.directory.Export(ctx, d.scope, d.persons, func(row *member.Row) error {
		c := document.Contact{UID: d.service.uid(row.Person), Categories: group, Note: note}
		for _, f := range d.fields {
			value := row.Cell(f)
			if value == "" {
				continue
			}
			switch f.Code {
			case "given":
				c.Given = value
			case "family":
				c.Family = value
			case "unit":
				c.Organisation = value
			case "phone", "mobile":
				c.Phones = append(c.Phones, document.ContactPhone{Number: value, Mobile: f.Code == "mobile"})
			case "email":
				c.Emails = append(c.Emails, value)
			case "address":
				c.Street = value
			case "postal":
				c.Code = value
			case "town":
				c.Town = value
			case "country":
				c.Country = value
			}
		}
		if len(c.Phones) == 0 && len(c.Emails) == 0 {
			o.Nowhere++ // a contact that reaches nobody is only a name on a phone
			return nil
		}
		o.Written++
		d.order.add(row.Person)
		c.Note = note + " " + p.T("extract.contact.line", "line", d.order.lines)
		return out.Write(c)
	})
	if err != nil {
		return o, err
	}
	return o, out.Close()
}
