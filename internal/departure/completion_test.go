package departure_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app/housetest"
	"kartotek/internal/certificate"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// link is what a mail says of where the certificate is fetched.
var link = regexp.MustCompile(`/certificate#(K(?:-\w{4}){3})\.(\w{4}(?:-\w{4}){2})`)

// Whoever has the mailed certificate fetches the completed one without an account,
// signed, and it is checked without the register (D7).
func TestD7TheCompletedCertificateIsFetchedWithNumberAndSalt(t *testing.T) {
	post := housetest.NewPost(t)
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person, address := f.Context(), f.Person("member"), roleOf("member").More["email"]
		had := len(post.Letters(address))
		pull(t, f, "chair", "newsletter")
		f.House.Mail.Start()
		defer f.House.Mail.Stop(ctx)
		_, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
		f.Must(err)
		post.Await(address, had+1)
		e, err := f.Departures.Confirm(ctx, f.As("bo"), person)
		f.Must(err)
		letter := post.Await(address, had+2)[had+1]
		found := link.FindStringSubmatch(letter.Text)
		if found == nil || found[1] != e.Certificate.Number || found[2] != e.Certificate.Salt {
			t.Fatalf("no link to the completion in\n%s", letter.Text)
		}
		// As somebody types it off.
		number, salt := strings.ToLower(found[1]), strings.ReplaceAll(found[2], "-", " ")
		c, err := f.Departures.Fetch(ctx, number, salt)
		f.Must(err)
		if !c.Complete() || len(c.Entries) == 0 || c.Entries[0].Person != person || len(c.Gone) == 0 || len(c.Lists) != 1 {
			t.Errorf("%+v", c.Statement)
		}
		again, err := f.Departures.Fetch(ctx, number, salt)
		f.Must(err)
		for _, as := range []func(*certificate.Certificate) ([]byte, error){(*certificate.Certificate).JSON, (*certificate.Certificate).PDF} {
			file, err := as(c)
			f.Must(err)
			if r := certificate.Verify(file, f.Keyring.LedgerKey()); !r.Sound() {
				t.Errorf("%+v", r)
			}
			if other, _ := as(again); !slices.Equal(file, other) {
				t.Error("the same certificate gives two files")
			}
			for _, needle := range personal(f) {
				if strings.Contains(string(file), needle) {
					t.Errorf("the certificate holds %q", needle)
				}
			}
		}
		if c.Hash != [32]byte(e.Certificate.Hash()) {
			t.Error("the completion has another fingerprint than the register's")
		}
		if n := entries(t, f, person, journal.Certificate); n != 2 {
			t.Errorf("%d fetches journaled", n)
		}
		for _, wrong := range [][2]string{{found[1], "ABCD-EFGH-JKMN"}, {"K-ABCD-EFGH-JKMN", found[2]}, {"", ""}, {found[2], found[1]}} {
			_, err := f.Departures.Fetch(ctx, wrong[0], wrong[1])
			refused(t, "a wrong pair", err, fault.NotFound, "departure.error.certificate")
		}

		// The secretariat sees how it stands, and not whose it is; a chair does not.
		st, err := f.Departures.Standing(ctx, f.As("anna"), found[1])
		f.Must(err)
		if st.State != departure.Erased || st.Hash != c.Hash || st.CompleteAt.IsZero() || len(st.Entries) != len(c.Entries) {
			t.Errorf("%+v", st)
		}
		if _, err := f.Departures.Standing(ctx, f.As("chair"), found[1]); !fault.Is(err, fault.Denied) {
			t.Errorf("a chair: %v", err)
		}

		// It ends when the charter says.
		f.Clock.Set(st.EndsAt.Add(-time.Second))
		f.Must(second(f.Departures.EndCertificatesBy(ctx, f.Clock.Now())))
		_, err = f.Departures.Fetch(ctx, number, salt)
		f.Must(err)
		f.Clock.Set(st.EndsAt)
		f.Must(second(f.Departures.EndCertificatesBy(ctx, f.Clock.Now())))
		_, err = f.Departures.Fetch(ctx, number, salt)
		refused(t, "after its end", err, fault.NotFound, "departure.error.certificate")
	}, housetest.Mail(post.Options()))
}

func second[T any](_ T, err error) error { return err }

// While a step is open the certificate says which; the register alone opens
// nothing of it.
func TestD7AnUnfinishedErasureIsToldHonestly(t *testing.T) {
	post := housetest.NewPost(t)
	post.Stop()
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("member")
		_, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
		f.Must(err)
		e, err := f.Departures.Confirm(ctx, f.As("bo"), person)
		f.Must(err)
		c := e.Certificate
		if e.State != departure.Erasing || c.Salt == "" {
			t.Fatalf("%+v", e)
		}
		got, err := f.Departures.Fetch(ctx, c.Number, c.Salt)
		f.Must(err)
		if got.Complete() || !slices.Contains(got.Open, certificate.OpenKeys) || len(got.Entries) != 0 {
			t.Errorf("%+v", got.Statement)
		}
		f.Clock.Add(25 * time.Hour) // the mail server stays away
		f.Must(counted(f.Departures.EraseDue(ctx)))
		got, err = f.Departures.Fetch(ctx, c.Number, c.Salt)
		f.Must(err)
		if !got.Complete() || len(got.Entries) == 0 || len(got.Open) > 0 {
			t.Errorf("%+v", got.Statement)
		}
	}, housetest.Mail(post.Options()))
}

func counted(_ int, err error) error { return err }

// Somebody without e-mail gets the certificate by letter at an ordinary erasure:
// it is printed and posted while there is an address, a day at most (D7).
func TestD7TheCertificateGoesByLetterToWhoeverHasNoEmail(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx, person := f.Context(), f.Person("without association")
		d, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", false)
		f.Must(err)
		f.Clock.Set(d.DueAt)
		f.Must(counted(f.Departures.EraseDue(ctx)))
		if !f.Keyring.Holds(person, vault.Membership) {
			t.Fatal("the address went before the letter")
		}
		queue, err := f.House.Letters.List(ctx, f.As("anna"), true, 1, 10)
		f.Must(err)
		var id int64
		text := ""
		for _, l := range queue.Lines {
			if l.Person == person && strings.Contains(l.Body, d.Certificate) {
				id, text = l.ID, l.Body
			}
		}
		if id == 0 || strings.Contains(text, "/certificate#") || !strings.Contains(text, "/certificate") {
			t.Fatalf("letter %d:\n%s", id, text)
		}
		f.Must(f.House.Letters.Post(ctx, f.As("anna"), id))
		f.Must(counted(f.Departures.EraseDue(ctx)))
		if f.Keyring.Holds(person, vault.Membership) {
			t.Error("the letter is posted, and the key still stands")
		}
		salt := regexp.MustCompile(`[A-Z0-9]{4}-[A-Z0-9]{4}-[A-Z0-9]{4}\.`).FindString(text)
		c, err := f.Departures.Fetch(ctx, d.Certificate, strings.TrimSuffix(salt, "."))
		f.Must(err)
		if !c.Complete() || c.Language != locale.For("da").Lang() {
			t.Errorf("%+v", c.Statement)
		}
	}, housetest.At(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)))
}
