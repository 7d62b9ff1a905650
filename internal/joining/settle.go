package joining

import (
	"context"
	"errors"
	"maps"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Accept says yes to an applicant, in the body they applied to. The secretariat
// may choose another, and must where none was chosen; it sees who may be a member
// already, says first which, and its yes counts at once. A body's yes counts from
// the day it was told, whoever the applicant is (D11).
func (s *Service) Accept(ctx context.Context, by access.Actor, id int64, body unit.ID) (Application, error) {
	a, scope, stance, err := s.acting(ctx, by, id, Accept)
	if err != nil {
		return a, err
	}
	if stance.Office && body != 0 {
		a.Unit = body
	}
	if a.Unit == 0 {
		return a, fault.New(fault.Invalid, "joining.error.form").With("unit", "joining.error.unit")
	}
	draft := a.Form.Draft
	draft.Unit = a.Unit
	if _, err := s.Members.Tested(draft, nil); err != nil { // rather now than on the day
		return a, err
	}
	if err := s.undecided(ctx, &a, stance); err != nil {
		return a, err
	}
	on := s.answeredOn(&a, stance.Office)
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.get(tx, id)
		if err != nil {
			return gone(err)
		}
		if err := fresh.step(Accept); err != nil {
			return err
		}
		fresh.Unit, fresh.DueOn = a.Unit, on
		if err := s.moved(tx, &fresh); err != nil {
			return err
		}
		a = fresh
		e := scope.Entry(journal.Accept, a.Person)
		e.Number, e.Target = a.ID, uint32(a.Unit)
		_, err = s.Journal.Append(tx, &e)
		return err
	})
	if err != nil || on.After(s.today()) {
		return a, err
	}
	if err := s.settle(ctx, id); err != nil {
		return a, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		a, err = s.get(q, id)
		return err
	})
	return a, gone(err)
}

// undecided refuses a yes while somebody who may know sees that the applicant
// seems to be a member: the secretariat every member, a body its own.
func (s *Service) undecided(ctx context.Context, a *Application, st Stance) error {
	alike, err := s.alike(ctx, a)
	if err != nil {
		return err
	}
	if len(alike) > 0 && len(a.Form.Alike) == 0 { // since the scheduled work has looked
		if err := s.noteAlike(ctx, a, alike); err != nil {
			return err
		}
	}
	for _, person := range append([]vault.PersonID{a.Form.Same}, a.Form.Alike...) {
		switch {
		case a.Form.Distinct || person == 0:
		case s.Members.Belongs(person, a.Unit):
			return fault.New(fault.Conflict, "joining.error.here")
		case st.Office && a.Form.Same == 0:
			return fault.New(fault.Conflict, "joining.error.alike")
		}
	}
	return nil
}

// answeredOn is the day on which whom somebody accepts becomes a member.
func (s *Service) answeredOn(a *Application, office bool) civil.Date {
	t := &s.Charter.Transfers
	if office || !t.AdditionsWait.Value || len(s.Doors()) < 2 {
		return s.today()
	}
	return a.answeredOn(s.today(), t.AdditionDays.Value)
}

// settle makes a member of whom was accepted, or moves the member they are; where
// neither can be done, the answer is no. To do it again changes nothing.
func (s *Service) settle(ctx context.Context, id int64) error {
	var a Application
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		a, err = s.get(q, id)
		return err
	})
	if errors.Is(err, database.ErrNotFound) || err == nil && a.State != Agreed {
		return nil
	}
	if err != nil {
		return err
	}
	alike, err := s.alike(ctx, &a)
	switch {
	case err != nil:
		return err
	case len(alike) > 0:
		return s.refuse(ctx, &a)
	case a.Form.Same != 0:
		err = s.carry(ctx, &a)
	default:
		err = s.admit(ctx, &a)
	}
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) { // the world has changed since
		return s.refuse(ctx, &a)
	}
	return err
}

