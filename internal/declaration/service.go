package declaration

import (
	"context"
	"maps"
	"slices"
	"time"
	"unicode/utf8"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
)

// Parts are what a Service is put together from.
type Parts struct {
	Charter *charter.Charter
	DB      *database.DB
	Journal *journal.Journal
	Units   *unit.Service
	Access  *access.Register
	Duties  *duty.Engine
	// OwnName is what somebody is called, so that they do not write it into a text that
	// is published.
	OwnName func(context.Context, access.Scope) (string, error)
	// Who gets data of a body's members, as the register knows it: its processors, those
	// they are passed on to, and holders besides.
	Processors Processors
	Recipients Recipients
	Outside    func(context.Context, unit.ID) ([]Recipient, error)
	Now        func() time.Time
}

// Service writes, looks through, publishes and compares.
type Service struct {
	Parts
	told []func(*database.Tx, unit.ID, int, bool) error
}

// New makes a Service.
func New(p Parts) *Service { return &Service{Parts: p} }

// OnPublish has a room told of every version in the transaction that publishes it:
// whose it is, its number, and whether it changes what somebody consented to.
func (s *Service) OnPublish(f func(tx *database.Tx, body unit.ID, number int, material bool) error) {
	s.told = append(s.told, f)
}

// May reports whether a body can have a declaration of its own: it is controller of
// something (L10).
func (s *Service) May(body unit.Unit) bool {
	level, known := s.Charter.Level(body.Level)
	return known && (level.Controller == charter.ControllerAlone || level.Controller == charter.ControllerJoint)
}

// Needs reports whether a body must have one of its own: nobody else answers (N4).
func (s *Service) Needs(body unit.Unit) bool {
	level, known := s.Charter.Level(body.Level)
	return known && !body.Closed && level.Controller == charter.ControllerAlone
}

// Edits reports whether somebody writes a body's declaration, to decide what is offered.
func (s *Service) Edits(by access.Actor, body unit.ID) bool {
	_, err := s.Access.Decide(by, access.Want{Act: s.Charter.Declaration.Editor(), Unit: body})
	return err == nil
}

// Oversees reports whether somebody sees to all declarations.
func (s *Service) Oversees(by access.Actor) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: s.Charter.Declaration.Overseer()})
	return err == nil && s.whole(scope)
}

func (s *Service) whole(scope access.Scope) bool {
	root, there := s.Units.Tree().Root()
	return scope.All() || there && scope.Covers(root.ID)
}

// editing requires the right to write a body's declaration; the denial is journaled.
func (s *Service) editing(ctx context.Context, by access.Actor, body unit.ID) (access.Scope, unit.Unit, error) {
	at, known := s.Units.Tree().ByID(body)
	if !known || !s.May(at) {
		return access.Scope{}, at, fault.New(fault.NotFound, "declaration.error.body")
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: s.Charter.Declaration.Editor(), Unit: body})
	return scope, at, err
}

// name is what somebody who acts is called.
func (s *Service) name(ctx context.Context, by access.Actor) (string, error) {
	self, err := s.Access.Decide(by, access.Want{Self: true})
	if err != nil {
		return "", err
	}
	return s.OwnName(ctx, self)
}

// knows gathers what charter and register know of a body.
func (s *Service) knows(ctx context.Context, body unit.Unit) (*known, error) {
	k := &known{c: s.Charter, body: body, country: body.Seat, role: charter.ControllerAlone}
	if k.country == "" {
		k.country = s.Charter.Country
	}
	if level, there := s.Charter.Level(body.Level); there {
		k.role = level.Controller
	}
	k.authority, _ = s.Charter.Authority(k.country)
	k.answers, _ = s.Charter.Answering(body.Level)
	if k.daily, _ = s.Charter.Working(body.Level); k.daily == k.answers {
		k.daily = nil
	}
	if post, there := s.Charter.Post(s.Charter.Declaration.Register); there {
		k.register = post
	}
	path := s.Units.Tree().Path(body.ID)
	for i := len(path) - 2; i >= 0; i-- {
		level, there := s.Charter.Level(path[i].Level)
		if !there {
			continue
		}
		switch above := level.Controller; {
		case k.role == charter.ControllerJoint && above == charter.ControllerAlone, k.role == charter.ControllerAlone && above == charter.ControllerProcessor:
			k.with, k.above = path[i].Name, true
		}
	}
	var err error
	k.outside, err = s.outside(ctx, body.ID)
	return k, err
}

