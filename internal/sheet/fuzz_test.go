package sheet

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"kartotek/internal/locale"
)

// Whatever stands in a file, the interpreters neither fail nor invent: what they
// give back is made of what was there.
func FuzzCells(f *testing.F) {
	for _, seed := range []string{
		"Berg, Anna", "2900 Hellerup", "Strandvejen 12, 2. tv., 2900 Hellerup", "10264795 / 20304050", "Anna <anna@example.dk>", "3.9.2009", "03/09/09", "40059",
		"SE-114 55 Stockholm", "=\"00101\"", "\x00", "\xff", "I alt 214", "12:00:00 AM", "Fødselsdato (dd-mm-åååå)", ",,,,", "٣.٩.٢٠٠٩", "Ä́", "9999999999999999999",
	} {
		f.Add(seed)
	}
	c := load(f, "party-dk")
	f.Fuzz(func(t *testing.T, cell string) {
		if len(cell) > 2000 || !utf8.ValidString(cell) {
			return
		}
		nowhere := func(string) (string, bool) { return "", false }
		if town, ok := ParseTown(cell, "DK"); ok && !strings.Contains(locale.Tidy(cell), town.Postal) {
			t.Errorf("%q has no %q", cell, town.Postal)
		}
		if a, ok := ParseAddress(cell, "DK", nowhere); ok && (a.Postal == "" || strings.ContainsAny(a.Street, "\r\n")) {
			t.Errorf("%q: %+v", cell, a)
		}
		if numbers, ok := ParsePhones(cell, "DK"); ok {
			for _, n := range numbers {
				if n[0] != '+' {
					t.Errorf("%q gives %q", cell, n)
				}
			}
		}
		if mails, ok := ParseMails(cell); ok {
			for _, m := range mails {
				if strings.Count(m, "@") != 1 && !strings.Contains(cell, "@") {
					t.Errorf("%q gives %q", cell, m)
				}
			}
		}
		for o := AnyOrder; o <= YearFirst; o++ {
			d, ok := ParseDate(cell, o)
			if !ok {
				continue
			}
			if d.Month < 1 || d.Month > 12 || d.Day < 1 || d.Day > 31 || d.Short && d.Year > 99 || !d.Short && (d.Year < earliestYear || d.Year > latestYear) {
				t.Errorf("%q: %+v", cell, d)
			}
			if o == AnyOrder { // certain without an order: no order reads it otherwise
				for other := DayFirst; other <= YearFirst; other++ {
					if again, ok := ParseDate(cell, other); ok && again != d {
						t.Errorf("%q is %+v, or %+v", cell, d, again)
					}
				}
			}
		}
		for o := GivenFirst; o <= FamilyLead; o++ {
			if given, family, ok := o.Split(cell); ok && len(given)+len(family) > len(cell) {
				t.Errorf("%q: %q %q", cell, given, family)
			}
		}
		KindOf([]string{cell, cell}, []string{cell, "Navn"})
		Recognise(c, cell)
		ParseYes(cell)
		Signature(cell)
	})
}

// A column of dates written in one order is never read in another: it is told
// rightly, or asked about.
func TestDatesAreNeverGuessed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		order := Order(rapid.IntRange(int(DayFirst), int(YearFirst)).Draw(t, "order"))
		sep := rapid.SampledFrom([]string{"-", "/", ""}).Draw(t, "separator")
		short := order == YearFirst || rapid.Bool().Draw(t, "short")
		var d Dates
		for range rapid.IntRange(1, 12).Draw(t, "rows") {
			day, month, year := rapid.IntRange(1, 28).Draw(t, "day"), rapid.IntRange(1, 12).Draw(t, "month"), rapid.IntRange(1920, 2020).Draw(t, "year")
			d.Add(write(order, sep, short, day, month, year))
		}
		if got, verdict := d.Verdict(); verdict == Told && d.open > 0 && got != order && !sameEitherWay(&d, got, order) {
			t.Fatalf("written %v, told %v", order, got)
		} else if verdict == Torn {
			t.Fatal("torn, though all are alike")
		}
	})
}

func sameEitherWay(d *Dates, a, b Order) bool {
	if a > b {
		a, b = b, a
	}
	return d.fits[a] == d.open && d.fits[b] == d.open && d.differ[a][b] == 0
}

func write(order Order, sep string, short bool, day, month, year int) string {
	two := func(n int) string { return string([]byte{byte('0' + n/10%10), byte('0' + n%10)}) }
	y := two(year)
	if !short {
		y = two(year/100) + two(year)
	}
	switch order {
	case DayFirst:
		return two(day) + sep + two(month) + sep + y
	case MonthFirst:
		return two(month) + sep + two(day) + sep + y
	}
	return y + sep + two(month) + sep + two(day)
}
