package access

import (
	"slices"

	"kartotek/internal/vault"
)

// WithAccess lists the persons who hold, today or from a day to come, what opens
// member data: those whom the door asks for a second factor.
func (r *Register) WithAccess() []vault.PersonID {
	today := r.today().number
	var persons []vault.PersonID
	for _, h := range r.list(func(_ vault.PersonID, h *holding) bool { return h.may != 0 && today <= h.last }) {
		persons = append(persons, h.Person)
	}
	slices.Sort(persons)
	return slices.Compact(persons)
}
