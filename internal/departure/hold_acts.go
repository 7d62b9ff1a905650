package departure

import (
	"context"
	"errors"
	"slices"

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

// errHeld says that an erasure waits.
var errHeld = fault.New(fault.Conflict, "departure.error.held")

// HeldBack is a hold with whom it is about.
type HeldBack struct {
	Person vault.PersonID
	ID     uint64
	Hold
	Stands bool // today
}

// PlaceHold has the erasure of somebody wait: a claim, an investigation, their own
// request, a breach. Nobody places one on themselves. The person is told, unless
// the charter lets an investigation be silent (GDPR Art. 12(4), 17(3), 18).
func (s *Service) PlaceHold(ctx context.Context, by access.Actor, person vault.PersonID, h Hold) (uint64, error) {
	scope, err := s.within(ctx, by, charter.Hold, person)
	if err != nil {
		return 0, err
	}
	if by.Person == person {
		return 0, s.refuse(ctx, scope, "departure.error.hold_own")
	}
	d, leaving, err := s.holdable(ctx, person)
	if err != nil {
		return 0, err
	}
	today := s.Charter.Today(s.Now())
	if err := checkHold(s.Charter, &h, today, leaving); err != nil {
		return 0, err
	}
	h.By, h.From, h.Unit, h.EndedBy, h.EndedOn, h.EndedFor = by.Person, today, scope.Basis().Unit, 0, civil.Date{}, ""
	d.Person = person
	letter, err := s.holdLetter(ctx, d, &h)
	if err != nil {
		return 0, err
	}
	var id int64
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if d, err := get(tx, person); err == nil && d.State != Hidden {
			return fault.New(fault.Gone, "departure.error.erasing")
		} else if err != nil && !errors.Is(err, database.ErrNotFound) {
			return err
		}
		if id, err = tx.Next("hold"); err != nil {
			return err
		}
		if err := record.Create(s.Records, tx, Holds, person, uint64(id), &h); err != nil {
			return err
		}
		if err := s.remindOfHold(tx, person); err != nil {
			return err
		}
		if err := letter.enqueue(tx); err != nil {
			return err
		}
		e := scope.Entry(journal.Hold, person)
		e.Number = id
		return s.append(tx, e, string(h.Kind))
	})
	return uint64(id), err
}

// RenewHold lets a hold stand longer: on new grounds and by another person.
func (s *Service) RenewHold(ctx context.Context, by access.Actor, person vault.PersonID, id uint64, grounds string, until civil.Date) error {
	return s.changeHold(ctx, by, person, id, "renewed", journal.Hold, func(h *Hold, today civil.Date) error {
		if err := checkRenewal(s.Charter, h, by.Person, grounds, until, today); err != nil {
			return err
		}
		h.Grounds, h.Until, h.By = grounds, until, by.Person
		return nil
	})
}

// EndHold ends a hold before its day: another person than the one who decided it
// last. The erasure that waited goes on at once.
func (s *Service) EndHold(ctx context.Context, by access.Actor, person vault.PersonID, id uint64, why string) error {
	err := s.changeHold(ctx, by, person, id, "ended", journal.Lift, func(h *Hold, today civil.Date) error {
		if h.By == by.Person {
			return fault.New(fault.Denied, "departure.error.hold_other")
		}
		if key := groundsFault(why); key != "" {
			return fault.New(fault.Invalid, "departure.error.hold").With("grounds", key, "limit", longestGrounds)
		}
		h.EndedBy, h.EndedOn, h.EndedFor = by.Person, today, why
		return nil
	})
	if err != nil {
		return err
	}
	d, err := s.departureOf(ctx, person)
	if errors.Is(err, database.ErrNotFound) || err == nil && !d.due(s.Now()) {
		return nil
	}
	if err == nil {
		_, err = s.erase(ctx, person)
	}
	return err
}

