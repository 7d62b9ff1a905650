package cli

import (
	"cmp"
	"context"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/procedure"
	"kartotek/internal/unit"
)

// yearOf says whose year is told.
type yearOf struct {
	asWho
	Year int    `placeholder:"YEAR"`
	Unit string `placeholder:"CODE"`
}

type yearShowCommand struct {
	inHouse
	yearOf
}

type yearCalendarCommand struct {
	yearOf
	Output string `short:"o" required:"" placeholder:"FILE"`
	Force  bool
}

func (c *yearCalendarCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// yearLine is a day of the year in an answer.
type yearLine struct {
	On    string `json:"on"`
	Kind  string `json:"kind,omitempty"`     // of a duty
	Ahead string `json:"expected,omitempty"` // of what is foreseen and no duty yet
	What  string `json:"what"`
	Unit  string `json:"unit,omitempty"`
	State string `json:"state"`
	day   civil.Date
}

// asked settles whose year: what the actor answers for by everything they hold, or one
// body's, for whoever sees who has access there.
func (c *yearOf) asked(ctx context.Context, d *desk) (year int, duties []duty.Duty, ahead []duty.Ahead, err error) {
	today := d.house.Access.Today()
	if year = c.Year; year == 0 {
		year = today.Year
	}
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return 0, nil, nil, err
	}
	first, last := civil.Date{Year: year, Month: 1, Day: 1}, civil.Date{Year: year, Month: 12, Day: 31}
	if tomorrow := today.AddDays(1); first.Before(tomorrow) {
		first = tomorrow
	}
	if body != 0 {
		if _, err = d.house.Access.Require(ctx, actor, access.Want{Act: charter.Access, Unit: body}); err != nil {
			return 0, nil, nil, err
		}
		if duties, err = d.house.Duties.YearIn(ctx, body, year); err == nil {
			ahead, err = d.house.Duties.AheadIn(ctx, body, first, last)
		}
		return year, duties, ahead, err
	}
	r := duty.Together(actor.Person)
	root, _ := d.house.Units.Tree().Root()
	for _, h := range d.house.Access.Held(actor.Person) {
		r = duty.Together(actor.Person, r.Acts, map[unit.ID]charter.Acts{h.Basis.Unit: h.May})
		if h.Basis.Unit == root.ID { // N12: who holds a post in the top body answers as the secretariat does
			r = duty.Together(actor.Person, r.Acts, map[unit.ID]charter.Acts{0: h.May})
		}
	}
	if duties, err = d.house.Duties.Year(ctx, r, year); err == nil {
		ahead, err = d.house.Duties.Ahead(ctx, r, first, last)
	}
	return year, duties, ahead, err
}

// run lists the year, late ones on top.
func (c *yearShowCommand) run(ctx context.Context, d *desk) error {
	_, duties, ahead, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	today := d.house.Access.Today()
	lines := make([]yearLine, 0, len(duties)+len(ahead))
	for i := range duties {
		one := &duties[i]
		lines = append(lines, yearLine{
			On: one.DueOn.String(), Kind: string(one.Kind), What: d.p.T("duty.kind."+string(one.Kind), "number", one.Subject),
			Unit: d.unitCode(one.Unit), State: string(one.StateOn(today)), day: one.DueOn,
		})
	}
	for i := range ahead {
		a := &ahead[i]
		lines = append(lines, yearLine{
			On: a.On.String(), Ahead: a.Code, What: d.p.T("duty.ahead."+a.Code, a.Args...), Unit: d.unitCode(a.Unit), State: "expected", day: a.On,
		})
	}
	slices.SortStableFunc(lines, func(a, b yearLine) int {
		late := func(l yearLine) int {
			if l.State == string(duty.Late) {
				return 0
			}
			return 1
		}
		return cmp.Or(late(a)-late(b), a.day.DaysSince(b.day))
	})
	t := &table{heads: []string{d.p.T("cli.year.on"), d.p.T("cli.year.what"), d.p.T("cli.year.unit"), d.p.T("cli.year.state")}, right: map[int]bool{}}
	for _, l := range lines {
		state := d.p.T("cli.year." + l.State)
		t.add(d.shortDay(l.day), l.What, l.Unit, state)
	}
	return d.answer(lines, func() {
		if len(lines) == 0 {
			d.say("web.home.year_empty")
		}
		d.print(t)
	})
}

func (c *yearCalendarCommand) run(ctx context.Context, d *desk) error {
	year, duties, ahead, err := c.asked(ctx, d)
	if err != nil {
		return err
	}
	return duty.Calendar(d.files["output"], d.p.T("procedure.year.calendar", "year", year), d.p.Lang(), d.house.Now(), d.house.YearEvents(d.p, duties, ahead))
}

type yearPaperCommand struct {
	asWho
	Unit   string `placeholder:"CODE"`
	Output string `short:"o" required:"" placeholder:"FILE"`
	Force  bool
}

func (c *yearPaperCommand) needs() []wish {
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// run writes the year paper of one association, or of all the actor reaches.
func (c *yearPaperCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	var bodies []unit.Unit
	if body != 0 {
		one, _ := d.house.Units.Tree().ByID(body)
		bodies = []unit.Unit{one}
	} else if bodies, err = d.house.Procedures.PaperBodies(ctx, actor); err != nil {
		return err
	}
	var papers []procedure.YearPaper
	for _, u := range bodies {
		paper, err := d.house.Procedures.YearPaper(ctx, actor, u.ID)
		if err != nil {
			return err
		}
		papers = append(papers, paper)
	}
	if err := d.house.Procedures.PrintPapers(d.files["output"], papers, d.p, d.house.Now()); err != nil || c.Output == "-" {
		return err
	}
	return d.answer(map[string]int{"papers": len(papers)}, func() { d.say("cli.year.written", "count", len(papers)) })
}
