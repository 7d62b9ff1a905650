package signin

import (
	"context"
	"encoding/binary"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// DemoLink makes a token that signs a person in once, without mail. Only in the
// demo: otherwise Denied. It is good for 24 hours.
func (s *Service) DemoLink(ctx context.Context, person vault.PersonID) (token string, err error) {
	if !s.o.Demo {
		return "", fault.New(fault.Denied, "signin.error.demo")
	}
	token = newTicket()
	d := s.drawer(forDemo, token)
	p := pass{persons: []vault.PersonID{person}}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		return insertTicket(tx, d.id, ticket{sealed: d.seal(p.encode()), code: []byte{}, expires: tx.Now().Add(demoLife)})
	})
	return token, err
}

// DemoWaits reports whether a demo link is still good. It spends nothing: the page
// behind the link asks it and shows a button.
func (s *Service) DemoWaits(ctx context.Context, token string) (bool, error) {
	if !s.o.Demo {
		return false, nil
	}
	err := s.db.Read(ctx, func(q database.Querier) error {
		_, _, err := s.ticket(q, s.drawer(forDemo, token))
		return err
	})
	if fault.Is(err, fault.Gone) {
		return false, nil
	}
	return err == nil, err
}

// DemoSpend signs in by a demo link and spends it. Errors: Gone, and Denied
// outside the demo, whatever links the register may hold.
func (s *Service) DemoSpend(ctx context.Context, token string) (Result, error) {
	if !s.o.Demo {
		return Result{}, fault.New(fault.Denied, "signin.error.demo")
	}
	d := s.drawer(forDemo, token)
	var result Result
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		_, p, err := s.ticket(tx, d)
		if err != nil {
			return err
		}
		persons := s.present(p.persons)
		if len(persons) != 1 {
			return fault.New(fault.Gone, "signin.error.over")
		}
		result = Result{Person: persons[0], Lang: p.lang}
		if err := deleteTicket(tx, d.id); err != nil {
			return err
		}
		return s.signedIn(tx, result.Person, "signin.journal.demo")
	})
	return result, err
}

func personBytes(person vault.PersonID) []byte {
	return binary.BigEndian.AppendUint32(nil, uint32(person))
}
