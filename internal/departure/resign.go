package departure

import (
	"context"
	"errors"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// A resignation comes by one of three doors: the member asks, signed in; an association
// passes on what it heard; the secretariat enters a letter or a call. Each gives the
// member a receipt, in their language: a mail, or a letter to whoever has no address
// for one. Until the membership is closed it can be taken back, by the member, by
// whoever entered it, and by whoever closes; and whoever else knew of it is told.

// Receipt is what the member is told of their resignation.
type Receipt struct {
	Number string
	Unit   unit.ID // that passed it on; 0 for the member themselves and the secretariat
	How    string
	On     civil.Date
	By     civil.Date // by then it is handled; until it is, it can be taken back
	Lists  []Held     // the person still holds, to be attested first (D12)
}

// receipted is what stands in front of the number of a receipt.
const receipted = "U-"

func (s *Service) resign(ctx context.Context, scope access.Scope, person vault.PersonID, v Resignation) (Receipt, error) {
	today := s.Charter.Today(s.Now())
	if err := checkResignation(&v, today); err != nil {
		return Receipt{}, err
	}
	v.Number = receipted + drawn()
	r := Receipt{Number: v.Number, Unit: v.Unit, How: v.How, On: v.On, By: today.AddDays(handleDays)}
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		r.Lists, err = s.Lists.Holding(q, person)
		return err
	})
	if err != nil {
		return Receipt{}, err
	}
	var letter Letter
	if !v.Died { // nothing is written to whoever has died
		if letter, err = s.Letters.Resigned(ctx, person, r); err != nil {
			return Receipt{}, err
		}
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := get(tx, person); !errors.Is(err, database.ErrNotFound) {
			return fault.New(fault.Conflict, "departure.error.closed").Because(err)
		}
		if err := s.resignation(tx, person, &Resignation{}); !errors.Is(err, database.ErrNotFound) {
			return fault.New(fault.Conflict, "departure.error.passed_on").Because(err)
		}
		if err := record.Create(s.Records, tx, Resignations, person, 0, &v); err != nil {
			return err
		}
		if err := s.ask(tx, duty.CloseMembership, person, r.By); err != nil {
			return err
		}
		if err := s.append(tx, scope.Entry(journal.Resign, person), v.How); err != nil {
			return err
		}
		return letter.enqueue(tx)
	})
	return r, err
}

// Withdraw takes a resignation back before the membership is closed: the member
// themselves, whoever entered it, or the secretariat when it was a mistake. The member
// is told, and whoever entered it where it was not them (D6).
func (s *Service) Withdraw(ctx context.Context, by access.Actor, person vault.PersonID) error {
	var v Resignation
	err := s.DB.Read(ctx, func(q database.Querier) error { return s.resignation(q, person, &v) })
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return err
	}
	scope, err := s.withdrawing(ctx, by, person, &v)
	if err != nil {
		return err
	}
	var letters []Letter
	if v.Number != "" && !v.Died {
		letter, err := s.Letters.Withdrawn(ctx, person, v.Number, true)
		if err != nil {
			return err
		}
		letters = append(letters, letter)
	}
	if v.Number != "" && v.By != 0 && v.By != by.Person && v.By != person {
		letter, err := s.Letters.Withdrawn(ctx, v.By, v.Number, false)
		if err != nil {
			return err
		}
		letters = append(letters, letter)
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := get(tx, person); !errors.Is(err, database.ErrNotFound) {
			return fault.New(fault.Conflict, "departure.error.closed").Because(err)
		}
		if err := s.resignation(tx, person, &Resignation{}); err != nil {
			return unknown(err)
		}
		if err := record.Remove(tx, Resignations, person, 0); err != nil {
			return err
		}
		if _, err := s.Duties.Finish(tx, duty.CloseMembership, int64(person), by.Person, "withdrawn"); err != nil {
			return err
		}
		for _, letter := range letters {
			if err := letter.enqueue(tx); err != nil {
				return err
			}
		}
		return s.append(tx, scope.Entry(journal.Undo, person), "withdrawn")
	})
}

// withdrawing decides who may take a resignation back.
func (s *Service) withdrawing(ctx context.Context, by access.Actor, person vault.PersonID, v *Resignation) (access.Scope, error) {
	switch {
	case by.Person == person:
		return s.Access.Require(ctx, by, access.Want{Self: true})
	case v.By == by.Person && by.Person != 0:
		return s.within(ctx, by, charter.PassOn, person)
	}
	return s.within(ctx, by, charter.Close, person)
}

// Passed tells whether the resignation of a receipt still waits, and whether somebody may
// take it back.
func (s *Service) Passed(ctx context.Context, by access.Actor, person vault.PersonID, receipt string) (waits, may bool, err error) {
	var v Resignation
	err = s.DB.Read(ctx, func(q database.Querier) error { return s.resignation(q, person, &v) })
	if errors.Is(err, database.ErrNotFound) || err == nil && v.Number != receipt {
		return false, false, nil
	}
	if err != nil {
		return false, false, err
	}
	act := charter.Close
	if v.May(by.Person) {
		act = charter.PassOn
	}
	scope, denied := s.Access.Decide(by, access.Want{Act: act})
	return true, denied == nil && s.Directory.Within(scope, person), nil
}

// May reports whether somebody entered the resignation that waits, and so may take it
// back.
func (v *Resignation) May(person vault.PersonID) bool { return v.By == person && person != 0 }
