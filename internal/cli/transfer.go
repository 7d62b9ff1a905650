package cli

import (
	"context"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/fault"
	"kartotek/internal/transfer"
	"kartotek/internal/vault"
)

type transferProposeCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
	To     string `required:"" placeholder:"CODE"`
	From   string `placeholder:"CODE"`
	On     day    `placeholder:"DATE"`
	Keep   bool
}

type transferAcceptCommand struct {
	inHouse
	asWho
	Case int64 `arg:"" name:"CASE"`
	Keep bool
}

type transferRefuseCommand struct {
	inHouse
	asWho
	Case   int64  `arg:"" name:"CASE"`
	Reason string `required:"" placeholder:"REASON"`
}

type transferCancelCommand struct {
	inHouse
	asWho
	Case int64 `arg:"" name:"CASE"`
}

type transferListCommand struct {
	inHouse
	asWho
}

// caseLine is a case in an answer, as whoever asks may see it.
type caseLine struct {
	Case  int64  `json:"case"`
	Kind  string `json:"kind"`
	State string `json:"state"`
	Name  string `json:"name,omitempty"`
	From  string `json:"from,omitempty"` // the body's code
	To    string `json:"to"`
	DueOn string `json:"due_on"`
	Waits bool   `json:"waits_for_you,omitempty"`
}

func (c *transferProposeCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	w := transfer.Wish{On: c.On.Date, Keep: c.Keep}
	if w.To, err = d.body(c.To); err != nil {
		return err
	}
	if w.From, err = d.body(c.From); err != nil {
		return err
	}
	if w.Person, err = d.mover(ctx, actor, c.Member); err != nil {
		return err
	}
	made, err := d.house.Transfers.Propose(ctx, actor, w)
	if err != nil {
		return err
	}
	return d.answerCase(made, "cli.transfer.proposed")
}

// mover finds who is to move: oneself, or a member within reach.
func (d *desk) mover(ctx context.Context, actor access.Actor, number string) (vault.PersonID, error) {
	self, err := d.house.Access.Require(ctx, actor, access.Want{Self: true})
	if err != nil {
		return 0, err
	}
	own, err := d.house.Members.Own(ctx, self)
	if err != nil {
		return 0, err
	}
	if own.Number != "" && own.Number == number {
		return actor.Person, nil
	}
	return d.member(ctx, actor, transfer.LetsGo(), 0, number)
}

func (c *transferAcceptCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	answered, err := d.house.Transfers.Accept(ctx, actor, c.Case, c.Keep)
	if err != nil {
		return err
	}
	return d.answerCase(answered, "cli.transfer.accepted")
}

func (c *transferRefuseCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	answered, err := d.house.Transfers.Refuse(ctx, actor, c.Case, c.Reason)
	if err != nil {
		e := fault.From(err)
		for i := range e.Fields {
			if f := &e.Fields[i]; f.Name == "reason" {
				f.Key, f.Args = "cli.error.reason", map[string]any{"known": transfer.Reasons}
			}
		}
		if e.Code == fault.Invalid {
			return e
		}
		return err
	}
	return d.answerCase(answered, "cli.transfer.refused")
}

func (c *transferCancelCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	answered, err := d.house.Transfers.Cancel(ctx, actor, c.Case)
	if err != nil {
		return err
	}
	return d.answerCase(answered, "cli.transfer.cancelled")
}

// answerCase tells what became of one case.
func (d *desk) answerCase(c transfer.Case, key string) error {
	line := caseLine{
		Case: c.ID, Kind: string(c.Kind), State: string(c.State), From: d.unitCode(c.Moving.From), To: d.unitCode(c.To()), DueOn: c.DueOn.String(),
	}
	return d.answer(line, func() {
		d.say(key, "case", strconv.FormatInt(c.ID, 10), "state", d.p.T("transfer.state."+line.State), "due", c.DueOn)
	})
}

// listedCases is how many cases are told at most.
const listedCases = 1000

func (c *transferListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	seen, total, err := d.house.Transfers.List(ctx, actor, 0, listedCases)
	if err != nil {
		return err
	}
	lines := make([]caseLine, 0, len(seen))
	t := d.newTable("case", "kind", "name", "from", "to", "due", "state")
	for i := range seen {
		s := &seen[i]
		line := caseLine{
			Case: s.ID, Kind: string(s.Kind), State: string(s.State), Name: s.Name, To: d.unitCode(s.To()), DueOn: s.DueOn.String(), Waits: s.Waits,
		}
		if s.Kind == transfer.Move {
			line.From = d.unitCode(s.Moving.From)
		}
		lines = append(lines, line)
		t.add(strconv.FormatInt(s.ID, 10), d.p.T("transfer.kind."+line.Kind), s.Name, line.From, line.To, d.shortDay(s.DueOn), d.p.T("transfer.state."+line.State))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.transfer.count", "count", total)
	})
}
