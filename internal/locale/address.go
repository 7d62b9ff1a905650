package locale

import "strings"

// postalDigits is how many digits a country's postal codes have.
var postalDigits = map[string]int{"DK": 4, "NO": 4, "SE": 5, "FI": 5, "DE": 5}

// Postal tidies a postal code of a country: "DK-2100" becomes "2100", and "157"
// "0157", since spreadsheets eat the leading nought. Swedish codes are grouped
// "123 45". What does not fit the country stays as written and returns false.
func Postal(s, country string) (string, bool) {
	s = Tidy(s)
	want, known := postalDigits[country]
	if !known {
		return s, s != ""
	}
	code := s
	for _, prefix := range [...]string{country, country[:1]} {
		if len(code) > len(prefix) && strings.EqualFold(code[:len(prefix)], prefix) {
			code = strings.TrimLeft(code[len(prefix):], " -")
			break
		}
	}
	code = strings.ReplaceAll(code, " ", "")
	if code == "" || len(code) > want || strings.Trim(code, "0123456789") != "" {
		return s, false
	}
	if len(code) < want {
		// One or two noughts can be lost; a shorter number is something else.
		if len(code) < want-1 || country == "SE" {
			return s, false
		}
		code = strings.Repeat("0", want-len(code)) + code
	}
	if country == "SE" {
		code = code[:3] + " " + code[3:]
	}
	return code, true
}
