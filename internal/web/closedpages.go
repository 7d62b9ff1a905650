package web

import (
	"slices"

	"kartotek/internal/directory"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// Closed pages (N11, N12): members seen by members. What is typed is posted, contact
// data come one person at a time, by a press.
const (
	fellowsPath     = "/directory"
	meDirectoryPath = "/me/directory"
)

func fellowsOf(code string) string { return fellowsPath + "?unit=" + code }

// fellowRow is a member on the list.
type fellowRow struct {
	Name, Bodies, Public, Unit string
}

type fellowsView struct {
	Body     unit.Unit
	Others   []look.Link
	Problems look.Problems
	Found    directory.Found
	Text     string
	Rows     []fellowRow
	Shown    string
	Print    bool
	Days     int
}

// fellowBody is the body whose list is asked for; the nearest one without a code.
func (v *visit) fellowBody(code string) (body unit.Unit, others []unit.Unit, ok bool) {
	all := v.house.Directory.Bodies(v.session.Person)
	at := 0
	if code != "" {
		at = slices.IndexFunc(all, func(u unit.Unit) bool { return u.Code == code })
	}
	if at < 0 || len(all) == 0 {
		return unit.Unit{}, all, false
	}
	return all[at], slices.Delete(slices.Clone(all), at, at+1), true
}

func fellowsPage(v *visit) error { return v.fellows(v.query(), "") }

func fellowsSearch(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	return v.fellows(f, f.text("q"))
}

func (v *visit) fellows(f form, text string) error {
	body, others, ok := v.fellowBody(f.text("unit"))
	if !ok {
		if code := f.text("unit"); code != "" { // the asking is decided, and a denial journaled, where it belongs
			if u, known := v.house.Units.Tree().ByCode(code); known {
				if _, err := v.house.Directory.Find(v.ctx(), v.actor, u.ID, "", 1, 0); err != nil {
					return err
				}
			}
			return errNotFound
		}
		return v.show(page{title: v.T("directory.link"), tab: tabMe, body: noFellows()})
	}
	view := fellowsView{Body: body, Text: text, Print: v.house.Directory.Prints(v.session.Person, body.ID)}
	if purpose, known := v.house.Charter.Purpose(v.house.Charter.Directory.Purpose); known {
		view.Days = v.house.Charter.ListDaysFor(purpose)
	}
	for _, u := range others {
		view.Others = append(view.Others, look.Link{Text: u.Name, URL: fellowsOf(u.Code)})
	}
	found, err := v.house.Directory.Find(v.ctx(), v.actor, body.ID, text, f.page(), f.number("reading"))
	if view.Problems, err = v.problems(err); err != nil {
		return err
	}
	view.Found = found
	for i := range found.Rows {
		r := &found.Rows[i]
		row := fellowRow{Name: r.Name(), Unit: body.Code}
		if row.Public = v.public(r.Person); r.Person == v.session.Person {
			row.Public = ""
		}
		row.Bodies = v.bodyNames(r.Units)
		view.Rows = append(view.Rows, row)
	}
	if first := (found.Page-1)*directory.PageSize + 1; len(found.Rows) > 0 {
		view.Shown = v.T("directory.shown", "from", v.p.Number(first), "to", v.p.Number(first+len(found.Rows)-1))
	}
	return v.show(page{title: v.T("directory.title", "body", body.Name), tab: tabMe, body: fellowsBody(view), failed: view.Problems != nil})
}

func (v *visit) bodyNames(units []unit.ID) string {
	names := make([]string, len(units))
	for i, id := range units {
		names[i] = v.unitName(id)
	}
	return v.p.List(names)
}

// fellowView is what a member shows.
type fellowView struct {
	Card    look.IndexCard
	Back    look.Link
	Name    string
	Nothing bool
	Covered bool
}

func fellowLook(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	person, err := v.person("person")
	if err != nil {
		return err
	}
	body, known := v.house.Units.Tree().ByCode(f.text("unit"))
	if !known {
		return errNotFound
	}
	seen, err := v.house.Directory.Look(v.ctx(), v.actor, body.ID, person)
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.show(page{title: v.T("directory.title", "body", body.Name), tab: tabMe, body: fellowRefused(problems, body), failed: true})
	}
	view := fellowView{Name: seen.Name(), Back: look.Link{Text: v.T("directory.back"), URL: fellowsOf(body.Code)}, Nothing: len(seen.Fields) == 0, Covered: seen.Covered}
	view.Card = v.fellowCard(seen)
	return v.show(page{title: seen.Name(), tab: tabMe, body: fellowBody(view)})
}

