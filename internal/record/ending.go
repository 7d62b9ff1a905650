package record

import (
	"context"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// A record may have an end of its own, while the person stays: proof of a consent
// that was withdrawn, say (L5). The day stands beside it in the clear, so that it is
// found without opening anything.

// Ends gives a record its end, in the act's own transaction.
func Ends[T any](tx *database.Tx, k *Kind[T], person vault.PersonID, id uint64, at time.Time) error {
	rows, err := tx.Exec(`UPDATE record SET due_at = $4 WHERE kind = $1 AND person = $2 AND id = $3`,
		int64(k.Number), int64(person), int64(id), at.UnixMicro())
	if err == nil && rows == 0 {
		err = database.ErrNotFound
	}
	return err
}

// Due counts the records of a class whose own end has come by a moment, and all of
// the class.
func (s *Store) Due(ctx context.Context, class vault.Class, by time.Time) (due, all int, err error) {
	var n, total int64
	err = s.db.Read(ctx, func(q database.Querier) error {
		if err := q.QueryRow(`SELECT COUNT(*) FROM record WHERE due_at <= $1 AND class = $2`, by.UnixMicro(), int64(class)).Scan(&n); err != nil {
			return err
		}
		kinds := Kinds()
		for i := range kinds {
			if kinds[i].Class != class {
				continue
			}
			var count int64
			if err := q.QueryRow(`SELECT COUNT(*) FROM record WHERE kind = $1`, int64(kinds[i].Number)).Scan(&count); err != nil {
				return err
			}
			total += count
		}
		return nil
	})
	return int(n), int(total), err
}

// End deletes the records of a class whose own end had come by a moment, and says
// how many.
func (s *Store) End(ctx context.Context, class vault.Class, by time.Time) (gone int, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`DELETE FROM record WHERE due_at <= $1 AND class = $2`, by.UnixMicro(), int64(class))
		gone = int(n)
		return err
	})
	return gone, err
}
