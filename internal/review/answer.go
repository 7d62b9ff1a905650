package review

import (
	"context"
	"errors"
	"strings"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// line reads one line with what is sealed of it, for whoever can answer for its body.
// Anybody else is told that there is none (D11), and the denial is journaled.
func (s *Service) line(ctx context.Context, by access.Actor, id int64) (Review, Line, access.Scope, error) {
	gone := fault.New(fault.NotFound, "review.error.gone")
	var found []Line
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		found, err = bare(q, `WHERE id = $1`, id)
		return err
	}); err != nil {
		return Review{}, Line{}, access.Scope{}, err
	}
	if len(found) == 0 {
		return Review{}, Line{}, access.Scope{}, gone
	}
	scope, err := s.over(ctx, by, found[0].Unit)
	if fault.Is(err, fault.Denied) {
		return Review{}, Line{}, scope, gone
	}
	if err != nil {
		return Review{}, Line{}, scope, err
	}
	r, err := s.get(ctx, found[0].Review)
	if err != nil {
		return r, Line{}, scope, err
	}
	all, _, err := s.lines(ctx, r.ID)
	for i := range all {
		if all[i].ID == id {
			return r, all[i], scope, err
		}
	}
	return r, Line{}, scope, errors.Join(err, gone)
}

// Answer confirms a line or ends its access at once, with a reason where one is wanted.
// Nobody answers for their own access.
func (s *Service) Answer(ctx context.Context, by access.Actor, id int64, to State, reason string) (Line, error) {
	r, l, scope, err := s.line(ctx, by, id)
	if err != nil {
		return l, err
	}
	if to != Confirmed && to != Ended {
		return l, fault.New(fault.Invalid, "review.error.answer").With("to", "review.error.to")
	}
	if l.Person == by.Person {
		return l, s.refuse(ctx, scope, "review.denied.own")
	}
	if err := s.mayStep(&r, &l, to); err != nil {
		return l, err
	}
	if err := checkReason(to, reason, l.Findings()); err != nil {
		return l, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error { return s.answer(tx, scope, &l, to, reason) })
	return l, err
}

// mayStep refuses what the review's or the line's state does not allow.
func (s *Service) mayStep(r *Review, l *Line, to State) error {
	switch {
	case r.Closed():
		return fault.New(fault.Conflict, "review.error.closed")
	case l.Evidence == nil || !l.State.may(to):
		return fault.New(fault.Conflict, "review.error.state")
	}
	return nil
}

// answer is Answer inside its transaction, from what the line is by then.
func (s *Service) answer(tx *database.Tx, scope access.Scope, l *Line, to State, reason string) error {
	if err := s.again(tx, l, to); err != nil {
		return err
	}
	a := Answer{
		Review: l.Review, Line: l.ID, To: to, Reason: strings.TrimSpace(reason), By: scope.Actor().Person, At: tx.Now(),
		ByCode: scope.Basis().Code, ByUnit: scope.Basis().Unit, Until: l.Evidence.Until,
	}
	e := scope.Entry(journal.ReviewAnswer, l.Person)
	e.Target, e.Number, e.Reason = uint32(l.Unit), l.Review, string(to)
	if _, err := s.Journal.Append(tx, &e); err != nil {
		return err
	}
	if to == Ended {
		if err := s.end(tx, e, l, a.Reason); err != nil {
			return err
		}
	} else if err := s.Access.Resume(tx, l.Person, l.Evidence.Holding); err != nil {
		return err
	}
	return s.put(tx, l, &a, scope.Actor().Person)
}

// again reads a line's state in the transaction that changes it: somebody else may have
// answered meanwhile.
func (s *Service) again(tx *database.Tx, l *Line, to State) error {
	now, err := bare(tx, `WHERE id = $1 AND review IN (SELECT id FROM review WHERE closed_at IS NULL)`, l.ID)
	if err != nil {
		return err
	}
	if len(now) == 0 || !now[0].State.may(to) {
		return fault.New(fault.Conflict, "review.error.state")
	}
	l.State = now[0].State
	return nil
}

// end ends the access of a line at once.
func (s *Service) end(tx *database.Tx, by journal.Entry, l *Line, why string) error {
	if l.Right == access.ByGrant {
		if err := s.Access.Resume(tx, l.Person, l.Evidence.Holding); err != nil {
			return err
		}
		return s.Grants.EndReviewed(tx, by, l.Person, l.Evidence.Case, why)
	}
	_, err := s.Access.EndReviewed(tx, by, l.Person, l.Evidence.Holding)
	return err
}

