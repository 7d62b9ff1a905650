package database_test

import (
	"context"
	"database/sql"
	"errors"
	"math"
	"strings"
	"sync"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

func TestAReadingSeesOneSnapshot(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error { return put(tx, "a") })
		err := db.Read(ctx, func(q database.Querier) error {
			count := func() (n int) {
				if err := q.QueryRow("SELECT count(*) FROM register").Scan(&n); err != nil {
					t.Error(err)
				}
				return n
			}
			before := count()
			write(t, db, func(tx *database.Tx) error { return put(tx, "b") })
			if after := count(); before != 1 || after != 1 {
				t.Errorf("the reading saw %d, then %d rows", before, after)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		wantNames(t, db, "a", "b")
	})
}

func TestAReadingCannotWrite(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		err := db.Read(ctx, func(q database.Querier) error {
			var name string
			return q.QueryRow("INSERT INTO register (name, value) VALUES ('x', 'x') RETURNING name").Scan(&name)
		})
		if !errors.Is(err, database.ErrReadOnly) {
			t.Errorf("%v, want ErrReadOnly", err)
		}
		wantNames(t, db)
	})
}

func TestReadingsRunTogetherAndEndWithTheirContext(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error { return put(tx, "a") })
		var wait sync.WaitGroup
		for range 40 {
			wait.Go(func() {
				for range 10 {
					wantOne := func(q database.Querier) error {
						var n int
						return q.QueryRow("SELECT count(*) FROM register WHERE name = $1", "a").Scan(&n)
					}
					if err := db.Read(ctx, wantOne); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()

		cancelled, cancel := context.WithCancel(ctx)
		err := db.Read(cancelled, func(q database.Querier) error {
			rows, err := q.Query(`WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)
				SELECT i FROM n`)
			if err != nil {
				return err
			}
			for rows.Next() {
				cancel()
			}
			return rows.Err()
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("a cancelled reading: %v", err)
		}
		if err := db.Read(cancelled, func(database.Querier) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("with a cancelled context: %v", err)
		}
		wantNames(t, db, "a")
	})
}

// What would work on one engine only is refused on both.
func TestAQueryWhileRowsAreOpenIsRefused(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error { return errors.Join(put(tx, "a"), put(tx, "b")) })
		write(t, db, func(tx *database.Tx) error {
			rows, err := tx.Query("SELECT name FROM register")
			if err != nil {
				return err
			}
			rows.Next()
			if err := put(tx, "c"); !errors.Is(err, database.ErrRowsOpen) {
				t.Errorf("Exec: %v", err)
			}
			var n int
			if err := tx.QueryRow("SELECT 1").Scan(&n); !errors.Is(err, database.ErrRowsOpen) {
				t.Errorf("QueryRow: %v", err)
			}
			if err := errors.Join(rows.Close(), rows.Close()); err != nil {
				t.Error(err)
			}
			return put(tx, "c")
		})
		wantNames(t, db, "a", "b", "c")
	})
}

func TestNoRowIsErrNotFoundAndBreaksNothing(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error {
			var value []byte
			err := tx.QueryRow("SELECT value FROM register WHERE name = $1", "none").Scan(&value)
			if !errors.Is(err, database.ErrNotFound) {
				t.Errorf("%v, want ErrNotFound", err)
			}
			return put(tx, "a")
		})
		wantNames(t, db, "a")
	})
}

type (
	personID uint32
	code     string
	hash     [3]byte
)

