package vault

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFieldOf256(t *testing.T) {
	// FIPS 197, section 4.2 and 4.2.1.
	for _, v := range [][3]byte{{0x57, 0x83, 0xc1}, {0x57, 0x02, 0xae}, {0x57, 0x04, 0x47}, {0x57, 0x08, 0x8e}, {0x57, 0x10, 0x07}, {0x57, 0x13, 0xfe}} {
		if got := multiply(v[0], v[1]); got != v[2] {
			t.Errorf("%02x · %02x = %02x, want %02x", v[0], v[1], got, v[2])
		}
	}
	for a := range 256 {
		if a > 0 && multiply(byte(a), inverse(byte(a))) != 1 {
			t.Errorf("%02x has no inverse", a)
		}
		for b := range 256 {
			if multiply(byte(a), byte(b)) != multiply(byte(b), byte(a)) {
				t.Fatalf("%02x and %02x do not commute", a, b)
			}
			if multiply(byte(a), byte(b)^3) != multiply(byte(a), byte(b))^multiply(byte(a), 3) {
				t.Fatalf("%02x and %02x do not distribute", a, b)
			}
		}
	}
}

// f(x) = 2a + 57x + 13x²: 7e at 1, d4 at 2, 80 at 3, worked out on paper with the
// products of FIPS 197: 57·2 = ae, 13·4 = 4c, 57·3 = f9, 13·5 = 5f.
func TestSharingVector(t *testing.T) {
	polynomial := []byte{0x2a, 0x57, 0x13}
	points := []point{{1, []byte{0x2a ^ 0x57 ^ 0x13}}, {2, []byte{0x2a ^ 0xae ^ 0x4c}}, {3, []byte{0x2a ^ 0xf9 ^ 0x5f}}}
	for _, p := range points {
		if got := evaluate(polynomial, p.x); got != p.y[0] {
			t.Errorf("f(%d) = %02x, want %02x", p.x, got, p.y[0])
		}
	}
	secret, fits := together(points, 3)
	if !fits || secret[0] != 0x2a {
		t.Errorf("the secret is %02x", secret)
	}
}

func TestAnyThresholdOfSharesGivesTheSecret(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "n")
		threshold := rapid.IntRange(2, n).Draw(t, "threshold")
		secret := rapid.SliceOfN(rapid.Byte(), 1, 40).Draw(t, "secret")
		points := split(secret, n, threshold)
		some := rapid.Permutation(points).Draw(t, "some")[:rapid.IntRange(threshold, n).Draw(t, "how many")]
		got, fits := together(some, threshold)
		if !fits || !bytes.Equal(got, secret) {
			t.Fatalf("%x of %x", got, secret)
		}
		if len(some) > threshold {
			bent := slices.Clone(some)
			last := &bent[len(bent)-1]
			last.y = slices.Clone(last.y)
			last.y[0] ^= 1
			if _, fits := together(bent, threshold); fits {
				t.Fatal("a bent share fits")
			}
		}
	})
}

// One share fewer than the threshold tells nothing: whatever the secret, there is a
// share that would have given it.
func TestFewerSharesTellNothing(t *testing.T) {
	points := split([]byte{0x2a}, 3, 3)[:2]
	for guess := range 256 {
		third := interpolate(append(slices.Clone(points), point{0, []byte{byte(guess)}}), 3)
		secret, _ := together(append(slices.Clone(points), point{3, third}), 3)
		if secret[0] != byte(guess) {
			t.Fatalf("guess %02x is ruled out", guess)
		}
	}
	seen := map[byte]bool{} // and a share alone is as random as noise
	for range 4000 {
		seen[split([]byte{0x2a}, 2, 2)[0].y[0]] = true
	}
	if len(seen) < 250 {
		t.Errorf("only %d values", len(seen))
	}
}

