package member

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"

	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// everyone is a small register with the spellings people meet.
func everyone() *index {
	x := newIndex("da")
	x.put(
		subject{person: 1, given: "Søren", family: "Østergård", contact: contact{number: "1001", email: "soren@example.dk", phone: "+4510264795"}, belongs: in(1)},
		subject{person: 2, given: "Åse", family: "Aagaard", contact: contact{number: "1002", email: "aase.aagaard@gmail.com", mobile: "+4791234567"}, belongs: in(1, 2)},
		subject{person: 3, given: "Anne-Marie", family: "O’Brien", contact: contact{number: "2001", email: "am@hotmail.com"}, belongs: in(2)},
		subject{person: 4, given: "Hans Christian", family: "Christoffersen", contact: contact{number: "2002", email: "h.c.christoffersen@example.dk", phone: "+46701234567"}, belongs: in(2)},
		subject{person: 5, given: "Jörg", family: "Möller", contact: contact{number: "M-77"}},
		subject{person: 6, given: "Anna", family: "Møller", contact: contact{number: "2003", email: "anna2@example.dk"}, belongs: in(3)},
		subject{person: 7, given: "Иван", family: "Петров", contact: contact{number: "2004"}, belongs: in(3)},
	)
	return x
}

func found(x *index, w within, text string) []vault.PersonID {
	total, page := x.find(w, text, 0, 100)
	if total != len(page) {
		panic(fmt.Sprintf("%d found, %d on the page", total, len(page)))
	}
	slices.Sort(page)
	return page
}

func TestSearch(t *testing.T) {
	x := everyone()
	for text, want := range map[string][]vault.PersonID{
		"":                     {1, 2, 3, 4, 5, 6, 7},
		"  ":                   {1, 2, 3, 4, 5, 6, 7},
		"soren":                {1}, // the e-mail address
		"Søren":                {1},
		"soeren":               {1},
		"ØSTERGAARD sø":        {1},
		"østergård soeren":     {1},
		"s":                    {1},
		"å":                    {2},
		"aa":                   {2},
		"aa aa":                {2},
		"a":                    {2, 3, 6},
		"an":                   {3, 6},
		"marie":                {3},
		"anne-marie":           {3},
		"anne-m":               {3},
		"o'brien":              {3},
		"o’br":                 {3},
		"obrien anne":          {3},
		"christoffersen":       {4},
		"christofferson":       {},
		"christian christoff":  {4},
		"h.c":                  {4},
		"h.c.christoffersen@e": {4},
		"moeller":              {5, 6},
		"møller":               {5, 6},
		"jörg":                 {5},
		"joerg":                {5},
		"иван":                 {7},
		"петр":                 {7},
		"петя":                 {},
		"aase.aagaard@gmail.c": {2},
		"aase.aa":              {2},
		"@gmail":               {2},
		"@":                    {1, 2, 3, 4, 5, 6, 7},
		"hotmail.com":          {3},
		"@hotmail.com":         {3},
		"@hotmail.dk":          {},
		"anna2":                {6},
		"anna2@ex":             {6},
		"10 26":                {1},
		"10264795":             {1},
		"+45 10 26 47 95":      {1},
		"004510264795":         {1},
		"4510":                 {1},
		"912 34 567":           {2},
		"+47":                  {2},
		"(+47) 912":            {2},
		"0701234567":           {4},
		"070-123 45 67":        {4},
		"10":                   {1, 2},
		"1":                    {1, 2},
		"2":                    {3, 4, 6, 7},
		"200":                  {3, 4, 6, 7},
		"2001":                 {3},
		"20011":                {},
		"m-77":                 {5},
		"søren 1001":           {1},
		"søren 2001":           {},
		"anna jørg":            {},
		"x":                    {},
		"%":                    {1, 2, 3, 4, 5, 6, 7},
	} {
		if got := found(x, within{all: true}, text); !slices.Equal(got, want) {
			t.Errorf("%q found %v, want %v", text, got, want)
		}
	}
}

