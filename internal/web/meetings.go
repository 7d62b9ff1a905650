package web

import (
	"bytes"
	"net/url"
	"strconv"
	"strings"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/meeting"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

const (
	meetingsPath = "/meetings"
	meetingNew   = meetingsPath + "/plan"
)

func meetingPath(number int64) string { return meetingsPath + "/" + strconv.FormatInt(number, 10) }

func meetingsOf(path, body string) string {
	if body == "" {
		return path
	}
	return path + "?" + url.Values{"unit": {body}}.Encode()
}

// meetingsView is the meetings of a body, or of all one reaches.
type meetingsView struct {
	Body    string
	Rows    []meetingRow
	Bodies  bool // the rows are of several bodies
	New     string
	Filters *look.Filters
	Season  string
	Rules   look.Rows
	Because look.Because
}

type meetingRow struct {
	URL, Title, Body, When, Notice string
	Tone                           look.Tone
	State                          string
}

// meetingsPage lists the meetings of a body, and what the charter says of them.
func meetingsPage(v *visit) error {
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	all, scope, err := v.house.Meetings.List(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	view := meetingsView{
		Body: v.reachName(body.ID), Bodies: scope.All() || scope.Units() != nil && scope.Units().GetCardinality() > 1,
		Because: v.becauseOf("meeting", scope), Rules: v.meetingRules(),
	}
	if v.house.Meetings.MayCall(v.actor, body.ID) {
		view.New = meetingsOf(meetingNew, body.Code)
	}
	if options := v.bodyOptions(charter.Search); len(options) > 1 {
		view.Filters = &look.Filters{
			Action: meetingsPath, Label: v.T("rights.show.filters"), Button: v.T("rights.show.act"),
			Fields: fieldsOf(look.Select{Name: "unit", Label: v.T("rights.show.body"), Value: body.Code, Options: options, Submit: true}),
		}
	}
	for i := range all {
		m := &all[i]
		tone, state := v.meetingState(m)
		view.Rows = append(view.Rows, meetingRow{
			URL: meetingPath(m.Number), Title: v.T("meeting.kind." + string(m.Kind)), Body: v.unitName(m.Unit),
			When: v.p.ShortDate(m.Day) + " " + m.Clock, Notice: v.meetingNotice(m), Tone: tone, State: state,
		})
	}
	return v.show(page{title: v.T("meeting.title"), tab: tabHome, body: meetingsBody(view)})
}

// meetingRules are what the charter says of meetings, in words.
func (v *visit) meetingRules() look.Rows {
	rules := &v.house.Charter.Meetings
	rows := look.Rows{}
	if first, last, said := rules.Season(v.house.Access.Today()); said {
		rows = append(rows, look.Row{Term: v.T("meeting.page.season"), Value: look.Text(v.T("meeting.page.season_text", "from", first, "until", last))})
	}
	return append(rows,
		look.Row{Term: v.T("meeting.page.notice"), Value: look.Text(v.T("meeting.page.notice_text", "ordinary", rules.OrdinaryDays.Value, "extraordinary", rules.ExtraordinaryDays.Value))},
		look.Row{Term: v.T("meeting.page.vote"), Value: look.Text(v.house.Meetings.VoteRule(v.p))},
		look.Row{Term: v.T("meeting.page.counts"), Value: look.Text(v.house.Meetings.CountRule(v.p))},
	)
}

// meetingState is how a meeting stands; a notice that is late is late everywhere.
func (v *visit) meetingState(m *meeting.Meeting) (look.Tone, string) {
	state := v.T("meeting.state." + string(m.State))
	switch {
	case m.State == meeting.Planned && m.Late(v.house.Access.Today()):
		return look.Late, v.T("meeting.page.notice_late")
	case m.State == meeting.Held:
		return look.Soon, state
	case m.State.Over():
		return look.Calm, state
	case m.State == meeting.Noticed:
		return look.OK, state
	}
	return look.Note, state
}

// meetingNotice says in a line how the notice stands.
func (v *visit) meetingNotice(m *meeting.Meeting) string {
	if !m.NoticedOn.IsZero() {
		return v.T("meeting.page.noticed", "date", m.NoticedOn)
	}
	if m.State == meeting.Planned {
		return v.T("meeting.page.notice_by", "date", m.NoticeBy)
	}
	return ""
}

// meetingForm is the form by which a meeting is planned, or planned anew.
type meetingForm struct {
	Problems look.Problems
	Action   string
	Body     unit.Unit
	Number   int64
	Kind     look.Choices
	Day      string
	Clock    string
	Place    string
	Agenda   string
	Posts    []look.Field
	Days     int // of the notice
	Other    int // of an extraordinary one's
	Demand   string
	Again    bool // the notice is out, so another day needs another
	Back     string
}

// meetingPlanForm proposes what the charter and custom have.
func meetingPlanForm(v *visit) error {
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	if _, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: v.house.Charter.Meetings.Caller(), Unit: body.ID}); err != nil {
		return err
	}
	f := form{url.Values{"kind": {string(meeting.Ordinary)}, "clock": {"19:00"}, "agenda": {v.T("meeting.plan.agenda_usual")}}}
	if first, _, said := v.house.Charter.Meetings.Season(v.house.Access.Today()); said {
		f.values.Set("day", v.p.ShortDate(first))
		if !first.After(v.house.Access.Today()) {
			f.values.Set("day", "")
		}
	}
	_, seats := v.house.Meetings.Posts(body.ID)
	for code, n := range seats {
		f.values.Set("post-"+code, strconv.Itoa(n))
	}
	return v.meetingForm(body, nil, f, nil)
}

