package certificate_test

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/certificate"
	"kartotek/internal/document"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

var update = flag.Bool("update", false, "write the golden files anew")

// ring is a keyring in which persons are erased.
func ring(t testing.TB) *vault.Keyring {
	t.Helper()
	dir := t.TempDir()
	k, err := vault.CreateFrom(context.Background(), filepath.Join(dir, "keyring.db"), vault.Unlock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	return k
}

var began = time.Date(2026, 5, 3, 12, 30, 15, 123456000, time.UTC)

// erased makes a person and erases them.
func erased(t testing.TB, k *vault.Keyring) []vault.LedgerEntry {
	t.Helper()
	var person vault.PersonID
	err := k.Write(context.Background(), func(tx *vault.Tx) (err error) {
		person, err = tx.NewPerson()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Erase(context.Background(), began.Add(time.Second), []vault.PersonID{person}, vault.Membership, vault.Evidence); err != nil {
		t.Fatal(err)
	}
	entries, err := k.Erasures(context.Background(), person)
	if err != nil || len(entries) == 0 {
		t.Fatalf("%d entries, %v", len(entries), err)
	}
	return entries
}

// whole is a certificate with something of everything.
func whole(lang string, entries []vault.LedgerEntry) certificate.Statement {
	s := certificate.Statement{
		Number: "K-AB12-CD34-EF56", Salt: "QRST-0123-XYZ9", Language: lang, Organisation: "Kløverpartiet", Zone: "Europe/Copenhagen",
		ClosedAt: began.Add(-72 * time.Hour), ErasedAt: began, CompleteAt: began.Add(2 * time.Hour),
		Gone:    []certificate.Gone{{Kind: "profile", Count: 1}, {Kind: "membership", Count: 2}},
		Entries: entries,
		Kept:    []certificate.Kept{{What: "Gentofte", Law: "bogføringsloven § 12", Until: civil.Date{Year: 2030, Month: 12, Day: 31}, Count: 3, Unit: 7}},
		Copies:  []certificate.Copy{{Kind: "directory", ConfirmedAt: began.Add(time.Minute)}, {Kind: "bucket", ConfirmedAt: began.Add(2 * time.Hour)}},
		Lists:   []certificate.List{{Number: 317, DestroyBy: civil.Date{Year: 2026, Month: 6, Day: 1}}},
		Told: []certificate.Told{
			{Holder: "Trykkeriet ApS", Country: "DK", List: 317, Line: 214, ToldAt: began.Add(time.Minute), DoneAt: began.Add(time.Hour), State: "acknowledged"},
			{Holder: "World Clubs Inc.", Country: "US", ToldAt: began.Add(time.Minute), State: "told"},
		},
		Beyond: certificate.Beyond,
	}
	s.Hash = s.Commitment()
	return s
}

func sign(t testing.TB, k *vault.Keyring, s certificate.Statement) *certificate.Certificate {
	t.Helper()
	c, err := certificate.Sign(s, k)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func files(t testing.TB, c *certificate.Certificate) (inJSON, inPDF []byte) {
	t.Helper()
	inJSON, err := c.JSON()
	if err != nil {
		t.Fatal(err)
	}
	inPDF, err = c.PDF()
	if err != nil {
		t.Fatal(err)
	}
	return inJSON, inPDF
}

// Both files of a certificate are sound offline, and say what was and was not
// checked (D7).
func TestD7ACertificateIsCheckedWithoutARegister(t *testing.T) {
	k := ring(t)
	c := sign(t, k, whole("da", erased(t, k)))
	inJSON, inPDF := files(t, c)
	for _, file := range [][]byte{inJSON, inPDF} {
		for _, key := range []ed25519.PublicKey{nil, k.LedgerKey()} {
			r := certificate.Verify(file, key)
			if !r.Sound() || r.Certificate == nil || !slices.Contains(r.Checked, "signature") || !slices.Contains(r.Checked, "entries") {
				t.Fatalf("%+v", r)
			}
			if slices.Contains(r.Checked, "key") != (key != nil) || slices.Contains(r.Unchecked, "key") != (key == nil) || slices.Contains(r.Checked, "pages") != r.PDF {
				t.Errorf("%+v", r)
			}
		}
	}
	other := ring(t)
	if r := certificate.Verify(inJSON, other.LedgerKey()); !slices.Contains(r.Failed, "key") {
		t.Errorf("another's key: %+v", r)
	}
	// Somebody who signs with a key of their own has no entries of the ledger for it.
	forged := sign(t, other, c.Statement)
	file, _ := files(t, forged)
	if r := certificate.Verify(file, nil); !slices.Contains(r.Failed, "entries") {
		t.Errorf("forged: %+v", r)
	}
	swapped := *c
	swapped.Number = "K-AB12-CD34-EF57"
	file, _ = files(t, &swapped)
	if r := certificate.Verify(file, nil); !slices.Contains(r.Failed, "signature") || !slices.Contains(r.Failed, "commitment") {
		t.Errorf("another number: %+v", r)
	}
}

// What is not done yet is said, and not taken for done.
func TestD7AnOpenCertificateSaysWhatIsOpen(t *testing.T) {
	k := ring(t)
	s := whole("en", erased(t, k))
	s.CompleteAt, s.Open = time.Time{}, []string{certificate.OpenCopies}
	s.Copies[1].ConfirmedAt = time.Time{}
	c := sign(t, k, s)
	_, inPDF := files(t, c)
	r := certificate.Verify(inPDF, k.LedgerKey())
	if !r.Sound() || !slices.Contains(r.Unchecked, "open") || r.Certificate.Complete() {
		t.Errorf("%+v", r)
	}
	text := printed(t, inPDF)
	for _, want := range []string{"It is not complete yet", "Copies of the keys have not confirmed yet", "Copy 2 (storage service): not confirmed yet"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
}

// No byte of either file can change, be cut off or be added without being noticed.
func TestD7AChangedCertificateIsRefused(t *testing.T) {
	k := ring(t)
	inJSON, inPDF := files(t, sign(t, k, whole("nb", erased(t, k))))
	refused := func(t *testing.T, what string, at int, file []byte) {
		if r := certificate.Verify(file, k.LedgerKey()); r.Sound() && !same(file, inPDF) {
			t.Errorf("%s at %d of %d is sound", what, at, len(file))
		}
	}
	body := bytes.TrimSpace(inJSON)
	for at := range body {
		changed := slices.Clone(body)
		changed[at] ^= 1 << (at % 7)
		refused(t, "a bit of the file", at, changed)
	}
	for at := range len(body) {
		if at%7 == 0 {
			refused(t, "a cut", at, body[:at])
		}
	}
	refused(t, "something added", len(body), append(slices.Clone(body), '{', '}'))
	for at := 0; at < len(inPDF); at += 997 { // a font of 140 kB is in it
		changed := slices.Clone(inPDF)
		changed[at] ^= 0x10
		refused(t, "a bit of the PDF", at, changed)
		refused(t, "a cut PDF", at, inPDF[:at])
	}
	refused(t, "an update of the PDF", len(inPDF), append(slices.Clone(inPDF), "1 0 obj\n<<>>\nendobj\n%%EOF\n"...))
	rapid.Check(t, func(rt *rapid.T) {
		at := rapid.IntRange(0, len(inPDF)-1).Draw(rt, "at")
		changed := slices.Clone(inPDF)
		changed[at] ^= byte(rapid.IntRange(1, 255).Draw(rt, "with"))
		if r := certificate.Verify(changed, k.LedgerKey()); r.Sound() && !same(changed, inPDF) {
			rt.Fatalf("byte %d", at)
		}
	})
	// The pages of one certificate around the signed file of another.
	objects, err := document.TakeApart(inPDF)
	if err != nil {
		t.Fatal(err)
	}
	s := whole("nb", erased(t, k))
	s.Kept = nil
	s.Hash = s.Commitment()
	other := sign(t, k, s)
	_, otherPDF := files(t, other)
	theirs, err := document.TakeApart(otherPDF)
	if err != nil || document.SamePDF(objects, theirs) {
		t.Error("two certificates print the same", err)
	}
	var paper bytes.Buffer
	otherJSON, _ := other.JSON()
	w := document.NewPaper(&paper, document.PaperTexts{Title: "Sletteattest"}, &document.Attachment{Name: "certificate.json", Type: "application/json", Contents: otherJSON}, document.PDFOptions{})
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if r := certificate.Verify(paper.Bytes(), k.LedgerKey()); !slices.Equal(r.Failed, []string{"pages"}) {
		t.Errorf("other pages: %+v", r)
	}
	refused(t, "nothing", 0, nil)
	refused(t, "a foreign PDF", 0, []byte("%PDF-1.4\n1 0 obj\n<<>>\nendobj\n"))
}

// Other people's programs list and extract the signed file, and read the same
// words on the pages in every language.
func TestD7OtherReadersFindTheSignedFile(t *testing.T) {
	k := ring(t)
	entries := erased(t, k)
	for _, lang := range locale.Languages() {
		t.Run(lang, func(t *testing.T) {
			c := sign(t, k, whole(lang, entries))
			inJSON, inPDF := files(t, c)
			if again, err := c.PDF(); err != nil || !bytes.Equal(again, inPDF) {
				t.Error("the same certificate gives another PDF")
			}
			path := filepath.Join(t.TempDir(), "c.pdf")
			if err := os.WriteFile(path, inPDF, 0o600); err != nil {
				t.Fatal(err)
			}
			listed, err := exec.Command("pdfdetach", "-list", path).CombinedOutput()
			if err != nil || !strings.Contains(string(listed), "1 embedded files") || !strings.Contains(string(listed), "certificate.json") {
				t.Fatalf("%s %v", listed, err)
			}
			out := filepath.Join(t.TempDir(), "out.json")
			if said, err := exec.Command("pdfdetach", "-save", "1", "-o", out, path).CombinedOutput(); err != nil {
				t.Fatalf("%s %v", said, err)
			}
			if got, err := os.ReadFile(out); err != nil || !bytes.Equal(got, inJSON) {
				t.Errorf("the file inside is another: %v", err)
			}
			text := printed(t, inPDF)
			// What differs with every keyring is taken out.
			for _, e := range entries {
				text = strings.ReplaceAll(text, hexGroups(e.Fingerprint[:]), "FINGERPRINT")
			}
			text = strings.ReplaceAll(text, certificate.Key(c.Key), "KEY")
			golden := filepath.Join("testdata", lang+".txt")
			if *update {
				if err := os.WriteFile(golden, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil || text != string(want) {
				t.Errorf("%s: %v; the pages say\n%s", golden, err, text)
			}
			if strings.Contains(text, "⟦") {
				t.Errorf("a word is missing:\n%s", text)
			}
		})
	}
}

// same reports whether a changed PDF shows and holds what it did: a few bits
// between packed blocks carry nothing.
func same(changed, file []byte) bool {
	a, err := document.TakeApart(changed)
	if err != nil {
		return false
	}
	b, err := document.TakeApart(file)
	return err == nil && document.SamePDF(a, b)
}

func hexGroups(b []byte) string {
	const digits = "0123456789abcdef"
	var out strings.Builder
	for i, c := range b {
		if i > 0 && i%4 == 0 {
			out.WriteByte(' ')
		}
		out.WriteByte(digits[c>>4])
		out.WriteByte(digits[c&15])
	}
	return out.String()
}

// printed is what a reader of PDFs sees on the pages.
func printed(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "c.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdftotext", "-layout", path, "-").Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// Whatever is read as a certificate gives the same bytes again, and nothing makes
// the reader fall.
func FuzzParse(f *testing.F) {
	k := ring(f)
	inJSON, inPDF := files(f, sign(f, k, whole("da", erased(f, k))))
	f.Add(inJSON)
	f.Add(inPDF[:2000])
	f.Add([]byte(`{"form":"kartotek erasure certificate 2"}`))
	f.Add(bytes.Replace(inJSON, []byte(`"salt":"`), []byte(`"salt":"\u0041`), 1))
	f.Fuzz(func(t *testing.T, file []byte) {
		certificate.Verify(file, nil)
		c, err := certificate.Parse(file)
		if err != nil {
			return
		}
		again, err := c.JSON()
		if err != nil || !bytes.Equal(bytes.TrimSpace(again), bytes.TrimSpace(file)) {
			t.Errorf("%q\nreads as\n%q", file, again)
		}
	})
}
