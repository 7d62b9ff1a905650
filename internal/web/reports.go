package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/report"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// reportsPath is the page of counted facts (D2). What is asked for stands in the
// address: a body, a subject and days, and nobody.
const reportsPath = "/reports"

// reportAsked is what a page of counted facts is about.
type reportAsked struct {
	Body  unit.Unit // zero: that of the hat
	Show  string
	At    civil.Date
	Years int // how far back a course goes
}

// The subjects to choose from, by their names in the address.
const (
	showByBody = "body"
	showHeads  = "heads"
	showMonths = "month"
	showYears  = "year"
)

// path is the address of the same report in another form: "" for the page.
func (a *reportAsked) path(format string) string {
	q := url.Values{"show": {a.Show}, "at": {a.At.String()}}
	if a.Body.ID != 0 {
		q.Set("unit", a.Body.Code)
	}
	if a.course() {
		q.Set("years", strconv.Itoa(a.Years))
	}
	if format != "" {
		format = "." + format
	}
	return reportsPath + format + "?" + q.Encode()
}

// course reports whether the subject is told from a day to a day.
func (a *reportAsked) course() bool {
	return slices.Contains([]string{showHeads, showMonths, showYears}, a.Show)
}

// reportYears are how far back one may look.
var reportYears = []int{1, 2, 3, 5, 10}

// reportAsked reads the address. What it does not say, or says wrongly, is the
// course of the head-count until today.
func (v *visit) reportAsked(f form) (*reportAsked, look.Problems, error) {
	a := &reportAsked{Show: f.text("show"), Years: int(f.number("years"))}
	_, part := report.CutNamed(a.Show)
	if !part && !slices.Contains([]string{showByBody, showHeads, showMonths, showYears}, a.Show) {
		a.Show = showHeads
	}
	if !slices.Contains(reportYears, a.Years) {
		a.Years = 3
	}
	if code := f.text("unit"); code != "" {
		body, known := v.house.Units.Tree().ByCode(code)
		if !known {
			return nil, nil, errNotFound
		}
		a.Body = body
	}
	var problems look.Problems
	today := v.house.Access.Today()
	at, valid := f.date("at")
	if !valid || at.After(today) || !at.IsZero() && at.Year < 1900 {
		problems = append(problems, look.Problem{Field: "at", Text: v.T("report.error.at")})
		at = today
	}
	if at.IsZero() {
		at = today
	}
	a.At = at
	return a, problems, nil
}

// report asks the room. The look is in its journal before it answers.
func (v *visit) report(a *reportAsked) (*report.Table, error) {
	r, ctx := v.house.Reports, v.ctx()
	from := civil.Date{Year: a.At.Year - a.Years, Month: a.At.Month, Day: 1}
	switch a.Show {
	case showByBody:
		return r.Bodies(ctx, v.actor, a.Body.ID, a.At)
	case showHeads:
		return r.Headcount(ctx, v.actor, a.Body.ID, from, a.At)
	case showMonths:
		return r.Flow(ctx, v.actor, a.Body.ID, from, a.At)
	case showYears:
		return r.Years(ctx, v.actor, a.Body.ID, from.Year, a.At.Year)
	}
	cut, _ := report.CutNamed(a.Show)
	return r.Members(ctx, v.actor, a.Body.ID, cut, a.At)
}

// reportsView is a report on a page.
type reportsView struct {
	Asked    *reportAsked
	Title    string
	Filters  look.Filters
	Problems look.Problems
	Figures  look.Figures
	Chart    *look.Chart
	Heads    []string
	Rows     []reportRow
	Remark   string
	None     string // why there is nothing, "" where there is
	Because  look.Because
}

// class sets the table beside the picture, or below it where it is wide.
func (r *reportsView) class() string {
	if len(r.Heads) > 3 {
		return "stack"
	}
	return "split"
}

type reportRow struct {
	Cells []string
	URL   string // of a body: its own report
}

func reportsPage(v *visit) error {
	a, problems, err := v.reportAsked(v.query())
	if err != nil {
		return err
	}
	t, err := v.report(a)
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.Pull, Unit: a.Body.ID})
	if err != nil {
		return err
	}
	view := reportsView{
		Asked: a, Title: t.Title(v.p), Filters: v.reportFilters(a, t.Body), Problems: problems, Heads: t.Heads(v.p), Remark: t.Remark(v.p),
		Because: v.becauseOf("report", scope),
	}
	if t.Told() == 0 {
		view.None = v.T("report.none." + t.Why())
	} else {
		view.Chart, view.Figures = v.reportChart(t), v.reportFigures(t)
	}
	for i := range t.Lines {
		l := &t.Lines[i]
		row := reportRow{Cells: t.Cells(v.p, l)}
		if l.Unit.ID != 0 && l.Unit.ID != t.Body.ID {
			next := reportAsked{Body: l.Unit, Show: showByBody, At: a.At}
			if len(v.house.Units.Tree().Children(l.Unit.ID)) == 0 {
				next.Show, next.Years = showHeads, a.Years
			}
			row.URL = next.path("")
		}
		view.Rows = append(view.Rows, row)
	}
	if a.course() { // the newest first
		slices.Reverse(view.Rows)
	}
	return v.show(page{title: view.Title, tab: tabLists, body: reportsBody(view)})
}

