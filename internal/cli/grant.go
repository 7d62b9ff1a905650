package cli

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"kartotek/internal/fault"
	"kartotek/internal/grant"
	"kartotek/internal/vault"
)

type grantProposeCommand struct {
	inHouse
	asWho
	Member  string   `arg:"" name:"MEMBER-NO"`
	Unit    string   `required:"" placeholder:"CODE"`
	Purpose []string `required:"" placeholder:"PURPOSE"`
	Field   []string `required:"" placeholder:"FIELD"`
	From    day      `placeholder:"DATE"`
	Until   day      `required:"" placeholder:"DATE"`
}

type grantDecideCommand struct {
	inHouse
	asWho
	Case    int64  `arg:"" name:"CASE"`
	Answer  string `required:"" enum:"approve,refuse" placeholder:"approve|refuse"`
	Meeting string `required:"" placeholder:"MEETING"`
	On      day    `required:"" placeholder:"DATE"`
	Apart   bool
}

type grantWithdrawCommand struct {
	inHouse
	asWho
	Case int64 `arg:"" name:"CASE"`
}

type grantRenewCommand struct {
	inHouse
	asWho
	Case  int64 `arg:"" name:"CASE"`
	From  day   `placeholder:"DATE"`
	Until day   `placeholder:"DATE"`
}

type grantListCommand struct {
	inHouse
	asWho
	Unit string `placeholder:"CODE"`
}

type grantShowCommand struct {
	asWho
	Case   int64  `arg:"" name:"CASE"`
	Output string `short:"o" placeholder:"FILE"`
	Force  bool
}

func (c *grantShowCommand) needs() []wish {
	if c.Output == "" {
		return nil
	}
	return []wish{{part: "output", path: c.Output, write: true, force: c.Force}}
}

// grantTexts are what is written about a case. They come on standard input: the
// arguments everybody on the machine can read.
type grantTexts struct {
	Task    string `json:"task"`
	Ground  string `json:"ground"`
	Minutes string `json:"minutes"`
	Reason  string `json:"reason"`
}

func (d *desk) grantTexts() (texts grantTexts, err error) {
	in := json.NewDecoder(io.LimitReader(d.in, longestTexts))
	in.DisallowUnknownFields()
	if err = in.Decode(&texts); err != nil {
		return texts, fault.New(fault.Invalid, "cli.grant.form").Because(err)
	}
	return texts, nil
}

// grantLine is a case in an answer.
type grantLine struct {
	Case     int64    `json:"case"`
	Standing string   `json:"standing"`
	ID       string   `json:"id"` // of the person, the public one
	Name     string   `json:"name,omitempty"`
	Unit     string   `json:"unit"`
	Purposes []string `json:"purposes"`
	Fields   []string `json:"fields"`
	From     string   `json:"from"`
	Until    string   `json:"until"`
	Renews   int64    `json:"renews,omitempty"`
	AnswerBy string   `json:"answer_by,omitempty"` // while it waits
	Task     string   `json:"task,omitempty"`      // of one that is shown
	Ground   string   `json:"ground,omitempty"`
	Meeting  string   `json:"meeting,omitempty"`
	Met      string   `json:"met,omitempty"`
	Minutes  string   `json:"minutes,omitempty"`
	Reason   string   `json:"reason,omitempty"`
	Why      string   `json:"why,omitempty"`
}

func (d *desk) grantLine(c *grant.Case, names map[vault.PersonID]string) grantLine {
	l := grantLine{
		Case: c.ID, Standing: string(c.StandingOn(d.house.Access.Today())), ID: d.house.Keyring.PublicID(c.Person), Name: names[c.Person],
		Unit: d.unitCode(c.Wish.Unit), Purposes: c.Wish.Purposes, Fields: c.Wish.Fields, From: isoDay(c.Wish.From), Until: isoDay(c.Wish.Until),
		Renews: c.Wish.Renews,
	}
	if c.State.Open() {
		l.AnswerBy = isoDay(c.AnswerBy)
	}
	return l
}

// answerGrant tells of a case after an act.
func (d *desk) answerGrant(c *grant.Case, key string) error {
	return d.answer(d.grantLine(c, nil), func() {
		d.say(key, "number", c.ID, "from", d.p.Date(c.Wish.From), "until", d.p.Date(c.Wish.Until), "date", d.p.Date(c.AnswerBy))
	})
}

func (c *grantProposeCommand) run(ctx context.Context, d *desk) error {
	texts, err := d.grantTexts()
	if err != nil {
		return err
	}
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	person, err := d.member(ctx, actor, d.house.Charter.Grants.Proposer(), body, c.Member)
	if err != nil {
		return err
	}
	made, err := d.house.Grants.Propose(ctx, actor, grant.Wish{
		Person: person, Unit: body, Task: texts.Task, Ground: texts.Ground, Purposes: c.Purpose, Fields: c.Field, From: d.fromToday(c.From.Date), Until: c.Until.Date,
	})
	if err != nil {
		return err
	}
	return d.answerGrant(&made, "cli.grant.proposed")
}

