package retention

import (
	"context"
	"errors"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// decideDays is how long two persons have to look at what was stopped.
const decideDays = 2

// brake measures a run before it takes anything, and stops it where it would take
// too much. Persons are measured by the day, with those that a sweep has taken
// since midnight and those who began to leave on one and the same day: many in one
// go do not pass by coming due minute by minute. What ended by cleared was looked at
// by two already, and what ends until asked somebody has decided on.
func (s *Service) brake(ctx context.Context, r *Rule, now, cleared, asked time.Time) (stopped bool, tally Tally, err error) {
	var b Brake
	if stopped, tally, err = s.measure(ctx, r, now, cleared, asked, &b); err != nil || !stopped {
		return false, tally, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := insertBrake(tx, &b); err != nil {
			return err
		}
		_, err := s.Duties.Add(tx, duty.Duty{
			Kind: duty.SweepBrake, Subject: b.Number, Act: charter.Journal.String(), DueOn: s.Charter.Today(tx.Now()).AddDays(decideDays),
		})
		if err != nil {
			return err
		}
		e := byItself(journal.SweepStop, r.Code)
		e.Number = b.Number
		_, err = s.Journal.Append(tx, &e)
		return err
	})
	return true, tally, err
}

// measure says whether what has ended by now is too much at once, and fills in what
// would be asked.
func (s *Service) measure(ctx context.Context, r *Rule, now, cleared, asked time.Time, b *Brake) (bool, Tally, error) {
	tally, err := r.Work.Due(ctx, now)
	if err != nil {
		return false, tally, err
	}
	*b = Brake{Rule: r.Code, By: now, Told: tally.Due, Count: tally.All, Allowed: allowed(s.Charter, r, tally.All)}
	count := tally.Due
	if people, departs := r.Work.(Departing); departs {
		if count, err = s.measurePersons(ctx, r, people, now, cleared, asked, b); err != nil {
			return false, tally, err
		}
	}
	return r.stops(s.Charter, count, tally.All), tally, nil
}

// measurePersons counts what ends until the day is over and has not been looked at,
// with what the day has taken already and nobody was asked about; or the greatest crowd that left on one day,
// however far off its end is.
func (s *Service) measurePersons(ctx context.Context, r *Rule, people Departing, now, cleared, asked time.Time, b *Brake) (int, error) {
	today := s.Charter.Today(now)
	b.By = s.ends(today)
	ahead, err := people.Due(ctx, b.By)
	if err != nil {
		return 0, err
	}
	var known Tally
	if !cleared.IsZero() {
		if known, err = people.Due(ctx, earlier(cleared, b.By)); err != nil {
			return 0, err
		}
	}
	taken := 0
	if err := s.DB.Read(ctx, func(q database.Querier) error {
		taken, err = takenSince(q, r.Code, s.Charter.Midnight(today))
		return err
	}); err != nil {
		return 0, err
	}
	fresh := ahead.Due - known.Due
	if fresh > 0 { // what was taken alone asks nothing
		fresh += taken
	}
	crowd, last, err := people.Crowd(ctx, asked)
	if err != nil {
		return 0, err
	}
	if crowd > fresh {
		fresh = crowd
		if last.After(b.By) {
			b.By = last
		}
	}
	all, err := people.Due(ctx, b.By)
	b.Told = all.Due
	return fresh, err
}

// overtaken ends a brake whose cause is gone: what it would take was undone, so that
// too little is left to ask about.
func (s *Service) overtaken(ctx context.Context, r *Rule, b *Brake, now, cleared, asked time.Time) (gone bool, err error) {
	tally, err := r.Work.Due(ctx, b.By)
	if err != nil || tally.Due >= b.Told {
		return false, err
	}
	if tally.Due > 0 {
		var again Brake
		if stops, _, err := s.measure(ctx, r, now, cleared, asked, &again); err != nil || stops {
			return false, err
		}
	}
	return true, s.DB.Write(ctx, func(tx *database.Tx) error {
		b.State, b.DecidedAt = Done, tx.Now()
		if err := updateBrake(tx, b); err != nil {
			return err
		}
		_, err := s.Duties.Finish(tx, duty.SweepBrake, b.Number, 0, "withdrawn")
		return err
	})
}

// carryOut takes what two persons approved: what had ended by the moment they were
// shown, as its time comes.
func (s *Service) carryOut(ctx context.Context, r *Rule, b *Brake, now time.Time) error {
	by := earlier(b.By, now)
	tally, err := r.Work.Due(ctx, by)
	if err != nil {
		return err
	}
	if tally.Due > 0 {
		if err := s.run(ctx, r, Run{By: by, Told: tally.Due, Brake: b.Number}); err != nil {
			return err
		}
	}
	if now.Before(b.By) {
		return nil
	}
	if tally, err = r.Work.Due(ctx, b.By); err != nil || tally.Due > 0 {
		return err
	}
	return s.move(ctx, b, Done)
}

func (s *Service) move(ctx context.Context, b *Brake, to State) error {
	b.State = to
	return s.DB.Write(ctx, func(tx *database.Tx) error { return updateBrake(tx, b) })
}

// Stopped is a brake with what it would take now.
type Stopped struct {
	Brake
	Now     int              // how many would go today, of those it is about
	Persons []vault.PersonID // whom, where the rule takes persons and the actor may close memberships
	Latest  time.Time        // refused, it waits until then at most
}

