package dues

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/unit"
)

// Counted gives the head-counts of a body from one day to another, by cut-off date and
// kind of membership, as they were counted then (N13). Nobody is in it.
func (s *Service) Counted(ctx context.Context, body unit.ID, from, until civil.Date) (mine []Count, err error) {
	var all []Count
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = counts(q, from, until)
		return err
	})
	for _, c := range all {
		if c.Unit == body {
			mine = append(mine, c)
		}
	}
	return mine, err
}
