package backup

import (
	"errors"
	"fmt"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/fault"
)

// Schedule is when archives are written: so many times a day, the first at a
// time of day in the charter's zone.
type Schedule struct {
	Minute int // of the day
	Times  int // a day; at least 1
	Zone   *time.Location
}

// ParseSchedule reads "02:30" and how often a day.
func ParseSchedule(at string, times int, zone *time.Location) (Schedule, error) {
	var hour, minute int
	if _, err := fmt.Sscanf(at, "%d:%d", &hour, &minute); err != nil || hour < 0 || hour > 23 || minute < 0 || minute > 59 {
		return Schedule{}, fault.New(fault.Invalid, "backup.error.hour")
	}
	if times < 1 || times > 24 {
		return Schedule{}, fault.New(fault.Invalid, "backup.error.times")
	}
	return Schedule{hour*60 + minute, times, zone}, nil
}

// around gives the last moment of the schedule not after now, and the next.
func (s Schedule) around(now time.Time) (last, next time.Time) {
	local := now.In(s.Zone)
	for day := -1; day <= 1; day++ {
		for n := range s.Times {
			// A time of day that a change of the clock leaves out is an hour later.
			at := time.Date(local.Year(), local.Month(), local.Day()+day, 0, s.Minute%(1440/s.Times)+n*1440/s.Times, 0, 0, s.Zone)
			switch {
			case !at.After(now):
				if at.After(last) {
					last = at
				}
			case next.IsZero() || at.Before(next):
				next = at
			}
		}
	}
	return last, next
}

const (
	retryAfter = 30 * time.Minute     // a place that failed is tried again
	lateAfter  = 48 * time.Hour       // no archive for so long is a duty
	drillAhead = 7                    // days before its day a drill is tried
	runsKept   = 400 * 24 * time.Hour // what was done is remembered
)

// standing is what is known of a place.
type standing struct {
	first    time.Time // when it was first tried
	tried    time.Time // when it was last tried
	good     time.Time // when the last good archive was begun
	verified time.Time // and found good
}

// due reports whether an archive is to be written now.
func (s standing) due(plan Schedule, now time.Time) bool {
	last, _ := plan.around(now)
	return s.good.Before(last) && now.Sub(s.tried) >= retryAfter
}

// late reports whether a place has had no good archive for too long.
func (s standing) late(now time.Time) bool {
	since := s.good
	if since.IsZero() {
		since = s.first
	}
	return !since.IsZero() && now.Sub(since) >= lateAfter
}

// drillDay is the day by which the next drill must be done.
func drillDay(last civil.Date, months int) civil.Date {
	return civil.DateOf(last.In(time.UTC).AddDate(0, months, 0))
}

// reason is how a failure is noted and told: by its key where it is one that
// people can act upon.
func reason(err error) string {
	var known *fault.Error
	if errors.As(err, &known) && known.Code != fault.Internal {
		return known.Key
	}
	return "backup.error.failed"
}
