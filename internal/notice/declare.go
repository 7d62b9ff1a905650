package notice

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/journal"
)

// Declare puts into the register whom another room has let somebody name: a processor
// that a body declared itself is told of its changes like any other (L3, N12). That room
// has decided who may.
func (s *Service) Declare(ctx context.Context, by access.Actor, h Holder) (Holder, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return Holder{}, err
	}
	if err := h.check(s.Charter); err != nil {
		return Holder{}, err
	}
	err = s.withContact(ctx, &h, func(tx *database.Tx) error {
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
