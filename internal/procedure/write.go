package procedure

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
)

// writer writes one document in one language. It notes which limits of the charter it
// has said, so that nothing that governs access or keeping is left out.
type writer struct {
	c    *charter.Charter
	p    *locale.Printer
	name string // the association's
	said map[string]bool
}

// compose writes a document from the charter and the program's rules (D12, D15).
func compose(code Code, c *charter.Charter, p *locale.Printer, name string, rules []Rule) Text {
	w := &writer{c: c, p: p, name: name, said: map[string]bool{}}
	text := Text{Title: p.T("procedure." + string(code) + ".title"), Lead: p.T("procedure."+string(code)+".lead", "name", name)}
	switch code {
	case Procedure:
		w.keeping(rules) // what the guideline says is not said twice
		text.Sections = w.access()
	case Guideline:
		text.Sections = w.keeping(rules)
	}
	text.Sections = slices.DeleteFunc(text.Sections, func(s Section) bool { return s.Heading == "" })
	return text
}

// limit is a limit of the charter in words; it counts as said.
func (w *writer) limit(code string) string {
	w.said[code] = true
	l, known := w.c.Limit(code)
	if !known {
		return ""
	}
	return l.Text(w.p)
}

// is reports whether a switch of the charter is on; it counts as said, since the text
// says one thing or the other.
func (w *writer) is(code string) bool {
	w.said[code] = true
	l, known := w.c.Limit(code)
	return known && l.Value == 1
}

// either is the message for a switch: under .yes or under .no.
func (w *writer) either(key, code string, pairs ...any) string {
	if w.is(code) {
		return w.p.T(key+".yes", pairs...)
	}
	return w.p.T(key+".no", pairs...)
}

// section begins a section: its heading and first paragraphs stand under its code.
func (w *writer) section(code string, text ...string) Section {
	return Section{Code: code, Heading: w.p.T("procedure." + code + ".title"), Text: text}
}

// words are a name of the charter as it stands inside a sentence.
func (w *writer) words(name charter.Words) string { return lowered(name.In(w.p.Lang())) }

// lowered begins with a small letter, unless the word is an abbreviation such as IT.
func lowered(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if next, _ := utf8.DecodeRuneInString(s[size:]); unicode.IsUpper(next) {
		return s
	}
	return string(unicode.ToLower(first)) + s[size:]
}

// acts are what a right opens, in a sentence.
func (w *writer) acts(acts charter.Acts) string {
	var names []string
	for _, code := range acts.Codes() {
		names = append(names, w.p.T("access.act."+code))
	}
	if len(names) == 0 {
		return w.p.T("procedure.no_access")
	}
	return sentence(w.p.List(names))
}

// sentence begins with a capital.
func sentence(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

// holders names the positions and posts that may do an act, as they stand in a
// sentence: positions first, posts of the same levels together.
func (w *writer) holders(act charter.Acts) []string {
	var names []string
	for i := range w.c.Positions {
		if position := &w.c.Positions[i]; position.Acts.Has(act) {
			names = append(names, w.position(position))
		}
	}
	return append(names, w.posts(func(p *charter.Post) bool { return p.Acts.Has(act) })...)
}

// posts names the posts that are wanted, those of the same levels together.
func (w *writer) posts(want func(*charter.Post) bool) []string {
	var groups, names []string // levels, and the posts there
	for i := range w.c.Posts {
		p := &w.c.Posts[i]
		if !want(p) {
			continue
		}
		levels := w.p.List(w.levels(p.Levels))
		if last := len(groups) - 1; last >= 0 && groups[last] == levels {
			names[last] += ", " + w.words(p.Name)
			continue
		}
		groups, names = append(groups, levels), append(names, w.words(p.Name))
	}
	for i, levels := range groups {
		names[i] = w.p.T("procedure.post", "name", names[i], "levels", levels)
	}
	return names
}

func (w *writer) position(p *charter.Position) string {
	return w.p.T("procedure.position", "name", p.Name)
}

func (w *writer) levels(codes []string) []string {
	var names []string
	for _, code := range codes {
		if level, known := w.c.Level(code); known {
			names = append(names, w.words(level.Name))
		}
	}
	return names
}

// whole reports whether a post reaches every body: it stands in the top one.
func (w *writer) whole(p *charter.Post) bool {
	root := w.c.Root()
	return root != nil && root.SubBodies && p.At(root.Code)
}

// days is how long a list of a purpose may live.
func (w *writer) days(p *charter.Purpose) string {
	days := p.Days
	if days == 0 || days > w.c.ListDays {
		days = w.c.ListDays
	}
	return w.p.T("charter.unit.days", "count", days)
}

// purposes are the lifetimes of lists, one line a purpose (D12, L5).
func (w *writer) purposes() []Fact {
	var facts []Fact
	for i := range w.c.Purposes {
		p := &w.c.Purposes[i]
		basis := w.p.T("procedure.basis", "article", p.Basis, "text", p.BasisText)
		if p.Basis9 != "" {
			basis = w.p.T("procedure.basis_9", "article", p.Basis, "article9", p.Basis9, "text", p.BasisText)
		}
		switch {
		case p.Statutory:
			basis += " " + w.p.T("procedure.statutory")
		case p.Objection:
			basis += " " + w.p.T("procedure.objection")
		}
		facts = append(facts, Fact{Term: p.Name.In(w.p.Lang()), Value: w.p.T("procedure.at_most", "days", w.days(p)), Note: basis})
	}
	return facts
}

// rest are the limits of the charter that no section has said, with their sources, so
// that a rule somebody adds to the charter is in the text by itself.
func (w *writer) rest() Section {
	s := w.section("limits", w.p.T("procedure.limits.text"))
	for _, limit := range w.c.Table() {
		if limit.Post == nil && !w.said[limit.Code] {
			s.Facts = append(s.Facts, Fact{Term: limit.Label(w.p), Value: limit.Text(w.p), Note: strings.TrimSpace(limit.Source.In(w.p.Lang()))})
			w.said[limit.Code] = true
		}
	}
	return s
}
