package cli

import (
	"context"
	"strconv"

	"kartotek/internal/charter"
	"kartotek/internal/joining"
)

type joinListCommand struct {
	inHouse
	asWho
}

// ofApplication is the application a command is about.
type ofApplication struct {
	inHouse
	asWho
	Application int64 `arg:"" name:"APPLICATION"`
}

type joinShowCommand struct{ ofApplication }

type joinAcceptCommand struct {
	ofApplication
	Unit string `placeholder:"CODE"`
}

type joinDeclineCommand struct {
	ofApplication
	Reason string `required:"" placeholder:"REASON"`
}

// joinSameCommand says for the secretariat who an applicant is.
type joinSameCommand struct {
	ofApplication
	Member string `xor:"who" required:"" placeholder:"MEMBER-NO"`
	Nobody bool   `xor:"who" required:""`
}

// applicationLine is an application in an answer.
type applicationLine struct {
	Application int64             `json:"application"`
	State       string            `json:"state"`
	Name        string            `json:"name"`
	Unit        string            `json:"unit"`
	EndsOn      string            `json:"ends_on"`
	Values      map[string]string `json:"values,omitempty"` // of one that is shown
	Sponsor     string            `json:"sponsor,omitempty"`
	Question    string            `json:"question,omitempty"`
	Answer      string            `json:"answer,omitempty"`
	MemberOn    string            `json:"member_on,omitempty"` // whoever is accepted becomes one that day
	Alike       []alikeLine       `json:"alike,omitempty"`     // members who may be the applicant
	Same        *alikeLine        `json:"same,omitempty"`      // the member the applicant is
}

// alikeLine is a member who may be an applicant.
type alikeLine struct {
	Name  string   `json:"name"`
	Units []string `json:"units"`
}

func (d *desk) alikeLine(like *joining.Like) alikeLine {
	line := alikeLine{Name: like.Name}
	for _, id := range like.Units {
		line.Units = append(line.Units, d.unitCode(id))
	}
	return line
}

func (d *desk) applicationLine(s *joining.Seen) applicationLine {
	return applicationLine{Application: s.ID, State: string(s.State), Name: s.Name, Unit: d.unitCode(s.Unit), EndsOn: s.DueOn.String()}
}

func (c *joinListCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	seen, _, err := d.house.Joining.List(ctx, actor, 0, 1000)
	if err != nil {
		return err
	}
	lines := make([]applicationLine, 0, len(seen))
	for i := range seen {
		lines = append(lines, d.applicationLine(&seen[i]))
	}
	return d.answer(lines, func() {
		if len(lines) == 0 {
			d.say("joining.list.none")
			return
		}
		t := d.newTable("application", "name", "unit", "state", "until")
		for i, l := range lines {
			t.add(strconv.FormatInt(l.Application, 10), l.Name, l.Unit, d.p.T("joining.state."+l.State), d.p.ShortDate(seen[i].DueOn))
		}
		d.print(t)
	})
}

func (c *joinShowCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	s, err := d.house.Joining.One(ctx, actor, c.Application)
	if err != nil {
		return err
	}
	line := d.applicationLine(&s)
	line.Values, line.Sponsor, line.Question, line.Answer = s.Form.Draft.Values, s.Sponsor, s.Form.Question, s.Form.Answer
	if s.State.Undecided() {
		line.MemberOn = s.Settles.String()
	}
	for i := range s.Alike {
		line.Alike = append(line.Alike, d.alikeLine(&s.Alike[i]))
	}
	if s.Same != nil {
		same := d.alikeLine(s.Same)
		line.Same = &same
	}
	return d.answer(line, func() {
		d.say("joining.case.of", "name", line.Name)
		t := d.newTable("field", "value")
		for i := range d.house.Charter.Fields {
			if f := &d.house.Charter.Fields[i]; line.Values[f.Code] != "" {
				t.add(f.Name.In(d.p.Lang()), line.Values[f.Code])
			}
		}
		if line.Sponsor != "" {
			t.add(d.p.T("joining.case.sponsor"), line.Sponsor)
		}
		if line.Question != "" {
			t.add(line.Question, line.Answer)
		}
		for _, like := range line.Alike {
			t.add(d.p.T("joining.case.alike"), like.Name+" ("+d.p.List(like.Units)+")")
		}
		if line.Same != nil {
			t.add(d.p.T("joining.case.same"), line.Same.Name+" ("+d.p.List(line.Same.Units)+")")
		}
		d.print(t)
		if s.State.Undecided() && s.Settles.After(d.house.Access.Today()) {
			d.say("joining.case.accept_text_on", "date", s.Settles)
		}
	})
}

func (c *joinAcceptCommand) run(ctx context.Context, d *desk) error {
	actor, body, err := d.actorIn(ctx, c.As, c.Unit)
	if err != nil {
		return err
	}
	a, err := d.house.Joining.Accept(ctx, actor, c.Application, body)
	switch {
	case err != nil:
		return err
	case a.State == joining.Agreed:
		return d.done("joining.notice.agreed")
	case a.State == joining.Declined:
		return d.done("joining.notice.unconfirmed")
	}
	return d.done("joining.notice.accepted")
}

func (c *joinSameCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if c.Nobody {
		_, err = d.house.Joining.Distinguish(ctx, actor, c.Application)
	} else {
		person, found := d.member(ctx, actor, charter.View, 0, c.Member)
		if found != nil {
			return found
		}
		_, err = d.house.Joining.Identify(ctx, actor, c.Application, person)
	}
	if err != nil {
		return err
	}
	return d.done("joining.notice.looked")
}

func (c *joinDeclineCommand) run(ctx context.Context, d *desk) error {
	actor, err := d.actor(ctx, c.As)
	if err != nil {
		return err
	}
	if _, err := d.house.Joining.Decline(ctx, actor, c.Application, c.Reason); err != nil {
		return err
	}
	return d.done("joining.notice.declined")
}
