package web

import (
	"net/url"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// destructionPath is the report of what became of the lists, in numbers (D12).
const destructionPath = listsPath + "/destruction"

// destructionAsked is whose lists, pulled from a day to a day.
type destructionAsked struct {
	Body        unit.Unit // zero: everybody's, or that of the hat
	From, Until civil.Date
}

// path is the address of the same in another form: "" for the page.
func (a *destructionAsked) path(format string) string {
	q := url.Values{"from": {a.From.String()}, "until": {a.Until.String()}}
	if a.Body.ID != 0 {
		q.Set("unit", a.Body.Code)
	}
	if format != "" {
		format = "." + format
	}
	return destructionPath + format + "?" + q.Encode()
}

// destructionAsked reads the address; what it does not say is the past year.
func (v *visit) destructionAsked(f form) (*destructionAsked, look.Problems, error) {
	today := v.house.Access.Today()
	a := &destructionAsked{From: civil.Date{Year: today.Year - 1, Month: today.Month, Day: 1}, Until: today}
	var problems look.Problems
	for _, field := range []struct {
		name string
		day  *civil.Date
	}{{"from", &a.From}, {"until", &a.Until}} {
		day, valid := f.date(field.name)
		switch {
		case !valid || !day.IsZero() && day.Year < 1900:
			problems = append(problems, look.Problem{Field: field.name, Text: v.T("fault.field.date")})
		case !day.IsZero():
			*field.day = day
		}
	}
	if a.Until.Before(a.From) {
		problems = append(problems, look.Problem{Field: "from", Text: v.T("extract.error.period_days")})
		a.From = a.Until
	}
	body, err := v.bodyAsked(f.text("unit"))
	a.Body = body
	return a, problems, err
}

// destructionView is the report on a page.
type destructionView struct {
	Asked    *destructionAsked
	Title    string
	Problems look.Problems
	Filters  look.Filters
	Figures  look.Figures
	Heads    []string
	Bodies   []destructionRow
	Purposes []destructionRow // of one body, by purpose
	Because  look.Because
}

type destructionRow struct {
	extract.Tally
	Name, Mean, URL string
}

func destructionPage(v *visit) error {
	a, problems, err := v.destructionAsked(v.query())
	if err != nil {
		return err
	}
	account, err := v.house.Extracts.Account(v.ctx(), v.actor, a.Body.ID, a.From, a.Until)
	if err != nil {
		return err
	}
	view := destructionView{
		Asked: a, Title: v.T("extract.tally.title", "body", v.reachName(account.Body)), Problems: problems,
		Filters: look.Filters{Action: destructionPath, Label: v.T("report.filter"), Button: v.T("report.show")},
		Because: look.Because{Lead: v.T("lists.tally.because"), Text: v.T("lists.tally.because_text")},
		Figures: look.Figures{
			{Term: v.T("extract.tally.pulled"), Value: v.p.Number(account.All.Pulled)},
			{Term: v.T("extract.tally.overdue"), Value: v.p.Number(account.All.Overdue)},
			{Term: v.T("extract.tally.in_time"), Value: v.p.Number(account.All.InTime), Note: v.T("lists.tally.of", "count", v.p.Number(account.All.Destroyed()))},
			{Term: v.T("extract.tally.mean"), Value: v.mean(&account.All)},
		},
	}
	if options := v.bodyOptions(charter.Access); len(options) > 0 {
		view.Filters.Fields = append(view.Filters.Fields, look.Select{Name: "unit", Label: v.T("card.unit"), Value: a.Body.Code, Width: look.Middle, Options: options})
	}
	view.Filters.Fields = append(view.Filters.Fields,
		look.Field{Name: "from", Label: v.T("lists.tally.from"), Input: look.DateInput, Value: a.From.String(), Width: look.Short, Error: problems.For("from")},
		look.Field{Name: "until", Label: v.T("lists.tally.until"), Input: look.DateInput, Value: a.Until.String(), Width: look.Short, Error: problems.For("until")},
	)
	tree := v.house.Units.Tree()
	if len(account.Bodies) > 1 {
		for _, t := range account.Bodies {
			row := destructionRow{Tally: t, Name: v.holderName(t.Body), Mean: v.mean(&t)}
			if body, known := tree.ByID(t.Body); known && t.Body != 0 {
				next := *a
				next.Body = body
				row.URL = next.path("")
			}
			view.Bodies = append(view.Bodies, row)
		}
	} else {
		for _, t := range account.Purposes {
			view.Purposes = append(view.Purposes, destructionRow{Tally: t, Name: v.purposeName(t.Purpose), Mean: v.mean(&t)})
		}
	}
	return v.show(page{title: view.Title, tab: tabLists, body: destructionBody(view), failed: problems != nil})
}

// holderName is whose lists they were: a body's, or those of whoever keeps the register.
func (v *visit) holderName(id unit.ID) string {
	if id == 0 {
		return v.T("web.frame.secretariat")
	}
	return v.unitName(id)
}

// mean is how long a destroyed list lived.
func (v *visit) mean(t *extract.Tally) string {
	cells := t.Cells(v.p, "", "")
	if mean := cells[8]; mean != "" {
		return mean
	}
	return "–"
}

// destructionFile is the report as a file.
func destructionFile(format, kind string) func(*visit) error {
	return func(v *visit) error {
		a, _, err := v.destructionAsked(v.query())
		if err != nil {
			return err
		}
		account, err := v.house.Extracts.Account(v.ctx(), v.actor, a.Body.ID, a.From, a.Until)
		if err != nil {
			return err
		}
		name := v.T("extract.tally.file", "from", a.From.String(), "until", a.Until.String())
		v.attachment(strings.ReplaceAll(name, " ", "-")+"."+format, kind)
		return account.Write(v.w, v.p, format, extract.AccountPaper{
			Sender: v.organisation(), Body: v.reachName(account.Body), Time: v.house.Now(), Zone: v.house.Charter.Location(), Name: v.holderName, Purpose: v.purposeName,
		})
	}
}