// D11: an association sees only its own members.
func TestD11SearchWithin(t *testing.T) {
	x := everyone()
	for _, c := range []struct {
		w    within
		text string
		want []vault.PersonID
	}{
		{within{}, "", nil},
		{within{units: roaring.New()}, "", nil},
		{within{units: roaring.BitmapOf(1)}, "", []vault.PersonID{1, 2}},
		{within{units: roaring.BitmapOf(2)}, "a", []vault.PersonID{2, 3}},
		{within{units: roaring.BitmapOf(2, 3)}, "a", []vault.PersonID{2, 3, 6}},
		{within{units: roaring.BitmapOf(99)}, "", nil},
		{within{self: 5}, "", []vault.PersonID{5}},
		{within{self: 5}, "anna", nil},
		{within{self: 5000}, "", nil},
	} {
		if got := found(x, c.w, c.text); !slices.Equal(got, c.want) {
			t.Errorf("%+v %q found %v, want %v", c.w, c.text, got, c.want)
		}
	}
}

func TestDanishOrder(t *testing.T) {
	x := newIndex("da")
	sorted := [][2]string{
		{"Bo", "Abel"}, {"Bo", "Bang"}, {"", "Cher"}, {"Ib", "Møller"}, {"Jan", "Möller"}, {"Kim", "Møller"},
		{"Bo", "Zahle"}, {"Bo", "Æbelø"}, {"Bo", "Ørsted"}, {"Bo", "Aagaard"}, {"Bo", "Ågård"}, {"Ib", "Ågård"},
	}
	for i, at := range rand.New(rand.NewPCG(1, 2)).Perm(len(sorted)) {
		x.put(subject{person: vault.PersonID(100 + at), given: sorted[at][0], family: sorted[at][1], contact: contact{number: fmt.Sprint(i)}})
	}
	_, page := x.find(within{all: true}, "", 0, 50)
	for i, person := range page {
		if person != vault.PersonID(100+i) {
			t.Fatalf("order %v", page)
		}
	}
	if total, page := x.find(within{all: true}, "", 5, 3); total != 12 || !slices.Equal(page, []vault.PersonID{105, 106, 107}) {
		t.Errorf("second page %d %v", total, page)
	}
	if _, page := x.find(within{all: true}, "", 12, 3); page != nil {
		t.Errorf("beyond the end: %v", page)
	}
	counts := x.letters(within{all: true})
	for letter, want := range map[string]int{"A": 1, "B": 1, "C": 1, "M": 3, "Z": 1, "Æ": 1, "Ø": 1, "Å": 3} {
		if got := counts[1+slices.Index(x.sorter.letters, letter)]; got != want {
			t.Errorf("%d under %s, want %d", got, letter, want)
		}
	}
}

// D7: at resignation the person leaves search and lists at once.
func TestD7Hide(t *testing.T) {
	x := everyone()
	x.hide(2, 500)
	if got := found(x, within{all: true}, "aa"); got != nil {
		t.Errorf("hidden, still found: %v", got)
	}
	x.put(subject{person: 2, given: "Åse", family: "Aagaard", contact: contact{number: "1002"}})
	if got := found(x, within{all: true}, "aa"); got != nil {
		t.Errorf("changed while hidden, found: %v", got)
	}
	x.show(2)
	if got := found(x, within{all: true}, "aa"); !slices.Equal(got, []vault.PersonID{2}) {
		t.Errorf("undone, not found: %v", got)
	}
}

