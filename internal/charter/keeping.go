package charter

import (
	"slices"
	"time"

	"github.com/golang-sql/civil"
)

// Bookkeeping is the one purpose for which anything of somebody who has left is
// kept: the accounts (L7, N14). Its laws say for how long, each for the bodies
// that have their seat where it holds.
type Bookkeeping struct {
	Name      Words  `toml:"name"`
	Basis     string `toml:"basis"`   // Art. 6
	Basis9    string `toml:"basis-9"` // exactly where membership is special-category data
	BasisText Words  `toml:"basis-text"`
	Laws      []Law  `toml:"laws"`

	purpose Purpose // for access: it is on no list and in no form
}

// Law is how one country's bookkeeping law counts.
type Law struct {
	Country      string `toml:"country" need:"yes"` // ISO 3166-1 alpha-2
	Cite         Words  `toml:"cite" need:"yes"`    // "bogføringsloven § 12"
	Years        int    `toml:"years"`              // 0: the charter's bookkeeping-years
	CalendarYear bool   `toml:"calendar-year"`      // counted from the end of the calendar year in which the accounting year ends
	Source       Words  `toml:"source" need:"yes"`
	Checked      string `toml:"checked"`
}

// ForBookkeeping is the code of that purpose. A charter may have one of its own
// that is called so; else it is made from its [bookkeeping].
const ForBookkeeping = "bookkeeping"

// Holds are the charter's rules for what makes an erasure wait.
type Holds struct {
	Months              Number `toml:"months"`                // a hold ends at the latest so many months after it began or was renewed
	SilentInvestigation Switch `toml:"silent-investigations"` // whoever is investigated may be left without word of it
}

// Law is the law that holds for the accounts of bodies with their seat in a
// country; of one that the charter does not name, the charter's own country's.
func (c *Charter) Law(country string) *Law {
	if country == "" {
		country = c.Country
	}
	for _, wanted := range []string{country, c.Country} {
		for _, laws := range [][]Law{c.Bookkeeping.Laws, usualLaws} {
			for i := range laws {
				if laws[i].Country == wanted {
					return &laws[i]
				}
			}
		}
	}
	return &Law{Country: c.Country, Cite: usualLaw, Source: c.Parameters.BookkeepingYears.Source}
}

// Seats are the countries whose law the charter or the program knows, its own first.
func (c *Charter) Seats() []string {
	seats := []string{c.Country}
	for _, laws := range [][]Law{c.Bookkeeping.Laws, usualLaws} {
		for i := range laws {
			if !slices.Contains(seats, laws[i].Country) {
				seats = append(seats, laws[i].Country)
			}
		}
	}
	return seats
}

// YearEnds gives the month accounting years end with: the body's own, or the charter's.
func (c *Charter) YearEnds(own time.Month) time.Month {
	if own >= time.January && own <= time.December {
		return own
	}
	return time.Month(c.Parameters.AccountingYearMonth.Value)
}

// AccountingYear gives the month with which the accounting year ends that a day
// belongs to, for a body whose years end with that month.
func AccountingYear(day civil.Date, ends time.Month) (year int, month time.Month) {
	if day.Month > ends {
		return day.Year + 1, ends
	}
	return day.Year, ends
}

// KeptUntil gives the last day on which a law orders kept what was booked on a
// day (L7): so many years after the accounting year, or the calendar year it
// ended in, always the last day of a month.
func (c *Charter) KeptUntil(l *Law, booked civil.Date, yearEnds time.Month) civil.Date {
	year, month := AccountingYear(booked, c.YearEnds(yearEnds))
	if l.CalendarYear {
		month = time.December
	}
	years := l.Years
	if years == 0 {
		years = c.Parameters.BookkeepingYears.Value
	}
	// Day 0 of the next month is the last day of this one.
	return civil.DateOf(time.Date(year+years, month+1, 0, 0, 0, 0, 0, time.UTC))
}

