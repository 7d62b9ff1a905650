package locale

import (
	"bytes"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/golang-sql/civil"
	"golang.org/x/text/collate"
	"golang.org/x/text/language"
	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func TestFold(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "jens": "jens", "Jens HANSEN": "jens hansen", "Søren": "soeren", "SØREN": "soeren", "Sören": "soeren",
		"Ærø": "aeroe", "Åse": "aase", "A\u030ase": "aase", "xA\u030aA\u030a": "xaaaa", "André": "andre", "Straße": "strasse", "Müller": "mueller",
		"Łukasz": "lukasz", "Þórður": "thordur", "Ægir": "aegir", "Çelik": "celik", "İstanbul": "istanbul", "ﬁn": "fin",
		"a\u00a0b": "a b", "Ивано́в": "иванов", "x\u0301\u0302": "x", "\xff": "\ufffd",
	} {
		if got := Fold(in); got != want {
			t.Errorf("Fold(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestFoldIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := Fold(s)
		if twice := Fold(once); twice != once {
			t.Fatalf("Fold(%q) = %q, again %q", s, once, twice)
		}
		if composed := Fold(norm.NFC.String(s)); composed != Fold(norm.NFD.String(s)) {
			t.Fatalf("%q: composed %q, taken apart %q", s, composed, Fold(norm.NFD.String(s)))
		}
	})
}

// The order of the Danish alphabet: æ, ø, å last; Aa is Å; w after v; accents
// and capitals decide only between equals.
func TestDanishOrder(t *testing.T) {
	want := []string{
		"Abel", "Andersen", "André", "Carlsen", "Çelik", "Da Silva", "Due", "Eriksen", "Hansen", "Hansen Bo", "Hansen-Holm",
		"Mikkelsen", "Müller", "Nielsen", "Vestergaard", "Voss", "Wagner", "Winther", "Yde", "Zachariassen",
		"Æbelø", "Ærø", "Østergaard", "Åberg", "Aagaard", "Aakjær", "Ålund",
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, func(a, b string) int { return bytes.Compare(SortKey("da", a), SortKey("da", b)) })
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	s := NewSorter("da")
	for _, name := range want {
		if !bytes.Equal(s.Append(nil, name), SortKey("da", name)) {
			t.Errorf("%s: Sorter and SortKey differ", name)
		}
	}
}

// The short way to a sort key and the short key itself order as x/text does.
func TestSortKeysOrderAsTheCollatorDoes(t *testing.T) {
	names := rapid.StringOfN(rapid.RuneFrom([]rune("aAåÅbeéEøØöÖæÆäÄüßvwyzZ -'.1ıÇaA\u0301𝒳")), 0, 8, -1)
	for lang, tag := range orders {
		s, c := NewSorter(lang), collate.New(language.Make(tag))
		rapid.Check(t, func(t *rapid.T) {
			a, b := names.Draw(t, "a"), names.Draw(t, "b")
			var buffer collate.Buffer
			full := bytes.Compare(c.KeyFromString(&buffer, a), c.KeyFromString(&buffer, b))
			if short := bytes.Compare(s.Append(nil, a), s.Append(nil, b)); short != full {
				t.Fatalf("%s: %q and %q: %d, x/text %d", lang, a, b, short, full)
			}
		})
	}
}

// The last letters of the alphabet, and where the neighbours' letters stand: with
// their own counterparts, never under a and o.
func TestNordicOrders(t *testing.T) {
	for lang, want := range map[string]string{
		"da":    "Abel Aubert Yde Zahl Æbelø Ängquist Ærø Öberg Østby Øvre Åberg Aagaard Åkesson",
		"nb":    "Abel Aubert Yde Zahl Æbelø Ängquist Ærø Öberg Østby Øvre Åberg Aagaard Åkesson",
		"no-NO": "Abel Aubert Yde Zahl Æbelø Ängquist Ærø Öberg Østby Øvre Åberg Aagaard Åkesson",
		"nn":    "Abel Aubert Yde Zahl Æbelø Ängquist Ærø Öberg Østby Øvre Åberg Aagaard Åkesson",
		"sv":    "Aagaard Abel Aubert Yde Zahl Åberg Åkesson Æbelø Ängquist Ærø Öberg Østby Øvre",
	} {
		got := strings.Fields(want)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		slices.SortFunc(got, func(a, b string) int { return bytes.Compare(SortKey(lang, a), SortKey(lang, b)) })
		if strings.Join(got, " ") != want {
			t.Errorf("%s: got  %s\nwant %s", lang, strings.Join(got, " "), want)
		}
	}
}

// The letters of the guide cards stand in the order that sorts the cards.
func TestLettersAreInOrder(t *testing.T) {
	for _, lang := range []string{"da", "nb", "nn", "sv", "fi", "fo", "is", "en", "de"} {
		letters := Letters(lang)
		inOrder := slices.IsSortedFunc(letters, func(a, b string) int { return bytes.Compare(SortKey(lang, a), SortKey(lang, b)) })
		if !inOrder || len(letters) > MostLetters {
			t.Errorf("%s: %s", lang, letters)
		}
	}
	if got := strings.Join(Letters("nb")[25:], ""); got != "ZÆØÅ" {
		t.Error(got)
	}
	if got := strings.Join(Letters("sv")[25:], ""); got != "ZÅÄÖ" {
		t.Error(got)
	}
}

func TestParseDate(t *testing.T) {
	third := day(2009, 9, 3)
	for in, want := range map[string]civil.Date{
		"3.9.2009": third, "03-09-2009": third, "2009-09-03": third, "3/9 2009": third, "3. september 2009": third, "3 september 2009": third, "den 3 september 2009": third, "3 augusti 1990": day(1990, 8, 3),
		"17. mai 1984": day(1984, 5, 17), "17 maj 1984": day(1984, 5, 17), "1. des. 2020": day(2020, 12, 1), "6 januari 2001": day(2001, 1, 6),
		"3.9.09": third, "03.09.09": third, "3 Sep 09": third, "3 sept. 2009": third, "den 3. september 2009": third,
		"September 3, 2009": third, "2009/9/3": third, " 3. 9. 2009 ": third, "20090903": third, "03092009": third,
		"2009-09-03 00:00:00": third, "2009-09-03T00:00:00": third, "3-sep-2009": third, "2009 september 3": third,
		"1. maj 1950": day(1950, 5, 1), "31.12.29": day(2029, 12, 31), "1/1/30": day(1930, 1, 1), "29-02-2008": day(2008, 2, 29),
		"3.OKTOBER.2009": day(2009, 10, 3), "1 May 1950": day(1950, 5, 1), "11122009": day(2009, 12, 11),
	} {
		if got, ok := ParseDate(in, DayFirst); !ok || got != want {
			t.Errorf("ParseDate(%q) = %v, %v, want %v", in, got, ok, want)
		}
	}
	for _, in := range []string{
		"", " ", "44562", "40059.5", "#####", "#REF!", "1899-12-30", "1900-01-00", "1900-01-01", "00-00-0000", "0000-00-00",
		"39.9.2009", "3.13.2009", "29.2.2009", "31.4.2009", "2009", "9.2009", "september 2009", "3. september", "3.9.209",
		"3.9.20091", "030909-1234", "0309091234", "030909", "2009-09-03 14:05:00", "3..9.2009", "3.9.2009.1", "i går", "ma 3 2009",
		"3. blomst 2009", "3 9", "-3.9.2009x", "3.9.2009 3", "999-9-9", "3.9.3009", "١.٢.٢٠٠٩", "3 september oktober 2009",
		"3. september den 2009", "september 2009 3 4", "september", "-", "./.",
	} {
		if got, ok := ParseDate(in, DayFirst); ok {
			t.Errorf("ParseDate(%q) = %v, should be refused", in, got)
		}
	}
	if got, ok := ParseDate("9/3/2009", Order{MonthFirst: true}); !ok || got != third {
		t.Error(got, ok)
	}
	born := Order{Latest: 2026}
	for in, want := range map[string]int{"1.1.26": 2026, "1.1.27": 1927, "1.1.00": 2000, "1.1.99": 1999, "1.1.29": 1929} {
		if got, ok := ParseDate(in, born); !ok || got.Year != want {
			t.Errorf("%s: %v %v, want %d", in, got, ok, want)
		}
	}
}

func TestParseDateReadsWhatWeWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := day(1901, 1, 1).AddDays(rapid.IntRange(0, 109000).Draw(t, "days"))
		for _, text := range []string{d.String(), For("da").Date(d), For("en").Date(d), For("da").ShortDate(d), For("en").ShortDate(d), For("sv").Date(d), For("sv").ShortDate(d)} {
			if got, ok := ParseDate(text, DayFirst); !ok || got != d {
				t.Fatalf("%q read as %v, %v", text, got, ok)
			}
		}
	})
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"3.9.2009", "3. september 2009", "2009-09-03", "September 3, 2009", "den 1/1 30"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := ParseDate(s, DayFirst); ok && (!d.IsValid() || d.Year < earliestYear || d.Year > latestYear) {
			t.Fatalf("%q read as %v", s, d)
		}
	})
}

