package consent

import (
	"context"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/journal"
)

// Kept notes that somebody kept a text that seemed to hold special data, saying that it
// is not that. Of the text nothing is noted but what it seemed to be.
func (s *Service) Kept(ctx context.Context, by access.Actor, kinds []string) error {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return err
	}
	e := scope.Entry(journal.GuardOverride)
	e.Fields, e.Persons = kinds, roaring.New()
	_, err = s.Journal.Read(ctx, &e)
	return err
}
