package agreement

import (
	"context"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// measures are the measures of security that the program itself takes (Art. 32).
var measures = []string{"sealed", "keys", "access", "journal", "lists", "erasure", "backups", "review"}

// Text is a body's agreement as it stands: the one in force, else as it would be signed
// today, in a language (N1, N3). It is public and names nobody.
func (s *Service) Text(ctx context.Context, body unit.ID, lang string) (d Document, inForce bool, err error) {
	b, err := s.bodyOf(body)
	if err != nil {
		return d, false, err
	}
	_, force, err := s.Current(ctx, body)
	if err != nil {
		return d, false, err
	}
	if force.Number != 0 && force.Lang == lang {
		return force.Content, true, nil
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		d, err = s.compose(q, &b, lang)
		return err
	})
	return d, force.Number != 0, err
}

// Essence is what an arrangement between joint controllers makes public (Art. 26(2)), in
// the words of its own clauses.
func (s *Service) Essence(ctx context.Context, body unit.ID, lang string) ([]Section, error) {
	d, _, err := s.Text(ctx, body, lang)
	var out []Section
	for _, section := range d.Sections {
		switch section.Code {
		case "share", "inform", "rights", "contact":
			out = append(out, section)
		}
	}
	return out, err
}

// compose writes the text: fixed clauses, and appendices from what the register does.
func (s *Service) compose(q database.Querier, b *Bound, lang string) (Document, error) {
	p := s.Charter.Printer(lang)
	other := s.name(b.With, lang)
	d := Document{Title: p.T("agreement." + b.Kind + ".title"), Lead: p.T("agreement."+b.Kind+".lead", "body", b.Unit.Name, "other", other)}
	for _, code := range clauses[b.Kind].codes {
		key := "agreement." + b.Kind + "." + code
		d.Sections = append(d.Sections, Section{Code: code, Heading: p.T(key + "_title"), Text: strings.Split(strings.TrimSpace(p.T(key+"_text")), "\n"), Locked: true})
	}
	chain, err := s.bindingChain(q, b)
	if err != nil {
		return d, err
	}
	d.Terms = &Terms{Rules: rules(s.Charter, b.Kind), Chain: marks(chain)}
	d.Sections = append(d.Sections, s.processing(p, b), subs(s.Charter, p, chain, s.Access.Today()), s.instructions(p), Section{
		Code: "other", Heading: p.T("agreement.appendix.rest"),
		Items: []string{
			p.T("agreement.appendix.answer", "days", s.Charter.Agreements.NoticeDays.Value), p.T("agreement.appendix.breach", "hours", s.Charter.Parameters.BreachHours.Value),
			p.T("agreement.appendix.kept", "years", s.Charter.Agreements.KeepYears.Value),
			p.T("agreement.appendix.version", "version", Version(b.Kind), "lock", Lock(b.Kind)),
		},
	})
	return d, nil
}

// processing is appendix A: for what, on what ground, which data, how long, how guarded.
func (s *Service) processing(p *locale.Printer, b *Bound) Section {
	lang := p.Lang()
	a := Section{Code: "processing", Heading: p.T("agreement.appendix.processing"), Text: []string{p.T("agreement.appendix.persons", "body", b.Unit.Name)}}
	for i := range s.Charter.Purposes {
		purpose := &s.Charter.Purposes[i]
		names := make([]string, 0, len(purpose.Fields))
		for _, code := range purpose.Fields {
			names = append(names, s.field(code, lang))
		}
		a.Items = append(a.Items, p.T("agreement.appendix.purpose", "purpose", purpose.Name.In(lang), "basis", purpose.BasisText.In(lang), "fields", p.List(names)))
	}
	if s.Retention != nil {
		for _, rule := range s.Retention(p) {
			a.Items = append(a.Items, p.T("agreement.appendix.rule", "what", rule[0], "period", rule[1]))
		}
	}
	for _, code := range measures {
		a.Items = append(a.Items, p.T("agreement.measure."+code))
	}
	return a
}

func (s *Service) field(code, lang string) string {
	if f, known := s.Charter.Field(code); known {
		return f.Name.In(lang)
	}
	return code
}

// subs is appendix B: who else gets data, the whole chain (Art. 28(2), 28(4)).
func subs(c *charter.Charter, p *locale.Printer, chain []Processor, today civil.Date) Section {
	b := Section{Code: "processors", Heading: p.T("agreement.appendix.processors"), Text: []string{p.T("agreement.appendix.chain")}}
	for i := range chain {
		line := strings.Repeat("– ", chain[i].Depth) + chain[i].Line(c, p)
		if chain[i].From.After(today) {
			line += " " + p.T("agreement.processor.coming", "date", chain[i].From) + "."
		}
		b.Items = append(b.Items, line)
	}
	if len(chain) == 0 {
		b.Items = []string{p.T("agreement.appendix.nobody")}
	}
	return b
}

// Line says of a processor who it is, where, on what ground and for what.
func (x *Processor) Line(c *charter.Charter, p *locale.Printer) string {
	var purposes, fields []string
	for _, code := range x.Purposes {
		if purpose, known := c.Purpose(code); known {
			purposes = append(purposes, purpose.Name.In(p.Lang()))
		}
	}
	for _, code := range x.Fields {
		if f, known := c.Field(code); known {
			fields = append(fields, f.Name.In(p.Lang()))
		}
	}
	return p.T("agreement.appendix.processor", "name", x.Name, "address", x.Address, "contact", x.Contact, "country", p.Country(x.Country),
		"transfer", p.T("agreement.transfer."+x.Transfer), "task", x.Task, "purposes", p.List(purposes), "fields", p.List(fields))
}

// instructions is appendix C: what the charter tells to be done.
func (s *Service) instructions(p *locale.Printer) Section {
	return Section{Code: "instruct", Heading: p.T("agreement.appendix.instructions"), Items: []string{
		p.T("agreement.instruct.purposes"), p.T("agreement.instruct.lists", "days", s.Charter.ListDays),
		p.T("agreement.instruct.erase", "days", s.Charter.Window), p.T("agreement.instruct.special"), p.T("agreement.instruct.change"),
	}}
}

func (s *Service) name(body unit.ID, lang string) string {
	if u, known := s.Units.Tree().ByID(body); known && u.Name != "" {
		return u.Name
	}
	return s.Charter.Name.In(lang)
}
