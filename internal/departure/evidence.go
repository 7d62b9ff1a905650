package departure

import (
	"context"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Evidence knows under what a person's name stands that the law wants kept though they
// leave: agreements that they signed for a body (GDPR Art. 17(3)(e), 28(9)).
type Evidence interface {
	// Kept says what keeps the name, and until when, as the certificate tells it; Unit is
	// 0, since it stands in nobody's accounts.
	Kept(ctx context.Context, person vault.PersonID) ([]Kept, error)
	// Leaving fixes those days in the act that begins the erasure.
	Leaving(tx *database.Tx, person vault.PersonID) error
}
