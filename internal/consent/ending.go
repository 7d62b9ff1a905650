package consent

import (
	"context"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// proofEnds is when the proof of a consent that no longer stands goes (L5); zero while
// it can still be withdrawn.
func (s *Service) proofEnds(c *Consent) time.Time {
	ended := c.WithdrawnAt
	for _, other := range []time.Time{c.RenewedAt, c.EndsAt} {
		if ended.IsZero() {
			ended = other
		}
	}
	if ended.IsZero() {
		return ended
	}
	return ended.AddDate(s.Charter.Parameters.EvidenceYears.Value, 0, 0)
}

func (s *Service) over(c *Consent, by time.Time) bool {
	ends := s.proofEnds(c)
	return !ends.IsZero() && ends.Before(by)
}

// Due counts the consents whose proof ends by a moment, and all there are (N14).
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.each(ctx, func(_ vault.PersonID, c *Consent) error {
		if all++; s.over(c, by) {
			due++
		}
		return nil
	})
	return due, all, err
}

// End forgets them, and says how many.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, err error) {
	type place struct {
		person vault.PersonID
		id     uint64
	}
	var over []place
	err = s.each(ctx, func(person vault.PersonID, c *Consent) error {
		if s.over(c, by) {
			over = append(over, place{person, c.ID})
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	for _, p := range over {
		if err := s.DB.Write(ctx, func(tx *database.Tx) error { return s.remove(tx, p.person, p.id) }); err != nil {
			return gone, err
		}
		gone++
	}
	return gone, nil
}

// Held tells a member how many consents of theirs are kept, and until when the last;
// zero while one stands.
func (s *Service) Held(ctx context.Context, person vault.PersonID) (count int, last time.Time, err error) {
	var all []Consent
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = s.of(q, person)
		return err
	})
	for i := range all {
		ends := s.proofEnds(&all[i])
		if ends.IsZero() {
			return len(all), time.Time{}, err
		}
		if ends.After(last) {
			last = ends
		}
	}
	return len(all), last, err
}
