package departure

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// keeps finds what a law keeps of somebody who leaves for a reason; nothing of
// whoever was never rightly a member.
func (s *Service) keeps(ctx context.Context, person vault.PersonID, reason string) ([]Account, error) {
	if because, known := s.Charter.Reason(reason); s.Keeper == nil || known && !because.Bookkeeping {
		return nil, nil
	}
	facts, err := s.Keeper.Bookkeeping(ctx, person)
	if err != nil {
		return nil, err
	}
	return accountsOf(s.Charter, s.Units.Tree(), facts, s.Charter.Today(s.Now())), nil
}

// prepare finds what is kept of those whose erasure has not begun, and draws the
// keys for it.
func (s *Service) prepare(ctx context.Context, persons []vault.PersonID) (map[vault.PersonID][]Account, error) {
	kept := map[vault.PersonID][]Account{}
	if s.Keeper == nil {
		return kept, nil
	}
	for _, person := range persons {
		d, err := s.departureOf(ctx, person)
		if err != nil {
			return nil, err
		}
		if d.Step >= stepIntent { // kept already; and the keys may be gone
			continue
		}
		_, reason, _, err := s.leaving(ctx, person)
		if err != nil {
			return nil, err
		}
		if waits, err := s.waits(ctx, person); err != nil {
			return nil, err
		} else if waits {
			continue
		}
		if kept[person], err = s.keeps(ctx, person, reason); err != nil {
			return nil, err
		}
	}
	err := s.drawEnds(ctx, kept)
	s.at("ends")
	return kept, err
}

// drawEnds makes the keys under which accounts will be sealed, for many persons
// in one transaction of the keyring. They are durable before the act that uses
// them.
func (s *Service) drawEnds(ctx context.Context, of map[vault.PersonID][]Account) error {
	missing := false
	for person, all := range of {
		for i := range all {
			missing = missing || !s.Keyring.Holds(person, all[i].class())
		}
	}
	if !missing {
		return nil
	}
	return s.Keyring.Write(ctx, func(tx *vault.Tx) error {
		for _, person := range slices.Sorted(maps.Keys(of)) {
			for i := range of[person] {
				if err := tx.NewKey(person, of[person][i].class()); err != nil && !errors.Is(err, vault.ErrHeld) {
					return err
				}
			}
		}
		return nil
	})
}

// errChanged ends an act that found other facts than it was prepared for; the
// next sweep prepares it anew.
var errChanged = fault.New(fault.Conflict, "departure.error.changed")

// keep writes the accounts in the transaction that begins the erasure. What they
// rest on is read once more there, where nobody else writes.
func (s *Service) keep(ctx context.Context, tx *database.Tx, person vault.PersonID, reason string, all []Account) error {
	now, err := s.keeps(ctx, person, reason)
	if err != nil {
		return err
	}
	if !same(now, all) {
		return errChanged
	}
	for i := range all {
		if err := record.PutAs(s.Records, tx, Accounts, all[i].class(), person, all[i].id(), &all[i]); err != nil {
			return err
		}
	}
	return nil
}

// EndKept destroys whatever a law has kept until now and keeps no longer, and
// says of how many persons. A month costs one transaction of the keyring, however
// many it ends for. To run it again finishes what a stop cut off.
func (s *Service) EndKept(ctx context.Context) (persons int, err error) {
	return s.EndKeptBy(ctx, s.Now())
}

// EndKeptBy is EndKept for what no law keeps any longer at a moment.
//
//	journaled ─▶ keys destroyed, month by month ─▶ rows deleted ─▶ their bytes gone ─▶ ledger noted
//
// Whatever stops it, the facts are unreadable once the keys are gone. The next start
// follows the ledger from its note on, so that the rows and their bytes go too; months
// whose keys were left go with the next sweep.
func (s *Service) EndKeptBy(ctx context.Context, by time.Time) (persons int, err error) {
	due := s.Keyring.Kept(over(s.Charter.Today(by)))
	if len(due) == 0 {
		return 0, nil
	}
	if err := s.Keyring.Healthy(); err != nil {
		return 0, fault.New(fault.Unavailable, "departure.error.keys").Because(err)
	}
	s.erasing <- struct{}{}
	defer func() { <-s.erasing }()
	ctx = context.WithoutCancel(ctx) // what has begun goes on
	all := roaring.New()
	for _, who := range due {
		for _, person := range who {
			all.Add(uint32(person))
		}
	}
	e := journal.Entry{
		Act: journal.Erase, Right: string(access.System), Via: string(access.System), Persons: all, Reason: "kept", Purpose: charter.ForBookkeeping,
	}
	if err := s.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := s.Journal.Append(tx, &e)
		return err
	}); err != nil {
		return 0, err
	}
	s.at("end intent")
	for _, class := range slices.Sorted(maps.Keys(due)) {
		if _, err := s.Keyring.Erase(ctx, s.Now(), due[class], class); err != nil {
			return 0, err
		}
		s.at("end keys")
	}
	if err := s.DB.Write(ctx, func(tx *database.Tx) error {
		for class, who := range due {
			if _, err := s.Records.DeleteMany(tx, class, who); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return 0, err
	}
	s.at("end rows")
	if err := s.DB.Forget(ctx); err != nil {
		return 0, err
	}
	s.at("end forgotten")
	if err := s.DB.Write(ctx, s.note); err != nil {
		return 0, err
	}
	s.at("end noted")
	if s.Copies != nil {
		head, _ := s.Keyring.LedgerHead()
		s.Copies.Await(ctx, head)
	}
	return int(all.GetCardinality()), nil
}

// Afterlife is what law has kept of somebody erased: until when it keeps the
// rest, and what has ended since.
type Afterlife struct {
	Until []civil.Date // the nearest first
	Ended []civil.Date // the last days of what is gone too
}

// Afterlife tells it of whoever has left; the zero value where nothing was kept.
func (s *Service) Afterlife(person vault.PersonID) (a Afterlife) {
	for _, class := range s.Keyring.Keeping(person) {
		a.Until = append(a.Until, endOf(class))
	}
	for _, class := range s.Keyring.Ended(person) {
		a.Ended = append(a.Ended, endOf(class))
	}
	return a
}
