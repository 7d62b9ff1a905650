package handout

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// List gives the requisitions somebody sees, the newest first: the secretariat all of
// them, others their own.
func (s *Service) List(ctx context.Context, by access.Actor) ([]Case, access.Scope, error) {
	var scope access.Scope
	var err error
	if s.Office(by) {
		scope, err = s.office(ctx, by)
	} else if scope, err = s.Access.Require(ctx, by, access.Want{Self: true}); err == nil && !s.Asks(by) {
		err = s.refuse(ctx, scope, "handout.denied.ask")
	}
	if err != nil {
		return nil, scope, err
	}
	_, own := scope.Self()
	all, err := s.all(ctx, func(c *Case) bool { return !s.leaving(c) && (!own || c.Person == by.Person) })
	return all, scope, err
}

// Asks reports whether somebody has anything to do with requisitions: they may write
// their own, or decide those of others.
func (s *Service) Asks(by access.Actor) bool {
	return s.Office(by) || len(s.Bodies(by.Person)) > 0
}

// Get gives one requisition, to the secretariat and to its recipient. Anybody else is
// answered as if there were none.
func (s *Service) Get(ctx context.Context, by access.Actor, id int64) (Case, access.Scope, error) {
	c, err := s.find(ctx, id)
	if err != nil {
		return c, access.Scope{}, err
	}
	if c.Person == by.Person {
		scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
		return c, scope, err
	}
	scope, err := s.office(ctx, by)
	if fault.Is(err, fault.Denied) {
		err = fault.New(fault.NotFound, "handout.error.gone")
	}
	if err != nil {
		return Case{}, scope, err
	}
	return c, scope, nil
}

// Known is how a recipient who is no member is called.
type Known struct {
	Name     string
	Function string
	As       string // the charter's kind
}

// Names tells who recipients are that are no members, by name: whoever's data they
// were given has a right to know it (CJEU C-154/21). It is journaled before it is
// answered.
func (s *Service) Names(ctx context.Context, scope access.Scope, persons ...vault.PersonID) (map[vault.PersonID]Known, error) {
	if !scope.Allowed() {
		return nil, fault.New(fault.Denied, "access.denied.none", "act", s.Charter.Handouts.Decides)
	}
	wanted := map[vault.PersonID]bool{}
	for _, person := range persons {
		wanted[person] = true
	}
	known := map[vault.PersonID]Known{}
	if len(wanted) == 0 {
		return known, nil
	}
	all, err := s.all(ctx, func(c *Case) bool { return wanted[c.Person] && !c.Member() })
	if err != nil || len(all) == 0 {
		return known, err
	}
	e := scope.Entry(journal.Shown)
	e.Persons, e.Fields = journal.Set(), []string{"given", "family"}
	for i := range all {
		if _, there := known[all[i].Person]; !there { // the newest says it best
			known[all[i].Person] = Known{Name: all[i].Wish.To.Name, Function: all[i].Wish.To.Function, As: all[i].Wish.As}
			e.Persons.Add(uint32(all[i].Person))
		}
	}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return known, nil
}

// Out are the lists that a requisition has become, the oldest first.
func (s *Service) Out(ctx context.Context, c *Case) ([]List, error) {
	if len(c.Lists) == 0 {
		return nil, nil
	}
	return s.Lists.Numbered(ctx, c.Lists...)
}

// Of finds the requisition that a list was handed out for, to whoever sees it; false
// for a list that somebody pulled.
func (s *Service) Of(ctx context.Context, list int64) (c Case, handed bool, err error) {
	all, err := s.all(ctx, func(c *Case) bool {
		for _, number := range c.Lists {
			if number == list {
				return true
			}
		}
		return false
	})
	if err != nil || len(all) == 0 {
		return c, false, err
	}
	return all[0], true, nil
}
