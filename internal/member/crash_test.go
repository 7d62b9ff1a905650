package member_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/mail"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// doomed makes a run of this test binary a process that changes members and is
// killed in the middle.
const doomed = "KARTOTEK_TEST_DOOMED"

// doom is what the process is told.
type doom struct {
	Data, Keys, DSN string
	Now             time.Time
	By              vault.PersonID
	Act             string // create, edit, split, merge, import
	Person, Other   vault.PersonID
	Unit            unit.ID
	Values          map[string]string
	Point           string
}

func TestMain(m *testing.M) {
	if text := os.Getenv(doomed); text != "" {
		fmt.Fprintln(os.Stderr, acts(text))
		os.Exit(1) // it should not have come so far
	}
	os.Exit(m.Run())
}

func acts(text string) error {
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
	member.StopAt(h.Members, func(point string) {
		if point == d.Point {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // it comes at once, but not in this line
		}
	})
	scope := func(act charter.Acts) access.Scope {
		s, _ := h.Access.Decide(access.Actor{Person: d.By, Via: access.Console}, access.Want{Act: act})
		return s
	}
	switch d.Act {
	case "create":
		_, _, err = h.Members.Create(ctx, scope(charter.Create), member.Draft{Values: d.Values, Unit: d.Unit})
	case "edit":
		_, err = h.Members.Update(ctx, scope(charter.Edit), d.Person, member.Changes{Values: d.Values})
	case "split":
		err = h.Members.Split(ctx, scope(charter.Edit), []member.Part{
			{Person: d.Person, Moves: true, Values: d.Values, Secret: &member.Secrecy{Secret: true}, Keep: &member.Keep{Reason: "test"}}, {Person: d.Other},
		})
	case "merge":
		_, err = h.Departures.ConfirmMerge(ctx, access.Actor{Person: d.By, Via: access.Console}, d.Other)
	case "import":
		file := "Medlemsnr;Fornavn;Efternavn;E-mail;Forening\n"
		for i := range 20 {
			file += fmt.Sprintf("%s%02d;Ib%d;Importsen;%s;Gentofte\n", d.Values["number"], i, i, d.Values["email"])
		}
		_, err = h.Members.Import(ctx, scope(charter.Import), strings.NewReader(file), member.Options{}, nil)
	}
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
		t.Fatalf("%s at %q: the process was not killed: %v\n%s", d.Act, d.Point, err, out)
	}
}

