package departure_test

import (
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// N14: what nobody can read, a damaged record or one of another version of the
// program, keeps nobody from being erased.
func TestN14UnreadableRecordsKeepNobody(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		_, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
		f.Must(err)
		f.Must(f.DB.Write(ctx, func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE record SET sealed = $1 WHERE person = $2`, []byte("damaged"), int64(person))
			if err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO record (kind, person, id, class, version, sealed) VALUES (4711, $1, 1, 1, 1, $2)`, int64(person), []byte("newer"))
			return err
		}))
		e, err := f.Departures.Confirm(ctx, f.As("bo"), person)
		for end := 0; fault.From(err) != nil && end < 1; end++ { // the certificate cannot be written; it gets its day
			f.Clock.Add(25 * time.Hour)
			_, err = f.Departures.EraseDue(ctx)
			e.State = departure.Erased
		}
		if err != nil || e.State != departure.Erased {
			t.Fatalf("%+v, %v", e, err)
		}
		gone(t, f, "member")
	})
}

// While keys are missing that nobody erased, nobody is erased: the keyring may
// be an old copy.
func TestD7MissingKeysStopEveryErasure(t *testing.T) {
	f := housetest.New(t)
	ctx, person := f.Context(), f.Person("member")
	_, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
	f.Must(err)
	if _, err := f.Keyring.Seal(nil, vault.Label{Person: 9000, Class: vault.Membership}, []byte("x")); !errors.Is(err, vault.ErrKeyMissing) {
		t.Fatal(err)
	}
	_, err = f.Departures.Confirm(ctx, f.As("bo"), person)
	refused(t, "confirmed", err, fault.Unavailable, "departure.error.keys")
	f.Clock.Add(4 * 24 * time.Hour)
	n, err := f.Departures.EraseDue(ctx)
	refused(t, "due", err, fault.Unavailable, "departure.error.keys")
	if n != 0 || !f.Keyring.Holds(person, vault.Membership) {
		t.Error("erased all the same")
	}
	f.Reopen() // the alarm is over: whoever runs the house has looked
	if n, err := f.Departures.EraseDue(ctx); err != nil || n != 1 {
		t.Errorf("%d erased, %v", n, err)
	}
	gone(t, f, "member")
}

// The duty of the second pair of eyes ends with the window that nobody ended.
func TestD7NoDutyOutlivesThePerson(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		f.Must(f.Departures.PassOn(ctx, f.As("chair"), f.Person("member"), "letter", f.Access.Today()))
		_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("member"), "resignation", true)
		f.Must(err)
		f.Clock.Add(4 * 24 * time.Hour)
		if n, err := f.Departures.EraseDue(ctx); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		for _, kind := range []duty.Kind{duty.CloseMembership, duty.ConfirmErasure} {
			if left := open(f, kind); len(left) != 0 {
				t.Errorf("%+v", left)
			}
		}
	})
}

// An address that the mail server refuses for good keeps nobody waiting.
func TestD7ARefusedAddressKeepsNobody(t *testing.T) {
	post := housetest.NewPost(t)
	post.Reject()
	f := housetest.New(t, housetest.Mail(post.Options()))
	f.House.Mail.Start()
	defer f.House.Mail.Stop(f.Context())
	_, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person("member"), "resignation", true)
	f.Must(err)
	e, err := f.Departures.Confirm(f.Context(), f.As("bo"), f.Person("member"))
	if err != nil || e.State != departure.Erased {
		t.Fatalf("%+v, %v", e, err)
	}
	gone(t, f, "member")
}

// An old copy from the middle of an erasure, its certificate still waiting,
// is finished at the start like any other.
func TestD7AnOldCopyFromTheMiddleOfAnErasure(t *testing.T) {
	post := housetest.NewPost(t)
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		had := len(post.Letters(roleOf("member").More["email"]))
		_, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", false)
		f.Must(err)
		f.Clock.Add(3*24*time.Hour + time.Minute)
		waits(t, f, "before the letter left")
		old := f.OldRegister()
		f.House.Mail.Start()
		post.Await(roleOf("member").More["email"], had+1)
		for range 200 {
			if n, err := f.Departures.EraseDue(ctx); err != nil || n == 1 {
				f.Must(err)
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		f.House.Mail.Stop(ctx)
		gone(t, f, "member")
		f.Must(f.House.Close())

		house, err := app.Open(ctx, old)
		f.Must(err)
		f.House = house
		gone(t, f, "member")
		waiting, erased, err := f.Departures.Waiting(ctx, f.Scope("anna", access.Want{Act: charter.Close}))
		if err != nil || len(waiting) != 0 || len(erased) != 1 {
			t.Errorf("%+v %+v %v", waiting, erased, err)
		}
		f.Must(house.Close())
	}, housetest.Mail(post.Options()))
}

// Undoing, confirming and the window's end at the same moment: one of them wins,
// and whoever came back is whole, whoever is gone is gone.
func TestD7UndoConfirmAndTheWindowAtOnce(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		names := []string{"member", "neighbour", "secret", "treasurer", "officer", "odense member"}
		before := map[string][]string{}
		for _, name := range names {
			before[name] = records(t, f, f.Person(name))
			_, err := f.Departures.Close(ctx, f.As("anna"), f.Person(name), "resignation", true)
			f.Must(err)
		}
		var all sync.WaitGroup
		for _, name := range names {
			person := f.Person(name)
			all.Go(func() { _ = f.Departures.Undo(ctx, f.As("anna"), person) })
			all.Go(func() { _, _ = f.Departures.Confirm(ctx, f.As("bo"), person) })
			all.Go(func() { _, _ = f.Departures.Close(ctx, f.As("anna"), person, "mistake", true) })
			all.Go(func() {
				if _, err := f.Departures.EraseDue(ctx); err != nil && !fault.Is(err, fault.NotFound) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		closing := f.Scope("anna", access.Want{Act: charter.Close})
		for _, name := range names {
			person := f.Person(name)
			d, _, err := f.Departures.Of(ctx, closing, person)
			switch {
			case fault.Is(err, fault.NotFound): // erased
				gone(t, f, name)
				if n := entries(t, f, person, journal.Erase); n != 1 {
					t.Errorf("%s: %d erasures are journaled", name, n)
				}
			case errors.Is(err, database.ErrNotFound): // a member again
				if after := records(t, f, person); !slices.Equal(before[name], after) {
					t.Errorf("%s\nbefore %q\nafter  %q", name, before[name], after)
				}
				if roleOf(name).Post != "" && len(f.Access.Held(person)) == 0 {
					t.Errorf("%s came back without their post", name)
				}
			case err == nil && d.State == departure.Hidden: // closed anew
				if len(f.Access.Held(person)) != 0 || !f.Members.Leaving(person) {
					t.Errorf("%s is closed and holds %+v", name, f.Access.Held(person))
				}
			default:
				t.Errorf("%s: %+v, %v", name, d, err)
			}
		}
		report, err := f.Journal.Verify(ctx, nil)
		if err != nil || !report.Sound() {
			t.Errorf("%+v, %v", report.Problems, err)
		}
	})
}
