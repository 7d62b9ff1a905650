package cli

import (
	"context"
	"io"

	"kartotek/internal/agreement"
	"kartotek/internal/unit"
)

type processorListCommand struct {
	inHouse
	asWho
	Unit string `placeholder:"CODE"`
}

type processorAddCommand struct {
	asWho
	Name     string   `arg:"" name:"ORGANISATION"`
	Unit     string   `placeholder:"CODE"`
	Under    int64    `placeholder:"NUMBER"`
	Address  string   `required:"" placeholder:"TEXT"`
	Contact  string   `required:"" placeholder:"TEXT"`
	Country  string   `required:"" placeholder:"CC"`
	Transfer string   `required:"" enum:"eea,adequacy,dpf,scc,bcr" placeholder:"eea|adequacy|dpf|scc|bcr"`
	Task     string   `required:"" placeholder:"TEXT"`
	Purpose  []string `required:"" placeholder:"CODE"`
	Field    []string `required:"" placeholder:"CODE"`
	From     day      `placeholder:"DATE"`
	File     string   `placeholder:"FILE"`
}

func (c *processorAddCommand) needs() []wish { return []wish{{part: "file", path: c.File}} }

type processorEndCommand struct {
	inHouse
	asWho
	Processor int64 `arg:"" name:"PROCESSOR"`
}

type processorAgreeCommand struct {
	inHouse
	asWho
	Processor int64  `arg:"" name:"PROCESSOR"`
	Unit      string `required:"" placeholder:"CODE"`
}

type processorObjectCommand struct {
	inHouse
	asWho
	Processor int64  `arg:"" name:"PROCESSOR"`
	Unit      string `required:"" placeholder:"CODE"`
}

type processorAnswerCommand struct {
	inHouse
	asWho
	Objection int64 `arg:"" name:"OBJECTION"`
	Withdraw  bool
}

type processorObjectionsCommand struct {
	inHouse
	asWho
	Processor int64 `arg:"" name:"PROCESSOR"`
}

// processorLine is a processor in an answer: it names an organisation.
type processorLine struct {
	Processor  int64    `json:"processor"`
	Unit       string   `json:"unit"`
	Under      int64    `json:"under,omitempty"`
	Name       string   `json:"name"`
	Address    string   `json:"address"`
	Contact    string   `json:"contact"`
	Country    string   `json:"country"`
	Transfer   string   `json:"transfer"`
	Task       string   `json:"task"`
	Purposes   []string `json:"purposes"`
	Fields     []string `json:"fields"`
	From       string   `json:"from"`
	Agreement  bool     `json:"agreement_kept"`
	Objections int      `json:"objections"`
}

func (d *desk) processorLine(x *agreement.Processor) processorLine {
	return processorLine{
		Processor: x.ID, Unit: d.unitCode(x.Unit), Under: x.Parent, Name: x.Name, Address: x.Address, Contact: x.Contact, Country: x.Country,
		Transfer: x.Transfer, Task: x.Task, Purposes: x.Purposes, Fields: x.Fields, From: x.From.String(), Agreement: x.HasFile, Objections: x.Objections,
	}
}

func (d *desk) answerProcessors(all []agreement.Processor) error {
	lines := make([]processorLine, 0, len(all))
	t := d.newTable("number", "unit", "name", "country", "from")
	t.right[0] = true
	for i := range all {
		x := &all[i]
		lines = append(lines, d.processorLine(x))
		t.add(d.p.T("cli.list.number", "number", x.ID), d.unitCode(x.Unit), x.Name, d.p.Country(x.Country), d.shortDay(x.From))
	}
	return d.answer(lines, func() { d.print(t) })
}

// processorBody is the body named, else the whole register.
func (d *desk) processorBody(ctx context.Context, as, code string) (unit.ID, error) {
	if code == "" {
		root, _ := d.house.Units.Tree().Root()
		return root.ID, nil
	}
	_, body, err := d.actorIn(ctx, as, code)
	return body, err
}

func (c *processorListCommand) run(ctx context.Context, d *desk) error {
	body, err := d.processorBody(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	all, err := d.house.Agreements.Processors(ctx, body)
	if err != nil {
		return err
	}
	return d.answerProcessors(all)
}

func (c *processorAddCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	body, err := d.processorBody(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	var agreed []byte
	if file := d.files["file"]; file != nil {
		if agreed, err = io.ReadAll(io.LimitReader(file, agreement.LargestFile+1)); err != nil {
			return err
		}
	}
	x, err := d.house.Agreements.AddProcessor(ctx, actor, agreement.Processor{
		Unit: body, Parent: c.Under, Name: c.Name, Address: c.Address, Contact: c.Contact, Country: c.Country, Transfer: c.Transfer, Task: c.Task,
		Purposes: c.Purpose, Fields: c.Field, From: c.From.Date,
	}, agreed)
	if err != nil {
		return err
	}
	return d.answerProcessors([]agreement.Processor{x})
}

func (c *processorEndCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if err := d.house.Agreements.EndProcessor(ctx, actor, c.Processor); err != nil {
		return err
	}
	return d.answer(map[string]int64{"processor": c.Processor}, func() { d.say("agreement.notice.ended") })
}

func (c *processorAgreeCommand) run(ctx context.Context, d *desk) error {
	return d.processorSays(ctx, c.As, c.Unit, c.Processor, false, "")
}

// The reason is read from standard input.
func (c *processorObjectCommand) run(ctx context.Context, d *desk) error {
	why, err := d.grounds()
	if err != nil {
		return err
	}
	return d.processorSays(ctx, c.As, c.Unit, c.Processor, true, why)
}

func (d *desk) processorSays(ctx context.Context, as, code string, id int64, against bool, why string) error {
	actor, body, err := d.actorIn(ctx, as, code)
	if err != nil {
		return err
	}
	if err := d.house.Agreements.Answer(ctx, actor, id, body, against, why); err != nil {
		return err
	}
	return d.answer(map[string]any{"processor": id, "against": against}, func() { d.say("agreement.notice.answered") })
}

// The answer is read from standard input.
func (c *processorAnswerCommand) run(ctx context.Context, d *desk) error {
	said, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if err := d.house.Agreements.Settle(ctx, actor, c.Objection, c.Withdraw, said); err != nil {
		return err
	}
	return d.answer(map[string]any{"objection": c.Objection, "withdrawn": c.Withdraw}, func() { d.say("agreement.notice.answered") })
}

func (c *processorObjectionsCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	all, err := d.house.Agreements.Objections(ctx, actor, c.Processor)
	if err != nil {
		return err
	}
	type line struct {
		Objection int64  `json:"objection"`
		Unit      string `json:"unit"`
		At        string `json:"at"`
		Reason    string `json:"reason"`
		Outcome   string `json:"outcome,omitempty"`
		Answer    string `json:"answer,omitempty"`
	}
	lines := make([]line, 0, len(all))
	t := d.newTable("number", "unit", "state")
	t.right[0] = true
	for i := range all {
		o := &all[i]
		lines = append(lines, line{o.ID, d.unitCode(o.Unit), isoTime(o.At), o.Reason, o.Outcome, o.Answer})
		state := o.Reason
		if o.Outcome != "" {
			state = d.p.T("agreement.processor.outcome_" + o.Outcome)
		}
		t.add(d.p.T("cli.list.number", "number", o.ID), d.unitCode(o.Unit), state)
	}
	return d.answer(lines, func() { d.print(t) })
}
