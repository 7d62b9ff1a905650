package web

import (
	"bytes"
	"net/url"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/grant"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// Documented access (D9). An address carries the number of a case and a body's code.
const (
	grantsPath   = accessPath + "/grants"
	grantNewPath = grantsPath + "/new"
)

func grantPath(id int64) string { return grantsPath + "/" + strconv.FormatInt(id, 10) }

func grantsOf(path, body string) string {
	if body == "" {
		return path
	}
	return path + "?" + url.Values{"unit": {body}}.Encode()
}

// grantRow is a line of the list of cases.
type grantRow struct {
	URL, Name, Body string
	Task, Purposes  string
	From, Until     civil.Date
	Tone            look.Tone
	State           string
}

// grantsView is the list of proposals and documented accesses.
type grantsView struct {
	Back    string
	New     string // where one is proposed; "" for who may not
	Body    string
	Rows    []grantRow
	Bodies  bool // the rows are of several bodies
	Because look.Because
	Today   civil.Date
}

func grantsPage(v *visit) error {
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	all, scope, err := v.house.Grants.List(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	persons := make([]vault.PersonID, len(all))
	for i := range all {
		persons[i] = all[i].Person
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return err
	}
	view := grantsView{
		Back: bodyAccessPath(body.Code), Body: v.reachName(body.ID), Bodies: scope.All() || scope.Units().GetCardinality() > 1,
		Because: v.becauseOf("rights", scope), Today: v.house.Access.Today(),
	}
	if v.house.Grants.MayPropose(v.actor, body.ID) {
		view.New = grantsOf(grantNewPath, body.Code)
	}
	for i := range all {
		c := &all[i]
		tone, state := v.grantState(c)
		view.Rows = append(view.Rows, grantRow{
			URL: grantPath(c.ID), Name: v.nameOf(names, c.Person), Body: v.unitName(c.Wish.Unit), Task: c.Wish.Task,
			Purposes: v.house.Grants.PurposeNames(v.p, c.Wish.Purposes), From: c.Wish.From, Until: c.Wish.Until, Tone: tone, State: state,
		})
	}
	return v.show(page{title: v.T("grant.page.title"), tab: tabAccess, body: grantsBody(view)})
}

// grantState says how a case stands; one that runs out says when.
func (v *visit) grantState(c *grant.Case) (look.Tone, string) {
	today := v.house.Access.Today()
	standing := c.StandingOn(today)
	switch {
	case standing == grant.InForce && c.Wish.Until.DaysSince(today) <= soonEnding:
		return look.Soon, v.T("rights.state.ends", "when", v.p.Days(c.Wish.Until, today))
	case standing == grant.InForce:
		return look.OK, v.T("grant.standing.in-force")
	case standing == grant.Waiting, standing == grant.Coming:
		return look.Note, v.T("grant.standing." + string(standing))
	}
	return look.Calm, v.T("grant.standing." + string(standing))
}

// grantForm is the form by which an access is proposed, or renewed.
type grantForm struct {
	Problems    look.Problems
	Action      string
	Body        unit.Unit
	Renews      int64
	Name        string // whose access is renewed
	Find        finding
	Task        string
	Ground      string
	Before      string // the grounds of the access that is renewed
	Purposes    look.Choices
	Fields      look.Choices
	From, Until string
	Limit       int
	AnswerDays  int
	Back        string
}

func grantNewForm(v *visit) error {
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	today := v.house.Access.Today()
	return v.grantForm(body, nil, form{url.Values{
		"from": {v.p.ShortDate(today)}, "until": {v.p.ShortDate(v.house.Access.LongestGrant(today))}, "fields": {"given", "family"},
	}}, nil)
}

func grantRenewForm(v *visit) error {
	c, _, err := v.grantAsked()
	if err != nil {
		return err
	}
	body, _ := v.house.Units.Tree().ByID(c.Wish.Unit)
	w := v.house.Grants.Renewal(&c)
	return v.grantForm(body, &c, form{url.Values{
		"from": {v.p.ShortDate(w.From)}, "until": {v.p.ShortDate(w.Until)}, "task": {w.Task}, "purposes": w.Purposes, "fields": w.Fields,
	}}, nil)
}

// grantAsked is the case an address names, for who may see it.
func (v *visit) grantAsked() (grant.Case, access.Scope, error) {
	id, err := strconv.ParseInt(v.r.PathValue("case"), 10, 64)
	if err != nil {
		return grant.Case{}, access.Scope{}, errNotFound
	}
	return v.house.Grants.Get(v.ctx(), v.actor, id)
}

// grantForm shows the form for a body, filled as it came; with a case it is renewed.
func (v *visit) grantForm(body unit.Unit, renews *grant.Case, f form, problems look.Problems) error {
	rules := &v.house.Charter.Grants
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: rules.Proposer(), Unit: body.ID})
	if err != nil {
		return err
	}
	view := grantForm{
		Action: grantNewPath, Body: body, Task: f.text("task"), Ground: f.text("ground"), From: f.text("from"), Until: f.text("until"),
		Limit: rules.Months.Value, AnswerDays: rules.AnswerDays.Value, Back: grantsOf(grantsPath, body.Code),
		Purposes: look.Choices{Name: "purposes", Legend: v.T("grant.page.purposes"), Hint: v.T("grant.page.purposes_hint"), Many: true, Error: problems.For("purposes")},
		Fields:   look.Choices{Name: "fields", Legend: v.T("grant.page.fields"), Hint: v.T("grant.page.fields_hint"), Many: true, Error: problems.For("fields")},
	}
	var offered charter.FieldSet
	for i := range v.house.Charter.Purposes {
		p := &v.house.Charter.Purposes[i]
		offered |= p.Set
		view.Purposes.Options = append(view.Purposes.Options, look.Choice{
			Value: p.Code, Text: p.Name.In(v.p.Lang()), Hint: v.T("grant.page.purpose_fields", "fields", v.house.Grants.FieldNames(v.p, p.Fields)), Checked: f.chosen("purposes", p.Code),
		})
	}
	for i := range v.house.Charter.Fields {
		field := &v.house.Charter.Fields[i]
		if offered&field.Bit == 0 {
			continue
		}
		view.Fields.Options = append(view.Fields.Options, look.Choice{Value: field.Code, Text: field.Name.In(v.p.Lang()), Checked: f.chosen("fields", field.Code)})
	}
	if renews != nil {
		names, err := v.house.Members.Names(v.ctx(), scope, []vault.PersonID{renews.Person})
		if err != nil {
			return err
		}
		view.Action, view.Back = grantPath(renews.ID)+"/renew", grantPath(renews.ID)
		view.Renews, view.Name, view.Before = renews.ID, v.nameOf(names, renews.Person), renews.Wish.Ground
		view.Problems = problems
	} else {
		search, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search, Unit: body.ID})
		if err != nil {
			return err
		}
		if view.Find, err = v.lookFor(search, f, problems); err != nil {
			return err
		}
		view.Problems = findable(problems, view.Find)
	}
	return v.show(page{title: v.T("grant.page.propose"), tab: tabAccess, body: grantFormBody(view), failed: problems != nil})
}

