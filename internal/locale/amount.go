package locale

import (
	"strconv"
	"strings"
)

// Amounts of money are whole øre: a hundredth of a krone. Nothing is ever
// reckoned in fractions.

// Amount writes an amount as people read it: "1.250,00 kr.", "1 250,00 kr".
func (p *Printer) Amount(ore int64) string {
	return p.Sum(ore) + "\u00a0" + p.words.krone
}

// Sum is Amount without the currency, for columns that name it.
func (p *Printer) Sum(ore int64) string {
	var space [40]byte
	dst := space[:0]
	whole, part := ore/100, ore%100
	if ore < 0 {
		dst, whole, part = append(dst, "−"...), -whole, -part
	}
	dst = p.appendNumber(dst, whole)
	dst = append(dst, p.words.decimal...)
	return string(append(dst, byte('0'+part/10), byte('0'+part%10)))
}

// PlainAmount writes an amount for files and forms: "1250.00", "-75.50".
func PlainAmount(ore int64) string {
	sign := ""
	if ore < 0 {
		sign, ore = "-", -ore
	}
	part := strconv.FormatInt(ore%100+100, 10)[1:]
	return sign + strconv.FormatInt(ore/100, 10) + "." + part
}

// mostDigits keeps amounts far from where numbers of 64 bits end.
const mostDigits = 13

// inAmount drops what stands between digits, and writes the one minus.
var inAmount = strings.NewReplacer("\u00a0", "", "\u202f", "", " ", "", "'", "", "−", "-")

// ParseAmount reads an amount as people and banks write it, with either mark for
// decimals and thousands: "1.250,00", "1,250.00", "1 250,5", "kr 300,-", "-75".
// One mark alone with three digits after it could mean both, and is refused.
func ParseAmount(text string) (ore int64, ok bool) {
	text = inAmount.Replace(strings.ToLower(strings.TrimSpace(text)))
	for _, name := range []string{"dkk", "nok", "sek", "kr.", "kr"} {
		text = strings.TrimSuffix(strings.TrimPrefix(text, name), name)
	}
	text = strings.TrimSuffix(strings.TrimSuffix(text, ",-"), ".-")
	negative := strings.HasPrefix(text, "-")
	switch {
	case negative:
		text = text[1:]
	case strings.HasSuffix(text, "-"): // some banks write the sign behind
		negative, text = true, text[:len(text)-1]
	default:
		text = strings.TrimPrefix(text, "+")
	}
	whole, part := text, ""
	if at := strings.LastIndexAny(text, ".,"); at >= 0 {
		mark := text[at : at+1]
		switch after := len(text) - at - 1; {
		case strings.Count(text, mark) > 1: // thousands only: 1.250.000
			if after != 3 || strings.ContainsAny(text, otherMark(mark)) {
				return 0, false
			}
		case strings.Contains(text[:at], otherMark(mark)), after <= 2:
			whole, part = text[:at], text[at+1:]
		default:
			return 0, false
		}
	}
	if whole, ok = joinThousands(whole); !ok || len(part) > 2 || strings.Trim(part, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.ParseInt(whole+(part + "00")[:2], 10, 64)
	if err != nil || len(whole) > mostDigits {
		return 0, false
	}
	if negative {
		n = -n
	}
	return n, true
}

func otherMark(mark string) string {
	if mark == "." {
		return ","
	}
	return "."
}

// joinThousands takes the marks between groups of three digits away.
func joinThousands(text string) (string, bool) {
	groups := strings.FieldsFunc(text, func(r rune) bool { return r == '.' || r == ',' })
	joined := strings.Join(groups, "")
	if joined == "" || strings.Trim(joined, "0123456789") != "" {
		return "", false
	}
	if marks := strings.Count(text, ".") + strings.Count(text, ","); marks > 0 && marks != len(groups)-1 {
		return "", false
	}
	for i, g := range groups {
		if len(groups) > 1 && (i > 0 && len(g) != 3 || i == 0 && len(g) > 3) {
			return "", false
		}
	}
	return joined, true
}

// NorwegianAccount reports whether eleven digits are a Norwegian bank account: the
// last is a check digit by modulus 11.
func NorwegianAccount(digits string) bool {
	if len(digits) != 11 || strings.Trim(digits, "0123456789") != "" {
		return false
	}
	sum := 0
	for i, weight := range [...]int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1} {
		sum += int(digits[i]-'0') * weight
	}
	return sum%11 == 0
}
