package mailing

import (
	"context"
	"errors"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

const columns = `id, unit, purpose, state, state_at, written_by, written_at, approved_by, approved_at, begins_at, begun_at, ended_at, worked_at,
	entry, key_id, sealed, run_key, waiting, numbers`

// insert writes a mailing as it is first.
func insert(tx *database.Tx, m *Mailing) error {
	_, err := tx.Exec(`INSERT INTO mailing (id, unit, purpose, state, state_at, written_by, written_at, key_id, sealed, run_key, waiting, numbers)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10, $11)`,
		m.ID, int64(m.Unit), m.Purpose, string(m.State), m.Since.UnixMicro(), int64(m.WrittenBy), m.WrittenAt.UnixMicro(),
		m.keys.text, m.keys.sealed, []byte{}, m.Counts.encode())
	return err
}

// update writes all that may change of a mailing.
func update(tx *database.Tx, m *Mailing) error {
	left := m.keys.left
	if left == nil {
		left = []byte{}
	}
	_, err := tx.Exec(`UPDATE mailing SET unit = $2, purpose = $3, state = $4, state_at = $5, approved_by = $6, approved_at = $7, begins_at = $8,
		begun_at = $9, ended_at = $10, worked_at = $11, entry = $12, sealed = $13, run_key = $14, waiting = $15, numbers = $16 WHERE id = $1`,
		m.ID, int64(m.Unit), m.Purpose, string(m.State), m.Since.UnixMicro(), some(int64(m.ApprovedBy)), moment(m.ApprovedAt), moment(m.SendAt),
		moment(m.BegunAt), moment(m.EndedAt), moment(m.worked), some(m.entry), m.keys.sealed, m.keys.run, left, m.Counts.encode())
	return err
}

// recount writes the numbers alone: what a mail server answers comes beside the rest.
func recount(tx *database.Tx, id int64, change func(*Counts)) error {
	var src []byte
	err := tx.QueryRow(`SELECT numbers FROM mailing WHERE id = $1`, id).Scan(&src)
	if errors.Is(err, database.ErrNotFound) {
		return nil // its time was over before its last mail's
	}
	if err != nil {
		return err
	}
	var c Counts
	if err := c.decode(src); err != nil {
		return err
	}
	change(&c)
	_, err = tx.Exec(`UPDATE mailing SET numbers = $2 WHERE id = $1`, id, c.encode())
	return err
}

func some(n int64) any {
	if n == 0 {
		return nil
	}
	return n
}

func moment(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

func scan(row interface{ Scan(...any) error }) (m Mailing, err error) {
	var body, since, by, written int64
	var state string
	var approvedBy, approvedAt, begins, begun, ended, worked, entry *int64
	var numbers []byte
	err = row.Scan(&m.ID, &body, &m.Purpose, &state, &since, &by, &written, &approvedBy, &approvedAt, &begins, &begun, &ended, &worked,
		&entry, &m.keys.text, &m.keys.sealed, &m.keys.run, &m.keys.left, &numbers)
	if err != nil {
		return m, err
	}
	m.Unit, m.State, m.Since, m.WrittenBy, m.WrittenAt = unit.ID(body), State(state), time.UnixMicro(since).UTC(), vault.PersonID(by), time.UnixMicro(written).UTC()
	for _, moment := range []struct {
		from *int64
		to   *time.Time
	}{{approvedAt, &m.ApprovedAt}, {begins, &m.SendAt}, {begun, &m.BegunAt}, {ended, &m.EndedAt}, {worked, &m.worked}} {
		if moment.from != nil {
			*moment.to = time.UnixMicro(*moment.from).UTC()
		}
	}
	if approvedBy != nil {
		m.ApprovedBy = vault.PersonID(*approvedBy)
	}
	if entry != nil {
		m.entry = *entry
	}
	return m, m.Counts.decode(numbers)
}

func query(q database.Querier, rest string, args ...any) (all []Mailing, err error) {
	rows, err := q.Query(`SELECT `+columns+` FROM mailing `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		m, err := scan(rows)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, rows.Err()
}

// get reads a mailing and opens what was written.
func (s *Service) get(q database.Querier, id int64) (Mailing, error) {
	m, err := scan(q.QueryRow(`SELECT `+columns+` FROM mailing WHERE id = $1`, id))
	if errors.Is(err, database.ErrNotFound) {
		return m, fault.New(fault.NotFound, "mailing.error.none")
	}
	if err != nil {
		return m, err
	}
	return m, s.open(&m)
}

// open unseals what was written; of a mailing whose time is over nothing is left.
func (s *Service) open(m *Mailing) error {
	begins := m.SendAt
	plain, err := s.Keyring.OpenOnce(m.keys.text, m.keys.sealed)
	if errors.Is(err, vault.ErrOneOffSpent) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := m.decodeText(plain); err != nil {
		return err
	}
	if !begins.IsZero() {
		m.SendAt = begins
	}
	m.AnswerBy = s.Charter.Today(m.Since).AddDays(s.Charter.Mailings.AnswerDays.Value)
	return nil
}

// seal puts what was written under the mailing's key.
func (s *Service) seal(m *Mailing) (err error) {
	m.keys.sealed, err = s.Keyring.SealOnce(m.keys.text, m.encodeText())
	return err
}

// find reads a mailing by its number.
func (s *Service) find(ctx context.Context, id int64) (m Mailing, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		m, err = s.get(q, id)
		return err
	})
	return m, err
}
