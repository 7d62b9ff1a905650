package cli

import (
	"context"
	"errors"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// postImportCommand enters boards from a file: all of it, or nothing.
type postImportCommand struct {
	asWho
	File   string `arg:"" name:"FILE"`
	Unit   string `placeholder:"CODE"`
	Ground string `placeholder:"TEXT"`
	DryRun bool
}

func (c *postImportCommand) needs() []wish { return []wish{{part: "file", path: c.File}} }

// changeLine is a thing a handover does, in an answer.
type changeLine struct {
	Unit  string `json:"unit"`
	Post  string `json:"post"`
	Name  string `json:"name"`
	Does  string `json:"does"` // begins, again, ends or cover-ends
	From  string `json:"from,omitempty"`
	Until string `json:"until"`
}

func (c *postImportCommand) run(ctx context.Context, d *desk) error {
	scope, body, err := d.appointing(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	actor := scope.Actor()
	file := d.files["file"]
	about, err := file.Stat()
	if err != nil {
		return err
	}
	table, err := document.Open(file, about.Size(), access.BoardOptions())
	if err != nil {
		return err
	}
	ground := c.Ground
	if ground == "" {
		ground = d.p.T("cli.handover.ground")
	}
	read, err := d.house.Access.ReadBoards(table, body, ground, func(_ unit.ID, number string) (vault.PersonID, error) {
		return d.house.Members.ByNumber(ctx, scope, number)
	})
	if err != nil {
		return err
	}
	if len(read.Boards) == 0 && len(read.Faults) == 0 {
		return fault.New(fault.Invalid, "access.error.boards_empty")
	}
	var plans []access.Plan
	if len(read.Faults) == 0 {
		act := d.house.Access.HandOver
		if c.DryRun {
			act = d.house.Access.Preview
		}
		if plans, err = act(ctx, actor, read.Boards...); err != nil {
			if !fault.Is(err, fault.Invalid) && !fault.Is(err, fault.Conflict) {
				return err
			}
			board, on := 0, access.OnBoard{}
			if errors.As(err, &on) {
				board = on.Board
			}
			read.Faults = read.Fault(board, fault.From(err))
		}
	}
	if len(read.Faults) > 0 {
		for _, f := range read.Faults {
			d.note("cli.handover.row", "line", f.Line, "text", d.p.T(f.Key, pairsOf(f.Args)...))
		}
		return fault.New(fault.Invalid, "access.error.boards_rows", "count", len(read.Faults))
	}
	return d.answerPlans(ctx, scope, plans, c.DryRun)
}

func pairsOf(args map[string]any) []any {
	var pairs []any
	for name, value := range args {
		pairs = append(pairs, name, value)
	}
	return pairs
}

// answerPlans tells what a handover did, or would do.
func (d *desk) answerPlans(ctx context.Context, scope access.Scope, plans []access.Plan, dry bool) error {
	var persons []vault.PersonID
	for i := range plans {
		for _, l := range plans[i].Leaves {
			persons = append(persons, l.Person)
		}
		for _, b := range plans[i].Begins {
			persons = append(persons, b.Person)
		}
	}
	names, err := d.house.Members.Names(ctx, scope, persons)
	if err != nil {
		return err
	}
	lines := []changeLine{}
	t := d.newTable("unit", "right", "name", "from", "until", "state")
	for i := range plans {
		p := &plans[i]
		for _, l := range p.Leaves {
			does := "ends"
			if l.Cover {
				does = "cover-ends"
			}
			lines = append(lines, changeLine{d.unitCode(p.Board.Unit), l.Basis.Code, names[l.Person], does, "", isoDay(l.Last)})
			t.add(d.unitName(p.Board.Unit), d.house.Access.Title(d.p, l.Basis), names[l.Person], "", d.shortDay(l.Last), d.p.T("cli.handover.ends"))
		}
		for _, b := range p.Begins {
			does := "begins"
			if b.Again {
				does = "again"
			}
			basis := access.Basis{Right: access.ByPost, Code: b.Post}
			lines = append(lines, changeLine{d.unitCode(p.Board.Unit), b.Post, names[b.Person], does, isoDay(b.From), isoDay(b.Until)})
			t.add(d.unitName(p.Board.Unit), d.title(basis), names[b.Person], d.shortDay(b.From), d.shortDay(b.Until), d.p.T("cli.handover."+does))
		}
	}
	return d.answer(lines, func() {
		d.print(t)
		if dry {
			d.say("cli.handover.dry", "count", len(lines))
			return
		}
		d.say("cli.handover.done", "count", len(lines))
	})
}

// postCoverCommand has a member cover a post for some days.
type postCoverCommand struct {
	inHouse
	asWho
	Holding uint64 `arg:"" name:"HOLDING"`
	Member  string `arg:"" optional:"" name:"MEMBER-NO"`
	From    day    `placeholder:"DATE"`
	Until   day    `placeholder:"DATE"`
	Ground  string `placeholder:"TEXT"`
	End     bool
}

func (c *postCoverCommand) check() (key string, args []any) {
	if c.End == (c.Member != "") {
		return "cli.usage.cover", nil
	}
	return "", nil
}

func (c *postCoverCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if c.End {
		covers := d.house.Access.CoverOf(c.Holding)
		if len(covers) == 0 {
			return fault.New(fault.NotFound, "cli.error.holding")
		}
		cover := covers[0]
		if err := d.house.Access.EndCover(ctx, actor, cover.Person, cover.Basis.ID, d.lastDay(c.Until.Date)); err != nil {
			return err
		}
		return d.answer(holdingAnswer{Holding: cover.Basis.ID}, func() { d.say("cli.cover.ended") })
	}
	person, err := d.member(ctx, actor, charter.Search, 0, c.Member)
	if err != nil {
		return err
	}
	id, err := d.house.Access.NameCover(ctx, actor, person, c.Holding, access.Cover{From: d.fromToday(c.From.Date), Until: c.Until.Date, Ground: c.Ground})
	if err != nil {
		return err
	}
	return d.answer(holdingAnswer{Holding: id, Until: isoDay(c.Until.Date)}, func() { d.say("cli.cover.named", "until", c.Until.Date) })
}

// postSubstituteCommand elects a substitute, lists them, or has one step in.
type postSubstituteCommand struct {
	inHouse
	asWho
	Member string `arg:"" optional:"" name:"MEMBER-NO"`
	Unit   string `required:"" placeholder:"CODE"`
	Post   string `placeholder:"POST"`
	From   day    `placeholder:"DATE"`
	Until  day    `placeholder:"DATE"`
	Ground string `placeholder:"TEXT"`
	StepIn uint64 `placeholder:"HOLDING"`
	Holder uint64 `placeholder:"HOLDING"`
}

func (c *postSubstituteCommand) run(ctx context.Context, d *desk) error {
	scope, body, err := d.appointing(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	actor := scope.Actor()
	switch {
	case c.StepIn != 0:
		all, err := d.house.Access.Substitutes(scope, body)
		if err != nil {
			return err
		}
		for i := range all {
			if s := &all[i]; s.Basis.ID == c.StepIn {
				id, until, err := d.house.Access.StepsIn(ctx, actor, s.Person, s.Basis.ID, access.StepIn{
					Post: c.Post, Holder: c.Holder, From: d.fromToday(c.From.Date), Until: c.Until.Date, Ground: c.Ground,
				})
				if err != nil {
					return err
				}
				return d.answer(holdingAnswer{Holding: id, Until: isoDay(until)}, func() { d.say("cli.substitute.in", "number", int64(id), "until", until) })
			}
		}
		return fault.New(fault.NotFound, "cli.error.holding")
	case c.Member != "":
		person, err := d.member(ctx, actor, charter.Appoint, body, c.Member)
		if err != nil {
			return err
		}
		id, err := d.house.Access.ElectSubstitute(ctx, actor, person, access.Substitute{
			Unit: body, Post: c.Post, From: d.fromToday(c.From.Date), Until: c.Until.Date, Ground: c.Ground,
		})
		if err != nil {
			return err
		}
		return d.answer(holdingAnswer{Holding: id, Until: isoDay(c.Until.Date)}, func() { d.say("cli.substitute.elected", "number", int64(id)) })
	}
	all, err := d.house.Access.Substitutes(scope, body)
	if err != nil {
		return err
	}
	return d.answerHoldings(ctx, scope, all, "cli.substitute.count")
}
