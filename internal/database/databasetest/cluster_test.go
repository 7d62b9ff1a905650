//go:build unix

package databasetest

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"kartotek/internal/database"
)

var ctx = context.Background()

func postmaster(t *testing.T, c *cluster) int {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(c.socket, "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.SplitN(string(raw), "\n", 2)[0])
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// A running cluster is found again; one that died, with all its files left
// behind as after a power cut, is replaced.
func TestAStaleClusterIsReplaced(t *testing.T) {
	temp, err := os.MkdirTemp("", "cluster-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(temp) })
	if err := os.Chmod(temp, 0o711); err != nil { // the server's user must pass
		t.Fatal(err)
	}
	first, err := findCluster(temp)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = syscall.Kill(postmaster(t, first), syscall.SIGQUIT) })
	pid := postmaster(t, first)
	if again, err := findCluster(temp); err != nil || *again != *first || postmaster(t, again) != pid {
		t.Fatalf("the running cluster was not found again: %v", err)
	}
	// A database whose test was killed is dropped by who comes next.
	dead := exec.Command("true")
	if err := dead.Run(); err != nil {
		t.Fatal(err)
	}
	orphan := "test_" + strconv.Itoa(dead.Process.Pid) + "_1"
	own := "test_" + strconv.Itoa(os.Getpid()) + "_99"
	if err := first.do("CREATE DATABASE "+orphan, "CREATE DATABASE "+own); err != nil {
		t.Fatal(err)
	}
	if _, err := findCluster(temp); err != nil {
		t.Fatal(err)
	}
	if names, err := first.names(`test\_%`); err != nil || len(names) != 1 || names[0] != own {
		t.Errorf("databases left: %v, %v", names, err)
	}

	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(10 * time.Second); first.do("SELECT 1") == nil && time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	second, err := findCluster(temp)
	if err != nil {
		t.Fatal(err)
	}
	if postmaster(t, second) == pid {
		t.Error("the dead cluster was not replaced")
	}
	if names, err := second.names(`test\_%`); err != nil || len(names) != 0 {
		t.Errorf("databases in a new cluster: %v, %v", names, err)
	}
}

// In the temporary directory anybody may have put anything.
func TestAForeignDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	if err := errors.Join(os.WriteFile(file, nil, 0o600), os.Symlink("/", link)); err != nil {
		t.Fatal(err)
	}
	paths := []string{file, link}
	if os.Getuid() != 0 {
		paths = append(paths, "/") // root's; as root every directory is ours or given away below
	} else {
		foreign := filepath.Join(dir, "foreign")
		if err := errors.Join(os.Mkdir(foreign, 0o700), os.Chown(foreign, 54321, 54321)); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, foreign)
	}
	for _, path := range paths {
		if err := ownDirectory(path, nil); err == nil {
			t.Errorf("%s was taken", path)
		}
	}
}

// Every test has a register of its own, on both engines, which is gone afterwards.
func TestEachRegisterIsFresh(t *testing.T) {
	var dsn string
	for range 2 {
		Each(t, func(t *testing.T, db *database.DB) {
			err := db.Write(ctx, func(tx *database.Tx) error {
				n, err := tx.Next("tests")
				if n != 1 {
					t.Errorf("the register was used before: %d", n)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		})
	}
	t.Run("empty", func(t *testing.T) {
		dsn = DSN(t)
		_, err := database.Open(ctx, database.Options{DSN: dsn, ReadOnly: true})
		if !errors.Is(err, database.ErrOlder) {
			t.Errorf("DSN gave a database that is not empty: %v", err)
		}
	})
	if _, err := database.Open(ctx, database.Options{DSN: dsn}); !errors.Is(err, database.ErrUnavailable) {
		t.Errorf("the database is still there: %v", err)
	}
}
