package app_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/copies"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/journal"
	"kartotek/internal/place/placetest"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// keeping keeps copies in places.
func keeping(addresses ...string) housetest.Option {
	return func(c *app.Config) { c.KeyCopies = addresses }
}

// behind gives the open duties about copies.
func behind(t *testing.T, f *housetest.Fixture) (all []duty.Duty) {
	t.Helper()
	open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{0: charter.AllActs}})
	f.Must(err)
	for _, d := range open {
		if d.Kind == duty.CopyBehind {
			all = append(all, d)
		}
	}
	return all
}

// standing is how the copy at an address stands.
func standing(t *testing.T, f *housetest.Fixture, address string) copies.Standing {
	t.Helper()
	all, err := f.Copies.Told(f.Context())
	f.Must(err)
	for _, s := range all {
		if s.Address == address {
			return s
		}
	}
	t.Fatalf("%s is not on record: %+v", address, all)
	return copies.Standing{}
}

// TestD7AnErasureWaitsForEveryCopy: a bucket is out of reach for a week. The person
// is gone from everything within reach at once; the erasure is not complete, and a
// duty says so, until the bucket has confirmed.
func TestD7AnErasureWaitsForEveryCopy(t *testing.T) {
	server := placetest.New(t, "keys")
	near, far := filepath.Join(t.TempDir(), "near"), server.Address("keys/party")
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		server.Down.Store(false)
		ctx := f.Context()
		f.Must(f.Copies.Verify(ctx))
		if duties := behind(t, f); len(duties) > 0 {
			t.Fatalf("%+v", duties)
		}
		server.Down.Store(true)
		for _, name := range []string{"member", "neighbour"} {
			_, err := f.Departures.Close(ctx, f.As("anna"), f.Person(name), "resignation", true)
			f.Must(err)
		}
		e, err := f.Departures.Confirm(ctx, f.As("bo"), f.Person("member"))
		f.Must(err)
		if e.State != departure.Erasing || f.Keyring.Holds(f.Person("member"), vault.Membership) {
			t.Errorf("%+v, held %v", e.State, f.Keyring.Holds(f.Person("member"), vault.Membership))
		}
		all, said, err := f.Departures.Confirmations(ctx, f.Person("member"))
		if err != nil || all || len(said) != 2 || said[0].At.IsZero() || !said[1].At.IsZero() {
			t.Errorf("%v %+v %v", all, said, err)
		}
		f.Must(f.Copies.Sweep(ctx))
		duties := behind(t, f)
		if len(duties) != 1 || duties[0].Act != charter.Journal.String() {
			t.Fatalf("%+v", duties)
		}
		failing := standing(t, f, far)
		if failing.Problem != copies.Unreachable || failing.Waiting != 1 || duties[0].Subject != failing.Number {
			t.Errorf("%+v", failing)
		}
		// A week, two starts and another erasure later it is the same.
		for range 2 {
			f.Clock.Set(f.Clock.Now().Add(84 * time.Hour))
			f.Reopen()
			if n, err := f.Departures.EraseDue(ctx); err != nil || n != 0 {
				t.Errorf("%d erased, %v", n, err)
			}
			f.Must(f.Copies.Sweep(ctx))
			now := standing(t, f, far)
			if !now.FailingAt.Equal(failing.FailingAt) || now.Waiting != 2 || len(behind(t, f)) != 1 {
				t.Errorf("%+v", now)
			}
		}
		if behind(t, f)[0].StateOn(f.Access.Today()) != duty.Late {
			t.Error("after a week the duty is not late")
		}
		server.Down.Store(false)
		if n, err := f.Departures.EraseDue(ctx); err != nil || n != 2 {
			t.Errorf("%d erased, %v", n, err)
		}
		f.Must(f.Copies.Sweep(ctx))
		if now := standing(t, f, far); now.Problem != "" || !now.FailingAt.IsZero() || now.Waiting != 0 || len(behind(t, f)) != 0 {
			t.Errorf("%+v", now)
		}
		all, said, err = f.Departures.Confirmations(ctx, f.Person("member"))
		if err != nil || !all || said[1].Place != far || said[1].At.Before(f.Clock.Now()) {
			t.Errorf("%v %+v %v", all, said, err)
		}
		if server.Bytes(t, "keys"); strings.Contains(fmt.Sprint(said), "test-secret") {
			t.Error("a secret in the address")
		}
		f.Must(f.House.Close()) // the next house begins with empty places
		f.Must(os.RemoveAll(near))
		f.Must(server.Empty("keys"))
	}, keeping(near, far))
}

