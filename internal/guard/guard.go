// Package guard looks through free text about members for what does not belong there:
// numbers of identity, and words of health, crime, belief, politics, origin, sexual life
// and union (GDPR Art. 9, 10, 87). It is pure and keeps nothing. A finding is a hint and
// no judgement: names and streets that look like a word stay quiet, and whoever writes
// can say that it is not that.
package guard

import (
	"context"
	"slices"
	"strings"
	"unicode"
)

// Kind is what a text seems to hold.
type Kind string

const (
	Identity  Kind = "identity"
	Health    Kind = "health"
	Crime     Kind = "crime"
	Religion  Kind = "religion"
	Politics  Kind = "politics"
	Origin    Kind = "origin"
	Sexuality Kind = "sexuality"
	Union     Kind = "union"
)

// words are stems of words in Danish, Norwegian, Swedish and English. One that ends in
// an asterisk stands for all that begin with it.
var words = map[Kind][]string{
	Health: {
		"syg", "sygemeld*", "sygdom*", "syk", "sykdom*", "sykmeld*", "sjuk", "sjukdom*", "sjukskriv*", "kræft*", "kreft*", "cancer*", "demens*", "dement*",
		"depression*", "deprim*", "depressed", "diabet*", "alkoholi*", "alcoholic*", "misbrug*", "misbruk*", "missbruk*", "psykisk*", "psykose*", "selvmord*",
		"självmord*", "suicid*", "indlagt", "innlagt", "inlagd", "hospitali*", "invalid*", "handicap*", "funktionsneds*", "gravid*", "pregnan*", "adhd", "autis*",
		"diagnose*", "diagnos", "diagnosis", "kemoterapi*", "blodprop*", "hjerneblødning*", "stroke", "hiv",
	},
	Crime: {
		"straffet", "straffedømt", "dømt", "dömd", "fængsel*", "fengsel*", "fängelse*", "prison*", "straffeattest", "tyveri", "stöld", "underslæb", "underslag",
		"bedrageri", "bedrägeri", "kriminel*", "kriminell*", "criminal*", "convict*", "sigtet", "siktet", "åtalad", "anholdt", "pågrepet", "arrested", "voldsdømt",
	},
	Religion: {
		"jøde", "jødisk*", "jude", "judisk*", "jewish", "muslim*", "islam*", "kristen", "kristne", "katolik*", "katolsk*", "catholic*", "ateist*", "atheist*",
		"hindu*", "buddhist*", "jehova*", "mormon*", "pinsevæn*", "pinsevenn*", "menighed", "menighet", "konverter*",
	},
	Politics: {
		"kommunist*", "communist*", "nazist*", "fascist*", "socialdemokrat*", "sosialdemokrat*", "venstreekstrem*", "højreekstrem*", "høyreekstrem*",
		"högerextrem*", "vänsterextrem*", "partimedlem*",
	},
	Origin: {
		"etnisk*", "etnicitet*", "ethnic*", "sigøjner*", "sigøyner*", "zigenare", "romani", "samisk", "neger*", "negro*", "udlænding*", "utlending*", "utlänning*",
		"flygtning*", "flyktning*", "flykting*", "indvandrer*", "innvandrer*", "invandrare", "refugee*", "immigrant*",
	},
	Sexuality: {
		"homoseksuel*", "homofil*", "homosexuel*", "homosexual*", "bøsse", "lesbisk*", "lesbian*", "biseksuel*", "bifil", "bisexuel*", "transkønnet", "transseksuel*",
		"transperson*", "transgender*", "seksuel*", "sexuell*", "hetero*",
	},
	Union: {"fagforening*", "fagforbund*", "fackförbund*", "fackförening*", "fackligt", "tillidsmand", "tillitsvalgt", "trade-union*", "tillitsvald*"},
}

// streets are ends of words that name a place, so that "Sygehusvej" is one.
var streets = []string{"vej", "vejen", "gade", "gaden", "veg", "vegen", "vei", "veien", "gate", "gata", "gatan", "väg", "vägen", "stræde", "street", "road", "plads", "plass", "plan", "allé", "by", "torg", "torv"}

type overridden struct{}

// Override marks what is done under it: whoever writes has said that the text is not that,
// where the charter lets them, and it is in the log.
func Override(ctx context.Context) context.Context { return context.WithValue(ctx, overridden{}, true) }

// Overridden reports whether whoever writes has said so.
func Overridden(ctx context.Context) bool { return ctx.Value(overridden{}) != nil }

// Finding is what was seen, and where.
type Finding struct {
	Kind       Kind
	Begin, End int // in bytes of the text
}

// token is a word or number of a text.
type token struct {
	text       string
	begin, end int
	first      bool // it begins a sentence
}

// Look finds what a text seems to hold, each kind once, in the order of the text.
func Look(text string) []Finding {
	found := identities(text)
	all := tokens(text)
	for i := range all {
		if kind, hit := judged(all, i); hit {
			found = append(found, Finding{Kind: kind, Begin: all[i].begin, End: all[i].end})
		}
	}
	slices.SortStableFunc(found, func(a, b Finding) int { return a.Begin - b.Begin })
	seen := map[Kind]bool{}
	return slices.DeleteFunc(found, func(f Finding) bool {
		twice := seen[f.Kind]
		seen[f.Kind] = true
		return twice
	})
}

// tokens parts a text into words.
func tokens(text string) []token {
	var all []token
	begin, first := -1, true
	close := func(end int) {
		if begin >= 0 {
			all = append(all, token{text: text[begin:end], begin: begin, end: end, first: first})
			first, begin = false, -1
		}
	}
	for i, r := range text {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' && begin >= 0:
			if begin < 0 {
				begin = i
			}
		default:
			close(i)
			if strings.ContainsRune(".!?\n", r) {
				first = true
			}
		}
	}
	close(len(text))
	return all
}

// judged reports whether a word is one of those, and no name.
func judged(all []token, i int) (Kind, bool) {
	t := &all[i]
	word := strings.ToLower(strings.Trim(t.text, "-"))
	kind, hit := kindOf(word)
	if !hit || placed(word) {
		return "", false
	}
	if capital(t.text) { // a name: within a sentence, before a name or a number, or after one
		before, after := i > 0 && !t.first && capital(all[i-1].text), i+1 < len(all) && !all[i+1].first && (capital(all[i+1].text) || digits(all[i+1].text))
		if !t.first || before || after {
			return "", false
		}
	}
	return kind, true
}

func kindOf(word string) (Kind, bool) {
	for _, kind := range []Kind{Health, Crime, Religion, Politics, Origin, Sexuality, Union} {
		for _, known := range words[kind] {
			stem, open := strings.CutSuffix(known, "*")
			if word == stem || open && strings.HasPrefix(word, stem) {
				return kind, true
			}
		}
	}
	return "", false
}

// placed reports whether a word ends as streets and places do.
func placed(word string) bool {
	return slices.ContainsFunc(streets, func(end string) bool { return len(word) > len(end)+3 && strings.HasSuffix(word, end) })
}

func capital(word string) bool {
	for i, r := range word {
		if i == 0 && !unicode.IsUpper(r) {
			return false
		}
		if i > 0 && unicode.IsLower(r) {
			return true
		}
	}
	return false // "HIV" is shouted, no name
}

func digits(word string) bool { return word != "" && unicode.IsDigit(rune(word[0])) }
