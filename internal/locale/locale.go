// Package locale holds what differs from language to language and from country
// to country: the messages of the product, dates and numbers as people write
// them, the order of the alphabet, folding for search, and the tidying of
// names, addresses, phone numbers and e-mail addresses that come from outside.
//
// A language is a folder under messages: one TOML file for each room, keys as
// nested tables (room.thing.detail), plurals by "one" and "other", arguments as
// {{.name}}. Adding a language is adding its folder; no code knows a language by
// name except the order of the alphabet, which x/text/collate looks up.
//
// go-i18n reads the files and keeps some words for itself: id, hash, description,
// translation, leftDelim, rightDelim, zero, one, two, few, many and other cannot
// be the last word of a key.
//
// It may know fault, whose errors it puts into words, and no other room.
package locale

import (
	"strings"

	"github.com/golang-sql/civil"
	"golang.org/x/text/language"
)

// Date is a day without a time zone.
type Date = civil.Date

// fallback is where a language or a message is looked for when it is missing.
var fallback = []string{"da", "en"}

// Languages lists the languages that have messages, in alphabetical order of
// their codes.
func Languages() []string {
	return append([]string(nil), loaded().codes...)
}

// readAs are codes that stand for a language with messages: "no" is how older
// systems say bokmål, and who writes nynorsk reads it.
var readAs = map[string]string{"no": "nb", "nn": "nb"}

// Spoken returns the language with messages that a code or tag means, "da" for
// "da_DK", "nb" for "no"; false where there is none.
func Spoken(lang string) (code string, ok bool) {
	c := loaded()
	base, _, _ := strings.Cut(strings.ReplaceAll(lang, "_", "-"), "-")
	base = strings.ToLower(base)
	for _, code := range []string{lang, base, readAs[base]} {
		if c.printers[code] != nil {
			return code, true
		}
	}
	return "", false
}

// For returns the printer of a language, given as a code or tag ("da",
// "da-DK"). A language without messages gets the first fallback, Danish; the
// result is never nil.
func For(lang string) *Printer {
	c := loaded()
	if p := c.printers[lang]; p != nil {
		return p
	}
	if code, ok := Spoken(lang); ok {
		return c.printers[code]
	}
	for _, code := range fallback {
		if p := c.printers[code]; p != nil {
			return p
		}
	}
	return c.empty
}

// Match picks the language that suits an Accept-Language header best.
func Match(header string) string {
	c := loaded()
	wanted, _, err := language.ParseAcceptLanguage(header)
	if err != nil || len(wanted) == 0 {
		return For("").lang
	}
	_, i, confidence := c.matcher.Match(wanted...)
	if confidence == language.No {
		return For("").lang
	}
	return c.order[i]
}

// Check reports every fault of the embedded messages: files that do not parse,
// keys given twice, placeholders that cannot be compiled. The house calls it
// when it starts, so that a bad message fails the start and not a page.
func Check() error { return loaded().check() }
