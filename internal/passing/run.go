package passing

import (
	"context"
	"errors"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Preview is what a run would be, in numbers; nobody is named and nothing leaves.
type Preview struct {
	Recipient Recipient
	Kind      Kind
	Counts    Counts
	Brakes    bool // a second person would be asked
}

// Preview looks at what a run would pass on and take back, and who is left out.
func (s *Service) Preview(ctx context.Context, by access.Actor, code string) (Preview, error) {
	r, err := s.receiver(code)
	if err != nil {
		return Preview{}, err
	}
	_, scope, err := s.runner(ctx, by, r)
	if err != nil {
		return Preview{}, err
	}
	return s.preview(ctx, scope, r, all)
}

func (s *Service) preview(ctx context.Context, scope access.Scope, r *charter.Receiver, how look) (Preview, error) {
	c, err := s.courseOf(ctx, r)
	if err != nil {
		return Preview{}, err
	}
	p := Preview{Recipient: c, Kind: Regular}
	switch {
	case how == everybody:
		p.Kind = Closing
	case how == removals:
		p.Kind = Removals
	case c.State == Fresh || c.State == Stopped:
		p.Kind = First
	}
	if p.Counts, err = s.survey(ctx, scope, r, c.ID, how, nil); err != nil {
		return Preview{}, err
	}
	known, err := s.known(ctx, c.ID)
	if err != nil {
		return Preview{}, err
	}
	p.Brakes = brakes(&s.Charter.Passing, p.Kind, &p.Counts, int(known.GetCardinality()))
	return p, nil
}

// Run passes on what has changed since the last acknowledgement. The first run is told
// how many lines its preview had: nothing leaves that somebody has not looked at.
func (s *Service) Run(ctx context.Context, by access.Actor, code string, looked int) (Run, error) {
	return s.runAs(ctx, by, code, all, looked)
}

// runAs runs by the right of whoever acts.
func (s *Service) runAs(ctx context.Context, by access.Actor, code string, how look, looked int) (Run, error) {
	r, err := s.receiver(code)
	if err != nil {
		return Run{}, err
	}
	as, scope, err := s.runner(ctx, by, r)
	if err != nil {
		return Run{}, err
	}
	s.working.Lock()
	defer s.working.Unlock()
	return s.run(ctx, scope, as.Person, r, how, looked)
}

// run looks, brakes or makes batches; the caller holds the lock.
func (s *Service) run(ctx context.Context, scope access.Scope, by vault.PersonID, r *charter.Receiver, how look, looked int) (Run, error) {
	p, err := s.preview(ctx, scope, r, how)
	if err != nil {
		return Run{}, err
	}
	c := p.Recipient
	switch {
	case how == all && c.State == Paused:
		return Run{}, fault.New(fault.Conflict, "passing.error.paused")
	case p.Kind == First && looked != p.Counts.Lines():
		return Run{}, fault.New(fault.Conflict, "passing.error.looked", "count", p.Counts.Lines())
	case how == removals && p.Counts.Lines() == 0:
		return Run{}, nil
	}
	if open, err := s.brakedRun(ctx, c.ID); err != nil || open != 0 {
		if err == nil && how != removals {
			err = fault.New(fault.Conflict, "passing.error.braked")
		}
		return Run{}, err
	}
	v := Run{Kind: p.Kind, State: Making, By: by, Counts: p.Counts}
	if p.Brakes {
		if v.State = Braked; by == 0 {
			if asked, err := s.refusedToday(ctx, &c, &p.Counts); err != nil || asked {
				return Run{}, err
			}
		}
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if c.ID == 0 {
			if c.ID, err = tx.Next("passing recipient"); err != nil {
				return err
			}
		}
		if v.ID, err = tx.Next("passing run"); err != nil {
			return err
		}
		v.Recipient, v.At = c.ID, tx.Now()
		if how == all {
			c.State, c.By, c.Changed, c.RanAt = Running, by, tx.Now(), tx.Now()
			if _, err := s.Duties.Finish(tx, duty.PassOnward, c.ID, by, "done"); err != nil {
				return err
			}
		}
		if err := putRecipient(tx, &c); err != nil {
			return err
		}
		if v.State == Braked {
			if err := s.duty(tx, r, duty.PassingBrake, v.ID, r.AnswerDays); err != nil {
				return err
			}
		}
		if err := putRun(tx, &v); err != nil {
			return err
		}
		e := scope.Entry(journal.PassRun)
		if by == 0 {
			e = system(r)
		}
		return s.note(tx, e, journal.PassRun, v.ID, "passing.run."+string(v.State), nil)
	})
	if err != nil || v.State == Braked {
		return v, err
	}
	return v, s.make(ctx, scope, r, &v)
}

// brakedRun is the run to a recipient that waits for a second person; 0 for none.
func (s *Service) brakedRun(ctx context.Context, recipient int64) (id int64, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := runs(q, `WHERE recipient = $1 AND state = $2 ORDER BY id`, recipient, string(Braked))
		if len(found) > 0 {
			id = found[0].ID
		}
		return err
	})
	return id, err
}

