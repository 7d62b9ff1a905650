package extract

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
)

// Recorded lists every list that something is known of within a Scope decided for
// reading the journal, the oldest first: what a list that was found is held against.
func (s *Service) Recorded(ctx context.Context, scope access.Scope) ([]List, error) {
	if scope.Act() != charter.Journal {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Journal.String())
	}
	all, err := s.list(ctx, `ORDER BY number`)
	if err != nil {
		return nil, err
	}
	within := all[:0]
	for _, l := range all {
		if scope.All() || scope.Covers(l.Unit) {
			within = append(within, l)
		}
	}
	return within, nil
}
