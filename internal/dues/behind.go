package dues

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Behind gives those of some members of a body who on a day have not paid what was due:
// whether one is in arrears, to the room that makes the body's electoral roll, and no
// amount, to nobody else. What they owe as a member of another body does not count.
func (s *Service) Behind(ctx context.Context, persons []vault.PersonID, body unit.ID, on civil.Date) (*roaring.Bitmap, error) {
	behind := roaring.New()
	of := func(c *Charge) bool { return c.Unit == body || c.Body == body }
	err := s.accounts(ctx, persons, of, func(a *Account) error {
		for i := range a.Lines {
			if a.Lines[i].StateOn(on) == Late {
				behind.Add(uint32(a.Person))
			}
		}
		return nil
	})
	return behind, err
}
