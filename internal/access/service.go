package access

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Appoint records that a person holds a post in a body for a term. The person
// must be a member of the body, a seat must be free for the whole term, and
// nobody appoints themselves. Access begins and ends with the term (D8, D10).
func (r *Register) Appoint(ctx context.Context, by Actor, person vault.PersonID, a Appointment) (uint64, error) {
	scope, err := r.Require(ctx, by, Want{Act: charter.Appoint, Unit: a.Unit})
	if err != nil {
		return 0, err
	}
	if by.Person == person {
		return 0, r.refuse(ctx, scope, "access.denied.own")
	}
	if err := r.checkAppointment(person, a); err != nil {
		return 0, err
	}
	a.By = by.Person
	var id uint64
	err = r.db.Write(ctx, func(tx *database.Tx) (err error) {
		d := r.draft(tx)
		if err := r.checkSeats(d.next, a); err != nil { // again, alone with the writer
			return err
		}
		if id, err = r.seat(tx, d, scope, person, a, wordAppointed); err != nil {
			return err
		}
		return d.settle(tx)
	})
	return id, err
}

// seat records an appointment, journaled, as part of an act.
func (r *Register) seat(tx *database.Tx, d *draft, scope Scope, person vault.PersonID, a Appointment, how string) (uint64, error) {
	n, err := tx.Next("holding")
	if err != nil {
		return 0, err
	}
	id := uint64(n)
	if err := record.Create(r.records, tx, Appointments, person, id, &a); err != nil {
		return 0, err
	}
	if err := r.note(tx, scope, journal.Appoint, person, a.Unit, n); err != nil {
		return 0, err
	}
	d.put(person, r.fromAppointment(d.next.tree, id, &a), how)
	return id, nil
}

// unseat records that an appointment ends, and what covers it with it.
func (r *Register) unseat(tx *database.Tx, d *draft, scope Scope, person vault.PersonID, id uint64, last civil.Date) error {
	var a Appointment
	if err := record.Get(r.records, tx, Appointments, person, id, &a); err != nil {
		return err
	}
	a.Until = lastDay(a.From, last)
	if err := record.Put(r.records, tx, Appointments, person, id, &a); err != nil {
		return err
	}
	if err := r.note(tx, scope, journal.Dismiss, person, a.Unit, int64(id)); err != nil {
		return err
	}
	d.put(person, r.fromAppointment(d.next.tree, id, &a), wordEnded)
	return r.uncover(tx, d, scope, a.Until, wordEnded, func(_ vault.PersonID, b Basis) bool { return b.Of == id })
}

func (r *Register) checkAppointment(person vault.PersonID, a Appointment) error {
	return r.checkAppointmentIn(r.state.Load(), person, a)
}

func (r *Register) checkAppointmentIn(state *snapshot, person vault.PersonID, a Appointment) error {
	invalid := fault.New(fault.Invalid, "access.error.appointment")
	body, known := r.units.Tree().ByID(a.Unit)
	if !known {
		return invalid.With("unit", "access.error.unit_unknown")
	}
	post, known := r.charter.Post(a.Post)
	if !known || !post.At(body.Level) {
		return invalid.With("post", "access.error.post_unknown")
	}
	if checkTerm(invalid, a.From, a.Until); len(invalid.Fields) > 0 {
		return invalid
	}
	if r.isSuspended(person) || !r.belongs(person, body) {
		return invalid.With("person", "access.error.not_a_member")
	}
	if !r.mayHold(person, body) {
		return invalid.With("person", "access.error.no_posts")
	}
	return r.checkSeats(state, a)
}

// belongs reports whether the person is a member of the body, or of one below
// it where the body itself has no members (the chair of a region).
func (r *Register) belongs(person vault.PersonID, body unit.Unit) bool {
	if level, known := r.charter.Level(body.Level); known && level.Members {
		return r.members.Belongs(person, body.ID)
	}
	for _, below := range r.units.Tree().Below(body.ID) {
		if r.members.Belongs(person, below.ID) {
			return true
		}
	}
	return false
}

// EndAppointment ends a post with the given last day; yesterday or earlier ends
// the access at once.
func (r *Register) EndAppointment(ctx context.Context, by Actor, person vault.PersonID, id uint64, last civil.Date) error {
	held, ok := r.holding(person, id, ByPost)
	if !ok {
		return fault.New(fault.NotFound, "access.error.no_holding")
	}
	scope, err := r.Require(ctx, by, Want{Act: charter.Appoint, Unit: held.basis.Unit})
	if err != nil {
		return err
	}
	return r.db.Write(ctx, func(tx *database.Tx) error {
		d := r.draft(tx)
		if err := r.unseat(tx, d, scope, person, id, last); err != nil {
			return err
		}
		return d.settle(tx)
	})
}

