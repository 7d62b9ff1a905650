package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"kartotek/internal/fault"
	"kartotek/internal/procedure"
)

// procedureOf says which of the two published texts is meant (D12, D15). They are
// public, so reading them needs nobody's right.
type procedureOf struct {
	Document string `enum:"procedure,guideline" default:"procedure" placeholder:"procedure|guideline"`
}

func (c *procedureOf) code() procedure.Code { return procedure.Code(c.Document) }

// version finds a version, the newest for 0; where nothing is published, or draft is
// asked for, it is the text as the rules say it today.
func (c *procedureOf) version(ctx context.Context, d *desk, number int, draft bool) (procedure.Version, error) {
	if !draft {
		v, err := d.house.Procedures.Version(ctx, c.code(), number)
		if number != 0 || !fault.Is(err, fault.NotFound) {
			return v, err
		}
	}
	texts, err := d.house.Procedures.Draft(ctx, c.code())
	return procedure.Version{Document: c.code(), Texts: texts}, err
}

// procedureLine is a version in an answer.
type procedureLine struct {
	Document string          `json:"document"`
	Version  int             `json:"version,omitempty"` // none: the text of today, not published
	At       string          `json:"published,omitempty"`
	Function string          `json:"editor,omitempty"`
	Name     string          `json:"name,omitempty"`
	Reason   string          `json:"reason,omitempty"`
	Language string          `json:"language,omitempty"`
	Holds    *bool           `json:"holds,omitempty"` // it still says what the rules say
	Text     *procedure.Text `json:"text,omitempty"`
}

func procedureOfVersion(v *procedure.Version) procedureLine {
	l := procedureLine{Document: string(v.Document), Version: v.Number, Function: v.Function, Name: v.Name, Reason: v.Reason}
	if v.Number > 0 {
		l.At = v.At.Format(time.RFC3339)
	}
	return l
}

type procedureShowCommand struct {
	inHouse
	procedureOf
	Number int  `name:"number" placeholder:"N"`
	Draft  bool `name:"draft"`
}

func (c *procedureShowCommand) run(ctx context.Context, d *desk) error {
	v, err := c.version(ctx, d, c.Number, c.Draft)
	if err != nil {
		return err
	}
	text, lang := v.Texts.In(d.p.Lang(), d.house.Charter.Languages...)
	line := procedureOfVersion(&v)
	line.Language, line.Text = lang, &text
	if v.Number > 0 {
		holds, err := d.house.Procedures.Agrees(ctx, &v)
		if err != nil {
			return err
		}
		line.Holds = &holds
	}
	return d.answer(line, func() {
		fmt.Fprintf(d.out, "%s\n%s\n%s\n", text.Title, text.Lead, d.house.Procedures.Standing(&v, d.p))
		if line.Holds != nil && !*line.Holds {
			d.say("procedure.page.differs")
		}
		for _, own := range strings.Split(text.Intro, "\n") {
			if own != "" {
				fmt.Fprintln(d.out, own)
			}
		}
		for i := range text.Sections {
			fmt.Fprintf(d.out, "\n%d. ", i+1)
			for _, passage := range text.Sections[i].Passages() {
				fmt.Fprintln(d.out, printable(passage))
			}
		}
	})
}

type procedurePublishCommand struct {
	inHouse
	asWho
	procedureOf
	Editor string `required:"" placeholder:"FUNCTION"`
	Named  bool
	Reason string `required:"" placeholder:"TEXT"`
}

func (c *procedurePublishCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	v, err := d.house.Procedures.Publish(ctx, actor, procedure.Wish{Document: c.code(), Function: c.Editor, Named: c.Named, Reason: c.Reason})
	if err != nil {
		return err
	}
	return d.answer(procedureOfVersion(&v), func() { d.say("procedure.notice.published", "number", v.Number) })
}

type procedureVersionsCommand struct {
	inHouse
	procedureOf
}

func (c *procedureVersionsCommand) run(ctx context.Context, d *desk) error {
	all, err := d.house.Procedures.Versions(ctx, c.code())
	if err != nil {
		return err
	}
	lines := make([]procedureLine, 0, len(all))
	t := &table{heads: []string{d.p.T("procedure.record.version"), d.p.T("procedure.page.at"), d.p.T("procedure.page.editor"), d.p.T("procedure.page.reason")}, right: map[int]bool{0: true}}
	for i := range all {
		lines = append(lines, procedureOfVersion(&all[i]))
		t.add(d.p.Number(all[i].Number), d.p.DateTime(all[i].At, d.house.Charter.Location()), all[i].Editor(d.p), all[i].Reason)
	}
	return d.answer(lines, func() {
		if len(all) == 0 {
			d.say("procedure.page.none")
		}
		d.print(t)
	})
}

type procedureDiffCommand struct {
	inHouse
	procedureOf
	From int `placeholder:"N"`
	To   int `placeholder:"N"`
}

// run tells what differs from one version to another, or to the rules of today.
func (c *procedureDiffCommand) run(ctx context.Context, d *desk) error {
	was, err := d.house.Procedures.Version(ctx, c.code(), c.From)
	if err != nil {
		return err
	}
	now, err := c.version(ctx, d, c.To, c.To == 0)
	if err != nil {
		return err
	}
	before, lang := was.Texts.In(d.p.Lang(), d.house.Charter.Languages...)
	after, _ := now.Texts.In(lang, d.house.Charter.Languages...)
	all := procedure.Compare(&before, &after)
	if all == nil {
		all = []procedure.Difference{}
	}
	return d.answer(all, func() {
		if len(all) == 0 {
			d.say("procedure.page.same")
		}
		for _, diff := range all {
			fmt.Fprintln(d.out, diff.Heading)
			for _, change := range diff.Changes {
				d.passage("- ", change.Was)
				d.passage("+ ", change.Now)
			}
		}
	})
}

// passage prints one side of a change; what the other side lacks stands in brackets.
func (d *desk) passage(sign string, pieces []procedure.Piece) {
	if len(pieces) == 0 {
		return
	}
	words := make([]string, len(pieces))
	for i, piece := range pieces {
		if words[i] = printable(piece.Text); piece.Differs {
			words[i] = "[" + words[i] + "]"
		}
	}
	fmt.Fprintln(d.out, sign+strings.Join(words, " "))
}

type procedurePDFCommand struct {
	procedureOf
	Number int    `name:"number" placeholder:"N"`
	Draft  bool   `name:"draft"`
	Output string `short:"o" required:"" placeholder:"FILE"`
	Force  bool
}

func (c *procedurePDFCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

func (c *procedurePDFCommand) run(ctx context.Context, d *desk) error {
	v, err := c.version(ctx, d, c.Number, c.Draft)
	if err != nil {
		return err
	}
	if err := d.house.Procedures.Print(d.files["output"], &v, d.p.Lang()); err != nil || c.Output == "-" {
		return err
	}
	return d.answer(procedureOfVersion(&v), func() { d.say("cli.procedure.written") })
}
