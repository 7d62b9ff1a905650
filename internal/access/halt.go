package access

import (
	"context"
	"errors"
	"maps"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// What a review does to an access (D14). An access that nobody confirms is halted: it
// stands on record, opens nothing, says so wherever it is told of, and the history
// shows the days. Resuming gives it back; ending ends it as any act does. The review is
// its own ground: whoever answers in it needs neither the right to fill posts nor to
// give positions, and room review decides who that is.

// Halt is that a review has suspended one access of a person.
type Halt struct {
	Since  civil.Date
	Review int64
}

// Halts are records of whoever is suspended; their number is the holding's.
var Halts = record.Declare(record.Kind[Halt]{
	Number: 100, Name: "suspended-access", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, h *Halt) []byte {
		w := record.Writer{Bytes: dst}
		return w.Date(1, h.Since).Uint(2, uint64(h.Review)).Bytes
	},
	Decode: func(src []byte, h *Halt) error {
		*h = Halt{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				h.Since = r.Date()
			case 2:
				h.Review = int64(r.Uint())
			}
		}
		return r.Err()
	},
	Words: func(h *Halt) []record.Line {
		return []record.Line{{Key: "access.record.halted", Value: h.Since.String()}}
	},
})

// halted reports whether a review has suspended a holding.
func (s *snapshot) halted(id uint64) bool { return s.halts != nil && !s.halts[id].IsZero() }

// halt marks or frees a holding, in a copy: other snapshots read the same map.
func (s *snapshot) halt(id uint64, since civil.Date) {
	halts := maps.Clone(s.halts)
	if halts == nil {
		halts = map[uint64]civil.Date{}
	}
	if halts[id] = since; since.IsZero() {
		delete(halts, id)
	}
	if s.halts = halts; len(halts) == 0 {
		s.halts = nil
	}
}

// readHalts reads what is suspended.
func (r *Register) readHalts(ctx context.Context) (halts map[uint64]civil.Date, err error) {
	err = record.Scan(r.records, ctx, Halts, func(_ vault.PersonID, id uint64, h *Halt) error {
		if halts == nil {
			halts = map[uint64]civil.Date{}
		}
		halts[id] = h.Since
		return nil
	})
	return halts, err
}

// Reviewed lists every access a review looks at: who holds, covers or has been given
// anything today, suspended ones and posts that rest included, and documented accesses
// that begin later. The Scope must have been decided for charter.LookThrough.
func (r *Register) Reviewed(s Scope) ([]Holding, error) {
	if !s.Allowed() || s.Act() != charter.LookThrough {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.LookThrough.String())
	}
	return r.standing(func(h *holding) bool { return s.All() || h.basis.InBody() && s.Covers(h.basis.Unit) }), nil
}

// Standing is Reviewed for the program itself, which opens a review on its day.
func (r *Register) Standing() []Holding { return r.standing(func(*holding) bool { return true }) }

func (r *Register) standing(want func(*holding) bool) []Holding {
	today := r.today().number
	return r.list(func(_ vault.PersonID, h *holding) bool {
		begun := today >= h.first || h.basis.Right == ByGrant
		return h.basis.Right != BySubstitute && h.may != 0 && begun && today <= h.last && h.first <= h.last && want(h)
	})
}

// Halted lists what a review has suspended within a Scope for charter.Access.
func (r *Register) Halted(s Scope) ([]Holding, error) {
	if !s.Allowed() || s.Act() != charter.Access {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Access.String())
	}
	state, today := r.state.Load(), r.today().number
	return r.list(func(_ vault.PersonID, h *holding) bool {
		return state.halted(h.basis.ID) && today <= h.last && h.first <= h.last && (s.All() || h.basis.InBody() && s.Covers(h.basis.Unit))
	}), nil
}

// Lookup finds a holding by its number, as it is told of today; false where its term
// is over, or there is none.
func (r *Register) Lookup(id uint64) (Holding, bool) {
	state, today := r.state.Load(), r.today().number
	person, h := state.find(id)
	if h == nil || today > h.last || h.first > h.last {
		return Holding{}, false
	}
	return state.told(person, h, today), true
}

// Halt suspends an access in the transaction of a review.
func (r *Register) Halt(tx *database.Tx, person vault.PersonID, id uint64, review int64) error {
	d := r.draft(tx)
	_, h := d.next.find(id)
	if h == nil || d.next.halted(id) {
		return nil
	}
	halt := Halt{Since: r.charter.Today(tx.Now()), Review: review}
	if err := record.Create(r.records, tx, Halts, person, id, &halt); err != nil {
		return err
	}
	d.touched[id] = wordHalted
	d.edit(func(s *snapshot) { s.halt(id, halt.Since) })
	return d.settle(tx)
}

