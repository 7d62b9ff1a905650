package cli

import (
	"context"
	"encoding/json"
	"io"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/handout"
	"kartotek/internal/vault"
)

type requisitionAskCommand struct {
	inHouse
	asWho
	Unit      string `placeholder:"CODE"`
	Purpose   string `required:"" placeholder:"PURPOSE"`
	Format    string `default:"xlsx" enum:"xlsx,csv,pdf" placeholder:"FORMAT"`
	Until     day    `placeholder:"DATE"`
	For       string `placeholder:"MEMBER-NO" xor:"who"`
	Recipient string `placeholder:"KIND" xor:"who"`
	Outside   bool
	Channel   string `default:"phone" enum:"phone,mail" placeholder:"phone|mail"`
}

type requisitionListCommand struct {
	inHouse
	asWho
}

type requisitionShowCommand struct {
	inHouse
	asWho
	Case int64 `arg:"" name:"CASE"`
}

type requisitionApproveCommand struct {
	inHouse
	asWho
	Case int64 `arg:"" name:"CASE"`
}

type requisitionRefuseCommand struct {
	inHouse
	asWho
	Case int64 `arg:"" name:"CASE"`
}

type requisitionWithdrawCommand struct {
	inHouse
	asWho
	Case int64 `arg:"" name:"CASE"`
}

type requisitionAgainCommand struct {
	inHouse
	asWho
	Case int64 `arg:"" name:"CASE"`
}

type requisitionCodeCommand struct {
	inHouse
	asWho
	Case int64 `arg:"" name:"CASE"`
}

// requisitionTexts are what is written about a requisition. They come on standard
// input: the arguments everybody on the machine can read.
type requisitionTexts struct {
	Need     string `json:"need"`
	Name     string `json:"name"`
	Email    string `json:"email"`
	Function string `json:"function"`
}

// requisitionLine is a requisition in an answer.
type requisitionLine struct {
	Case      int64   `json:"case"`
	State     string  `json:"state"`
	ID        string  `json:"id"` // of the recipient, the public one
	Name      string  `json:"name,omitempty"`
	As        string  `json:"as"`
	Outside   bool    `json:"outside,omitempty"`
	Unit      string  `json:"unit"`
	Purpose   string  `json:"purpose"`
	Format    string  `json:"format"`
	Asked     string  `json:"asked"`
	AnswerBy  string  `json:"answer_by,omitempty"`  // while it waits
	OpenUntil string  `json:"open_until,omitempty"` // while it can be fetched
	Lists     []int64 `json:"lists,omitempty"`
	Need      string  `json:"need,omitempty"` // of one that is shown
	Function  string  `json:"function,omitempty"`
	Grounds   string  `json:"grounds,omitempty"`
	Why       string  `json:"why,omitempty"`
	Members   *int    `json:"members,omitempty"` // on the list, while it waits
	Without   *int    `json:"without,omitempty"` // left out, since they have not consented
}

func (d *desk) requisitionLine(c *handout.Case, names map[vault.PersonID]string) requisitionLine {
	l := requisitionLine{
		Case: c.ID, State: string(c.State), ID: d.house.Keyring.PublicID(c.Person), Name: names[c.Person], As: c.Wish.As, Outside: c.Wish.To.Outside,
		Unit: d.unitCode(c.Wish.Unit), Purpose: c.Wish.Purpose, Format: c.Wish.Format, Asked: isoDay(d.house.Charter.Today(c.AskedAt)), Lists: c.Lists,
	}
	switch c.State {
	case handout.Asked:
		l.AnswerBy = isoDay(c.AnswerBy)
	case handout.Approved:
		l.OpenUntil = isoDay(c.OpenUntil)
	}
	return l
}

// requisitionNames are the names of recipients, members or not.
func (d *desk) requisitionNames(ctx context.Context, scope access.Scope, all ...handout.Case) (map[vault.PersonID]string, error) {
	var members, others []vault.PersonID
	for i := range all {
		if all[i].Member() {
			members = append(members, all[i].Person)
		} else {
			others = append(others, all[i].Person)
		}
	}
	names, err := d.house.Members.Names(ctx, scope, members)
	if err != nil {
		return nil, err
	}
	known, err := d.house.Handouts.Names(ctx, scope, others...)
	for person, k := range known {
		names[person] = k.Name
	}
	return names, err
}

// answerRequisition tells of a requisition after an act.
func (d *desk) answerRequisition(c *handout.Case, key string) error {
	return d.answer(d.requisitionLine(c, nil), func() {
		d.say(key, "number", c.ID, "date", d.p.Date(c.AnswerBy), "until", d.p.Date(c.OpenUntil))
	})
}

