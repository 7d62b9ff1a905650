package web

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/joining"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// The open form. A body stands in its address by code, the applicant's own page by
// a secret of the mail; what is typed travels in the body of a POST only.
const (
	joinPath = "/join"
	ownPath  = "/joining/application"
	keyField = "key"
)

// joinView is the form.
type joinView struct {
	Action, Title string
	Problems      look.Problems
	Groups        []fieldGroup
	Body          look.Select // without a name where the door says which
	Sponsor       look.Field  // without a name where the charter wants none
	Read          look.Check  // likewise
	Begun         string
	Told          look.Rows
}

// door gives the body of the address; 0 and true for the national door itself.
func (v *visit) door() (unit.Unit, bool) {
	if !v.house.Charter.Joining.Open() {
		return unit.Unit{}, false
	}
	code := v.r.PathValue("body")
	if code == "" {
		return unit.Unit{}, true
	}
	body, known := v.house.Units.Tree().ByCode(code)
	if level, ok := v.house.Charter.Level(body.Level); !known || !ok || !level.Members || body.Closed {
		return unit.Unit{}, false
	}
	return body, true
}

// joinPage is the form, or where each body has its own door the bodies.
func joinPage(v *visit) error {
	body, ok := v.door()
	if !ok {
		return errNotFound
	}
	if body.ID == 0 && v.house.Charter.Joining.Door == charter.DoorBody {
		var doors []look.Link
		for _, u := range v.house.Joining.Doors() {
			doors = append(doors, look.Link{Text: u.Name, URL: joinPath + "/" + u.Code})
		}
		return v.show(page{title: v.T("joining.title"), body: doorsBody(doors)})
	}
	return v.joinForm(body, editing{})
}

func (v *visit) joinForm(body unit.Unit, e editing) error {
	j := &v.house.Charter.Joining
	view := joinView{Action: joinPath, Title: v.T("joining.title"), Problems: e.problems, Begun: strconv.FormatInt(v.house.Now().Unix(), 10), Told: v.informed(body)}
	if body.ID != 0 {
		view.Action, view.Title = joinPath+"/"+body.Code, v.T("joining.title_of", "body", body.Name)
	} else {
		view.Body = look.Select{Name: "unit", Label: v.T("joining.body"), Hint: v.T("joining.body_hint"), Error: e.problems.For("unit")}
		view.Body.Options = []look.Option{{Text: v.T("joining.body_choose")}, {Value: "-", Text: v.T("joining.body_unknown")}}
		for _, u := range v.house.Joining.Doors() {
			view.Body.Options = append(view.Body.Options, look.Option{Value: u.Code, Text: u.Name})
		}
		if e.back() {
			view.Body.Value = e.form.text("unit")
		}
	}
	for _, id := range []string{"who", "where", "reach"} {
		view.Groups = append(view.Groups, fieldGroup{ID: id})
	}
	view.Groups[0].Title, view.Groups[1].Title, view.Groups[2].Title = v.T("joining.who"), v.T("joining.where"), v.T("joining.reach")
	for _, f := range v.house.Joining.Asked() {
		field := fieldView{Field: f, Name: f.Name.In(v.p.Lang()), Error: e.problems.For(f.Code), Required: v.house.Joining.Needs(f)}
		if e.back() {
			field.Value = e.form.text(f.Code)
		}
		if f.Type == charter.TypeDate {
			field.Hint = v.T("card.hint.date")
		}
		if field.Required {
			field.Hint = v.T("joining.needed") + " " + field.Hint
		}
		at := 0
		switch f.Code {
		case "address", "postal", "town", "country":
			at = 1
		case "email", "mobile":
			at = 2
		}
		view.Groups[at].Fields = append(view.Groups[at].Fields, field)
	}
	if j.Sponsor.Value {
		view.Sponsor = look.Field{Name: "sponsor", Label: v.T("joining.sponsor_label"), Hint: v.T("joining.sponsor_hint"), Error: e.problems.For("sponsor"), Value: e.text("sponsor"), MaxLength: 254, Autocomplete: "off", Required: true}
	}
	if j.ConfirmRead {
		view.Read = look.Check{Name: "read", Text: v.T("joining.read"), Error: e.problems.For("read"), Checked: e.back() && e.form.has("read"), Required: true}
	}
	return v.show(page{title: view.Title, body: joinBody(view), failed: len(e.problems) > 0})
}

