package web

import (
	"strconv"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/round"
	"kartotek/internal/web/look"
)

// roundsView is the rounds under way, and the form that begins one.
type roundsView struct {
	Rows     look.Table[roundRow]
	Purpose  look.Select
	Group    look.Choices
	Since    look.Field
	Problems look.Problems
	Because  look.Because
}

type roundRow struct{ Title, URL, Body, Purpose, Left, Until string }

// roundsPage lists the rounds under way.
func roundsPage(v *visit) error { return v.roundsForm(editing{}) }

func (v *visit) roundsForm(e editing) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Pull})
	if err != nil {
		return err
	}
	open, err := v.house.Rounds.Open(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	group := round.Group(e.form.values.Get("group"))
	view := roundsView{
		Rows: v.roundTable(open), Problems: e.problems, Because: v.becauseOf("round", scope),
		Purpose: look.Select{Name: "purpose", Label: v.T("round.form.purpose"), Hint: v.T("round.form.purpose_hint"), Error: e.problems.For("purpose"), Value: e.form.values.Get("purpose")},
		Group:   look.Choices{Name: "group", Legend: v.T("round.form.group"), Error: e.problems.For("group")},
		Since:   v.dayField("since", v.T("round.form.since"), e),
	}
	view.Since.Hint = v.T("round.form.since_hint")
	for i := range v.house.Charter.Purposes {
		if p := &v.house.Charter.Purposes[i]; round.Callable(p) {
			view.Purpose.Options = append(view.Purpose.Options, look.Option{Value: p.Code, Text: p.Name.In(v.p.Lang())})
		}
	}
	for i, g := range round.Groups {
		view.Group.Options = append(view.Group.Options, look.Choice{
			Value: string(g), Text: v.T("round.group." + string(g)), Checked: g == group || group == "" && i == 0,
		})
	}
	return v.show(page{title: v.T("round.title"), tab: tabLists, body: roundsBody(view), failed: len(e.problems) > 0})
}

func (v *visit) roundTable(open []round.Round) look.Table[roundRow] {
	table := roundTable(v.p)
	for i := range open {
		r := &open[i]
		table.Rows = append(table.Rows, roundRow{
			Title: v.T("round.number", "number", r.Number), URL: roundPath(r.Number), Body: v.unitName(r.Unit), Purpose: v.purposeName(r.Purpose),
			Left: v.T("round.left", "count", r.Left, "of", v.p.Number(r.Members)), Until: v.p.ShortDate(r.EndsOn),
		})
	}
	return table
}

// roundPath is the page of a round.
func roundPath(number int64) string { return roundsPath + "/" + strconv.FormatInt(number, 10) }

// roundBegin begins a round.
func roundBegin(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	wish := round.Wish{Purpose: f.text("purpose"), Group: round.Group(f.text("group"))}
	var ok bool
	if wish.Since, ok = f.date("since"); !ok {
		return v.roundsForm(editing{f, look.Problems{{Field: "since", Text: v.T("fault.field.date")}}})
	}
	r, err := v.house.Rounds.Begin(v.ctx(), v.actor, wish)
	if fault.Is(err, fault.NotFound) {
		return v.roundsForm(editing{f, look.Explain(v.p, fault.From(err))})
	}
	if problems, err := v.problems(err); err != nil || problems != nil {
		if err != nil {
			return err
		}
		return v.roundsForm(editing{f, problems})
	}
	return v.to(roundPath(r.Number))
}

// callView is one call of a round, on a phone's screen.
type callView struct {
	Path, Title, Lead string
	Person            string // public id; "" when everybody is called
	Name, Place       string
	Rows              look.Rows
	Phone, Shown      string
	Mobile, MobileAs  string
	Card              string
	Answers           []look.Button
	Done, Of          int
	Until             string
}

// roundPage shows whom to call next. Whoever is shown is in the log by then.
func roundPage(v *visit) error {
	number, err := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	if err != nil {
		return errNotFound
	}
	r, person, err := v.house.Rounds.Show(v.ctx(), v.actor, number)
	if err != nil {
		return err
	}
	view := callView{
		Path: roundPath(r.Number), Title: v.T("round.number", "number", r.Number), Lead: v.T("round.lead", "purpose", v.purposeName(r.Purpose), "body", v.unitName(r.Unit)),
		Done: r.Members - r.Left, Of: r.Members, Until: v.p.Date(r.EndsOn),
	}
	if person != nil {
		country := v.house.Charter.Country
		view.Person, view.Name = v.public(person.Person), person.Name
		view.Place = v.T("round.place", "place", person.Place, "of", person.Of)
		view.Phone, view.Shown = person.Phone, locale.Phone(person.Phone, country)
		view.Mobile, view.MobileAs = person.Mobile, locale.Phone(person.Mobile, country)
		if person.Town != "" {
			view.Rows = append(view.Rows, look.Row{Term: v.fieldName("town"), Value: look.Text(person.Town)})
		}
		if joined, ok := locale.ParseDate(person.Joined, locale.DayFirst); ok && person.Joined != "" {
			view.Rows = append(view.Rows, look.Row{Term: v.fieldName("joined"), Value: look.Text(v.p.Date(joined))})
		}
		if person.State == round.NoAnswer {
			view.Rows = append(view.Rows, look.Row{Term: v.T("round.before"), Value: look.Text(v.T("round.state.no_answer"))})
		}
		if v.may(charter.View) {
			view.Card = v.cardPath(person.Person)
		}
		for i, s := range []round.State{round.Reached, round.NoAnswer, round.Declined} {
			kind := look.Quiet
			if i == 0 {
				kind = look.Primary
			}
			view.Answers = append(view.Answers, look.Button{Text: v.T("round.state." + s.Code()), Name: "answer", Value: s.Code(), Kind: kind, Wide: true})
		}
	}
	return v.show(page{title: view.Title, tab: tabLists, body: callBody(view)})
}

// roundMark ticks off a call and shows the next.
func roundMark(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	number, err := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	if err != nil {
		return errNotFound
	}
	person, known := v.house.Keyring.PersonOf(f.text("person"))
	state, said := round.ParseState(f.text("answer"))
	if !known || !said {
		return errNotFound
	}
	if _, err := v.house.Rounds.Mark(v.ctx(), v.actor, number, person, state); err != nil {
		return err
	}
	return v.to(roundPath(number))
}

// roundEnd ends a round before its day.
func roundEnd(v *visit) error {
	number, err := strconv.ParseInt(v.r.PathValue("number"), 10, 64)
	if err != nil {
		return errNotFound
	}
	if err := v.house.Rounds.End(v.ctx(), v.actor, number); err != nil {
		return err
	}
	return v.toWith(roundsPath, "round.notice.ended")
}
