package departure_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
	"unicode/utf16"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/departure"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// lived lets the cast's member live in the house: found, opened, edited,
// appointed, listed, signed in, written to, passed on, closed.
func lived(t *testing.T, f *housetest.Fixture) {
	t.Helper()
	ctx, person := f.Context(), f.Person("member")
	_, err := f.Members.Search(ctx, f.Scope("chair", access.Want{Act: charter.Search}), member.Query{Text: "quist"})
	f.Must(err)
	_, err = f.Members.Card(ctx, f.Scope("chair", access.Want{Act: charter.View}), person)
	f.Must(err)
	_, err = f.Members.Update(ctx, f.Scope("officer", access.Want{Act: charter.Edit}), person, member.Changes{
		Values: map[string]string{"address": "Bregnebjerglundvej 118, 4. th."},
	})
	f.Must(err)
	f.Must(f.Members.AddMembership(ctx, f.Scope("anna", access.Want{Act: charter.Create}), person, member.Membership{Unit: f.Bodies["odense"]}))
	f.Appoint("member", "treasurer", "odense")
	f.Must(f.Members.SetObjection(ctx, f.Scope("member", access.Want{Self: true}), person, "newsletter", true))
	pull(t, f, "chair", "administration")
	if signsIn(f, roleOf("member").More["email"]) != person {
		t.Fatal("the member cannot sign in")
	}
	session(t, f, person)
	f.Must(f.Departures.PassOn(ctx, f.As("chair"), person, "phone", f.Access.Today()))
	_, err = f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
	f.Must(err)
	f.Post()
}

// sealed gives the sealed bytes the register holds of somebody: records and mails.
func sealed(f *housetest.Fixture, person vault.PersonID) (all [][]byte) {
	f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
		for _, table := range []string{"record", "mail"} {
			rows, err := q.Query(`SELECT sealed FROM `+table+` WHERE person = $1`, int64(person))
			if err != nil {
				return err
			}
			for rows.Next() {
				var b []byte
				if err := rows.Scan(&b); err != nil {
					return err
				}
				all = append(all, bytes.Clone(b))
			}
			if err := rows.Err(); err != nil {
				return err
			}
			rows.Close()
		}
		return nil
	}))
	return all
}

// needles are texts as they could lie in a file.
func needles(texts ...string) (all [][]byte) {
	for _, text := range texts {
		units := utf16.Encode([]rune(text))
		little, big := make([]byte, 0, 2*len(units)), make([]byte, 0, 2*len(units))
		for _, u := range units {
			little, big = binary.LittleEndian.AppendUint16(little, u), binary.BigEndian.AppendUint16(big, u)
		}
		all = append(all, []byte(text), little, big)
	}
	return all
}

// scan finds needles in files and says where.
func scan(t *testing.T, paths []string, all [][]byte) (found []string) {
	t.Helper()
	for _, path := range paths {
		file, err := os.ReadFile(path)
		if errors.Is(err, os.ErrNotExist) {
			continue // PostgreSQL's log moves on
		}
		if err != nil {
			t.Fatal(err)
		}
		for i, n := range all {
			if at := bytes.Index(file, n); at >= 0 {
				found = append(found, fmt.Sprintf("%s: needle %d (%d bytes) at %d", filepath.Base(path), i, len(n), at))
			}
		}
	}
	return found
}

