package sheet

import (
	"strings"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
)

// Order is how the dates of a column are written.
type Order uint8

const (
	AnyOrder   Order = iota // not settled: only dates that can be read in one way count
	DayFirst                // 3/9/2009 is 3 September
	MonthFirst              // … is 9 March
	YearFirst               // 09-09-03
)

// orders are the settled ones, by their names on the command line.
var orders = [...]string{DayFirst: "dmy", MonthFirst: "mdy", YearFirst: "ymd"}

// ParseOrder reads an order's short name.
func ParseOrder(s string) (Order, bool) {
	for o := DayFirst; o <= YearFirst; o++ {
		if strings.EqualFold(strings.TrimSpace(s), orders[o]) {
			return o, true
		}
	}
	return AnyOrder, s == ""
}

// String is the order's short name; "" while it is not settled.
func (o Order) String() string { return orders[o] }

// Date is a date as written; Short says that the year has two digits and its
// century is to be found.
type Date struct {
	Year, Month, Day int
	Short            bool
}

// Civil is the date with the century given to a short year.
func (d Date) Civil(year int) (civil.Date, bool) {
	c := civil.Date{Year: year, Month: time.Month(d.Month), Day: d.Day}
	return c, d.Month >= 1 && d.Month <= 12 && c.IsValid()
}

// The years a register meets. What spreadsheets write for an empty date
// (1899-12-30, 1900-01-00, 1900-01-01) lies outside on purpose.
const earliestYear, latestYear = 1901, 2199

// valid reports whether there is such a day.
func (d Date) valid() bool {
	year := d.Year
	if d.Short {
		year += 2000 // whose leap years are those of 1900 but for one nobody living was born in
	} else if year < earliestYear || year > latestYear {
		return false
	}
	_, ok := d.Civil(year)
	return ok
}

// reading is a date taken apart: fixed where it can be read in one way, else
// three numbers.
type reading struct {
	fixed bool
	date  Date
	n     [3]int
	short bool // the year has two digits

}

// in gives the date in an order.
func (r *reading) in(o Order) (Date, bool) {
	if r.fixed {
		return r.date, true
	}
	d := Date{Short: r.short}
	switch o {
	case DayFirst:
		d.Day, d.Month, d.Year = r.n[0], r.n[1], r.n[2]
	case MonthFirst:
		d.Month, d.Day, d.Year = r.n[0], r.n[1], r.n[2]
	case YearFirst:
		if !r.short {
			return d, false
		}
		d.Year, d.Month, d.Day = r.n[0], r.n[1], r.n[2]
	default: // not settled: the only order that makes a date, if it is the only one
		var only Date
		found := 0
		for o := DayFirst; o <= YearFirst; o++ {
			if d, ok := r.in(o); ok && (found == 0 || d != only) {
				only = d
				found++
			}
		}
		return only, found == 1
	}
	return d, d.valid()
}

// ParseDate reads a date as people and spreadsheets write it, in the order of
// its column: "3.9.2009", "03-09-09", "3/9 2009", "3. september 2009",
// "Sep 3, 2009", "2009-09-03", "20090903", "030909", and the serial numbers of
// spreadsheets. It refuses what is no date, and, where no order is settled, what
// could be several.
func ParseDate(s string, o Order) (Date, bool) {
	r, ok := read1(s)
	if !ok {
		return Date{}, false
	}
	return r.in(o)
}

// read1 takes a date apart.
func read1(s string) (r reading, ok bool) {
	s = withoutMidnight(strings.TrimSpace(s))
	if s == "" || len(s) > 40 {
		return r, false
	}
	if strings.Trim(s, "0123456789") == "" {
		return compact(s)
	}
	p, ok := parts(s)
	if !ok {
		return r, false
	}
	a, b, c := p.n[0], p.n[1], p.n[2]
	switch {
	case p.month > 0: // the month by name, so n holds day and year
		switch {
		case a.digits == 4 && b.digits <= 2: // "2009 september 3"
			a, b = b, a
		case a.digits > 2 || b.digits != 4 && b.digits != 2:
			return r, false
		}
		return fixed(Date{Year: b.value, Month: p.month, Day: a.value, Short: b.digits == 2})
	case a.digits == 4 && b.digits <= 2 && c.digits <= 2: // nobody writes year, day, month
		return fixed(Date{Year: a.value, Month: b.value, Day: c.value})
	case a.digits > 2 || b.digits > 2 || c.digits != 2 && c.digits != 4:
		return r, false
	case p.nordic && (c.digits == 4 || a.value <= 31): // "3.9.2009", "3/9 2009": nobody puts the month first so
		return fixed(Date{Year: c.value, Month: b.value, Day: a.value, Short: c.digits == 2})
	}
	r = reading{n: [3]int{a.value, b.value, c.value}, short: c.digits == 2}
	return r, true
}

