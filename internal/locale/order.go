package locale

import (
	"bytes"
	"strings"
	"sync"

	"golang.org/x/text/collate"
	"golang.org/x/text/language"
)

// Sorter makes sort keys of one language without allocating for each. It is for
// one goroutine.
//
// The collator of x/text takes 700 ns and four allocations for a Danish name,
// since it takes every "a" for the beginning of a possible "aa". A million rows
// feel that, so the weights of the common letters are asked of it once and a
// name made of them is put together here; all other texts still go through it.
type Sorter struct {
	alphabet *alphabet
	collator *collate.Collator
	buffer   collate.Buffer
	text     []byte
	key      weights
}

// NewSorter returns a sorter for the order of a language: in Danish and Norwegian
// æ, ø, å stand last, and Aa, aa are Å; in Swedish å, ä, ö. A letter of the
// neighbours stands with its own counterpart, ä with æ and ø with ö.
func NewSorter(lang string) *Sorter {
	lang = orderOf(lang)
	known, ok := alphabets.Load(lang)
	if !ok {
		known, _ = alphabets.LoadOrStore(lang, sync.OnceValue(func() *alphabet { return newAlphabet(lang) }))
	}
	return &Sorter{alphabet: known.(func() *alphabet)(), collator: collate.New(language.Make(lang))}
}

// orders are the languages whose order is known, messages or not, each with the
// tag under which x/text has it. It has none for bokmål (v0.31: "nb" and "no"
// come out as English, å under a), but nynorsk, whose alphabet is the same.
var orders = map[string]string{
	"da": "da", "nb": "nn", "no": "nn", "nn": "nn", "sv": "sv", "fi": "fi", "fo": "fo", "is": "is", "en": "en",
}

func orderOf(lang string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(lang, "_", "-"), "-")
	if order := orders[strings.ToLower(base)]; order != "" {
		return order
	}
	return orders[For(lang).lang]
}

