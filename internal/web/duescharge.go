package web

import (
	"kartotek/internal/dues"
	"kartotek/internal/web/look"
)

// chargeView is what charging would do.
type chargeView struct {
	Asked    *duesAsked
	Name     string
	Filters  look.Filters
	Problems look.Problems
	Tally    dues.Tally
	Rows     []duesCategory // Open is how many are exempt
	Facts    look.Rows
	Then     look.Then
	Because  look.Because
}

// duesChargePage counts what charging would do.
func duesChargePage(v *visit) error { return v.duesCharge(v.query(), nil) }

func (v *visit) duesCharge(f form, problems look.Problems) error {
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	view := chargeView{Asked: a, Name: v.duesName(a), Filters: v.duesFilters(a, duesCharge), Problems: problems, Because: v.becauseOf("dues", a.Scope)}
	if view.Tally, err = v.house.Dues.Preview(v.ctx(), v.actor, a.Body.ID, a.Year); err != nil {
		more, err := v.problems(err)
		if err != nil {
			return err
		}
		view.Problems = append(view.Problems, more...)
	}
	t := &view.Tally
	for _, c := range t.Categories {
		view.Rows = append(view.Rows, duesCategory{v.categoryName(c.Category), v.p.Number(c.Members), v.p.Sum(c.Amount), v.p.Number(c.Exempt)})
	}
	for _, fact := range []struct {
		key   string
		count int
	}{{"already", t.Already}, {"exempt", t.Exempt}, {"part_year", t.PartYear}, {"no_rate", t.NoRate}, {"restricted", t.Restricted}} {
		if fact.count > 0 {
			view.Facts = append(view.Facts, look.Row{Term: v.T("dues.tally." + fact.key), Value: look.Text(v.p.Number(fact.count))})
		}
	}
	if t.Carried > 0 {
		view.Facts = append(view.Facts, look.Row{Term: v.T("dues.tally.carried"), Value: look.Text(v.p.Amount(t.Carried))})
	}
	view.Then = look.Then{
		{When: look.Text(v.T("dues.then.now")), Lead: v.T("dues.then.charged", "count", t.Members), Text: v.T("dues.then.charged_text", "amount", v.p.Amount(t.Amount))},
		{When: look.Text(v.T("dues.then.after")), Lead: v.T("dues.then.bills"), Text: v.T("dues.then.bills_text")},
		{When: look.Text(v.T("dues.then.until")), Lead: v.T("dues.then.undo"), Text: v.T("dues.then.undo_text")},
	}
	return v.show(page{title: v.T("dues.charge.title"), tab: tabDues, body: chargeBody(view), failed: view.Problems != nil})
}

// duesChargeNow charges.
func duesChargeNow(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	t, err := v.house.Dues.Charge(v.ctx(), v.actor, a.Body.ID, a.Year)
	if problems, err := v.problems(err); err != nil {
		return err
	} else if problems != nil {
		return v.duesCharge(f, problems)
	}
	return v.toWith(a.path(duesPath), "dues.notice.charged", int64(t.Members))
}

// remindView is what would be sent today.
type remindView struct {
	Asked    *duesAsked
	Name     string
	Filters  look.Filters
	Problems look.Problems
	Sending  dues.Sending
	Facts    look.Rows
	Then     look.Then
	Because  look.Because
}

// duesRemindPage counts who would be written to.
func duesRemindPage(v *visit) error { return v.duesRemind(v.query(), nil) }

func (v *visit) duesRemind(f form, problems look.Problems) error {
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	view := remindView{Asked: a, Name: v.duesName(a), Filters: v.duesFilters(a, duesRemind), Problems: problems, Because: v.becauseOf("dues", a.Scope)}
	if view.Sending, err = v.house.Dues.Remind(v.ctx(), v.actor, a.Body.ID, a.Year, true); err != nil {
		return err
	}
	view.Facts = look.Rows{{Term: v.T("dues.remind.bills"), Value: look.Text(v.p.Number(view.Sending.Bills))}}
	for i, n := range view.Sending.Reminders {
		view.Facts = append(view.Facts, look.Row{Term: v.T("dues.remind.level", "number", i+1), Value: look.Text(v.p.Number(n))})
	}
	view.Facts = append(view.Facts, look.Row{Term: v.T("dues.open"), Value: look.Text(v.p.Amount(view.Sending.Amount))})
	view.Then = look.Then{
		{When: look.Text(v.T("dues.then.now")), Lead: v.T("dues.remind.now", "count", view.Sending.Total()), Text: v.T("dues.remind.now_text")},
		{When: look.Text(v.T("dues.then.after")), Lead: v.T("dues.remind.later"), Text: v.T("dues.remind.later_text", "count", v.house.Charter.Dues.AgainDays.Value)},
	}
	return v.show(page{title: v.T("dues.remind.title"), tab: tabDues, body: remindBody(view), failed: problems != nil})
}

// duesRemindNow sends.
func duesRemindNow(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	a, err := v.dues(f)
	if err != nil {
		return err
	}
	sent, err := v.house.Dues.Remind(v.ctx(), v.actor, a.Body.ID, a.Year, false)
	if problems, err := v.problems(err); err != nil {
		return err
	} else if problems != nil {
		return v.duesRemind(f, problems)
	}
	return v.toWith(a.path(duesPath), "dues.notice.sent", int64(sent.Total()))
}