// reportFilters choose body, subject and days.
func (v *visit) reportFilters(a *reportAsked, body unit.Unit) look.Filters {
	f := look.Filters{Action: reportsPath, Label: v.T("report.filter"), Button: v.T("report.show")}
	if all := v.house.Reports.Choose(v.actor); len(all) > 1 {
		s := look.Select{Name: "unit", Label: v.T("card.unit"), Value: body.Code, Width: look.Middle}
		for _, u := range all {
			s.Options = append(s.Options, look.Option{Value: u.Code, Text: strings.Repeat("\u2003", v.house.Units.Tree().Depth(u.ID)) + u.Name})
		}
		f.Fields = append(f.Fields, s)
	}
	s := look.Select{Name: "show", Label: v.T("report.what"), Value: a.Show, Width: look.Middle}
	subjects := []string{showHeads, showMonths, showYears}
	if len(v.house.Units.Tree().Children(body.ID)) > 0 {
		subjects = append(subjects, showByBody)
	}
	for _, cut := range v.house.Reports.Cuts() {
		subjects = append(subjects, cut.String())
	}
	for _, subject := range subjects {
		s.Options = append(s.Options, look.Option{Value: subject, Text: v.T("report.subject." + subject)})
	}
	f.Fields = append(f.Fields, s)
	if a.course() {
		years := look.Select{Name: "years", Label: v.T("report.back"), Value: strconv.Itoa(a.Years), Width: look.Short}
		for _, n := range reportYears {
			years.Options = append(years.Options, look.Option{Value: strconv.Itoa(n), Text: v.T("charter.unit.years", "count", n)})
		}
		f.Fields = append(f.Fields, years)
	}
	f.Fields = append(f.Fields, look.Field{Name: "at", Label: v.T("report.at"), Input: look.DateInput, Value: a.At.String(), Width: look.Short})
	return f
}

// reportFigures are the few numbers that say it at once.
func (v *visit) reportFigures(t *report.Table) look.Figures {
	first, last := t.Ends()
	if last == nil {
		return nil
	}
	switch t.Subject {
	case report.OfHeads:
		figures := look.Figures{{Term: v.T("report.figure.heads"), Value: v.p.Number(last.Numbers[0]), Note: v.T("report.figure.on", "date", last.Day)}}
		if first != last {
			figures = append(figures, look.Figure{
				Term: v.T("report.figure.change"), Value: v.signed(last.Numbers[0] - first.Numbers[0]), Note: v.T("report.figure.since", "date", first.Day),
			})
		}
		return figures
	case report.OfBodies:
		return look.Figures{{Term: v.T("report.figure.heads"), Value: v.p.Number(first.Numbers[0]), Note: v.T("report.figure.on", "date", first.Day)}}
	case report.OfParts:
		return look.Figures{{Term: v.T("report.figure.heads"), Value: v.p.Number(t.Sum()), Note: v.T("report.figure.on", "date", first.Day)}}
	}
	return nil
}

func (v *visit) signed(n int) string {
	switch {
	case n > 0:
		return "+" + v.p.Number(n)
	case n < 0:
		return "−" + v.p.Number(-n)
	}
	return "0"
}

// reportsFile is the report as a file.
func reportsFile(format, kind string) func(*visit) error {
	return func(v *visit) error {
		a, _, err := v.reportAsked(v.query())
		if err != nil {
			return err
		}
		t, err := v.report(a)
		if err != nil {
			return err
		}
		v.attachment(v.T("report.file", "body", t.Body.Code, "date", a.At.String())+"."+format, kind)
		return t.Write(v.w, v.p, format, report.Paper{Sender: v.organisation(), Time: v.house.Now(), Zone: v.house.Charter.Location()})
	}
}

// reportsPicture is the picture of a report as a file.
func reportsPicture(v *visit) error {
	a, _, err := v.reportAsked(v.query())
	if err != nil {
		return err
	}
	t, err := v.report(a)
	if err != nil {
		return err
	}
	if t.Told() == 0 {
		return errNotFound
	}
	chart := v.reportChart(t)
	if chart == nil {
		return errNotFound
	}
	v.attachment(v.T("report.file", "body", t.Body.Code, "date", a.At.String())+".svg", "image/svg+xml")
	return chart.File(look.In(v.ctx(), v.p), v.w)
}
