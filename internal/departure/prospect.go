package departure

import (
	"context"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Prospect is what closing a membership now would do. It is told before the
// button is pressed.
type Prospect struct {
	DueAt time.Time // when the window would end
	Kept  []Kept    // what law keeps for the accounts (L7)
	Lists []Held    // lists with the person on them that somebody still holds
	Holds []Held    // lists the person still holds themselves (D12)
}

// Foresee says what closing somebody's membership would do, to whoever may
// close it.
func (s *Service) Foresee(ctx context.Context, by access.Actor, person vault.PersonID) (Prospect, error) {
	if _, err := s.within(ctx, by, charter.Close, person); err != nil {
		return Prospect{}, err
	}
	lists, err := s.Lists.Outstanding(ctx, person)
	if err != nil {
		return Prospect{}, err
	}
	var holds []Held
	if err := s.DB.Read(ctx, func(q database.Querier) error {
		holds, err = s.Lists.Holding(q, person)
		return err
	}); err != nil {
		return Prospect{}, err
	}
	kept, err := s.keeps(ctx, person, "")
	return Prospect{DueAt: s.Charter.EraseAt(s.Now(), false), Kept: told(s.Charter, s.Units.Tree(), kept), Lists: lists, Holds: holds}, err
}

// HandleDays is how many days the secretariat has to act on a resignation.
const HandleDays = handleDays
