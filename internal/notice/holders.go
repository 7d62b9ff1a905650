package notice

import (
	"context"
	"errors"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// require decides that somebody keeps the register of holders: whoever may change
// every card.
func (s *Service) require(ctx context.Context, by access.Actor) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Edit})
	if err != nil || scope.All() {
		return scope, err
	}
	e := scope.Entry(journal.Denied)
	e.Reason = "notice.denied"
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return access.Scope{}, err
	}
	return access.Scope{}, fault.New(fault.Denied, "notice.denied")
}

// Holders lists the register of holders with who answers there.
func (s *Service) Holders(ctx context.Context, by access.Actor) ([]Holder, error) {
	scope, err := s.require(ctx, by)
	if err != nil {
		return nil, err
	}
	all, err := s.holders(ctx, `WHERE ended_at IS NULL AND role <> 'handout' ORDER BY name, id`)
	if err != nil {
		return nil, err
	}
	return all, s.seen(ctx, scope, all)
}

// seen journals that somebody saw who answers at holders.
func (s *Service) seen(ctx context.Context, scope access.Scope, all []Holder) error {
	if len(all) == 0 {
		return nil
	}
	e := scope.Entry(journal.Shown)
	e.Persons = roaring.New()
	for i := range all {
		e.Persons.Add(uint32(all[i].Person))
	}
	_, err := s.Journal.Read(ctx, &e)
	return err
}

// Holder gives one of them.
func (s *Service) Holder(ctx context.Context, by access.Actor, id int64) (Holder, error) {
	scope, err := s.require(ctx, by)
	if err != nil {
		return Holder{}, err
	}
	all, err := s.holders(ctx, `WHERE id = $1 AND role <> 'handout'`, id)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "notice.error.none")
	}
	if err != nil {
		return Holder{}, err
	}
	return all[0], s.seen(ctx, scope, all)
}

// Named are the holders a list can be handed to: names of organisations only.
func (s *Service) Named(ctx context.Context) (all []Holder, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = holders(q, `WHERE ended_at IS NULL AND role <> 'handout' ORDER BY name, id`)
		return err
	})
	return all, err
}

func (s *Service) holders(ctx context.Context, rest string, args ...any) (all []Holder, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if all, err = holders(q, rest, args...); err != nil {
			return err
		}
		for i := range all {
			err := record.Get(s.Records, q, Contacts, all[i].Person, 0, &all[i].Contact)
			if err != nil && !errors.Is(err, database.ErrNotFound) && !errors.Is(err, vault.ErrErased) {
				return err
			}
		}
		return nil
	})
	return all, err
}

// AddHolder declares an organisation that holds members' data: what it gets, on
// what ground, and whom to tell of changes.
func (s *Service) AddHolder(ctx context.Context, by access.Actor, h Holder) (Holder, error) {
	scope, err := s.require(ctx, by)
	if err != nil {
		return Holder{}, err
	}
	return s.addHolder(ctx, scope, h)
}

func (s *Service) addHolder(ctx context.Context, scope access.Scope, h Holder) (Holder, error) {
	if err := h.check(s.Charter); err != nil {
		return Holder{}, err
	}
	err := s.withContact(ctx, &h, func(tx *database.Tx) (err error) {
		if h.ID, err = tx.Next("holder"); err != nil {
			return err
		}
		if err := insertHolder(tx, &h); err != nil {
			return err
		}
		return s.append(tx, scope, journal.Holder, h.ID)
	})
	return h, err
}

// withContact makes the person a contact's record belongs to, key first.
func (s *Service) withContact(ctx context.Context, h *Holder, act func(tx *database.Tx) error) error {
	err := s.Keyring.Write(ctx, func(tx *vault.Tx) (err error) {
		if h.Person, err = tx.NewPerson(); err != nil {
			return err
		}
		return tx.Pending(h.Person)
	})
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := act(tx); err != nil {
			return err
		}
		return record.Create(s.Records, tx, Contacts, h.Person, 0, &h.Contact)
	})
	after := context.WithoutCancel(ctx)
	if err != nil {
		return errors.Join(err, s.Keyring.Write(after, func(tx *vault.Tx) error { return tx.Drop(h.Person) }))
	}
	return s.Keyring.Settle(after, h.Person)
}

