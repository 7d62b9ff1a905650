package extract

import (
	"context"
	"slices"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// A list passes on when its recipient leaves a post: it keeps its recipient, who
// still attests their own copies, and whoever follows answers for theirs, with
// the same last day (D12). When somebody who holds a list is erased, nobody is
// left to ask, so the body's officers answer for what may still lie somewhere,
// and where there are none the secretariat.

// Part is what one holder of a list has to attest.
type Part struct {
	ID         int64          // of the passing; 0 of the recipient
	Person     vault.PersonID // 0: whoever holds the right to Act in Unit
	Unit       unit.ID
	Act        string // "" where Person is named
	PassedBy   vault.PersonID
	PassedAt   time.Time
	Why        string // a word: handover, person or erased
	DigitalAt  time.Time
	PhysicalAt time.Time
	LostAt     time.Time // attested lost
}

// Why a list passed on.
const (
	atHandover = "handover"
	byPerson   = "person"
	byErasure  = "erased"
)

// Done reports whether the holder has nothing left to attest.
func (p *Part) Done() bool { return p.destroyed() || !p.LostAt.IsZero() }

// destroyed reports whether the holder has attested both.
func (p *Part) destroyed() bool { return !p.DigitalAt.IsZero() && !p.PhysicalAt.IsZero() }

// recipient is the part of whoever pulled the list.
func (l *List) recipient() Part {
	return Part{Person: l.Recipient, DigitalAt: l.DigitalAt, PhysicalAt: l.PhysicalAt, LostAt: l.LostAt}
}

// orphaned reports whether the recipient was erased before they had attested;
// those who took over answer instead.
func (l *List) orphaned() bool {
	return slices.ContainsFunc(l.Passes, func(p Part) bool { return p.Why == byErasure })
}

// parts are the holders whose word counts.
func (l *List) parts() []Part {
	var all []Part
	if own := l.recipient(); own.Done() || !l.orphaned() {
		all = append(all, own)
	}
	return append(all, l.Passes...)
}

// mine are the parts somebody answers for: their own, and those of a right they
// hold.
func (s *Service) mine(l *List, by vault.PersonID) []Part {
	var own []Part
	for _, p := range append([]Part{l.recipient()}, l.Passes...) {
		if p.Person == by || p.Person == 0 && s.answers(by, &p) {
			own = append(own, p)
		}
	}
	return own
}

func (s *Service) answers(person vault.PersonID, p *Part) bool {
	act, known := charter.ParseAct(p.Act)
	switch {
	case !known:
		return false
	case p.Unit == 0:
		return slices.Contains(s.access.Employed(act), person)
	}
	return slices.Contains(s.access.Officers(p.Unit, act), person)
}

// own tells on each list what its reader must attest.
func (s *Service) own(lists []List, by vault.PersonID) []List {
	kept := lists[:0]
	for i := range lists {
		l := &lists[i]
		parts := s.mine(l, by)
		if len(parts) == 0 {
			continue
		}
		l.Mine = &parts[0]
		for j := range parts[1:] { // what is still open counts
			if p := &parts[1:][j]; l.Mine.Done() && !p.Done() {
				l.Mine = p
			}
		}
		kept = append(kept, *l)
	}
	return kept
}

// Successors are the officers a holder may pass a list on to: those of the
// list's body who pull lists today.
func (s *Service) Successors(l *List, by vault.PersonID) []vault.PersonID {
	if l.Unit == 0 {
		return nil
	}
	return slices.DeleteFunc(s.access.Officers(l.Unit, charter.Pull), func(p vault.PersonID) bool {
		return p == by || p == l.Recipient || slices.ContainsFunc(l.Passes, func(q Part) bool { return q.Person == p })
	})
}

// Pass passes a list that one holds on to an officer of its body, who answers
// for it from then on; one's own copies stay one's own duty.
func (s *Service) Pass(ctx context.Context, by access.Actor, number int64, to vault.PersonID) error {
	scope, err := s.access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return err
	}
	return s.db.Write(ctx, func(tx *database.Tx) error {
		found, err := query(tx, `WHERE number = $1`, number)
		if err != nil {
			return err
		}
		if found = s.own(found, by.Person); len(found) == 0 {
			return fault.New(fault.NotFound, "extract.error.none")
		}
		l := &found[0]
		switch {
		case l.Settled():
			return fault.New(fault.Conflict, "extract.error.destroyed")
		case !slices.Contains(s.Successors(l, by.Person), to):
			return fault.New(fault.Invalid, "extract.error.pass").With("to", "extract.error.successor")
		}
		if err := s.pass(tx, l, Part{Person: to, PassedBy: by.Person, Why: byPerson}); err != nil {
			return err
		}
		e := scope.Entry(journal.Duty, to)
		e.Number, e.Target = number, uint32(l.Unit)
		_, err = s.journal.Append(tx, &e)
		return err
	})
}

