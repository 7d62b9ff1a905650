package journal

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
)

// pruneAtOnce is how many entries one act prunes, so that other acts need not wait long.
const pruneAtOnce = 500

// Prune deletes bodies, salts and persons of the entries kept until before now,
// and returns how many. Their leaves stay, so the tree still verifies, and what
// they said can no longer be guessed from them: the salt is gone. That something
// was pruned is an entry itself. The bytes leave the disk with the next
// database.Forget. Nothing goes before the machine's clock agrees.
func (j *Journal) Prune(ctx context.Context, now time.Time) (int, error) {
	if j.readOnly {
		return 0, ErrReading
	}
	total := 0
	for {
		var due []int64
		err := j.db.Write(ctx, func(tx *database.Tx) (err error) {
			if due, err = readDue(tx, now.UnixMicro()); err != nil {
				return err
			}
			for _, id := range due {
				if _, err := tx.Exec(`DELETE FROM journal_person WHERE entry = $1`, id); err != nil {
					return err
				}
				if _, err := tx.Exec(`DELETE FROM journal_body WHERE entry = $1`, id); err != nil {
					return err
				}
			}
			if len(due) < pruneAtOnce && total+len(due) > 0 {
				_, err = j.Append(tx, &Entry{Act: Prune, Right: "system", Number: int64(total + len(due))})
			}
			return err
		})
		if err != nil {
			return total, err
		}
		if len(due) > 0 {
			j.catalogue.forget()
		}
		if total += len(due); len(due) < pruneAtOnce {
			return total, nil
		}
	}
}

// readDue finds entries whose retention has ended. What waits for its position
// is left alone: it must first be in the tree.
func readDue(q database.Querier, now int64) ([]int64, error) {
	found, err := q.Query(`SELECT b.entry FROM journal_body b JOIN journal_position p ON p.entry = b.entry
		WHERE b.keep_until < $1 ORDER BY b.keep_until LIMIT $2`, now, int64(pruneAtOnce))
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

// Set is a set of persons, for Entry.Persons.
func Set(persons ...uint32) *roaring.Bitmap { return roaring.BitmapOf(persons...) }
