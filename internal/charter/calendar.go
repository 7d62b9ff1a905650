package charter

import (
	"time"

	"github.com/golang-sql/civil"
)

// ListDaysFor gives how many days a list for the purpose may live: the
// charter's limit, or the purpose's own where that is sooner (D12: "at the
// latest, sooner when the purpose ends").
func (c *Charter) ListDaysFor(p *Purpose) int {
	if p != nil && p.Days > 0 && p.Days < c.ListDays {
		return p.Days
	}
	return c.ListDays
}

// DestroyBy gives the last day a list pulled at that moment may exist (D12).
func (c *Charter) DestroyBy(p *Purpose, pulled time.Time) civil.Date {
	return c.Today(pulled).AddDays(c.ListDaysFor(p))
}

// WindowAfter gives the days from closing to erasure: the charter's window, or
// 0 when a second person has confirmed the closing and that may end it (D7).
func (c *Charter) WindowAfter(secondPair bool) int {
	if secondPair && c.SecondPairEndsWindow {
		return 0
	}
	return c.Window
}

// EraseAt gives the moment from which a membership closed then may be erased:
// the window's days later at the same clock time, at once without a window.
func (c *Charter) EraseAt(closed time.Time, secondPair bool) time.Time {
	days := c.WindowAfter(secondPair)
	return closed.In(c.zone).AddDate(0, 0, days).In(closed.Location())
}

// WindowFor gives the days from closing to erasure of whoever leaves for a reason.
func (c *Charter) WindowFor(reason string) int {
	if because, known := c.Reason(reason); known && because.WindowDays > 0 {
		return because.WindowDays
	}
	return c.Window
}

// EraseAtFor is EraseAt of a closing for a reason, without a second pair of eyes.
func (c *Charter) EraseAtFor(reason string, closed time.Time) time.Time {
	return closed.In(c.zone).AddDate(0, 0, c.WindowFor(reason)).In(closed.Location())
}

// Midnight gives the moment a civil date begins in the charter's time zone.
func (c *Charter) Midnight(d civil.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, c.zone)
}

// OldEnough reports whether a person born that day has reached the charter's
// minimum age on the day asked about (N9); unknown birth dates count as old enough.
func (c *Charter) OldEnough(birth, on civil.Date) bool {
	if !birth.IsValid() {
		return true
	}
	return !civil.DateOf(time.Date(birth.Year+c.MinimumAge, birth.Month, birth.Day, 0, 0, 0, 0, time.UTC)).After(on)
}
