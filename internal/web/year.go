package web

import (
	"bytes"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/procedure"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

const (
	yearPath      = "/year"
	yearPaperPath = "/year/paper"
)

// How far from today's year the page goes.
const (
	yearsBack  = 5
	yearsAhead = 2
)

// yearAsked is what is shown of a year.
type yearAsked struct {
	Year int
	Hat  string // "" the one worn, "all" of them together
	Body unit.Unit
	Kind string // a kind of duty; "ahead": what is foreseen; "" everything
	Open bool   // without what is done
}

// query is the address of the same view of another year.
func (a *yearAsked) path(at string, year int) string {
	q := url.Values{"year": {strconv.Itoa(year)}}
	for name, value := range map[string]string{"as": a.Hat, "unit": a.Body.Code, "kind": a.Kind} {
		if value != "" {
			q.Set(name, value)
		}
	}
	if a.Open {
		q.Set("open", "yes")
	}
	return at + "?" + q.Encode()
}

// aheadKind is the filter for what is foreseen.
const aheadKind = "ahead"

// yearView is the compliance year: a wheel, and lists that say the same in words with
// what is late on top.
type yearView struct {
	Asked        yearAsked
	Wheel        look.Wheel
	Of           string // whose year it is
	Late         look.Duties
	Filters      look.Filters
	Before, Next string
	Calendar     string
	Paper        string
	Papers       string // every body's in one file, for whoever reaches them all
	Today        civil.Date
}

// yearPage is the year, by hat, body and kind.
func yearPage(v *visit) error {
	if v.hat == nil {
		return v.to(mePath)
	}
	a, err := v.yearAsked()
	if err != nil {
		return err
	}
	duties, ahead, err := v.yearOf(&a)
	if err != nil {
		return err
	}
	today := v.house.Access.Today()
	view := yearView{Asked: a, Of: v.yearName(&a), Today: today, Calendar: a.path(yearPath+".ics", a.Year)}
	view.Wheel = look.Wheel{
		Title: v.T("web.home.wheel", "year", a.Year, "body", view.Of), Year: a.Year, Today: today,
		Marks: append(v.marks(duties, today), v.aheadMarks(ahead, today)...),
	}
	var late []duty.Duty
	for i := range duties {
		if duties[i].StateOn(today) == duty.Late {
			late = append(late, duties[i])
		}
	}
	if view.Late, err = v.duties(late[:min(len(late), shownDuties)], today); err != nil {
		return err
	}
	if a.Year > today.Year-yearsBack {
		view.Before = a.path(yearPath, a.Year-1)
	}
	if a.Year < today.Year+yearsAhead {
		view.Next = a.path(yearPath, a.Year+1)
	}
	if body := v.paperBody(&a); body.ID != 0 {
		view.Paper = yearPaperPath + "?" + url.Values{"unit": {body.Code}}.Encode()
	}
	if v.whole(charter.Access) {
		view.Papers = yearPaperPath + "s.pdf"
	}
	if err := v.yearFilters(&view, &a); err != nil {
		return err
	}
	return v.show(page{title: view.Wheel.Title, tab: tabHome, body: yearBody(view)})
}

// yearAsked reads what an address asks for. A body that is none of the visitor's is
// refused as its other pages are.
func (v *visit) yearAsked() (yearAsked, error) {
	q, today := v.query(), v.house.Access.Today()
	a := yearAsked{Year: int(q.number("year")), Hat: q.text("as"), Kind: q.text("kind"), Open: q.text("open") != ""}
	if a.Year < today.Year-yearsBack || a.Year > today.Year+yearsAhead {
		a.Year = today.Year
	}
	if a.Hat != "all" {
		a.Hat = ""
	}
	if code := q.text("unit"); code != "" {
		body, err := v.bodyAsked(code)
		if err != nil {
			return a, err
		}
		if _, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Access, Unit: body.ID}); err != nil {
			return a, err
		}
		a.Body = body
	}
	return a, nil
}

