package web

import (
	"slices"
	"strconv"

	"kartotek/internal/extract"
	"kartotek/internal/web/look"
)

// Lists destroyed in one step, exceptions with grounds and lists that are lost (D12).
// An address carries numbers of lists and exceptions.
const (
	destroyedPath  = listsPath + "/destroyed"
	exceptionsPath = "/exceptions"
)

func exceptionPath(id int64) string { return exceptionsPath + "/" + strconv.FormatInt(id, 10) }

// destroyedView names every list one still has, to attest several at once.
type destroyedView struct {
	Problems look.Problems
	Lists    look.Choices
	Count    int
}

// destroyedPage asks which of one's lists are destroyed: all of them, unless told
// otherwise.
func destroyedPage(v *visit) error { return v.destroyed(nil, nil) }

func (v *visit) destroyed(f *form, problems look.Problems) error {
	mine, err := v.house.Extracts.Mine(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	views, err := v.ownLists(mine)
	if err != nil {
		return err
	}
	view := destroyedView{Problems: problems}
	view.Lists = look.Choices{Name: "list", Legend: v.T("lists.all.which"), Hint: v.T("lists.all.hint"), Many: true, Error: problems.For("lists")}
	for i := range views {
		l := &views[i]
		if !l.open() {
			continue
		}
		number := strconv.FormatInt(l.Number, 10)
		view.Lists.Options = append(view.Lists.Options, look.Choice{
			Value: number, Text: v.T("lists.all.list", "number", l.Number, "purpose", l.Purpose, "body", l.Body),
			Hint:    v.T("lists.all.list_hint", "date", v.p.ShortDate(l.Pulled), "count", v.p.Number(l.Members), "state", lowered(l.State)),
			Checked: f == nil || f.chosen("list", number),
		})
	}
	view.Count = len(view.Lists.Options)
	if view.Count == 0 {
		return v.to(listsPath)
	}
	return v.show(page{title: v.T("lists.all.title"), tab: tabLists, body: destroyedBody(view), failed: problems != nil})
}

// destroyedAttest takes the word for all of those chosen, or for none.
func destroyedAttest(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	var numbers []int64
	for _, text := range f.values["list"] {
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			numbers = append(numbers, n)
		}
	}
	if !f.has("promise") {
		return v.destroyed(&f, look.Problems{{Field: "promise", Text: v.T("lists.all.promise_missing")}})
	}
	done, err := v.house.Extracts.AttestAll(v.ctx(), v.actor, numbers)
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.destroyed(&f, problems)
	}
	return v.toWith(listsPath, "lists.notice.all", int64(len(done)))
}

// longerView asks to keep a list longer, or attests that it is lost.
type longerView struct {
	Problems    look.Problems
	Path, Title string
	List        listView
	Asked       bool // somebody waits for an answer already
	Longer      bool // the charter lets a list live longer at all
	Until       string
	Grounds     string
	Lost        string // how it was lost, as typed
	Latest      look.Row
	Hours       int
}

func longerPage(v *visit) error { return v.longer(form{}, nil) }

func (v *visit) longer(f form, problems look.Problems) error {
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	l, err := v.findList(number)
	if err != nil {
		return err
	}
	if !l.open() {
		return v.to(listPath(number))
	}
	before, err := v.house.Extracts.ExceptionsOf(v.ctx(), v.actor, number)
	if err != nil {
		return err
	}
	latest := extract.LatestExtra(v.house.Charter, &l.List, before)
	view := longerView{
		Problems: problems, Path: listPath(number), Title: v.T("web.list", "number", number), List: l, Until: f.text("until"), Grounds: f.text("grounds"), Lost: f.text("how"),
		Asked:  slices.ContainsFunc(before, func(e extract.Exception) bool { return e.Standing == extract.Asked }),
		Longer: latest.After(l.DestroyBy) && !latest.Before(v.house.Access.Today()), Latest: look.Row{Value: look.Date(latest)},
		Hours: v.house.Charter.Parameters.BreachHours.Value,
	}
	return v.show(page{title: v.T("lists.longer.title"), tab: tabLists, body: longerBody(view), failed: problems != nil})
}

// longerAsk asks for another day.
func longerAsk(v *visit) error {
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	f, err := v.form()
	if err != nil {
		return err
	}
	until, ok := f.date("until")
	if !ok {
		return v.longer(f, look.Problems{{Field: "until", Text: v.T("fault.field.date")}})
	}
	_, err = v.house.Extracts.AskLonger(v.ctx(), v.actor, number, until, f.text("grounds"))
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.longer(f, problems)
	}
	return v.toWith(listPath(number), "lists.notice.asked", number)
}

// lostAttest takes the word that a list is lost.
func lostAttest(v *visit) error {
	number, _ := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	f, err := v.form()
	if err != nil {
		return err
	}
	_, err = v.house.Extracts.AttestLost(v.ctx(), v.actor, number, f.text("how"))
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		for i := range problems { // the field has a name of its own beside the other form's
			if problems[i].Field == "grounds" {
				problems[i].Field = "how"
			}
		}
		return v.longer(f, problems)
	}
	return v.toWith(listPath(number), "lists.notice.lost", number)
}
