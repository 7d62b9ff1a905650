package departure

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/vault"
)

// The diagram in the package comment and the transition table say the same.
func TestTheDiagramIsTheTransitionTable(t *testing.T) {
	source, err := os.ReadFile("departure.go")
	if err != nil {
		t.Fatal(err)
	}
	comment, _, _ := strings.Cut(string(source), "\npackage departure")
	var drawn []transition
	add := func(from, to State) {
		if from == "(member)" {
			from = ""
		}
		if to == "(member)" {
			to = ""
		}
		drawn = append(drawn, transition{from, to})
	}
	lines := strings.Split(strings.ReplaceAll(comment, "//\t", ""), "\n")
	word := regexp.MustCompile(`\(member\)|\b(hidden|erasing|erased)\b`)
	column := func(line string, byteAt int) int { return len([]rune(line[:byteAt])) }
	type box struct {
		state    State
		from, to int // columns
		row      int
	}
	var boxes []box
	for row, line := range lines {
		if !strings.ContainsAny(line, "─▶") && !strings.HasSuffix(strings.TrimSpace(line), "erased") {
			continue
		}
		for _, at := range word.FindAllStringIndex(line, -1) {
			boxes = append(boxes, box{State(line[at[0]:at[1]]), column(line, at[0]), column(line, at[1]), row})
		}
	}
	at := func(row, col int) (rune, bool) {
		if row < 0 || row >= len(lines) {
			return 0, false
		}
		r := []rune(lines[row])
		return append(r, make([]rune, 200)...)[col], true
	}
	standing := func(row, col int) State {
		for _, b := range boxes {
			if b.row == row && col >= b.from && col < b.to {
				return b.state
			}
		}
		return "?"
	}
	for _, b := range boxes {
		// To the right, along ─ to ▶.
		if r, _ := at(b.row, b.to+1); r == '─' {
			end := b.to + 1
			for r, _ := at(b.row, end); r == '─'; r, _ = at(b.row, end) {
				end++
			}
			if r, _ := at(b.row, end); r == '▶' {
				add(b.state, standing(b.row, end+2))
			}
		}
		// Downwards along │, round a corner to the left, upwards to ▲; or down to ▼.
		for col := b.from; col < b.to; col++ {
			if r, _ := at(b.row+1, col); r != '│' {
				continue
			}
			row := b.row + 1
			for r, _ := at(row, col); r == '│'; r, _ = at(row, col) {
				row++
			}
			switch r, _ := at(row, col); r {
			case '▼':
				add(b.state, standing(row+1, col))
			case '┘':
				left := col - 1
				for r, _ := at(row, left); r == '─'; r, _ = at(row, left) {
					left--
				}
				up := row - 1
				for r, _ := at(up, left); r == '│'; r, _ = at(up, left) {
					up--
				}
				if r, _ := at(up, left); r == '▲' {
					add(b.state, standing(up-1, left))
				}
			}
		}
	}
	sorted := func(all []transition) []transition {
		all = slices.Clone(all)
		slices.SortFunc(all, func(a, b transition) int { return strings.Compare(string(a.from+">"+a.to), string(b.from+">"+b.to)) })
		return slices.Compact(all)
	}
	if got, want := sorted(drawn), sorted(transitions); !slices.Equal(got, want) {
		t.Errorf("drawn %q\ntable %q", got, want)
	}
}

func TestD7TheWindow(t *testing.T) {
	closed := time.Date(2026, time.November, 22, 11, 0, 0, 0, time.UTC)
	d := Departure{State: Hidden, ClosedAt: closed, DueAt: closed.AddDate(0, 0, 3)}
	for _, moment := range []struct {
		at       time.Time
		undoable bool
	}{{closed, true}, {d.DueAt.Add(-time.Microsecond), true}, {d.DueAt, false}, {d.DueAt.Add(time.Hour), false}} {
		if got := d.undoable(moment.at) == nil; got != moment.undoable || d.due(moment.at) == moment.undoable {
			t.Errorf("at %s: undoable %v, due %v", moment.at, got, d.due(moment.at))
		}
	}
	for _, state := range []State{Erasing, Erased} {
		d.State = state
		if err := d.undoable(closed); !fault.Is(err, fault.Gone) {
			t.Errorf("%s: %v", state, err)
		}
		if d.due(closed) != (state == Erasing) {
			t.Errorf("%s: due %v", state, d.due(closed))
		}
	}
}

