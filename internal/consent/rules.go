package consent

import (
	"time"

	"github.com/golang-sql/civil"
)

// monthAfter is the day by which whoever's data came from elsewhere is told (Art.
// 14(3)(a)): a month later, or the month's last day where it is shorter.
func monthAfter(d civil.Date) civil.Date {
	first := civil.Date{Year: d.Year, Month: d.Month, Day: 1}
	next := civil.DateOf(first.In(time.UTC).AddDate(0, 1, 0))
	last := civil.DateOf(first.In(time.UTC).AddDate(0, 2, -1)).Day
	next.Day = min(d.Day, last)
	return next
}
