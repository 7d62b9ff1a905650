package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"kartotek/internal/access"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/mailing"
	"kartotek/internal/web/look"
)

// Messages to members, written by a body and sent by the house. An address carries a
// mailing's number, a body's code and a purpose's.
const (
	mailingsPath   = "/mailings"
	mailingNewPath = mailingsPath + "/new"
)

// mailingsShown is how many mailings a page has.
const mailingsShown = 30

func mailingPath(id int64) string { return mailingsPath + "/" + strconv.FormatInt(id, 10) }

// writePath is where a message for a purpose is begun: the first thing offered to
// whoever wants a list for it.
func writePath(body, purpose string) string {
	q := url.Values{}
	for name, value := range map[string]string{"unit": body, "purpose": purpose} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if len(q) == 0 {
		return mailingNewPath
	}
	return mailingNewPath + "?" + q.Encode()
}

// mailingRow is a line of the list of mailings.
type mailingRow struct {
	URL, Subject, Body, Purpose string
	Tone                        look.Tone
	State, When, Reached        string
}

type mailingsView struct {
	New   bool
	Rows  []mailingRow
	Pages look.Pages
}

// seesMailings reports whether the visitor writes or approves anything.
func (v *visit) seesMailings() bool { return len(v.house.Mailings.Bodies(v.actor)) > 0 }

func mailingsPage(v *visit) error {
	at := v.query().page()
	all, total, err := v.house.Mailings.List(v.ctx(), v.actor, at, mailingsShown)
	if err != nil {
		return err
	}
	view := mailingsView{New: v.seesMailings()}
	if !view.New && total == 0 {
		return fault.New(fault.Denied, "mailing.denied.see")
	}
	for i := range all {
		m := &all[i]
		row := mailingRow{URL: mailingPath(m.ID), Subject: m.Subject, Body: v.reachName(m.Unit), Purpose: v.purposeName(m.Purpose), When: v.mailingWhen(&m.Mailing)}
		row.Tone, row.State = v.mailingState(&m.Mailing)
		if !m.BegunAt.IsZero() {
			row.Reached = v.T("mailing.page.reached", "count", m.Counts.ByMail+m.Counts.ByLetter, "of", v.p.Number(m.Counts.Members))
		}
		view.Rows = append(view.Rows, row)
	}
	view.Pages = look.Pages{Label: v.T("mailing.page.pages"), Page: at, Last: (total + mailingsShown - 1) / mailingsShown, URL: pageURL(mailingsPath)}
	return v.show(page{title: v.T("mailing.page.title"), tab: tabLists, body: mailingsBody(view)})
}

func (v *visit) mailingState(m *mailing.Mailing) (look.Tone, string) {
	tone := look.Note
	switch m.State {
	case mailing.Submitted:
		tone = look.Soon
	case mailing.Refused:
		tone = look.Late
	case mailing.Sent:
		tone = look.OK
	case mailing.Drafted, mailing.Stopped:
		tone = look.Calm
	}
	return tone, v.T("mailing.state." + string(m.State))
}

// mailingWhen is the time that matters of a mailing.
func (v *visit) mailingWhen(m *mailing.Mailing) string {
	zone := v.house.Charter.Location()
	switch {
	case m.State == mailing.Submitted && m.BegunAt.IsZero():
		return v.T("mailing.page.answer_by", "date", m.AnswerBy)
	case m.State == mailing.Approved:
		return v.T("mailing.page.begins", "at", v.p.DateTime(m.SendAt, zone))
	case !m.EndedAt.IsZero():
		return v.p.DateTime(m.EndedAt, zone)
	case !m.BegunAt.IsZero():
		return v.p.DateTime(m.BegunAt, zone)
	}
	return v.p.DateTime(m.Since, zone)
}

// mailingView is one mailing: what it says, whom it reaches, and what can be done.
type mailingView struct {
	Problems         look.Problems
	Sight            mailing.Sight
	Path             string
	Body             string
	Tone             look.Tone
	State            string
	About            look.Rows
	Slip             look.Rows // before it is sent
	Report           look.Rows // since
	ByMail, ByLetter []string  // paragraphs
	Letters          bool      // its purpose has the postal address
	Grounds          string
	Why              string // of a refusal, as typed
	Alone            bool
}

func mailingPage(v *visit) error { return v.mailing("", nil) }