// written are the texts of a body as charter, register and body say it today, in every
// language of the charter.
func (s *Service) written(k *known, own *Content) Texts {
	texts := Texts{}
	for _, lang := range s.Charter.Languages {
		texts[lang] = compose(k, own, s.Charter.Printer(lang))
	}
	return texts
}

// Desk is everything whoever writes a body's declaration sees.
type Desk struct {
	Body    unit.Unit
	Draft   Draft
	Texts   Texts    // as they would be published now
	Newest  *Version // nil: none of its own yet
	Drifts  []Drift  // since the newest
	Lacks   []Lack
	Edits   []Edit
	Abroad  []Recipient // in third countries, as the register knows them
	Changed bool        // the texts differ from the newest
	LookBy  time.Time
}

// Stops reports whether something keeps it from being published.
func (d *Desk) Stops() bool {
	return slices.ContainsFunc(d.Lacks, func(l Lack) bool { return l.Stops })
}

// Desk gathers it, for whoever may write there.
func (s *Service) Desk(ctx context.Context, by access.Actor, body unit.ID) (Desk, error) {
	_, at, err := s.editing(ctx, by, body)
	if err != nil {
		return Desk{}, err
	}
	return s.desk(ctx, at)
}

func (s *Service) desk(ctx context.Context, at unit.Unit) (Desk, error) {
	k, err := s.knows(ctx, at)
	if err != nil {
		return Desk{}, err
	}
	d := Desk{Body: at}
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		if d.Draft, err = draftOf(q, at.ID); err != nil {
			return err
		}
		last, err := versions(q, newest, int64(at.ID))
		if err != nil {
			return err
		}
		if len(last) > 0 {
			d.Newest = &last[0]
		}
		looked, err := looks(q, `act = 'look' AND unit = $1`, int64(at.ID))
		if err != nil {
			return err
		}
		d.LookBy = looked[at.ID]
		d.Edits, err = edits(q, at.ID, 50)
		return err
	})
	if err != nil {
		return Desk{}, err
	}
	d.Texts = s.written(k, &d.Draft.Own)
	d.Lacks = lacks(k, &d.Draft.Own, d.Texts)
	for _, r := range k.outside {
		if ThirdCountry(r.Country) && len(r.Ground) == 0 {
			d.Abroad = append(d.Abroad, r)
		}
	}
	d.Changed = true
	if d.Newest != nil {
		d.Drifts = drifts(d.Newest.facts, k.facts())
		d.Changed = !equal(d.Newest.texts, d.Texts)
		if d.LookBy.Before(d.Newest.At) {
			d.LookBy = d.Newest.At
		}
		d.LookBy = d.LookBy.AddDate(0, s.Charter.Declaration.LookMonths.Value, 0)
	}
	return d, nil
}

// equal reports whether two declarations say the same in every language.
func equal(a, b Texts) bool {
	if len(a) != len(b) {
		return false
	}
	for lang, text := range a {
		other, there := b[lang]
		if !there || len(Compare(&text, &other)) > 0 {
			return false
		}
	}
	return true
}

// Write changes one point of a body's draft. Who has changed the point meanwhile is not
// overwritten: then it is refused, and the point read anew (N5, N13).
func (s *Service) Write(ctx context.Context, by access.Actor, body unit.ID, w Change) (Draft, error) {
	scope, _, err := s.editing(ctx, by, body)
	if err != nil {
		return Draft{}, err
	}
	own, err := s.name(ctx, by)
	if err != nil {
		return Draft{}, err
	}
	var d Draft
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if d, err = draftOf(tx, body); err != nil {
			return err
		}
		if d.Own.Seen[w.Part] != w.Seen {
			return fault.New(fault.Conflict, "declaration.error.meanwhile")
		}
		if err := w.apply(&d.Own, s.Charter, own); err != nil {
			return err
		}
		was := d.State
		d.Revision++
		seen := maps.Clone(d.Own.Seen)
		if seen == nil {
			seen = map[string]int{}
		}
		seen[w.Part] = d.Revision
		d.Own.Seen = seen
		d.State, d.Since, d.Writer = Drafted, tx.Now(), by.Person
		d.Submitter, d.Reviewer, d.Function = 0, 0, ""
		if err := putDraft(tx, &d); err != nil {
			return err
		}
		if was == Waiting {
			if _, err := s.Duties.Finish(tx, duty.ReviewDeclaration, int64(body), by.Person, "withdrawn"); err != nil {
				return err
			}
		}
		return s.note(tx, scope, body, journal.DeclarationWrite, &Edit{Part: w.Part, Act: "write", Reason: w.Reason})
	})
	return d, err
}

