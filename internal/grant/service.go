package grant

import (
	"context"
	"strings"
	"time"

	"github.com/golang-sql/civil"

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

// Directory is what the procedure must know of members.
type Directory interface {
	Leaving(vault.PersonID) bool
	Within(access.Scope, vault.PersonID) bool
}

// Parts are what the room is put together from.
type Parts struct {
	Charter *charter.Charter
	DB      *database.DB
	Records *record.Store
	Journal *journal.Journal
	Units   *unit.Service
	Members Directory
	Access  *access.Register
	Duties  *duty.Engine
	Now     func() time.Time
}

// Service does the acts of documented access.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// officer requires a right of a post in the body itself: the body proposes and decides,
// neither the level above nor whoever has documented access (D9).
func (s *Service) officer(ctx context.Context, by access.Actor, act charter.Acts, body unit.ID) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: act, Unit: body})
	if err != nil {
		return scope, err
	}
	if b := scope.Basis(); !b.OfPost() || b.Unit != scope.Unit() || scope.Unit() == 0 {
		return scope, s.refuse(ctx, scope, "grant.denied.body")
	}
	return scope, nil
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

// Propose writes a proposal, which gives nothing before the body has decided. With
// Wish.Renews it is for an access that goes on, and its grounds are written anew.
func (s *Service) Propose(ctx context.Context, by access.Actor, w Wish) (Case, error) {
	scope, err := s.officer(ctx, by, s.Charter.Grants.Proposer(), w.Unit)
	if err != nil {
		return Case{}, err
	}
	if by.Person == w.Person {
		return Case{}, s.refuse(ctx, scope, "access.denied.own")
	}
	w.Unit = scope.Unit()
	if !s.Members.Within(scope, w.Person) {
		return Case{}, fault.New(fault.Invalid, "access.error.grant").With("person", "access.error.not_a_member")
	}
	c := Case{
		Person: w.Person, Wish: w, State: Proposed, ProposedBy: by.Person,
		AnswerBy: s.Access.Today().AddDays(s.Charter.Grants.AnswerDays.Value),
	}
	g := c.granted()
	if err := s.Access.CheckGrant(w.Person, &g); err != nil {
		return Case{}, err
	}
	c.Wish.Task, c.Wish.Ground, c.Wish.Purposes, c.Wish.Fields, c.Wish.Person = g.Task, g.Ground, g.Purposes, g.Fields, 0
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := s.checkOthers(tx, &c); err != nil {
			return err
		}
		if c.ID, err = tx.Next("grant"); err != nil {
			return err
		}
		c.ProposedAt = tx.Now()
		if err := record.Create(s.Records, tx, Cases, c.Person, uint64(c.ID), &c); err != nil {
			return err
		}
		if err := s.note(tx, scope.Entry(journal.GrantPropose, c.Person), &c); err != nil {
			return err
		}
		if err := s.settleRenewal(tx, &c, by.Person); err != nil {
			return err
		}
		_, err := s.Duties.Add(tx, duty.Duty{
			Kind: duty.DecideGrant, Subject: c.ID, Unit: c.Wish.Unit, Act: s.Charter.Grants.Decides, DueOn: c.AnswerBy,
		})
		return err
	})
	return c, err
}

// checkOthers refuses a second proposal for somebody about whom one waits in the same
// body, and a renewal of what is none of theirs or on grounds that were copied.
func (s *Service) checkOthers(tx *database.Tx, c *Case) error {
	all, err := record.All(s.Records, tx, Cases, c.Person)
	if err != nil {
		return err
	}
	var renewed *Case
	for i := range all {
		other := &all[i].Value
		if other.Wish.Unit == c.Wish.Unit && other.State.Open() {
			return fault.New(fault.Conflict, "grant.error.waiting", "number", all[i].ID)
		}
		if c.Wish.Renews != 0 && all[i].ID == uint64(c.Wish.Renews) {
			renewed = other
		}
	}
	switch {
	case c.Wish.Renews == 0:
		return nil
	case renewed == nil || renewed.Wish.Unit != c.Wish.Unit || renewed.State != Approved:
		return fault.New(fault.Conflict, "grant.error.renews")
	case !anew(renewed.Wish.Ground, c.Wish.Ground):
		return fault.New(fault.Invalid, "access.error.grant").With("ground", "grant.error.anew")
	}
	return nil
}

