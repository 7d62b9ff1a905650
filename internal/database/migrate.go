package database

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// embedded holds one folder an engine; files of the same number belong
// together, and the parity test compares what they make.
//
//go:embed migrations
var embedded embed.FS

// Migrations are the register's migrations for an engine, *.sql at the top.
func Migrations(e Engine) fs.FS {
	sub, err := fs.Sub(embedded, "migrations/"+e.String())
	if err != nil {
		panic(err) // only a malformed name can do this
	}
	return sub
}

// prepare brings the schema up to date, or checks that it is when the database
// is for reading only, and sets the floor of Tx.Now. pool opens a
// database/sql pool, which goose wants.
func (db *DB) prepare(ctx context.Context, files fs.FS, pool func() (*sql.DB, error)) error {
	if db.bare {
		return nil
	}
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return fmt.Errorf("database: migrations: %w", err)
	}
	var newest int64
	wanted := 0
	for _, name := range names {
		number, err := goose.NumericComponent(name)
		if err != nil {
			return fmt.Errorf("database: migrations: %w", err)
		}
		if db.upTo == 0 || number <= db.upTo {
			newest = max(newest, number)
			wanted++
		}
	}
	count, current, err := db.version(ctx)
	switch {
	case err != nil:
		return err
	case current > newest, db.upTo > newest:
		return ErrNewer
	case db.readOnly && count < wanted:
		return ErrOlder
	case count < wanted:
		if err := db.migrate(ctx, files, pool); err != nil {
			return err
		}
	}
	return db.findLast(ctx)
}

// version reads goose's table: how many migrations have run, and the highest
// number among them; zero of a fresh database.
func (db *DB) version(ctx context.Context) (count int, newest int64, err error) {
	s, err := db.connect(ctx, reading)
	if err != nil {
		return 0, 0, err
	}
	err = s.queryRow(`SELECT count(*), coalesce(max(version_id), 0) FROM goose_db_version
		WHERE is_applied AND version_id > 0`).Scan(&count, &newest)
	if errors.Is(err, ErrStatement) { // no such table
		s.discard()
		return 0, 0, nil
	}
	return count, newest, errors.Join(err, s.close())
}

// migrate runs what goose has not yet run.
func (db *DB) migrate(ctx context.Context, files fs.FS, open func() (*sql.DB, error)) error {
	pool, err := open()
	if err != nil {
		return translate(err)
	}
	defer pool.Close()
	dialect, options := goose.DialectSQLite3, []goose.ProviderOption{goose.WithDisableGlobalRegistry(true)}
	if db.engine == PostgreSQL {
		dialect = goose.DialectPostgres
		locker, err := lock.NewPostgresSessionLocker() // of two nodes that start at once, one migrates
		if err != nil {
			return fmt.Errorf("database: migrations: %w", err)
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	provider, err := goose.NewProvider(dialect, pool, files, options...)
	if err != nil {
		return fmt.Errorf("database: migrations: %w", err)
	}
	if db.upTo > 0 {
		_, err = provider.UpTo(ctx, db.upTo)
	} else {
		_, err = provider.Up(ctx)
	}
	if err != nil {
		// Here the driver's own text may be told: migrations bind no values.
		return fmt.Errorf("%w: migrations: %v", translate(err), err)
	}
	return nil
}
