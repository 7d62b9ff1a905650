package extract

import (
	"context"
	"slices"

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

// Answers tells whoever asked what was decided, in the transaction that decides it.
// app gives it; nil tells nobody.
type Answers interface {
	Decided(ctx context.Context, to vault.PersonID, e *Exception) (func(tx *database.Tx) error, error)
}

// answerDays is how long whoever keeps the register has to answer.
const answerDays = 7

// AskLonger asks for a list to live longer than its day, on grounds. Until somebody has
// decided the list has the day it has (D12).
func (s *Service) AskLonger(ctx context.Context, by access.Actor, number int64, until civil.Date, grounds string) (int64, error) {
	scope, err := s.access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return 0, err
	}
	var id int64
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		l, err := s.held(tx, by.Person, number)
		if err != nil {
			return err
		}
		before, err := exceptions(tx, `WHERE number = $1`, number)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(before, func(e Exception) bool { return e.Standing == Asked }) {
			return fault.New(fault.Conflict, "extract.error.asked")
		}
		today := s.charter.Today(tx.Now())
		if err := checkLonger(s.charter, &l, before, until, today, grounds); err != nil {
			return err
		}
		e := Exception{Number: number, Standing: Asked, By: by.Person, Holder: l.Mine.Person, From: l.DestroyBy, Until: until, Words: Words{Grounds: grounds}}
		if id, err = s.enter(tx, &e); err != nil {
			return err
		}
		due := today.AddDays(answerDays)
		if l.DestroyBy.After(today) && l.DestroyBy.Before(due) {
			due = l.DestroyBy
		}
		if err := s.before(tx, duty.Exception, id, due); err != nil {
			return err
		}
		return s.note(tx, scope, journal.ListAsk, number, by.Person, "")
	})
	return id, err
}

// AttestLost attests that a list cannot be destroyed since it is lost: a stolen
// machine, a forgotten folder. Whoever holds it says so, or for them whoever keeps the
// whole register. Nothing more can be asked of the holder; the loss is looked at as
// what may be a breach, with the time the law gives (D12, L4).
func (s *Service) AttestLost(ctx context.Context, by access.Actor, number int64, grounds string) (int64, error) {
	if key := groundsFault(grounds); key != "" {
		return 0, fault.New(fault.Invalid, "extract.error.lost").With("grounds", key, "limit", longestGrounds)
	}
	scope, err := s.access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return 0, err
	}
	office := s.keeps(by)
	var id int64
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		l, err := s.held(tx, by.Person, number)
		var parts []Part
		switch {
		case err == nil:
			parts = s.mine(&l, by.Person)
		case office && fault.Is(err, fault.NotFound):
			found, err := query(tx, `WHERE number = $1`, number)
			if err != nil {
				return err
			}
			if len(found) == 0 {
				return fault.New(fault.NotFound, "extract.error.none")
			}
			l, parts = found[0], found[0].parts()
		default:
			return err
		}
		parts = slices.DeleteFunc(parts, func(p Part) bool { return p.Done() })
		if len(parts) == 0 {
			return fault.New(fault.Conflict, "extract.error.settled")
		}
		for _, p := range parts {
			if err := lose(tx, number, p.ID, by.Person); err != nil {
				return err
			}
			if _, err := s.duties.FinishOf(tx, duty.DestroyList, number, p.Person, by.Person, "lost"); err != nil {
				return err
			}
		}
		if err := s.drop(tx, number, by.Person); err != nil {
			return err
		}
		e := Exception{Number: number, Standing: Lost, By: by.Person, Holder: parts[0].Person, From: l.DestroyBy, Words: Words{Grounds: grounds}}
		if id, err = s.enter(tx, &e); err != nil {
			return err
		}
		hours := s.charter.Parameters.BreachHours.Value
		if err := s.before(tx, duty.ListLost, id, s.charter.Today(tx.Now()).AddDays(max(1, hours/24))); err != nil {
			return err
		}
		return s.note(tx, scope, journal.ListLost, number, by.Person, "")
	})
	return id, err
}