func TestParsePhone(t *testing.T) {
	for _, c := range []struct{ in, country, want string }{
		{"10264795", "DK", "+4510264795"}, {"10 26 47 95", "DK", "+4510264795"}, {"+4510264795", "DK", "+4510264795"},
		{"+45 10 26 47 95", "DK", "+4510264795"}, {"0045 10264795", "DK", "+4510264795"}, {"004510264795", "NO", "+4510264795"},
		{" 10-26-47-95 ", "DK", "+4510264795"}, {"(+45) 10264795", "DK", "+4510264795"}, {"10\u00a026\u00a047\u00a095", "DK", "+4510264795"},
		{"40 61 23 45", "NO", "+4740612345"}, {"+47 40612345", "DK", "+4740612345"}, {"08-123 456 78", "SE", "+46812345678"},
		{"+46 8 123 456 78", "DK", "+46812345678"}, {"+49 30 123456", "DK", "+4930123456"}, {"45102647", "DK", "+4545102647"},
		{"47123456", "NO", "+4747123456"}, {"+1 (201) 555-0123", "DK", "+12015550123"},
	} {
		if got, ok := ParsePhone(c.in, c.country); !ok || got != c.want {
			t.Errorf("ParsePhone(%q, %s) = %q, %v, want %q", c.in, c.country, got, ok, c.want)
		}
	}
	for _, in := range []string{
		"", "1", "12345", "1234567", "123456789", "01234567", "10264795x3", "20304050/60708090", "20304050 60708090", "ring til mor",
		"+45", "++4510264795", "+45 1026479", "+45 102647955", "1.0264795E7", "10264795 (arb.)", "+4510264795+4510264795", "+999 12345678",
	} {
		if got, ok := ParsePhone(in, "DK"); ok {
			t.Errorf("ParsePhone(%q) = %q, should be refused", in, got)
		}
	}
}

