package seal_test

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/document"
	"kartotek/internal/seal"
	"kartotek/internal/vault"
)

var noon = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

func paper(t *testing.T, attached bool) []byte {
	t.Helper()
	var out bytes.Buffer
	var inside *document.Attachment
	if attached {
		inside = &document.Attachment{Name: "a.json", About: "Vedlegg", Type: "application/json", Time: noon, Contents: []byte("%%EOF\n{}")}
	}
	w := document.NewPaper(&out, document.PaperTexts{Sender: "Distriktet", Title: "Databehandleravtale", Footer: "Æ", Page: "Side {page} av {pages}"}, inside,
		document.PDFOptions{Title: "Avtale", Language: "nb", Time: noon})
	for range 40 {
		if err := w.Write(document.Section{Heading: "1 Formål", Paragraphs: []string{"Avtalen gjelder personopplysninger om klubbens medlemmer, og hvordan distriktet behandler dem."}}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func pdfsig(t *testing.T, file []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "sealed.pdf")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command("pdfsig", path).CombinedOutput()
	if err != nil {
		t.Fatalf("pdfsig: %v\n%s", err, out)
	}
	return string(out)
}

// N2: what is sealed, any reader of PDFs checks; a changed byte shows, and the
// certificate is renewed without what was sealed before losing its seal.
func TestN2SealIsValidToOthers(t *testing.T) {
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		ctx, now := t.Context(), noon
		keyring, err := vault.CreateFrom(ctx, filepath.Join(t.TempDir(), "keyring.db"), vault.Unlock{})
		must(t, err)
		t.Cleanup(func() { must(t, keyring.Close()) })
		made := 0
		s := &seal.Service{DB: db, Keyring: keyring, Now: func() time.Time { return now }, Name: func() string { return "Distrikt Nørdèn (prøve)" },
			Made: func(*database.Tx, int64) error { made++; return nil }}
		for _, attached := range []bool{false, true} {
			plain := paper(t, attached)
			sealed, err := s.Seal(ctx, plain, "Databehandleravtale nr. 7")
			must(t, err)
			if !bytes.HasPrefix(sealed, plain) {
				t.Fatal("the seal changed what was there")
			}
			said := pdfsig(t, sealed)
			for _, want := range []string{"Signature is Valid.", "Total document signed", "Distrikt Nørdèn (prøve)", "Nov 22 2026"} {
				if !strings.Contains(said, want) {
					t.Errorf("no %q in\n%s", want, said)
				}
			}
			report, err := seal.Verify(sealed)
			must(t, err)
			if !report.Sound || !bytes.Equal(report.Base, plain) || report.Reason != "Databehandleravtale nr. 7" || report.Number != 1 {
				t.Errorf("%+v", report.Seal)
			}
			again, err := s.Seal(ctx, plain, "Databehandleravtale nr. 7")
			must(t, err)
			if !bytes.Equal(again, sealed) {
				t.Error("two seals of one file at one time differ")
			}
			for range 30 {
				changed := bytes.Clone(sealed)
				at := rand.IntN(len(changed))
				changed[at] ^= byte(1 + rand.IntN(255))
				if r, err := seal.Verify(changed); err == nil && r.Sound && !strings.EqualFold(string(changed), string(sealed)) {
					t.Fatalf("byte %d was changed, and the seal holds", at)
				}
			}
			if _, err := seal.Verify(append(bytes.Clone(sealed), ' ')); !errors.Is(err, document.ErrNotOurs) {
				t.Error("something was added behind the seal:", err)
			}
		}
		first, err := s.Seal(ctx, paper(t, false), "A")
		must(t, err)
		now = now.AddDate(2, 11, 0)
		second, err := s.Seal(ctx, paper(t, false), "A")
		must(t, err)
		a, errA := seal.Verify(first)
		b, errB := seal.Verify(second)
		must(t, errors.Join(errA, errB))
		if a.Number != 1 || b.Number != 2 || !a.Sound || !b.Sound || made != 2 || !strings.Contains(pdfsig(t, second), "Signature is Valid.") {
			t.Errorf("certificates %d and %d, %d made", a.Number, b.Number, made)
		}
		all, err := s.Certificates(ctx)
		must(t, err)
		block, _ := pem.Decode(all[0].PEM())
		if c, err := x509.ParseCertificate(block.Bytes); err != nil || c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) != nil || all[0].Mark != b.Certificate {
			t.Error("the certificate cannot be downloaded")
		}
		if _, err := s.Seal(ctx, []byte("%PDF-1.4 somebody else's"), "A"); !errors.Is(err, document.ErrNotOurs) {
			t.Error(err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// Whatever is handed in as a sealed file, reading it ends.
func FuzzVerify(f *testing.F) {
	f.Add([]byte("%PDF-1.7\n%%EOF\n"))
	f.Add([]byte(fmt.Sprintf("%%PDF-1.7\n%%%%EOF\n%s", "]/Contents<00>/M(D:")))
	f.Fuzz(func(t *testing.T, file []byte) {
		if r, err := seal.Verify(file); err == nil && r.Sound {
			t.Error("a made-up file is sealed")
		}
	})
}
