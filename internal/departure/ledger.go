package departure

import (
	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Ledger moves what somebody owes and has paid when two entries become one: it is
// one person's, whichever entry it was charged to.
type Ledger interface {
	MoveAccount(tx *database.Tx, from, to vault.PersonID) error
	MoveAccountBack(tx *database.Tx, kept, other vault.PersonID) error
}
