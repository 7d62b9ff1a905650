package cli

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/unit"
)

type listDestroyedCommand struct {
	inHouse
	asWho
	Numbers []int64 `arg:"" optional:"" name:"NUMBER"`
	All     bool
}

func (c *listDestroyedCommand) check() (key string, args []any) {
	if c.All == (len(c.Numbers) > 0) {
		return "cli.usage.destroyed", nil
	}
	return "", nil
}

// Both media of several lists in one step: all of them, or none. What was attested is
// named.
func (c *listDestroyedCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	numbers := c.Numbers
	if c.All {
		mine, err := d.house.Extracts.Mine(ctx, actor)
		if err != nil {
			return err
		}
		for i := range mine {
			if !mine[i].Mine.Done() {
				numbers = append(numbers, mine[i].Number)
			}
		}
		if len(numbers) == 0 {
			return d.answer([]listLine{}, func() { d.say("cli.list.nothing_open") })
		}
	}
	done, err := d.house.Extracts.AttestAll(ctx, actor, numbers)
	if err != nil {
		return err
	}
	return d.answerLists(done, "cli.list.all_destroyed")
}

type exceptionAskCommand struct {
	inHouse
	asWho
	Number int64 `arg:"" name:"NUMBER"`
	Until  day   `required:"" placeholder:"DATE"`
}

type exceptionLostCommand struct {
	inHouse
	asWho
	Number int64 `arg:"" name:"NUMBER"`
}

type exceptionListCommand struct {
	inHouse
	asWho
	Unit string `placeholder:"CODE"`
}

type exceptionDecideCommand struct {
	inHouse
	asWho
	Exception int64 `arg:"" name:"EXCEPTION"`
	Grant     bool
	Refuse    bool
}

// exceptionLine is an exception in an answer, without its grounds.
type exceptionLine struct {
	Exception int64  `json:"exception"`
	Number    int64  `json:"number"` // of the list
	State     string `json:"state"`
	AskedOn   string `json:"asked_on,omitempty"`
	From      string `json:"from,omitempty"`
	Until     string `json:"until,omitempty"`
}

func (c *exceptionAskCommand) run(ctx context.Context, d *desk) error {
	grounds, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	id, err := d.house.Extracts.AskLonger(ctx, actor, c.Number, c.Until.Date, grounds)
	if err != nil {
		return err
	}
	return d.answer(exceptionLine{Exception: id, Number: c.Number, State: string(extract.Asked), Until: isoDay(c.Until.Date)}, func() {
		d.say("cli.list.exception_asked", "number", id, "list", c.Number)
	})
}

func (c *exceptionLostCommand) run(ctx context.Context, d *desk) error {
	how, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	id, err := d.house.Extracts.AttestLost(ctx, actor, c.Number, how)
	if err != nil {
		return err
	}
	return d.answer(exceptionLine{Exception: id, Number: c.Number, State: string(extract.Lost)}, func() {
		d.say("cli.list.exception_lost", "number", id, "list", c.Number, "count", d.house.Charter.Parameters.BreachHours.Value)
	})
}

func (c *exceptionListCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Access, Unit: body})
	if err != nil {
		return err
	}
	all, err := d.house.Extracts.ExceptionsIn(ctx, scope)
	if err != nil {
		return err
	}
	lines := make([]exceptionLine, len(all))
	t := d.newTable("exception", "list", "asked", "from", "until", "state")
	t.right[0], t.right[1] = true, true
	for i := range all {
		e := &all[i]
		asked, until := d.house.Charter.Today(e.AskedAt), ""
		lines[i] = exceptionLine{Exception: e.ID, Number: e.Number, State: string(e.Standing), AskedOn: isoDay(asked), From: isoDay(e.From)}
		if !e.Until.IsZero() {
			until, lines[i].Until = d.shortDay(e.Until), isoDay(e.Until)
		}
		t.add(d.p.Number(int(e.ID)), d.p.T("cli.list.number", "number", e.Number), d.shortDay(asked), d.shortDay(e.From), until, d.p.T("extract.exception."+string(e.Standing)))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.list.exceptions", "count", len(all))
	})
}