func TestSharesOfTheMasterKey(t *testing.T) {
	k, m := testRing(t)
	set, shares, err := k.Split(5, 3)
	must(t, err)
	if len(shares) != 5 || set.Shares != 5 || set.Threshold != 3 || set.ID != shares[0].Set() {
		t.Fatalf("%+v, %d", set, len(shares))
	}
	must(t, k.Shared(ctx, set, 0))
	k = reopen(t, k, m)
	if s := k.Standing(); !s.Secured() || len(s.Sets) != 1 || s.Sets[0].ID != set.ID {
		t.Errorf("standing %+v", s)
	}
	var r ShareReader
	for i, n := range []int{4, 0, 2} { // typed in rows, scanned, typed by somebody careless
		s := shares[n]
		switch i {
		case 0:
			for _, row := range s.Rows() {
				must(t, r.Line(row))
			}
		case 1:
			must(t, r.Line(s.Text()))
		case 2:
			for _, row := range s.Rows() {
				must(t, r.Line(""))
				must(t, r.Line(strings.ToLower(strings.NewReplacer(" ", "-", "0", "o", "1", "l").Replace(row))+"  "))
			}
		}
		if want := 2 - i; r.Need() != want {
			t.Errorf("%d more needed, want %d", r.Need(), want)
		}
	}
	must(t, r.End())
	got, err := Combine(r.Shares())
	must(t, err)
	if got != m {
		t.Error("another key")
	}
	got, err = Combine(shares) // more than needed
	if err != nil || got != m {
		t.Errorf("all five: %v", err)
	}
	// What is refused.
	wantsShare := func(err error, why string) {
		t.Helper()
		var e *ShareError
		if !errors.As(err, &e) || e.Why != why {
			t.Errorf("got %v, want %s", err, why)
		}
	}
	_, err = Combine(shares[:2])
	wantsShare(err, ShareFew)
	_, err = Combine(nil)
	wantsShare(err, ShareFew)
	_, others, err := k.Split(3, 2)
	must(t, err)
	_, err = Combine(append(slices.Clone(shares[:2]), others[2]))
	wantsShare(err, ShareSets)
	forged := slices.Clone(shares)
	forged[4].key[0] ^= 1
	_, err = Combine(forged)
	wantsShare(err, ShareForged)
	forged[4].number = 1
	_, err = Combine(forged)
	wantsShare(err, ShareForged)
	for _, numbers := range [][2]int{{1, 1}, {2, 1}, {3, 4}, {33, 3}, {0, 0}, {5, -1}} {
		_, _, err := k.Split(numbers[0], numbers[1])
		wants(t, err, ErrShareNumbers)
	}
	_, err = k.Rotate(ctx, fromFile(t.TempDir()+"/key"), false)
	must(t, err)
	wants(t, k.Shared(ctx, set, 0), ErrWrongMaster)
	if s := k.Standing(); s.Secured() {
		t.Errorf("shares of the key before count: %+v", s)
	}
	must(t, k.Arrange(ctx, "in the bank, with the minutes"))
	if s := k.Standing(); !s.Secured() || bytes.Contains(s.Grounds, []byte("bank")) {
		t.Errorf("another arrangement: %+v", s)
	}
	if grounds, err := k.Grounds(); err != nil || grounds != "in the bank, with the minutes" {
		t.Errorf("%q, %v", grounds, err)
	}
	must(t, k.Arrange(ctx, ""))
	if s := k.Standing(); s.Secured() {
		t.Errorf("taken back: %+v", s)
	}
	for _, text := range []string{fmt.Sprint(shares), fmt.Sprintf("%#v %x", shares[0], &shares[0]), string(func() []byte { b, _ := json.Marshal(shares); return b }())} {
		if strings.Contains(text, "key") || !strings.Contains(text, "[share]") {
			t.Errorf("a share prints itself: %s", text)
		}
	}
}

