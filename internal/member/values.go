package member

import (
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/golang-sql/civil"
	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
)

// Limits of what a field holds.
const (
	longestName    = 100 // bytes; the index holds no longer ones
	longestText    = 500
	longestNumber  = 20
	oldestPerson   = 125 // years
	earliestJoined = 1850
)

// checker brings values into their normal form and refuses what a field cannot
// hold. Problems are message keys "member.error.…"; Remedy gives the key of what
// to do about each. No problem ever carries the value (N9).
type checker struct {
	charter *charter.Charter
	today   civil.Date
	dates   locale.Order
}

func newChecker(c *charter.Charter, today civil.Date) *checker {
	return &checker{charter: c, today: today, dates: locale.Order{Latest: today.Year}}
}

// Remedy is the message key that says what to do about a problem.
func Remedy(problem string) string { return strings.Replace(problem, ".error.", ".remedy.", 1) }

// value brings a cell into the form the field stores. It returns "" for an
// empty cell, and the key of what is wrong.
func (c *checker) value(f *charter.Field, raw string) (value, problem string) {
	raw = strings.TrimSpace(raw)
	if raw == "" {
		return "", ""
	}
	if f.Type == charter.TypePhone { // digits that make a phone number are one
		if phone, ok := locale.ParsePhone(raw, c.charter.Country); ok {
			return phone, ""
		}
	}
	if HoldsIdentityNumber(raw) {
		return "", "member.error.identity"
	}
	switch f.Type {
	case charter.TypeName:
		return c.name(raw)
	case charter.TypeNumber:
		return number(raw)
	case charter.TypeDate:
		return c.date(f.Code, raw)
	case charter.TypeEmail:
		if email, ok := locale.ParseEmail(raw); ok {
			return email, ""
		}
		return "", "member.error.email"
	case charter.TypePhone:
		return "", "member.error.phone"
	case charter.TypeCountry:
		if code, ok := countryCode(raw); ok {
			return code, ""
		}
		return "", "member.error.country"
	case charter.TypeChoice:
		if choice, ok := f.ChoiceFor(raw); ok {
			return choice.Code, ""
		}
		return "", "member.error.choice"
	case charter.TypeAddress:
		raw = lines(raw)
	}
	if f.Code == "town" {
		return short(locale.Town(raw), longestName)
	}
	return short(locale.Tidy(raw), longestText)
}

func short(s string, longest int) (value, problem string) {
	if len(s) > longest {
		return "", "member.error.too_long"
	}
	return s, ""
}

// name tidies a part of a name; it must hold a letter, and no address.
func (c *checker) name(raw string) (value, problem string) {
	value = locale.Name(raw)
	if strings.ContainsAny(value, "@<>{}=;\\") || strings.IndexFunc(value, unicode.IsLetter) < 0 {
		return "", "member.error.name"
	}
	return short(value, longestName)
}

// number tidies a member number: digits, letters and hyphens.
func number(raw string) (value, problem string) {
	value = strings.ReplaceAll(locale.Tidy(raw), " ", "")
	if len(value) > longestNumber {
		return "", "member.error.too_long"
	}
	digit := false
	for i := range len(value) {
		switch ch := value[i]; {
		case '0' <= ch && ch <= '9':
			digit = true
		case 'a' <= ch && ch <= 'z', 'A' <= ch && ch <= 'Z', ch == '-' && i > 0:
		default:
			return "", "member.error.number"
		}
	}
	if !digit {
		return "", "member.error.number"
	}
	return value, ""
}

// date reads a date. A birth date must be that of a living person who is old
// enough (N9: no data about children); a joining date lies behind us.
func (c *checker) date(field, raw string) (value, problem string) {
	d, ok := locale.ParseDate(raw, c.dates)
	if !ok {
		return "", "member.error.date"
	}
	return c.day(field, d)
}

// day judges a date by what its field may hold.
func (c *checker) day(field string, d civil.Date) (value, problem string) {
	switch {
	case field == "birth" && d.After(c.today):
		return "", "member.error.birth_future"
	case field == "birth" && d.Year < c.today.Year-oldestPerson:
		return "", "member.error.birth_early"
	case field == "birth" && !c.charter.OldEnough(d, c.today):
		return "", "member.error.child"
	case field == "joined" && d.After(c.today):
		return "", "member.error.joined_future"
	case field == "joined" && d.Year < earliestJoined:
		return "", "member.error.date"
	}
	return d.String(), ""
}

