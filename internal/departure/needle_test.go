package departure

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"

	"kartotek/internal/fault"
)

func wide(s string, big bool) string {
	var b []byte
	for _, u := range utf16.Encode([]rune(s)) {
		if big {
			b = append(b, byte(u>>8), byte(u))
		} else {
			b = append(b, byte(u), byte(u>>8))
		}
	}
	return string(b)
}

func compiled(t testing.TB, text string) *needle {
	t.Helper()
	n, err := newNeedle(text, "DK")
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestNeedlesAreFoundHoweverTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		text        string
		here, there []string // found in these, not in those
	}{
		{
			"Søren Åge Østergård",
			[]string{
				"Søren Åge Østergård", "SØREN ÅGE ØSTERGÅRD", "søren åge østergård", "sØREN åGE øSTERGÅRD",
				norm.NFD.String("Søren Åge Østergård"), norm.NFD.String("SØREN ÅGE ØSTERGÅRD"),
				wide("Søren Åge Østergård", false), wide("søren åge ØSTERGÅRD", true), wide(norm.NFD.String("Søren Åge Østergård"), false),
			},
			[]string{"Søren Åge Østergaard", "Søren Åge", "Soren Age Ostergard", "Søren  Åge Østergård"},
		},
		{norm.NFD.String("Åse Ågård"), []string{"Åse Ågård", norm.NFD.String("åse ågård")}, nil},
		{"Quistorff, Anna", []string{"Quistorff, Anna", "anna quistorff"}, []string{"Quistorff Anna"}},
		{"Lund", []string{"Lund", "lund", "LUND", wide("lund", true)}, []string{"lUNd", "lun", "Lun d"}},
		{"12 34 56 78", []string{"12 34 56 78", "12345678", "+4512345678"}, []string{"1234 5678"}},
		{"+45 12345678", []string{"+4512345678", "12 34 56 78"}, []string{"12 34 56 79"}},
		{"23-09-1961", []string{"23-09-1961", "1961-09-23", "23091961"}, []string{"1961-23-09"}},
		{"straße", []string{"STRAẞE", "straße"}, nil},
	} {
		n := compiled(t, c.text)
		for _, s := range c.here {
			for _, around := range []string{"%s", "\x00%s", "Sø%s", "%s\xff", strings.Repeat("ab\x00c", 100) + "%s" + strings.Repeat("x", 100)} {
				if !n.stands(fmt.Appendf(nil, around, s)) {
					t.Errorf("%q is not found in %q", c.text, fmt.Sprintf(around, s))
				}
			}
		}
		for _, s := range c.there {
			if n.stands([]byte(s)) {
				t.Errorf("%q is found in %q", c.text, s)
			}
		}
	}
}

func TestNeedlesAreFoundInOpenedTexts(t *testing.T) {
	card := []string{"104382", "Søren Åge", "Østergård-Quistorff", "1961-09-23", "Bregnebjerglundvej 117, 3. tv.", "+4539684795", "soeren@example.dk"}
	for _, text := range []string{
		"Søren Åge Østergård-Quistorff", "soeren aage oestergaard-quistorff", "SÖREN", "Østergård-Quistorff, Søren Åge",
		"39 68 47 95", "39684795", "0045 39 68 47 95", "+45 39-68-47-95", "23.9.1961", "23. september 1961", "104382", "104 382",
		"bregnebjerglundvej 117", "soeren@EXAMPLE.dk",
	} {
		if !compiled(t, text).inTexts(card) {
			t.Errorf("%q is not found on the card", text)
		}
	}
	for _, text := range []string{"Søren Østergård", "39 68 47 96", "104383", "24.9.1961", "117, 4. tv."} {
		if compiled(t, text).inTexts(card) {
			t.Errorf("%q is found on the card", text)
		}
	}
	// A mail writes numbers as people read them.
	if !compiled(t, "+4539684795").inTexts([]string{"Dit nummer er 39 68 47 95."}) {
		t.Error("a number in a mail")
	}
}

