package sheet

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"kartotek/internal/locale"
)

// A heading is taken apart into words, and each word stands for a concept:
// "Medl. nr.", "Medlemsnummer" and "Member no." are all {member, number}. What
// the concepts of a heading are together tells the field; one word nobody knows
// ("Telefon arbejde") and the heading is not recognised, for it says more than
// we understand.

// conceive finds what a heading means by its words.
func conceive(heading string) (code string, likely bool) {
	var found []concept
	for _, word := range split(joinSplit(locale.Fold(heading))) {
		concepts, near, known := understand(word)
		if !known {
			return "", false
		}
		likely = likely || near
		for _, c := range concepts {
			if c != cNoise && !slices.Contains(found, c) {
				found = append(found, c)
			}
		}
	}
	code = meant(found)
	if code == "number" && len(found) == 1 {
		likely = true // a number, yet of what?
	}
	return code, likely
}

// Identity reports whether a heading promises national identity numbers: "CPR",
// "Fødselsnummer", "Personnummer". Such a column is dropped whatever it holds.
func Identity(heading string) bool {
	var all concept
	for _, word := range split(joinSplit(locale.Fold(withoutNotes(heading)))) {
		concepts, near, known := understand(word)
		if !known || near {
			return false
		}
		for _, c := range concepts {
			all |= c
		}
	}
	return all&cIdentity != 0 && all&^(cIdentity|cNumber|cMember) == 0 || all == cBirth|cNumber
}

// meant is the code that concepts make together; their order tells only which
// name comes first.
func meant(found []concept) string {
	if len(found) == 0 {
		return ""
	}
	var all concept
	for _, c := range found {
		all |= c
	}
	if all&cGiven != 0 && all&cFamily != 0 && all&^(cGiven|cFamily|cMiddle|cName|cMember) == 0 {
		if slices.Index(found, cFamily) < slices.Index(found, cGiven) {
			return FamilyFirst
		}
		return FullName
	}
	for _, m := range meanings {
		if all&^m.may == 0 && all&m.must == m.must {
			return m.code
		}
	}
	return ""
}

// understand gives the concepts of a word: known, put together from known ones
// ("telefonnummer"), the beginning of one, or one letter from one.
func understand(word string) (concepts []concept, near, known bool) {
	if strings.Trim(word, "0123456789") == "" {
		if word == "1" || word == "01" {
			return nil, false, true // "Telefon 1" is the first of its kind
		}
		return []concept{cNth}, false, len(word) == 1 && word != "0" // "Adresse 2"
	}
	if concepts = compound(word, 3); concepts != nil {
		return concepts, false, true
	}
	if trimmed := strings.TrimRight(word, "12"); trimmed != word && strings.HasSuffix(word, "1") {
		if concepts = compound(trimmed, 3); concepts != nil {
			return concepts, false, true
		}
	}
	if c := byBeginning(word); c != 0 {
		return []concept{c}, true, true
	}
	for i := range candidates(word) {
		if concepts = compound(i, 3); concepts != nil {
			return concepts, true, true
		}
	}
	return nil, false, false
}

// compound reads a word, or several written as one with "s" or "e" between.
func compound(word string, most int) []concept {
	if c, known := lexicon[word]; known {
		return []concept{c}
	}
	if most == 1 {
		return nil
	}
	for cut := len(word) - 2; cut >= 2; cut-- {
		c, known := lexicon[word[:cut]]
		if !known || c == cNoise && cut < 3 {
			continue
		}
		for _, link := range [...]string{"", "s", "e"} {
			if rest, ok := strings.CutPrefix(word[cut:], link); ok && len(rest) >= 2 {
				if more := compound(rest, most-1); more != nil {
					return append([]concept{c}, more...)
				}
			}
		}
	}
	return nil
}

// byBeginning knows a word cut short, if every word that begins so means the same.
func byBeginning(word string) concept {
	if len(word) < 4 {
		return 0
	}
	var all concept
	for known, c := range lexicon {
		if strings.HasPrefix(known, word) {
			all |= c
		}
	}
	if all&(all-1) != 0 {
		return 0
	}
	return all
}

// candidates are the texts one slip away: a letter too many, or two swapped; a
// wrong or missing letter is found among the known words.
func candidates(word string) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		if len(word) < 5 {
			return
		}
		for i := range len(word) {
			if !yield(word[:i] + word[i+1:]) {
				return
			}
		}
		for i := range len(word) - 1 {
			if !yield(word[:i] + word[i+1:i+2] + word[i:i+1] + word[i+2:]) {
				return
			}
		}
		for i := range len(word) + 1 {
			for c := byte('a'); c <= 'z'; c++ {
				if !yield(word[:i]+string(c)+word[i:]) || i < len(word) && !yield(word[:i]+string(c)+word[i+1:]) {
					return
				}
			}
		}
	}
}

// joinSplit writes together what headings write apart.
func joinSplit(folded string) string {
	for _, prefix := range [...]string{"e-mail", "e mail", "e-post", "e post"} {
		folded = strings.ReplaceAll(folded, prefix, "e"+prefix[2:])
	}
	folded = strings.ReplaceAll(folded, "c/o", "co")
	for _, dangling := range [...]string{"for- og", "for og", "for- & ", "for-/", "for- och", "foer- och", "foer och"} {
		if rest, ok := strings.CutPrefix(folded, dangling); ok {
			return "fornavn " + rest
		}
	}
	return folded
}

// split takes the words out of a folded text.
func split(folded string) []string {
	return strings.FieldsFunc(folded, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

var notes = regexp.MustCompile(`\([^()]*\)|\[[^\[\]]*\]|\{[^{}]*\}`)

// withoutNotes drops what stands in brackets: units, patterns, "(valgfrit)".
func withoutNotes(heading string) string {
	return strings.TrimSpace(strings.Trim(strings.TrimSpace(notes.ReplaceAllString(heading, " ")), "*:"))
}

var (
	dayFirstPattern   = regexp.MustCompile(`\bd{1,2}\W?m{1,3}\W?[yåaj]{2,8}`)
	monthFirstPattern = regexp.MustCompile(`\bm{1,3}\W?d{1,2}\W?[yåaj]{2,8}`)
	yearFirstPattern  = regexp.MustCompile(`[yåaj]{2,8}\W?m{1,3}\W?d{1,2}\b`)
)

// orderIn is the order of dates that a heading tells.
func orderIn(heading string) Order {
	lower := strings.ToLower(heading)
	switch {
	case dayFirstPattern.MatchString(lower):
		return DayFirst
	case monthFirstPattern.MatchString(lower):
		return MonthFirst
	case yearFirstPattern.MatchString(lower):
		return YearFirst
	}
	return AnyOrder
}