// grantPropose looks for somebody, or writes the proposal.
func grantPropose(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	if f.text("do") == "find" {
		return v.grantForm(body, nil, f, v.nothingTyped(f))
	}
	person, problems := v.chosen(f)
	return v.grantWrite(body, nil, person, f, problems)
}

// grantRenew writes the proposal that an access goes on.
func grantRenew(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	c, _, err := v.grantAsked()
	if err != nil {
		return err
	}
	body, _ := v.house.Units.Tree().ByID(c.Wish.Unit)
	return v.grantWrite(body, &c, c.Person, f, nil)
}

func (v *visit) grantWrite(body unit.Unit, renews *grant.Case, person vault.PersonID, f form, problems look.Problems) error {
	from, until, wrong := v.termOf(f)
	problems = append(problems, wrong...)
	var made grant.Case
	if problems == nil {
		w := grant.Wish{
			Person: person, Unit: body.ID, Task: f.text("task"), Ground: f.text("ground"), Purposes: f.values["purposes"], Fields: f.values["fields"],
			From: from, Until: until,
		}
		if renews != nil {
			w.Renews = renews.ID
		}
		var err error
		made, err = v.house.Grants.Propose(v.ctx(), v.actor, w)
		if problems, err = v.problems(err); err != nil {
			return err
		}
	}
	if problems != nil {
		return v.grantForm(body, renews, f, problems)
	}
	return v.toWith(grantPath(made.ID), "grant.notice.proposed")
}

