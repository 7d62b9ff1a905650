package departure_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf16"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/mail"
)

// search looks for texts everywhere in a house, as the member service.
func search(f *housetest.Fixture, texts ...string) departure.Remains {
	remains, err := f.Departures.Find(f.Context(), f.Scope("anna", access.Want{Act: charter.Close}), departure.Search{
		Texts: texts, Dirs: []string{f.Config.Data, f.Config.Keys}, Mails: f.Mail, Letters: f.Letters,
	})
	f.Must(err)
	return remains
}

// kinds says what kinds of places were found: "profile", "mail", a table, a file.
func kinds(r departure.Remains) string {
	var all []string
	for _, p := range r.Places {
		switch {
		case p.File != "":
			all = append(all, filepath.Base(p.File))
		case p.Mail != 0:
			all = append(all, "mail")
		case p.Table != "":
			all = append(all, p.Table+"."+p.Column)
		default:
			all = append(all, p.Kind)
		}
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), " ")
}

// Everything known of a member is found while they are one, however it is
// spelled, and nothing of it in any file in the clear (L1).
func TestFindKnowsAMember(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		for _, text := range []string{
			"Søren Åge Østergård-Quistorff", "QUISTORFF", "Østergård-Quistorff, Søren Åge", "soeren aage", "Bregnebjerglundvej 117",
			"soeren.quistorff@example.dk", "39 68 47 95", "+4539684795", "+47 412 34 567", "23-09-1961", "23. september 1961",
		} {
			r := search(f, text)
			if got := kinds(r); got != "profile" || r.Places[0].Person != f.Person("member") {
				t.Errorf("%s: found in %q", text, got)
			}
			if len(r.Unreadable) > 0 || r.Records < len(housetest.Cast) || r.Files == 0 || r.Bytes == 0 {
				t.Errorf("%+v", r)
			}
		}
		// A neighbour's address begins alike.
		if r := search(f, "Bregnebjerglundvej"); len(r.Places) != 2 {
			t.Errorf("%+v", r.Places)
		}
		r := search(f, "elected at the general meeting", "Nobody Knows Me", "trusted since 2020")
		for _, p := range r.Places {
			if p.Text == 1 || p.Text == 0 && p.Kind != "appointment" || p.Text == 2 && p.Kind != "position" {
				t.Errorf("%+v", p)
			}
		}
	})
}

// The headline's proof: after the erasure the text stands nowhere (D7).
func TestD7FindFindsNothingAfterTheErasure(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		texts := []string{
			"Østergård-Quistorff", "Søren Åge", "Bregnebjerglundvej 117", "soeren.quistorff@example.dk", "39684795", "+4741234567", "1961-09-23",
		}
		member := f.Person("member")
		prepared, err := f.Mail.Prepare(f.Context(), mail.Message{
			Person: member, To: "soeren.quistorff@example.dk", Subject: "Hello", Body: "Dear Søren Åge", Kind: "test", Ends: f.Clock.Now().Add(1e12),
		})
		f.Must(err)
		f.Must(f.DB.Write(f.Context(), prepared.Enqueue))
		if got := kinds(search(f, texts...)); got != "mail profile" {
			t.Fatalf("before: %q", got)
		}
		_, err = f.Departures.Close(f.Context(), f.As("anna"), member, "resignation", true)
		f.Must(err)
		if got := kinds(search(f, texts...)); got != "mail profile" {
			t.Errorf("hidden: %q", got)
		}
		_, err = f.Departures.Confirm(f.Context(), f.As("bo"), member)
		f.Must(err)
		r := search(f, texts...)
		if len(r.Places) > 0 || len(r.Unreadable) > 0 {
			t.Errorf("after: %q %+v", kinds(r), r)
		}
		if got := kinds(search(f, "Nabogaard")); got != "profile" {
			t.Errorf("the neighbour: %q", got)
		}
		f.Reopen()
		if r := search(f, texts...); len(r.Places) > 0 {
			t.Errorf("after a start: %q", kinds(r))
		}
	})
}