// note keeps who did what, in the body's own history and in the journal.
func (s *Service) note(tx *database.Tx, scope access.Scope, body unit.ID, act journal.Act, e *Edit) error {
	e.At, e.By, e.Function = tx.Now(), scope.Actor().Person, scope.Basis().Code
	if err := insertEdit(tx, body, e); err != nil {
		return err
	}
	entry := scope.Entry(act)
	entry.Target, entry.Reason = uint32(body), e.Act
	_, err := s.Journal.Append(tx, &entry)
	return err
}

// Submit hands a draft over to be looked through, with what changes for members; where
// the charter asks for nobody else, it is approved at once.
func (s *Service) Submit(ctx context.Context, by access.Actor, body unit.ID, reason string, material bool) error {
	scope, at, err := s.editing(ctx, by, body)
	if err != nil {
		return err
	}
	own, err := s.name(ctx, by)
	if err != nil {
		return err
	}
	switch reason = locale.Plain(reason); {
	case reason == "":
		return fault.New(fault.Invalid, "declaration.error.change").With("reason", "declaration.error.reason")
	case utf8.RuneCountInString(reason) > longestReason:
		return fault.New(fault.Invalid, "declaration.error.change").With("reason", "declaration.error.long", "limit", longestReason)
	case locale.Mentions(reason, own):
		return fault.New(fault.Invalid, "declaration.error.change").With("reason", "declaration.error.name")
	}
	d, err := s.desk(ctx, at)
	if err != nil {
		return err
	}
	if err := d.ready(); err != nil {
		return err
	}
	next := Waiting
	if !s.Charter.Declaration.SecondPerson.Value {
		next = Approved
	}
	return s.step(ctx, scope, body, next, journal.DeclarationSubmit, &Edit{Act: "submit", Reason: reason}, func(tx *database.Tx, d *Draft) error {
		d.Submitter, d.Reason, d.Material = by.Person, reason, material
		if next == Approved {
			d.Reviewer, d.Function = by.Person, scope.Basis().Code
			return nil
		}
		return s.ask(tx, duty.ReviewDeclaration, at, reviewDays)
	})
}

// reviewDays is how long a draft waits to be looked through.
const reviewDays = 14

// ready refuses what cannot be published as it is.
func (d *Desk) ready() error {
	if d.Stops() {
		return fault.New(fault.Conflict, "declaration.error.lacking")
	}
	if !d.Changed {
		return fault.New(fault.Conflict, "declaration.error.same", "number", d.Newest.Number)
	}
	return nil
}

// Review answers a draft that waits: approved, or refused with what is to be changed.
// Nobody looks through their own (N13).
func (s *Service) Review(ctx context.Context, by access.Actor, body unit.ID, approve bool, reason string) error {
	scope, _, err := s.editing(ctx, by, body)
	if err != nil {
		return err
	}
	next, act := Approved, "approve"
	if reason = locale.Plain(reason); !approve {
		if next, act = Drafted, "refuse"; reason == "" {
			return fault.New(fault.Invalid, "declaration.error.change").With("answer", "declaration.error.refusal")
		}
	}
	if utf8.RuneCountInString(reason) > longestReason {
		return fault.New(fault.Invalid, "declaration.error.change").With("answer", "declaration.error.long", "limit", longestReason)
	}
	return s.step(ctx, scope, body, next, journal.DeclarationReview, &Edit{Act: act, Reason: reason}, func(tx *database.Tx, d *Draft) error {
		if d.Submitter == by.Person || d.Writer == by.Person {
			return fault.New(fault.Denied, "declaration.denied.own")
		}
		if approve {
			d.Reviewer, d.Function = by.Person, scope.Basis().Code
		}
		_, err := s.Duties.Finish(tx, duty.ReviewDeclaration, int64(body), by.Person, "done")
		return err
	})
}

// step leads a draft to its next state.
func (s *Service) step(ctx context.Context, scope access.Scope, body unit.ID, next State, act journal.Act, e *Edit, more func(*database.Tx, *Draft) error) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		d, err := draftOf(tx, body)
		if err != nil {
			return err
		}
		if !d.State.canBecome(next) {
			return fault.New(fault.Conflict, "declaration.error.state")
		}
		if err := more(tx, &d); err != nil {
			return err
		}
		d.State, d.Since = next, tx.Now()
		if err := putDraft(tx, &d); err != nil {
			return err
		}
		return s.note(tx, scope, body, act, e)
	})
}
