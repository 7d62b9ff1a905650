package database_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"sync"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

var ctx = context.Background()

// put inserts a row that a second put of the same name conflicts with.
func put(tx *database.Tx, name string) error {
	_, err := tx.Exec("INSERT INTO register (name, value) VALUES ($1, $2)", name, []byte(name))
	return err
}

func write(t *testing.T, db *database.DB, act func(tx *database.Tx) error) {
	t.Helper()
	if err := db.Write(ctx, act); err != nil {
		t.Fatal(err)
	}
}

// names lists what is committed.
func names(t *testing.T, db *database.DB) (found []string) {
	t.Helper()
	err := db.Read(ctx, func(q database.Querier) error {
		rows, err := q.Query("SELECT name FROM register ORDER BY name")
		if err != nil {
			return err
		}
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				return err
			}
			found = append(found, name)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func wantNames(t *testing.T, db *database.DB, want ...string) {
	t.Helper()
	found := names(t, db)
	if len(found) != len(want) {
		t.Fatalf("committed are %v, want %v", found, want)
	}
	for i := range want {
		if found[i] != want[i] {
			t.Fatalf("committed are %v, want %v", found, want)
		}
	}
}

func TestAnActIsCommittedWhole(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error { return errors.Join(put(tx, "a"), put(tx, "b")) })
		wantNames(t, db, "a", "b")
	})
}

// Whatever goes wrong inside, nothing of the act stays, the act before stands,
// and the next one works. An error of the driver costs the connection, an
// error of the act alone does not.
func TestAFailedActLeavesNothing(t *testing.T) {
	errOwn := errors.New("the act changed its mind")
	cases := []struct {
		name     string
		act      func(tx *database.Tx) error
		want     error
		discards bool
	}{
		{"own error", func(tx *database.Tx) error { return errors.Join(put(tx, "x"), errOwn) }, errOwn, false},
		{"conflict", func(tx *database.Tx) error { return errors.Join(put(tx, "x"), put(tx, "a")) }, database.ErrConflict, true},
		{"conflict kept silent", func(tx *database.Tx) error {
			_ = put(tx, "x")
			_ = put(tx, "a")
			return nil
		}, database.ErrConflict, true},
		{"conflict, then another statement", func(tx *database.Tx) error {
			_ = put(tx, "a")
			return put(tx, "x")
		}, database.ErrConflict, true},
		{"conflict, then an own error", func(tx *database.Tx) error {
			_ = put(tx, "a")
			return errOwn
		}, errOwn, true},
		{"malformed statement", func(tx *database.Tx) error {
			_, err := tx.Exec("INSERT INTO nowhere VALUES ($1)", 1)
			return errors.Join(put(tx, "x"), err)
		}, nil, true},
		{"rows left open", func(tx *database.Tx) error {
			_, err := tx.Query("SELECT name FROM register")
			return errors.Join(err, errOwn)
		}, errOwn, false},
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error { return put(tx, "a") })
		for _, c := range cases {
			before := database.Writer(db)
			err := db.Write(ctx, func(tx *database.Tx) error {
				tx.AfterCommit(func() { t.Errorf("%s: the hook ran", c.name) })
				return c.act(tx)
			})
			if err == nil || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("%s: %v, want %v", c.name, err, c.want)
			}
			if discarded := database.Writer(db) != before; discarded != c.discards {
				t.Errorf("%s: connection discarded: %v, want %v", c.name, discarded, c.discards)
			}
			wantNames(t, db, "a")
			write(t, db, func(tx *database.Tx) error { return nil })
		}
		write(t, db, func(tx *database.Tx) error { return put(tx, "b") })
		wantNames(t, db, "a", "b")
	})
}

func TestAPanicDiscardsTheAct(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error { return put(tx, "a") })
		before := database.Writer(db)
		func() {
			defer func() {
				if recover() != "ouch" {
					t.Error("the panic did not come through")
				}
			}()
			_ = db.Write(ctx, func(tx *database.Tx) error {
				if err := put(tx, "x"); err != nil {
					t.Error(err)
				}
				panic("ouch")
			})
		}()
		if database.Writer(db) == before {
			t.Error("the connection was kept")
		}
		write(t, db, func(tx *database.Tx) error { return put(tx, "b") })
		wantNames(t, db, "a", "b")
	})
}

