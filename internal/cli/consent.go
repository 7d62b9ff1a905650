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
