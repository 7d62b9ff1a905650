package signin

import (
	"context"
	"slices"

	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Seconds tells which kinds of second factor each person has: what a review of access
// asks of the door (D14).
func (s *Service) Seconds(ctx context.Context) (map[vault.PersonID][]FactorKind, error) {
	all := map[vault.PersonID][]FactorKind{}
	err := record.Scan(s.o.Records, ctx, Factors, func(person vault.PersonID, _ uint64, f *Factor) error {
		if !slices.Contains(all[person], f.Kind) {
			all[person] = append(all[person], f.Kind)
		}
		return nil
	})
	return all, err
}