func (c *exceptionDecideCommand) check() (key string, args []any) {
	if c.Grant == c.Refuse {
		return "cli.usage.decide", nil
	}
	return "", nil
}

func (c *exceptionDecideCommand) run(ctx context.Context, d *desk) error {
	answer, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if err := d.house.Extracts.Decide(ctx, actor, c.Exception, c.Grant, answer); err != nil {
		return err
	}
	e, err := d.house.Extracts.Exception(ctx, actor, c.Exception)
	if err != nil {
		return err
	}
	return d.answer(exceptionLine{Exception: e.ID, Number: e.Number, State: string(e.Standing)}, func() {
		d.say("cli.list.exception_decided", "number", e.ID, "state", d.p.T("extract.exception."+string(e.Standing)))
	})
}

type listReportCommand struct {
	asWho
	Unit   string `placeholder:"CODE"`
	From   day    `placeholder:"DATE"`
	Until  day    `placeholder:"DATE"`
	Format string `enum:"csv,xlsx,pdf" default:"csv" placeholder:"csv|xlsx|pdf"`
	Output string `short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *listReportCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// tallyLine is a line of the report in an answer.
type tallyLine struct {
	Unit     string  `json:"unit"` // "" for whoever keeps the register
	Purpose  string  `json:"purpose"`
	Pulled   int     `json:"pulled"`
	Open     int     `json:"open"`
	Overdue  int     `json:"overdue"`
	InTime   int     `json:"destroyed_in_time"`
	Late     int     `json:"destroyed_late"`
	Lost     int     `json:"lost"`
	MeanDays float64 `json:"mean_days,omitempty"`
	Asked    int     `json:"exceptions_asked"`
	Granted  int     `json:"exceptions_granted"`
	Refused  int     `json:"exceptions_refused"`
}

func (c *listReportCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	from, until := c.From.Date, c.Until.Date
	if until.IsZero() {
		until = d.house.Access.Today()
	}
	if from.IsZero() {
		from = civil.Date{Year: until.Year - 1, Month: until.Month, Day: 1}
	}
	a, err := d.house.Extracts.Account(ctx, actor, body, from, until)
	if err != nil {
		return err
	}
	name := func(id unit.ID) string {
		if id == 0 {
			return d.p.T("extract.mail.staff")
		}
		return d.unitName(id)
	}
	purpose := func(code string) string {
		if p, ok := d.house.Charter.Purpose(code); ok {
			return p.Name.In(d.p.Lang())
		}
		return code
	}
	if c.Output != "" {
		root, _ := d.house.Units.Tree().Root()
		of := root
		if b, known := d.house.Units.Tree().ByID(a.Body); known && a.Body != 0 {
			of = b
		}
		about := extract.AccountPaper{Sender: root.Name, Body: of.Name, Time: d.house.Now(), Zone: d.house.Charter.Location(), Name: name, Purpose: purpose}
		if err := a.Write(d.files["output"], d.p, c.Format, about); err != nil || c.Output == "-" {
			return err
		}
	}
	lines := make([]tallyLine, len(a.Purposes))
	out := &table{heads: extract.AccountHeads(d.p), right: map[int]bool{}}
	for i := range a.Purposes {
		t := &a.Purposes[i]
		lines[i] = tallyLine{
			Unit: d.unitCode(t.Body), Purpose: t.Purpose, Pulled: t.Pulled, Open: t.Open, Overdue: t.Overdue, InTime: t.InTime, Late: t.LateDone,
			Lost: t.Lost, Asked: t.Asked, Granted: t.Granted, Refused: t.Refused,
		}
		if mean := t.Mean(); mean >= 0 {
			lines[i].MeanDays = float64(mean) / 10
		}
		out.add(t.Cells(d.p, name(t.Body), purpose(t.Purpose))...)
	}
	for column := range out.heads {
		out.right[column] = column > 1
	}
	return d.answer(lines, func() {
		d.print(out)
		d.say("cli.list.report", "count", a.All.Pulled, "overdue", d.p.Number(a.All.Overdue))
	})
}
