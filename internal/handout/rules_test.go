package handout

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/charter"
	"kartotek/internal/vault"
)

var states = []State{Asked, Refused, TakenBack, Lapsed, Approved, Withdrawn, Expired, Fetched}

// The diagram in the package's comment and the table of transitions say the same.
func TestD13TheDiagramIsTheTable(t *testing.T) {
	source, err := os.ReadFile("handout.go")
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(string(source), "\npackage handout")
	for _, name := range []string{"Asked ─┬─► Approved ─┬─► Fetched", "├─► Refused   ├─► Withdrawn", "├─► TakenBack └─► Expired", "└─► Lapsed"} {
		if !strings.Contains(comment, name) {
			t.Errorf("the diagram lacks %q", name)
		}
	}
	drawn := map[State][]State{Asked: {Approved, Refused, TakenBack, Lapsed}, Approved: {Fetched, Withdrawn, Expired}}
	for _, from := range states {
		for _, to := range states {
			if got, want := from.may(to), slices.Contains(drawn[from], to); got != want {
				t.Errorf("%s to %s: %v, the diagram says %v", from, to, got, want)
			}
		}
	}
}

// Whatever a case has been through: it can be fetched only once it was approved, until
// its day and before the recipient is done, and again only after a download that broke
// off, for an hour and few times.
func TestD13FetchableOnlyOnce(t *testing.T) {
	now := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	today := civil.DateOf(now)
	rapid.Check(t, func(t *rapid.T) {
		c := Case{
			State:     rapid.SampledFrom(states).Draw(t, "state"),
			OpenUntil: today.AddDays(rapid.IntRange(-2, 2).Draw(t, "open")),
			FetchedAt: now.Add(-time.Duration(rapid.IntRange(0, 120).Draw(t, "minutes")) * time.Minute),
			Lists:     make([]int64, rapid.IntRange(0, 4).Draw(t, "lists")),
		}
		if until := rapid.IntRange(-3, 3).Draw(t, "until"); until != 0 {
			c.Wish.Until = today.AddDays(until)
		}
		broke := rapid.Bool().Draw(t, "broke")
		first := c.State == Approved && !c.OpenUntil.Before(today) && (c.Wish.Until.IsZero() || !c.Wish.Until.Before(today))
		again := c.State == Fetched && broke && now.Sub(c.FetchedAt) <= repeatFor && len(c.Lists) < mostLists
		if got := c.fetchable(today, now, broke) == nil; got != (first || again) {
			t.Fatalf("fetchable is %v for %+v", got, c)
		}
		if latest := today.AddDays(rapid.IntRange(1, 30).Draw(t, "days")); c.destroyBy(latest).After(latest) {
			t.Fatal("a list outlives what its purpose allows")
		}
	})
}

// What is written of a case and of a consent is read again.
func TestFormsReadWhatTheyWrite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := func(name string) string { return rapid.StringN(0, 20, 60).Draw(t, name) }
		moment := func(name string) (at time.Time) {
			if micros := rapid.Int64Range(0, 1<<50).Draw(t, name); micros > 0 {
				at = time.UnixMicro(micros).UTC()
			}
			return at
		}
		c := Case{
			Wish: Wish{
				As: text("as"), For: vault.PersonID(rapid.Uint32().Draw(t, "for")), Purpose: text("purpose"), Need: text("need"), Until: civil.Date{Year: 2026, Month: 11, Day: 22},
				To: Recipient{Name: text("name"), Email: text("email"), Function: text("function"), Outside: rapid.Bool().Draw(t, "outside")},
			},
			State: Approved, AskedAt: moment("asked"), Grounds: text("grounds"), Link: rapid.Uint64().Draw(t, "link"), Tries: 3,
			Lists: rapid.SliceOfN(rapid.Int64Range(1, 1<<40), 0, 3).Draw(t, "lists"), FetchedAt: moment("fetched"),
		}
		var got Case
		if err := decodeCase(encodeCase(nil, &c), &got); err != nil {
			t.Fatal(err)
		}
		if got.Wish != c.Wish || got.Grounds != c.Grounds || got.Link != c.Link || !slices.Equal(got.Lists, c.Lists) || !got.AskedAt.Equal(c.AskedAt) || !got.FetchedAt.Equal(c.FetchedAt) {
			t.Fatalf("%+v became %+v", c, got)
		}
	})
}

// A charter cannot say who is handed lists in a way that nobody could follow.
func TestD5TheCharterSaysWho(t *testing.T) {
	shipped, err := charter.Load("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	source := string(shipped.Source())
	for wrong, right := range map[string]string{
		`outside = "sometimes"`:    `outside = "case"`,
		`purposes = ["birthdays"]`: `purposes = ["invitation", "newsletter"]`,
		`code = "chair"`:           `code = "minister"`,
		`decides = "everything"`:   `decides = "edit"`,
		`purposes = []`:            `purposes = ["administration", "meeting-notice", "invitation", "newsletter"]`,
		"[handouts.open-days]\nx":  "[handouts.open-days]",
	} {
		if _, err := charter.Parse([]byte(strings.Replace(source, right, wrong, 1)), "edited"); err == nil {
			t.Errorf("%s was taken", wrong)
		}
	}
	club, err := charter.Load("club-no")
	if err != nil {
		t.Fatal(err)
	}
	if club.Requisitions() || !shipped.Requisitions() {
		t.Error("a district hands lists out, or a party does not")
	}
}

// Whatever is typed for a code, none is read that is not six digits.
func FuzzParseCode(f *testing.F) {
	for _, seed := range []string{"123456", " 123 456 ", "12345", "１２３４５６", "12345a", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, typed string) {
		code, ok := parseCode(typed)
		if ok && (len(code) != codeDigits || strings.Trim(code, "0123456789") != "") {
			t.Errorf("%q is a code", code)
		}
	})
}
