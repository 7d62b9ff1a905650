package transfer

import (
	"context"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Carry moves a member to whom both sides have said yes elsewhere: they have
// applied to the body by its form, and the body has accepted. What the charter
// allows happens: where one may belong to two bodies, the old membership stays;
// else it goes along. also is written in the move's own transaction.
func (s *Service) Carry(ctx context.Context, person vault.PersonID, to unit.ID, also func(tx *database.Tx) error) error {
	from := s.Members.Units(person)
	if len(from) == 0 || s.Members.Leaving(person) {
		return fault.New(fault.NotFound, "member.error.not_found")
	}
	today := s.Charter.Today(s.Now())
	c := Case{Kind: Move, State: Agreed, Person: person, DueOn: today, Moving: Moving{
		From: from[0], To: to, Side: ByMember, By: person, On: today, Keep: s.Charter.Transfers.Dual.Value,
	}}
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		c.ID, err = database.Draw(q, "transfer")
		return err
	})
	if err != nil {
		return err
	}
	return s.move(ctx, &c, func(tx *database.Tx) error {
		if open, err := s.openMove(tx, person); err != nil || open {
			return orOpen(err)
		}
		return s.begin(tx, &c)
	}, also)
}
