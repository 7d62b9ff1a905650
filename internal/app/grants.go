package app

import "kartotek/internal/grant"

// connectGrants makes the procedure of documented access (D9).
func (h *House) connectGrants() {
	h.Grants = grant.New(grant.Parts{
		Charter: h.Charter, DB: h.DB, Records: h.Records, Journal: h.Journal, Units: h.Units, Members: h.Members,
		Access: h.Access, Duties: h.Duties, Now: h.Now,
	})
}