func TestTooShortNeedlesAreRefused(t *testing.T) {
	for _, text := range []string{"", "  ", "Bo", " Ida ", "å\u030aa"} {
		if _, err := newNeedle(text, "DK"); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", text, err)
		}
	}
}

// search streams bytes through a finder and gives the offsets it finds.
func search(t testing.TB, in io.Reader, needles ...*needle) []int64 {
	t.Helper()
	f := &finder{needles: needles}
	if err := f.stream(context.Background(), "file", in); err != nil {
		t.Fatal(err)
	}
	var at []int64
	for _, p := range f.Places {
		at = append(at, p.Offset)
	}
	return at
}

// Wherever a needle lies, across the end of a chunk too, it is found once.
func TestNeedlesAcrossChunks(t *testing.T) {
	n := compiled(t, "Bregnebjerglundvej")
	for _, written := range []string{"Bregnebjerglundvej", wide("BREGNEBJERGLUNDVEJ", false), wide("bregnebjerglundvej", true)} {
		for back := range len(written) + 2 {
			for _, chunks := range []int{1, 2} {
				at := chunks*chunkSize - back
				file := slices.Repeat([]byte{0xff}, at) // zeros would make the first letter of UTF-16 begin one byte sooner
				file = append(append(file, written...), make([]byte, back%3*50)...)
				if got := search(t, bytes.NewReader(file), n); !slices.Equal(got, []int64{int64(at)}) {
					t.Fatalf("%d bytes before the end of chunk %d: %v", back, chunks, got)
				}
			}
		}
	}
}

// Streaming finds exactly what looking at the whole at once finds, however the
// reader deals the bytes out, several needles beside each other.
func TestStreamingMatchesTheWhole(t *testing.T) {
	alphabet := []string{"Anna", "ANNA", "anna", "Ann", "a", "\x00", "Annanna", "Berg", "b\x00e\x00r\x00g\x00", "\x00b\x00e\x00r\x00g", "\xc3", "ÆøÅ!", "æØå!"}
	needles := []*needle{compiled(t, "Anna"), compiled(t, "Berg"), compiled(t, "æøå!"), compiled(t, "AnnaBerg")}
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		var file []byte
		size := chunkSize*rapid.IntRange(0, 2).Draw(t, "chunks") + rapid.IntRange(0, 3000).Draw(t, "more")
		for len(file) < size {
			if rng.IntN(400) == 0 || size-len(file) < 100 || len(file)%chunkSize > chunkSize-60 {
				file = append(file, alphabet[rng.IntN(len(alphabet))]...)
			} else {
				file = append(file, make([]byte, min(rng.IntN(4000), 1+chunkSize-60-min(chunkSize-60, len(file)%chunkSize)))...)
				file = append(file, '.')
			}
		}
		want := map[int][]int64{}
		for i, n := range needles {
			for at, end := n.in(file, 0, len(file)); at >= 0; at, end = n.in(file, end, len(file)) {
				want[i] = append(want[i], int64(at))
			}
		}
		for name, in := range map[string]io.Reader{"whole": bytes.NewReader(file), "halves": iotest.HalfReader(bytes.NewReader(file)), "EOF with data": iotest.DataErrReader(bytes.NewReader(file))} {
			f := &finder{needles: needles}
			if err := f.stream(context.Background(), "file", in); err != nil {
				t.Fatal(err)
			}
			got := map[int][]int64{}
			for _, p := range f.Places {
				got[p.Text] = append(got[p.Text], p.Offset)
			}
			for i := range needles {
				if !slices.Equal(got[i], want[i]) {
					t.Fatalf("%s, needle %d: got %v, want %v", name, i, got[i], want[i])
				}
			}
			if f.Bytes != int64(len(file)) {
				t.Fatalf("%d of %d bytes were read", f.Bytes, len(file))
			}
		}
	})
}

func BenchmarkNeedle(b *testing.B) {
	n := compiled(b, "Søren Åge Østergård-Quistorff")
	file := make([]byte, 8<<20)
	source := rand.NewChaCha8([32]byte{1})
	source.Read(file[:6<<20]) // the rest is zeros, as free pages are
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		search(b, bytes.NewReader(file), n)
	}
}
