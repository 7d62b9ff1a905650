package locale

import (
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/golang-sql/civil"
	"golang.org/x/text/feature/plural"
)

// words are a language's calendar and numbers, looked up once.
type words struct {
	thousands   string
	decimal     string
	krone       string // behind an amount
	listLast    string // between the last two of a list
	months      [12]string
	monthsShort [12]string
	weekdays    [7]string // Sunday first, as time.Weekday counts
	date        []piece   // 3. september 2009
	shortDate   []piece   // 23.11.2026
	weekdayDate []piece   // torsdag den 3. september 2009
	clock       []piece   // 14.05
	dateTime    []piece   // 23.11.2026 kl. 14.05
}

// fill looks the words up in the printer's messages and tells what is missing.
func (w *words) fill(p *Printer) error {
	var errs []error
	text := func(key string) string {
		if p.find(key) == nil {
			errs = append(errs, fmt.Errorf("messages/%s: %s is missing", p.lang, key))
		}
		return p.T(key)
	}
	format := func(key string) []piece {
		if m := p.find(key); m != nil {
			return m.forms[plural.Other]
		}
		return []piece{{text: text(key)}}
	}
	w.thousands = text("locale.format.thousands")
	w.decimal = text("locale.format.decimal")
	w.krone = text("locale.format.krone")
	w.listLast = text("locale.list.last")
	for i := range w.months {
		n := strconv.Itoa(i + 1)
		w.months[i] = text("locale.month." + n)
		w.monthsShort[i] = text("locale.month_short." + n)
	}
	for i := range w.weekdays {
		n := strconv.Itoa((i+6)%7 + 1) // the messages count as ISO does, Monday 1
		w.weekdays[i] = text("locale.weekday." + n)
	}
	w.date = format("locale.format.date")
	w.shortDate = format("locale.format.short_date")
	w.weekdayDate = format("locale.format.weekday_date")
	w.clock = format("locale.format.time")
	w.dateTime = format("locale.format.date_time")
	return errors.Join(errs...)
}

// Date writes a date in full: "3. september 2009". The zero date is "".
func (p *Printer) Date(d civil.Date) string { return p.date(p.words.date, d) }

// ShortDate writes a date for tables: "23.11.2026", "23 Nov 2026".
func (p *Printer) ShortDate(d civil.Date) string { return p.date(p.words.shortDate, d) }

// WeekdayDate writes a date with its weekday: "torsdag den 3. september 2009".
func (p *Printer) WeekdayDate(d civil.Date) string { return p.date(p.words.weekdayDate, d) }

// Month returns a month's name; Month(13) is no month and returns "".
func (p *Printer) Month(m time.Month) string { return at(p.words.months[:], int(m)-1) }

// MonthShort returns a month's short name, "sep".
func (p *Printer) MonthShort(m time.Month) string { return at(p.words.monthsShort[:], int(m)-1) }

// Weekday returns a weekday's name, "torsdag".
func (p *Printer) Weekday(d time.Weekday) string { return at(p.words.weekdays[:], int(d)) }

// Time writes the time of day at a place: "14.05". A nil place is UTC.
func (p *Printer) Time(t time.Time, at *time.Location) string {
	return string(p.appendTime(nil, p.words.clock, t, at))
}

// DateTime writes a moment as it is called at a place: "23.11.2026 kl. 14.05",
// which never breaks after "kl.". A nil place is UTC; the zero moment is "".
func (p *Printer) DateTime(t time.Time, at *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return string(p.appendTime(nil, p.words.dateTime, t, at))
}

// Days writes how far a date lies from today: "i dag", "om 7 dage", "for 3 dage siden".
func (p *Printer) Days(d, today civil.Date) string {
	switch n := d.DaysSince(today); {
	case n == 0:
		return p.T("locale.days.today")
	case n == 1:
		return p.T("locale.days.tomorrow")
	case n == -1:
		return p.T("locale.days.yesterday")
	case n > 0:
		return p.T("locale.days.ahead", "count", n)
	default:
		return p.T("locale.days.ago", "count", -n)
	}
}

// Due writes how a deadline stands: "i dag", "om 7 dage", "3 dage over fristen".
func (p *Printer) Due(d, today civil.Date) string {
	if n := today.DaysSince(d); n > 0 {
		return p.T("locale.days.overdue", "count", n)
	}
	return p.Days(d, today)
}

func at(names []string, i int) string {
	if i < 0 || i >= len(names) {
		return ""
	}
	return names[i]
}

func (p *Printer) date(format []piece, d civil.Date) string {
	if d.IsZero() {
		return ""
	}
	var space [64]byte
	return string(p.appendDate(space[:0], format, d))
}

func (p *Printer) appendDate(dst []byte, format []piece, d civil.Date) []byte {
	for _, piece := range format {
		dst = append(dst, piece.text...)
		switch piece.arg {
		case "day":
			dst = strconv.AppendInt(dst, int64(d.Day), 10)
		case "dd":
			dst = twoDigits(dst, d.Day)
		case "mm":
			dst = twoDigits(dst, int(d.Month))
		case "month":
			dst = append(dst, p.Month(d.Month)...)
		case "mon":
			dst = append(dst, p.MonthShort(d.Month)...)
		case "year":
			dst = strconv.AppendInt(dst, int64(d.Year), 10)
		case "weekday":
			dst = append(dst, p.Weekday(d.In(time.UTC).Weekday())...)
		}
	}
	return dst
}

func (p *Printer) appendTime(dst []byte, format []piece, t time.Time, at *time.Location) []byte {
	if at == nil {
		at = time.UTC
	}
	t = t.In(at)
	for _, piece := range format {
		dst = append(dst, piece.text...)
		switch piece.arg {
		case "date":
			dst = p.appendDate(dst, p.words.shortDate, civil.DateOf(t))
		case "hour":
			dst = twoDigits(dst, t.Hour())
		case "minute":
			dst = twoDigits(dst, t.Minute())
		case "time":
			dst = p.appendTime(dst, p.words.clock, t, at)
		}
	}
	return dst
}

func twoDigits(dst []byte, n int) []byte {
	return append(dst, byte('0'+n/10%10), byte('0'+n%10))
}
