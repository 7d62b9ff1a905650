package web

import (
	"net/url"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/dues"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// Paths of the dues. Body and year stand in the address: neither is of a person.
const (
	duesPath      = "/dues"
	duesRates     = duesPath + "/rates"
	duesCharge    = duesPath + "/charge"
	duesImport    = duesPath + "/import"
	duesArrears   = duesPath + "/arrears"
	duesRemind    = duesPath + "/remind"
	duesStatement = duesPath + "/statement"
	meDues        = "/me/dues"
)

// duesAsked is the body and year a page of dues is about.
type duesAsked struct {
	Body   unit.Unit // zero: everything within the hat's reach
	Year   int
	Scope  access.Scope
	Writes bool // the hat keeps the books of whoever collects
}

// path is an address of the same body and year.
func (a *duesAsked) path(path string) string {
	q := url.Values{"year": {strconv.Itoa(a.Year)}}
	if a.Body.ID != 0 {
		q.Set("unit", a.Body.Code)
	}
	return path + "?" + q.Encode()
}

// values carries body and year through a form.
func (a *duesAsked) values() []look.Value {
	return []look.Value{{Name: "unit", Value: a.Body.Code}, {Name: "year", Value: strconv.Itoa(a.Year)}}
}

// dues reads body and year, from the form or the address, and decides that they
// may be seen.
func (v *visit) dues(f form) (*duesAsked, error) {
	a := &duesAsked{Year: int(f.number("year"))}
	if a.Year < 2000 || a.Year > 2100 {
		a.Year = v.house.Dues.ThisYear()
	}
	if code := f.text("unit"); code != "" {
		body, known := v.house.Units.Tree().ByCode(code)
		if !known {
			return nil, errNotFound
		}
		a.Body = body
	}
	if !v.house.Dues.Any() {
		return nil, fault.New(fault.NotFound, "dues.error.none")
	}
	var err error
	a.Scope, err = v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Collect, Unit: a.Body.ID, Purpose: "dues"})
	if err != nil {
		return nil, err
	}
	a.Writes = v.house.Dues.Writes(v.actor, &dues.Charge{Unit: v.house.Dues.Collector(v.duesBody(a))})
	return a, nil
}

// duesBody is the body asked for, or that of the hat.
func (v *visit) duesBody(a *duesAsked) unit.ID {
	if a.Body.ID == 0 && !a.Scope.All() {
		return a.Scope.Unit()
	}
	return a.Body.ID
}

// duesName is what the page calls whom it is about.
func (v *visit) duesName(a *duesAsked) string {
	if id := v.duesBody(a); id != 0 {
		return v.unitName(id)
	}
	return v.organisation()
}

// duesFilters choose body and year.
func (v *visit) duesFilters(a *duesAsked, path string, more ...look.Select) look.Filters {
	f := look.Filters{Action: path, Label: v.T("dues.filter"), Button: v.T("dues.show")}
	all, err := v.house.Access.Decide(v.actor, access.Want{Act: charter.Collect, Purpose: "dues"})
	if err == nil {
		s := look.Select{Name: "unit", Label: v.T("card.unit"), Value: a.Body.Code, Width: look.Middle, Options: []look.Option{{Text: v.T("dues.everywhere")}}}
		for _, u := range v.house.Units.Tree().All() {
			if level, known := v.house.Charter.Level(u.Level); known && level.Members && all.Covers(u.ID) && !u.Closed {
				s.Options = append(s.Options, look.Option{Value: u.Code, Text: u.Name})
			}
		}
		if len(s.Options) > 2 {
			f.Fields = append(f.Fields, s)
		}
	}
	years := look.Select{Name: "year", Label: v.T("dues.year"), Value: strconv.Itoa(a.Year), Width: look.Short}
	now := v.house.Dues.ThisYear()
	for year := max(now+1, a.Year); year >= min(now-5, a.Year); year-- {
		years.Options = append(years.Options, look.Option{Value: strconv.Itoa(year), Text: strconv.Itoa(year)})
	}
	f.Fields = append(f.Fields, years)
	for _, s := range more {
		f.Fields = append(f.Fields, s)
	}
	return f
}

