package access

import "kartotek/internal/vault"

// HolderOf is who holds a post or position, by the holding's number: of a cover's
// ground, whoever is away (D12: their late lists hold up the cover as well).
func (r *Register) HolderOf(id uint64) (vault.PersonID, bool) {
	person, h := r.state.Load().find(id)
	return person, h != nil
}
