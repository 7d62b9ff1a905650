package procedure

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kartotek/internal/fault"
)

// How long what people write may be, in letters.
const (
	longestNote     = 2000
	longestFunction = 120
	longestReason   = 500
)

// Wish is how somebody publishes a document.
type Wish struct {
	Document Code
	Function string // the editor's function, as the association wants it shown
	Named    bool   // the editor's own name is shown too
	Reason   string // what changed
}

// check tidies a wish and refuses one that says too little. A name is a box of its own:
// written into the function it could not go when the person does (D7).
func (w *Wish) check(own string) error {
	w.Function, w.Reason = plain(w.Function), plain(w.Reason)
	invalid := fault.New(fault.Invalid, "procedure.error.publish")
	wrong := false
	field := func(name, key string, args ...any) {
		invalid, wrong = invalid.With(name, key, args...), true
	}
	switch {
	case w.Function == "":
		field("function", "procedure.error.function")
	case utf8.RuneCountInString(w.Function) > longestFunction:
		field("function", "procedure.error.long", "limit", longestFunction)
	case mentions(w.Function, own):
		field("function", "procedure.error.name")
	}
	switch {
	case w.Reason == "":
		field("reason", "procedure.error.reason")
	case utf8.RuneCountInString(w.Reason) > longestReason:
		field("reason", "procedure.error.long", "limit", longestReason)
	case mentions(w.Reason, own):
		field("reason", "procedure.error.name")
	}
	if wrong {
		return invalid
	}
	return nil
}

// mentions reports whether a text names somebody, by the first and the last part of
// their name; one alone may be any word.
func mentions(text, name string) bool {
	parts, said := words(name), words(text)
	return len(parts) > 1 && slices.Contains(said, parts[0]) && slices.Contains(said, parts[len(parts)-1])
}

func words(s string) []string {
	return strings.FieldsFunc(strings.ToLower(s), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
}

// plain leaves text and line breaks.
func plain(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", " ").Replace(s)
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, s))
}

// put adds the association's own words to a text.
func put(text *Text, lang string, own []Note) {
	for _, n := range own {
		if n.Language != lang {
			continue
		}
		if n.Section == "" {
			text.Intro = n.Text
		} else if s := find(text.Sections, n.Section); s != nil {
			s.Note = n.Text
		}
	}
}

// equal reports whether two documents say the same in every language.
func equal(a, b Texts) bool {
	if len(a) != len(b) {
		return false
	}
	for lang, text := range a {
		other, there := b[lang]
		if !there || len(Compare(&text, &other)) > 0 || !slices.Equal(codes(&text), codes(&other)) {
			return false
		}
	}
	return true
}

// codes are the sections in their order.
func codes(t *Text) []string {
	var all []string
	for i := range t.Sections {
		all = append(all, t.Sections[i].Code)
	}
	return all
}
