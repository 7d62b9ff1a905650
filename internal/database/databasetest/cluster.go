//go:build unix

package databasetest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"kartotek/internal/database"
)

// settings are the cluster's: small, and quick because nothing in it must
// survive a power cut. Who changes them gets a cluster of its own by their hash.
var settings = []string{
	"listen_addresses=''",
	"max_connections=200",
	"fsync=off",
	"synchronous_commit=off",
	"full_page_writes=off",
	"wal_level=minimal",
	"max_wal_senders=0",
	"max_wal_size=256MB",
	"shared_buffers=32MB",
	"autovacuum=off",
	"jit=off",
	"max_parallel_workers_per_gather=0",
	"log_min_messages=fatal",
	"logging_collector=off",
}

const missing = `PostgreSQL's server programs were not found in PATH or /usr/lib/postgresql/*/bin.
The storage tests run on both engines and are not skipped. Install it:
    apt-get update && apt-get install -y --no-install-recommends postgresql`

// cluster is the running server.
type cluster struct {
	socket string // directory of the Unix socket; the data stand in it too
}

// theCluster finds or starts the machine's cluster, once a test binary.
var theCluster = sync.OnceValues(func() (*cluster, error) { return findCluster(os.TempDir()) })

// dsn is the address of one of its databases. The role is the one initdb makes.
func (c *cluster) dsn(name string) string {
	return fmt.Sprintf("host=%s port=5432 user=kartotek dbname=%s sslmode=disable", c.socket, name)
}

// do runs statements on the maintenance database.
func (c *cluster) do(statements ...string) error {
	return c.with(func(ctx context.Context, conn *pgx.Conn) error {
		for _, s := range statements {
			if _, err := conn.Exec(ctx, s); err != nil {
				return err
			}
		}
		return nil
	})
}

// names lists the databases whose name is like the pattern.
func (c *cluster) names(pattern string) (names []string, err error) {
	err = c.with(func(ctx context.Context, conn *pgx.Conn) error {
		rows, err := conn.Query(ctx, "SELECT datname FROM pg_database WHERE datname LIKE $1", pattern)
		if err != nil {
			return err
		}
		names, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	})
	return names, err
}

// with connects to the maintenance database.
func (c *cluster) with(fn func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, c.dsn("postgres"))
	if err != nil {
		return err
	}
	return errors.Join(fn(ctx, conn), conn.Close(ctx))
}

// findCluster returns the cluster another test left running under that
// directory, or starts one. A lock makes test binaries that come at the same time wait for the first.
func findCluster(temp string) (*cluster, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	owner, err := serverOwner()
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256([]byte(strings.Join(settings, "\n") + bin))
	root := filepath.Join(temp, fmt.Sprintf("kartotek-postgresql-%d", os.Getuid()))
	home := filepath.Join(root, hex.EncodeToString(hash[:4]))
	if err := ownDirectory(root, owner); err != nil {
		return nil, err
	}
	if err := ownDirectory(home, owner); err != nil {
		return nil, err
	}
	unlock, err := lock(filepath.Join(root, "lock"))
	if err != nil {
		return nil, err
	}
	defer unlock()
	c := &cluster{socket: home}
	if c.do("SELECT 1") == nil {
		return c, c.sweep()
	}
	if err := c.start(bin, owner); err != nil {
		return nil, err
	}
	return c, nil
}

// start replaces whatever is left of a cluster with a new one.
func (c *cluster) start(bin string, owner *syscall.Credential) error {
	data := filepath.Join(c.socket, "data")
	run := func(program string, args ...string) error {
		cmd := exec.Command(filepath.Join(bin, program), args...)
		cmd.Dir = c.socket
		cmd.Env = []string{"LC_ALL=C", "PATH=" + os.Getenv("PATH"), "HOME=" + c.socket}
		// A session of its own: a Ctrl-C for the test must not reach the
		// server, which other tests are using.
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Setsid: true}
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", program, err, out)
		}
		return nil
	}
	if _, err := os.Stat(filepath.Join(data, "postmaster.pid")); err == nil {
		_ = run("pg_ctl", "-D", data, "-m", "immediate", "stop") // nothing to stop after a reboot
	}
	if err := os.RemoveAll(data); err != nil {
		return err
	}
	if err := run("initdb", "-D", data, "-U", "kartotek", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"); err != nil {
		return err
	}
	conf, err := os.OpenFile(filepath.Join(data, "postgresql.conf"), os.O_WRONLY|os.O_APPEND, 0)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(conf, "\n%s\nunix_socket_directories='%s'\n", strings.Join(settings, "\n"), c.socket)
	if err := errors.Join(err, conf.Close()); err != nil {
		return err
	}
	return run("pg_ctl", "-D", data, "-l", filepath.Join(c.socket, "log"), "-w", "-t", "60", "start")
}

