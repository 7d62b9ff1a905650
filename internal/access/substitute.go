package access

import (
	"cmp"
	"context"
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// A substitute is elected in advance, for one post or for the board, and has no
// access. When a post falls vacant in the middle of a term they step in, by one
// act with day and reason, and get the rest of it.

func fromSubstitute(id uint64, s *Substitute) holding {
	h := holding{
		basis:  Basis{Right: BySubstitute, Code: s.Post, Unit: s.Unit, ID: id, From: s.From, Until: s.Until, Of: s.Rank},
		ground: s.Ground, by: s.By,
	}
	h.first, h.last = term(s.From, s.Until)
	return h
}

// ElectSubstitute records that a member was elected to step in when a post of
// the body falls vacant. It gives no access.
func (r *Register) ElectSubstitute(ctx context.Context, by Actor, person vault.PersonID, s Substitute) (uint64, error) {
	scope, err := r.Require(ctx, by, Want{Act: charter.Appoint, Unit: s.Unit})
	if err != nil {
		return 0, err
	}
	if by.Person == person {
		return 0, r.refuse(ctx, scope, "access.denied.own")
	}
	if err := r.checkSubstitute(person, &s); err != nil {
		return 0, err
	}
	s.By = by.Person
	var id uint64
	err = r.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Next("holding")
		if err != nil {
			return err
		}
		id = uint64(n)
		d := r.draft(tx)
		if s.Rank == 0 {
			s.Rank = 1
			for _, held := range d.next.held {
				for i := range held {
					if b := held[i].basis; b.Right == BySubstitute && b.Unit == s.Unit && b.Code == s.Post && overlaps(b.From, b.Until, s.From, s.Until) {
						s.Rank = max(s.Rank, b.Of+1)
					}
				}
			}
		}
		if err := record.Create(r.records, tx, Substitutes, person, id, &s); err != nil {
			return err
		}
		if err := r.note(tx, scope, journal.Substitute, person, s.Unit, n); err != nil {
			return err
		}
		d.put(person, fromSubstitute(id, &s), wordSubstitute)
		return d.settle(tx)
	})
	return id, err
}

func (r *Register) checkSubstitute(person vault.PersonID, s *Substitute) error {
	invalid := fault.New(fault.Invalid, "access.error.substitute")
	body, known := r.units.Tree().ByID(s.Unit)
	if !known {
		return invalid.With("unit", "access.error.unit_unknown")
	}
	if post, known := r.charter.Post(s.Post); s.Post != "" && (!known || !post.At(body.Level)) {
		return invalid.With("post", "access.error.post_unknown")
	}
	if invalid = checkTerm(invalid, s.From, s.Until); len(invalid.Fields) > 0 {
		return invalid
	}
	if r.isSuspended(person) || !r.belongs(person, body) {
		return invalid.With("person", "access.error.not_a_member")
	}
	return nil
}

// Substitutes lists who may step in, in a body or, with body 0, everywhere the
// Scope reaches: by body, by post, in the order they were elected in.
func (r *Register) Substitutes(s Scope, body unit.ID) ([]Holding, error) {
	if s.Act()&(charter.Access|charter.Appoint) == 0 || body != 0 && !s.Covers(body) {
		return nil, fault.New(fault.Denied, "access.denied.body", "act", charter.Access.String())
	}
	today := r.today().number
	all := r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.Right == BySubstitute && (h.basis.Unit == body || body == 0 && s.Covers(h.basis.Unit)) && today <= h.last && h.first <= h.last
	})
	slices.SortStableFunc(all, func(a, b Holding) int {
		return cmp.Or(cmp.Compare(a.Basis.Unit, b.Basis.Unit), cmp.Compare(a.Basis.Code, b.Basis.Code), cmp.Compare(a.Basis.Of, b.Basis.Of))
	})
	return all, nil
}

// EndSubstitute ends that somebody may step in.
func (r *Register) EndSubstitute(ctx context.Context, by Actor, person vault.PersonID, id uint64) error {
	held, ok := r.holding(person, id, BySubstitute)
	if !ok {
		return fault.New(fault.NotFound, "access.error.no_holding")
	}
	scope, err := r.Require(ctx, by, Want{Act: charter.Appoint, Unit: held.basis.Unit})
	if err != nil {
		return err
	}
	return r.db.Write(ctx, func(tx *database.Tx) error {
		d := r.draft(tx)
		if err := r.spend(tx, d, scope, person, id, r.charter.Today(tx.Now()).AddDays(-1)); err != nil {
			return err
		}
		return d.settle(tx)
	})
}

