package locale

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Name tidies a person's name: spaces trimmed and single, letters composed.
// A name all in capitals or all in small letters gets proper letters: "JENS VAN
// DER BERG-MCDONALD" becomes "Jens van der Berg-McDonald". A name that mixes
// both was written by somebody who knows, and stays.
func Name(s string) string {
	s = Tidy(s)
	if s == "" || !oneCase(s) {
		return s
	}
	return norm.NFC.String(caseWords(s, particle)) // a small letter may compose where the capital did not
}

// Town tidies the name of a town as Name does: "KØBENHAVN SV" becomes
// "København SV", "HØJE TAASTRUP" "Høje Taastrup".
func Town(s string) string {
	s = Tidy(s)
	if s == "" || !oneCase(s) {
		return s
	}
	return norm.NFC.String(caseWords(s, townWord))
}

// Tidy composes letters, turns every run of white space into one space and
// drops control characters and the invisible signs that come along from pages
// and spreadsheets. It allocates only when there is something to do.
func Tidy(s string) string {
	if tidy(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	space := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			space = true
		case unicode.Is(unicode.Cc, r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError:
		default:
			if space && b.Len() > 0 {
				b.WriteByte(' ')
			}
			space = false
			b.WriteRune(r)
		}
	}
	return norm.NFC.String(b.String()) // last: what was dropped may have kept letter and accent apart
}

// tidy reports whether s certainly needs no tidying: printable, single spaces
// inside, no letter beyond Latin Extended-A, where everything is composed.
func tidy(s string) bool {
	before := ' '
	for _, r := range s {
		if r == ' ' && before == ' ' || r < ' ' || r >= 0x7f && r <= 0xad || r >= 0x180 {
			return false
		}
		before = r
	}
	return before != ' ' || s == ""
}

// oneCase reports whether a text has letters of one case only; a single letter
// or an initial says nothing.
func oneCase(s string) bool {
	upper, lower := 0, 0
	for _, r := range s {
		switch {
		case unicode.IsUpper(r):
			upper++
		case unicode.IsLower(r):
			lower++
		}
		if upper > 0 && lower > 0 {
			return false
		}
	}
	return lower > 0 || upper > 1
}

// caseWords gives every word a capital, or the form that special has for it.
func caseWords(s string, special func(word string, first bool) (string, bool)) string {
	var b strings.Builder
	b.Grow(len(s))
	first := true
	for i, word := range strings.Split(strings.ToLower(s), " ") {
		if i > 0 {
			b.WriteByte(' ')
		}
		if form, ok := special(word, first); ok {
			b.WriteString(form)
		} else {
			capitalise(&b, word)
		}
		first = false
	}
	return b.String()
}

// particles stand small inside a name: "van", "von", "de", "af".
var particles = map[string]bool{
	"af": true, "av": true, "da": true, "de": true, "dei": true, "del": true, "della": true, "den": true,
	"der": true, "di": true, "do": true, "dos": true, "du": true, "el": true, "la": true, "le": true,
	"ten": true, "ter": true, "til": true, "van": true, "von": true, "vom": true, "y": true, "zu": true, "zur": true,
}

// numerals follow a name and are not words.
var numerals = map[string]bool{"ii": true, "iii": true, "iv": true}

// A particle that begins the text is kept small only when the text is a family
// name of several words: "DE LA CRUZ" may be one, "DA" alone is somebody.
func particle(word string, first bool) (string, bool) {
	switch {
	case numerals[word]:
		return strings.ToUpper(word), true
	case particles[word] && !first:
		return word, true
	}
	return "", false
}

// quarters are the letters behind a town: "København K", "Odense SV".
var quarters = map[string]bool{
	"nv": true, "nø": true, "sv": true, "sø": true, "kbh": false,
}

var townParticles = map[string]bool{
	"i": true, "og": true, "på": true, "ved": true, "v": true, "under": true, "pr": true, "pr.": true, "v.": true, "af": true,
}

func townWord(word string, first bool) (string, bool) {
	switch {
	case first:
		return "", false
	case quarters[word]:
		return strings.ToUpper(word), true
	case townParticles[word] && word != "v": // "København V" is a quarter
		return word, true
	}
	return "", false
}

// capitalise writes a word in small letters with capitals where they belong:
// at its start, after a hyphen, an apostrophe's single letter or a full stop,
// and after Mc.
func capitalise(b *strings.Builder, word string) {
	up := true
	for i, r := range word {
		if up && unicode.IsLetter(r) {
			b.WriteRune(unicode.ToTitle(r))
			up = false
		} else {
			b.WriteRune(r)
		}
		switch r {
		case '-', '.', '(', '/', '"':
			up = true
		case '\'', '’':
			// O'Brien and D'Angelo, yet not Jens' or Ma'am.
			up = i == 1 && utf8.RuneCountInString(word[i:]) > 2
		case 'c':
			start := i == 1 || i >= 2 && word[i-2] == '-'
			up = start && word[i-1] == 'm' && utf8.RuneCountInString(word[i:]) > 3
		}
	}
}