// yearOf reads the duties and what is foreseen.
func (v *visit) yearOf(a *yearAsked) (duties []duty.Duty, ahead []duty.Ahead, err error) {
	r, ctx := v.responsible(), v.ctx()
	if a.Hat == "all" {
		acts := []map[unit.ID]charter.Acts{r.Acts}
		for _, h := range v.held {
			acts = append(acts, map[unit.ID]charter.Acts{h.Basis.Unit: h.May})
		}
		r = duty.Together(r.Person, acts...)
	}
	first, last := civil.Date{Year: a.Year, Month: 1, Day: 1}, civil.Date{Year: a.Year, Month: 12, Day: 31}
	if tomorrow := v.house.Access.Today().AddDays(1); first.Before(tomorrow) {
		first = tomorrow
	}
	if a.Body.ID != 0 {
		if duties, err = v.house.Duties.YearIn(ctx, a.Body.ID, a.Year); err == nil {
			ahead, err = v.house.Duties.AheadIn(ctx, a.Body.ID, first, last)
		}
	} else if duties, err = v.house.Duties.Year(ctx, r, a.Year); err == nil {
		ahead, err = v.house.Duties.Ahead(ctx, r, first, last)
	}
	if err != nil {
		return nil, nil, err
	}
	if a.Kind != "" {
		duties = slices.DeleteFunc(duties, func(d duty.Duty) bool { return string(d.Kind) != a.Kind })
		if a.Kind != aheadKind {
			ahead = nil
		}
	}
	if a.Open {
		duties = slices.DeleteFunc(duties, func(d duty.Duty) bool { return !d.DoneAt.IsZero() })
	}
	return duties, ahead, nil
}

// yearName is whose year it is.
func (v *visit) yearName(a *yearAsked) string {
	switch {
	case a.Body.ID != 0:
		return a.Body.Name
	case a.Hat == "all":
		return v.T("procedure.year.all")
	}
	return v.bodyName(v.hat.Basis)
}

// aheadMarks draw what is foreseen, in a shape of its own; several of one kind in a month
// share a mark.
func (v *visit) aheadMarks(all []duty.Ahead, today civil.Date) []look.Mark {
	type group struct {
		code  string
		month int
	}
	count := map[group]int{}
	for i := range all {
		count[group{all[i].Code, int(all[i].On.Month)}]++
	}
	var marks []look.Mark
	for i := range all {
		a := &all[i]
		g := group{a.Code, int(a.On.Month)}
		n := count[g]
		if n == 0 {
			continue
		}
		delete(count, g)
		text := v.T("duty.ahead."+a.Code, a.Args...)
		if n > 1 {
			text = v.T("procedure.year.several", "what", text, "count", n-1)
		}
		marks = append(marks, look.Mark{Date: a.On, Tone: look.Calm, Text: text, State: v.T("procedure.year.ahead", "when", v.p.Days(a.On, today))})
	}
	return marks
}

// yearFilters are hat, body, kind, and whether what is done is shown.
func (v *visit) yearFilters(view *yearView, a *yearAsked) error {
	f := look.Filters{Action: yearPath, Label: v.T("procedure.year.filter"), Button: v.T("procedure.year.show")}
	if len(v.held) > 1 {
		f.Fields = append(f.Fields, look.Select{Name: "as", Label: v.T("procedure.year.role"), Value: a.Hat, Options: []look.Option{
			{Value: "", Text: v.bodyName(v.hat.Basis) + " · " + v.postName(v.hat.Basis)}, {Value: "all", Text: v.T("procedure.year.all")},
		}})
	}
	if v.may(charter.Access) {
		if bodies := v.bodyOptions(charter.Access); len(bodies) > 0 {
			options := append([]look.Option{{Value: "", Text: v.T("procedure.year.own")}}, bodies...)
			f.Fields = append(f.Fields, look.Select{Name: "unit", Label: v.T("procedure.year.body"), Value: a.Body.Code, Options: options})
		}
	}
	every := *a
	every.Kind, every.Open = "", false
	duties, _, err := v.yearOf(&every)
	if err != nil {
		return err
	}
	kinds := look.Select{Name: "kind", Label: v.T("procedure.year.kind"), Value: a.Kind, Options: []look.Option{
		{Value: "", Text: v.T("procedure.year.kinds")}, {Value: aheadKind, Text: v.T("procedure.year.foreseen")},
	}}
	seen := map[duty.Kind]bool{}
	for i := range duties {
		if d := &duties[i]; !seen[d.Kind] {
			seen[d.Kind] = true
			kinds.Options = append(kinds.Options, look.Option{Value: string(d.Kind), Text: v.T("web.home.mark."+string(d.Kind), "count", 2)})
		}
	}
	kinds.Options = sortedTail(kinds.Options)
	open := look.Select{Name: "open", Label: v.T("procedure.year.done"), Options: []look.Option{
		{Value: "", Text: v.T("procedure.year.with_done")}, {Value: "yes", Text: v.T("procedure.year.without_done")},
	}}
	if a.Open {
		open.Value = "yes"
	}
	f.Fields = append(f.Fields, kinds, open, hiddenYear(a.Year))
	view.Filters = f
	return nil
}

