package access

import (
	"slices"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// InPost lists who holds or covers one of some posts in a body today, or one of those
// positions, also where that opens no member data (N2): duties go to them. A post that
// rests or is suspended is left out.
func (r *Register) InPost(body unit.ID, codes ...string) []Holding {
	state, today := r.state.Load(), r.today().number
	return r.list(func(_ vault.PersonID, h *holding) bool {
		here := h.basis.OfPost() && h.basis.Unit == body || h.basis.Right == ByPosition
		return here && slices.Contains(codes, h.basis.Code) && today >= h.first && today <= h.last &&
			!state.resting(h.basis.ID, today) && !state.halted(h.basis.ID)
	})
}
