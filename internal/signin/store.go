package signin

import (
	"errors"
	"time"

	"kartotek/internal/database"
)

// ticket is a row of signin_code: a code, a choice or a demo link that waits.
type ticket struct {
	sealed   []byte
	code     []byte // keyed digest of the digits; empty for a choice and a demo link
	attempts int
	expires  time.Time
}

func insertTicket(tx *database.Tx, id []byte, t ticket) error {
	_, err := tx.Exec(`INSERT INTO signin_code (id, sealed, code, attempts, created_at, expires_at)
		VALUES ($1, $2, $3, $4, $5, $6)`,
		id, t.sealed, t.code, t.attempts, tx.Now().UnixMicro(), t.expires.UnixMicro())
	return err
}

// findTicket gives a row that has not expired at now; database.ErrNotFound otherwise.
func findTicket(q database.Querier, id []byte, now time.Time) (ticket, error) {
	var t ticket
	var expires int64
	err := q.QueryRow(`SELECT sealed, code, attempts, expires_at FROM signin_code
		WHERE id = $1 AND expires_at > $2`, id, now.UnixMicro()).Scan(&t.sealed, &t.code, &t.attempts, &expires)
	t.expires = time.UnixMicro(expires)
	return t, err
}

// countAttempt notes one more wrong answer; the last one allowed deletes the row.
func countAttempt(tx *database.Tx, id []byte, before int) (left int, err error) {
	left = attempts - before - 1
	if left <= 0 {
		return 0, deleteTicket(tx, id)
	}
	_, err = tx.Exec(`UPDATE signin_code SET attempts = attempts + 1 WHERE id = $1`, id)
	return left, err
}

func deleteTicket(tx *database.Tx, id []byte) error {
	_, err := tx.Exec(`DELETE FROM signin_code WHERE id = $1`, id)
	return err
}

// waitFor is how long a limited subject must wait; 0 when it need not.
func waitFor(q database.Querier, subject []byte, l limit, now time.Time) (time.Duration, error) {
	var used int
	var ends int64
	err := q.QueryRow(`SELECT used, ends_at FROM signin_limit WHERE subject = $1`, subject).Scan(&used, &ends)
	if errors.Is(err, database.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	if wait := time.UnixMicro(ends).Sub(now); used >= l.most && wait > 0 {
		return wait, nil
	}
	return 0, nil
}

// take counts one event of a subject; the first of a window begins it.
func take(tx *database.Tx, subject []byte, l limit) error {
	now := tx.Now()
	_, err := tx.Exec(`INSERT INTO signin_limit (subject, used, ends_at) VALUES ($1, 1, $2)
		ON CONFLICT (subject) DO UPDATE SET
			used = CASE WHEN signin_limit.ends_at <= $3 THEN 1 ELSE signin_limit.used + 1 END,
			ends_at = CASE WHEN signin_limit.ends_at <= $3 THEN excluded.ends_at ELSE signin_limit.ends_at END`,
		subject, now.Add(l.window).UnixMicro(), now.UnixMicro())
	return err
}

// giveBack takes one event off again.
func giveBack(tx *database.Tx, subject []byte) error {
	_, err := tx.Exec(`UPDATE signin_limit SET used = used - 1 WHERE subject = $1`, subject)
	return err
}

// clearLimit forgets what a subject has used.
func clearLimit(tx *database.Tx, subject []byte) error {
	_, err := tx.Exec(`DELETE FROM signin_limit WHERE subject = $1`, subject)
	return err
}

// sessionRow is a session as stored.
type sessionRow struct {
	owner   []byte // keyed digest of the person; empty for a visitor
	data    []byte
	idle    time.Time // ends then unless it is used before
	expires time.Time
}

func findSession(q database.Querier, id []byte) (sessionRow, error) {
	var r sessionRow
	var idle, expires int64
	err := q.QueryRow(`SELECT owner, data, idle_at, expires_at FROM session WHERE token = $1`, id).
		Scan(&r.owner, &r.data, &idle, &expires)
	r.idle, r.expires = time.UnixMicro(idle), time.UnixMicro(expires)
	return r, err
}

func writeSession(tx *database.Tx, id []byte, r sessionRow) error {
	_, err := tx.Exec(`INSERT INTO session (token, owner, data, idle_at, expires_at) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (token) DO UPDATE SET owner = excluded.owner, data = excluded.data,
			idle_at = excluded.idle_at, expires_at = excluded.expires_at`,
		id, r.owner, r.data, r.idle.UnixMicro(), r.expires.UnixMicro())
	return err
}

func touchSession(tx *database.Tx, id []byte, idle time.Time) error {
	_, err := tx.Exec(`UPDATE session SET idle_at = $1 WHERE token = $2`, idle.UnixMicro(), id)
	return err
}

func deleteSession(tx *database.Tx, id []byte) error {
	_, err := tx.Exec(`DELETE FROM session WHERE token = $1`, id)
	return err
}

// deleteSessionsOf deletes every session of an owner and returns their ids.
func deleteSessionsOf(tx *database.Tx, owner []byte) ([]sessionID, error) {
	rows, err := tx.Query(`DELETE FROM session WHERE owner = $1 RETURNING token`, owner)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []sessionID
	for rows.Next() {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, sessionID(id))
	}
	return ids, rows.Err()
}
