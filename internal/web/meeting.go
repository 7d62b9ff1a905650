package web

import (
	"net/url"
	"slices"
	"strconv"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/meeting"
	"kartotek/internal/web/look"
)

// problem is a fault about one field.
func problem(field, key string) error {
	return fault.New(fault.Invalid, "meeting.error.wish").With(field, key)
}

// meetingView is one meeting: what was planned, how the notice stands, the votes, and
// what can be done next.
type meetingView struct {
	Problems look.Problems
	Path     string
	Title    string
	Lead     string
	Back     string
	Tone     look.Tone
	State    string
	Rows     look.Rows
	Agenda   []string
	Late     *look.Notice // what a notice that is late means
	Polls    []pollRow
	Figures  look.Figures
	Quorum   string
	Short    bool // fewer have come than the charter wants

	Call   bool // may call it: plan, notice, count
	Pull   bool // may see the roll
	Plans  bool // it can be changed and called off
	Write  bool // the notice can be written here
	Called bool // and noted as sent otherwise
	On     string
	Mail   string // where the mailing stands
	Opens  bool
	Day    string // the day it opens
	Held   bool
	Sheet  bool
	Paper  bool
	About  string
	Sort   string
	Seats  string
	Ends   string
	Board  string // where the new board is entered
	Done   string // when it was
}

type pollRow struct {
	URL, What, Who string
	Tone           look.Tone
	State          string
}

// meetingPage is one meeting.
func meetingPage(v *visit) error {
	return v.meeting(form{url.Values{"on": {v.p.ShortDate(v.house.Access.Today())}}}, nil)
}

func (v *visit) meeting(f form, problems look.Problems) error {
	m, scope, err := v.meetingAsked()
	if err != nil {
		return err
	}
	body, _ := v.house.Units.Tree().ByID(m.Unit)
	today := v.house.Access.Today()
	view := meetingView{
		Problems: problems, Path: meetingPath(m.Number), Title: v.T("meeting.kind." + string(m.Kind)), Back: meetingsOf(meetingsPath, body.Code), Agenda: m.Agenda,
		Lead: v.T("meeting.page.lead", "body", body.Name, "date", v.p.WeekdayDate(m.Day), "clock", m.Clock),
		Call: v.house.Meetings.MayCall(v.actor, m.Unit), Pull: v.may(charter.Pull),
		On: f.text("on"), About: f.text("about"), Sort: f.text("sort"), Seats: f.text("seats"), Ends: f.text("minutes"),
	}
	view.Tone, view.State = v.meetingState(&m)
	view.Rows = v.meetingRows(&m)
	view.Plans = view.Call && (m.State == meeting.Planned || m.State == meeting.Noticed)
	view.Called = view.Call && m.State == meeting.Planned
	view.Write = view.Called && m.Mailing == 0 && v.house.Meetings.Mailer != nil
	view.Held = m.State == meeting.Held
	view.Opens = view.Plans && !today.Before(m.Day)
	view.Sheet = view.Pull && (view.Held || m.State == meeting.Planned || m.State == meeting.Noticed)
	view.Paper = view.Held || m.State == meeting.Closed
	if view.Plans && !view.Opens {
		view.Day = v.p.WeekdayDate(m.Day)
	}
	if m.State != meeting.Cancelled && m.State != meeting.Closed && m.Late(today) {
		view.Late = v.lateNotice(&m)
	}
	if view.Paper {
		view.Figures, view.Quorum, view.Short = v.meetingFigures(&m), v.house.Meetings.QuorumRule(v.p, &m.Numbers), !m.Numbers.Quorate(&v.house.Charter.Meetings)
		switch {
		case !m.BoardOn.IsZero():
			view.Done = v.p.Date(m.BoardOn)
		case m.Fills() && v.may(charter.Appoint) && !slices.ContainsFunc(m.Polls, func(p meeting.Poll) bool { return p.Post != "" && p.State == meeting.Waiting }):
			view.Board = handoverAt + "?" + url.Values{"meeting": {strconv.FormatInt(m.Number, 10)}}.Encode()
		}
	}
	all, _, names, err := v.candidates(scope, &m)
	if err != nil {
		return err
	}
	for i := range m.Polls {
		p := &m.Polls[i]
		row := pollRow{URL: pollPath(m.Number, p.Line), What: v.pollName(p), State: v.T("meeting.poll." + string(p.State)), Tone: pollTone(p.State)}
		var who []string
		for _, c := range all {
			if c.Line != p.Line || p.State != meeting.Waiting && !c.Elected {
				continue
			}
			who = append(who, v.nameOf(names, c.Person))
		}
		if row.Who = "–"; len(who) > 0 {
			row.Who = v.p.List(who)
		}
		view.Polls = append(view.Polls, row)
	}
	return v.show(page{title: view.Title, tab: tabHome, body: meetingBody(view), failed: problems != nil})
}

