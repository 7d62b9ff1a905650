package extract

import (
	"context"
	"slices"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// What is known of a list once it is destroyed (who got it, for what, when it was
// attested) is kept as long as the journal says who was on it: so long a member can
// be told who was given their data (C-154/21). A list that nobody has attested never
// ends by itself (D12).

// gone reports whether a list was destroyed, and pulled and attested so long before
// a moment that nothing is kept of it.
func (s *Service) gone(l *List, by time.Time) bool {
	return l.Settled() && !by.Before(s.ends(l))
}

// ends is when what is known of a destroyed list ends.
func (s *Service) ends(l *List) time.Time {
	ends := l.PulledAt.AddDate(s.charter.Parameters.ListRecordYears.Value, 0, 0)
	for _, p := range append(l.parts(), l.recipient()) {
		for _, at := range []time.Time{p.DigitalAt, p.PhysicalAt, p.LostAt, p.PassedAt} {
			if at.After(ends) { // attested long after: what is told before stays true
				ends = at
			}
		}
	}
	return ends
}

// Due counts the lists whose record has ended by a moment, and all there are.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	lists, err := s.list(ctx, `ORDER BY number`)
	for i := range lists {
		if s.gone(&lists[i], by) {
			due++
		}
	}
	return due, len(lists), err
}

// atOnce is how many lists one act forgets.
const atOnce = 500

// End forgets the lists whose record had ended by a moment, and says how many.
func (s *Service) End(ctx context.Context, by time.Time) (done int, err error) {
	lists, err := s.list(ctx, `ORDER BY number`)
	if err != nil {
		return 0, err
	}
	lists = slices.DeleteFunc(lists, func(l List) bool { return !s.gone(&l, by) })
	for some := range slices.Chunk(lists, atOnce) {
		err := s.db.Write(ctx, func(tx *database.Tx) error {
			for i := range some {
				if err := s.forgetExceptions(tx, some[i].Number); err != nil {
					return err
				}
				for _, text := range []string{`DELETE FROM extract_pass WHERE number = $1`, `DELETE FROM extract WHERE number = $1`} {
					if _, err := tx.Exec(text, some[i].Number); err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			return done, err
		}
		done += len(some)
	}
	return done, nil
}

// Of tells on how many lists a person stood that something is known of, and when
// the last of those that are destroyed is forgotten; zero while one is not.
func (s *Service) Of(ctx context.Context, person vault.PersonID) (count int, last time.Time, err error) {
	lists, err := s.holding(ctx, person)
	for i := range lists {
		if !lists[i].Settled() {
			return len(lists), time.Time{}, err
		}
		if ends := s.ends(&lists[i]); ends.After(last) {
			last = ends
		}
	}
	return len(lists), last, err
}