// Letters are the letters of a language's alphabet in its order, as the guide
// cards of a card index have them; never more than MostLetters.
func Letters(lang string) []string {
	letters := strings.Split("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "")
	switch orderOf(lang) {
	case "da", "nn", "fo":
		return append(letters, "Æ", "Ø", "Å")
	case "sv", "fi":
		return append(letters, "Å", "Ä", "Ö")
	case "is":
		return append(letters, "Þ", "Æ", "Ö")
	}
	return letters
}

// MostLetters is how many letters the longest alphabet has.
const MostLetters = 29

// Append appends to dst the key by which a text sorts: keys compare as bytes. A
// family name and a given name are joined by a space, which sorts before all
// other signs.
func (s *Sorter) Append(dst []byte, text string) []byte {
	s.key.reset()
	if !s.alphabet.spell(&s.key, text) {
		s.key.reset()
		s.buffer.Reset()
		s.text = append(s.text[:0], text...)
		s.key.add(s.collator.Key(&s.buffer, s.text))
	}
	return s.key.appendTo(dst)
}

var sorters sync.Map // language → *sync.Pool of *Sorter

// SortKey returns the key by which s sorts in a language; keys compare with
// bytes.Compare. Whoever makes many keys uses a Sorter.
func SortKey(lang, s string) []byte {
	pool, ok := sorters.Load(lang)
	if !ok {
		pool, _ = sorters.LoadOrStore(lang, &sync.Pool{New: func() any { return NewSorter(lang) }})
	}
	sorter := pool.(*sync.Pool).Get().(*Sorter)
	defer pool.(*sync.Pool).Put(sorter)
	return sorter.Append(nil, s)
}

// weights are the three levels of a sort key: letters, accents, capitals.
type weights struct{ primary, secondary, tertiary []byte }

func (w *weights) reset() {
	w.primary, w.secondary, w.tertiary = w.primary[:0], w.secondary[:0], w.tertiary[:0]
}

// add takes a key of x/text apart: primary weights of two bytes, or three when
// the first bit is set; 00 00; secondary weights of two bytes; 00 00; tertiary
// weights of one.
func (w *weights) add(key []byte) {
	i := 0
	for key[i] != 0 || key[i+1] != 0 {
		i += 2 + int(key[i]>>7)
	}
	w.primary = append(w.primary, key[:i]...)
	key = key[i+2:]
	for i = 0; key[i] != 0 || key[i+1] != 0; i += 2 {
	}
	w.secondary = append(w.secondary, key[:i]...)
	w.tertiary = append(w.tertiary, key[i+2:]...)
}

// The least weights there are: no accent, small letter.
var (
	noAccent    = []byte{0x00, 0x20}
	smallLetter = []byte{0x02}
)

// appendTo writes the levels as one key. Least weights at the end of a level are
// left out: that halves the key and keeps the order, as nothing is less.
func (w *weights) appendTo(dst []byte) []byte {
	dst = append(dst, w.primary...)
	dst = append(append(dst, 0, 0), trimEnd(w.secondary, noAccent)...)
	return append(append(dst, 0, 0), trimEnd(w.tertiary, smallLetter)...)
}

func trimEnd(level, least []byte) []byte {
	for bytes.HasSuffix(level, least) {
		level = level[:len(level)-len(least)]
	}
	return level
}

// alphabet knows the weights of the letters of ASCII and Latin-1, and of the
// pairs that count as one.
type alphabet struct {
	single [0x100]*weights
	pairs  [0x100][]pair // by the first letter
}

// pair is a second letter that makes one with the first.
type pair struct {
	second rune
	*weights
}

var alphabets sync.Map // language → func() *alphabet

func newAlphabet(lang string) *alphabet {
	a := &alphabet{}
	collator := collate.New(language.Make(lang))
	var buffer collate.Buffer
	of := func(text string) *weights {
		buffer.Reset()
		w := &weights{}
		w.add(collator.KeyFromString(&buffer, text))
		return w
	}
	for r := range rune(len(a.single)) {
		if r == ' ' || r == '-' || r == '.' || r == ',' || r == '\'' || r >= '0' && r <= '9' || isLetter(r) {
			a.single[r] = of(string(r))
		}
	}
	for x := range rune(len(a.single)) {
		for y := range rune(len(a.single)) {
			if !isLetter(x) || !isLetter(y) {
				continue
			}
			together, apart := of(string([]rune{x, y})), &weights{}
			apart.append(a.single[x])
			apart.append(a.single[y])
			if !together.equal(apart) {
				a.pairs[x] = append(a.pairs[x], pair{y, together})
			}
		}
	}
	return a
}

// spell adds the weights of a text; false when it has a letter not known here.
func (a *alphabet) spell(w *weights, text string) bool {
	var waiting []pair // what may follow the letter before, which is not added yet
	var before *weights
next:
	for _, r := range text {
		if r >= rune(len(a.single)) || a.single[r] == nil {
			return false
		}
		if before != nil {
			for _, p := range waiting {
				if p.second == r {
					w.append(p.weights)
					before = nil
					continue next
				}
			}
			w.append(before)
			before = nil
		}
		if waiting = a.pairs[r]; waiting != nil {
			before = a.single[r]
			continue
		}
		w.append(a.single[r])
	}
	if before != nil {
		w.append(before)
	}
	return true
}

func (w *weights) append(more *weights) {
	if len(more.primary) == 2 && len(more.secondary) == 2 && len(more.tertiary) == 1 { // nearly always
		w.primary = append(w.primary, more.primary[0], more.primary[1])
		w.secondary = append(w.secondary, more.secondary[0], more.secondary[1])
		w.tertiary = append(w.tertiary, more.tertiary[0])
		return
	}
	w.primary = append(w.primary, more.primary...)
	w.secondary = append(w.secondary, more.secondary...)
	w.tertiary = append(w.tertiary, more.tertiary...)
}

func (w *weights) equal(other *weights) bool {
	return bytes.Equal(w.primary, other.primary) && bytes.Equal(w.secondary, other.secondary) &&
		bytes.Equal(w.tertiary, other.tertiary)
}

func isLetter(r rune) bool {
	return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= 0xC0 && r <= 0xFF && r != '×' && r != '÷'
}
