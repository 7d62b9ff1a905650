package app_test

import (
	"bytes"
	"errors"
	"os"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/duty"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// sealedRow is a record as it lay in the register.
type sealedRow struct {
	label  vault.Label
	sealed []byte
}

// sealedOf gives the sealed rows of a person.
func sealedOf(t *testing.T, f *housetest.Fixture, person vault.PersonID) (all []sealedRow) {
	t.Helper()
	f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
		rows, err := q.Query(`SELECT kind, id, class, version, sealed FROM record WHERE person = $1`, int64(person))
		if err != nil {
			return err
		}
		for rows.Next() {
			r := sealedRow{label: vault.Label{Person: person}}
			if err := rows.Scan(&r.label.Kind, &r.label.ID, &r.label.Class, &r.label.Version, &r.sealed); err != nil {
				return err
			}
			all = append(all, r)
		}
		return rows.Err()
	}))
	return all
}

// owed reports whether the administrators have a duty of a kind.
func owed(f *housetest.Fixture, kind duty.Kind) bool {
	open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{0: charter.Staff}})
	f.Must(err)
	for _, d := range open {
		if d.Kind == kind {
			return true
		}
	}
	return false
}

// wasPutBack checks what a start on a register that others put back must have done.
func wasPutBack(t *testing.T, f *housetest.Fixture, lists int64) {
	t.Helper()
	report, err := f.Journal.Verify(f.Context(), nil)
	if err != nil || !report.Sound() || report.Epoch != 2 {
		t.Errorf("the journal: %+v, %v", report, err)
	}
	found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: journal.Restore}, journal.Page{Limit: 5})
	f.Must(err)
	if len(found.Lines) != 1 || found.Lines[0].Reason != "backup.put_back" || found.Lines[0].Number == 0 {
		t.Errorf("the journal says %+v", found.Lines)
	}
	if !owed(f, duty.JournalEpoch) {
		t.Error("the administrators are not told")
	}
	f.Must(f.SeenEpoch(f.Context(), f.Scope("founder", access.Want{Act: charter.Staff})))
	if owed(f, duty.JournalEpoch) {
		t.Error("seen, and still owed")
	}
	f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error {
		n, err := tx.Next("list")
		if n <= lists+900 {
			t.Errorf("list %d may be with somebody already", n)
		}
		return err
	}))
	f.Reopen() // and once is enough
	if report, err := f.Journal.Verify(f.Context(), nil); err != nil || report.Epoch != 2 {
		t.Errorf("opened again: %+v, %v", report, err)
	}
}

// A register put back by a copy of its file or its database is noticed at the
// start, told, journaled, and goes on in a new epoch.
func TestD7ARegisterPutBackByOthersIsNoticed(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		old := f.OldRegister()
		_, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person("member"), "resignation", false)
		f.Must(err)
		f.Clock.Add(4 * 24 * time.Hour)
		_, err = f.Departures.EraseDue(f.Context())
		f.Must(err)
		f.Must(f.House.Close())
		f.Config = old
		f.Must(f.Open())
		if again := f.Departures.Replayed(); again.Persons != 1 || again.Rows == 0 {
			t.Errorf("%+v", again)
		}
		wasPutBack(t, f, 0)
		f.Must(f.House.Close())
	})
}

// A base backup and archived log, brought to a point before the erasure by
// PostgreSQL's own programs: the start replays the ledger, nobody is back, and
// the bytes hold nothing that any existing key opens.
func TestD7PostgreSQLBringsNobodyBack(t *testing.T) {
	server := databasetest.NewArchived(t)
	f := housetest.New(t, housetest.PostgreSQLAt(server.DSN()), housetest.At(time.Now()))
	ctx, person := f.Context(), f.Person("member")
	base := server.BaseBackup()
	f.Join("late", "gentofte", map[string]string{"given": "Sen", "family": "Senfærdig", "email": "sen@parti.example"}, false)
	rows := append(sealedOf(t, f, person), sealedOf(t, f, f.Person("late"))...)
	time.Sleep(300 * time.Millisecond)
	before := server.Now()
	time.Sleep(300 * time.Millisecond)
	for _, name := range []string{"member", "late"} {
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person(name), "resignation", true)
		f.Must(err)
		if _, err := f.Departures.Confirm(ctx, f.As("bo"), f.Person(name)); err != nil {
			t.Fatal(err)
		}
	}
	server.Flush()
	f.Must(f.House.Close())
	server.Recover(base, before)

	// What lies in base backup and log is theirs, and opens no more.
	seen := map[int]bool{}
	paths := append(housetest.Files(t, base), housetest.Files(t, server.Log())...)
	for _, path := range paths {
		raw, err := os.ReadFile(path)
		f.Must(err)
		for i, row := range rows {
			seen[i] = seen[i] || bytes.Contains(raw, row.sealed)
		}
		for _, text := range []string{"Senfærdig", "sen@parti.example"} {
			if bytes.Contains(raw, []byte(text)) {
				t.Errorf("%s holds %q in clear", path, text)
			}
		}
	}
	if len(seen) != len(rows) || len(rows) < 2 {
		t.Errorf("%d of %d sealed rows lie in the files: the test looks in the wrong place", len(seen), len(rows))
	}
	f.Must(f.Open())
	for _, row := range rows {
		if _, err := f.Keyring.Open(nil, row.label, row.sealed); !errors.Is(err, vault.ErrErased) {
			t.Errorf("%+v: %v", row.label, err)
		}
		for other := vault.PersonID(1); other <= f.Keyring.LastPerson(); other++ {
			label := row.label
			label.Person = other
			if _, err := f.Keyring.Open(nil, label, row.sealed); err == nil {
				t.Errorf("the key of %d opens a row of %d", other, row.label.Person)
			}
		}
	}
	if again := f.Departures.Replayed(); again.Persons != 2 {
		t.Errorf("%+v", again)
	}
	f.Must(f.DB.Read(ctx, func(q database.Querier) error {
		for _, name := range []string{"member", "late"} {
			n, err := f.Records.Count(q, f.Person(name), vault.Membership, vault.Evidence)
			if err != nil || n != 0 {
				t.Errorf("%s has %d records, %v", name, n, err)
			}
		}
		return nil
	}))
	wasPutBack(t, f, 0)
	f.Must(f.House.Close()) // before its server is stopped
}
