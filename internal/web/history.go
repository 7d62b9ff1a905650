package web

import (
	"net/url"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// pastView is the list of who had access on a day (D3).
type pastView struct {
	Lead     string
	Problems look.Problems
	Filters  look.Filters
	Rows     []pastRow
	About    string
	Note     string
	On       civil.Date
	Before   bool // the history is younger than the day: what the records said when it was begun
	Since    civil.Date
	Ahead    bool // a day to come: as it is decided now
	Files    []look.LinkButton
	Because  look.Because
}

// pastRow is one access.
type pastRow struct {
	Who, As, Body string
	Erased        bool
	From, Until   civil.Date
	Began, Ended  string
	Ground        string
}

func historyPath(on civil.Date, code string) string {
	q := url.Values{"on": {on.String()}}
	if code != "" {
		q.Set("unit", code)
	}
	return accessPath + "?" + q.Encode()
}

// pastPage lists who had access on the day an address names. What the address
// carries is a day and a body.
func pastPage(v *visit, text string) error {
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	today := v.house.Access.Today()
	on, ok := v.query().date("on")
	view := pastView{On: on, About: v.reachName(body.ID), Lead: v.T("rights.past.lead")}
	if !ok || on.IsZero() {
		view.On, view.Problems = today, look.Problems{{Field: "on", Text: v.T("access.error.on")}}
	}
	past, scope, err := v.hadAccess(body, view.On)
	if err != nil {
		return err
	}
	names, err := v.namesOfPast(scope, past)
	if err != nil {
		return err
	}
	for i := range past {
		p := &past[i]
		row := pastRow{
			Who: p.Who(v.p, names), As: v.house.Access.Title(v.p, p.Basis), Body: v.bodyName(p.Basis), Erased: p.Erased,
			From: p.Basis.From, Until: p.Basis.Until, Began: p.BeganBy(v.p), Ended: p.EndedBy(v.p), Ground: v.house.Access.Reason(v.p, p),
		}
		view.Rows = append(view.Rows, row)
	}
	if view.Since, err = v.house.Access.HistorySince(v.ctx()); err != nil {
		return err
	}
	view.Before, view.Ahead = view.On.Before(view.Since), view.On.After(today)
	view.Note = v.T("rights.past.count", "count", len(past)) + " · " + view.About
	view.Because = v.becauseOf("rights", scope)
	shown := v.p.ShortDate(view.On)
	if view.Problems != nil {
		shown = text
	}
	view.Filters = look.Filters{Action: accessPath, Label: v.T("rights.show.filters"), Button: v.T("rights.show.act"), Fields: fieldsOf(
		look.Field{Name: "on", Label: v.T("rights.past.day"), Value: shown, Input: look.DateInput, Width: look.Short, Error: view.Problems.For("on")},
	)}
	if options := v.bodyOptions(charter.Access); options != nil {
		view.Filters.Fields = append(view.Filters.Fields, look.Select{Name: "unit", Label: v.T("rights.show.body"), Value: body.Code, Options: options})
	}
	for _, format := range []string{"xlsx", "csv"} {
		view.Files = append(view.Files, look.LinkButton{
			Text: v.T("rights.past.file." + format), URL: accessFilePath + "." + format + "?" + url.Values{"on": {view.On.String()}, "unit": {body.Code}}.Encode(),
			Kind: look.Quiet, Small: true, Download: true,
		})
	}
	return v.show(page{title: v.T("rights.past.title", "date", v.p.Date(view.On)), tab: tabAccess, body: pastBody(view), failed: view.Problems != nil})
}

// hadAccess reads who had access in a body on a day; that it was read is
// journaled before it is told.
func (v *visit) hadAccess(body unit.Unit, on civil.Date) ([]access.Past, access.Scope, error) {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Access, Unit: body.ID})
	if err != nil {
		return nil, scope, err
	}
	past, err := v.house.Access.HoldersOn(v.ctx(), scope, on)
	if err != nil {
		return nil, scope, err
	}
	e := scope.Entry(journal.Access)
	e.Reason = on.String()
	_, err = v.house.Journal.Read(v.ctx(), &e)
	return past, scope, err
}

func (v *visit) namesOfPast(scope access.Scope, past []access.Past) (map[vault.PersonID]string, error) {
	var persons []vault.PersonID
	for i := range past {
		if past[i].Person != 0 {
			persons = append(persons, past[i].Person)
		}
	}
	return v.house.Members.Names(v.ctx(), scope, persons)
}

// accessFilePath is where the list is had as a file.
const accessFilePath = accessPath + "/list"

// accessFile hands out the list of a day as a file: a workbook, or text.
func accessFile(format string) func(*visit) error {
	return func(v *visit) error {
		body, err := v.bodyAsked(v.query().text("unit"))
		if err != nil {
			return err
		}
		on, ok := v.query().date("on")
		if !ok || on.IsZero() {
			return fault.New(fault.Invalid, "access.error.on")
		}
		past, scope, err := v.hadAccess(body, on)
		if err != nil {
			return err
		}
		names, err := v.namesOfPast(scope, past)
		if err != nil {
			return err
		}
		columns, rows := v.house.Access.Sheet(v.p, past, names)
		name := v.T("rights.past.name", "date", on.String()) + "." + format
		var out document.Writer
		switch format {
		case "csv":
			v.attachment(name, "text/csv; charset=utf-8; header=present")
			out = document.NewCSV(v.w, columns, document.CSVOptions{Separator: separatorOf(v.p.Lang()), BOM: true})
		default:
			v.attachment(name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
			out = document.NewXLSX(v.w, columns, document.XLSXOptions{Sheet: on.String(), Title: v.T("rights.title"), Time: v.house.Now()})
		}
		for _, row := range rows {
			if err := out.Write(row); err != nil {
				return err
			}
		}
		return out.Close()
	}
}

// separatorOf is what a spreadsheet of a language expects between cells.
func separatorOf(lang string) byte {
	if lang == "en" {
		return ','
	}
	return ';'
}
