package notice

import (
	"context"

	"kartotek/internal/access"
)

// Declare puts into the register whom another room has let somebody name: a processor
// that a body declared itself is told of its changes like any other (L3, N12). That room
// has decided who may.
func (s *Service) Declare(ctx context.Context, by access.Actor, h Holder) (Holder, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return Holder{}, err
	}
	return s.addHolder(ctx, scope, h)
}