// text is what was typed in a form that came back.
func (e editing) text(name string) string {
	if !e.back() {
		return ""
	}
	return e.form.text(name)
}

// informed is what an applicant must know before they send anything (Art. 13), made
// from the charter, so that the text and what is done cannot drift apart.
func (v *visit) informed(body unit.Unit) look.Rows {
	c, lang := v.house.Charter, v.p.Lang()
	j := &c.Joining
	who := v.T("joining.told.controller_own", "body", v.organisation())
	if body.ID == 0 && slices.ContainsFunc(c.Levels, func(l charter.Level) bool { return l.Members && l.Controller == charter.ControllerJoint }) {
		who = v.T("joining.told.controller_chosen", "organisation", v.organisation())
	}
	if level, ok := c.Level(body.Level); body.ID != 0 && ok {
		who = v.T("joining.told.controller_own", "body", body.Name)
		if level.Controller == charter.ControllerJoint {
			who = v.T("joining.told.controller_joint", "body", body.Name, "organisation", v.organisation())
		}
	}
	article := func(six, nine string) string {
		if nine != "" {
			return six + ", " + nine
		}
		return six
	}
	why := []string{v.T("joining.told.why_apply", "basis", j.BasisText.In(lang), "article", article(j.Basis, j.Basis9))}
	for i := range c.Purposes {
		p := &c.Purposes[i]
		why = append(why, v.T("joining.told.why_member", "purpose", lowered(p.Name.In(lang)), "basis", p.BasisText.In(lang), "article", article(p.Basis, p.Basis9)))
	}
	seen := []string{v.T("joining.told.seen_text")}
	if j.Sponsor.Value {
		seen = append(seen, v.T("joining.told.seen_sponsor"))
	}
	return look.Rows{
		{Term: v.T("joining.told.controller"), Value: paragraphs([]string{who, v.T("joining.told.contact")})},
		{Term: v.T("joining.told.why"), Value: paragraphs(why)},
		{Term: v.T("joining.told.seen"), Value: paragraphs(seen)},
		{Term: v.T("joining.told.long"), Value: look.Text(v.T("joining.told.long_text",
			"unfinished", j.UnfinishedDays.Value, "undecided", j.UndecidedDays.Value, "declined", j.DeclinedDays.Value))},
		{Term: v.T("joining.told.needed"), Value: paragraphs([]string{v.T("joining.told.needed_text", "age", c.MinimumAge), v.T("joining.told.consent")})},
		{Term: v.T("joining.told.rights"), Value: look.Text(v.T("joining.told.rights_text", "authority", v.house.Directory.Authority(body.ID, v.p).Text))},
	}
}

// quickest is how soon a person can have filled in the form.
const quickest = 2 * time.Second

