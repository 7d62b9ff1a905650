package database

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"
)

// attempts is how often an act is run again after a serialization failure,
// which only several nodes on one PostgreSQL can cause.
const attempts = 8

// Tx is a running act. It is used by the goroutine the act runs in.
type Tx struct {
	session *session
	now     time.Time
	hooks   []func()
}

// Write runs an act: fn in a transaction of its own, alone. It commits when fn
// returns nil and no statement failed, and returns when that is durable.
//
// The context counts until the act begins, while waiting for the writer too;
// from then on the act runs to its end. After an error of the driver, or a
// panic, transaction and connection are discarded. fn may be run again after a
// serialization failure, so what it does outside tx belongs into
// Tx.AfterCommit. A Write within a Write, or within a hook, waits for itself.
func (db *DB) Write(ctx context.Context, fn func(tx *Tx) error) error {
	if db.readOnly {
		return ErrReadOnly
	}
	if err := db.takeTurn(ctx); err != nil {
		return err
	}
	defer func() { <-db.turn }()
	for n := 1; ; n++ {
		hooks, err := db.act(fn)
		if err == nil {
			// Still the writer: hooks of two acts run in the order of the commits.
			for _, hook := range hooks {
				hook()
			}
			return nil
		}
		if !errors.Is(err, errSerialize) {
			return err
		}
		if n == attempts {
			return fmt.Errorf("%w: %w", ErrLocked, err)
		}
		time.Sleep(time.Duration(n*n) * 2 * time.Millisecond)
	}
}

// takeTurn waits until the caller is the writer.
func (db *DB) takeTurn(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closing:
		return ErrClosed
	case db.turn <- struct{}{}:
	}
	err := ctx.Err()
	select {
	case <-db.closing:
		err = ErrClosed
	default:
	}
	if err != nil {
		<-db.turn
	}
	return err
}

// act runs fn once and returns its hooks if it was committed.
func (db *DB) act(fn func(tx *Tx) error) (hooks []func(), err error) {
	s, err := db.writingSession()
	if err != nil {
		return nil, err
	}
	keep := false
	defer func() {
		if !keep { // an error, or a panic on its way up
			db.discardWriter()
		}
	}()
	if err := s.run(db.beginWrite()); err != nil {
		return nil, err
	}
	tx := &Tx{session: s, now: db.now()}
	err = fn(tx)
	tx.session = ended
	s.settle()
	if s.broken != nil { // also when fn kept silent about it
		if err == nil || errors.Is(s.broken, errSerialize) {
			err = s.broken
		}
		return nil, err
	}
	if err != nil {
		keep = s.run("ROLLBACK") == nil
		return nil, err
	}
	if err := s.run("COMMIT"); err != nil {
		return nil, err
	}
	keep = true
	db.last = tx.now
	return tx.hooks, nil
}

// now is the clock in UTC microseconds, not behind the last commit.
func (db *DB) now() time.Time {
	now := db.clock().UTC().Truncate(time.Microsecond)
	if now.Before(db.last) {
		return db.last
	}
	return now
}

// writingSession is the writer's connection, made anew after an error.
func (db *DB) writingSession() (*session, error) {
	if db.writer == nil {
		ctx, cancel := context.WithTimeout(context.Background(), connectWithin)
		defer cancel()
		s, err := db.connect(ctx, writing)
		if err != nil {
			return nil, err
		}
		db.writer = s
	}
	return db.writer, nil
}

// discardWriter throws the writer's connection away; the next act makes another.
func (db *DB) discardWriter() {
	s := db.writer
	db.writer = nil
	s.discard()
}

// Now is the time of the act: UTC, whole microseconds, the same throughout,
// never behind that of an act committed before.
func (tx *Tx) Now() time.Time { return tx.now }

// Exec executes a statement and returns how many rows it touched.
func (tx *Tx) Exec(query string, args ...any) (rows int64, err error) {
	return tx.session.exec(query, args)
}

// ExecEach executes a statement once for each row of arguments and returns how
// many rows were touched in all. It is for many: on PostgreSQL they travel
// together instead of each awaiting its answer. The arguments may be reused by
// the sequence once it is asked for the next row.
func (tx *Tx) ExecEach(query string, args iter.Seq[[]any]) (rows int64, err error) {
	return tx.session.execEach(query, args)
}

// Query returns rows; see Querier.
func (tx *Tx) Query(query string, args ...any) (*Rows, error) {
	return tx.session.query(query, args)
}

// QueryRow returns at most one row; see Querier.
func (tx *Tx) QueryRow(query string, args ...any) *Row {
	return tx.session.queryRow(query, args...)
}

// AfterCommit has the hook called once the act is durable, before the next act
// begins; never if it is not. Hooks may read but not write.
func (tx *Tx) AfterCommit(hook func()) { tx.hooks = append(tx.hooks, hook) }

// Take is Next for n at once; it gives the first.
func (tx *Tx) Take(counter string, n int) (int64, error) {
	var first int64
	err := tx.QueryRow(`INSERT INTO counter (name, next) VALUES ($1, 1 + $2)
		ON CONFLICT (name) DO UPDATE SET next = counter.next + $2 RETURNING next - $2`, counter, int64(n)).Scan(&first)
	return first, err
}

// Next counts: 1, 2, 3 … for each name, without gaps among committed acts. The
// file must have the table counter(name, next); a row without a name says where
// those begin that were never counted, if that is not 1.
func (tx *Tx) Next(counter string) (int64, error) {
	var n int64
	err := tx.QueryRow(`INSERT INTO counter (name, next) VALUES ($1, coalesce((SELECT next FROM counter WHERE name = ''), 1) + 1)
		ON CONFLICT (name) DO UPDATE SET next = counter.next + 1 RETURNING next - 1`, counter).Scan(&n)
	return n, err
}
