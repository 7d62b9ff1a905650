package dues

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// ProposeClosing opens a duty for whoever closes memberships about those whose
// patience has ended: where a body's own posts close (N14) one for each body,
// else one for the secretariat (D6). It proposes and names nobody; what happens
// to anybody is decided there, by the list of accounts. It is done by the
// scheduled work, and ends a duty when nobody is left.
func (s *Service) ProposeClosing(ctx context.Context) error {
	if !s.Any() {
		return nil
	}
	first, err := s.patienceEnded(ctx)
	if err != nil {
		return err
	}
	bodies := []unit.ID{0}
	for _, u := range s.Units.Tree().All() {
		if s.Access.PostsMay(u.ID, charter.Close) {
			bodies = append(bodies, u.ID)
		}
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		for _, body := range bodies {
			if err := s.propose(tx, body, first[body]); err != nil {
				return err
			}
		}
		return nil
	})
}

// patienceEnded gives, for each body whose posts close and 0 for the secretariat,
// the earliest day on which somebody's data are to be gone.
func (s *Service) patienceEnded(ctx context.Context) (map[unit.ID]civil.Date, error) {
	var all []vault.PersonID
	err := s.Records.Persons(ctx, Charges.Number, func(person vault.PersonID) error {
		if !s.Directory.Leaving(person) {
			all = append(all, person)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	today, first := s.today(), map[unit.ID]civil.Date{}
	err = s.accounts(ctx, all, nil, func(a *Account) error {
		for i := range a.Lines {
			l := &a.Lines[i]
			if !l.proposable(&s.Charter.Dues, today) {
				continue
			}
			body, until := l.Body, s.Charter.PatienceEnds(l.Due)
			if !s.Access.PostsMay(body, charter.Close) {
				body = 0
			}
			if known, some := first[body]; !some || until.Before(known) {
				first[body] = until
			}
		}
		return nil
	})
	return first, err
}

// propose opens a duty, or ends the one that has nothing left.
func (s *Service) propose(tx *database.Tx, body unit.ID, until civil.Date) error {
	_, open, err := s.Duties.OpenAbout(tx, duty.NonPayment, int64(body))
	switch {
	case err != nil || open == !until.IsZero():
		return err
	case open:
		_, err = s.Duties.Finish(tx, duty.NonPayment, int64(body), 0, "done")
		return err
	}
	if least := s.today().AddDays(7); until.Before(least) { // whoever decides needs days to do it
		until = least
	}
	_, err = s.Duties.Add(tx, duty.Duty{Kind: duty.NonPayment, Subject: int64(body), Unit: body, Act: charter.Close.String(), DueOn: until})
	return err
}
