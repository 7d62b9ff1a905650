package database_test

import (
	"path/filepath"
	"testing"

	"kartotek/internal/database"
)

// What is loaded without waiting for the disk is an ordinary register afterwards.
func TestAScratchRegisterIsOpenedAsAnyOther(t *testing.T) {
	path := filepath.Join(t.TempDir(), "register.db")
	for i, scratch := range []bool{true, false} {
		db, err := database.Open(t.Context(), database.Options{Path: path, Scratch: scratch})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Write(t.Context(), func(tx *database.Tx) error {
			n, err := tx.Next("tests")
			if n != int64(i)+1 {
				t.Errorf("scratch %v: the number is %d", scratch, n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		err = db.Read(t.Context(), func(q database.Querier) error {
			var mode, synced string
			if err := q.QueryRow(`SELECT journal_mode FROM pragma_journal_mode`).Scan(&mode); err != nil {
				return err
			}
			if err := q.QueryRow(`SELECT CAST(synchronous AS TEXT) FROM pragma_synchronous`).Scan(&synced); err != nil {
				return err
			}
			if want := map[bool]string{true: "memory 0", false: "wal 2"}[scratch]; mode+" "+synced != want {
				t.Errorf("scratch %v: %s %s", scratch, mode, synced)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}