// Resume lifts a suspension, in the transaction of the answer; what is not suspended
// stays as it is.
func (r *Register) Resume(tx *database.Tx, person vault.PersonID, id uint64) error {
	d := r.draft(tx)
	if !d.next.halted(id) {
		return nil
	}
	if err := r.unhalt(tx, d, person, id); err != nil {
		return err
	}
	d.touched[id] = wordResumed
	return d.settle(tx)
}

func (r *Register) unhalt(tx *database.Tx, d *draft, person vault.PersonID, id uint64) error {
	if !d.next.halted(id) {
		return nil
	}
	d.edit(func(s *snapshot) { s.halt(id, civil.Date{}) })
	return record.Remove(tx, Halts, person, id)
}

// moveHalt makes a suspension that of another person: two entries that were one.
func (r *Register) moveHalt(tx *database.Tx, from, to vault.PersonID, id uint64) error {
	var h Halt
	if err := record.Get(r.records, tx, Halts, from, id, &h); err != nil {
		return err
	}
	if err := record.Remove(tx, Halts, from, id); err != nil {
		return err
	}
	return record.Create(r.records, tx, Halts, to, id, &h)
}

// EndReviewed ends a post, a position or a cover at once, in the transaction of the
// answer that ends it, and gives the last day it had: what Reopen needs. The entry says
// who answers. A documented access is ended by its procedure.
func (r *Register) EndReviewed(tx *database.Tx, by journal.Entry, person vault.PersonID, id uint64) (until civil.Date, err error) {
	d := r.draft(tx)
	_, h := d.next.find(id)
	if h == nil {
		return until, fault.New(fault.NotFound, "access.error.no_holding")
	}
	until = h.basis.Until
	if err := r.unhalt(tx, d, person, id); err != nil {
		return until, err
	}
	today := r.charter.Today(tx.Now())
	switch h.basis.Right {
	case ByPost:
		var a Appointment
		if err := record.Get(r.records, tx, Appointments, person, id, &a); err != nil {
			return until, err
		}
		err = r.stop(tx, d, by, person, id, &a, today)
	case ByCover:
		err = r.uncover(tx, d, Scope{}, today.AddDays(-1), wordEnded, func(_ vault.PersonID, b Basis) bool { return b.ID == id })
	case ByPosition:
		var p Position
		if err := record.Get(r.records, tx, Positions, person, id, &p); err != nil {
			return until, err
		}
		p.Until = lastDay(p.From, today.AddDays(-1))
		if err := record.Put(r.records, tx, Positions, person, id, &p); err != nil {
			return until, err
		}
		by.Target, by.Number = 0, int64(id)
		if err := r.journalPost(tx, by, journal.Unstaff, person, id, 0); err != nil {
			return until, err
		}
		d.put(person, r.fromPosition(id, &p), wordEnded)
	default:
		return until, fault.New(fault.Conflict, "access.error.no_holding")
	}
	if err != nil {
		return until, err
	}
	return until, d.settle(tx)
}

// Reopen gives back what EndReviewed ended, with the last day it had, while its seat is
// free and the person still may hold it. A cover is not taken up again.
func (r *Register) Reopen(tx *database.Tx, by journal.Entry, person vault.PersonID, b Basis) error {
	d := r.draft(tx)
	refused := fault.New(fault.Conflict, "access.error.reopen")
	if today := r.charter.Today(tx.Now()); !b.Until.IsZero() && b.Until.Before(today) || r.isSuspended(person) {
		return refused
	}
	switch b.Right {
	case ByPost:
		var a Appointment
		if err := record.Get(r.records, tx, Appointments, person, b.ID, &a); err != nil {
			return errors.Join(refused, err)
		}
		again := a
		again.From, again.Until = r.charter.Today(tx.Now()), b.Until
		if err := r.checkAppointmentIn(d.next, person, again); err != nil {
			return err
		}
		a.Until = b.Until
		if err := record.Put(r.records, tx, Appointments, person, b.ID, &a); err != nil {
			return err
		}
		if err := r.journalPost(tx, by, journal.Appoint, person, b.ID, a.Unit); err != nil {
			return err
		}
		d.put(person, r.fromAppointment(d.next.tree, b.ID, &a), wordReopened)
	case ByPosition:
		var p Position
		if err := record.Get(r.records, tx, Positions, person, b.ID, &p); err != nil {
			return errors.Join(refused, err)
		}
		p.Until = b.Until
		if err := record.Put(r.records, tx, Positions, person, b.ID, &p); err != nil {
			return err
		}
		if err := r.journalPost(tx, by, journal.Staff, person, b.ID, 0); err != nil {
			return err
		}
		d.put(person, r.fromPosition(b.ID, &p), wordReopened)
	default:
		return refused
	}
	return d.settle(tx)
}
