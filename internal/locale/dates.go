package locale

import (
	"strings"
	"time"

	"github.com/golang-sql/civil"
)

// Order says how the digits of a date are read.
type Order struct {
	MonthFirst bool // 9/3/2009 is 3 September
	// Latest is the latest year that a year of two digits may mean: 26 makes
	// "29" 1929 and "24" 2024, right for births and joinings. Zero is 2029, the
	// window that Excel uses.
	Latest int
}

// DayFirst is the Nordic order.
var DayFirst = Order{}

// The years a register meets. What spreadsheets write for an empty date
// (1899-12-30, 1900-01-00, 1900-01-01) lies outside on purpose.
const earliestYear, latestYear = 1901, 2199

// ParseDate reads a date as people and spreadsheets write it: "3.9.2009",
// "03-09-2009", "3/9 2009", "3. september 2009", "3 Sep 09", "2009-09-03",
// "20090903", "2009-09-03 00:00:00". It refuses what is no date or could be
// several things: serial numbers, times of day, personal numbers.
func ParseDate(s string, order Order) (civil.Date, bool) {
	s = strings.TrimSpace(s)
	if len(s) > 40 {
		return civil.Date{}, false
	}
	for _, midnight := range [...]string{" 00:00:00", "T00:00:00", "T00:00:00Z", " 00:00", " 0:00:00"} {
		if rest, ok := strings.CutSuffix(s, midnight); ok {
			s = rest
			break
		}
	}
	if strings.Trim(s, "0123456789") == "" {
		return compactDate(s)
	}
	parts, month, ok := dateParts(s)
	if !ok {
		return civil.Date{}, false
	}
	day, year := parts[0], parts[2]
	switch {
	case month > 0: // by name: the day stands before it or just after
		if parts[1].digits > 0 {
			return civil.Date{}, false
		}
		if day.digits == 4 {
			day, year = year, day
		}
	case parts[0].digits == 4:
		day, month, year = parts[2], parts[1].value, parts[0]
	case order.MonthFirst:
		day, month = parts[1], parts[0].value
	default:
		month = parts[1].value
	}
	if day.digits > 2 || parts[1].digits > 2 {
		return civil.Date{}, false
	}
	switch year.digits {
	case 4:
	case 2:
		year.value = order.century(year.value)
	default:
		return civil.Date{}, false
	}
	return validDate(year.value, month, day.value)
}

// century gives a year of two digits its century.
func (o Order) century(yy int) int {
	latest := o.Latest
	if latest == 0 {
		latest = 2029
	}
	year := latest - latest%100 + yy
	if year > latest {
		year -= 100
	}
	return year
}

// compactDate reads eight digits, year first or day first. No text can be
// both: the middle of a year-first date would have to be month 19 or above.
func compactDate(s string) (civil.Date, bool) {
	if len(s) != 8 {
		return civil.Date{}, false
	}
	n := func(from, to int) (v int) {
		for _, c := range s[from:to] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	if d, ok := validDate(n(0, 4), n(4, 6), n(6, 8)); ok {
		return d, true
	}
	return validDate(n(4, 8), n(2, 4), n(0, 2))
}

func validDate(year, month, day int) (civil.Date, bool) {
	d := civil.Date{Year: year, Month: time.Month(month), Day: day}
	if year < earliestYear || year > latestYear || month < 1 || month > 12 || !d.IsValid() {
		return civil.Date{}, false
	}
	return d, true
}

type datePart struct{ value, digits int }

// dateParts reads day, month and year as written. A month by name is returned
// apart and leaves parts[1] empty.
func dateParts(s string) (parts [3]datePart, month int, ok bool) {
	n := 0
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c >= '0' && c <= '9':
			if n == 3 {
				return parts, 0, false
			}
			for i < len(s) && s[i] >= '0' && s[i] <= '9' {
				if parts[n].digits == 4 {
					return parts, 0, false
				}
				parts[n].value = parts[n].value*10 + int(s[i]-'0')
				parts[n].digits++
				i++
			}
			n++
		case strings.IndexByte(" .-/,", c) >= 0:
			i++
			// "3..9.2009" and "3/-9" are slips nobody should guess at; ". " is not.
			if i < len(s) && s[i] != ' ' && strings.IndexByte(".-/,", s[i]) >= 0 {
				return parts, 0, false
			}
		default:
			end := i
			for end < len(s) && strings.IndexByte(" .-/,0123456789", s[end]) < 0 {
				end++
			}
			word := s[i:end]
			i = end
			if n == 1 && strings.EqualFold(word, "den") {
				return parts, 0, false
			}
			if n == 0 && strings.EqualFold(word, "den") {
				continue
			}
			m := loaded().months[Fold(word)]
			if m == 0 || month > 0 || n > 2 {
				return parts, 0, false
			}
			month = m
			if n == 0 { // "September 3, 2009": the day is still to come
				continue
			}
			n = 2
		}
	}
	if month > 0 && n == 2 && parts[2].digits == 0 { // month first: shift the year
		parts[2], parts[1] = parts[1], datePart{}
		n = 3
	}
	return parts, month, n == 3
}

// monthNames maps every name of a month, and every beginning of it that is at
// least three letters and means only that month, to its number.
func monthNames(c *catalogue) map[string]int {
	names := map[string]int{}
	var lists [][]string
	for _, code := range c.codes {
		lists = append(lists, c.printers[code].words.months[:])
	}
	for _, months := range lists {
		for i, name := range months {
			name = Fold(name)
			for n := 3; n <= len(name); n++ {
				if other, taken := names[name[:n]]; taken && other != i+1 {
					names[name[:n]] = 0
					continue
				}
				names[name[:n]] = i + 1
			}
		}
	}
	return names
}