// Employ records that a person holds a position in the secretariat. Both
// count, the person and the position, so the ground is required; nobody gives
// a position to themselves (D4).
func (r *Register) Employ(ctx context.Context, by Actor, person vault.PersonID, p Position) (uint64, error) {
	scope, err := r.Require(ctx, by, Want{Act: charter.Staff})
	if err != nil {
		return 0, err
	}
	if by.Person == person {
		return 0, r.refuse(ctx, scope, "access.denied.own")
	}
	if err := r.CheckPosition(p); err != nil {
		return 0, err
	}
	p.By = by.Person
	return r.employ(ctx, scope.Entry(journal.Staff, person), person, p)
}

// CheckPosition tells what is wrong with a position, field by field, before the
// person who is to hold it is made known.
func (r *Register) CheckPosition(p Position) error {
	invalid := fault.New(fault.Invalid, "access.error.position")
	if _, known := r.charter.Position(p.Code); !known {
		invalid = invalid.With("position", "access.error.position_unknown")
	}
	if p.Ground == "" {
		invalid = invalid.With("ground", "access.error.ground_missing")
	}
	if checkTerm(invalid, p.From, p.Until); len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// Found records the positions of the first person of a new register, where
// nobody is there yet to give them. It refuses once anybody holds a position.
func (r *Register) Found(ctx context.Context, osUser string, person vault.PersonID, positions ...Position) error {
	for _, held := range r.state.Load().held {
		for _, h := range held {
			if h.basis.Right == ByPosition {
				return fault.New(fault.Conflict, "access.error.founded")
			}
		}
	}
	for _, p := range positions {
		e := journal.Entry{
			Act: journal.Staff, Right: string(System), Via: string(Console), OSUser: osUser,
			Persons: roaring.BitmapOf(uint32(person)),
		}
		if _, err := r.employ(ctx, e, person, p); err != nil {
			return err
		}
	}
	return nil
}

func (r *Register) employ(ctx context.Context, e journal.Entry, person vault.PersonID, p Position) (uint64, error) {
	var id uint64
	err := r.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Next("holding")
		if err != nil {
			return err
		}
		id = uint64(n)
		if err := record.Create(r.records, tx, Positions, person, id, &p); err != nil {
			return err
		}
		e.Number = n
		if _, err := r.journal.Append(tx, &e); err != nil {
			return err
		}
		d := r.draft(tx)
		d.put(person, r.fromPosition(id, &p), wordEmployed)
		return d.settle(tx)
	})
	return id, err
}

// EndPosition ends a position with the given last day.
func (r *Register) EndPosition(ctx context.Context, by Actor, person vault.PersonID, id uint64, last civil.Date) error {
	scope, err := r.Require(ctx, by, Want{Act: charter.Staff})
	if err != nil {
		return err
	}
	if _, ok := r.holding(person, id, ByPosition); !ok {
		return fault.New(fault.NotFound, "access.error.no_holding")
	}
	return r.db.Write(ctx, func(tx *database.Tx) error {
		var p Position
		if err := record.Get(r.records, tx, Positions, person, id, &p); err != nil {
			return err
		}
		p.Until = lastDay(p.From, last)
		if err := record.Put(r.records, tx, Positions, person, id, &p); err != nil {
			return err
		}
		if err := r.note(tx, scope, journal.Unstaff, person, 0, int64(id)); err != nil {
			return err
		}
		d := r.draft(tx)
		d.put(person, r.fromPosition(id, &p), wordEnded)
		return d.settle(tx)
	})
}

// lastDay keeps a term's end from falling before the day before its start,
// which stands for a right that never began.
func lastDay(from, last civil.Date) civil.Date {
	if before := from.AddDays(-1); last.Before(before) {
		return before
	}
	return last
}

// note journals what an act did to one person's rights in a body.
func (r *Register) note(tx *database.Tx, scope Scope, act journal.Act, person vault.PersonID, body unit.ID, number int64) error {
	e := scope.Entry(act, person)
	e.Target, e.Number = uint32(body), number
	_, err := r.journal.Append(tx, &e)
	return err
}

// replace puts a holding in the place of the one with its id, or adds it.
func (s *snapshot) replace(person vault.PersonID, h holding) {
	kept := make([]holding, 0, len(s.held[person])+1)
	for _, old := range s.held[person] {
		if old.basis.ID != h.basis.ID {
			kept = append(kept, old)
		}
	}
	s.held[person] = append(kept, h)
}

// holding finds one right of a person, past and future ones too.
func (r *Register) holding(person vault.PersonID, id uint64, right Right) (holding, bool) {
	for _, h := range r.state.Load().held[person] {
		if h.basis.ID == id && h.basis.Right == right {
			return h, true
		}
	}
	return holding{}, false
}

// refuse journals a denial that a rule, not a missing right, has caused.
func (r *Register) refuse(ctx context.Context, scope Scope, reason string) error {
	e := scope.Entry(journal.Denied)
	e.Reason = reason
	if _, err := r.journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, reason)
}