// joinSend takes the form. A program that fills in what people do not see is
// answered like everybody and kept nowhere.
func joinSend(v *visit) error {
	body, ok := v.door()
	if !ok {
		return errNotFound
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	if f.text("website") != "" {
		return v.to("/joining/sent")
	}
	e := editing{form: f}
	if begun := f.number("begun"); begun == 0 || v.house.Now().Sub(time.Unix(begun, 0)) < quickest {
		e.problems = look.Problems{{Text: v.T("joining.error.quick")}}
		return v.joinForm(body, e)
	}
	w := joining.Wish{Unit: body.ID, Values: map[string]string{}, Language: v.p.Lang(), Sponsor: f.text("sponsor"), Read: f.has("read"), Remote: v.remote()}
	for _, field := range v.house.Joining.Asked() {
		w.Values[field.Code] = f.text(field.Code)
	}
	if body.ID == 0 {
		chosen, known := v.house.Units.Tree().ByCode(f.text("unit"))
		switch {
		case known:
			w.Unit = chosen.ID
		case f.text("unit") != "-":
			e.problems = look.Problems{{Field: "unit", Text: v.T("joining.error.unit")}}
			return v.joinForm(body, e)
		}
	}
	e.problems, err = v.problems(v.house.Joining.Apply(v.ctx(), w))
	if err != nil {
		return err
	}
	if e.problems != nil {
		return v.joinForm(body, e)
	}
	return v.to("/joining/sent")
}

// joinSent says the same to everybody.
func joinSent(v *visit) error {
	if !v.house.Charter.Joining.Open() {
		return errNotFound
	}
	return v.show(page{title: v.T("joining.sent.title"), body: sentBody(v.house.Charter.Joining.UnfinishedDays.Value, v.house.Demo)})
}

// ownView is an applicant's own page.
type ownView struct {
	Key         string
	Lead        string
	State       joining.State
	Title, Text string
	Question    string
	Problems    look.Problems
}

// ownPage shows how one's own application stands, and spends nothing.
func ownPage(v *visit) error { return v.ownApplication(v.query().text(keyField), nil) }

func (v *visit) ownApplication(key string, problems look.Problems) error {
	a, err := v.house.Joining.Status(v.ctx(), key)
	if fault.Is(err, fault.Gone) {
		return v.show(page{title: v.T("joining.own.over"), status: http.StatusGone, body: goneBody(v.T("joining.own.over"), v.T("joining.own.over_text"))})
	}
	if err != nil {
		return err
	}
	view := ownView{
		Key: key, State: a.State, Problems: problems, Question: a.Form.Question,
		Lead: v.T("joining.own.lead", "id", strconv.FormatInt(a.ID, 10), "date", v.day(a.MadeAt)),
	}
	switch a.State {
	case joining.Started:
		view.Title, view.Text = v.T("joining.own.confirm_title"), v.T("joining.own.confirm_text")
	case joining.Unsponsored:
		view.Title, view.Text = v.T("joining.own.unsponsored"), v.T("joining.own.unsponsored_text", "date", a.DueOn)
	case joining.Waiting:
		view.Title, view.Text = v.T("joining.own.waiting"), v.T("joining.own.waiting_text", "date", a.DueOn)
	case joining.Asked:
		view.Title, view.Text = v.T("joining.own.asked"), v.T("joining.own.asked_text")
	case joining.Agreed:
		view.Title, view.Text = v.T("joining.own.agreed"), v.T("joining.own.agreed_text", "date", a.DueOn)
	case joining.Accepted:
		view.Title, view.Text = v.T("joining.own.accepted"), v.T("joining.own.accepted_text")
	case joining.Declined:
		view.Title, view.Text = v.T("joining.own.declined"), v.T("joining.own.declined_text", "reason", v.T("joining.reason."+a.Form.Reason), "date", a.DueOn)
	}
	return v.show(page{title: v.T("joining.own.title"), body: ownBody(view), failed: len(problems) > 0})
}

// ownAct carries out what an applicant does on their page.
func ownAct(notice string, act func(v *visit, f form) error) func(*visit) error {
	return func(v *visit) error {
		f, err := v.form()
		if err != nil {
			return err
		}
		problems, err := v.problems(act(v, f))
		if fault.Is(err, fault.Gone) {
			return v.ownApplication(f.text(keyField), nil)
		}
		if err != nil {
			return err
		}
		if problems != nil {
			return v.ownApplication(f.text(keyField), problems)
		}
		if notice == "" {
			return v.to("/joining/withdrawn")
		}
		return v.toWith(ownPath+"?"+keyField+"="+f.text(keyField), notice)
	}
}

func ownConfirm(v *visit, f form) error {
	_, err := v.house.Joining.Confirm(v.ctx(), f.text(keyField))
	return err
}

func ownAnswer(v *visit, f form) error {
	_, err := v.house.Joining.Answer(v.ctx(), f.text(keyField), f.text("answer"))
	return err
}

func ownSponsor(v *visit, f form) error {
	return v.house.Joining.Seek(v.ctx(), f.text(keyField), f.text("sponsor"))
}

func ownWithdraw(v *visit, f form) error { return v.house.Joining.Withdraw(v.ctx(), f.text(keyField)) }

func joinWithdrawn(v *visit) error {
	return v.show(page{title: v.T("joining.own.withdrawn"), body: goneBody(v.T("joining.own.withdrawn"), v.T("joining.own.withdrawn_text"))})
}
