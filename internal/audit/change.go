package audit

import (
	"context"
	"slices"

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

// Wish is what somebody tells of (N13): something is wrong or has changed, a member has
// left, another holds a post.
type Wish struct {
	Audit  int64 // where it is told in an audit: the member's line is answered with it
	Unit   unit.ID
	What   string
	Person vault.PersonID
	Values map[string]string // of fields, as they should be
	Post   string
	On     civil.Date // from when; zero is today
	Note   string
	Heard  string // how whoever keeps the register was told, one of Ways
}

// Tellable are the fields a body can tell of.
func (s *Service) Tellable() (all []*charter.Field) {
	for i := range s.Charter.Fields {
		f := &s.Charter.Fields[i]
		if f.Code != "number" && f.Type != charter.TypeUnit && f.Type != charter.TypeCategory {
			all = append(all, f)
		}
	}
	return all
}

// Tell takes in what a body tells of, by its own officers or by whoever keeps the register
// and was told. Where the teller may change the card themselves it
// is done at once and stands as a case all the same; else it is a sealed proposal with
// somebody responsible. Somebody who is not on the roll comes in by Join.
func (s *Service) Tell(ctx context.Context, by access.Actor, w Wish) (Case, error) {
	scope, err := s.either(ctx, by, w.Unit)
	if err != nil {
		return Case{}, err
	}
	if s.Own(by, w.Unit) {
		w.Heard = ""
	} else if !slices.Contains(Ways, w.Heard) {
		return Case{}, fault.New(fault.Invalid, "audit.error.tell").With("heard", "audit.error.heard")
	}
	if err := s.check(ctx, &w); err != nil {
		return Case{}, err
	}
	if w.Audit != 0 {
		if scope, err = s.own(ctx, by, w.Unit); err != nil {
			return Case{}, err
		}
		if err := s.waits(ctx, &w); err != nil {
			return Case{}, err
		}
	} else if !s.belongs(w.Unit)(w.Person) {
		return Case{}, fault.New(fault.NotFound, "audit.error.person")
	}
	c := Case{Audit: w.Audit, Unit: w.Unit, What: w.What, Person: w.Person, Told: &Told{
		What: w.What, Values: w.Values, Post: w.Post, On: w.On, Note: w.Note, Heard: w.Heard,
	}}
	outcome := ""
	if w.What == Field && len(w.Values) > 0 {
		if outcome, err = s.atOnce(ctx, by, &c); err != nil {
			return c, err
		}
	}
	keep := func(tx *database.Tx) error {
		if err := s.begin(tx, scope, &c); err != nil || outcome == "" {
			return err
		}
		return s.settled(tx, scope, &c, outcome)
	}
	if w.Audit == 0 {
		return c, s.DB.Write(ctx, keep)
	}
	_, err = s.answering(ctx, w.Audit, w.Unit, func(tx *database.Tx, a *Audit, _ *Part, all roll) error {
		if err := keep(tx); err != nil {
			return err
		}
		to := Wrong
		if w.What == Leaving {
			to = Left
		}
		return s.mark(tx, scope, a, w.Unit, all, w.Person, to, c.ID)
	})
	return c, err
}

// check tidies a wish and says what is wrong with it, field by field.
func (s *Service) check(ctx context.Context, w *Wish) (err error) {
	invalid := fault.New(fault.Invalid, "audit.error.tell")
	today := s.Access.Today()
	if w.On.IsZero() {
		w.On = today
	}
	if w.Note, err = s.said(ctx, w.Note, "note"); err != nil {
		return err
	}
	if w.Person == 0 {
		invalid = invalid.With("person", "audit.error.who")
	}
	switch w.What {
	case Field:
		for code := range w.Values {
			if !slices.ContainsFunc(s.Tellable(), func(f *charter.Field) bool { return f.Code == code }) {
				invalid = invalid.With(code, "audit.error.field")
			}
		}
		if len(w.Values) == 0 && w.Note == "" {
			invalid = invalid.With("note", "audit.error.nothing_told")
		}
	case Leaving:
		if w.On.After(today) {
			invalid = invalid.With("on", "audit.error.future")
		}
	case Office:
		at, _ := s.Units.Tree().ByID(w.Unit)
		if post, known := s.Charter.Post(w.Post); !known || !post.At(at.Level) {
			invalid = invalid.With("post", "audit.error.post")
		}
	default:
		invalid = invalid.With("what", "audit.error.what")
	}
	if !w.On.IsValid() {
		invalid = invalid.With("on", "audit.error.day")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// waits refuses who is not on the roll, or was answered for, before anything is changed.
func (s *Service) waits(ctx context.Context, w *Wish) error {
	return s.DB.Read(ctx, func(q database.Querier) error {
		a, err := get(q, w.Audit)
		if err != nil {
			return err
		}
		p, err := part(q, w.Audit, w.Unit)
		if err != nil {
			return err
		}
		all, err := s.openRoll(&a, &p)
		if err != nil {
			return err
		}
		all.leave(s.belongs(w.Unit))
		switch at := all.find(w.Person); {
		case p.Standing != Open:
			return fault.New(fault.Conflict, "audit.error.said")
		case at < 0:
			return fault.New(fault.NotFound, "audit.error.person")
		case all[at].state != Waiting:
			return fault.New(fault.Conflict, "audit.error.answered")
		}
		return nil
	})
}

// atOnce changes the card where the teller may; "" where it is for somebody else.
func (s *Service) atOnce(ctx context.Context, by access.Actor, c *Case) (string, error) {
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Edit, Unit: c.Unit})
	if err != nil {
		return "", nil
	}
	if _, err := s.Members.Update(ctx, scope, c.Person, member.Changes{Values: c.Told.Values}); err != nil {
		return "", err
	}
	return Applied, nil
}

// Join tells of somebody who is a member and not on the roll: they come in by the door
// for additions, which waits where the charter says so (D11). Of the case only that it
// was is kept: whoever is added has a card, or a case, of their own.
func (s *Service) Join(ctx context.Context, by access.Actor, audit int64, body unit.ID, values map[string]string) (Case, error) {
	c := Case{Audit: audit, Unit: body, What: Joining}
	scope, err := s.either(ctx, by, body)
	if err != nil {
		return c, err
	}
	if _, err := s.Access.Decide(by, access.Want{Act: charter.Create, Unit: body}); err != nil {
		return c, s.DB.Write(ctx, func(tx *database.Tx) error { return s.begin(tx, scope, &c) }) // for whoever may add, who is told that somebody is missing
	}
	return s.add(ctx, by, scope, c, values)
}

// Add adds the member whom a case says is missing.
func (s *Service) Add(ctx context.Context, by access.Actor, id int64, values map[string]string) (Case, error) {
	c, scope, err := s.settling(ctx, by, id, Added)
	if err != nil {
		return c, err
	}
	return s.add(ctx, by, scope, c, values)
}

func (s *Service) add(ctx context.Context, by access.Actor, scope access.Scope, c Case, values map[string]string) (Case, error) {
	door, err := s.Access.Require(ctx, by, access.Want{Act: charter.Create, Unit: c.Unit})
	if err != nil {
		return c, err
	}
	person, _, err := s.Members.Create(ctx, door, member.Draft{Values: values, Unit: c.Unit})
	if err != nil {
		return c, err
	}
	outcome := Added
	if person == 0 {
		outcome = AtDoor
	}
	return c, s.DB.Write(ctx, func(tx *database.Tx) error {
		if c.ID == 0 {
			if err := s.begin(tx, scope, &c); err != nil {
				return err
			}
		}
		return s.settled(tx, scope, &c, outcome)
	})
}

// needs is the right that settles a case.
func (s *Service) needs(what string) charter.Acts {
	switch what {
	case Field:
		return charter.Edit
	case Leaving:
		return charter.PassOn
	case Joining:
		return charter.Create
	case Office:
		return charter.Appoint
	}
	return s.Charter.Audit.Keeps()
}

// responsible is the body whose officers settle a case; 0 is whoever keeps the register,
// also of what they were told and entered themselves.
func (s *Service) responsible(c *Case) unit.ID {
	if c.Told != nil && c.Told.Heard != "" {
		return 0
	}
	if c.What != Count && s.Access.PostsMay(c.Unit, s.needs(c.What)) {
		return c.Unit
	}
	return 0
}

// begin opens a case with its duty, and seals what was said under the member's key.
func (s *Service) begin(tx *database.Tx, scope access.Scope, c *Case) (err error) {
	if c.ID, err = tx.Next("audit change"); err != nil {
		return err
	}
	c.OpenedAt, c.OpenedBy, c.DueOn = tx.Now(), scope.Actor().Person, s.Charter.Today(tx.Now()).AddDays(s.Charter.Audit.ChangeDays.Value)
	if err := insertCase(tx, c); err != nil {
		return err
	}
	if c.Person != 0 {
		c.Told.Case, c.Told.Audit, c.Told.Unit, c.Told.By, c.Told.At = c.ID, c.Audit, c.Unit, c.OpenedBy, c.OpenedAt
		if err := record.Create(s.Records, tx, Tellings, c.Person, uint64(c.ID), c.Told); err != nil {
			return err
		}
	}
	if err := s.caseJournal(tx, scope, journal.ChangeTell, c, c.What); err != nil {
		return err
	}
	return s.askSettle(tx, c)
}

func (s *Service) askSettle(tx *database.Tx, c *Case) error {
	_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.SettleChange, Subject: c.ID, Unit: s.responsible(c), Act: s.needs(c.What).String(), DueOn: c.DueOn})
	return err
}

func (s *Service) caseJournal(tx *database.Tx, scope access.Scope, act journal.Act, c *Case, reason string) error {
	e := entryOf(scope, act)
	if c.Person != 0 {
		e.Persons = one(c.Person)
	}
	e.Target, e.Number, e.Reason = uint32(c.Unit), c.ID, reason
	_, err := s.Journal.Append(tx, &e)
	return err
}

// settled ends a case with its outcome, and its duty with it.
func (s *Service) settled(tx *database.Tx, scope access.Scope, c *Case, outcome string) error {
	c.SettledAt, c.SettledBy, c.Outcome = tx.Now(), scope.Actor().Person, outcome
	if err := updateCase(tx, c); err != nil {
		return err
	}
	if _, err := s.Duties.Finish(tx, duty.SettleChange, c.ID, c.SettledBy, "done"); err != nil {
		return err
	}
	return s.caseJournal(tx, scope, journal.ChangeSettle, c, outcome)
}
