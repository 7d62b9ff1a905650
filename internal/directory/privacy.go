package directory

import (
	"context"
	"strconv"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// Privacy is a body's privacy page, whole: what a page, a paper and a command line show
// of it (N1, N3). It is public and names functions, never persons.
type Privacy struct {
	Body     unit.Unit
	Country  string // whose law it stands under
	Title    string
	Lead     string
	Sections []Section
}

// Section is a part of the page.
type Section struct {
	Code    string // of its place on the page: "law", "rights" …
	Title   string
	Text    []string
	Facts   []Fact
	Points  []Point // each in a box of its own that opens on a click (N5)
	Links   []Link
	Missing string // what is not there yet, said as it is
	Lang    string // of what is in it, where it is another than the page's
}

// Where the page stands, by the body's code, which never changes while the body's name
// may: the address lasts.
func Address(code string) string { return "/privacy/" + code }

// Privacy puts the page of a body together (N1, N3, N15).
func (s *Service) Privacy(ctx context.Context, code string, p *locale.Printer) (Privacy, error) {
	body, known := s.Units.Tree().ByCode(code)
	if !known {
		return Privacy{}, fault.New(fault.NotFound, "unit.error.unknown")
	}
	said, err := s.Page(ctx, body.ID)
	if err != nil {
		return Privacy{}, err
	}
	all := Privacy{
		Body: body, Country: s.country(body),
		Title: p.T("privacy.title", "body", body.Name), Lead: p.T("privacy.lead", "body", body.Name),
	}
	if body.Closed {
		all.Lead = p.T("privacy.closed", "body", body.Name, "date", s.Charter.Today(body.ClosedAt))
	}
	all.Sections = append(all.Sections, s.law(all.Country, p), s.role(body, p))
	for _, make := range []func(context.Context, unit.Unit, *locale.Printer) (Section, error){s.declared, s.agreed, s.processed, s.passed} {
		section, err := make(ctx, body, p)
		if err != nil {
			return Privacy{}, err
		}
		all.Sections = append(all.Sections, section)
	}
	ask, err := s.ask(ctx, body, &said, p)
	if err != nil {
		return Privacy{}, err
	}
	all.Sections = append(all.Sections, ask, s.rights(all.Country, p), s.further(body, &said, p))
	return all, nil
}

// law is the law in plain words, with links to it and to who watches over it (N1, N6).
func (s *Service) law(country string, p *locale.Printer) Section {
	section := Section{
		Code: "law", Title: p.T("privacy.law.title"),
		Text:  []string{p.T("privacy.law.regulation"), p.T("privacy.law.data")},
		Links: []Link{{Text: p.T("privacy.law.gdpr"), URL: gdpr(p.Lang())}},
	}
	if of, known := s.Charter.Authority(country); known {
		act := of.Act.In(p.Lang())
		section.Text = append(section.Text, p.T("privacy.law.national", "act", act))
		if of.ActURL != "" {
			section.Links = append(section.Links, Link{Text: act, URL: of.ActURL})
		}
	}
	special := "privacy.law.ordinary"
	if s.Charter.SpecialCategory {
		special = "privacy.law.special"
	}
	authority := s.authority(country, p)
	section.Text = append(section.Text, p.T(special), p.T("privacy.law.watch", "authority", authority.Text))
	section.Links = append(section.Links, authority)
	return section
}

// role says who answers for the data, from the charter's roles (L10, N2, N8).
func (s *Service) role(body unit.Unit, p *locale.Printer) Section {
	section := Section{Code: "role", Title: p.T("privacy.role.title")}
	level, known := s.Charter.Level(body.Level)
	if !known {
		return section
	}
	tree := s.Units.Tree()
	root, _ := tree.Root()
	section.Text = []string{p.T("privacy.role."+level.Controller, "body", body.Name, "above", root.Name)}
	if level.Controller == charter.ControllerAlone && body.Parent != 0 {
		if above, known := s.Charter.Level(root.Level); known && above.Controller == charter.ControllerProcessor {
			section.Text = append(section.Text, p.T("privacy.role.processed", "body", body.Name, "above", root.Name))
		}
	}
	return section
}

// declared is the privacy declaration, its points in boxes, and the template (N3–N5).
func (s *Service) declared(ctx context.Context, body unit.Unit, p *locale.Printer) (Section, error) {
	section := Section{Code: "declaration", Title: p.T("privacy.declaration.title")}
	if s.Templates != nil {
		section.Links = s.Templates.Templates(body.ID, p)
	}
	if s.Declarations != nil {
		d, err := s.Declarations.Declaration(ctx, body.ID, p)
		if err != nil {
			return section, err
		}
		if d != nil {
			section.Points, section.Links = d.Points, append(d.Files, section.Links...)
			section.Text = []string{p.T("privacy.declaration.version", "number", d.Number, "date", d.Published)}
			if d.Of != body.ID {
				of, _ := s.Units.Tree().ByID(d.Of)
				section.Text = append(section.Text, p.T("privacy.declaration.above", "body", body.Name, "above", of.Name))
			}
			if d.Lang != p.Lang() {
				section.Lang = d.Lang
			}
			return section, nil
		}
	}
	section.Missing = p.T("privacy.declaration.none", "body", body.Name)
	return section, nil
}

// agreed are the agreements, text and essence (N2, N3).
func (s *Service) agreed(ctx context.Context, body unit.Unit, p *locale.Printer) (Section, error) {
	section := Section{Code: "agreement", Title: p.T("privacy.agreement.title"), Text: []string{p.T("privacy.agreement.lead")}}
	if s.Agreements != nil {
		all, err := s.Agreements.Agreements(ctx, body.ID, p)
		if err != nil {
			return section, err
		}
		for _, a := range all {
			section.Text = append(section.Text, a.Title)
			section.Text = append(section.Text, a.Essence...)
			section.Points = append(section.Points, a.Points...)
			section.Links = append(section.Links, a.Files...)
		}
		if len(all) > 0 {
			return section, nil
		}
	}
	section.Missing = p.T("privacy.agreement.none", "body", body.Name)
	return section, nil
}

// processed are the sub-processors, with the whole chain (N12; EDPB 22/2024).
func (s *Service) processed(ctx context.Context, body unit.Unit, p *locale.Printer) (Section, error) {
	section := Section{Code: "processors", Title: p.T("privacy.processors.title"), Text: []string{p.T("privacy.processors.lead")}}
	if s.Processors != nil {
		all, err := s.Processors.Processors(ctx, body.ID, p)
		if err != nil {
			return section, err
		}
		for _, one := range all {
			point := Point{Title: one.Name}
			if one.Depth > 0 {
				point.Title = p.T("privacy.processors.sub", "name", one.Name, "depth", one.Depth)
			}
			for _, f := range one.Facts {
				point.Text = append(point.Text, p.T("privacy.fact", "term", f.Term, "value", f.Value))
			}
			section.Points = append(section.Points, point)
		}
		if len(all) > 0 {
			return section, nil
		}
	}
	section.Missing = p.T("privacy.processors.none")
	return section, nil
}

// passed are those outside to whom members are passed on again and again.
func (s *Service) passed(_ context.Context, body unit.Unit, p *locale.Printer) (Section, error) {
	section := Section{Code: "recipients", Title: p.T("privacy.recipients.title"), Text: []string{p.T("privacy.recipients.lead")}}
	if s.Recipients != nil {
		for _, one := range s.Recipients.Recipients(body.ID, p) {
			point := Point{Title: one.Name}
			for _, f := range one.Facts {
				point.Text = append(point.Text, p.T("privacy.fact", "term", f.Term, "value", f.Value))
			}
			section.Points = append(section.Points, point)
		}
	}
	if len(section.Points) == 0 {
		section.Text, section.Missing = nil, p.T("privacy.recipients.none")
	}
	return section, nil
}

// ask says whom to ask: a function with the organisation's addresses, of the body
// itself and of whoever keeps the whole register (N1, N16). No person is named.
func (s *Service) ask(ctx context.Context, body unit.Unit, said *Page, p *locale.Printer) (Section, error) {
	section := Section{Code: "ask", Title: p.T("privacy.ask.title"), Text: []string{p.T("privacy.ask.lead")}}
	section.asked(s, body, said, p)
	if root, there := s.Units.Tree().Root(); there && root.ID != body.ID {
		above, err := s.Page(ctx, root.ID)
		if err != nil {
			return section, err
		}
		section.asked(s, root, &above, p)
	}
	if sender := s.Charter.Letters.Sender; len(sender) > 0 {
		section.Facts = append(section.Facts, Fact{p.T("privacy.ask.post"), strings.Join(sender, ", ")})
	}
	if len(section.Facts) == 0 {
		section.Missing = p.T("privacy.ask.none", "body", body.Name)
	}
	return section, nil
}

// asked adds whom to ask in one body.
func (s *Section) asked(of *Service, body unit.Unit, said *Page, p *locale.Printer) {
	if said.Mailbox == "" && said.Phone == "" {
		return
	}
	who := body.Name
	if said.Contact != "" {
		who = p.T("privacy.ask.function", "function", of.postName(said.Contact, p), "body", body.Name)
	}
	var ways []string
	if said.Mailbox != "" {
		ways = append(ways, said.Mailbox)
		s.Links = append(s.Links, Link{Text: said.Mailbox, URL: "mailto:" + said.Mailbox})
	}
	if said.Phone != "" {
		ways = append(ways, locale.Phone(said.Phone, of.Charter.Country))
		s.Links = append(s.Links, Link{Text: locale.Phone(said.Phone, of.Charter.Country), URL: "tel:" + said.Phone})
	}
	s.Facts = append(s.Facts, Fact{who, strings.Join(ways, " · ")})
}

// right is one of the rights of GDPR Art. 12–22, 7(3), 34 and 77, and where a member
// uses it in Kartotek.
type right struct {
	code string
	path string // of the page; "" where there is nothing to press
	key  string // of the link's words
}

// everyRight is all of them, in the order of the law (N15).
var everyRight = []right{
	{code: "told"},
	{"access", "/me/everything", "privacy.rights.access.link"},
	{"seen", "/me/seen", "privacy.rights.seen.link"},
	{"rectify", "/me/contact", "privacy.rights.rectify.link"},
	{"erase", "/me/leave", "privacy.rights.erase.link"},
	{code: "restrict"},
	{code: "passed"},
	{"port", "/me/everything", "privacy.rights.port.link"},
	{"object", "/me", "privacy.rights.object.link"},
	{code: "automatic"},
	{"consent", "/me", "privacy.rights.consent.link"},
	{code: "breach"},
}

// rights is how to use one's rights, each in plain words, with an account and without
// (N15; GDPR Art. 12(1), (2)).
func (s *Service) rights(country string, p *locale.Printer) Section {
	months, more := s.Charter.Parameters.AnswerMonths.Value, s.Charter.Parameters.AnswerMoreMonths.Value
	authority := s.authority(country, p)
	section := Section{Code: "rights", Title: p.T("privacy.rights.title"), Text: []string{
		p.T("privacy.rights.lead"),
		p.T("privacy.rights.account"), p.T("privacy.rights.without"),
		p.T("privacy.rights.time", "months", p.T("charter.unit.months", "count", months), "more", p.T("charter.unit.months", "count", more)),
		p.T("privacy.rights.free"),
	}}
	for _, r := range everyRight {
		point := Point{Title: p.T("privacy.rights." + r.code + ".title"), Text: []string{p.T("privacy.rights."+r.code+".text", "days", p.T("charter.unit.days", "count", s.Charter.Window), "hours", strconv.Itoa(s.Charter.Parameters.BreachHours.Value))}}
		point.Text = append(point.Text, p.T("privacy.rights."+r.code+".how"))
		if r.path != "" {
			point.Links = []Link{{Text: p.T(r.key), URL: r.path}}
		}
		section.Points = append(section.Points, point)
	}
	section.Points = append(section.Points, Point{
		Title: p.T("privacy.rights.complain.title"), Text: []string{p.T("privacy.rights.complain.text", "authority", authority.Text)}, Links: []Link{authority},
	})
	return section
}

// further is where the rest stands that is public.
func (s *Service) further(body unit.Unit, said *Page, p *locale.Printer) Section {
	section := Section{Code: "further", Title: p.T("privacy.further.title"), Links: []Link{
		{Text: p.T("procedure.page.foot_procedure"), URL: "/procedure"},
		{Text: p.T("procedure.page.foot_guideline"), URL: "/retention/guideline"},
	}}
	if said.Open && !body.Closed {
		section.Links = append(section.Links, Link{Text: p.T("directory.open.title", "body", body.Name), URL: "/open/" + body.Code})
	}
	return section
}
