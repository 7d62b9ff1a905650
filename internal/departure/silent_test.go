package departure_test

import (
	"slices"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

// The deceased are closed silently: nothing that waits is sent, nothing is written
// on closing, erasing or undoing, and no duty reminds them.
func TestTheDeceasedGetNoMail(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		waiting, err := f.Mail.Prepare(ctx, mail.Message{
			Person: person, To: "soeren.quistorff@example.dk", Subject: "Hej", Body: "Hej", Kind: "test", Ends: f.Now().Add(time.Hour * 90),
		})
		f.Must(err)
		f.Must(f.DB.Write(ctx, func(tx *database.Tx) error { return waiting.Enqueue(tx) }))
		today := f.Access.Today()
		for _, wrong := range []departure.Closing{{Reason: "death", Died: today.AddDays(1)}, {Reason: "resignation", Died: today}} {
			if _, err := f.Departures.CloseFor(ctx, f.As("anna"), person, wrong, false); !fault.Is(err, fault.Invalid) {
				t.Errorf("%+v: %v", wrong, err)
			}
		}
		d, err := f.Departures.CloseFor(ctx, f.As("anna"), person, departure.Closing{Reason: "death", Died: today.AddDays(-4)}, false)
		f.Must(err)
		_, closing, err := f.Departures.Of(ctx, f.Scope("bo", access.Want{Act: charter.Close}), person)
		if err != nil || closing.Died != today.AddDays(-4) {
			t.Errorf("%+v %v", closing, err)
		}
		f.Must(f.Departures.Undo(ctx, f.As("bo"), person))
		d, err = f.Departures.CloseFor(ctx, f.As("anna"), person, departure.Closing{Reason: "death"}, false)
		f.Must(err)
		f.Clock.Set(d.DueAt.Add(time.Hour))
		if n, err := f.Departures.EraseDue(ctx); n != 1 || err != nil {
			t.Fatal(n, err)
		}
		f.Post()
		shown, err := f.House.Mail.Mailbox(ctx)
		f.Must(err)
		for _, letter := range shown {
			if letter.To == "soeren.quistorff@example.dk" {
				t.Errorf("the dead get %s", letter.Kind)
			}
		}
	})
}

// Somebody who comes back within the window is found by the secretariat, and by
// nobody else; after it nobody is recognised.
func TestWhoComesBackIsRecognisedInTheWindowOnly(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		closing := f.Scope("anna", access.Want{Act: charter.Close})
		byBirth := map[string]string{"given": "Søren Åge", "family": "Østergård-Quistorff", "birth": "23.9.1961"}
		byMail := map[string]string{"given": "Søren", "family": "Quist", "email": "soeren.quistorff@example.dk"}
		byNumber := map[string]string{"given": "S", "family": "Q", "number": f.Number["member"]}
		stranger := map[string]string{"given": "Søren Åge", "family": "Østergård-Quistorff", "birth": "24.9.1961"}
		find := func(values map[string]string) []vault.PersonID {
			t.Helper()
			found, err := f.Members.Returning(ctx, closing, values)
			f.Must(err)
			return found
		}
		if len(find(byBirth)) != 0 {
			t.Error("a member comes back")
		}
		d, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", false)
		f.Must(err)
		for _, values := range []map[string]string{byBirth, byMail, byNumber} {
			if found := find(values); !slices.Equal(found, []vault.PersonID{person}) {
				t.Errorf("%v finds %v", values, found)
			}
		}
		if len(find(stranger)) != 0 {
			t.Error("another birthday is the same person")
		}
		if _, err := f.Members.Returning(ctx, f.Scope("officer", access.Want{Act: charter.Create}), byBirth); !fault.Is(err, fault.Denied) {
			t.Errorf("an officer is told: %v", err)
		}
		f.Clock.Set(d.DueAt.Add(time.Hour))
		_, err = f.Departures.EraseDue(ctx)
		f.Must(err)
		if len(find(byBirth)) != 0 {
			t.Error("somebody erased is recognised")
		}
		again := f.Join("again", "gentofte", byBirth, false)
		if again == person || f.Number["again"] == f.Number["member"] {
			t.Error("an old number, or the old person")
		}
	})
}
