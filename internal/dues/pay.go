package dues

import (
	"context"
	"errors"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Wish is an entry somebody makes by hand.
type Wish struct {
	Person vault.PersonID
	Charge uint64
	Amount int64
	Date   civil.Date // zero is today
}

// Pay enters money that came. What is too much stays on the account, and is used
// for the oldest charge of the same books that is owed.
func (s *Service) Pay(ctx context.Context, by access.Actor, w Wish) (Entry, error) {
	return s.enter(ctx, by, w.Person, w.Charge, func(l *Line) (Entry, error) {
		return Entry{Kind: Paid, Amount: w.Amount, Date: w.Date}, nil
	})
}

// Refund enters money that went back: no more than came.
func (s *Service) Refund(ctx context.Context, by access.Actor, w Wish) (Entry, error) {
	return s.enter(ctx, by, w.Person, w.Charge, func(l *Line) (Entry, error) {
		if w.Amount > l.Cash() {
			return Entry{}, wrong("amount", "dues.error.refund")
		}
		return Entry{Kind: Refunded, Amount: -w.Amount, Date: w.Date}, nil
	})
}

// WriteOff gives up what is owed, or a part of it; 0 is all of it.
func (s *Service) WriteOff(ctx context.Context, by access.Actor, w Wish) (Entry, error) {
	return s.enter(ctx, by, w.Person, w.Charge, func(l *Line) (Entry, error) {
		if w.Amount == 0 {
			w.Amount = l.Open()
		}
		if l.Open() <= 0 || w.Amount > l.Open() {
			return Entry{}, wrong("amount", "dues.error.write_off")
		}
		return Entry{Kind: WrittenOff, Amount: w.Amount, Date: w.Date}, nil
	})
}

// Counter takes back what an entry says, by another that says the opposite: facts
// of the books are never changed.
func (s *Service) Counter(ctx context.Context, by access.Actor, person vault.PersonID, charge uint64, number int64) (Entry, error) {
	return s.enter(ctx, by, person, charge, func(l *Line) (Entry, error) {
		if !l.Counterable(number) {
			return Entry{}, fault.New(fault.Conflict, "dues.error.counter")
		}
		return Entry{Kind: Countered, Amount: -l.entry(number).Amount, Of: number}, nil
	})
}

func wrong(field, key string) error {
	return fault.New(fault.Invalid, "dues.error.entry").With(field, key)
}

// enter makes one entry on one charge, and what follows from it.
func (s *Service) enter(ctx context.Context, by access.Actor, person vault.PersonID, charge uint64, make func(*Line) (Entry, error)) (Entry, error) {
	scope, err := s.collects(ctx, by, unit.ID(charge>>16))
	if err != nil {
		return Entry{}, err
	}
	s.booking.Lock()
	defer s.booking.Unlock()
	a, err := s.reached(ctx, scope, person)
	if err != nil {
		return Entry{}, err
	}
	l := a.line(charge)
	if l == nil {
		return Entry{}, fault.New(fault.NotFound, "dues.error.no_charge")
	}
	e, err := make(l)
	if err != nil {
		return Entry{}, err
	}
	e.Charge, e.Booked = charge, s.today()
	if e.Date.IsZero() {
		e.Date = e.Booked
	}
	switch {
	case e.Amount == 0 || abs(e.Amount) > mostAmount || e.Kind == Paid && e.Amount < 0 || e.Kind == Refunded && e.Amount > 0 || e.Kind == WrittenOff && e.Amount < 0:
		return Entry{}, wrong("amount", "dues.error.amount")
	case !e.Date.IsValid() || e.Date.After(e.Booked) || e.Date.Before(e.Booked.AddDays(-6*366)):
		return Entry{}, wrong("date", "dues.error.date")
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		var still Charge // the entry may have become one with another meanwhile
		if err := record.Get(s.Records, tx, Charges, person, charge, &still); err != nil {
			return fault.New(fault.NotFound, "dues.error.no_charge").Because(err)
		}
		if err := s.put(tx, person, &e); err != nil {
			return err
		}
		l.Entries = append(l.Entries, e)
		if err := s.carry(tx, person, carries(a.Lines)); err != nil {
			return err
		}
		j := scope.Entry(journal.Payment, person)
		j.Number, j.Reason = e.Number, e.Kind.Code()
		_, err := s.Journal.Append(tx, &j)
		return err
	})
	s.written.Add(1)
	return e, err
}

