package database_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
)

// child makes a run of this test binary a second process that opens the file.
const child = "KARTOTEK_TEST_OPEN"

func TestMain(m *testing.M) {
	if path := os.Getenv(child); path != "" {
		db, err := database.Open(ctx, database.Options{Path: path})
		switch {
		case errors.Is(err, database.ErrLocked):
			os.Exit(7)
		case err != nil || db.Close() != nil:
			os.Exit(8)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestOnlyOneProcessHoldsAFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	second := func() int {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), child+"="+path)
		_ = cmd.Run()
		return cmd.ProcessState.ExitCode()
	}
	db := mustOpen(t, database.Options{Path: path})
	if code := second(); code != 7 {
		t.Errorf("a second process ended with %d, want 7 for ErrLocked", code)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	if code := second(); code != 0 {
		t.Errorf("after Close a second process ended with %d", code)
	}
}

func TestOnlyOneNodeHoldsTheRegister(t *testing.T) {
	dir, dsn := t.TempDir(), databasetest.DSN(t)
	for name, o := range map[string]database.Options{
		"sqlite":     {Path: dir + "/register.db"},
		"postgresql": {DSN: dsn},
	} {
		t.Run(name, func(t *testing.T) {
			first := mustOpen(t, o)
			write(t, first, func(tx *database.Tx) error { return put(tx, "a") })
			if _, err := database.Open(ctx, o); !errors.Is(err, database.ErrLocked) {
				t.Fatalf("a second node: %v, want ErrLocked", err)
			}

			beside := o
			beside.ReadOnly = true
			reader := mustOpen(t, beside)
			wantNames(t, reader, "a")
			write(t, first, func(tx *database.Tx) error { return put(tx, "b") })
			wantNames(t, reader, "a", "b")
			if err := reader.Write(ctx, func(*database.Tx) error { return nil }); !errors.Is(err, database.ErrReadOnly) {
				t.Errorf("writing where only reading is meant: %v", err)
			}
			if err := reader.Forget(ctx); !errors.Is(err, database.ErrReadOnly) {
				t.Errorf("forgetting where only reading is meant: %v", err)
			}

			shared := o
			shared.Shared = true
			other := mustOpen(t, shared)
			write(t, other, func(tx *database.Tx) error { return put(tx, "c") })
			wantNames(t, first, "a", "b", "c")

			if err := errors.Join(reader.Close(), other.Close(), first.Close()); err != nil {
				t.Fatal(err)
			}
			wantNames(t, mustOpen(t, beside), "a", "b", "c")
			wantNames(t, mustOpen(t, o), "a", "b", "c")
		})
	}
}

// A node whose hold broke goes on writing only until its writing connection
// ends too; as long as that stands nobody else comes in, and afterwards it
// stays out. At no moment can two write.
func TestABrokenHoldNeverLetsTwoWrite(t *testing.T) {
	o := database.Options{DSN: databasetest.DSN(t)}
	first := mustOpen(t, o)
	write(t, first, func(tx *database.Tx) error { return put(tx, "a") })

	// An act that fails costs the writing connection, not the hold.
	_ = first.Write(ctx, func(tx *database.Tx) error { return put(tx, "a") })
	write(t, first, func(tx *database.Tx) error { return put(tx, "b") })

	database.BreakGuard(first)
	if _, err := database.Open(ctx, o); !errors.Is(err, database.ErrLocked) {
		t.Fatalf("a second node while the first can still write: %v", err)
	}
	write(t, first, func(tx *database.Tx) error { return put(tx, "c") })
	_ = first.Write(ctx, func(tx *database.Tx) error { return put(tx, "a") }) // costs the writing connection

	second := mustOpen(t, o)
	write(t, second, func(tx *database.Tx) error { return put(tx, "d") })
	if err := first.Write(ctx, func(tx *database.Tx) error { return put(tx, "e") }); !errors.Is(err, database.ErrLocked) {
		t.Errorf("the first node wrote beside the second: %v", err)
	}
	wantNames(t, second, "a", "b", "c", "d")
}