// Stopped shows a brake to whoever answers for the register. Persons are told, and
// their telling is journaled, to whoever could close their membership.
func (s *Service) Stopped(ctx context.Context, by access.Actor, number int64) (Stopped, error) {
	if _, err := s.keeper(ctx, by); err != nil {
		return Stopped{}, err
	}
	b, r, err := s.one(ctx, number)
	if err != nil {
		return Stopped{}, err
	}
	shown := Stopped{Brake: b, Latest: s.latest()}
	tally, err := r.Work.Due(ctx, b.By)
	if err != nil {
		return shown, err
	}
	shown.Now = tally.Due
	people, departs := r.Work.(Departing)
	if !departs || b.State != Waiting && b.State != Approved {
		return shown, nil
	}
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Close})
	if err != nil || !scope.All() {
		return shown, nil // numbers are enough for whoever may not
	}
	if shown.Persons, err = people.Whom(ctx, b.By); err != nil || len(shown.Persons) == 0 {
		return shown, err
	}
	e := scope.Entry(journal.Shown)
	e.Number, e.Reason, e.Persons = number, "sweep", set(shown.Persons)
	_, err = s.Journal.Read(ctx, &e)
	return shown, err
}

// latest is the last moment to which a refused sweep can be put off.
func (s *Service) latest() time.Time {
	return s.ends(s.Charter.Today(s.Now()).AddDays(s.Charter.Parameters.SweepPostponeDays.Value))
}

func (s *Service) one(ctx context.Context, number int64) (b Brake, r *Rule, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		b, err = get(q, number)
		return err
	})
	if err != nil {
		return b, nil, err
	}
	if r = s.rule(b.Rule); r == nil || r.Work == nil {
		return b, nil, fault.New(fault.NotFound, "retention.error.no_brake")
	}
	return b, r, nil
}

func get(q database.Querier, number int64) (Brake, error) {
	all, err := brakes(q, `WHERE number = $1`, number)
	if err == nil && len(all) == 0 {
		return Brake{}, fault.New(fault.NotFound, "retention.error.no_brake")
	}
	if err != nil {
		return Brake{}, err
	}
	return all[0], nil
}

// Approve lets a stopped run take what it was stopped for, once two different
// persons have said so. It says whether it may run now.
func (s *Service) Approve(ctx context.Context, by access.Actor, number int64) (bool, error) {
	scope, err := s.keeper(ctx, by)
	if err != nil {
		return false, err
	}
	var b Brake
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if b, err = get(tx, number); err != nil {
			return err
		}
		switch {
		case b.State != Waiting:
			return fault.New(fault.Gone, "retention.error.decided")
		case b.First == 0:
			b.First, b.FirstAt = by.Person, tx.Now()
		case b.First == by.Person:
			return fault.New(fault.Denied, "retention.error.second")
		default:
			b.Second, b.DecidedAt, b.State = by.Person, tx.Now(), Approved
			if _, err := s.Duties.Finish(tx, duty.SweepBrake, number, by.Person, "done"); err != nil {
				return err
			}
		}
		if err := updateBrake(tx, &b); err != nil {
			return err
		}
		e := scope.Entry(journal.SweepDecide)
		e.Number, e.Reason = number, "approved"
		_, err := s.Journal.Append(tx, &e)
		return err
	})
	return b.State == Approved, s.denied(ctx, scope, err)
}

// denied journals a refusal that a rule, not a missing right, has caused.
func (s *Service) denied(ctx context.Context, scope access.Scope, err error) error {
	if !fault.Is(err, fault.Denied) {
		return err
	}
	var why *fault.Error
	e := scope.Entry(journal.Denied)
	if errors.As(err, &why) {
		e.Reason = why.Key
	}
	if _, failed := s.Journal.Read(ctx, &e); failed != nil {
		return failed
	}
	return err
}

// Refuse keeps a stopped run from taking anything until a day, so that its cause can
// be put right; then it is counted anew. Persons whose window has ended get it
// prolonged until then, so that each can be undone. One person is enough.
func (s *Service) Refuse(ctx context.Context, by access.Actor, number int64, until time.Time) error {
	scope, err := s.keeper(ctx, by)
	if err != nil {
		return err
	}
	if until.IsZero() || until.After(s.latest()) {
		until = s.latest()
	}
	if !until.After(s.Now()) {
		return fault.New(fault.Invalid, "retention.error.until").With("until", "retention.error.until")
	}
	s.sweeping.Lock() // not while the rule runs
	defer s.sweeping.Unlock()
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		b, err := get(tx, number)
		if err != nil {
			return err
		}
		if b.State != Waiting {
			return fault.New(fault.Gone, "retention.error.decided")
		}
		b.State, b.Second, b.DecidedAt, b.Until = Refused, by.Person, tx.Now(), until
		if err := updateBrake(tx, &b); err != nil {
			return err
		}
		if r := s.rule(b.Rule); r != nil {
			if people, departs := r.Work.(Departing); departs {
				if err := people.Postpone(tx, b.By, until); err != nil {
					return err
				}
			}
		}
		if _, err := s.Duties.Finish(tx, duty.SweepBrake, number, by.Person, "refused"); err != nil {
			return err
		}
		e := scope.Entry(journal.SweepDecide)
		e.Number, e.Reason = number, "refused"
		_, err = s.Journal.Append(tx, &e)
		return err
	})
}

// Braked reports whether anything of a rule waits for two persons, or is put off.
func (s *Service) Braked(ctx context.Context, rules ...string) (held bool, err error) {
	now := s.Now()
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := brakes(q, `WHERE state = $1 OR state = $2 AND until_at > $3`, string(Waiting), string(Refused), now.UnixMicro())
		for i := range all {
			for _, code := range rules {
				held = held || all[i].Rule == code
			}
		}
		return err
	})
	return held, err
}
