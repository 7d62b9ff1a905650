package web

import (
	"net/url"
	"strconv"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/mailing"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// mailingForm is the form by which a message is written, or changed.
type mailingForm struct {
	Problems look.Problems
	Action   string
	Back     string
	Title    string
	Bodies   look.Select // none to choose where a draft is changed
	Body     string
	Purposes look.Choices
	Langs    look.Select
	Subject  string
	Text     string
	Reply    string
	Letters  bool
	Together bool
	Day      string
	Days     int // within which it is answered
}

// mailingBodies are the bodies the visitor writes for, and which of them is meant: of
// a code, else the first.
func (v *visit) mailingBodies(code string) (options []look.Option, body unit.Unit, err error) {
	tree := v.house.Units.Tree()
	bodies := v.house.Mailings.Bodies(v.actor)
	if len(bodies) == 0 {
		return nil, body, fault.New(fault.Denied, "mailing.denied.see")
	}
	if v.hat != nil && v.hat.Basis.Right == access.ByPosition {
		options = v.bodyOptions(charter.Pull)
	} else if len(bodies) > 1 {
		for _, b := range bodies {
			u, _ := tree.ByID(b.Unit)
			options = append(options, look.Option{Value: u.Code, Text: v.reachName(u.ID)})
		}
	}
	body, _ = tree.ByID(bodies[0].Unit)
	if code != "" {
		var known bool
		if body, known = tree.ByCode(code); !known {
			return nil, body, fault.New(fault.NotFound, "unit.error.unknown")
		}
	}
	if len(v.house.Mailings.Sendable(v.actor, body.ID)) == 0 {
		return nil, body, fault.New(fault.Denied, "mailing.denied.write")
	}
	return options, body, nil
}

func mailingNewForm(v *visit) error {
	q := v.query()
	return v.mailingForm(0, form{url.Values{
		"unit": {q.text("unit")}, "purpose": {q.text("purpose")}, "letters": {"yes"}, "together": {"yes"},
	}}, nil)
}

func mailingEditForm(v *visit) error {
	m, err := v.mailingAsked()
	if err != nil {
		return err
	}
	if !m.May.Write {
		return fault.New(fault.Conflict, "mailing.error.state")
	}
	body, _ := v.house.Units.Tree().ByID(m.Unit)
	f := form{url.Values{"unit": {body.Code}, "purpose": {m.Purpose}, "subject": {m.Subject}, "text": {m.Text}, "reply": {m.ReplyTo}, "lang": {m.Lang}}}
	if !m.SendAt.IsZero() {
		f.values.Set("day", v.p.ShortDate(v.house.Charter.Today(m.SendAt)))
	}
	for name, yes := range map[string]bool{"letters": m.Letters, "together": m.Households} {
		if yes {
			f.values.Set(name, "yes")
		}
	}
	return v.mailingForm(m.ID, f, nil)
}

func (v *visit) mailingAsked() (mailing.Sight, error) {
	id, err := strconv.ParseInt(v.r.PathValue("mailing"), 10, 64)
	if err != nil {
		return mailing.Sight{}, errNotFound
	}
	return v.house.Mailings.State(v.ctx(), v.actor, id)
}

func (v *visit) mailingForm(id int64, f form, problems look.Problems) error {
	options, body, err := v.mailingBodies(f.text("unit"))
	if err != nil {
		return err
	}
	view := mailingForm{
		Problems: problems, Action: mailingNewPath, Back: mailingsPath, Title: v.T("mailing.page.new"), Body: v.reachName(body.ID),
		Subject: f.text("subject"), Text: f.values.Get("text"), Reply: f.text("reply"), Letters: f.has("letters"), Together: f.has("together"), Day: f.text("day"),
		Days:   v.house.Charter.Mailings.AnswerDays.Value,
		Bodies: look.Select{Name: "unit", Label: v.T("mailing.page.body"), Value: body.Code, Options: options, Width: look.Middle},
		Langs:  look.Select{Name: "lang", Label: v.T("mailing.page.lang"), Value: f.text("lang"), Width: look.Short, Error: problems.For("lang")},
		Purposes: look.Choices{
			Name: "purpose", Legend: v.T("mailing.page.purpose"), Error: problems.For("purpose"),
		},
	}
	if view.Langs.Value == "" {
		view.Langs.Value = v.house.Charter.Lang()
	}
	for _, code := range locale.Languages() {
		view.Langs.Options = append(view.Langs.Options, look.Option{Value: code, Text: locale.For(code).Name()})
	}
	if id != 0 {
		view.Action, view.Back, view.Title = mailingPath(id)+"/edit", mailingPath(id), v.T("mailing.page.edit")
		view.Bodies.Options = nil
	}
	for _, p := range v.house.Mailings.Sendable(v.actor, body.ID) {
		hint := p.Hint.In(v.p.Lang())
		if v.house.Mailings.Alone(v.actor, body.ID, p.Code) {
			hint += " " + v.T("mailing.page.alone")
		}
		view.Purposes.Options = append(view.Purposes.Options, look.Choice{Value: p.Code, Text: p.Name.In(v.p.Lang()), Hint: hint, Checked: f.text("purpose") == p.Code})
	}
	return v.show(page{title: view.Title, tab: tabLists, body: mailingFormBody(view), failed: problems != nil})
}

// mailingDraft reads the form.
func (v *visit) mailingDraft(f form) (mailing.Draft, look.Problems) {
	d := mailing.Draft{
		Purpose: f.text("purpose"), Subject: f.text("subject"), Text: f.values.Get("text"), ReplyTo: f.text("reply"), Lang: f.text("lang"),
		Letters: f.has("letters"), Households: f.has("together"),
	}
	day, ok := f.date("day")
	if !ok {
		return d, look.Problems{{Field: "day", Text: v.T("fault.field.date")}}
	}
	if !day.IsZero() {
		d.SendAt = v.house.Charter.Midnight(day).Add(8 * time.Hour)
	}
	return d, nil
}

func mailingCreate(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	_, body, err := v.mailingBodies(f.text("unit"))
	if err != nil {
		return err
	}
	d, problems := v.mailingDraft(f)
	d.Unit = body.ID
	if problems == nil {
		m, err := v.house.Mailings.Draft(v.ctx(), v.actor, d)
		if problems, err = v.problems(err); err != nil {
			return err
		}
		if problems == nil {
			return v.toWith(mailingPath(m.ID), "mailing.notice.saved")
		}
	}
	return v.mailingForm(0, f, problems)
}

func mailingUpdate(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	m, err := v.mailingAsked()
	if err != nil {
		return err
	}
	d, problems := v.mailingDraft(f)
	if problems == nil {
		_, err := v.house.Mailings.Write(v.ctx(), v.actor, m.ID, d)
		if problems, err = v.problems(err); err != nil {
			return err
		}
		if problems == nil {
			return v.toWith(mailingPath(m.ID), "mailing.notice.saved")
		}
	}
	body, _ := v.house.Units.Tree().ByID(m.Unit)
	f.values.Set("unit", body.Code)
	return v.mailingForm(m.ID, f, problems)
}