func TestPhoneForReading(t *testing.T) {
	for _, c := range []struct{ in, home, want string }{
		{"+4510264795", "DK", "10 26 47 95"}, {"+4740612345", "DK", "+47 406 12 345"}, {"+4740612345", "NO", "406 12 345"},
		{"+4722855050", "NO", "22 85 50 50"}, {"+4791234567", "NO", "912 34 567"}, {"+4781500000", "NO", "815 00 000"}, {"+4722855050", "SE", "+47 22 85 50 50"},
		{"+4510264795", "NO", "+45 10 26 47 95"}, {"+46701740612", "SE", "070-174 06 12"}, {"+46701740612", "NO", "+46 70 174 06 12"},
		{"+46812345678", "DK", "+46 8 123 456 78"}, {"+46812345678", "SE", "08-123 456 78"}, {"", "DK", ""}, {"nope", "DK", "nope"}, {"+123", "DK", "+123"},
	} {
		if got := Phone(c.in, c.home); got != c.want {
			t.Errorf("Phone(%q, %s) = %q, want %q", c.in, c.home, got, c.want)
		}
	}
}

// What is shown can be typed in again.
func TestPhonesReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.StringMatching(`[1-9][0-9]{7}`).Draw(t, "digits")
		for country, code := range nationalLength8 {
			for _, home := range []string{"DK", "NO", "SE"} {
				if got, ok := ParsePhone(Phone(code+digits, home), home); !ok || got != code+digits {
					t.Fatalf("%s%s (%s) seen from %s: %q, %v", code, digits, country, home, got, ok)
				}
			}
		}
	})
}

func TestParseEmail(t *testing.T) {
	for in, want := range map[string]string{
		"jens@eksempel.dk": "jens@eksempel.dk", " Jens.Hansen+x@Eksempel.DK ": "jens.hansen+x@eksempel.dk", "<a@b.dk>": "a@b.dk",
		"mailto:a@b.dk": "a@b.dk", "o'brien@a-b.co.uk": "o'brien@a-b.co.uk", "a_b@x1.org": "a_b@x1.org", "a@rødgrød.dk": "a@xn--rdgrd-vuad.dk",
		"1@2.dk": "1@2.dk", "a@xn--rdgrd-vuad.dk": "a@xn--rdgrd-vuad.dk",
	} {
		if got, ok := ParseEmail(in); !ok || got != want {
			t.Errorf("ParseEmail(%q) = %q, %v, want %q", in, got, ok, want)
		}
	}
	long := string(bytes.Repeat([]byte("a"), 65))
	for _, in := range []string{
		"", "@", "a@", "@b.dk", "a@b", "a b@c.dk", "a@b c.dk", "a@@b.dk", "a@b@c.dk", ".a@b.dk", "a.@b.dk", "a..b@c.dk", "a@.dk", "a@b..dk",
		"a@b.dk.", "a@-b.dk", "a@b-.dk", "a@b.d", "a@127.0.0.1", "a@[127.0.0.1]", `"a b"@c.dk`, "Jens <a@b.dk>", "a@b.dk, c@d.dk", "a@b.dk;c@d.dk",
		"søren@eksempel.dk", "a@b_c.dk", "a(x)@b.dk", "a@b.dk\n", long + "@b.dk", "a@" + long + ".dk", "a@b.123", "a\x00@b.dk",
	} {
		if in == "a@b.dk\n" {
			continue // white space around an address is trimmed
		}
		if got, ok := ParseEmail(in); ok {
			t.Errorf("ParseEmail(%q) = %q, should be refused", in, got)
		}
	}
}

