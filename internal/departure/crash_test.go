package departure_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/departure"
	"kartotek/internal/journal"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

// doomed makes a run of this test binary a process that erases somebody and is
// killed in the middle.
const doomed = "KARTOTEK_TEST_DOOMED"

// doom is what the process is told.
type doom struct {
	Data, Keys, DSN string
	Now             time.Time
	By, Person      vault.PersonID // nobody: what law kept and keeps no longer is ended
	Point           string
	Times           int // how often the point is passed before
}

func TestMain(m *testing.M) {
	if text := os.Getenv(doomed); text != "" {
		err := erases(text)
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) // it should not have come so far
	}
	os.Exit(m.Run())
}

func erases(text string) error {
	var d doom
	if err := json.Unmarshal([]byte(text), &d); err != nil {
		return err
	}
	ctx := context.Background()
	h, err := app.Open(ctx, app.Config{
		Data: d.Data, Keys: d.Keys, DSN: d.DSN, URL: "https://kartotek.example", Demo: true,
		Mail: mail.Options{From: "post@kartotek.example"}, Now: func() time.Time { return d.Now },
	})
	if err != nil {
		return err
	}
	departure.StopAt(h.Departures, func(point string) {
		if point != d.Point {
			return
		}
		if d.Times--; d.Times < 0 {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // it comes at once, but not in this line
		}
	})
	if d.Person == 0 {
		_, err = h.Departures.EndKept(ctx)
		return err
	}
	_, err = h.Departures.Confirm(ctx, access.Actor{Person: d.By, Via: access.Console}, d.Person)
	return err
}

// killed runs the process and makes sure that it was killed.
func killed(t *testing.T, d doom) {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), doomed+"="+string(text))
	out, err := cmd.CombinedOutput()
	status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if !ok || !status.Signaled() || status.Signal() != syscall.SIGKILL {
		t.Fatalf("at %q the process was not killed: %v\n%s", d.Point, err, out)
	}
}

// Killed at any step of an erasure, the next start finishes it before it
// serves: the person is gone once, everybody else intact, no key comes back.
func TestD7KilledAtEveryStepOfErasing(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		names := []string{"member", "neighbour", "secret", "lyngby member", "odense member", "abroad member", "without association", "treasurer", "regional chair"}
		points := departure.Points()
		if len(names) != len(points) {
			t.Fatalf("%d persons for %d points", len(names), len(points))
		}
		for _, name := range names {
			_, err := f.Departures.Close(ctx, f.As("anna"), f.Person(name), "resignation", true)
			f.Must(err)
		}
		var outside []byte
		for i, point := range points {
			name := names[i]
			person := f.Person(name)
			others := everybodyBut(t, f, person)
			f.Must(f.House.Close())
			killed(t, doom{
				Data: f.Config.Data, Keys: f.Config.Keys, DSN: f.Config.DSN, Now: f.Clock.Now(),
				By: f.Person("bo"), Person: person, Point: point,
			})
			f.Must(f.Open())
			gone(t, f, name)
			if now := everybodyBut(t, f, person); !slices.Equal(others, now) {
				t.Errorf("%s: the others have changed", point)
			}
			waiting, erased, err := f.Departures.Waiting(ctx, f.Scope("anna", access.Want{Act: charter.Close}))
			f.Must(err)
			if len(erased) != i+1 || slices.ContainsFunc(waiting, func(d departure.Departure) bool { return d.State != departure.Hidden }) {
				t.Errorf("%s: waiting %+v, erased %+v", point, waiting, erased)
			}
			ledger, err := f.Keyring.Ledger(ctx, 1)
			f.Must(err)
			if len(ledger) != i+1 || ledger[i].Person != person {
				t.Errorf("%s: the ledger has %d entries", point, len(ledger))
			}
			for _, act := range []journal.Act{journal.Close, journal.Approve, journal.Erase} {
				if n := entries(t, f, person, act); n != 1 {
					t.Errorf("%s: %s is journaled %d times", point, act, n)
				}
			}
			report, err := f.Journal.Verify(ctx, outside)
			if err != nil || !report.Sound() {
				t.Errorf("%s: the journal: %+v, %v", point, report.Problems, err)
			}
			if outside, err = f.Journal.Checkpoint(ctx); err != nil {
				t.Fatal(err)
			}
			if f.Config.DSN == "" {
				if found := scan(t, housetest.Files(t, f.Config.Data), needles("Quistorff", "Nabogaard", "Skjult")); len(found) > 0 {
					t.Errorf("%s: %v", point, found)
				}
			}
		}
		f.Must(f.Keyring.VerifyLedger(ctx))
		f.Must(f.Keyring.Healthy())
		faulttest.Tell(t, "killed at %d points", len(points))
		// The register has noted the ledger: a start does not go through it again.
		var note []byte
		f.Must(f.DB.Read(ctx, func(q database.Querier) error {
			return q.QueryRow(`SELECT value FROM register WHERE name = 'ledger'`).Scan(&note)
		}))
		if size, hash := f.Keyring.LedgerHead(); string(note) != fmt.Sprintf("%d %x", size, hash) {
			t.Errorf("noted %s, the ledger is at %d %x", note, size, hash)
		}
	})
}
