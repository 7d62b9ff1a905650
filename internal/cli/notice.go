package cli

import (
	"context"
	"fmt"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/notice"
)

type holderListCommand struct {
	inHouse
	asWho
}

type holderAddCommand struct {
	inHouse
	asWho
	Name     string   `arg:"" name:"NAME"`
	Country  string   `required:"" placeholder:"CC"`
	Role     string   `required:"" enum:"processor,recipient,international" placeholder:"ROLE"`
	Tells    string   `required:"" enum:"lists,entries,none" placeholder:"WHAT"`
	Email    string   `required:"" placeholder:"E-MAIL"`
	Basis    string   `required:"" placeholder:"TEXT"`
	Who      string   `placeholder:"NAME"`
	Language string   `placeholder:"LANG"`
	Purposes []string `name:"purpose" placeholder:"PURPOSE"`
	Fields   []string `name:"field" placeholder:"FIELD"`
	Units    []string `name:"unit" placeholder:"CODE"`
}

type holderEndCommand struct {
	inHouse
	asWho
	Holder int64 `arg:"" name:"HOLDER"`
}

type holderHandCommand struct {
	inHouse
	asWho
	List   int64 `arg:"" name:"NUMBER"`
	Holder int64 `arg:"" name:"HOLDER"`
	Gone   bool
}

type noticeListCommand struct {
	inHouse
	asWho
	Sort  string `enum:",open,told,holder" default:"" placeholder:"open|told|holder"`
	Limit int    `default:"200" placeholder:"N"`
}

type noticeShowCommand struct {
	inHouse
	asWho
	Notice int64 `arg:"" name:"NOTICE"`
}

type noticeSendCommand struct {
	inHouse
	asWho
}

type noticeAcknowledgeCommand struct {
	inHouse
	asWho
	Notice int64 `arg:"" name:"NOTICE"`
}

type noticeRefuseCommand struct {
	inHouse
	asWho
	Notice int64  `arg:"" name:"NOTICE"`
	Ground string `required:"" placeholder:"TEXT"`
	Effort bool
}

// holderAnswer is a holder outside. Who answers there is not told on a console.
type holderAnswer struct {
	Holder   int64    `json:"holder"`
	Name     string   `json:"name"`
	Country  string   `json:"country"`
	Role     string   `json:"role"`
	Tells    string   `json:"tells"`
	Purposes []string `json:"purposes"`
	Fields   []string `json:"fields"`
	Lists    int      `json:"lists"`
	Open     int      `json:"open"`
}

func holderAnswerOf(h *notice.Holder) holderAnswer {
	return holderAnswer{h.ID, h.Name, h.Country, string(h.Role), string(h.Tells), append([]string{}, h.Purposes...), append([]string{}, h.Fields...), h.Lists, h.Open}
}

func (c *holderListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	all, err := d.house.Notices.Holders(ctx, actor)
	if err != nil {
		return err
	}
	answers := make([]holderAnswer, len(all))
	t := d.newTable("holder", "name", "kind", "what", "list", "open")
	t.right[0], t.right[4], t.right[5] = true, true, true
	for i := range all {
		h := &all[i]
		answers[i] = holderAnswerOf(h)
		t.add(d.p.Number(int(h.ID)), h.Name+" ("+h.Country+")", d.p.T("notice.role."+string(h.Role)), d.p.T("notice.tells."+string(h.Tells)), d.p.Number(h.Lists), d.p.Number(h.Open))
	}
	return d.answer(answers, func() {
		d.print(t)
		if len(all) == 0 {
			d.say("notice.holders.empty")
		}
	})
}

func (c *holderAddCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	h := notice.Holder{
		Name: c.Name, Country: c.Country, Role: notice.Role(c.Role), Tells: notice.Tells(c.Tells), Purposes: c.Purposes, Fields: c.Fields,
		Contact: notice.Contact{Who: c.Who, Email: c.Email, Basis: c.Basis, Language: c.Language},
	}
	for _, code := range c.Units {
		id, err := d.body(code)
		if err != nil {
			return err
		}
		h.Bodies = append(h.Bodies, id)
	}
	made, err := d.house.Notices.AddHolder(ctx, actor, h)
	if err != nil {
		return err
	}
	return d.answer(holderAnswerOf(&made), func() { d.say("cli.notice.added", "holder", made.ID, "name", made.Name) })
}

// holderDone does something with holders or notices and says that it is done.
func (d *desk) holderDone(ctx context.Context, who, said string, number int64, act func(access.Actor) error) error {
	actor, err := d.actor(ctx, who)
	if err != nil {
		return err
	}
	if err := act(actor); err != nil {
		return err
	}
	return d.answer(struct {
		Number int64 `json:"number"`
	}{number}, func() { d.say(said, "number", number) })
}

