package extract

import (
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

func insertException(tx *database.Tx, e *Exception) error {
	until := ""
	if !e.Until.IsZero() {
		until = e.Until.String()
	}
	_, err := tx.Exec(`INSERT INTO extract_exception (id, number, state, person, holder, asked_at, from_day, until_day)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		e.ID, e.Number, string(e.Standing), int64(e.By), int64(e.Holder), e.AskedAt.UnixMicro(), e.From.String(), until)
	return err
}

// settle writes what was decided.
func settle(tx *database.Tx, e *Exception) error {
	e.DecidedAt = tx.Now()
	_, err := tx.Exec(`UPDATE extract_exception SET state = $2, decided_by = $3, decided_at = $4 WHERE id = $1`,
		e.ID, string(e.Standing), int64(e.DecidedBy), e.DecidedAt.UnixMicro())
	return err
}

// exceptions reads those a condition selects, the oldest first, without their words.
func exceptions(q database.Querier, where string, args ...any) ([]Exception, error) {
	rows, err := q.Query(`SELECT id, number, state, person, holder, asked_at, from_day, until_day, decided_by, decided_at
		FROM extract_exception `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Exception
	for rows.Next() {
		var e Exception
		var by, holder, asked int64
		var state, from, until string
		var decidedBy, decidedAt *int64
		if err := rows.Scan(&e.ID, &e.Number, &state, &by, &holder, &asked, &from, &until, &decidedBy, &decidedAt); err != nil {
			return nil, err
		}
		if e.From, err = civil.ParseDate(from); err != nil {
			return nil, err
		}
		if until != "" {
			if e.Until, err = civil.ParseDate(until); err != nil {
				return nil, err
			}
		}
		e.Standing, e.By, e.Holder = Standing(state), vault.PersonID(by), vault.PersonID(holder)
		e.AskedAt, e.DecidedAt = time.UnixMicro(asked).UTC(), moment(decidedAt)
		if decidedBy != nil {
			e.DecidedBy = vault.PersonID(*decidedBy)
		}
		all = append(all, e)
	}
	return all, rows.Err()
}

// prolong gives a list another last day.
func prolong(tx *database.Tx, number int64, until civil.Date) error {
	_, err := tx.Exec(`UPDATE extract SET destroy_by = $2 WHERE number = $1`, number, until.String())
	return err
}

// lose marks what one holder has of a list as lost.
func lose(tx *database.Tx, number, pass int64, by vault.PersonID) error {
	if pass != 0 {
		_, err := tx.Exec(`UPDATE extract_pass SET lost_at = $2, attested_by = $3 WHERE id = $1`, pass, tx.Now().UnixMicro(), int64(by))
		return err
	}
	_, err := tx.Exec(`UPDATE extract SET lost_at = $2, attested_by = $3 WHERE number = $1`, number, tx.Now().UnixMicro(), int64(by))
	return err
}

// goneWith reports whether a record is missing since its person is.
func goneWith(err error) bool {
	return errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) || errors.Is(err, vault.ErrTampered)
}
