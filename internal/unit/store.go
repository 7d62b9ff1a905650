package unit

import (
	"time"

	"kartotek/internal/database"
)

// readAll reads every body.
func readAll(q database.Querier) ([]Unit, error) {
	rows, err := q.Query(`SELECT id, parent, level, code, name, accounts, seat, year_ends, created_at, closed_at FROM unit ORDER BY id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var units []Unit
	for rows.Next() {
		var u Unit
		var parent, closed *int64
		var created, accounts, ends int64
		if err := rows.Scan(&u.ID, &parent, &u.Level, &u.Code, &u.Name, &accounts, &u.Seat, &ends, &created, &closed); err != nil {
			return nil, err
		}
		if parent != nil {
			u.Parent = ID(*parent)
		}
		u.Accounts, u.YearEnds, u.Created = accounts != 0, time.Month(ends), time.UnixMicro(created).UTC()
		if closed != nil {
			u.Closed, u.ClosedAt = true, time.UnixMicro(*closed).UTC()
		}
		units = append(units, u)
	}
	return units, rows.Err()
}

// insert writes a new body and gives it its number.
func insert(tx *database.Tx, u *Unit) error {
	number, err := tx.Next("unit")
	if err != nil {
		return err
	}
	u.ID, u.Created = ID(number), tx.Now()
	_, err = tx.Exec(`INSERT INTO unit (id, parent, level, code, name, accounts, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		number, orNull(int64(u.Parent)), u.Level, u.Code, u.Name, number01(u.Accounts), u.Created.UnixMicro())
	return err
}

// update writes what may change of a body.
func update(tx *database.Tx, u Unit) error {
	var closed *int64
	if u.Closed {
		at := u.ClosedAt.UnixMicro()
		closed = &at
	}
	_, err := tx.Exec(`UPDATE unit SET name = $1, accounts = $2, closed_at = $3, seat = $5, year_ends = $6 WHERE id = $4`,
		u.Name, number01(u.Accounts), closed, int64(u.ID), u.Seat, int64(u.YearEnds))
	return err
}

func orNull(n int64) *int64 {
	if n == 0 {
		return nil
	}
	return &n
}

func number01(yes bool) int64 {
	if yes {
		return 1
	}
	return 0
}