// Values go in and come out as the same on both engines, in the types rooms use.
func TestValuesAreTheSameOnBothEngines(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		unit := int64(7)
		write(t, db, func(tx *database.Tx) error {
			n, err := tx.Exec(`INSERT INTO duty (id, kind, subject, unit, person, post, due_on, created_at, outcome, done_at)
				VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
				int64(math.MaxInt64), code("list"), personID(4_000_000_000), &unit, (*int64)(nil), "", "2026-11-22",
				time.Duration(-5), "Ærø ⟦x⟧", sql.NullInt64{})
			if n != 1 {
				t.Errorf("%d rows inserted", n)
			}
			if err != nil {
				return err
			}
			_, err = tx.Exec("INSERT INTO register (name, value) VALUES ($1, $2)", "empty", []byte{})
			if err != nil {
				return err
			}
			h := hash{1, 0, 255}
			_, err = tx.Exec("INSERT INTO register (name, value) VALUES ($1, $2)", "hash", h[:])
			return err
		})
		err := db.Read(ctx, func(q database.Querier) error {
			var (
				id, created         int64
				kind                code
				subject             personID
				unit, person        *int64
				post, due, outcome  string
				done                sql.NullInt64
				doneAt, reminded    sql.Null[int64]
				empty, raw          []byte
				fixed               hash
				whatever            any
				isSeven, isNotSeven bool
			)
			if err := q.QueryRow(`SELECT id, kind, subject, unit, person, post, due_on, created_at, outcome, done_at, done_at,
				reminded_at, CASE WHEN unit = 7 THEN 1 ELSE 0 END, CASE WHEN unit = 7 THEN 0 ELSE 1 END, unit FROM duty`).
				Scan(&id, &kind, &subject, &unit, &person, &post, &due, &created, &outcome, &done, &doneAt,
					&reminded, &isSeven, &isNotSeven, &whatever); err != nil {
				return err
			}
			if id != math.MaxInt64 || kind != "list" || subject != 4_000_000_000 || unit == nil || *unit != 7 || person != nil ||
				post != "" || due != "2026-11-22" || created != -5 || outcome != "Ærø ⟦x⟧" || done.Valid || doneAt.Valid ||
				reminded.Valid || !isSeven || isNotSeven || whatever != int64(7) {
				t.Error(id, kind, subject, unit, person, post, due, created, outcome, done, doneAt, isSeven, isNotSeven, whatever)
			}
			if err := q.QueryRow("SELECT value FROM register WHERE name = 'empty'").Scan(&empty); err != nil {
				return err
			}
			if empty == nil || len(empty) != 0 {
				t.Errorf("an empty blob came back as %#v", empty)
			}
			if err := q.QueryRow("SELECT value, value FROM register WHERE name = 'hash'").Scan(&raw, &fixed); err != nil {
				return err
			}
			if string(raw) != "\x01\x00\xff" || fixed != (hash{1, 0, 255}) {
				t.Error(raw, fixed)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// A value that does not fit the destination is an error that names types, and
// neither the value nor, since nothing failed in the engine, a broken act.
func TestScanRefusesWhatDoesNotFit(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error {
			for _, into := range []any{new(string), new(uint8), new(time.Time), new(bool), 5, nil, (*int)(nil)} {
				err := tx.QueryRow("SELECT CAST($1 AS BIGINT)", 4711).Scan(into)
				if err == nil || strings.Contains(err.Error(), "4711") {
					t.Errorf("an integer into %T: %v", into, err)
				}
			}
			var n uint64
			if err := tx.QueryRow("SELECT CAST($1 AS BIGINT)", -1).Scan(&n); err == nil {
				t.Error("a negative number went into an unsigned one")
			}
			if err := tx.QueryRow("SELECT due_at FROM departure UNION ALL SELECT NULL").Scan(&n); err == nil {
				t.Error("NULL went into a number")
			}
			if err := tx.QueryRow("SELECT 1, 2").Scan(&n); err == nil {
				t.Error("two columns went into one")
			}
			if _, err := tx.Exec("SELECT $1", struct{}{}); err == nil {
				t.Error("a struct was bound")
			}
			return put(tx, "a")
		})
		wantNames(t, db, "a")
	})
}

// The statement cache of a connection is bounded, and what was pushed out works again.
func TestManyStatementTexts(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error {
			for round := range 2 {
				for i := range 600 {
					var n int
					text := "SELECT CAST($1 AS BIGINT) +" + strings.Repeat(" ", i) + " 1"
					if err := tx.QueryRow(text, i).Scan(&n); err != nil || n != i+1 {
						t.Fatalf("round %d, text %d: %d, %v", round, i, n, err)
					}
				}
			}
			return nil
		})
	})
}