func (s *Service) changeHold(ctx context.Context, by access.Actor, person vault.PersonID, id uint64, how string, act journal.Act, change func(h *Hold, today civil.Date) error) error {
	scope, err := s.within(ctx, by, charter.Hold, person)
	if err != nil {
		return err
	}
	if by.Person == person {
		return s.refuse(ctx, scope, "departure.error.hold_own")
	}
	d, _, err := s.holdable(ctx, person)
	if err != nil {
		return err
	}
	var h Hold
	err = s.DB.Read(ctx, func(q database.Querier) error { return record.Get(s.Records, q, Holds, person, id, &h) })
	if errors.Is(err, database.ErrNotFound) || err == nil && !h.stands(s.Charter.Today(s.Now())) {
		return fault.New(fault.NotFound, "departure.error.no_hold")
	}
	if err != nil {
		return err
	}
	if err := change(&h, s.Charter.Today(s.Now())); err != nil {
		if fault.Is(err, fault.Denied) {
			return s.refuse(ctx, scope, fault.From(err).Key)
		}
		return err
	}
	d.Person = person
	letter, err := s.holdLetter(ctx, d, &h)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		var now Hold
		if err := record.Get(s.Records, tx, Holds, person, id, &now); err != nil || !now.stands(s.Charter.Today(tx.Now())) {
			return fault.New(fault.NotFound, "departure.error.no_hold").Because(err)
		}
		if err := record.Put(s.Records, tx, Holds, person, id, &h); err != nil {
			return err
		}
		if err := s.remindOfHold(tx, person); err != nil {
			return err
		}
		if err := letter.enqueue(tx); err != nil {
			return err
		}
		e := scope.Entry(act, person)
		e.Number = int64(id)
		return s.append(tx, e, how)
	})
}

// holdable reads the departure of somebody on whom a hold can stand: a member, or
// whoever is in the window.
func (s *Service) holdable(ctx context.Context, person vault.PersonID) (d Departure, leaving bool, err error) {
	d, err = s.departureOf(ctx, person)
	switch {
	case errors.Is(err, database.ErrNotFound):
		return d, false, nil
	case err != nil:
		return d, false, err
	case d.State != Hidden:
		return d, true, fault.New(fault.Gone, "departure.error.erasing")
	}
	return d, true, nil
}

func (s *Service) departureOf(ctx context.Context, person vault.PersonID) (d Departure, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		d, err = get(q, person)
		return err
	})
	return d, err
}

// holdLetter tells the person that the erasure waits, and why; nobody of a silent
// investigation, and of no end.
func (s *Service) holdLetter(ctx context.Context, d Departure, h *Hold) (Letter, error) {
	if h.Silent || !h.EndedOn.IsZero() {
		return nil, nil
	}
	var c Closing
	err := s.DB.Read(ctx, func(q database.Querier) error { return record.Get(s.Records, q, Closings, d.Person, 0, &c) })
	if because, known := s.Charter.Reason(c.Reason); err == nil && known && because.Silent {
		return nil, nil // the deceased get no letters
	}
	return s.Letters.Held(ctx, d, *h)
}

// standing reads the holds that make the erasure of somebody wait on a day. One
// that nobody can read any more keeps nobody.
func (s *Service) standing(q database.Querier, person vault.PersonID, today civil.Date) ([]HeldBack, error) {
	items, err := record.All(s.Records, q, Holds, person)
	if errors.Is(err, vault.ErrTampered) {
		return nil, nil
	}
	var all []HeldBack
	for _, i := range items {
		if i.Value.stands(today) {
			all = append(all, HeldBack{Person: person, ID: i.ID, Hold: i.Value, Stands: true})
		}
	}
	return all, err
}

// held reports whether the erasure of somebody waits.
func (s *Service) held(q database.Querier, person vault.PersonID) error {
	all, err := s.standing(q, person, s.Charter.Today(s.Now()))
	if err == nil && len(all) > 0 {
		err = errHeld
	}
	return err
}

