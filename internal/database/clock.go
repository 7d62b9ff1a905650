package database

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// past names the columns, in any table, that hold the time of a committed act.
const past = `'created_at', 'closed_at', 'pulled_at', 'done_at', 'sent_at', 'failed_at',
	'reminded_at', 'escalated_at', 'digital_at', 'physical_at'`

// findLast sets the floor of Tx.Now from the newest instant the tables know,
// so that time does not go back when a node is started after its clock was.
func (db *DB) findLast(ctx context.Context) error {
	catalogue := `SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c
		WHERE t.type = 'table' AND c.name IN (` + past + `) ORDER BY t.name`
	if db.engine == PostgreSQL {
		catalogue = `SELECT table_name::text, column_name::text FROM information_schema.columns
			WHERE table_schema = current_schema() AND column_name IN (` + past + `) ORDER BY table_name`
	}
	var newest []string
	if err := db.Read(ctx, func(q Querier) error {
		rows, err := q.Query(catalogue)
		if err != nil {
			return err
		}
		for rows.Next() {
			var table, column string
			if err := rows.Scan(&table, &column); err != nil {
				return err
			}
			newest = append(newest, fmt.Sprintf("SELECT max(%s) AS micros FROM %s", column, table))
		}
		if err := rows.Err(); err != nil || len(newest) == 0 {
			return err
		}
		var micros int64
		text := "SELECT coalesce(max(micros), 0) FROM (" + strings.Join(newest, " UNION ALL ") + ") AS known"
		if err := q.QueryRow(text).Scan(&micros); err != nil {
			return err
		}
		db.last = time.UnixMicro(micros).UTC()
		return nil
	}); err != nil {
		return fmt.Errorf("database: the newest known time: %w", err)
	}
	return nil
}

// NotBefore raises the floor of Tx.Now to the time of an act this package
// cannot read: the newest entry's, which the journal knows.
func (db *DB) NotBefore(t time.Time) {
	select {
	case <-db.closing:
		return
	case db.turn <- struct{}{}:
	}
	defer func() { <-db.turn }()
	if t = t.UTC().Truncate(time.Microsecond); t.After(db.last) {
		db.last = t
	}
}
