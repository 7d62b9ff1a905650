package joining

import (
	"context"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// alike are the members who seem to be an applicant of whom nobody has said yet
// who they are.
func (s *Service) alike(ctx context.Context, a *Application) ([]vault.PersonID, error) {
	if a.Form.Same != 0 || a.Form.Distinct {
		return nil, nil
	}
	draft := a.Form.Draft
	draft.Category = s.categoryOf(&a.Form)
	alike, err := s.Members.Alike(ctx, draft)
	if fault.Is(err, fault.Invalid) {
		return nil, nil // the rules have changed since; whoever decides will see
	}
	return alike, err
}

// asks are the letters to the members who seem to be the applicant.
func (s *Service) asks(ctx context.Context, a *Application, alike []vault.PersonID) ([]Letter, error) {
	var letters []Letter
	for _, person := range alike {
		if slices.Contains(a.Form.Alike, person) {
			continue // was asked already
		}
		told, err := s.Letters.Member(ctx, person)
		if err != nil {
			return nil, err
		}
		letters = append(letters, told...)
	}
	return letters, nil
}

// noteAlike keeps whom an applicant seems to be, and asks.
func (s *Service) noteAlike(ctx context.Context, a *Application, alike []vault.PersonID) error {
	letters, err := s.asks(ctx, a, alike)
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.get(tx, a.ID)
		if err != nil {
			return gone(err)
		}
		fresh.Looked, fresh.Form.Alike = true, alike
		if err := s.match(tx, &fresh); err != nil {
			return err
		}
		if err := s.hold(tx, &fresh); err != nil {
			return err
		}
		a.Looked, a.Form.Alike = true, alike
		return enqueue(tx, letters)
	})
}

// hold writes an application again, in the state it is in.
func (s *Service) hold(tx *database.Tx, a *Application) error {
	if err := update(tx, a); err != nil {
		return err
	}
	return s.keep(tx, a)
}

// Identify says for the secretariat which member the applicant is: once accepted,
// that membership moves, or is joined by a second one, as the charter has it.
func (s *Service) Identify(ctx context.Context, by access.Actor, id int64, person vault.PersonID) (Application, error) {
	return s.tell(ctx, by, id, func(a *Application) error {
		if !slices.Contains(a.Form.Alike, person) {
			return fault.New(fault.Invalid, "joining.error.form").With("person", "joining.error.person")
		}
		a.Form.Same, a.Form.Alike = person, nil
		return nil
	})
}

// Distinguish says for the secretariat that the applicant is none of those they
// seem to be: once accepted, they get a card of their own.
func (s *Service) Distinguish(ctx context.Context, by access.Actor, id int64) (Application, error) {
	return s.tell(ctx, by, id, func(a *Application) error {
		a.Form.Distinct, a.Form.Alike = true, nil
		return nil
	})
}

// tell settles who an applicant is.
func (s *Service) tell(ctx context.Context, by access.Actor, id int64, who func(a *Application) error) (Application, error) {
	a, scope, stance, err := s.open(ctx, by, id)
	if err != nil {
		return a, err
	}
	if !stance.Office || !a.unsettled() {
		return a, fault.New(fault.Gone, "joining.error.over")
	}
	return a, s.DB.Write(ctx, func(tx *database.Tx) error {
		if a, err = s.get(tx, id); err != nil {
			return gone(err)
		}
		if !a.unsettled() {
			return fault.New(fault.Gone, "joining.error.over")
		}
		if err := who(&a); err != nil {
			return err
		}
		return s.told(tx, &a, by.Person, scope.Entry(journal.Edit, a.Person))
	})
}

// unsettled reports whether it can still be said who the applicant is.
func (a *Application) unsettled() bool {
	return a.Form.open() && (a.State == Unsponsored || a.State.Undecided() || a.State == Agreed)
}

// asks reports whether somebody is asked whether they are the applicant.
func (a *Application) asks(person vault.PersonID) bool {
	return a.unsettled() && slices.Contains(a.Form.Alike, person) && !slices.Contains(a.Form.Denied, person)
}

// told writes what somebody has said of who the applicant is.
func (s *Service) told(tx *database.Tx, a *Application, by vault.PersonID, e journal.Entry) error {
	if _, err := s.Duties.Finish(tx, duty.ApplicantAlike, a.ID, by, "done"); err != nil {
		return err
	}
	if err := s.hold(tx, a); err != nil {
		return err
	}
	e.Number = a.ID
	_, err := s.Journal.Append(tx, &e)
	return err
}

// Claim is an application by somebody who seems to be the member who asks.
type Claim struct {
	ID   int64
	Unit unit.ID // 0: not chosen yet
	On   civil.Date
	Dual bool // a yes gives a second membership; else the one there is moves
}

// Claims are the applications that one has to say of whether they are one's own.
// The look is journaled.
func (s *Service) Claims(ctx context.Context, by access.Actor) ([]Claim, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil || by.Person == 0 {
		return nil, err
	}
	var all []Claim
	shown := roaring.New()
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := s.applications(q, `WHERE looked = $1 ORDER BY made_at, id`, int64(lookedOpen))
		for i := range found {
			if a := &found[i]; a.asks(by.Person) {
				all = append(all, Claim{ID: a.ID, Unit: a.Unit, On: s.Charter.Today(a.MadeAt), Dual: s.Charter.Transfers.Dual.Value})
				shown.Add(uint32(a.Person))
			}
		}
		return err
	})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	e := scope.Entry(journal.Shown)
	e.Persons, e.Fields = shown, []string{"given", "family"}
	_, err = s.Journal.Read(ctx, &e)
	return all, err
}

// Claim says whether an application is one's own. A yes moves the membership once
// the body has accepted; after a no the secretariat says who it is, since two
// persons may share a name and a birthday.
func (s *Service) Claim(ctx context.Context, by access.Actor, id int64, mine bool) error {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		a, err := s.get(tx, id)
		if err != nil {
			return gone(err)
		}
		if !a.asks(by.Person) {
			return fault.New(fault.Gone, "joining.error.over")
		}
		if mine {
			a.Form.Same, a.Form.Alike = by.Person, nil
			return s.told(tx, &a, by.Person, scope.Entry(journal.Accept, by.Person))
		}
		a.Form.Denied = append(a.Form.Denied, by.Person)
		if err := s.keep(tx, &a); err != nil {
			return err
		}
		e := scope.Entry(journal.Decline, by.Person)
		e.Number = a.ID
		_, err = s.Journal.Append(tx, &e)
		return err
	})
}
