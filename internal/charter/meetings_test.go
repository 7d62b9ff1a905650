package charter_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/charter"
)

// The season of the ordinary meeting is the one that is not over, whatever the day;
// it is as long as its months and belongs to the charter's.
func TestSeasonOfTheGeneralMeeting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		first, length := rapid.IntRange(1, 12).Draw(t, "first"), rapid.IntRange(1, 11).Draw(t, "length")
		var m charter.Meetings
		for i := range length {
			m.Months = append(m.Months, (first+i-1)%12+1)
		}
		today := civil.Date{Year: 2026, Month: 1, Day: 1}.AddDays(rapid.IntRange(0, 2000).Draw(t, "day"))
		from, to, said := m.Season(today)
		switch {
		case !said:
			t.Fatal("no season")
		case to.Before(today) || to.DaysSince(from) > 31*length || to.DaysSince(from) < 27*length:
			t.Fatalf("%v: from %s to %s", m.Months, from, to)
		case int(from.Month) != first || from.Day != 1 || to.AddDays(1).Day != 1 || int(to.Month) != m.Months[length-1]:
			t.Fatalf("%v: from %s to %s", m.Months, from, to)
		case from.After(today) && from.DaysSince(today) > 366:
			t.Fatalf("the season of %s is a year away: %s", today, from)
		}
	})
	if _, _, said := new(charter.Meetings).Season(civil.Date{Year: 2026, Month: 1, Day: 1}); said {
		t.Error("a season that no charter speaks of")
	}
}

// A charter that says nothing of meetings has them where there are members, and the
// electoral roll has its purpose all the same, with no way to reach anybody on it.
func TestL5ElectoralRollHasItsBasis(t *testing.T) {
	for _, name := range charter.Shipped() {
		source, _, err := charter.Resolve(name)
		if err != nil {
			t.Fatal(err)
		}
		bare := source
		if from := strings.Index(string(source), "[meetings]"); from < 0 {
			t.Fatalf("%s says nothing of meetings", name)
		} else if to := strings.Index(string(source[from:]), "# ----"); to > 0 {
			bare = []byte(string(source[:from]) + string(source[from+to:]))
		}
		for _, text := range [][]byte{source, bare} {
			c, err := charter.Parse(text, name)
			if err != nil {
				t.Fatal(err)
			}
			p, known := c.Purpose(charter.ForRoll)
			if !known || !p.Statutory || p.Basis == "" || (p.Basis9 != "") != c.SpecialCategory || !p.Set.Has(c.FieldSet("number", "given", "family")) {
				t.Fatalf("%s: %+v", name, p)
			}
			if slices.ContainsFunc(p.Fields, func(code string) bool {
				return slices.Contains([]string{"address", "email", "phone", "mobile", "birth"}, code)
			}) {
				t.Errorf("%s: the roll reaches people: %v", name, p.Fields)
			}
			if len(c.Meetings.Levels) == 0 || c.Meetings.Caller() == 0 {
				t.Errorf("%s: no meetings", name)
			}
			if _, _, said := c.Meetings.Season(civil.Date{Year: 2027, Month: 1, Day: 2}); said != (len(text) == len(source)) {
				t.Errorf("%s: a season: %v", name, said)
			}
		}
	}
}
