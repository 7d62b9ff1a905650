package database

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// connectWithin is how long a new connection may take.
const connectWithin = 15 * time.Second

// letGoWithin is how long a node that starts waits for one that has just ended:
// its server process lets go of its locks a moment after the connection is closed.
const letGoWithin = 2 * time.Second

// locks are the advisory locks of a register, in the space of one database. Two, so
// that no moment exists in which two nodes can write; see takeRegister.
type locks struct {
	node   string // held alone by the node that serves
	writer string // held shared by that node's writing connection
}

// The register that stands, and the one that is made in a schema beside it while
// the first is held; 1264678516 is "Kart".
var (
	serving = locks{"1264678516, 1", "1264678516, 2"}
	making  = locks{"1264678516, 3", "1264678516, 4"}
)

// serverConfig is how the register on a server is reached.
func serverConfig(o Options) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(o.DSN)
	if err != nil {
		// pgx's text would repeat the DSN, with the password in it.
		return nil, fmt.Errorf("%w: the DSN cannot be read", ErrUnavailable)
	}
	if config.ConnectTimeout == 0 {
		config.ConnectTimeout = connectWithin
	}
	config.RuntimeParams["application_name"] = "kartotek"
	config.RuntimeParams["timezone"] = "UTC"
	config.RuntimeParams["client_min_messages"] = "warning"
	if o.ReadOnly {
		config.RuntimeParams["default_transaction_read_only"] = "on"
	}
	if o.Scratch { // the next act that waits makes what went before it durable too
		config.RuntimeParams["synchronous_commit"] = "off"
	}
	if o.Schema != "" {
		config.RuntimeParams["search_path"] = ident(o.Schema)
	}
	return config, nil
}

// openPostgreSQL opens the register on a server.
func openPostgreSQL(ctx context.Context, o Options) (*DB, error) {
	config, err := serverConfig(o)
	if err != nil {
		return nil, err
	}
	ours := serving
	if o.Schema != "" {
		ours = making
	}
	db := newDB(PostgreSQL, o)
	connector := stdlib.GetConnector(*config)
	plain := func(ctx context.Context) (*session, error) {
		conn, err := connector.Connect(ctx)
		if err != nil {
			return nil, translate(err)
		}
		return newSession(PostgreSQL, conn), nil
	}
	db.connect = func(ctx context.Context, r role) (*session, error) {
		s, err := plain(ctx)
		if err != nil || r == reading || db.hold == nil {
			return s, err
		}
		if err := db.hold.admit(s); err != nil {
			s.discard()
			return nil, err
		}
		return s, nil
	}
	if !o.ReadOnly && !o.Shared {
		if db.hold, err = takeRegister(ctx, ours, plain); err != nil {
			return nil, err
		}
	}
	err = db.prepare(ctx, Migrations(PostgreSQL), func() (*sql.DB, error) {
		return stdlib.OpenDB(*config), nil
	})
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// takeRegister makes this node the one that serves: a connection of its own
// holds the node's lock alone as long as the node lives. The server lets go of it
// if that connection breaks, and another node may come while our writing
// connection still stands. Therefore the writing connection holds the writer's
// shared, and who comes looks whether anybody still does; a writing connection
// made later is admitted only while the node's is verifiably ours.
func takeRegister(ctx context.Context, ours locks, connect func(context.Context) (*session, error)) (*hold, error) {
	s, err := connect(ctx)
	if err != nil {
		return nil, err
	}
	patience := time.Now().Add(letGoWithin)
	for _, step := range []string{
		"SELECT pg_try_advisory_lock(" + ours.node + ")",
		"SELECT pg_try_advisory_lock(" + ours.writer + ")",
		"SELECT pg_advisory_unlock(" + ours.writer + ")",
	} {
		err := try(s, step)
		for errors.Is(err, ErrLocked) && ctx.Err() == nil && time.Now().Before(patience) {
			time.Sleep(10 * time.Millisecond)
			err = try(s, step)
		}
		if err != nil {
			s.discard()
			return nil, err
		}
	}
	return &hold{guard: s, locks: ours}, nil
}

// admit lets a new writing connection in, if the node still holds the register.
// If it does not, it stays so until the node is started anew: what it has in
// memory may be behind what another node has written.
func (h *hold) admit(writer *session) error {
	if err := try(writer, "SELECT pg_try_advisory_lock_shared("+h.locks.writer+")"); err != nil {
		return err
	}
	// In this order: once the writer's lock is held no other node can come in, so what
	// the guard says now stays true.
	if err := h.guard.run("SELECT 1"); err != nil {
		return fmt.Errorf("%w: the connection that holds the register broke", ErrLocked)
	}
	return nil
}

// try runs a query that answers whether a lock was taken.
func try(s *session, text string) error {
	var taken bool
	if err := s.queryRow(text).Scan(&taken); err != nil {
		return err
	}
	if !taken {
		return ErrLocked
	}
	return nil
}
