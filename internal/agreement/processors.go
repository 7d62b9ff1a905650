package agreement

import (
	"context"
	"errors"
	"slices"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Processors lists whoever processes members' data for a body: its own, and those of
// the bodies above, the whole chain (N12, Art. 28(4)). It names organisations only and is
// public.
func (s *Service) Processors(ctx context.Context, body unit.ID) (all []Processor, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = s.processors(q, s.above(body)...)
		return err
	})
	return all, err
}

// above are a body and those above it.
func (s *Service) above(body unit.ID) (all []unit.ID) {
	for _, u := range s.Units.Tree().Path(body) {
		all = append(all, u.ID)
	}
	return all
}

func (s *Service) processors(q database.Querier, bodies ...unit.ID) ([]Processor, error) {
	all, err := processors(q, `until_on IS NULL`)
	return chain(slices.DeleteFunc(all, func(p Processor) bool { return !slices.Contains(bodies, p.Unit) })), err
}

// bindingChain are the processors that a body's agreement tells of: those of the other side
// where it processes for the body (Art. 28(2)), those of both where both control.
func (s *Service) bindingChain(q database.Querier, b *Bound) ([]Processor, error) {
	if b.Kind == charter.BindingProcessing {
		return s.processors(q, b.With)
	}
	return s.processors(q, b.With, b.Unit.ID)
}

// keeps decides that somebody keeps the register of processors of a body: of their own
// whoever signs for it, of the other side's whoever countersigns.
func (s *Service) keeps(ctx context.Context, by access.Actor, body unit.ID) (access.Scope, error) {
	if b, ok := s.Bound(body); ok {
		scope, _, err := s.require(ctx, by, &b, signs)
		return scope, err
	}
	for _, b := range bound(s.Charter, s.Units.Tree()) {
		if b.With == body {
			scope, _, err := s.require(ctx, by, &b, countersigns)
			return scope, err
		}
	}
	return access.Scope{}, fault.New(fault.NotFound, "agreement.error.unbound")
}

// Keeps reports whether somebody keeps the processors of a body; for offering it.
func (s *Service) Keeps(person vault.PersonID, body unit.ID) bool {
	if b, ok := s.Bound(body); ok {
		_, mine := s.holds(person, signs, &b)
		return mine
	}
	for _, b := range bound(s.Charter, s.Units.Tree()) {
		if b.With == body {
			_, mine := s.holds(person, countersigns, &b)
			return mine
		}
	}
	return false
}

// AddProcessor declares a processor, or one that works for another (N12). One of the side
// that all bodies have process for them begins only when they were told and could object
// (Art. 28(2)): the first day moves to where the charter's notice ends.
func (s *Service) AddProcessor(ctx context.Context, by access.Actor, p Processor, agreed []byte) (Processor, error) {
	scope, err := s.keeps(ctx, by, p.Unit)
	if err != nil {
		return p, err
	}
	if err := p.check(s.Charter); err != nil {
		return p, err
	}
	if agreed != nil {
		if err := checkFile(agreed); err != nil {
			return p, err
		}
	}
	today := s.Access.Today()
	_, own := s.Bound(p.Unit)
	if p.From.IsZero() || p.From.Before(today) {
		p.From = today
	}
	if p.Parent == 0 && s.Holders != nil { // who works for another is told by that one
		if p.Holder, err = s.Holders.Add(ctx, by, &p); err != nil {
			return p, err
		}
	}
	act := func(key vault.PersonID) error {
		return s.DB.Write(ctx, func(tx *database.Tx) error {
			if p.Parent != 0 {
				parents, err := processors(tx, `id = $1 AND until_on IS NULL`, p.Parent)
				if err != nil {
					return err
				}
				if len(parents) == 0 || parents[0].Unit != p.Unit {
					return fault.New(fault.Invalid, "agreement.error.processor").With("parent", "agreement.error.parent")
				}
			}
			if p.ID, err = tx.Next("processor"); err != nil {
				return err
			}
			p.holder = key
			if key != 0 {
				p.HasFile = true
				if err := record.Create(s.Records, tx, scans, key, 0, &file{agreed}); err != nil {
					return err
				}
			}
			if !own {
				if err := s.announce(tx, &p); err != nil {
					return err
				}
			}
			if err := putProcessor(tx, &p); err != nil {
				return err
			}
			e := scope.Entry(journal.Processor)
			e.Target, e.Number = uint32(p.Unit), p.ID
			_, err := s.Journal.Append(tx, &e)
			return err
		})
	}
	if agreed == nil {
		return p, act(0)
	}
	return p, s.withKey(ctx, act)
}

