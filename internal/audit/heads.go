package audit

import (
	"context"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
)

// heads are the head-counts of the cut-off dates since the audit before, as the room that
// settles for them counted, with what the body says of each.
func (s *Service) heads(ctx context.Context, a *Audit, body unit.ID) ([]Head, error) {
	since := a.Day
	since.Year--
	days := s.Charter.CutOffsBetween(since, a.Day)
	if len(days) == 0 {
		return nil, nil
	}
	counted, err := s.Heads.Heads(ctx, body, days[0], days[len(days)-1])
	if err != nil {
		return nil, err
	}
	var said map[civil.Date]Head
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		said, err = verdicts(q, a.ID, body)
		return err
	}); err != nil {
		return nil, err
	}
	all := make([]Head, 0, len(days))
	for _, day := range days {
		h := counted[day]
		h.CutOff, h.Answer, h.Case = day, said[day].Answer, said[day].Case
		all = append(all, h)
	}
	return all, nil
}

// AnswerHead agrees to a head-count or disputes it with grounds; a dispute becomes a case
// of whoever answers for the register.
func (s *Service) AnswerHead(ctx context.Context, by access.Actor, audit int64, body unit.ID, day civil.Date, agrees bool, grounds string) error {
	scope, err := s.own(ctx, by, body)
	if err != nil {
		return err
	}
	if grounds, err = s.said(ctx, grounds, "grounds"); err != nil {
		return err
	}
	if !agrees && grounds == "" {
		return fault.New(fault.Invalid, "audit.error.answer").With("grounds", "audit.error.grounds")
	}
	a, err := s.get(ctx, audit)
	if err != nil {
		return err
	}
	all, err := s.heads(ctx, &a, body)
	if err != nil {
		return err
	}
	var head *Head
	for i := range all {
		if all[i].CutOff == day && all[i].Counted {
			head = &all[i]
		}
	}
	if head == nil {
		return fault.New(fault.NotFound, "audit.error.head")
	}
	_, err = s.answering(ctx, audit, body, func(tx *database.Tx, _ *Audit, _ *Part, _ roll) error {
		if head.Case != 0 { // disputed before: that case ends, whatever is said now
			c, err := bareCase(tx, head.Case)
			if err != nil {
				return err
			}
			if !c.Settled() {
				if err := s.settled(tx, scope, &c, Withdrawn); err != nil {
					return err
				}
			}
		}
		head.Answer, head.Case = Agreed, 0
		if !agrees {
			c := Case{Audit: audit, Unit: body, What: Count, Day: day}
			if err := s.begin(tx, scope, &c); err != nil {
				return err
			}
			if err := s.remark(tx, by.Person, Remark{Audit: audit, Unit: body, Case: c.ID, About: day.String(), Text: grounds}); err != nil {
				return err
			}
			head.Answer, head.Case = Disputed, c.ID
		}
		if err := putVerdict(tx, audit, body, head); err != nil {
			return err
		}
		return s.sayJournal(tx, scope, audit, body, string(head.Answer))
	})
	return err
}

// checks are the questions on security with what is known and answered.
func (s *Service) checks(ctx context.Context, a *Audit, body unit.ID) ([]Check, error) {
	var said map[string]string
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		said, err = answers(q, a.ID, body)
		return err
	}); err != nil {
		return nil, err
	}
	var all []Check
	for i := range s.Charter.Audit.Checks {
		k := &s.Charter.Audit.Checks[i]
		c := Check{Code: k.Code, Answer: said[k.Code]}
		if k.Fact != "" {
			fact, err := s.Facts.Fact(ctx, body, k.Fact)
			if err != nil {
				return nil, err
			}
			c.Fact = fact
		}
		all = append(all, c)
	}
	return all, nil
}

// AnswerCheck answers a question on security. What the register knows cannot be answered
// otherwise.
func (s *Service) AnswerCheck(ctx context.Context, by access.Actor, audit int64, body unit.ID, code string, holds bool, note string) error {
	scope, err := s.own(ctx, by, body)
	if err != nil {
		return err
	}
	if note, err = s.said(ctx, note, "note"); err != nil {
		return err
	}
	a, err := s.get(ctx, audit)
	if err != nil {
		return err
	}
	all, err := s.checks(ctx, &a, body)
	if err != nil {
		return err
	}
	known := false
	for i := range all {
		if all[i].Code != code {
			continue
		}
		if known = true; all[i].Fact.Known {
			return fault.New(fault.Conflict, "audit.error.fact")
		}
	}
	if !known {
		return fault.New(fault.NotFound, "audit.error.check")
	}
	answer := No
	if holds {
		answer = Yes
	}
	_, err = s.answering(ctx, audit, body, func(tx *database.Tx, _ *Audit, _ *Part, _ roll) error {
		if err := putAnswer(tx, audit, body, code, answer); err != nil {
			return err
		}
		if err := s.remark(tx, by.Person, Remark{Audit: audit, Unit: body, About: code, Text: note}); err != nil {
			return err
		}
		return s.sayJournal(tx, scope, audit, body, code)
	})
	return err
}

// sayJournal journals what a body says that is about no member.
func (s *Service) sayJournal(tx *database.Tx, scope access.Scope, audit int64, body unit.ID, reason string) error {
	e := scope.Entry(journal.AuditSay)
	e.Target, e.Number, e.Reason = uint32(body), audit, reason
	_, err := s.Journal.Append(tx, &e)
	return err
}

// said tidies free text and refuses what nobody may write down of a member.
func (s *Service) said(ctx context.Context, words, field string) (string, error) {
	tidy, problem := text(words)
	if problem == "" && s.Guard != nil {
		problem = s.Guard(ctx, tidy)
	}
	if problem != "" {
		return tidy, fault.New(fault.Invalid, "audit.error.answer").With(field, problem, "count", Longest)
	}
	return tidy, nil
}

func (s *Service) get(ctx context.Context, id int64) (a Audit, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		a, err = get(q, id)
		return err
	})
	return a, err
}
