package cli

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

type accessCommand struct {
	asWho
	Unit   string `placeholder:"CODE"`
	At     day    `placeholder:"DATE"`
	Format string `enum:",csv,xlsx" default:"" placeholder:"csv|xlsx"`
	Output string `short:"o" placeholder:"FILE"`
	Force  bool

	Findings bool
}

func (c *accessCommand) needs() []wish {
	if c.Output == "" {
		return nil
	}
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

func (c *accessCommand) check() (key string, args []any) {
	if (c.Output == "") != (c.Format == "") {
		return "cli.usage.access_file", nil
	}
	if c.Findings && (c.Format != "" || !c.At.IsZero()) {
		return "cli.usage.findings", nil
	}
	return "", nil
}

// holderLine is a right somebody holds, in an answer (D3).
type holderLine struct {
	Holding uint64   `json:"holding"` // its number; post end and staff end take it
	ID      string   `json:"id"`      // of the person, the public one
	Name    string   `json:"name"`
	Right   string   `json:"right"` // post or position
	Code    string   `json:"code"`
	Title   string   `json:"title"` // in the language asked for
	Unit    string   `json:"unit"`  // "" for the whole register
	From    string   `json:"from"`
	Until   string   `json:"until"` // "" while it has no end
	May     []string `json:"may"`
	Ground  string   `json:"ground"`

	Purposes []string `json:"purposes,omitempty"` // of documented access (D9)
	Fields   []string `json:"fields,omitempty"`
}

func (c *accessCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Access, Unit: body})
	if err != nil {
		return err
	}
	if c.Findings {
		return d.findings(ctx, scope)
	}
	if !c.At.IsZero() || c.Format != "" {
		return c.on(ctx, d, scope, d.fromToday(c.At.Date))
	}
	holders, err := d.house.Access.Holders(scope)
	if err != nil {
		return err
	}
	entry := scope.Entry(journal.Access)
	if _, err := d.house.Journal.Read(ctx, &entry); err != nil {
		return err
	}
	return d.answerHoldings(ctx, scope, holders, "cli.access.count")
}

// answerHoldings prints who holds what, the names journaled as shown.
func (d *desk) answerHoldings(ctx context.Context, scope access.Scope, held []access.Holding, count string) error {
	persons := make([]vault.PersonID, 0, len(held))
	distinct := map[vault.PersonID]bool{}
	for i := range held {
		persons = append(persons, held[i].Person)
		distinct[held[i].Person] = true
	}
	names, err := d.house.Members.Names(ctx, scope, persons)
	if err != nil {
		return err
	}
	lines := make([]holderLine, 0, len(held))
	t := d.newTable("unit", "right", "name", "from", "until", "holding", "ground")
	t.right[5] = true
	for i := range held {
		h := &held[i]
		line := d.holderLine(h, names[h.Person])
		lines = append(lines, line)
		where := d.unitName(h.Basis.Unit)
		if h.Basis.Unit == 0 {
			where = d.p.T("cli.access.all")
		}
		t.add(where, line.Title, line.Name, d.shortDay(h.Basis.From), d.shortDay(h.Basis.Until), d.p.T("cli.list.number", "number", h.Basis.ID), h.Ground)
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say(count, "count", len(held), "persons", len(distinct))
	})
}

func (d *desk) holderLine(h *access.Holding, name string) holderLine {
	l := holderLine{
		Holding: h.Basis.ID, ID: d.house.Keyring.PublicID(h.Person), Name: name, Right: string(h.Basis.Right),
		Code: h.Basis.Code, Title: d.title(h.Basis), Unit: d.unitCode(h.Basis.Unit),
		From: isoDay(h.Basis.From), Until: isoDay(h.Basis.Until), May: h.May.Codes(), Ground: h.Ground,
	}
	if h.Grant != nil {
		l.Purposes, l.Fields = h.Grant.Purposes, h.Grant.Fields
	}
	return l
}

// title is what a post or position is called.
func (d *desk) title(b access.Basis) string {
	if b.Right == access.ByCover || b.Right == access.ByGrant {
		return d.house.Access.Title(d.p, b)
	}
	if post, ok := d.house.Charter.Post(b.Code); ok && b.Right != access.ByPosition {
		return post.Name.In(d.p.Lang())
	}
	if position, ok := d.house.Charter.Position(b.Code); ok && b.Right == access.ByPosition {
		return position.Name.In(d.p.Lang())
	}
	return b.Code
}

// member finds somebody within the reach of a right by their member number.
func (d *desk) member(ctx context.Context, actor access.Actor, act charter.Acts, body unit.ID, number string) (vault.PersonID, error) {
	scope, err := d.house.Access.Require(ctx, actor, access.Want{Act: act, Unit: body})
	if err != nil {
		return 0, err
	}
	return d.house.Members.ByNumber(ctx, scope, number)
}
