package bench

import (
	"context"
	"errors"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/journal"
)

// serverOperations are the lines that need a PostgreSQL.
var serverOperations = []string{"server_restore", "server_backup", "server_backup_again"}

// programVersion is what a program says of itself; "" where there is none.
func programVersion(ctx context.Context, name string, args ...string) string {
	path, err := exec.LookPath(name)
	if err != nil {
		return ""
	}
	out, err := exec.CommandContext(ctx, path, args...).Output()
	if err != nil {
		return ""
	}
	version, _, _ := strings.Cut(strings.TrimSpace(string(out)), " ")
	return version
}

// server is the database in which the same register is built, in a schema of the
// measurement's own.
type server struct {
	config *pgx.ConnConfig
	schema string
	dsn    string // leads to the schema
}

// onServer brings the archive back on PostgreSQL, which builds the register there,
// and archives it from there, beside PostgreSQL's own programs: pg_dump in its
// compressed form, and pg_restore of that. Nobody has the keyring open.
func (r *run) onServer(ctx context.Context, archives string) (err error) {
	switch {
	case r.Postgres == "":
		r.skip("no_server", serverOperations...)
		return nil
	case programVersion(ctx, "pg_dump", "--version") == "" || programVersion(ctx, "pg_restore", "--version") == "":
		r.skip("no_program", serverOperations...)
		return nil
	}
	s, err := r.newServer(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.drop(context.WithoutCancel(ctx))) }()
	config := r.config
	config.DSN = s.dsn
	config.Data, config.Keys = filepath.Join(r.dir, "server"), filepath.Join(r.dir, "server-keys")
	if err := copyKeys(r.config.Keys, config.Keys); err != nil { // the journal there is another future of the same past
		return err
	}
	restore, err := timed(func() error {
		_, err := app.Restore(ctx, config, app.RestoreWish{Source: archives})
		return err
	})
	if err != nil {
		return err
	}
	house, err := app.Open(ctx, config)
	if err != nil {
		return err
	}
	dest := filepath.Join(r.dir, "server-archives")
	archive := func() (ms float64, err error) {
		return timed(func() error {
			_, err := house.Backup.Archive(ctx, journal.Entry{Right: string(access.System), Via: string(access.Console)}, dest)
			return err
		})
	}
	whole, err := archive()
	if err != nil {
		return errors.Join(err, house.Close())
	}
	next, err := archive()
	if err = errors.Join(err, house.Close()); err != nil {
		return err
	}
	file := filepath.Join(r.dir, "dumped")
	dump, err := timed(func() error {
		return s.program(ctx, "pg_dump", "--format=custom", "--schema="+s.schema, "--file="+file)
	})
	if err != nil {
		return err
	}
	if err := s.drop(ctx); err != nil {
		return err
	}
	back, err := timed(func() error {
		return s.program(ctx, "pg_restore", "--exit-on-error", "--no-owner", "--dbname="+s.config.Database, file)
	})
	if err != nil {
		return err
	}
	r.against("server_restore", "ms", restore, back, 10)
	r.against("server_backup", "ms", whole, dump, 1)
	r.against("server_backup_again", "ms", next, dump, 1)
	return errors.Join(os.Remove(file), os.RemoveAll(dest), os.RemoveAll(config.Data), os.RemoveAll(config.Keys))
}

// newServer makes the schema.
func (r *run) newServer(ctx context.Context) (*server, error) {
	config, err := pgx.ParseConfig(r.Postgres)
	if err != nil {
		return nil, errors.New("bench: the address of the PostgreSQL cannot be read") // pgx would repeat its password
	}
	s := &server{config: config, schema: "kartotek_bench_" + strconv.Itoa(os.Getpid())}
	switch address, err := url.Parse(r.Postgres); {
	case err == nil && (address.Scheme == "postgres" || address.Scheme == "postgresql"):
		query := address.Query()
		query.Set("search_path", s.schema)
		address.RawQuery = query.Encode()
		s.dsn = address.String()
	default:
		s.dsn = r.Postgres + " search_path=" + s.schema
	}
	return s, s.do(ctx, func(conn *pgx.Conn) error {
		if _, err := conn.Exec(ctx, "CREATE SCHEMA "+s.schema); err != nil {
			return err
		}
		return conn.QueryRow(ctx, "SHOW server_version").Scan(&r.report.Postgres)
	})
}

// drop removes the schema with all that is in it.
func (s *server) drop(ctx context.Context) error {
	return s.do(ctx, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "DROP SCHEMA IF EXISTS "+s.schema+" CASCADE")
		return err
	})
}

func (s *server) do(ctx context.Context, work func(*pgx.Conn) error) error {
	conn, err := pgx.ConnectConfig(ctx, s.config)
	if err != nil {
		return errors.New("bench: the PostgreSQL cannot be reached")
	}
	return errors.Join(work(conn), conn.Close(ctx))
}

// program runs one of PostgreSQL's own programs. It is told in its environment how
// to reach the server: others on the machine see what a program is called with.
func (s *server) program(ctx context.Context, name string, args ...string) error {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(os.Environ(), "PGHOST="+s.config.Host, "PGPORT="+strconv.Itoa(int(s.config.Port)), "PGUSER="+s.config.User,
		"PGDATABASE="+s.config.Database, "PGPASSWORD="+s.config.Password)
	out, err := cmd.CombinedOutput()
	if err != nil {
		return errors.New("bench: " + name + ": " + strings.TrimSpace(string(out)))
	}
	return nil
}

// copyKeys copies the keyring and what lies beside it, readable by us alone.
func copyKeys(from, to string) error {
	return filepath.WalkDir(from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rest, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if entry.IsDir() {
			return os.MkdirAll(filepath.Join(to, rest), 0o700)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rest), text, 0o600)
	})
}
