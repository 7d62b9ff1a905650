package letter_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/letter"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// paperMember is somebody without e-mail, at an address.
func paperMember(f *housetest.Fixture, name, family string, secret bool) vault.PersonID {
	return f.Join(name, "gentofte", map[string]string{
		"given": "Agnes", "family": family, "address": "Postvej 12", "postal": "2820", "town": "Gentofte",
	}, secret)
}

func closed(f *housetest.Fixture, name, reason string) {
	_, err := f.Departures.Close(f.Context(), f.As("anna"), f.Person(name), reason, false)
	f.Must(err)
}

func queue(f *housetest.Fixture) letter.Queue {
	q, err := f.Letters.List(f.Context(), f.As("anna"), true, 1, 50)
	f.Must(err)
	return q
}

func refused(t *testing.T, what string, err error, code fault.Code, key string) {
	t.Helper()
	if f := fault.From(err); f == nil || f.Code != code || f.Key != key {
		t.Errorf("%s: got %v, want %s", what, err, key)
	}
}

// pages are the texts of a PDF's pages, as poppler reads them.
func pages(t *testing.T, pdf []byte) []string {
	t.Helper()
	path, err := exec.LookPath("pdftotext")
	if err != nil {
		t.Fatal("pdftotext was not found in PATH. The tests read PDFs with it; on Debian or Ubuntu: apt-get install poppler-utils")
	}
	in := filepath.Join(t.TempDir(), "letters.pdf")
	if err := os.WriteFile(in, pdf, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(path, "-layout", "-enc", "UTF-8", in, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := strings.Split(string(out), "\f")
	return all[:len(all)-1]
}

func write(t *testing.T, f *housetest.Fixture, w letter.Wish) (*letter.Print, []string) {
	t.Helper()
	w.Lang = "da"
	p, err := f.Letters.Print(f.Context(), f.As("anna"), w)
	f.Must(err)
	var out bytes.Buffer
	f.Must(p.Write(&out))
	return p, pages(t, out.Bytes())
}

func entries(f *housetest.Fixture, act journal.Act) []journal.Line {
	_, err := f.Journal.Checkpoint(f.Context())
	f.Must(err)
	found, err := f.Journal.Recent(f.Context(), journal.Filter{Act: act}, journal.Page{Limit: 100})
	f.Must(err)
	return found.Lines
}

func posting(f *housetest.Fixture) []duty.Duty {
	open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{0: charter.Edit}})
	f.Must(err)
	return slices.DeleteFunc(open, func(d duty.Duty) bool { return d.Kind != duty.PostLetters })
}