// Answers has somebody else answer at a holder: what was known of the one before
// goes with its key.
func (s *Service) Answers(ctx context.Context, by access.Actor, id int64, c Contact) error {
	scope, err := s.require(ctx, by)
	if err != nil {
		return err
	}
	h, err := s.Holder(ctx, by, id)
	if err != nil {
		return err
	}
	before := h.Person
	h.Contact = c
	if err := h.check(s.Charter); err != nil {
		return err
	}
	err = s.withContact(ctx, &h, func(tx *database.Tx) error {
		if _, err := tx.Exec(`UPDATE holder SET person = $2 WHERE id = $1`, id, int64(h.Person)); err != nil {
			return err
		}
		return s.append(tx, scope, journal.Holder, id)
	})
	if err != nil {
		return err
	}
	return s.Eraser.Discard(context.WithoutCancel(ctx), before)
}

// EndHolder ends that an organisation holds anything; who answered there goes.
func (s *Service) EndHolder(ctx context.Context, by access.Actor, id int64) error {
	scope, err := s.require(ctx, by)
	if err != nil {
		return err
	}
	h, err := s.Holder(ctx, by, id)
	if err != nil {
		return err
	}
	if h.Open+h.Lists > 0 {
		return fault.New(fault.Conflict, "notice.error.holds")
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`UPDATE holder SET ended_at = $2 WHERE id = $1 AND ended_at IS NULL`, id, tx.Now().UnixMicro()); err != nil {
			return err
		}
		return s.append(tx, scope, journal.Holder, id)
	})
	if err != nil {
		return err
	}
	return s.Eraser.Discard(context.WithoutCancel(ctx), h.Person)
}

// Hand records that a list was handed to a holder, by whoever holds it or the
// secretariat: from then on the holder is told of every line that changes.
func (s *Service) Hand(ctx context.Context, by access.Actor, list, holder int64) error {
	scope, err := s.mayHand(ctx, by, list)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		found, err := holders(tx, `WHERE id = $1 AND ended_at IS NULL`, holder)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fault.New(fault.Invalid, "notice.error.none").With("holder", "notice.error.none")
		}
		if _, err := tx.Exec(`INSERT INTO holder_list (holder, list, handed_at, handed_by) VALUES ($1, $2, $3, $4) ON CONFLICT (holder, list) DO UPDATE SET gone_at = NULL`,
			holder, list, tx.Now().UnixMicro(), int64(by.Person)); err != nil {
			return err
		}
		return s.append(tx, scope, journal.HandOver, list)
	})
}

// Destroyed records that a holder has said that it destroyed a list.
func (s *Service) Destroyed(ctx context.Context, by access.Actor, list, holder int64) error {
	scope, err := s.mayHand(ctx, by, list)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		rows, err := tx.Exec(`UPDATE holder_list SET gone_at = $3 WHERE holder = $1 AND list = $2 AND gone_at IS NULL`, holder, list, tx.Now().UnixMicro())
		if err == nil && rows == 0 {
			err = fault.New(fault.NotFound, "notice.error.none")
		}
		if err != nil {
			return err
		}
		return s.append(tx, scope, journal.Attest, list)
	})
}

// mayHand decides that somebody hands out a list: it is theirs, or they are the
// secretariat.
func (s *Service) mayHand(ctx context.Context, by access.Actor, list int64) (access.Scope, error) {
	own, err := s.Lists.Mine(ctx, by, list)
	if err != nil {
		return access.Scope{}, err
	}
	if own {
		return s.Access.Require(ctx, by, access.Want{Self: true})
	}
	return s.require(ctx, by)
}

// With are the holders that were handed a list and still have it.
func (s *Service) With(ctx context.Context, list int64) (all []Holder, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = holders(q, `WHERE role <> 'handout' AND id IN (SELECT holder FROM holder_list WHERE list = $1 AND gone_at IS NULL) ORDER BY name, id`, list)
		return err
	})
	return all, err
}

// append journals an act about a holder, a notice or a list, by its number.
func (s *Service) append(tx *database.Tx, scope access.Scope, act journal.Act, number int64, persons ...vault.PersonID) error {
	e := scope.Entry(act)
	e.Number = number
	if len(persons) > 0 {
		e.Persons = roaring.New()
		for _, person := range persons {
			e.Persons.Add(uint32(person))
		}
	}
	_, err := s.Journal.Append(tx, &e)
	return err
}
