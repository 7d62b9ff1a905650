package app_test

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/backup"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// archiving makes a run of this test binary a process that writes archives, or
// brings one back, until it is killed.
const archiving = "KARTOTEK_TEST_ARCHIVING"

// archivist is what that process is told.
type archivist struct {
	Data, Keys, Place string
	DSN               string
	Restore           bool
}

func init() {
	text := os.Getenv(archiving)
	if text == "" {
		return
	}
	var a archivist
	err := json.Unmarshal([]byte(text), &a)
	if err == nil {
		err = a.work(context.Background())
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

func (a archivist) work(ctx context.Context) error {
	c := app.Config{Data: a.Data, Keys: a.Keys, DSN: a.DSN, Demo: true, Log: slog.New(slog.DiscardHandler)}
	c.Mail.From = "post@kartotek.example"
	if a.Restore {
		for {
			fmt.Println("begun")
			if _, err := app.Restore(ctx, c, app.RestoreWish{Source: a.Place, Replace: true}); err != nil {
				return err
			}
		}
	}
	house, err := app.Open(ctx, c)
	if err != nil {
		return err
	}
	for {
		fmt.Println("begun")
		if _, err := house.Backup.Archive(ctx, console, a.Place); err != nil {
			return err
		}
	}
}

// killed lets the process work for a moment and kills it.
func killed(t *testing.T, a archivist, after time.Duration) {
	t.Helper()
	text, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), archiving+"="+string(text))
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := out.Read(make([]byte, 1)); err != nil {
		t.Fatalf("the process does not begin: %s", errs.String())
	}
	time.Sleep(after)
	if err := cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if err := cmd.Wait(); cmd.ProcessState.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		t.Fatalf("the process ended by itself: %v: %s", err, errs.String())
	}
}

// killTimes is how often each is killed.
func killTimes() int {
	if testing.Short() {
		return 2
	}
	return 4
}

// kill -9 while archives are written: every archive that is listed is whole, and
// the next one is written.
func TestN14ArchivesAreWholeWhenKilled(t *testing.T) {
	f := housetest.New(t, housetest.At(time.Now()))
	dest := t.TempDir()
	archive(f, dest)
	r, whole := rand.New(rand.NewPCG(7, uint64(time.Now().UnixNano()))), 0
	for range killTimes() {
		f.Must(f.House.Close())
		killed(t, archivist{Data: f.Config.Data, Keys: f.Config.Keys, Place: dest}, time.Duration(r.IntN(150))*time.Millisecond)
		f.Clock.Set(time.Now())
		f.Must(f.Open())
		p, err := backup.OpenPlace(dest)
		f.Must(err)
		reader, err := f.Backup.Reader()
		f.Must(err)
		all, err := reader.List(f.Context(), p)
		f.Must(err)
		for _, a := range all {
			if _, err := reader.Verify(f.Context(), p, a.ID, func(int, int) {}); err != nil {
				t.Errorf("%s: %v", a.ID, err)
			}
			whole++
		}
	}
	archive(f, dest)
	faulttest.Tell(t, "%d kills, %d archives read whole", killTimes(), whole)
}

// kill -9 while a register is brought back over another: the old one stands or
// the new one does, whole, and it opens. A server's own stops are told in
// TestN14ARegisterOnAServerIsReplacedOrNotAtAll; here it is killed but once.
func TestN14ARestoreIsWholeOrNotAtAllWhenKilled(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { killRestores(t, killTimes()) })
	t.Run("postgresql", func(t *testing.T) { killRestores(t, max(1, killTimes()/4), housetest.PostgreSQL(t)) })
}

func killRestores(t *testing.T, times int, options ...housetest.Option) {
	f := housetest.New(t, append(options, housetest.At(time.Now()))...)
	dest := t.TempDir()
	archive(f, dest)
	f.Join("later", "gentofte", map[string]string{"given": "Ny", "family": "Nyborg"}, false)
	r := rand.New(rand.NewPCG(8, uint64(time.Now().UnixNano())))
	olds, news := 0, 0
	for range times {
		f.Must(f.House.Close())
		killed(t, archivist{Data: f.Config.Data, Keys: f.Config.Keys, DSN: f.Config.DSN, Place: dest, Restore: true}, time.Duration(r.IntN(2500))*time.Millisecond)
		f.Clock.Set(time.Now())
		f.Must(f.Open())
		if _, err := os.Stat(filepath.Join(f.Config.Data, "restoring", "whole")); err == nil {
			t.Error("the start did not finish what was begun")
		}
		report, err := f.Journal.Verify(f.Context(), nil)
		if err != nil || !report.Sound() {
			t.Errorf("%+v, %v", report, err)
		}
		f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
			n, err := f.Records.Count(q, f.Person("member"), vault.Membership)
			if n == 0 {
				t.Error("a member is not there")
			}
			return err
		}))
		if report.Epoch == 1 {
			olds++
		} else {
			news++
		}
	}
	faulttest.Tell(t, "%d times the old register stood, %d times a new one", olds, news)
}

