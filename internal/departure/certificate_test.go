package departure_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/extract"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// personal is everything of the cast's member that must not stand anywhere.
func personal(f *housetest.Fixture) []string {
	return []string{
		"Søren", "Åge", "Østergård", "Quistorff", "Bregnebjerglundvej", "soeren.quistorff", f.Number["member"],
		"39684795", "39 68 47 95", "41234567", "412 34 567", "1961",
	}
}

// The certificate is handed over by a real mail server while the keys still
// stand, in the person's language, names nobody, and its hash stands in the
// register and in the journal (D7).
func TestD7TheCertificateIsHandedOverBeforeTheAddressGoes(t *testing.T) {
	for _, lang := range locale.Languages() {
		t.Run(lang, func(t *testing.T) {
			post := housetest.NewPost(t)
			housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
				ctx, person, address := f.Context(), f.Person("member"), roleOf("member").More["email"]
				_, err := f.Members.Update(ctx, f.Scope("anna", access.Want{Act: charter.Edit}), person, member.Changes{Language: &lang})
				f.Must(err)
				had := len(post.Letters(address))
				var held []bool
				post.OnLetter = func(housetest.Letter) { held = append(held, f.Keyring.Holds(person, vault.Membership)) }
				pulled := pull(t, f, "chair", "newsletter")

				f.House.Mail.Start()
				defer f.House.Mail.Stop(ctx)
				d, err := f.Departures.Close(ctx, f.As("anna"), person, "resignation", true)
				f.Must(err)
				told := post.Await(address, had+1)[had]
				if !strings.Contains(told.Text, d.Certificate) {
					t.Errorf("of the closing:\n%s", told.Text)
				}
				e, err := f.Departures.Confirm(ctx, f.As("bo"), person)
				f.Must(err)
				if e.State != departure.Erased {
					t.Fatalf("%+v", e)
				}
				letter := post.Await(address, had+2)[had+1]
				if !slices.Equal(held, []bool{true, true}) {
					t.Errorf("the keys stood as the letters came: %v", held)
				}
				gone(t, f, "member")

				text := e.Certificate.Text(locale.For(lang), f.Charter.Name.In(lang), f.Charter.Location())
				if !strings.Contains(words(letter.Text), words(text)) {
					t.Errorf("the letter\n%s\nthe certificate\n%s", letter.Text, text)
				}
				for _, want := range []string{d.Certificate, e.Certificate.Salt, locale.For(lang).Number(int(pulled))} {
					if !strings.Contains(text, want) {
						t.Errorf("%q is missing in\n%s", want, text)
					}
				}
				for _, needle := range personal(f) {
					if strings.Contains(text, needle) {
						t.Errorf("the certificate holds %q:\n%s", needle, text)
					}
					for _, l := range []housetest.Letter{told, letter} {
						if strings.Contains(l.Subject+l.Text, needle) {
							t.Errorf("a letter holds %q:\n%s\n%s", needle, l.Subject, l.Text)
						}
					}
				}
				for _, l := range []housetest.Letter{told, letter} { // L1: the subject says nothing
					if strings.Contains(l.Subject, f.Charter.Name.In(lang)) || l.Subject == "" {
						t.Errorf("subject %q", l.Subject)
					}
				}
				if gone := e.Certificate.Gone; !slices.Contains(gone, departure.Gone{Kind: "profile", Count: 1}) ||
					!slices.Contains(gone, departure.Gone{Kind: "membership", Count: 1}) ||
					!slices.Contains(gone, departure.Gone{Kind: "closing", Count: 1}) {
					t.Errorf("gone: %+v", gone)
				}

				var kept []byte
				f.Must(f.DB.Read(ctx, func(q database.Querier) error {
					return q.QueryRow(`SELECT certificate_hash FROM departure WHERE person = $1`, int64(person)).Scan(&kept)
				}))
				if !bytes.Equal(kept, e.Certificate.Hash()) {
					t.Error("the register keeps another hash")
				}
				account, err := f.Journal.About(ctx, uint32(person), journal.Page{Limit: 100})
				f.Must(err)
				at := slices.IndexFunc(account.Lines, func(l journal.Line) bool { return l.Act == journal.Erase })
				if at < 0 || !bytes.Equal(account.Lines[at].Proof, kept) || account.Lines[at].Right != departure.SystemRight {
					t.Error("the journal's entry does not commit to the certificate")
				}
			}, housetest.Mail(post.Options()))
		})
	}
}

