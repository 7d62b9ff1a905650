package backup

import (
	"context"
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/duty"
)

// Overview is how backups stand, for whoever answers for them.
type Overview struct {
	Places  []Standing
	Next    time.Time  // when the next archive is written
	Drill   *Run       // the last; nil for none
	DrillBy civil.Date // by when the next must be done; zero before there is an archive
	Failed  []Run      // what failed since, newest first
	Job     *Job       // what is being done right now
}

// Standing is how backups stand in one place.
type Standing struct {
	Address  string
	Archives []Archive // newest first
	Problem  error     // why the place cannot be read; nil if it can
	Verified time.Time // when the newest good archive was read back; zero for never
	Late     bool      // no good archive for two days
}

// Latest is how backups stand by what is on record, without asking any place.
type Latest struct {
	Places   int
	Verified time.Time // when the newest good archive was read back, where that is longest ago; zero for a place without one
	Late     bool      // a place has had no good archive for two days
	Drill    *Run      // the last; nil for none
}

// Latest tells it; the record names no person.
func (s *Service) Latest(ctx context.Context) (Latest, error) {
	l := Latest{Places: len(s.Places)}
	err := s.DB.Read(ctx, func(q database.Querier) error {
		all, err := standings(q)
		if err != nil {
			return err
		}
		for i, address := range s.addresses() {
			at := all[address]
			if i == 0 || at.verified.Before(l.Verified) {
				l.Verified = at.verified
			}
			l.Late = l.Late || at.late(s.Now())
		}
		drills, err := query(q, lastDrill, string(Drilling))
		if len(drills) > 0 {
			l.Drill = &drills[0]
		}
		return err
	})
	return l, err
}

// lastDrill finds the drill that ended last.
const lastDrill = `WHERE kind = $1 AND ended_at IS NOT NULL ORDER BY began_at DESC LIMIT 1`

// reachWithin is how long a page waits for a place.
const reachWithin = 10 * time.Second

// failedShown is how many failures are shown.
const failedShown = 10

// Overview gathers how backups stand. A place that does not answer is shown as
// such and does not keep the others from being shown.
func (s *Service) Overview(ctx context.Context) (Overview, error) {
	var o Overview
	var all map[string]standing
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if all, err = standings(q); err != nil {
			return err
		}
		drills, err := query(q, lastDrill, string(Drilling))
		if err != nil {
			return err
		}
		if len(drills) > 0 {
			o.Drill = &drills[0]
		}
		owed, open, err := s.Duties.OpenAbout(q, duty.RestoreDrill, dutyAbout)
		if err != nil {
			return err
		}
		if open {
			o.DrillBy = owed.DueOn
		}
		o.Failed, err = query(q, `WHERE outcome <> '' AND outcome <> $1 AND began_at > $2 ORDER BY began_at DESC LIMIT $3`,
			done, s.Now().Add(-7*24*time.Hour).UnixMicro(), failedShown)
		return err
	})
	if err != nil {
		return o, err
	}
	if job, busy := s.Running(); busy {
		o.Job = &job
	}
	if len(s.Places) > 0 {
		_, o.Next = s.plan.around(s.Now())
	}
	reader, err := s.Reader()
	if err != nil {
		return o, err
	}
	ctx, cancel := context.WithTimeout(ctx, reachWithin)
	defer cancel()
	if o.Job != nil { // the page asks every second; what a place holds is told when it is over
		if known := s.known.Load(); known != nil {
			o.Places = *known
			return o, nil
		}
	}
	for i, address := range s.addresses() {
		at := Standing{Address: address, Verified: all[address].verified, Late: all[address].late(s.Now())}
		p, err := OpenPlace(s.Places[i])
		if err == nil {
			at.Archives, err = reader.List(ctx, p)
		}
		at.Problem = err
		slices.Reverse(at.Archives)
		o.Places = append(o.Places, at)
	}
	s.known.Store(&o.Places)
	return o, nil
}
