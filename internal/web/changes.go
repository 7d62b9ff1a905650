package web

import (
	"slices"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/audit"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// What a body tells of changes, in the audit and all year (N13).
const (
	changesPath = "/changes"
	changesNew  = changesPath + "/new"
	changesAt   = 25
)

func changePath(id int64) string { return changesPath + "/" + strconv.FormatInt(id, 10) }

// changesView is the cases, and what one can tell of.
type changesView struct {
	Rows    []changeRow
	Pages   look.Pages
	Settled bool
	Other   look.LinkButton
	Tell    []look.LinkButton
	Enter   []look.Select // for whoever keeps the register: of which body, and what
}

type changeRow struct {
	URL, Number, What, Who string
	Body                   string
	Due                    civil.Date
	Tone                   look.Tone
	State                  string
}

func (v *visit) changeRow(c *audit.Case, who string) changeRow {
	row := changeRow{URL: changePath(c.ID), Number: v.T("audit.change.number", "number", c.ID), What: v.T("audit.what." + c.What), Who: who, Body: v.unitName(c.Unit), Due: c.DueOn}
	switch {
	case c.Settled():
		row.Tone, row.State = look.OK, v.T("audit.outcome."+c.Outcome)
	case c.DueOn.Before(v.house.Access.Today()):
		row.Tone, row.State = look.Late, v.T("audit.standing.late")
	default:
		row.Tone, row.State = look.Note, v.T("audit.outcome.open")
	}
	return row
}

// changesPage lists the cases. Who is named is in the log by then.
func changesPage(v *visit) error {
	q := v.query()
	settled, at := q.text("settled") == "yes", q.page()
	all, err := v.house.Audits.Changes(v.ctx(), v.actor, audit.Asked{Settled: settled, Page: at - 1, Size: changesAt})
	if err != nil {
		return err
	}
	view := changesView{
		Settled: settled, Other: look.LinkButton{Text: v.T("audit.change.show_settled"), URL: changesPath + "?settled=yes", Kind: look.Quiet},
		Pages: look.Pages{Label: v.T("audit.change.title"), Page: at, Last: max(1, (all.Found+changesAt-1)/changesAt), URL: pageURL(changesPath, "settled", q.text("settled"))},
	}
	if settled {
		view.Other = look.LinkButton{Text: v.T("audit.change.show_open"), URL: changesPath, Kind: look.Quiet}
	}
	for i := range all.Cases {
		c := &all.Cases[i]
		view.Rows = append(view.Rows, v.changeRow(c, all.Names[c.Person]))
	}
	if v.house.Audits.Body(v.actor) != 0 {
		for _, what := range audit.Whats {
			view.Tell = append(view.Tell, look.LinkButton{Text: v.T("audit.what." + what), URL: changesNew + "?what=" + what, Kind: look.Quiet, Wide: true})
		}
	} else if v.house.Audits.Whole(v.actor) {
		view.Enter = v.changeEnter()
	}
	return v.show(page{title: v.T("audit.change.title"), tab: tabMembers, body: changesBody(view)})
}

// changeEnter are the choices with which whoever keeps the register begins to enter what a
// body has told of.
func (v *visit) changeEnter() []look.Select {
	body := look.Select{Name: "unit", Label: v.T("audit.page.body")}
	for _, u := range v.house.Audits.Bodies() {
		body.Options = append(body.Options, look.Option{Value: u.Code, Text: u.Name})
	}
	what := look.Select{Name: "what", Label: v.T("audit.record.what")}
	for _, code := range audit.Whats {
		what.Options = append(what.Options, look.Option{Value: code, Text: v.T("audit.what." + code)})
	}
	return []look.Select{body, what}
}

// tellingBody is the body somebody tells for: their own, or, for whoever keeps the register,
// the one asked for.
func (v *visit) tellingBody(f form) unit.ID {
	if own := v.house.Audits.Body(v.actor); own != 0 {
		return own
	}
	u, _ := v.house.Units.Tree().ByCode(f.text("unit"))
	return u.ID
}

// changeView is the form by which somebody tells of a change.
type changeView struct {
	Problems      look.Problems
	Action        string
	What, Title   string
	Audit, Person string // told in an audit, of a member on its roll
	Name          string
	Back          string
	Who           look.Select
	Number        look.Field // of a body too large to choose from
	Field         look.Select
	Value         look.Field
	Post          look.Select
	On            look.Field
	Note          look.Textarea
	Newcomer      []look.Field
	Creates       bool
	Unit          string // by code, where it is not one's own
	Case          string // that says somebody is missing, and is settled by adding them
	Heard         look.Select
}

// changeNew is the form, for one's own body or the one that told.
func changeNew(v *visit) error {
	return v.changeForm(v.query(), nil, v.tellingBody(v.query()), 0, 0)
}

// auditWrong is the same form of a member on the roll.
func auditWrong(v *visit) error {
	id, body, err := v.auditBody()
	if err != nil {
		return err
	}
	person, err := v.auditPerson(v.r.PathValue("person"))
	if err != nil {
		return err
	}
	q := v.query()
	q.values.Set("what", audit.Field)
	return v.changeForm(q, nil, body, id, person)
}

func (v *visit) changeForm(f form, problems look.Problems, body unit.ID, audited int64, person vault.PersonID) error {
	what := f.text("what")
	if body == 0 || !slices.Contains(audit.Whats, what) {
		return errNotFound
	}
	view := changeView{Problems: problems, Action: changesNew, What: what, Title: v.T("audit.what." + what), Back: changesPath}
	if audited == 0 && what == audit.Joining {
		view.Audit = f.text("audit")
	}
	if what == audit.Joining {
		view.Case = f.text("case")
	}
	if !v.house.Audits.Own(v.actor, body) {
		view.Unit, view.Name = v.unitCode(body), v.unitName(body)
		view.Heard = look.Select{Name: "heard", Label: v.T("audit.record.heard"), Error: problems.For("heard"), Value: f.text("heard")}
		for _, way := range audit.Ways {
			view.Heard.Options = append(view.Heard.Options, look.Option{Value: way, Text: v.T("departure.how." + way)})
		}
	}
	if audited != 0 {
		shown, err := v.house.Audits.ShowOne(v.ctx(), v.actor, audited, body, person)
		if err != nil {
			return err
		}
		view.Audit, view.Person, view.Name = strconv.FormatInt(audited, 10), v.public(person), shown.Card.Profile.Name()
		view.Back = v.auditBodyPath(audited, body) + "/roll"
		view.Action = v.auditBodyPath(audited, body) + "/wrong/" + view.Person
	} else if what != audit.Joining {
		names, err := v.house.Audits.Roster(v.ctx(), v.actor, body)
		if err != nil {
			return err
		}
		view.Who = look.Select{Name: "person", Label: v.T("audit.change.who"), Error: problems.For("person"), Value: f.text("person"), Options: []look.Option{{Text: v.T("audit.change.choose")}}}
		if len(names) == 0 {
			view.Number = look.Field{Name: "number", Label: v.T("audit.change.member_number"), Error: problems.For("person"), Value: f.text("number"), Width: look.Short}
		}
		for _, m := range names {
			view.Who.Options = append(view.Who.Options, look.Option{Value: v.public(m.Person), Text: m.Name})
		}
	}
	switch what {
	case audit.Field:
		view.Field = look.Select{Name: "field", Label: v.T("audit.change.field"), Value: f.text("field"), Options: []look.Option{{Text: v.T("audit.change.not_sure")}}}
		for _, field := range v.house.Audits.Tellable() {
			view.Field.Options = append(view.Field.Options, look.Option{Value: field.Code, Text: field.Name.In(v.p.Lang())})
			if problem := problems.For(field.Code); problem != "" {
				view.Value.Error = problem
			}
		}
		view.Value.Name, view.Value.Label, view.Value.Value, view.Value.MaxLength = "value", v.T("audit.change.value"), f.text("value"), 200
	case audit.Office:
		at, _ := v.house.Units.Tree().ByID(body)
		view.Post = look.Select{Name: "post", Label: v.T("audit.record.post"), Error: problems.For("post"), Value: f.text("post")}
		for i := range v.house.Charter.Posts {
			if p := &v.house.Charter.Posts[i]; p.At(at.Level) {
				view.Post.Options = append(view.Post.Options, look.Option{Value: p.Code, Text: p.Name.In(v.p.Lang())})
			}
		}
	case audit.Joining:
		view.Creates = v.may(charter.Create)
		for _, code := range []string{"given", "family", "email", "mobile", "address", "postal", "town", "birth", "sex"} {
			if field, known := v.house.Charter.Field(code); known && (field.Required || code != "birth" && code != "sex") {
				view.Newcomer = append(view.Newcomer, look.Field{Name: code, Label: field.Name.In(v.p.Lang()), Value: f.text(code), Error: problems.For(code), MaxLength: 200})
			}
		}
	}
	view.On = look.Field{Name: "on", Label: v.T("audit.change.on"), Input: look.DateInput, Width: look.Short, Value: f.text("on"), Error: problems.For("on")}
	view.Note = look.Textarea{Name: "note", Label: v.T("audit.change.note"), Hint: v.T("audit.change.note_hint"), Value: f.text("note"), Error: problems.For("note"), MaxLength: audit.Longest, Rows: 2}
	return v.show(page{title: view.Title, tab: tabMembers, body: changeFormBody(view), failed: problems != nil})
}

// changeTell takes in what somebody tells.
func changeTell(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body := v.tellingBody(f)
	if f.text("what") != audit.Joining {
		person, _ := v.house.Keyring.PersonOf(f.text("person"))
		if number := f.text("number"); number != "" {
			scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.View, Unit: body})
			if err != nil {
				return err
			}
			if person, err = v.house.Members.ByNumber(v.ctx(), scope, number); err != nil && !fault.Is(err, fault.NotFound) {
				return err
			}
		}
		return v.tell(f, body, 0, person)
	}
	values := map[string]string{}
	for i := range v.house.Charter.Fields {
		if code := v.house.Charter.Fields[i].Code; f.text(code) != "" {
			values[code] = f.text(code)
		}
	}
	var c audit.Case
	if id := f.number("case"); id != 0 {
		c, err = v.house.Audits.Add(v.ctx(), v.actor, id, values)
	} else {
		c, err = v.house.Audits.Join(v.ctx(), v.actor, f.number("audit"), body, values)
	}
	return v.toldBack(f, &c, err, body, 0, 0)
}