// Every single mistyped letter and every two that changed places in a row are
// noticed at once, and so is a row in another's place.
func TestMistypedSharesAreNamed(t *testing.T) {
	k, _ := testRing(t)
	_, shares, err := k.Split(2, 2)
	must(t, err)
	rows := shares[1].Rows()
	for at, row := range rows {
		plain := strings.ReplaceAll(row, " ", "")
		try := func(typed string) {
			t.Helper()
			var r ShareReader
			for _, before := range rows[:at] {
				must(t, r.Line(before))
			}
			var e *ShareError
			if err := r.Line(typed); !errors.As(err, &e) || e.Why != ShareRow || e.Row != at+1 || e.Share != 1 {
				t.Fatalf("%d: %s for %s: %v", at, typed, plain, err)
			}
			must(t, r.Line(row)) // typed again
		}
		for i := range plain {
			for _, c := range alphabet {
				if byte(c) != plain[i] {
					try(plain[:i] + string(c) + plain[i+1:])
				}
			}
			for j := range i {
				if plain[i] != plain[j] {
					swapped := []byte(plain)
					swapped[i], swapped[j] = swapped[j], swapped[i]
					try(string(swapped))
				}
			}
		}
		try(rows[(at+1)%len(rows)])
	}
	var r ShareReader
	var e *ShareError
	for text, why := range map[string]string{"ABCD": ShareLength, "ABCD EFGH JKMN Ø": ShareLetter, "ABCD EFGH JKMN *": ShareLetter, strings.Repeat("A", 79): ShareLength} {
		if err := r.Line(text); !errors.As(err, &e) || e.Why != why {
			t.Errorf("%q: %v", text, err)
		}
	}
	must(t, r.Line(rows[0]))
	if err := r.End(); !errors.As(err, &e) || e.Why != ShareLength {
		t.Errorf("cut off: %v", err)
	}
}

func FuzzShareReader(f *testing.F) {
	f.Add("KARTOTEK-1:0123\nABCD EFGH JKMN P\n\n-\n")
	s := Share{set: [4]byte{1, 2, 3, 4}, number: 1, threshold: 2}
	rows := s.Rows()
	f.Add(strings.Join(rows[:], "\n"))
	f.Add(s.Text())
	f.Fuzz(func(t *testing.T, text string) {
		var r ShareReader
		for line := range strings.Lines(text) {
			_ = r.Line(line)
		}
		for _, s := range r.Shares() {
			var again ShareReader
			if err := again.Line(s.Text()); err != nil || again.Shares()[0] != s {
				t.Fatalf("a share that was read does not read: %v", err)
			}
		}
		_, _ = Combine(r.Shares())
	})
}

func TestWeakPassphrases(t *testing.T) {
	for text, why := range map[string]string{
		"":                                  WeakShort,
		"hejre spartel":                     WeakShort,
		"æøåæøåæøåæøåæøå":                   WeakShort, // fifteen characters, more bytes
		"aaaaaaaaaaaaaaaaaaaa":              WeakFew,
		"abababababababababab":              WeakFew,
		"hejrespurvhejrespurvhejrespurv":    WeakPattern,
		"abcdefghijklmnopqrst":              WeakPattern,
		"qwertyuiopåasdfghjklæø":            WeakPattern,
		"1234567890qwertyuiop":              WeakPattern,
		"kartotek master password":          WeakKnown,
		"Medlemsregister2026 Forening":      WeakKnown,
		"Correct Horse Battery Staple":      WeakKnown,
		"hejre spartel bundt kølig":         "",
		"fire tilfældige ord: ugle og damp": "",
		"x7#Kq!9wLm2$Vb4@Tz":                "",
		"trappe mynte orkan femten blyant":  "",
	} {
		if got := Weakness(text); got != why {
			t.Errorf("%q: %q, want %q", text, got, why)
		}
	}
	for range 200 { // words chosen by chance are never refused
		list := []string{"ugle", "damp", "kølig", "spartel", "hejre", "bundt", "orkan", "mynte", "trappe", "blyant", "skygge", "vante", "fjord", "grød", "krukke"}
		rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
		if text := strings.Join(list[:5], " "); Weakness(text) != "" {
			t.Errorf("%q is refused: %s", text, Weakness(text))
		}
	}
}
