package joining

import (
	"context"
	"errors"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// shownDays is how long an application that was accepted is still shown, and its
// applicant's page still tells that it was.
const shownDays = 30

// Sweep is the scheduled work: what was confirmed is looked at, what has run out
// is erased, and what is long over goes. One that fails does not keep the others
// waiting.
func (s *Service) Sweep(ctx context.Context) error {
	s.Limits.Tidy()
	var all []Application
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = query(q, `ORDER BY made_at, id`)
		return err
	})
	if err != nil {
		return err
	}
	today := s.today()
	var failed []error
	for i := range all {
		failed = append(failed, s.sweepOne(ctx, &all[i], today))
	}
	return errors.Join(failed...)
}

func (s *Service) sweepOne(ctx context.Context, a *Application, today civil.Date) error {
	switch {
	case a.State == Ended, !s.Keyring.Holds(a.Person, vault.Membership):
		return s.erase(ctx, a) // a stop came between
	case a.State == Accepted:
		if today.DaysSince(s.Charter.Today(a.EndedAt)) > shownDays {
			return s.forget(ctx, a)
		}
		return nil
	case today.After(a.DueOn):
		return s.lapse(ctx, a.ID)
	case !a.Looked && (a.State == Unsponsored || a.State == Waiting):
		return s.look(ctx, a.ID)
	}
	return nil
}

// look finds out whom the applicant has named, and whether they seem to be a
// member. Where nobody has to decide and there is no such match, they are one now.
func (s *Service) look(ctx context.Context, id int64) error {
	var a Application
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		a, err = s.get(q, id)
		return err
	})
	if errors.Is(err, database.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	draft := a.Form.Draft
	draft.Category = s.categoryOf(&a.Form)
	alike, err := s.Members.Alike(ctx, draft)
	if fault.Is(err, fault.Invalid) {
		alike, err = nil, nil // the rules have changed since; whoever decides will see
	}
	if err != nil {
		return err
	}
	var letters []Letter
	var sponsor vault.PersonID
	if a.State == Unsponsored && a.Form.Sponsor == 0 {
		if sponsor, err = s.Members.Named(a.Form.Sought, a.Unit); err != nil {
			return err
		}
		if sponsor != 0 {
			if letters, err = s.Letters.Sponsor(ctx, sponsor); err != nil {
				return err
			}
		}
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.get(tx, id)
		if err != nil || fresh.Looked || fresh.Form.Sought != a.Form.Sought {
			return err
		}
		fresh.Looked, fresh.Form.Alike = true, alike
		if sponsor != 0 {
			fresh.Form.Sponsor = sponsor
		}
		if len(alike) > 0 && len(a.Form.Alike) == 0 {
			if err := s.match(tx, &fresh); err != nil {
				return err
			}
		}
		if fresh.State == Waiting && !s.decided(&fresh) && len(alike) > 0 {
			if err := s.ask(tx, &fresh); err != nil { // it is no longer a matter of course
				return err
			}
		}
		if err := update(tx, &fresh); err != nil {
			return err
		}
		a = fresh
		if err := s.keep(tx, &fresh); err != nil {
			return err
		}
		return enqueue(tx, letters)
	})
	if err != nil || a.State != Waiting || s.decided(&a) || len(alike) > 0 {
		return err
	}
	return s.admit(ctx, &a, false, func() journal.Entry { return s.entry(journal.Create, a.Person) })
}

// match makes it the duty of whoever reaches the whole register to look at a
// likely match.
func (s *Service) match(tx *database.Tx, a *Application) error {
	office, act := s.deciders(0)
	_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.ApplicantAlike, Subject: a.ID, Unit: office, Act: act.String(), DueOn: s.today().AddDays(s.rules().DecisionDays.Value)})
	return err
}

// lapse ends an application whose time is over, tells the applicant if they had
// confirmed their address, and erases it.
func (s *Service) lapse(ctx context.Context, id int64) error {
	var a Application
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		a, err = s.get(q, id)
		return err
	})
	if errors.Is(err, database.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	var letters []Letter
	if a.State == Unsponsored || a.State.Undecided() {
		if letters, err = s.Letters.Applicant(ctx, &a, "joining.expired"); err != nil {
			return err
		}
	}
	over := false
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.get(tx, id)
		if err != nil {
			return err
		}
		if over = fresh.step(Lapse) != nil; over {
			return nil // somebody was quicker
		}
		if err := s.moved(tx, &fresh); err != nil {
			return err
		}
		e := s.entry(journal.ApplicationEnd, fresh.Person)
		e.Number, e.Reason = fresh.ID, "lapsed"
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return enqueue(tx, letters)
	})
	if err != nil || over {
		return err
	}
	return s.erase(ctx, &a)
}

// erase takes an application away with its key, then its row. To do it again
// changes nothing.
func (s *Service) erase(ctx context.Context, a *Application) error {
	ctx = context.WithoutCancel(ctx)
	if a.State != Accepted { // a member was erased by their own procedure
		if err := s.Eraser.Discard(ctx, a.Person); err != nil {
			return err
		}
	}
	return s.forget(ctx, a)
}

// forget drops the row, and what may be left of the form where a member stays.
func (s *Service) forget(ctx context.Context, a *Application) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := record.Remove(tx, Forms, a.Person, uint64(a.ID)); err != nil {
			return err
		}
		for _, kind := range [...]duty.Kind{duty.Application, duty.ApplicantAlike} {
			if _, err := s.Duties.Finish(tx, kind, a.ID, 0, "withdrawn"); err != nil {
				return err
			}
		}
		return remove(tx, a.ID)
	})
}

// categoryOf is the kind of membership an applicant begins with, by their age.
func (s *Service) categoryOf(f *Form) string {
	birth, _ := civil.ParseDate(f.Draft.Values["birth"]) // tested when it was sent
	return s.Charter.CategoryAt(birth, s.today())
}
