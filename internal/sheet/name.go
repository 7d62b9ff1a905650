package sheet

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// NameOrder is how whole names of a column are written.
type NameOrder uint8

const (
	GivenFirst NameOrder = iota // "Anna Berg"
	CommaNames                  // "Berg, Anna"
	FamilyLead                  // "Berg Anna": the family name leads, without a comma
)

// Names gathers how the names of a column are written.
type Names struct{ filled, commas int }

// Add takes a cell of the column in. A single word tells nothing.
func (n *Names) Add(cell string) {
	if comma := strings.IndexByte(cell, ','); comma >= 0 {
		n.filled++
		n.commas++
	} else if strings.ContainsRune(strings.TrimSpace(cell), ' ') {
		n.filled++
	}
}

// Order tells how the column is written: most of it decides.
func (n *Names) Order(familyFirst bool) NameOrder {
	switch {
	case n.commas*2 > n.filled:
		return CommaNames
	case familyFirst:
		return FamilyLead
	}
	return GivenFirst
}

// Split takes a whole name apart in the order of its column. A name that is
// written otherwise than its column is refused: nobody knows which part is which.
func (o NameOrder) Split(whole string) (givenNames, familyName string, ok bool) {
	front, behind, comma := strings.Cut(whole, ",")
	front, behind = strings.TrimSpace(front), strings.TrimSpace(behind)
	words := strings.Fields(whole)
	switch {
	case comma && (o == GivenFirst || front == "" || behind == "" || strings.Contains(behind, ",")):
		return "", "", false
	case comma:
		return behind, front, true
	case len(words) == 0:
		return "", "", false
	case len(words) == 1:
		return words[0], "", true
	case o == CommaNames:
		return "", "", false
	case o == FamilyLead:
		at := 1
		for at < len(words)-1 && particle(words[at-1]) {
			at++
		}
		return strings.Join(words[at:], " "), strings.Join(words[:at], " "), true
	}
	at := len(words) - 1
	for at > 1 && particle(words[at-1]) {
		at--
	}
	return strings.Join(words[:at], " "), strings.Join(words[at:], " "), true
}

// particle: a short word in small letters before a family name, as "van der".
func particle(word string) bool {
	first, _ := utf8.DecodeRuneInString(word)
	return len(word) <= 5 && unicode.IsLower(first)
}
