package database

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"strings"

	"modernc.org/sqlite"
)

// pragmas hold for every connection to a SQLite file.
var pragmas = []string{
	"busy_timeout(10000)",         // ms; only a command beside the server can make us wait
	"journal_mode(WAL)",           // readers never wait for the writer
	"synchronous(FULL)",           // what is committed is on the disk
	"secure_delete(ON)",           // what is deleted is overwritten
	"foreign_keys(ON)",            //
	"recursive_triggers(ON)",      // REPLACE fires the journal's triggers too
	"temp_store(MEMORY)",          // no temporary file, ever
	"journal_size_limit(1048576)", // bytes the WAL keeps after a checkpoint
	"cell_size_check(ON)",         //
	"trusted_schema(OFF)",         //
}

// openSQLite opens a file whose path is absolute.
func openSQLite(ctx context.Context, path string, migrations fs.FS, o Options) (*DB, error) {
	db := newDB(SQLite, o)
	db.path = path
	if !o.ReadOnly {
		// Made here so that nobody else on the machine can read it; WAL and
		// shared memory take the same mode.
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("database: %w", err)
		}
		if err := f.Close(); err != nil {
			return nil, fmt.Errorf("database: %w", err)
		}
		if !o.Shared {
			if db.hold, err = holdFile(path + ".lock"); err != nil {
				return nil, err
			}
		}
	} else if _, err := os.Stat(path); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	db.connect = func(ctx context.Context, r role) (*session, error) {
		c, err := sqlite.NewConnector(sqliteDSN(path, r, o))
		if err != nil {
			return nil, translate(err)
		}
		conn, err := c.Connect(ctx)
		if err != nil {
			return nil, translate(err)
		}
		return newSession(SQLite, conn), nil
	}
	err := db.prepare(ctx, migrations, func() (*sql.DB, error) {
		c, err := sqlite.NewConnector(sqliteDSN(path, writing, o))
		return sql.OpenDB(c), err
	})
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// sqliteDSN is the URI of a file with all that holds for a connection. A URI,
// so that a path may hold any character.
func sqliteDSN(path string, r role, o Options) string {
	q := url.Values{"_dqs": {"0"}} // "x" is a column, never a string
	if r != scrubbing {
		q.Set("_defensive", "1") // pages and schema are not written by hand
	}
	for _, p := range pragmas {
		name, _, _ := strings.Cut(p, "(")
		switch {
		case o.ReadOnly && name == "journal_mode":
			continue // it writes
		case o.Scratch && name == "journal_mode":
			p = "journal_mode(MEMORY)" // nothing is written twice
		case o.Scratch && name == "synchronous":
			p = "synchronous(OFF)"
		}
		q.Add("_pragma", p)
	}
	switch {
	case o.ReadOnly:
		q.Set("mode", "ro")
	case r == writing:
		q.Add("_pragma", "cache_size(-65536)") // KiB: an import's dirty pages
	}
	if r == reading {
		q.Add("_pragma", "cache_size(-8192)") // KiB for each of the readers
		q.Add("_pragma", "query_only(ON)")
	}
	return (&url.URL{Scheme: "file", Path: path, RawQuery: q.Encode()}).String()
}

// beginWrite is the statement that begins an act. One writer: on SQLite it
// takes the write lock at once, on PostgreSQL READ COMMITTED is as good as
// serial, unless the register is shared.
func (db *DB) beginWrite() string {
	switch {
	case db.engine == SQLite:
		return "BEGIN IMMEDIATE"
	case db.hold == nil:
		return "BEGIN ISOLATION LEVEL SERIALIZABLE"
	}
	return "BEGIN ISOLATION LEVEL READ COMMITTED"
}

// beginRead is the statement that begins a snapshot.
func (db *DB) beginRead() string {
	if db.engine == SQLite {
		return "BEGIN"
	}
	return "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
}
