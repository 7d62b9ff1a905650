package cli

import (
	"context"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// categoryCommand shows what a member is, was and will be, or changes it.
type categoryCommand struct {
	inHouse
	asWho
	Member   string `arg:"" name:"MEMBER-NO"`
	Unit     string `placeholder:"CODE"`
	Category string `placeholder:"CATEGORY"`
	From     day    `placeholder:"DATE"`
	Until    day    `placeholder:"DATE"`
}

// stepAnswer is a day from which a category holds.
type stepAnswer struct {
	Unit     string `json:"unit"`
	Category string `json:"category"`
	From     string `json:"from"` // "" is since the beginning
}

func (c *categoryCommand) check() (key string, args []any) {
	if c.Category == "" && (!c.From.IsZero() || !c.Until.IsZero()) {
		return "cli.usage.missing", []any{"what", "--category CATEGORY"}
	}
	return "", nil
}

func (c *categoryCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, charter.Edit, body, c.Member)
	if err != nil {
		return err
	}
	scope, err := d.house.Access.Require(ctx, actor, access.Want{Act: charter.Edit, Unit: body})
	if err != nil {
		return err
	}
	if c.Category != "" {
		err := d.house.Members.SetCategory(ctx, scope, person, member.Recategorised{
			Unit: body, Category: c.Category, From: c.From.Date, Until: c.Until.Date,
		})
		if err != nil {
			return err
		}
	}
	courses, err := d.house.Members.Course(ctx, scope, person)
	if err != nil {
		return err
	}
	steps := []stepAnswer{}
	t := d.newTable("unit", "category", "from")
	for i := range courses {
		for _, s := range courses[i].Steps {
			k := d.house.Charter.CategoryOr(s.Category)
			steps = append(steps, stepAnswer{Unit: d.unitCode(courses[i].Unit), Category: k.Code, From: isoDay(s.From)})
			t.add(d.unitName(courses[i].Unit), k.Name.In(d.p.Lang()), d.shortDay(s.From))
		}
	}
	return d.answer(steps, func() { d.print(t) })
}

// alikeCommand lists cards that may be of one person.
type alikeCommand struct {
	inHouse
	asWho
	Limit int `default:"50" placeholder:"N"`
}

// pairAnswer is two cards and what they have in common.
type pairAnswer struct {
	Number string   `json:"number"`
	Other  string   `json:"other"`
	Name   string   `json:"name"`
	Named  string   `json:"other_name"`
	Score  int      `json:"score"`
	Why    []string `json:"why"`
}

func (c *alikeCommand) run(ctx context.Context, d *desk) error {
	scope, err := d.decide(ctx, c.As, access.Want{Act: charter.Search})
	if err != nil {
		return err
	}
	found, err := d.house.Members.Likely(ctx, scope, 0, c.Limit)
	if err != nil {
		return err
	}
	pairs := []pairAnswer{}
	t := d.newTable("number", "name", "number", "name", "why")
	for i := range found.Rows {
		p := &found.Rows[i]
		pair := pairAnswer{Number: p.One.Number, Other: p.Other.Number, Name: p.One.Name(), Named: p.Other.Name(), Score: p.Score}
		var why []string
		for _, a := range p.Why {
			pair.Why = append(pair.Why, a.String())
			why = append(why, d.p.T(a.Key()))
		}
		pairs = append(pairs, pair)
		t.add(pair.Number, pair.Name, pair.Other, pair.Named, d.p.List(why))
	}
	return d.answer(pairs, func() {
		d.print(t)
		d.say("cli.alike.count", "count", found.Total)
	})
}

// mergeCommand makes one card of two, or remembers that they are of two people.
type mergeCommand struct {
	inHouse
	asWho
	Kept  string   `arg:"" name:"MEMBER-NO"`
	Other string   `arg:"" name:"OTHER-NO"`
	Take  []string `placeholder:"FIELD,…"`
	Not   bool     `xor:"merge"`

	Second  string `placeholder:"WHO" xor:"merge"`
	Confirm bool   `xor:"merge"`
	Drop    bool   `xor:"merge"`
}