// auditWrongTell is the same of a member on the roll.
func auditWrongTell(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	id, body, err := v.auditBody()
	if err != nil {
		return err
	}
	person, err := v.auditPerson(v.r.PathValue("person"))
	if err != nil {
		return err
	}
	f.values.Set("what", audit.Field)
	return v.tell(f, body, id, person)
}

func (v *visit) tell(f form, body unit.ID, audited int64, person vault.PersonID) error {
	w := audit.Wish{Audit: audited, Unit: body, What: f.text("what"), Person: person, Post: f.text("post"), Note: f.text("note"), Heard: f.text("heard")}
	if code := f.text("field"); code != "" && w.What == audit.Field {
		w.Values = map[string]string{code: f.text("value")}
	}
	var ok bool
	if w.On, ok = f.date("on"); !ok {
		return v.changeForm(f, look.Problems{{Field: "on", Text: v.T("fault.field.date")}}, body, audited, person)
	}
	c, err := v.house.Audits.Tell(v.ctx(), v.actor, w)
	return v.toldBack(f, &c, err, body, audited, person)
}

// toldBack answers whoever has told: back to the roll, or to the case.
func (v *visit) toldBack(f form, c *audit.Case, err error, body unit.ID, audited int64, person vault.PersonID) error {
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.changeForm(f, problems, body, audited, person)
	case audited != 0:
		return v.toWith(v.auditBodyPath(audited, body)+"/roll", "audit.notice.told", c.ID)
	}
	return v.toWith(changePath(c.ID), "audit.notice.told", c.ID)
}

