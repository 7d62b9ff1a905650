package database

import "context"

// mostProblems is how many problems of a file are told.
const mostProblems = 100

// Check reads a whole SQLite file and tells what does not fit together in it, in
// the engine's words, which name pages, tables and indexes and no value. What
// stands in a column nobody can judge here. A PostgreSQL server checks its pages
// itself (data checksums), so nothing is told of it.
func (db *DB) Check(ctx context.Context) (problems []string, err error) {
	if db.engine != SQLite {
		return nil, nil
	}
	err = db.Read(ctx, func(q Querier) error {
		problems = nil
		rows, err := q.Query(`PRAGMA integrity_check`)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() && len(problems) < mostProblems {
			var line string
			if err := rows.Scan(&line); err != nil {
				return err
			}
			if line != "ok" {
				problems = append(problems, line)
			}
		}
		return rows.Err()
	})
	return problems, err
}
