package consent

import (
	"context"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// sight is when somebody who was not told of anything was first seen in the register.
// The month to tell them in runs from there, each their own, and not from when somebody
// looked at the body (L9; GDPR Art. 14(3)(a)).
type sight struct{ On civil.Date }

// Sights are records of whoever was not told yet.
var Sights = record.Declare(record.Kind[sight]{
	Number: 109, Name: "first-sight", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, s *sight) []byte {
		w := record.Writer{Bytes: dst}
		return w.Date(1, s.On).Bytes
	},
	Decode: func(src []byte, s *sight) error {
		*s = sight{}
		r := record.NewReader(src)
		for r.Next() {
			if r.Field() == 1 {
				s.On = r.Date()
			}
		}
		return r.Err()
	},
	Words: func(s *sight) []record.Line {
		return []record.Line{{Key: "consent.record.sight", Value: s.On.In(time.UTC).Format(time.DateOnly)}}
	},
})

// seen notes who of those not told is new, and gives the day on which the first of them
// came; the zero day for nobody. The day's work looks once a day, so whoever is new to
// it may have come the day before.
func (s *Service) seen(ctx context.Context, not *roaring.Bitmap) (first civil.Date, err error) {
	fresh := not.Clone()
	sooner := func(on civil.Date) {
		if !first.IsValid() || on.Before(first) {
			first = on
		}
	}
	err = record.Fetch(s.Records, ctx, Sights, ids(not), func(person vault.PersonID, _ uint64, v *sight) error {
		fresh.Remove(uint32(person))
		sooner(v.On)
		return nil
	})
	if err != nil || fresh.IsEmpty() {
		return first, err
	}
	on := s.Charter.Today(s.Now()).AddDays(-1)
	sooner(on)
	return first, s.DB.Write(ctx, func(tx *database.Tx) error {
		return record.CreateEach(s.Records, tx, Sights, func(yield func(vault.PersonID, uint64, *sight) bool) {
			for it := fresh.Iterator(); it.HasNext(); {
				if person := vault.PersonID(it.Next()); !yield(person, 1, &sight{on}) {
					return
				}
			}
		})
	})
}
