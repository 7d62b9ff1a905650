//go:build unix

package databasetest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Archived is a PostgreSQL server of a test's own that archives its log, as one
// is run whose administrators take base backups. Everything is done with
// PostgreSQL's own programs.
type Archived struct {
	t     testing.TB
	bin   string
	owner *syscall.Credential
	root  string
	data  string // directory of the server that runs
}

// NewArchived starts such a server. It is stopped and removed when the test ends.
func NewArchived(t testing.TB) *Archived {
	t.Helper()
	a := &Archived{t: t}
	var err error
	if a.bin, err = programs(); err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	if a.owner, err = serverOwner(); err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	if a.root, err = os.MkdirTemp("", "kartotek-archived-"); err != nil { // short: a socket's path is
		t.Fatal(err)
	}
	t.Cleanup(func() {
		a.Stop()
		if err := os.RemoveAll(a.root); err != nil {
			t.Error(err)
		}
	})
	a.own(a.root)
	for _, dir := range []string{"log", "socket"} {
		a.must(os.Mkdir(filepath.Join(a.root, dir), 0o700))
		a.own(filepath.Join(a.root, dir))
	}
	a.data = filepath.Join(a.root, "first")
	a.run("initdb", "-D", a.data, "-U", "kartotek", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
	a.configure("wal_level=replica", "archive_mode=on", "max_wal_senders=4", "listen_addresses=''", "fsync=off", "shared_buffers=32MB",
		"archive_command='cp %p "+a.Log()+"/%f'", "log_min_messages=fatal", "autovacuum=off", "unix_socket_directories='"+filepath.Join(a.root, "socket")+"'")
	a.start()
	a.query("CREATE DATABASE register TEMPLATE template0")
	return a
}

// Log is the directory of archived log files.
func (a *Archived) Log() string { return filepath.Join(a.root, "log") }

// DSN is the address of the server's one database for a register.
func (a *Archived) DSN() string { return a.dsn("register") }

func (a *Archived) dsn(name string) string {
	return fmt.Sprintf("host=%s port=5432 user=kartotek dbname=%s sslmode=disable", filepath.Join(a.root, "socket"), name)
}

// BaseBackup takes a base backup with pg_basebackup and gives its directory.
func (a *Archived) BaseBackup() string {
	a.t.Helper()
	dir := filepath.Join(a.root, "base")
	a.run("pg_basebackup", "-h", filepath.Join(a.root, "socket"), "-U", "kartotek", "-D", dir, "-X", "none", "-c", "fast", "--no-sync")
	return dir
}

// Now is the server's time.
func (a *Archived) Now() time.Time {
	a.t.Helper()
	var now time.Time
	a.with("postgres", func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT clock_timestamp()").Scan(&now)
	})
	return now
}

// Flush has everything written so far archived.
func (a *Archived) Flush() {
	a.t.Helper()
	var name string
	a.with("postgres", func(ctx context.Context, c *pgx.Conn) error {
		return c.QueryRow(ctx, "SELECT pg_walfile_name(pg_switch_wal())").Scan(&name)
	})
	for end := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(filepath.Join(a.Log(), name)); err == nil {
			return
		}
		if time.Now().After(end) {
			a.t.Fatalf("databasetest: %s was not archived", name)
		}
	}
}

// Recover stops the server and starts one on a base backup, brought to a point in
// time by PostgreSQL itself.
func (a *Archived) Recover(base string, to time.Time) {
	a.t.Helper()
	a.Stop()
	a.data = filepath.Join(a.root, "second")
	a.run("cp", "-a", base, a.data)
	signal := filepath.Join(a.data, "recovery.signal")
	a.must(os.WriteFile(signal, nil, 0o600))
	a.own(signal)
	a.configure("archive_mode=off", "restore_command='cp "+a.Log()+"/%f %p'", "recovery_target_action=promote",
		"recovery_target_time='"+to.UTC().Format("2006-01-02 15:04:05.000000")+"+00'")
	a.start()
	for end := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		recovering := true
		a.with("postgres", func(ctx context.Context, c *pgx.Conn) error {
			return c.QueryRow(ctx, "SELECT pg_is_in_recovery()").Scan(&recovering)
		})
		if !recovering {
			return
		}
		if time.Now().After(end) {
			a.t.Fatal("databasetest: the recovery does not end")
		}
	}
}

// Stop stops the server, if it runs.
func (a *Archived) Stop() {
	if _, err := os.Stat(filepath.Join(a.data, "postmaster.pid")); err == nil {
		a.run("pg_ctl", "-D", a.data, "-m", "fast", "-w", "stop")
	}
}

func (a *Archived) start() {
	a.t.Helper()
	a.run("pg_ctl", "-D", a.data, "-l", filepath.Join(a.root, "messages"), "-w", "-t", "60", "start")
}

func (a *Archived) configure(lines ...string) {
	a.t.Helper()
	f, err := os.OpenFile(filepath.Join(a.data, "postgresql.conf"), os.O_WRONLY|os.O_APPEND, 0)
	a.must(err)
	_, err = f.WriteString("\n" + strings.Join(lines, "\n") + "\n")
	a.must(err)
	a.must(f.Close())
}

func (a *Archived) own(path string) {
	a.t.Helper()
	if a.owner != nil {
		a.must(os.Chown(path, int(a.owner.Uid), int(a.owner.Gid)))
	}
}

func (a *Archived) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatalf("databasetest: %v", err)
	}
}

// run runs one of PostgreSQL's programs, or the system's, as the server's user.
func (a *Archived) run(program string, args ...string) {
	a.t.Helper()
	path := filepath.Join(a.bin, program)
	if _, err := os.Stat(path); err != nil {
		path = program
	}
	cmd := exec.Command(path, args...)
	cmd.Dir = a.root
	cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH"), "HOME=" + a.root}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: a.owner, Setsid: true}
	if out, err := cmd.CombinedOutput(); err != nil {
		a.t.Fatalf("databasetest: %s: %v\n%s", program, err, out)
	}
}

func (a *Archived) query(text string) {
	a.t.Helper()
	a.with("postgres", func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, text)
		return err
	})
}

func (a *Archived) with(name string, fn func(context.Context, *pgx.Conn) error) {
	a.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c, err := pgx.Connect(ctx, a.dsn(name))
	a.must(err)
	defer c.Close(ctx)
	a.must(fn(ctx, c))
}
