package departure

import (
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"kartotek/internal/fault"
	"kartotek/internal/locale"
)

// A needle is a text that is looked for in bytes of any kind: in UTF-8 and
// UTF-16, in any case, with accents composed or not, and as what else it may
// mean: a phone number, a date, a name the other way round.

const (
	// shortest is how many characters a needle must have: shorter ones stand in
	// sealed bytes by chance.
	shortest = 4
	// mixed is from how many characters on every mix of cases is looked for. A
	// shorter needle in all of its up to 32 mixes would be met by chance too, so
	// it is looked for as people and programs write it.
	mixed = 6
)

// needle is compiled once and safe for concurrent use.
type needle struct {
	patterns []pattern
	pairs    [1 << 16 / 64]uint64 // the first two bytes of all patterns, as a set
	longest  int                  // bytes
	words    []string             // folded, for texts that were opened
	digits   []string             // a number's digits alone, for the same
}

// pattern is a text letter by letter, each in every way it can be written.
type pattern []letter

type letter [][]byte

// newNeedle compiles a text; country is whose phone numbers need no code.
func newNeedle(text, country string) (*needle, error) {
	text = norm.NFC.String(strings.TrimSpace(text))
	if utf8.RuneCountInString(text) < shortest {
		return nil, fault.New(fault.Invalid, "departure.find.short", "limit", shortest)
	}
	n := &needle{}
	written := map[string]bool{}
	for _, form := range forms(text, country) {
		if written[form] || utf8.RuneCountInString(form) < shortest {
			continue
		}
		written[form] = true
		n.words = append(n.words, locale.Fold(form))
		if d := digitsOf(form); len(d) > shortest && strings.Trim(form, "+0123456789 \u00a0-./()") == "" {
			n.digits = append(n.digits, d)
		}
		for _, spelled := range []string{form, norm.NFD.String(form)} {
			if utf8.RuneCountInString(form) >= mixed {
				n.add(spelled, true)
				continue
			}
			for _, cased := range []string{spelled, strings.ToLower(spelled), strings.ToUpper(spelled), titled(spelled)} {
				n.add(cased, false)
			}
		}
	}
	n.prepare()
	return n, nil
}

// forms are the ways in which a text may be stored, as typed first.
func forms(text, country string) []string {
	all := []string{text}
	if family, given, ok := strings.Cut(text, ","); ok && !strings.Contains(given, ",") {
		all = append(all, strings.TrimSpace(given)+" "+strings.TrimSpace(family))
	}
	if phone, ok := locale.ParsePhone(text, country); ok {
		all = append(all, phone, locale.Phone(phone, country))
	}
	if day, ok := locale.ParseDate(text, locale.DayFirst); ok {
		all = append(all, day.String())
	}
	if compact := digitsOf(text); len(compact) > shortest && strings.Trim(text, "+0123456789 \u00a0-./()") == "" {
		all = append(all, compact)
	}
	return all
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// titled is a text with the first letter of every word in upper case.
func titled(s string) string {
	before := ' '
	return strings.Map(func(r rune) rune {
		first := !unicode.IsLetter(before) && !unicode.Is(unicode.Mn, before)
		before = r
		if first {
			return unicode.ToTitle(r)
		}
		return unicode.ToLower(r)
	}, s)
}

// add compiles a text in every encoding.
func (n *needle) add(text string, anyCase bool) {
	var asUTF8, little, big pattern
	for _, r := range text {
		var cases []rune
		for c := r; ; {
			cases = append(cases, c)
			if c = unicode.SimpleFold(c); c == r || !anyCase {
				break
			}
		}
		var u, l, b letter
		for _, c := range cases {
			u = append(u, utf8.AppendRune(nil, c))
			var le, be []byte
			for _, unit := range utf16.AppendRune(nil, c) {
				le = append(le, byte(unit), byte(unit>>8))
				be = append(be, byte(unit>>8), byte(unit))
			}
			l, b = append(l, le), append(b, be)
		}
		asUTF8, little, big = append(asUTF8, u), append(little, l), append(big, b)
	}
	n.patterns = append(n.patterns, asUTF8, little, big)
}

// prepare fills what makes looking fast.
func (n *needle) prepare() {
	for _, p := range n.patterns {
		length := 0
		for _, l := range p {
			most := 0
			for _, way := range l {
				most = max(most, len(way))
			}
			length += most
		}
		n.longest = max(n.longest, length)
		for _, first := range p[0] {
			if len(first) > 1 {
				n.mark(first[0], first[1])
				continue
			}
			for _, second := range p[1] {
				n.mark(first[0], second[0])
			}
		}
	}
}

func (n *needle) mark(a, b byte) {
	pair := uint(a)<<8 | uint(b)
	n.pairs[pair>>6] |= 1 << (pair & 63)
}

// in finds the first place in b, from from on and before to, where the needle
// begins, and where it ends there; at is -1 where it does not stand.
func (n *needle) in(b []byte, from, to int) (at, end int) {
	for i := from; i < to && i+1 < len(b); i++ {
		pair := uint(b[i])<<8 | uint(b[i+1])
		if n.pairs[pair>>6]&(1<<(pair&63)) == 0 {
			continue
		}
		for _, p := range n.patterns {
			if length := p.at(b[i:]); length > 0 {
				return i, i + length
			}
		}
	}
	return -1, -1
}

// stands reports whether the needle stands anywhere in b.
func (n *needle) stands(b []byte) bool {
	at, _ := n.in(b, 0, len(b))
	return at >= 0
}

// at is how many bytes the pattern takes at the beginning of b; 0 if it does not
// stand there. The ways of writing a letter are never the beginning of each
// other, so the first that fits is the only one.
func (p pattern) at(b []byte) int {
	length := 0
next:
	for _, l := range p {
		for _, way := range l {
			if rest := b[length:]; len(rest) >= len(way) && string(rest[:len(way)]) == string(way) {
				length += len(way)
				continue next
			}
		}
		return 0
	}
	return length
}

// inTexts finds the needle in texts that were opened and belong together:
// spelled as people spell, numbers with spaces or without, and running on from
// one text to the next, as a given name does into the family name.
func (n *needle) inTexts(texts []string) bool {
	whole := strings.Join(texts, " ")
	folded := locale.Fold(whole)
	for _, word := range n.words {
		if strings.Contains(folded, word) {
			return true
		}
	}
	if len(n.digits) == 0 {
		return false
	}
	for _, text := range texts {
		squeezed := squeeze(text)
		for _, digits := range n.digits {
			if strings.Contains(squeezed, digits) {
				return true
			}
		}
	}
	return false
}

// squeeze takes what people put between the digits of a number out of a text.
func squeeze(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \u00a0-./()", r) {
			return -1
		}
		return r
	}, s)
}
