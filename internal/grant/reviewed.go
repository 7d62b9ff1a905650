package grant

import (
	"context"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Renewals tells, by the number of a case, how often the access it gives was renewed
// without a break: what a review of access asks (D14).
func (s *Service) Renewals(ctx context.Context) (map[int64]int, error) {
	renews := map[int64]int64{}
	if _, err := s.all(ctx, func(c *Case) bool {
		if c.State == Approved || c.State == Withdrawn {
			renews[c.ID] = c.Wish.Renews
		}
		return false
	}); err != nil {
		return nil, err
	}
	times := map[int64]int{}
	for id := range renews {
		for at := renews[id]; at != 0 && times[id] <= len(renews); at = renews[at] {
			times[id]++
		}
	}
	return times, nil
}

// EndReviewed ends an access in the transaction of a review's answer. The entry says
// who answers.
func (s *Service) EndReviewed(tx *database.Tx, by journal.Entry, person vault.PersonID, id int64, why string) error {
	c, err := s.get(tx, person, id)
	if err != nil {
		return err
	}
	if c.State == Approved {
		c.State = Withdrawn
		c.EndedBy, c.EndedAt, c.Why = vault.PersonID(by.Actor), tx.Now(), strings.TrimSpace(why)
		if err := record.Put(s.Records, tx, Cases, person, uint64(id), &c); err != nil {
			return err
		}
		by.Act, by.Persons, by.Reason, by.Fields = journal.GrantWithdraw, roaring.BitmapOf(uint32(person)), "", nil
		if err := s.note(tx, by, &c); err != nil {
			return err
		}
	}
	if c.Holding != 0 {
		if err := s.Access.TakeBack(tx, person, c.Holding, s.Charter.Today(tx.Now()).AddDays(-1)); err != nil {
			return err
		}
	}
	return s.finish(tx, &c, vault.PersonID(by.Actor), "withdrawn")
}