func (v *visit) mailing(why string, problems look.Problems) error {
	m, err := v.mailingAsked()
	if err != nil {
		return err
	}
	zone := v.house.Charter.Location()
	view := mailingView{Problems: problems, Sight: m, Path: mailingPath(m.ID), Body: v.reachName(m.Unit), Why: why, Grounds: m.Grounds}
	if strings.HasPrefix(m.Grounds, "mailing.grounds.") {
		view.Grounds = v.T(m.Grounds)
	}
	view.Alone = v.house.Mailings.Alone(v.actor, m.Unit, m.Purpose)
	view.Tone, view.State = v.mailingState(&m.Mailing)
	scope, err := v.house.Access.Numbers(v.actor, m.Unit, m.Purpose)
	if err != nil {
		return err
	}
	names, err := v.house.Members.Names(v.ctx(), scope, m.Author())
	if err != nil {
		return err
	}
	view.About = look.Rows{
		{Term: v.T("mailing.page.purpose"), Value: look.Text(v.purposeName(m.Purpose))},
		{Term: v.T("mailing.page.body"), Value: look.Text(view.Body)},
		{Term: v.T("mailing.page.written"), Value: look.Text(v.nameOf(names, m.WrittenBy)), Note: v.p.DateTime(m.WrittenAt, zone)},
	}
	if m.ApprovedBy != 0 {
		view.About = append(view.About, look.Row{Term: v.T("mailing.page.approved"), Value: look.Text(v.nameOf(names, m.ApprovedBy)), Note: v.p.DateTime(m.ApprovedAt, zone)})
	}
	if m.ReplyTo != "" {
		view.About = append(view.About, look.Row{Term: v.T("mailing.page.reply"), Value: look.Text(m.ReplyTo)})
	}
	when := v.T("mailing.page.at_once")
	if !m.SendAt.IsZero() {
		when = v.p.DateTime(m.SendAt, zone)
	}
	view.About = append(view.About, look.Row{Term: v.T("mailing.page.when"), Value: look.Text(when)})
	if m.BegunAt.IsZero() {
		slip, err := v.house.Mailings.Slip(v.ctx(), v.actor, m.Draft)
		if err != nil {
			return err
		}
		view.Slip = v.slipRows(&slip, m.Least)
	} else {
		view.Report = v.reportRows(&m)
	}
	byMail, byLetter := v.house.Mailings.Preview(m.Draft)
	view.ByMail = strings.Split(byMail, "\n\n")
	p, _ := v.house.Charter.Purpose(m.Purpose)
	if view.Letters = m.Letters && p != nil && slices.Contains(p.Fields, "address"); view.Letters {
		view.ByLetter = strings.Split(byLetter, "\n\n")
	}
	return v.show(page{title: m.Subject, tab: tabLists, body: mailingBody(view), failed: problems != nil})
}

// few is a number as somebody may know it: one that could be about somebody is told as
// fewer than so many.
func (v *visit) few(n, least int) string {
	if n > 0 && n < least {
		return v.T("mailing.page.fewer", "count", least)
	}
	return v.p.Number(n)
}

func (v *visit) slipRows(s *mailing.Slip, least int) look.Rows {
	rows := look.Rows{
		{Term: v.T("mailing.count.by_mail"), Value: look.Text(v.p.Number(s.ByMail)), Note: v.together(s.Mails, s.ByMail)},
		{Term: v.T("mailing.count.by_letter"), Value: look.Text(v.few(s.ByLetter, least)), Note: v.together(s.Letters, s.ByLetter)},
	}
	return append(rows, v.leftRows(s.Objected, s.Restricted+s.LeftOut, s.Left.Covered, s.Left.Returned, s.Left.Nowhere, least)...)
}

// together says how many messages reach them, where households get one together.
func (v *visit) together(messages, members int) string {
	if messages == members {
		return ""
	}
	return v.T("mailing.page.messages", "count", messages)
}

func (v *visit) leftRows(objected, restricted, covered, returned, nowhere, least int) (rows look.Rows) {
	for _, left := range []struct {
		key string
		n   int
	}{{"objected", objected}, {"restricted", restricted}, {"covered", covered}, {"returned", returned}, {"nowhere", nowhere}} {
		if left.n > 0 {
			rows = append(rows, look.Row{Term: v.T("mailing.count." + left.key), Value: look.Text(v.few(left.n, least))})
		}
	}
	return rows
}