func wish(purpose string) extract.Wish {
	return extract.Wish{Purpose: purpose, Format: extract.CSV, Lang: "da"}
}

// words is a text without its line breaks.
func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// pull takes a list out and gives its number.
func pull(t *testing.T, f *housetest.Fixture, who, purpose string) int64 {
	t.Helper()
	d, err := f.Extracts.Pull(f.Context(), f.As(who), wish(purpose))
	f.Must(err)
	var file bytes.Buffer
	f.Must(d.Write(f.Context(), &file))
	return d.List.Number
}

// While the mail server is down the erasure waits, a day at most from its
// beginning; then the address goes all the same.
func TestD7TheErasureWaitsForTheMailServerADay(t *testing.T) {
	post := housetest.NewPost(t)
	address := roleOf("member").More["email"]
	begin := func(t *testing.T, f *housetest.Fixture, late time.Duration) {
		t.Helper()
		d, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person("member"), "resignation", false)
		f.Must(err)
		f.Clock.Set(d.DueAt.Add(late))
		waits(t, f, "at the window's end")
	}
	t.Run("comes back", func(t *testing.T) {
		housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
			had := len(post.Letters(address))
			post.Stop()
			defer post.Start()
			begin(t, f, 0)
			f.House.Mail.Start() // it tries, and nobody is at home
			f.Clock.Add(23 * time.Hour)
			waits(t, f, "after 23 hours")
			f.House.Mail.Stop(f.Context())
			f.Reopen() // a start waits too, and begins to serve
			waits(t, f, "after a start")
			post.Start()
			defer post.Stop()
			f.Clock.Add(time.Minute)
			f.House.Mail.Start()
			defer f.House.Mail.Stop(f.Context())
			letter := post.Await(address, had+1)[had] // the one of the closing is past its end
			if !strings.Contains(letter.Text, "K-") {
				t.Errorf("%s", letter.Text)
			}
			for range 100 {
				if n, err := f.Departures.EraseDue(f.Context()); err != nil || n == 1 {
					f.Must(err)
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			gone(t, f, "member")
		}, housetest.Mail(post.Options()))
	})
	t.Run("stays away", func(t *testing.T) {
		post.Stop()
		defer post.Start()
		housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
			// The program stood still for two days beyond the window: the
			// certificate still gets its day.
			begin(t, f, 48*time.Hour)
			f.Clock.Add(24*time.Hour - time.Second)
			waits(t, f, "a second early")
			f.Clock.Add(time.Second)
			if n, err := f.Departures.EraseDue(f.Context()); err != nil || n != 1 {
				t.Fatalf("%d erased after a day, %v", n, err)
			}
			gone(t, f, "member")
		}, housetest.Mail(post.Options()))
	})
	t.Run("no address", func(t *testing.T) {
		post.Stop()
		defer post.Start()
		f := housetest.New(t, housetest.Mail(post.Options()))
		_, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person("without association"), "resignation", false)
		f.Must(err)
		e, err := f.Departures.Confirm(f.Context(), f.As("bo"), f.Person("without association"))
		if err != nil || e.State != departure.Erased {
			t.Errorf("%+v %v", e, err)
		}
	})
}

// waits checks that the erasure has begun, erases nobody yet, and cannot be undone.
func waits(t *testing.T, f *housetest.Fixture, when string) {
	t.Helper()
	person := f.Person("member")
	if n, err := f.Departures.EraseDue(f.Context()); err != nil || n != 0 {
		t.Fatalf("%s: %d erased, %v", when, n, err)
	}
	if !f.Keyring.Holds(person, vault.Membership) {
		t.Fatalf("%s: the key is gone", when)
	}
	d, _, err := f.Departures.Of(f.Context(), f.Scope("anna", access.Want{Act: charter.Close}), person)
	if err != nil || d.State != departure.Erasing {
		t.Fatalf("%s: %+v, %v", when, d, err)
	}
	if err := f.Departures.Undo(f.Context(), f.As("bo"), person); !fault.Is(err, fault.Gone) {
		t.Errorf("%s: undone: %v", when, err)
	}
	for _, l := range looks(t, f, "member") {
		if l.name != "sign-in" && l.sees() != l.afterAll {
			t.Errorf("%s: %s", when, l.name)
		}
	}
}
