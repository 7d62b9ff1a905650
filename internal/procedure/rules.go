package procedure

import (
	"slices"
	"unicode/utf8"

	"kartotek/internal/fault"
	"kartotek/internal/locale"
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
	w.Function, w.Reason = locale.Plain(w.Function), locale.Plain(w.Reason)
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
	case locale.Mentions(w.Function, own):
		field("function", "procedure.error.name")
	}
	switch {
	case w.Reason == "":
		field("reason", "procedure.error.reason")
	case utf8.RuneCountInString(w.Reason) > longestReason:
		field("reason", "procedure.error.long", "limit", longestReason)
	case locale.Mentions(w.Reason, own):
		field("reason", "procedure.error.name")
	}
	if wrong {
		return invalid
	}
	return nil
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
