package passing

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

func at(micros *int64) time.Time {
	if micros == nil {
		return time.Time{}
	}
	return time.UnixMicro(*micros).UTC()
}

func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMicro()
}

// recipients reads how passing on to recipients stands.
func recipients(q database.Querier, rest string, args ...any) ([]Recipient, error) {
	rows, err := q.Query(`SELECT id, code, state, by_person, changed_at, ran_at FROM passing_recipient `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Recipient
	for rows.Next() {
		var r Recipient
		var state string
		var by, changed int64
		var ran *int64
		if err := rows.Scan(&r.ID, &r.Code, &state, &by, &changed, &ran); err != nil {
			return nil, err
		}
		r.State, r.By, r.Changed, r.RanAt = Course(state), vault.PersonID(by), time.UnixMicro(changed).UTC(), at(ran)
		all = append(all, r)
	}
	return all, rows.Err()
}

func putRecipient(tx *database.Tx, r *Recipient) error {
	_, err := tx.Exec(`INSERT INTO passing_recipient (id, code, state, by_person, changed_at, ran_at) VALUES ($1, $2, $3, $4, $5, $6)
		ON CONFLICT (id) DO UPDATE SET state = $3, by_person = $4, changed_at = $5, ran_at = $6`,
		r.ID, r.Code, string(r.State), int64(r.By), r.Changed.UnixMicro(), orNull(r.RanAt))
	return err
}

const runColumns = `id, recipient, kind, state, by_person, made_at, second, joins, changes, leaves, restricts, withholds, unchanged, on_way,
	no_consent, objecting, stopped, left_out, covered, numbers`

func runs(q database.Querier, rest string, args ...any) ([]Run, error) {
	rows, err := q.Query(`SELECT `+runColumns+` FROM passing_run `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Run
	for rows.Next() {
		var r Run
		var kind, state string
		var by, made, second int64
		c := &r.Counts
		if err := rows.Scan(&r.ID, &r.Recipient, &kind, &state, &by, &made, &second, &c.Joins, &c.Changes, &c.Leaves, &c.Restricts, &c.Withholds,
			&c.Unchanged, &c.OnWay, &c.NoConsent, &c.Objecting, &c.Stopped, &c.LeftOut, &c.Covered, &c.Numbers); err != nil {
			return nil, err
		}
		r.Kind, r.State, r.By, r.At, r.Second = Kind(kind), RunState(state), vault.PersonID(by), time.UnixMicro(made).UTC(), vault.PersonID(second)
		all = append(all, r)
	}
	return all, rows.Err()
}

func putRun(tx *database.Tx, r *Run) error {
	c := &r.Counts
	_, err := tx.Exec(`INSERT INTO passing_run (`+runColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
		ON CONFLICT (id) DO UPDATE SET state = $4, second = $7, joins = $8, changes = $9, leaves = $10, restricts = $11, withholds = $12,
		unchanged = $13, on_way = $14, no_consent = $15, objecting = $16, stopped = $17, left_out = $18, covered = $19, numbers = $20`,
		r.ID, r.Recipient, string(r.Kind), string(r.State), int64(r.By), r.At.UnixMicro(), int64(r.Second), int64(c.Joins), int64(c.Changes), int64(c.Leaves),
		int64(c.Restricts), int64(c.Withholds), int64(c.Unchanged), int64(c.OnWay), int64(c.NoConsent), int64(c.Objecting), int64(c.Stopped), int64(c.LeftOut),
		int64(c.Covered), int64(c.Numbers))
	return err
}

const batchColumns = `id, recipient, run, removal, numbers, way, state, lines, tries, next_at, made_at, sent_at, done_at, done_by, receipt, list, problem, persons`

func batches(q database.Querier, rest string, args ...any) ([]Batch, error) {
	rows, err := q.Query(`SELECT `+batchColumns+` FROM passing_batch `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Batch
	for rows.Next() {
		var b Batch
		var way, state string
		var removal, numbers, made, by int64
		var next, sent, done *int64
		var persons []byte
		if err := rows.Scan(&b.ID, &b.Recipient, &b.Run, &removal, &numbers, &way, &state, &b.Lines, &b.Tries, &next, &made, &sent, &done, &by,
			&b.Receipt, &b.List, &b.Problem, &persons); err != nil {
			return nil, err
		}
		b.persons = roaring.New()
		if len(persons) > 0 {
			if err := b.persons.UnmarshalBinary(persons); err != nil {
				return nil, err
			}
		}
		b.Removal, b.Numbers, b.Way, b.State = removal != 0, numbers != 0, Way(way), BatchState(state)
		b.NextAt, b.MadeAt, b.SentAt, b.DoneAt, b.DoneBy = at(next), time.UnixMicro(made).UTC(), at(sent), at(done), vault.PersonID(by)
		all = append(all, b)
	}
	return all, rows.Err()
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func putBatch(tx *database.Tx, b *Batch) error {
	persons := []byte{}
	if b.persons != nil && !b.persons.IsEmpty() {
		var err error
		if persons, err = b.persons.ToBytes(); err != nil {
			return err
		}
	}
	_, err := tx.Exec(`INSERT INTO passing_batch (`+batchColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
		ON CONFLICT (id) DO UPDATE SET state = $7, lines = $8, tries = $9, next_at = $10, sent_at = $12, done_at = $13, done_by = $14, receipt = $15, list = $16, problem = $17, persons = $18`,
		b.ID, b.Recipient, b.Run, truth(b.Removal), truth(b.Numbers), string(b.Way), string(b.State), int64(b.Lines), int64(b.Tries), orNull(b.NextAt),
		b.MadeAt.UnixMicro(), orNull(b.SentAt), orNull(b.DoneAt), int64(b.DoneBy), b.Receipt, b.List, b.Problem, persons)
	return err
}

func lines(q database.Querier, rest string, args ...any) ([]Line, error) {
	rows, err := q.Query(`SELECT id, recipient, batch, reference, event, why, fields, person, made_at, done_at FROM passing_line `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Line
	for rows.Next() {
		var l Line
		var event, why, fields string
		var person, made int64
		var done *int64
		if err := rows.Scan(&l.ID, &l.Recipient, &l.Batch, &l.Reference, &event, &why, &fields, &person, &made, &done); err != nil {
			return nil, err
		}
		l.Event, l.Why, l.Fields, l.person = Event(event), Why(why), split(fields), vault.PersonID(person)
		l.MadeAt, l.DoneAt = time.UnixMicro(made).UTC(), at(done)
		all = append(all, l)
	}
	return all, rows.Err()
}

func insertLine(tx *database.Tx, l *Line) error {
	id, err := tx.Next("passing line")
	if err != nil {
		return err
	}
	l.ID = id
	_, err = tx.Exec(`INSERT INTO passing_line (id, recipient, batch, reference, event, why, fields, person, made_at) VALUES ($1, $2, 0, $3, $4, $5, $6, $7, $8)`,
		l.ID, l.Recipient, l.Reference, string(l.Event), string(l.Why), joined(l.Fields), int64(l.person), tx.Now().UnixMicro())
	return err
}

func count(q database.Querier, query string, args ...any) (int, error) {
	var n int64
	err := q.QueryRow(query, args...).Scan(&n)
	return int(n), err
}