// settleRenewal ends the duty to see to an access that runs out.
func (s *Service) settleRenewal(tx *database.Tx, c *Case, by vault.PersonID) error {
	if c.Wish.Renews == 0 {
		return nil
	}
	_, err := s.Duties.Finish(tx, duty.RenewGrant, c.Wish.Renews, by, "done")
	return err
}

// note journals an act about a case.
func (s *Service) note(tx *database.Tx, e journal.Entry, c *Case) error {
	e.Target, e.Number = uint32(c.Wish.Unit), c.ID
	_, err := s.Journal.Append(tx, &e)
	return err
}

// Decide enters what the body decided. Approval gives the access in the same
// transaction; nothing else does (D9).
func (s *Service) Decide(ctx context.Context, by access.Actor, id int64, d Decision) (Case, error) {
	c, err := s.find(ctx, id)
	if err != nil {
		return c, err
	}
	scope, err := s.officer(ctx, by, s.Charter.Grants.Decider(), c.Wish.Unit)
	if err != nil {
		return Case{}, err
	}
	if reason := mayDecide(s.Charter, &c, by.Person); reason != "" {
		return Case{}, s.refuse(ctx, scope, reason)
	}
	if err := checkDecision(s.Charter, &d, &c, s.Access.Today(), s.Charter.Today(c.ProposedAt)); err != nil {
		return Case{}, err
	}
	to, act := Refused, journal.GrantRefuse
	if d.Approve {
		to, act = Approved, journal.GrantApprove
	}
	return s.step(ctx, c, to, func(tx *database.Tx, c *Case) error {
		c.Decision, c.DecidedBy, c.DecidedAt = d, by.Person, tx.Now()
		if d.Approve {
			if today := s.Charter.Today(tx.Now()); c.Wish.From.Before(today) {
				c.Wish.From = today // nothing opens before it was decided
			}
			if c.Holding, err = s.Access.Give(tx, scope, c.Person, c.granted()); err != nil {
				return err
			}
		}
		if err := s.note(tx, scope.Entry(act, c.Person), c); err != nil {
			return err
		}
		_, err := s.Duties.Finish(tx, duty.DecideGrant, c.ID, by.Person, "done")
		return err
	})
}

// step brings a case to a state in one transaction, from what it is by then.
func (s *Service) step(ctx context.Context, c Case, to State, act func(tx *database.Tx, c *Case) error) (Case, error) {
	err := s.DB.Write(ctx, func(tx *database.Tx) error {
		now, err := s.get(tx, c.Person, c.ID)
		if err != nil {
			return err
		}
		if !now.State.may(to) {
			return fault.New(fault.Conflict, "grant.error.state")
		}
		now.State = to
		if err := act(tx, &now); err != nil {
			return err
		}
		c = now
		return record.Put(s.Records, tx, Cases, c.Person, uint64(c.ID), &c)
	})
	return c, err
}

// Withdraw ends an access at once, at any time, or takes a proposal back. Whoever may
// propose in the body does it, whoever ends access for the whole association, and the
// person themselves; a reason is written down.
func (s *Service) Withdraw(ctx context.Context, by access.Actor, id int64, why string) (Case, error) {
	c, err := s.find(ctx, id)
	if err != nil {
		return c, err
	}
	scope, err := s.withdrawer(ctx, by, &c)
	if err != nil {
		return Case{}, err
	}
	if why = strings.TrimSpace(why); why == "" {
		return Case{}, fault.New(fault.Invalid, "grant.error.withdrawal").With("why", "grant.error.why")
	}
	to := Withdrawn
	if c.State.Open() {
		to = TakenBack
	}
	return s.step(ctx, c, to, func(tx *database.Tx, c *Case) error {
		today := s.Charter.Today(tx.Now())
		if to == Withdrawn && c.Wish.Until.Before(today) {
			return fault.New(fault.Conflict, "grant.error.state") // over already
		}
		c.EndedBy, c.EndedAt, c.Why = by.Person, tx.Now(), why
		if c.Holding != 0 {
			if err := s.Access.TakeBack(tx, c.Person, c.Holding, today.AddDays(-1)); err != nil {
				return err
			}
		}
		if err := s.note(tx, scope.Entry(journal.GrantWithdraw, c.Person), c); err != nil {
			return err
		}
		return s.finish(tx, c, by.Person, "withdrawn")
	})
}

// finish ends what duties there are about a case.
func (s *Service) finish(tx *database.Tx, c *Case, by vault.PersonID, outcome string) error {
	for _, kind := range []duty.Kind{duty.DecideGrant, duty.RenewGrant} {
		if _, err := s.Duties.Finish(tx, kind, c.ID, by, outcome); err != nil {
			return err
		}
	}
	return nil
}

