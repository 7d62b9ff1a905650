package database_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"testing/fstest"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

func sqlFile(text string) *fstest.MapFile {
	return &fstest.MapFile{Data: []byte("-- +goose Up\n" + text)}
}

// The keyring is such a file: its own migrations, the same care.
func TestOpenFileHasItsOwnMigrations(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keyring ?#%.db") // any name a person may give
	first := fstest.MapFS{"00001_key.sql": sqlFile("CREATE TABLE key (id INTEGER NOT NULL PRIMARY KEY, wrapped BLOB NOT NULL) STRICT;")}
	second := fstest.MapFS{"00001_key.sql": first["00001_key.sql"], "00002_claim.sql": sqlFile("CREATE TABLE claim (mac BLOB NOT NULL PRIMARY KEY) STRICT;")}
	open := func(files fstest.MapFS, o database.Options) (*database.DB, error) {
		db, err := database.OpenFile(ctx, path, files, o)
		if err == nil {
			t.Cleanup(func() { _ = db.Close() })
		}
		return db, err
	}
	insert := func(db *database.DB, text string) {
		t.Helper()
		write(t, db, func(tx *database.Tx) error { _, err := tx.Exec(text); return err })
	}
	if _, err := open(first, database.Options{ReadOnly: true}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("reading a file that is not there: %v", err)
	}
	db, err := open(first, database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if db.Engine() != database.SQLite || db.Path() != path {
		t.Errorf("%v at %s", db.Engine(), db.Path())
	}
	insert(db, "INSERT INTO key (id, wrapped) VALUES (1, x'01')")
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open(second, database.Options{ReadOnly: true}); !errors.Is(err, database.ErrOlder) {
		t.Errorf("reading a file that is not migrated: %v, want ErrOlder", err)
	}
	if db, err = open(second, database.Options{}); err != nil {
		t.Fatal(err)
	}
	insert(db, "INSERT INTO claim (mac) VALUES (x'02')")
	if err := db.Read(ctx, func(q database.Querier) error {
		var n int
		return q.QueryRow("SELECT id FROM key").Scan(&n)
	}); err != nil {
		t.Errorf("the row from before the migration: %v", err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := open(first, database.Options{}); !errors.Is(err, database.ErrNewer) {
		t.Errorf("a file a newer version migrated: %v, want ErrNewer", err)
	}
}

func TestAMigrationThatFailsSaysWhy(t *testing.T) {
	files := fstest.MapFS{"00001_bad.sql": sqlFile("CREATE TABLE broken (id NOTYPE) STRICT;")}
	path := filepath.Join(t.TempDir(), "x.db")
	if _, err := database.OpenFile(ctx, path, files, database.Options{}); err == nil {
		t.Fatal("it opened")
	}
	// Nothing is held afterwards.
	db, err := database.OpenFile(ctx, path, fstest.MapFS{"00001_good.sql": sqlFile("CREATE TABLE good (id INTEGER) STRICT;")}, database.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestAnEmptyPostgreSQLIsMigrated(t *testing.T) {
	o := database.Options{DSN: databasetest.DSN(t)}
	beside := o
	beside.ReadOnly = true
	if _, err := database.Open(ctx, beside); !errors.Is(err, database.ErrOlder) {
		t.Errorf("reading an empty database: %v, want ErrOlder", err)
	}
	db := mustOpen(t, o)
	write(t, db, func(tx *database.Tx) error { return put(tx, "a") })
	if db.Path() != "" || db.Engine().String() != "postgresql" {
		t.Errorf("%v at %q", db.Engine(), db.Path())
	}
}

// What the design asks of every SQLite connection, read back from each kind.
func TestPragmas(t *testing.T) {
	db := databasetest.SQLite(t)
	want := map[string]any{
		"journal_mode": "wal", "synchronous": int64(2), "secure_delete": int64(1), "foreign_keys": int64(1),
		"temp_store": int64(2), "recursive_triggers": int64(1), "trusted_schema": int64(0), "auto_vacuum": int64(0),
		"busy_timeout": int64(10000), "journal_size_limit": int64(1 << 20),
	}
	check := func(q database.Querier, queryOnly int64) error {
		want["query_only"] = queryOnly
		for name, value := range want {
			var got any
			if err := q.QueryRow("PRAGMA " + name).Scan(&got); err != nil || got != value {
				t.Errorf("%s is %v, want %v; %v", name, got, value, err)
			}
		}
		return nil
	}
	write(t, db, func(tx *database.Tx) error { return check(tx, 0) })
	if err := db.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	write(t, db, func(tx *database.Tx) error { return check(tx, 0) })
	if err := db.Read(ctx, func(q database.Querier) error { return check(q, 1) }); err != nil {
		t.Fatal(err)
	}
}

// Nobody else on the machine reads the files, and no other file appears.
func TestFilesArePrivateAndFew(t *testing.T) {
	dir, temp := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	t.Setenv("SQLITE_TMPDIR", temp)
	db := mustOpen(t, database.Options{Path: filepath.Join(dir, "register.db")})
	write(t, db, func(tx *database.Tx) error {
		for i := range 20000 {
			if _, err := tx.Exec("INSERT INTO register (name, value) VALUES ($1, $2)", string(rune(0x4e00+i)), make([]byte, 200)); err != nil {
				return err
			}
		}
		_, err := tx.Exec("UPDATE register SET value = $1 WHERE name IN (SELECT name FROM register ORDER BY value, name DESC)", make([]byte, 100))
		return err
	})
	if err := db.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		info, err := file.Info()
		if err != nil {
			t.Fatal(err)
		}
		switch file.Name() {
		case "register.db", "register.db-wal", "register.db-shm", "register.db.lock":
		default:
			t.Errorf("a file %s appeared", file.Name())
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", file.Name(), info.Mode().Perm())
		}
	}
	if left, err := os.ReadDir(temp); err != nil || len(left) != 0 {
		t.Errorf("temporary files: %v, %v", left, err)
	}
}
