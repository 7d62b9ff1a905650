package app_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	"kartotek/internal/charter"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/mail"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// struck makes a run of this test binary a process that does one act and is
// killed at a certain write of it.
const struck = "KARTOTEK_TEST_STRUCK"

// strike is what the process is told.
type strike struct {
	Dir           string
	Now           time.Time
	Act           string
	At            int // the operation of the disk it is killed at, from 0
	First, Second vault.PersonID
	Person        vault.PersonID
	Body          unit.ID
}

// strikes does the act in a watched house and is killed before its write, or
// halfway through it.
func strikes(text string) error {
	var s strike
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return err
	}
	disk, err := faulttest.Over(s.Dir)
	if err != nil {
		return err
	}
	disk.Forget()
	h, err := app.Open(context.Background(), app.Config{
		Data: filepath.Join(s.Dir, "data"), Keys: filepath.Join(s.Dir, "keys"), URL: "https://kartotek.example", Demo: true,
		Mail: mail.Options{From: "post@kartotek.example"}, Now: func() time.Time { return s.Now },
	})
	if err != nil {
		return err
	}
	n := 0
	disk.Break(func(op *faulttest.Op) faulttest.Failure {
		if op.Kind == faulttest.Read || op.Kind == faulttest.Grow {
			return faulttest.Failure{}
		}
		if n++; n <= s.At {
			return faulttest.Failure{}
		}
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {} // it comes at once, but not in this line
	})
	return s.act(h)
}

func (s *strike) act(h *app.House) error {
	ctx, by := context.Background(), access.Actor{Person: s.First, Via: access.Console}
	scope := func(act charter.Acts) access.Scope {
		scope, err := h.Access.Decide(by, access.Want{Act: act})
		if err != nil {
			panic(err)
		}
		return scope
	}
	switch s.Act {
	case "create":
		_, _, err := h.Members.Create(ctx, scope(charter.Create), member.Draft{
			Values: map[string]string{"given": "Ny", "family": "Nyborg", "email": "ny@example.dk"}, Unit: s.Body,
		})
		return err
	case "close":
		_, err := h.Departures.Close(ctx, by, s.Person, "resignation", true)
		return err
	case "import":
		file := "Fornavn;Efternavn;E-mail\n" + strings.Repeat("Indlæst;Importsen;ind@example.dk\n", 1)
		for i := range 40 {
			file += fmt.Sprintf("Indlæst;Importsen%d;ind%d@example.dk\n", i, i)
		}
		_, err := h.Members.Import(ctx, scope(charter.Import), strings.NewReader(file), member.Options{Unit: s.Body}, nil)
		return err
	case "erase":
		by.Person = s.Second
		_, err := h.Departures.Confirm(ctx, by, s.Person)
		return err
	}
	return errors.New("no such act")
}

// A process is killed at every write of an act: real processes, real signals. The
// next start has the act or has it not, finishes an erasure that had begun, and
// nobody is half there.
func TestD7KilledAtEveryWrite(t *testing.T) {
	stride := 17
	if os.Getenv(faultRuns) != "" {
		stride = 1
	}
	killed := tally{}
	for i, act := range []string{"create", "close", "import", "erase"} {
		f := housetest.New(t)
		if act == "erase" {
			_, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person("member"), "resignation", true)
			f.Must(err)
		}
		before := sizes(truthOf(t, f.DB))
		f.Must(f.House.Close())
		base := filepath.Dir(f.Config.Data)
		var after map[string]int
		for at := 100_000; ; at += stride {
			dir := filepath.Join(faulttest.Scratch(t), "house")
			copyHouse(t, base, dir)
			s := strike{
				Dir: dir, Now: f.Clock.Now(), Act: act, At: at, First: f.Person("anna"), Second: f.Person("bo"), Person: f.Person("member"), Body: f.Bodies["odense"],
			}
			dead := s.run(t)
			found := afterStrike(t, f, &s)
			if after == nil { // the whole act, which nothing has cut
				if dead {
					t.Fatalf("%s has no end", act)
				}
				after, at = found, i%stride-stride
				continue
			}
			if fmt.Sprint(found) != fmt.Sprint(before) && fmt.Sprint(found) != fmt.Sprint(after) {
				t.Errorf("%s, killed at write %d: %v; before %v, after %v", act, at, found, before, after)
			}
			if !dead {
				break
			}
			killed[act]++
		}
		if fmt.Sprint(before) == fmt.Sprint(after) && act != "erase" {
			t.Errorf("%s does nothing", act)
		}
	}
	faulttest.Tell(t, "killed at writes: %v", killed)
}

// run runs the process and reports whether it was killed.
func (s *strike) run(t *testing.T) bool {
	t.Helper()
	text, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), struck+"="+string(text))
	out, err := cmd.CombinedOutput()
	status := cmd.ProcessState.Sys().(syscall.WaitStatus)
	if err != nil && (!status.Signaled() || status.Signal() != syscall.SIGKILL) {
		t.Fatalf("%s at %d: %v\n%s", s.Act, s.At, err, out)
	}
	return err != nil
}

// afterStrike opens the house again, lets an erasure end, and counts rows.
func afterStrike(t *testing.T, f *housetest.Fixture, s *strike) map[string]int {
	t.Helper()
	ctx := f.Context()
	config := f.Config
	config.Data, config.Keys, config.MasterKey = filepath.Join(s.Dir, "data"), filepath.Join(s.Dir, "keys"), ""
	h, err := app.Open(ctx, config)
	if err != nil {
		t.Fatalf("%s, killed at write %d: %v", s.Act, s.At, err)
	}
	defer func() { f.Must(h.Close()) }()
	if _, err := h.Departures.EraseDue(ctx); err != nil {
		t.Errorf("%s, killed at write %d: %v", s.Act, s.At, err)
	}
	now := truthOf(t, h.DB)
	for person := vault.PersonID(1); person <= h.Keyring.LastPerson(); person++ {
		rows := slices.ContainsFunc(now["record"], func(row string) bool { return strings.Fields(row)[1] == fmt.Sprint(person) })
		if key := h.Keyring.Holds(person, vault.Membership); key != rows {
			t.Errorf("%s, killed at write %d: person %d has a key: %v, rows: %v", s.Act, s.At, person, key, rows)
		}
	}
	report, err := h.Journal.Verify(ctx, nil)
	if err != nil || !report.Sound() {
		t.Errorf("%s, killed at write %d: the journal: %+v, %v", s.Act, s.At, report.Problems, err)
	}
	f.Must(errors.Join(h.Keyring.VerifyLedger(ctx), h.Keyring.Healthy()))
	return sizes(now)
}

func sizes(all truth) map[string]int {
	counts := map[string]int{}
	for table, rows := range all {
		counts[table] = len(rows)
	}
	return counts
}

// copyHouse copies a house that is closed.
func copyHouse(t testing.TB, from, to string) {
	t.Helper()
	for _, dir := range []string{"data", "keys"} {
		if err := os.MkdirAll(filepath.Join(to, dir), 0o700); err != nil {
			t.Fatal(err)
		}
		housetest.CopyFiles(t, filepath.Join(from, dir), filepath.Join(to, dir))
	}
}
