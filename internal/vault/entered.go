package vault

import (
	"context"

	"kartotek/internal/database"
)

// Entered gives, for each person, the number of the newest entry the ledger has
// about them; 0 for none. What a copy of the keyring has confirmed is held
// against it.
func (k *Keyring) Entered(ctx context.Context, persons []PersonID) ([]int64, error) {
	seqs := make([]int64, len(persons))
	err := k.db.Read(ctx, func(q database.Querier) error {
		for i, p := range persons {
			if err := q.QueryRow(`SELECT coalesce(max(seq), 0) FROM ledger WHERE person = $1`, int64(p)).Scan(&seqs[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return seqs, err
}
