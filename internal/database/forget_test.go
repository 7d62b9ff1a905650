package database_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// letters gives a person's row a content that can be found in raw bytes: of any
// length, over a page now and then.
func letters(r *rand.Rand, person int) []byte {
	times := 5 + r.Intn(40)
	if r.Intn(40) == 0 {
		times = 1000
	}
	return bytes.Repeat(fmt.Appendf(nil, "<P%06d>", person), times)
}

var inRawBytes = regexp.MustCompile(`<P(\d{6})>`)

// readable lists the persons whose rows can be read in any file of the directory.
func readable(t *testing.T, dir string) map[int]bool {
	t.Helper()
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	found := map[int]bool{}
	for _, file := range files {
		raw, err := os.ReadFile(filepath.Join(dir, file.Name()))
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range inRawBytes.FindAllSubmatch(raw, -1) {
			person, _ := strconv.Atoi(string(match[1]))
			found[person] = true
		}
	}
	return found
}

// Rows inserted out of order, replaced by shorter and longer ones, moved from
// page to page, then deleted: after Forget no byte of them is in any file, and
// the others are whole. (secure_delete alone leaves some; residue.go.)
func TestD7ForgottenRowsAreInNoFile(t *testing.T) {
	const persons, erased = 6000, 1500
	db := databasetest.SQLite(t)
	dir := filepath.Dir(db.Path())
	r := rand.New(rand.NewSource(7))
	now := map[int][]byte{}
	batch := func(count int, person func(i int) int, texts ...string) {
		t.Helper()
		for from := 0; from < count; from += 250 {
			write(t, db, func(tx *database.Tx) error {
				for i := from; i < min(from+250, count); i++ {
					p := person(i)
					b := letters(r, p)
					for _, text := range texts {
						if _, err := tx.Exec(text, p, b); err != nil {
							return err
						}
					}
					now[p] = b
				}
				return nil
			})
		}
	}
	order := r.Perm(persons)
	batch(persons, func(i int) int { return order[i] },
		"INSERT INTO record (kind, person, id, class, version, sealed) VALUES (1, $1, 1, 1, 1, $2)",
		"INSERT INTO mail (id, key_id, sealed, created_at, not_before, attempts, ends_at) VALUES ($1, 1, $2, 1, 1, 1, 1)")
	batch(2*persons, func(int) int { return r.Intn(persons) },
		"UPDATE record SET sealed = $2, version = version + 1 WHERE kind = 1 AND person = $1",
		"UPDATE mail SET sealed = $2 WHERE id = $1")
	gone := r.Perm(persons)[:erased]
	batch(erased, func(i int) int { return gone[i] },
		"DELETE FROM record WHERE kind = 1 AND person = $1 AND $2 IS NOT NULL",
		"DELETE FROM mail WHERE id = $1 AND $2 IS NOT NULL")
	for _, p := range gone {
		delete(now, p)
	}

	if err := db.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	found := readable(t, dir)
	for _, p := range gone {
		if found[p] {
			t.Errorf("person %d can still be read", p)
		}
	}
	if len(found) != len(now) {
		t.Errorf("%d persons can be found, want %d", len(found), len(now))
	}
	if pages, err := database.PagesWithResidue(db.Path()); err != nil || len(pages) != 0 {
		t.Errorf("%d pages with residue, %v", len(pages), err)
	}
	err := db.Read(ctx, func(q database.Querier) error {
		var verdict string
		if err := q.QueryRow("PRAGMA integrity_check").Scan(&verdict); err != nil || verdict != "ok" {
			t.Errorf("the file is %q, %v", verdict, err)
		}
		for _, text := range []string{"SELECT person, sealed FROM record", "SELECT id, sealed FROM mail"} {
			rows, err := q.Query(text)
			if err != nil {
				return err
			}
			n := 0
			for ; rows.Next(); n++ {
				var person int
				var sealed []byte
				if err := rows.Scan(&person, &sealed); err != nil {
					return err
				}
				if !bytes.Equal(sealed, now[person]) {
					t.Errorf("%s: the row of %d changed", text, person)
				}
			}
			if err := rows.Err(); err != nil || n != len(now) {
				t.Errorf("%s: %d rows, want %d; %v", text, n, len(now), err)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	// And the file goes on being written to, and found in order, by everybody.
	batch(500, func(i int) int { return gone[i] },
		"INSERT INTO record (kind, person, id, class, version, sealed) VALUES (1, $1, 1, 1, 1, $2)")
	if err := db.Forget(ctx); err != nil {
		t.Fatal(err)
	}
}

// Only the pages that were written since the last time are looked through, when the
// log tells which, and nothing is left in any other. Meanwhile SQLite moves its log
// by itself now and then, and once the file is opened anew: then it is all of them.
func TestD7ForgetLooksWhereWasWritten(t *testing.T) {
	db := databasetest.SQLite(t)
	r := rand.New(rand.NewSource(11))
	next, told := 0, 0
	for round := range 24 {
		many := 1 + r.Intn(30)
		if round%10 == 9 {
			many = 2500 // more than the log is let grow to
		}
		for range max(1, many/10) {
			write(t, db, func(tx *database.Tx) error {
				for range 10 {
					if _, err := tx.Exec("INSERT INTO record (kind, person, id, class, version, sealed) VALUES (1, $1, 1, 1, 1, $2)", next, letters(r, next)); err != nil {
						return err
					}
					next++
				}
				_, err := tx.Exec("DELETE FROM record WHERE person IN ($1, $2, $3)", r.Intn(next), r.Intn(next), r.Intn(next))
				return err
			})
		}
		write(t, db, func(tx *database.Tx) error {
			_, err := tx.Exec("DELETE FROM record WHERE person % 7 = $1", r.Intn(7))
			return err
		})
		pages, known, err := database.ChangedPages(db)
		if err != nil {
			t.Fatal(err)
		}
		if known {
			told++
			if len(pages) == 0 {
				t.Errorf("round %d: rows were written, and no page", round)
			}
		}
		if err := db.Forget(ctx); err != nil {
			t.Fatal(err)
		}
		if pages, err := database.PagesWithResidue(db.Path()); err != nil || len(pages) != 0 {
			t.Fatalf("round %d, pages known: %v: %d pages with residue, %v", round, known, len(pages), err)
		}
		if pages, known, err := database.ChangedPages(db); err != nil || known && len(pages) != 0 {
			t.Errorf("round %d: %d pages changed since, %v", round, len(pages), err)
		}
	}
	if told < 14 || told > 23 {
		t.Errorf("the log told %d times of 24", told)
	}
}

// Forget waits for readings that began before it, since they may still need
// what it removes, and gives up when its context ends.
func TestForgetWaitsForReadings(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error { return put(tx, "a") })
		reading, leave, left := make(chan struct{}), make(chan struct{}), make(chan error)
		go func() {
			left <- db.Read(ctx, func(q database.Querier) error {
				var n int
				err := q.QueryRow("SELECT count(*) FROM register").Scan(&n)
				close(reading)
				<-leave
				return err
			})
		}()
		<-reading
		write(t, db, func(tx *database.Tx) error {
			_, err := tx.Exec("DELETE FROM register")
			return err
		})
		soon, cancel := context.WithTimeout(ctx, 300*time.Millisecond)
		defer cancel()
		if err := db.Forget(soon); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("beside a reading: %v", err)
		}
		time.AfterFunc(100*time.Millisecond, func() { close(leave) })
		if err := db.Forget(ctx); err != nil {
			t.Errorf("after the reading: %v", err)
		}
		if err := <-left; err != nil {
			t.Error(err)
		}
	})
}

// On PostgreSQL the deleted row's place is free after Forget: the next row takes it.
func TestForgetFreesThePlaceOnPostgreSQL(t *testing.T) {
	db := databasetest.PostgreSQL(t)
	insert := func(name string) (place string) {
		write(t, db, func(tx *database.Tx) error {
			return tx.QueryRow("INSERT INTO register (name, value) VALUES ($1, 'x') RETURNING ctid::text", name).Scan(&place)
		})
		return place
	}
	first := insert("a")
	insert("b")
	write(t, db, func(tx *database.Tx) error {
		_, err := tx.Exec("DELETE FROM register WHERE name = 'a'")
		return err
	})
	if err := db.Forget(ctx); err != nil {
		t.Fatal(err)
	}
	if next := insert("c"); next != first {
		t.Errorf("the next row went to %s, the deleted was at %s", next, first)
	}
}
