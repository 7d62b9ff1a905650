package database

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// What can be wrong, told apart by errors.Is. No error of this package carries
// a value that was stored or bound: its text may be logged.
var (
	ErrNotFound    = errors.New("database: no such row")
	ErrConflict    = errors.New("database: it clashes with a row that stands")
	ErrInvalid     = errors.New("database: a value that does not fit")
	ErrRefused     = errors.New("database: the journal's rows stand")
	ErrLocked      = errors.New("database: held by another process or node")
	ErrReadOnly    = errors.New("database: opened for reading only")
	ErrFull        = errors.New("database: no space left")
	ErrCorrupt     = errors.New("database: the file is damaged or not a database")
	ErrUnavailable = errors.New("database: it cannot be reached")
	ErrNewer       = errors.New("database: migrated by a newer version of Kartotek")
	ErrOlder       = errors.New("database: not yet migrated by this version of Kartotek")
	ErrClosed      = errors.New("database: closed")
	ErrStatement   = errors.New("database: the statement failed")
	ErrRowsOpen    = errors.New("database: a query while the rows of another are open")

	errSerialize = errors.New("database: two acts at the same time") // Write runs the act again
)

// refusal is the SQLSTATE the journal's triggers raise on PostgreSQL.
const refusal = "KT001"

// failure is an error of a driver, translated by its code.
type failure struct {
	kind error  // one of the errors above
	code string // engine and its code: "sqlite 2067", "postgresql 23505"
	text string // what is known to hold names of the schema only
}

// Error gives kind and code; for a malformed statement what the engine says of it.
func (f *failure) Error() string {
	if f.text == "" {
		return fmt.Sprintf("%v (%s)", f.kind, f.code)
	}
	return fmt.Sprintf("%v (%s: %s)", f.kind, f.code, f.text)
}

// Unwrap gives the kind, not the driver's error, whose text may hold values.
func (f *failure) Unwrap() error { return f.kind }

// translate turns an error of either driver into one of this package.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if known := (*failure)(nil); errors.As(err, &known) {
		return err
	}
	if lite := (*sqlite.Error)(nil); errors.As(err, &lite) {
		return translateSQLite(lite)
	}
	if pg := (*pgconn.PgError)(nil); errors.As(err, &pg) {
		return translatePostgreSQL(pg)
	}
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	// What carries no code is the network, or a driver that refuses an argument
	// or a result; of that the text may hold the value, so the type must do.
	f := &failure{kind: ErrInvalid, code: fmt.Sprintf("%T", err), text: "an argument or a column does not fit"}
	var network net.Error
	if errors.As(err, &network) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) ||
		errors.Is(err, net.ErrClosed) || errors.Is(err, driver.ErrBadConn) {
		f.kind, f.text = ErrUnavailable, ""
		if op := (*net.OpError)(nil); errors.As(err, &op) {
			f.text = op.Op + " " + op.Net + ": " + op.Err.Error()
		}
	}
	return f
}

func translateSQLite(err *sqlite.Error) error {
	f := &failure{kind: ErrStatement, code: fmt.Sprintf("sqlite %d", err.Code())}
	switch err.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT:
		f.text = err.Error() // "UNIQUE constraint failed: unit.code": names only
		switch err.Code() {
		case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY,
			sqlite3.SQLITE_CONSTRAINT_ROWID, sqlite3.SQLITE_CONSTRAINT_FOREIGNKEY:
			f.kind = ErrConflict
		case sqlite3.SQLITE_CONSTRAINT_TRIGGER:
			f.kind = ErrRefused
		default:
			f.kind = ErrInvalid
		}
	case sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_TOOBIG:
		f.kind = ErrInvalid
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		f.kind = ErrLocked
	case sqlite3.SQLITE_READONLY:
		f.kind = ErrReadOnly
	case sqlite3.SQLITE_FULL:
		f.kind = ErrFull
	case sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		f.kind = ErrCorrupt
	case sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM:
		f.kind = ErrUnavailable
		if err.Code() == sqlite3.SQLITE_IOERR_SHMSIZE { // no room for the log's index
			f.kind = ErrFull
		}
	case sqlite3.SQLITE_ERROR:
		f.text = err.Error() // "no such column: x": the statement, and that has placeholders
	}
	return f
}

func translatePostgreSQL(err *pgconn.PgError) error {
	f := &failure{kind: ErrStatement, code: "postgresql " + err.Code}
	switch err.Code {
	case "23505", "23503":
		f.kind, f.text = ErrConflict, err.ConstraintName
	case "40001", "40P01":
		f.kind = errSerialize
	case "55P03":
		f.kind = ErrLocked
	case "25006":
		f.kind = ErrReadOnly
	case "53100":
		f.kind = ErrFull
	case "XX001", "XX002":
		f.kind = ErrCorrupt
	case refusal:
		f.kind, f.text = ErrRefused, err.Message
	default:
		switch err.Code[:2] {
		case "22", "23":
			f.kind, f.text = ErrInvalid, err.ColumnName // the message would quote the value
		case "08", "53", "57", "58", "28", "3D":
			f.kind = ErrUnavailable
		case "42":
			f.text = err.Message // the statement, and that has placeholders
		}
	}
	return f
}
