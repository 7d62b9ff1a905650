package web

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
)

// form is what was typed and chosen.
type form struct{ values url.Values }

// longest is how many characters of a value are read.
const longest = 4000

// text is a value on one or more lines, trimmed, without control characters.
func (f form) text(name string) string {
	text := strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || r == unicode.ReplacementChar:
			return -1
		}
		return r
	}, f.values.Get(name))
	if runes := []rune(text); len(runes) > longest {
		text = string(runes[:longest])
	}
	return strings.TrimSpace(text)
}

// has reports whether the form has a value of the name at all.
func (f form) has(name string) bool { return f.values.Has(name) }

// chosen reports whether a value is among those ticked under a name.
func (f form) chosen(name, value string) bool { return slices.Contains(f.values[name], value) }

// number is a whole number from 0; 0 for what is none.
func (f form) number(name string) int64 {
	n, err := strconv.ParseInt(f.text(name), 10, 64)
	if err != nil || n < 0 {
		return 0
	}
	return n
}

// page is the page that is asked for, from 1.
func (f form) page() int { return int(min(max(f.number("page"), 1), 1_000_000)) }

// date is a day as people write it; false for what is none, the zero date and
// true for nothing.
func (f form) date(name string) (civil.Date, bool) {
	text := f.text(name)
	if text == "" {
		return civil.Date{}, true
	}
	return locale.ParseDate(text, locale.DayFirst)
}
