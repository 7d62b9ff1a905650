package document

import (
	"bytes"
	"io"
	"strings"
	"testing"
	"unicode"

	"github.com/emersion/go-vcard"
	"pgregory.net/rapid"
)

func contacts(t testing.TB, all ...Contact) string {
	t.Helper()
	var file bytes.Buffer
	w := NewVCard(&file, clock)
	for _, c := range all {
		if err := w.Write(c); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

func TestVCard(t *testing.T) {
	got := contacts(t, Contact{UID: "urn:uuid:1", Given: "Søren", Family: "Ås", Organisation: "Eksempelpartiet", Unit: "Gentofte", Role: "kasserer",
		Phones: []ContactPhone{{"+4510264795", true}, {"", false}, {"+4539000000", false}}, Emails: []string{"s@eksempel.example"},
		Street: "Fasanhaven 8, 2. th.", Code: "2900", Town: "Hellerup", Country: "Danmark", Categories: []string{"Æresmedlem", "Liste 331"}, Note: "To\r\nlinjer; og \\"})
	want := strings.ReplaceAll(`BEGIN:VCARD
VERSION:3.0
N:Ås;Søren;;;
FN:Søren Ås
ORG:Eksempelpartiet;Gentofte
TITLE:kasserer
TEL;TYPE=CELL:+4510264795
TEL;TYPE=VOICE:+4539000000
EMAIL;TYPE=INTERNET:s@eksempel.example
ADR;TYPE=HOME:;;Fasanhaven 8\, 2. th.;Hellerup;;2900;Danmark
CATEGORIES:Æresmedlem,Liste 331
NOTE:To\nlinjer\; og \\
UID:urn:uuid:1
REV:20260501T120000Z
END:VCARD
`, "\n", "\r\n")
	if got != want {
		t.Errorf("got\n%s", got)
	}
	if err := NewVCard(brokenWriter{}, clock).Write(Contact{Name: strings.Repeat("x", 100_000)}); err != io.ErrClosedPipe {
		t.Error(err)
	}
}

// Whatever a name holds, another's reader finds one contact with that name, and
// no line is too long.
func TestVCardComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"a\r\nEND:VCARD\r\nBEGIN:VCARD", "x;y,z\\n", strings.Repeat("å", 100), "\u2028TEL:1"}))
		name, street := text.Draw(t, "name"), text.Draw(t, "street")
		var file bytes.Buffer
		w := NewVCard(&file, clock)
		if err := w.Write(Contact{Name: name, Street: "v" + street}); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(file.String()) {
			if len(line) > 77 {
				t.Fatalf("%d bytes: %q", len(line), line)
			}
		}
		// That reader leaves the sign before a semicolon where it is.
		plain := func(s string) string {
			s = strings.NewReplacer("\r\n", "", "\r", "", "\n", "", "\u2028", "", "\u2029", "").Replace(strings.ToValidUTF8(s, "\ufffd"))
			return strings.Map(func(r rune) rune {
				if r == '\\' || r == ';' || unicode.IsControl(r) || unicode.IsSpace(r) {
					return -1
				}
				return r
			}, s)
		}
		d := vcard.NewDecoder(strings.NewReader(file.String()))
		card, err := d.Decode()
		if err != nil {
			t.Fatal(err)
		}
		if got := card.Value(vcard.FieldFormattedName); plain(got) != plain(name) {
			t.Fatalf("got %q, want %q", got, name)
		}
		if _, err := d.Decode(); err != io.EOF {
			t.Fatalf("a second contact: %v", err)
		}
	})
}