// grantView is one case: its grounds, what was decided, and what can be done about it.
type grantView struct {
	Problems  look.Problems
	Path      string
	Number    int64
	Name      string
	Body      string
	Back      string
	Tone      look.Tone
	State     string
	Grounds   look.Rows
	Decision  look.Rows
	Waits     bool
	AnswerBy  civil.Date
	Decide    bool
	Undecided string // why the visitor does not decide
	Meetings  look.Choices
	Approve   look.Choices
	Met       string
	Minutes   string
	Reason    string
	Apart     bool
	Withdraw  bool
	Why       string
	Renew     string
	Own       bool
	Today     civil.Date
}

func grantPage(v *visit) error {
	return v.grant(form{url.Values{"met": {v.p.ShortDate(v.house.Access.Today())}}}, nil)
}

func (v *visit) grant(f form, problems look.Problems) error {
	c, names, err := v.grantNamed()
	if err != nil {
		return err
	}
	body, _ := v.house.Units.Tree().ByID(c.Wish.Unit)
	view := grantView{
		Problems: problems, Path: grantPath(c.ID), Number: c.ID, Name: v.nameOf(names, c.Person), Body: body.Name, Back: grantsOf(grantsPath, body.Code),
		Waits: c.State.Open(), AnswerBy: c.AnswerBy, Met: f.text("met"), Minutes: f.text("minutes"), Reason: f.text("reason"), Apart: f.has("apart"), Why: f.text("why"),
		Own: c.Person == v.actor.Person, Today: v.house.Access.Today(),
	}
	if view.Own && !v.may(charter.Access) {
		view.Back = mePath
	}
	view.Tone, view.State = v.grantState(&c)
	view.Grounds, view.Decision = v.grantGrounds(&c, names), v.grantDecision(&c, names)
	standing := c.StandingOn(view.Today)
	view.Withdraw = (view.Waits || standing == grant.InForce || standing == grant.Coming) && v.house.Grants.MayWithdraw(v.actor, &c)
	if (standing == grant.InForce || standing == grant.Over) && !view.Own && v.house.Grants.MayPropose(v.actor, c.Wish.Unit) {
		view.Renew = view.Path + "/renew"
	}
	if view.Waits {
		if reason := v.house.Grants.MayDecide(v.actor, &c); reason != "" {
			view.Undecided = v.T(reason)
		}
		view.Decide = view.Undecided == ""
		view.Approve = look.Choices{Name: "approve", Legend: v.T("grant.page.answer"), Error: problems.For("approve"), Options: []look.Choice{
			{Value: "yes", Text: v.T("grant.page.yes"), Hint: v.T("grant.page.yes_hint"), Checked: f.text("approve") == "yes"},
			{Value: "no", Text: v.T("grant.page.no"), Checked: f.text("approve") == "no"},
		}}
		view.Meetings = look.Choices{Name: "meeting", Legend: v.T("grant.page.meeting"), Error: problems.For("meeting")}
		for _, code := range v.house.Charter.Grants.DecidedBy {
			view.Meetings.Options = append(view.Meetings.Options, look.Choice{Value: code, Text: v.T("grant.meeting." + code), Checked: f.text("meeting") == code})
		}
	}
	return v.show(page{title: v.T("grant.paper.title", "number", c.ID), tab: tabAccess, body: grantBody(view), failed: problems != nil})
}

// grantNamed is the case an address names, with the names it tells.
func (v *visit) grantNamed() (grant.Case, map[vault.PersonID]string, error) {
	c, scope, err := v.grantAsked()
	if err != nil {
		return c, nil, err
	}
	names, err := v.house.Members.Names(v.ctx(), scope, c.Persons())
	return c, names, err
}

