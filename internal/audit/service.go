package audit

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Departures is the door by which whoever has left goes out (D6, N14).
type Departures interface {
	// PassOn passes a resignation on that came so, and gives its receipt. One that waits
	// already is a Conflict.
	PassOn(ctx context.Context, by access.Actor, person vault.PersonID, how string, on civil.Date) (receipt string, err error)
	// Passed tells whether the one of a receipt still waits, and whether somebody may take
	// it back.
	Passed(ctx context.Context, by access.Actor, person vault.PersonID, receipt string) (waits, may bool, err error)
	// TakeBack takes the one that waits back.
	TakeBack(ctx context.Context, by access.Actor, person vault.PersonID) error
}

// Heads tells what was counted on cut-off dates, by whoever settles for it: heads are
// counted in one place.
type Heads interface {
	Heads(ctx context.Context, body unit.ID, from, until civil.Date) (map[civil.Date]Head, error)
}

// Facts is what other rooms know of a body's security, by the charter's fact.
type Facts interface {
	Fact(ctx context.Context, body unit.ID, fact string) (Fact, error)
}

// Guard looks for what nobody may write down of a member in free text. It gives the key
// of a message, or "".
type Guard func(ctx context.Context, text string) (problem string)

// Sealer puts the house's digital seal on a PDF.
type Sealer interface {
	Seal(ctx context.Context, pdf []byte, reason string) ([]byte, error)
}

// Parts are what the room is put together from.
type Parts struct {
	Charter    *charter.Charter
	DB         *database.DB
	Keyring    *vault.Keyring
	Records    *record.Store
	Journal    *journal.Journal
	Units      *unit.Service
	Access     *access.Register
	Duties     *duty.Engine
	Members    *member.Directory
	Departures Departures
	Heads      Heads
	Facts      Facts
	Sealer     Sealer
	Guard      Guard // nil: nothing is looked for
	Now        func() time.Time
}

// Service does the acts of audits and changes.
type Service struct {
	Parts

	mu      sync.Mutex
	looking map[looked]look // who is looking at whom right now
}

type looked struct {
	audit  int64
	body   unit.ID
	person vault.PersonID
}

type look struct {
	by vault.PersonID
	at time.Time
}

// New makes a Service.
func New(p Parts) *Service { return &Service{Parts: p, looking: map[looked]look{}} }

// keeps is how long a roll's key outlives the day its audit opened: until the next one
// has opened, and has closed what was left of it.
const keeps = 400

// whole requires the right to answer for the register.
func (s *Service) whole(ctx context.Context, by access.Actor) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: s.Charter.Audit.Keeps()})
	if err == nil && !scope.All() {
		err = s.refuse(ctx, scope, "audit.denied.whole")
	}
	return scope, err
}

// Whole reports whether somebody answers for the register; for offering it only.
func (s *Service) Whole(by access.Actor) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: s.Charter.Audit.Keeps()})
	return err == nil && scope.All()
}

// own requires a post of the body with the right to answer for it: whoever keeps the
// register does not answer in a body's place.
func (s *Service) own(ctx context.Context, by access.Actor, body unit.ID) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: s.Charter.Audit.Answers(), Unit: body})
	if err == nil && (!scope.Basis().OfPost() || scope.Basis().Unit != body) {
		err = s.refuse(ctx, scope, "audit.denied.own")
	}
	return scope, err
}

// Own reports whether somebody answers for a body; for offering it only.
func (s *Service) Own(by access.Actor, body unit.ID) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: s.Charter.Audit.Answers(), Unit: body})
	return err == nil && scope.Basis().OfPost() && scope.Basis().Unit == body
}

// Body is the body somebody answers for by their own post; 0 for none.
func (s *Service) Body(by access.Actor) unit.ID {
	scope, err := s.Access.Decide(by, access.Want{Act: s.Charter.Audit.Answers()})
	if err != nil || !scope.Basis().OfPost() || !s.audited(scope.Basis().Unit) {
		return 0
	}
	return scope.Basis().Unit
}

// audited reports whether a body has members of its own.
func (s *Service) audited(body unit.ID) bool {
	at, known := s.Units.Tree().ByID(body)
	level, levelled := s.Charter.Level(at.Level)
	return known && levelled && level.Members
}

// Bodies are those with members of their own, in the tree's order.
func (s *Service) Bodies() (all []unit.Unit) {
	for _, u := range s.Units.Tree().All() {
		if !u.Closed && s.audited(u.ID) {
			all = append(all, u)
		}
	}
	return all
}

// either requires one of the sides.
func (s *Service) either(ctx context.Context, by access.Actor, body unit.ID) (access.Scope, error) {
	if s.Whole(by) {
		return s.whole(ctx, by)
	}
	return s.own(ctx, by, body)
}

// refuse journals a denial that a rule, not a missing right, has caused.
func (s *Service) refuse(ctx context.Context, scope access.Scope, reason string) error {
	e := scope.Entry(journal.Denied)
	e.Reason = reason
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, reason)
}

// system is the beginning of an entry of what happens by itself.
func system(act journal.Act) journal.Entry {
	e := access.Scope{}.Entry(act)
	e.Right, e.Via = string(access.System), string(access.System)
	return e
}

