package locale

import (
	"strconv"
	"strings"
)

// Number writes a whole number with thousands separators: "50.000", "50,000".
func (p *Printer) Number(n int) string {
	var space [32]byte
	return string(p.appendNumber(space[:0], int64(n)))
}

func (p *Printer) appendNumber(dst []byte, n int64) []byte {
	var space [20]byte
	digits := strconv.AppendInt(space[:0], n, 10)
	if digits[0] == '-' {
		dst, digits = append(dst, "−"...), digits[1:]
	}
	for i, c := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			dst = append(dst, p.words.thousands...)
		}
		dst = append(dst, c)
	}
	return dst
}

// Decimal writes a number with so many decimals: "1.234,5", "1,234.5".
func (p *Printer) Decimal(value float64, decimals int) string {
	text := strconv.FormatFloat(value, 'f', decimals, 64)
	whole, part, _ := strings.Cut(text, ".")
	n, err := strconv.Atoi(whole)
	if err != nil { // beyond whole numbers: not a number, infinite
		return text
	}
	text = p.Number(n)
	if n == 0 && value < 0 {
		text = "−" + text
	}
	if part == "" {
		return text
	}
	return text + p.words.decimal + part
}

// List writes several words as one phrase: "navn, adresse og telefon".
func (p *Printer) List(words []string) string {
	switch n := len(words); n {
	case 0:
		return ""
	case 1:
		return words[0]
	default:
		return strings.Join(words[:n-1], ", ") + p.words.listLast + words[n-1]
	}
}

// MemberNumber groups a member number for reading: "104 382". What is not all
// digits, or no longer than four, stays as it is.
func MemberNumber(number string) string {
	if len(number) < 5 || strings.Trim(number, "0123456789") != "" {
		return number
	}
	var b strings.Builder
	for i := range len(number) {
		if i > 0 && (len(number)-i)%3 == 0 {
			b.WriteByte(' ')
		}
		b.WriteByte(number[i])
	}
	return b.String()
}
