package retention

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Directory tells whom a Scope reaches.
type Directory interface {
	Within(s access.Scope, person vault.PersonID) bool
}

// Parts are what a Service is put together from.
type Parts struct {
	Charter   *charter.Charter
	DB        *database.DB
	Records   *record.Store
	Journal   *journal.Journal
	Access    *access.Register
	Duties    *duty.Engine
	Directory Directory
	Steady    *Steady // the register's clock; nil: never in doubt
	Now       func() time.Time
}

// Service plans, sweeps and explains.
type Service struct {
	Parts
	rules    []Rule
	sweeping sync.Mutex
	residue  bool // bytes of what was taken may lie in the register's files
}

// New makes a Service without rules. A stop may have come between what the last one
// took and its bytes, so the first sweep sees to them.
func New(p Parts) *Service { return &Service{Parts: p, residue: true} }

// Add hands rules in, before anything is planned. A code given twice is a defect of
// the program.
func (s *Service) Add(rules ...Rule) {
	for i := range rules {
		if s.rule(rules[i].Code) != nil {
			panic("retention: two rules " + rules[i].Code)
		}
		s.rules = append(s.rules, rules[i])
	}
}

// Rules are all there are, in the order in which they are worked.
func (s *Service) Rules() []Rule { return slices.Clone(s.rules) }

func (s *Service) rule(code string) *Rule {
	for i := range s.rules {
		if s.rules[i].Code == code {
			return &s.rules[i]
		}
	}
	return nil
}

func (s *Service) doubtful() bool { return s.Steady != nil && s.Steady.Doubtful() }

// ends is the last moment of a civil day in the charter's zone.
func (s *Service) ends(day civil.Date) time.Time {
	return s.Charter.Midnight(day.AddDays(1)).Add(-time.Microsecond)
}

// Plan counts what every rule ends today, within 7 and within 30 days, and keeps
// it. Nothing is taken. The plan of a day is made once, before anything runs on it;
// again makes it anew.
func (s *Service) Plan(ctx context.Context, again bool) ([]Plan, error) {
	now := s.Now()
	today := s.Charter.Today(now)
	known, err := s.Planned(ctx, today)
	if err != nil || len(known) > 0 && !again {
		return known, err
	}
	var all []Plan
	for i := range s.rules {
		r := &s.rules[i]
		if r.Work == nil || r.Forever {
			continue
		}
		p := Plan{Day: today, Rule: r.Code, MadeAt: now}
		for _, ahead := range []struct {
			days int
			into *int
		}{{0, &p.Today}, {7, &p.Week}, {30, &p.Month}} {
			tally, err := r.Work.Due(ctx, s.ends(today.AddDays(ahead.days)))
			if err != nil {
				return nil, fmt.Errorf("retention: planning %s: %w", r.Code, err)
			}
			*ahead.into, p.Count = tally.Due, tally.All
		}
		all = append(all, p)
	}
	return all, s.DB.Write(ctx, func(tx *database.Tx) error {
		for i := range all {
			if err := writePlan(tx, &all[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// Planned is the plan of a day as it was kept; none where nothing was planned.
func (s *Service) Planned(ctx context.Context, day civil.Date) (all []Plan, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = plans(q, day)
		return err
	})
	return all, err
}

// Sweep works every rule, or, where often is set, those that cannot wait a day. One
// that fails or is stopped does not hold up the others. It does nothing while the
// clock is in doubt. Of what was taken no byte is left in the files of the register
// afterwards; where a reading holds that up the next pass sees to it.
func (s *Service) Sweep(ctx context.Context, often bool) error {
	s.sweeping.Lock()
	defer s.sweeping.Unlock()
	if s.doubtful() {
		return nil
	}
	var failed error
	for i := range s.rules {
		r := &s.rules[i]
		if r.Work == nil || r.Forever || often && !r.Often {
			continue
		}
		if err := s.pass(ctx, r); err != nil {
			failed = errors.Join(failed, fmt.Errorf("retention: %s: %w", r.Code, err))
		}
	}
	if s.residue {
		err := s.DB.Forget(ctx)
		s.residue, failed = err != nil, errors.Join(failed, err)
	}
	return failed
}

// pass works one rule: what began goes on, what two persons approved goes, and what
// has ended by now goes unless it is too much at once.
func (s *Service) pass(ctx context.Context, r *Rule) error {
	now := s.Now().UTC().Truncate(time.Microsecond)
	people, departs := r.Work.(Departing)
	if departs {
		if err := people.Continue(ctx); err != nil {
			return err
		}
	}
	if err := s.unfinished(ctx, r); err != nil {
		return err
	}
	var open []Brake
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		open, err = brakes(q, `WHERE rule = $1 AND state <> $2 ORDER BY number`, r.Code, string(Done))
		return err
	})
	if err != nil {
		return err
	}
	var cleared, asked time.Time // what ends by then two have looked at; somebody has decided on
	for i := range open {
		b := &open[i]
		switch {
		case b.State == Waiting:
			gone, err := s.overtaken(ctx, r, b, now, cleared, asked)
			if err != nil || !gone {
				return err
			}
		case b.State == Refused && !now.Before(b.Until):
			err = s.move(ctx, b, Done)
		case b.State == Refused && !departs:
			return nil // put off
		case b.State == Refused: // those it was about end then, and are counted anew
			asked = later(asked, b.Until)
		case b.State == Approved:
			cleared, asked = later(cleared, b.By), later(asked, b.By)
			err = s.carryOut(ctx, r, b, now)
		}
		if err != nil {
			return err
		}
	}
	stopped, tally, err := s.brake(ctx, r, now, cleared, asked)
	if err != nil || stopped || tally.Due == 0 {
		return err
	}
	return s.run(ctx, r, Run{By: now, Told: tally.Due})
}

// unfinished goes on with the runs that a stop came between: what was told then,
// and nothing else.
func (s *Service) unfinished(ctx context.Context, r *Rule) error {
	var cut []Run
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		cut, err = runs(q, `WHERE rule = $1 AND ended_at IS NULL ORDER BY number`, r.Code)
		return err
	})
	if err != nil {
		return err
	}
	for i := range cut {
		left, err := r.Work.Due(ctx, cut[i].By)
		if err != nil {
			return err
		}
		cut[i].Taken = max(0, cut[i].Told-left.Due)
		if err := s.end(ctx, r, &cut[i]); err != nil {
			return err
		}
	}
	return nil
}

