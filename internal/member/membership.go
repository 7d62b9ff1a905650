package member

import (
	"strconv"

	"github.com/golang-sql/civil"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Membership says that a person belongs to a body. Its record's id is the
// body's: a person belongs to a body once. Somebody without any association
// belongs to the root.
type Membership struct {
	Unit     unit.ID
	Category string     // a code of the charter; empty is the first
	From     civil.Date // zero when nobody knows
	Until    civil.Date // last day; zero while it has no end
	State    string     // Active or Passive
}

// States of a membership. One that has ended has no record: nothing is kept
// for history's sake (N14).
const (
	Active  = ""        // counts and is found
	Passive = "passive" // belongs, without the rights the bylaws tie to dues paid
)

// Memberships are records of the person, by the body's id.
var Memberships = record.Declare(record.Kind[Membership]{
	Number: 2, Name: "membership", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, m *Membership) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(m.Unit)).String(2, m.Category).Date(3, m.From).Date(4, m.Until).String(5, m.State).Bytes
	},
	Decode: func(src []byte, m *Membership) error {
		*m = Membership{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				m.Unit = unit.ID(r.Uint())
			case 2:
				m.Category = known(r.Blob())
			case 3:
				m.From = r.Date()
			case 4:
				m.Until = r.Date()
			case 5:
				m.State = known(r.Blob())
			}
		}
		return r.Err()
	},
	Words: func(m *Membership) []record.Line {
		lines := []record.Line{{Key: "member.field.unit", Value: strconv.FormatUint(uint64(m.Unit), 10)}}
		for _, fact := range [...]struct{ code, value string }{
			{"category", m.Category}, {"from", dateValue(m.From)}, {"until", dateValue(m.Until)},
		} {
			if fact.value != "" {
				lines = append(lines, record.Line{Key: "member.field." + fact.code, Value: fact.value})
			}
		}
		if m.State == Passive {
			lines = append(lines, record.Line{Key: "member.field.state", ValueKey: "member.state.passive"})
		}
		return lines
	},
})

// known gives the codes nearly every membership carries without allocating.
func known(code []byte) string {
	switch string(code) {
	case "member":
		return "member"
	case Passive:
		return Passive
	}
	return string(code)
}