// After an erasure no byte of the person is in any file: in clear nowhere, ever;
// sealed not in SQLite's files, where deleted means overwritten (N14).
func TestD7NoByteIsLeftInAnyFile(t *testing.T) {
	databasetest.Fresh(t) // the server starts in the usual place
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		person, begun := f.Person("member"), time.Now().Add(-time.Minute)
		lived(t, f)
		texts := needles("Søren", "Østergård", "Quistorff", "Bregnebjerglundvej", "soeren.quistorff", "39684795", "+4539684795", "4741234567",
			"quistorff", "1961-09-23", f.Number["member"])
		ciphers := sealed(f, person)
		if len(ciphers) < 7 {
			t.Fatalf("only %d sealed bytes of them", len(ciphers))
		}
		files := func() []string {
			paths := slices.Concat(housetest.Files(t, f.Config.Data), housetest.Files(t, f.Config.Keys), tempFiles(t, temp))
			if f.Config.DSN == "" {
				return paths
			}
			for _, path := range databasetest.Files(t, f.Config.DSN) {
				if info, err := os.Stat(path); err == nil && !info.ModTime().Before(begun) {
					paths = append(paths, path) // old log files are others'
				}
			}
			return paths
		}
		// The scan sees what is there: before the erasure the sealed bytes are.
		if found := scan(t, files(), ciphers); len(found) < len(ciphers) {
			t.Fatalf("before: only %v", found)
		}
		if found := scan(t, files(), texts); len(found) > 0 {
			t.Errorf("in clear before the erasure: %v", found)
		}
		e, err := f.Departures.Confirm(f.Context(), f.As("bo"), person)
		f.Must(err)
		if e.State != departure.Erased {
			t.Fatalf("%+v", e)
		}
		check := func(when string) {
			t.Helper()
			if found := scan(t, files(), texts); len(found) > 0 {
				t.Errorf("%s: in clear: %v", when, found)
			}
			if f.Config.DSN == "" {
				if found := scan(t, files(), ciphers); len(found) > 0 {
					t.Errorf("%s: sealed: %v", when, found)
				}
			}
		}
		check("open")
		remains, err := f.Departures.Find(f.Context(), f.Scope("anna", access.Want{Act: charter.Close}), departure.Search{
			Texts: []string{"Quistorff", "Bregnebjerglundvej 118", "soeren.quistorff@example.dk", "39 68 47 95", f.Number["member"]},
			Dirs:  []string{f.Config.Data, f.Config.Keys}, Temp: temp, Mails: f.House.Mail, Letters: f.House.Letters,
		})
		if err != nil || len(remains.Places) > 0 || len(remains.Unreadable) > 0 || remains.Records == 0 {
			t.Errorf("find: %+v, %v", remains, err)
		}
		f.Reopen()
		check("opened again")
		f.Must(f.House.Close())
		check("closed")
	})
	// The scan itself finds what is there.
	path := filepath.Join(temp, "planted")
	for i, n := range needles("Østergård") {
		if err := os.WriteFile(path, append([]byte{0, 255}, n...), 0o600); err != nil {
			t.Fatal(err)
		}
		if found := scan(t, []string{path}, needles("Østergård")); len(found) == 0 {
			t.Errorf("form %d is not found", i)
		}
	}
}

// tempFiles lists the files of a temporary directory but those of the tests
// themselves and of the PostgreSQL server.
func tempFiles(t *testing.T, temp string) []string {
	return slices.DeleteFunc(housetest.Files(t, temp), func(path string) bool {
		rest, err := filepath.Rel(temp, path)
		return err == nil && bytes.HasPrefix([]byte(rest), []byte("kartotek-postgresql"))
	})
}

// An old copy of the register opens nothing about the person, even with today's
// keyring and master key; a house opened on it deletes their rows again.
func TestD7AnOldCopyOfTheRegisterOpensNothing(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		lived(t, f)
		old := f.OldRegister()
		others := everybodyBut(t, f, person)
		_, err := f.Departures.Confirm(ctx, f.As("bo"), person)
		f.Must(err)
		gone(t, f, "member")
		if after := everybodyBut(t, f, person); !slices.Equal(others, after) {
			t.Errorf("the others\nbefore %q\nafter  %q", others, after)
		}
		f.Must(f.House.Close())

		// Row by row, with the keys of today.
		db, err := database.Open(ctx, database.Options{Path: filepath.Join(old.Data, "register.db"), DSN: old.DSN, Shared: true})
		f.Must(err)
		master, err := vault.LoadMaster(filepath.Join(old.Keys, "master.key"))
		f.Must(err)
		keyring, err := vault.Open(ctx, filepath.Join(old.Keys, "keyring.db"), master)
		f.Must(err)
		opensNothing(t, db, keyring, person)
		f.Must(errors.Join(keyring.Close(), db.Close()))

		// As a house.
		house, err := app.Open(ctx, old)
		f.Must(err)
		f.House, f.Config = house, old
		gone(t, f, "member")
		for _, l := range looks(t, f, "member") {
			if l.name != "sign-in" && l.sees() {
				t.Errorf("the old register: %s", l.name)
			}
		}
		waiting, erased, err := f.Departures.Waiting(ctx, f.Scope("anna", access.Want{Act: charter.Close}))
		if err != nil || len(waiting) != 0 || len(erased) != 1 || erased[0].Person != person {
			t.Errorf("%+v %+v %v", waiting, erased, err)
		}
		if n, err := f.Departures.EraseDue(ctx); err != nil || n != 0 {
			t.Errorf("%d are due, %v", n, err)
		}
		if now := everybodyBut(t, f, person); !slices.Equal(others, now) {
			t.Errorf("the others on the old register\nthen %q\nnow  %q", others, now)
		}
		report, err := f.Journal.Verify(ctx, nil)
		if err != nil || !report.Sound() {
			t.Errorf("the journal: %+v, %v", report.Problems, err)
		}
		f.Must(house.Close())
		if old.DSN == "" {
			if found := scan(t, housetest.Files(t, old.Data), needles("Quistorff")); len(found) > 0 {
				t.Error(found)
			}
		}
	})
}

