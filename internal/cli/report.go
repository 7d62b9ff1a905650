package cli

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/report"
	"kartotek/internal/unit"
)

// reportOf is what commands about counted facts have in common (D2).
type reportOf struct {
	asWho
	Unit   string `placeholder:"CODE" aliases:"body"`
	At     day    `placeholder:"DATE"`
	Format string `enum:"csv,xlsx,pdf" default:"csv" placeholder:"csv|xlsx|pdf"`
	Output string `short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *reportOf) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// asked settles who acts, of which body and for which day.
func (c *reportOf) asked(ctx context.Context, d *desk) (actor access.Actor, body unit.ID, at civil.Date, err error) {
	if body, err = d.body(c.Unit); err != nil {
		return actor, 0, at, err
	}
	if at = c.At.Date; at.IsZero() {
		at = d.house.Charter.Today(d.house.Now())
	}
	actor, err = d.actor(ctx, c.As)
	return actor, body, at, err
}

// reportLine is a line of a report in an answer; without numbers it is not told.
type reportLine struct {
	Unit    string         `json:"unit"`
	Band    string         `json:"band,omitempty"`
	Year    int            `json:"year,omitempty"`
	Counted string         `json:"counted,omitempty"`
	Missed  bool           `json:"missed,omitempty"`
	Members *int           `json:"members,omitempty"`
	Flow    map[string]int `json:"flow,omitempty"`
}

// tell answers with a report: as a file where one is asked for, and as a table.
func (c *reportOf) tell(d *desk, t *report.Table) error {
	root, _ := d.house.Units.Tree().Root()
	if c.Output != "" {
		about := report.Paper{Sender: root.Name, Time: d.house.Now(), Zone: d.house.Charter.Location()}
		if err := t.Write(d.files["output"], d.p, c.Format, about); err != nil || c.Output == "-" {
			return err
		}
	}
	lines := []reportLine{}
	out := &table{heads: t.Heads(d.p), right: map[int]bool{}}
	for i := range t.Lines {
		l := &t.Lines[i]
		line := reportLine{Unit: t.Body.Code, Band: l.Band, Year: l.Year, Missed: l.Missed}
		if l.Unit.ID != 0 {
			line.Unit = l.Unit.Code
		}
		if !l.Day.IsZero() {
			line.Counted = l.Day.String()
		}
		switch {
		case len(l.Numbers) == 1:
			line.Members = &l.Numbers[0]
		case l.Numbers != nil:
			line.Flow = map[string]int{}
			for at, key := range report.FlowKeys {
				if l.Numbers[at] >= 0 {
					line.Flow[key] = l.Numbers[at]
				}
			}
		}
		lines = append(lines, line)
		out.add(t.Cells(d.p, l)...)
	}
	for column := 1; column < len(out.heads); column++ {
		out.right[column] = true
	}
	return d.answer(lines, func() {
		if t.Told() == 0 {
			d.say("report.none." + t.Why())
			return
		}
		d.print(out)
		d.say("report.line", "text", t.Remark(d.p))
	})
}

type reportMembersCommand struct {
	reportOf
	By string `enum:"body,age,sex,joined" default:"body" placeholder:"body|age|sex|joined"`
}

func (c *reportMembersCommand) run(ctx context.Context, d *desk) error {
	actor, body, at, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	cut, part := report.CutNamed(c.By)
	var t *report.Table
	if part {
		t, err = d.house.Reports.Members(ctx, actor, body, cut, at)
	} else {
		t, err = d.house.Reports.Bodies(ctx, actor, body, at)
	}
	if err != nil {
		return err
	}
	return c.tell(d, t)
}

type reportJoinedCommand struct {
	reportOf
	By   string `enum:"month,year" default:"month" placeholder:"month|year"`
	From day    `placeholder:"DATE"`
}

func (c *reportJoinedCommand) run(ctx context.Context, d *desk) error {
	actor, body, at, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	from := since(c.From, at)
	var t *report.Table
	if c.By == "year" {
		t, err = d.house.Reports.Years(ctx, actor, body, from.Year, at.Year)
	} else {
		t, err = d.house.Reports.Flow(ctx, actor, body, from, at)
	}
	if err != nil {
		return err
	}
	return c.tell(d, t)
}

type reportHeadcountCommand struct {
	reportOf
	From day `placeholder:"DATE"`
}

// run tells the head-count on a day; with --from its course until then.
func (c *reportHeadcountCommand) run(ctx context.Context, d *desk) error {
	actor, body, at, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	from := at
	if !c.From.IsZero() {
		from = c.From.Date
	}
	t, err := d.house.Reports.Headcount(ctx, actor, body, from, at)
	if err != nil {
		return err
	}
	return c.tell(d, t)
}

// since is the day a course begins: the one asked for, or the first of the year
// before.
func since(asked day, at civil.Date) civil.Date {
	if asked.IsZero() {
		return civil.Date{Year: at.Year - 1, Month: 1, Day: 1}
	}
	return asked.Date
}