// withdrawer decides who may end an access.
func (s *Service) withdrawer(ctx context.Context, by access.Actor, c *Case) (access.Scope, error) {
	if by.Person == c.Person {
		return s.Access.Require(ctx, by, access.Want{Self: true})
	}
	scope, err := s.Access.Decide(by, access.Want{Act: s.Charter.Grants.Proposer(), Unit: c.Wish.Unit})
	if err == nil && scope.Basis().OfPost() && scope.Basis().Unit == c.Wish.Unit {
		return scope, nil
	}
	return s.Access.Require(ctx, by, access.Want{Act: charter.Appoint, Unit: c.Wish.Unit})
}

// List gives the cases of a body and those below it, or with body 0 of all that the
// actor reaches, the newest first. Whoever is leaving is left out (D7).
func (s *Service) List(ctx context.Context, by access.Actor, body unit.ID) ([]Case, access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Access, Unit: body})
	if err != nil {
		return nil, scope, err
	}
	all, err := s.all(ctx, func(c *Case) bool { return scope.Covers(c.Wish.Unit) && !s.Members.Leaving(c.Person) })
	return all, scope, err
}

// Get gives one case, to whoever sees who has access in its body, and to the person it
// is about. Anybody else is answered as if there were none (D11).
func (s *Service) Get(ctx context.Context, by access.Actor, id int64) (Case, access.Scope, error) {
	c, err := s.find(ctx, id)
	if err != nil {
		return c, access.Scope{}, err
	}
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Access, Unit: c.Wish.Unit})
	if by.Person == c.Person && err != nil {
		scope, err = s.Access.Require(ctx, by, access.Want{Self: true})
		return c, scope, err
	}
	if err != nil {
		if _, err := s.Access.Require(ctx, by, access.Want{Act: charter.Access, Unit: c.Wish.Unit}); err != nil && !fault.Is(err, fault.Denied) {
			return Case{}, scope, err
		}
		return Case{}, access.Scope{}, fault.New(fault.NotFound, "grant.error.gone")
	}
	return c, scope, nil
}

// find finds a case by its number; nobody who is leaving has one.
func (s *Service) find(ctx context.Context, id int64) (Case, error) {
	all, err := s.all(ctx, func(c *Case) bool { return c.ID == id && !s.Members.Leaving(c.Person) })
	if err == nil && len(all) == 0 {
		err = fault.New(fault.NotFound, "grant.error.gone")
	}
	if err != nil {
		return Case{}, err
	}
	return all[0], nil
}

// MayDecide says by which rule the actor cannot enter a decision; "" where they can. It
// is for offering it only: Decide decides.
func (s *Service) MayDecide(by access.Actor, c *Case) (reason string) {
	scope, err := s.Access.Decide(by, access.Want{Act: s.Charter.Grants.Decider(), Unit: c.Wish.Unit})
	if err != nil || !scope.Basis().OfPost() || scope.Basis().Unit != c.Wish.Unit {
		return "grant.denied.body"
	}
	return mayDecide(s.Charter, c, by.Person)
}

// MayPropose reports whether the actor can propose in a body.
func (s *Service) MayPropose(by access.Actor, body unit.ID) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: s.Charter.Grants.Proposer(), Unit: body})
	if err != nil || !scope.Basis().OfPost() {
		return false
	}
	u, known := s.Units.Tree().ByID(scope.Unit())
	level, ok := s.Charter.Level(u.Level)
	return known && ok && level.Members && !u.Closed && scope.Basis().Unit == u.ID
}

// MayWithdraw reports whether the actor can end an access.
func (s *Service) MayWithdraw(by access.Actor, c *Case) bool {
	if by.Person == c.Person || s.MayPropose(by, c.Wish.Unit) {
		return true
	}
	_, err := s.Access.Decide(by, access.Want{Act: charter.Appoint, Unit: c.Wish.Unit})
	return err == nil
}

// Renewal is a wish for an access that goes on: the same person, task and reach, the
// day after it ends, and no grounds.
func (s *Service) Renewal(c *Case) Wish {
	w := c.Wish
	w.Person, w.Ground, w.Renews = c.Person, "", c.ID
	w.From = c.Wish.Until.AddDays(1)
	if today := s.Access.Today(); w.From.Before(today) {
		w.From = today
	}
	w.Until = later(s.Access.LongestGrant(w.From), w.From)
	return w
}

func later(a, b civil.Date) civil.Date {
	if a.Before(b) {
		return b
	}
	return a
}
