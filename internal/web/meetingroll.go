package web

import (
	"strconv"

	"kartotek/internal/fault"
	"kartotek/internal/meeting"
	"kartotek/internal/web/look"
)

// rollShown is how many names of a roll a page shows: a screen's worth at a door.
const rollShown = 25

// rollForm is the id of the form that pages are buttons of.
const rollForm = "roll"

// rollView is the electoral roll on a phone at the door.
type rollView struct {
	Problems look.Problems
	Path     string
	Title    string
	Lead     string
	Meeting  string
	Text     string
	Reading  int64
	Open     bool
	Why      string // why nobody can be ticked
	Proxies  int    // how many votes one may cast for others
	Absent   string // their member numbers
	Holder   string
	Figures  look.Figures
	Rows     look.Table[rollRow]
	Says     string
	Pages    look.Pages
	Rule     string
	Stopped  int // restricted
	Unlisted string
	Sheet    bool
	Because  look.Because
}

type rollRow struct {
	Name, Number string
	Tone         look.Tone
	Vote, Why    string
	Came         string
	Here         bool
	Buttons      []look.PostButton
}

// meetingRoll shows the roll of a meeting.
func meetingRoll(v *visit) error { return v.roll(v.query(), nil) }

// meetingRollSearch looks for somebody on it. What was typed is in no address.
func meetingRollSearch(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	return v.roll(f, nil)
}

func (v *visit) roll(f form, problems look.Problems) error {
	asked, _, err := v.meetingAsked()
	if err != nil {
		return err
	}
	shown, err := v.house.Meetings.Roll(v.ctx(), v.actor, asked.Number, meeting.Look{
		Text: f.text("q"), Page: f.page(), Size: rollShown, Reading: f.number("reading"),
	})
	if err != nil {
		return err
	}
	m := &shown.Meeting
	view := rollView{
		Problems: problems, Path: meetingPath(m.Number) + "/roll", Title: v.T("meeting.roll.title"), Meeting: v.T("meeting.kind." + string(m.Kind)),
		Lead: v.T("meeting.roll.lead", "body", v.unitName(m.Unit), "date", m.Day), Text: f.text("q"), Reading: shown.Reading,
		Proxies: v.house.Charter.Meetings.Proxies.Value, Absent: f.text("absent"), Holder: f.text("holder"),
		Open: m.State == meeting.Held, Rule: v.house.Meetings.VoteRule(v.p), Stopped: shown.Restricted,
		Says: v.T("meeting.roll.count", "count", shown.Total), Sheet: !m.State.Over(),
		Pages: look.Pages{Page: f.page(), Last: shown.Pages, Form: rollForm},
	}
	if m.Unlisted > 0 {
		view.Unlisted = strconv.Itoa(m.Unlisted)
	}
	if view.Open {
		view.Figures = v.meetingFigures(m)[:3]
	} else {
		view.Why = v.T("meeting.roll.not_open." + string(m.State))
		view.Figures = look.Figures{
			{Term: v.T("meeting.figure.entitled"), Value: v.p.Number(shown.Entitled)}, {Term: v.T("meeting.figure.without"), Value: v.p.Number(shown.Without)},
		}
	}
	view.Because = v.becauseOf("meeting", shown.Scope())
	view.Rows = rollTable(v.p, view.Open)
	for i := range shown.Lines {
		view.Rows.Rows = append(view.Rows.Rows, v.rollRow(&view, &shown.Lines[i]))
	}
	return v.show(page{title: view.Title, tab: tabHome, body: rollBody(view), failed: problems != nil})
}