// D7: an erased person leaves no byte in the index.
func TestD7RemoveLeavesNothing(t *testing.T) {
	x := everyone()
	before := x.bytesHeld()
	if !bytes.Contains(before, []byte("Christoffersen")) || !bytes.Contains(before, []byte("h.c.christoffersen@")) {
		t.Fatal("the test looks in the wrong place")
	}
	x.put(subject{person: 8, given: "Hans Christian", family: "Hansen", contact: contact{number: "9"}, belongs: in(2)})
	x.remove(4)
	held := x.bytesHeld()
	for _, gone := range []string{"Christoffersen", "christoffersen", "2002", "6701234567"} {
		if bytes.Contains(held, []byte(gone)) {
			t.Errorf("%s is still held", gone)
		}
	}
	if !bytes.Contains(held, []byte("Hans Christian")) {
		t.Error("a name that somebody else bears went too")
	}
	k, _, _ := wordKey(nameKey, "christoffersen")
	for _, b := range x.shelf.blocks {
		if slices.Contains(b.keys[:], k) {
			t.Error("the key is still on the shelf")
		}
	}
	for _, person := range []vault.PersonID{1, 2, 3, 5, 6, 7, 8} {
		x.remove(person)
	}
	if len(x.shelf.blocks)+len(x.short)+x.order.count+x.names.count+len(x.units) != 0 {
		t.Error("an empty index is not empty")
	}
	if left := bytes.Trim(x.bytesHeld(), "\x00"); len(left) != 0 {
		t.Errorf("bytes left: %q", left)
	}
}

// bytesHeld is every byte the index keeps texts in.
func (x *index) bytesHeld() []byte {
	var all []byte
	for _, a := range []*arena{&x.contacts, &x.names.texts} {
		for _, b := range a.blocks {
			all = append(all, b[:]...)
		}
	}
	return all
}

// The index against a model that looks at everybody, through random changes.
func TestIndexAgainstModel(t *testing.T) {
	given := []string{"Anna", "Anne Marie", "Bo", "Åse", "Søren", "Hans Peter", "Zoé", "Bartholomæus-Emanuel"}
	family := []string{"", "Jensen", "Aagaard", "Møller", "Ørsted", "Bo Hansen", "Christoffersen", "Christoffersson"}
	emails := []string{"", "anna@gmail.com", "bo.jensen@example.dk", "h@christoffersen.example.com", "anna.hansen@gmail.com"}
	phones := []string{"", "+4510264795", "+4510264796", "+4791234567", "+12025550123", "+35312345678"}
	texts := []string{
		"", "a", "aa", "an", "anna", "b", "bo", "bo j", "jens", "j", "christoffers", "christoffersen", "christofferss", "hansen anna",
		"@g", "gmail.com", "anna@g", "anna.h", "bo.jensen@ex", "10", "1026", "10264796", "+45", "4510", "0045 10", "912", "20", "1", "3", "35", "2025", "12", "z", "zoe",
		"bartholomaeus", "emanuel", "møl", "ør", "østerå", "hans peter", "x y",
	}
	rapid.Check(t, func(t *rapid.T) {
		x := newIndex("da")
		model := map[vault.PersonID]subject{}
		hidden := map[vault.PersonID]bool{}
		draw := func() subject {
			return subject{
				given: rapid.SampledFrom(given).Draw(t, "given"), family: rapid.SampledFrom(family).Draw(t, "family"),
				contact: contact{
					number: fmt.Sprint(rapid.IntRange(1, 3000).Draw(t, "number")), email: rapid.SampledFrom(emails).Draw(t, "email"),
					phone: rapid.SampledFrom(phones).Draw(t, "phone"), mobile: rapid.SampledFrom(phones).Draw(t, "mobile"),
				},
				belongs: in(slices.Compact(slices.Sorted(slices.Values(rapid.SliceOfN(rapid.Map(rapid.Uint32Range(1, 3), unitID), 0, 3).Draw(t, "units"))))...),
			}
		}
		if rapid.Bool().Draw(t, "built") {
			b := newBuilder(x)
			for person := vault.PersonID(1); person <= 20; person++ {
				s := draw()
				s.person = person
				model[person] = s
				b.add(&s)
			}
			b.finish()
		}
		for range rapid.IntRange(0, 60).Draw(t, "changes") {
			person := vault.PersonID(rapid.Uint32Range(1, 40).Draw(t, "person"))
			switch rapid.IntRange(0, 5).Draw(t, "act") {
			case 0:
				x.remove(person)
				delete(model, person)
				delete(hidden, person)
			case 1:
				x.hide(person)
				hidden[person] = true
			case 2:
				x.show(person)
				delete(hidden, person)
			default:
				s := draw()
				s.person = person
				x.put(s)
				model[person] = s
			}
		}
		for _, w := range []within{{all: true}, {units: roaring.BitmapOf(1)}, {units: roaring.BitmapOf(2, 3)}} {
			for _, text := range texts {
				var want []vault.PersonID
				for person, s := range model {
					if !hidden[person] && modelWithin(w, s) && modelMatches(s, text) {
						want = append(want, person)
					}
				}
				slices.SortFunc(want, x.compare)
				total, got := x.find(w, text, 0, 100)
				if total != len(want) || !slices.Equal(got, want) {
					t.Fatalf("%q: %d %v, want %v", text, total, got, want)
				}
			}
		}
	})
}

