package news

import (
	"context"
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

const (
	// usual is how far back is told to somebody who has not looked yet.
	usual = 30 * 24 * time.Hour
	// keyLife is how long items are sealed under one key, which ends keep later.
	keyLife = 30 * 24 * time.Hour
)

// Members is what the room must know of members: whether somebody is one, in a
// Scope, today. app satisfies it.
type Members interface {
	Present(s access.Scope, persons *roaring.Bitmap) *roaring.Bitmap
}

// Parts are what a Service is put together from.
type Parts struct {
	DB      *database.DB
	Keyring *vault.Keyring
	Records *record.Store
	Access  *access.Register
	Members Members
	Keep    time.Duration // how long items stay: the charter's news-days
	Now     func() time.Time
}

// Service writes the news and tells them.
type Service struct{ Parts }

// New makes a Service. Nothing is remembered before Ready.
func New(p Parts) *Service { return &Service{p} }

// Ready sees to it that there is a key to seal items under. It is called at start and
// once a day.
func (s *Service) Ready(ctx context.Context) error {
	now := s.Now()
	return period.Ready(ctx, s.DB, s.Keyring, now, now.Add(keyLife+s.Keep))
}

// Due counts the items whose time is over by a moment, and all there are.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		due, all, err = over(q, by.Add(-s.Keep))
		return err
	})
	return due, all, err
}

// Sweep takes away the items whose time was over by a moment, and says how many.
func (s *Service) Sweep(ctx context.Context, by time.Time) (gone int, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		gone, err = prune(tx, by.Add(-s.Keep))
		return err
	})
	return gone, err
}

// Happened puts events on record, in the act's own transaction. Events of several
// bodies, an import's, share an item a kind.
func (s *Service) Happened(tx *database.Tx, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	key, err := period.Key(tx)
	if err != nil {
		return err
	}
	for _, item := range gather(events) {
		sealed, err := s.Keyring.SealOnce(key, item.encode())
		if err != nil {
			return err
		}
		if err := insert(tx, &item, key, sealed); err != nil {
			return err
		}
	}
	return nil
}

// Since tells what happened within a Scope for searching after a time, or after
// the actor last looked where it is zero. It names nobody: names are asked for,
// and journaled, by whoever shows them.
func (s *Service) Since(ctx context.Context, scope access.Scope, since time.Time) (*Digest, error) {
	if scope.Act() != charter.Search {
		return nil, fault.New(fault.Denied, "access.denied.act")
	}
	d := &Digest{Since: since, Joined: roaring.New(), Arrived: roaring.New(), Changed: roaring.New(), Fields: map[vault.PersonID][]string{}}
	now := s.Now()
	var items []item
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if d.Since.IsZero() {
			if d.Since, err = s.lastLook(q, scope, now); err != nil {
				return err
			}
		}
		items, err = s.items(q, scope, d.Since)
		return err
	})
	if err != nil {
		return nil, err
	}
	tally := newTally(scope)
	for i := range items {
		tally.add(&items[i])
	}
	tally.into(d, s.Members, scope)
	return d, nil
}

// lastLook is when the actor last looked, no further back than items are kept.
func (s *Service) lastLook(q database.Querier, scope access.Scope, now time.Time) (time.Time, error) {
	var look Look
	err := record.Get(s.Records, q, Looks, scope.Actor().Person, lookID(scope), &look)
	switch {
	case errors.Is(err, database.ErrNotFound):
		return now.Add(-usual), nil
	case err != nil:
		return time.Time{}, err
	case look.At.Before(now.Add(-s.Keep)):
		return now.Add(-s.Keep), nil
	}
	return look.At, nil
}

// lookID is the body a look is at: 0 for the whole register.
func lookID(scope access.Scope) uint64 {
	if scope.All() {
		return 0
	}
	return uint64(scope.Unit())
}

// Looked records that the actor has seen what happened until a time; never more
// than has happened by now, and never less than before.
func (s *Service) Looked(ctx context.Context, scope access.Scope, until time.Time) error {
	if scope.Act() != charter.Search {
		return fault.New(fault.Denied, "access.denied.act")
	}
	person := scope.Actor().Person
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		var look Look
		err := record.Get(s.Records, tx, Looks, person, lookID(scope), &look)
		if err != nil && !errors.Is(err, database.ErrNotFound) {
			return err
		}
		if until.After(tx.Now()) {
			until = tx.Now()
		}
		if !until.After(look.At) {
			return nil
		}
		look.At = until
		return record.Put(s.Records, tx, Looks, person, lookID(scope), &look)
	})
}

// New gives who joined or arrived within a Scope since a time and is still there.
func (s *Service) New(ctx context.Context, scope access.Scope, since time.Time) (*roaring.Bitmap, error) {
	d, err := s.Since(ctx, scope, since)
	if err != nil {
		return nil, err
	}
	return roaring.Or(d.Joined, d.Arrived), nil
}

// items reads and opens what is on record since a time for the Scope's bodies.
func (s *Service) items(q database.Querier, scope access.Scope, since time.Time) ([]item, error) {
	var only unit.ID // one body, where the Scope is of one
	if units := scope.Units(); units != nil && units.GetCardinality() == 1 {
		only = unit.ID(units.Minimum())
	}
	rows, err := read(q, since, only)
	if err != nil {
		return nil, err
	}
	items := make([]item, 0, len(rows))
	for _, r := range rows {
		plain, err := s.Keyring.OpenOnce(r.key, r.sealed)
		if errors.Is(err, vault.ErrOneOffSpent) {
			continue // its time is over
		}
		if err != nil {
			return nil, err
		}
		it := item{kind: r.kind}
		if err := it.decode(plain); err != nil {
			return nil, err
		}
		items = append(items, it)
	}
	return items, nil
}