// changeCaseView is one case.
type changeCaseView struct {
	Problems       look.Problems
	Path, Title    string
	Tone           look.Tone
	State          string
	Rows           look.Rows
	Notes          []string
	Acts           []look.Button
	Why            bool
	Reopen         bool
	Card, Handover string
	Add            string
}

func changePage(v *visit) error { return v.changeCase(nil) }

func (v *visit) changeNumber() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("change"), 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return id, nil
}

func (v *visit) changeCase(problems look.Problems) error {
	id, err := v.changeNumber()
	if err != nil {
		return err
	}
	found, err := v.house.Audits.Case(v.ctx(), v.actor, id)
	if err != nil {
		return err
	}
	c := &found.Case
	row := v.changeRow(c, found.Names[c.Person])
	view := changeCaseView{Problems: problems, Path: changePath(id), Title: row.Number, Tone: row.Tone, State: row.State, Reopen: c.Settled(), Why: !c.Settled()}
	add := func(key, value, note string) {
		if value != "" {
			view.Rows = append(view.Rows, look.Row{Term: v.T(key), Value: look.Text(value), Note: note})
		}
	}
	add("audit.record.what", row.What, "")
	add("audit.page.body", row.Body, "")
	add("audit.change.whom", row.Who, "")
	add("audit.change.told", v.p.Date(v.day(c.OpenedAt)), "")
	if !c.Settled() {
		add("audit.change.due", v.p.Date(c.DueOn), "")
	}
	if !c.Day.IsZero() {
		add("audit.paper.heads", v.p.Date(c.Day), "")
	}
	if t := c.Told; t != nil {
		for code, value := range t.Values {
			now := ""
			if was, known := found.Now[code]; known && !c.Settled() {
				now = v.T("audit.change.now", "value", was)
			}
			view.Rows = append(view.Rows, look.Row{Term: v.fieldName(code), Value: look.Strong(value), Note: now})
		}
		if post, known := v.house.Charter.Post(t.Post); known {
			add("audit.record.post", post.Name.In(v.p.Lang()), "")
		}
		if c.What != audit.Field {
			add("audit.record.on", v.p.Date(t.On), "")
		}
		add("audit.record.note", t.Note, "")
		if t.Heard != "" {
			add("audit.record.heard", v.T("departure.how."+t.Heard), "")
		}
	}
	for i := range found.Remarks {
		view.Notes = append(view.Notes, found.Remarks[i].Text)
	}
	if c.Person != 0 && v.may(charter.View) && row.Who != "" {
		view.Card = v.cardPath(c.Person)
	}
	v.caseActs(&view, &found)
	return v.show(page{title: view.Title, tab: tabMembers, body: changeCaseBody(view), failed: problems != nil})
}

