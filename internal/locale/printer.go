package locale

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

// Printer writes one language. It is immutable and safe for concurrent use.
type Printer struct {
	lang     string
	tag      language.Tag
	rooms    map[string]*room // by the first word of their keys
	next     []*Printer       // where to look for a missing message
	standing map[string]string
	words    words
}

// Lang returns the language's code, "da".
func (p *Printer) Lang() string { return p.lang }

// Name returns the language's own name, "Dansk".
func (p *Printer) Name() string { return p.T("locale.name") }

// Has reports whether the language itself has a message, fallbacks not counted.
func (p *Printer) Has(key string) bool { return p.own(key) != nil }

// With returns a printer that says some of the standing words as an association
// does: who its "secretariat" is. Every message may use {{.office}} and the
// others under locale.standing without being given them, and they begin a
// sentence with a capital.
func (p *Printer) With(standing map[string]string) *Printer {
	own := *p
	own.standing = standing
	return &own
}

// standingWord finds a word that a message was not given, as it stands behind dst.
func (p *Printer) standingWord(dst []byte, name string) any {
	word := p.standing[name]
	if word == "" {
		m := p.find("locale.standing." + name)
		if m == nil {
			return nil
		}
		word = m.plain
	}
	before := strings.TrimRight(string(dst), " \n")
	if before == "" || strings.ContainsAny(before[len(before)-1:], ".!?") {
		first, size := utf8.DecodeRuneInString(word)
		word = string(unicode.ToUpper(first)) + word[size:]
	}
	return word
}

// T returns the message of a key with its arguments, given as name, value,
// name, value. The argument "count" chooses the plural form. Values may be
// strings, integers, dates, []string, anything with In(lang) string (the
// charter's words) or a Stringer. Integers called count, limit or total get
// thousands separators, other integers none, since they are numbers of things
// ("liste 1317"). An unknown key returns "⟦key⟧".
func (p *Printer) T(key string, pairs ...any) string {
	m := p.find(key)
	if m == nil {
		return "⟦" + key + "⟧"
	}
	if m.fixed {
		return m.plain
	}
	var space [256]byte
	dst := space[:0]
	for _, piece := range p.form(m, count(pairs)) {
		dst = append(dst, piece.text...)
		if piece.arg != "" {
			value := argument(pairs, piece.arg)
			if value == nil {
				value = p.standingWord(dst, piece.arg)
			}
			dst = p.appendArg(dst, piece.arg, value)
		}
	}
	return string(dst)
}

// TArgs is T with the arguments in a map, as fault carries them.
func (p *Printer) TArgs(key string, args map[string]any) string {
	pairs := make([]any, 0, 2*len(args))
	for name, value := range args {
		pairs = append(pairs, name, value)
	}
	return p.T(key, pairs...)
}

func (p *Printer) find(key string) *message {
	if m := p.own(key); m != nil {
		return m
	}
	for _, q := range p.next {
		if m := q.own(key); m != nil {
			return m
		}
	}
	return nil
}

// declared are the keys that every room has in its own file: the words of the kinds
// of records it declares.
const declared = "record.kind."

// own finds a message in the language itself.
func (p *Printer) own(key string) *message {
	first, _, _ := strings.Cut(key, ".")
	if r := p.rooms[first]; r != nil {
		if messages, _ := r.read(); messages[key] != nil {
			return messages[key]
		}
	}
	if strings.HasPrefix(key, declared) {
		for _, r := range p.rooms {
			if messages, _ := r.read(); messages[key] != nil {
				return messages[key]
			}
		}
	}
	return nil
}

// form picks the plural form for n, or the general one when it is missing.
func (p *Printer) form(m *message, n int) []piece {
	if n < 0 {
		n = -n
	}
	if pieces := m.forms[plural.Cardinal.MatchPlural(p.tag, n, 0, 0, 0, 0)]; pieces != nil {
		return pieces
	}
	return m.forms[plural.Other]
}

func argument(pairs []any, name string) any {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i] == name {
			return pairs[i+1]
		}
	}
	return nil
}

// count finds the number that decides the plural; a message without one is
// in its general form, as for many.
func count(pairs []any) int {
	if n, ok := integer(argument(pairs, "count")); ok {
		return int(n)
	}
	return 2
}

func (p *Printer) appendArg(dst []byte, name string, value any) []byte {
	if n, ok := integer(value); ok {
		if name == "count" || name == "limit" || name == "total" {
			return p.appendNumber(dst, n)
		}
		return strconv.AppendInt(dst, n, 10)
	}
	switch v := value.(type) {
	case nil: // forgotten by the caller: show it rather than hide it
		return append(append(append(dst, "⟦"...), name...), "⟧"...)
	case string:
		return append(dst, v...)
	case Date:
		return p.appendDate(dst, p.words.date, v)
	case []string:
		return append(dst, p.List(v)...)
	case interface{ In(lang string) string }:
		return append(dst, v.In(p.lang)...)
	case fmt.Stringer:
		return append(dst, v.String()...)
	default:
		return fmt.Append(dst, v)
	}
}

func integer(value any) (int64, bool) {
	switch v := value.(type) {
	case int:
		return int64(v), true
	case int64:
		return v, true
	case int32:
		return int64(v), true
	case uint32:
		return int64(v), true
	case uint64:
		return int64(v), true
	case uint8:
		return int64(v), true
	case uint16:
		return int64(v), true
	}
	return 0, false
}
