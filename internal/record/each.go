package record

import (
	"fmt"
	"iter"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// entries gives places among the records of many persons, and what goes there.
type entries[T any] = func(yield func(person vault.PersonID, id uint64, v *T) bool)

// CreateEach is Create for many records at once, several times as fast. Where one
// exists already the error is database.ErrConflict and the act must end.
func CreateEach[T any](s *Store, tx *database.Tx, k *Kind[T], all entries[T]) error {
	o := s.keyring.Opener()
	var failed error
	rows := iter.Seq[[]any](func(yield func([]any) bool) {
		var plain []byte
		all(func(person vault.PersonID, id uint64, v *T) bool {
			label := vault.Label{Person: person, Class: k.Class, Kind: k.Number, ID: id, Version: 1}
			plain = k.Encode(plain[:0], v)
			var sealed []byte
			if sealed, failed = o.Seal(nil, label, plain); failed != nil {
				failed = fmt.Errorf("record: sealing %s: %w", k.Name, failed)
				return false
			}
			return yield([]any{int64(k.Number), int64(person), int64(id), int64(k.Class), int64(1), sealed})
		})
	})
	_, err := tx.ExecEach(`INSERT INTO record (kind, person, id, class, version, sealed) VALUES ($1, $2, $3, $4, $5, $6)`, rows)
	if failed != nil {
		return failed
	}
	return err
}
