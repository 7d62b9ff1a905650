package database_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// secret must not turn up in any error.
const secret = "Hjortøe"

func TestErrorsAreToldApartByCodeAndCarryNoValue(t *testing.T) {
	const insertUnit = "INSERT INTO unit (id, parent, level, code, name, created_at) VALUES ($1, $2, $3, $4, $5, $6)"
	cases := []struct {
		name string
		want error
		text string
		args []any
	}{
		{"unique", database.ErrConflict, insertUnit, []any{2, nil, "l", secret, secret, 1}},
		{"primary key", database.ErrConflict, insertUnit, []any{1, nil, "l", "other", secret, 1}},
		{"foreign key", database.ErrConflict, insertUnit, []any{2, 99, "l", "other", secret, 1}},
		{"null", database.ErrInvalid, insertUnit, []any{2, nil, nil, "other", secret, 1}},
		{"check", database.ErrInvalid, "INSERT INTO journal_entry (id, leaf) VALUES ($1, $2)", []any{1, []byte(secret)}},
		{"type", database.ErrInvalid, "INSERT INTO unit (id, level, code, name, created_at) VALUES ($1, 'l', 'c', 'n', $2)", []any{2, secret}},
		{"no table", nil, "INSERT INTO nowhere VALUES ($1)", []any{secret}},
		{"too few arguments", nil, insertUnit, []any{secret}},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error {
			_, err := tx.Exec(insertUnit, 1, nil, "l", secret, secret, 1)
			return err
		})
		for _, c := range cases {
			err := db.Write(ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(c.text, c.args...)
				return err
			})
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("%s: the error tells the value: %v", c.name, err)
			}
		}
	})
}

func TestAFullDiskIsErrFull(t *testing.T) {
	db := databasetest.SQLite(t)
	database.RunOnWriter(t, db, "PRAGMA max_page_count = 60")
	err := db.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec("INSERT INTO register (name, value) VALUES ('big', $1)", make([]byte, 1<<20))
		return err
	})
	if !errors.Is(err, database.ErrFull) {
		t.Errorf("%v, want ErrFull", err)
	}
	write(t, db, func(tx *database.Tx) error { return put(tx, "a") })
	wantNames(t, db, "a")
}

func TestADamagedFileIsErrCorrupt(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	if err := os.WriteFile(path, []byte(strings.Repeat("no database. ", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := database.Open(ctx, database.Options{Path: path}); !errors.Is(err, database.ErrCorrupt) {
		t.Errorf("%v, want ErrCorrupt", err)
	}
}

func TestAServerThatIsAwayIsErrUnavailable(t *testing.T) {
	const password = "kodeord"
	for _, dsn := range []string{
		"host=" + t.TempDir() + " user=u dbname=d password=" + password,
		"postgres://u:" + password + "@127.0.0.1:1/d?sslmode=disable",
		"postgres://u:" + password + "@[not an address/d",
	} {
		_, err := database.Open(ctx, database.Options{DSN: dsn})
		if !errors.Is(err, database.ErrUnavailable) {
			t.Errorf("%v, want ErrUnavailable", err)
		}
		if err != nil && strings.Contains(err.Error(), password) {
			t.Errorf("the error tells the password: %v", err)
		}
	}
	if _, err := database.Open(ctx, database.Options{}); err == nil {
		t.Error("opened neither path nor DSN")
	}
}

// The journal's rows stand, on both engines: no UPDATE, no REPLACE, no DELETE
// before their retention has ended, no TRUNCATE.
func TestL1JournalRowsStand(t *testing.T) {
	past, future := time.Now().Add(-time.Hour).UnixMicro(), time.Now().Add(time.Hour).UnixMicro()
	leaf := make([]byte, 32)
	insert := func(tx *database.Tx) error {
		for _, row := range []struct {
			text string
			args []any
		}{
			{"INSERT INTO journal_entry (id, leaf) VALUES (1, $1)", []any{leaf}},
			{"INSERT INTO journal_position (position, entry) VALUES (0, 1)", nil},
			{"INSERT INTO journal_hash (idx, hash) VALUES (0, $1)", []any{leaf}},
			{"INSERT INTO journal_checkpoint (size, note, created_at) VALUES (1, 'n', 1)", nil},
			{"INSERT INTO journal_body (entry, salt, body, keep_until) VALUES (1, $1, $1, $2)", []any{leaf, past}},
			{"INSERT INTO journal_body (entry, salt, body, keep_until) VALUES (2, $1, $1, $2)", []any{leaf, future}},
			{"INSERT INTO journal_person (chunk, entry, act, bits, keep_until) VALUES (0, 1, 1, $1, $2)", []any{leaf, past}},
			{"INSERT INTO journal_person (chunk, entry, act, bits, keep_until) VALUES (0, 2, 1, $1, $2)", []any{leaf, future}},
		} {
			if _, err := tx.Exec(row.text, row.args...); err != nil {
				return err
			}
		}
		return nil
	}
	refused := []string{
		"UPDATE journal_entry SET id = 2",
		"UPDATE journal_position SET position = 2",
		"UPDATE journal_hash SET idx = 2",
		"UPDATE journal_checkpoint SET note = ''",
		"UPDATE journal_body SET keep_until = 0",
		"UPDATE journal_person SET keep_until = 0",
		"DELETE FROM journal_entry",
		"DELETE FROM journal_position",
		"DELETE FROM journal_hash",
		"DELETE FROM journal_checkpoint",
		"DELETE FROM journal_body",
		"DELETE FROM journal_body WHERE entry = 2",
		"DELETE FROM journal_person",
		"DELETE FROM journal_person WHERE entry = 2",
		"INSERT INTO journal_checkpoint (size, note, created_at) VALUES (1, 'm', 1) ON CONFLICT (size) DO UPDATE SET note = 'm'",
	}
	only := map[database.Engine][]string{
		database.SQLite: {
			"REPLACE INTO journal_checkpoint (size, note, created_at) VALUES (1, 'm', 1)",
			"REPLACE INTO journal_person (chunk, entry, act, bits, keep_until) VALUES (0, 2, 2, x'00', 0)",
		},
		database.PostgreSQL: {
			"TRUNCATE journal_entry", "TRUNCATE journal_position", "TRUNCATE journal_hash",
			"TRUNCATE journal_checkpoint", "TRUNCATE journal_body", "TRUNCATE journal_person",
		},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, insert)
		for _, text := range append(only[db.Engine()], refused...) {
			err := db.Write(ctx, func(tx *database.Tx) error {
				_, err := tx.Exec(text)
				return err
			})
			if !errors.Is(err, database.ErrRefused) {
				t.Errorf("%s: %v, want ErrRefused", text, err)
			}
		}
		write(t, db, func(tx *database.Tx) error {
			for _, table := range []string{"journal_body", "journal_person"} {
				n, err := tx.Exec("DELETE FROM "+table+" WHERE keep_until < $1", tx.Now().UnixMicro()-60e6)
				if n != 1 || err != nil {
					t.Errorf("pruning %s: %d, %v", table, n, err)
				}
			}
			return nil
		})
	})
}