func (c *requisitionAskCommand) run(ctx context.Context, d *desk) error {
	var texts requisitionTexts
	in := json.NewDecoder(io.LimitReader(d.in, longestTexts))
	in.DisallowUnknownFields()
	if err := in.Decode(&texts); err != nil {
		return fault.New(fault.Invalid, "cli.requisition.form").Because(err)
	}
	body, err := d.body(c.Unit)
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	w := handout.Wish{Unit: body, Purpose: c.Purpose, Format: c.Format, Need: texts.Need, Until: c.Until.Date, Channel: c.Channel}
	switch {
	case c.Recipient != "":
		w.As, w.To = c.Recipient, handout.Recipient{
			Name: texts.Name, Email: texts.Email, Function: texts.Function, Lang: d.house.Charter.Lang(), Outside: c.Outside,
		}
	case c.For != "":
		if w.For, err = d.member(ctx, actor, charter.View, 0, c.For); err != nil {
			return err
		}
	default:
		w.For = actor.Person
	}
	for _, b := range d.house.Handouts.Bodies(w.For) {
		if w.For != 0 && (body == 0 || b.Unit == body) {
			w.Unit, w.As = b.Unit, b.Post
		}
	}
	made, err := d.house.Handouts.Ask(ctx, actor, w)
	if err != nil {
		return err
	}
	return d.answerRequisition(&made, "cli.requisition.asked")
}

func (c *requisitionListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	all, scope, err := d.house.Handouts.List(ctx, actor)
	if err != nil {
		return err
	}
	names, err := d.requisitionNames(ctx, scope, all...)
	if err != nil {
		return err
	}
	lines := make([]requisitionLine, 0, len(all))
	t := d.newTable("number", "unit", "name", "purpose", "requisitioned", "state")
	t.right[0] = true
	for i := range all {
		l := d.requisitionLine(&all[i], names)
		lines = append(lines, l)
		t.add(d.p.T("cli.list.number", "number", l.Case), l.Unit, l.Name, l.Purpose, d.shortDay(d.house.Charter.Today(all[i].AskedAt)), d.p.T("handout.state."+l.State))
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.requisition.count", "count", len(all))
	})
}

// show tells a requisition whole, and to whoever decides it what the list would be.
func (c *requisitionShowCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	found, scope, err := d.house.Handouts.Get(ctx, actor, c.Case)
	if err != nil {
		return err
	}
	names, err := d.requisitionNames(ctx, scope, found)
	if err != nil {
		return err
	}
	l := d.requisitionLine(&found, names)
	l.Need, l.Function, l.Grounds, l.Why = found.Wish.Need, found.Wish.To.Function, found.Grounds, found.Why
	if found.State.Open() && d.house.Handouts.Office(actor) {
		slip, err := d.house.Handouts.Foresee(ctx, actor, found.ID)
		if err != nil {
			return err
		}
		l.Members, l.Without = &slip.Members, &slip.Without
	}
	return d.answer(l, func() {
		d.say("cli.requisition.shown", "number", l.Case, "name", l.Name, "unit", l.Unit, "purpose", l.Purpose, "state", d.p.T("handout.state."+l.State))
		for _, part := range [][2]string{{"function", l.Function}, {"need", l.Need}, {"grounds", l.Grounds}, {"why", l.Why}} {
			if part[1] != "" {
				d.say("cli.grant.part", "what", d.p.T("handout.record."+part[0]), "text", strings.ReplaceAll(part[1], "\n", " "))
			}
		}
		if l.Members != nil {
			d.say("cli.requisition.slip", "count", *l.Members, "without", *l.Without)
		}
	})
}

func (c *requisitionApproveCommand) run(ctx context.Context, d *desk) error {
	return d.requisitionAct(ctx, c.As, "cli.requisition.approved", func(actor access.Actor, text string) (handout.Case, error) {
		return d.house.Handouts.Approve(ctx, actor, c.Case, text)
	})
}

func (c *requisitionRefuseCommand) run(ctx context.Context, d *desk) error {
	return d.requisitionAct(ctx, c.As, "cli.requisition.refused", func(actor access.Actor, text string) (handout.Case, error) {
		return d.house.Handouts.Refuse(ctx, actor, c.Case, text)
	})
}

func (c *requisitionWithdrawCommand) run(ctx context.Context, d *desk) error {
	return d.requisitionAct(ctx, c.As, "cli.requisition.withdrawn", func(actor access.Actor, text string) (handout.Case, error) {
		return d.house.Handouts.Withdraw(ctx, actor, c.Case, text)
	})
}

// requisitionAct does something about a requisition, with grounds on standard input.
func (d *desk) requisitionAct(ctx context.Context, as, said string, act func(actor access.Actor, text string) (handout.Case, error)) error {
	text, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, as)
	if err != nil {
		return err
	}
	made, err := act(actor, text)
	if err != nil {
		return err
	}
	return d.answerRequisition(&made, said)
}

func (c *requisitionAgainCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	made, err := d.house.Handouts.Again(ctx, actor, c.Case)
	if err != nil {
		return err
	}
	return d.answerRequisition(&made, "cli.requisition.again")
}

// code gives the code to read out on the phone.
func (c *requisitionCodeCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	code, err := d.house.Handouts.ReadCode(ctx, actor, c.Case)
	if err != nil {
		return err
	}
	return d.answer(struct {
		Code string `json:"code"`
	}{code}, func() { d.say("cli.requisition.code", "code", code) })
}