// waits is held in a read of its own.
func (s *Service) waits(ctx context.Context, person vault.PersonID) (bool, error) {
	err := s.DB.Read(ctx, func(q database.Querier) error { return s.held(q, person) })
	if errors.Is(err, errHeld) {
		return true, nil
	}
	return false, err
}

// remindOfHold puts the end of what stands before all who may hold: the duty is
// the nearest end's.
func (s *Service) remindOfHold(tx *database.Tx, person vault.PersonID) error {
	if _, err := s.Duties.Finish(tx, duty.ReviewHold, int64(person), 0, "done"); err != nil {
		return err
	}
	all, err := s.standing(tx, person, s.Charter.Today(tx.Now()))
	if err != nil || len(all) == 0 {
		return err
	}
	nearest := slices.MinFunc(all, func(a, b HeldBack) int { return a.Until.DaysSince(b.Until) })
	return s.askWho(tx, duty.ReviewHold, charter.Hold, person, nearest.Until)
}

// HoldsOf lists the holds on one person, the newest first.
func (s *Service) HoldsOf(ctx context.Context, by access.Actor, person vault.PersonID) ([]HeldBack, error) {
	scope, err := s.within(ctx, by, charter.Hold, person)
	if err != nil {
		return nil, err
	}
	var items []record.Item[Hold]
	err = s.DB.Read(ctx, func(q database.Querier) error {
		items, err = record.All(s.Records, q, Holds, person)
		return err
	})
	if err != nil {
		return nil, err
	}
	var all []HeldBack
	for _, i := range items {
		all = append(all, HeldBack{Person: person, ID: i.ID, Hold: i.Value, Stands: i.Value.stands(s.Charter.Today(s.Now()))})
	}
	slices.Reverse(all)
	return all, s.showHolds(ctx, scope, all)
}

// Waits lists the holds that make the erasure of somebody wait, without their
// grounds, for whoever may close and sees the closing.
func (s *Service) Waits(ctx context.Context, scope access.Scope, person vault.PersonID) (all []HeldBack, err error) {
	if !s.Directory.Within(scope, person) {
		return nil, fault.New(fault.NotFound, "departure.error.none")
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = s.standing(q, person, s.Charter.Today(s.Now()))
		return err
	})
	for i := range all {
		all[i].Grounds = ""
	}
	return all, err
}

// AllHolds lists every hold that stands in the Scope's reach, the nearest end
// first. The Scope must be decided for holds.
func (s *Service) AllHolds(ctx context.Context, scope access.Scope) ([]HeldBack, error) {
	if scope.Act() != charter.Hold {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Hold.String())
	}
	var all []HeldBack
	today := s.Charter.Today(s.Now())
	err := record.Scan(s.Records, ctx, Holds, func(person vault.PersonID, id uint64, h *Hold) error {
		if h.stands(today) && s.Directory.Within(scope, person) {
			all = append(all, HeldBack{Person: person, ID: id, Hold: *h, Stands: true})
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(all, func(a, b HeldBack) int { return a.Until.DaysSince(b.Until) })
	return all, s.showHolds(ctx, scope, all)
}

// showHolds journals, before they are told, that holds were read.
func (s *Service) showHolds(ctx context.Context, scope access.Scope, all []HeldBack) error {
	if len(all) == 0 {
		return nil
	}
	e := scope.Entry(journal.Shown)
	e.Persons, e.Fields = roaring.New(), []string{"hold"}
	for _, h := range all {
		e.Persons.Add(uint32(h.Person))
	}
	_, err := s.Journal.Read(ctx, &e)
	return err
}

// unhush ends the silent holds on somebody who stays after all: a member sees what
// is known about them.
func (s *Service) unhush(tx *database.Tx, person vault.PersonID) error {
	all, err := s.standing(tx, person, s.Charter.Today(tx.Now()))
	for _, h := range all {
		if h.Silent {
			err = errors.Join(err, record.Remove(tx, Holds, person, h.ID))
		}
	}
	return errors.Join(err, s.remindOfHold(tx, person))
}
