package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"math"
)

// cachedStatements is how many prepared statements a connection keeps. The
// rooms together have fewer; a room that builds SQL texts pushes out the oldest.
const cachedStatements = 400

// session is one connection with its prepared statements. It is used by one
// goroutine at a time, and thrown away after its first error.
type session struct {
	engine Engine
	conn   driver.Conn
	asked  context.Context // the reading's context; Background for the writer
	driven context.Context // what the driver is given of it
	stmts  map[string]*prepared
	uses   uint64 // counts statements; the clock of prepared.used
	args   []driver.NamedValue
	open   *Rows // rows not yet closed
	broken error // the first error of the driver; every later call returns it
}

// ended answers whoever keeps a Tx or a Querier beyond its transaction.
var ended = &session{broken: errors.New("database: the transaction has ended")}

type prepared struct {
	exec  driver.StmtExecContext
	query driver.StmtQueryContext
	stmt  driver.Stmt
	used  uint64
}

func newSession(e Engine, conn driver.Conn) *session {
	return &session{
		engine: e, conn: conn, stmts: map[string]*prepared{},
		asked: context.Background(), driven: context.Background(),
	}
}

// run executes a text without arguments, unprepared: BEGIN, COMMIT, a pragma.
func (s *session) run(text string) error {
	if s.broken != nil {
		return s.broken
	}
	_, err := s.conn.(driver.ExecerContext).ExecContext(s.driven, text, nil)
	return s.check(err)
}

// exec executes a statement and returns how many rows it changed.
func (s *session) exec(text string, args []any) (int64, error) {
	p, err := s.ready(text, args)
	if err != nil {
		return 0, err
	}
	result, err := p.exec.ExecContext(s.driven, s.args)
	clear(s.args)
	if err != nil {
		return 0, s.check(err)
	}
	n, err := result.RowsAffected()
	return n, s.check(err)
}

// query executes a statement that returns rows.
func (s *session) query(text string, args []any) (*Rows, error) {
	p, err := s.ready(text, args)
	if err != nil {
		return nil, err
	}
	rows, err := p.query.QueryContext(s.driven, s.args)
	clear(s.args)
	if err != nil {
		return nil, s.check(err)
	}
	s.open = &Rows{session: s, rows: rows, values: make([]driver.Value, len(rows.Columns()))}
	return s.open, nil
}

// queryRow executes a statement that returns at most one row.
func (s *session) queryRow(text string, args ...any) *Row {
	rows, err := s.query(text, args)
	return &Row{rows: rows, err: err}
}

// free says whether a statement may be executed now.
func (s *session) free() error {
	switch {
	case s.broken != nil:
		return s.broken
	case s.open != nil:
		return ErrRowsOpen
	}
	return nil
}

// ready prepares the statement, or finds it prepared, and puts the arguments in s.args.
func (s *session) ready(text string, args []any) (*prepared, error) {
	if err := s.free(); err != nil {
		return nil, err
	}
	if err := s.bind(args); err != nil {
		return nil, err
	}
	p := s.stmts[text]
	if p == nil {
		if len(s.stmts) >= cachedStatements {
			s.evict()
		}
		stmt, err := s.conn.(driver.ConnPrepareContext).PrepareContext(s.driven, text)
		if err != nil {
			return nil, s.check(err)
		}
		p = &prepared{stmt: stmt}
		p.exec, p.query = stmt.(driver.StmtExecContext), stmt.(driver.StmtQueryContext)
		s.stmts[text] = p
	}
	s.uses++
	p.used = s.uses
	return p, nil
}

// bind converts the arguments to what both drivers take: int64, string,
// []byte, float64, bool, nil. Named types, pointers and Valuers are followed.
func (s *session) bind(args []any) error {
	s.args = s.args[:0]
	for i, a := range args {
		var v driver.Value
		switch a := a.(type) {
		case int64, string, []byte, nil:
			v = a
		case int:
			v = int64(a)
		default:
			var err error
			if v, err = driver.DefaultParameterConverter.ConvertValue(a); err != nil {
				return fmt.Errorf("database: argument $%d: a %T cannot be bound", i+1, a)
			}
		}
		s.args = append(s.args, driver.NamedValue{Ordinal: i + 1, Value: v})
	}
	return nil
}

// evict closes the statement that was not used for longest.
func (s *session) evict() {
	var oldest string
	used := uint64(math.MaxUint64)
	for text, p := range s.stmts {
		if p.used < used {
			oldest, used = text, p.used
		}
	}
	_ = s.stmts[oldest].stmt.Close() // if the connection is broken the next use tells
	delete(s.stmts, oldest)
}

// check translates an error and remembers that the session is broken.
func (s *session) check(err error) error {
	if err == nil {
		return nil
	}
	err = translate(err)
	if s.broken == nil {
		s.broken = err
	}
	return err
}

// settle closes rows somebody left open.
func (s *session) settle() {
	if s.open != nil {
		_ = s.open.Close() // an error marks the session broken, which is all that matters
	}
}

// close gives the connection back, and with it whatever it had begun.
func (s *session) close() error {
	s.settle()
	var err error
	if s.engine == SQLite { // which lets go of a file only without statements
		for _, p := range s.stmts {
			err = errors.Join(err, p.stmt.Close())
		}
	}
	s.stmts = nil
	return translate(errors.Join(err, s.conn.Close()))
}

// discard closes a connection that is not to be trusted any more: after an
// error it may well fail to close, and nobody needs to know.
func (s *session) discard() { _ = s.close() }