// announce tells the bodies whose agreement is in force of a new sub-processor: a duty
// for whoever signs, until the day from which it gets anything.
func (s *Service) announce(tx *database.Tx, p *Processor) error {
	force, err := agreements(tx, `state = 'concluded' AND other = $1`, int64(p.Unit))
	if err != nil || len(force) == 0 {
		return err
	}
	today := s.Charter.Today(tx.Now())
	if first := today.AddDays(s.Charter.Agreements.NoticeDays.Value); p.From.Before(first) {
		p.From = first
	}
	p.ToldOn = today
	told := map[unit.ID]bool{}
	for i := range force {
		b, ok := s.Bound(force[i].Unit)
		if !ok || told[b.Unit.ID] {
			continue
		}
		told[b.Unit.ID] = true
		for _, h := range s.holders(signs, &b) {
			if _, err := s.Duties.Add(tx, duty.Duty{Kind: duty.ProcessorChange, Subject: p.ID, Unit: b.Unit.ID, Person: h.Person, DueOn: p.From}); err != nil {
				return err
			}
		}
	}
	return nil
}

// processor finds one.
func processor(q database.Querier, id int64) (Processor, error) {
	all, err := processors(q, `id = $1`, id)
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "agreement.error.no_processor")
	}
	if err != nil {
		return Processor{}, err
	}
	return all[0], nil
}

// Processor finds a processor by its number; it names organisations only.
func (s *Service) Processor(ctx context.Context, id int64) (p Processor, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		p, err = processor(q, id)
		return err
	})
	return p, err
}

// EndProcessor ends that a processor gets anything, and of those that work for it. As a
// holder it is told of changes until the register of holders says that it has deleted
// what it had.
func (s *Service) EndProcessor(ctx context.Context, by access.Actor, id int64) error {
	p, err := s.Processor(ctx, id)
	if err != nil {
		return err
	}
	scope, err := s.keeps(ctx, by, p.Unit)
	if err != nil {
		return err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		all, err := processors(tx, `until_on IS NULL`)
		if err != nil {
			return err
		}
		ended := map[int64]bool{id: true}
		for range all {
			for _, other := range all {
				ended[other.ID] = ended[other.ID] || ended[other.Parent] && other.Parent != 0
			}
		}
		for other, gone := range ended {
			if !gone {
				continue
			}
			if _, err := tx.Exec(`UPDATE processor SET until_on = $2, keeper = 0 WHERE id = $1 AND until_on IS NULL`, other, s.Charter.Today(tx.Now()).String()); err != nil {
				return err
			}
			for _, kind := range []duty.Kind{duty.ProcessorChange, duty.AnswerObjection} {
				if _, err := s.Duties.Finish(tx, kind, other, by.Person, "withdrawn"); err != nil {
					return err
				}
			}
		}
		e := scope.Entry(journal.Processor)
		e.Target, e.Number, e.Reason = uint32(p.Unit), id, "ended"
		_, err = s.Journal.Append(tx, &e)
		return err
	})
	if err != nil || p.holder == 0 {
		return err
	}
	return s.Eraser.Discard(context.WithoutCancel(ctx), p.holder)
}

// ProcessorFile gives the agreement with a processor, to be shown on request, to whoever
// has a part in the agreements of its body.
func (s *Service) ProcessorFile(ctx context.Context, by access.Actor, id int64) ([]byte, error) {
	p, err := s.Processor(ctx, id)
	if err != nil {
		return nil, err
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return nil, err
	}
	if !s.Keeps(by.Person, p.Unit) && !s.Sees(by.Person) && len(s.SignsFor(by.Person)) == 0 {
		e := scope.Entry(journal.Denied)
		e.Reason, e.Target = "agreement.denied", uint32(p.Unit)
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return nil, err
		}
		return nil, fault.New(fault.Denied, "agreement.denied")
	}
	var f file
	err = s.DB.Read(ctx, func(q database.Querier) error { return record.Get(s.Records, q, scans, p.holder, 0, &f) })
	if p.holder == 0 || errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
		return nil, fault.New(fault.NotFound, "agreement.error.no_file")
	}
	if err != nil {
		return nil, err
	}
	e := scope.Entry(journal.AgreementFetch)
	e.Number, e.Target = id, uint32(p.Unit)
	_, err = s.Journal.Read(ctx, &e)
	return f.content, err
}

// Answer is a body's answer to a new sub-processor: nothing against it, or an objection
// with reasons, which becomes a case of the other side (Art. 28(2)).
func (s *Service) Answer(ctx context.Context, by access.Actor, id int64, body unit.ID, against bool, why string) error {
	b, err := s.bodyOf(body)
	if err != nil {
		return err
	}
	scope, _, err := s.require(ctx, by, &b, signs)
	if err != nil {
		return err
	}
	if against {
		if why, err = reason(why); err != nil {
			return err
		}
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		p, err := processor(tx, id)
		if err != nil {
			return err
		}
		finished, err := s.Duties.FinishIn(tx, duty.ProcessorChange, id, body, by.Person, "done")
		if err != nil {
			return err
		}
		if p.Unit != b.With || !p.Until.IsZero() || finished == 0 {
			return fault.New(fault.Conflict, "agreement.error.too_late")
		}
		e := scope.Entry(journal.ProcessorAnswer)
		e.Target, e.Number, e.Reason = uint32(body), id, "agreed"
		if against {
			e.Reason = "against"
			if err := s.object(tx, id, body, by.Person, why); err != nil {
				return err
			}
			for _, h := range s.holders(countersigns, &b) {
				if h.Person == by.Person {
					continue
				}
				if _, err := s.Duties.Add(tx, duty.Duty{Kind: duty.AnswerObjection, Subject: id, Unit: body, Person: h.Person, DueOn: p.From}); err != nil {
					return err
				}
			}
		}
		_, err = s.Journal.Append(tx, &e)
		return err
	})
}