// pollName is what a vote is about.
func (v *visit) pollName(p *meeting.Poll) string {
	name := v.house.Meetings.PostSeats(p, v.p)
	if p.Again != 0 {
		return v.T("meeting.poll.again_of", "what", name)
	}
	return name
}

func pollTone(s meeting.PollState) look.Tone {
	switch s {
	case meeting.Elected, meeting.Carried:
		return look.OK
	case meeting.Tied, meeting.Short:
		return look.Soon
	case meeting.Waiting:
		return look.Note
	}
	return look.Calm
}

func (v *visit) meetingRows(m *meeting.Meeting) look.Rows {
	rows := look.Rows{
		{Term: v.T("meeting.page.when"), Value: look.Strong(v.p.WeekdayDate(m.Day) + " " + v.T("meeting.page.at", "clock", m.Clock))},
	}
	if m.Place != "" {
		rows = append(rows, look.Row{Term: v.T("meeting.page.where"), Value: look.Text(m.Place)})
	}
	switch {
	case !m.NoticedOn.IsZero():
		rows = append(rows, look.Row{Term: v.T("meeting.page.notice"), Value: look.Text(v.T("meeting.page.noticed", "date", m.NoticedOn)), Note: v.T("meeting.page.notice_was", "date", m.NoticeBy)})
	case m.State == meeting.Planned:
		rows = append(rows, look.Row{Term: v.T("meeting.page.notice"), Value: look.Strong(v.T("meeting.page.notice_by", "date", m.NoticeBy))})
		if m.Mailing != 0 {
			rows = append(rows, look.Row{
				Term: v.T("meeting.page.mailing"), Value: look.Link{Text: v.T("meeting.page.mailing_open", "number", m.Mailing), URL: mailingPath(m.Mailing)},
				Note: v.T("meeting.page.mailing_waits"),
			})
		}
	}
	if m.Minutes != "" {
		rows = append(rows, look.Row{Term: v.T("meeting.page.minutes"), Value: look.Text(m.Minutes)})
	}
	return rows
}

// lateNotice says what a notice that is out too late means, and what can be done.
func (v *visit) lateNotice(m *meeting.Meeting) *look.Notice {
	days := v.house.Charter.Meetings.NoticeDays(m.Kind == meeting.Ordinary)
	n := look.Notice{Tone: look.Late, Title: v.T("meeting.late.title"), Text: v.T("meeting.late.was", "days", days, "by", m.NoticeBy)}
	if m.NoticedOn.IsZero() {
		n.Text = v.T("meeting.late.is", "days", days, "by", m.NoticeBy, "first", v.house.Access.Today().AddDays(days))
	}
	return &n
}

func (v *visit) meetingFigures(m *meeting.Meeting) look.Figures {
	return look.Figures{
		{Term: v.T("meeting.figure.present"), Value: v.p.Number(m.Present + m.Unlisted)},
		{Term: v.T("meeting.figure.voting"), Value: v.p.Number(m.Voting + m.Unlisted)},
		{Term: v.T("meeting.figure.ballots"), Value: v.p.Number(m.Most())},
		{Term: v.T("meeting.figure.entitled"), Value: v.p.Number(m.Entitled)},
	}
}

// meetingNoticeView is the notice on its way to everybody.
type meetingNoticeView struct {
	Problems      look.Problems
	Path, Title   string
	Body          string
	Subject, Text string
	By            string
}

// meetingNoticeForm proposes the notice.
func meetingNoticeForm(v *visit) error {
	m, _, err := v.meetingAsked()
	if err != nil {
		return err
	}
	subject, text := v.house.Meetings.NoticeText(&m, v.house.Charter.Printer(v.house.Charter.Lang())) // the association's language, not the visitor's
	return v.meetingNotices(form{url.Values{"subject": {subject}, "text": {text}}}, nil)
}

func (v *visit) meetingNotices(f form, problems look.Problems) error {
	m, _, err := v.meetingAsked()
	if err != nil {
		return err
	}
	if !v.house.Meetings.MayCall(v.actor, m.Unit) || m.State != meeting.Planned {
		return errNotFound
	}
	view := meetingNoticeView{
		Problems: problems, Path: meetingPath(m.Number), Title: v.T("meeting.kind." + string(m.Kind)), Body: v.unitName(m.Unit),
		Subject: f.text("subject"), Text: f.text("text"), By: v.p.Date(m.NoticeBy),
	}
	return v.show(page{title: v.T("meeting.write.title"), tab: tabHome, body: meetingNoticeBody(view), failed: problems != nil})
}

// meetingNoticeWrite makes the mailing.
func meetingNoticeWrite(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	m, _, err := v.meetingAsked()
	if err != nil {
		return err
	}
	m, err = v.house.Meetings.Notice(v.ctx(), v.actor, m.Number, f.text("subject"), f.text("text"))
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.meetingNotices(f, problems)
	}
	return v.toWith(mailingPath(m.Mailing), "meeting.notice.written")
}
