// Package locale holds what differs from language to language and from country
// to country: the messages of the product, dates and numbers as people write
// them, the order of the alphabet, folding for search, and the tidying of
// names, addresses, phone numbers and e-mail addresses that come from outside.
//
// A language is a folder under messages: one TOML file for each room, keys as
// nested tables (room.thing.detail), plurals by "one" and "other", arguments as
// {{.name}}. Adding Norwegian is adding messages/nb; no code knows a language by
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

// For returns the printer of a language, given as a code or tag ("da",
// "da-DK"). A language without messages gets the first fallback, Danish; the
// result is never nil.
func For(lang string) *Printer {
	c := loaded()
	if p := c.printers[lang]; p != nil {
		return p
	}
	base, _, _ := strings.Cut(strings.ReplaceAll(lang, "_", "-"), "-")
	if p := c.printers[strings.ToLower(base)]; p != nil {
		return p
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
func Check() error { return loaded().err }
