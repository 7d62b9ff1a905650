package web

import (
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/joining"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// applicationsPath is the list of those who want to join. An application stands in
// addresses by its drawn number, which tells nothing.
const applicationsPath = "/applications"

const applicationRows = 50

func applicationPath(id int64) string { return applicationsPath + "/" + strconv.FormatInt(id, 10) }

// applicationsView is the list.
type applicationsView struct {
	Table look.Table[applicationRow]
	Pages look.Pages
}

type applicationRow struct {
	url, name, number, where, said string
	sent, due                      civil.Date
	tone                           look.Tone
	open                           bool
}

// applicationsPage lists those who want to join the body one works in.
func applicationsPage(v *visit) error {
	if !v.house.Charter.Joining.Open() {
		return errNotFound
	}
	at := v.query().page()
	seen, total, err := v.house.Joining.List(v.ctx(), v.actor, at-1, applicationRows)
	if err != nil {
		return err
	}
	view := applicationsView{Table: applicationTable(v.p), Pages: look.Pages{
		Label: v.T("joining.list.pages"), Page: at, Last: (total + applicationRows - 1) / applicationRows, URL: pageURL(applicationsPath),
	}}
	for i := range seen {
		view.Table.Rows = append(view.Table.Rows, v.applicationRow(&seen[i]))
	}
	return v.show(page{title: v.T("joining.list.title"), tab: tabMembers, body: applicationsBody(view)})
}

func (v *visit) applicationRow(s *joining.Seen) applicationRow {
	row := applicationRow{
		url: applicationPath(s.ID), name: s.Name, number: v.T("joining.list.number", "id", strconv.FormatInt(s.ID, 10)),
		where: v.T("joining.list.no_body"), said: v.T("joining.state." + string(s.State)), sent: v.day(s.MadeAt), due: s.DueOn,
		tone: look.Calm, open: s.State.Undecided(),
	}
	if s.Unit != 0 {
		row.where = v.memberOf(s.Unit)
	}
	if row.name == "" {
		row.name = v.T("joining.list.nameless")
	}
	switch s.State {
	case joining.Waiting:
		row.tone = look.Soon
	case joining.Asked:
		row.tone = look.Note
	case joining.Accepted:
		row.tone = look.OK
	}
	return row
}

// applicationView is one application with what can be done about it.
type applicationView struct {
	Path, Title string
	Problems    look.Problems
	State       applicationRow
	Facts       look.Rows
	Typed       look.Rows
	Alike       look.Rows
	Decide      bool
	Ask         look.Textarea
	Units       look.Select // without a name where the applicant's own body stands
	Reasons     look.Select
	Card        string
}

func applicationPage(v *visit) error { return v.application(form{}, nil) }

func (v *visit) application(f form, problems look.Problems) error {
	s, err := v.house.Joining.One(v.ctx(), v.actor, v.caseID())
	if err != nil {
		return err
	}
	view := applicationView{Path: applicationPath(s.ID), Problems: problems, State: v.applicationRow(&s), Decide: s.State.Undecided()}
	view.Title = v.T("joining.case.of", "name", view.State.name)
	view.Facts = look.Rows{{Term: v.T("joining.column.where"), Value: look.Text(view.State.where)}, {Term: v.T("joining.column.sent"), Value: look.Date(view.State.sent)}}
	if view.Decide {
		birth, _ := civil.ParseDate(s.Form.Draft.Values["birth"])
		view.Facts = append(view.Facts,
			look.Row{Term: v.T("joining.case.category"), Value: look.Text(v.categoryName(v.house.Charter.CategoryAt(birth, v.house.Access.Today())))},
			look.Row{Term: v.T("joining.case.due"), Value: look.Date(s.DueOn)})
	}
	if s.Sponsor != "" {
		view.Facts = append(view.Facts, look.Row{Term: v.T("joining.case.sponsor"), Value: look.Text(s.Sponsor)})
	}
	if s.Form.Question != "" {
		answer := s.Form.Answer
		if answer == "" {
			answer = v.T("joining.case.no_answer")
		}
		view.Facts = append(view.Facts, look.Row{Term: v.T("joining.case.question"), Value: look.Text(s.Form.Question)}, look.Row{Term: v.T("joining.case.answer"), Value: look.Text(answer)})
	}
	for i := range v.house.Charter.Fields {
		field := &v.house.Charter.Fields[i]
		if value := s.Form.Draft.Values[field.Code]; value != "" {
			view.Typed = append(view.Typed, look.Row{Term: field.Name.In(v.p.Lang()), Value: look.Text(v.written(field, v.choiceName(field, value)))})
		}
	}
	for _, like := range s.Alike {
		names := make([]string, len(like.Units))
		for i, id := range like.Units {
			names[i] = v.memberOf(id)
		}
		view.Alike = append(view.Alike, look.Row{Term: like.Name, Value: look.Link{Text: v.T("joining.case.card"), URL: v.cardPath(like.Person)}, Note: v.p.List(names)})
	}
	view.Ask = look.Textarea{Name: "question", Label: v.T("joining.case.ask_label"), Hint: v.T("joining.case.ask_hint"), Error: problems.For("question"), Value: f.text("question"), MaxLength: 500, Required: true}
	view.Reasons = look.Select{Name: "reason", Label: v.T("joining.case.decline_why"), Error: problems.For("reason"), Value: f.text("reason"), Options: []look.Option{{Text: v.T("joining.case.choose")}}}
	for _, reason := range joining.Reasons {
		view.Reasons.Options = append(view.Reasons.Options, look.Option{Value: reason, Text: capitalised(v.T("joining.reason." + reason))})
	}
	if s.As.Office && view.Decide && v.house.Charter.Joining.Door == charter.DoorNational {
		view.Units = look.Select{Name: "unit", Label: v.T("joining.case.body"), Error: problems.For("unit"), Value: v.unitCode(s.Unit)}
		if s.Unit == 0 {
			view.Units.Value, view.Units.Options = f.text("unit"), []look.Option{{Text: v.T("joining.case.choose")}}
		}
		for _, u := range v.house.Joining.Doors() {
			view.Units.Options = append(view.Units.Options, look.Option{Value: u.Code, Text: u.Name})
		}
	}
	if s.State == joining.Accepted && v.may(charter.View) {
		view.Card = v.cardPath(s.Person)
	}
	return v.show(page{title: v.T("joining.case.title"), tab: tabMembers, body: applicationBody(view), failed: len(problems) > 0})
}

// decided is an officer's act on an application.
func decided(notice string, act func(v *visit, f form) error) func(*visit) error {
	return func(v *visit) error {
		f, err := v.form()
		if err != nil {
			return err
		}
		problems, err := v.problems(act(v, f))
		if err != nil {
			return err
		}
		if problems != nil {
			return v.application(f, problems)
		}
		return v.toWith(applicationsPath, notice)
	}
}

func applicationAccept(v *visit, f form) error {
	var body unit.ID
	if u, known := v.house.Units.Tree().ByCode(f.text("unit")); known {
		body = u.ID
	}
	_, err := v.house.Joining.Accept(v.ctx(), v.actor, v.caseID(), body)
	return err
}

func applicationDecline(v *visit, f form) error {
	_, err := v.house.Joining.Decline(v.ctx(), v.actor, v.caseID(), f.text("reason"))
	return err
}

func applicationAsk(v *visit, f form) error {
	_, err := v.house.Joining.Ask(v.ctx(), v.actor, v.caseID(), f.text("question"))
	return err
}

func applicationLooked(v *visit, f form) error {
	_, err := v.house.Joining.Distinguish(v.ctx(), v.actor, v.caseID())
	return err
}

// wanted is an applicant who asks one for a recommendation, on one's own page.
type wanted struct{ Path, Text string }

func (v *visit) wanted() ([]wanted, error) {
	all, err := v.house.Joining.Requests(v.ctx(), v.actor)
	var said []wanted
	for _, r := range all {
		key := "joining.recommend.text"
		if r.Town == "" {
			key = "joining.recommend.text_no_town"
		}
		said = append(said, wanted{
			Path: "/recommend/" + strconv.FormatInt(r.ID, 10),
			Text: v.T(key, "name", r.Name, "town", r.Town, "body", v.memberOf(r.Unit), "date", r.DueOn),
		})
	}
	return said, err
}

// recommend answers an applicant who has named one.
func recommend(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	yes := f.text("answer") == "yes"
	if err := v.house.Joining.Recommend(v.ctx(), v.actor, v.caseID(), yes); err != nil {
		return err
	}
	if yes {
		return v.toWith(mePath, "joining.notice.recommended")
	}
	return v.toWith(mePath, "joining.notice.refused")
}
