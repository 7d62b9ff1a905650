package audit

import (
	"cmp"
	"context"
	"slices"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// find reads a case with what is sealed of it, for either side. Anybody else is told that
// there is none, and the denial is journaled.
func (s *Service) find(ctx context.Context, by access.Actor, id int64) (Case, access.Scope, error) {
	var c Case
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		c, err = bareCase(q, id)
		return err
	}); err != nil {
		return c, access.Scope{}, err
	}
	scope, err := s.either(ctx, by, c.Unit)
	if fault.Is(err, fault.Denied) {
		scope, err = s.Access.Require(ctx, by, access.Want{Act: s.needs(c.What), Unit: c.Unit}) // whoever settles it need not tell
	}
	if fault.Is(err, fault.Denied) {
		return Case{}, scope, fault.New(fault.NotFound, "audit.error.gone")
	}
	if err != nil {
		return c, scope, err
	}
	found := []Case{c}
	err = s.unseal(ctx, found)
	return found[0], scope, err
}

// settling is find for an outcome: the case must be open, the outcome one of its kind, and
// the right there that brings it about.
func (s *Service) settling(ctx context.Context, by access.Actor, id int64, outcome string) (Case, access.Scope, error) {
	c, scope, err := s.find(ctx, by, id)
	switch {
	case err != nil:
		return c, scope, err
	case c.Settled():
		return c, scope, fault.New(fault.Conflict, "audit.error.settled")
	case !ends(c.What, outcome):
		return c, scope, fault.New(fault.Invalid, "audit.error.settle").With("outcome", "audit.error.outcome")
	case outcome == Withdrawn:
		return c, scope, nil
	}
	if c.What == Count {
		scope, err = s.whole(ctx, by)
	} else {
		scope, err = s.Access.Require(ctx, by, access.Want{Act: s.needs(c.What), Unit: c.Unit})
	}
	return c, scope, err
}

// Settle ends a case: what was told is carried out, or refused with a reason, or taken
// back. A head-count is settled by whoever answers for the register.
func (s *Service) Settle(ctx context.Context, by access.Actor, id int64, outcome, why string) (Case, error) {
	why, err := s.said(ctx, why, "why")
	if err != nil {
		return Case{}, err
	}
	c, scope, err := s.settling(ctx, by, id, outcome)
	if err != nil {
		return c, err
	}
	if (outcome == Refused || c.What == Count) && why == "" {
		return c, fault.New(fault.Invalid, "audit.error.settle").With("why", "audit.error.why")
	}
	if outcome != Refused && outcome != Withdrawn && c.What != Count {
		if outcome, err = s.carry(ctx, by, scope, &c); err != nil {
			return c, err
		}
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := bareCase(tx, id)
		if err != nil {
			return err
		}
		if now.Settled() {
			return fault.New(fault.Conflict, "audit.error.settled")
		}
		if err := s.remark(tx, by.Person, Remark{Audit: c.Audit, Unit: c.Unit, Case: id, Text: why}); err != nil {
			return err
		}
		if outcome == PassedOn { // with the receipt
			if err := record.Put(s.Records, tx, Tellings, c.Person, uint64(c.ID), c.Told); err != nil {
				return err
			}
		}
		return s.settled(tx, scope, &c, outcome)
	})
	return c, err
}

// carry does what was told, by the act that everybody uses for it.
func (s *Service) carry(ctx context.Context, by access.Actor, scope access.Scope, c *Case) (string, error) {
	if c.Person == 0 || s.Members.Leaving(c.Person) && c.What != Leaving {
		return Vanished, nil
	}
	switch c.What {
	case Field:
		if len(c.Told.Values) == 0 {
			return Applied, nil // told in words; whoever settles it has done it on the card
		}
		_, err := s.Members.Update(ctx, scope, c.Person, member.Changes{Values: c.Told.Values})
		return Applied, err
	case Leaving:
		if s.Members.Leaving(c.Person) {
			return Closed, nil
		}
		receipt, err := s.Departures.PassOn(ctx, by, c.Person, cmp.Or(c.Told.Heard, "meeting"), c.Told.On)
		if fault.Is(err, fault.Conflict) { // one waits already, that is not ours to take back
			receipt, err = "", nil
		}
		c.Told.Passed = receipt
		return PassedOn, err
	case Office:
		a := access.Appointment{Unit: c.Unit, Post: c.Told.Post, From: c.Told.On, Ground: c.Told.Note}
		if post, known := s.Charter.Post(a.Post); known {
			a.Until = access.EndOfTerm(post, a.From)
		}
		if a.Ground == "" {
			a.Ground = s.Charter.Printer(s.Charter.Languages[0]).T("audit.ground", "number", c.ID)
		}
		_, err := s.Access.Appoint(ctx, by, c.Person, a)
		return Appointed, err
	}
	return "", fault.New(fault.Invalid, "audit.error.settle").With("outcome", "audit.error.outcome")
}

