package mail

import (
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// row is one mail as stored; which fields are read depends on the query.
type row struct {
	id       int64
	person   vault.PersonID
	key      int64
	sealed   []byte
	attempts int
	sent     time.Time
	shown    bool // the demo keeps it
	failed   bool // it was given up
}

func insert(tx *database.Tx, id int64, p *Prepared) error {
	var person *int64
	if p.person != 0 {
		n := int64(p.person)
		person = &n
	}
	now := tx.Now().UnixMicro()
	_, err := tx.Exec(`INSERT INTO mail (id, person, key_id, sealed, created_at, not_before, attempts, ends_at)
		VALUES ($1, $2, $3, $4, $5, $6, 0, $7)`, id, person, p.key, p.sealed, now, now, p.ends.UnixMicro())
	return err
}

// due gives the mails to be tried at now, the one that ends soonest first: a
// sign-in code does not queue behind a thousand notices.
func due(q database.Querier, now time.Time, limit int) ([]row, error) {
	rows, err := q.Query(`SELECT id, COALESCE(person, 0), key_id, sealed, attempts FROM mail
		WHERE sent_at IS NULL AND failed_at IS NULL AND not_before <= $1 AND ends_at > $1
		ORDER BY ends_at, id LIMIT $2`, now.UnixMicro(), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.person, &r.key, &r.sealed, &r.attempts); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// next gives when the next waiting mail is to be tried; zero when none waits.
func next(q database.Querier) (time.Time, error) {
	var at *int64
	err := q.QueryRow(`SELECT MIN(not_before) FROM mail WHERE sent_at IS NULL AND failed_at IS NULL`).Scan(&at)
	if err != nil || at == nil {
		return time.Time{}, err
	}
	return time.UnixMicro(*at), nil
}

// over gives the mails whose time is over: those past their end, and the failures
// from before forgotten.
func over(q database.Querier, now, forgotten time.Time) ([]row, error) {
	rows, err := q.Query(`SELECT id, COALESCE(person, 0), key_id, sealed, sent_at IS NOT NULL, failed_at IS NOT NULL FROM mail
		WHERE (ends_at <= $1 AND failed_at IS NULL) OR failed_at < $2 ORDER BY id`,
		now.UnixMicro(), forgotten.UnixMicro())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []row
	for rows.Next() {
		var r row
		if err := rows.Scan(&r.id, &r.person, &r.key, &r.sealed, &r.shown, &r.failed); err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// kept gives what the demo's mailbox shows, newest first.
func kept(q database.Querier) ([]row, error) {
	rows, err := q.Query(`SELECT id, person, key_id, sealed, sent_at FROM mail
		WHERE sent_at IS NOT NULL AND failed_at IS NULL ORDER BY sent_at DESC, id DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []row
	for rows.Next() {
		var r row
		var person *int64
		var sentAt int64
		if err := rows.Scan(&r.id, &person, &r.key, &r.sealed, &sentAt); err != nil {
			return nil, err
		}
		if person != nil {
			r.person = vault.PersonID(*person)
		}
		r.sent = time.UnixMicro(sentAt).UTC()
		list = append(list, r)
	}
	return list, rows.Err()
}

func remove(tx *database.Tx, id int64) error {
	_, err := tx.Exec(`DELETE FROM mail WHERE id = $1`, id)
	return err
}

func keep(tx *database.Tx, id int64) error {
	_, err := tx.Exec(`UPDATE mail SET sent_at = $1 WHERE id = $2`, tx.Now().UnixMicro(), id)
	return err
}

func postpone(tx *database.Tx, id int64, attempts int, until time.Time) error {
	_, err := tx.Exec(`UPDATE mail SET attempts = $1, not_before = $2 WHERE id = $3`, attempts, until.UnixMicro(), id)
	return err
}

// fail takes what the mail said and its key's number out of the row; that it was
// given up stays for FailureKept.
func fail(tx *database.Tx, id int64, attempts int) error {
	_, err := tx.Exec(`UPDATE mail SET sealed = $1, key_id = 0, attempts = attempts + $2, failed_at = $3 WHERE id = $4`,
		[]byte{}, attempts, tx.Now().UnixMicro(), id)
	return err
}

// deletePerson deletes every mail of a person and returns their keys.
func deletePerson(tx *database.Tx, person vault.PersonID) ([]int64, error) {
	rows, err := tx.Query(`DELETE FROM mail WHERE person = $1 RETURNING key_id`, int64(person))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var keys []int64
	for rows.Next() {
		var key int64
		if err := rows.Scan(&key); err != nil {
			return nil, err
		}
		if key != 0 { // a mail given up has none left
			keys = append(keys, key)
		}
	}
	return keys, rows.Err()
}

func count(q database.Querier) (Status, error) {
	var s Status
	var oldest *int64
	err := q.QueryRow(`SELECT COUNT(*), MIN(created_at) FROM mail
		WHERE sent_at IS NULL AND failed_at IS NULL`).Scan(&s.Waiting, &oldest)
	if err != nil {
		return s, err
	}
	if oldest != nil {
		s.Oldest = time.UnixMicro(*oldest).UTC()
	}
	err = q.QueryRow(`SELECT COUNT(*) FROM mail WHERE failed_at IS NOT NULL`).Scan(&s.Failed)
	return s, err
}

func undelivered(q database.Querier) ([]Undelivered, error) {
	rows, err := q.Query(`SELECT id, COALESCE(person, 0), created_at, failed_at, attempts FROM mail
		WHERE failed_at IS NOT NULL ORDER BY failed_at DESC, id DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Undelivered
	for rows.Next() {
		var u Undelivered
		var person, created, failed int64
		if err := rows.Scan(&u.ID, &person, &created, &failed, &u.Attempts); err != nil {
			return nil, err
		}
		u.Person = vault.PersonID(person)
		u.Created, u.Failed = time.UnixMicro(created).UTC(), time.UnixMicro(failed).UTC()
		list = append(list, u)
	}
	return list, rows.Err()
}
