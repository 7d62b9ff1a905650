package grant

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

// get reads a case inside an act.
func (s *Service) get(q database.Querier, person vault.PersonID, id int64) (c Case, err error) {
	err = record.Get(s.Records, q, Cases, person, uint64(id), &c)
	if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		err = fault.New(fault.NotFound, "grant.error.gone")
	}
	c.Person, c.ID = person, id
	return c, err
}
