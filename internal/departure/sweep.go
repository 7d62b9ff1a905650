package departure

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// What the daily sweep may begin by itself are the windows that have ended without
// anybody looking again. A window that a second person ended, and an erasure that
// has begun, were decided one by one: they go on whatever the sweep is told (D7).

// unasked reports whether the window ends by itself, and by then.
func (d *Departure) unasked(by time.Time) bool {
	return d.State == Hidden && d.Second == 0 && !by.Before(d.DueAt)
}

// Continue goes on with the erasures that have begun, and begins those whose window
// a second person has ended.
func (s *Service) Continue(ctx context.Context) error {
	due, err := s.due(ctx, func(d *Departure) bool {
		return d.State == Erasing || d.Second != 0 && d.due(s.Now())
	})
	if err != nil || len(due) == 0 {
		return err
	}
	_, err = s.eraseAll(ctx, due)
	return err
}

// Ending lists whose window has ended by itself by a moment.
//
// Whoever a hold keeps waiting has not ended, whatever the window says.
func (s *Service) Ending(ctx context.Context, by time.Time) ([]vault.PersonID, error) {
	all, err := s.due(ctx, func(d *Departure) bool { return d.unasked(by) })
	return slices.DeleteFunc(all, func(person vault.PersonID) bool {
		if err != nil {
			return false
		}
		var waits bool
		waits, err = s.waits(ctx, person)
		return waits
	}), err
}

// EraseEnding begins the erasure of those whose window had ended by a moment, which
// is not in the future, and says how many have begun.
func (s *Service) EraseEnding(ctx context.Context, by time.Time) (begun int, err error) {
	if now := s.Now(); by.After(now) {
		by = now
	}
	due, err := s.Ending(ctx, by)
	if err != nil || len(due) == 0 {
		return 0, err
	}
	_, err = s.eraseAll(ctx, due)
	left, failed := s.Ending(ctx, by)
	return len(due) - len(left), errors.Join(err, failed)
}

// Crowd is how many at most were closed on one civil day among those whose window
// ends by itself after a moment, and when the last of all these windows ends.
func (s *Service) Crowd(ctx context.Context, after time.Time) (crowd int, last time.Time, err error) {
	days := map[civil.Date]int{}
	_, err = s.due(ctx, func(d *Departure) bool {
		if d.State != Hidden || d.Second != 0 || !d.DueAt.After(after) {
			return false
		}
		day := s.Charter.Today(d.ClosedAt)
		days[day]++
		crowd = max(crowd, days[day])
		if d.DueAt.After(last) {
			last = d.DueAt
		}
		return false
	})
	return crowd, last, err
}

// Postpone prolongs the windows that end by themselves by a moment until another:
// what was stopped and refused can be undone person by person until then.
func (s *Service) Postpone(tx *database.Tx, by, until time.Time) error {
	_, err := tx.Exec(`UPDATE departure SET due_at = $1 WHERE state = $2 AND second IS NULL AND due_at <= $3`,
		until.UnixMicro(), string(Hidden), by.UnixMicro())
	return err
}

// DueOf is when the window of somebody who leaves ends; false for anybody else.
func (s *Service) DueOf(ctx context.Context, person vault.PersonID) (due time.Time, leaving bool, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		d, err := get(q, person)
		if errors.Is(err, database.ErrNotFound) || err == nil && d.State == Erased {
			return nil
		}
		due, leaving = d.DueAt, err == nil
		return err
	})
	return due, leaving, err
}

// ErasedCount is how many persons have been erased since there is a register.
func (s *Service) ErasedCount(ctx context.Context) (int, error) {
	var n int64
	err := s.DB.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT COUNT(*) FROM departure WHERE state = $1`, string(Erased)).Scan(&n)
	})
	return int(n), err
}

// PostEnded is the reason of a closing that came by itself: somebody was known for a
// post alone, and it has ended.
const PostEnded = "post-ended"

// CloseByItself closes somebody who is no member any more, or never was, and was
// known for a post or position alone: from here on it is a closing like any other,
// with its window, its certificate and its end (N14). It reports whether it did:
// whoever is on the way out already is left alone.
func (s *Service) CloseByItself(ctx context.Context, person vault.PersonID) (closed bool, err error) {
	d := Departure{Person: person, State: Hidden, Certificate: newNumber()}
	d.closed(s.Charter, PostEnded, s.Now())
	letter, err := s.Letters.Closed(ctx, d)
	if err != nil {
		return false, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		closed = false
		if _, err := get(tx, person); !errors.Is(err, database.ErrNotFound) {
			return err
		}
		entry := journal.Entry{
			Act: journal.Close, Right: string(access.System), Via: string(access.System), Reason: PostEnded, Persons: roaring.BitmapOf(uint32(person)),
		}
		if err := s.closeAs(tx, entry, &d, Closing{Reason: PostEnded, PassLists: true}, false); err != nil {
			return err
		}
		closed = true
		return letter.enqueue(tx)
	})
	return closed, err
}

// KeptTally counts of how many persons a law keeps something no longer at a moment, and
// of how many it keeps anything.
func (s *Service) KeptTally(_ context.Context, by time.Time) (due, all int, err error) {
	count := func(until vault.Class) int {
		persons := roaring.New()
		for _, who := range s.Keyring.Kept(until) {
			for _, person := range who {
				persons.Add(uint32(person))
			}
		}
		return int(persons.GetCardinality())
	}
	return count(over(s.Charter.Today(by))), count(^vault.Class(0)), nil
}

// CertificatesDue counts the certificates that can no longer be fetched from a moment
// on, and all that can.
func (s *Service) CertificatesDue(ctx context.Context, by time.Time) (due, all int, err error) {
	var n, total int64
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if err := q.QueryRow(`SELECT COUNT(*) FROM certificate WHERE ends_at <= $1`, by.UnixMicro()).Scan(&n); err != nil {
			return err
		}
		return q.QueryRow(`SELECT COUNT(*) FROM certificate`).Scan(&total)
	})
	return int(n), int(total), err
}

// EndCertificatesBy deletes the certificates whose time was over by a moment, and says
// how many.
func (s *Service) EndCertificatesBy(ctx context.Context, by time.Time) (gone int, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Exec(`DELETE FROM certificate WHERE ends_at <= $1`, by.UnixMicro())
		gone = int(n)
		return err
	})
	return gone, err
}