// D7: the second pair of eyes is another's, and the charter may want none.
func TestD7TheSecondIsNotTheFirst(t *testing.T) {
	rules, err := charter.Load("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	alone := *rules
	alone.SecondPairEndsWindow = false
	d := Departure{Person: 7, ClosedBy: 2}
	for _, c := range []struct {
		by   uint32
		of   *charter.Charter
		want string
	}{{3, rules, ""}, {2, rules, "departure.error.second"}, {7, rules, "departure.error.second"}, {3, &alone, "departure.error.window"}} {
		if got := d.unconfirmable(c.of, vault.PersonID(c.by)); got != c.want {
			t.Errorf("by %d: %q, want %q", c.by, got, c.want)
		}
	}
}

func TestD6AResignationIsCheckedBeforeItIsPassedOn(t *testing.T) {
	today := civil.Date{Year: 2026, Month: time.November, Day: 22}
	for _, c := range []struct {
		how   string
		on    civil.Date
		field string
		key   string
	}{
		{"email", today, "", ""},
		{"self", today, "", ""},
		{"meeting", today.AddDays(-400), "", ""},
		{"rumour", today, "how", "departure.error.how"},
		{"", today, "how", "departure.error.how"},
		{"phone", today.AddDays(1), "on", "departure.error.on_future"},
		{"phone", civil.Date{}, "on", "departure.error.on_missing"},
		{"phone", civil.Date{Year: 2026, Month: 2, Day: 30}, "on", "departure.error.on_missing"},
	} {
		err := checkResignation(&Resignation{How: c.how, On: c.on}, today)
		if c.key == "" {
			if err != nil {
				t.Errorf("%q on %s: %v", c.how, c.on, err)
			}
			continue
		}
		if f := fault.From(err); f == nil || f.Code != fault.Invalid || len(f.Fields) != 1 || f.Fields[0].Name != c.field || f.Fields[0].Key != c.key {
			t.Errorf("%q on %s: %v", c.how, c.on, err)
		}
	}
}

func TestCertificateText(t *testing.T) {
	zone, err := time.LoadLocation("Europe/Copenhagen")
	if err != nil {
		t.Fatal(err)
	}
	c := Certificate{
		Number: newNumber(), Salt: drawn(),
		ClosedAt: time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC), ErasedAt: time.Date(2026, 11, 25, 11, 0, 1, 0, time.UTC),
		Gone:  []Gone{{"profile", 1}, {"membership", 2}},
		Lists: []Held{{317, civil.Date{Year: 2026, Month: 12, Day: 24}}},
	}
	for lang, wanted := range map[string][]string{
		"da": {"22.11.2026", "25.11.2026", "317", "24. december 2026"},
		"en": {"22 Nov 2026", "25 Nov 2026", "317", "24 December 2026"},
	} {
		text := c.Text(locale.For(lang), "Partiet", zone)
		for _, want := range append(wanted, c.Number, c.Salt, "Partiet", "12") {
			if !strings.Contains(text, want) {
				t.Errorf("%s: %q is missing in\n%s", lang, want, text)
			}
		}
		if strings.ContainsAny(text, "⟦⟧") || strings.Contains(text, "{{") || strings.Contains(text, "<no value>") {
			t.Errorf("%s: a message is missing in\n%s", lang, text)
		}
	}
	// Whatever it says is bound by the hash, and so is the salt.
	for name, change := range map[string]func(*Certificate){
		"number": func(c *Certificate) { c.Number = newNumber() },
		"salt":   func(c *Certificate) { c.Salt = drawn() },
		"closed": func(c *Certificate) { c.ClosedAt = c.ClosedAt.Add(time.Second) },
		"erased": func(c *Certificate) { c.ErasedAt = c.ErasedAt.Add(time.Second) },
		"gone":   func(c *Certificate) { c.Gone = []Gone{{"profile", 1}, {"membership", 1}} },
		"lists":  func(c *Certificate) { c.Lists = nil },
	} {
		changed := c
		change(&changed)
		if slices.Equal(changed.hash(), c.hash()) {
			t.Errorf("%s is not bound by the hash", name)
		}
	}
}
