package audit

import (
	"context"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
)

// Confirm is the body's word: everything is answered. Whoever it says has left is passed
// on first, by the door for that; whoever has left is gone from the register then by the
// rules of closing, and by nothing here.
func (s *Service) Confirm(ctx context.Context, by access.Actor, audit int64, body unit.ID) (Part, error) {
	scope, err := s.own(ctx, by, body)
	if err != nil {
		return Part{}, err
	}
	a, err := s.get(ctx, audit)
	if err != nil {
		return Part{}, err
	}
	heads, checks, err := s.questions(ctx, &a, body)
	if err != nil {
		return Part{}, err
	}
	if _, err := s.answering(ctx, audit, body, func(_ *database.Tx, _ *Audit, _ *Part, all roll) error {
		counts := all.counts()
		if e := missing(&counts, heads, checks); e != nil {
			return e
		}
		return nil
	}); err != nil {
		return Part{}, err
	}
	left, err := s.leavers(ctx, audit, int64(body))
	if err != nil {
		return Part{}, err
	}
	for i := range left {
		if _, err := s.Settle(ctx, by, left[i].ID, PassedOn, ""); err != nil && !fault.Is(err, fault.Denied) { // else it stays a case of whoever may
			return Part{}, err
		}
	}
	return s.answering(ctx, audit, body, func(tx *database.Tx, _ *Audit, p *Part, all roll) error {
		counts := all.counts()
		if e := missing(&counts, heads, checks); e != nil {
			return e
		}
		p.Standing, p.SaidAt, p.SaidBy, p.SaidAs = Said, tx.Now(), by.Person, scope.Basis().Code
		if _, err := s.Duties.FinishIn(tx, duty.AnswerAudit, audit, body, by.Person, "done"); err != nil {
			return err
		}
		return s.confirmJournal(tx, scope, audit, body, string(Said))
	})
}

func (s *Service) questions(ctx context.Context, a *Audit, body unit.ID) (heads []Head, checks []Check, err error) {
	if heads, err = s.heads(ctx, a, body); err != nil {
		return nil, nil, err
	}
	checks, err = s.checks(ctx, a, body)
	return heads, checks, err
}

// TakeBack gives a body that has confirmed its part to answer again: by the body itself,
// or, with a reason, by whoever answers for the register. What the confirming passed on is
// taken back with it, where it still waits; whoever has left meanwhile stays so.
func (s *Service) TakeBack(ctx context.Context, by access.Actor, audit int64, body unit.ID, why string) (Part, error) {
	why, err := s.said(ctx, why, "why")
	if err != nil {
		return Part{}, err
	}
	scope, err := s.either(ctx, by, body)
	if err != nil {
		return Part{}, err
	}
	if s.Whole(by) && why == "" {
		return Part{}, fault.New(fault.Invalid, "audit.error.answer").With("why", "audit.error.why")
	}
	if err := s.DB.Read(ctx, func(q database.Querier) error {
		p, err := part(q, audit, body)
		if err == nil && p.Standing == Open {
			err = fault.New(fault.Conflict, "audit.error.unsaid")
		} else if err == nil && p.Standing == Done {
			err = fault.New(fault.Conflict, "audit.error.done")
		}
		return err
	}); err != nil {
		return Part{}, err
	}
	again, err := s.passed(ctx, audit, int64(body))
	if err != nil {
		return Part{}, err
	}
	if err := s.unpass(ctx, by, again); err != nil {
		return Part{}, err
	}
	return s.change(ctx, audit, body, func(tx *database.Tx, a *Audit, p *Part, _ roll) error {
		if p.Standing != Said {
			return fault.New(fault.Conflict, "audit.error.unsaid")
		}
		for i := range again {
			if err := s.reopen(tx, scope, &again[i]); err != nil {
				return err
			}
		}
		p.Standing, p.SaidAt, p.SaidBy, p.SaidAs = Open, time.Time{}, 0, ""
		if err := s.remark(tx, by.Person, Remark{Audit: audit, Unit: body, Text: why}); err != nil {
			return err
		}
		if err := s.ask(tx, a, body); err != nil {
			return err
		}
		return s.confirmJournal(tx, scope, audit, body, "taken_back")
	})
}

// Finish is the register's word: what the body has said stands. Once its days are over it
// can be given without the body's; then whoever nobody confirmed is a finding, and stays
// on the roll. Nobody confirms for both sides.
func (s *Service) Finish(ctx context.Context, by access.Actor, audit int64, body unit.ID) (Part, error) {
	scope, err := s.whole(ctx, by)
	if err != nil {
		return Part{}, err
	}
	return s.finish(ctx, scope, audit, body, func(a *Audit, p *Part) error {
		if p.Standing == Said && p.SaidBy == by.Person {
			return s.refuse(ctx, scope, "audit.denied.both")
		}
		if p.Standing == Open && !s.Access.Today().After(a.AnswerBy) {
			return fault.New(fault.Conflict, "audit.error.early", "date", a.AnswerBy)
		}
		return nil
	})
}

func (s *Service) finish(ctx context.Context, scope access.Scope, audit int64, body unit.ID, may func(*Audit, *Part) error) (Part, error) {
	a, err := s.get(ctx, audit)
	if err != nil {
		return Part{}, err
	}
	heads, checks, err := s.questions(ctx, &a, body)
	if err != nil {
		return Part{}, err
	}
	var over bool
	p, err := s.change(ctx, audit, body, func(tx *database.Tx, a *Audit, p *Part, all roll) error {
		if err := may(a, p); err != nil {
			return err
		}
		all.fall()
		p.Counts, p.roll = all.counts(), []byte{}
		p.Standing, p.DoneAt, p.DoneBy, p.DoneAs = Done, tx.Now(), scope.Actor().Person, scope.Basis().Code
		contents, err := s.contents(tx, a, p, heads, checks)
		if err != nil {
			return err
		}
		p.Contents = contents
		if _, err := s.Duties.FinishIn(tx, duty.AnswerAudit, audit, body, scope.Actor().Person, "done"); err != nil {
			return err
		}
		if err := s.confirmJournal(tx, scope, audit, body, string(Done)); err != nil {
			return err
		}
		left, err := parts(tx, `WHERE audit = $1 AND standing <> $2 AND unit <> $3`, audit, string(Done), int64(body))
		if over = err == nil && len(left) == 0; !over {
			return err
		}
		if _, err := s.Duties.Finish(tx, duty.CloseAudit, audit, scope.Actor().Person, "done"); err != nil {
			return err
		}
		_, err = tx.Exec(`UPDATE audit SET closed_at = $2 WHERE id = $1`, audit, tx.Now().UnixMicro())
		return err
	})
	if err != nil || !over {
		return p, err
	}
	return p, s.Keyring.DropOneOff(context.WithoutCancel(ctx), a.key) // whom the rolls named ends with the audit
}

func (s *Service) confirmJournal(tx *database.Tx, scope access.Scope, audit int64, body unit.ID, reason string) error {
	e := entryOf(scope, journal.AuditConfirm)
	e.Target, e.Number, e.Reason = uint32(body), audit, reason
	_, err := s.Journal.Append(tx, &e)
	return err
}
