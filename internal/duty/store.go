package duty

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

func insert(tx *database.Tx, d *Duty) error {
	var person, body any
	if d.Person != 0 {
		person = int64(d.Person)
	}
	if d.Unit != 0 {
		body = int64(d.Unit)
	}
	_, err := tx.Exec(`INSERT INTO duty (id, kind, subject, unit, person, post, due_on, created_at, outcome)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, '')`,
		d.ID, string(d.Kind), d.Subject, body, person, d.Act, d.DueOn.String(), d.CreatedAt.UnixMicro())
	return err
}

func finish(tx *database.Tx, kind Kind, subject int64, by vault.PersonID, outcome string) (int64, error) {
	return tx.Exec(`UPDATE duty SET done_at = $3, done_by = $4, outcome = $5 WHERE kind = $1 AND subject = $2 AND done_at IS NULL`,
		string(kind), subject, tx.Now().UnixMicro(), int64(by), outcome)
}

func finishOf(tx *database.Tx, kind Kind, subject int64, person, by vault.PersonID, outcome string) (int64, error) {
	return tx.Exec(`UPDATE duty SET done_at = $3, done_by = $4, outcome = $5
		WHERE kind = $1 AND subject = $2 AND done_at IS NULL AND COALESCE(person, 0) = $6`,
		string(kind), subject, tx.Now().UnixMicro(), int64(by), outcome, int64(person))
}

func finishIn(tx *database.Tx, kind Kind, subject int64, body unit.ID, by vault.PersonID, outcome string) (int64, error) {
	return tx.Exec(`UPDATE duty SET done_at = $3, done_by = $4, outcome = $5
		WHERE kind = $1 AND subject = $2 AND done_at IS NULL AND COALESCE(unit, 0) = $6`,
		string(kind), subject, tx.Now().UnixMicro(), int64(by), outcome, int64(body))
}

// query reads the duties a condition selects, by deadline and id.
func query(q database.Querier, where string, args ...any) ([]Duty, error) {
	rows, err := q.Query(`SELECT id, kind, subject, unit, person, post, due_on, created_at, done_at, done_by, outcome, reminded_at, escalated_at
		FROM duty WHERE `+where+` ORDER BY due_on, id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Duty
	for rows.Next() {
		var d Duty
		var body, person, doneAt, doneBy, reminded, escalated *int64
		var kind, due string
		var created int64
		if err := rows.Scan(&d.ID, &kind, &d.Subject, &body, &person, &d.Act, &due, &created, &doneAt, &doneBy,
			&d.Outcome, &reminded, &escalated); err != nil {
			return nil, err
		}
		if d.DueOn, err = civil.ParseDate(due); err != nil {
			return nil, err
		}
		d.Kind, d.CreatedAt = Kind(kind), time.UnixMicro(created).UTC()
		d.Unit, d.Person, d.DoneBy = unit.ID(number(body)), vault.PersonID(number(person)), vault.PersonID(number(doneBy))
		d.DoneAt, d.RemindedAt, d.EscalatedAt = moment(doneAt), moment(reminded), moment(escalated)
		all = append(all, d)
	}
	return all, rows.Err()
}

func number(n *int64) int64 {
	if n == nil {
		return 0
	}
	return *n
}

func moment(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micros).UTC()
}