// Members without e-mail: what would be mailed falls to the queue as a letter,
// with a duty to post it; printed, it has the address in the window and who
// writes inside; posted, the duty is done.
func TestWithoutEmailALetterIsPrinted(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		person := paperMember(f, "agnes", "Papirsen", false)
		closed(f, "agnes", "resignation")
		closed(f, "neighbour", "resignation") // has e-mail
		q := queue(f)
		if q.Waiting != 1 || len(q.Lines) != 1 || q.Lines[0].Name != "Agnes Papirsen" || q.Lines[0].Subject == "" || q.Lines[0].Trouble != "" {
			t.Fatalf("%+v", q)
		}
		if line := q.Lines[0]; line.DueOn != f.Access.Today().AddDays(1) || !line.Printed.IsZero() {
			t.Errorf("%+v", line)
		}
		if d := posting(f); len(d) != 1 || d[0].DueOn != q.Lines[0].DueOn {
			t.Errorf("%+v", d)
		}
		id := q.Lines[0].ID
		f.Reopen()

		print, all := write(t, f, letter.Wish{Paper: letter.Letters})
		if print.Letters != 1 || print.Left != 0 || len(all) != 1 {
			t.Fatalf("%d letters, %d left, %d pages", print.Letters, print.Left, len(all))
		}
		for _, want := range []string{"Agnes Papirsen", "Postvej 12", "2820 Gentofte", f.Charter.Name.In("da"), "22. november 2026", "Brev"} {
			if !strings.Contains(all[0], want) {
				t.Errorf("the letter does not say %q:\n%s", want, all[0])
			}
		}
		if n := entries(f, journal.Print); len(n) != 1 || n[0].Count != 1 || !slices.Contains(n[0].Fields, "address") || n[0].Actor != uint32(f.Person("anna")) {
			t.Errorf("%+v", n)
		}
		if q := queue(f); q.Printed != 1 || q.Lines[0].Printed.IsZero() {
			t.Errorf("%+v", q)
		}
		_, all = write(t, f, letter.Wish{Paper: letter.Labels, Sheet: "l7163", Start: 2})
		if !strings.Contains(all[0], "Postvej 12") || strings.Contains(all[0], f.Charter.Name.In("da")) {
			t.Errorf("the label: %s", all[0])
		}

		f.Must(f.Letters.Post(ctx, f.As("bo"), id))
		if q := queue(f); q.Waiting != 0 || q.Recent != 1 || len(posting(f)) != 0 {
			t.Errorf("%+v, duties %+v", q, posting(f))
		}
		refused(t, "posted twice", f.Letters.Post(ctx, f.As("bo"), id), fault.Conflict, "letter.error.state")
		f.Must(f.Letters.Again(ctx, f.As("anna"), id))
		if q := queue(f); q.Waiting != 1 || q.Printed != 0 || len(posting(f)) != 1 {
			t.Errorf("%+v", q)
		}
		line, err := f.Letters.Read(ctx, f.As("anna"), id)
		if err != nil || !strings.Contains(line.Body, "K-") || line.Person != person || line.Kind != "departure.closed" {
			t.Errorf("%+v, %v", line, err)
		}
		f.Must(f.Letters.Drop(ctx, f.As("anna"), id))
		if line, err = f.Letters.Read(ctx, f.As("anna"), id); err != nil || line.Body != "" || line.State != letter.Dropped {
			t.Errorf("%+v, %v", line, err)
		}
	})
}

// L8: only the secretariat prints. It posts to secret addresses: on the paper they
// stand, on no page.
func TestL8WhoPrints(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		paperMember(f, "hidden", "Skjulesen", true)
		closed(f, "hidden", "resignation")
		before := len(entries(f, journal.Denied))
		for _, who := range []string{"chair", "officer", "dorte", "member", "regional chair"} {
			if _, err := f.Letters.List(ctx, f.As(who), true, 1, 50); !fault.Is(err, fault.Denied) {
				t.Errorf("%s lists: %v", who, err)
			}
			if _, err := f.Letters.Print(ctx, f.As(who), letter.Wish{Paper: letter.Letters}); !fault.Is(err, fault.Denied) {
				t.Errorf("%s prints: %v", who, err)
			}
		}
		if n := len(entries(f, journal.Denied)); n != before+10 {
			t.Errorf("%d denials are journaled", n-before)
		}
		q := queue(f)
		line, err := f.Letters.Read(ctx, f.As("anna"), q.Lines[0].ID)
		f.Must(err)
		if strings.Contains(line.Body+line.Subject+line.Name, "Postvej") {
			t.Error("the page shows a secret address")
		}
		_, all := write(t, f, letter.Wish{Paper: letter.Letters, IDs: []int64{q.Lines[0].ID}})
		if !strings.Contains(all[0], "Postvej 12") {
			t.Error("a letter without address")
		}
		if n := entries(f, journal.Shown); len(n) == 0 {
			t.Error("that names were shown is not in the journal")
		}
	})
}

