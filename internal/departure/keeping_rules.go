package departure

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// accountsOf sorts out which facts a law keeps (L7): those of bodies that keep
// accounts by law, as long as the law of each has not ended its keeping, and put
// together by body and end. The nearest end comes first.
func accountsOf(c *charter.Charter, tree *unit.Tree, facts []Fact, today civil.Date) []Account {
	var all []Account
	for _, f := range facts {
		body, known := tree.ByID(f.Unit)
		if !known || !body.Accounts || !f.On.IsValid() {
			continue
		}
		until := c.KeptUntil(c.Law(body.Seat), f.On, body.YearEnds)
		if until.Before(today) || vault.KeptUntil(until.Year, until.Month) == 0 {
			continue
		}
		at := slices.IndexFunc(all, func(a Account) bool { return a.Unit == f.Unit && a.Until == until })
		if at < 0 {
			at = len(all)
			all = append(all, Account{Unit: f.Unit, Until: until, Left: today})
		}
		all[at].Facts = append(all[at].Facts, f)
	}
	slices.SortStableFunc(all, func(a, b Account) int {
		return cmp.Or(a.Until.DaysSince(b.Until), cmp.Compare(a.Unit, b.Unit))
	})
	return all
}

// Keeping is what a body's accounting means for whoever leaves it (L7): which law,
// which year, and until when the facts of its books are kept.
type Keeping struct {
	unit.Accounting
	Law   charter.Words
	Ends  time.Month // the accounting year's last
	Until civil.Date // of what is booked today; zero where nothing is kept
}

// KeepingOf tells it of one way to keep accounts, chosen or only considered.
func KeepingOf(c *charter.Charter, a unit.Accounting, today civil.Date) Keeping {
	law := c.Law(a.Seat)
	k := Keeping{Accounting: a, Law: law.Cite, Ends: c.YearEnds(a.YearEnds)}
	if k.Seat == "" {
		k.Seat = c.Country
	}
	if a.Keeps {
		k.Until = c.KeptUntil(law, today, a.YearEnds)
	}
	return k
}

// told is how accounts are told of on the closing page and the certificate.
func told(c *charter.Charter, tree *unit.Tree, all []Account) (kept []Kept) {
	for i := range all {
		body, _ := tree.ByID(all[i].Unit)
		kept = append(kept, Kept{
			Law: c.Law(body.Seat).Cite, Unit: body.ID, Body: body.Name, Until: all[i].Until, Count: len(all[i].Facts),
		})
	}
	return kept
}

// same reports whether two findings of what is kept agree in every fact.
func same(a, b []Account) bool {
	return slices.EqualFunc(a, b, func(a, b Account) bool {
		return a.Unit == b.Unit && a.Until == b.Until && slices.Equal(a.Facts, b.Facts)
	})
}

// over is the class of the month that runs: what ends with an earlier one is over.
func over(today civil.Date) vault.Class { return vault.KeptUntil(today.Year, today.Month) }

// endOf is the last day of what is kept in a class.
func endOf(c vault.Class) civil.Date {
	year, month := c.End()
	if month == 12 {
		year, month = year+1, 0
	}
	return civil.Date{Year: year, Month: month + 1, Day: 1}.AddDays(-1)
}

// Money is an amount with its currency, as accounts write it: "1250.00 DKK".
func (f *Fact) Money() string {
	sign, n := "", f.Amount
	if n < 0 {
		sign, n = "-", -n
	}
	return fmt.Sprintf("%s%d.%02d %s", sign, n/100, n%100, f.Currency)
}

// Text says what is kept, where, by which law and until when.
func (k *Kept) Text(p *locale.Printer) string {
	if k.Unit == 0 { // evidence, in nobody's accounts
		return p.T("certificate.kept_evidence", "what", k.Body, "law", k.Law.In(p.Lang()), "until", p.Date(k.Until))
	}
	return p.T("departure.certificate.kept_line", "count", k.Count, "body", k.Body, "until", p.Date(k.Until), "law", k.Law.In(p.Lang()))
}
