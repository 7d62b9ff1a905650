package sheet

import (
	"regexp"
	"strings"
	"unicode"

	"kartotek/internal/locale"
)

// Town is a postal code and its town, as one cell holds them.
type Town struct {
	Postal  string
	Name    string
	Country string // ISO code; "" where the cell does not tell
}

var (
	// A code in front: "2900 Hellerup", "DK-2900 Hellerup", "114 55 Stockholm".
	townForm = regexp.MustCompile(`^(?:([A-Za-z]{1,3})[- ]\s*)?(\d{3} \d{2}|\d{3,5})(?:[ ,]\s*(\S.*))?$`)
	// A code behind: "Hellerup 2900".
	townBehind = regexp.MustCompile(`^(\p{L}[\p{L}\d .'-]*?)[, ]\s*(?:([A-Za-z]{1,3})-)?(\d{3} \d{2}|\d{4,5})$`)
	// The last town inside an address without commas: "Strandvejen 12 2900 Hellerup".
	townInside = regexp.MustCompile(`^(.*\S)[ ,]\s*((?:[A-Za-z]{1,3}-)?(?:\d{3} \d{2}|\d{4,5})\s+\p{L}[^\d,]*)$`)
)

// countryPrefixes are the letters people write before a postal code.
var countryPrefixes = map[string]string{
	"DK": "DK", "D": "DE", "DE": "DE", "N": "NO", "NO": "NO", "S": "SE", "SE": "SE", "FI": "FI", "FIN": "FI", "SF": "FI",
	"FO": "FO", "FR": "FO", "GL": "GL", "IS": "IS", "NL": "NL", "A": "AT", "CH": "CH", "B": "BE", "F": "FR", "L": "LU",
}

// ParseTown takes a cell with postal code and town apart. A cell with only one of
// them gives that. A code of three and two digits is Swedish, unless home is a
// country that writes so itself.
func ParseTown(cell, home string) (t Town, ok bool) {
	cell = locale.Tidy(cell)
	var prefix string
	switch m := townForm.FindStringSubmatch(cell); {
	case m != nil:
		prefix, t.Postal, t.Name = m[1], m[2], m[3]
	case strings.IndexFunc(cell, unicode.IsDigit) < 0:
		return Town{Name: cell}, cell != "" && strings.IndexFunc(cell, unicode.IsLetter) >= 0
	default:
		m := townBehind.FindStringSubmatch(cell)
		if m == nil {
			return t, false
		}
		t.Name, prefix, t.Postal = m[1], m[2], m[3]
	}
	if prefix != "" {
		country, known := countryPrefixes[strings.ToUpper(prefix)]
		if !known {
			return t, false
		}
		t.Country = country
	}
	if t.Country == "" && len(t.Postal) == 6 && home != "SE" {
		t.Country = "SE"
	}
	if t.Country == home {
		t.Country = ""
	}
	t.Name = strings.Trim(t.Name, " ,")
	return t, strings.IndexFunc(t.Name, unicode.IsDigit) < 0
}

// Address is a whole address as one cell holds it.
type Address struct {
	Street string // lines separated by ", "
	Town
}

// ParseAddress takes a whole address apart: the town is its last part with a
// postal code, a country may stand behind it. country tells the ISO code of a
// country's name. Without a postal code nothing tells street from town, and it
// is refused.
func ParseAddress(cell, home string, country func(string) (string, bool)) (a Address, ok bool) {
	var lines []string
	for _, line := range strings.FieldsFunc(cell, func(r rune) bool { return r == '\n' || r == '\r' || r == ',' || r == ';' || r == '|' }) {
		if line = locale.Tidy(line); line != "" {
			lines = append(lines, line)
		}
	}
	if len(lines) == 0 {
		return a, false
	}
	named := ""
	if last := len(lines) - 1; last > 0 {
		if code, known := country(lines[last]); known && !strings.ContainsFunc(lines[last], unicode.IsDigit) {
			named, lines = code, lines[:last]
		}
	}
	last := len(lines) - 1
	town, isTown := ParseTown(lines[last], home)
	switch {
	case isTown && town.Postal != "" && town.Name != "":
		a.Town, lines = town, lines[:last]
	case isTown && town.Postal == "" && last > 0: // "2900, Hellerup"
		before, isCode := ParseTown(lines[last-1], home)
		if !isCode || before.Postal == "" || before.Name != "" {
			return a, false
		}
		before.Name = town.Name
		a.Town, lines = before, lines[:last-1]
	default:
		m := townInside.FindStringSubmatch(lines[last])
		if m == nil || last == 0 && !strings.ContainsFunc(m[1], unicode.IsDigit) {
			return a, false
		}
		if a.Town, isTown = ParseTown(m[2], home); !isTown || a.Postal == "" {
			return a, false
		}
		lines[last] = strings.TrimRight(m[1], " ,")
	}
	if named != "" && named != home {
		a.Country = named
	}
	a.Street = strings.Join(lines, ", ")
	return a, true
}

