package joining

import (
	"context"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// Recommend is a sponsor's answer. A no is told to nobody: the applicant waits as
// for somebody who does not exist, and may name another.
func (s *Service) Recommend(ctx context.Context, by access.Actor, id int64, yes bool) error {
	a, scope, err := s.sponsored(ctx, by, id)
	if err != nil {
		return err
	}
	if !yes {
		return s.DB.Write(ctx, func(tx *database.Tx) error {
			fresh, err := s.get(tx, id)
			if err != nil || fresh.State != Unsponsored {
				return gone(err)
			}
			fresh.Form.Sponsor = 0
			return s.keep(tx, &fresh)
		})
	}
	letters, err := s.waits(ctx, &a, Recommend)
	if err != nil {
		return err
	}
	told, err := s.Letters.Applicant(ctx, &a, "joining.news")
	if err != nil {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.get(tx, id)
		if err != nil {
			return gone(err)
		}
		if err := fresh.step(Recommend); err != nil {
			return err
		}
		fresh.Form.Recommended, fresh.DueOn = s.today(), ends(fresh.State, s.rules(), s.today())
		fresh.Looked = s.decided(&fresh) // else the scheduled work takes them in
		if err := s.moved(tx, &fresh); err != nil {
			return err
		}
		e := scope.Entry(journal.Recommend, fresh.Person)
		e.Number, e.Target = fresh.ID, uint32(fresh.Unit)
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return enqueue(tx, append(letters, told...))
	})
}

// Decline says no, for a reason of the catalogue. The name stays for the days of
// the charter, so that somebody can ask; the rest goes at once.
func (s *Service) Decline(ctx context.Context, by access.Actor, id int64, reason string) (Application, error) {
	if err := checkReason(reason); err != nil {
		return Application{}, err
	}
	return s.answer(ctx, by, id, Decline, journal.Reject, reason, func(a *Application) {
		a.Form.spare()
		a.Form.Reason, a.DueOn = reason, ends(Declined, s.rules(), s.today())
	})
}

// Ask wants to know more of the applicant, who answers from their own page.
func (s *Service) Ask(ctx context.Context, by access.Actor, id int64, question string) (Application, error) {
	if err := checkText(question, "question", longestQuestion); err != nil {
		return Application{}, err
	}
	return s.answer(ctx, by, id, Ask, journal.Question, "", func(a *Application) {
		a.Form.Question, a.Form.Answer = question, ""
	})
}

// answer carries out what an officer decides, apart from acceptance.
func (s *Service) answer(ctx context.Context, by access.Actor, id int64, event Event, act journal.Act, reason string, change func(a *Application)) (Application, error) {
	a, scope, _, err := s.acting(ctx, by, id, event)
	if err != nil {
		return a, err
	}
	letters, err := s.Letters.Applicant(ctx, &a, "joining.news")
	if err != nil {
		return a, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if a, err = s.get(tx, id); err != nil {
			return gone(err)
		}
		if err := a.step(event); err != nil {
			return err
		}
		change(&a)
		if err := s.moved(tx, &a); err != nil {
			return err
		}
		e := scope.Entry(act, a.Person)
		e.Number, e.Target, e.Reason = a.ID, uint32(a.Unit), reason
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return enqueue(tx, letters)
	})
	return a, err
}

// acting is open for somebody who wants to decide.
func (s *Service) acting(ctx context.Context, by access.Actor, id int64, event Event) (Application, access.Scope, Stance, error) {
	a, scope, stance, err := s.open(ctx, by, id)
	if err == nil && !a.May(event, stance) {
		err = fault.New(fault.Gone, "joining.error.over")
	}
	return a, scope, stance, err
}

// sponsored opens an application that somebody is asked to recommend.
func (s *Service) sponsored(ctx context.Context, by access.Actor, id int64) (Application, access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return Application{}, scope, err
	}
	var a Application
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		a, err = s.get(q, id)
		return err
	})
	if err == nil && (a.State != Unsponsored || a.Form.Sponsor != by.Person || by.Person == vault.PersonID(0)) {
		err = database.ErrNotFound
	}
	return a, scope, gone(err)
}
