//go:build unix

// Package databasetest gives a test a fresh register on either engine. It
// knows the database package and a PostgreSQL cluster of its own, which it
// starts on the first need and shares with every other test on the machine. It
// keeps running, idle, under kartotek-postgresql-UID in the temporary
// directory; whoever stops it or removes that directory loses nothing.
package databasetest

import (
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"

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
