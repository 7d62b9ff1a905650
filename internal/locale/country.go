package locale

import (
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
	if name := display.Regions(p.tag).Name(region); name != "" {
		return name
	}
	return code
}
