package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"kartotek/internal/fault"
	"kartotek/internal/mailing"
)

type mailingWriteCommand struct {
	inHouse
	asWho
	Unit     string `required:"" placeholder:"CODE"`
	Purpose  string `required:"" placeholder:"PURPOSE"`
	TextLang string `placeholder:"da|en|nb"`
	Letters  bool
	Together bool
	On       day   `placeholder:"DATE"`
	Number   int64 `placeholder:"MAILING"`
}

// mailingOne is a command about one mailing.
type mailingOne struct {
	inHouse
	asWho
	Mailing int64 `arg:"" name:"MAILING"`
}

type mailingPreviewCommand struct{ mailingOne }
type mailingSubmitCommand struct{ mailingOne }
type mailingApproveCommand struct{ mailingOne }
type mailingRefuseCommand struct{ mailingOne }
type mailingSendCommand struct{ mailingOne }
type mailingStopCommand struct{ mailingOne }
type mailingShowCommand struct{ mailingOne }

type mailingListCommand struct {
	inHouse
	asWho
}

// mailingTexts are what is written. They come on standard input: the arguments
// everybody on the machine can read.
type mailingTexts struct {
	Subject string `json:"subject"`
	Text    string `json:"text"`
	ReplyTo string `json:"reply_to"`
}

func (d *desk) mailingTexts() (texts mailingTexts, err error) {
	in := json.NewDecoder(io.LimitReader(d.in, longestTexts))
	in.DisallowUnknownFields()
	if err = in.Decode(&texts); err != nil {
		return texts, fault.New(fault.Invalid, "cli.mailing.form").Because(err)
	}
	return texts, nil
}

// mailingLine is a mailing in an answer. A number that could be about somebody is told
// to whoever may not see the members as "fewer than" so many.
type mailingLine struct {
	Mailing int64          `json:"mailing"`
	State   string         `json:"state"`
	Unit    string         `json:"unit"`
	Purpose string         `json:"purpose"`
	Subject string         `json:"subject"`
	SendAt  string         `json:"send_at,omitempty"`
	Numbers map[string]any `json:"numbers,omitempty"`
	Text    string         `json:"text,omitempty"`
	Grounds string         `json:"grounds,omitempty"`
}

func (d *desk) mailingLine(m *mailing.Mailing) mailingLine {
	l := mailingLine{Mailing: m.ID, State: string(m.State), Unit: d.unitCode(m.Unit), Purpose: m.Purpose, Subject: m.Subject, Grounds: m.Grounds}
	if strings.HasPrefix(m.Grounds, "mailing.grounds.") {
		l.Grounds = d.p.T(m.Grounds)
	}
	if !m.SendAt.IsZero() {
		l.SendAt = m.SendAt.Format(time.RFC3339)
	}
	return l
}

// number is one of a mailing's.
type number struct {
	code  string
	n     int
	blunt bool // it could be about somebody
}

// numbers tell a mailing's counts, before or since it was sent.
func (d *desk) numbers(ctx context.Context, m *mailing.Sight, by mailingOne) ([]number, error) {
	c := &m.Counts
	if !m.BegunAt.IsZero() {
		return []number{
			{"members", c.Members, false}, {"by_mail", c.ByMail, false}, {"accepted", c.Accepted, false}, {"by_letter", c.ByLetter, true},
			{"bounced", c.Bounced, true}, {"objected", c.Objected, true}, {"restricted", c.Restricted + c.LeftOut, true}, {"covered", c.Covered, true},
			{"returned", c.Returned, true}, {"nowhere", c.Nowhere, true}, {"passed", c.Passed, true}, {"unsubscribed", c.Unsubscribed, true},
		}, nil
	}
	actor, err := d.actor(ctx, by.As)
	if err != nil {
		return nil, err
	}
	s, err := d.house.Mailings.Slip(ctx, actor, m.Draft)
	return []number{
		{"by_mail", s.ByMail, false}, {"by_letter", s.ByLetter, true}, {"objected", s.Objected, true}, {"restricted", s.Restricted + s.LeftOut, true},
		{"covered", s.Left.Covered, true}, {"returned", s.Left.Returned, true}, {"nowhere", s.Left.Nowhere, true},
	}, err
}

