package web

import (
	"strconv"

	"github.com/a-h/templ"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/dues"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/web/look"
)

// duesAccount is the page of somebody's account, by public id.
func duesAccount(public string) string { return duesPath + "/accounts/" + public }

// lineView is a charge as pages show it.
type lineView struct {
	ID, Year, Body, Category string
	Amount, Open             string
	State                    templ.Component
	Due                      civil.Date
	Pay                      dues.Payment
	Owed, Writes             bool
	Entries                  []entryView
	Path                     string // of acts on the charge
	Fields                   []look.Field
	Problems                 look.Problems
}

type entryView struct {
	Day           civil.Date
	What, Voucher string
	Amount        string
	Counter       string // the voucher, where it can be countered
}

// ledgerView is somebody's account.
type ledgerView struct {
	Name, Number, Path, Card string
	Lines                    []lineView
	Open                     string
	Problems                 look.Problems
	Because                  look.Because
}

var stateTones = map[dues.State]look.Tone{
	dues.Settled: look.OK, dues.Over: look.Soon, dues.Partly: look.Soon, dues.Owed: look.Note, dues.Late: look.Late,
}

// lineViews shows the charges of an account, the newest first.
func (v *visit) lineViews(a *dues.Account, path string) (views []lineView, open int64) {
	today := v.house.Access.Today()
	for i := len(a.Lines) - 1; i >= 0; i-- {
		l := &a.Lines[i]
		state := l.StateOn(today)
		open += l.Open()
		view := lineView{
			ID: strconv.FormatUint(l.ID, 10), Year: strconv.Itoa(l.Year), Body: v.unitName(l.Unit), Category: v.categoryName(l.Category),
			Amount: v.p.Amount(l.Amount), Open: v.p.Amount(l.Open()), Due: l.Due, Owed: l.Open() > 0,
			State: look.Badge(stateTones[state], v.T("dues.state."+string(state))), Pay: v.house.Dues.Payment(&l.Charge),
		}
		if path != "" {
			view.Path, view.Writes = path+"/"+view.ID, v.house.Dues.Writes(v.actor, &l.Charge)
		}
		for k := range l.Entries {
			e := &l.Entries[k]
			line := entryView{Day: e.Date, What: v.T("dues.entry." + e.Kind.Code()), Voucher: v.T("dues.voucher", "number", e.Number), Amount: v.p.Sum(e.Amount)}
			if e.Of != 0 {
				line.What = v.T("dues.counters", "number", e.Of)
			}
			if view.Writes && l.Counterable(e.Number) {
				line.Counter = strconv.FormatInt(e.Number, 10)
			}
			view.Entries = append(view.Entries, line)
		}
		for _, n := range l.Notices {
			line := entryView{Day: n.On, What: v.T("dues.record.billed")}
			if n.Level > 0 {
				line.What = v.T("dues.remind.level", "number", n.Level)
			}
			view.Entries = append(view.Entries, line)
		}
		views = append(views, view)
	}
	return views, open
}

// duesAccountPage is what a member owes and has paid.
func duesAccountPage(v *visit) error { return v.duesAccountForm("", form{}, nil) }

func (v *visit) duesAccountForm(charge string, typed form, problems look.Problems) error {
	person, err := v.person("person")
	if err != nil {
		return err
	}
	a, err := v.house.Dues.Account(v.ctx(), v.actor, person)
	if err != nil {
		return err
	}
	who, err := v.house.Dues.Named(v.actor, person)
	if err != nil {
		return err
	}
	scope, err := v.house.Access.Require(v.ctx(), v.actor, access.Want{Act: charter.Collect, Purpose: "dues"})
	if err != nil {
		return err
	}
	view := ledgerView{Name: who.Name(), Number: locale.MemberNumber(who.Number), Path: duesAccount(v.public(person)), Problems: problems, Because: v.becauseOf("dues", scope)}
	if v.may(charter.View) {
		view.Card = v.cardPath(person)
	}
	var open int64
	view.Lines, open = v.lineViews(a, view.Path)
	view.Open = v.p.Amount(open)
	today := v.p.ShortDate(v.house.Access.Today())
	for i := range view.Lines {
		l := &view.Lines[i]
		amount := look.Field{Name: "amount", ID: "amount-" + l.ID, Label: v.T("dues.form.amount"), Width: look.Short, Autocomplete: "off", MaxLength: 14}
		day := look.Field{Name: "date", ID: "date-" + l.ID, Label: v.T("dues.form.date"), Input: look.DateInput, Width: look.Short, Value: today}
		if l.ID == charge {
			amount.Value, day.Value = typed.text("amount"), typed.text("date")
			amount.Error, day.Error = problems.For("amount-"+l.ID), problems.For("date-"+l.ID)
		}
		l.Fields = []look.Field{amount, day}
	}
	// The name would stay in the browser's history, so the document has none.
	return v.show(page{title: v.T("dues.account.title"), tab: tabDues, body: ledgerBody(view), failed: problems != nil})
}

// duesEnter makes an entry on a charge: pay, refund, off or counter.
func duesEnter(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	person, err := v.person("person")
	if err != nil {
		return err
	}
	text := v.r.PathValue("charge")
	charge, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errNotFound
	}
	w := dues.Wish{Person: person, Charge: charge}
	act := f.text("act")
	var problems look.Problems
	if act != "counter" {
		var ok bool
		if w.Amount, ok = locale.ParseAmount(f.text("amount")); !ok && !(act == "off" && f.text("amount") == "") {
			problems = append(problems, look.Problem{Field: "amount", Text: v.T("dues.error.amount")})
		}
		if w.Date, ok = f.date("date"); !ok {
			problems = append(problems, look.Problem{Field: "date", Text: v.T("dues.error.date")})
		}
	}
	if problems == nil {
		problems, err = v.problems(v.duesEntry(act, w, f.number("of")))
		if err != nil {
			return err
		}
	}
	if problems != nil {
		for i := range problems {
			if problems[i].Field != "" {
				problems[i].Field += "-" + text
			}
		}
		return v.duesAccountForm(text, f, problems)
	}
	return v.toWith(duesAccount(v.public(person)), "dues.notice.entered")
}

func (v *visit) duesEntry(act string, w dues.Wish, of int64) (err error) {
	switch act {
	case "pay":
		_, err = v.house.Dues.Pay(v.ctx(), v.actor, w)
	case "refund":
		_, err = v.house.Dues.Refund(v.ctx(), v.actor, w)
	case "off":
		_, err = v.house.Dues.WriteOff(v.ctx(), v.actor, w)
	case "counter":
		_, err = v.house.Dues.Counter(v.ctx(), v.actor, w.Person, w.Charge, of)
	default:
		err = fault.New(fault.Invalid, "web.error.form")
	}
	return err
}

// meDuesPage is what one owes and has paid oneself, and how to pay.
func meDuesPage(v *visit) error {
	a, err := v.house.Dues.Own(v.ctx(), v.actor)
	if err != nil {
		return err
	}
	view := ledgerView{}
	var open int64
	view.Lines, open = v.lineViews(a, "")
	view.Open = v.p.Amount(open)
	return v.show(page{title: v.T("dues.me.title"), tab: tabMe, body: meDuesBody(view)})
}
