package member

import (
	"slices"
	"strings"

	"golang.org/x/text/cases"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"
)

// AddressLines is an address as it stands on an envelope posted from a country:
// the lines in the order of the country it goes to, and below them, in capitals
// and in the language of the country it is posted from, where it goes if that is
// elsewhere. Lists, labels and cards all ask here. Covered addresses have none.
func AddressLines(p *Profile, from string) []string {
	to := p.Country
	if to == "" {
		to = from
	}
	lines := append(streetLines(p.Street, to), townLines(p.Postal, p.Town, to)...)
	if to != from {
		lines = append(lines, countryLine(to, from))
	}
	return slices.DeleteFunc(lines, func(line string) bool { return line == "" })
}

// streetLines gives the part above the town. At home in the North floor and door
// stand behind the number on one line, and only whose letter box it is above it;
// elsewhere each part has the line it was typed on.
func streetLines(street, to string) []string {
	parts := strings.Split(street, ", ")
	switch to {
	case "DK", "NO", "SE", "FI", "IS", "FO", "GL", "AX", "SJ":
	default:
		return parts
	}
	if first := strings.ToLower(parts[0]); len(parts) > 1 && (strings.HasPrefix(first, "c/o ") || strings.HasPrefix(first, "att")) {
		return append(parts[:1:1], strings.Join(parts[1:], ", "))
	}
	return []string{street}
}

// townLines puts postal code and town as the country's post wants them.
func townLines(postal, town, to string) []string {
	switch to {
	case "GB", "IM", "JE", "GG": // town in capitals, the code on a line of its own
		return []string{strings.ToUpper(town), strings.ToUpper(postal)}
	case "IE", "HK", "IN", "SG", "ZA", "NZ", "HU", "RU", "UA": // the code below or behind the town
		if to == "SG" || to == "NZ" {
			return []string{joinWords(town, postal)}
		}
		return []string{town, postal}
	case "US", "CA", "AU": // town and state, then the code
		return []string{joinWords(strings.ToUpper(town), strings.ToUpper(postal))}
	case "JP", "KR", "BR", "TH":
		return []string{joinWords(town, postal)}
	}
	return []string{joinWords(postal, town)}
}

func joinWords(a, b string) string { return strings.TrimSpace(a + " " + b) }

// countryLine is a country's name as sorters in the posting country read it.
func countryLine(to, from string) string {
	region, err := language.ParseRegion(to)
	if err != nil {
		return to
	}
	tag := postingLanguage(from)
	if name := display.Regions(tag).Name(region); name != "" {
		return cases.Upper(tag).String(name)
	}
	return to
}

// postingLanguage is the language a country's post works in.
func postingLanguage(from string) language.Tag {
	switch from {
	case "DK", "GL", "FO":
		return language.Danish
	case "NO", "SJ":
		return language.Norwegian
	case "SE", "AX":
		return language.Swedish
	case "DE", "AT":
		return language.German
	}
	return language.English
}
