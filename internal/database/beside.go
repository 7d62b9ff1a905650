package database

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// Server is a PostgreSQL database whose register is about to be replaced. The new
// register is made in a schema of its own beside it, under a name that is never
// used again; one transaction then gives both their places. Other nodes are kept
// out from first to last, as Open does.
type Server struct {
	hold    *hold
	session *session
}

// besidePrefix begins the names of schemas in which a register is made.
const besidePrefix = "kartotek_restoring_"

// HoldServer keeps others out of the register on a server; ErrLocked if somebody
// has it.
func HoldServer(ctx context.Context, dsn string) (*Server, error) {
	config, err := serverConfig(Options{DSN: dsn})
	if err != nil {
		return nil, err
	}
	connector := stdlib.GetConnector(*config)
	h, err := takeRegister(ctx, serving, func(ctx context.Context) (*session, error) {
		conn, err := connector.Connect(ctx)
		if err != nil {
			return nil, translate(err)
		}
		return newSession(PostgreSQL, conn), nil
	})
	if err != nil {
		return nil, err
	}
	s := &Server{hold: h, session: h.guard}
	s.session.driven = ctx
	return s, nil
}

// Release lets others in.
func (s *Server) Release() error { return s.hold.release() }

// Make makes an empty schema beside the register and gives its name. What a restore
// that was stopped has left of such schemas is dropped.
func (s *Server) Make(token string) (name string, err error) {
	rows, err := s.session.query(`SELECT nspname::text FROM pg_namespace
		WHERE nspname LIKE 'kartotek\_restoring\_%' AND pg_has_role(nspowner, 'USAGE')`, nil)
	if err != nil {
		return "", err
	}
	left, err := texts(rows)
	if err != nil {
		return "", err
	}
	for _, name := range left {
		if err := s.Drop(name); err != nil {
			return "", err
		}
	}
	name = besidePrefix + strings.ToLower(token)
	return name, s.session.run("CREATE SCHEMA " + ident(name))
}

// Drop drops such a schema with all that is in it. It is tried even where what went
// before was cancelled.
func (s *Server) Drop(name string) error {
	if !strings.HasPrefix(name, besidePrefix) {
		return errors.New("database: only a schema of a restore is dropped")
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(s.session.driven), time.Minute)
	defer cancel()
	before := s.session.driven
	s.session.driven = ctx
	defer func() { s.session.driven = before }()
	return s.session.run("DROP SCHEMA IF EXISTS " + ident(name) + " CASCADE")
}

// Stands reports whether a schema exists.
func (s *Server) Stands(name string) (is bool, err error) {
	err = s.session.queryRow(`SELECT EXISTS (SELECT 1 FROM pg_namespace WHERE nspname = $1)`, name).Scan(&is)
	return is, err
}

// Placed reports whether the register in its place is the one that was made in
// that schema.
func (s *Server) Placed(name string) (is bool, err error) {
	err = s.session.queryRow(`SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = current_schema() AND c.relname = 'register' AND obj_description(c.oid, 'pg_class') = $1)`, name).Scan(&is)
	return is, err
}

// Rehearse does what Replace does and takes it back: what would keep it from
// working is known before anything depends on it.
func (s *Server) Rehearse(name, aside string) error { return s.replace(name, aside, "ROLLBACK") }

// Replace moves the register that stands, if one does, into a new schema with the
// name aside, and the one that was made beside it into its place, in one
// transaction. Without aside a register that stands is an error.
func (s *Server) Replace(name, aside string) error { return s.replace(name, aside, "COMMIT") }

func (s *Server) replace(name, aside, end string) (err error) {
	if err := s.session.run("BEGIN"); err != nil {
		return err
	}
	steps, err := s.steps(name, aside)
	for _, step := range steps {
		if err == nil {
			err = s.session.run(step)
		}
	}
	if err != nil {
		// The session is told to have failed, but the hold is its connection's,
		// which goes on.
		s.session.broken = nil
		return errors.Join(err, s.session.run("ROLLBACK"))
	}
	return s.session.run(end)
}

// steps are the statements that give the two registers their places. The mark on
// the table called register is what Placed finds.
func (s *Server) steps(name, aside string) (steps []string, err error) {
	var home string
	if err := s.session.queryRow(`SELECT coalesce(current_schema()::text, '')`).Scan(&home); err != nil {
		return nil, err
	}
	if home == "" {
		return nil, fmt.Errorf("%w: the connection has no schema", ErrUnavailable)
	}
	old, err := s.things(home)
	if err != nil {
		return nil, err
	}
	fresh, err := s.things(name)
	if err != nil {
		return nil, err
	}
	switch {
	case len(fresh) == 0:
		return nil, fmt.Errorf("%w: no register was made beside the one that stands", ErrUnavailable)
	case len(old) > 0 && aside == "":
		return nil, fmt.Errorf("%w: the schema is not empty", ErrConflict)
	case len(old) > 0:
		steps = append(steps, "CREATE SCHEMA "+ident(aside))
	}
	for _, thing := range old {
		steps = append(steps, "ALTER "+thing+" SET SCHEMA "+ident(aside))
	}
	for _, thing := range fresh {
		steps = append(steps, "ALTER "+thing+" SET SCHEMA "+ident(home))
	}
	return append(steps,
		"COMMENT ON TABLE "+ident(home)+".register IS '"+name+"'",
		"DROP SCHEMA "+ident(name)), nil // which refuses while anything is left in it
}

// things lists what a register is made of in a schema, as statements name it:
// tables with what belongs to them, and the functions of their triggers. What
// belongs to an extension, or to another user, is none of ours.
func (s *Server) things(schema string) ([]string, error) {
	rows, err := s.session.query(`SELECT 'TABLE ' || format('%I.%I', n.nspname, c.relname)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
		WHERE n.nspname = $1 AND c.relkind IN ('r', 'p') AND pg_has_role(c.relowner, 'USAGE')
		AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
		UNION ALL
		SELECT 'FUNCTION ' || format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid))
		FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
		WHERE n.nspname = $1 AND p.prokind = 'f' AND pg_has_role(p.proowner, 'USAGE')
		AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
		ORDER BY 1`, []any{schema})
	if err != nil {
		return nil, err
	}
	return texts(rows)
}

// texts reads rows of one text each.
func texts(rows *Rows) (all []string, err error) {
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		all = append(all, text)
	}
	return all, rows.Err()
}

func ident(name string) string { return pgx.Identifier{name}.Sanitize() }