func (v *visit) rollRow(view *rollView, l *meeting.Line) rollRow {
	row := rollRow{Name: l.Name, Number: l.Number, Tone: look.Calm, Vote: v.T("meeting.roll.no_vote"), Why: v.house.Meetings.Why(&l.Verdict, v.p)}
	if l.Vote {
		row.Tone, row.Vote = look.OK, v.T("meeting.roll.vote")
	}
	if a := l.Arrival; a != nil {
		clock := v.p.Time(a.At, v.house.Charter.Location())
		switch {
		case a.For != 0:
			row.Came = v.T("meeting.roll.proxy")
		case !a.LeftAt.IsZero():
			row.Came = v.T("meeting.roll.left", "clock", v.p.Time(a.LeftAt, v.house.Charter.Location()))
		case a.Ballots > 1:
			row.Came = v.T("meeting.roll.came_more", "clock", clock, "count", a.Ballots)
		case a.Ballots == 1:
			row.Came = v.T("meeting.roll.came_ballot", "clock", clock)
		default:
			row.Came = v.T("meeting.roll.came", "clock", clock)
		}
		row.Here = a.Here()
	}
	if !view.Open {
		return row
	}
	button := func(tick meeting.Tick, key string, kind look.Kind) {
		row.Buttons = append(row.Buttons, look.PostButton{
			Button: look.Button{Text: v.T("meeting.roll.tick." + key), About: l.Name, Kind: kind, Small: true}, Action: view.Path + "/mark",
			Values: []look.Value{{Name: "person", Value: v.public(l.Person)}, {Name: "tick", Value: string(tick)}, {Name: "reading", Value: readingValue(view.Reading)}},
		})
	}
	switch a := l.Arrival; {
	case a != nil && a.For != 0:
		button(meeting.Undone, "undo", look.Quiet)
	case row.Here:
		button(meeting.Left, "left", look.Quiet)
		button(meeting.Undone, "undo", look.Quiet)
	case l.Vote:
		button(meeting.Came, "came_ballot", look.Primary)
		button(meeting.Without, "without", look.Quiet)
	default:
		button(meeting.Without, "came", look.Primary)
	}
	return row
}

// meetingMark ticks somebody off and shows the roll again, ready for the next.
func meetingMark(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	m, _, err := v.meetingAsked()
	if err != nil {
		return err
	}
	person, known := v.house.Keyring.PersonOf(f.text("person"))
	if !known {
		return errNotFound
	}
	tick := meeting.Tick(f.text("tick"))
	_, err = v.house.Meetings.Mark(v.ctx(), v.actor, m.Number, person, tick)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		f.values.Del("q")
		return v.roll(f, problems)
	}
	return v.toWith(meetingPath(m.Number)+"/roll?reading="+readingValue(f.number("reading")), "meeting.notice.tick_"+string(tick))
}

// meetingProxy lets somebody who has come cast the vote of somebody who has not.
func meetingProxy(v *visit) error {
	return v.rollAct("meeting.notice.proxy", func(m *meeting.Meeting, f form) error {
		scope, err := v.house.Meetings.RollScope(v.ctx(), v.actor, m)
		if err != nil {
			return err
		}
		absent, err := v.house.Members.ByNumber(v.ctx(), scope, f.text("absent"))
		if err != nil {
			return orField(err, "absent")
		}
		holder, err := v.house.Members.ByNumber(v.ctx(), scope, f.text("holder"))
		if err != nil {
			return orField(err, "holder")
		}
		_, err = v.house.Meetings.Proxy(v.ctx(), v.actor, m.Number, absent, holder)
		return err
	})
}

// orField says of a number nobody has that the field is wrong.
func orField(err error, field string) error {
	if fault.Is(err, fault.NotFound) {
		return problem(field, "meeting.error.number")
	}
	return err
}

// meetingUnlisted enters how many have come with a vote who are on no roll.
func meetingUnlisted(v *visit) error {
	return v.rollAct("meeting.notice.unlisted", func(m *meeting.Meeting, f form) error {
		n, err := strconv.Atoi(f.text("unlisted"))
		if err != nil {
			n = -1
		}
		_, err = v.house.Meetings.Unlisted(v.ctx(), v.actor, m.Number, n)
		return err
	})
}

func (v *visit) rollAct(said string, act func(m *meeting.Meeting, f form) error) error {
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
		return v.roll(f, problems)
	}
	return v.toWith(meetingPath(m.Number)+"/roll", said)
}

// meetingSheet takes the attendance sheet out: a list with a number, a last day and a
// duty to destroy it (D12).
func meetingSheet(v *visit) error {
	m, _, err := v.meetingAsked()
	if err != nil {
		return err
	}
	d, err := v.house.PullRoll(v.ctx(), v.actor, m.Number, v.p.Lang())
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) {
		problems := look.Problems{{Text: v.T("meeting.sheet.early", "count", v.house.Charter.ListDays)}}
		if fault.Is(err, fault.NotFound) {
			problems = look.Explain(v.p, err)
		}
		return v.meeting(form{v.query().values}, problems)
	}
	if err != nil {
		return err
	}
	return v.deliver(d)
}
