package handout

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// all reads every case that is wanted, the newest first. There are few: a walk over
// the records of one kind, not over members.
func (s *Service) all(ctx context.Context, want func(*Case) bool) ([]Case, error) {
	var found []Case
	err := record.Scan(s.Records, ctx, Cases, func(person vault.PersonID, id uint64, c *Case) error {
		if c.Person, c.ID = person, int64(id); want(c) {
			found = append(found, *c)
		}
		return nil
	})
	slices.SortFunc(found, func(a, b Case) int { return cmp.Compare(b.ID, a.ID) })
	return found, err
}

// find finds a case by its number; no member who is leaving has one (D7).
func (s *Service) find(ctx context.Context, id int64) (Case, error) {
	all, err := s.all(ctx, func(c *Case) bool { return c.ID == id && !s.leaving(c) })
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "handout.error.gone")
	}
	if err != nil {
		return Case{}, err
	}
	return all[0], nil
}

func (s *Service) leaving(c *Case) bool { return c.Member() && s.Members.Leaving(c.Person) }

// get reads a case inside an act.
func (s *Service) get(q database.Querier, person vault.PersonID, id int64) (c Case, err error) {
	err = record.Get(s.Records, q, Cases, person, uint64(id), &c)
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		err = fault.New(fault.NotFound, "handout.error.gone")
	}
	c.Person, c.ID = person, id
	return c, err
}

func (s *Service) put(tx *database.Tx, c *Case) error {
	return record.Put(s.Records, tx, Cases, c.Person, uint64(c.ID), c)
}

// step brings a case to a state in one transaction, from what it is by then.
func (s *Service) step(ctx context.Context, c Case, to State, act func(tx *database.Tx, c *Case) error) (Case, error) {
	err := s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := s.get(tx, c.Person, c.ID)
		if err != nil {
			return err
		}
		if !now.State.may(to) {
			return fault.New(fault.Conflict, "handout.error.state")
		}
		now.State = to
		if err := act(tx, &now); err != nil {
			return err
		}
		c = now
		return s.put(tx, &c)
	})
	return c, err
}
