package member

import (
	"slices"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
)

// When two descriptions are likely of one person. The rule is a sum of points, so
// that everybody can follow it; what each point was given for is told with the
// proposal. Nobody is made the same as somebody else by it: a person decides.
//
//	the name        letter by letter, in any order     40
//	                all of the shorter in the longer   32
//	                it sounds the same                 28
//	                an initial for a given name        24
//	                the same given name only           10
//	                another given name, same family   −25
//	                another name                      −40
//	the birth date  the same                           35
//	                day and month swapped, one slip     0
//	                another                           −40
//	e-mail          the same                           30
//	phone           one in common                      25
//	address         the same street and postal code    20
//	nothing but the name to go by, and it is the same  20
//
// From 60 on it is likely. The same name and the same birth date is certain
// enough to be decided for all at once, still by a person.
const likelyFrom = 60

// Reasons why somebody is likely the same, as message keys.
const (
	likeName     = "member.likely.name"
	likePart     = "member.likely.name_part"
	likeSound    = "member.likely.name_sounds"
	likeInitial  = "member.likely.name_initial"
	likeGiven    = "member.likely.given"
	likeBirth    = "member.likely.birth"
	likeSlip     = "member.likely.birth_near"
	likeMail     = "member.likely.email"
	likePhone    = "member.likely.phone"
	likeAddress  = "member.likely.address"
	likeOnlyName = "member.likely.only_name"
)

// traits are what somebody is compared by.
type traits struct {
	given, family []string // words, folded
	birth         civil.Date
	email         string
	phones        []string
	street        string // folded; "" where it may not be used
	postal        string
}

// traitsOf takes a profile's traits. A secret address is not compared: the answer
// would tell it.
func traitsOf(p *Profile) traits {
	t := traits{given: nameWords(p.Given), family: nameWords(p.Family), birth: p.Birth, email: p.Email}
	for _, phone := range [...]string{p.Phone, p.Mobile} {
		if phone != "" {
			t.phones = append(t.phones, phone)
		}
	}
	if !p.SecretAddress {
		t.street, t.postal = streetKey(p.Street), strings.ReplaceAll(p.Postal, " ", "")
	}
	return t
}

// words are the whole name; where it is cut in two is often a matter of taste.
func (t *traits) words() []string { return append(slices.Clone(t.given), t.family...) }

// nameWords are the words of a name as they are compared.
func nameWords(name string) []string {
	return strings.FieldsFunc(locale.Fold(name), func(r rune) bool { return r == ' ' || r == '-' || r == '.' || r == '\'' || r == '’' })
}

// streetKey is an address as it is compared: letters and digits.
func streetKey(street string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r > 127 {
			return r
		}
		return -1
	}, locale.Fold(street))
}

// likeness gives the points two descriptions have in common, what for, and
// whether they are certain enough.
func likeness(a, b *traits) (points int, reasons []string, certain bool) {
	add := func(n int, reason string) {
		points += n
		if reason != "" {
			reasons = append(reasons, reason)
		}
	}
	name, reason := nameLikeness(a, b)
	add(name, reason)
	contact := false // something but the name could be compared
	if !a.birth.IsZero() && !b.birth.IsZero() {
		contact = true
		switch {
		case a.birth == b.birth:
			add(35, likeBirth)
			certain = reason == likeName && slices.Equal(a.words(), b.words())
		case near(a.birth, b.birth):
			add(0, likeSlip)
		default:
			add(-40, "")
		}
	}
	if a.email != "" && b.email != "" {
		contact = true
		if a.email == b.email {
			add(30, likeMail)
		}
	}
	if len(a.phones) > 0 && len(b.phones) > 0 {
		contact = true
		if slices.ContainsFunc(a.phones, func(p string) bool { return slices.Contains(b.phones, p) }) {
			add(25, likePhone)
		}
	}
	if a.street != "" && b.street != "" {
		contact = true
		if a.street == b.street && (a.postal == "" || b.postal == "" || a.postal == b.postal) {
			add(20, likeAddress)
		}
	}
	if reason == likeName && !contact {
		add(20, likeOnlyName)
	}
	return points, reasons, certain
}

// nameLikeness compares two names.
func nameLikeness(a, b *traits) (points int, reason string) {
	one, other := a.words(), b.words()
	if len(one) == 0 || len(other) == 0 {
		return 0, ""
	}
	slices.Sort(one)
	slices.Sort(other)
	if slices.Equal(one, other) {
		return 40, likeName
	}
	if contained(one, other) {
		return 32, likePart
	}
	if contained(sounds(one), sounds(other)) {
		return 28, likeSound
	}
	if len(a.given) == 0 || len(b.given) == 0 {
		return -40, ""
	}
	given := sound(a.given[0]) == sound(b.given[0])
	family := len(a.family) > 0 && len(b.family) > 0 && sound(a.family[len(a.family)-1]) == sound(b.family[len(b.family)-1])
	short, long := a.given[0], b.given[0]
	if len(short) > len(long) {
		short, long = long, short
	}
	switch {
	case family && len(short) == 1 && strings.HasPrefix(long, short):
		return 24, likeInitial
	case family:
		return -25, ""
	case given:
		return 10, likeGiven
	}
	return -40, ""
}

// contained reports whether the shorter of two lists of words is part of the longer,
// and has two words at least.
func contained(a, b []string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	if len(a) < 2 {
		return false
	}
	for _, word := range a {
		at := slices.Index(b, word)
		if at < 0 {
			return false
		}
		b = slices.Delete(slices.Clone(b), at, at+1)
	}
	return true
}

// near reports whether one date may be a slip of the other: day and month
// swapped, or one part of the three different.
func near(a, b civil.Date) bool {
	if a.Year == b.Year && a.Day == int(b.Month) && int(a.Month) == b.Day {
		return true
	}
	differ := 0
	for _, same := range [...]bool{a.Year == b.Year, a.Month == b.Month, a.Day == b.Day} {
		if !same {
			differ++
		}
	}
	return differ == 1
}

func sounds(words []string) []string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = sound(word)
	}
	return out
}

// spellings are ways of writing one sound, longest first.
var spellings = strings.NewReplacer(
	"aa", "o", "ch", "k", "ck", "k", "ph", "f", "th", "t", "dt", "t", "hv", "v", "hj", "j", "gj", "j", "kj", "k", "sch", "sj", "qu", "kv",
	"ae", "e", "oe", "o", "ue", "y", "ie", "i", "w", "v", "z", "s", "x", "ks", "q", "k", "c", "k", "d", "t", "j", "i",
)

// sound is a folded name as it is spoken, roughly and in the North: Christian and
// Kristian, Petersen and Pedersen, Karin and Karen sound alike.
func sound(word string) string {
	word = spellings.Replace(word)
	out := make([]byte, 0, len(word))
	for i := range len(word) {
		c := word[i]
		switch c {
		case 'a', 'e', 'i', 'o', 'u', 'y':
			if i > 0 {
				c = 'e'
			}
		case 'h':
			if i > 0 {
				continue
			}
		}
		if n := len(out); n > 0 && out[n-1] == c {
			continue
		}
		out = append(out, c)
	}
	return string(out)
}