// What lies about in a file is found, in any encoding; what cannot be read is told.
func TestFindReadsEveryFile(t *testing.T) {
	f := housetest.New(t)
	wide := func(s string) []byte {
		var b []byte
		for _, u := range utf16.Encode([]rune(s)) {
			b = append(b, byte(u), byte(u>>8))
		}
		return b
	}
	f.Must(os.MkdirAll(filepath.Join(f.Config.Data, "deep", "down"), 0o700))
	for name, content := range map[string][]byte{
		"plain.txt":           []byte("xx Bregnebjerglundvej 117"),
		"deep/down/upper.bin": append(bytes.Repeat([]byte{0}, 3<<20-5), "BREGNEBJERGLUNDVEJ 117"...),
		"wide.doc":            wide("Bregnebjerglundvej 117"),
		"other.txt":           []byte("Bregnebjerglundvej 118"),
	} {
		f.Must(os.WriteFile(filepath.Join(f.Config.Data, name), content, 0o600))
	}
	outside := filepath.Join(t.TempDir(), "linked")
	f.Must(os.WriteFile(outside, []byte("Bregnebjerglundvej 117"), 0o600))
	f.Must(os.Symlink(outside, filepath.Join(f.Config.Data, "link")))
	f.Must(os.Symlink(f.Config.Data, filepath.Join(f.Config.Data, "circle")))
	f.Must(os.Symlink(filepath.Join(f.Config.Data, "gone"), filepath.Join(f.Config.Data, "dangling")))

	r := search(f, "Bregnebjerglundvej 117")
	if got := kinds(r); got != "link plain.txt profile upper.bin wide.doc" {
		t.Errorf("found in %q", got)
	}
	for _, p := range r.Places {
		if filepath.Base(p.File) == "upper.bin" && p.Offset != 3<<20-5 || filepath.Base(p.File) == "plain.txt" && p.Offset != 3 {
			t.Errorf("%+v", p)
		}
	}
	temp := t.TempDir()
	for _, name := range []string{"etilqs_0123", "multipart-1", "kartotek-x", "somebody-elses"} {
		f.Must(os.WriteFile(filepath.Join(temp, name), []byte("Bregnebjerglundvej 119"), 0o600))
	}
	found, err := f.Departures.Find(f.Context(), f.Scope("anna", access.Want{Act: charter.Close}), departure.Search{
		Texts: []string{"Bregnebjerglundvej 119"}, Temp: temp, Dirs: []string{filepath.Join(temp, "none")},
	})
	f.Must(err)
	if got := kinds(found); got != "etilqs_0123 kartotek-x multipart-1 profile" {
		t.Errorf("in the temporary directory: %q", got)
	}
	found, err = f.Departures.Find(f.Context(), f.Scope("anna", access.Want{Act: charter.Close}), departure.Search{
		Texts: []string{"Bregnebjerglundvej 120"}, Temp: filepath.Join(temp, "etilqs_0123"),
	})
	f.Must(err)
	if len(found.Unreadable) != 1 {
		t.Errorf("what cannot be read: %+v", found)
	}
}

// A record that does not open although its key stands is told: nobody can say
// what is in it. A row in the clear is found, a long one too.
func TestFindTellsWhatItCannotOpen(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		f.Must(f.DB.Write(f.Context(), func(tx *database.Tx) error {
			_, err := tx.Exec(`UPDATE record SET sealed = $1 WHERE kind = 1 AND person = $2`, []byte("damaged"), int64(f.Person("neighbour")))
			if err != nil {
				return err
			}
			_, err = tx.Exec(`INSERT INTO register (name, value) VALUES ('left', $1)`, append(bytes.Repeat([]byte("."), 100_000), "Nabogaard"...))
			return err
		}))
		r := search(f, "Nabogaard")
		if len(r.Unreadable) != 1 || r.Unreadable[0].Kind != "profile" || r.Unreadable[0].Person != f.Person("neighbour") {
			t.Errorf("%+v", r.Unreadable)
		}
		if !strings.Contains(kinds(r), "register.value") {
			t.Errorf("found in %q", kinds(r))
		}
	})
}

// Who was found stands in the journal, and what was looked for does not.
func TestFindIsOnRecord(t *testing.T) {
	f := housetest.New(t)
	search(f, "Quistorff")
	account, err := f.Journal.About(f.Context(), uint32(f.Person("member")), journal.Page{Limit: 1})
	f.Must(err)
	line := account.Lines[0]
	if line.Act != journal.Find || line.Count != 1 || line.Number != 1 || line.Actor != uint32(f.Person("anna")) || line.Right != "position" {
		t.Errorf("%+v", line)
	}
	var export bytes.Buffer
	f.Must(f.Journal.Export(f.Context(), &export))
	if strings.Contains(strings.ToLower(export.String()), "quistorff") {
		t.Error("the journal holds what was looked for")
	}
}

func TestFindIsForTheSecretariatAlone(t *testing.T) {
	f := housetest.New(t)
	for name, scope := range map[string]access.Scope{
		"nobody":         {},
		"chair":          f.Scope("chair", access.Want{Act: charter.Search}),
		"another act":    f.Scope("anna", access.Want{Act: charter.Search}),
		"one body alone": f.Scope("anna", access.Want{Act: charter.Close, Unit: f.Bodies["gentofte"]}),
		"oneself":        f.Scope("member", access.Want{Self: true}),
	} {
		if _, err := f.Departures.Find(f.Context(), scope, departure.Search{Texts: []string{"Quistorff"}}); !fault.Is(err, fault.Denied) {
			t.Errorf("%s: %v", name, err)
		}
	}
	scope := f.Scope("anna", access.Want{Act: charter.Close})
	for _, texts := range [][]string{nil, {"Bo"}, {"Quistorff", "x"}} {
		if _, err := f.Departures.Find(f.Context(), scope, departure.Search{Texts: texts}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", texts, err)
		}
	}
	ctx, cancel := context.WithCancel(f.Context())
	cancel()
	if _, err := f.Departures.Find(ctx, scope, departure.Search{Texts: []string{"Quistorff"}, Dirs: []string{f.Config.Data}}); err == nil {
		t.Error("a search that was cancelled answers")
	}
}
