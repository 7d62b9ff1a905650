// Package sheet understands what people's spreadsheets mean: what a heading
// calls its column, in which order the dates of a column are written, how one
// cell holds a postal code and its town, two phone numbers or a whole name, and
// which rows are no members but totals. It is pure: text in, meaning out. It
// knows the fields of a charter and the words of four languages, and no members.
//
// It recognises, and says how surely; where it cannot tell it asks instead of
// guessing, since a wrong birth date is worse than a question.
package sheet

import (
	"slices"

	"kartotek/internal/charter"
	"kartotek/internal/locale"
)

// What a column can hold besides one field of the charter.
const (
	FullName    = "name"              // the charter's own: given names first, or after a comma
	FamilyFirst = "name-family-first" // "Berg, Anna", "Berg Anna"
	Place       = "postal-town"       // "2900 Hellerup"
	Whole       = "full-address"      // "Strandvejen 12, 2. tv., 2900 Hellerup"
	House       = "house-number"      // belongs behind the street
	MoreAddress = "address-more"      // a further line of the address
	Secret      = "secret-address"    // yes or no
	Match       = "match"             // who the row is about: a member number, "new" or "skip"
)

// Composites are the codes above that are no fields of a charter, in the order
// they are offered.
var Composites = []string{FamilyFirst, Place, Whole, House, MoreAddress, Secret, Match}

// Parts are the fields a column of the code fills; of a field, the field itself.
func Parts(code string) []string {
	switch code {
	case FullName, FamilyFirst:
		return []string{"given", "family"}
	case Place:
		return []string{"postal", "town"}
	case Whole:
		return []string{"address", "postal", "town"}
	case House, MoreAddress:
		return []string{"address"}
	case Secret, Match:
		return nil
	}
	return []string{code}
}

// Declared reports whether a charter has what a column of the code needs.
func Declared(c *charter.Charter, code string) bool {
	for _, part := range Parts(code) {
		if _, known := c.Field(part); !known {
			return false
		}
	}
	return code != ""
}

// Meaning is what a heading says about its column.
type Meaning struct {
	Code   string // a field of the charter, or one of the codes above
	Likely bool   // recognised by a misspelling or a shortened word: worth a look
	Order  Order  // of the dates, where the heading tells: "Født (dd-mm-åååå)"
}

// Recognise tells what a heading means. The charter's own headings come first,
// then the words of Danish, Norwegian, Swedish and English that columns are
// called by. A heading that could be two things is none.
func Recognise(c *charter.Charter, heading string) (Meaning, bool) {
	m := Meaning{Order: orderIn(heading)}
	if f, known := c.FieldFor(heading); known {
		m.Code = f.Code
		return m, true
	}
	bare := withoutNotes(heading)
	if f, known := c.FieldFor(bare); known {
		m.Code = f.Code
		return m, true
	}
	code, likely := conceive(bare)
	if code == "" && bare == "" {
		code, likely = conceive(heading)
	}
	if !Declared(c, code) {
		return m, false
	}
	m.Code, m.Likely = code, likely
	return m, true
}

// Signature is a heading in the form in which saved mappings compare them.
func Signature(heading string) string {
	words := split(locale.Fold(heading))
	out := make([]byte, 0, len(heading))
	for _, word := range words {
		out = append(append(out, word...), ' ')
	}
	return string(out)
}

// Choice finds the choice of a field that a cell means: as the charter has it,
// or, for the codes the program knows, in any of the four languages.
func Choice(f *charter.Field, cell string) (code string, ok bool) {
	if choice, known := f.ChoiceFor(cell); known {
		return choice.Code, true
	}
	meant := choices[plain(cell)]
	if meant == "" || !slices.ContainsFunc(f.Choices, func(c charter.Choice) bool { return c.Code == meant }) {
		return "", false
	}
	return meant, true
}

// Category finds the category of a charter that a cell means, beyond its own
// codes and names.
func Category(c *charter.Charter, cell string) (code string, ok bool) {
	text := plain(cell)
	for _, k := range c.Categories {
		if plain(k.Code) == text {
			return k.Code, true
		}
		for _, name := range k.Name {
			if plain(name) == text {
				return k.Code, true
			}
		}
	}
	for _, code := range categories[text] {
		if _, known := c.Category(code); known {
			return code, true
		}
	}
	return "", false
}

// plain is a cell as it is compared: folded words with single spaces.
func plain(s string) string {
	words := split(locale.Fold(s))
	out := ""
	for i, word := range words {
		if i > 0 {
			out += " "
		}
		out += word
	}
	return out
}
