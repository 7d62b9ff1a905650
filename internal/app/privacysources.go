package app

import (
	"context"
	"strings"

	"kartotek/internal/declaration"
	"kartotek/internal/directory"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// published shows the privacy page the declaration that stands for a body (N3–N5).
type published struct{ h *House }

// Declaration gives it point by point; nil where there is none.
func (s published) Declaration(ctx context.Context, body unit.ID, p *locale.Printer) (*directory.Declaration, error) {
	v, there, err := s.h.Declarations.Published(ctx, body)
	if err != nil || !there {
		return nil, err
	}
	text, err := s.h.Declarations.Text(ctx, v.Unit, v.Number, p.Lang())
	if err != nil {
		return nil, err
	}
	d := &directory.Declaration{Of: v.Unit, Number: v.Number, Published: s.h.Charter.Today(v.At), Lang: text.Lang}
	of, _ := s.h.Units.Tree().ByID(v.Unit)
	d.Files = append(d.Files, directory.Link{Text: p.T("declaration.page.versions"), URL: "/privacy/" + of.Code + "/versions"})
	if v.Number > 1 {
		d.Files = append(d.Files, directory.Link{Text: p.T("declaration.page.see_changes"), URL: strings.TrimPrefix(s.h.changesURL(of.Code, v.Number), s.h.URL)})
	}
	for _, format := range declaration.Formats() {
		d.Files = append(d.Files, directory.Link{
			Text: p.T("declaration.page.whole", "format", p.T("declaration.format."+format)), URL: "/declaration/file?unit=" + of.Code + "&format=" + format, File: true,
		})
	}
	for i := range text.Points {
		d.Points = append(d.Points, point(&text.Points[i], p))
	}
	return d, nil
}

// Templates are the blank template, with its notes: a page, and for Word (N4, N5).
func (published) Templates(_ unit.ID, p *locale.Printer) []directory.Link {
	return []directory.Link{
		{Text: p.T("declaration.page.blank"), URL: "/declaration/template"},
		{Text: p.T("declaration.page.template"), URL: "/declaration/file?format=docx", File: true},
	}
}

// point is one of the fourteen, as a text of paragraphs.
func point(from *declaration.Point, p *locale.Printer) directory.Point {
	to := directory.Point{Title: from.Title}
	for _, b := range from.Blocks {
		line := b.Text
		if b.Term != "" {
			line = p.T("privacy.fact", "term", b.Term, "value", b.Text)
		}
		if b.More != "" {
			line += "\n" + b.More
		}
		if strings.HasPrefix(b.URL, "https://") {
			to.Links = append(to.Links, directory.Link{Text: b.Text, URL: b.URL})
		}
		for paragraph := range strings.SplitSeq(line, "\n") {
			if paragraph != "" {
				to.Text = append(to.Text, paragraph)
			}
		}
	}
	return to
}
