package dues

import (
	"context"
	"errors"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// hit is the charge a reference is of.
type hit struct {
	account *Account
	line    uint64
}

// errEnough ends a walk that has found everything.
var errEnough = errors.New("dues: all found")

// lookUp finds the charges of references, among those a Scope keeps the books
// of. It goes from the reference to the person and on to their records; of
// somebody erased there are none. Charges of somebody who became one with another
// entry carry that entry's references, and are found by a walk over all.
func (s *Service) lookUp(ctx context.Context, scope access.Scope, wanted []string) (map[string]hit, error) {
	found := map[string]hit{}
	var persons []vault.PersonID
	missing := map[string]bool{}
	for _, reference := range wanted {
		missing[reference] = true
		if person, _, ok := s.references.read(reference); ok && s.Keyring.Holds(person, vault.Membership) {
			persons = append(persons, person)
		}
	}
	take := func(a *Account) error {
		if s.Directory.Leaving(a.Person) {
			return nil
		}
		for i := range a.Lines {
			if l := &a.Lines[i]; missing[l.Reference] {
				delete(missing, l.Reference)
				found[l.Reference] = hit{a, l.ID}
			}
		}
		return nil
	}
	may := func(c *Charge) bool { return s.covers(scope, c.Unit) }
	slices.Sort(persons)
	if err := s.accounts(ctx, slices.Compact(persons), may, take); err != nil || len(missing) == 0 {
		return found, err
	}
	persons = persons[:0]
	left := len(missing)
	err := record.Scan(s.Records, ctx, Charges, func(person vault.PersonID, _ uint64, c *Charge) error {
		if c.Was == 0 || !missing[c.Reference] {
			return nil
		}
		persons = append(persons, person)
		if left--; left == 0 {
			return errEnough
		}
		return nil
	})
	if err != nil && !errors.Is(err, errEnough) {
		return nil, err
	}
	slices.Sort(persons)
	return found, s.accounts(ctx, slices.Compact(persons), may, take)
}