// tellMailing answers with a mailing, its numbers and, where wanted, its text.
func (d *desk) tellMailing(ctx context.Context, m *mailing.Sight, by mailingOne, text string) error {
	all, err := d.numbers(ctx, m, by)
	if err != nil {
		return err
	}
	l := d.mailingLine(&m.Mailing)
	l.Text, l.Numbers = text, map[string]any{}
	for _, n := range all {
		if l.Numbers[n.code] = n.n; n.blunt && n.n > 0 && n.n < m.Least {
			l.Numbers[n.code] = fmt.Sprintf("<%d", m.Least)
		}
	}
	return d.answer(l, func() {
		d.tellState(&m.Mailing)
		for _, n := range all {
			switch told := l.Numbers[n.code].(type) {
			case string:
				d.say("cli.mailing.number", "what", d.p.T("mailing.count."+n.code), "count", d.p.T("mailing.page.fewer", "count", m.Least))
			case int:
				if told > 0 || !n.blunt {
					d.say("cli.mailing.number", "what", d.p.T("mailing.count."+n.code), "count", d.p.Number(told))
				}
			}
		}
		if l.Grounds != "" {
			d.say("cli.mailing.grounds", "text", strings.ReplaceAll(l.Grounds, "\n", " "))
		}
		if text != "" {
			fmt.Fprintf(d.out, "\n%s\n", text)
		}
	})
}

func (d *desk) tellState(m *mailing.Mailing) {
	d.say("cli.mailing.state", "number", m.ID, "subject", m.Subject, "state", d.p.T("mailing.lead."+string(m.State)))
}

// answerMailing tells of a mailing after an act.
func (d *desk) answerMailing(m *mailing.Mailing, err error) error {
	if err != nil {
		return err
	}
	return d.answer(d.mailingLine(m), func() { d.tellState(m) })
}

func (c *mailingWriteCommand) run(ctx context.Context, d *desk) error {
	texts, err := d.mailingTexts()
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
	w := mailing.Draft{
		Unit: body, Purpose: c.Purpose, Subject: texts.Subject, Text: texts.Text, ReplyTo: texts.ReplyTo, Lang: c.TextLang,
		Letters: c.Letters, Households: c.Together,
	}
	if !c.On.IsZero() {
		w.SendAt = d.house.Charter.Midnight(c.On.Date).Add(8 * time.Hour)
	}
	var m mailing.Mailing
	if c.Number != 0 {
		m, err = d.house.Mailings.Write(ctx, actor, c.Number, w)
	} else {
		m, err = d.house.Mailings.Draft(ctx, actor, w)
	}
	return d.answerMailing(&m, err)
}

func (c *mailingPreviewCommand) run(ctx context.Context, d *desk) error {
	m, err := c.sight(ctx, d)
	if err != nil {
		return err
	}
	byMail, _ := d.house.Mailings.Preview(m.Draft)
	return d.tellMailing(ctx, &m, c.mailingOne, byMail)
}

func (c *mailingShowCommand) run(ctx context.Context, d *desk) error {
	m, err := c.sight(ctx, d)
	if err != nil {
		return err
	}
	return d.tellMailing(ctx, &m, c.mailingOne, "")
}

func (c *mailingOne) sight(ctx context.Context, d *desk) (mailing.Sight, error) {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return mailing.Sight{}, err
	}
	return d.house.Mailings.State(ctx, actor, c.Mailing)
}

func (c *mailingSubmitCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	m, err := d.house.Mailings.Submit(ctx, actor, c.Mailing)
	return d.answerMailing(&m, err)
}

func (c *mailingApproveCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	m, err := d.house.Mailings.Approve(ctx, actor, c.Mailing)
	return d.answerMailing(&m, err)
}

func (c *mailingRefuseCommand) run(ctx context.Context, d *desk) error {
	why, err := d.grounds()
	if err != nil {
		return err
	}
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	m, err := d.house.Mailings.Refuse(ctx, actor, c.Mailing, why)
	return d.answerMailing(&m, err)
}

func (c *mailingSendCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	m, err := d.house.Mailings.Send(ctx, actor, c.Mailing)
	return d.answerMailing(&m, err)
}

func (c *mailingStopCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	m, err := d.house.Mailings.Stop(ctx, actor, c.Mailing)
	return d.answerMailing(&m, err)
}

func (c *mailingListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	all, total, err := d.house.Mailings.List(ctx, actor, 1, 1000)
	if err != nil {
		return err
	}
	lines := make([]mailingLine, len(all))
	t := d.newTable("number", "unit", "purpose", "state", "subject")
	for i := range all {
		m := &all[i].Mailing
		lines[i] = d.mailingLine(m)
		t.add(d.p.T("mailing.page.number", "number", m.ID), lines[i].Unit, lines[i].Purpose, d.p.T("mailing.state."+lines[i].State), m.Subject)
	}
	return d.answer(lines, func() {
		d.print(t)
		d.say("cli.mailing.count", "count", total)
	})
}