// refusedToday reports whether somebody has refused today what would be asked again by
// itself. Tomorrow it brakes again, since what is to be taken back must not be forgotten
// (L3); so does the next run that somebody makes, at once.
func (s *Service) refusedToday(ctx context.Context, c *Recipient, now *Counts) (refused bool, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := runs(q, `WHERE recipient = $1 ORDER BY id DESC LIMIT 1`, c.ID)
		refused = len(found) > 0 && found[0].State == Refused && s.Charter.Today(found[0].At) == s.Charter.Today(s.Now()) &&
			now.Removed() <= found[0].Counts.Removed()
		return err
	})
	return refused, err
}

// lookOf is what a run of a kind looks at.
func lookOf(k Kind) look {
	switch k {
	case Removals:
		return removals
	case Closing:
		return everybody
	}
	return all
}

// make turns a run into batches and lines, page by page: what is made is noted with
// whom it is about in one transaction, so a stop in between makes nothing twice.
func (s *Service) make(ctx context.Context, scope access.Scope, r *charter.Receiver, v *Run) error {
	most := perBatch
	if s.way(r.Code) == ByFile {
		most = perFile
	}
	var waiting [2][]found // with all fields, and with number and body only
	counts, err := s.survey(ctx, scope, r, v.Recipient, lookOf(v.Kind), func(f *found) error {
		if f.step.Event != Join && f.step.Event != Change {
			return s.DB.Write(ctx, func(tx *database.Tx) error { return s.take(tx, r, v.Recipient, f) })
		}
		of := &waiting[truth(f.now.Numbers)]
		if *of = append(*of, *f); len(*of) < most {
			return nil
		}
		err := s.batch(ctx, r, v, *of)
		*of = nil
		return err
	})
	for _, of := range waiting {
		err = errors.Join(err, s.batch(ctx, r, v, of))
	}
	if err != nil {
		return err
	}
	v.State = Out
	if v.Kind != First && v.Counts.Lines() < counts.Lines() {
		v.Counts = counts
	}
	if err := s.pack(ctx, r, v.Recipient, v.ID); err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error { return putRun(tx, v) })
}

// take notes that a recipient is to be told to delete or hold, by reference.
func (s *Service) take(tx *database.Tx, r *charter.Receiver, recipient int64, f *found) error {
	p := f.passed
	l := Line{Recipient: recipient, Reference: p.Reference, Event: f.step.Event, Why: f.step.Why, Fields: f.step.Fields, person: f.person}
	if err := insertLine(tx, &l); err != nil {
		return err
	}
	p.took(f.step)
	return record.Put(s.Records, tx, Passes, f.person, uint64(recipient), p)
}

// batch puts persons on their way together.
func (s *Service) batch(ctx context.Context, r *charter.Receiver, v *Run, of []found) error {
	if len(of) == 0 {
		return nil
	}
	s.at("batch")
	return s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		b := Batch{
			Recipient: v.Recipient, Run: v.ID, Numbers: of[0].now.Numbers, Way: s.way(r.Code), State: Ready, Lines: len(of), MadeAt: tx.Now(), NextAt: tx.Now(),
			persons: roaring.New(),
		}
		if b.ID, err = tx.Next("passing batch"); err != nil {
			return err
		}
		for i := range of {
			f := &of[i]
			p := f.passed
			if p == nil {
				p = &Passed{Recipient: r.Name.In(s.Charter.Lang()), Country: r.Country, Reference: s.reference(r.Code, f.person)}
			}
			p.Batch, p.Sent = b.ID, nil
			b.persons.Add(uint32(f.person))
			if err := record.Put(s.Records, tx, Passes, f.person, uint64(v.Recipient), p); err != nil {
				return err
			}
		}
		if err := s.expect(tx, r, &b); err != nil {
			return err
		}
		return putBatch(tx, &b)
	})
}

// expect has somebody answer for the batch: a file must be handed over, and every
// batch is acknowledged.
func (s *Service) expect(tx *database.Tx, r *charter.Receiver, b *Batch) error {
	return s.duty(tx, r, duty.PassingAnswer, b.ID, r.AnswerDays)
}

// pack puts what a recipient is to be told by reference into batches.
func (s *Service) pack(ctx context.Context, r *charter.Receiver, recipient, run int64) error {
	for {
		more := false
		err := s.DB.Write(ctx, func(tx *database.Tx) error {
			waiting, err := lines(tx, `WHERE batch = 0 AND recipient = $1 ORDER BY id LIMIT $2`, recipient, int64(perBatch))
			if err != nil || len(waiting) == 0 {
				return err
			}
			more = true
			b := Batch{Recipient: recipient, Run: run, Removal: true, Way: s.way(r.Code), State: Ready, Lines: len(waiting), MadeAt: tx.Now(), NextAt: tx.Now()}
			if b.ID, err = tx.Next("passing batch"); err != nil {
				return err
			}
			for i := range waiting {
				if _, err := tx.Exec(`UPDATE passing_line SET batch = $2 WHERE id = $1`, waiting[i].ID, b.ID); err != nil {
					return err
				}
			}
			if err := s.expect(tx, r, &b); err != nil {
				return err
			}
			return putBatch(tx, &b)
		})
		if err != nil || !more {
			return err
		}
	}
}

