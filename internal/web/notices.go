package web

import (
	"net/http"
	"strconv"

	"github.com/a-h/templ"

	"kartotek/internal/app"
	"kartotek/internal/fault"
	"kartotek/internal/notice"
	"kartotek/internal/web/look"
)

const noticesPath = "/notices"

// noticesShown is how many notices a page has.
const noticesShown = 50

func noticePath(id int64) string { return noticesPath + "/" + strconv.FormatInt(id, 10) }

// noticesView is what holders outside were told.
type noticesView struct {
	notice.Page
	Rows  []noticeRow
	Order look.Select
	Pages look.Pages
}

// noticeRow is a notice as pages show it.
type noticeRow struct {
	notice.Notice
	Path  string
	Tone  look.Tone
	State string
	Told  string
	Done  string
}

func (v *visit) noticeRow(n *notice.Notice) noticeRow {
	zone := v.house.Charter.Location()
	row := noticeRow{Notice: *n, Path: noticePath(n.ID), Tone: look.OK, State: v.T("notice.state." + string(n.State)), Told: v.p.DateTime(n.ToldAt, zone)}
	switch n.State {
	case notice.Told:
		row.Tone = look.Soon
		if !n.Reminded.IsZero() {
			row.Tone = look.Late
		}
	case notice.Refused, notice.Effort:
		row.Tone = look.Note
	}
	if !n.DoneAt.IsZero() {
		row.Done = v.p.DateTime(n.DoneAt, zone)
	}
	return row
}

func noticesPage(v *visit) error {
	q := v.query()
	at, order := q.page(), q.text("sort")
	p, err := v.house.Notices.List(v.ctx(), v.actor, order, at, noticesShown)
	if err != nil {
		return err
	}
	view := noticesView{Page: p, Order: look.Select{Name: "sort", Label: v.T("notice.list.sort"), Value: order, Submit: true}}
	for _, code := range notice.Orders {
		view.Order.Options = append(view.Order.Options, look.Option{Value: code, Text: v.T("notice.order." + code)})
	}
	for i := range p.Notices {
		view.Rows = append(view.Rows, v.noticeRow(&p.Notices[i]))
	}
	view.Pages = look.Pages{Label: v.T("notice.list.pages"), Page: at, Last: (p.All + noticesShown - 1) / noticesShown, URL: pageURL(noticesPath, "sort", order)}
	return v.show(page{title: v.T("notice.list.title"), tab: tabAdministration, body: noticesBody(view)})
}

func noticesSend(v *visit) error {
	n, err := v.house.Notices.SendNow(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	return v.toWith(noticesPath, "notice.done.sent", int64(n))
}

// noticeView is one notice.
type noticeView struct {
	noticeRow
	Title    string
	Problems look.Problems
	Lines    []string
	Next     look.Choices
	Text     string
	Key      string // of a holder who reads it by its link
}

func (v *visit) noticeLine(l *notice.Line) string {
	return app.NoticeLine(v.p, l, func(_, code string) string { return v.fieldName(code) })
}

func (v *visit) noticeAsked() int64 {
	id, _ := strconv.ParseInt(v.r.PathValue("notice"), 10, 64)
	return id
}

func noticePage(v *visit) error { return v.noticeOf(form{}, nil) }

func (v *visit) noticeOf(f form, problems look.Problems) error {
	n, err := v.house.Notices.Read(v.ctx(), v.actor, v.noticeAsked())
	if err != nil {
		return err
	}
	view := noticeView{noticeRow: v.noticeRow(&n), Title: v.T("notice.numbered", "number", n.ID), Problems: problems, Text: f.text("ground")}
	for i := range n.Lines {
		view.Lines = append(view.Lines, v.noticeLine(&n.Lines[i]))
	}
	view.Next = look.Choices{Name: "state", Legend: v.T("notice.single.answer"), Error: problems.For("state")}
	for _, s := range notice.States[1:] {
		view.Next.Options = append(view.Next.Options, look.Choice{Value: string(s), Text: v.T("notice.answer." + string(s)), Checked: f.chosen("state", string(s))})
	}
	return v.show(page{title: view.Title, tab: tabAdministration, body: noticeBody(view), failed: problems != nil})
}

func noticeSettle(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	problems, err := v.problems(v.house.Notices.Settle(v.ctx(), v.actor, v.noticeAsked(), notice.State(f.text("state")), f.text("ground")))
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.noticeOf(f, problems)
	}
	return v.toWith(noticePath(v.noticeAsked()), "notice.done.settled")
}

func noticeAgain(v *visit) error {
	if err := v.house.Notices.Again(v.ctx(), v.actor, v.noticeAsked()); err != nil {
		return err
	}
	return v.toWith(noticePath(v.noticeAsked()), "notice.done.again")
}

// noticeOpen shows a holder what it is asked to do, by the link in its mail. It
// spends nothing: mail scanners open links too.
func noticeOpen(v *visit) error { return v.noticeByKey(v.query().text(keyField)) }

func (v *visit) noticeByKey(key string) error {
	n, err := v.house.Notices.ByKey(v.ctx(), key)
	if fault.Is(err, fault.NotFound) {
		return v.show(page{title: v.T("notice.own.none"), status: http.StatusNotFound, body: goneBody(v.T("notice.own.none"), v.T("notice.own.none_text"))})
	}
	if err != nil {
		return err
	}
	view := noticeView{noticeRow: v.noticeRow(&n), Title: v.T("notice.own.title"), Key: key}
	for i := range n.Lines {
		view.Lines = append(view.Lines, v.noticeLine(&n.Lines[i]))
	}
	return v.show(page{title: view.Title, body: noticeOwnBody(view)})
}

func noticeAcknowledge(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	key := f.text(keyField)
	if _, err := v.house.Notices.Acknowledge(v.ctx(), key); err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	return v.to("/notice?" + keyField + "=" + key)
}

// tellings are who was told about whoever asks (CJEU C-154/21).
func (v *visit) tellings() ([]look.Line, error) {
	scope, err := v.self()
	if err != nil {
		return nil, err
	}
	all, err := v.house.Notices.Mine(v.ctx(), scope)
	if err != nil {
		return nil, err
	}
	var lines []look.Line
	for i := range all {
		t := &all[i]
		state := v.T("certificate.told_state.waiting")
		if t.State != "" {
			state = v.T("certificate.told_state." + string(t.State))
		}
		if !t.DoneAt.IsZero() {
			state += " " + v.p.ShortDate(v.day(t.DoneAt))
		}
		lines = append(lines, look.Line{
			Day: v.day(t.At), At: t.At.Format("2006-01-02T15:04:05Z07:00"),
			What: look.Said(t.Holder, "", v.noticeLine(&t.Line)), Rest: []templ.Component{look.Text(state)},
		})
	}
	return lines, nil
}