// admit is the one transaction that makes a member of somebody new: card,
// membership, number, the application's end, and the mail.
func (s *Service) admit(ctx context.Context, a *Application) error {
	letters, err := s.Letters.Applicant(ctx, a, "joining.welcome")
	if err != nil {
		return err
	}
	draft := a.Form.Draft
	draft.Values = maps.Clone(draft.Values)
	draft.Unit, draft.Category = a.Unit, s.categoryOf(&a.Form)
	return s.Members.Admit(ctx, a.Person, draft, func() journal.Entry {
		e := s.entry(journal.Create, a.Person)
		e.Target, e.Number = uint32(a.Unit), a.ID
		return e
	}, func(tx *database.Tx) error {
		if err := s.arrive(tx, a, a.Person); err != nil {
			return err
		}
		return enqueue(tx, letters)
	})
}

// carry gives the body the member that the applicant is. What was typed goes with
// its key; marked pending, it is swept at the next start if a stop comes between.
func (s *Service) carry(ctx context.Context, a *Application) error {
	if err := s.Keyring.Write(ctx, func(tx *vault.Tx) error { return tx.Pending(a.Person) }); err != nil {
		return err
	}
	also := func(tx *database.Tx) error {
		var told Informed
		err := record.Get(s.Records, tx, Told, a.Person, 1, &told)
		if err == nil {
			err = record.Put(s.Records, tx, Told, a.Form.Same, 1, &told)
		}
		if err != nil && !errors.Is(err, database.ErrNotFound) {
			return err
		}
		if err := record.Remove(tx, Told, a.Person, 1); err != nil {
			return err
		}
		return s.arrive(tx, a, a.Form.Same)
	}
	var err error
	if s.Members.Belongs(a.Form.Same, a.Unit) { // they have come by another way meanwhile
		err = s.DB.Write(ctx, also)
	} else {
		err = s.Moves.Carry(ctx, a.Form.Same, a.Unit, also)
	}
	if err != nil {
		return errors.Join(err, s.drop(context.WithoutCancel(ctx), a.Person))
	}
	return s.Eraser.Discard(context.WithoutCancel(ctx), a.Person)
}

// arrive ends an application whose applicant is a member now, in the transaction
// that made them one. The card says better what was typed.
func (s *Service) arrive(tx *database.Tx, a *Application, person vault.PersonID) error {
	fresh, err := s.get(tx, a.ID)
	if err != nil {
		return gone(err)
	}
	if err := fresh.step(Arrive); err != nil {
		return err
	}
	if err := record.Remove(tx, Forms, a.Person, uint64(a.ID)); err != nil {
		return err
	}
	fresh.Form, fresh.Person = Form{}, person
	if err := update(tx, &fresh); err != nil {
		return err
	}
	return s.finishAll(tx, &fresh, 0)
}

// refuse ends an accepted application that came to nothing. The applicant is told
// the same whatever it was.
func (s *Service) refuse(ctx context.Context, a *Application) error {
	letters, err := s.Letters.Applicant(ctx, a, "joining.news")
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.get(tx, a.ID)
		if err != nil {
			return gone(err)
		}
		if fresh.step(Refuse) != nil {
			return nil // somebody was quicker
		}
		fresh.Form.spare()
		fresh.Form.Reason, fresh.DueOn = unconfirmed, ends(Declined, s.rules(), s.today())
		if err := s.moved(tx, &fresh); err != nil {
			return err
		}
		e := s.entry(journal.Reject, fresh.Person)
		e.Number, e.Target, e.Reason = fresh.ID, uint32(fresh.Unit), unconfirmed
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return enqueue(tx, letters)
	})
}

// finishAll closes the duties about an application.
func (s *Service) finishAll(tx *database.Tx, a *Application, by vault.PersonID) error {
	for _, kind := range [...]duty.Kind{duty.Application, duty.ApplicantAlike} {
		if _, err := s.Duties.Finish(tx, kind, a.ID, by, "done"); err != nil {
			return err
		}
	}
	return nil
}