// entryOf begins an entry under a Scope, or of what happens by itself.
func entryOf(scope access.Scope, act journal.Act) journal.Entry {
	if !scope.Allowed() {
		return system(act)
	}
	return scope.Entry(act)
}

// OpenByHand opens an audit besides the charter's day, by whoever answers for the
// register.
func (s *Service) OpenByHand(ctx context.Context, by access.Actor) (Audit, error) {
	scope, err := s.whole(ctx, by)
	if err != nil {
		return Audit{}, err
	}
	return s.open(ctx, Audit{Day: s.Access.Today(), OpenedBy: by.Person}, scope.Entry(journal.AuditOpen))
}

// open fixes every body's roll, in one transaction with the journal and the duties.
func (s *Service) open(ctx context.Context, a Audit, entry journal.Entry) (Audit, error) {
	rolls, err := s.rolls()
	if err != nil {
		return a, err
	}
	if len(rolls) == 0 {
		return a, fault.New(fault.Conflict, "audit.error.nobody")
	}
	a.AnswerBy = s.Access.Today().AddDays(s.Charter.Audit.AnswerDays.Value)
	if a.key, err = s.Keyring.OneOff(ctx, s.Charter.Midnight(s.Access.Today().AddDays(keeps))); err != nil { // durable before what it seals
		return a, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		last, err := newest(tx)
		if err != nil {
			return err
		}
		if last.ID != 0 && (!last.Closed() || last.Day == a.Day) {
			return fault.New(fault.Conflict, "audit.error.running", "number", last.ID)
		}
		a.Last, a.OpenedAt = last.ID, tx.Now()
		if a.ID, err = tx.Next("audit"); err != nil {
			return err
		}
		if err := insert(tx, &a); err != nil {
			return err
		}
		for _, u := range s.Units.Tree().All() {
			all := rolls[u.ID]
			if len(all) == 0 {
				continue
			}
			p := Part{Audit: a.ID, Unit: u.ID}
			if err := s.keepRoll(&a, &p, all); err != nil {
				return err
			}
			if err := insertPart(tx, &p); err != nil {
				return err
			}
			if err := s.ask(tx, &a, u.ID); err != nil {
				return err
			}
		}
		if _, err := s.Duties.Add(tx, duty.Duty{
			Kind: duty.CloseAudit, Subject: a.ID, Act: s.Charter.Audit.Register, DueOn: a.AnswerBy.AddDays(s.Charter.Audit.ChangeDays.Value),
		}); err != nil {
			return err
		}
		entry.Number = a.ID
		_, err = s.Journal.Append(tx, &entry)
		return err
	})
	if err != nil {
		return a, errors.Join(err, s.Keyring.DropOneOff(context.WithoutCancel(ctx), a.key))
	}
	return a, nil
}

// ask makes it a duty of a body to answer.
func (s *Service) ask(tx *database.Tx, a *Audit, body unit.ID) error {
	_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.AnswerAudit, Subject: a.ID, Unit: body, Act: s.Charter.Audit.Club, DueOn: a.AnswerBy})
	return err
}

// rolls are the members of every body with members, as the register has them now.
func (s *Service) rolls() (map[unit.ID]roll, error) {
	heads, err := s.Members.Heads()
	if err != nil {
		return nil, err
	}
	all := make(map[unit.ID]roll, len(heads))
	for body := range heads {
		if !s.audited(body) {
			continue
		}
		set, err := s.Members.Enrolled(body)
		if err != nil {
			return nil, err
		}
		all[body] = make(roll, 0, set.GetCardinality())
		for _, person := range set.ToArray() {
			all[body] = append(all[body], entry{person: vault.PersonID(person)})
		}
	}
	return all, nil
}

// belongs reports whether somebody is a member of a body and not on the way out.
func (s *Service) belongs(body unit.ID) func(vault.PersonID) bool {
	return func(person vault.PersonID) bool { return !s.Members.Leaving(person) && s.Members.Belongs(person, body) }
}

// change does an act on a body's part: it is read, changed and written alone with the
// writer, so that two officers never overwrite each other's answers.
func (s *Service) change(ctx context.Context, audit int64, body unit.ID, act func(tx *database.Tx, a *Audit, p *Part, all roll) error) (p Part, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		a, err := get(tx, audit)
		if err != nil {
			return err
		}
		if p, err = part(tx, audit, body); err != nil {
			return err
		}
		all, err := s.openRoll(&a, &p)
		if err != nil {
			return err
		}
		all.leave(s.belongs(body))
		if err := act(tx, &a, &p, all); err != nil {
			return err
		}
		if p.Standing != Done {
			if err := s.keepRoll(&a, &p, all); err != nil {
				return err
			}
		}
		return update(tx, &p)
	})
	return p, err
}

// answering is change for as long as the body answers.
func (s *Service) answering(ctx context.Context, audit int64, body unit.ID, act func(tx *database.Tx, a *Audit, p *Part, all roll) error) (Part, error) {
	return s.change(ctx, audit, body, func(tx *database.Tx, a *Audit, p *Part, all roll) error {
		if p.Standing != Open {
			return fault.New(fault.Conflict, "audit.error.said")
		}
		return act(tx, a, p, all)
	})
}

func one(person vault.PersonID) *roaring.Bitmap { return roaring.BitmapOf(uint32(person)) }
