package locale

import (
	"bytes"
	"maps"
	"slices"
	"sync"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// Country is a country's name as the language says it, "USA" for "US"; a code that is
// none stays as it is.
func (p *Printer) Country(code string) string {
	region, err := language.ParseRegion(code)
	if err != nil || !region.IsCountry() {
		return code
	}
	in := p.tag
	if p.Lang() == "nb" {
		in = language.Norwegian // under which its own names are kept
	}
	if name := display.Regions(in).Name(region); name != "" {
		return name
	}
	return code
}

// countries are the codes of all countries by the language that orders them.
var countries sync.Map

// Countries are the codes of all countries, in the order in which the language lists
// their names.
func (p *Printer) Countries() []string {
	if known, ok := countries.Load(p.lang); ok {
		return known.([]string)
	}
	keys := map[string][]byte{}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			if region, err := language.ParseRegion(code); err == nil && region.IsCountry() && region.String() == code && p.Country(code) != code {
				keys[code] = SortKey(p.lang, p.Country(code))
			}
		}
	}
	codes := slices.SortedFunc(maps.Keys(keys), func(x, y string) int { return bytes.Compare(keys[x], keys[y]) })
	countries.Store(p.lang, codes)
	return codes
}

// Language is a language's name as this one says it, "svensk" for "sv" in Norwegian.
func (p *Printer) Language(code string) string {
	if code == "nb" { // nobody asks which of the two
		return map[string]string{"da": "norsk", "nb": "norsk", "sv": "norska", "en": "Norwegian"}[p.lang]
	}
	tag, err := language.Parse(code)
	if err != nil {
		return code
	}
	if name := display.Languages(p.tag).Name(tag); name != "" {
		return name
	}
	return code
}