// duesView is where the dues of a year stand.
type duesView struct {
	Asked      *duesAsked
	Name       string
	Filters    look.Filters
	Problems   look.Problems
	Figures    look.Figures
	Sum        dues.Sum
	Categories []duesCategory
	Runs       []duesRun
	Settles    bool
	Reference  string // as typed
	Because    look.Because
}

type duesCategory struct{ Name, Members, Charged, Open string }

type duesRun struct {
	Number                int64
	Day                   civil.Date
	Body, Members, Amount string
	Undone                bool
	Undo                  string // address; "" where it cannot be undone
}

func duesPage(v *visit) error { return v.duesOverview(v.query(), form{}, nil) }

func (v *visit) duesOverview(f, typed form, problems look.Problems) error {
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	view := duesView{
		Asked: a, Name: v.duesName(a), Filters: v.duesFilters(a, duesPath), Problems: problems,
		Settles: v.house.Charter.Dues.PerCapita.Settles(), Because: v.becauseOf("dues", a.Scope),
	}
	if typed.values != nil {
		view.Reference = typed.text("reference")
	}
	if view.Sum, err = v.house.Dues.Sum(v.ctx(), v.actor, a.Body.ID, a.Year); err != nil {
		return err
	}
	s := &view.Sum
	view.Figures = look.Figures{
		{Term: v.T("dues.charged"), Value: v.p.Number(s.Members), Note: v.p.Amount(s.Charged)},
		{Term: v.T("dues.settled"), Value: v.p.Number(s.States[dues.Settled] + s.States[dues.Over]), Note: v.p.Amount(s.Settled)},
		{Term: v.T("dues.open"), Value: v.p.Number(s.States[dues.Owed] + s.States[dues.Partly] + s.States[dues.Late]), Note: v.p.Amount(s.Open)},
		{Term: v.T("dues.late"), Value: v.p.Number(s.States[dues.Late]), Note: v.p.Amount(s.Late)},
	}
	for _, c := range s.Categories {
		view.Categories = append(view.Categories, duesCategory{v.categoryName(c.Category), v.p.Number(c.Members), v.p.Sum(c.Charged), v.p.Sum(c.Open)})
	}
	for i := range s.Runs {
		r := &s.Runs[i]
		line := duesRun{Number: r.Number, Day: v.day(r.At), Body: v.unitName(r.Unit), Members: v.p.Number(r.Members), Amount: v.p.Sum(r.Amount), Undone: !r.UndoneAt.IsZero()}
		if a.Writes && !line.Undone {
			line.Undo = duesPath + "/runs/" + strconv.FormatInt(r.Number, 10) + "/undo"
		}
		view.Runs = append(view.Runs, line)
	}
	return v.show(page{title: v.T("dues.title"), tab: tabDues, body: duesBody(view), failed: problems != nil})
}

// duesFind opens the account that a reference is of.
func duesFind(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	person, _, err := v.house.Dues.ByReference(v.ctx(), v.actor, f.text("reference"))
	if fault.Is(err, fault.NotFound) {
		return v.duesOverview(f, f, look.Problems{{Field: "reference", Text: v.T("dues.error.unknown_reference")}})
	}
	if problems, err := v.problems(err); err != nil {
		return err
	} else if problems != nil {
		return v.duesOverview(f, f, problems)
	}
	return v.to(duesAccount(v.public(person)))
}

// duesUndo takes a charging back.
func duesUndo(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	run, err := v.house.Dues.Undo(v.ctx(), v.actor, number)
	if problems, err := v.problems(err); err != nil {
		return err
	} else if problems != nil {
		return v.duesOverview(f, form{}, problems)
	}
	return v.toWith((&duesAsked{Year: run.Year}).path(duesPath), "dues.notice.undone", int64(run.Members))
}

// ratesView is what a body has its members pay in a year.
type ratesView struct {
	Asked    *duesAsked
	Name     string
	Filters  look.Filters
	Problems look.Problems
	Fields   []look.Field
	Due      look.Field
	Payee    look.Field
	PartYear look.Check
	History  []look.Line
	Current  look.Rows
	Because  look.Because
}

func duesRatesPage(v *visit) error { return v.duesRates(v.query(), editing{}) }