// Whoever has no address, or whose letters come back, is left in the queue with
// the reason; one click marks the card.
func TestReturnedPost(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		paperMember(f, "agnes", "Papirsen", false)
		f.Join("nowhere", "gentofte", map[string]string{"given": "Ingen", "family": "Steder"}, false)
		for _, name := range []string{"agnes", "nowhere"} {
			closed(f, name, "resignation")
			f.Must(undo(f, name)) // two letters each; the members stand
		}
		q := queue(f)
		if q.Waiting != 4 {
			t.Fatalf("%+v", q)
		}
		var ids []int64
		for _, line := range q.Lines {
			if line.Person == f.Person("agnes") {
				ids = append(ids, line.ID)
			} else if line.Trouble != letter.Nowhere {
				t.Errorf("%+v", line)
			}
		}
		print, _ := write(t, f, letter.Wish{Paper: letter.Letters})
		if print.Letters != 2 || print.Left != 2 {
			t.Errorf("%d letters, %d left", print.Letters, print.Left)
		}
		f.Must(f.Letters.Post(ctx, f.As("anna"), ids[0]))
		refused(t, "one that was not posted", f.Letters.Return(ctx, f.As("anna"), ids[1]), fault.Conflict, "letter.error.state")
		f.Must(f.Letters.Return(ctx, f.As("anna"), ids[0]))
		card, err := f.Members.Card(ctx, f.Scope("anna", access.Want{Act: charter.View}), f.Person("agnes"))
		f.Must(err)
		if card.Profile.Letter.Since != f.Access.Today() {
			t.Errorf("the card: %+v", card.Profile.Letter)
		}
		for _, line := range queue(f).Lines {
			if line.ID == ids[1] && line.Trouble != letter.Back {
				t.Errorf("%+v", line)
			}
		}
		if _, err := f.Letters.Print(ctx, f.As("anna"), letter.Wish{Paper: letter.Letters}); !fault.Is(err, fault.NotFound) {
			t.Errorf("printed to where post comes back from: %v", err)
		}
		// The address is corrected: the mark is gone, and the letter goes again.
		_, err = f.Members.Update(ctx, f.Scope("anna", access.Want{Act: charter.Edit}), f.Person("agnes"), member.Changes{Values: map[string]string{"address": "Nyvej 1"}})
		f.Must(err)
		f.Must(f.Letters.Again(ctx, f.As("anna"), ids[0]))
		_, all := write(t, f, letter.Wish{Paper: letter.Letters, IDs: ids})
		if len(all) != 2 || !strings.Contains(all[0], "Nyvej 1") {
			t.Errorf("%d pages: %s", len(all), all)
		}
	})
}

func undo(f *housetest.Fixture, name string) error {
	return f.Departures.Undo(f.Context(), f.As("anna"), f.Person(name))
}

// D7: the certificate of somebody without e-mail waits to be printed, and the
// erasure for it, a day at most; then it goes on, and no letter is left.
func TestD7TheCertificateWaitsADay(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		for _, name := range []string{"agnes", "bertha"} {
			paperMember(f, name, "Papirsen-"+name, false)
			closed(f, name, "resignation")
		}
		f.Clock.Add(73 * time.Hour)
		n, err := f.Departures.EraseDue(ctx)
		if err != nil || n != 0 {
			t.Fatalf("%d erased before the certificates are printed, %v", n, err)
		}
		var certificate int64
		q := queue(f)
		for _, line := range q.Lines {
			if line.Holds && line.Person == f.Person("agnes") {
				certificate = line.ID
				if line.DueOn != f.Access.Today() {
					t.Errorf("due %s", line.DueOn)
				}
			}
		}
		if q.Waiting != 4 || certificate == 0 {
			t.Fatalf("%+v", q)
		}
		if d := posting(f); len(d) != 1 || d[0].DueOn.After(f.Access.Today()) {
			t.Errorf("%+v", d)
		}
		_, all := write(t, f, letter.Wish{Paper: letter.Letters, IDs: []int64{certificate}})
		if text := strings.Join(all, ""); !strings.Contains(text, "Slettebevis") || !strings.Contains(text, "Postvej 12") {
			t.Errorf("%s", text)
		}
		if n, err = f.Departures.EraseDue(ctx); err != nil || n != 1 {
			t.Fatalf("%d erased after printing, %v", n, err)
		}
		f.Clock.Add(25 * time.Hour)
		if n, err = f.Departures.EraseDue(ctx); err != nil || n != 1 {
			t.Fatalf("%d erased a day later, %v", n, err)
		}
		if q := queue(f); q.Waiting+q.Recent != 0 || len(posting(f)) != 0 {
			t.Errorf("%+v", q)
		}
		found := 0
		f.Must(f.Letters.Walk(ctx, func(int64, vault.PersonID, []string, error) error { found++; return nil }))
		remains, err := f.Departures.Find(ctx, f.Scope("anna", access.Want{Act: charter.Close}), departure.Search{
			Texts: []string{"Papirsen-agnes", "Papirsen-bertha"}, Dirs: []string{f.Config.Data, f.Config.Keys}, Mails: f.Mail, Letters: f.Letters,
		})
		if err != nil || found != 0 || len(remains.Places) != 0 {
			t.Errorf("%d letters, %+v, %v", found, remains.Places, err)
		}
	})
}

