package signin

import (
	"context"
	"errors"
	"slices"
	"strings"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

// Candidates gives the persons an open choice is among, again for a page loaded
// again. It spends nothing. Errors: Gone when the choice is over.
func (s *Service) Candidates(ctx context.Context, choice string) ([]Candidate, error) {
	_, p, err := s.choice(ctx, choice)
	if err != nil {
		return nil, err
	}
	return s.o.Persons.Candidates(ctx, s.present(p.persons))
}

func (s *Service) choice(ctx context.Context, choice string) (t ticket, p pass, err error) {
	err = s.db.Read(ctx, func(q database.Querier) (err error) {
		t, p, err = s.ticket(q, s.drawer(forChoice, choice))
		return err
	})
	return t, p, err
}

// Choose completes a sign-in at a shared address: person is one of the candidates,
// proof what only that person knows. Errors: Invalid with how many attempts are
// left, Gone, TooMany.
func (s *Service) Choose(ctx context.Context, choice string, person vault.PersonID, proof Proof, remote string) (Result, error) {
	if !proof.Birth.IsValid() && strings.TrimSpace(proof.Number) == "" {
		return Result{}, fault.New(fault.Invalid, "signin.error.proof").With("proof", "fault.field.required")
	}
	if wait := s.wrong.wait(remote); wait > 0 {
		return Result{}, tooMany("signin.error.busy", wait)
	}
	d := s.drawer(forChoice, choice)
	// The attempt is counted before the answer is looked at: two sent at once count as two.
	limited := s.limited(wrongPerPerson, personBytes(person))
	var p pass
	var left int
	var refused error
	err := s.db.Write(ctx, func(tx *database.Tx) (err error) {
		left, refused = 0, nil
		var t ticket
		if t, p, err = s.ticket(tx, d); err != nil {
			return err
		}
		if !slices.Contains(s.present(p.persons), person) {
			return fault.New(fault.Invalid, "signin.error.person")
		}
		wait, err := waitFor(tx, limited, wrongPerPerson, tx.Now())
		if err != nil {
			return err
		}
		if wait > 0 {
			refused = tooMany("signin.error.many_wrong", wait)
			return deleteTicket(tx, d.id)
		}
		if err := take(tx, limited, wrongPerPerson); err != nil {
			return err
		}
		left, err = countAttempt(tx, d.id, t.attempts)
		return err
	})
	if err = errors.Join(err, refused); err != nil {
		return Result{}, err
	}
	right, err := s.proves(ctx, person, proof)
	if err != nil {
		return Result{}, err
	}
	if !right {
		s.wrong.take(remote)
		err := s.db.Write(ctx, func(tx *database.Tx) error { return s.failed(tx, "signin.journal.proof", person) })
		if err != nil {
			return Result{}, err
		}
		return Result{}, wrongAnswer("proof", "signin.error.answer", left)
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		if err := giveBack(tx, limited); err != nil { // it was no wrong answer after all
			return err
		}
		if err := deleteTicket(tx, d.id); err != nil {
			return err
		}
		return s.signedIn(tx, person, "")
	})
	if err != nil {
		return Result{}, err
	}
	return Result{Person: person, Lang: p.lang}, nil
}

// proves checks a proof. The member number counts only for somebody whose birth
// date is not known: letters with the number on them lie about in a shared home.
func (s *Service) proves(ctx context.Context, person vault.PersonID, proof Proof) (bool, error) {
	if proof.Birth.IsValid() {
		return s.o.Persons.CheckBirth(ctx, person, proof.Birth)
	}
	known, err := s.o.Persons.Candidates(ctx, []vault.PersonID{person})
	if err != nil {
		return false, err
	}
	if len(known) != 1 || known[0].Birth {
		return false, nil
	}
	number := strings.Join(strings.Fields(proof.Number), "")
	holders, err := s.keys.Find(vault.ClaimNumber, number)
	return slices.Contains(holders, person), err
}
