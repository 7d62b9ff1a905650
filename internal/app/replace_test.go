package app_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// replaced is what is noted while a register on PostgreSQL is given its place.
type replaced struct{ Aside, Schema, Fresh string }

// stopReplacing brings an archive back over the register that stands, and is
// stopped when the new one is whole and nothing has been moved.
func stopReplacing(t *testing.T, f *housetest.Fixture, archives string) (noted replaced) {
	t.Helper()
	f.Clock.Set(f.Clock.Now().Add(time.Second))
	obstacle := filepath.Join(f.Config.Data, "replaced-"+strings.Replace(f.Clock.Now().UTC().Format("20060102T150405.000Z"), ".", "", 1))
	f.Must(os.WriteFile(obstacle, nil, 0o600)) // where a directory is to be
	if _, err := app.Restore(f.Context(), f.Config, app.RestoreWish{Source: archives, Replace: true}); err == nil {
		t.Fatal("it was not stopped")
	}
	f.Must(os.Remove(obstacle))
	text, err := os.ReadFile(filepath.Join(f.Config.Data, "restoring", "whole"))
	f.Must(err)
	f.Must(json.Unmarshal(text, &noted))
	return noted
}

// On PostgreSQL a register is made beside the one that stands and takes its place
// in one step: wherever it is stopped, the start serves the old one or the new one,
// whole, with its own charter (N14, D7).
func TestN14ARegisterOnAServerIsReplacedOrNotAtAll(t *testing.T) {
	f := housetest.New(t, housetest.PostgreSQL(t))
	ctx, dest := f.Context(), t.TempDir()
	archive(f, dest)
	f.Join("later", "gentofte", map[string]string{"given": "Ny", "family": "Nyborg"}, false)
	later := f.Person("later")
	server := func(work func(*database.Server)) {
		t.Helper()
		s, err := database.HoldServer(ctx, f.Config.DSN)
		f.Must(err)
		work(s)
		f.Must(s.Release())
	}
	// stands opens the house and closes it again, and tells whose register it is.
	stands := func(what string, epoch int64, hasLater bool) {
		t.Helper()
		f.Must(f.Open())
		report, err := f.Journal.Verify(ctx, nil)
		if err != nil || !report.Sound() || report.Epoch != epoch {
			t.Errorf("%s: the journal: %+v, %v", what, report, err)
		}
		f.Must(f.DB.Read(ctx, func(q database.Querier) error {
			for person, want := range map[vault.PersonID]bool{f.Person("member"): true, later: hasLater} {
				if n, err := f.Records.Count(q, person, vault.Membership); err != nil || n > 0 != want {
					t.Errorf("%s: person %d has %d records, %v", what, person, n, err)
				}
			}
			return nil
		}))
		if _, err := os.Stat(filepath.Join(f.Config.Data, "restoring")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: something is left to be done: %v", what, err)
		}
		f.Must(f.House.Close())
	}

	if _, err := app.Restore(ctx, f.Config, app.RestoreWish{Source: dest, Replace: true}); !app.Held(err) {
		t.Errorf("beside the open house: %v", err)
	}
	f.Must(f.House.Close())
	if _, err := app.Restore(ctx, f.Config, app.RestoreWish{Source: dest}); fault.From(err) == nil || fault.From(err).Key != "backup.error.not_empty" {
		t.Errorf("unasked: %v", err)
	}
	if _, err := app.Restore(ctx, f.Config, app.RestoreWish{Source: dest, Replace: true, Checkpoint: []byte("another's\n")}); err == nil {
		t.Error("a checkpoint of another register was taken")
	}
	stands("refused when all was there", 1, true)

	noted := stopReplacing(t, f, dest)
	elsewhere := f.Config
	elsewhere.DSN = ""
	if _, err := app.Open(ctx, elsewhere); fault.From(err) == nil || fault.From(err).Key != "backup.error.unfinished" {
		t.Errorf("without its database: %v", err)
	}
	server(func(s *database.Server) { f.Must(s.Drop(noted.Fresh)) })
	stands("the new one lost", 1, true)

	noted = stopReplacing(t, f, dest)
	f.Must(os.Mkdir(filepath.Join(f.Config.Data, noted.Aside), 0o700))
	f.Must(os.Rename(filepath.Join(f.Config.Data, "charter.toml"), filepath.Join(f.Config.Data, noted.Aside, "charter.toml")))
	stands("stopped before the tables", 2, false)
	if _, err := os.Stat(filepath.Join(f.Config.Data, noted.Aside, "charter.toml")); err != nil {
		t.Errorf("the old charter: %v", err)
	}

	noted = stopReplacing(t, f, dest)
	server(func(s *database.Server) { f.Must(s.Replace(noted.Fresh, noted.Schema)) })
	stands("stopped after the tables", 3, false)
	server(func(s *database.Server) {
		for name, want := range map[string]bool{noted.Schema: true, noted.Fresh: false} {
			if is, err := s.Stands(name); err != nil || is != want {
				t.Errorf("schema %s stands: %v, %v", name, is, err)
			}
		}
	})
}