// Decide answers what was asked: the list lives longer, or not; a loss was a breach, or
// none. Whoever keeps the whole register decides, and nobody about a list of their own
// (D12).
func (s *Service) Decide(ctx context.Context, by access.Actor, id int64, yes bool, answer string) error {
	scope, err := s.access.Require(ctx, by, access.Want{Act: charter.Access})
	if err != nil {
		return err
	}
	if !scope.All() {
		return s.refuse(ctx, scope, "extract.error.office", 0)
	}
	found, err := s.exception(ctx, id)
	if err != nil {
		return err
	}
	if found.By == by.Person || found.Holder == by.Person {
		return s.refuse(ctx, scope, "extract.error.own", found.Number)
	}
	if err := answerFault(answer); err != nil {
		return err
	}
	next, act := Refused, journal.ListRefuse
	switch {
	case found.Standing.OfLoss() && yes:
		next, act = Breach, journal.ListGrant
	case found.Standing.OfLoss():
		next = NoBreach
	case yes:
		next, act = Granted, journal.ListGrant
	}
	if !found.Standing.canBecome(next) {
		return fault.New(fault.Conflict, "extract.error.decided")
	}
	found.Standing, found.DecidedBy, found.Answer = next, by.Person, answer
	var letter func(tx *database.Tx) error
	if s.Answers != nil && !next.OfLoss() {
		if letter, err = s.Answers.Decided(ctx, found.By, &found); err != nil {
			return err
		}
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		now, err := exceptions(tx, `WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if len(now) == 0 || !now[0].Standing.canBecome(next) {
			return fault.New(fault.Conflict, "extract.error.decided")
		}
		if next == Granted {
			if found.Until.Before(s.charter.Today(tx.Now())) { // the day asked for has passed meanwhile
				return fault.New(fault.Conflict, "extract.error.until_passed", "date", found.Until)
			}
			if err := prolong(tx, found.Number, found.Until); err != nil {
				return err
			}
			if err := s.duties.Move(tx, duty.DestroyList, found.Number, found.Until); err != nil {
				return err
			}
		}
		if err := settle(tx, &found); err != nil {
			return err
		}
		if err := s.write(tx, &found); err != nil {
			return err
		}
		kind := duty.Exception
		if next.OfLoss() {
			kind = duty.ListLost
		}
		if _, err := s.duties.Finish(tx, kind, id, by.Person, string(next)); err != nil {
			return err
		}
		if letter != nil {
			if err := letter(tx); err != nil {
				return err
			}
		}
		return s.note(tx, scope, act, found.Number, found.By, "extract.exception."+string(next))
	})
}

// ExceptionsOf lists what was asked about a list, the newest first, to whoever has it or
// had it, and to whoever follows up.
func (s *Service) ExceptionsOf(ctx context.Context, by access.Actor, number int64) ([]Exception, error) {
	var all []Exception
	err := s.db.Read(ctx, func(q database.Querier) error {
		lists, err := query(q, `WHERE number = $1`, number)
		if err != nil || len(lists) == 0 {
			return err
		}
		l := &lists[0]
		scope, err := s.access.Decide(by, access.Want{Act: charter.Access})
		if follows := err == nil && (scope.All() || scope.Covers(l.Unit)); !follows && len(s.mine(l, by.Person)) == 0 {
			return nil
		}
		all, err = exceptions(q, `WHERE number = $1`, number)
		if err != nil {
			return err
		}
		return s.words(q, all)
	})
	slices.Reverse(all)
	return all, err
}

// ExceptionsIn lists what was asked about lists in the reach of a Scope decided for
// charter.Access: what waits first, the oldest first, then the newest decided (D14).
func (s *Service) ExceptionsIn(ctx context.Context, scope access.Scope) ([]Exception, error) {
	if scope.Act() != charter.Access {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Access.String())
	}
	var all []Exception
	err := s.db.Read(ctx, func(q database.Querier) error {
		found, err := exceptions(q, ``)
		if err != nil {
			return err
		}
		for i := range found {
			e := &found[i]
			lists, err := query(q, `WHERE number = $1`, e.Number)
			if err != nil {
				return err
			}
			if len(lists) == 1 && (scope.All() || scope.Covers(lists[0].Unit)) {
				all = append(all, *e)
			}
		}
		return s.words(q, all)
	})
	slices.SortStableFunc(all, func(a, b Exception) int {
		switch {
		case a.Standing.Open() != b.Standing.Open():
			if a.Standing.Open() {
				return -1
			}
			return 1
		case a.Standing.Open():
			return int(a.ID - b.ID)
		}
		return int(b.ID - a.ID)
	})
	return all, err
}

// Exception gives one, to whoever may decide it or see it.
func (s *Service) Exception(ctx context.Context, by access.Actor, id int64) (Exception, error) {
	e, err := s.exception(ctx, id)
	if err != nil {
		return e, err
	}
	all, err := s.ExceptionsOf(ctx, by, e.Number)
	if err != nil {
		return Exception{}, err
	}
	for i := range all {
		if all[i].ID == id {
			return all[i], nil
		}
	}
	return Exception{}, fault.New(fault.NotFound, "extract.error.no_exception")
}

func (s *Service) exception(ctx context.Context, id int64) (e Exception, err error) {
	err = s.db.Read(ctx, func(q database.Querier) error {
		found, err := exceptions(q, `WHERE id = $1`, id)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.NotFound, "extract.error.no_exception")
		}
		if err := s.words(q, found); err != nil {
			return err
		}
		e = found[0]
		return nil
	})
	return e, err
}

// held is an open list of somebody's.
func (s *Service) held(q database.Querier, person vault.PersonID, number int64) (List, error) {
	found, err := query(q, `WHERE number = $1`, number)
	if err != nil {
		return List{}, err
	}
	if found = s.own(found, person); len(found) == 0 {
		return List{}, fault.New(fault.NotFound, "extract.error.none")
	}
	if found[0].Mine.Done() {
		return List{}, fault.New(fault.Conflict, "extract.error.settled")
	}
	return found[0], nil
}

// keeps reports whether somebody sees to the whole register.
func (s *Service) keeps(by access.Actor) bool {
	scope, err := s.access.Decide(by, access.Want{Act: charter.Access})
	return err == nil && scope.All()
}

// enter stores a new exception with its words.
func (s *Service) enter(tx *database.Tx, e *Exception) (int64, error) {
	id, err := tx.Next("list exception")
	if err != nil {
		return 0, err
	}
	e.ID, e.AskedAt = id, tx.Now()
	if err := insertException(tx, e); err != nil {
		return 0, err
	}
	return id, s.write(tx, e)
}

// write seals the words with whoever asked; of somebody who is gone there are none.
func (s *Service) write(tx *database.Tx, e *Exception) error {
	err := record.Put(s.Records, tx, Exceptions, e.By, uint64(e.ID), &e.Words)
	if goneWith(err) && e.Standing != Asked && e.Standing != Lost {
		return nil
	}
	return err
}

// words opens what was written; of somebody who is gone it is gone too.
func (s *Service) words(q database.Querier, all []Exception) error {
	for i := range all {
		e := &all[i]
		if err := record.Get(s.Records, q, Exceptions, e.By, uint64(e.ID), &e.Words); err != nil && !goneWith(err) {
			return err
		}
	}
	return nil
}

// before puts a duty before whoever keeps the register.
func (s *Service) before(tx *database.Tx, kind duty.Kind, id int64, due civil.Date) error {
	_, err := s.duties.Add(tx, duty.Duty{Kind: kind, Subject: id, Act: charter.Access.String(), DueOn: due})
	return err
}

// drop ends what was asked of a list that is settled otherwise.
func (s *Service) drop(tx *database.Tx, number int64, by vault.PersonID) error {
	open, err := exceptions(tx, `WHERE number = $1 AND state = $2`, number, string(Asked))
	if err != nil {
		return err
	}
	for i := range open {
		e := &open[i]
		e.Standing, e.DecidedBy = Dropped, by
		if err := settle(tx, e); err != nil {
			return err
		}
		if _, err := s.duties.Finish(tx, duty.Exception, e.ID, by, string(Dropped)); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) note(tx *database.Tx, scope access.Scope, act journal.Act, number int64, about vault.PersonID, why string) error {
	e := scope.Entry(act, about)
	e.Number, e.Reason = number, why
	_, err := s.journal.Append(tx, &e)
	return err
}

// refuse journals a denial that a rule, not a missing right, has caused.
func (s *Service) refuse(ctx context.Context, scope access.Scope, why string, number int64, pairs ...any) error {
	e := scope.Entry(journal.Denied)
	e.Reason, e.Number = why, number
	if _, err := s.journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, why, pairs...)
}

// Seen gives a list to whoever follows up in its body, by a Scope decided for
// charter.Access.
func (s *Service) Seen(ctx context.Context, scope access.Scope, number int64) (List, error) {
	if scope.Act() != charter.Access {
		return List{}, fault.New(fault.Denied, "access.denied.act", "act", charter.Access.String())
	}
	found, err := s.list(ctx, `WHERE number = $1`, number)
	if err != nil {
		return List{}, err
	}
	if len(found) == 0 || !scope.All() && !scope.Covers(found[0].Unit) {
		return List{}, fault.New(fault.NotFound, "extract.error.none")
	}
	return found[0], nil
}
