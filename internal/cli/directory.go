package cli

import (
	"context"
	"fmt"

	"kartotek/internal/access"
	"kartotek/internal/directory"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// bodyOf finds a body by its code.
func (d *desk) bodyOf(code string) (unit.Unit, error) {
	u, known := d.house.Units.Tree().ByCode(code)
	if !known {
		return u, fault.New(fault.NotFound, "unit.error.unknown")
	}
	return u, nil
}

type privacyShowCommand struct {
	inHouse
	Unit string `required:"" placeholder:"CODE"`
}

// run shows a body's privacy page, which is public (N1).
func (c *privacyShowCommand) run(ctx context.Context, d *desk) error {
	page, err := d.house.Directory.Privacy(ctx, c.Unit, d.p)
	if err != nil {
		return err
	}
	return d.answer(page, func() {
		fmt.Fprintf(d.out, "%s\n%s\n", page.Title, page.Lead)
		for _, s := range page.Sections {
			fmt.Fprintf(d.out, "\n%s\n", s.Title)
			d.lines(s.Text, s.Missing)
			for _, f := range s.Facts {
				fmt.Fprintln(d.out, d.p.T("privacy.fact", "term", f.Term, "value", f.Value))
			}
			for _, point := range s.Points {
				fmt.Fprintf(d.out, "- %s\n", point.Title)
				d.lines(point.Text)
				d.links(point.Links)
			}
			d.links(s.Links)
		}
	})
}

func (d *desk) lines(texts []string, more ...string) {
	for _, text := range append(texts, more...) {
		if text != "" {
			fmt.Fprintln(d.out, printable(text))
		}
	}
}

func (d *desk) links(links []directory.Link) {
	for _, l := range links {
		fmt.Fprintf(d.out, "  %s: %s\n", printable(l.Text), l.URL)
	}
}

type privacyPDFCommand struct {
	Unit   string `required:"" placeholder:"CODE"`
	Output string `short:"o" required:"" placeholder:"FILE"`
	Force  bool
}

func (c *privacyPDFCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

func (c *privacyPDFCommand) run(ctx context.Context, d *desk) error {
	if err := d.house.PrintPrivacy(ctx, d.files["output"], c.Unit, d.p.Lang()); err != nil || c.Output == "-" {
		return err
	}
	return d.answer(struct{}{}, func() { d.say("privacy.written") })
}

// fellowLine is a member as other members see them.
type fellowLine struct {
	ID    string            `json:"id"`
	Name  string            `json:"name"`
	Units []string          `json:"units"`
	Shows map[string]string `json:"shows,omitempty"`
}

type directoryShowCommand struct {
	inHouse
	asWho
	Unit   string `required:"" placeholder:"CODE"`
	Query  string `placeholder:"TEXT"`
	Page   int    `default:"1" placeholder:"N"`
	Member string `placeholder:"ID"`
}

// run lists the members of a body for one of its members, or shows what one of them
// lets others see (N11, N12).
func (c *directoryShowCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	body, err := d.bodyOf(c.Unit)
	if err != nil {
		return err
	}
	if c.Member != "" {
		return d.look(ctx, actor, body, c.Member)
	}
	found, err := d.house.Directory.Find(ctx, actor, body.ID, c.Query, c.Page, 0)
	if err != nil {
		return err
	}
	lines := make([]fellowLine, len(found.Rows))
	t := &table{heads: []string{d.p.T("directory.column.name"), d.p.T("directory.column.body"), "ID"}}
	for i := range found.Rows {
		r := &found.Rows[i]
		lines[i] = fellowLine{ID: d.house.Keyring.PublicID(r.Person), Name: r.Name(), Units: d.unitNames(r.Units)}
		t.add(r.Name(), d.p.List(lines[i].Units), lines[i].ID)
	}
	return d.answer(lines, func() {
		switch {
		case found.Asking:
			d.say("directory.asking", "count", directory.SearchLetters)
		case len(lines) == 0:
			d.say("directory.none")
		default:
			d.print(t)
		}
	})
}

func (d *desk) unitNames(units []unit.ID) []string {
	var names []string
	for _, id := range units {
		u, _ := d.house.Units.Tree().ByID(id)
		names = append(names, u.Name)
	}
	return names
}

func (d *desk) look(ctx context.Context, actor access.Actor, body unit.Unit, id string) error {
	person, ok := d.house.Keyring.PersonOf(id)
	if !ok {
		return fault.New(fault.NotFound, "member.error.not_found")
	}
	seen, err := d.house.Directory.Look(ctx, actor, body.ID, person)
	if err != nil {
		return err
	}
	line := fellowLine{ID: id, Name: seen.Name(), Units: d.unitNames(seen.Units), Shows: map[string]string{}}
	for _, code := range seen.Fields {
		line.Shows[code] = seen.Profile.Value(code)
	}
	return d.answer(line, func() {
		fmt.Fprintln(d.out, line.Name)
		if len(line.Shows) == 0 {
			d.say("directory.nothing", "name", line.Name)
		}
		for _, code := range seen.Fields {
			value := line.Shows[code]
			if code == "phone" || code == "mobile" {
				value = locale.Phone(value, d.house.Charter.Country)
			}
			if f, known := d.house.Charter.Field(code); known {
				fmt.Fprintln(d.out, d.p.T("privacy.fact", "term", f.Name.In(d.p.Lang()), "value", value))
			}
		}
	})
}

type directoryChooseCommand struct {
	inHouse
	asWho
	Show  []string `placeholder:"FIELD"`
	Leave bool
}

// run sets what other members see of whoever acts.
func (c *directoryChooseCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if err := d.house.Directory.Choose(ctx, actor, !c.Leave, c.Show); err != nil {
		return err
	}
	own, err := d.house.Directory.Own(ctx, actor)
	if err != nil {
		return err
	}
	return d.answer(struct {
		There bool     `json:"there"`
		Shows []string `json:"shows"`
	}{!own.Objected, own.Shown}, func() { d.say("directory.notice.chosen") })
}

type directoryOpenCommand struct {
	inHouse
	Unit string `required:"" placeholder:"CODE"`
}

// run shows a body's open page as anybody sees it; the showing is journaled (N11).
func (c *directoryOpenCommand) run(ctx context.Context, d *desk) error {
	shown, err := d.house.Directory.Show(ctx, c.Unit, d.p)
	if err != nil {
		return err
	}
	t := &table{heads: []string{d.p.T("directory.open.post"), d.p.T("directory.open.name"), d.p.T("directory.open.email")}}
	for _, f := range shown.Functions {
		t.add(f.Title, f.Name, f.Email)
	}
	if shown.Functions == nil {
		shown.Functions = []directory.Function{}
	}
	return d.answer(shown.Functions, func() {
		if len(shown.Functions) == 0 {
			d.say("directory.open.none")
			return
		}
		d.print(t)
	})
}

type directoryPrintCommand struct {
	asWho
	Unit   string `required:"" placeholder:"CODE"`
	Output string `short:"o" required:"" placeholder:"FILE"`
	Force  bool
}

func (c *directoryPrintCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// run takes the printed directory of a body out: a list with its day of destruction (N11).
func (c *directoryPrintCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	delivery, err := d.house.PullDirectory(ctx, actor, body, d.p.Lang())
	if err != nil {
		return err
	}
	if err := delivery.Write(ctx, d.files["output"]); err != nil {
		return err
	}
	l := &delivery.List
	if c.Output != "-" {
		return d.answer(d.listLine(l), func() { d.tellList(l, c.Output) })
	}
	d.note("cli.list.pulled", "number", l.Number, "count", l.Members, "by", l.DestroyBy)
	return nil
}

type directoryPageCommand struct {
	inHouse
	asWho
	Unit     string            `required:"" placeholder:"CODE"`
	Open     bool              `negatable:""`
	Contact  string            `placeholder:"POST"`
	Mailbox  string            `placeholder:"E-MAIL"`
	Phone    string            `placeholder:"NUMBER"`
	Function map[string]string `placeholder:"POST=E-MAIL"`
	Origin   []string          `placeholder:"ADDRESS"`
}

// run says what a body's pages say: whom to ask, the functions' mailboxes, which sites
// may embed them.
func (c *directoryPageCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	body, err := d.bodyOf(c.Unit)
	if err != nil {
		return err
	}
	page, err := d.house.Directory.SetPage(ctx, actor, directory.Page{
		Unit: body.ID, Open: c.Open, Contact: c.Contact, Mailbox: c.Mailbox, Phone: c.Phone, Mailboxes: c.Function, Origins: c.Origin,
	})
	if err != nil {
		return err
	}
	return d.answer(page, func() { d.say("directory.notice.page") })
}
