package database

import (
	"database/sql/driver"
	"errors"
	"io"
)

// Querier is what may be asked inside a Read or a Write.
type Querier interface {
	// Query returns rows; they must be closed, or read to the end, before the
	// next statement. The text is prepared once a connection.
	Query(query string, args ...any) (*Rows, error)
	// QueryRow is for at most one row; what is wrong is told by Row.Scan.
	QueryRow(query string, args ...any) *Row
}

// Rows are the result of a query, read one by one:
//
//	for rows.Next() { err := rows.Scan(&a, &b) … }
//	err := rows.Err()
type Rows struct {
	session *session
	rows    driver.Rows
	values  []driver.Value
	err     error
	closed  bool
	count   uint
}

// Next moves to the next row and reports whether there is one. After the last
// row, or an error, the rows are closed.
func (r *Rows) Next() bool {
	if r.closed {
		return false
	}
	// SQLite is not given the context (an interrupted connection would have to
	// be thrown away), so a long scan asks for itself now and then.
	if r.count++; r.count&255 == 0 {
		if err := r.session.asked.Err(); err != nil {
			r.err = r.session.check(err)
			_ = r.Close()
			return false
		}
	}
	err := r.rows.Next(r.values)
	if err == nil {
		return true
	}
	if !errors.Is(err, io.EOF) {
		r.err = r.session.check(err)
	}
	if err := r.Close(); r.err == nil {
		r.err = err
	}
	return false
}

// Scan copies the row into the destinations: pointers to integers, strings,
// byte slices, bools, floats, to types named after them, to pointers of those
// (nil for NULL), or anything with Scan(any) error. A byte slice belongs to
// the caller from then on.
func (r *Rows) Scan(into ...any) error {
	if r.closed {
		return errors.New("database: Scan after the last row")
	}
	return scan(into, r.values)
}

// Values copies the row as the drivers gave it: int64, string, []byte, float64,
// bool or nil, one for each column. It is for what reads any table alike.
func (r *Rows) Values(into []any) error {
	if r.closed {
		return errors.New("database: Values after the last row")
	}
	for i := range into {
		into[i] = r.values[i]
	}
	return nil
}

// Err is what ended the rows early, nil when all were read.
func (r *Rows) Err() error { return r.err }

// Close ends the reading. It may be called twice.
func (r *Rows) Close() error {
	if r.closed {
		return nil
	}
	r.closed = true
	r.session.open = nil
	return r.session.check(r.rows.Close())
}

// Row is a result of at most one row.
type Row struct {
	rows *Rows
	err  error
}

// Scan copies the row; it returns ErrNotFound if there is none. Further rows are ignored.
func (r *Row) Scan(into ...any) error {
	if r.err != nil {
		return r.err
	}
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return ErrNotFound
	}
	err := r.rows.Scan(into...)
	if e := r.rows.Close(); err == nil {
		err = e
	}
	return err
}