// Killed at any step of creating, editing or importing, the next start finds
// the act whole or not at all: no row without its key and claims, no key and no
// claim without its row, and what was typed can be typed again.
func TestD1KilledAtEveryStepOfCreating(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		victim := f.Join("victim", "gentofte", map[string]string{"given": "Vera", "family": "Vang", "email": "vera@example.dk"}, false)
		for _, point := range member.Points {
			stands := point != "claimed" // the register decides
			at := fmt.Sprintf("9%d", slices.Index(member.Points, point))
			people := f.Keyring.LastPerson()
			do := func(d doom) {
				t.Helper()
				d.Data, d.Keys, d.DSN, d.Now, d.By, d.Point = f.Config.Data, f.Config.Keys, f.Config.DSN, f.Clock.Now(), f.Person("anna"), point
				f.Must(f.House.Close())
				killed(t, d)
				f.Must(f.Open())
				if pending := f.Keyring.PendingPersons(); len(pending) != 0 {
					t.Errorf("%s at %q: %v wait to be settled", d.Act, point, pending)
				}
				whole(t, f, d.Act+" at "+point)
			}
			claims := func(kind vault.ClaimKind, value string) []vault.PersonID {
				persons, err := f.Keyring.Find(kind, value)
				f.Must(err)
				return persons
			}

			values := map[string]string{"number": at + "0001", "given": "Nye", "family": "Nybo", "email": "nye" + at + "@example.dk"}
			do(doom{Act: "create", Unit: f.Bodies["gentofte"], Values: values})
			made := claims(vault.ClaimNumber, values["number"])
			if (len(made) == 1) != stands || len(claims(vault.ClaimEmail, values["email"])) != len(made) || f.Keyring.Holds(people+1, vault.Membership) != stands {
				t.Errorf("create at %q: claimed by %v", point, made)
			}
			if stands && (!f.Members.Belongs(made[0], f.Bodies["gentofte"]) || created(t, f, made[0]) != 1) {
				t.Errorf("create at %q: not whole", point)
			}
			_, _, err := f.Members.Create(ctx, f.Scope("anna", access.Want{Act: charter.Create}), member.Draft{Values: values, Unit: f.Bodies["gentofte"]})
			if stands != fault.Is(err, fault.Conflict) {
				t.Errorf("create at %q, again: %v", point, err)
			}

			card, err := f.Members.Card(ctx, f.Scope("anna", access.Want{Act: charter.View}), victim)
			f.Must(err)
			was := card.Profile
			now := map[string]string{"number": at + "5000", "email": "vera" + at + "@example.dk", "family": "Vang" + strings.Repeat("e", len(at))}
			do(doom{Act: "edit", Person: victim, Values: now})
			card, err = f.Members.Card(ctx, f.Scope("anna", access.Want{Act: charter.View}), victim)
			f.Must(err)
			if (card.Profile.Number == now["number"]) != stands || (card.Profile.Number == was.Number) == stands || (card.Profile.Email == now["email"]) != stands {
				t.Errorf("edit at %q: %s, %s", point, card.Profile.Number, card.Profile.Email)
			}
			for _, number := range []string{was.Number, now["number"]} {
				if claimed := claims(vault.ClaimNumber, number); (len(claimed) == 1) != (number == card.Profile.Number) {
					t.Errorf("edit at %q: a number is claimed by %v", point, claimed)
				}
			}
			for _, email := range []string{was.Email, now["email"]} {
				if claimed := claims(vault.ClaimEmail, email); (len(claimed) == 1) != (email == card.Profile.Email) {
					t.Errorf("edit at %q: an address is claimed by %v", point, claimed)
				}
			}

			email := "import" + at + "@example.dk"
			do(doom{Act: "import", Values: map[string]string{"number": at + "60", "email": email}})
			if got, want := len(claims(vault.ClaimEmail, email)), map[bool]int{true: 20}[stands]; got != want {
				t.Errorf("import at %q: %d persons, want %d", point, got, want)
			}
		}
		f.Must(f.Keyring.Healthy())
		report, err := f.Journal.Verify(ctx, nil)
		if err != nil || !report.Sound() {
			t.Errorf("the journal: %+v, %v", report.Problems, err)
		}
	})
}

// whole checks that persons with rows have keys, and those with keys rows.
func whole(t *testing.T, f *housetest.Fixture, when string) {
	t.Helper()
	rows := map[vault.PersonID]bool{}
	f.Must(f.DB.Read(f.Context(), func(q database.Querier) error {
		found, err := q.Query(`SELECT DISTINCT person FROM record`)
		if err != nil {
			return err
		}
		defer found.Close()
		for found.Next() {
			var person vault.PersonID
			if err := found.Scan(&person); err != nil {
				return err
			}
			rows[person] = true
		}
		return found.Err()
	}))
	for person := vault.PersonID(1); person <= f.Keyring.LastPerson(); person++ {
		if key := f.Keyring.Holds(person, vault.Membership); key != rows[person] {
			t.Errorf("%s: person %d: rows %v, key %v", when, person, rows[person], key)
		}
	}
}

func created(t *testing.T, f *housetest.Fixture, person vault.PersonID) (n int) {
	t.Helper()
	account, err := f.Journal.About(f.Context(), uint32(person), journal.Page{})
	f.Must(err)
	for _, line := range account.Lines {
		if line.Act == journal.Create {
			n++
		}
	}
	return n
}