// set stores a cell in the profile; an empty cell empties the field. Unit and
// category are not the profile's.
func (c *checker) set(p *Profile, f *charter.Field, raw string) (problem string) {
	if f.Type == charter.TypeFullName {
		return c.setFullName(p, raw)
	}
	value, problem := c.value(f, raw)
	if problem == "" {
		p.set(f.Code, value)
	}
	return problem
}

// setFullName splits a name: "Berg, Anna" at the comma, else before the last
// word and the particles that belong to it.
func (c *checker) setFullName(p *Profile, raw string) (problem string) {
	if HoldsIdentityNumber(raw) {
		return "member.error.identity"
	}
	whole, problem := c.name(strings.TrimSpace(raw))
	if problem != "" {
		return problem
	}
	given, family := splitName(whole)
	p.Given, p.Family = given, family
	return ""
}

func splitName(whole string) (given, family string) {
	if family, given, ok := strings.Cut(whole, ","); ok {
		return strings.TrimSpace(given), strings.TrimSpace(family)
	}
	words := strings.Split(whole, " ")
	at := len(words) - 1
	for at > 1 && isParticle(words[at-1]) {
		at--
	}
	if at == 0 {
		return whole, ""
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " ")
}

// isParticle: a short word in small letters before a family name, as "van der".
func isParticle(word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	return len(word) <= 5 && unicode.IsLower(first)
}

// whole checks what only the whole profile tells: the postal code by its
// country. The field's code comes back with the problem.
func (c *checker) whole(p *Profile) (field, problem string) {
	if p.Country == c.charter.Country {
		p.Country = "" // one form for the register's own country
	}
	if p.Postal == "" {
		return "", ""
	}
	country := p.Country
	if country == "" {
		country = c.charter.Country
	}
	postal, ok := locale.Postal(p.Postal, country)
	if !ok {
		return "postal", "member.error.postal"
	}
	p.Postal = postal
	return "", ""
}

// required gives the code of the first field the charter asks for and the
// profile lacks. The number is given out, and where somebody belongs stands in
// the memberships.
func (c *checker) required(p *Profile) string {
	for i := range c.charter.Fields {
		f := &c.charter.Fields[i]
		switch {
		case !f.Required || f.Code == "number" || f.Type == charter.TypeUnit || f.Type == charter.TypeCategory:
		case f.Code == "family" && p.Given != "" && p.Family == "":
			// Some people have one name.
		case p.Value(f.Code) == "":
			return f.Code
		}
	}
	return ""
}

// lines puts an address on one line.
func lines(s string) string {
	if !strings.ContainsAny(s, "\r\n") {
		return s
	}
	var kept []string
	for line := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\r' || r == '\n' }) {
		if line = strings.Trim(line, " ,"); line != "" {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, ", ")
}

// countryCode gives the ISO code of a country by code or by its name in the
// languages of the North, English and German.
func countryCode(s string) (string, bool) {
	if len(s) == 2 {
		region, err := language.ParseRegion(s)
		return strings.ToUpper(s), err == nil && region.IsCountry()
	}
	code, ok := countries()[locale.Fold(locale.Tidy(s))]
	return code, ok
}

var countries = sync.OnceValue(func() map[string]string {
	names := map[string]string{"holland": "NL", "uk": "GB", "england": "GB", "skotland": "GB", "usa": "US"}
	languages := []display.Namer{
		display.Regions(language.Danish), display.Regions(language.English), display.Regions(language.Norwegian),
		display.Regions(language.Swedish), display.Regions(language.German),
	}
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			code := string([]rune{a, b})
			region, err := language.ParseRegion(code)
			if err != nil || !region.IsCountry() || region.String() != code {
				continue
			}
			for _, in := range languages {
				if name := in.Name(region); name != "" {
					names[locale.Fold(name)] = code
				}
			}
			names[strings.ToLower(region.ISO3())] = code
		}
	}
	return names
})
