package consent

import (
	"context"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// former marks the number of a consent that is kept in the older form.
const former = 1 << 62

// of reads a person's consents of both forms, the newest first.
func (s *Service) of(q database.Querier, person vault.PersonID) ([]Consent, error) {
	items, err := record.All(s.Records, q, Consents, person)
	if err != nil {
		return nil, err
	}
	older, err := record.All(s.Records, q, Disclosures, person)
	if err != nil {
		return nil, err
	}
	all := make([]Consent, 0, len(items)+len(older))
	for i := range older {
		older[i].Value.ID = older[i].ID | former
		all = append(all, older[i].Value)
	}
	for i := range items {
		items[i].Value.ID = items[i].ID
		all = append(all, items[i].Value)
	}
	slices.SortStableFunc(all, func(a, b Consent) int { return b.GivenAt.Compare(a.GivenAt) })
	return all, nil
}

// each walks over everybody's consents of both forms.
func (s *Service) each(ctx context.Context, fn func(vault.PersonID, *Consent) error) error {
	err := record.Scan(s.Records, ctx, Disclosures, func(person vault.PersonID, id uint64, c *Consent) error {
		c.ID = id | former
		return fn(person, c)
	})
	if err != nil {
		return err
	}
	return record.Scan(s.Records, ctx, Consents, func(person vault.PersonID, id uint64, c *Consent) error {
		c.ID = id
		return fn(person, c)
	})
}

// put writes a consent again in the form it was kept in.
func (s *Service) put(tx *database.Tx, person vault.PersonID, c *Consent) error {
	if c.ID&former != 0 {
		return record.Put(s.Records, tx, Disclosures, person, c.ID&^former, c)
	}
	return record.Put(s.Records, tx, Consents, person, c.ID, c)
}

func (s *Service) remove(tx *database.Tx, person vault.PersonID, id uint64) error {
	if id&former != 0 {
		return record.Remove(tx, Disclosures, person, id&^former)
	}
	return record.Remove(tx, Consents, person, id)
}
