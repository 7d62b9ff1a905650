package departure

import (
	"context"
	"strconv"
	"strings"
	"unicode/utf8"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// Whoever holds lists that nobody has attested does not simply go: once the membership
// is closed they cannot sign in to attest them. They attest first; or the lists pass on
// to the officers of their bodies, as duties; or the secretariat closes all the same,
// with grounds, and the lists pass on when the erasure begins. The lists of somebody who
// has died pass on by themselves (D6, D12).

// checkLists refuses a closing that would leave lists behind.
func (s *Service) checkLists(ctx context.Context, scope access.Scope, person vault.PersonID, because *charter.Reason, closing *Closing) error {
	if because.OfDeath() {
		closing.PassLists, closing.Override = true, ""
		return nil
	}
	if closing.Override = strings.TrimSpace(closing.Override); closing.Override != "" {
		switch {
		case !scope.All():
			return fault.New(fault.Invalid, "departure.error.closing").With("override", "departure.error.override_office")
		case utf8.RuneCountInString(closing.Override) > longestGrounds:
			return fault.New(fault.Invalid, "departure.error.closing").With("override", "departure.error.hold_long", "limit", longestGrounds)
		}
	}
	if closing.PassLists || closing.Override != "" {
		return nil
	}
	return s.DB.Read(ctx, func(q database.Querier) error { return s.heldFault(q, person) })
}

// heldFault names the lists somebody still holds; nil for none.
func (s *Service) heldFault(q database.Querier, person vault.PersonID) error {
	held, err := s.Lists.Holding(q, person)
	if err != nil || len(held) == 0 {
		return err
	}
	return fault.New(fault.Conflict, "departure.error.holds", "count", len(held), "lists", numbersOf(held))
}

func numbersOf(held []Held) []string {
	names := make([]string, len(held))
	for i := range held {
		names[i] = strconv.FormatInt(held[i].Number, 10)
	}
	return names
}

// releaseLists passes the lists on where the closing says so, in its transaction.
func (s *Service) releaseLists(tx *database.Tx, person vault.PersonID, closing *Closing) error {
	if !closing.PassLists {
		return nil
	}
	return s.Lists.Orphan(tx, person)
}