func (c *holderEndCommand) run(ctx context.Context, d *desk) error {
	return d.holderDone(ctx, c.As, "notice.done.ended", c.Holder, func(by access.Actor) error { return d.house.Notices.EndHolder(ctx, by, c.Holder) })
}

func (c *holderHandCommand) run(ctx context.Context, d *desk) error {
	if c.Gone {
		return d.holderDone(ctx, c.As, "notice.done.gone", c.List, func(by access.Actor) error { return d.house.Notices.Destroyed(ctx, by, c.List, c.Holder) })
	}
	return d.holderDone(ctx, c.As, "notice.done.handed", c.List, func(by access.Actor) error { return d.house.Notices.Hand(ctx, by, c.List, c.Holder) })
}

// noticeAnswer is a notice; no line of it says who.
type noticeAnswer struct {
	Notice     int64        `json:"notice"`
	Holder     string       `json:"holder"`
	State      string       `json:"state"`
	ToldAt     string       `json:"told_at"`
	RemindedAt string       `json:"reminded_at,omitempty"`
	DoneAt     string       `json:"done_at,omitempty"`
	Count      int          `json:"count"`
	Lines      []noticeLine `json:"lines,omitempty"`
	Ground     string       `json:"ground,omitempty"`
}

type noticeLine struct {
	List   int64    `json:"list,omitempty"`
	Line   int      `json:"line,omitempty"`
	Entry  string   `json:"entry,omitempty"`
	Why    string   `json:"why"`
	Fields []string `json:"fields,omitempty"`
}

func noticeOf(n *notice.Notice) noticeAnswer {
	a := noticeAnswer{Notice: n.ID, Holder: n.Name, State: string(n.State), ToldAt: isoTime(n.ToldAt), RemindedAt: isoTime(n.Reminded), DoneAt: isoTime(n.DoneAt), Count: n.Count, Ground: n.Ground}
	for i := range n.Lines {
		l := &n.Lines[i]
		a.Lines = append(a.Lines, noticeLine{l.List, l.Line, l.Entry, string(l.Why), l.Fields})
	}
	return a
}

func (c *noticeListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	page, err := d.house.Notices.List(ctx, actor, c.Sort, 1, c.Limit)
	if err != nil {
		return err
	}
	answers := make([]noticeAnswer, len(page.Notices))
	t := d.newTable("notice", "holder", "lines", "at", "state")
	t.right[0], t.right[2] = true, true
	for i := range page.Notices {
		n := &page.Notices[i]
		answers[i] = noticeOf(n)
		t.add(d.p.Number(int(n.ID)), n.Name, d.p.Number(n.Count), d.p.DateTime(n.ToldAt, d.house.Charter.Location()), d.p.T("notice.state."+string(n.State)))
	}
	return d.answer(answers, func() {
		d.print(t)
		d.say("notice.list.note", "count", page.Open)
	})
}

func (c *noticeShowCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	n, err := d.house.Notices.Read(ctx, actor, c.Notice)
	if err != nil {
		return err
	}
	return d.answer(noticeOf(&n), func() {
		d.say("notice.single.lead", "holder", n.Name)
		for i := range n.Lines {
			fmt.Fprintf(d.out, "  %s\n", app.NoticeLine(d.p, &n.Lines[i], d.fieldWord))
		}
		d.say("notice.state." + string(n.State))
	})
}

// fieldWord is what the charter calls a field.
func (d *desk) fieldWord(lang, code string) string {
	if f, known := d.house.Charter.Field(code); known {
		return f.Name.In(lang)
	}
	return code
}

func (c *noticeSendCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	stop := d.sending()
	defer stop()
	sent, err := d.house.Notices.SendNow(ctx, actor)
	if err != nil {
		return err
	}
	return d.answer(map[string]int{"sent": sent}, func() { d.say("notice.done.sent", "number", sent) })
}

func (c *noticeAcknowledgeCommand) run(ctx context.Context, d *desk) error {
	return d.holderDone(ctx, c.As, "notice.done.settled", c.Notice, func(by access.Actor) error {
		return d.house.Notices.Settle(ctx, by, c.Notice, notice.Acknowledged, "")
	})
}

func (c *noticeRefuseCommand) run(ctx context.Context, d *desk) error {
	next := notice.Refused
	if c.Effort {
		next = notice.Effort
	}
	return d.holderDone(ctx, c.As, "notice.done.settled", c.Notice, func(by access.Actor) error {
		return d.house.Notices.Settle(ctx, by, c.Notice, next, c.Ground)
	})
}
