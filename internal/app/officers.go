package app

import (
	"context"
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/record"
	"kartotek/internal/retention"
	"kartotek/internal/vault"
)

// officers is the end of those who are known for a post or position alone, staff
// above all: no membership keeps their contact data once it has ended. They leave as
// members do, with a window, a letter and a certificate. What an officer who is a
// member has given stays the member's own.
type officers struct{ h *House }

// former finds them, of how many.
func (o officers) former(ctx context.Context, by time.Time) (over []vault.PersonID, all int, err error) {
	last := map[vault.PersonID]civil.Date{} // of a term; none of one without an end
	term := func(person vault.PersonID, until civil.Date) {
		switch before, known := last[person]; {
		case known && before.IsZero():
		case until.IsZero(), !known, until.After(before):
			last[person] = until
		}
	}
	err = errors.Join(
		record.Scan(o.h.Records, ctx, access.Positions, func(p vault.PersonID, _ uint64, v *access.Position) error {
			term(p, v.Until)
			return nil
		}),
		record.Scan(o.h.Records, ctx, access.Appointments, func(p vault.PersonID, _ uint64, v *access.Appointment) error {
			term(p, v.Until)
			return nil
		}),
	)
	if err != nil {
		return nil, 0, err
	}
	today := o.h.Charter.Today(by)
	for person, until := range last {
		if len(o.h.Members.Units(person)) > 0 || o.h.Members.Leaving(person) {
			continue
		}
		all++
		if !until.IsZero() && until.AddDays(o.h.Charter.Parameters.OfficerContactDays.Value).Before(today) && len(o.h.Access.Held(person)) == 0 {
			over = append(over, person)
		}
	}
	return over, all, nil
}

func (o officers) Due(ctx context.Context, by time.Time) (retention.Tally, error) {
	over, all, err := o.former(ctx, by)
	return retention.Tally{Due: len(over), All: all}, err
}

func (o officers) End(ctx context.Context, by time.Time) (closed int, failed error) {
	over, _, err := o.former(ctx, by)
	if err != nil {
		return 0, err
	}
	for _, person := range over {
		done, err := o.h.Departures.CloseByItself(ctx, person)
		if done {
			closed++
		}
		failed = errors.Join(failed, err)
	}
	return closed, failed
}

// Of tells somebody known for a post alone until when.
func (o officers) Of(ctx context.Context, person vault.PersonID) ([]retention.Held, error) {
	if len(o.h.Members.Units(person)) > 0 || len(o.h.Access.Held(person)) == 0 {
		return nil, nil
	}
	return []retention.Held{{What: "retention.held.post"}}, nil
}
