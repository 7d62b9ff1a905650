package grant

import (
	"io"
	"strconv"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// Persons are those a case names: whom it is about, who proposed, who entered the
// decision, who ended it.
func (c *Case) Persons() []vault.PersonID {
	var all []vault.PersonID
	for _, person := range []vault.PersonID{c.Person, c.ProposedBy, c.DecidedBy, c.EndedBy} {
		if person != 0 {
			all = append(all, person)
		}
	}
	return all
}

// FileName is what the document's file is called, without its ending; it names nobody.
func (c *Case) FileName(p *locale.Printer) string {
	return p.T("grant.paper.file") + "-" + strconv.FormatInt(c.ID, 10)
}

// Document writes the grounds as the paper that stays with the body (D9): who, what
// for, why, which data, how long, and what was decided, by which meeting. The names are
// those a directory gave for the Scope the case was read with.
func (s *Service) Document(w io.Writer, c *Case, names map[vault.PersonID]string, p *locale.Printer) error {
	title := p.T("grant.paper.title", "number", c.ID)
	sender := s.Charter.Name.In(p.Lang())
	if body, known := s.Units.Tree().ByID(c.Wish.Unit); known {
		sender = body.Name + " · " + sender
	}
	out := document.NewPaper(w, document.PaperTexts{
		Sender: sender, Title: title, Footer: p.T("grant.paper.footer", "number", c.ID), Page: p.T("extract.print.page"),
	}, nil, document.PDFOptions{Title: title, Language: p.Lang(), Time: s.Now()})
	for _, section := range s.sections(c, names, p) {
		if err := out.Write(section); err != nil {
			return err
		}
	}
	return out.Close()
}

func (s *Service) sections(c *Case, names map[vault.PersonID]string, p *locale.Printer) []document.Section {
	who := func(person vault.PersonID) string {
		if name := names[person]; name != "" {
			return name
		}
		return p.T("grant.paper.nobody")
	}
	w := &c.Wish
	all := []document.Section{
		{Paragraphs: []string{
			p.T("grant.paper.about", "name", who(c.Person), "from", p.Date(w.From), "until", p.Date(w.Until)),
			p.T("grant.paper.state", "state", p.T("grant.standing."+string(c.StandingOn(s.Access.Today()))), "date", p.Date(s.Access.Today())),
		}},
		{Heading: p.T("grant.record.task"), Paragraphs: lines(w.Task)},
		{Heading: p.T("grant.record.ground"), Paragraphs: lines(w.Ground)},
		{Heading: p.T("grant.paper.data"), Paragraphs: []string{p.T("grant.paper.data_text")}, Items: []string{
			p.T("grant.paper.purposes", "list", s.PurposeNames(p, w.Purposes)), p.T("grant.paper.fields", "list", s.FieldNames(p, w.Fields)),
			p.T("grant.paper.acts", "list", s.acts(p)),
		}},
		{Heading: p.T("grant.paper.proposed"), Paragraphs: []string{
			p.T("grant.paper.proposed_by", "name", who(c.ProposedBy), "date", p.Date(s.Charter.Today(c.ProposedAt))),
		}},
		s.decided(c, who, p),
	}
	if w.Renews != 0 {
		all[0].Paragraphs = append(all[0].Paragraphs, p.T("grant.paper.renews", "number", w.Renews))
	}
	if c.State == Withdrawn || c.State == TakenBack {
		all = append(all, document.Section{Heading: p.T("grant.standing." + string(c.State)), Paragraphs: append(
			[]string{p.T("grant.paper.ended", "name", who(c.EndedBy), "date", p.Date(s.Charter.Today(c.EndedAt)))}, lines(c.Why)...,
		)})
	}
	return append(all, document.Section{
		Heading: p.T("grant.paper.rules"), Paragraphs: []string{p.T("grant.paper.rules_text", "limit", s.Charter.Grants.Months.Value)},
		After: []string{p.T("grant.paper.signed") + ": " + strings.Repeat("_", 32) + "   " + p.T("grant.paper.dated") + ": " + strings.Repeat("_", 14)},
	})
}

// decided is the part about the decision; of one that was not taken it says so.
func (s *Service) decided(c *Case, who func(vault.PersonID) string, p *locale.Printer) document.Section {
	d := &c.Decision
	section := document.Section{Heading: p.T("grant.paper.decision")}
	switch {
	case c.DecidedBy == 0 && c.State == Lapsed:
		section.Paragraphs = []string{p.T("grant.paper.lapsed", "date", p.Date(c.AnswerBy))}
	case c.DecidedBy == 0:
		section.Paragraphs = []string{p.T("grant.paper.undecided")}
	default:
		key := "grant.paper.refused"
		if d.Approve {
			key = "grant.paper.approved"
		}
		section.Paragraphs = append([]string{p.T(key, "meeting", p.T("grant.meeting."+d.Meeting), "date", p.Date(d.Met))}, lines(d.Reason)...)
		section.Items = []string{
			p.T("grant.paper.minutes", "text", d.Minutes), p.T("grant.paper.apart"),
			p.T("grant.paper.entered", "name", who(c.DecidedBy), "date", p.Date(s.Charter.Today(c.DecidedAt))),
		}
	}
	return section
}

// PurposeNames names purposes in a sentence; one the charter no longer has by its code.
func (s *Service) PurposeNames(p *locale.Printer, codes []string) string {
	return named(p, codes, func(code string) (charter.Words, bool) {
		purpose, known := s.Charter.Purpose(code)
		if !known {
			return nil, false
		}
		return purpose.Name, true
	})
}

// FieldNames names fields in a sentence.
func (s *Service) FieldNames(p *locale.Printer, codes []string) string {
	return named(p, codes, func(code string) (charter.Words, bool) {
		field, known := s.Charter.Field(code)
		if !known {
			return nil, false
		}
		return field.Name, true
	})
}

func named(p *locale.Printer, codes []string, name func(code string) (charter.Words, bool)) string {
	names := make([]string, len(codes))
	for i, code := range codes {
		names[i] = code
		if words, known := name(code); known {
			names[i] = words.In(p.Lang())
		}
	}
	return p.List(names)
}

// acts are what a documented access opens at most.
func (s *Service) acts(p *locale.Printer) string {
	var names []string
	for _, code := range s.Charter.Grants.Acts.Codes() {
		names = append(names, p.T("access.act."+code))
	}
	return p.List(names)
}

// lines are the paragraphs somebody wrote.
func lines(text string) []string {
	return strings.FieldsFunc(text, func(r rune) bool { return r == '\n' || r == '\r' })
}
