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
	case joining.Asked, joining.Agreed:
		row.tone = look.Note
	case joining.Accepted:
		row.tone = look.OK
	}
	if s.State == joining.Agreed {
		row.said = v.T("joining.state.agreed_on", "date", v.p.ShortDate(s.DueOn))
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
	Alike       []resemblance
	Same        look.Rows // to the secretariat: the member the applicant is
	Whole       bool      // it is the secretariat that looks
	Decide      bool
	Accept      string // what a yes does, and when
	Over        string
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
	view.Whole = s.As.Office
	for i := range s.Alike {
		view.Alike = append(view.Alike, resemblance{Person: v.public(s.Alike[i].Person), Name: s.Alike[i].Name, Rows: look.Rows{v.resembles(&s.Alike[i])}})
	}
	if s.Same != nil {
		view.Same = look.Rows{v.resembles(s.Same)}
	}
	view.Accept, view.Over = v.T("joining.case.accept_text"), v.T("joining.case.over")
	switch {
	case s.Settles.After(v.house.Access.Today()):
		view.Accept = v.T("joining.case.accept_text_on", "date", s.Settles)
	case s.Same != nil && v.house.Charter.Transfers.Dual.Value:
		view.Accept = v.T("joining.case.accept_text_dual")
	case s.Same != nil:
		view.Accept = v.T("joining.case.accept_text_move")
	}
	if s.State == joining.Agreed {
		view.Over = v.T("joining.case.agreed", "date", s.DueOn)
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

// resemblance is a member who may be the applicant.
type resemblance struct {
	Person, Name string
	Rows         look.Rows
}

func (v *visit) resembles(like *joining.Like) look.Row {
	names := make([]string, len(like.Units))
	for i, id := range like.Units {
		names[i] = v.memberOf(id)
	}
	return look.Row{Term: like.Name, Value: look.Link{Text: v.T("joining.case.card"), URL: v.cardPath(like.Person)}, Note: v.p.List(names)}
}

// decided is an officer's act on an application.
func decided(notice string, act func(v *visit, f form) error) func(*visit) error {
	return actedOn(func(*visit) string { return applicationsPath }, notice, act)
}

// looked is an act after which there is more to do on the same page.
func looked(act func(v *visit, f form) error) func(*visit) error {
	return actedOn(func(v *visit) string { return applicationPath(v.caseID()) }, "joining.notice.looked", act)
}

func actedOn(where func(v *visit) string, notice string, act func(v *visit, f form) error) func(*visit) error {
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
		return v.toWith(where(v), notice)
	}
}

// applicationAccepted says what has come of a yes: a member now, or on a day.
func applicationAccepted(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	a, err := applicationAccept(v, f)
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.application(f, problems)
	case a.State == joining.Agreed:
		return v.toWith(applicationPath(a.ID), "joining.notice.agreed")
	case a.State == joining.Declined:
		return v.toWith(applicationsPath, "joining.notice.unconfirmed")
	}
	return v.toWith(applicationsPath, "joining.notice.accepted")
}

func applicationAccept(v *visit, f form) (joining.Application, error) {
	var body unit.ID
	if u, known := v.house.Units.Tree().ByCode(f.text("unit")); known {
		body = u.ID
	}
	return v.house.Joining.Accept(v.ctx(), v.actor, v.caseID(), body)
}

func applicationDecline(v *visit, f form) error {
	_, err := v.house.Joining.Decline(v.ctx(), v.actor, v.caseID(), f.text("reason"))
	return err
}

func applicationAsk(v *visit, f form) error {
	_, err := v.house.Joining.Ask(v.ctx(), v.actor, v.caseID(), f.text("question"))
	return err
}

func applicationDistinct(v *visit, f form) error {
	_, err := v.house.Joining.Distinguish(v.ctx(), v.actor, v.caseID())
	return err
}

func applicationSame(v *visit, f form) error {
	person, _ := v.house.Keyring.PersonOf(f.text("person")) // 0 is none of them
	_, err := v.house.Joining.Identify(v.ctx(), v.actor, v.caseID(), person)
	return err
}

// claim is an application of somebody who seems to be the visitor, on their own page.
type claim struct{ Path, Text string }

func (v *visit) claims() ([]claim, error) {
	all, err := v.house.Joining.Claims(v.ctx(), v.actor)
	var said []claim
	for _, c := range all {
		key := "joining.yours.text"
		switch {
		case c.Unit == 0:
			key = "joining.yours.text_no_body"
		case c.Dual:
			key = "joining.yours.text_dual"
		}
		said = append(said, claim{Path: "/claim/" + strconv.FormatInt(c.ID, 10), Text: v.T(key, "body", v.memberOf(c.Unit), "date", c.On)})
	}
	return said, err
}

// claimed is the visitor's answer to whether an application is theirs.
func claimed(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	mine := f.text("answer") == "yes"
	if err := v.house.Joining.Claim(v.ctx(), v.actor, v.caseID(), mine); err != nil {
		return err
	}
	if mine {
		return v.toWith(mePath, "joining.notice.mine")
	}
	return v.toWith(mePath, "joining.notice.not_mine")
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
