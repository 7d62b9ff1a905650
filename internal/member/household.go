package member

import (
	"crypto/rand"
	"encoding/binary"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Tie says that a person is one of a household: a couple, a family, those who
// share an address or a mailbox. Its number is random and means nothing but
// "the same": it names nobody, so what stands with the others when one of them
// is erased points nowhere. Consents, objections and votes stay each person's
// own; a household shares nothing but being written to together.
type Tie struct {
	Household uint64     // 0: alone
	Since     civil.Date // when it was recorded
	Apart     uint64     // not 0: no household with whoever has the same number, whatever looks alike
}

// Ties are records of the person, id 1: a person is in one household.
var Ties = record.Declare(record.Kind[Tie]{
	Number: 5, Name: "household", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, t *Tie) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, t.Household).Date(2, t.Since).Uint(3, t.Apart).Bytes
	},
	Decode: func(src []byte, t *Tie) error {
		*t = Tie{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				t.Household = r.Uint()
			case 2:
				t.Since = r.Date()
			case 3:
				t.Apart = r.Uint()
			}
		}
		return r.Err()
	},
	Words: func(t *Tie) []record.Line {
		lines := []record.Line{{Key: "member.field.household", ValueKey: "member.yes"}}
		if t.Household == 0 {
			lines[0].ValueKey = "member.no"
		}
		if !t.Since.IsZero() {
			lines = append(lines, record.Line{Key: "member.field.from", Value: dateValue(t.Since)})
		}
		return lines
	},
})

const tieID = 1

// newHousehold is a number that no household has; Apart draws from the same.
func newHousehold() uint64 {
	var b [8]byte
	rand.Read(b[:])
	return binary.LittleEndian.Uint64(b[:])>>1 | 1
}

// Addressee is one of those a letter is for.
type Addressee struct{ Given, Family string }

// Name is the full name, given names first.
func (a Addressee) Name() string { return fullName(a.Given, a.Family) }

// JointName is what stands on a letter to several persons of a household: two of
// one family name as a couple, more as the family, others each by name.
func JointName(p *locale.Printer, all []Addressee) string {
	if len(all) == 0 {
		return ""
	}
	one := all[0].Family != "" && !slices.ContainsFunc(all, func(a Addressee) bool { return a.Family != all[0].Family || a.Given == "" })
	switch {
	case len(all) == 1:
		return all[0].Name()
	case one && len(all) == 2:
		return p.T("member.household.couple", "first", all[0].Given, "second", all[1].Given, "family", all[0].Family)
	case one:
		return p.T("member.household.family", "family", all[0].Family)
	}
	names := make([]string, len(all))
	for i, a := range all {
		names[i] = a.Name()
	}
	return p.List(names)
}
