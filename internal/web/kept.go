package web

import (
	"net/url"
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/departure"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// keptPath is where bodies' accounts of those who have left are, each below it by
// the body's code (L7).
const keptPath = "/accounts"

func keptOf(code string) string { return keptPath + "/" + url.PathEscape(code) }

// keptBodiesView is which bodies something is kept of.
type keptBodiesView struct {
	Bodies  []departure.KeptBody
	Because look.Because
}

// keptBodiesPage lists the bodies whose accounts the hat may see.
func keptBodiesPage(v *visit) error {
	scope, err := v.house.Departures.Accounts(v.ctx(), v.actor, 0)
	if err != nil {
		return err
	}
	bodies, err := v.house.Departures.KeptBodies(v.ctx(), scope)
	if err != nil {
		return err
	}
	if len(bodies) == 1 {
		return v.to(keptOf(bodies[0].Code))
	}
	shown := bodies[:0]
	for _, b := range bodies { // of many only those there is something to see of
		if b.Persons > 0 {
			shown = append(shown, b)
		}
	}
	return v.show(page{title: v.T("departure.kept.title"), tab: tabAdministration, body: keptBodiesBody(keptBodiesView{
		Bodies: shown, Because: v.becauseOf("departure.kept", scope),
	})})
}

// keptYear is one accounting year of the page.
type keptYear struct {
	Year  int
	Lines []departure.KeptLine
}

// keptView is what is kept in one body's accounts.
type keptView struct {
	Body    unit.Unit
	Years   []keptYear
	Law     string
	Because look.Because
}

// keptLines reads what is kept of the body in the path.
func (v *visit) keptLines() (unit.Unit, access.Scope, []departure.KeptLine, error) {
	body, ok := v.house.Units.Tree().ByCode(v.r.PathValue("code"))
	if !ok {
		return body, access.Scope{}, nil, fault.New(fault.NotFound, "departure.error.no_accounts")
	}
	scope, err := v.house.Departures.Accounts(v.ctx(), v.actor, body.ID)
	if err != nil {
		return body, scope, nil, err
	}
	lines, err := v.house.Departures.KeptLines(v.ctx(), scope, body.ID)
	return body, scope, lines, err
}

// keptPage shows it year by year, like the vouchers of an account.
func keptPage(v *visit) error {
	body, scope, lines, err := v.keptLines()
	if err != nil {
		return err
	}
	view := keptView{Body: body, Law: v.house.Charter.Law(body.Seat).Cite.In(v.p.Lang()), Because: v.becauseOf("departure.kept", scope)}
	for _, l := range lines {
		if n := len(view.Years); n == 0 || view.Years[n-1].Year != l.Year {
			view.Years = append(view.Years, keptYear{Year: l.Year})
		}
		last := &view.Years[len(view.Years)-1]
		last.Lines = append(last.Lines, l)
	}
	return v.show(page{title: v.T("departure.kept.title"), tab: tabAdministration, body: keptBody(view)})
}

// keptFile is the same for the auditor's spreadsheet.
func keptFile(v *visit) error {
	body, _, lines, err := v.keptLines()
	if err != nil {
		return err
	}
	v.attachment(v.T("departure.kept.file", "code", body.Code)+".csv", "text/csv; charset=utf-8; header=present")
	columns, rows := departure.KeptSheet(v.p, lines)
	out := document.NewCSV(v.w, columns, document.CSVOptions{Separator: separatorOf(v.p.Lang()), BOM: true})
	for _, row := range rows {
		if err := out.Write(row); err != nil {
			return err
		}
	}
	return out.Close()
}

// seesKept reports whether the hat is one that sees what is kept for the accounts.
func (v *visit) seesKept() bool { return v.may(charter.Accounts) }

func (y keptYear) title() string { return strconv.Itoa(y.Year) }