func abs(n int64) int64 { return max(n, -n) }

// put gives an entry the next voucher and writes it.
func (s *Service) put(tx *database.Tx, person vault.PersonID, e *Entry) (err error) {
	if e.Number, err = tx.Next("dues_voucher"); err != nil {
		return err
	}
	return record.Create(s.Records, tx, Entries, person, uint64(e.Number), e)
}

// carry writes what moves from one charge to another: two entries of one sum.
func (s *Service) carry(tx *database.Tx, person vault.PersonID, moves []carry) error {
	today := s.today()
	for _, m := range moves {
		for _, e := range [2]Entry{{Charge: m.from, Amount: -m.amount}, {Charge: m.to, Amount: m.amount}} {
			e.Kind, e.Date, e.Booked = Carried, today, today
			if err := s.put(tx, person, &e); err != nil {
				return err
			}
		}
	}
	return nil
}

// reached reads the account of somebody whom a Scope reaches. One whom it does
// not, one who is leaving and one that never was answer alike.
func (s *Service) reached(ctx context.Context, scope access.Scope, person vault.PersonID) (*Account, error) {
	if !s.Directory.Pays(scope, person) {
		e := scope.Entry(journal.Denied, person)
		e.Reason = "dues.error.no_account"
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.NotFound, "dues.error.no_account")
	}
	return s.account(ctx, person, func(c *Charge) bool { return s.sees(scope, c) })
}

// Account is what one member owes and has paid; the looking is journaled.
func (s *Service) Account(ctx context.Context, by access.Actor, person vault.PersonID) (*Account, error) {
	scope, err := s.scope(ctx, by, 0)
	if err != nil {
		return nil, err
	}
	a, err := s.reached(ctx, scope, person)
	if err != nil {
		return nil, err
	}
	e := scope.Entry(journal.Arrears, person)
	e.Fields = []string{"dues"}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return a, nil
}

// Own is what one owes and has paid oneself (Art. 15).
func (s *Service) Own(ctx context.Context, by access.Actor) (*Account, error) {
	if !s.Any() {
		return &Account{Person: by.Person}, nil
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return nil, err
	}
	person, _ := scope.Self()
	return s.account(ctx, person, nil)
}

// Everything is what somebody owes and has paid in every book, for whoever must
// keep it when they leave (L7); no page asks. What nobody can read is left out.
func (s *Service) Everything(ctx context.Context, person vault.PersonID) (*Account, error) {
	a, err := s.account(ctx, person, nil)
	if errors.Is(err, vault.ErrTampered) {
		return &Account{Person: person}, nil
	}
	return a, err
}

// Writes reports whether somebody may make entries on a charge, for pages.
func (s *Service) Writes(by access.Actor, c *Charge) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Collect, Unit: c.Unit, Purpose: purpose})
	return err == nil && s.covers(scope, c.Unit)
}

// Payment is how a charge is paid.
func (s *Service) Payment(c *Charge) Payment {
	return payment(s.Charter.Dues.Reference, c.Payee, c.Reference)
}

// ByReference finds whose charge a reference is, among those one keeps the books
// of; what is unknown and what is gone answer alike.
func (s *Service) ByReference(ctx context.Context, by access.Actor, text string) (vault.PersonID, uint64, error) {
	scope, err := s.scope(ctx, by, 0)
	if err != nil {
		return 0, 0, err
	}
	reference := TidyReference(text)
	if !Verify(s.Charter.Dues.Reference, reference) {
		return 0, 0, fault.New(fault.Invalid, "dues.error.reference").With("reference", "dues.error.check_digit")
	}
	found, err := s.lookUp(ctx, scope, []string{reference})
	if err != nil {
		return 0, 0, err
	}
	hit, known := found[reference]
	if !known {
		e := scope.Entry(journal.Denied)
		e.Reason = "dues.error.unknown_reference"
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return 0, 0, err
		}
		return 0, 0, fault.New(fault.NotFound, "dues.error.unknown_reference")
	}
	return hit.account.Person, hit.line, nil
}