// spend ends a substitute's turn, as part of an act.
func (r *Register) spend(tx *database.Tx, d *draft, scope Scope, person vault.PersonID, id uint64, last civil.Date) error {
	var s Substitute
	if err := record.Get(r.records, tx, Substitutes, person, id, &s); err != nil {
		return err
	}
	s.Until = lastDay(s.From, last)
	if err := record.Put(r.records, tx, Substitutes, person, id, &s); err != nil {
		return err
	}
	if err := r.note(tx, scope, journal.Dismiss, person, s.Unit, int64(id)); err != nil {
		return err
	}
	d.put(person, fromSubstitute(id, &s), wordEnded)
	return nil
}

// StepIn is what a substitute steps into.
type StepIn struct {
	Post   string     // the post that fell vacant; may be "" for a substitute of one post
	Holder uint64     // the holding that ends with it; 0 where the seat is free already
	From   civil.Date // first day
	Until  civil.Date // last day; zero is the rest of the term
	Ground string     // why: "the treasurer has moved"
}

// StepsIn has a substitute take a post for the rest of its term, and ends the
// holder's if they still have it: one act. It gives the appointment's number
// and last day.
func (r *Register) StepsIn(ctx context.Context, by Actor, person vault.PersonID, id uint64, in StepIn) (uint64, civil.Date, error) {
	held, ok := r.holding(person, id, BySubstitute)
	if !ok {
		return 0, civil.Date{}, fault.New(fault.NotFound, "access.error.no_holding")
	}
	scope, err := r.Require(ctx, by, Want{Act: charter.Appoint, Unit: held.basis.Unit})
	if err != nil {
		return 0, civil.Date{}, err
	}
	if by.Person == person {
		return 0, civil.Date{}, r.refuse(ctx, scope, "access.denied.own")
	}
	if held.basis.Code != "" {
		in.Post = held.basis.Code
	}
	invalid := fault.New(fault.Invalid, "access.error.appointment")
	if in.Ground == "" {
		invalid = invalid.With("ground", "access.error.step_ground")
	}
	if first := day(in.From); in.From.IsValid() && !in.From.IsZero() && (first < held.first || first > held.last) {
		invalid = invalid.With("from", "access.error.step_term")
	}
	if len(invalid.Fields) > 0 {
		return 0, civil.Date{}, invalid
	}
	a := Appointment{Unit: held.basis.Unit, Post: in.Post, From: in.From, Until: in.Until, Ground: in.Ground, By: by.Person}
	var made uint64
	err = r.db.Write(ctx, func(tx *database.Tx) (err error) {
		d := r.draft(tx)
		if in.Holder != 0 {
			leaver, post := d.next.find(in.Holder)
			if post == nil || post.basis.Right != ByPost || post.basis.Unit != a.Unit || post.basis.Code != a.Post {
				return fault.New(fault.NotFound, "access.error.no_holding")
			}
			if a.Until.IsZero() {
				a.Until = post.basis.Until
			}
			if err := r.unseat(tx, d, scope, leaver, in.Holder, in.From.AddDays(-1)); err != nil {
				return err
			}
		}
		if a.Until.IsZero() {
			if a.Until, err = restOfTerm(tx, a); err != nil {
				return err
			}
		}
		if a.Until.IsZero() {
			a.Until = held.basis.Until
		}
		if err := r.checkAppointmentIn(d.next, person, a); err != nil {
			return err
		}
		if made, err = r.seat(tx, d, scope, person, a, wordSubstitute); err != nil {
			return err
		}
		if err := r.spend(tx, d, scope, person, id, in.From.AddDays(-1)); err != nil {
			return err
		}
		return d.settle(tx)
	})
	return made, a.Until, err
}

// restOfTerm is the last day of the term that was given to whoever held the
// post last, also where they have been erased since; zero if nobody knows.
func restOfTerm(tx *database.Tx, a Appointment) (civil.Date, error) {
	all, err := seatHistory(tx, a.Unit, a.Post)
	if err != nil {
		return civil.Date{}, err
	}
	for _, c := range all {
		if !c.planned.IsZero() && !c.planned.Before(a.From) {
			return c.planned, nil
		}
	}
	return civil.Date{}, nil
}
