package web

import (
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/extract"
	"kartotek/internal/vault"
	"kartotek/internal/web/look"
)

// exceptionRow is what was asked about a list, in words.
type exceptionRow struct {
	extract.Exception
	URL     string
	Asker   string
	Decider string
	List    string
	Body    string
	Asked   civil.Date
	Decided civil.Date
	Tone    look.Tone
	State   string
}

// exceptionsView is everything that was asked.
type exceptionsView struct {
	Waiting, Over []exceptionRow
	Decides       bool
	Because       look.Because
}

// exceptionsPage shows what waits for an answer, and what was answered, to whoever
// follows up; the answers are for whoever keeps the register.
func exceptionsPage(v *visit) error {
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Access})
	if err != nil {
		return err
	}
	all, err := v.house.Extracts.ExceptionsIn(v.ctx(), scope)
	if err != nil {
		return err
	}
	rows, err := v.exceptionRows(scope, all)
	if err != nil {
		return err
	}
	view := exceptionsView{Decides: scope.All(), Because: look.Because{Lead: v.T("lists.because"), Text: v.T("lists.because_text")}}
	for _, row := range rows {
		if row.Standing.Open() {
			view.Waiting = append(view.Waiting, row)
		} else {
			view.Over = append(view.Over, row)
		}
	}
	return v.show(page{title: v.T("lists.exceptions.title"), tab: tabLists, body: exceptionsBody(view)})
}

// exceptionRows puts exceptions into words, with who asked and who decided.
func (v *visit) exceptionRows(scope access.Scope, all []extract.Exception) ([]exceptionRow, error) {
	var persons []vault.PersonID
	for i := range all {
		persons = append(persons, all[i].By)
		if all[i].DecidedBy != 0 {
			persons = append(persons, all[i].DecidedBy)
		}
	}
	names, err := v.house.Members.Names(v.ctx(), scope, persons)
	if err != nil {
		return nil, err
	}
	rows := make([]exceptionRow, len(all))
	for i := range all {
		e := &all[i]
		row := exceptionRow{
			Exception: *e, URL: exceptionPath(e.ID), Asker: v.nameOf(names, e.By), List: v.T("web.list", "number", e.Number),
			Asked: v.day(e.AskedAt), State: v.T("extract.exception." + string(e.Standing)), Tone: look.Calm,
		}
		switch e.Standing {
		case extract.Asked, extract.Lost:
			row.Tone = look.Soon
		case extract.Granted, extract.NoBreach:
			row.Tone = look.OK
		case extract.Breach:
			row.Tone = look.Late
		}
		if e.DecidedBy != 0 {
			row.Decider, row.Decided = v.nameOf(names, e.DecidedBy), v.day(e.DecidedAt)
		}
		rows[i] = row
	}
	return rows, nil
}

// exceptionView is one of them, with the list it is about.
type exceptionView struct {
	Problems look.Problems
	Row      exceptionRow
	List     listView
	Decide   bool // the visitor may answer
	Own      bool // it is about a list of the visitor's
	Answer   string
	Chosen   string
	Because  look.Because
}

func exceptionPage(v *visit) error { return v.exception(form{}, nil) }

func (v *visit) exceptionNumber() (int64, error) {
	id, err := strconv.ParseInt(v.r.PathValue("exception"), 10, 64)
	if err != nil {
		return 0, errNotFound
	}
	return id, nil
}

func (v *visit) exception(f form, problems look.Problems) error {
	id, err := v.exceptionNumber()
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Access})
	if err != nil {
		return err
	}
	e, err := v.house.Extracts.Exception(v.ctx(), v.actor, id)
	if err != nil {
		return err
	}
	l, err := v.house.Extracts.Seen(v.ctx(), scope, e.Number)
	if err != nil {
		return err
	}
	rows, err := v.exceptionRows(scope, []extract.Exception{e})
	if err != nil {
		return err
	}
	names, err := v.house.Members.Names(v.ctx(), scope, []vault.PersonID{l.Recipient})
	if err != nil {
		return err
	}
	view := exceptionView{
		Problems: problems, Row: rows[0], List: v.list(&l, v.nameOf(names, l.Recipient)), Answer: f.text("grounds"), Chosen: f.text("answer"),
		Own: e.By == v.actor.Person || e.Holder == v.actor.Person, Because: look.Because{Lead: v.T("lists.because"), Text: v.T("lists.because_text")},
	}
	view.Decide = scope.All() && e.Standing.Open() && !view.Own
	return v.show(page{title: v.T("lists.exceptions.of_list", "number", e.Number), tab: tabLists, body: exceptionBody(view), failed: problems != nil})
}

// exceptionDecide answers.
func exceptionDecide(v *visit) error {
	id, err := v.exceptionNumber()
	if err != nil {
		return err
	}
	f, err := v.form()
	if err != nil {
		return err
	}
	answer := f.text("answer")
	if answer != "yes" && answer != "no" {
		return v.exception(f, look.Problems{{Field: "answer", Text: v.T("lists.exceptions.answer_missing")}})
	}
	err = v.house.Extracts.Decide(v.ctx(), v.actor, id, answer == "yes", f.text("grounds"))
	problems, err := v.problems(err)
	switch {
	case err != nil:
		return err
	case problems != nil:
		return v.exception(f, problems)
	}
	return v.toWith(exceptionsPath, "lists.notice.decided")
}

// answers are the two there are, in the words of what was asked.
func (view *exceptionView) answers(T func(key string, pairs ...any) string) look.Choices {
	of := "longer"
	if view.Row.Standing.OfLoss() {
		of = "lost"
	}
	c := look.Choices{Name: "answer", Legend: T("lists.exceptions.answer"), Error: view.Problems.For("answer")}
	for _, answer := range []string{"yes", "no"} {
		key := "lists.exceptions." + of + "_" + answer
		c.Options = append(c.Options, look.Choice{Value: answer, Text: T(key), Hint: T(key + "_hint"), Checked: view.Chosen == answer})
	}
	return c
}

// exceptionsOf is what was asked about one list, for its page.
func (v *visit) exceptionsOf(number int64) ([]exceptionRow, error) {
	all, err := v.house.Extracts.ExceptionsOf(v.ctx(), v.actor, number)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	scope, err := v.self()
	if err != nil {
		return nil, err
	}
	return v.exceptionRows(scope, all)
}

// lateLists names the lists that keep the visitor from a new one.
func (v *visit) lateLists() (string, error) {
	late, err := v.house.Extracts.Late(v.ctx(), v.actor)
	names := make([]string, len(late))
	for i, number := range late {
		names[i] = strconv.FormatInt(number, 10)
	}
	return v.p.List(names), err
}