// Release lets a braked run go, by somebody else than made it; nothing that was not
// looked at goes with it.
func (s *Service) Release(ctx context.Context, by access.Actor, id int64) (Run, error) {
	return s.decide(ctx, by, id, Making)
}

// Refuse ends a braked run: nothing of it leaves.
func (s *Service) Refuse(ctx context.Context, by access.Actor, id int64) (Run, error) {
	return s.decide(ctx, by, id, Refused)
}

func (s *Service) decide(ctx context.Context, by access.Actor, id int64, next RunState) (Run, error) {
	v, r, err := s.runOf(ctx, id)
	if err != nil {
		return Run{}, err
	}
	as, scope, err := s.runner(ctx, by, r)
	if err != nil {
		return Run{}, err
	}
	s.working.Lock()
	defer s.working.Unlock()
	if next == Making {
		if v.By == as.Person {
			return Run{}, fault.New(fault.Denied, "passing.error.second")
		}
		counts, err := s.survey(ctx, scope, r, v.Recipient, lookOf(v.Kind), nil)
		if err != nil {
			return Run{}, err
		}
		if counts.Joins > v.Counts.Joins || counts.Removed() > v.Counts.Removed() {
			err = s.DB.Write(ctx, func(tx *database.Tx) error { // looked at anew
				v.Counts = counts
				return putRun(tx, &v)
			})
			return v, errors.Join(err, fault.New(fault.Conflict, "passing.error.grown"))
		}
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		found, err := runs(tx, `WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if found[0].State != Braked {
			return fault.New(fault.Conflict, "passing.error.state")
		}
		v.State, v.Second = next, as.Person
		if _, err := s.Duties.Finish(tx, duty.PassingBrake, id, as.Person, string(next)); err != nil {
			return err
		}
		if err := putRun(tx, &v); err != nil {
			return err
		}
		reason := "passing.run.released"
		if next == Refused { // what has changed is still not passed on
			reason = "passing.run.refused"
			if err := s.duty(tx, r, duty.PassOnward, v.Recipient, 7); err != nil {
				return err
			}
		}
		return s.note(tx, scope.Entry(journal.PassRun), journal.PassRun, id, reason, nil)
	})
	if err != nil || next == Refused {
		return v, err
	}
	return v, s.make(ctx, scope, r, &v)
}

func (s *Service) runOf(ctx context.Context, id int64) (v Run, r *charter.Receiver, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := runs(q, `WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "passing.error.run")
		}
		v = found[0]
		r, err = s.of(q, v.Recipient)
		return err
	})
	return v, r, err
}

// of finds the declared recipient of a number; one that is not declared any more gets
// nothing.
func (s *Service) of(q database.Querier, id int64) (*charter.Receiver, error) {
	found, err := recipients(q, `WHERE id = $1`, id)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fault.New(fault.NotFound, "passing.error.recipient")
	}
	return s.receiver(found[0].Code)
}

// Pause has nothing new passed on. What is to be deleted is told all the same.
func (s *Service) Pause(ctx context.Context, by access.Actor, code string) error {
	return s.steer(ctx, by, code, Paused, Running)
}

// Resume goes on by the right of whoever resumes.
func (s *Service) Resume(ctx context.Context, by access.Actor, code string) error {
	return s.steer(ctx, by, code, Running, Paused)
}

// Stop ends passing on to a recipient: it is told to delete everybody.
func (s *Service) Stop(ctx context.Context, by access.Actor, code string) (Run, error) {
	if err := s.steer(ctx, by, code, Stopped, Running, Paused); err != nil {
		return Run{}, err
	}
	return s.runAs(ctx, by, code, everybody, 0)
}

func (s *Service) steer(ctx context.Context, by access.Actor, code string, next Course, from ...Course) error {
	r, err := s.receiver(code)
	if err != nil {
		return err
	}
	as, scope, err := s.runner(ctx, by, r)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		c, err := s.course(tx, r)
		if err != nil {
			return err
		}
		for _, state := range from {
			if c.State == state {
				c.State, c.By, c.Changed = next, as.Person, tx.Now()
				if err := putRecipient(tx, &c); err != nil {
					return err
				}
				if _, err := s.Duties.Finish(tx, duty.PassingGone, c.ID, as.Person, string(next)); err != nil {
					return err
				}
				if next == Running { // what waits is tried at once
					_, err = tx.Exec(`UPDATE passing_batch SET next_at = $2 WHERE recipient = $1 AND state = $3`, c.ID, tx.Now().UnixMicro(), string(Ready))
				} else {
					_, err = s.Duties.Finish(tx, duty.PassOnward, c.ID, as.Person, string(next))
				}
				if err != nil {
					return err
				}
				return s.note(tx, scope.Entry(journal.PassCourse), journal.PassCourse, c.ID, "passing.course."+string(next), nil)
			}
		}
		return fault.New(fault.Conflict, "passing.error.state")
	})
}
