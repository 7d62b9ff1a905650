package locale

import (
	"slices"
	"strings"
	"unicode"
)

// Mentions reports whether a text names somebody, by the first and the last part of
// their name; one alone may be any word.
func Mentions(text, name string) bool {
	parts, said := spoken(name), spoken(text)
	return len(parts) > 1 && slices.Contains(said, parts[0]) && slices.Contains(said, parts[len(parts)-1])
}

func spoken(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
}

// Plain leaves text and line breaks.
func Plain(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(s)
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
}
