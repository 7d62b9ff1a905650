package departure

import (
	"context"
	"errors"

	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/vault"
)

// Lapsed puts somebody before the secretariat whose last membership has run out:
// it closes what is left, or agrees on something new (D6). It does nothing for
// whoever is on the way out, or before it, already.
func (s *Service) Lapsed(ctx context.Context, person vault.PersonID) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := get(tx, person); !errors.Is(err, database.ErrNotFound) {
			return err
		}
		today := s.Charter.Today(tx.Now())
		known, err := s.Duties.About(tx, duty.CloseMembership, int64(person))
		if err == nil && (known.DoneAt.IsZero() || s.Charter.Today(known.DoneAt) == today) {
			return nil
		}
		if err != nil && !errors.Is(err, database.ErrNotFound) {
			return err
		}
		return s.ask(tx, duty.CloseMembership, person, today.AddDays(handleDays))
	})
}