// sortedTail orders the kinds below the two that are always there.
func sortedTail(options []look.Option) []look.Option {
	slices.SortFunc(options[2:], func(a, b look.Option) int { return strings.Compare(a.Text, b.Text) })
	return options
}

// yearCalendar is the year as an iCalendar: days and what is to be done, of nobody.
func yearCalendar(v *visit) error {
	if v.hat == nil {
		return errNotFound
	}
	a, err := v.yearAsked()
	if err != nil {
		return err
	}
	duties, ahead, err := v.yearOf(&a)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	name := v.T("procedure.year.calendar", "year", a.Year)
	if err := duty.Calendar(&b, name, v.p.Lang(), v.house.Now(), v.house.YearEvents(v.p, duties, ahead)); err != nil {
		return err
	}
	return v.download(v.T("procedure.year.file", "year", a.Year)+".ics", "text/calendar; charset=utf-8", b.Bytes())
}

// paperBody is the body whose paper belongs to the view.
func (v *visit) paperBody(a *yearAsked) unit.Unit {
	body := a.Body
	if body.ID == 0 && v.hat.Basis.InBody() {
		body, _ = v.house.Units.Tree().ByID(v.hat.Basis.Unit)
	}
	level, known := v.house.Charter.Level(body.Level)
	if !known || !level.Members || !v.may(charter.Access) {
		return unit.Unit{}
	}
	return body
}

// paperView is the year paper on a page.
type paperYearView struct {
	Paper    procedure.YearPaper
	File     string
	All      string // every body's, for whoever reaches them all
	Holders  []paperHolder
	Lists    []string
	Days     []paperDay
	Call     []string
	Because  look.Because
	Back     string
	Deadline civil.Date
}

type paperHolder struct{ Name, Post, Until, Task string }

type paperDay struct {
	On   civil.Date
	What string
}

// yearPaperPage is one body's paper, to be printed and signed.
func yearPaperPage(v *visit) error {
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	paper, err := v.house.Procedures.YearPaper(v.ctx(), v.actor, body.ID)
	if err != nil {
		return err
	}
	view := paperYearView{
		Paper: paper, File: yearPaperPath + ".pdf?" + url.Values{"unit": {body.Code}}.Encode(), Call: v.house.Procedures.Call(v.p),
		Because: look.Because{Lead: v.T("rights.because.lead"), Text: v.T("procedure.paper.because")}, Back: yearPath, Deadline: paper.Made.AddDays(365),
	}
	if v.whole(charter.Access) {
		view.All = yearPaperPath + "s.pdf"
	}
	for i := range paper.Holders {
		h := &paper.Holders[i]
		row := paperHolder{Name: h.Name, Post: v.postName(h.Basis), Until: v.T("procedure.paper.no_end")}
		if !h.Basis.Until.IsZero() {
			row.Until = v.p.Date(h.Basis.Until)
		}
		if h.Grant != nil {
			row.Task = h.Grant.Task
		}
		view.Holders = append(view.Holders, row)
	}
	for i := range paper.Lists {
		view.Lists = append(view.Lists, v.house.Procedures.ListWords(&paper.Lists[i], v.p))
	}
	for i := range paper.Deadlines {
		d := &paper.Deadlines[i]
		view.Days = append(view.Days, paperDay{d.On, d.Words(v.p)})
	}
	return v.show(page{title: v.T("procedure.paper.title", "body", body.Name), tab: tabHome, body: yearPaperBody(view)})
}

// yearPaperFile is the same as PDF.
func yearPaperFile(v *visit) error {
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	return v.yearPapers([]unit.Unit{body}, v.T("procedure.paper.name")+"-"+body.Code)
}

// yearPapersFile are those of every body the visitor reaches, in one PDF.
func yearPapersFile(v *visit) error {
	bodies, err := v.house.Procedures.PaperBodies(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	return v.yearPapers(bodies, v.T("procedure.paper.name"))
}

func (v *visit) yearPapers(bodies []unit.Unit, name string) error {
	papers := make([]procedure.YearPaper, 0, len(bodies))
	for _, body := range bodies {
		paper, err := v.house.Procedures.YearPaper(v.ctx(), v.actor, body.ID)
		if err != nil {
			return err
		}
		papers = append(papers, paper)
	}
	var b bytes.Buffer
	if err := v.house.Procedures.PrintPapers(&b, papers, v.p, v.house.Now()); err != nil {
		return err
	}
	return v.download(name+".pdf", "application/pdf", b.Bytes())
}