// Reopen takes a settled case up again, with a new day. A resignation it was passed on by
// is taken back with that; what has gone further stays, and says why.
func (s *Service) Reopen(ctx context.Context, by access.Actor, id int64, why string) (Case, error) {
	why, err := s.said(ctx, why, "why")
	if err != nil {
		return Case{}, err
	}
	c, scope, err := s.find(ctx, by, id)
	if err != nil {
		return c, err
	}
	if why == "" {
		return c, fault.New(fault.Invalid, "audit.error.settle").With("why", "audit.error.why")
	}
	if e := final(&c, s.Members.Leaving(c.Person)); e != nil {
		return c, e
	}
	again := []Case{c}
	if err := s.unpass(ctx, by, again); err != nil {
		return c, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := s.reopen(tx, scope, &again[0]); err != nil {
			return err
		}
		return s.remark(tx, by.Person, Remark{Audit: c.Audit, Unit: c.Unit, Case: id, Text: why})
	})
	return again[0], err
}

// unpass takes back the resignations that cases were passed on by, where they still wait:
// all, or none where one of them is for somebody else to take back.
func (s *Service) unpass(ctx context.Context, by access.Actor, all []Case) error {
	var waiting []vault.PersonID
	for i := range all {
		c := &all[i]
		if c.Outcome != PassedOn || c.Told == nil || c.Told.Passed == "" {
			continue
		}
		waits, may, err := s.Departures.Passed(ctx, by, c.Person, c.Told.Passed)
		switch {
		case err != nil:
			return err
		case waits && !may:
			return fault.New(fault.Denied, "audit.denied.passed")
		case waits:
			waiting = append(waiting, c.Person)
		}
	}
	for _, person := range waiting {
		if err := s.Departures.TakeBack(ctx, by, person); err != nil {
			return err
		}
	}
	return nil
}

// reopen opens a settled case again, with its duty and a new day.
func (s *Service) reopen(tx *database.Tx, scope access.Scope, c *Case) error {
	now, err := bareCase(tx, c.ID)
	if err != nil {
		return err
	}
	if !now.Settled() {
		return fault.New(fault.Conflict, "audit.error.unsettled")
	}
	c.Outcome, c.SettledBy, c.SettledAt = "", 0, time.Time{}
	c.DueOn = s.Charter.Today(tx.Now()).AddDays(s.Charter.Audit.ChangeDays.Value)
	if err := updateCase(tx, c); err != nil {
		return err
	}
	if c.Told != nil && c.Told.Passed != "" {
		c.Told.Passed = ""
		if err := record.Put(s.Records, tx, Tellings, c.Person, uint64(c.ID), c.Told); err != nil {
			return err
		}
	}
	if err := s.askSettle(tx, c); err != nil {
		return err
	}
	return s.caseJournal(tx, scope, journal.ChangeSettle, c, "reopened")
}

// passed are the cases of a body's part that its confirming passed on, and whose member
// has not left since.
func (s *Service) passed(ctx context.Context, audit int64, body int64) (all []Case, err error) {
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = bare(q, `WHERE audit = $1 AND unit = $2 AND what = $3 AND outcome = $4 ORDER BY id`, audit, body, Leaving, PassedOn)
		return err
	}); err != nil {
		return nil, err
	}
	err = s.unseal(ctx, all)
	return slices.DeleteFunc(all, func(c Case) bool { return final(&c, s.Members.Leaving(c.Person)) != nil }), err
}

// Settles reports whether somebody has the right that settles a case; for offering it.
func (s *Service) Settles(by access.Actor, c *Case) bool {
	if c.What == Count {
		return s.Whole(by)
	}
	scope, err := s.Access.Decide(by, access.Want{Act: s.needs(c.What), Unit: c.Unit})
	return err == nil && !(c.What == Office && c.Person == by.Person) && scope.Allowed()
}

// leavers are the open cases of an audit's body that say somebody has left.
func (s *Service) leavers(ctx context.Context, audit int64, body int64) (all []Case, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = bare(q, `WHERE audit = $1 AND unit = $2 AND what = $3 AND outcome = '' ORDER BY id`, audit, body, Leaving)
		return err
	})
	return all, err
}

// names gives the names of whoever cases are about, journaled as shown.
func (s *Service) names(ctx context.Context, scope access.Scope, all []Case) (map[vault.PersonID]string, error) {
	var persons []vault.PersonID
	for i := range all {
		if all[i].Person != 0 {
			persons = append(persons, all[i].Person)
		}
	}
	return s.Members.Names(ctx, scope, persons)
}
