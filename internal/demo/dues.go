package demo

import (
	"bytes"
	"context"
	"fmt"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/dues"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// charge sets the rates of the year and charges everybody.
func (b *builder) charge(ctx context.Context) error {
	if !b.Dues.Any() {
		return nil
	}
	b.clock.daysAgo(historyDays)
	year := b.Dues.ThisYear()
	collectors := []unit.Unit{}
	if root, ok := b.Units.Tree().Root(); ok {
		collectors = append(collectors, root)
	}
	if b.Charter.Dues.Collects == charter.CollectsBody {
		for _, u := range b.Units.Tree().All() {
			if level, known := b.Charter.Level(u.Level); known && level.Members {
				collectors = append(collectors, u)
			}
		}
	}
	keeper := b.duesKeeper()
	for i, u := range collectors {
		_, err := b.Dues.SetRates(ctx, keeper, dues.Sheet{Unit: u.ID, Year: year, Payee: b.payee(i), PartYear: true, Rates: b.rates()})
		if err != nil {
			return err
		}
	}
	if _, err := b.Dues.Charge(ctx, keeper, 0, year); err != nil {
		return err
	}
	return b.Dues.CountHeads(ctx) // where a cut-off date has just come
}

// duesKeeper is whoever keeps the dues: the position made for it, or the first in
// the secretariat.
func (b *builder) duesKeeper() access.Actor {
	for _, who := range b.staff {
		if who.position != "dues" {
			continue
		}
		if employed := b.Access.Employed(charter.Collect); len(employed) > 0 {
			for _, person := range employed {
				if scope, err := b.Access.Decide(console(person), access.Want{Act: charter.Collect, Purpose: "dues"}); err == nil && scope.Basis().Code == "dues" {
					return console(person)
				}
			}
		}
	}
	return b.service
}

// rates are invented, by what kinds of membership are called everywhere.
func (b *builder) rates() map[string]int64 {
	rates := map[string]int64{}
	for i := range b.Charter.Categories {
		k := &b.Charter.Categories[i]
		switch amount := int64(400_00); {
		case k.Dual, k.Leave, k.Code == "honorary":
			rates[k.Code] = 0
		case k.Aged(), k.Uncounted:
			rates[k.Code] = amount / 2
		default:
			rates[k.Code] = amount
		}
	}
	return rates
}

// payee is an invented creditor number, or an account with its check digit.
func (b *builder) payee(i int) string {
	if b.Charter.Dues.Reference == charter.ReferenceFI {
		return fmt.Sprintf("%08d", 87654321-i)
	}
	for n := 12345600000 + int64(i)*100; ; n++ {
		if account := fmt.Sprint(n); locale.NorwegianAccount(account) {
			return account
		}
	}
}

// bankFile is a file as a bank exports it.
type bankFile struct {
	bytes.Buffer
	payments int
}

// mostPayments is how many payments stand in one: a bank exports by the day.
const mostPayments = 250_000

// pay has most members pay, by files as a bank exports them: some pay too little,
// some nothing.
func (b *builder) pay(ctx context.Context) error {
	if !b.Dues.Any() {
		return nil
	}
	b.clock.daysAgo(2)
	keeper, files := b.duesKeeper(), map[unit.ID][]*bankFile{}
	day := b.Access.Today()
	err := record.Scan(b.Records, ctx, dues.Charges, func(_ vault.PersonID, _ uint64, c *dues.Charge) error {
		amount := c.Amount
		switch b.rng.IntN(40) {
		case 0, 1, 2, 3:
			return nil
		case 4:
			amount /= 2
		}
		all := files[c.Unit]
		if len(all) == 0 || all[len(all)-1].payments == mostPayments {
			f := &bankFile{}
			f.WriteString("Dato;Betalings-ID;Beløb\r\n")
			all = append(all, f)
			files[c.Unit] = all
		}
		f := all[len(all)-1]
		f.payments++
		on := civil.Date(day).AddDays(-b.rng.IntN(25))
		fmt.Fprintf(f, "%s;%s;%s\r\n", on, c.Reference, locale.PlainAmount(amount))
		return nil
	})
	if err != nil {
		return err
	}
	for _, u := range b.Units.Tree().All() { // in an order, so that a seed makes one federation
		for _, f := range files[u.ID] {
			if _, err := b.Dues.Import(ctx, keeper, u.ID, bytes.NewReader(f.Bytes()), int64(f.Len()), false); err != nil {
				return err
			}
		}
	}
	return nil
}
