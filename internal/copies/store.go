package copies

import (
	"time"

	"kartotek/internal/database"
)

// put writes the record of a place; one that has no number yet gets it.
func put(tx *database.Tx, r *row) error {
	if r.Number == 0 {
		number, err := tx.Next("key_copy")
		if err != nil {
			return err
		}
		r.Number = number
	}
	_, err := tx.Exec(`INSERT INTO key_copy (number, address, ledger, confirmed_at, verified_at, failing_at, problem, repaired)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
		ON CONFLICT (number) DO UPDATE SET ledger = excluded.ledger, confirmed_at = excluded.confirmed_at,
			verified_at = excluded.verified_at, failing_at = excluded.failing_at, problem = excluded.problem, repaired = excluded.repaired`,
		r.Number, r.Address, r.Ledger, micros(r.ConfirmedAt), micros(r.VerifiedAt), micros(r.FailingAt), string(r.Problem), r.Repaired)
	return err
}

func remove(tx *database.Tx, number int64) error {
	_, err := tx.Exec(`DELETE FROM key_copy WHERE number = $1`, number)
	return err
}

func query(q database.Querier) ([]*row, error) {
	rows, err := q.Query(`SELECT number, address, ledger, confirmed_at, verified_at, failing_at, problem, repaired FROM key_copy ORDER BY number`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []*row
	for rows.Next() {
		r := &row{}
		var confirmed, verified, failing *int64
		var problem string
		if err := rows.Scan(&r.Number, &r.Address, &r.Ledger, &confirmed, &verified, &failing, &problem, &r.Repaired); err != nil {
			return nil, err
		}
		r.ConfirmedAt, r.VerifiedAt, r.FailingAt = moment(confirmed), moment(verified), moment(failing)
		r.Problem, r.base = Problem(problem), r.Repaired
		all = append(all, r)
	}
	return all, rows.Err()
}

func micros(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func moment(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micros).UTC()
}
