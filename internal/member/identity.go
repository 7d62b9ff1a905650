package member

import (
	"strings"
	"unicode/utf8"
)

// HoldsIdentityNumber reports whether a text holds a Danish, Norwegian or
// Swedish national identity number anywhere, the way people write them (N9,
// Art. 87). Such numbers are stored nowhere.
//
//   - Danish CPR, DDMMYY-NNNN: the date decides. The checksum does not, since
//     numbers without one have been given out since 2007. Substitute numbers
//     (erstatnings-CPR) have 60 added to the day.
//   - Norwegian fødselsnummer, DDMMYYNNNNN, D-numbers (day + 40) and H-numbers
//     (month + 40): date and both check digits.
//   - Swedish personnummer, (YY)YYMMDD-NNNN, and coordination numbers (day + 60):
//     date and Luhn digit.
//
// A run of digits after "+" is a phone number and passes, as do numbers of any
// other length.
func HoldsIdentityNumber(s string) bool {
	digits := 0
	for i := 0; i < len(s); i++ {
		if s[i]-'0' < 10 {
			digits++
		}
	}
	if digits < 10 { // nearly every value ends here
		return false
	}
	var space [16]group
	groups := digitGroups(space[:0], s)
	for i := range groups {
		if identityAt(groups[i:]) {
			return true
		}
	}
	return false
}

// group is a run of digits and what stands between it and the next one.
type group struct {
	digits string
	plus   bool // written right after "+": a phone number
	joined bool // one separator of those used inside numbers, then the next group
	marked bool // the separator is more than spaces
}

// digitGroups takes the runs of digits out of s.
func digitGroups(groups []group, s string) []group {
	for i := 0; i < len(s); {
		if s[i]-'0' > 9 {
			i++
			continue
		}
		end := i
		for end < len(s) && s[end]-'0' < 10 {
			end++
		}
		g := group{digits: s[i:end], plus: i > 0 && s[i-1] == '+' && s[i] != '0'}
		length, marked := separator(s[end:])
		next := end + length
		g.marked = marked
		g.joined = next > end && next < len(s) && s[next]-'0' < 10
		groups = append(groups, g)
		i = end
	}
	return groups
}

// separator is how many bytes of spaces and at most one mark s begins with.
func separator(s string) (n int, marked bool) {
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		switch {
		case strings.ContainsRune(" \u00a0\u2009\u202f", r):
			if n >= 4 {
				return 0, false
			}
		case strings.ContainsRune("-.+/\u00ad\u2010\u2011\u2012\u2013\u2014\u2212", r) && !marked:
			marked = true
		default:
			return n, marked
		}
		n += size
	}
	return n, marked
}

// identityAt reports whether a number begins with the first group.
func identityAt(g []group) bool {
	if n := g[0].digits; !g[0].plus && wholeNumber(n) {
		return true
	}
	// The longest number takes four groups: 01 01 90 1234, or 1990-01-01-1234.
	var space [16]byte
	joined, lengths := append(space[:0], g[0].digits...), len(g[0].digits)
	for i := 1; i < len(g) && i < 4 && g[i-1].joined; i++ {
		joined = append(joined, g[i].digits...)
		lengths = lengths*10 + len(g[i].digits)
		if len(joined) > 12 {
			return false
		}
		switch lengths {
		case 64, 2224, 84, 2244, 4224: // date, then four digits
		case 65, 2225: // Norwegian
		default:
			continue
		}
		if lengths == 2224 && g[0].plus || lengths == 84 && !g[0].marked {
			continue // a phone number; or one and a postal code
		}
		if wholeNumber(string(joined)) {
			return true
		}
	}
	return false
}

// wholeNumber judges digits that stand together.
func wholeNumber(n string) bool {
	switch len(n) {
	case 10:
		return danishDate(n[:4], n[4:6]) || swedish(n)
	case 11:
		return norwegian(n)
	case 12:
		century := two(n, 0)
		return (century == 19 || century == 20) && swedish(n[2:]) || danishFull(n)
	}
	return false
}

// danishDate judges DDMM and the last two digits of the year.
func danishDate(ddmm, yy string) bool {
	day := two(ddmm, 0)
	if day > 60 { // a substitute number
		day -= 60
	}
	return calendarDay(day, two(ddmm, 2), two(yy, 0))
}

// danishFull judges DDMMYYYYNNNN, which people write though nobody issues it.
func danishFull(n string) bool {
	century := two(n, 4)
	return (century == 19 || century == 20) && danishDate(n[:4], n[6:8])
}

// norwegian judges eleven digits: date, then the check digits modulo 11.
func norwegian(n string) bool {
	day, month := two(n, 0), two(n, 2)
	if day > 40 {
		day -= 40
	}
	if month > 40 {
		month -= 40
	}
	if !calendarDay(day, month, two(n, 4)) {
		return false
	}
	first, second := 0, 0
	for i, w := range [...]int{3, 7, 6, 1, 8, 9, 4, 5, 2, 1} {
		first += w * int(n[i]-'0')
	}
	for i, w := range [...]int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1} {
		second += w * int(n[i]-'0')
	}
	return first%11 == 0 && second%11 == 0
}

// swedish judges ten digits, YYMMDDNNNC: date, then Luhn's digit.
func swedish(n string) bool {
	day := two(n, 4)
	if day > 60 {
		day -= 60
	}
	if !calendarDay(day, two(n, 2), two(n, 0)) {
		return false
	}
	sum := 0
	for i := range 10 {
		d := int(n[i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum%10 == 0
}

func two(s string, at int) int { return int(s[at]-'0')*10 + int(s[at+1]-'0') }

// calendarDay reports whether such a day exists in some century.
func calendarDay(day, month, year int) bool {
	if month < 1 || month > 12 || day < 1 {
		return false
	}
	last := [...]int{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31}[month-1]
	if month == 2 && year%4 == 0 {
		last = 29
	}
	return day <= last
}
