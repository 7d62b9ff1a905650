package joining

import (
	"context"
	"errors"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Work is the scheduled work: what was confirmed is looked at, and what a stop came
// between is erased. One that fails does not keep the others waiting.
func (s *Service) Work(ctx context.Context) error {
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
		failed = append(failed, s.workOne(ctx, &all[i], today))
	}
	return errors.Join(failed...)
}

func (s *Service) workOne(ctx context.Context, a *Application, today civil.Date) error {
	switch {
	case s.cut(a):
		return s.erase(ctx, a)
	case a.State == Agreed && !today.Before(a.DueOn):
		return s.settle(ctx, a.ID)
	case !s.due(a, today) && !a.Looked && (a.State == Unsponsored || a.State == Waiting):
		return s.look(ctx, a.ID)
	}
	return nil
}

// cut reports whether a stop came between an application's end and its erasure.
func (s *Service) cut(a *Application) bool {
	return a.State == Ended || !s.Keyring.Holds(a.Person, vault.Membership)
}

// due reports whether an application has run out by a day, or was accepted so long
// ago that it is not shown any more.
func (s *Service) due(a *Application, today civil.Date) bool {
	switch a.State {
	case Accepted:
		return today.DaysSince(s.Charter.Today(a.EndedAt)) > s.Charter.Parameters.CaseDays.Value
	case Agreed: // its day makes a member of them
		return false
	}
	return today.After(a.DueOn)
}

// Due counts the applications that have run out by a moment, and all there are.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	ended, all, err := s.ended(ctx, by)
	return len(ended), all, err
}

func (s *Service) ended(ctx context.Context, by time.Time) (due []Application, count int, err error) {
	today := s.Charter.Today(by)
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := query(q, `ORDER BY made_at, id`)
		for i := range all {
			if !s.cut(&all[i]) && s.due(&all[i], today) {
				due = append(due, all[i])
			}
		}
		count = len(all)
		return err
	})
	return due, count, err
}

// End erases the applications that had run out by a moment and forgets those that
// were accepted long before, and says how many. One that fails does not keep the
// others waiting.
func (s *Service) End(ctx context.Context, by time.Time) (gone int, failed error) {
	due, _, err := s.ended(ctx, by)
	if err != nil {
		return 0, err
	}
	for i := range due {
		a := &due[i]
		if a.State == Accepted {
			err = s.forget(ctx, a)
		} else {
			err = s.lapse(ctx, a.ID)
		}
		if err == nil {
			gone++
		}
		failed = errors.Join(failed, err)
	}
	return gone, failed
}

// look finds out whom the applicant has named, and whether they seem to be a
// member, who is then asked. Where nobody has to decide, that was the acceptance.
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
	alike, err := s.alike(ctx, &a)
	if err != nil {
		return err
	}
	letters, err := s.asks(ctx, &a, alike)
	if err != nil {
		return err
	}
	var sponsor vault.PersonID
	if a.State == Unsponsored && a.Form.Sponsor == 0 {
		if sponsor, err = s.Members.Named(a.Form.Sought, a.Unit); err != nil {
			return err
		}
		if sponsor != 0 {
			told, err := s.Letters.Sponsor(ctx, sponsor)
			if err != nil {
				return err
			}
			letters = append(letters, told...)
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
		if fresh.Form.open() && len(a.Form.Alike) == 0 {
			if err := s.match(tx, &fresh); err != nil {
				return err
			}
		}
		if fresh.State == Waiting && !s.decided(&fresh) { // nobody has to say yes
			if err := fresh.step(Accept); err != nil {
				return err
			}
			fresh.DueOn = s.answeredOn(&fresh, false)
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
	if err != nil || a.State != Agreed || a.DueOn.After(s.today()) {
		return err
	}
	return s.settle(ctx, a.ID)
}

// match makes it the duty of whoever reaches the whole register to say, before
// the applicant would become a member, who they are.
func (s *Service) match(tx *database.Tx, a *Application) error {
	office, act := s.deciders(0)
	_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.ApplicantAlike, Subject: a.ID, Unit: office, Act: act.String(), DueOn: s.answeredOn(a, false)})
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
