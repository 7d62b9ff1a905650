package access

import (
	"context"
	"errors"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Lists passes the open lists of somebody who leaves a body on to whoever
// follows, in the act's own transaction (D12).
type Lists interface {
	PassOn(tx *database.Tx, by, from, to vault.PersonID, body unit.ID, last civil.Date) (int, error)
}

// Preview tells everything a handover of one or several boards will do, and
// does nothing.
func (r *Register) Preview(ctx context.Context, by Actor, boards ...Board) ([]Plan, error) {
	var plans []Plan
	state := r.state.Load()
	for _, b := range boards {
		scope, err := r.Require(ctx, by, Want{Act: charter.Appoint, Unit: b.Unit})
		if err != nil {
			return nil, err
		}
		p, err := r.plan(state, by.Person, b, r.Today())
		if mine := (own{}); errors.As(err, &mine) {
			return nil, r.refuse(ctx, scope, "access.denied.own")
		}
		if err != nil {
			return nil, at(err, len(plans), len(boards))
		}
		plans = append(plans, *p)
		state = p.after
	}
	return plans, nil
}

// OnBoard is an error about one of several boards.
type OnBoard struct {
	Board int
	error
}

func (e OnBoard) Unwrap() error { return e.error }

func at(err error, board, boards int) error {
	if boards == 1 {
		return err
	}
	return OnBoard{board, err}
}

// HandOver carries out what meetings decided about their boards: one act, in
// one transaction, all of it or nothing. Terms that end give way on the day
// access moves; lists pass on where that was chosen (D8, D12).
func (r *Register) HandOver(ctx context.Context, by Actor, boards ...Board) ([]Plan, error) {
	if len(boards) == 0 {
		return nil, fault.New(fault.Invalid, "access.error.handover")
	}
	if _, err := r.Preview(ctx, by, boards...); err != nil {
		return nil, err
	}
	scopes := make([]Scope, len(boards))
	for i, b := range boards {
		var err error
		if scopes[i], err = r.Require(ctx, by, Want{Act: charter.Appoint, Unit: b.Unit}); err != nil {
			return nil, err
		}
	}
	var plans []Plan
	err := r.db.Write(ctx, func(tx *database.Tx) error {
		plans = plans[:0]
		d := r.draft(tx)
		for i, b := range boards {
			p, err := r.plan(d.next, by.Person, b, r.charter.Today(tx.Now())) // again, alone with the writer
			if err != nil {
				return at(err, i, len(boards))
			}
			if err := r.carryOut(tx, d, scopes[i], by, p); err != nil {
				return err
			}
			plans = append(plans, *p)
		}
		return d.settle(tx)
	})
	return plans, err
}

// carryOut writes one board.
func (r *Register) carryOut(tx *database.Tx, d *draft, scope Scope, by Actor, p *Plan) error {
	concerned := roaring.New()
	for i := range p.Leaves {
		l := &p.Leaves[i]
		concerned.Add(uint32(l.Person))
		if l.Cover {
			continue // ends with the post it covers
		}
		if err := r.unseat(tx, d, scope, l.Person, l.Basis.ID, l.Last); err != nil {
			return err
		}
		if l.follows != 0 && r.Lists != nil {
			if _, err := r.Lists.PassOn(tx, by.Person, l.Person, l.follows, l.Basis.Unit, l.Last); err != nil {
				return err
			}
		}
	}
	for i := range p.Begins {
		n := &p.Begins[i]
		concerned.Add(uint32(n.Person))
		a := Appointment{Unit: p.Board.Unit, Post: n.Post, From: n.From, Until: n.Until, Ground: p.Board.Ground, By: by.Person}
		if _, err := r.seat(tx, d, scope, n.Person, a, wordHandover); err != nil {
			return err
		}
	}
	e := scope.Entry(journal.Handover)
	e.Persons, e.Target, e.Number = concerned, uint32(p.Board.Unit), int64(len(p.Leaves)+len(p.Begins))
	_, err := r.journal.Append(tx, &e)
	return err
}