// The context counts before the act and never inside: a cancelled one once
// rolled back its neighbours' work and left the next act in autocommit.
func TestTheContextEndsAtTheDoor(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		cancelled, cancel := context.WithCancel(ctx)
		if err := db.Write(cancelled, func(tx *database.Tx) error {
			cancel()
			return put(tx, "a")
		}); err != nil {
			t.Errorf("cancelled inside: %v", err)
		}
		err := db.Write(cancelled, func(tx *database.Tx) error {
			t.Error("the act began")
			return nil
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled before: %v", err)
		}
		wantNames(t, db, "a")

		// And while waiting for the writer.
		inside, leave := make(chan struct{}), make(chan struct{})
		var wait sync.WaitGroup
		wait.Go(func() {
			_ = db.Write(ctx, func(tx *database.Tx) error {
				close(inside)
				<-leave
				return nil
			})
		})
		<-inside
		soon, cancel := context.WithTimeout(ctx, 10*time.Millisecond)
		defer cancel()
		if err := db.Write(soon, func(*database.Tx) error { return nil }); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("cancelled while waiting: %v", err)
		}
		close(leave)
		wait.Wait()
	})
}

func TestActsRunAloneAndHooksInTheirOrder(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		const each, together = 25, 8
		var order []int64
		var wait sync.WaitGroup
		for range together {
			wait.Go(func() {
				for range each {
					if err := db.Write(ctx, func(tx *database.Tx) error {
						n, err := tx.Next("acts")
						tx.AfterCommit(func() { order = append(order, n) }) // no lock: hooks never overlap
						return err
					}); err != nil {
						t.Error(err)
					}
				}
			})
		}
		wait.Wait()
		if len(order) != each*together {
			t.Fatalf("%d hooks ran", len(order))
		}
		for i, n := range order {
			if n != int64(i+1) {
				t.Fatalf("hook %d is of act %d", i+1, n)
			}
		}
	})
}

func TestACounterHasNoGapsAfterAFailure(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		next := func(fail error) (n int64) {
			_ = db.Write(ctx, func(tx *database.Tx) (err error) {
				if n, err = tx.Next("lists"); err != nil {
					t.Error(err)
				}
				return fail
			})
			return n
		}
		got := []int64{next(nil), next(errors.New("no")), next(nil), next(nil)}
		for i, want := range []int64{1, 2, 2, 3} {
			if got[i] != want {
				t.Fatalf("counted %v", got)
			}
		}
	})
}

func TestExecEachTakesManyRows(t *testing.T) {
	const many = 1234
	rows := func(buffer []byte) iter.Seq[[]any] {
		return func(yield func([]any) bool) {
			args := make([]any, 2)
			for i := range many {
				copy(buffer, fmt.Sprintf("%06d", i)) // reused, as a room that seals does
				args[0], args[1] = fmt.Sprintf("%06d", i), buffer
				if !yield(args) {
					return
				}
			}
		}
	}
	const insert = "INSERT INTO register (name, value) VALUES ($1, $2)"
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error {
			n, err := tx.ExecEach(insert, rows(make([]byte, 6)))
			if n != many {
				t.Errorf("%d rows", n)
			}
			return err
		})
		if err := db.Write(ctx, func(tx *database.Tx) error {
			if err := put(tx, "x"); err != nil {
				return err
			}
			_, err := tx.ExecEach(insert, rows(make([]byte, 6)))
			return err
		}); !errors.Is(err, database.ErrConflict) {
			t.Errorf("the same again: %v", err)
		}
		if err := db.Read(ctx, func(q database.Querier) error {
			var right, all int
			if err := q.QueryRow("SELECT count(*) FROM register").Scan(&all); err != nil {
				return err
			}
			rows, err := q.Query("SELECT name, value FROM register")
			if err != nil {
				return err
			}
			for rows.Next() {
				var name string
				var value []byte
				if err := rows.Scan(&name, &value); err != nil {
					return err
				}
				if name == string(value) {
					right++
				}
			}
			if all != many || right != many {
				t.Errorf("%d rows, %d of them right", all, right)
			}
			return rows.Err()
		}); err != nil {
			t.Fatal(err)
		}
	})
}

