package record

import (
	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Keyless lists the keys that records were sealed under and that the keyring has
// neither nor calls destroyed: of a keyring just rebuilt, those that were in no
// copy. It reads the whole register.
func (s *Store) Keyless(q database.Querier) ([]vault.Key, error) {
	rows, err := q.Query(`SELECT DISTINCT person, class FROM record ORDER BY person, class`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lost []vault.Key
	for rows.Next() {
		var person, class int64
		if err := rows.Scan(&person, &class); err != nil {
			return nil, err
		}
		key := vault.Key{Person: vault.PersonID(person), Class: vault.Class(class)}
		if !s.keyring.Accounts(key) {
			lost = append(lost, key)
		}
	}
	return lost, rows.Err()
}