// meetingForm shows the form for a body, filled as it came; with a meeting it is changed.
func (v *visit) meetingForm(body unit.Unit, m *meeting.Meeting, f form, problems look.Problems) error {
	rules := &v.house.Charter.Meetings
	view := meetingForm{
		Problems: problems, Action: meetingNew, Body: body, Day: f.text("day"), Clock: f.text("clock"), Place: f.text("place"), Agenda: f.text("agenda"),
		Days: rules.OrdinaryDays.Value, Other: rules.ExtraordinaryDays.Value, Back: meetingsOf(meetingsPath, body.Code),
		Kind: look.Choices{Name: "kind", Legend: v.T("meeting.plan.kind"), Error: problems.For("kind")},
	}
	if m != nil {
		view.Action, view.Number, view.Back, view.Again = meetingPath(m.Number)+"/plan", m.Number, meetingPath(m.Number), m.State == meeting.Noticed
	}
	if n := v.house.Meetings.Demand(body.ID); n > 0 {
		view.Demand = v.T("meeting.plan.demand", "count", n)
	}
	for _, kind := range meeting.Kinds {
		c := look.Choice{Value: string(kind), Text: v.T("meeting.kind." + string(kind)), Checked: f.text("kind") == string(kind)}
		if kind == meeting.Extraordinary {
			c.Hint = view.Demand
		}
		view.Kind.Options = append(view.Kind.Options, c)
	}
	posts, seats := v.house.Meetings.Posts(body.ID)
	for _, post := range posts {
		name := "post-" + post.Code
		view.Posts = append(view.Posts, look.Field{
			Name: name, Label: post.Name.In(v.p.Lang()), Hint: v.T("meeting.plan.seats", "count", seats[post.Code]), Value: f.text(name),
			Error: problems.For(name), Input: look.NumInput, Width: look.Short,
		})
	}
	title := v.T("meeting.plan.title")
	if m != nil {
		title = v.T("meeting.plan.change")
	}
	return v.show(page{title: title, tab: tabHome, body: meetingFormBody(view), failed: problems != nil})
}

// meetingWish reads a plan.
func (v *visit) meetingWish(body unit.Unit, f form) (meeting.Wish, look.Problems) {
	w := meeting.Wish{
		Unit: body.ID, Kind: meeting.Kind(f.text("kind")), Clock: f.text("clock"), Place: strings.Join(strings.Fields(f.text("place")), " "),
		Agenda: strings.Split(f.text("agenda"), "\n"), Posts: map[string]int{},
	}
	var problems look.Problems
	day, ok := f.date("day")
	if w.Day = day; !ok {
		problems = append(problems, look.Problem{Field: "day", Text: v.T("fault.field.date")})
	}
	posts, _ := v.house.Meetings.Posts(body.ID)
	for _, post := range posts {
		name := "post-" + post.Code
		n, err := strconv.Atoi(f.text(name))
		if err != nil && f.text(name) != "" {
			n = -1
		}
		w.Posts[post.Code] = n
	}
	return w, problems
}

// meetingPlan plans a meeting.
func meetingPlan(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	w, problems := v.meetingWish(body, f)
	var made meeting.Meeting
	if problems == nil {
		made, err = v.house.Meetings.Plan(v.ctx(), v.actor, w)
		if problems, err = v.problems(err); err != nil {
			return err
		}
	}
	if problems != nil {
		return v.meetingForm(body, nil, f, problems)
	}
	return v.toWith(meetingPath(made.Number), "meeting.notice.planned")
}

// meetingAsked is the meeting an address names, for who may see it.
func (v *visit) meetingAsked() (meeting.Meeting, access.Scope, error) {
	number, err := strconv.ParseInt(v.r.PathValue("meeting"), 10, 64)
	if err != nil {
		return meeting.Meeting{}, access.Scope{}, errNotFound
	}
	return v.house.Meetings.Get(v.ctx(), v.actor, number)
}

