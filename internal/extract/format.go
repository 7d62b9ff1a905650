package extract

import (
	"slices"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
)

// Format is a kind of file.
type Format string

const (
	CSV       Format = "csv"       // a text file that a spreadsheet opens and Kartotek imports again
	XLSX      Format = "xlsx"      // a workbook, with days as days and numbers as they were
	VCard     Format = "vcf"       // contacts for a phone
	PDF       Format = "pdf"       // a list on paper
	Labels    Format = "labels"    // addresses on sheets of labels
	Envelopes Format = "envelopes" // addresses on envelopes
)

// Formats lists what a list can be pulled as.
var Formats = []Format{CSV, XLSX, PDF, VCard, Labels, Envelopes}

// Per is what stands on a line, a label or an envelope.
type Per string

const (
	PerMember    Per = ""          // one member
	PerHousehold Per = "household" // those of a household whom one letter, or one e-mail, reaches
)

// Posts reports whether the file is addresses to be posted, and nothing else.
func (f Format) Posts() bool { return f == Labels || f == Envelopes }

// Ending is what the file's name ends in.
func (f Format) Ending() string {
	if f.Posts() {
		return string(PDF)
	}
	return string(f)
}

// ContentType is the file's media type.
func (f Format) ContentType() string {
	switch f {
	case CSV:
		return "text/csv; charset=utf-8; header=present"
	case XLSX:
		return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	case VCard:
		return "text/vcard; charset=utf-8"
	}
	return "application/pdf"
}

// Sheets are what the format can be printed on, by the code that a wish names,
// the commonest first; none where nothing is chosen.
func (f Format) Sheets() (codes []string) {
	switch f {
	case Labels:
		for _, s := range document.LabelSheets {
			codes = append(codes, s.Code())
		}
	case Envelopes:
		for _, e := range document.Envelopes {
			codes = append(codes, e.Name)
		}
	}
	return codes
}

// Offers gives the formats in which a purpose's lists are of use, which follows
// from its fields (L8): a contact needs a name and a way to reach somebody, a
// label a name and an address.
func Offers(c *charter.Charter, p *charter.Purpose) []Format {
	return slices.DeleteFunc(slices.Clone(Formats), func(f Format) bool { return !offers(c, p, f) })
}

func offers(c *charter.Charter, p *charter.Purpose, f Format) bool {
	switch f {
	case CSV, XLSX, PDF:
		return true
	case VCard:
		return named(c, p) && has(c, p, "phone", "mobile", "email")
	case Labels, Envelopes:
		return named(c, p) && has(c, p, "address") && has(c, p, "postal", "town")
	}
	return false
}

// OffersHouseholds reports whether a purpose's lists can have one line for each
// household: something goes out for it, by letter or by e-mail.
func OffersHouseholds(c *charter.Charter, p *charter.Purpose) bool {
	return named(c, p) && has(c, p, "address", "email")
}

// together reports whether several persons can stand together in a format. A
// contact is one person.
func (f Format) together() bool { return f != VCard }

func named(c *charter.Charter, p *charter.Purpose) bool { return has(c, p, "given", "family") }

// has reports whether a purpose has one of the fields.
func has(c *charter.Charter, p *charter.Purpose, codes ...string) bool {
	return slices.ContainsFunc(codes, func(code string) bool {
		f, known := c.Field(code)
		return known && p.Set.Has(f.Bit)
	})
}

// reachFields are what of a purpose's fields stands on a line for a household:
// who it is and how they are reached. The rest is each member's own.
var reachFields = []string{"given", "family", "address", "postal", "town", "country", "email"}

// narrowed are the fields that really leave with a wish.
func (w *Wish) narrowed(on []*charter.Field) []*charter.Field {
	keep := reachFields
	switch {
	case w.Format.Posts():
		keep = []string{"given", "family", "address", "postal", "town", "country"}
	case w.Format == VCard:
		keep = []string{"given", "family", "address", "postal", "town", "country", "email", "phone", "mobile", "unit"}
	case w.Per == PerMember:
		return on
	}
	var kept []*charter.Field
	for _, f := range on {
		if slices.Contains(keep, f.Code) {
			kept = append(kept, f)
		}
	}
	return kept
}

// checkFormat settles what the wish says of its file.
func (w *Wish) checkFormat(c *charter.Charter, p *charter.Purpose, invalid *fault.Error) *fault.Error {
	switch {
	case !slices.Contains(Formats, w.Format):
		return invalid.With("format", "extract.error.format")
	case !offers(c, p, w.Format):
		return invalid.With("format", "extract.error.format_fields", "purpose", p.Name.In(w.Lang))
	}
	switch {
	case w.Per != PerMember && w.Per != PerHousehold:
		invalid = invalid.With("per", "extract.error.per")
	case w.Per == PerHousehold && (!w.Format.together() || !OffersHouseholds(c, p)):
		invalid = invalid.With("per", "extract.error.per_household")
	}
	sheets := w.Format.Sheets()
	switch {
	case len(sheets) == 0:
		w.Sheet, w.Start = "", 0
		return invalid
	case w.Sheet == "":
		w.Sheet = sheets[0]
	case !slices.ContainsFunc(sheets, func(s string) bool { return strings.EqualFold(s, w.Sheet) }):
		return invalid.With("sheet", "extract.error.sheet", "known", strings.Join(sheets, ", "))
	}
	w.Sheet = sheets[slices.IndexFunc(sheets, func(s string) bool { return strings.EqualFold(s, w.Sheet) })]
	if w.Format != Labels {
		w.Start = 0
		return invalid
	}
	sheet, _ := document.LabelSheetNamed(w.Sheet)
	if w.Start == 0 {
		w.Start = 1
	}
	if last := sheet.Columns * sheet.Rows; w.Start < 1 || w.Start > last {
		invalid = invalid.With("start", "extract.error.start", "last", last)
	}
	return invalid
}
