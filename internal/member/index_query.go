package member

import (
	"bytes"
	"slices"
	"strings"

	"kartotek/internal/unit"
)

func unitID(id uint32) unit.ID { return unit.ID(id) }

// query is a search text taken apart.
type query struct {
	folded []byte // what the prefixes point into
	parts  []part
}

// part is one piece of the text; a person matches it by any of its ways.
type part struct {
	short key    // a set made beforehand
	whole want   // what that set is of, name or member number alone
	any   []want // ranges on the shelf
	words []part // or all of these together
}

// want is everybody found under a prefix.
type want struct {
	kind   key
	prefix []byte
	keys   keyRange
	sharp  bool // the range holds nobody else
}

// parseQuery takes a text apart. A piece with @ is an e-mail address or, after
// the @, its domain. Digits, however they are spaced, are one phone or member
// number. All else is parts of a name, or the beginning of an e-mail address.
func parseQuery(space []byte, text string) query {
	q := query{folded: foldWords(space, text)}
	var digits []byte
	number := func() {
		if len(digits) > 0 {
			q.parts = append(q.parts, numberPart(digits))
			digits = nil
		}
	}
	for piece := range bytes.FieldsFuncSeq(q.folded, func(r rune) bool { return r == ' ' || r == ',' || r == ';' || r == '\t' || r == '\n' }) {
		switch {
		case isNumber(piece):
			for _, c := range piece {
				if c-'0' < 10 || c == '+' && len(digits) == 0 {
					digits = append(digits, c)
				}
			}
			continue
		case piece[0] == '@':
			if domain := piece[1:]; len(domain) > 0 {
				q.parts = append(q.parts, part{any: []want{wordWant(domainKey, domain)}})
			}
		case bytes.IndexByte(piece, '@') > 0:
			q.parts = append(q.parts, part{any: []want{wordWant(emailKey, piece)}})
		default:
			q.addWords(piece)
		}
		number()
	}
	number()
	return q
}

// isNumber reports whether a piece is digits and what is written between them.
func isNumber(piece []byte) bool {
	digit := false
	for _, c := range piece {
		switch {
		case c-'0' < 10:
			digit = true
		case strings.IndexByte("+-()./", c) < 0:
			return false
		}
	}
	return digit
}

// addWords adds the parts of a name. A piece with marks inside, as
// "anna.jensen" or "anne-marie", may also begin an e-mail address, or a member
// number with letters.
func (q *query) addWords(piece []byte) {
	var words []part
	whole := bytes.Clone(piece) // wordsOf closes the gaps that apostrophes leave
	wordsOf(piece, func(word []byte) { words = append(words, wordPart(bytes.Clone(word))) })
	switch {
	case len(words) == 0:
	case !bytes.ContainsAny(bytes.TrimRight(whole, ".-_"), ".-_+"):
		q.parts = append(q.parts, words...)
	default:
		q.parts = append(q.parts, part{
			any:   []want{wordWant(emailKey, whole), wordWant(domainKey, whole), numberWant(numberKey, whole)},
			words: words,
		})
	}
}

// wordPart is the beginning of a name or of an e-mail address; with a digit in
// it, of a member number too.
func wordPart(word []byte) part {
	var p part
	name, email := wordWant(nameKey, word), wordWant(emailKey, word)
	one, two := shortOf(name.keys.first)
	switch {
	case len(word) == 1 && one != 0:
		p.short, p.whole = one, name
	case len(word) == 2 && two != 0:
		p.short, p.whole = two, name
	default:
		p.any = []want{name, email}
	}
	if bytes.ContainsAny(word, "0123456789") {
		p.any = append(p.any, numberWant(numberKey, word))
	}
	return p
}

// numberPart is the beginning of a member number or of a phone number, with or
// without its country code.
func numberPart(digits []byte) part {
	if digits[0] == '+' {
		return part{any: []want{numberWant(phoneKey, digits[1:])}}
	}
	var p part
	member := numberWant(numberKey, digits)
	one, two := shortOf(member.keys.first)
	switch len(digits) {
	case 1:
		p.short, p.whole = one, member
	case 2:
		p.short, p.whole = two, member
	default:
		p.any = []want{member, numberWant(nationalKey, digits), numberWant(phoneKey, digits)}
	}
	switch {
	case len(digits) > 2 && digits[0] == '0' && digits[1] == '0': // 0045 for +45
		p.any = append(p.any, numberWant(phoneKey, digits[2:]))
	case len(digits) > 1 && digits[0] == '0': // 070 for +46 70
		p.any = append(p.any, numberWant(nationalKey, digits[1:]))
	}
	return p
}

func wordWant(kind key, prefix []byte) want {
	k, letters, sharp := wordKey(kind, prefix)
	return want{kind: kind, prefix: prefix, keys: wordRange(k, letters), sharp: sharp}
}

func numberWant(kind key, prefix []byte) want {
	k, digits, sharp := digitKey(kind, prefix)
	return want{kind: kind, prefix: prefix, keys: digitRange(k, digits), sharp: sharp}
}

// limit takes out of a query every way of being found that some fields do not show:
// whoever sees names alone does not learn whose number it is (D9).
func (q *query) limit(shown func(kind key) bool) {
	for i := range q.parts {
		q.parts[i].limit(shown)
	}
}

func (p *part) limit(shown func(kind key) bool) {
	if p.short != 0 {
		p.short, p.any = 0, append(p.any, p.whole)
	}
	p.any = slices.DeleteFunc(p.any, func(w want) bool { return !shown(w.kind) })
	for i := range p.words {
		p.words[i].limit(shown)
	}
}