// object keeps an objection: its words are sealed under the key of the agreement in force,
// by which the body was told at all.
func (s *Service) object(tx *database.Tx, processor int64, body unit.ID, by vault.PersonID, why string) error {
	force, err := agreements(tx, `unit = $1 AND state = 'concluded'`, int64(body))
	if err != nil {
		return err
	}
	if len(force) == 0 {
		return fault.New(fault.Conflict, "agreement.error.too_late")
	}
	number, err := tx.Next("processor objection")
	if err != nil {
		return err
	}
	if _, err := tx.Exec(`INSERT INTO processor_objection (id, processor, unit, said_at, said_by, holder, outcome) VALUES ($1, $2, $3, $4, $5, $6, '')`,
		number, processor, int64(body), tx.Now().UnixMicro(), int64(by), int64(force[0].holder)); err != nil {
		return err
	}
	return record.Create(s.Records, tx, words, force[0].holder, uint64(number), &saying{reason: why})
}

// Objections lists the objections to a processor, to those who have a part.
func (s *Service) Objections(ctx context.Context, by access.Actor, id int64) (all []Objection, err error) {
	p, err := s.Processor(ctx, id)
	if err != nil || !s.Keeps(by.Person, p.Unit) && len(s.SignsFor(by.Person)) == 0 {
		return nil, err
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = s.objections(q, `processor = $1`, id)
		return err
	})
	if !s.Keeps(by.Person, p.Unit) {
		mine := s.SignsFor(by.Person)
		all = slices.DeleteFunc(all, func(o Objection) bool { return !slices.Contains(mine, o.Unit) })
	}
	return all, err
}

// Settle answers an objection: the sub-processor is not used, or it is all the same, with
// what was done about it. What the body does then is its own to decide.
func (s *Service) Settle(ctx context.Context, by access.Actor, number int64, withdrawn bool, answer string) error {
	answer, err := reason(answer)
	if err != nil {
		return err
	}
	var o Objection
	var p Processor
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := s.objections(q, `id = $1 AND done_at IS NULL`, number)
		if err != nil {
			return err
		}
		if len(all) == 0 {
			return fault.New(fault.NotFound, "agreement.error.no_objection")
		}
		o = all[0]
		p, err = processor(q, o.Processor)
		return err
	})
	if err != nil {
		return err
	}
	scope, err := s.keeps(ctx, by, p.Unit)
	if err != nil {
		return err
	}
	outcome := "kept"
	if withdrawn {
		outcome = "withdrawn"
	}
	if err := s.DB.Write(ctx, func(tx *database.Tx) error {
		if _, err := tx.Exec(`UPDATE processor_objection SET outcome = $2, done_at = $3 WHERE id = $1 AND done_at IS NULL`, number, outcome, tx.Now().UnixMicro()); err != nil {
			return err
		}
		if err := record.Put(s.Records, tx, words, o.holder, uint64(number), &saying{o.Reason, answer}); err != nil && !errors.Is(err, vault.ErrErased) {
			return err
		}
		if _, err := s.Duties.FinishIn(tx, duty.AnswerObjection, p.ID, o.Unit, by.Person, "done"); err != nil {
			return err
		}
		e := scope.Entry(journal.ProcessorSettle, o.by)
		e.Target, e.Number, e.Reason = uint32(o.Unit), p.ID, outcome
		_, err := s.Journal.Append(tx, &e)
		return err
	}); err != nil || !withdrawn {
		return err
	}
	return s.EndProcessor(ctx, by, p.ID)
}

// settleChanges ends the duties to look at a sub-processor whose day has come: who said
// nothing has nothing against it.
func (s *Service) settleChanges(ctx context.Context) error {
	open, err := s.Duties.OpenOf(ctx, duty.ProcessorChange)
	if err != nil {
		return err
	}
	today := s.Access.Today()
	for _, d := range open {
		if !d.DueOn.Before(today) {
			continue
		}
		if err := s.DB.Write(ctx, func(tx *database.Tx) error {
			_, err := s.Duties.FinishOf(tx, duty.ProcessorChange, d.Subject, d.Person, 0, "done")
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// Asked reports whether somebody is asked what their body says to a new sub-processor.
func (s *Service) Asked(ctx context.Context, person vault.PersonID, id int64, body unit.ID) (asked bool, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		open, err := s.Duties.OpenIn(q, duty.ProcessorChange, id)
		asked = slices.ContainsFunc(open, func(d duty.Duty) bool { return d.Unit == body && d.Person == person })
		return err
	})
	return asked, err
}
