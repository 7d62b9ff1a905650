package locale

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// nationalLength8 are the countries whose numbers are eight digits without a
// trunk prefix, by calling code: their numbers need no library.
var nationalLength8 = map[string]string{"DK": "+45", "NO": "+47"}

// ParsePhone brings a phone number into E.164 ("+4510264795"). A number without
// a country code belongs to country ("DK"). It refuses what cannot be one
// number: letters, extensions, two numbers in a cell. Whether the number is in
// use nobody can tell; only its length is checked.
func ParsePhone(s, country string) (string, bool) {
	if code := nationalLength8[country]; code != "" {
		if e164, ok := eightDigits(s, code); ok {
			return e164, true
		}
	}
	s = strings.TrimSpace(writtenOut.Replace(s))
	if len(s) < 5 || len(s) > 30 || strings.Trim(s, "+0123456789 ()-./") != "" || strings.LastIndexByte(s, '+') > 0 {
		return "", false
	}
	number, err := phonenumbers.Parse(s, country)
	if err != nil || number.GetExtension() != "" || !phonenumbers.IsPossibleNumber(number) {
		return "", false
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	for _, code := range nationalLength8 {
		if local, ok := strings.CutPrefix(e164, code); ok && (len(local) != 8 || local[0] == '0') {
			return "", false
		}
	}
	return e164, true
}

// writtenOut drops the nought of "+44 (0)20 …", dialled only at home, and the
// parentheses of "(+45) …".
var writtenOut = strings.NewReplacer("\u00a0", " ", "(0)", "", "(", "", ")", "")

// eightDigits is the way most numbers go: eight digits, with spaces or the
// country code before them or not.
func eightDigits(s, code string) (string, bool) {
	var space [16]byte
	digits := append(space[:0], code...)
	rest := s
	switch {
	case strings.HasPrefix(rest, code):
		rest = rest[len(code):]
	case strings.HasPrefix(rest, "00") && strings.HasPrefix(rest[2:], code[1:]):
		rest = rest[2+len(code)-1:]
	}
	for i := 0; i < len(rest); i++ {
		c := rest[i]
		switch {
		case c >= '0' && c <= '9':
			if len(digits) == len(code)+8 {
				return "", false
			}
			digits = append(digits, c)
		case c != ' ':
			return "", false
		}
	}
	if len(digits) != len(code)+8 || digits[len(code)] == '0' {
		return "", false
	}
	if len(s) == len(digits) && s[0] == '+' {
		return s, true
	}
	return string(digits), true
}

// Phone writes a number in E.164 for reading: as people of the country home
// write their own ("10 26 47 95", "912 34 567"), else with its country code
// ("+47 912 34 567"). What is no such number stays as it is.
func Phone(e164, home string) string {
	if len(e164) < 8 || e164[0] != '+' {
		return e164
	}
	for country, code := range nationalLength8 {
		if local, ok := strings.CutPrefix(e164, code); ok && len(local) == 8 {
			local = grouped(local, country)
			if country == home {
				return local
			}
			return code + " " + local
		}
	}
	number, err := phonenumbers.Parse(e164, "ZZ")
	if err != nil {
		return e164
	}
	if phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode())) == home {
		return phonenumbers.Format(number, phonenumbers.NATIONAL)
	}
	return phonenumbers.Format(number, phonenumbers.INTERNATIONAL)
}

// grouped writes eight digits in pairs, as Danes do; Norwegian mobile and
// service numbers, which begin with 4, 8 or 9, stand as three, two and three.
func grouped(digits, country string) string {
	if country == "NO" && strings.IndexByte("489", digits[0]) >= 0 {
		return digits[:3] + " " + digits[3:5] + " " + digits[5:]
	}
	return digits[:2] + " " + digits[2:4] + " " + digits[4:6] + " " + digits[6:]
}