// usualLaws are the laws the program knows where a charter says nothing of them;
// for how many years, the charter's parameter says.
var usualLaws = []Law{
	{Country: "DK", Cite: Words{"da": "bogføringsloven § 12", "en": "the Danish Bookkeeping Act, section 12", "nb": "den danske bogføringsloven § 12", "sv": "den danska bokföringslagen § 12"}},
	{Country: "NO", Cite: Words{"da": "den norske bokføringslov § 13", "en": "the Norwegian Bookkeeping Act, section 13", "nb": "bokføringsloven § 13", "sv": "den norska bokföringslagen § 13"}},
}

// usualLaw is what a law is called that the charter does not name.
var usualLaw = Words{"da": "bogføringsreglerne", "en": "the bookkeeping rules", "nb": "bokføringsreglene", "sv": "bokföringsreglerna"}

// usualBookkeeping holds where a charter says nothing more than for how many years.
func usualBookkeeping() Bookkeeping {
	return Bookkeeping{
		Name:  Words{"da": "Regnskab", "en": "Accounts", "nb": "Regnskap", "sv": "Bokföring"},
		Basis: "6(1)(c)", BasisText: usualLaw,
	}
}

// usualHolds holds where a charter says nothing of holds.
func usualHolds() Holds {
	own := Words{
		"da": "Programmets udgangspunkt", "en": "The program's default", "nb": "Programmets utgangspunkt", "sv": "Programmets utgångspunkt",
	}
	return Holds{Months: Number{Value: 12, Source: own}, SilentInvestigation: Switch{Source: own}}
}

func (h *Holds) rows() []Parameter {
	return []Parameter{h.Months.row("hold-months"), h.SilentInvestigation.row("silent-investigations")}
}

// compileKeeping makes the purpose, and gives the two rights that came later to
// whoever an older charter would have given them.
func (c *Charter) compileKeeping() {
	b := &c.Bookkeeping
	if c.SpecialCategory && b.Basis9 == "" {
		b.Basis9 = "9(2)(d)" // former members are within it
	}
	b.purpose = Purpose{
		Code: ForBookkeeping, Name: b.Name, Hint: b.BasisText, Basis: b.Basis, Basis9: b.Basis9, BasisText: b.BasisText, Statutory: true,
	}
	named := func(act Acts) bool {
		return slices.ContainsFunc(c.Posts, func(p Post) bool { return p.Acts&act != 0 }) ||
			slices.ContainsFunc(c.Positions, func(p Position) bool { return p.Acts&act != 0 })
	}
	accounts, hold := named(Accounts), named(Hold)
	grant := func(code string, acts *Acts) {
		if !hold && acts.Has(Close) {
			*acts |= Hold
		}
		if !accounts && (code == "treasurer" || code == "dues") {
			*acts |= Accounts
		}
	}
	for i := range c.Posts {
		grant(c.Posts[i].Code, &c.Posts[i].Acts)
	}
	for i := range c.Positions {
		grant(c.Positions[i].Code, &c.Positions[i].Acts)
	}
}

// keeping checks the laws and the holds: a law must count, a hold must end.
func (r *reporter) keeping(c *Charter) {
	b := &c.Bookkeeping
	switch {
	case !basisPattern.MatchString(b.Basis), b.Basis == "6(1)(a)": // nobody consents to what law orders
		r.report("bookkeeping.basis", "charter.error.basis")
	case b.Basis9 != "" && !c.SpecialCategory:
		r.report("bookkeeping.basis-9", "charter.error.basis9_needless")
	case b.Basis9 != "" && !basis9Pattern.MatchString(b.Basis9):
		r.report("bookkeeping.basis-9", "charter.error.basis9")
	}
	for i := range b.Laws {
		l, path := &b.Laws[i], index("bookkeeping.laws", i)
		switch {
		case !countryCode.MatchString(l.Country):
			r.report(path+".country", "charter.error.country")
		case slices.ContainsFunc(b.Laws[:i], func(other Law) bool { return other.Country == l.Country }):
			r.report(path+".country", "charter.error.twice", "code", l.Country)
		}
		r.between(path+".years", l.Years, 0, 15)
		r.checked(path, l.Checked)
	}
	r.between("holds.months.value", c.Holds.Months.Value, 1, 36)
	r.checked("holds.months", c.Holds.Months.Checked)
	r.checked("holds.silent-investigations", c.Holds.SilentInvestigation.Checked)
}
