package dues

import (
	"path/filepath"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"kartotek/internal/charter"
	"kartotek/internal/vault"
)

var kinds = []string{charter.ReferenceFI, charter.ReferenceKID10, charter.ReferenceKID11}

// Check digits as published: Nets' example of a KID by modulus 10, a Norwegian
// account by modulus 11, and the Danish form's own.
func TestL7CheckDigitsAsPublished(t *testing.T) {
	for _, known := range []struct{ kind, reference string }{
		{charter.ReferenceKID10, "2345676"}, // Nets, "Systemspesifikasjon OCR giro": 234567 has the check digit 6
		{charter.ReferenceKID10, "79927398713"},
		{charter.ReferenceKID11, "12345678903"}, // weights 2 to 7 from the right, as accounts have
		{charter.ReferenceFI, "000000000000000"},
		{charter.ReferenceFI, "123456789012347"},
	} {
		digits := known.reference[:len(known.reference)-1]
		check, ok := checkDigit(known.kind, digits)
		if !ok || check != known.reference[len(digits)] || !Verify(known.kind, known.reference) {
			t.Errorf("%s: %s has the check digit %c", known.kind, digits, check)
		}
	}
	for _, wrong := range []string{"", "5", "12345678901234A", "1234567890123 "} {
		for _, kind := range kinds {
			if Verify(kind, wrong) {
				t.Errorf("%s: %q passes", kind, wrong)
			}
		}
	}
}

func testReferences(t testing.TB) *references {
	t.Helper()
	dir := t.TempDir()
	k, err := vault.CreateFrom(t.Context(), filepath.Join(dir, "keyring.db"), vault.Unlock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { k.Close() })
	r, err := newReferences(k)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// L7: a reference leads to its person and back, has fifteen digits, and any wrong
// digit and nearly any two swapped are found by the check digit.
func TestL7ReferencesAreFoundAndChecked(t *testing.T) {
	r := testReferences(t)
	rapid.Check(t, func(t *rapid.T) {
		kind := rapid.SampledFrom(kinds).Draw(t, "kind")
		person := vault.PersonID(rapid.Uint32Min(1).Draw(t, "person"))
		slot := rapid.Uint32Range(1, slots-20).Draw(t, "slot")
		reference, used := r.make(kind, person, slot)
		if len(reference) != referenceDigits || reference[0] == '0' || used < slot || used > slot+19 || kind != charter.ReferenceKID11 && used != slot {
			t.Fatalf("%q for slot %d, used %d", reference, slot, used)
		}
		if !Verify(kind, reference) {
			t.Fatalf("%s does not verify", reference)
		}
		if back, at, ok := r.read(reference); !ok || back != person || at != used {
			t.Fatalf("%s reads as %d/%d", reference, back, at)
		}
		if number, err := strconv.ParseFloat(reference, 64); err != nil || strconv.FormatFloat(number, 'f', 0, 64) != reference {
			t.Fatalf("a spreadsheet changes %s", reference)
		}
		at := rapid.IntRange(0, referenceDigits-1).Draw(t, "at")
		by := rapid.IntRange(1, 9).Draw(t, "by")
		typo := []byte(reference)
		typo[at] = '0' + (typo[at]-'0'+byte(by))%10
		if Verify(kind, string(typo)) {
			t.Fatalf("%s for %s is not seen", typo, reference)
		}
		if at = min(at, referenceDigits-2); reference[at] != reference[at+1] {
			swap := []byte(reference)
			swap[at], swap[at+1] = swap[at+1], swap[at]
			pair := string([]byte{min(swap[at], swap[at+1]), max(swap[at], swap[at+1])})
			if Verify(kind, string(swap)) && !(kind != charter.ReferenceKID11 && pair == "09") {
				t.Fatalf("%s for %s is not seen", swap, reference)
			}
		}
	})
}

// Nobody sees in a reference whose it is: neither the member before nor the one
// after, nor the same person's next, has anything in common with it.
func TestL7ReferencesTellNothing(t *testing.T) {
	r := testReferences(t)
	seen := map[string]bool{}
	same := 0
	for person := vault.PersonID(1); person <= 2000; person++ {
		for slot := uint32(1); slot <= 2; slot++ {
			reference, _ := r.make(charter.ReferenceFI, person, slot)
			if seen[reference] {
				t.Fatalf("%s is given twice", reference)
			}
			seen[reference] = true
			next, _ := r.make(charter.ReferenceFI, person+1, slot)
			if reference[:4] == next[:4] {
				same++
			}
		}
	}
	if same > 10 { // by chance one in 9,000
		t.Errorf("%d of 4,000 neighbours begin alike", same)
	}
}

// What stands around a reference on forms, in banks and in spreadsheets is passed over.
func TestTidyReference(t *testing.T) {
	for text, want := range map[string]string{
		"+71<123456789012347+12345678<": "123456789012347", " 123 456 789 012 347 ": "123456789012347",
		"KID: 123456789012347": "123456789012347", "0000000000123456789012347": "123456789012347",
		"123.456.789.012.347": "123456789012347", "": "", "kid": "kid", "Hansen": "Hansen",
	} {
		if got := TidyReference(text); got != want {
			t.Errorf("%q: %q", text, got)
		}
	}
}
