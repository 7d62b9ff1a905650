package cli

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
)

type listPullCommand struct {
	asWho
	Unit    string `placeholder:"CODE"`
	Purpose string `required:"" placeholder:"PURPOSE"`
	Format  string `default:"csv" placeholder:"csv|xlsx|pdf|vcf|labels|envelopes"`
	Per     string `default:"member" placeholder:"member|household"`
	Sheet   string `placeholder:"SHEET"`
	Start   int    `placeholder:"LABEL"`
	By      day    `placeholder:"DATE"`
	Output  string `short:"o" default:"-" placeholder:"FILE"`
	Force   bool
}

func (c *listPullCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// listLine is a list in an answer.
type listLine struct {
	Number     int64    `json:"number"`
	Purpose    string   `json:"purpose"`
	Unit       string   `json:"unit"` // its code; "" for the whole register
	Format     string   `json:"format"`
	Per        string   `json:"per,omitempty"` // "household"
	Sheet      string   `json:"sheet,omitempty"`
	Members    int      `json:"members"`
	Written    *int     `json:"written,omitempty"` // lines, contacts, labels or envelopes
	Cramped    []int    `json:"cramped,omitempty"` // labels or envelopes, from 1, whose address did not fit
	Missing    int      `json:"missing_glyphs,omitempty"`
	Covered    int      `json:"without_covered,omitempty"`
	Returned   int      `json:"without_returned,omitempty"`
	Nowhere    int      `json:"without_address,omitempty"`
	Fields     []string `json:"fields"`
	PulledAt   string   `json:"pulled_at"`
	DestroyBy  string   `json:"destroy_by"`
	State      string   `json:"state"`
	DigitalAt  string   `json:"digital_at,omitempty"`
	PhysicalAt string   `json:"physical_at,omitempty"`
}

func (d *desk) listLine(l *extract.List) listLine {
	var written *int
	if l.Outcome.Written >= 0 {
		written = &l.Outcome.Written
	}
	return listLine{
		Per: string(l.Per), Sheet: l.Sheet, Written: written, Cramped: l.Outcome.Cramped, Missing: l.Outcome.Missing,
		Covered: l.Outcome.Covered, Returned: l.Outcome.Returned, Nowhere: l.Outcome.Nowhere,
		Number: l.Number, Purpose: l.Purpose, Unit: d.unitCode(l.Unit), Format: string(l.Format), Members: l.Members, Fields: l.Fields,
		PulledAt: isoTime(l.PulledAt), DestroyBy: l.DestroyBy.String(), State: string(l.StateOn(d.house.Access.Today())),
		DigitalAt: isoTime(l.DigitalAt), PhysicalAt: isoTime(l.PhysicalAt),
	}
}

func (c *listPullCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	wish := extract.Wish{
		Unit: body, Purpose: c.Purpose, Format: extract.Format(c.Format), Lang: d.p.Lang(), DestroyBy: c.By.Date,
		Per: extract.Per(c.Per), Sheet: c.Sheet, Start: c.Start,
	}
	if c.Per == "member" {
		wish.Per = extract.PerMember
	}
	delivery, err := d.house.Extracts.Pull(ctx, actor, wish)
	if err != nil {
		return c.withCodes(d, err)
	}
	out := d.files["output"]
	if err := delivery.Write(ctx, out); err != nil {
		return err
	}
	l := &delivery.List
	if d.house.Mailings.Offered(actor, body, c.Purpose) {
		defer d.note("cli.mailing.instead")
	}
	if c.Output != "-" {
		return d.answer(d.listLine(l), func() { d.tellList(l, c.Output) })
	}
	// The list itself was the answer; what is said about it goes beside it.
	d.note("cli.list.pulled", "number", l.Number, "count", l.Members, "by", l.DestroyBy)
	d.tellOutcome(l, d.note)
	return nil
}

// tellList says what was pulled and until when it may exist (D12).
func (d *desk) tellList(l *extract.List, path string) {
	d.say("cli.list.pulled", "number", l.Number, "count", l.Members, "by", l.DestroyBy)
	d.say("cli.list.file", "path", path)
	d.tellOutcome(l, d.say)
	d.say("cli.list.attest", "number", l.Number)
}

// tellOutcome says what only the writing could tell: who got no label, and what
// to look for before posting.
func (d *desk) tellOutcome(l *extract.List, say func(key string, pairs ...any)) {
	o := &l.Outcome
	for _, left := range []struct {
		key   string
		count int
	}{
		{"extract.outcome.covered", o.Covered}, {"extract.outcome.returned", o.Returned},
		{"extract.outcome.nowhere", o.Nowhere}, {"extract.outcome.missing", o.Missing},
	} {
		if left.count > 0 {
			say(left.key, "count", left.count)
		}
	}
	if len(o.Cramped) > 0 {
		say("extract.outcome.cramped", "count", len(o.Cramped), "places", places(o.Cramped))
	}
}

// places are numbers of labels, in words.
func places(numbers []int) string {
	words := make([]string, len(numbers))
	for i, n := range numbers {
		words[i] = strconv.Itoa(n)
	}
	return strings.Join(words, ", ")
}

// withCodes names the purposes and formats there are, where one was mistyped.
func (c *listPullCommand) withCodes(d *desk, err error) error {
	var e *fault.Error
	if !errors.As(err, &e) || e.Code != fault.Invalid {
		return err
	}
	var purposes, formats []string
	for i := range d.house.Charter.Purposes {
		purposes = append(purposes, d.house.Charter.Purposes[i].Code)
	}
	for _, format := range extract.Formats {
		formats = append(formats, string(format))
	}
	for i := range e.Fields {
		switch f := &e.Fields[i]; {
		case f.Name == "purpose":
			f.Key, f.Args = "cli.error.purpose", map[string]any{"known": purposes}
		case f.Name == "format" && f.Key == "extract.error.format":
			f.Key, f.Args = "cli.error.format", map[string]any{"known": formats}
		}
	}
	return e
}

type listMineCommand struct {
	inHouse
	asWho
}

func (c *listMineCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	lists, err := d.house.Extracts.Mine(ctx, actor)
	if err != nil {
		return err
	}
	return d.answerLists(lists, "cli.list.count")
}

type listOverdueCommand struct {
	inHouse
	asWho
	Unit string `placeholder:"CODE"`
}

func (c *listOverdueCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Access, Unit: body})
	if err != nil {
		return err
	}
	lists, err := d.house.Extracts.Overdue(ctx, scope)
	if err != nil {
		return err
	}
	return d.answerLists(lists, "cli.list.overdue")
}

