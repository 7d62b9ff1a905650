package database

import "context"

// snapshot answers the queries of one Read.
type snapshot struct{ session *session }

func (q *snapshot) Query(query string, args ...any) (*Rows, error) {
	return q.session.query(query, args)
}

func (q *snapshot) QueryRow(query string, args ...any) *Row {
	return q.session.queryRow(query, args...)
}

// Read runs fn on one consistent snapshot of what is committed. It may run
// beside an act and beside other reads. Nothing can be written in it. A Read
// within a Read takes a second connection and may wait for itself: pass the
// Querier on instead.
func (db *DB) Read(ctx context.Context, fn func(q Querier) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	var s *session
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-db.closing:
		return ErrClosed
	case s = <-db.readers:
	}
	keep := false
	defer func() {
		if !keep && s != nil { // an error of the driver, or a panic on its way up
			s.discard()
			s = nil
		}
		db.readers <- s
	}()
	if s == nil {
		var err error
		if s, err = db.connect(ctx, reading); err != nil {
			return err
		}
	}
	s.asked = ctx
	if db.engine == PostgreSQL { // a server can hang; SQLite is asked between rows
		s.driven = ctx
	}
	if err := s.run(db.beginRead()); err != nil {
		return err
	}
	q := &snapshot{s}
	err := fn(q)
	q.session = ended
	s.settle()
	s.asked, s.driven = context.Background(), context.Background()
	if s.broken != nil {
		if err == nil {
			err = s.broken
		}
		return err
	}
	keep = s.run("ROLLBACK") == nil
	return err
}
