package charter

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/golang-sql/civil"
)

// Youth ends on the birthday, whatever the calendar does, and nobody fits an aged
// category whose birth date is unknown.
func TestYouthEndsOnABirthday(t *testing.T) {
	c := load(t, "party-dk")
	youth, _ := c.Category("youth")
	born := day(t, "1996-02-29")
	for on, want := range map[string]bool{"2011-02-28": false, "2011-03-01": true, "2027-02-28": true, "2027-03-01": false} {
		if got := youth.Fits(born, day(t, on)); got != want {
			t.Errorf("on %s: fits %v", on, got)
		}
	}
	if youth.Fits(civil.Date{}, day(t, "2026-01-01")) {
		t.Error("an unknown birth date fits an aged category")
	}
	for i := range c.Categories {
		if k := &c.Categories[i]; !k.Aged() && !k.Fits(civil.Date{}, day(t, "2026-01-01")) {
			t.Errorf("%s asks for an age", k.Code)
		}
	}
}

// Who fits an aged category fits it on a single stretch of days that ends the day
// EndsBy says.
func TestAgesAreOneStretch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := Category{FromAge: rapid.IntRange(0, 40).Draw(t, "from"), ToAge: rapid.IntRange(41, 90).Draw(t, "to")}
		born := civil.Date{Year: 1950, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 15000).Draw(t, "born"))
		on := born.AddDays(rapid.IntRange(0, 36000).Draw(t, "on"))
		age := on.Year - born.Year
		if on.Month < born.Month || on.Month == born.Month && on.Day < born.Day {
			age--
		}
		if born.Month == 2 && born.Day == 29 && on.Month == 2 && on.Day == 29 {
			age = on.Year - born.Year
		}
		if got, want := k.Fits(born, on), age >= k.FromAge && age <= k.ToAge; got != want {
			t.Fatalf("born %s, %d years on %s: fits %v", born, age, on, got)
		}
		if end := k.EndsBy(born); k.Fits(born, on) && !on.Before(end) {
			t.Fatalf("fits on %s after %s", on, end)
		}
	})
}

// Both shipped charters say what the kinds of membership mean, and a charter that
// says nothing of them stays as it was.
func TestShippedCategories(t *testing.T) {
	for _, name := range Shipped() {
		c := load(t, name)
		var leave, central, dual, passive, youth bool
		for i := range c.Categories {
			k := &c.Categories[i]
			leave, central, dual = leave || k.Leave, central || k.Central, dual || k.Dual
			passive, youth = passive || k.NoVote && k.Uncounted && k.NoPosts, youth || k.ToAge > 0
		}
		if !leave || !central || !dual || !passive || !youth {
			t.Errorf("%s: leave %v, central %v, dual %v, passive %v, youth %v", name, leave, central, dual, passive, youth)
		}
		if c.FirstCategory(false) != c.Categories[0].Code || c.FirstCategory(true) != "central" {
			t.Errorf("%s: first %q, of the association itself %q", name, c.FirstCategory(false), c.FirstCategory(true))
		}
	}
	old, err := Parse([]byte(small(t)), "small.toml")
	if err != nil {
		t.Fatal(err)
	}
	if k := old.CategoryOr("nothing"); k.Uncounted || k.NoVote || k.NoPosts || k.Aged() || old.FirstCategory(true) != k.Code {
		t.Errorf("%+v", k)
	}
}