func (d *desk) answerLists(lists []extract.List, count string) error {
	lines := make([]listLine, 0, len(lists))
	t := d.newTable("list", "purpose", "unit", "members", "pulled", "destroy_by", "state")
	t.right[0], t.right[3] = true, true
	for i := range lists {
		l := &lists[i]
		lines = append(lines, d.listLine(l))
		purpose := l.Purpose
		if p, ok := d.house.Charter.Purpose(l.Purpose); ok {
			purpose = p.Name.In(d.p.Lang())
		}
		state := l.StateOn(d.house.Access.Today())
		t.add(d.p.T("cli.list.number", "number", l.Number), purpose, d.unitName(l.Unit), d.p.Number(l.Members),
			d.shortDay(d.house.Charter.Today(l.PulledAt)), d.shortDay(l.DestroyBy), d.p.T("extract.state."+string(state)))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say(count, "count", len(lists))
	})
}

type listDestroyCommand struct {
	inHouse
	asWho
	Number   int64 `arg:"" name:"NUMBER"`
	Digital  bool
	Physical bool
}

// The file and the paper are attested each by itself; without either named both
// are, since that is what "destroy" says.
func (c *listDestroyCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	both := !c.Digital && !c.Physical
	var after extract.List
	for _, m := range []struct {
		medium extract.Medium
		wanted bool
	}{{extract.Digital, c.Digital || both}, {extract.Physical, c.Physical || both}} {
		if !m.wanted {
			continue
		}
		if after, err = d.house.Extracts.Attest(ctx, actor, c.Number, m.medium); err != nil {
			return err
		}
	}
	return d.answer(d.listLine(&after), func() {
		switch {
		case after.Destroyed():
			d.say("cli.list.destroyed", "number", after.Number)
		case after.DigitalAt.IsZero():
			d.say("cli.list.digital_left", "number", after.Number, "by", after.DestroyBy)
		default:
			d.say("cli.list.physical_left", "number", after.Number, "by", after.DestroyBy)
		}
	})
}