// TestD7APlaceIsForgottenWhenItsCopyIsGone: one the program is no longer told of
// holds erasures up until its copy is deleted.
func TestD7APlaceIsForgottenWhenItsCopyIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copy")
	f := housetest.New(t, keeping(dir))
	ctx := f.Context()
	f.Must(f.Copies.Verify(ctx))
	number := standing(t, f, dir).Number
	by := journal.Entry{Right: departureSystem, Via: departureSystem}
	if err := f.Copies.GiveUp(ctx, by, number, true); err == nil {
		t.Error("a place was given up in which a copy is kept")
	}
	f.Must(f.House.Close())
	f.Config.KeyCopies = nil
	f.Must(f.Open())
	f.Must(f.Copies.Sweep(ctx))
	if s := standing(t, f, dir); s.Kept || s.Problem != copies.Unkept || len(behind(t, f)) != 1 {
		t.Errorf("%+v", s)
	}
	_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("member"), "resignation", true)
	f.Must(err)
	if e, err := f.Departures.Confirm(ctx, f.As("bo"), f.Person("member")); err != nil || e.State != departure.Erasing {
		t.Errorf("%v %v", e.State, err)
	}
	f.Must(f.Copies.GiveUp(ctx, by, number, false))
	if left := housetest.Files(t, dir); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
	if n, err := f.Departures.EraseDue(ctx); err != nil || n != 1 || len(behind(t, f)) != 0 {
		t.Errorf("%d erased, %v", n, err)
	}
	if err := f.Copies.GiveUp(ctx, by, number, false); err == nil {
		t.Error("given up twice")
	}
}

// A disk that is not mounted is not begun anew, unless somebody answers for the
// copy that was on it.
func TestD7ADiskThatIsNotMounted(t *testing.T) {
	disk := filepath.Join(t.TempDir(), "mount")
	f := housetest.New(t, keeping(filepath.Join(disk, "copy")))
	ctx := f.Context()
	f.Must(f.Copies.Verify(ctx))
	if s := standing(t, f, filepath.Join(disk, "copy")); s.Problem != copies.Unreachable || s.Number == 0 {
		t.Errorf("without its disk: %+v", s)
	}
	f.Must(os.Mkdir(disk, 0o700))
	f.Must(f.Copies.Verify(ctx))
	if s := standing(t, f, filepath.Join(disk, "copy")); s.Problem != "" || s.Behind {
		t.Errorf("with its disk: %+v", s)
	}
	f.Must(f.House.Close())
	f.Must(os.Rename(disk, disk+".away"))
	f.Must(os.Mkdir(disk, 0o700))
	f.Must(f.Open())
	f.Must(f.Copies.Verify(ctx))
	s := standing(t, f, filepath.Join(disk, "copy"))
	if left := housetest.Files(t, disk); s.Problem != copies.Gone || len(left) > 0 {
		t.Errorf("another disk: %+v, %v", s, left)
	}
	by := journal.Entry{Right: departureSystem, Via: departureSystem}
	if err := f.Copies.GiveUp(ctx, by, s.Number, false); err == nil {
		t.Error("begun anew without anybody answering for the old copy")
	}
	f.Must(f.Copies.GiveUp(ctx, by, s.Number, true))
	f.Must(f.Copies.Verify(ctx))
	if s := standing(t, f, filepath.Join(disk, "copy")); s.Problem != "" || s.Behind {
		t.Errorf("begun anew: %+v", s)
	}
}

const departureSystem = string(access.System)

// TestD7AnOldKeyringDoesNotServe: an old file of the keyring, under an old file of
// the register, opens nothing as long as a copy knows better.
func TestD7AnOldKeyringDoesNotServe(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copy")
	f := housetest.New(t, keeping(dir))
	ctx := f.Context()
	f.Must(f.Copies.Verify(ctx))
	old := f.OldRegister()
	old.Keys = f.OldKeys().Keys
	_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("member"), "resignation", true)
	f.Must(err)
	e, err := f.Departures.Confirm(ctx, f.As("bo"), f.Person("member"))
	if err != nil || e.State != departure.Erased {
		t.Fatalf("%v %v", e.State, err)
	}
	f.Must(f.House.Close())
	if house, err := app.Open(ctx, old); !errors.Is(err, vault.ErrCopyNewer) {
		t.Errorf("an old keyring: %v", err)
		if err == nil {
			f.Must(house.Close())
		}
	}
	f.Must(f.Open())
}