// opensNothing tries every sealed row of somebody.
func opensNothing(t *testing.T, db *database.DB, keyring *vault.Keyring, person vault.PersonID) {
	t.Helper()
	records, mails := 0, 0
	err := db.Read(t.Context(), func(q database.Querier) error {
		rows, err := q.Query(`SELECT kind, id, class, version, sealed FROM record WHERE person = $1`, int64(person))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			l, sealed := vault.Label{Person: person}, []byte(nil)
			if err := rows.Scan(&l.Kind, &l.ID, &l.Class, &l.Version, &sealed); err != nil {
				return err
			}
			records++
			if _, err := keyring.Open(nil, l, sealed); !errors.Is(err, vault.ErrErased) {
				t.Errorf("record %d of kind %d: %v", l.ID, l.Kind, err)
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		rows.Close()
		rows, err = q.Query(`SELECT key_id, sealed FROM mail WHERE person = $1`, int64(person))
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var key int64
			var sealed []byte
			if err := rows.Scan(&key, &sealed); err != nil {
				return err
			}
			mails++
			if _, err := keyring.OpenOnce(key, sealed); !errors.Is(err, vault.ErrOneOffSpent) {
				t.Errorf("a mail: %v", err)
			}
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	if records < 5 || mails < 1 {
		t.Errorf("the copy holds only %d records and %d mails of them", records, mails)
	}
}

// everybodyBut gives all records of all others, decoded.
func everybodyBut(t *testing.T, f *housetest.Fixture, person vault.PersonID) (all []string) {
	t.Helper()
	for other := vault.PersonID(1); other <= f.Keyring.LastPerson(); other++ {
		if other == person {
			continue
		}
		f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
			rows, err := q.Query(`SELECT kind, id, class, version, sealed FROM record WHERE person = $1 ORDER BY kind, id`, int64(other))
			if err != nil {
				return err
			}
			defer rows.Close()
			for rows.Next() {
				l, sealed := vault.Label{Person: other}, []byte(nil)
				if err := rows.Scan(&l.Kind, &l.ID, &l.Class, &l.Version, &sealed); err != nil {
					return err
				}
				plain, err := f.Keyring.Open(nil, l, sealed)
				if err != nil {
					return err
				}
				all = append(all, fmt.Sprintf("%+v %x", l, plain))
			}
			return rows.Err()
		}))
	}
	if len(all) < len(housetest.Cast) {
		t.Errorf("only %d records of the others", len(all))
	}
	return all
}

// An old keyring, whose keys were destroyed since or which would issue an id
// again, is refused at the start, and so is another house's.
func TestD7AnOldKeyringIsRefused(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		before := f.OldKeys()
		f.Join("new", "gentofte", map[string]string{"given": "Ny", "family": "Nyborg"}, false)
		f.Must(f.House.Close())
		refusedWith := func(what string, c app.Config, want error) {
			t.Helper()
			c.DSN, c.Data = f.Config.DSN, f.Config.Data
			house, err := app.Open(ctx, c)
			if !errors.Is(err, want) {
				t.Errorf("%s: %v, want %v", what, err, want)
			}
			if err == nil {
				f.Must(house.Close())
			}
		}
		refusedWith("a keyring from before somebody joined", before, vault.ErrKeyringOlder)
		other := housetest.Empty(t)
		f.Must(other.House.Close())
		refusedWith("another house's keyring", other.Config, app.ErrOtherKeyring)
		f.Must(f.Open())

		before = f.OldKeys()
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("member"), "resignation", false)
		f.Must(err)
		f.Clock.Add(4 * 24 * time.Hour)
		if n, err := f.Departures.EraseDue(ctx); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		f.Must(f.House.Close())
		refusedWith("a keyring from before the erasure", before, vault.ErrLedgerOlder)
		f.Must(f.Open())
		gone(t, f, "member")
		if size, _ := f.Keyring.LedgerHead(); size != 1 {
			t.Errorf("the ledger has %d entries", size)
		}
		f.Must(f.Keyring.VerifyLedger(ctx))
		f.Must(f.Keyring.Healthy())
		if _, err := f.Journal.Read(ctx, &journal.Entry{Act: journal.Log, Right: "system"}); err != nil {
			t.Error(err)
		}
	})
}