// meetingChangeForm shows the plan to be changed.
func meetingChangeForm(v *visit) error {
	m, _, err := v.meetingAsked()
	if err != nil {
		return err
	}
	body, _ := v.house.Units.Tree().ByID(m.Unit)
	f := form{url.Values{
		"kind": {string(m.Kind)}, "day": {v.p.ShortDate(m.Day)}, "clock": {m.Clock}, "place": {m.Place}, "agenda": {strings.Join(m.Agenda, "\n")},
	}}
	for i := range m.Polls {
		if p := &m.Polls[i]; p.Post != "" && p.Again == 0 {
			f.values.Set("post-"+p.Post, strconv.Itoa(p.Seats))
		}
	}
	return v.meetingForm(body, &m, f, nil)
}

// meetingChange plans the meeting anew.
func meetingChange(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	m, _, err := v.meetingAsked()
	if err != nil {
		return err
	}
	body, _ := v.house.Units.Tree().ByID(m.Unit)
	w, problems := v.meetingWish(body, f)
	if problems == nil {
		_, err = v.house.Meetings.Change(v.ctx(), v.actor, m.Number, w)
		if problems, err = v.problems(err); err != nil {
			return err
		}
	}
	if problems != nil {
		return v.meetingForm(body, &m, f, problems)
	}
	return v.toWith(meetingPath(m.Number), "meeting.notice.changed")
}

// meetingAct does something to a meeting and shows it again.
func (v *visit) meetingAct(said string, act func(m *meeting.Meeting, f form) error) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	m, _, err := v.meetingAsked()
	if err != nil {
		return err
	}
	problems, err := v.problems(act(&m, f))
	if err != nil {
		return err
	}
	if problems != nil {
		return v.meeting(f, problems)
	}
	return v.toWith(meetingPath(m.Number), said)
}

// meetingCancel calls a meeting off.
func meetingCancel(v *visit) error {
	return v.meetingAct("meeting.notice.cancelled", func(m *meeting.Meeting, _ form) error {
		_, err := v.house.Meetings.Cancel(v.ctx(), v.actor, m.Number)
		return err
	})
}

// meetingOpen opens a meeting.
func meetingOpen(v *visit) error {
	return v.meetingAct("meeting.notice.opened", func(m *meeting.Meeting, _ form) error {
		_, err := v.house.Meetings.Open(v.ctx(), v.actor, m.Number)
		return err
	})
}

// meetingClose ends a meeting.
func meetingClose(v *visit) error {
	return v.meetingAct("meeting.notice.closed", func(m *meeting.Meeting, f form) error {
		_, err := v.house.Meetings.Close(v.ctx(), v.actor, m.Number, f.text("minutes"))
		return err
	})
}

// meetingAsk adds a question, or an election to something that is no post.
func meetingAsk(v *visit) error {
	return v.meetingAct("meeting.notice.asked", func(m *meeting.Meeting, f form) error {
		seats := 0
		if f.text("sort") == "election" {
			seats = max(int(f.number("seats")), 1)
		}
		_, err := v.house.Meetings.Ask(v.ctx(), v.actor, m.Number, f.text("about"), seats)
		return err
	})
}

// meetingNoticed records that the notice is out otherwise.
func meetingNoticed(v *visit) error {
	return v.meetingAct("meeting.notice.noticed", func(m *meeting.Meeting, f form) error {
		on, ok := f.date("on")
		if !ok {
			return problem("on", "fault.field.date")
		}
		_, err := v.house.Meetings.Noticed(v.ctx(), v.actor, m.Number, on)
		return err
	})
}

// meetingProtocol is what was counted, as the paper that is signed.
func meetingProtocol(v *visit) error {
	m, scope, err := v.meetingAsked()
	if err != nil {
		return err
	}
	all, counted, names, err := v.candidates(scope, &m)
	if err != nil {
		return err
	}
	var file bytes.Buffer
	if err := v.house.Meetings.Protocol(&file, &m, all, counted, names, v.p); err != nil {
		return err
	}
	return v.download(m.FileName(v.p)+".pdf", "application/pdf", file.Bytes())
}

// candidates are who stands at a meeting and who counted, with their names.
func (v *visit) candidates(scope access.Scope, m *meeting.Meeting) ([]meeting.Candidate, map[int][]vault.PersonID, map[vault.PersonID]string, error) {
	all, counted, err := v.house.Meetings.Candidates(v.ctx(), scope, m)
	if err != nil {
		return nil, nil, nil, err
	}
	var persons []vault.PersonID
	for i := range all {
		persons = append(persons, all[i].Person)
	}
	for _, two := range counted {
		persons = append(persons, two...)
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	return all, counted, names, err
}
