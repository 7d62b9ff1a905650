package backup

import (
	"time"

	"kartotek/internal/database"
)

// Kind says what was done.
type Kind string

const (
	Archiving Kind = "archive"
	Drilling  Kind = "drill"
)

// Run is one archive written, or one drill, and how it went.
type Run struct {
	ID      int64
	Kind    Kind
	Place   string // its address
	Archive string // "" before it has a name
	Began   time.Time
	Ended   time.Time // zero while it runs
	Outcome string    // "" while it runs, "done", or the key of what went wrong
	Rows    int64
	Bytes   int64 // stored in all
	Fresh   int64 // of these, newly written
}

// done is the outcome of what went well.
const done = "done"

// Good reports whether it went well.
func (r *Run) Good() bool { return r.Outcome == done }

func begin(tx *database.Tx, kind Kind, place string) (Run, error) {
	id, err := tx.Next("backup")
	if err != nil {
		return Run{}, err
	}
	r := Run{ID: id, Kind: kind, Place: place, Began: tx.Now()}
	_, err = tx.Exec(`INSERT INTO backup_run (id, kind, place, archive, began_at, outcome, counted, bytes, fresh)
		VALUES ($1, $2, $3, '', $4, '', 0, 0, 0)`, id, string(kind), place, r.Began.UnixMicro())
	return r, err
}

func end(tx *database.Tx, r *Run) error {
	r.Ended = tx.Now()
	_, err := tx.Exec(`UPDATE backup_run SET archive = $2, ended_at = $3, outcome = $4, counted = $5, bytes = $6, fresh = $7 WHERE id = $1`,
		r.ID, r.Archive, r.Ended.UnixMicro(), r.Outcome, r.Rows, r.Bytes, r.Fresh)
	return err
}

// stopped ends what a stop of the program left running.
func stopped(tx *database.Tx) error {
	_, err := tx.Exec(`UPDATE backup_run SET ended_at = $1, outcome = $2 WHERE ended_at IS NULL`, tx.Now().UnixMicro(), "backup.error.stopped")
	return err
}

func forget(tx *database.Tx, before time.Time) error {
	_, err := tx.Exec(`DELETE FROM backup_run WHERE began_at < $1`, before.UnixMicro())
	return err
}

func query(q database.Querier, rest string, args ...any) ([]Run, error) {
	rows, err := q.Query(`SELECT id, kind, place, archive, began_at, ended_at, outcome, counted, bytes, fresh FROM backup_run `+rest, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var all []Run
	for rows.Next() {
		var r Run
		var kind string
		var began int64
		var ended *int64
		if err := rows.Scan(&r.ID, &kind, &r.Place, &r.Archive, &began, &ended, &r.Outcome, &r.Rows, &r.Bytes, &r.Fresh); err != nil {
			return nil, err
		}
		r.Kind, r.Began = Kind(kind), time.UnixMicro(began).UTC()
		if ended != nil {
			r.Ended = time.UnixMicro(*ended).UTC()
		}
		all = append(all, r)
	}
	return all, rows.Err()
}

// standings sums up what is known of every place.
func standings(q database.Querier) (map[string]standing, error) {
	rows, err := q.Query(`SELECT place, min(began_at), max(began_at),
			coalesce(max(CASE WHEN outcome = $1 THEN began_at END), 0), coalesce(max(CASE WHEN outcome = $1 THEN ended_at END), 0)
		FROM backup_run WHERE kind = $2 GROUP BY place`, done, string(Archiving))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all := map[string]standing{}
	for rows.Next() {
		var place string
		var first, tried, good, verified int64
		if err := rows.Scan(&place, &first, &tried, &good, &verified); err != nil {
			return nil, err
		}
		s := standing{first: time.UnixMicro(first).UTC(), tried: time.UnixMicro(tried).UTC()}
		if good > 0 {
			s.good, s.verified = time.UnixMicro(good).UTC(), time.UnixMicro(verified).UTC()
		}
		all[place] = s
	}
	return all, rows.Err()
}