// A second pair of eyes that ends the window hands the certificate over at once:
// nothing waits, and the address is told before it is gone.
func TestD7TheCertificateAtOnce(t *testing.T) {
	f := housetest.New(t)
	ctx := f.Context()
	paperMember(f, "agnes", "Papirsen", false)
	_, err := f.Departures.Close(ctx, f.As("anna"), f.Person("agnes"), "resignation", true)
	f.Must(err)
	lines, err := f.Letters.Address(ctx, f.As("bo"), f.Person("agnes"))
	if err != nil || strings.Join(lines, "|") != "Agnes Papirsen|Postvej 12|2820 Gentofte" {
		t.Errorf("%v, %v", lines, err)
	}
	if n := entries(f, journal.Print); len(n) != 1 {
		t.Errorf("%d entries say the address was told", len(n))
	}
	e, err := f.Departures.Confirm(ctx, f.As("bo"), f.Person("agnes"))
	if err != nil || e.State != departure.Erased || e.Certificate.Number == "" {
		t.Errorf("%+v, %v", e, err)
	}
	if q := queue(f); q.Waiting != 0 {
		t.Errorf("%+v", q)
	}
	if lines, err = f.Letters.Address(ctx, f.As("bo"), f.Person("neighbour")); err != nil || lines != nil {
		t.Errorf("somebody with e-mail: %v, %v", lines, err)
	}
}

// The deceased get none, and what waited for them is not sent.
func TestTheDeceasedGetNone(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		paperMember(f, "agnes", "Papirsen", false)
		closed(f, "agnes", "resignation")
		f.Must(undo(f, "agnes"))
		if q := queue(f); q.Waiting != 2 {
			t.Fatalf("%+v", q)
		}
		closed(f, "agnes", "death")
		if q := queue(f); q.Waiting != 0 || len(posting(f)) != 0 {
			t.Errorf("%+v", q)
		}
	})
}

