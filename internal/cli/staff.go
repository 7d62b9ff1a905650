package cli

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

type staffListCommand struct {
	inHouse
	asWho
}

func (c *staffListCommand) run(ctx context.Context, d *desk) error {
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Access})
	if err != nil {
		return err
	}
	held, err := d.staff(scope)
	if err != nil {
		return err
	}
	entry := scope.Entry(journal.Access)
	if _, err := d.house.Journal.Read(ctx, &entry); err != nil {
		return err
	}
	return d.answerHoldings(ctx, scope, held, "cli.staff.count")
}

// staff are those who hold a position in the secretariat, or will; one without a task
// in IT or member service carries no access and stands among them all the same (D4).
func (d *desk) staff(scope access.Scope) ([]access.Holding, error) {
	if !scope.All() {
		return nil, nil
	}
	return d.house.Access.Positions(scope)
}

type staffAddCommand struct {
	inHouse
	asWho
	Member   string `arg:"" optional:"" name:"MEMBER-NO"`
	Position string `required:"" placeholder:"POSITION"`
	Ground   string `required:"" placeholder:"TEXT"`
	Email    string `placeholder:"E-MAIL"`
	Given    string `placeholder:"NAME"`
	Family   string `placeholder:"NAME"`
	From     day    `placeholder:"DATE"`
	Until    day    `placeholder:"DATE"`
}

func (c *staffAddCommand) check() (key string, args []any) {
	if (c.Member == "") == (c.Email == "") {
		return "cli.usage.staff", nil
	}
	return "", nil
}

func (c *staffAddCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	position := access.Position{Code: c.Position, From: d.fromToday(c.From.Date), Until: c.Until.Date, Ground: c.Ground}
	person, err := c.person(ctx, d, actor)
	if err != nil {
		return err
	}
	id, err := d.house.Access.Employ(ctx, actor, person, position)
	if err != nil {
		return err
	}
	return d.answer(holdingAnswer{Holding: id, Until: isoDay(position.Until)}, func() {
		d.say("cli.staff.added", "number", int64(id), "position", d.title(access.Basis{Right: access.ByPosition, Code: c.Position}))
	})
}

// person is the member who is to hold the position, or somebody who is none and
// is made known for it.
func (c *staffAddCommand) person(ctx context.Context, d *desk, actor access.Actor) (vault.PersonID, error) {
	scope, err := d.house.Access.Require(ctx, actor, access.Want{Act: charter.Staff})
	if err != nil {
		return 0, err
	}
	if c.Member != "" {
		return d.house.Members.ByNumber(ctx, scope, c.Member)
	}
	if _, known := d.house.Charter.Position(c.Position); !known { // before anybody is made known for nothing
		return 0, fault.New(fault.Invalid, "access.error.position").With("position", "access.error.position_unknown")
	}
	given, family := c.Given, c.Family
	if given == "" && family == "" {
		given, family = namesFrom(c.Email)
	}
	return d.house.Members.Enrol(ctx, scope, member.Draft{
		Values:   map[string]string{"given": given, "family": family, "email": c.Email},
		Language: d.house.Charter.Lang(),
	})
}

type staffEndCommand struct {
	inHouse
	asWho
	Holding uint64 `arg:"" name:"HOLDING"`
	Last    day    `placeholder:"DATE"`
}

func (c *staffEndCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	scope, err := d.house.Access.Require(ctx, actor, access.Want{Act: charter.Access})
	if err != nil {
		return err
	}
	held, err := d.staff(scope)
	if err != nil {
		return err
	}
	for i := range held {
		if h := &held[i]; h.Basis.ID == c.Holding {
			last := d.lastDay(c.Last.Date)
			if err := d.house.Access.EndPosition(ctx, actor, h.Person, c.Holding, last); err != nil {
				return err
			}
			return d.answer(holdingAnswer{Holding: c.Holding, Until: isoDay(last)}, func() { d.say("cli.staff.ended", "number", int64(c.Holding), "last", last) })
		}
	}
	return fault.New(fault.NotFound, "cli.error.holding")
}
