package audit

import (
	"context"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// lookedFor is how long whoever is shown to one officer is shown to no other, so that
// several can share the work.
const lookedFor = 3 * time.Minute

// Shown is who is to be answered for now, with what the register has of them.
type Shown struct {
	Part   Part
	Person vault.PersonID // 0: nobody waits
	Card   *member.Card
	Last   *Latest // what the same officer answered last; it can be taken back
}

// Latest is an answer that can be taken back.
type Latest struct {
	Person vault.PersonID
	Name   string
	State  State
}

// Show gives who is to be answered for next, to an officer of the body, under their own
// right to look at members. Showing is journaled as an opening before anything leaves.
func (s *Service) Show(ctx context.Context, by access.Actor, audit int64, body unit.ID) (Shown, error) {
	return s.show(ctx, by, audit, body, 0)
}

// ShowOne is Show of somebody on the roll who waits, or whom one wants to say more of.
func (s *Service) ShowOne(ctx context.Context, by access.Actor, audit int64, body unit.ID, person vault.PersonID) (Shown, error) {
	return s.show(ctx, by, audit, body, person)
}

func (s *Service) show(ctx context.Context, by access.Actor, audit int64, body unit.ID, wanted vault.PersonID) (Shown, error) {
	if _, err := s.own(ctx, by, body); err != nil {
		return Shown{}, err
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.View, Unit: body})
	if err != nil {
		return Shown{}, err
	}
	var shown Shown
	var all roll
	if err := s.DB.Read(ctx, func(q database.Querier) error {
		a, err := get(q, audit)
		if err != nil {
			return err
		}
		if shown.Part, err = part(q, audit, body); err != nil {
			return err
		}
		all, err = s.openRoll(&a, &shown.Part)
		return err
	}); err != nil {
		return Shown{}, err
	}
	all.leave(s.belongs(body))
	shown.Part.Counts = all.counts()
	if at := all.last(by.Person); at >= 0 && shown.Part.Standing == Open && wanted == 0 {
		names, err := s.Members.Names(ctx, scope, []vault.PersonID{all[at].person})
		if err != nil {
			return Shown{}, err
		}
		shown.Last = &Latest{Person: all[at].person, Name: names[all[at].person], State: all[at].state}
	}
	at := all.find(wanted)
	if wanted == 0 {
		at = all.next(func(person vault.PersonID) bool { return s.busy(looked{audit, body, person}, by.Person) })
	} else if at < 0 {
		return Shown{}, fault.New(fault.NotFound, "audit.error.person")
	}
	if at < 0 {
		return shown, nil
	}
	shown.Person = all[at].person
	s.take(looked{audit, body, shown.Person}, by.Person)
	shown.Card, err = s.Members.Card(ctx, scope, shown.Person)
	return shown, err
}

// busy reports whether somebody else is looking at a member right now.
func (s *Service) busy(at looked, by vault.PersonID) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l, some := s.looking[at]
	return some && l.by != by && s.Now().Sub(l.at) < lookedFor
}

// take notes who is looking at whom. It is kept in memory only: forgotten, it costs that
// two officers see the same member, and the second answer is refused.
func (s *Service) take(at looked, by vault.PersonID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.Now()
	for other, l := range s.looking {
		if l.by == by || now.Sub(l.at) >= lookedFor {
			delete(s.looking, other)
		}
	}
	s.looking[at] = look{by, now}
}

// Mark answers for a member on the roll: here and right, or left. Whoever has left
// becomes a case, and is passed on when an officer says so or confirms the roll: until
// then the answer can be taken back, and nobody was written to.
func (s *Service) Mark(ctx context.Context, by access.Actor, audit int64, body unit.ID, person vault.PersonID, to State) (Part, error) {
	if to != Here && to != Left {
		return Part{}, fault.New(fault.Invalid, "audit.error.answer").With("answer", "audit.error.answer_which")
	}
	scope, err := s.own(ctx, by, body)
	if err != nil {
		return Part{}, err
	}
	return s.answering(ctx, audit, body, func(tx *database.Tx, a *Audit, _ *Part, all roll) error {
		var matter int64
		if to == Left {
			c := Case{Audit: audit, Unit: body, What: Leaving, Person: person, Told: &Told{What: Leaving, On: s.Access.Today()}}
			if err := s.begin(tx, scope, &c); err != nil {
				return err
			}
			matter = c.ID
		}
		return s.mark(tx, scope, a, body, all, person, to, matter)
	})
}

// mark writes an answer down, journaled.
func (s *Service) mark(tx *database.Tx, scope access.Scope, a *Audit, body unit.ID, all roll, person vault.PersonID, to State, matter int64) error {
	at := all.find(person)
	if at < 0 {
		return fault.New(fault.NotFound, "audit.error.person")
	}
	if err := all.mark(at, to, scope.Actor().Person, tx.Now(), matter); err != nil {
		return err
	}
	if err := record.Put(s.Records, tx, Answers, person, answerID(a.ID, body), &Answer{
		Audit: a.ID, Unit: body, To: to, By: scope.Actor().Person, At: tx.Now(), Case: matter,
	}); err != nil {
		return err
	}
	return s.note(tx, scope, body, a.ID, to.Code(), person)
}

// note journals an answer.
func (s *Service) note(tx *database.Tx, scope access.Scope, body unit.ID, audit int64, reason string, person vault.PersonID) error {
	e := scope.Entry(journal.AuditAnswer, person)
	e.Target, e.Number, e.Reason = uint32(body), audit, reason
	_, err := s.Journal.Append(tx, &e)
	return err
}

// Undo takes an answer back while the body answers. The case it made ends with it; one
// that was carried out is taken up again first, so that roll and register agree.
func (s *Service) Undo(ctx context.Context, by access.Actor, audit int64, body unit.ID, person vault.PersonID) (Part, error) {
	scope, err := s.own(ctx, by, body)
	if err != nil {
		return Part{}, err
	}
	return s.answering(ctx, audit, body, func(tx *database.Tx, a *Audit, _ *Part, all roll) error {
		at := all.find(person)
		if at < 0 {
			return fault.New(fault.NotFound, "audit.error.person")
		}
		matter := all[at].matter
		if err := all.undo(at); err != nil {
			return err
		}
		if err := record.Remove(tx, Answers, person, answerID(audit, body)); err != nil {
			return err
		}
		if matter != 0 {
			c, err := bareCase(tx, matter)
			if err != nil {
				return err
			}
			if e := undone(&c); e != nil {
				return e
			}
			if !c.Settled() {
				if err := s.settled(tx, scope, &c, Withdrawn); err != nil {
					return err
				}
			}
		}
		return s.note(tx, scope, body, audit, "undone", person)
	})
}
