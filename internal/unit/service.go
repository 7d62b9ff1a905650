package unit

import (
	"context"
	"errors"
	"sync/atomic"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
)

// Service keeps the tree of one register and changes it. Acts with a Tx are
// for callers who combine several in one transaction; the tree that everybody
// sees changes when that commits.
type Service struct {
	db      *database.DB
	charter *charter.Charter
	tree    atomic.Pointer[Tree]

	// Occupied tells whether anybody still belongs to a body or holds a post in
	// it; such a body does not close. App sets it before the house is open; nil
	// means that nobody does.
	Occupied func(ID) bool

	watchers []func()
}

// New reads the bodies of a register.
func New(ctx context.Context, db *database.DB, c *charter.Charter) (*Service, error) {
	s := &Service{db: db, charter: c}
	var tree *Tree
	err := db.Read(ctx, func(q database.Querier) (err error) {
		tree, err = s.read(q)
		return err
	})
	if err != nil {
		return nil, err
	}
	s.tree.Store(tree)
	return s, nil
}

// Watch has fn called after every committed change of the tree, while the
// writer still stands: fn must not write. It is for app, before the house is open.
func (s *Service) Watch(fn func()) { s.watchers = append(s.watchers, fn) }

// Tree gives the bodies as they are now. Take it once for one act or page.
func (s *Service) Tree() *Tree { return s.tree.Load() }

// Add makes a body. The refusal tells every wrong field.
func (s *Service) Add(ctx context.Context, by Recorder, d Draft) (Unit, error) {
	return s.one(ctx, func(tx *database.Tx) (Unit, error) { return s.AddTx(tx, by, d) })
}

// AddTx is Add within the caller's transaction.
func (s *Service) AddTx(tx *database.Tx, by Recorder, d Draft) (Unit, error) {
	var made Unit
	err := s.act(tx, by, func(t *Tree) ([]Change, error) {
		d, err := t.placed(s.charter, d.normalised())
		if err != nil {
			return nil, err
		}
		made, err = s.insert(tx, d)
		return []Change{{Act: Added, Unit: made}}, err
	})
	return made, err
}

// Rename gives a body another name; its code stays, since files and commands
// use it. The name it has already changes nothing and is not journaled.
func (s *Service) Rename(ctx context.Context, by Recorder, id ID, name string) (Unit, error) {
	return s.one(ctx, func(tx *database.Tx) (Unit, error) { return s.RenameTx(tx, by, id, name) })
}

// RenameTx is Rename within the caller's transaction.
func (s *Service) RenameTx(tx *database.Tx, by Recorder, id ID, name string) (Unit, error) {
	d := Draft{Name: name}.normalised()
	return s.change(tx, by, Renamed, id, func(t *Tree, u *Unit) error {
		if key := nameFault(d.Name); key != "" {
			return fault.New(fault.Invalid, "unit.error.invalid").With("name", key, "limit", maxName)
		}
		u.Name = d.Name
		return nil
	})
}

// Close ends a body that has nothing open below it and nobody in it. It stays
// for whatever refers to it.
func (s *Service) Close(ctx context.Context, by Recorder, id ID) (Unit, error) {
	return s.one(ctx, func(tx *database.Tx) (Unit, error) { return s.CloseTx(tx, by, id) })
}

// CloseTx is Close within the caller's transaction.
func (s *Service) CloseTx(tx *database.Tx, by Recorder, id ID) (Unit, error) {
	return s.change(tx, by, Closed, id, func(t *Tree, u *Unit) error {
		if u.Closed {
			return nil
		}
		if err := t.closable(*u); err != nil {
			return err
		}
		if s.Occupied != nil && s.Occupied(id) {
			return fault.New(fault.Conflict, "unit.error.occupied", "name", u.Name)
		}
		u.Closed, u.ClosedAt = true, tx.Now()
		return nil
	})
}

// Reopen takes a wrong closing back.
func (s *Service) Reopen(ctx context.Context, by Recorder, id ID) (Unit, error) {
	return s.one(ctx, func(tx *database.Tx) (Unit, error) { return s.ReopenTx(tx, by, id) })
}

