package cli

import (
	"context"
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/consent"
)

type consentListCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
}

type consentGiveCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
	Code   string `arg:"" name:"CODE"`
}

type consentWithdrawCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
	Code   string `arg:"" name:"CODE"`
}

// consentLine is a question and its answer.
type consentLine struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	State    string `json:"state,omitempty"`
	Since    string `json:"since,omitempty"`
	How      string `json:"how,omitempty"`
	Consents bool   `json:"consents"` // it opens something now
}

// list tells what a member is asked and has answered.
func (c *consentListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, charter.Edit, 0, c.Member)
	if err != nil {
		return err
	}
	all, err := d.house.Consents.Of(ctx, actor, person)
	if err != nil {
		return err
	}
	var lines []consentLine
	now := d.house.Now()
	for _, k := range d.house.Charter.AsksConsent() {
		line := consentLine{Code: k.Code, Name: k.Name.In(d.p.Lang())}
		for i := range all { // the newest first
			if o := &all[i]; o.Code == k.Code {
				line.State, line.How, line.Consents = string(o.State(now)), o.How, o.Stands(d.house.Charter, now)
				line.Since = o.GivenAt.Format(time.RFC3339)
				break
			}
		}
		lines = append(lines, line)
	}
	return d.answer(lines, func() {
		for _, l := range lines {
			state := d.p.T("consent.own.not")
			if l.State != "" {
				state = d.p.T("cli.consent.answered", "state", d.p.T("consent.word."+l.State), "how", d.p.T("consent.how."+l.How), "since", l.Since)
			}
			d.say("cli.consent.line", "code", l.Code, "name", l.Name, "state", state)
		}
	})
}

// consentAnswer is what a question stands at after an act.
type consentAnswer struct {
	Code     string `json:"code"`
	Consents bool   `json:"consents"`
}

// give enters what a member has signed; where the paper is kept comes on standard input.
func (c *consentGiveCommand) run(ctx context.Context, d *desk) error {
	paper, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, charter.Edit, 0, c.Member)
	if err != nil {
		return err
	}
	if err := d.house.Consents.Give(ctx, actor, person, consent.Giving{Code: c.Code, Lang: d.house.Charter.Lang(), Paper: paper}); err != nil {
		return err
	}
	return d.answer(consentAnswer{c.Code, true}, func() { d.say("consent.notice.given") })
}

func (c *consentWithdrawCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, charter.Edit, 0, c.Member)
	if err != nil {
		return err
	}
	if err := d.house.Consents.Withdraw(ctx, actor, person, c.Code); err != nil {
		return err
	}
	return d.answer(consentAnswer{Code: c.Code}, func() { d.say("consent.notice.withdrawn") })
}

type consentCountCommand struct {
	inHouse
	asWho
	Unit string `required:"" placeholder:"CODE"`
}

type consentInformCommand struct {
	inHouse
	asWho
	Unit string `required:"" placeholder:"CODE"`
}

type consentReceiptCommand struct {
	inHouse
	asWho
	Member string `arg:"" name:"MEMBER-NO"`
}

// count tells in numbers who was told and what was agreed to.
func (c *consentCountCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	body, err := d.bodyOf(c.Unit)
	if err != nil {
		return err
	}
	o, err := d.house.Consents.Overview(ctx, actor, body.ID)
	if err != nil {
		return err
	}
	current, earlier, missing := o.Current.GetCardinality(), o.Earlier.GetCardinality(), o.Not.GetCardinality()
	return d.answer(struct {
		Members int               `json:"members"`
		Current uint64            `json:"current"`
		Earlier uint64            `json:"earlier"`
		Missing uint64            `json:"missing"`
		Answers []consent.Answers `json:"answers"`
	}{o.Members, current, earlier, missing, o.Answers}, func() {
		d.say("cli.consent.count", "members", o.Members, "current", current, "earlier", earlier, "missing", missing)
		for _, a := range o.Answers {
			d.say("cli.consent.answers", "code", a.Code, "said", d.p.T("consent.body.said", "yes", a.Yes, "again", a.Again, "back", a.Back))
		}
	})
}

// inform tells everybody in a body who was not told.
func (c *consentInformCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	body, err := d.bodyOf(c.Unit)
	if err != nil {
		return err
	}
	told, err := d.house.Consents.Inform(ctx, actor, body.ID)
	if err != nil {
		return err
	}
	return d.answer(struct {
		Told int `json:"told"`
	}{told}, func() { d.say("cli.consent.told", "count", told) })
}

// receipt writes the proofs of a member's consents.
func (c *consentReceiptCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, charter.Edit, 0, c.Member)
	if err != nil {
		return err
	}
	all, err := d.house.Consents.Receipts(ctx, actor, person, d.house.Keyring.PublicID(person), d.p.Lang())
	if err != nil {
		return err
	}
	return printJSON(d.out, all)
}