var (
	phoneLabel = regexp.MustCompile(`^\p{L}[\p{L}. ]*[:.]\s*|\s*\(\p{L}[\p{L}. ]*\)\s*$|^\p{L}{1,10}\.?\s+`)
	phoneBreak = regexp.MustCompile(`\s*(?:[;,/|\n]|\s+(?:og|eller|and|or|och|samt|&)\s+|\s&\s)\s*`)
)

// ParsePhones reads the phone numbers of a cell: one, or several with something
// between them. All of them must be numbers.
func ParsePhones(cell, home string) (numbers []string, ok bool) {
	if one, ok := onePhone(cell, home); ok {
		return []string{one}, true
	}
	parts := phoneBreak.Split(strings.TrimSpace(strings.ReplaceAll(cell, "\r", "\n")), -1)
	if len(parts) == 1 {
		parts = halves(cell)
	}
	for _, part := range parts {
		if part == "" {
			continue
		}
		one, ok := onePhone(part, home)
		if !ok {
			return nil, false
		}
		numbers = append(numbers, one)
	}
	return numbers, len(numbers) > 0
}

// onePhone reads one number, with a word of what kind it is before or behind it.
func onePhone(s, home string) (string, bool) {
	if one, ok := locale.ParsePhone(s, home); ok {
		return one, true
	}
	bare := phoneLabel.ReplaceAllString(strings.TrimSpace(s), "")
	if bare == s || bare == "" {
		return "", false
	}
	return locale.ParsePhone(strings.TrimSpace(bare), home)
}

// halves parts sixteen digits that are two numbers of eight with nothing but
// spaces between them, as "10264795 20304050".
func halves(cell string) []string {
	digits := 0
	for i, r := range cell {
		switch {
		case r >= '0' && r <= '9':
			if digits == 8 && i > 0 && cell[i-1] == ' ' {
				return []string{cell[:i], cell[i:]}
			}
			digits++
		case r != ' ':
			return []string{cell}
		}
	}
	return []string{cell}
}

var mailBreak = regexp.MustCompile(`[;,\n|]|\s+(?:og|eller|and|or|och)\s+`)

// ParseMails reads the e-mail addresses of a cell: "anna@example.dk",
// "Anna Berg <anna@example.dk>", "mailto:…", "anna@example.dk (privat)", several
// with something between them. All of them must be addresses.
func ParseMails(cell string) (all []string, ok bool) {
	if one, ok := locale.ParseEmail(cell); ok {
		return []string{one}, true
	}
	for _, part := range mailBreak.Split(strings.ReplaceAll(cell, "\r", "\n"), -1) {
		if part = strings.TrimSpace(part); part == "" {
			continue
		}
		if open := strings.LastIndexByte(part, '<'); open >= 0 && strings.HasSuffix(part, ">") {
			part = part[open:]
		} else if open := strings.IndexByte(part, '('); open > 0 && strings.HasSuffix(part, ")") {
			part = strings.TrimSpace(part[:open])
		}
		one, good := locale.ParseEmail(part)
		switch {
		case !good && !strings.Contains(part, "@") && strings.Contains(cell, "<"): // "Berg, Anna <anna@example.dk>"
		case !good:
			return nil, false
		default:
			all = append(all, one)
		}
	}
	return all, len(all) > 0
}

// ParseYes reads the answer of a yes-or-no column; where a word says what is
// meant ("hemmelig") that is a yes.
func ParseYes(cell string) (yes, ok bool) {
	switch text := plain(cell); text {
	case "":
		return false, strings.Trim(cell, " -–") == ""
	case "nej", "nei", "no", "n", "0", "falsk", "false", "usann", "falskt", "ingen", "none", "off":
		return false, true
	case "ja", "j", "yes", "y", "1", "x", "sand", "sant", "sann", "true", "on",
		"hemmelig", "hemmeligt", "hemlig", "secret", "fortrolig", "fortroligt", "strengt fortrolig", "beskyttet", "skyddad", "protected",
		"confidential", "strictly confidential", "navne og adressebeskyttelse", "adressebeskyttelse", "skyddade personuppgifter", "sperret", "sekretess":
		return true, true
	}
	return false, false
}
