package web

import (
	"strconv"
	"time"

	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/web/look"
)

// accountingForm is how a body keeps accounts, to be changed (L7).
type accountingForm struct {
	Keeps      bool
	Seat, Ends look.Select
	Told       string // what it means now
}

// accountingForm shows what is chosen, or was typed.
func (v *visit) accountingForm(a unit.Accounting, body unit.Unit, problems look.Problems) accountingForm {
	c := v.house.Charter
	f := accountingForm{
		Keeps: a.Keeps, Told: v.accountingTold(body.Accounting()),
		Seat: look.Select{Name: "seat", Label: v.T("bodies.accounts.seat"), Error: problems.For("seat"), Value: a.Seat},
		Ends: look.Select{
			Name: "year_ends", Label: v.T("bodies.accounts.ends"), Error: problems.For("year_ends"), Width: look.Middle, Value: strconv.Itoa(int(a.YearEnds)),
			Options: []look.Option{{Value: "0", Text: v.T("bodies.accounts.ends_usual", "month", v.p.Month(c.YearEnds(0)))}},
		},
	}
	if a.Seat == "" {
		f.Seat.Value = c.Country
	}
	for _, country := range c.Seats() {
		f.Seat.Options = append(f.Seat.Options, look.Option{Value: country, Text: v.T("bodies.accounts.law", "country", country, "law", c.Law(country).Cite.In(v.p.Lang()))})
	}
	for m := time.January; m <= time.December; m++ {
		f.Ends.Options = append(f.Ends.Options, look.Option{Value: strconv.Itoa(int(m)), Text: v.p.Month(m)})
	}
	return f
}

// accountingTold says until when what is booked today is kept of whoever leaves.
func (v *visit) accountingTold(a unit.Accounting) string {
	k := departure.KeepingOf(v.house.Charter, a, v.house.Access.Today())
	if !k.Keeps {
		return v.T("bodies.accounts.nothing")
	}
	return v.T("bodies.accounts.until", "date", k.Until, "law", k.Law.In(v.p.Lang()), "month", v.p.Month(k.Ends))
}

// accountingView is a change of how a body keeps accounts, before it is made.
type accountingView struct {
	Body     unit.Unit
	Now      string
	Then     string
	Keeps    bool
	Seat     string
	YearEnds string
}

// bodyAccounts changes whether, by which law and in which year a body keeps
// accounts (L7). What that changes is told first, and done once it is agreed to.
func bodyAccounts(v *visit) error {
	f, err := v.form()
	if err != nil {
		return err
	}
	body, err := v.bodyNamed()
	if err != nil {
		return err
	}
	ends, err := strconv.Atoi(f.text("year_ends"))
	if err != nil {
		ends = -1 // no month
	}
	wanted := unit.Accounting{Keeps: f.has("accounts"), Seat: f.text("seat"), YearEnds: time.Month(ends)}
	if err = v.house.Units.CheckAccounting(wanted); err == nil {
		if !f.has("agreed") {
			return v.show(page{title: v.T("bodies.accounts.change"), tab: tabAdministration, body: accountingBody(accountingView{
				Body: body, Now: v.accountingTold(body.Accounting()), Then: v.accountingTold(wanted),
				Keeps: wanted.Keeps, Seat: wanted.Seat, YearEnds: strconv.Itoa(ends),
			})})
		}
		scope, refused := v.unitsScope(body.ID)
		if refused != nil {
			return refused
		}
		_, err = v.house.Units.SetAccounting(v.ctx(), v.house.Recorder(scope.Entry(journal.Unit)), body.ID, wanted)
	}
	if fault.Is(err, fault.Invalid) && ends < 0 {
		wanted.YearEnds = body.YearEnds
	}
	problems, err := v.problems(err)
	if err != nil {
		return err
	}
	if problems != nil {
		return v.bodyFormOf(body, body.Name, v.accountingForm(wanted, body, problems), problems)
	}
	return v.toWith(bodyPath(body.Code), "bodies.notice.accounts")
}
