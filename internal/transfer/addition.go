package transfer

import (
	"context"
	"errors"
	"maps"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Waits reports whether additions made in a Scope wait to be confirmed: those of
// whoever does not see every member anyway, where there is another body to be a
// member of (D11).
func (s *Service) Waits(scope access.Scope) bool {
	return s.Charter.Transfers.AdditionsWait.Value && !s.whole(scope) && len(s.Bodies()) > 1
}

// Receive takes additions in. It looks nobody up, so what it does and how long
// that takes is the same for somebody new and for a member of another body. Each
// is sealed under a key of its own from the start.
func (s *Service) Receive(ctx context.Context, scope access.Scope, drafts []member.Draft) error {
	if !scope.Allowed() || scope.Act()&(charter.Create|charter.Import) == 0 {
		return fault.New(fault.Denied, "access.denied.act", "act", charter.Create.String())
	}
	var persons []vault.PersonID
	err := s.Keyring.Write(ctx, func(tx *vault.Tx) error {
		persons = persons[:0]
		for range drafts {
			person, err := tx.NewPerson()
			if err != nil {
				return err
			}
			if err := tx.Pending(person); err != nil {
				return err
			}
			persons = append(persons, person)
		}
		return nil
	})
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		due := s.Charter.Today(tx.Now()).AddDays(s.Charter.Transfers.AdditionDays.Value)
		for i, draft := range drafts {
			c := Case{
				Kind: Addition, State: Received, Person: persons[i], Unit: draft.Unit, DueOn: due,
				Adding: Adding{Draft: draft, By: scope.Actor().Person},
			}
			if err := s.begin(tx, &c); err != nil {
				return err
			}
			e := scope.Entry(journal.Addition, c.Person)
			e.Target, e.Number = uint32(draft.Unit), c.ID
			for code := range draft.Values {
				e.Fields = append(e.Fields, code)
			}
			if _, err := s.Journal.Append(tx, &e); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return errors.Join(err, s.drop(context.WithoutCancel(ctx), persons))
	}
	return s.Keyring.Settle(context.WithoutCancel(ctx), persons...)
}

// drop takes back the keys of additions whose rows do not stand. Whether they do
// only the register can tell after an error.
func (s *Service) drop(ctx context.Context, persons []vault.PersonID) error {
	var stand, gone []vault.PersonID
	err := s.DB.Read(ctx, func(q database.Querier) error {
		for _, person := range persons {
			n, err := s.Records.Count(q, person, vault.Membership)
			switch {
			case err != nil:
				return err
			case n > 0:
				stand = append(stand, person)
			default:
				gone = append(gone, person)
			}
		}
		return nil
	})
	if err != nil {
		return err // still marked: the next start looks again
	}
	err = s.Keyring.Write(ctx, func(tx *vault.Tx) error {
		for _, person := range gone {
			if err := tx.Drop(person); err != nil {
				return err
			}
		}
		return nil
	})
	return errors.Join(err, s.Keyring.Settle(ctx, stand...))
}

// look finds out whom to ask about an addition that nobody has looked at: the
// member they seem to be, with their body, or else the secretariat.
func (s *Service) look(ctx context.Context, c *Case) error {
	alike, err := s.Members.Alike(ctx, c.Adding.Draft)
	if fault.Is(err, fault.Invalid) {
		alike, err = nil, nil // the rules have changed since; the secretariat will see
	}
	if err != nil {
		return err
	}
	var letters []Letter
	var from unit.ID
	if len(alike) == 1 {
		if units := s.Members.Units(alike[0]); len(units) > 0 && !contains(units, c.Unit) {
			from = units[0]
		}
	}
	if from != 0 {
		if letters, err = s.Letters.Officers(ctx, from, letsGo); err != nil {
			return err
		}
		told, err := s.Letters.Member(ctx, alike[0], "transfer.wanted")
		if err != nil {
			return err
		}
		letters = append(letters, told...)
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.get(tx, c.ID)
		if err != nil || fresh.State != Received {
			return err
		}
		*c = fresh
		if err := c.step(Look); err != nil {
			return err
		}
		c.Adding.Alike = alike
		if from != 0 {
			busy, err := s.openMove(tx, alike[0])
			if err != nil {
				return err
			}
			if busy {
				from, letters = 0, nil // the secretariat will see that there is one
			}
		}
		if from == 0 {
			if err := s.ask(tx, c, 0, officeOf); err != nil {
				return err
			}
		} else {
			m := Case{Kind: Move, State: Asked, Person: alike[0], DueOn: c.DueOn.AddDays(-1), Moving: Moving{
				From: from, To: c.Unit, Side: ByReceiver, By: c.Adding.By, On: c.DueOn, Addition: c.ID,
			}}
			if err := s.begin(tx, &m); err != nil {
				return err
			}
			if err := s.ask(tx, &m, from, letsGo); err != nil {
				return err
			}
			c.Adding.Move = m.ID
		}
		if err := update(tx, c); err != nil {
			return err
		}
		if err := s.keep(tx, c); err != nil {
			return err
		}
		return enqueue(tx, letters)
	})
}

func contains(units []unit.ID, id unit.ID) bool {
	for _, u := range units {
		if u == id {
			return true
		}
	}
	return false
}

// join makes a member of whoever was confirmed: the person themselves where they
// are new, else the member they are, who moves.
func (s *Service) join(ctx context.Context, c *Case) error {
	if c.Adding.Move != 0 {
		return s.joinMoving(ctx, c)
	}
	draft := c.Adding.Draft
	draft.Values = maps.Clone(draft.Values)
	delete(draft.Values, "number") // one is given out
	return s.Members.Admit(ctx, c.Person, draft, func() journal.Entry {
		e := s.entry(journal.Create, c.Person)
		e.Target, e.Number = uint32(c.Unit), c.ID
		return e
	}, func(tx *database.Tx) error {
		if err := s.stillOpen(tx, c, Arrive); err != nil {
			return err
		}
		return s.dropSealed(tx, c)
	})
}

func (s *Service) joinMoving(ctx context.Context, c *Case) error {
	var m Case
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		m, err = s.get(q, c.Adding.Move)
		return err
	})
	if err != nil {
		return gone(err)
	}
	// What the officer had typed goes with the move. Marked pending, its key is
	// swept at the next start if a stop comes before it is destroyed.
	placeholder := *c
	if err := s.Keyring.Write(ctx, func(tx *vault.Tx) error { return tx.Pending(placeholder.Person) }); err != nil {
		return err
	}
	err = s.move(ctx, &m, nil, func(tx *database.Tx) error {
		if err := s.dropSealed(tx, &placeholder); err != nil {
			return err
		}
		joined := placeholder
		joined.Person = m.Person // from now on the case is about the member
		return s.stillOpen(tx, &joined, Arrive)
	})
	if err != nil {
		return err
	}
	c.Person, c.State = m.Person, Joined
	return s.Eraser.Discard(ctx, placeholder.Person)
}

// discard erases what an addition said of somebody who did not become a member.
func (s *Service) discard(ctx context.Context, c *Case) error {
	return s.Eraser.Discard(context.WithoutCancel(ctx), c.Person)
}
