package departure

import (
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

func insert(tx *database.Tx, d *Departure) error {
	_, err := tx.Exec(`INSERT INTO departure (person, state, closed_by, closed_at, due_at, entry, certificate, step)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
		int64(d.Person), string(d.State), int64(d.ClosedBy), d.ClosedAt.UnixMicro(), d.DueAt.UnixMicro(), d.Entry, d.Certificate)
	return err
}

func remove(tx *database.Tx, person vault.PersonID) error {
	_, err := tx.Exec(`DELETE FROM departure WHERE person = $1`, int64(person))
	return err
}

// confirm ends the window now.
func confirm(tx *database.Tx, person, second vault.PersonID) error {
	_, err := tx.Exec(`UPDATE departure SET second = $2, due_at = $3 WHERE person = $1`,
		int64(person), int64(second), tx.Now().UnixMicro())
	return err
}

// begin writes the intent: from here on there is only forward. It refuses with
// database.ErrNotFound whoever is not, or no longer, hidden with the window over.
func begin(tx *database.Tx, person vault.PersonID, certificate []byte) error {
	rows, err := tx.Exec(`UPDATE departure SET state = $2, step = $3, certificate_hash = $4, due_at = $5
		WHERE person = $1 AND state = $6 AND due_at <= $5`,
		int64(person), string(Erasing), int64(stepIntent), certificate, tx.Now().UnixMicro(), string(Hidden))
	if err == nil && rows == 0 {
		err = database.ErrNotFound
	}
	return err
}

// rollOn takes the departure of somebody whose keys the ledger calls destroyed,
// where an old copy of the register stands before that, to where only space that
// was freed and the copies of the keys are left to do.
func rollOn(tx *database.Tx, person vault.PersonID) error {
	_, err := tx.Exec(`UPDATE departure SET state = $2, step = $3 WHERE person = $1 AND step < $3`,
		int64(person), string(Erasing), int64(stepRows))
	return err
}

func advance(tx *database.Tx, person vault.PersonID, step int) error {
	state := Erasing
	if step == stepConfirmed {
		state = Erased
	}
	_, err := tx.Exec(`UPDATE departure SET step = $2, state = $3 WHERE person = $1 AND step < $2`,
		int64(person), int64(step), string(state))
	if err != nil || state != Erased {
		return err
	}
	return completeCertificate(tx, person)
}

func get(q database.Querier, person vault.PersonID) (Departure, error) {
	all, err := query(q, `WHERE person = $1`, int64(person))
	if err != nil {
		return Departure{}, err
	}
	if len(all) == 0 {
		return Departure{}, database.ErrNotFound
	}
	return all[0], nil
}

func query(q database.Querier, rest string, args ...any) ([]Departure, error) {
	rows, err := q.Query(`SELECT person, state, closed_by, closed_at, due_at, second, entry, step, certificate FROM departure `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Departure
	for rows.Next() {
		var d Departure
		var person, by, closed, due, step int64
		var second *int64
		var state string
		var certificate *string
		if err := rows.Scan(&person, &state, &by, &closed, &due, &second, &d.Entry, &step, &certificate); err != nil {
			return nil, err
		}
		d.Person, d.State, d.ClosedBy, d.Step = vault.PersonID(person), State(state), vault.PersonID(by), int(step)
		d.ClosedAt, d.DueAt = time.UnixMicro(closed).UTC(), time.UnixMicro(due).UTC()
		if second != nil {
			d.Second = vault.PersonID(*second)
		}
		if certificate != nil {
			d.Certificate = *certificate
		}
		all = append(all, d)
	}
	return all, rows.Err()
}
