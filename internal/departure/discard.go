package departure

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// Discard erases somebody who waited to become a member and did not: the same
// steps as an erasure, without window, certificate or letter, since there never
// was a membership. The intent stands in the caller's own row; to discard again
// what a stop cut off changes nothing (GDPR Art. 5(1)(e)).
func (s *Service) Discard(ctx context.Context, person vault.PersonID) error {
	if err := s.Keyring.Healthy(); err != nil {
		return fault.New(fault.Unavailable, "departure.error.keys").Because(err)
	}
	s.erasing <- struct{}{}
	defer func() { <-s.erasing }()
	ctx = context.WithoutCancel(ctx) // what has begun goes on
	held := s.Keyring.Holds(person, vault.Membership)
	if held {
		if _, err := s.Keyring.Erase(ctx, s.Now(), []vault.PersonID{person}, erasedClasses...); err != nil {
			return err
		}
	}
	s.at("discarded")
	err := s.DB.Write(ctx, func(tx *database.Tx) error {
		rows, err := s.Records.Delete(tx, person, erasedClasses...)
		if err != nil || rows == 0 && !held {
			return err
		}
		if _, err := s.Journal.Append(tx, &journal.Entry{
			Act: journal.Erase, Right: string(access.System), Via: string(access.System), Persons: roaring.BitmapOf(uint32(person)),
		}); err != nil {
			return err
		}
		return s.note(tx)
	})
	if err != nil {
		return err
	}
	return s.DB.Forget(ctx)
}
