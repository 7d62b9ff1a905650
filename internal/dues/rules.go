package dues

import (
	"cmp"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
)

// Settled is how much less is owed by everything entered on the charge.
func (l *Line) Settled() (sum int64) {
	for i := range l.Entries {
		sum += l.Entries[i].Amount
	}
	return sum
}

// Open is what is still owed; negative where too much was paid.
func (l *Line) Open() int64 { return l.Amount - l.Settled() }

// Cash is the money that came and stays, what was carried to or from the charge
// among it: the most that can be paid back.
func (l *Line) Cash() (sum int64) {
	for i := range l.Entries {
		e := &l.Entries[i]
		if of := l.entry(e.Of); e.Kind == WrittenOff || e.Kind == Countered && of != nil && of.Kind == WrittenOff {
			continue
		}
		sum += e.Amount
	}
	return sum
}

// entry finds an entry on the charge; nil for none.
func (l *Line) entry(number int64) *Entry {
	at := slices.IndexFunc(l.Entries, func(e Entry) bool { return e.Number == number })
	if number == 0 || at < 0 {
		return nil
	}
	return &l.Entries[at]
}

// Counterable reports whether an entry can be taken back: once, and neither a
// counter-entry nor what was carried between charges.
func (l *Line) Counterable(number int64) bool {
	e := l.entry(number)
	if e == nil || e.Kind == Countered || e.Kind == Carried {
		return false
	}
	if slices.ContainsFunc(l.Entries, func(other Entry) bool { return other.Of == number }) {
		return false
	}
	return e.Kind != Paid || l.Cash()-e.Amount >= 0 // money already paid back or carried on cannot be taken back too
}

// State is how a charge stands on a day.
type State string

const (
	Settled State = "settled" // nothing is owed
	Over    State = "over"    // too much was paid
	Partly  State = "partly"  // some of it was paid
	Owed    State = "owed"    // not due yet
	Late    State = "late"    // due, and not paid in full
)

// StateOn says how the charge stands on a day.
func (l *Line) StateOn(today civil.Date) State {
	switch open := l.Open(); {
	case open == 0:
		return Settled
	case open < 0:
		return Over
	case l.Due.Before(today):
		return Late
	case open < l.Amount:
		return Partly
	}
	return Owed
}

// carry is money that moves from a charge with too much on it to one that is owed.
type carry struct {
	from, to uint64
	amount   int64
}

// carries uses what was paid too much for the oldest charges of the same
// collector that are owed. It moves money and makes none.
func carries(lines []Line) (moves []carry) {
	open := make([]int64, len(lines))
	order := make([]int, len(lines))
	for i := range lines {
		open[i], order[i] = lines[i].Open(), i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(lines[a].Year, lines[b].Year) })
	for _, from := range order {
		for _, to := range order {
			if open[from] >= 0 {
				break
			}
			if open[to] <= 0 || lines[to].Unit != lines[from].Unit {
				continue
			}
			amount := min(-open[from], open[to])
			open[from], open[to] = open[from]+amount, open[to]-amount
			moves = append(moves, carry{lines[from].ID, lines[to].ID, amount})
		}
	}
	return moves
}

// partOf is what somebody pays who joined during the year: for the months left,
// that of joining included, in whole kroner.
func partOf(c *charter.Charter, amount int64, joined civil.Date, year int) int64 {
	begins := c.AccountingYearBegins(year)
	months := int64((joined.Year-begins.Year)*12 + int(joined.Month-begins.Month))
	if joined.IsZero() || months <= 0 {
		return amount
	}
	left := max(12-months, 0)
	return (amount*left/12 + 50) / 100 * 100
}

// nextNotice is what is to be sent about a charge on a day: the bill where none
// was sent, then reminders as the charter has them; false for nothing now.
func (l *Line) nextNotice(d *charter.Dues, today civil.Date) (level int, ok bool) {
	if l.Open() <= 0 {
		return 0, false
	}
	last, sent := civil.Date{}, -1
	for _, n := range l.Notices {
		if n.Level > sent {
			last, sent = n.On, n.Level
		}
	}
	switch {
	case sent < 0:
		return 0, true
	case sent >= d.Reminders.Value:
		return 0, false
	case sent == 0:
		from := l.Due.AddDays(d.ReminderDays.Value)
		if least := last.AddDays(d.AgainDays.Value); from.Before(least) && last.After(l.Due) { // billed late: time to pay all the same
			from = least
		}
		return 1, !today.Before(from)
	}
	return sent + 1, !today.Before(last.AddDays(d.AgainDays.Value))
}

// proposable reports whether patience has ended on a day: closing may be proposed.
func (l *Line) proposable(d *charter.Dues, today civil.Date) bool {
	return l.Open() > 0 && !today.Before(charter.MonthsAfter(l.Due, d.ProposeMonths.Value))
}

// collector is the body that collects from the members of another.
func collector(d *charter.Dues, root, body unit.ID) unit.ID {
	if d.Collects == charter.CollectsRoot {
		return root
	}
	return body
}