// What nobody posted ends: its text is gone with its key, and that it was not
// posted is told a while longer.
func TestLettersEnd(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		paperMember(f, "agnes", "Papirsen", false)
		closed(f, "agnes", "resignation")
		f.Must(undo(f, "agnes"))
		q := queue(f)
		f.Must(f.Letters.Post(ctx, f.As("anna"), q.Lines[1].ID))
		f.Clock.Add(29 * 24 * time.Hour)
		_, err := f.Letters.End(ctx, f.Clock.Now())
		f.Must(err)
		if q := queue(f); q.Waiting != 1 || q.Recent != 1 || q.Late != 1 {
			t.Errorf("%+v", q)
		}
		f.Clock.Add(2 * 24 * time.Hour)
		_, err = f.Letters.End(ctx, f.Clock.Now())
		f.Must(err)
		if q := queue(f); q.Waiting != 0 || q.Recent != 1 || len(posting(f)) != 0 {
			t.Errorf("%+v", q)
		}
		line, err := f.Letters.Read(ctx, f.As("anna"), q.Lines[0].ID)
		if err != nil || line.State != letter.Ended || line.Body != "" {
			t.Errorf("%+v, %v", line, err)
		}
		refused(t, "an ended one", f.Letters.Again(ctx, f.As("anna"), line.ID), fault.Conflict, "letter.error.state")
		f.Clock.Add(31 * 24 * time.Hour)
		_, err = f.Letters.End(ctx, f.Clock.Now())
		f.Must(err)
		if q := queue(f); q.Recent != 0 {
			t.Errorf("%+v", q)
		}
		if _, err := f.Letters.Read(ctx, f.As("anna"), line.ID); !fault.Is(err, fault.NotFound) {
			t.Error(err)
		}
	})
}

// Officers without e-mail are reminded on paper too; whose e-mails come back as well.
func TestOfficersWithoutEmail(t *testing.T) {
	f := housetest.New(t)
	ctx := f.Context()
	edit := f.Scope("anna", access.Want{Act: charter.Edit})
	_, err := f.Members.Update(ctx, edit, f.Person("chair"), member.Changes{Values: map[string]string{"address": "Formandsvej 1", "postal": "2820", "town": "Gentofte"}})
	f.Must(err)
	for _, who := range []string{"chair", "neighbour"} {
		_, err := f.Members.Update(ctx, edit, f.Person(who), member.Changes{Values: map[string]string{"email": "kommer@retur.example"}})
		f.Must(err)
	}
	f.Must(f.Members.SetReturned(ctx, edit, f.Person("chair"), member.ByEmail, f.Access.Today()))
	f.Must(f.DB.Write(ctx, func(tx *database.Tx) error {
		for subject, who := range map[int64]string{7: "chair", 8: "neighbour"} {
			if _, err := f.Duties.Add(tx, duty.Duty{Kind: duty.DestroyList, Subject: subject, Person: f.Person(who), DueOn: f.Access.Today()}); err != nil {
				return err
			}
		}
		return nil
	}))
	f.Must(f.TellDuties(ctx))
	q := queue(f)
	if q.Waiting != 1 || q.Lines[0].Person != f.Person("chair") || q.Lines[0].DueOn != f.Access.Today().AddDays(5) {
		t.Fatalf("%+v", q)
	}
	_, all := write(t, f, letter.Wish{Paper: letter.Letters})
	if !strings.Contains(all[0], "den sidste dag for liste 7") || !strings.Contains(all[0], "Formandsvej 1") {
		t.Errorf("%s", all[0])
	}
}

// What stands in the register's files of a letter that waits says nothing.
func TestLettersLieSealed(t *testing.T) {
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		ctx := f.Context()
		person := paperMember(f, "agnes", "Papirsen", false)
		all, err := f.Letters.Prepare(ctx, letter.Draft{Person: person, Subject: "Emne qzx7", Body: "Tekst qzx7 wv", Lang: "da", Kind: "qzx7"})
		f.Must(err)
		f.Must(f.DB.Write(ctx, all[0].Enqueue))
		remains, err := f.Departures.Find(ctx, f.Scope("anna", access.Want{Act: charter.Close}), departure.Search{
			Texts: []string{"qzx7"}, Dirs: []string{f.Config.Data, f.Config.Keys}, Mails: f.Mail, Letters: f.Letters,
		})
		f.Must(err)
		if len(remains.Places) != 1 || remains.Places[0].Letter == 0 || remains.Places[0].Person != person {
			t.Errorf("%+v", remains.Places)
		}
		unused, err := f.Letters.Prepare(ctx, letter.Draft{Person: person, Subject: "a", Body: "b", Lang: "da"})
		f.Must(err)
		f.Must(unused[0].Discard(ctx))
	})
}