// grantGrounds are what was proposed, by whom and why.
func (v *visit) grantGrounds(c *grant.Case, names map[vault.PersonID]string) look.Rows {
	w := &c.Wish
	rows := look.Rows{
		{Term: v.T("grant.record.task"), Value: look.Strong(w.Task)},
		{Term: v.T("grant.record.ground"), Value: look.Text(w.Ground)},
		{Term: v.T("grant.page.purposes"), Value: look.Text(v.house.Grants.PurposeNames(v.p, w.Purposes))},
		{Term: v.T("grant.page.fields"), Value: look.Text(v.house.Grants.FieldNames(v.p, w.Fields))},
		{Term: v.T("grant.record.from"), Value: dayCell(w.From)},
		{Term: v.T("grant.record.until"), Value: dayCell(w.Until)},
		{Term: v.T("grant.paper.proposed"), Value: look.Text(v.nameOf(names, c.ProposedBy)), Note: v.p.Date(v.day(c.ProposedAt))},
	}
	if w.Renews != 0 {
		rows = append(rows, look.Row{Term: v.T("grant.page.renews"), Value: look.Link{Text: v.T("grant.paper.title", "number", w.Renews), URL: grantPath(w.Renews)}})
	}
	return rows
}

// grantDecision is what the body decided, and how the access ended before its day.
func (v *visit) grantDecision(c *grant.Case, names map[vault.PersonID]string) look.Rows {
	var rows look.Rows
	if d := &c.Decision; c.DecidedBy != 0 {
		answer := v.T("grant.page.no")
		if d.Approve {
			answer = v.T("grant.page.yes")
		}
		rows = append(rows,
			look.Row{Term: v.T("grant.page.answer"), Value: look.Strong(answer)},
			look.Row{Term: v.T("grant.page.meeting"), Value: look.Text(v.T("grant.meeting." + d.Meeting)), Note: v.p.Date(d.Met)},
			look.Row{Term: v.T("grant.record.minutes"), Value: look.Text(d.Minutes)},
			look.Row{Term: v.T("grant.record.reason"), Value: look.Text(d.Reason)},
			look.Row{Term: v.T("grant.page.entered"), Value: look.Text(v.nameOf(names, c.DecidedBy)), Note: v.p.Date(v.day(c.DecidedAt))},
		)
	}
	if c.Why != "" {
		rows = append(rows, look.Row{Term: v.T("grant.record.why"), Value: look.Text(c.Why), Note: v.nameOf(names, c.EndedBy) + ", " + v.p.Date(v.day(c.EndedAt))})
	}
	return rows
}

// grantDecide enters what the body decided.
func grantDecide(v *visit) error {
	return v.grantAct("grant.notice.decided", func(c *grant.Case, f form) error {
		if !f.chosen("approve", "yes") && !f.chosen("approve", "no") {
			return fault.New(fault.Invalid, "grant.error.decision").With("approve", "grant.error.answer")
		}
		met, ok := f.date("met")
		if !ok {
			return fault.New(fault.Invalid, "grant.error.decision").With("met", "fault.field.date")
		}
		_, err := v.house.Grants.Decide(v.ctx(), v.actor, c.ID, grant.Decision{
			Approve: f.chosen("approve", "yes"), Meeting: f.text("meeting"), Met: met, Minutes: f.text("minutes"), Reason: f.text("reason"), Apart: f.has("apart"),
		})
		return err
	})
}

// grantWithdraw ends an access, or takes the proposal back.
func grantWithdraw(v *visit) error {
	return v.grantAct("grant.notice.withdrawn", func(c *grant.Case, f form) error {
		_, err := v.house.Grants.Withdraw(v.ctx(), v.actor, c.ID, f.text("why"))
		return err
	})
}

func (v *visit) grantAct(said string, act func(c *grant.Case, f form) error) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	c, _, err := v.grantAsked()
	if err != nil {
		return err
	}
	problems, err := v.problems(act(&c, f))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.grant(f, problems)
	}
	return v.toWith(grantPath(c.ID), said)
}

// grantDocument is the grounds as the paper that stays with the body.
func grantDocument(v *visit) error {
	c, names, err := v.grantNamed()
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := v.house.Grants.Document(&file, &c, names, v.p); err != nil {
		return err
	}
	return v.download(c.FileName(v.p)+".pdf", "application/pdf", file.Bytes())
}

// grantEndTitle is what ending a case is called: a proposal is taken back.
func grantEndTitle(p *locale.Printer, view grantView) string {
	if view.Waits {
		return p.T("grant.page.take_back")
	}
	return p.T("grant.page.withdraw")
}

func grantEndHint(p *locale.Printer, view grantView) string {
	if view.Waits {
		return ""
	}
	return p.T("grant.page.why_hint")
}