// PassOn passes the open lists of a body on from an officer whose post ends to
// whoever follows; those that must be gone before stay with who has them. It is
// part of the handover's transaction and says how many there were (D12).
func (s *Service) PassOn(tx *database.Tx, by, from, to vault.PersonID, body unit.ID, last civil.Date) (int, error) {
	lists, err := query(tx, `WHERE unit = $2 AND (recipient = $1 OR number IN (SELECT number FROM extract_pass WHERE person = $1)) ORDER BY number`,
		int64(from), int64(body))
	if err != nil {
		return 0, err
	}
	passed := 0
	for i := range lists {
		l := &lists[i]
		open := slices.ContainsFunc(l.parts(), func(p Part) bool { return p.Person == from && !p.Done() })
		holds := slices.ContainsFunc(l.parts(), func(p Part) bool { return p.Person == to })
		if !open || holds || !l.DestroyBy.After(last) {
			continue
		}
		if err := s.pass(tx, l, Part{Person: to, PassedBy: by, Why: atHandover}); err != nil {
			return passed, err
		}
		passed++
	}
	return passed, nil
}

func (s *Service) pass(tx *database.Tx, l *List, p Part) error {
	if err := insertPass(tx, l.Number, &p); err != nil {
		return err
	}
	_, err := s.duties.Add(tx, duty.Duty{Kind: duty.DestroyList, Subject: l.Number, Unit: p.Unit, Person: p.Person, Act: p.Act, DueOn: l.DestroyBy})
	return err
}

// Orphan passes what an erased person still had to attest on to the officers of
// each list's body, or to the secretariat where it has none, in the transaction
// that begins the erasure (D12).
func (s *Service) Orphan(tx *database.Tx, person vault.PersonID) error {
	lists, err := query(tx, `WHERE recipient = $1 OR number IN (SELECT number FROM extract_pass WHERE person = $1) ORDER BY number`, int64(person))
	if err != nil {
		return err
	}
	for i := range lists {
		l := &lists[i]
		for _, p := range l.parts() {
			if p.Person != person || p.Done() {
				continue
			}
			heir := Part{Act: charter.Access.String(), Why: byErasure, DigitalAt: p.DigitalAt, PhysicalAt: p.PhysicalAt}
			if officers := s.access.Officers(l.Unit, charter.Pull); l.Unit != 0 && slices.ContainsFunc(officers, func(o vault.PersonID) bool { return o != person }) {
				heir.Unit, heir.Act = l.Unit, charter.Pull.String()
			}
			if p.ID != 0 {
				if err := removePass(tx, p.ID); err != nil {
					return err
				}
				heir.Why = p.Why // the recipient is still there and answers for their own
			}
			if _, err := s.duties.FinishOf(tx, duty.DestroyList, l.Number, person, 0, "passed"); err != nil {
				return err
			}
			if err := s.pass(tx, l, heir); err != nil {
				return err
			}
		}
	}
	return nil
}

// OpenWith counts the lists of a body that lie with its officers, unattested, by
// person: what a handover asks about. The Scope must have been decided for
// charter.Appoint.
func (s *Service) OpenWith(ctx context.Context, scope access.Scope, body unit.ID) (map[vault.PersonID]int, error) {
	if scope.Act() != charter.Appoint || !scope.Covers(body) {
		return nil, fault.New(fault.Denied, "access.denied.body", "act", charter.Appoint.String())
	}
	lists, err := s.list(ctx, `WHERE unit = $1`, int64(body))
	count := map[vault.PersonID]int{}
	for i := range lists {
		for _, p := range lists[i].parts() {
			if p.Person != 0 && !p.Done() {
				count[p.Person]++
			}
		}
	}
	return count, err
}
