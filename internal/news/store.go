package news

import (
	"time"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/unit"
)

// period is the key that items are sealed under at present.
var period = record.Period{Name: "news", Life: keyLife}

func insert(tx *database.Tx, it *item, key int64, sealed []byte) error {
	id, err := tx.Next("news")
	if err != nil {
		return err
	}
	var persons uint64
	for _, set := range it.groups {
		persons += set.GetCardinality()
	}
	_, err = tx.Exec(`INSERT INTO news (id, unit, kind, at, persons, key_id, sealed) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		id, int64(it.only()), int64(it.kind), tx.Now().UnixMicro(), int64(persons), key, sealed)
	return err
}

// stored is a row as it is read.
type stored struct {
	kind   Kind
	key    int64
	sealed []byte
}

// read gives the rows since a time, the oldest first: of one body and of those
// that share their items with others, or all where only is 0.
func read(q database.Querier, since time.Time, only unit.ID) (all []stored, err error) {
	query, args := `SELECT kind, key_id, sealed FROM news WHERE at > $1 ORDER BY id`, []any{since.UnixMicro()}
	if only != 0 {
		query = `SELECT kind, key_id, sealed FROM news WHERE at > $1 AND unit IN (0, $2) ORDER BY id`
		args = append(args, int64(only))
	}
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var r stored
		var kind int64
		if err := rows.Scan(&kind, &r.key, &r.sealed); err != nil {
			return nil, err
		}
		r.kind = Kind(kind)
		all = append(all, r)
	}
	return all, rows.Err()
}

func prune(tx *database.Tx, before time.Time) (int, error) {
	n, err := tx.Exec(`DELETE FROM news WHERE at < $1`, before.UnixMicro())
	return int(n), err
}

// over counts what prune would take, and all.
func over(q database.Querier, before time.Time) (due, all int, err error) {
	var n, total int64
	if err = q.QueryRow(`SELECT COUNT(*) FROM news WHERE at < $1`, before.UnixMicro()).Scan(&n); err != nil {
		return 0, 0, err
	}
	err = q.QueryRow(`SELECT COUNT(*) FROM news`).Scan(&total)
	return int(n), int(total), err
}
