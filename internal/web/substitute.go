package web

import (
	"net/url"
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

const substitutesAt = accessPath + "/substitutes"

func substitutesPath(body string) string {
	return substitutesAt + "?" + url.Values{"unit": {body}}.Encode()
}

// substitutesView is who may step in, and how they are elected and step in.
type substitutesView struct {
	Problems      look.Problems
	Body          unit.Unit
	Rows          []substituteRow
	Find          finding
	Posts         look.Select
	From, Until   string
	Ground        string
	Back          string
	Chosen        *substituteRow // whoever steps in
	Seats         look.Choices
	StepFrom, Why string
}

// substituteRow is somebody elected to step in.
type substituteRow struct {
	Name, Post  string
	Rank        int
	From, Until civil.Date
	In          string // where they step in
	Value       string
	code        string
}

func substitutesPage(v *visit) error {
	body, err := v.bodyAsked(v.query().text("unit"))
	if err != nil {
		return err
	}
	today := v.p.ShortDate(v.house.Access.Today())
	return v.substitutesForm(body, form{url.Values{"from": {today}, "step": {today}, "in": {v.query().text("in")}}}, nil)
}

func (v *visit) substitutesForm(body unit.Unit, f form, problems look.Problems) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Appoint, Unit: body.ID})
	if err != nil {
		return err
	}
	all, err := v.house.Access.Substitutes(scope, body.ID)
	if err != nil {
		return err
	}
	lines, held, err := v.seatsOf(scope, body)
	if err != nil {
		return err
	}
	var persons []vault.PersonID
	for i := range all {
		persons = append(persons, all[i].Person)
	}
	for i := range held {
		if held[i].Person != 0 {
			persons = append(persons, held[i].Person)
		}
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return err
	}
	view := substitutesView{
		Problems: problems, Body: body, From: f.text("from"), Until: f.text("until"), Ground: f.text("ground"), Back: bodyAccessPath(body.Code),
		StepFrom: f.text("step"), Why: f.text("why"),
		Posts: look.Select{Name: "post", Label: v.T("rights.substitute.for"), Value: f.text("post"), Error: problems.For("post"), Options: []look.Option{{Text: v.T("rights.substitute.any")}}},
		Seats: look.Choices{Name: "seat", Legend: v.T("rights.substitute.seat"), Error: problems.For("seat")},
	}
	for _, post := range v.house.Charter.PostsAt(body.Level) {
		view.Posts.Options = append(view.Posts.Options, look.Option{Value: post.Code, Text: post.Name.In(v.p.Lang())})
	}
	for i := range all {
		s := &all[i]
		id := strconv.FormatUint(s.Basis.ID, 10)
		row := substituteRow{
			Name: v.nameOf(names, s.Person), Post: v.T("rights.substitute.any"), Rank: int(s.Basis.Of), From: s.Basis.From, Until: s.Basis.Until,
			In: substitutesPath(body.Code) + "&in=" + id, Value: v.public(s.Person) + " " + id, code: s.Basis.Code,
		}
		if s.Basis.Code != "" {
			row.Post = v.postName(s.Basis)
		}
		view.Rows = append(view.Rows, row)
		if f.text("in") == id {
			view.Chosen = &row
		}
	}
	if view.Chosen != nil {
		for i := range lines {
			if view.Chosen.code != "" && lines[i].Post != view.Chosen.code {
				continue
			}
			post, _ := v.house.Charter.Post(lines[i].Post)
			choice := look.Choice{Value: lines[i].Post + " " + strconv.FormatUint(lines[i].Holding, 10), Text: post.Name.In(v.p.Lang()), Hint: v.T("rights.free")}
			if lines[i].Holding != 0 {
				choice.Hint = v.T("rights.substitute.follows", "name", v.nameOf(names, held[i].Person), "term", v.termText(held[i].Basis))
			}
			choice.Checked = f.text("seat") == choice.Value
			view.Seats.Options = append(view.Seats.Options, choice)
		}
	} else {
		search, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Search, Unit: body.ID})
		if err != nil {
			return err
		}
		if view.Find, err = v.lookFor(search, f, problems); err != nil {
			return err
		}
		view.Problems = findable(problems, view.Find)
	}
	return v.show(page{title: v.T("rights.substitute.title"), tab: tabAccess, body: substitutesBody(view), failed: problems != nil})
}

// substitute elects one, or has one step in.
func substitute(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyAsked(f.text("unit"))
	if err != nil {
		return err
	}
	var problems look.Problems
	notice := "rights.notice.substitute"
	switch f.text("do") {
	case "find":
		return v.substitutesForm(body, f, v.nothingTyped(f))
	case "in":
		notice = "rights.notice.stepped_in"
		problems, err = v.stepIn(f)
	case "end":
		notice = "rights.notice.substitute_ended"
		person, id := v.substituteOf(f)
		err = v.house.Access.EndSubstitute(v.ctx(), v.actor, person, id)
	default:
		person, missing := v.chosen(f)
		from, until, wrong := v.termOf(f)
		if problems = append(missing, wrong...); problems == nil {
			_, err = v.house.Access.ElectSubstitute(v.ctx(), v.actor, person, access.Substitute{
				Unit: body.ID, Post: f.text("post"), From: from, Until: until, Ground: f.text("ground"),
			})
			problems, err = v.problems(err)
		}
	}
	if err != nil {
		return err
	}
	if problems != nil {
		return v.substitutesForm(body, f, problems)
	}
	return v.toWith(substitutesPath(body.Code), notice)
}

func (v *visit) stepIn(f form) (look.Problems, error) {
	from, ok := f.date("step")
	if !ok || from.IsZero() {
		return look.Problems{{Field: "step", Text: v.T("fault.field.date")}}, nil
	}
	if f.text("seat") == "" {
		return look.Problems{{Field: "seat", Text: v.T("rights.substitute.seat_missing")}}, nil
	}
	person, number := v.substituteOf(f)
	post, holder := split(f.text("seat"))
	in := access.StepIn{Post: post, From: from, Ground: f.text("why")}
	in.Holder, _ = strconv.ParseUint(holder, 10, 64)
	_, _, err := v.house.Access.StepsIn(v.ctx(), v.actor, person, number, in)
	problems, err := v.problems(err)
	for i := range problems {
		switch problems[i].Field {
		case "ground":
			problems[i].Field = "why"
		case "from":
			problems[i].Field = "step"
		case "person", "post":
			problems[i].Field = "seat"
		}
	}
	return problems, err
}

// substituteOf is whom a form is about, and the number of their turn.
func (v *visit) substituteOf(f form) (vault.PersonID, uint64) {
	public, id := split(f.text("who"))
	person, _ := v.house.Keyring.PersonOf(public)
	number, _ := strconv.ParseUint(id, 10, 64)
	return person, number
}

// split parts a form's value at its only space.
func split(text string) (before, after string) {
	for i := range text {
		if text[i] == ' ' {
			return text[:i], text[i+1:]
		}
	}
	return text, ""
}

// inOf is the number of whoever steps in.
func inOf(r *substituteRow) string {
	_, id := split(r.Value)
	return id
}