func (v *visit) fellowCard(seen *member.OpenFellow) look.IndexCard {
	card := look.IndexCard{ID: "fellow", Tab: filedUnder(seen.Given, seen.Family), Title: seen.Name(), Level: 1}
	card.Rows = append(card.Rows, look.Row{Term: v.T("directory.member_of"), Value: look.Text(v.bodyNames(seen.Units)), Wide: true})
	for i := range v.house.Charter.Fields {
		field := &v.house.Charter.Fields[i]
		if slices.Contains(seen.Fields, field.Code) {
			card.Rows = append(card.Rows, look.Row{Term: field.Name.In(v.p.Lang()), Value: v.factOf(field, &seen.Profile)})
		}
	}
	return card
}

// fellowsPrint takes a printed directory out: a list with its day of destruction.
func fellowsPrint(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, known := v.house.Units.Tree().ByCode(f.text("unit"))
	if !known {
		return errNotFound
	}
	d, err := v.house.PullDirectory(v.ctx(), v.actor, body.ID, v.p.Lang())
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.show(page{title: v.T("directory.title", "body", body.Name), tab: tabMe, body: fellowRefused(problems, body), failed: true})
	}
	return v.deliver(d)
}

// letSeeView is what one lets other members see.
type letSeeView struct {
	Lead     string
	Problems look.Problems
	There    look.Check
	Shows    look.Choices
	Made     bool
	Lists    []look.Link
	Asked    bool // one can say no at all
}

func meDirectoryPage(v *visit) error { return v.choosing(nil) }

func (v *visit) choosing(problems look.Problems) error {
	own, err := v.house.Directory.Own(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	if len(own.Bodies) == 0 {
		return v.show(page{title: v.T("directory.own.title"), tab: tabMe, body: noFellows()})
	}
	d := &v.house.Charter.Directory
	var bodies []unit.ID
	view := letSeeView{
		Problems: problems, Made: own.Made,
		There: look.Check{Name: "there", Text: v.T("directory.own.there"), Hint: v.T("directory.own.there_hint"), Checked: !own.Objected},
		Shows: look.Choices{Name: "show", Legend: v.T("directory.own.show"), Hint: v.T("directory.own.secret"), Many: true, Error: problems.For("show")},
	}
	purpose, _ := v.house.Charter.Purpose(d.Purpose)
	view.Asked = purpose != nil && purpose.Objection
	for _, u := range own.Bodies {
		bodies = append(bodies, u.ID)
		view.Lists = append(view.Lists, look.Link{Text: u.Name, URL: fellowsOf(u.Code)})
	}
	view.Lead = v.T("directory.own.lead", "bodies", v.bodyNames(bodies))
	for _, code := range d.Fields {
		view.Shows.Options = append(view.Shows.Options, look.Choice{Value: code, Text: v.fieldName(code), Checked: slices.Contains(own.Shown, code)})
	}
	return v.show(page{title: v.T("directory.own.title"), tab: tabMe, body: letSeeBody(view), failed: problems != nil})
}

func meDirectoryChoose(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	err = v.house.Directory.Choose(v.ctx(), v.actor, f.has("there"), f.values["show"])
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.choosing(problems)
	}
	return v.toWith(meDirectoryPath, "directory.notice.chosen")
}

// fellowLists are the closed pages that one's own page leads to.
func (v *visit) fellowLists() []look.Link {
	var links []look.Link
	for _, u := range v.house.Directory.Bodies(v.session.Person) {
		links = append(links, look.Link{Text: v.T("directory.title", "body", u.Name), URL: fellowsOf(u.Code)})
	}
	return links
}
