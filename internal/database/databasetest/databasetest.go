//go:build unix

// Package databasetest gives a test a fresh register on either engine. It
// knows the database package and a PostgreSQL cluster of its own, which it
// starts on the first need and shares with every other test on the machine. It
// keeps running, idle, under kartotek-postgresql-UID in the temporary
// directory; whoever stops it or removes that directory loses nothing.
package databasetest

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"kartotek/internal/database"
)

// Option changes how a test's register is opened, for a clock of one's own:
//
//	databasetest.Each(t, body, func(o *database.Options) { o.Clock = clock })
type Option func(*database.Options)

// Each runs the body as the subtests "sqlite" and "postgresql", each with a
// fresh register that is closed and removed afterwards.
func Each(t *testing.T, body func(t *testing.T, db *database.DB), options ...Option) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { body(t, SQLite(t, options...)) })
	t.Run("postgresql", func(t *testing.T) { body(t, PostgreSQL(t, options...)) })
}

// EachBenchmark is Each for benchmarks.
func EachBenchmark(b *testing.B, body func(b *testing.B, db *database.DB), options ...Option) {
	b.Helper()
	b.Run("sqlite", func(b *testing.B) { body(b, SQLite(b, options...)) })
	b.Run("postgresql", func(b *testing.B) { body(b, PostgreSQL(b, options...)) })
}

// SQLite gives a fresh register in a directory of the test.
func SQLite(t testing.TB, options ...Option) *database.DB {
	t.Helper()
	path := filepath.Join(t.TempDir(), "register.db")
	migrated, err := migratedFile()
	if err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	if err := os.WriteFile(path, migrated, 0o600); err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	return open(t, database.Options{Path: path}, options)
}

// PostgreSQL gives a fresh register in a database of the test.
func PostgreSQL(t testing.TB, options ...Option) *database.DB {
	t.Helper()
	return open(t, database.Options{DSN: fromTemplate(t)}, options)
}

// DSN gives the address of a fresh, empty PostgreSQL database, dropped when
// the test ends.
func DSN(t testing.TB) string {
	t.Helper()
	return create(t, "template0")
}

// Fresh is DSN with the schema in place, which a test then need not wait for.
func Fresh(t testing.TB) string {
	t.Helper()
	return fromTemplate(t)
}

// Copy gives the address of a copy of a PostgreSQL database, as an old backup
// would be. Nobody may be connected to the original meanwhile.
func Copy(t testing.TB, dsn string) string {
	t.Helper()
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal("databasetest: not an address")
	}
	return create(t, config.Database)
}

// Files lists the files of the server in which bytes of a database can be: its
// own, and the write-ahead log of all. They are written out first.
func Files(t testing.TB, dsn string) (paths []string) {
	t.Helper()
	c, err := theCluster()
	if err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		t.Fatal("databasetest: not an address")
	}
	var oid uint32
	err = c.with(func(ctx context.Context, conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "CHECKPOINT"); err != nil {
			return err
		}
		return conn.QueryRow(ctx, "SELECT oid FROM pg_database WHERE datname = $1", config.Database).Scan(&oid)
	})
	if err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	for _, pattern := range []string{fmt.Sprintf("base/%d/*", oid), "pg_wal/0*", "base/pgsql_tmp/*"} {
		found, err := filepath.Glob(filepath.Join(c.socket, "data", pattern))
		if err != nil {
			t.Fatalf("databasetest: %v", err)
		}
		paths = append(paths, found...)
	}
	return paths
}

func open(t testing.TB, o database.Options, options []Option) *database.DB {
	t.Helper()
	for _, option := range options {
		option(&o)
	}
	db, err := database.Open(context.Background(), o)
	if err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("databasetest: closing: %v", err)
		}
	})
	return db
}

// migratedFile holds the bytes of a register as the migrations leave it: to
// copy them is much faster than to migrate for each test.
var migratedFile = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "kartotek-template-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "register.db")
	db, err := database.Open(context.Background(), database.Options{Path: path})
	if err != nil {
		return nil, err
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})
