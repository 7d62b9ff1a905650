package round

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// stored is a row with its sealed part.
type stored struct {
	Round
	key    int64
	sealed []byte
}

func insert(tx *database.Tx, r *Round, key int64, sealed []byte) error {
	_, err := tx.Exec(`INSERT INTO round (number, unit, purpose, begun_by, begun_at, ends_on, members, waiting, key_id, sealed)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		r.Number, int64(r.Unit), r.Purpose, int64(r.By), r.BegunAt.UnixMicro(), r.EndsOn.String(), int64(r.Members), int64(r.Left), key, sealed)
	return err
}

func update(tx *database.Tx, row stored) error {
	_, err := tx.Exec(`UPDATE round SET waiting = $2, sealed = $3 WHERE number = $1`, row.Number, int64(row.Left), row.sealed)
	return err
}

func end(tx *database.Tx, number int64, at time.Time) error {
	_, err := tx.Exec(`UPDATE round SET ended_at = $2, sealed = $3 WHERE number = $1`, number, at.UnixMicro(), []byte{})
	return err
}

// drop forgets rounds that ended before a moment.
func drop(tx *database.Tx, before time.Time) (int, error) {
	n, err := tx.Exec(`DELETE FROM round WHERE ended_at < $1`, before.UnixMicro())
	return int(n), err
}

// over counts the rounds whose day has passed or that ended before a moment, and all.
func over(q database.Querier, today civil.Date, before time.Time) (due, all int, err error) {
	var n, total int64
	err = q.QueryRow(`SELECT COUNT(*) FROM round WHERE ended_at IS NULL AND ends_on < $1 OR ended_at < $2`, today.String(), before.UnixMicro()).Scan(&n)
	if err != nil {
		return 0, 0, err
	}
	err = q.QueryRow(`SELECT COUNT(*) FROM round`).Scan(&total)
	return int(n), int(total), err
}

// endBefore ends the rounds whose last day was before a day, and gives their keys.
func endBefore(tx *database.Tx, today civil.Date, at time.Time) (keys []int64, err error) {
	rows, err := tx.Query(`UPDATE round SET ended_at = $2, sealed = $3 WHERE ended_at IS NULL AND ends_on < $1 RETURNING key_id`,
		today.String(), at.UnixMicro(), []byte{})
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	return keys, rows.Err()
}

const columns = `number, unit, purpose, begun_by, begun_at, ends_on, members, waiting, ended_at, key_id, sealed`

func get(q database.Querier, number int64) (stored, error) {
	return scan(q.QueryRow(`SELECT `+columns+` FROM round WHERE number = $1`, number))
}

func open(q database.Querier) (all []Round, err error) {
	rows, err := q.Query(`SELECT ` + columns + ` FROM round WHERE ended_at IS NULL ORDER BY number DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		row, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, row.Round)
	}
	return all, rows.Err()
}

func scan(row interface{ Scan(...any) error }) (s stored, err error) {
	var id, by, begun, members, waiting int64
	var ended *int64
	var last string
	if err := row.Scan(&s.Number, &id, &s.Purpose, &by, &begun, &last, &members, &waiting, &ended, &s.key, &s.sealed); err != nil {
		return s, err
	}
	s.Unit, s.By, s.BegunAt, s.Members, s.Left = unit.ID(id), vault.PersonID(by), time.UnixMicro(begun).UTC(), int(members), int(waiting)
	if ended != nil {
		s.EndedAt = time.UnixMicro(*ended).UTC()
	}
	s.EndsOn, err = civil.ParseDate(last)
	return s, err
}
