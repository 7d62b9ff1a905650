package retention

import (
	"context"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
)

// What the sweep knows of itself, plans, runs and brakes, ends as other papers about
// the work do.

func (s *Service) before(by time.Time) (civil.Date, time.Time) {
	day := s.Charter.Today(by)
	at := s.Charter.Midnight(day).AddDate(0, -s.Charter.Parameters.DocumentMonths.Value, 0)
	return s.Charter.Today(at), at
}

// Due counts what the sweep knows of itself from so long before a moment that it
// goes, and all of it.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	day, at := s.before(by)
	err = s.DB.Read(ctx, func(q database.Querier) error {
		t, err := old(q, day, at)
		due, all = t.Due, t.All
		return err
	})
	return due, all, err
}

// End forgets what the sweep knew of itself from so long before a moment, and says
// how much.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, err error) {
	day, at := s.before(by)
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		gone, err = forget(tx, day, at)
		return err
	})
	return gone, err
}
