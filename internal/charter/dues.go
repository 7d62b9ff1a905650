package charter

import (
	"slices"
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
)

// Dues are the rules by which members pay: who collects, when, by which kind of
// reference, and what happens to whoever does not pay. A charter that says
// nothing of them has no dues.
type Dues struct {
	Collects  string `toml:"collects"`  // root or body; empty: no dues
	Reference string `toml:"reference"` // FI, KID10 or KID11
	Payee     string `toml:"payee"`     // FI: the creditor number; KID: the account; of the association itself
	DueDay    string `toml:"due-day"`   // "03-01": the usual day, month first
	Source    Words  `toml:"source"`    // of who collects and of the day

	ReminderDays  Number `toml:"reminder-days"`  // after the due day
	AgainDays     Number `toml:"again-days"`     // between two reminders
	Reminders     Number `toml:"reminders"`      // how many at most
	ProposeMonths Number `toml:"propose-months"` // after the due day, closing is proposed (D6: who closes decides)

	PerCapita PerCapita `toml:"per-capita"` // what bodies owe each other by head-count
}

// PerCapita is what is settled between bodies by the count of members who pay.
type PerCapita struct {
	With   string   `toml:"with"`    // the level each body settles with; empty: nothing is
	Share  bool     `toml:"share"`   // the body gets its part; otherwise it owes
	Amount Number   `toml:"amount"`  // øre a member and cut-off date
	CutOff []string `toml:"cut-off"` // "10-01": the days on which heads are counted
}

// Who collects.
const (
	CollectsRoot = "root" // the association itself, from everybody
	CollectsBody = "body" // each body from its own members
)

// Kinds of payment reference.
const (
	ReferenceFI    = "FI"    // Danish joint inpayment form, card 71
	ReferenceKID10 = "KID10" // Norwegian customer identification, modulus 10
	ReferenceKID11 = "KID11" // the same, modulus 11
)

// Any reports whether members pay dues at all.
func (d *Dues) Any() bool { return d.Collects != "" }

// Settles reports whether bodies settle by head-count.
func (p *PerCapita) Settles() bool { return p.With != "" }

// dueOn is a day of the year written month first.
func dayOfYear(text string) (month time.Month, day int, ok bool) {
	d, err := civil.ParseDate("2001-" + text) // no leap day: it exists every year
	return d.Month, d.Day, err == nil
}

// AccountingYear names the accounting year a day is in: that in which it ends.
func (c *Charter) AccountingYear(d civil.Date) int {
	if d.Month > time.Month(c.Parameters.AccountingYearMonth.Value) {
		return d.Year + 1
	}
	return d.Year
}

// AccountingYearBegins is the first day of an accounting year.
func (c *Charter) AccountingYearBegins(year int) civil.Date {
	month := time.Month(c.Parameters.AccountingYearMonth.Value)
	return civil.DateOf(time.Date(year-1, month+1, 1, 0, 0, 0, 0, time.UTC))
}

// dayIn is the day of the year that falls in an accounting year.
func (c *Charter) dayIn(year int, text string) civil.Date {
	month, day, ok := dayOfYear(text)
	if !ok {
		return civil.Date{}
	}
	d := civil.Date{Year: year, Month: month, Day: day}
	if c.AccountingYear(d) != year {
		d.Year--
	}
	return d
}

// DuesDay is the usual due day of an accounting year.
func (c *Charter) DuesDay(year int) civil.Date { return c.dayIn(year, c.Dues.DueDay) }

// CutOffs are the days of an accounting year on which heads are counted, in order.
func (c *Charter) CutOffs(year int) []civil.Date {
	var days []civil.Date
	for _, text := range c.Dues.PerCapita.CutOff {
		days = append(days, c.dayIn(year, text))
	}
	slices.SortFunc(days, func(a, b civil.Date) int { return a.DaysSince(b) })
	return days
}

// PatienceEnds is the day on which data of whoever has not paid what was due are
// to be gone: so many months after the original day (Datatilsynet NO).
func (c *Charter) PatienceEnds(due civil.Date) civil.Date {
	return MonthsAfter(due, c.Parameters.NonPaymentMonths.Value)
}

// MonthsAfter is the same day so many months on, or the last of a month that has
// no such day.
func MonthsAfter(d civil.Date, months int) civil.Date {
	on := time.Date(d.Year, d.Month+time.Month(months), d.Day, 0, 0, 0, 0, time.UTC)
	if on.Day() != d.Day {
		on = on.AddDate(0, 0, -on.Day())
	}
	return civil.DateOf(on)
}

