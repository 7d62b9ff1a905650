package cli

import (
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
)

// day is a date as people type it on a command line.
type day struct{ civil.Date }

// UnmarshalText reads what ParseDate reads: 2026-11-22, 22.11.2026.
func (d *day) UnmarshalText(text []byte) error {
	var ok bool
	if d.Date, ok = locale.ParseDate(string(text), locale.DayFirst); !ok {
		return errors.New("not a date")
	}
	return nil
}

// isoDay is a date in an answer for programs; "" for none.
func isoDay(d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	return d.String()
}

// isoTime is an instant in an answer for programs; "" for none.
func isoTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// shortDay is a date in a table; "" for none.
func (d *desk) shortDay(on civil.Date) string {
	if on.IsZero() {
		return ""
	}
	return d.p.ShortDate(on)
}
