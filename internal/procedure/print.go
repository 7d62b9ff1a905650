package procedure

import (
	"io"

	"kartotek/internal/document"
	"kartotek/internal/locale"
)

// FileName is what a document's file is called, without its ending.
func (v *Version) FileName(p *locale.Printer) string {
	if v.Number == 0 {
		return p.T("procedure.file."+string(v.Document)) + "-" + p.T("procedure.file.draft")
	}
	return p.T("procedure.file."+string(v.Document)) + "-" + p.T("procedure.file.version", "number", v.Number)
}

// Standing says what a version is: its number, time and editor; of a draft, that it is
// none.
func (s *Service) Standing(v *Version, p *locale.Printer) string {
	if v.Number == 0 {
		return p.T("procedure.draft", "date", p.Date(s.Charter.Today(s.Now())))
	}
	return p.T("procedure.standing", "number", v.Number, "time", p.DateTime(v.At, s.Charter.Location()), "editor", v.Editor(p))
}

// Print writes a version as PDF in a language it has (D15).
func (s *Service) Print(w io.Writer, v *Version, lang string) error {
	text, lang := v.Texts.In(lang, s.Charter.Languages...)
	p := s.Charter.Printer(lang)
	standing := s.Standing(v, p)
	made := v.At
	if v.Number == 0 {
		made = s.Now()
	}
	out := document.NewPaper(w, document.PaperTexts{
		Sender: s.name(lang), Title: text.Title, Footer: standing, Page: p.T("extract.print.page"),
	}, nil, document.PDFOptions{Title: text.Title, Language: lang, Time: made})
	head := document.Section{Paragraphs: []string{text.Lead, standing}}
	if v.Reason != "" {
		head.Paragraphs = append(head.Paragraphs, p.T("procedure.changed", "reason", v.Reason))
	}
	if text.Intro != "" {
		head.Paragraphs = append(head.Paragraphs, text.Intro)
	}
	if err := out.Write(head); err != nil {
		return err
	}
	for i := range text.Sections {
		section := &text.Sections[i]
		part := document.Section{Heading: number(i) + " " + section.Heading, Paragraphs: section.Text, After: section.After}
		for _, f := range section.Facts {
			part.Items = append(part.Items, f.line())
		}
		if section.Note != "" {
			part.After = append(part.After, p.T("procedure.own_note", "text", section.Note))
		}
		if err := out.Write(part); err != nil {
			return err
		}
	}
	return out.Close()
}
