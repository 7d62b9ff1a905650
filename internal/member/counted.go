package member

import (
	"kartotek/internal/access"
	"kartotek/internal/unit"
)

// Counted is how many members a Scope reaches: by which a part of them is measured that
// is to be closed at once (D6). It names nobody.
func (d *Directory) Counted(s access.Scope) int {
	if !s.Allowed() {
		return 0
	}
	if s.All() {
		return d.Total()
	}
	n := 0
	for _, id := range s.Units().ToArray() {
		n += d.Count(unit.ID(id))
	}
	return n
}
