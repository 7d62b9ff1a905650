package dues

import (
	"testing"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
)

func day(t testing.TB, text string) civil.Date {
	t.Helper()
	d, err := civil.ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// L7: whatever is entered, the books add up: what is owed is what was charged less
// what came, went, was given up and was taken back; carrying makes no money; and
// money moves only within the books of one collector.
func TestL7LedgerAddsUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var lines []Line
		for year := 2020; year < 2020+rapid.IntRange(1, 4).Draw(t, "years"); year++ {
			for _, u := range []unit.ID{1, 7} {
				if rapid.Bool().Draw(t, "charged") {
					lines = append(lines, Line{ID: chargeID(u, year), Charge: Charge{Unit: u, Year: year, Amount: rapid.Int64Range(1, 500_00).Draw(t, "amount")}})
				}
			}
		}
		if len(lines) == 0 {
			return
		}
		next := int64(1)
		cash := int64(0)
		for range rapid.IntRange(1, 12).Draw(t, "acts") {
			l := &lines[rapid.IntRange(0, len(lines)-1).Draw(t, "line")]
			e := Entry{Number: next, Charge: l.ID}
			switch rapid.IntRange(0, 3).Draw(t, "act") {
			case 0:
				e.Kind, e.Amount = Paid, rapid.Int64Range(1, 800_00).Draw(t, "paid")
				cash += e.Amount
			case 1:
				if l.Cash() <= 0 {
					continue
				}
				e.Kind, e.Amount = Refunded, -rapid.Int64Range(1, l.Cash()).Draw(t, "back")
				cash += e.Amount
			case 2:
				if l.Open() <= 0 {
					continue
				}
				e.Kind, e.Amount = WrittenOff, rapid.Int64Range(1, l.Open()).Draw(t, "off")
			case 3:
				if len(l.Entries) == 0 {
					continue
				}
				of := l.Entries[rapid.IntRange(0, len(l.Entries)-1).Draw(t, "of")]
				if !l.Counterable(of.Number) {
					continue
				}
				e.Kind, e.Amount, e.Of = Countered, -of.Amount, of.Number
				if of.Kind != WrittenOff {
					cash += e.Amount
				}
			}
			next++
			l.Entries = append(l.Entries, e)
			if e.Of != 0 && l.Counterable(e.Of) {
				t.Fatal("countered twice")
			}
			for _, m := range carries(lines) {
				for _, side := range [2]Entry{{Charge: m.from, Amount: -m.amount}, {Charge: m.to, Amount: m.amount}} {
					side.Number, side.Kind = next, Carried
					next++
					for i := range lines {
						if lines[i].ID == side.Charge {
							lines[i].Entries = append(lines[i].Entries, side)
						}
					}
				}
			}
			checkBooks(t, lines, cash)
		}
	})
}

func checkBooks(t *rapid.T, lines []Line, cash int64) {
	var charged, settled, open, money int64
	carried := map[unit.ID]int64{}
	owes, over := map[unit.ID]bool{}, map[unit.ID]bool{}
	for i := range lines {
		l := &lines[i]
		charged, settled, open, money = charged+l.Amount, settled+l.Settled(), open+l.Open(), money+l.Cash()
		for _, e := range l.Entries {
			if e.Kind == Carried {
				carried[l.Unit] += e.Amount
			}
		}
		if l.Cash() < 0 {
			t.Fatalf("more went back than came: %d", l.Cash())
		}
		owes[l.Unit], over[l.Unit] = owes[l.Unit] || l.Open() > 0, over[l.Unit] || l.Open() < 0
	}
	if open != charged-settled || money != cash {
		t.Fatalf("charged %d, settled %d, open %d; cash %d, is %d", charged, settled, open, money, cash)
	}
	for u, sum := range carried {
		if sum != 0 {
			t.Fatalf("carrying made %d in the books of %d", sum, u)
		}
	}
	for u := range owes {
		if owes[u] && over[u] {
			t.Fatalf("%d owes and has too much at once", u)
		}
	}
}

// Whoever joins during the year pays for the months left, in whole kroner, never
// more than the rate, and less the later they join.
func TestPartOfTheYear(t *testing.T) {
	c, err := charter.Load("club-no") // the year runs from October to September
	if err != nil {
		t.Fatal(err)
	}
	for joined, want := range map[string]int64{
		"2019-01-01": 1200_00, "2025-10-31": 1200_00, "2025-11-01": 1100_00, "2026-03-15": 700_00, "2026-09-30": 100_00, "2026-10-01": 0,
	} {
		if got := partOf(c, 1200_00, day(t, joined), 2026); got != want {
			t.Errorf("joined %s: %d, want %d", joined, got, want)
		}
	}
	if got := partOf(c, 250_00, day(t, "2026-03-15"), 2026); got != 146_00 {
		t.Errorf("7 of 12 months of 250: %d", got)
	}
	if got := partOf(c, 250_00, civil.Date{}, 2026); got != 250_00 {
		t.Errorf("joined nobody knows when: %d", got)
	}
}

// A bill first; reminders by the charter's days, not before somebody had time to
// pay; no more than it has; and none to whoever has paid.
func TestWhatIsSentWhen(t *testing.T) {
	d := &charter.Dues{ReminderDays: charter.Number{Value: 14}, AgainDays: charter.Number{Value: 21}, Reminders: charter.Number{Value: 2}, ProposeMonths: charter.Number{Value: 4}}
	l := Line{Charge: Charge{Amount: 100, Due: day(t, "2026-03-01")}}
	sent := func(on string, want int) {
		t.Helper()
		level, ok := l.nextNotice(d, day(t, on))
		if !ok {
			level = -1
		}
		if level != want {
			t.Errorf("on %s: %d, want %d", on, level, want)
		}
	}
	sent("2026-02-01", 0)
	l.Notices = append(l.Notices, Notice{Level: 0, On: day(t, "2026-02-01")})
	sent("2026-03-01", -1)
	sent("2026-03-14", -1)
	sent("2026-03-15", 1)
	l.Notices = append(l.Notices, Notice{Level: 1, On: day(t, "2026-03-20")})
	sent("2026-04-09", -1)
	sent("2026-04-10", 2)
	l.Notices = append(l.Notices, Notice{Level: 2, On: day(t, "2026-04-10")})
	sent("2026-12-01", -1)
	if l.proposable(d, day(t, "2026-06-30")) || !l.proposable(d, day(t, "2026-07-01")) {
		t.Error("patience ends after four months")
	}
	l.Notices = []Notice{{Level: 0, On: day(t, "2026-03-10")}} // billed after it was due
	sent("2026-03-30", -1)
	sent("2026-03-31", 1)
	l.Entries = []Entry{{Number: 1, Kind: Paid, Amount: 100}}
	sent("2026-12-01", -1)
}
