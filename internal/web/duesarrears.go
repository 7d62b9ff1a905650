package web

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/document"
	"kartotek/internal/dues"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// arrearsShown is how many accounts a page has.
const arrearsShown = 50

// arrearsView is a list of accounts.
type arrearsView struct {
	Asked    *duesAsked
	Name     string
	Filters  look.Filters
	Problems look.Problems
	Which    dues.Which
	Total    int
	Open     string
	Rows     []arrearsRow
	Pages    look.Pages
	Formats  look.Select
	Year     int  // 0: of any year
	Closes   bool // whoever looks decides about closing
	Pull     bool // the list may leave as a file
	Because  look.Because
}

type arrearsRow struct {
	Number, Name, Bodies, Open string
	Since, Until               civil.Date
	Notices                    string
	Account, Close             string // addresses; "" for what one may not
}

// duesArrearsPage lists who owes what.
func duesArrearsPage(v *visit) error { return v.duesArrears(v.query(), nil) }

// whichAsked is which accounts a page lists: those in arrears unless told.
func whichAsked(f form) dues.Which {
	if which := dues.Which(f.text("which")); slices.Contains(dues.Whiches, which) {
		return which
	}
	return dues.InArrears
}

// arrearsAsked is dues, and for those whose patience has ended also whoever
// closes (D6).
func (v *visit) arrearsAsked(f form, which dues.Which) (*duesAsked, error) {
	if which != dues.Patience || v.may(charter.Collect) || !v.may(charter.Close) || !v.house.Dues.Any() {
		return v.dues(f)
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Close, Purpose: "dues"})
	return &duesAsked{Year: v.house.Dues.ThisYear(), Scope: scope}, err
}

func (v *visit) duesArrears(f form, problems look.Problems) error {
	which := whichAsked(f)
	a, err := v.arrearsAsked(f, which)
	if err != nil {
		return err
	}
	year := int(f.number("year"))
	if which == dues.Patience {
		year = 0 // a debt is one whichever year it is of
	}
	list, err := v.house.Dues.Arrears(v.ctx(), v.actor, a.Body.ID, year, which, f.page(), arrearsShown)
	if err != nil {
		return err
	}
	choose := look.Select{Name: "which", Label: v.T("dues.arrears.which"), Value: string(which), Width: look.Middle}
	for _, w := range dues.Whiches {
		choose.Options = append(choose.Options, look.Option{Value: string(w), Text: v.T("dues.which." + string(w))})
	}
	view := arrearsView{
		Asked: a, Name: v.duesName(a), Filters: v.duesFilters(a, duesArrears, choose), Problems: problems, Which: which,
		Year: year, Closes: which == dues.Patience && v.may(charter.Close), Total: list.Total, Open: v.p.Amount(list.Open), Because: v.becauseOf("dues", a.Scope), Pull: v.may(charter.Pull) && v.may(charter.Collect),
		Formats: look.Select{Name: "format", Label: v.T("dues.arrears.format"), Width: look.Middle, Options: []look.Option{
			{Value: "xlsx", Text: v.T("extract.format.xlsx")}, {Value: "csv", Text: v.T("extract.format.csv")}, {Value: "pdf", Text: v.T("extract.format.pdf")},
		}},
		Pages: look.Pages{Label: v.T("dues.arrears.pages"), Page: list.Page, Last: list.Pages, URL: pageURL(duesArrears, "unit", a.Body.Code, "year", digits(int64(year)), "which", string(which))},
	}
	for i, field := range view.Filters.Fields {
		if s, ok := field.(look.Select); ok && s.Name == "year" {
			s.Value, s.Options = strconv.Itoa(year), append([]look.Option{{Value: "0", Text: v.T("dues.all_years")}}, s.Options...)
			view.Filters.Fields[i] = s
		}
	}
	for i := range list.Rows {
		d := &list.Rows[i]
		row := arrearsRow{
			Number: locale.MemberNumber(d.Number), Name: d.Name(), Open: v.p.Sum(d.Open), Since: d.Since, Until: d.Until, Notices: v.T("dues.notices.none"),
		}
		switch {
		case d.Level == 0:
			row.Notices = v.T("dues.notices.bill")
		case d.Level > 0:
			row.Notices = v.T("dues.notices.reminded", "count", d.Level)
		}
		var names []string
		for _, id := range d.Units {
			names = append(names, v.unitName(id))
		}
		row.Bodies = v.p.List(names)
		if v.may(charter.Collect) {
			row.Account = duesAccount(v.public(d.Person))
		}
		if view.Closes {
			row.Close = leavingPath + "/" + v.public(d.Person)
		}
		view.Rows = append(view.Rows, row)
	}
	return v.show(page{title: v.T("dues.arrears.title"), tab: tabDues, body: arrearsBody(view), failed: problems != nil})
}

