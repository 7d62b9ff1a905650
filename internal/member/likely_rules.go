package member

import (
	"slices"
	"strings"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
)

// Alike is why two entries could be of one person.
type Alike uint8

const (
	AlikeName Alike = iota
	AlikeGiven
	AlikeBirth
	AlikeEmail
	AlikePhone
	AlikeAddress
	alikes
)

var alikeNames = [alikes]string{"name", "given", "birth", "email", "phone", "address"}

// Key is the reason's message key.
func (a Alike) Key() string { return "member.alike." + alikeNames[a] }

// String is the reason's stable name.
func (a Alike) String() string { return alikeNames[a] }

// weights of what two entries have in common. A pair is likely from enough on:
// the same name with anything more than a postal town, or a first name with birth
// date and a way to reach them, as of somebody who married.
var weights = [alikes]int{AlikeName: 40, AlikeGiven: 15, AlikeBirth: 40, AlikeEmail: 25, AlikePhone: 20, AlikeAddress: 20}

const enough = 60

// signs is what entries are compared by.
type signs struct {
	given, family, name string // folded
	birth               civil.Date
	email, phone        string
	mobile, address     string
}

func signsOf(p *Profile) signs {
	t := signs{
		given: locale.Fold(p.Given), family: locale.Fold(p.Family), birth: p.Birth,
		email: strings.ToLower(p.Email), phone: p.Phone, mobile: p.Mobile,
	}
	words := append(strings.Fields(t.given), strings.Fields(t.family)...)
	slices.Sort(words) // "Berg Anna" is Anna Berg
	t.name = strings.Join(words, " ")
	if p.Street != "" && !p.SecretAddress { // a reason given would tell it
		t.address = locale.Fold(p.Street + " " + p.Postal + " " + p.Country)
	}
	return t
}

// judge says how likely two entries are of one person, and why; 0 for people
// who are two: those of a family share mailbox and address, twins the birthday.
func judge(a, b *signs) (score int, why []Alike) {
	add := func(reason Alike) {
		why = append(why, reason)
		score += weights[reason]
	}
	switch {
	case a.name != "" && a.name == b.name:
		add(AlikeName)
	case firstWord(a.given) != "" && firstWord(a.given) == firstWord(b.given):
		add(AlikeGiven)
	default:
		return 0, nil
	}
	switch {
	case a.birth.IsZero() || b.birth.IsZero():
	case a.birth == b.birth:
		add(AlikeBirth)
	default:
		return 0, nil // father and son, of one name
	}
	if a.email != "" && a.email == b.email {
		add(AlikeEmail)
	}
	if samePhone(a, b) {
		add(AlikePhone)
	}
	if a.address != "" && a.address == b.address {
		add(AlikeAddress)
	}
	if score < enough {
		return 0, nil
	}
	return score, why
}

func samePhone(a, b *signs) bool {
	for _, one := range [...]string{a.phone, a.mobile} {
		if one != "" && (one == b.phone || one == b.mobile) {
			return true
		}
	}
	return false
}

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