// sweep drops the databases of test processes that were killed.
func (c *cluster) sweep() error {
	names, err := c.names(`test\_%`)
	if err != nil {
		return err
	}
	for _, name := range names {
		pid, err := strconv.Atoi(strings.Split(name, "_")[1])
		if err != nil || !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			continue
		}
		if err := c.do("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			return err
		}
	}
	return nil
}

var created atomic.Int64

// create makes a database for the test and returns its address.
func create(t testing.TB, template string) string {
	t.Helper()
	c, err := theCluster()
	if err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), created.Add(1))
	if err := c.do("DROP DATABASE IF EXISTS "+name+" WITH (FORCE)", "CREATE DATABASE "+name+" TEMPLATE "+template); err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	t.Cleanup(func() {
		if err := c.do("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("databasetest: %v", err)
		}
	})
	return c.dsn(name)
}

// fromTemplate makes a database that is migrated already.
func fromTemplate(t testing.TB) string {
	t.Helper()
	template, err := theTemplate()
	if err != nil {
		t.Fatalf("databasetest: %v", err)
	}
	return create(t, template)
}

// theTemplate names a database that holds what the migrations make, known by
// their hash, so that a test need only copy it.
var theTemplate = sync.OnceValues(func() (string, error) {
	c, err := theCluster()
	if err != nil {
		return "", err
	}
	hash := sha256.New()
	files := database.Migrations(database.PostgreSQL)
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		return "", err
	}
	slices.Sort(names)
	for _, name := range names {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(hash, "%s %d\n%s", name, len(text), text)
	}
	template := "template_" + hex.EncodeToString(hash.Sum(nil)[:8])
	unlock, err := lock(filepath.Join(filepath.Dir(c.socket), "lock"))
	if err != nil {
		return "", err
	}
	defer unlock()
	if found, err := c.names(template); err != nil || len(found) == 1 {
		return template, err
	}
	// Under another name until it is whole: a test may be killed meanwhile.
	unfinished := template + "_unfinished"
	if err := c.do("DROP DATABASE IF EXISTS "+unfinished+" WITH (FORCE)", "CREATE DATABASE "+unfinished+" TEMPLATE template0"); err != nil {
		return "", err
	}
	db, err := database.Open(context.Background(), database.Options{DSN: c.dsn(unfinished)})
	if err != nil {
		return "", err
	}
	if err := db.Close(); err != nil {
		return "", err
	}
	return template, c.do("ALTER DATABASE " + unfinished + " RENAME TO " + template)
})

// programs finds the folder of initdb and pg_ctl.
func programs() (string, error) {
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	if err != nil || len(found) == 0 {
		return "", errors.New(missing)
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

// version reads 15 from /usr/lib/postgresql/15/bin/initdb.
func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // what is no number is the oldest
	return n
}

// serverOwner is who the server runs as: PostgreSQL refuses to run as root, so
// there it is another; nil means as we are.
func serverOwner() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is no user postgres or nobody")
}

// ownDirectory makes a directory for the server's user alone, and refuses one
// that somebody else has put there.
func ownDirectory(path string, owner *syscall.Credential) error {
	want := uint32(os.Getuid())
	if owner != nil {
		want = owner.Uid
	}
	err := os.Mkdir(path, 0o700)
	if err == nil && owner != nil {
		err = os.Chown(path, int(owner.Uid), int(owner.Gid))
	}
	if err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !info.IsDir() || !ok || stat.Uid != want && stat.Uid != uint32(os.Getuid()) {
		return fmt.Errorf("%s belongs to somebody else", path)
	}
	return nil
}

// lock waits for a lock file of the machine.
func lock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close()
		return nil, err
	}
	return func() { _ = f.Close() }, nil
}
