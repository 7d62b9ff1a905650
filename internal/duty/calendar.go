package duty

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/golang-sql/civil"
)

// Event is one day in a calendar. It must tell of nobody, and not of what the
// association is: calendars are shared, and lie on telephones (L1).
type Event struct {
	UID   string // the same each time the calendar is made
	On    civil.Date
	Title string
	Done  bool
}

// Calendar writes events as an iCalendar (RFC 5545): whole days that take nobody's time.
func Calendar(w io.Writer, name, lang string, made time.Time, events []Event) error {
	c := calendar{w: w}
	c.line("BEGIN:VCALENDAR")
	c.line("VERSION:2.0")
	c.line("PRODID:-//Kartotek//" + strings.ToUpper(lang))
	c.line("CALSCALE:GREGORIAN")
	c.line("METHOD:PUBLISH")
	c.line("X-WR-CALNAME:" + escaped(name))
	for _, e := range events {
		c.line("BEGIN:VEVENT")
		c.line("UID:" + escaped(e.UID))
		c.line("DTSTAMP:" + made.UTC().Format("20060102T150405Z"))
		c.line("DTSTART;VALUE=DATE:" + basic(e.On))
		c.line("DTEND;VALUE=DATE:" + basic(e.On.AddDays(1))) // the day after, which is no longer part of it
		c.line("SUMMARY;LANGUAGE=" + lang + ":" + escaped(e.Title))
		c.line("TRANSP:TRANSPARENT")
		if e.Done {
			c.line("CATEGORIES:DONE")
		}
		c.line("END:VEVENT")
	}
	c.line("END:VCALENDAR")
	return c.err
}

type calendar struct {
	w   io.Writer
	err error
}

// longestLine is how many bytes a line has at most, its end left out.
const longestLine = 75

// line writes a content line, folded between characters.
func (c *calendar) line(s string) {
	limit := longestLine
	for c.err == nil {
		if len(s) <= limit {
			_, c.err = io.WriteString(c.w, s+"\r\n")
			return
		}
		cut := limit
		for !utf8.RuneStart(s[cut]) {
			cut--
		}
		_, c.err = io.WriteString(c.w, s[:cut]+"\r\n ")
		s, limit = s[cut:], longestLine-1
	}
}

// escaped is a text as a value has it.
func escaped(s string) string {
	return strings.NewReplacer("\\", "\\\\", ";", "\\;", ",", "\\,", "\r\n", "\\n", "\n", "\\n", "\r", "").Replace(s)
}

func basic(d civil.Date) string { return fmt.Sprintf("%04d%02d%02d", d.Year, d.Month, d.Day) }
