package web

import (
	"strconv"

	"github.com/a-h/templ"
	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
	"kartotek/internal/web/look"
)

// exceptionTable lists exceptions.
func exceptionTable(p *locale.Printer, caption string, rows []exceptionRow) look.Table[exceptionRow] {
	return look.Table[exceptionRow]{Caption: caption, Rows: rows, Columns: []look.Column[exceptionRow]{
		{Title: p.T("lists.column.list"), Kind: look.Leading, Cell: func(e exceptionRow) templ.Component {
			return look.Link{Text: e.List, URL: e.URL}
		}},
		{Title: p.T("lists.exceptions.asker"), Cell: func(e exceptionRow) templ.Component { return look.Two(e.Asker, p.ShortDate(e.Asked)) }},
		{Title: p.T("lists.exceptions.from"), Kind: look.Day, Cell: func(e exceptionRow) templ.Component { return look.ShortDate(e.From) }},
		{Title: p.T("lists.exceptions.until"), Kind: look.Day, Cell: func(e exceptionRow) templ.Component {
			if e.Until.IsZero() {
				return look.Text("–")
			}
			return look.ShortDate(e.Until)
		}},
		{Title: p.T("lists.column.state"), Cell: func(e exceptionRow) templ.Component { return look.Badge(e.Tone, e.State) }},
	}}
}

// destructionTable is the report's numbers, a body or a purpose a line.
func destructionTable(p *locale.Printer, caption, of string, rows []destructionRow) look.Table[destructionRow] {
	number := func(key string, of func(destructionRow) int) look.Column[destructionRow] {
		return look.Column[destructionRow]{Title: p.T("extract.tally." + key), Kind: look.Number, Cell: func(r destructionRow) templ.Component {
			return look.Text(p.Number(of(r)))
		}}
	}
	return look.Table[destructionRow]{Caption: caption, Rows: rows, Columns: []look.Column[destructionRow]{
		{Title: of, Kind: look.Leading, Cell: func(r destructionRow) templ.Component {
			if r.URL != "" {
				return look.Link{Text: r.Name, URL: r.URL}
			}
			return look.Text(r.Name)
		}},
		number("pulled", func(r destructionRow) int { return r.Pulled }),
		number("open", func(r destructionRow) int { return r.Open }),
		number("overdue", func(r destructionRow) int { return r.Overdue }),
		number("in_time", func(r destructionRow) int { return r.InTime }),
		number("late", func(r destructionRow) int { return r.LateDone }),
		number("lost", func(r destructionRow) int { return r.Lost }),
		{Title: p.T("extract.tally.mean"), Kind: look.Number, Cell: func(r destructionRow) templ.Component { return look.Text(r.Mean) }},
		{Title: p.T("extract.tally.asked"), Kind: look.Number, Cell: func(r destructionRow) templ.Component {
			if r.Asked == 0 {
				return look.Text(p.Number(0))
			}
			return look.Two(p.Number(r.Asked), p.T("lists.tally.answered", "granted", p.Number(r.Granted), "refused", p.Number(r.Refused)))
		}},
	}}
}

// exceptionID names a card of the page of a list.
func exceptionID(row exceptionRow) string { return "exception-" + strconv.FormatInt(row.ID, 10) }

// dayOrNone is a day, or nothing where there is none.
func dayOrNone(day civil.Date) templ.Component {
	if day.IsZero() {
		return nil
	}
	return look.Date(day)
}

// dayText is the same in words.
func dayText(p *locale.Printer, day civil.Date) string {
	if day.IsZero() {
		return ""
	}
	return p.ShortDate(day)
}