// TestD7ALostKeyringIsRebuilt: from whichever copy, nobody who was erased comes
// back, and who is in no copy is told.
func TestD7ALostKeyringIsRebuilt(t *testing.T) {
	server := placetest.New(t, "keys")
	dir, far := filepath.Join(t.TempDir(), "copy"), server.Address("keys")
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		f.Must(f.Copies.Verify(ctx))
		server.Down.Store(true) // the bucket stays behind from here on
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("member"), "resignation", true)
		f.Must(err)
		_, err = f.Departures.Confirm(ctx, f.As("bo"), f.Person("member"))
		f.Must(err)
		neighbour := f.Person("neighbour")
		f.Must(f.House.Close())
		lose := func() {
			for _, end := range []string{"", "-wal", "-shm"} {
				f.Must(os.RemoveAll(filepath.Join(f.Config.Keys, "keyring.db"+end)))
			}
		}
		if _, err := app.RebuildKeys(ctx, f.Config, nil, false, "root"); !errors.Is(err, app.ErrKeyringStands) {
			t.Errorf("over a keyring: %v", err)
		}
		lose()
		server.Down.Store(false)
		// The bucket alone is older than the register knows.
		alone := f.Config
		alone.KeyCopies = []string{far}
		if _, err := app.RebuildKeys(ctx, alone, nil, false, "root"); !errors.Is(err, vault.ErrLedgerOlder) {
			t.Errorf("from an old copy: %v", err)
		}
		done, err := app.RebuildKeys(ctx, f.Config, nil, false, "root")
		if err != nil || done.From != dir || done.Lost != 0 || done.Ledger == 0 {
			t.Fatalf("%+v %v", done, err)
		}
		f.Must(f.Open())
		if f.Keyring.Holds(f.Person("member"), vault.Membership) || !f.Keyring.Holds(neighbour, vault.Membership) {
			t.Error("the wrong keys are back")
		}
		f.Must(f.Keyring.Healthy())

		// Somebody comes whom no copy has yet.
		f.Must(f.Copies.Copies.CatchUp(ctx))
		kept := t.TempDir()
		f.Must(os.CopyFS(kept, os.DirFS(dir)))
		late := f.Join("late", "gentofte", map[string]string{"given": "Sen", "family": "Sensen"}, false)
		f.Must(f.House.Close())
		lose()
		f.Must(os.RemoveAll(dir))
		f.Must(os.Rename(kept, dir))
		near := f.Config
		near.KeyCopies = []string{dir}
		if done, err := app.RebuildKeys(ctx, near, nil, false, "root"); !errors.Is(err, app.ErrLost) || done.Lost != 1 {
			t.Errorf("%+v %v", done, err)
		}
		if _, err := os.Stat(filepath.Join(f.Config.Keys, "keyring.db")); err == nil {
			t.Error("a refused rebuild leaves a keyring")
		}
		done, err = app.RebuildKeys(ctx, near, nil, true, "root")
		if err != nil || done.Lost != 1 {
			t.Fatalf("%+v %v", done, err)
		}
		f.Config.KeyCopies = near.KeyCopies
		f.Must(f.Open())
		f.Must(f.Keyring.Healthy())
		if f.Keyring.Holds(late, vault.Membership) || f.Join("new", "gentofte", map[string]string{"given": "Ny", "family": "Nysen"}, false) <= late {
			t.Error("the lost person's id is used again")
		}
		found, err := f.Journal.Recent(ctx, journal.Filter{Act: journal.Rebuild}, journal.Page{Limit: 5})
		if err != nil || found.Total != 2 || found.Lines[0].Number != 1 {
			t.Errorf("%+v %v", found, err)
		}
		report, err := f.Journal.Verify(ctx, nil)
		if err != nil || !report.Sound() {
			t.Errorf("%+v %v", report, err)
		}
		f.Must(f.House.Close()) // the next house begins with empty places
		f.Must(os.RemoveAll(dir))
		f.Must(server.Empty("keys"))
	}, keeping(dir, far))
}

// TestCopiesFollowARunningHouse has the scheduled work keep them.
func TestCopiesFollowARunningHouse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "copy")
	f := housetest.New(t, keeping(dir))
	ctx, stop := context.WithCancel(f.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); f.Run(ctx) }()
	defer func() { stop(); <-ended }()
	f.Join("late", "gentofte", map[string]string{"given": "Sen", "family": "Sensen"}, false)
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if s := standing(t, f, dir); !s.Behind && !s.VerifiedAt.IsZero() {
			break
		} else if time.Now().After(end) {
			t.Fatalf("%+v", s)
		}
	}
	_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("member"), "resignation", true)
	f.Must(err)
	if e, err := f.Departures.Confirm(ctx, f.As("bo"), f.Person("member")); err != nil || e.State != departure.Erased {
		t.Errorf("%v %v", e.State, err)
	}
}
