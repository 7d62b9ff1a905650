package extract

import (
	"context"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/unit"
)

// OpenIn lists the lists of one body that nobody has attested destroyed, by their last
// day: what a board leaves to the next (D12). The Scope must reach the body.
func (s *Service) OpenIn(ctx context.Context, scope access.Scope, body unit.ID) ([]List, error) {
	if !scope.Covers(body) {
		return nil, nil
	}
	all, err := s.list(ctx, `WHERE unit = $1 AND (digital_at IS NULL OR physical_at IS NULL OR number IN
		(SELECT number FROM extract_pass WHERE digital_at IS NULL OR physical_at IS NULL)) ORDER BY destroy_by, number`, int64(body))
	return slices.DeleteFunc(all, func(l List) bool { return l.Settled() }), err
}