// usualDues hold where a charter has dues and says no more.
func usualDues() Dues {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	return Dues{
		DueDay: "03-01", Source: own,
		ReminderDays: Number{Value: 14, Source: own}, AgainDays: Number{Value: 21, Source: own},
		Reminders: Number{Value: 2, Source: own}, ProposeMonths: Number{Value: 4, Source: own},
		PerCapita: PerCapita{Amount: Number{Source: own}},
	}
}

func (d *Dues) rows() []Parameter {
	if !d.Any() {
		return nil
	}
	rows := []Parameter{
		d.ReminderDays.row("dues-reminder-days"), d.AgainDays.row("dues-again-days"),
		d.Reminders.row("dues-reminders"), d.ProposeMonths.row("dues-propose-months"),
	}
	if d.PerCapita.Settles() {
		rows = append(rows, d.PerCapita.Amount.row("dues-per-capita"))
	}
	return rows
}

// Payable reports whether digits can be a payee of the kind of reference: a
// creditor number has eight, a Norwegian account eleven of which the last checks.
func Payable(reference, payee string) bool {
	if strings.Trim(payee, "0123456789") != "" {
		return false
	}
	if reference == ReferenceFI {
		return len(payee) == 8
	}
	return locale.NorwegianAccount(payee)
}

// dues checks the rules of paying: somebody must be able to collect, and patience
// must end after it was asked for.
func (r *reporter) dues(c *Charter) {
	d := &c.Dues
	if !d.Any() {
		return
	}
	if known := []string{CollectsRoot, CollectsBody}; !slices.Contains(known, d.Collects) {
		r.report("dues.collects", "charter.error.collects", "known", strings.Join(known, ", "))
	}
	known := []string{ReferenceFI, ReferenceKID10, ReferenceKID11}
	switch {
	case !slices.Contains(known, d.Reference):
		r.report("dues.reference", "charter.error.reference", "known", strings.Join(known, ", "))
	case d.Payee != "" && !Payable(d.Reference, d.Payee):
		r.report("dues.payee", "charter.error.payee")
	}
	r.dayOfYear("dues.due-day", d.DueDay)
	if _, known := c.Purpose("dues"); !known {
		r.report("purposes", "charter.error.purpose_missing", "code", "dues")
	}
	if !slices.ContainsFunc(c.Positions, func(p Position) bool { return p.Acts.Has(Collect) }) &&
		(d.Collects == CollectsRoot || !slices.ContainsFunc(c.Posts, func(p Post) bool { return p.Acts.Has(Collect) })) {
		r.report("dues.collects", "charter.error.nobody_collects")
	}
	for _, rule := range []struct {
		key       string
		number    *Number
		low, high int
	}{
		{"reminder-days", &d.ReminderDays, 1, 180}, {"again-days", &d.AgainDays, 7, 180}, {"reminders", &d.Reminders, 0, 5},
		{"propose-months", &d.ProposeMonths, 1, max(1, c.Parameters.NonPaymentMonths.Value)},
	} {
		if rule.number.Value < rule.low || rule.number.Value > rule.high {
			r.report("dues."+rule.key+".value", "charter.error.range", "low", rule.low, "high", rule.high)
		}
		r.checked("dues."+rule.key, rule.number.Checked)
	}
	r.perCapita(c, &d.PerCapita)
}

func (r *reporter) perCapita(c *Charter, p *PerCapita) {
	if !p.Settles() {
		return
	}
	if level, known := c.Level(p.With); !known {
		r.report("dues.per-capita.with", "charter.error.unknown_level", "code", p.With)
	} else if level.Members {
		r.report("dues.per-capita.with", "charter.error.settles_below")
	}
	if len(p.CutOff) == 0 {
		r.report("dues.per-capita.cut-off", "charter.error.empty")
	}
	for i, text := range p.CutOff {
		r.dayOfYear(index("dues.per-capita.cut-off", i), text)
	}
	r.between("dues.per-capita.amount.value", p.Amount.Value, 1, 100_000_00)
	r.checked("dues.per-capita.amount", p.Amount.Checked)
}

func (r *reporter) dayOfYear(path, text string) {
	if _, _, ok := dayOfYear(text); !ok {
		r.report(path, "charter.error.day_of_year")
	}
}