// put writes an answer down, the line's state with it, and ends the duty of a body that
// has answered for all its lines.
func (s *Service) put(tx *database.Tx, l *Line, a *Answer, by vault.PersonID) error {
	if err := record.Put(s.Records, tx, Answers, l.Person, uint64(l.ID), a); err != nil {
		return err
	}
	l.State, l.At, l.Answer = a.To, a.At, a
	if err := setState(tx, l.ID, a.To); err != nil {
		return err
	}
	return s.discharge(tx, l.Review, by)
}

// discharge ends the duties of bodies in which nothing waits for an answer any more.
func (s *Service) discharge(tx *database.Tx, review int64, by vault.PersonID) error {
	waiting, err := bare(tx, `WHERE review = $1 AND state IN ('open', 'suspended')`, review)
	if err != nil {
		return err
	}
	asked := map[unit.ID]bool{}
	for i := range waiting {
		asked[waiting[i].Unit] = true
	}
	open, err := s.Duties.OpenIn(tx, duty.AnswerReview, review)
	if err != nil {
		return err
	}
	for i := range open {
		if d := &open[i]; d.Unit != 0 && !asked[d.Unit] || d.Unit == 0 && len(waiting) == 0 {
			if _, err := s.Duties.FinishIn(tx, duty.AnswerReview, review, d.Unit, by, "done"); err != nil {
				return err
			}
		}
	}
	return nil
}

// ConfirmAll confirms every line of a body in which nothing was found, but one's own,
// and says which. The lines are named by their numbers: what is confirmed is what was
// shown.
func (s *Service) ConfirmAll(ctx context.Context, by access.Actor, review int64, body unit.ID, shown []int64) (done []Line, err error) {
	scope, err := s.over(ctx, by, body)
	if err != nil {
		return nil, err
	}
	r, err := s.get(ctx, review)
	if err != nil {
		return nil, err
	}
	all, _, err := s.lines(ctx, review)
	if err != nil {
		return nil, err
	}
	wanted := map[int64]bool{}
	for _, id := range shown {
		wanted[id] = true
	}
	for i := range all {
		l := &all[i]
		if wanted[l.ID] && l.Unit == body && !l.State.Settled() && l.Evidence != nil && l.Person != by.Person && len(l.Findings()) == 0 {
			if err := s.mayStep(&r, l, Confirmed); err != nil {
				return nil, err
			}
			done = append(done, *l)
		}
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		for i := range done {
			if err := s.answer(tx, scope, &done[i], Confirmed, ""); err != nil {
				return err
			}
		}
		return nil
	})
	return done, err
}

// Undo takes an answer back while the review is open, and gives back what it ended
// where the seat is still free. A cover and a documented access are not taken up again:
// they are given anew.
func (s *Service) Undo(ctx context.Context, by access.Actor, id int64) (Line, error) {
	r, l, scope, err := s.line(ctx, by, id)
	if err != nil {
		return l, err
	}
	if l.Person == by.Person {
		return l, s.refuse(ctx, scope, "review.denied.own")
	}
	if l.State == Lapsed || l.Answer == nil {
		return l, fault.New(fault.Conflict, "review.error.state")
	}
	if err := s.mayStep(&r, &l, Open); err != nil {
		return l, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := s.again(tx, &l, Open); err != nil {
			return err
		}
		e := scope.Entry(journal.ReviewAnswer, l.Person)
		e.Target, e.Number, e.Reason = uint32(l.Unit), l.Review, "undone"
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		if l.State == Ended {
			if err := s.Access.Reopen(tx, e, l.Person, l.Basis()); err != nil {
				return err
			}
		}
		if err := record.Remove(tx, Answers, l.Person, uint64(l.ID)); err != nil {
			return err
		}
		l.State, l.At, l.Answer = Open, tx.Now(), nil
		if err := setState(tx, l.ID, Open); err != nil {
			return err
		}
		return s.askAgain(tx, &r, &l)
	})
	return l, err
}

// askAgain opens the duty about a line again, where it was done.
func (s *Service) askAgain(tx *database.Tx, r *Review, l *Line) error {
	open, err := s.Duties.OpenIn(tx, duty.AnswerReview, r.ID)
	if err != nil {
		return err
	}
	body := s.asked(l)
	for i := range open {
		if open[i].Unit == body {
			return nil
		}
	}
	return s.ask1(tx, r, body)
}

// persons are those some lines are about.
func persons(lines []Line) *roaring.Bitmap {
	all := roaring.New()
	for i := range lines {
		if lines[i].Person != 0 {
			all.Add(uint32(lines[i].Person))
		}
	}
	return all
}
