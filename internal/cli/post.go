package cli

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
)

type postListCommand struct {
	inHouse
	asWho
	Unit string `required:"" placeholder:"CODE"`
}

func (c *postListCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Access, Unit: body})
	if err != nil {
		return err
	}
	held, err := d.house.Access.Posts(scope, body)
	if err != nil {
		return err
	}
	return d.answerHoldings(ctx, scope, held, "cli.post.count")
}

type postAddCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
	Post   string `required:"" placeholder:"POST"`
	Unit   string `required:"" placeholder:"CODE"`
	From   day    `placeholder:"DATE"`
	Until  day    `placeholder:"DATE"`
	Ground string `placeholder:"TEXT"`
}

// holdingAnswer is a right that was given or ended.
type holdingAnswer struct {
	Holding uint64 `json:"holding"`
	Until   string `json:"until,omitempty"`
}

func (c *postAddCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, charter.Appoint, body, c.Member)
	if err != nil {
		return err
	}
	a := access.Appointment{Unit: body, Post: c.Post, From: d.fromToday(c.From.Date), Until: c.Until.Date, Ground: c.Ground}
	id, err := d.house.Access.Appoint(ctx, actor, person, a)
	if err != nil {
		return err
	}
	return d.answer(holdingAnswer{Holding: id, Until: isoDay(a.Until)}, func() {
		d.say("cli.post.added", "number", int64(id), "post", d.title(access.Basis{Right: access.ByPost, Code: c.Post}), "unit", d.unitName(body))
	})
}

// fromToday is the day a right begins: today where nobody says otherwise.
func (d *desk) fromToday(from civil.Date) civil.Date {
	if from.IsZero() {
		return d.house.Access.Today()
	}
	return from
}

// lastDay is the last day of a right that ends: yesterday, which ends it at
// once, where nobody says otherwise.
func (d *desk) lastDay(last civil.Date) civil.Date {
	if last.IsZero() {
		return d.house.Access.Today().AddDays(-1)
	}
	return last
}

type postEndCommand struct {
	inHouse
	asWho
	Holding uint64 `arg:"" name:"HOLDING"`
	Unit    string `required:"" placeholder:"CODE"`
	Last    day    `placeholder:"DATE"`
}

// appointing finds the body and decides that somebody may fill posts in it.
func (d *desk) appointing(ctx context.Context, as, code string) (access.Scope, unit.ID, error) {
	body, err := d.body(code)
	if err != nil {
		return access.Scope{}, 0, err
	}
	scope, err := d.decide(ctx, as, access.Want{Act: charter.Appoint, Unit: body})
	return scope, body, err
}

func (c *postEndCommand) run(ctx context.Context, d *desk) error {
	scope, body, err := d.appointing(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	actor := scope.Actor()
	held, err := d.house.Access.Posts(scope, body)
	if err != nil {
		return err
	}
	for i := range held {
		if h := &held[i]; h.Basis.ID == c.Holding {
			last := d.lastDay(c.Last.Date)
			if err := d.house.Access.EndAppointment(ctx, actor, h.Person, c.Holding, last); err != nil {
				return err
			}
			return d.answer(holdingAnswer{Holding: c.Holding, Until: isoDay(last)}, func() { d.say("cli.post.ended", "number", int64(c.Holding), "last", last) })
		}
	}
	return fault.New(fault.NotFound, "cli.error.holding")
}
