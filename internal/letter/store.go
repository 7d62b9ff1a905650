package letter

import (
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

func insert(tx *database.Tx, l *Letter) error {
	holds := int64(0)
	if l.Holds {
		holds = 1
	}
	now := tx.Now().UnixMicro()
	_, err := tx.Exec(`INSERT INTO letter (id, person, key_id, sealed, holds, created_at, due_on, state, state_at, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		l.ID, int64(l.Person), l.key, l.sealed, holds, now, l.DueOn.String(), string(Waiting), now, l.Ends.UnixMicro())
	return err
}

// query reads the letters a condition selects.
func query(q database.Querier, rest string, args ...any) ([]Letter, error) {
	rows, err := q.Query(`SELECT id, person, key_id, sealed, holds, created_at, due_on, printed_at, state, state_at, ends_at FROM letter `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Letter
	for rows.Next() {
		var l Letter
		var person, holds, created, since, ends int64
		var printed *int64
		var due, state string
		if err := rows.Scan(&l.ID, &person, &l.key, &l.sealed, &holds, &created, &due, &printed, &state, &since, &ends); err != nil {
			return nil, err
		}
		if l.DueOn, err = civil.ParseDate(due); err != nil {
			return nil, err
		}
		l.Person, l.Holds, l.State = vault.PersonID(person), holds != 0, State(state)
		l.Written, l.Since, l.Ends = time.UnixMicro(created).UTC(), time.UnixMicro(since).UTC(), time.UnixMicro(ends).UTC()
		if printed != nil {
			l.Printed = time.UnixMicro(*printed).UTC()
		}
		all = append(all, l)
	}
	return all, rows.Err()
}

func get(q database.Querier, id int64) (Letter, error) {
	all, err := query(q, `WHERE id = $1`, id)
	if err != nil {
		return Letter{}, err
	}
	if len(all) == 0 {
		return Letter{}, database.ErrNotFound
	}
	return all[0], nil
}

// count fills in how many letters there are in all.
func count(q database.Querier, queue *Queue, today civil.Date) error {
	var waiting, printed, late, recent int64
	var due *string
	err := q.QueryRow(`SELECT COUNT(*), COUNT(printed_at), MIN(due_on) FROM letter WHERE state = $1`, string(Waiting)).Scan(&waiting, &printed, &due)
	if err != nil {
		return err
	}
	if err := q.QueryRow(`SELECT COUNT(*) FROM letter WHERE state = $1 AND due_on < $2`, string(Waiting), today.String()).Scan(&late); err != nil {
		return err
	}
	if err := q.QueryRow(`SELECT COUNT(*) FROM letter WHERE state <> $1`, string(Waiting)).Scan(&recent); err != nil {
		return err
	}
	queue.Waiting, queue.Printed, queue.Late, queue.Recent = int(waiting), int(printed), int(late), int(recent)
	if due != nil {
		queue.DueFirst, err = civil.ParseDate(*due)
	}
	return err
}

// firstDue is the nearest day of the letters that wait; false for none.
func firstDue(q database.Querier) (civil.Date, bool, error) {
	var due *string
	err := q.QueryRow(`SELECT MIN(due_on) FROM letter WHERE state = $1`, string(Waiting)).Scan(&due)
	if err != nil || due == nil {
		return civil.Date{}, false, err
	}
	day, err := civil.ParseDate(*due)
	return day, err == nil, err
}

func printed(tx *database.Tx, id int64, by vault.PersonID) error {
	_, err := tx.Exec(`UPDATE letter SET printed_at = $2, printed_by = $3 WHERE id = $1`, id, tx.Now().UnixMicro(), int64(by))
	return err
}

// become brings a letter into a state. One that is not to be printed again loses
// its text.
func become(tx *database.Tx, l *Letter, next State, by vault.PersonID) error {
	var who *int64
	if by != 0 {
		n := int64(by)
		who = &n
	}
	if next == Dropped || next == Ended {
		_, err := tx.Exec(`UPDATE letter SET state = $2, state_at = $3, state_by = $4, sealed = $5, key_id = 0 WHERE id = $1`,
			l.ID, string(next), tx.Now().UnixMicro(), who, []byte{})
		return err
	}
	_, err := tx.Exec(`UPDATE letter SET state = $2, state_at = $3, state_by = $4 WHERE id = $1`, l.ID, string(next), tx.Now().UnixMicro(), who)
	return err
}

// again has a letter printed once more, by a new day.
func again(tx *database.Tx, l *Letter, by vault.PersonID, due civil.Date) error {
	if err := become(tx, l, Waiting, by); err != nil {
		return err
	}
	_, err := tx.Exec(`UPDATE letter SET printed_at = NULL, printed_by = NULL, due_on = $2 WHERE id = $1`, l.ID, due.String())
	return err
}

// remove deletes letters and returns the keys they had.
func remove(tx *database.Tx, where string, args ...any) (keys []int64, err error) {
	rows, err := tx.Query(`DELETE FROM letter WHERE `+where+` RETURNING key_id`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		if key != 0 {
			keys = append(keys, key)
		}
	}
	return keys, rows.Err()
}

// notThere tells of a letter that is gone as of one that never was.
func notThere(err error) bool { return errors.Is(err, database.ErrNotFound) }
