package app

import (
	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/seal"
)

// connectSeal makes the seal that papers of more than one side carry (N2, N13).
func (h *House) connectSeal() {
	h.Seal = &seal.Service{
		DB: h.DB, Keyring: h.Keyring, Now: h.Now,
		Name: func() string { // as the association calls itself
			if root, ok := h.Units.Tree().Root(); ok && root.Name != "" {
				return root.Name
			}
			return h.Charter.Name.In(h.Charter.Languages[0])
		},
		Made: func(tx *database.Tx, number int64) error {
			_, err := h.Journal.Append(tx, &journal.Entry{Act: journal.SealCertificate, Right: string(access.System), Via: string(access.System), Number: number})
			return err
		},
	}
}