func (v *visit) duesRates(f form, e editing) error {
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	collector := v.house.Dues.Collector(v.duesBody(a))
	all, err := v.house.Dues.Rates(v.ctx(), v.actor, collector, a.Year)
	if err != nil {
		return err
	}
	current := dues.Sheet{Rates: map[string]int64{}, DueOn: v.house.Charter.DuesDay(a.Year)}
	if len(all) > 0 {
		current = all[0]
	} else if before, err := v.house.Dues.Rates(v.ctx(), v.actor, collector, a.Year-1); err == nil && len(before) > 0 { // as last year, to be looked through
		current.Rates, current.Payee, current.PartYear = before[0].Rates, before[0].Payee, before[0].PartYear
	}
	view := ratesView{
		Asked: a, Name: v.unitName(collector), Filters: v.duesFilters(a, duesRates), Problems: e.problems, Because: v.becauseOf("dues", a.Scope),
		Due:      look.Field{Name: "due", Label: v.T("dues.rates.due"), Input: look.DateInput, Width: look.Short, Value: v.p.ShortDate(current.DueOn), Error: e.problems.For("due")},
		Payee:    look.Field{Name: "payee", Label: v.T("dues.rates.payee." + v.referenceKind()), Hint: v.T("dues.rates.payee_hint." + v.referenceKind()), Input: look.NumInput, Width: look.Middle, Value: current.Payee, MaxLength: 20, Autocomplete: "off", Error: e.problems.For("payee")},
		PartYear: look.Check{Name: "part", Text: v.T("dues.rates.part"), Hint: v.T("dues.rates.part_hint"), Checked: current.PartYear},
	}
	if e.back() {
		view.Due.Value, view.Payee.Value, view.PartYear.Checked = e.form.text("due"), e.form.text("payee"), e.form.has("part")
	}
	for i := range v.house.Charter.Categories {
		k := &v.house.Charter.Categories[i]
		field := look.Field{Name: "rate-" + k.Code, Label: k.Name.In(v.p.Lang()), Width: look.Short, Autocomplete: "off", MaxLength: 14, Error: e.problems.For("rate-" + k.Code)}
		if amount, set := current.Rates[k.Code]; set {
			field.Value = v.p.Sum(amount)
			if len(all) > 0 {
				view.Current = append(view.Current, look.Row{Term: field.Label, Value: look.Text(v.p.Amount(amount))})
			}
		}
		if e.back() {
			field.Value = e.form.text(field.Name)
		}
		view.Fields = append(view.Fields, field)
	}
	for i := range all {
		s := &all[i]
		view.History = append(view.History, look.Line{Day: v.day(s.At), What: look.Text(v.T("dues.rates.sheet", "number", s.ID, "count", len(s.Rates), "date", v.p.Date(s.DueOn)))})
	}
	return v.show(page{title: v.T("dues.rates.title"), tab: tabDues, body: ratesBody(view), failed: e.problems != nil})
}

// referenceKind is the word for how members pay: fi or kid.
func (v *visit) referenceKind() string {
	if v.house.Charter.Dues.Reference == charter.ReferenceFI {
		return "fi"
	}
	return "kid"
}

// duesRatesSet sets the rates of a year.
func duesRatesSet(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	sheet := dues.Sheet{Unit: v.house.Dues.Collector(v.duesBody(a)), Year: a.Year, Payee: dues.TidyReference(f.text("payee")), PartYear: f.has("part"), Rates: map[string]int64{}}
	var problems look.Problems
	var ok bool
	if sheet.DueOn, ok = f.date("due"); !ok {
		problems = append(problems, look.Problem{Field: "due", Text: v.T("dues.error.due")})
	}
	for i := range v.house.Charter.Categories {
		code := v.house.Charter.Categories[i].Code
		text := f.text("rate-" + code)
		if text == "" {
			continue // no rate: nobody of the kind is charged
		}
		amount, ok := locale.ParseAmount(text)
		if !ok {
			problems = append(problems, look.Problem{Field: "rate-" + code, Text: v.T("dues.error.amount")})
		}
		sheet.Rates[code] = amount
	}
	if problems == nil {
		_, err := v.house.Dues.SetRates(v.ctx(), v.actor, sheet)
		if problems, err = v.problems(err); err != nil {
			return err
		}
	}
	if problems != nil {
		return v.duesRates(f, editing{f, problems})
	}
	return v.toWith(a.path(duesRates), "dues.notice.rates")
}
