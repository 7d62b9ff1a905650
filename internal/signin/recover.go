package signin

import (
	"context"
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// # Recovery
//
//	nothing ─Vouch(first)→ waits ─Vouch(second)→ open ─Redeem→ nothing, and no factor left
//	           ↑ WayLife ends, StopRecovery ↓        ↑ WayLife ends
//	         nothing                                nothing
//
// Two officers who may give the person what they hold each confirm that they have
// seen them. The second confirmation sends a one-time code to the person's address.
// There is no waiting time: two persons answer for it by name, the person and both
// of them are told by mail at every step, and until the code is used nothing has
// changed.

// Recovery is how far the recovery of a person has come.
type Recovery struct {
	First vault.PersonID // who has confirmed; 0: nobody
	Sent  bool           // the second has too, and the code is on its way
}

// Recovery tells how far somebody's recovery has come.
func (s *Service) Recovery(ctx context.Context, person vault.PersonID) (r Recovery, err error) {
	err = s.db.Read(ctx, func(q database.Querier) error {
		a, err := s.account(q, person)
		if err != nil || !s.waits(&a) {
			return err
		}
		r = Recovery{First: a.First, Sent: len(a.Way) > 0}
		return nil
	})
	return r, err
}

func (s *Service) waits(a *Account) bool {
	return a.First != 0 && s.o.Clock().Before(a.FirstAt.Add(WayLife))
}

// Vouch confirms that an officer has seen somebody who lost their second factor.
// The second who does, another person, has the one-time code sent. Errors: Denied,
// Conflict where it would be the same officer twice, or nobody needs it.
func (s *Service) Vouch(ctx context.Context, by Voucher, person vault.PersonID) (sent bool, err error) {
	entry, err := s.o.Rights.Vouch(ctx, by, person)
	if err != nil {
		return false, err
	}
	to, lang, err := s.mailTo(ctx, person)
	if err != nil {
		return false, err
	}
	if to == "" {
		return false, fault.New(fault.Conflict, "signin.error.no_mail")
	}
	way := newShort(wayGroups)
	// Both letters are written before it is known which is needed; the other is dropped.
	begun, err := s.letterTo(ctx, person, to, lang, "signin.told.vouched")
	if err != nil {
		return false, err
	}
	open, err := s.letterTo(ctx, person, to, lang, "signin.told.way", "code", way, "link", s.o.URL+"/signin/way")
	if err != nil {
		return false, errors.Join(err, s.mail.Discard(ctx, begun))
	}
	var first vault.PersonID
	dropped := open
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		a, err := s.account(tx, person)
		if err != nil {
			return err
		}
		waits := s.waits(&a)
		switch {
		case waits && len(a.Way) > 0:
			return fault.New(fault.Conflict, "signin.error.way_sent")
		case waits && a.First == by.Person:
			return fault.New(fault.Conflict, "signin.error.vouched")
		case !waits:
			sent, dropped = false, open
			a.First, a.FirstAt, a.Way = by.Person, tx.Now(), nil
			entry.Act = journal.Vouch
			if err := begun.Enqueue(tx); err != nil {
				return err
			}
		default:
			sent, dropped, first = true, begun, a.First
			if a.Way, err = s.makeWay(tx, person, way); err != nil {
				return err
			}
			a.FirstAt = tx.Now() // the code is good for as long
			entry.Act = journal.Recover
			if err := open.Enqueue(tx); err != nil {
				return err
			}
		}
		if err := record.Put(s.o.Records, tx, Accounts, person, one, &a); err != nil {
			return err
		}
		_, err = s.journal.Append(tx, &entry)
		return err
	})
	if err != nil {
		return false, errors.Join(err, s.mail.Discard(ctx, begun, open))
	}
	err = s.mail.Discard(ctx, dropped)
	for _, officer := range []vault.PersonID{first, by.Person} {
		if sent && officer != 0 {
			err = errors.Join(err, s.tell(ctx, officer, "signin.told.both"))
		}
	}
	return sent, err
}

// makeWay keeps a one-time code that opens the door to a person.
func (s *Service) makeWay(tx *database.Tx, person vault.PersonID, way string) ([]byte, error) {
	d := s.drawer(forWay, plainShort(way))
	p := pass{persons: []vault.PersonID{person}}
	return d.id, insertTicket(tx, d.id, ticket{sealed: d.seal(p.encode()), code: []byte{}, expires: tx.Now().Add(WayLife)})
}

