package notice

import (
	"slices"
	"strings"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// transition is one arrow of the package's diagram.
type transition struct{ from, to State }

var transitions = []transition{{Told, Acknowledged}, {Told, Refused}, {Told, Effort}, {Refused, Acknowledged}, {Effort, Acknowledged}}

func (s State) canBecome(next State) bool { return slices.Contains(transitions, transition{s, next}) }

// Open reports whether the holder still has to answer.
func (n *Notice) Open() bool { return n.State == Told }

// check settles what was typed of a holder.
func (h *Holder) check(c *charter.Charter) error {
	invalid := fault.New(fault.Invalid, "notice.error.holder")
	h.Name, h.Country = strings.TrimSpace(h.Name), strings.ToUpper(strings.TrimSpace(h.Country))
	if h.Name == "" || len(h.Name) > 200 {
		invalid = invalid.With("name", "notice.error.name")
	}
	if len(h.Country) != 2 || strings.Trim(h.Country, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != "" {
		invalid = invalid.With("country", "notice.error.country")
	}
	if !slices.Contains(Roles, h.Role) {
		invalid = invalid.With("role", "notice.error.role")
	}
	if !slices.Contains(AllTells, h.Tells) {
		invalid = invalid.With("tells", "notice.error.tells")
	}
	if email, ok := locale.ParseEmail(h.Email); ok {
		h.Email = email
	} else {
		invalid = invalid.With("email", "notice.error.email")
	}
	if strings.TrimSpace(h.Basis) == "" {
		invalid = invalid.With("basis", "notice.error.basis")
	}
	if h.Language == "" {
		h.Language = c.Lang()
	}
	for _, code := range h.Purposes {
		if _, known := c.Purpose(code); !known {
			invalid = invalid.With("purposes", "notice.error.purposes")
			break
		}
	}
	for _, code := range h.Fields {
		if _, known := c.Field(code); !known {
			invalid = invalid.With("fields", "notice.error.fields")
			break
		}
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// concerns reports whether a change is of anything the holder got: all of somebody
// who is erased or restricted, what was corrected otherwise.
func concerns(got []string, why Why, changed []string) bool {
	return why != Corrected || len(got) == 0 || slices.ContainsFunc(changed, func(code string) bool { return slices.Contains(got, code) })
}

// shown is what of a correction concerns somebody who got some fields.
func shown(got []string, changed []string) (fields []string) {
	for _, code := range changed {
		if len(got) == 0 || slices.Contains(got, code) {
			fields = append(fields, code)
		}
	}
	return fields
}

// within reports whether somebody of these bodies is among those the holder gets.
func (h *Holder) within(bodies []unit.ID) bool {
	return len(h.Bodies) == 0 || slices.ContainsFunc(bodies, func(b unit.ID) bool { return slices.Contains(h.Bodies, b) })
}
