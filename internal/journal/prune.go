package journal

import (
	"context"
	"slices"
	"time"

	"kartotek/internal/database"
)

// pruneAtOnce is how many entries one act prunes, so that other acts need not wait long.
const pruneAtOnce = 500

// Prune deletes bodies, salts and persons of the entries kept until before now,
// and returns how many. Their leaves stay, so the tree still verifies, and what
// they said can no longer be guessed from them: the salt is gone. That something
// was pruned is an entry itself, with the number as its Number. The bytes leave
// the disk with the next database.Forget. Nothing goes before the machine's
// clock agrees (database.ErrRefused).
func (j *Journal) Prune(ctx context.Context, now time.Time) (int, error) {
	if j.readOnly {
		return 0, ErrReading
	}
	var due []int64
	err := j.db.Read(ctx, func(q database.Querier) (err error) {
		due, err = readDue(q, now.UnixMicro())
		return err
	})
	if err != nil || len(due) == 0 {
		return 0, err
	}
	defer j.catalogue.forget()
	done := 0
	for some := range slices.Chunk(due, pruneAtOnce) {
		err := j.db.Write(ctx, func(tx *database.Tx) error {
			for _, id := range some {
				if _, err := tx.Exec(`DELETE FROM journal_person WHERE entry = $1`, id); err != nil {
					return err
				}
				if _, err := tx.Exec(`DELETE FROM journal_body WHERE entry = $1`, id); err != nil {
					return err
				}
			}
			_, err := j.Append(tx, &Entry{Act: Prune, Right: "system", Number: int64(len(some))})
			return err
		})
		if err != nil {
			return done, err
		}
		done += len(some)
	}
	return done, nil
}

// Due counts the entries whose retention has ended before a moment, and all that
// still say anything.
func (j *Journal) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	var n, total int64
	err = j.db.Read(ctx, func(q database.Querier) error {
		err := q.QueryRow(`SELECT COUNT(*) FROM journal_entry e
			JOIN journal_body b ON b.entry = e.id JOIN journal_position p ON p.entry = e.id WHERE e.keep_until < $1`, by.UnixMicro()).Scan(&n)
		if err != nil {
			return err
		}
		return q.QueryRow(`SELECT COUNT(*) FROM journal_body`).Scan(&total)
	})
	return int(n), int(total), err
}

// readDue finds entries whose retention has ended. What waits for its position
// is left alone: it must first be in the tree.
func readDue(q database.Querier, now int64) ([]int64, error) {
	found, err := q.Query(`SELECT e.id FROM journal_entry e
		JOIN journal_body b ON b.entry = e.id JOIN journal_position p ON p.entry = e.id
		WHERE e.keep_until < $1 ORDER BY e.id`, now)
	if err != nil {
		return nil, err
	}
	var due []int64
	for found.Next() {
		var id int64
		if err := found.Scan(&id); err != nil {
			return nil, err
		}
		due = append(due, id)
	}
	return due, found.Err()
}
