package directory

import (
	"io"

	"kartotek/internal/document"
	"kartotek/internal/locale"
)

// Print writes a privacy page as PDF: all of it, every box open, every address written
// out (N1: on paper too). base is the address of the site.
func (s *Service) Print(w io.Writer, page *Privacy, base string, p *locale.Printer) error {
	at := base + Address(page.Body.Code)
	out := document.NewPaper(w, document.PaperTexts{
		Sender: page.Body.Name, Title: page.Title, Footer: at, Page: p.T("extract.print.page"),
	}, nil, document.PDFOptions{Title: page.Title, Language: p.Lang(), Time: s.Now()})
	if err := out.Write(document.Section{Paragraphs: []string{page.Lead, p.T("privacy.printed", "date", s.Charter.Today(s.Now()))}}); err != nil {
		return err
	}
	for i := range page.Sections {
		section := &page.Sections[i]
		part := document.Section{Heading: section.Title, Paragraphs: section.Text, Items: written(section.Links, base)}
		for _, f := range section.Facts {
			part.Paragraphs = append(part.Paragraphs, p.T("privacy.fact", "term", f.Term, "value", f.Value))
		}
		if section.Missing != "" {
			part.Paragraphs = append(part.Paragraphs, section.Missing)
		}
		if err := out.Write(part); err != nil {
			return err
		}
		for _, point := range section.Points {
			if err := out.Write(document.Section{Heading: point.Title, Paragraphs: point.Text, Items: written(point.Links, base)}); err != nil {
				return err
			}
		}
	}
	return out.Close()
}

// written are links as paper has them: their words and their address.
func written(links []Link, base string) []string {
	var lines []string
	for _, l := range links {
		address := l.URL
		if address != "" && address[0] == '/' {
			address = base + address
		}
		if l.Text != address {
			address = l.Text + ": " + address
		}
		lines = append(lines, address)
	}
	return lines
}
