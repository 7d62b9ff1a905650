// Package database is the ground every room stores on: SQLite or PostgreSQL
// behind one SQL text. It knows engines, transactions, migrations and nothing
// of members; no other package imports a driver or asks which engine it has.
//
// The SQL is the part both engines share: $1, $2 … as placeholders, BIGINT
// microseconds for instants, TEXT 'YYYY-MM-DD' for civil dates, BLOB or BYTEA,
// RETURNING, ON CONFLICT, recursive WITH, UPDATE … FROM. What behaves
// differently is refused on both alike: a query while rows are open, any
// statement after a failed one.
//
// An act is one Write: alone, in a transaction of its own, by the only writer.
// A Read sees one snapshot. Both engines are served here through
// database/sql/driver directly, without database/sql's pool, so that it is
// exact when a connection is thrown away and nothing is retried behind our back.
package database

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"sync"
	"time"
)

// Engine says which of the two stores the data.
type Engine uint8

const (
	SQLite     Engine = iota + 1 // a file in the data directory
	PostgreSQL                   // a server, by DSN
)

// String gives the engine's name, as the migrations' folders spell it.
func (e Engine) String() string {
	switch e {
	case SQLite:
		return "sqlite"
	case PostgreSQL:
		return "postgresql"
	}
	return "none"
}

// Options say what to open and how.
type Options struct {
	Path     string           // SQLite: the file; made if it does not exist
	DSN      string           // PostgreSQL: URL or key=value; wins over Path
	Schema   string           // PostgreSQL: the schema the register is made in beside the one that stands; "" is that one
	ReadOnly bool             // no migration, no writing, no lock: beside a running server
	Scratch  bool             // what a power cut leaves is thrown away: acts do not wait for the disk
	Shared   bool             // skip the lock that keeps other nodes or processes from writing
	Clock    func() time.Time // what Tx.Now follows; nil is time.Now
	UpTo     int64            // the last migration to run, for what an older version wrote; 0 is all

	bare bool // nothing is expected to be there yet
}

// DB is an open database. Its methods are safe for concurrent use.
type DB struct {
	engine   Engine
	path     string
	readOnly bool
	clock    func() time.Time
	upTo     int64
	bare     bool

	connect  func(context.Context, role) (*session, error)
	hold     *hold         // what keeps others out; nil when nothing is held
	turn     chan struct{} // capacity one: whoever put a value in is the writer
	writer   *session      // owned by whoever has the turn; nil after an error
	readers  chan *session // idle readers; nil stands for one not yet connected
	last     time.Time     // Now of the last commit; owned by whoever has the turn
	clean    clean         // owned by whoever has the turn
	closing  chan struct{}
	closed   sync.Once
	closeErr error
}

// role is what a connection is for.
type role uint8

const (
	reading   role = iota
	writing        // by the writer alone
	scrubbing      // SQLite: writing while acts wait, pages instead of rows
)

// readerCount is how many reads run at the same time; more wait.
const readerCount = 8

// Open opens the register and brings its schema up to date. With a DSN it is
// PostgreSQL, otherwise the SQLite file at Path, whose directory must exist.
// It returns ErrLocked when another process or node holds the register,
// ErrNewer when a newer Kartotek has migrated it.
func Open(ctx context.Context, o Options) (*DB, error) {
	if o.DSN != "" {
		return openPostgreSQL(ctx, o)
	}
	if o.Path == "" {
		return nil, errors.New("database: neither a path nor a DSN")
	}
	return OpenFile(ctx, o.Path, Migrations(SQLite), o)
}

// OpenFile opens another SQLite file, with goose migrations of its own (*.sql
// at the top of that file system); the keyring is one. Path and DSN of the
// options do not count. Everything else is as for the register, secure_delete included.
func OpenFile(ctx context.Context, path string, migrations fs.FS, o Options) (*DB, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	return openSQLite(ctx, path, migrations, o)
}

// newDB is a DB whose connections are still to be made.
func newDB(e Engine, o Options) *DB {
	db := &DB{
		engine:   e,
		readOnly: o.ReadOnly,
		clock:    o.Clock,
		upTo:     o.UpTo,
		bare:     o.bare,
		turn:     make(chan struct{}, 1),
		readers:  make(chan *session, readerCount),
		closing:  make(chan struct{}),
	}
	if db.clock == nil {
		db.clock = time.Now
	}
	for range readerCount {
		db.readers <- nil
	}
	return db
}

// Engine tells which engine stores the data: for reports and for tests, never
// to choose an SQL text by.
func (db *DB) Engine() Engine { return db.engine }

// Path is the SQLite file, empty on PostgreSQL.
func (db *DB) Path() string { return db.path }

// Close waits for the running act and the running reads, then gives
// connections and lock back. Later calls do nothing more.
func (db *DB) Close() error {
	db.closed.Do(func() {
		close(db.closing)
		db.turn <- struct{}{}
		for range readerCount {
			if s := <-db.readers; s != nil {
				db.closeErr = errors.Join(db.closeErr, s.close())
			}
		}
		// The writer goes last: the last connection of a SQLite file to close
		// checkpoints, and readers may only query.
		if db.writer != nil {
			db.closeErr = errors.Join(db.closeErr, db.writer.close())
			db.writer = nil
		}
		if db.hold != nil {
			db.closeErr = errors.Join(db.closeErr, db.hold.release())
		}
	})
	return db.closeErr
}
