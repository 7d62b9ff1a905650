package web

import (
	"github.com/a-h/templ"

	"kartotek/internal/locale"
	"kartotek/internal/web/look"
)

// numberColumns are a number and, where there was one, that of the review before.
func numberColumns(p *locale.Printer, last int64, remedy bool) []look.Column[reviewNumberRow] {
	columns := []look.Column[reviewNumberRow]{
		{Title: p.T("review.page.what"), Kind: look.Leading, Cell: func(r reviewNumberRow) templ.Component { return look.Text(r.What) }},
		{Title: p.T("review.page.here"), Kind: look.Number, Cell: func(r reviewNumberRow) templ.Component { return look.Text(r.Now) }},
	}
	if last != 0 {
		columns = append(columns, look.Column[reviewNumberRow]{
			Title: p.T("review.page.before", "number", last), Kind: look.Number, Cell: func(r reviewNumberRow) templ.Component { return look.Text(r.Before) },
		})
	}
	if remedy {
		columns = append(columns, look.Column[reviewNumberRow]{Title: p.T("review.page.remedy"), Cell: func(r reviewNumberRow) templ.Component { return look.Text(r.Remedy) }})
	}
	return columns
}