// duesArrearsFile pulls the list as every list is pulled: with a number, a last
// day and a duty to destroy it (D12).
func duesArrearsFile(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	year := int(f.number("year"))
	among, of, err := v.house.Dues.Among(v.ctx(), v.actor, a.Body.ID, year, whichAsked(f))
	if err != nil {
		return err
	}
	delivery, err := v.house.Extracts.Pull(v.ctx(), v.actor, extract.Wish{
		Unit: a.Body.ID, Purpose: "dues", Format: extract.Format(f.text("format")), Lang: v.p.Lang(),
		Beside: &extract.Beside{Among: among, Columns: []document.Column{
			{Name: v.T("dues.column.open"), Type: document.Number}, {Name: v.T("dues.column.since"), Type: document.Date},
			{Name: v.T("dues.column.notices"), Type: document.Number},
		}, Cells: func(person vault.PersonID) []string {
			d := of[person]
			since := ""
			if !d.Since.IsZero() {
				since = d.Since.String()
			}
			return []string{locale.PlainAmount(d.Open), since, strconv.Itoa(max(d.Level, 0))}
		}},
	})
	if fault.Is(err, fault.NotFound) {
		return v.duesArrears(f, look.Problems{{Text: v.T("dues.arrears.nobody")}})
	}
	if problems, err := v.problems(err); err != nil {
		return err
	} else if problems != nil {
		return v.duesArrears(f, problems)
	}
	v.attachment(delivery.FileName(), delivery.ContentType())
	return delivery.Write(v.ctx(), v.w)
}

// statementView is what bodies settle with each other for a year.
type statementView struct {
	Asked   *duesAsked
	Name    string
	Filters look.Filters
	Parts   []statementPart
	Total   string
	Days    []string // cut-off dates of the year
	Because look.Because
}

type statementPart struct {
	Body, With string
	Lead       string
	Rows       []statementRow
	Amount     string
}

type statementRow struct {
	Day                             civil.Date
	Category, Members, Paying, Each string
	Amount                          string
}

func (v *visit) duesStatements() (*duesAsked, []dues.Statement, error) {
	a, err := v.dues(v.query())
	if err != nil {
		return nil, nil, err
	}
	all, err := v.house.Dues.Statements(v.ctx(), v.actor, a.Body.ID, a.Year)
	return a, all, err
}

// duesStatementPage is the head-count and what follows from it; nobody is in it.
func duesStatementPage(v *visit) error {
	a, all, err := v.duesStatements()
	if err != nil {
		return err
	}
	view := statementView{Asked: a, Name: v.duesName(a), Filters: v.duesFilters(a, duesStatement), Because: v.becauseOf("dues", a.Scope)}
	for _, day := range v.house.Charter.CutOffs(a.Year) {
		view.Days = append(view.Days, v.p.Date(day))
	}
	total := int64(0)
	for i := range all {
		s := &all[i]
		part := statementPart{Body: v.unitName(s.Unit), With: v.unitName(s.With), Amount: v.p.Amount(s.Amount)}
		total += s.Amount
		part.Lead = v.T("dues.statement.owes", "body", part.Body, "with", part.With, "amount", part.Amount)
		if s.Share {
			part.Lead = v.T("dues.statement.gets", "body", part.Body, "with", part.With, "amount", part.Amount)
		}
		for k := range s.Counts {
			c := &s.Counts[k]
			part.Rows = append(part.Rows, statementRow{
				Day: c.CutOff, Category: v.categoryName(c.Category), Members: v.p.Number(c.Members), Paying: v.p.Number(c.Paying), Each: v.p.Sum(c.Amount), Amount: v.p.Sum(c.Sum()),
			})
		}
		view.Parts = append(view.Parts, part)
	}
	view.Total = v.p.Amount(total)
	return v.show(page{title: v.T("dues.statement.title"), tab: tabDues, body: statementBody(view)})
}

// duesStatementFile is the statement as a file: counted facts without persons.
func duesStatementFile(kind string) func(*visit) error {
	return func(v *visit) error {
		_, all, err := v.duesStatements()
		if err != nil {
			return err
		}
		var b bytes.Buffer
		if err := v.house.WriteStatements(&b, v.p, all, kind); err != nil {
			return err
		}
		name, content := v.T("dues.statement.file")+"."+kind, "text/csv; charset=utf-8"
		if kind == "pdf" {
			content = "application/pdf"
		}
		return v.download(name, content, b.Bytes())
	}
}