// ReopenTx is Reopen within the caller's transaction.
func (s *Service) ReopenTx(tx *database.Tx, by Recorder, id ID) (Unit, error) {
	return s.change(tx, by, Reopened, id, func(t *Tree, u *Unit) error {
		if above, ok := t.ByID(u.Parent); ok && above.Closed {
			return fault.New(fault.Conflict, "unit.error.parent_closed", "name", above.Name)
		}
		*u = u.open()
		return nil
	})
}

// CheckAccounting refuses a law nobody has described and a month there is not,
// before anything is changed.
func (s *Service) CheckAccounting(a Accounting) error { return a.check(s.charter) }

// SetAccounting says whether a body is a legal body that keeps accounts by law, and
// by which law and in which year (L7: a setting of each body, never a global one).
// What was kept before keeps the end it was given.
func (s *Service) SetAccounting(ctx context.Context, by Recorder, id ID, a Accounting) (Unit, error) {
	if invalid := a.check(s.charter); invalid != nil {
		return Unit{}, invalid
	}
	return s.one(ctx, func(tx *database.Tx) (Unit, error) {
		return s.change(tx, by, Accounts, id, func(_ *Tree, u *Unit) error {
			u.Accounts, u.Seat, u.YearEnds = a.Keeps, a.Seat, a.YearEnds
			if u.Seat == s.charter.Country {
				u.Seat = ""
			}
			return nil
		})
	})
}

// one runs an act on one body in a transaction of its own.
func (s *Service) one(ctx context.Context, act func(tx *database.Tx) (Unit, error)) (u Unit, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		u, err = act(tx)
		return err
	})
	if errors.Is(err, database.ErrConflict) {
		err = fault.New(fault.Conflict, "unit.error.conflict").Because(err)
	}
	if err != nil {
		return Unit{}, err
	}
	return u, nil
}

// change lets edit change a body and journals it, if anything is different.
func (s *Service) change(tx *database.Tx, by Recorder, act Act, id ID, edit func(*Tree, *Unit) error) (Unit, error) {
	var now Unit
	err := s.act(tx, by, func(t *Tree) ([]Change, error) {
		was, ok := t.ByID(id)
		if !ok {
			return nil, fault.New(fault.NotFound, "unit.error.unknown")
		}
		now = was
		if err := edit(t, &now); err != nil || now == was {
			return nil, err
		}
		return []Change{{Act: act, Unit: now, Was: was}}, update(tx, now)
	})
	return now, err
}

// act shows fn the tree as this transaction sees it, journals the changes fn
// makes, and lets everybody see the new tree once they are committed.
func (s *Service) act(tx *database.Tx, by Recorder, fn func(*Tree) ([]Change, error)) error {
	// Not s.tree: an act before this one in the same transaction is not in there yet.
	before, err := s.read(tx)
	if err != nil {
		return err
	}
	changes, err := fn(before)
	if err != nil || len(changes) == 0 {
		return err
	}
	if err := by.RecordUnit(tx, changes); err != nil {
		return err
	}
	after, err := s.read(tx)
	if err != nil {
		return err
	}
	tx.AfterCommit(func() {
		s.tree.Store(after)
		for _, seen := range s.watchers {
			seen()
		}
	})
	return nil
}

// insert writes a draft that has been placed.
func (s *Service) insert(tx *database.Tx, d Draft) (Unit, error) {
	u := Unit{Parent: d.Parent, Level: d.Level, Code: d.Code, Name: d.Name}
	if level, ok := s.charter.Level(d.Level); ok {
		u.Accounts = level.Accounts
	}
	err := insert(tx, &u)
	return u, err
}

// read builds the tree from the table.
func (s *Service) read(q database.Querier) (*Tree, error) {
	units, err := readAll(q)
	if err != nil {
		return nil, err
	}
	return newTree(units, s.charter.Lang())
}

// open is the body without its closing.
func (u Unit) open() Unit {
	open := Unit{ID: u.ID, Parent: u.Parent, Level: u.Level, Code: u.Code, Name: u.Name, Accounts: u.Accounts, Seat: u.Seat, YearEnds: u.YearEnds, Created: u.Created}
	return open
}