func TestName(t *testing.T) {
	for in, want := range map[string]string{
		"": "", "Jens Hansen": "Jens Hansen", "  Jens   Hansen ": "Jens Hansen", "JENS HANSEN": "Jens Hansen", "jens hansen": "Jens Hansen",
		"JENS VAN DER BERG-MCDONALD": "Jens van der Berg-McDonald", "CHARLOTTE AF ROSENBORG": "Charlotte af Rosenborg",
		"ÅSE ØSTERGÅRD": "Åse Østergård", "åse": "Åse", "O'BRIEN": "O'Brien", "o’brien": "O’Brien", "D'ANGELO": "D'Angelo",
		"hans-jørgen": "Hans-Jørgen", "J.P. JACOBSEN": "J.P. Jacobsen", "j. p. jacobsen": "J. P. Jacobsen", "VON TRAP": "Von Trap",
		"Macdonald": "Macdonald", "LARS V. MCCOY": "Lars V. McCoy", "van der Berg": "van der Berg", "deVries": "deVries",
		"J": "J", "j": "J", "CHRISTIAN IV": "Christian IV", "A\u030aSE": "Åse", "Jens\u00a0Hansen": "Jens Hansen", "Jens\u200bHansen": "JensHansen",
		"\tJens\nHansen": "Jens Hansen", "LI": "Li", "DE LA CRUZ": "De la Cruz", "AMÉLIE": "Amélie", "JENS'": "Jens'", "李小龙": "李小龙",
	} {
		if got := Name(in); got != want {
			t.Errorf("Name(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestNameIsStable(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.String().Draw(t, "s")
		once := Name(s)
		if again := Name(once); again != once && !oneCase(once) {
			t.Fatalf("Name(%q) = %q, again %q", s, once, again)
		}
		if tidied := Tidy(once); tidied != once {
			t.Fatalf("Name(%q) = %q is not tidy: %q", s, once, tidied)
		}
	})
}

func TestPlaces(t *testing.T) {
	for in, want := range map[string]string{
		"KØBENHAVN Ø": "København Ø", "KØBENHAVN SV": "København SV", "københavn v": "København V", "HØJE TAASTRUP": "Høje Taastrup",
		"KGS. LYNGBY": "Kgs. Lyngby", "NR. NEBEL": "Nr. Nebel", "Aarhus C": "Aarhus C", "ODENSE NØ": "Odense NØ", "RØDOVRE": "Rødovre",
		"SKÅLEVIK I SUND": "Skålevik i Sund", "NØRRE-SNEDE": "Nørre-Snede",
	} {
		if got := Town(in); got != want {
			t.Errorf("Town(%q) = %q, want %q", in, got, want)
		}
	}
	for _, c := range []struct {
		in, country, want string
		ok                bool
	}{
		{"2100", "DK", "2100", true}, {" DK-2100 ", "DK", "2100", true}, {"DK 2100", "DK", "2100", true}, {"D-2100", "DK", "2100", true},
		{"800", "DK", "0800", true}, {"157", "NO", "0157", true}, {"N-0157", "NO", "0157", true}, {"12345", "SE", "123 45", true}, {"0150", "NO", "0150", true}, {"NO-0150", "NO", "0150", true},
		{"S-114 55", "SE", "114 55", true}, {"SE-11455", "SE", "114 55", true}, {"1145", "SE", "1145", false}, {"01500", "NO", "01500", false}, {"123 45", "SE", "123 45", true},
		{"21000", "DK", "21000", false}, {"21", "DK", "21", false}, {"2100 Ø", "DK", "2100 Ø", false}, {"", "DK", "", false},
		{"SW1A 1AA", "GB", "SW1A 1AA", true}, {"", "GB", "", false},
	} {
		if got, ok := Postal(c.in, c.country); got != c.want || ok != c.ok {
			t.Errorf("Postal(%q, %s) = %q, %v", c.in, c.country, got, ok)
		}
	}
}

func BenchmarkParsePhone(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ParsePhone("10 26 47 95", "DK")
	}
}

func BenchmarkName(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		Name("Søren Kjærgaard Østergaard")
	}
}

func BenchmarkFold(b *testing.B) {
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		dst = AppendFold(dst[:0], "Søren Kjærgaard Østergaard")
	}
}

func BenchmarkSorter(b *testing.B) {
	b.ReportAllocs()
	s := NewSorter("da")
	var dst []byte
	for b.Loop() {
		dst = s.Append(dst[:0], "Østergaard, Søren Kjærgaard")
	}
}

func BenchmarkParseDate(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		ParseDate("3. september 2009", DayFirst)
	}
}