// run takes what has ended by a moment, after it was noted how much that is.
func (s *Service) run(ctx context.Context, r *Rule, made Run) error {
	made.Rule = r.Code
	if err := s.DB.Write(ctx, func(tx *database.Tx) error { return beginRun(tx, &made) }); err != nil {
		return err
	}
	return s.end(ctx, r, &made)
}

func (s *Service) end(ctx context.Context, r *Rule, made *Run) error {
	taken, failed := r.Work.End(ctx, made.By)
	made.Taken += taken
	s.residue = s.residue || !r.Persons && (taken > 0 || failed != nil) // an erasure forgets by itself
	if failed != nil && taken == 0 {
		return failed // the run stays open, and the next pass goes on
	}
	err := s.DB.Write(ctx, func(tx *database.Tx) error {
		if made.Taken == 0 { // something keeps all of it, one by one: no run to speak of
			return dropRun(tx, made.Number)
		}
		if err := endRun(tx, made); err != nil {
			return err
		}
		e := byItself(journal.Sweep, r.Code)
		e.Number = int64(made.Taken)
		_, err := s.Journal.Append(tx, &e)
		return err
	})
	return errors.Join(failed, err)
}

// byItself is a journal entry of the program.
func byItself(act journal.Act, why string) journal.Entry {
	return journal.Entry{Act: act, Right: string(access.System), Via: string(access.System), Reason: why}
}

// Status is how the sweep stands, for whoever runs the register.
type Status struct {
	Day    civil.Date
	Plans  []Plan
	Brakes []Brake // waiting and put off, the newest first
	Runs   []Run   // the newest first
}

// shownRuns is how many runs a page tells of.
const shownRuns = 60

// Look tells how the sweep stands to whoever may read the journal of the whole
// register. It names nobody.
func (s *Service) Look(ctx context.Context, by access.Actor) (Status, error) {
	if _, err := s.keeper(ctx, by); err != nil {
		return Status{}, err
	}
	now := s.Now()
	st := Status{Day: s.Charter.Today(now)}
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if st.Plans, err = plans(q, st.Day); err != nil {
			return err
		}
		if st.Brakes, err = brakes(q, `WHERE state = $1 OR state = $2 OR state = $3 AND until_at > $4 ORDER BY number DESC`,
			string(Waiting), string(Approved), string(Refused), now.UnixMicro()); err != nil {
			return err
		}
		st.Runs, err = runs(q, fmt.Sprintf(`ORDER BY number DESC LIMIT %d`, shownRuns))
		return err
	})
	return st, err
}

// Replan counts anew for whoever may read the journal of the whole register.
func (s *Service) Replan(ctx context.Context, by access.Actor) ([]Plan, error) {
	if _, err := s.keeper(ctx, by); err != nil {
		return nil, err
	}
	return s.Plan(ctx, true)
}

// SweepNow does the day's work at once for whoever may read the journal of the whole
// register. The brake holds all the same.
func (s *Service) SweepNow(ctx context.Context, by access.Actor) error {
	if _, err := s.keeper(ctx, by); err != nil {
		return err
	}
	if s.doubtful() {
		return fault.New(fault.Conflict, "retention.error.clock")
	}
	if _, err := s.Plan(ctx, false); err != nil {
		return err
	}
	return s.Sweep(ctx, false)
}

// keeper decides for those who answer for the register as a whole: they read its
// journal.
func (s *Service) keeper(ctx context.Context, by access.Actor) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Journal})
	if err != nil || scope.All() {
		return scope, err
	}
	e := scope.Entry(journal.Denied)
	e.Reason = "retention.error.whole"
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return access.Scope{}, err
	}
	return access.Scope{}, fault.New(fault.Denied, "retention.error.whole")
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

func set(persons []vault.PersonID) *roaring.Bitmap {
	all := roaring.New()
	for _, p := range persons {
		all.Add(uint32(p))
	}
	return all
}