func (c *grantDecideCommand) run(ctx context.Context, d *desk) error {
	texts, err := d.grantTexts()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	made, err := d.house.Grants.Decide(ctx, actor, c.Case, grant.Decision{
		Approve: c.Answer == "approve", Meeting: c.Meeting, Met: c.On.Date, Minutes: texts.Minutes, Reason: texts.Reason, Apart: c.Apart,
	})
	if err != nil {
		return err
	}
	if made.State == grant.Approved {
		return d.answerGrant(&made, "cli.grant.approved")
	}
	return d.answerGrant(&made, "cli.grant.refused")
}

func (c *grantWithdrawCommand) run(ctx context.Context, d *desk) error {
	why, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	made, err := d.house.Grants.Withdraw(ctx, actor, c.Case, why)
	if err != nil {
		return err
	}
	return d.answerGrant(&made, "cli.grant.withdrawn")
}

func (c *grantRenewCommand) run(ctx context.Context, d *desk) error {
	texts, err := d.grantTexts()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	old, _, err := d.house.Grants.Get(ctx, actor, c.Case)
	if err != nil {
		return err
	}
	w := d.house.Grants.Renewal(&old)
	w.Ground = texts.Ground
	if texts.Task != "" {
		w.Task = texts.Task
	}
	if !c.From.IsZero() {
		w.From = c.From.Date
		w.Until = d.house.Access.LongestGrant(w.From)
	}
	if !c.Until.IsZero() {
		w.Until = c.Until.Date
	}
	made, err := d.house.Grants.Propose(ctx, actor, w)
	if err != nil {
		return err
	}
	return d.answerGrant(&made, "cli.grant.proposed")
}

func (c *grantListCommand) run(ctx context.Context, d *desk) error {
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	all, scope, err := d.house.Grants.List(ctx, actor, body)
	if err != nil {
		return err
	}
	persons := make([]vault.PersonID, len(all))
	for i := range all {
		persons[i] = all[i].Person
	}
	names, err := d.house.Members.Names(ctx, scope, persons)
	if err != nil {
		return err
	}
	lines := make([]grantLine, 0, len(all))
	t := d.newTable("number", "unit", "name", "purpose", "from", "until", "state")
	t.right[0] = true
	for i := range all {
		l := d.grantLine(&all[i], names)
		lines = append(lines, l)
		t.add(d.p.T("cli.list.number", "number", l.Case), l.Unit, l.Name, d.house.Grants.PurposeNames(d.p, l.Purposes),
			d.shortDay(all[i].Wish.From), d.shortDay(all[i].Wish.Until), d.p.T("grant.standing."+l.Standing))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.grant.count", "count", len(all))
	})
}

// show tells a case whole, or writes its document as PDF.
func (c *grantShowCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	found, scope, err := d.house.Grants.Get(ctx, actor, c.Case)
	if err != nil {
		return err
	}
	names, err := d.house.Members.Names(ctx, scope, found.Persons())
	if err != nil {
		return err
	}
	if c.Output != "" {
		if err := d.house.Grants.Document(d.files["output"], &found, names, d.p); err != nil {
			return err
		}
		return d.answer(d.grantLine(&found, names), func() { d.say("cli.grant.written", "number", found.ID) })
	}
	l := d.grantLine(&found, names)
	l.Task, l.Ground, l.Why = found.Wish.Task, found.Wish.Ground, found.Why
	if dec := &found.Decision; found.DecidedBy != 0 {
		l.Meeting, l.Met, l.Minutes, l.Reason = dec.Meeting, isoDay(dec.Met), dec.Minutes, dec.Reason
	}
	return d.answer(l, func() {
		d.say("cli.grant.shown", "number", l.Case, "name", l.Name, "unit", l.Unit, "state", d.p.T("grant.standing."+l.Standing),
			"from", d.p.Date(found.Wish.From), "until", d.p.Date(found.Wish.Until), "purposes", d.house.Grants.PurposeNames(d.p, l.Purposes),
			"fields", d.house.Grants.FieldNames(d.p, l.Fields))
		for _, part := range [][2]string{{"task", l.Task}, {"ground", l.Ground}, {"minutes", l.Minutes}, {"reason", l.Reason}, {"why", l.Why}} {
			if part[1] != "" {
				d.say("cli.grant.part", "what", d.p.T("grant.record."+part[0]), "text", strings.ReplaceAll(part[1], "\n", " "))
			}
		}
	})
}