// caseActs are what can be done about a case.
func (v *visit) caseActs(view *changeCaseView, found *audit.CaseView) {
	c := &found.Case
	if c.Settled() {
		return
	}
	button := func(outcome string, kind look.Kind) {
		view.Acts = append(view.Acts, look.Button{Text: v.T("audit.settle." + outcome), Name: "outcome", Value: outcome, Kind: kind, Wide: true})
	}
	if found.Settles {
		switch c.What {
		case audit.Field:
			button(audit.Applied, look.Primary)
		case audit.Leaving:
			button(audit.PassedOn, look.Primary)
		case audit.Office:
			button(audit.Appointed, look.Primary)
			if v.hat.Basis.OfPost() && v.hat.Basis.Unit == c.Unit {
				view.Handover = "/access/handover"
			}
		case audit.Joining:
			view.Add = pageURL(changesNew, "what", audit.Joining, "case", strconv.FormatInt(c.ID, 10), "unit", v.unitCode(c.Unit))(1)
		case audit.Count:
			button(audit.Upheld, look.Primary)
			button(audit.Corrected, look.Quiet)
		}
		button(audit.Refused, look.Quiet)
	}
	if found.Tells || found.Settles {
		button(audit.Withdrawn, look.Quiet)
	}
}

// changeSettle settles a case, or takes it up again.
func changeSettle(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	id, err := v.changeNumber()
	if err != nil {
		return err
	}
	said := "audit.notice.settled"
	if f.text("outcome") == "reopen" {
		said = "audit.notice.reopened"
		_, err = v.house.Audits.Reopen(v.ctx(), v.actor, id, f.text("why"))
	} else {
		_, err = v.house.Audits.Settle(v.ctx(), v.actor, id, f.text("outcome"), f.text("why"))
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.changeCase(problems)
	}
	return v.toWith(changePath(id), said)
}
