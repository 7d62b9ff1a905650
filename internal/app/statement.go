package app

import (
	"io"
	"strconv"

	"kartotek/internal/document"
	"kartotek/internal/dues"
	"kartotek/internal/locale"
)

// WriteStatements writes what bodies settle with each other, as csv or pdf, for
// pages and commands alike. Nobody is in it.
func (h *House) WriteStatements(w io.Writer, p *locale.Printer, all []dues.Statement, kind string) error {
	columns := []document.Column{
		{Name: p.T("dues.column.body")}, {Name: p.T("dues.column.cut_off"), Type: document.Date}, {Name: p.T("dues.column.category")},
		{Name: p.T("dues.column.members"), Type: document.Number}, {Name: p.T("dues.column.paying"), Type: document.Number},
		{Name: p.T("dues.column.each"), Type: document.Number}, {Name: p.T("dues.column.amount"), Type: document.Number},
	}
	var out document.Writer
	number, amount, day := strconv.Itoa, locale.PlainAmount, func(c *dues.Count) string { return c.CutOff.String() }
	if kind == "pdf" {
		out = document.NewPDF(w, columns, document.ListTexts{
			Heading: p.T("dues.statement.title"), Lead: h.organisation(p.Lang()), Page: p.T("extract.print.page"),
		}, document.PDFOptions{Title: p.T("dues.statement.title"), Language: p.Lang(), Time: h.Now()})
		number, amount, day = p.Number, p.Sum, func(c *dues.Count) string { return p.ShortDate(c.CutOff) }
	} else {
		separator := byte(';')
		if p.Lang() == "en" {
			separator = ','
		}
		out = document.NewCSV(w, columns, document.CSVOptions{BOM: true, Separator: separator})
	}
	for i := range all {
		s := &all[i]
		body, _ := h.Units.Tree().ByID(s.Unit)
		for k := range s.Counts {
			c := &s.Counts[k]
			category := h.Charter.CategoryOr(c.Category).Name.In(p.Lang())
			if err := out.Write([]string{body.Name, day(c), category, number(c.Members), number(c.Paying), amount(c.Amount), amount(c.Sum())}); err != nil {
				return err
			}
		}
	}
	return out.Close()
}
