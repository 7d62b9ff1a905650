package audit

import (
	"context"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Daily does what is due by itself: it opens the audit of the charter's day, also where
// nobody ran the program on it, after bringing what is left of the one before to its end;
// settles rolls by who has left meanwhile; and ends cases whose member is gone. Each is
// done once, however often it is called.
func (s *Service) Daily(ctx context.Context) error {
	if err := s.openDue(ctx); err != nil {
		return err
	}
	if err := s.settleRolls(ctx); err != nil {
		return err
	}
	return s.settleCases(ctx)
}

// openDue opens the audit of the charter's newest day, once, and not for days before this
// register was.
func (s *Service) openDue(ctx context.Context) error {
	on := s.Charter.AuditDay(s.Access.Today())
	if on.IsZero() {
		return nil
	}
	since, err := s.Access.HistorySince(ctx)
	if err != nil || !since.Before(on) {
		return err
	}
	var last Audit
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		last, err = newest(q)
		return err
	}); err != nil || last.ID != 0 && !last.Day.Before(on) {
		return err
	}
	if last.ID != 0 && !last.Closed() {
		if err := s.lapse(ctx, last.ID); err != nil {
			return err
		}
	}
	_, err = s.open(ctx, Audit{Day: on}, system(journal.AuditOpen))
	if fault.Is(err, fault.Conflict) { // nobody is a member yet, or somebody opened one meanwhile
		return nil
	}
	return err
}

// lapse ends the parts of an audit that nobody brought to their end before the next one:
// whoever nobody confirmed is a finding.
func (s *Service) lapse(ctx context.Context, audit int64) error {
	var left []Part
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		left, err = parts(q, `WHERE audit = $1 AND standing <> $2 ORDER BY unit`, audit, string(Done))
		return err
	}); err != nil {
		return err
	}
	for i := range left {
		if _, err := s.finish(ctx, access.Scope{}, audit, left[i].Unit, func(*Audit, *Part) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// settleRolls brings the rolls of the open audit up to who has left by another door.
func (s *Service) settleRolls(ctx context.Context) error {
	var a Audit
	var open []Part
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if a, err = newest(q); err != nil || a.ID == 0 || a.Closed() {
			return err
		}
		open, err = parts(q, `WHERE audit = $1 AND standing <> $2 ORDER BY unit`, a.ID, string(Done))
		return err
	}); err != nil {
		return err
	}
	for i := range open {
		all, err := s.openRoll(&a, &open[i])
		if err != nil {
			return err
		}
		if !all.leave(s.belongs(open[i].Unit)) {
			continue
		}
		if _, err := s.change(ctx, a.ID, open[i].Unit, func(*database.Tx, *Audit, *Part, roll) error { return nil }); err != nil {
			return err
		}
	}
	return nil
}

// settleCases ends the open cases about somebody who has left or is erased.
func (s *Service) settleCases(ctx context.Context) error {
	var open []Case
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		open, err = bare(q, `WHERE outcome = '' AND what IN ($1, $2, $3) ORDER BY id`, Field, Leaving, Office)
		return err
	}); err != nil {
		return err
	}
	if err := s.unseal(ctx, open); err != nil {
		return err
	}
	for i := range open {
		c := &open[i]
		outcome := Vanished
		switch {
		case c.Person == 0:
		case s.Members.Leaving(c.Person) && c.What == Leaving:
			outcome = Closed
		case s.Members.Leaving(c.Person):
		default:
			continue
		}
		if err := s.DB.Write(ctx, func(tx *database.Tx) error {
			now, err := bareCase(tx, c.ID)
			if err != nil || now.Settled() {
				return err
			}
			return s.settled(tx, access.Scope{}, c, outcome)
		}); err != nil {
			return err
		}
	}
	return nil
}

// ended is before when an audit must have opened, or a change been told, to be forgotten.
func (s *Service) ended(by time.Time) time.Time {
	return s.Charter.Midnight(charter.MonthsAfter(s.Charter.Today(by), -12*s.Charter.Audit.Years.Value))
}

// Due counts the audits and changes whose years are over by a moment, and all there are
// (N14).
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		for _, table := range []string{"audit", "audit_change"} {
			var some, every int64
			if err := q.QueryRow(`SELECT count(*) FROM `+table+` WHERE opened_at < $1`, s.ended(by).UnixMicro()).Scan(&some); err != nil {
				return err
			}
			if err := q.QueryRow(`SELECT count(*) FROM ` + table).Scan(&every); err != nil {
				return err
			}
			due, all = due+int(some), all+int(every)
		}
		return nil
	})
	return due, all, err
}

// End forgets the audits and changes whose years were over by a moment, with all that is
// sealed of them, and says how many.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, err error) {
	before := s.ended(by)
	due, _, err := s.Due(ctx, by)
	if err != nil || due == 0 {
		return 0, err
	}
	type place struct {
		person vault.PersonID
		id     uint64
	}
	var said, told, noted []place
	if err := record.Scan(s.Records, ctx, Answers, func(person vault.PersonID, id uint64, a *Answer) error {
		if a.At.Before(before) {
			said = append(said, place{person, id})
		}
		return nil
	}); err != nil {
		return 0, err
	}
	if err := record.Scan(s.Records, ctx, Tellings, func(person vault.PersonID, id uint64, t *Told) error {
		if t.At.Before(before) {
			told = append(told, place{person, id})
		}
		return nil
	}); err != nil {
		return 0, err
	}
	if err := record.Scan(s.Records, ctx, Remarks, func(person vault.PersonID, id uint64, m *Remark) error {
		if m.At.Before(before) {
			noted = append(noted, place{person, id})
		}
		return nil
	}); err != nil {
		return 0, err
	}
	return due, s.DB.Write(ctx, func(tx *database.Tx) error {
		for _, p := range said {
			if err := record.Remove(tx, Answers, p.person, p.id); err != nil {
				return err
			}
		}
		for _, p := range told {
			if err := record.Remove(tx, Tellings, p.person, p.id); err != nil {
				return err
			}
		}
		for _, p := range noted {
			if err := record.Remove(tx, Remarks, p.person, p.id); err != nil {
				return err
			}
		}
		at := before.UnixMicro()
		for _, text := range []string{
			`DELETE FROM audit_head WHERE audit IN (SELECT id FROM audit WHERE opened_at < $1)`,
			`DELETE FROM audit_check WHERE audit IN (SELECT id FROM audit WHERE opened_at < $1)`,
			`DELETE FROM audit_part WHERE audit IN (SELECT id FROM audit WHERE opened_at < $1)`,
			`DELETE FROM audit_change WHERE opened_at < $1`, `DELETE FROM audit WHERE opened_at < $1`,
		} {
			if _, err := tx.Exec(text, at); err != nil {
				return err
			}
		}
		return nil
	})
}
