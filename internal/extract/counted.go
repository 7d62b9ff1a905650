package extract

import (
	"context"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Holder is under what somebody pulled lists: a post of a body, a position.
type Holder struct {
	Person vault.PersonID
	Post   string
	Unit   unit.ID // what the list is of
}

// HolderTally is what became of lists: in a period, and on the day it is asked.
type HolderTally struct {
	Pulled, Destroyed int // in the period
	Open, Overdue     int // today
	Kept              int // of those open, with an exception
}

// Counted tells what became of the lists since a moment, by holder and body: numbers
// for a review of access (D14), no list and nobody on one.
func (s *Service) Counted(ctx context.Context, since time.Time) (map[Holder]HolderTally, error) {
	lists, err := s.list(ctx, `ORDER BY number`)
	if err != nil {
		return nil, err
	}
	kept := map[int64]bool{}
	if err := s.db.Read(ctx, func(q database.Querier) error {
		granted, err := exceptions(q, `WHERE state = $1`, string(Granted))
		for i := range granted {
			kept[granted[i].Number] = true
		}
		return err
	}); err != nil {
		return nil, err
	}
	today := s.access.Today()
	all := map[Holder]HolderTally{}
	for i := range lists {
		l := &lists[i]
		h := Holder{Person: l.Recipient, Post: l.Post, Unit: l.Unit}
		t := all[h]
		if !l.PulledAt.Before(since) {
			t.Pulled++
		}
		switch l.StateOn(today) {
		case Overdue:
			t.Open++
			t.Overdue++
		case Out:
			t.Open++
		case Destroyed:
			if last := l.lastAttested(); !last.Before(since) {
				t.Destroyed++
			}
		}
		if state := l.StateOn(today); kept[l.Number] && (state == Out || state == Overdue) {
			t.Kept++
		}
		all[h] = t
	}
	return all, nil
}

// lastAttested is when the last part of a destroyed list was attested.
func (l *List) lastAttested() (last time.Time) {
	for _, p := range l.parts() {
		for _, at := range []time.Time{p.DigitalAt, p.PhysicalAt} {
			if at.After(last) {
				last = at
			}
		}
	}
	return last
}
