package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// forgetWithin is how long Forget waits for readings that began before it.
const forgetWithin = 30 * time.Second

// Forget removes from the store what committed acts have deleted or replaced
// (D7). On SQLite no byte of it is in any file of the database afterwards. On
// PostgreSQL the rows are gone and their space is free to be written over,
// but bytes linger in heap and log: which is why what lies there is sealed and
// the keys never do.
//
// No act begins meanwhile, so many erasures should share one Forget. It waits
// for readings that began before it, and returns ErrLocked if one does not end
// within 30 seconds; it may then simply be called again.
func (db *DB) Forget(ctx context.Context) error {
	if db.readOnly {
		return ErrReadOnly
	}
	if err := db.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { <-db.turn }()
	s, err := db.writingSession()
	if err != nil {
		return err
	}
	if db.engine == SQLite {
		err = db.forgetSQLite(ctx, s)
	} else {
		err = forgetPostgreSQL(ctx, s)
	}
	if s.broken != nil {
		db.discardWriter()
	}
	return err
}

// forgetSQLite empties the write-ahead log, which holds pages as they were, and
// overwrites what secure_delete leaves in the file (see residue). Free pages
// need nothing: secure_delete has zeroed them. Where nothing was written since the
// last time there is nothing to do.
func (db *DB) forgetSQLite(ctx context.Context, s *session) error {
	changed, known, err := db.changedPages()
	if err != nil || known && len(changed) == 0 {
		return err
	}
	db.clean.known = false
	next, err := db.emptyLog(ctx, s)
	if err != nil {
		return err
	}
	var pages []int64
	if known {
		pages, err = residueIn(db.path, changed)
	} else {
		pages, err = pagesWithResidue(db.path)
	}
	if err != nil {
		return err
	}
	if len(pages) > 0 {
		if err := db.scrub(ctx, pages); err != nil {
			return err
		}
		if next, err = db.emptyLog(ctx, s); err != nil {
			return err
		}
	}
	db.clean = next
	return nil
}

// emptyLog moves the write-ahead log into the file and truncates it, and gives what
// tells the next log from any other. SQLite does not sync that truncation: after a
// power cut the log stood there again with every page as it was. So it is synced
// here.
func (db *DB) emptyLog(ctx context.Context, s *session) (next clean, err error) {
	switch log, salt, err := openLog(db.path); {
	case errors.Is(err, errLog): // then SQLite begins the next as it likes
	case err != nil:
		return next, err
	case log != nil:
		next = clean{known: true, salt: salt + 1}
		if err := log.Close(); err != nil {
			return next, fmt.Errorf("database: %w", err)
		}
	}
	// With the writer's own patience one attempt would last ten seconds, deaf
	// to the context.
	if err := s.run("PRAGMA busy_timeout = 50"); err != nil {
		return next, err
	}
	err = retryUntil(ctx, "the write-ahead log", func() (bool, error) {
		var busy, frames, moved int64
		err := s.queryRow("PRAGMA wal_checkpoint(TRUNCATE)").Scan(&busy, &frames, &moved)
		return busy == 0, err
	})
	if s.broken == nil {
		err = errors.Join(err, s.run("PRAGMA busy_timeout = 10000"))
	}
	if err != nil {
		return next, err
	}
	switch info, err := os.Stat(db.path + "-wal"); {
	case errors.Is(err, os.ErrNotExist):
		return next, nil
	case err != nil:
		return next, fmt.Errorf("database: %w", err)
	case info.Size() != 0:
		return next, fmt.Errorf("database: the write-ahead log still has %d bytes", info.Size())
	}
	return next, syncFile(db.path + "-wal")
}

// forgetPostgreSQL vacuums the register's tables, once no transaction is left
// that could still see what was deleted. (VACUUM would not wait: it would
// leave those rows.)
func forgetPostgreSQL(ctx context.Context, s *session) error {
	var begun string
	if err := s.queryRow("SELECT clock_timestamp()::text").Scan(&begun); err != nil {
		return err
	}
	if err := retryUntil(ctx, "deleted rows", func() (bool, error) {
		var older int64
		err := s.queryRow(`SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid()
			AND backend_xmin IS NOT NULL AND xact_start <= $1::text::timestamptz`, begun).Scan(&older)
		return older == 0, err
	}); err != nil {
		return err
	}
	var tables string
	if err := s.queryRow(`SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables
		WHERE schemaname = current_schema()`).Scan(&tables); err != nil {
		return err
	}
	return s.run("VACUUM " + tables)
}

// retryUntil calls done until it says so, for as long as Forget may wait.
func retryUntil(ctx context.Context, held string, done func() (bool, error)) error {
	end := time.Now().Add(forgetWithin)
	for wait := time.Millisecond; ; wait = min(2*wait, 50*time.Millisecond) {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%w: a reading that does not end holds %s", ErrLocked, held)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(wait):
		}
	}
}