func (v *visit) reportRows(m *mailing.Sight) look.Rows {
	c := &m.Counts
	rows := look.Rows{
		{Term: v.T("mailing.count.members"), Value: look.Text(v.p.Number(c.Members))},
		{Term: v.T("mailing.count.by_mail"), Value: look.Text(v.p.Number(c.ByMail)), Note: v.together(c.Mails, c.ByMail)},
	}
	if c.Mails > 0 {
		rows = append(rows, look.Row{Term: v.T("mailing.count.accepted"), Value: look.Text(v.p.Number(c.Accepted))})
	}
	rows = append(rows, look.Row{Term: v.T("mailing.count.by_letter"), Value: look.Text(v.few(c.ByLetter, m.Least)), Note: v.together(c.Letters, c.ByLetter)})
	if c.Bounced > 0 {
		rows = append(rows, look.Row{Term: v.T("mailing.count.bounced"), Value: look.Text(v.few(c.Bounced, m.Least))})
	}
	rows = append(rows, v.leftRows(c.Objected, c.Restricted+c.LeftOut, c.Covered, c.Returned, c.Nowhere, m.Least)...)
	if c.Passed > 0 {
		rows = append(rows, look.Row{Term: v.T("mailing.count.passed"), Value: look.Text(v.few(c.Passed, m.Least))})
	}
	if c.Unsubscribed > 0 {
		rows = append(rows, look.Row{Term: v.T("mailing.count.unsubscribed"), Value: look.Text(v.few(c.Unsubscribed, m.Least))})
	}
	return rows
}

// mailingAct does one act on a mailing and says what was done.
func mailingAct(notice string, act func(v *visit, id int64) error) func(*visit) error {
	return func(v *visit) error {
		m, err := v.mailingAsked()
		if err != nil {
			return err
		}
		if err := act(v, m.ID); err != nil {
			problems, err := v.problems(err)
			if err != nil {
				return err
			}
			return v.mailing("", problems)
		}
		return v.toWith(mailingPath(m.ID), notice)
	}
}

func mailingSubmit(v *visit, id int64) error {
	_, err := v.house.Mailings.Submit(v.ctx(), v.actor, id)
	return err
}

func mailingTakeBack(v *visit, id int64) error {
	_, err := v.house.Mailings.TakeBack(v.ctx(), v.actor, id)
	return err
}

func mailingApprove(v *visit, id int64) error {
	_, err := v.house.Mailings.Approve(v.ctx(), v.actor, id)
	return err
}

func mailingSend(v *visit, id int64) error {
	_, err := v.house.Mailings.Send(v.ctx(), v.actor, id)
	return err
}

func mailingStop(v *visit, id int64) error {
	_, err := v.house.Mailings.Stop(v.ctx(), v.actor, id)
	return err
}

func mailingTest(v *visit, id int64) error {
	return v.house.Mailings.Test(v.ctx(), v.actor, id)
}

func mailingRefuse(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	m, err := v.mailingAsked()
	if err != nil {
		return err
	}
	if _, err = v.house.Mailings.Refuse(v.ctx(), v.actor, m.ID, f.text("grounds")); err != nil {
		problems, err := v.problems(err)
		if err != nil {
			return err
		}
		return v.mailing(f.text("grounds"), problems)
	}
	return v.toWith(mailingPath(m.ID), "mailing.notice.refused")
}

func mailingDrop(v *visit) error {
	m, err := v.mailingAsked()
	if err != nil {
		return err
	}
	if err := v.house.Mailings.Drop(v.ctx(), v.actor, m.ID); err != nil {
		return err
	}
	return v.toWith(mailingsPath, "mailing.notice.dropped")
}

// sentToMe is what a member was sent, for their own page.
func (v *visit) sentToMe(scope access.Scope) ([]look.Line, error) {
	all, err := v.house.Mailings.Got(v.ctx(), scope)
	if err != nil {
		return nil, err
	}
	var lines []look.Line
	for i := range all[:min(len(all), shownSeen)] {
		g := &all[i]
		lines = append(lines, look.Line{
			Day: v.day(g.At), What: look.Text(v.purposeName(g.Purpose)),
			Rest: []templ.Component{look.Text(v.reachName(g.Unit)), look.Text(v.T("mailing.how." + string(g.How)))},
		})
	}
	return lines, nil
}

// submitTitle is what handing in is called: a notice that needs nobody else is sent.
func submitTitle(p *locale.Printer, view mailingView) string {
	if view.Alone {
		return p.T("mailing.page.send_own")
	}
	return p.T("mailing.page.submit")
}

func submitText(p *locale.Printer, view mailingView) string {
	if view.Alone {
		return p.T("mailing.page.send_own_text")
	}
	return p.T("mailing.page.submit_text")
}

// firstMailed is a purpose that can be sent, where none is chosen yet.
func (v *visit) firstMailed() string {
	if all := v.house.Charter.Mailings.Purposes; len(all) > 0 {
		return all[0]
	}
	return ""
}

// listKind is the weight of the button for a list, where sending comes first.
func listKind(write bool) look.Kind {
	if write {
		return look.Quiet
	}
	return look.Primary
}