// StopRecovery ends a recovery that has begun: for the person, and for whoever may
// vouch for them.
func (s *Service) StopRecovery(ctx context.Context, by Voucher, person vault.PersonID) error {
	entry := s.entry(journal.Vouch, person)
	if by.Person != person {
		var err error
		if entry, err = s.o.Rights.Vouch(ctx, by, person); err != nil {
			return err
		}
	}
	entry.Act, entry.Reason = journal.Vouch, "signin.journal.stopped"
	return s.told(ctx, person, "signin.told.stopped", func(tx *database.Tx) error {
		a, err := s.account(tx, person)
		if err != nil {
			return err
		}
		if !s.waits(&a) {
			return fault.New(fault.Gone, "signin.error.no_recovery")
		}
		if err := s.endRecovery(tx, person, &a); err != nil {
			return err
		}
		_, err = s.journal.Append(tx, &entry)
		return err
	})
}

func (s *Service) endRecovery(tx *database.Tx, person vault.PersonID, a *Account) error {
	if len(a.Way) > 0 {
		if err := deleteTicket(tx, a.Way); err != nil {
			return err
		}
	}
	a.First, a.FirstAt, a.Way = 0, time.Time{}, nil
	return record.Put(s.o.Records, tx, Accounts, person, one, a)
}

// Rescue gives a one-time code to whoever has the machine: its files, its keys and
// its lock. It needs nobody's right, since whoever has them has everything, and is
// how the only administrator comes back in. The person is told by mail.
func (s *Service) Rescue(ctx context.Context, osUser string, person vault.PersonID) (way string, err error) {
	if len(s.present([]vault.PersonID{person})) == 0 {
		return "", fault.New(fault.NotFound, "signin.error.person")
	}
	way = newShort(wayGroups)
	entry := s.entry(journal.Recover, 0)
	entry.Right, entry.Via, entry.OSUser, entry.Reason = "system", "console", osUser, "signin.journal.console"
	entry.Persons = roaring.BitmapOf(uint32(person))
	return way, s.told(ctx, person, "signin.told.rescued", func(tx *database.Tx) error {
		a, err := s.account(tx, person)
		if err != nil {
			return err
		}
		if err := s.endRecovery(tx, person, &a); err != nil {
			return err
		}
		if a.Way, err = s.makeWay(tx, person, way); err != nil {
			return err
		}
		if err := record.Put(s.o.Records, tx, Accounts, person, one, &a); err != nil {
			return err
		}
		_, err = s.journal.Append(tx, &entry)
		return err
	})
}

// Redeem takes the one-time code of a recovery: every factor, printed code,
// remembered device and session of the person ends, and they are signed in to make
// new ones. Errors: Invalid, TooMany.
func (s *Service) Redeem(ctx context.Context, typed, remote string) (Result, error) {
	if wait := s.wrong.wait(remote); wait > 0 {
		return Result{}, tooMany("signin.error.busy", wait)
	}
	d := s.drawer(forWay, plainShort(typed))
	var person vault.PersonID
	err := s.db.Read(ctx, func(q database.Querier) error {
		_, p, err := s.ticket(q, d)
		if persons := s.present(p.persons); err == nil && len(persons) == 1 {
			person = persons[0]
		}
		return err
	})
	if fault.Is(err, fault.Gone) || err == nil && person == 0 {
		s.wrong.take(remote)
		return Result{}, fault.New(fault.Invalid, "signin.error.way").With("code", "signin.error.way")
	}
	if err != nil {
		return Result{}, err
	}
	err = s.told(ctx, person, "signin.told.recovered", func(tx *database.Tx) error {
		if _, _, err := s.ticket(tx, d); err != nil { // twice at once counts once
			return err
		}
		a, err := s.account(tx, person)
		if err != nil {
			return err
		}
		a.Way = d.id
		for _, limited := range []limit{wrongSecond, wrongSecondIn} {
			if err := clearLimit(tx, s.limited(limited, personBytes(person))); err != nil {
				return err
			}
		}
		return errors.Join(
			s.endRecovery(tx, person, &a), removeAll(s, tx, Factors, person), removeAll(s, tx, RecoveryCodes, person),
			removeAll(s, tx, Devices, person), s.EndAll(tx, person), s.note(tx, journal.Recovered, person, "signin.journal.way"),
		)
	})
	return Result{Person: person}, err
}

// Prepare writes to those who have been given access and have not been told yet
// what the door will ask of them.
func (s *Service) Prepare(ctx context.Context, persons []vault.PersonID) error {
	for _, person := range persons {
		if _, done := s.prepared.Load(person); done {
			continue
		}
		var a Account
		err := s.db.Read(ctx, func(q database.Querier) (err error) {
			a, err = s.account(q, person)
			return err
		})
		if err != nil {
			return err
		}
		if a.Told.IsZero() {
			err = s.told(ctx, person, "signin.told.prepare", func(tx *database.Tx) error {
				return s.changeAccount(tx, person, func(a *Account) { a.Told = tx.Now() })
			})
			if err != nil {
				return err
			}
		}
		s.prepared.Store(person, true)
	}
	return nil
}