// No archive holds a key, wrapped or not, nor anything that looks somebody up:
// the chunks are opened and searched for every secret of the keyring's file.
func TestL1ArchivesHoldNoKeyAndNoLookup(t *testing.T) {
	f := housetest.New(t)
	dest := t.TempDir()
	_, err := f.SignIn.Begin(f.Context(), "grete@parti.example", "10.0.0.1", "da") // which leaves a code and a limit
	f.Must(err)
	done := archive(f, dest)
	secrets := map[string][]byte{}
	ring, err := sql.Open("sqlite", "file:"+filepath.Join(f.Config.Keys, "keyring.db")+"?mode=ro")
	f.Must(err)
	for table, column := range map[string]string{"keyring": "value", "key_drawer": "cells", "claim_drawer": "cells", "one_off_drawer": "cells"} {
		rows, err := ring.Query(`SELECT ` + column + ` FROM ` + table)
		f.Must(err)
		for n := 0; rows.Next(); n++ {
			var cells []byte
			f.Must(rows.Scan(&cells))
			for at := 0; at+16 <= len(cells); at += 4 {
				if piece := cells[at : at+16]; len(bytes.Trim(piece, "\x00")) > 12 {
					secrets[fmt.Sprintf("%s %d at %d", table, n, at)] = piece
				}
			}
		}
		f.Must(errors.Join(rows.Err(), rows.Close()))
	}
	f.Must(ring.Close())
	id := f.Keyring.ID() // which archives name openly, so that foreign ones are told
	master, err := os.ReadFile(filepath.Join(f.Config.Keys, "master.key"))
	f.Must(err)
	raw, err := hex.DecodeString(strings.TrimSpace(string(master)))
	f.Must(err)
	secrets["master"], secrets["master in hex"] = raw, master[:64]
	identity, err := os.ReadFile(filepath.Join(f.Config.Keys, "backup.key"))
	f.Must(err)
	secrets["identity"] = identity[bytes.Index(identity, []byte("AGE-SECRET-KEY-")):][:60]

	c := elsewhere(t, f)
	f.Must(f.House.Close())
	_, err = app.Restore(f.Context(), c, app.RestoreWish{Source: dest, Archive: done.ID})
	f.Must(err)
	paths := append(housetest.Files(t, dest), housetest.Files(t, c.Data)...)
	if len(secrets) < 100 || len(paths) < 10 {
		t.Fatalf("%d secrets in %d files: the test looks in the wrong place", len(secrets), len(paths))
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		f.Must(err)
		for what, secret := range secrets {
			if !bytes.Equal(secret, id[:]) && bytes.Contains(text, secret) {
				t.Errorf("%s holds %s", path, what)
			}
		}
	}
	db, err := database.Open(f.Context(), database.Options{Path: filepath.Join(c.Data, "register.db"), ReadOnly: true})
	f.Must(err)
	f.Must(db.Read(f.Context(), func(q database.Querier) error {
		for _, table := range []string{"session", "signin_code", "signin_limit"} {
			var n int
			if err := q.QueryRow(`SELECT count(*) FROM ` + table).Scan(&n); err != nil || n != 0 {
				t.Errorf("%s: %d rows came back, %v", table, n, err)
			}
		}
		return nil
	}))
	f.Must(db.Close())
}

// Any sequence of acts, archives at any moment: what is brought back is what the
// register was then, but for those erased since.
func TestN14AnyMomentComesBack(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, dest := f.Context(), t.TempDir()
		r := rand.New(rand.NewPCG(9, 9))
		type moment struct {
			id     string
			tables map[string][]string
		}
		var moments []moment
		gone := map[string]bool{}
		for i := range 24 {
			f.Clock.Add(time.Hour)
			switch name := fmt.Sprintf("m%d", i); r.IntN(5) {
			case 0, 1:
				f.Join(name, "gentofte", map[string]string{"given": "Navn", "family": fmt.Sprintf("Nummer%d", i), "phone": "39 68 47 95"}, i%2 == 0)
			case 2:
				for other := range f.People {
					if strings.HasPrefix(other, "m") && other != "member" && !gone[other] {
						_, err := f.Departures.Close(ctx, f.As("anna"), f.Person(other), "resignation", true)
						f.Must(err)
						_, err = f.Departures.Confirm(ctx, f.As("bo"), f.Person(other))
						f.Must(err)
						gone[other] = true
						break
					}
				}
			case 3:
				_, err := f.Members.Update(ctx, f.Scope("anna", access.Want{Act: charter.Edit}), f.Person("member"), member.Changes{Values: map[string]string{"town": name}})
				f.Must(err)
			case 4:
				done := archive(f, dest)
				moments = append(moments, moment{done.ID, dump(t, f.DB, append(restoredTables, "news", "access_history", "departure", "mail")...)})
			}
		}
		if len(moments) < 2 || len(gone) == 0 {
			t.Fatalf("%d archives, %d erased: too little happened", len(moments), len(gone))
		}
		f.Must(f.House.Close())
		outside := filepath.Join(f.Config.Keys, "journal.checkpoint")
		known, err := os.ReadFile(outside)
		f.Must(err)
		for _, m := range moments {
			c := elsewhere(t, f)
			_, err := app.Restore(ctx, c, app.RestoreWish{Source: dest, Archive: m.id})
			f.Must(err)
			house, err := app.Open(ctx, c)
			f.Must(err)
			after := dump(t, house.DB, append(restoredTables, "news", "access_history", "departure", "mail")...)
			for table, rows := range m.tables {
				if table == "record" {
					rows = slices.DeleteFunc(slices.Clone(rows), func(row string) bool {
						for name := range gone {
							if strings.Fields(row)[4] == fmt.Sprint(f.Person(name)) { // class, due, id, kind, person
								return true
							}
						}
						return false
					})
				}
				if !slices.Equal(rows, after[table]) {
					t.Errorf("%s of %s: %d rows then, %d now", table, m.id, len(rows), len(after[table]))
				}
			}
			err = house.DB.Read(ctx, func(q database.Querier) error {
				for name := range gone {
					if n, err := house.Records.Count(q, f.Person(name), vault.Membership, vault.Evidence); err != nil || n != 0 {
						t.Errorf("%s has %d records, %v", name, n, err)
					}
				}
				return nil
			})
			f.Must(errors.Join(err, house.Close(), os.WriteFile(outside, known, 0o600)))
		}
	})
}
