package charter

import "math/bits"

// Acts is a set of things a right allows; a single act is a set of one bit.
// The zero value allows nothing.
type Acts uint32

// The acts a post or a position may list under `may`.
const (
	Search      Acts = 1 << iota // find members by name, number, e-mail, phone
	View                         // open a member's card
	Edit                         // change a member's card
	Create                       // add a member
	Import                       // read members from a file
	Pull                         // pull a member list (D2, D12)
	PassOn                       // pass a resignation to the secretariat (D6)
	Close                        // close a membership (D6)
	Appoint                      // fill and end posts (D8, D10)
	Staff                        // give and end staff positions (D4)
	Access                       // see who has access (D3)
	Journal                      // read the journal
	Units                        // add, rename, close bodies
	Collect                      // set rates, charge, take payments, remind (L7)
	Accounts                     // see what is kept for the accounts of those who have left (L7)
	Hold                         // have an erasure wait, and end that (GDPR Art. 17(3), 18)
	LookThrough                  // answer in a review of access (D14)

	AllActs = LookThrough<<1 - 1
)

// actCodes are the acts' names in a charter, by bit.
var actCodes = [...]string{
	"search", "view", "edit", "create", "import", "pull", "pass-on", "close",
	"appoint", "staff", "access", "journal", "units", "dues",
	"accounts", "hold", "review",
}

// ParseAct gives the act a charter calls code.
func ParseAct(code string) (Acts, bool) {
	for i, known := range actCodes {
		if known == code {
			return 1 << i, true
		}
	}
	return 0, false
}

// Has reports whether every act of want is in the set; false for no act at all,
// so that a forgotten act is denied.
func (a Acts) Has(want Acts) bool { return want != 0 && a&want == want }

// Codes gives the acts' names in a charter, in their fixed order.
func (a Acts) Codes() []string {
	codes := make([]string, 0, bits.OnesCount32(uint32(a)))
	for i, code := range actCodes {
		if a&(1<<i) != 0 {
			codes = append(codes, code)
		}
	}
	return codes
}

// String gives one act's name without allocating, or the names joined by "+".
func (a Acts) String() string {
	if i := bits.TrailingZeros32(uint32(a)); i < len(actCodes) && a == 1<<i {
		return actCodes[i]
	}
	joined := ""
	for i, code := range a.Codes() {
		if i > 0 {
			joined += "+"
		}
		joined += code
	}
	return joined
}

// FieldSet is a set of the charter's fields: bit i is Fields[i].
type FieldSet uint64

// maxFields is what a FieldSet can hold.
const maxFields = 64

// Has reports whether all of want is in the set; false for no field at all.
func (s FieldSet) Has(want FieldSet) bool { return want != 0 && s&want == want }

// FieldSet gives the set of the named fields; unknown codes are left out.
func (c *Charter) FieldSet(codes ...string) FieldSet {
	var set FieldSet
	for _, code := range codes {
		if f, ok := c.Field(code); ok {
			set |= f.Bit
		}
	}
	return set
}
