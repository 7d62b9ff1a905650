package cli

import (
	"context"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/round"
)

type roundBeginCommand struct {
	inHouse
	asWho
	Unit    string `placeholder:"CODE"`
	Purpose string `required:"" placeholder:"PURPOSE"`
	Group   string `enum:"new,all" default:"new" placeholder:"new|all"`
	Since   day    `placeholder:"DATE"`
}

// roundLine is a round in an answer.
type roundLine struct {
	Round   int64  `json:"round"`
	Unit    string `json:"unit"`
	Purpose string `json:"purpose"`
	Members int    `json:"members"`
	Left    int    `json:"left"`
	EndsOn  string `json:"ends_on"`
}

func (d *desk) roundLine(r *round.Round) roundLine {
	return roundLine{Round: r.Number, Unit: d.unitCode(r.Unit), Purpose: r.Purpose, Members: r.Members, Left: r.Left, EndsOn: r.EndsOn.String()}
}

func (c *roundBeginCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	r, err := d.house.Rounds.Begin(ctx, actor, round.Wish{Unit: body, Purpose: c.Purpose, Group: round.Group(c.Group), Since: c.Since.Date})
	if err != nil {
		return err
	}
	return d.answer(d.roundLine(&r), func() {
		d.say("cli.round.begun", "number", r.Number, "count", r.Members, "date", d.p.Date(r.EndsOn))
	})
}

type roundListCommand struct {
	inHouse
	asWho
}

func (c *roundListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	open, err := d.house.Rounds.Open(ctx, actor)
	if err != nil {
		return err
	}
	lines := make([]roundLine, 0, len(open))
	for i := range open {
		lines = append(lines, d.roundLine(&open[i]))
	}
	return d.answer(lines, func() {
		t := d.newTable("round", "unit", "purpose", "left", "members", "until")
		t.right[3], t.right[4] = true, true
		for i, l := range lines {
			t.add(strconv.FormatInt(l.Round, 10), l.Unit, l.Purpose, d.p.Number(l.Left), d.p.Number(l.Members), d.p.ShortDate(open[i].EndsOn))
		}
		d.print(t)
		if len(lines) == 0 {
			d.say("round.none")
		}
	})
}

// ofRound is the round a command is about.
type ofRound struct {
	inHouse
	asWho
	Round int64 `arg:"" name:"ROUND"`
}

type roundNextCommand struct{ ofRound }

// callLine is who is to be called.
type callLine struct {
	ID     string `json:"id"` // the public one
	Number string `json:"number"`
	Name   string `json:"name"`
	Phone  string `json:"phone"`
	Mobile string `json:"mobile"`
	Town   string `json:"town"`
	Place  int    `json:"place"`
	Of     int    `json:"of"`
}

func (c *roundNextCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	_, p, err := d.house.Rounds.Show(ctx, actor, c.Round)
	if err != nil {
		return err
	}
	if p == nil {
		return d.answer(nil, func() { d.say("cli.round.nobody") })
	}
	line := callLine{ID: d.house.Keyring.PublicID(p.Person), Number: p.Number, Name: p.Name, Phone: p.Phone, Mobile: p.Mobile, Town: p.Town, Place: p.Place, Of: p.Of}
	return d.answer(line, func() {
		d.say("round.place", "place", p.Place, "of", p.Of)
		t := d.newTable("number", "name", "phone", "mobile")
		t.add(p.Number, p.Name, d.phone(p.Phone), d.phone(p.Mobile))
		d.print(t)
	})
}

type roundMarkCommand struct {
	ofRound
	Member string `required:"" placeholder:"NUMBER"`
	Answer string `required:"" enum:"reached,no_answer,declined" placeholder:"ANSWER"`
}

func (c *roundMarkCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	scope, err := d.house.Access.Require(ctx, actor, access.Want{Act: charter.Search})
	if err != nil {
		return err
	}
	person, err := d.house.Members.ByNumber(ctx, scope, c.Member)
	if err != nil {
		return err
	}
	state, _ := round.ParseState(c.Answer) // the grammar knows no others
	r, err := d.house.Rounds.Mark(ctx, actor, c.Round, person, state)
	if err != nil {
		return err
	}
	return d.answer(d.roundLine(&r), func() { d.say("cli.round.marked", "count", r.Left) })
}

type roundEndCommand struct{ ofRound }

func (c *roundEndCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if err := d.house.Rounds.End(ctx, actor, c.Round); err != nil {
		return err
	}
	return d.answer(map[string]int64{"round": c.Round}, func() { d.say("cli.round.ended") })
}