func (c *mergeCommand) check() (key string, args []any) {
	if (c.Not || c.Confirm || c.Drop) && len(c.Take) > 0 {
		return "cli.usage.merge", nil
	}
	return "", nil
}

func (c *mergeCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	act := charter.Close
	if c.Not {
		act = charter.Edit
	}
	scope, err := d.house.Access.Require(ctx, actor, access.Want{Act: act})
	if err != nil {
		return err
	}
	kept, err := d.house.Members.ByNumber(ctx, scope, c.Kept)
	if err != nil {
		return err
	}
	other, err := d.house.Members.ByNumber(ctx, scope, c.Other)
	if err != nil {
		return err
	}
	if c.Not {
		if err := d.house.Members.SetDistinct(ctx, scope, kept, other); err != nil {
			return err
		}
		return d.answer(map[string]bool{"distinct": true}, func() { d.say("cli.merge.distinct") })
	}
	left, err := c.merge(ctx, d, actor, kept, other)
	if err != nil {
		return err
	}
	if c.Drop {
		return d.done("cli.merge.dropped")
	}
	if left.State == "" {
		return d.answer(departureAnswer{Number: c.Other, State: "proposed", Second: true}, func() { d.say("cli.merge.proposed") })
	}
	return d.answer(departureAnswer{Number: c.Other, State: string(left.State), ClosedAt: isoTime(left.ClosedAt), DueAt: isoTime(left.DueAt)}, func() {
		d.say("cli.merge.done", "number", strings.TrimSpace(c.Kept), "other", strings.TrimSpace(c.Other))
		d.say("cli.close.due", "at", d.p.DateTime(left.DueAt, d.house.Charter.Location()))
	})
}

// merge carries out what was asked: proposing it, with the colleague's yes where
// one is named, giving that yes, or dropping the proposal.
func (c *mergeCommand) merge(ctx context.Context, d *desk, actor access.Actor, kept, other vault.PersonID) (departure.Departure, error) {
	if c.Confirm || c.Drop {
		scope, err := d.house.Access.Require(ctx, actor, access.Want{Act: charter.Close})
		if err != nil {
			return departure.Departure{}, err
		}
		p, err := d.house.Departures.MergeProposal(ctx, scope, other)
		if err == nil && p.Kept != kept {
			err = fault.New(fault.Gone, "departure.error.merge_gone")
		}
		if err != nil {
			return departure.Departure{}, err
		}
		if c.Drop {
			return departure.Departure{}, d.house.Departures.DropMerge(ctx, actor, other)
		}
		return d.house.Departures.ConfirmMerge(ctx, actor, other)
	}
	var second access.Actor
	if c.Second != "" { // asked before anything happens
		var err error
		if second, err = d.second(ctx, actor, other, c.Second); err != nil {
			return departure.Departure{}, err
		}
	}
	left, err := d.house.Departures.ProposeMerge(ctx, actor, kept, other, c.Take)
	if err != nil || c.Second == "" || left.State != "" {
		return left, err
	}
	return d.house.Departures.ConfirmMerge(ctx, second, other)
}

// reopened tells of an undone closing, and of posts that somebody else holds now.
func (d *desk) reopened(number string, lost []access.Lost) error {
	type lostAnswer struct {
		Post string `json:"post"`
		Unit string `json:"unit"`
	}
	a := struct {
		departureAnswer
		Lost []lostAnswer `json:"lost,omitempty"`
	}{departureAnswer: departureAnswer{Number: number, State: "member"}}
	for _, l := range lost {
		a.Lost = append(a.Lost, lostAnswer{l.Post, d.unitCode(l.Unit)})
	}
	return d.answer(a, func() {
		d.say("cli.close.undone", "number", number)
		for _, l := range lost {
			d.say("cli.close.lost", "post", d.title(access.Basis{Right: access.ByPost, Code: l.Post}), "unit", d.unitName(l.Unit))
		}
	})
}
