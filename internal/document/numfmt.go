package document

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/golang-sql/civil"
)

// A workbook tells a date from a number only by the format of the cell, and so
// the formats are read as far as that: is it a day, a time, both, or a mask of
// noughts that puts back the ones in front.

// style is what a cell's format makes of its number.
type style struct {
	date, time bool
	mask       string // "00000", "00 00 00 00"; empty without
}

// builtIn are the formats that have a number and no text.
func builtIn(id int) style {
	switch {
	case id >= 14 && id <= 17, id >= 27 && id <= 31, id == 36, id >= 50 && id <= 54, id == 57, id == 58:
		return style{date: true}
	case id >= 18 && id <= 21, id >= 32 && id <= 35, id == 45, id == 46, id == 47, id == 55, id == 56:
		return style{time: true}
	case id == 22:
		return style{date: true, time: true}
	}
	return style{}
}

// styleOf reads a format's text, the part for positive numbers.
func styleOf(code string) style {
	var letters strings.Builder // what is no literal
	var mask strings.Builder
	zeros, masked := 0, true
	code = strings.ReplaceAll(strings.ToLower(code), "am/pm", "h")
	code = strings.ReplaceAll(code, "a/p", "h")
scan:
	for i := 0; i < len(code); i++ {
		switch c := code[i]; c {
		case ';':
			break scan
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				break scan
			}
			mask.WriteString(code[i+1 : i+1+end])
			masked = masked && !strings.Contains(code[i+1:i+1+end], "0")
			i += end + 1
		case '\\':
			if i++; i < len(code) {
				mask.WriteByte(code[i])
			}
		case '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				break scan
			}
			// A colour, a country, a condition; [h] is a time that runs past a day.
			if inside := strings.Trim(code[i+1:i+end], "hms"); inside == "" {
				letters.WriteByte('h')
			}
			i += end
		case '0':
			zeros++
			mask.WriteByte(c)
		case ' ', '-', '/', '.', '(', ')':
			if c == '.' || c == '/' {
				masked = false
			}
			mask.WriteByte(c)
		default:
			letters.WriteByte(c)
		}
	}
	found := letters.String()
	if strings.HasPrefix(found, "general") {
		return style{}
	}
	s := style{date: strings.ContainsAny(found, "dy"), time: strings.ContainsAny(found, "hs")}
	if strings.Contains(found, "m") && !s.time {
		s.date = true
	}
	if masked && zeros > 1 && found == "" {
		s.mask = mask.String()
	}
	return s
}

// show writes a number as the cell shows it where that is a date, a time or a
// masked number, and as somebody would type it otherwise.
func (s style) show(raw string, since1904 bool) string {
	if (s.date || s.time) && raw != "" {
		if text, ok := s.moment(raw, since1904); ok {
			return text
		}
	}
	number := typed(raw)
	if s.mask != "" && digitsOnly(number) {
		return maskedNumber(s.mask, number)
	}
	return number
}

// moment writes a serial as 2009-09-03, as 2009-09-03 14:30 or as 14:30.
func (s style) moment(raw string, since1904 bool) (string, bool) {
	serial, err := strconv.ParseFloat(raw, 64)
	if err != nil || serial < 0 || serial >= lastSerial+1 {
		return "", false
	}
	seconds := int64(math.Round((serial - math.Floor(serial)) * 86400))
	days := int64(math.Floor(serial)) + seconds/86400
	seconds %= 86400
	clock := ""
	if s.time && (seconds > 0 || !s.date) {
		hours := seconds / 3600
		if !s.date {
			hours += days * 24
		}
		clock = two(hours) + ":" + two(seconds/60%60)
		if seconds%60 > 0 {
			clock += ":" + two(seconds%60)
		}
	}
	if !s.date {
		return clock, true
	}
	day, ok := dayOf(days, since1904)
	if !ok {
		return "", false
	}
	if clock != "" {
		return day.String() + " " + clock, true
	}
	return day.String(), true
}

func two(n int64) string {
	if n < 10 {
		return "0" + strconv.FormatInt(n, 10)
	}
	return strconv.FormatInt(n, 10)
}

// lastSerial is 9999-12-31.
const lastSerial = 2958465

// dayOf is the day that a serial counts to. Excel has a 29 February 1900, which
// never was: that one is no date, and the days before it count from another
// evening.
func dayOf(days int64, since1904 bool) (civil.Date, bool) {
	start := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case since1904:
		start = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case days < 1 || days == 60:
		return civil.Date{}, false
	case days < 60:
		start = start.AddDate(0, 0, 1)
	}
	day := civil.DateOf(start.AddDate(0, 0, int(days)))
	return day, days >= 0 && day.Year <= 9999
}

// serialDate reads a whole number as a day.
func serialDate(cell string, since1904 bool) (civil.Date, bool) {
	days, err := strconv.ParseInt(strings.TrimSpace(cell), 10, 64)
	if err != nil || days > lastSerial {
		return civil.Date{}, false
	}
	return dayOf(days, since1904)
}

// typed writes a number as somebody would type it: 12345678 for 1.2345678E7, and
// 0.3 for 0.30000000000000004, since a spreadsheet shows 15 digits too. What is
// no number stays as it is.
func typed(raw string) string {
	if digitsOnly(strings.TrimPrefix(raw, "-")) {
		return raw
	}
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || math.IsInf(n, 0) || math.IsNaN(n) || math.Abs(n) >= 1e21 {
		return raw
	}
	if n != math.Trunc(n) {
		n, _ = strconv.ParseFloat(strconv.FormatFloat(n, 'g', 15, 64), 64)
	}
	if n == 0 {
		return "0"
	}
	return strconv.FormatFloat(n, 'f', -1, 64)
}

// maskedNumber fills a mask from its end; digits that find no room stand in front.
func maskedNumber(mask, digits string) string {
	out := make([]byte, len(mask))
	for i := len(mask) - 1; i >= 0; i-- {
		out[i] = mask[i]
		if mask[i] != '0' {
			continue
		}
		if n := len(digits); n > 0 {
			out[i], digits = digits[n-1], digits[:n-1]
		}
	}
	first := strings.IndexByte(mask, '0')
	return string(out[:first]) + digits + string(out[first:])
}

func digitsOnly(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
