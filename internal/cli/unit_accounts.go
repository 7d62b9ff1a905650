package cli

import (
	"context"
	"time"

	"kartotek/internal/departure"
	"kartotek/internal/unit"
)

// unitAccountsCommand shows or changes how a body keeps accounts (L7).
type unitAccountsCommand struct {
	inHouse
	unitAs
	Code     string `arg:"" name:"CODE"`
	Keep     string `enum:",yes,no" default:"" placeholder:"yes|no"`
	Seat     string `placeholder:"CC"`
	YearEnds *int   `name:"year-ends" placeholder:"MONTH"`
	DryRun   bool
}

// accountingLine is how a body keeps accounts in an answer, and how it did before.
type accountingLine struct {
	Code     string          `json:"code"`
	Keeps    bool            `json:"keeps"`
	Seat     string          `json:"seat"`
	Law      string          `json:"law"`
	YearEnds int             `json:"year_ends"`
	Until    string          `json:"booked_today_kept_until,omitempty"`
	Was      *accountingLine `json:"was,omitempty"`
}

func (c *unitAccountsCommand) run(ctx context.Context, d *desk) error {
	id, err := d.body(c.Code)
	if err != nil {
		return err
	}
	body, _ := d.house.Units.Tree().ByID(id)
	wanted := body.Accounting()
	if c.Keep != "" {
		wanted.Keeps = c.Keep == "yes"
	}
	if c.Seat != "" {
		wanted.Seat = c.Seat
	}
	if c.YearEnds != nil {
		wanted.YearEnds = time.Month(*c.YearEnds)
	}
	if err := d.house.Units.CheckAccounting(wanted); err != nil {
		return err
	}
	asked := c.Keep != "" || c.Seat != "" || c.YearEnds != nil
	if asked { // who may not change it is not shown what it would be either
		by, err := c.recorder(ctx, d)
		if err != nil {
			return err
		}
		if !c.DryRun {
			if _, err := d.house.Units.SetAccounting(ctx, by, id, wanted); err != nil {
				return err
			}
		}
	}
	line := d.accountingLine(body.Code, wanted)
	was := d.accountingLine(body.Code, body.Accounting())
	if asked {
		line.Was = &was
	}
	return d.answer(line, func() {
		until := func(a unit.Accounting) string {
			if k := departure.KeepingOf(d.house.Charter, a, d.house.Access.Today()); k.Keeps {
				return d.p.Date(k.Until)
			}
			return d.p.T("cli.unit.accounts_none")
		}
		t := d.newTable("code", "name")
		t.add(body.Code, body.Name)
		t.add(d.p.T("cli.unit.accounts_law"), line.Seat+" · "+line.Law)
		t.add(d.p.T("cli.unit.accounts_ends"), d.p.Month(time.Month(line.YearEnds)))
		t.add(d.p.T("cli.unit.accounts_until"), until(wanted))
		if asked && line.Until != was.Until {
			t.add(d.p.T("cli.unit.accounts_was"), until(body.Accounting()))
		}
		d.print(t)
		switch {
		case asked && c.DryRun:
			d.say("cli.unit.accounts_dry")
		case asked:
			d.say("cli.unit.accounts_changed")
		}
	})
}

func (d *desk) accountingLine(code string, a unit.Accounting) accountingLine {
	k := departure.KeepingOf(d.house.Charter, a, d.house.Access.Today())
	return accountingLine{
		Code: code, Keeps: k.Keeps, Seat: k.Seat, Law: k.Law.In(d.p.Lang()), YearEnds: int(k.Ends), Until: isoDay(k.Until),
	}
}