func modelWithin(w within, s subject) bool {
	return w.all || slices.ContainsFunc(s.belongs, func(b belonging) bool { return w.units.Contains(uint32(b.unit)) })
}

// modelMatches says plainly what a text finds; for the texts of the test.
func modelMatches(s subject, text string) bool {
	begins := func(prefix string, of ...string) bool {
		return slices.ContainsFunc(of, func(o string) bool { return o != "" && strings.HasPrefix(o, prefix) })
	}
	c := s.contact
	words := strings.FieldsFunc(locale.Fold(s.given+" "+s.family), func(r rune) bool { return r == ' ' || r == '-' })
	domain := c.email[strings.Index(c.email, "@")+1:]
	if digits := strings.NewReplacer(" ", "", "+", "").Replace(text); digits != "" && strings.Trim(digits, "0123456789") == "" {
		full := []string{strings.TrimPrefix(c.phone, "+"), strings.TrimPrefix(c.mobile, "+")}
		if strings.HasPrefix(text, "+") {
			return begins(digits, full...)
		}
		local := func(p string) string {
			for _, code := range []string{"+45", "+47", "+1", "+353"} {
				p = strings.TrimPrefix(p, code)
			}
			return p
		}
		return begins(digits, append(full, c.number, local(c.phone), local(c.mobile))...) ||
			strings.HasPrefix(digits, "00") && begins(digits[2:], full...)
	}
	for _, piece := range strings.Fields(locale.Fold(text)) {
		ok := false
		switch {
		case piece[0] == '@':
			ok = begins(piece[1:], domain)
		case strings.Contains(piece, "@"):
			ok = begins(piece, c.email)
		default:
			ok = begins(piece, c.email)
			if strings.Contains(piece, ".") {
				ok = ok || begins(piece, domain)
			}
			all := true
			for _, word := range strings.Split(piece, ".") {
				all = all && begins(word, append(words, c.email)...)
			}
			ok = ok || all
		}
		if !ok {
			return false
		}
	}
	return true
}

// Readers and a writer at the same time; the race detector watches.
func TestSearchWhileWriting(t *testing.T) {
	x := newIndex("da")
	var readers sync.WaitGroup
	done := make(chan struct{})
	for range 3 {
		readers.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
					x.find(within{all: true}, "anna b", 0, 20)
				}
			}
		})
	}
	for i := range vault.PersonID(3000) {
		x.put(subject{person: i%1500 + 1, given: "Anna", family: fmt.Sprint("B", i%700), contact: contact{number: fmt.Sprint(i)}, belongs: in(unit.ID(1 + i%9))})
		if i%7 == 0 {
			x.remove(i/2 + 1)
		}
	}
	close(done)
	readers.Wait()
}

func TestOrderManyInOnePlace(t *testing.T) {
	var o order
	cmp := func(a, b vault.PersonID) int { return int(int64(b) - int64(a)) } // each goes to the very front
	for i := vault.PersonID(1); i <= 5000; i++ {
		o.insert(i, cmp)
	}
	last := uint32(0)
	for _, b := range o.blocks {
		for _, person := range b.persons[:b.n] {
			if o.places[person] <= last {
				t.Fatalf("place %d after %d", o.places[person], last)
			}
			last = o.places[person]
		}
	}
}