func fixed(d Date) (reading, bool) { return reading{fixed: true, date: d}, d.valid() }

// compact reads digits alone: eight or six make a date, five the serial number
// that a spreadsheet keeps a date as.
func compact(s string) (r reading, ok bool) {
	n := func(from, to int) (v int) {
		for _, c := range s[from:to] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	switch len(s) {
	case 8:
		// No text is both: the middle of a year-first date would have to be month 19 or above.
		if d := (Date{Year: n(0, 4), Month: n(4, 6), Day: n(6, 8)}); d.valid() {
			return fixed(d)
		}
		return reading{n: [3]int{n(0, 2), n(2, 4), n(4, 8)}}, true
	case 6:
		return reading{n: [3]int{n(0, 2), n(2, 4), n(4, 6)}, short: true}, true
	case 5:
		return serial(n(0, 5))
	}
	return r, false
}

// serial reads the number of days since 1899-12-30, which is how Excel counts
// from 1 March 1900 on.
func serial(days int) (reading, bool) {
	d := civil.Date{Year: 1899, Month: 12, Day: 30}.AddDays(days)
	return fixed(Date{Year: d.Year, Month: int(d.Month), Day: d.Day})
}

// withoutMidnight drops the time of day that a date cell drags along.
func withoutMidnight(s string) string {
	for _, midnight := range [...]string{
		" 00:00:00.000", " 00:00:00", " 00.00.00", "T00:00:00Z", "T00:00:00.000Z", "T00:00:00", " 00:00", " 0:00:00", " 0:00", " 12:00:00 AM", " 12:00 AM",
	} {
		if rest, ok := strings.CutSuffix(s, midnight); ok {
			return strings.TrimSpace(rest)
		}
	}
	return s
}

type part struct{ value, digits int }

// written is a date as its signs stand there.
type written struct {
	n      [3]part
	month  int  // by name; n then has two numbers
	nordic bool // dots, or a space before the year
}

// parts reads the numbers and the month's name of a date.
func parts(s string) (w written, ok bool) {
	count, dots, slashes, spaced := 0, 0, 0, false
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if count == 3 {
				return w, false
			}
			p := &w.n[count]
			for i < len(s) && s[i] >= '0' && s[i] <= '9' {
				if p.digits == 4 {
					return w, false
				}
				p.value = p.value*10 + int(s[i]-'0')
				p.digits++
				i++
			}
			count++
		case strings.IndexByte(" .-/,'", c) >= 0:
			switch c {
			case '.':
				dots++
			case '/', '-':
				slashes++
			case ' ':
				spaced = spaced || count == 2
			}
			i++
			// "3..9.2009" and "3/-9" are slips nobody should guess at; ". " is not.
			if i < len(s) && c != ' ' && strings.IndexByte(".-/,", s[i]) >= 0 {
				return w, false
			}
		default:
			end := i
			for end < len(s) && strings.IndexByte(" .-/,'0123456789", s[end]) < 0 {
				end++
			}
			word := locale.Fold(s[i:end])
			i = end
			m := months[word]
			switch {
			case m > 0 && w.month == 0 && count <= 2:
				w.month = m
			case count == 0 && w.month == 0 && days[word]: // "den 3. september", "fredag d. 3. september"
			case count == 1 && ordinals[word]: // "3rd September", "September 3rd"
			default:
				return w, false
			}
		}
	}
	if w.month > 0 {
		return w, count == 2
	}
	w.nordic = dots >= 2 && slashes == 0 || dots+slashes == 1 && spaced
	return w, count == 3
}

var ordinals = map[string]bool{"st": true, "nd": true, "rd": true, "th": true}

var days = flags(`den d mandag tirsdag onsdag torsdag fredag loerdag soendag maandag tysdag mandag tisdag torsdag loerdag soendag
	monday tuesday wednesday thursday friday saturday sunday man tir ons tor fre loer soen mon tue wed thu fri sat sun lor`)

func flags(words string) map[string]bool {
	all := map[string]bool{}
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

// months are the names, folded, in the four languages and German, and every
// beginning of them from three letters on that means one month only.
var months = func() map[string]int {
	all := map[string]int{}
	for _, year := range [...]string{
		"januar februar marts april maj juni juli august september oktober november december",
		"januar februar mars april mai juni juli august september oktober november desember",
		"januari februari mars april maj juni juli augusti september oktober november december",
		"january february march april may june july august september october november december",
		"januar februar maerz april mai juni juli august september oktober november dezember",
	} {
		for i, name := range strings.Fields(year) {
			for n := 3; n <= len(name); n++ {
				if other, taken := all[name[:n]]; taken && other != i+1 {
					all[name[:n]] = 0
					continue
				}
				all[name[:n]] = i + 1
			}
		}
	}
	all["sept"] = 9
	return all
}()
