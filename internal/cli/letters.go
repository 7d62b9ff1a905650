package cli

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/letter"
)

type lettersListCommand struct {
	inHouse
	asWho
	Posted bool
	Limit  int `default:"200" placeholder:"N"`
}

type lettersPrintCommand struct {
	asWho
	Numbers []int64 `arg:"" optional:"" name:"LETTER"`
	Labels  bool
	Sheet   string `placeholder:"SHEET"`
	Start   int    `placeholder:"LABEL"`
	Output  string `short:"o" required:"" placeholder:"FILE"`
	Force   bool
}

func (c *lettersPrintCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

type lettersPostedCommand struct {
	inHouse
	asWho
	Numbers []int64 `arg:"" name:"LETTER"`
}

type lettersReturnedCommand struct {
	inHouse
	asWho
	Number int64 `arg:"" name:"LETTER"`
}

type lettersAgainCommand struct {
	inHouse
	asWho
	Numbers []int64 `arg:"" name:"LETTER"`
}

type lettersDropCommand struct {
	inHouse
	asWho
	Numbers []int64 `arg:"" name:"LETTER"`
}

// letterLine is a letter in an answer; it has no address.
type letterLine struct {
	Number    int64  `json:"number"`
	ID        string `json:"id"` // of the person, the public one
	Name      string `json:"name"`
	Subject   string `json:"subject"`
	Written   string `json:"written"`
	DueOn     string `json:"due_on"`
	PrintedAt string `json:"printed_at,omitempty"`
	State     string `json:"state"`
	Since     string `json:"since"`
	Trouble   string `json:"trouble,omitempty"`
}

func (c *lettersListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	queue, err := d.house.Letters.List(ctx, actor, !c.Posted, 1, c.Limit)
	if err != nil {
		return err
	}
	lines := make([]letterLine, 0, len(queue.Lines))
	t := d.newTable("letter", "name", "what", "written", "due", "state")
	t.right[0] = true
	for i := range queue.Lines {
		l := &queue.Lines[i]
		lines = append(lines, letterLine{
			Number: l.ID, ID: d.house.Keyring.PublicID(l.Person), Name: l.Name, Subject: l.Subject, Written: isoTime(l.Written),
			DueOn: l.DueOn.String(), PrintedAt: isoTime(l.Printed), State: string(l.State), Since: isoTime(l.Since), Trouble: string(l.Trouble),
		})
		state := d.p.T("letter.state." + string(l.State))
		switch {
		case l.Trouble != "" && l.State == letter.Waiting:
			state = d.p.T("letter.trouble." + string(l.Trouble))
		case !l.Printed.IsZero() && l.State == letter.Waiting:
			state = d.p.T("letter.column.printed") + " " + d.shortDay(d.house.Charter.Today(l.Printed))
		}
		t.add(d.p.T("letter.numbered", "number", l.ID), l.Name, l.Subject, d.shortDay(d.house.Charter.Today(l.Written)), d.shortDay(l.DueOn), state)
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.letters.waiting", "count", queue.Waiting)
	})
}

// printedLine tells what was printed.
type printedLine struct {
	Letters int `json:"letters"`
	Left    int `json:"left"` // without an address that a letter reaches
}

func (c *lettersPrintCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	wish := letter.Wish{IDs: c.Numbers, Paper: letter.Letters, Sheet: c.Sheet, Start: c.Start, Lang: d.p.Lang()}
	if c.Labels {
		wish.Paper = letter.Labels
	}
	print, err := d.house.Letters.Print(ctx, actor, wish)
	if err != nil {
		return err
	}
	if err := print.Write(d.files["output"]); err != nil {
		return err
	}
	if c.Output == "-" {
		d.note("cli.letters.printed", "count", print.Letters)
		return nil
	}
	return d.answer(printedLine{print.Letters, print.Left}, func() {
		d.say("cli.letters.printed", "count", print.Letters)
		if print.Left > 0 {
			d.say("cli.letters.left", "count", print.Left)
		}
		d.say("cli.list.file", "path", c.Output)
	})
}

// letters does something with letters and says that it is done.
func (d *desk) letters(ctx context.Context, who, said string, count int, act func(access.Actor) error) error {
	actor, err := d.actor(ctx, who)
	if err != nil {
		return err
	}
	if err := act(actor); err != nil {
		return err
	}
	return d.answer(struct {
		Letters int `json:"letters"`
	}{count}, func() { d.say(said, "count", count) })
}

func (c *lettersPostedCommand) run(ctx context.Context, d *desk) error {
	return d.letters(ctx, c.As, "cli.letters.posted", len(c.Numbers), func(by access.Actor) error {
		return d.house.Letters.Post(ctx, by, c.Numbers...)
	})
}

func (c *lettersReturnedCommand) run(ctx context.Context, d *desk) error {
	return d.letters(ctx, c.As, "cli.letters.returned", 1, func(by access.Actor) error {
		return d.house.Letters.Return(ctx, by, c.Number)
	})
}

func (c *lettersAgainCommand) run(ctx context.Context, d *desk) error {
	return d.letters(ctx, c.As, "cli.letters.again", len(c.Numbers), func(by access.Actor) error {
		return d.house.Letters.Again(ctx, by, c.Numbers...)
	})
}

func (c *lettersDropCommand) run(ctx context.Context, d *desk) error {
	return d.letters(ctx, c.As, "cli.letters.dropped", len(c.Numbers), func(by access.Actor) error {
		return d.house.Letters.Drop(ctx, by, c.Numbers...)
	})
}
