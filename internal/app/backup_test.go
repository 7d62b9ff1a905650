package app_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/backup"
	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// console is who types the commands of these tests.
var console = journal.Entry{Right: string(access.System), Via: string(access.Console), OSUser: "tester"}

// archive writes an archive of the house and gives what came of it.
func archive(f *housetest.Fixture, dest string) backup.Result {
	done, err := f.Backup.Archive(f.Context(), console, dest)
	f.Must(err)
	return done
}

// elsewhere is a configuration of an empty directory under the same keys, on the
// engine of the house.
func elsewhere(t *testing.T, f *housetest.Fixture) app.Config {
	c := f.Config
	c.Data = filepath.Join(t.TempDir(), "data")
	if c.DSN != "" {
		c.DSN = databasetest.DSN(t)
	}
	return c
}

// dump gives every row of every table, in words.
func dump(t *testing.T, db *database.DB, skip ...string) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	err := db.Read(t.Context(), func(q database.Querier) error {
		tables, err := db.Tables(q)
		if err != nil {
			return err
		}
		for _, table := range tables {
			if slices.Contains(skip, table.Name) {
				continue
			}
			var columns []string
			for _, c := range table.Columns {
				columns = append(columns, `"`+c.Name+`"`)
			}
			slices.Sort(columns)
			rows, err := q.Query(`SELECT ` + strings.Join(columns, ", ") + ` FROM "` + table.Name + `"`)
			if err != nil {
				return err
			}
			values := make([]any, len(columns))
			all[table.Name] = []string{}
			for rows.Next() {
				if err := rows.Values(values); err != nil {
					return err
				}
				for i, v := range values {
					if b, ok := v.([]byte); ok {
						values[i] = fmt.Sprintf("%x", b)
					}
				}
				all[table.Name] = append(all[table.Name], strings.TrimSuffix(fmt.Sprintln(values...), "\n"))
			}
			if err := rows.Err(); err != nil {
				return err
			}
			slices.Sort(all[table.Name])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// restoredTables are those that a restore itself writes to: the journal's new
// epoch, numbers that go on, and the run that was under way in the snapshot.
var restoredTables = []string{
	"counter", "register", "journal_entry", "journal_body", "journal_person", "journal_position", "journal_hash", "journal_checkpoint",
	"backup_run", "session", "signin_code", "signin_limit", "duty",
}

// What an archive brings back is what the snapshot saw, on the same engine and on
// the other, and the journal goes on in a new epoch that says what was lost.
func TestD7AnArchiveBringsBackWhatWas(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, dest := f.Context(), t.TempDir()
		before := dump(t, f.DB, restoredTables...)
		done := archive(f, dest)
		if !done.Decrypted || done.Rows == 0 || done.Fresh == 0 {
			t.Errorf("%+v", done)
		}
		f.Join("later", "gentofte", map[string]string{"given": "Ny", "family": "Nyborg", "email": "ny@parti.example"}, false)
		f.Must(f.House.Close())
		outside := filepath.Join(f.Config.Keys, "journal.checkpoint")
		known, err := os.ReadFile(outside)
		f.Must(err)
		targets := map[string]app.Config{"same": elsewhere(t, f)}
		other := elsewhere(t, f)
		if other.DSN == "" {
			other.DSN = databasetest.DSN(t)
		} else {
			other.DSN = ""
		}
		targets["other"] = other
		for name, c := range targets {
			report, err := app.Restore(ctx, c, app.RestoreWish{Source: dest, OSUser: "tester"})
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if report.Archive.ID != done.ID || report.Epoch != 2 || report.Lost == 0 || report.Broken != 0 || report.Persons != 0 || len(report.Newer) != 1 {
				t.Errorf("%s: %+v", name, report)
			}
			house, err := app.Open(ctx, c)
			f.Must(err)
			after := dump(t, house.DB, restoredTables...)
			for table, rows := range before {
				if !slices.Equal(rows, after[table]) {
					t.Errorf("%s: %s: %d rows before, %d after", name, table, len(rows), len(after[table]))
				}
			}
			verified, err := house.Journal.Verify(ctx, nil)
			if err != nil || !verified.Sound() || verified.Epoch != 2 {
				t.Errorf("%s: the journal: %+v, %v", name, verified, err)
			}
			f.Must(house.Close())
			f.Must(os.WriteFile(outside, known, 0o600)) // the next is another future of the same past
		}
	})
}

// Whoever was erased after the archive is gone from what it brings back, before
// anybody is served, and the report says so.
func TestD7AnArchiveBringsNobodyBack(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, dest := f.Context(), t.TempDir()
		archive(f, dest)
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("member"), "resignation", false)
		f.Must(err)
		f.Clock.Add(4 * 24 * time.Hour)
		if n, err := f.Departures.EraseDue(ctx); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		f.Must(f.House.Close())
		c := elsewhere(t, f)
		report, err := app.Restore(ctx, c, app.RestoreWish{Source: dest})
		f.Must(err)
		if report.Persons != 1 || report.Rows == 0 {
			t.Errorf("%+v", report)
		}
		house, err := app.Open(ctx, c)
		f.Must(err)
		defer func() { f.Must(house.Close()) }()
		err = house.DB.Read(ctx, func(q database.Querier) error {
			n, err := house.Records.Count(q, f.Person("member"), vault.Membership, vault.Evidence)
			if n != 0 {
				t.Errorf("%d records came back", n)
			}
			return err
		})
		f.Must(err)
	})
}

// An archive of another house is refused, and so is a place with a register in it.
func TestL1ForeignArchivesAreRefused(t *testing.T) {
	f, other := housetest.New(t), housetest.Empty(t)
	dest := t.TempDir()
	done := archive(other, dest)
	f.Must(f.House.Close())
	_, err := app.Restore(f.Context(), elsewhere(t, f), app.RestoreWish{Source: dest, Archive: done.ID})
	if e := fault.From(err); e == nil || e.Key != "backup.error.foreign" {
		t.Errorf("another's archive: %v", err)
	}
	f.Must(f.Open())
	own := t.TempDir()
	archive(f, own)
	_, err = app.Restore(f.Context(), f.Config, app.RestoreWish{Source: own, Replace: true})
	if !app.Held(err) {
		t.Errorf("beside the open house: %v", err)
	}
	f.Must(f.House.Close())
	_, err = app.Restore(f.Context(), f.Config, app.RestoreWish{Source: own})
	if e := fault.From(err); e == nil || e.Key != "backup.error.stands" {
		t.Errorf("where a register stands: %v", err)
	}
	report, err := app.Restore(f.Context(), f.Config, app.RestoreWish{Source: own, Replace: true})
	f.Must(err)
	if _, err := os.Stat(filepath.Join(report.Aside, "register.db")); err != nil {
		t.Errorf("the old register: %v", err)
	}
	f.Must(f.Open())
	if _, err := f.Keyring.Find(vault.ClaimNumber, f.Number["member"]); err != nil {
		t.Error(err)
	}
	if err := f.House.Close(); errors.Join(err, f.Open()) != nil {
		t.Error(err)
	}
}
