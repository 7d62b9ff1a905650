package charter

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/golang-sql/civil"
)

func day(t testing.TB, text string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func moment(t testing.TB, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func TestD12DestroyBy(t *testing.T) {
	c := load(t, "party-dk")
	pulled := moment(t, "2026-11-23T09:42:00Z")
	for code, want := range map[string]string{
		"meeting-notice": "2026-12-23", "newsletter": "2026-11-30", "administration": "2026-12-07",
	} {
		p, _ := c.Purpose(code)
		if got := c.DestroyBy(p, pulled); got != day(t, want) {
			t.Errorf("%s: destroy by %v, want %s", code, got, want)
		}
	}
	if got := c.DestroyBy(nil, pulled); got != day(t, "2026-12-23") {
		t.Errorf("without a purpose: %v", got)
	}
}

// A day is a day in the charter's zone: shortly before midnight in London it
// is tomorrow in Copenhagen.
func TestTodayIsCivil(t *testing.T) {
	c := load(t, "party-dk")
	if got := c.Today(moment(t, "2026-11-23T23:30:00Z")); got != day(t, "2026-11-24") {
		t.Errorf("winter: %v", got)
	}
	if got := c.Today(moment(t, "2026-07-01T21:59:59Z")); got != day(t, "2026-07-01") {
		t.Errorf("summer: %v", got)
	}
	if got, want := c.Midnight(day(t, "2026-03-29")), moment(t, "2026-03-28T23:00:00Z"); !got.Equal(want) {
		t.Errorf("midnight is %v, want %v", got, want)
	}
}

func TestD7Window(t *testing.T) {
	c := load(t, "party-dk")
	closed := moment(t, "2026-10-23T10:00:00Z") // 12 o'clock; the clocks change within the window
	if got, want := c.EraseAt(closed, false), moment(t, "2026-10-26T11:00:00Z"); !got.Equal(want) {
		t.Errorf("erased at %v, want %v: the same time of day", got, want)
	}
	if got := c.EraseAt(closed, true); !got.Equal(closed) {
		t.Errorf("a second pair of eyes ends the window at once, not at %v", got)
	}
	alone := *c
	alone.SecondPairEndsWindow = false
	if alone.WindowAfter(true) != 3 {
		t.Error("a second pair ends a window that no second pair may end")
	}
}

func TestL7BookkeepingYears(t *testing.T) {
	for name, facts := range map[string]map[string]string{
		"party-dk": {"2026-01-01": "2031-12-31", "2026-12-31": "2031-12-31", "2027-01-01": "2032-12-31"},
		"club-no":  {"2026-09-30": "2031-09-30", "2026-10-01": "2032-09-30"},
	} {
		c := load(t, name)
		for fact, want := range facts {
			if got := c.KeptUntil(c.Law(""), day(t, fact), 0); got != day(t, want) {
				t.Errorf("%s: %s is kept until %v, want %s", name, fact, got, want)
			}
		}
	}
}

func TestN9MinimumAge(t *testing.T) {
	c := load(t, "party-dk") // 15
	for birth, want := range map[string]bool{"2011-11-23": true, "2011-11-24": false, "1958-05-14": true, "2020-02-29": false} {
		if got := c.OldEnough(day(t, birth), day(t, "2026-11-23")); got != want {
			t.Errorf("born %s: %v", birth, got)
		}
	}
	if !c.OldEnough(civil.Date{}, day(t, "2026-11-23")) {
		t.Error("an unknown date of birth refuses a member")
	}
}

func TestActs(t *testing.T) {
	for i, code := range actCodes {
		act, ok := ParseAct(code)
		if !ok || act != 1<<i || act.String() != code {
			t.Errorf("%s is %v", code, act)
		}
	}
	if Units.String() != "units" || Search.String() != "search" || PassOn.String() != "pass-on" || AllActs.Codes()[12] != "units" || Hold.String() != "hold" || len(AllActs.Codes()) != len(actCodes) {
		t.Error("acts and their names are out of step")
	}
	both := Search | View
	if !both.Has(Search) || !both.Has(both) || both.Has(Edit) || both.Has(Search|Edit) {
		t.Error("Has is wrong")
	}
	if AllActs.Has(0) {
		t.Error("no act at all is allowed")
	}
	if both.String() != "search+view" || Acts(0).String() != "" {
		t.Errorf("%q, %q", both, Acts(0))
	}
	if _, ok := ParseAct(""); ok {
		t.Error("an empty word is an act")
	}
}

func TestFieldSets(t *testing.T) {
	c := load(t, "party-dk")
	set := c.FieldSet("email", "given", "nonsense")
	var codes []string
	for i := range c.Fields {
		if set.Has(c.Fields[i].Bit) {
			codes = append(codes, c.Fields[i].Code)
		}
	}
	if !slices.Equal(codes, []string{"given", "email"}) {
		t.Errorf("%v", codes)
	}
	if set.Has(c.FieldSet("birth")) || !set.Has(c.FieldSet("email")) || set.Has(0) {
		t.Error("Has is wrong")
	}
}

func TestWords(t *testing.T) {
	w := Words{"da": "dansk", "en": "English"}
	for lang, want := range map[string]string{"da": "dansk", "en": "English", "nb": "dansk", "sv": "dansk", "fi": "English"} {
		if got := w.In(lang); got != want {
			t.Errorf("%s: %q", lang, got)
		}
	}
	if got := (Words{"sv": "svenska", "fi": "suomi"}).In("kl"); got != "suomi" {
		t.Errorf("%q", got)
	}
	if Words(nil).In("da") != "" {
		t.Error("words out of nothing")
	}
}

func TestLoadFromFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "own.toml")
	if err := os.WriteFile(path, []byte(small(t)), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load(path)
	if err != nil || c.Code != "small" || c.NumberFirst != 1 || c.Lang() != "da" {
		t.Errorf("%v %v", c, err)
	}
	if _, err := Load(path + "x"); err == nil {
		t.Error("a file that is not there was read")
	}
}

// The look-ups a decision makes do not allocate.
func TestLookupsDoNotAllocate(t *testing.T) {
	c := load(t, "party-dk")
	if n := testing.AllocsPerRun(100, func() {
		post, _ := c.Post("treasurer")
		purpose, _ := c.Purpose("audit")
		if !post.Acts.Has(View) || purpose.Set == 0 || View.String() != "view" {
			t.Fatal("wrong")
		}
	}); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