// A server that goes away in the middle of an act: the act is undone, the
// caller told, the next act finds a new connection.
func TestALostConnectionIsReplaced(t *testing.T) {
	db := databasetest.PostgreSQL(t)
	err := db.Write(ctx, func(tx *database.Tx) error {
		if err := put(tx, "x"); err != nil {
			return err
		}
		var ended bool
		return tx.QueryRow("SELECT pg_terminate_backend(pg_backend_pid())").Scan(&ended)
	})
	if !errors.Is(err, database.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
	err = db.Read(ctx, func(q database.Querier) error {
		var ended bool
		return q.QueryRow("SELECT pg_terminate_backend(pg_backend_pid())").Scan(&ended)
	})
	if !errors.Is(err, database.ErrUnavailable) {
		t.Errorf("%v, want ErrUnavailable", err)
	}
	write(t, db, func(tx *database.Tx) error { return put(tx, "a") })
	wantNames(t, db, "a")
}

func TestNowIsFixedAndNeverGoesBack(t *testing.T) {
	clock := time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.FixedZone("Copenhagen", 3600))
	setClock := func(o *database.Options) { o.Clock = func() time.Time { return clock } }
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		clock = time.Date(2026, 11, 22, 10, 0, 0, 123456789, time.FixedZone("Copenhagen", 3600))
		now := func() (at time.Time) {
			write(t, db, func(tx *database.Tx) error {
				at = tx.Now()
				clock = clock.Add(time.Minute)
				if !tx.Now().Equal(at) {
					t.Error("Now moved within the act")
				}
				return nil
			})
			return at
		}
		first := now()
		if first.Location() != time.UTC || !first.Equal(time.Date(2026, 11, 22, 9, 0, 0, 123456000, time.UTC)) {
			t.Errorf("Now is %v", first)
		}
		second := now()
		clock = clock.Add(-time.Hour)
		if third := now(); !third.Equal(second) {
			t.Errorf("after the clock went back Now is %v, was %v", third, second)
		}
		later := second.Add(24 * time.Hour)
		db.NotBefore(later)
		if at := now(); !at.Equal(later) {
			t.Errorf("Now is %v, not before was %v", at, later)
		}
	}, setClock)
}

func TestNowKnowsTheLastActAfterAStart(t *testing.T) {
	dir := t.TempDir()
	open := map[string]database.Options{
		"sqlite":     {Path: dir + "/register.db"},
		"postgresql": {DSN: databasetest.DSN(t)},
	}
	for name, o := range open {
		t.Run(name, func(t *testing.T) {
			future := time.Now().Add(time.Hour).UTC().Truncate(time.Microsecond)
			db := mustOpen(t, o)
			write(t, db, func(tx *database.Tx) error {
				_, err := tx.Exec("INSERT INTO unit (id, level, code, name, created_at) VALUES (1, 'a', 'b', 'c', $1)", future.UnixMicro())
				return err
			})
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
			db = mustOpen(t, o)
			write(t, db, func(tx *database.Tx) error {
				if !tx.Now().Equal(future) {
					t.Errorf("Now is %v, a row is from %v", tx.Now(), future)
				}
				return nil
			})
		})
	}
}

func TestATransactionEndsWithItsAct(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		var kept *database.Tx
		write(t, db, func(tx *database.Tx) error { kept = tx; return nil })
		if err := put(kept, "late"); err == nil {
			t.Error("a statement ran after the act")
		}
		var keptReader database.Querier
		if err := db.Read(ctx, func(q database.Querier) error { keptReader = q; return nil }); err != nil {
			t.Fatal(err)
		}
		if _, err := keptReader.Query("SELECT name FROM register"); err == nil {
			t.Error("a query ran after the reading")
		}
		wantNames(t, db)
	})
}

func TestAClosedDatabaseSaysSo(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		write(t, db, func(tx *database.Tx) error { return put(tx, "a") })
		for range 2 {
			if err := db.Close(); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Write(ctx, func(*database.Tx) error { return nil }); !errors.Is(err, database.ErrClosed) {
			t.Errorf("Write: %v", err)
		}
		if err := db.Read(ctx, func(database.Querier) error { return nil }); !errors.Is(err, database.ErrClosed) {
			t.Errorf("Read: %v", err)
		}
		if err := db.Forget(ctx); !errors.Is(err, database.ErrClosed) {
			t.Errorf("Forget: %v", err)
		}
		db.NotBefore(time.Now())
	})
}

// Two nodes on one PostgreSQL that both write: SERIALIZABLE, and who loses is
// run again.
func TestSerializationFailuresAreRetried(t *testing.T) {
	dsn := databasetest.DSN(t)
	mustOpen(t, database.Options{DSN: dsn}).Close()
	a := mustOpen(t, database.Options{DSN: dsn, Shared: true})
	b := mustOpen(t, database.Options{DSN: dsn, Shared: true})
	runs := 0
	write(t, a, func(tx *database.Tx) error {
		runs++
		var n int64
		if err := tx.QueryRow("SELECT count(*) FROM register").Scan(&n); err != nil {
			return err
		}
		if runs == 1 {
			write(t, b, func(tx *database.Tx) error {
				if err := tx.QueryRow("SELECT count(*) FROM register").Scan(&n); err != nil {
					return err
				}
				return put(tx, "b")
			})
		}
		return put(tx, "a")
	})
	if runs != 2 {
		t.Errorf("the act ran %d times", runs)
	}
	wantNames(t, a, "a", "b")
}

func mustOpen(t testing.TB, o database.Options) *database.DB {
	t.Helper()
	db, err := database.Open(ctx, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}
