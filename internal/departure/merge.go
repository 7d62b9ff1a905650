package departure

import (
	"context"
	"errors"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// duplicate is what the charters call the reason of an entry that goes because its
// person is registered twice.
const duplicate = "duplicate"

// mergeable decides whether somebody may make one entry of two: the secretariat,
// and nobody with their own entry.
func (s *Service) mergeable(ctx context.Context, by access.Actor, kept, other vault.PersonID, take []string) (access.Scope, error) {
	scope, err := s.within(ctx, by, charter.Close, other)
	if err != nil {
		return scope, err
	}
	if _, err := s.within(ctx, by, charter.Close, kept); err != nil {
		return scope, err
	}
	if by.Person == kept || by.Person == other {
		return scope, s.refuse(ctx, scope, "departure.error.merge_own")
	}
	if _, known := s.Charter.Reason(duplicate); !known {
		return scope, fault.New(fault.Conflict, "departure.error.no_duplicate")
	}
	if err := s.Access.Movable(other); err != nil {
		return scope, err
	}
	return scope, s.Directory.Mergeable(kept, other, take)
}

// merge makes one entry of two of the same person: the kept one gets the fields
// that were taken and everything that protects, posts and bodies of both; the
// other's number leads to it, and the other entry is closed silently and erased
// when the window ends, with its proof. All of it is one act, first, which may be
// nil, among it. Until the end of the window Undo takes it back.
func (s *Service) merge(ctx context.Context, scope access.Scope, by, kept, other vault.PersonID, take []string, first func(tx *database.Tx) error) (Departure, error) {
	d := Departure{Person: other, State: Hidden, ClosedBy: by, Certificate: newNumber()}
	err := s.Directory.Merge(ctx, scope, kept, other, take, func(tx *database.Tx) (posts []uint64, err error) {
		if first != nil {
			if err := first(tx); err != nil {
				return nil, err
			}
		}
		if err := s.staying(tx, kept); err != nil {
			return nil, err
		}
		// Closed first: what is known of who had access ends with the one entry and
		// goes on with the other.
		if err := s.closeIn(tx, scope, &d, Closing{Reason: duplicate}, false); err != nil {
			return nil, err
		}
		if s.Ledger != nil {
			if err := s.Ledger.MoveAccount(tx, other, kept); err != nil {
				return nil, err
			}
		}
		return s.Access.MovePosts(tx, scope.Entry(journal.Merge), other, kept)
	})
	if err != nil {
		return Departure{}, err
	}
	return d, nil
}

// staying refuses somebody who is leaving.
func (s *Service) staying(tx *database.Tx, person vault.PersonID) error {
	if _, err := get(tx, person); !errors.Is(err, database.ErrNotFound) {
		return fault.New(fault.Conflict, "departure.error.closed").Because(err)
	}
	return nil
}

// closeIn is the closing itself, in the transaction of the act it belongs to.
func (s *Service) closeIn(tx *database.Tx, scope access.Scope, d *Departure, closing Closing, now bool) error {
	return s.closeAs(tx, scope.Entry(journal.Close, d.Person), d, closing, now)
}

// closeAs is closeIn in the name of a journal entry.
func (s *Service) closeAs(tx *database.Tx, e journal.Entry, d *Departure, closing Closing, now bool) error {
	person := d.Person
	if err := s.staying(tx, person); err != nil {
		return err
	}
	d.closed(s.Charter, closing.Reason, tx.Now())
	closing.By, closing.On = d.ClosedBy, s.Charter.Today(tx.Now())
	if err := record.Create(s.Records, tx, Closings, person, 0, &closing); err != nil {
		return err
	}
	e.Reason = closing.Reason
	var err error
	if d.Entry, err = s.Journal.Append(tx, &e); err != nil {
		return err
	}
	if err := insert(tx, d); err != nil {
		return err
	}
	if err := s.askSecond(tx, d, now); err != nil {
		return err
	}
	if err := s.endProposal(tx, person, 0, "withdrawn"); err != nil {
		return err
	}
	if err := s.releaseLists(tx, person, &closing); err != nil {
		return err
	}
	tx.AfterCommit(func() { s.Directory.Hide(person) })
	if err := s.Access.Suspend(tx, person); err != nil {
		return err
	}
	return s.Sessions.EndAll(tx, person)
}
