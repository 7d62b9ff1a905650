package mail

import (
	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// DropServed takes out of a register that was brought back every mail whose key
// is gone: it was sent, or its time was over, after the archive was written. What
// still has its key was never handed over, and goes out. So nothing is sent twice.
func DropServed(tx *database.Tx, keys *vault.Keyring) (dropped int, err error) {
	rows, err := tx.Query(`SELECT id, key_id FROM mail WHERE failed_at IS NULL ORDER BY id`)
	if err != nil {
		return 0, err
	}
	var served []int64
	for rows.Next() {
		var id, key int64
		if err := rows.Scan(&id, &key); err != nil {
			return 0, err
		}
		if !keys.HoldsOneOff(key) {
			served = append(served, id)
		}
	}
	if err := rows.Err(); err != nil {
		return 0, err
	}
	for _, id := range served {
		if err := remove(tx, id); err != nil {
			return 0, err
		}
	}
	return len(served), nil
}
