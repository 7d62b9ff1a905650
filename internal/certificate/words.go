package certificate

import (
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/locale"
)

// What is signed holds days and moments as text, the same in every language; papers
// made from it say them in the reader's.

// Day says a day of signed contents; "" where there is none.
func Day(p *locale.Printer, text string) string {
	d, err := civil.ParseDate(text)
	if err != nil {
		return ""
	}
	return p.Date(d)
}

// Moment says a moment of signed contents in the zone they name, UTC where that is
// unknown; "" where there is none.
func Moment(p *locale.Printer, zone, text string) string {
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		return ""
	}
	place, err := time.LoadLocation(zone)
	if err != nil {
		place = time.UTC
	}
	return p.DateTime(at, place)
}
