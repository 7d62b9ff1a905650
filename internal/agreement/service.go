package agreement

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Members is what the room must know of members: the name of whoever signs.
type Members interface {
	OwnName(ctx context.Context, s access.Scope) (string, error)
	Leaving(vault.PersonID) bool
}

// Sealer seals PDFs.
type Sealer interface {
	Seal(ctx context.Context, pdf []byte, reason string) ([]byte, error)
}

// Eraser takes the key of an agreement away, and what is sealed under it.
type Eraser interface {
	Discard(ctx context.Context, person vault.PersonID) error
}

// Retention gives the rules by which data end, in words: name and period. app connects
// the sweep.
type Retention func(p *locale.Printer) [][2]string

// Holders is the register of those outside who are told of changes (L3). app connects
// the room of notices; what it gives is the holder's number.
type Holders interface {
	Add(ctx context.Context, by access.Actor, p *Processor) (int64, error)
}

// Parts are what the room is put together from.
type Parts struct {
	Charter   *charter.Charter
	DB        *database.DB
	Keyring   *vault.Keyring
	Records   *record.Store
	Journal   *journal.Journal
	Units     *unit.Service
	Access    *access.Register
	Duties    *duty.Engine
	Members   Members
	Seal      Sealer
	Eraser    Eraser
	Retention Retention
	Holders   Holders
	URL       func(body string) string                     // of a body's agreement
	Tell      func(ctx context.Context, d duty.Duty) error // by mail, that somebody is waited for
	Now       func() time.Time
}

// Service does the acts of agreements.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{Parts: p} }

// Bound is what a body must agree on (L10); false where nothing follows from the
// charter's roles.
func (s *Service) Bound(body unit.ID) (Bound, bool) {
	all := bound(s.Charter, s.Units.Tree())
	i := slices.IndexFunc(all, func(b Bound) bool { return b.Unit.ID == body })
	if i < 0 {
		return Bound{}, false
	}
	return all[i], true
}

// Any reports whether the charter has anybody agree on anything.
func (s *Service) Any() bool {
	return slices.ContainsFunc(s.Charter.Levels, func(l charter.Level) bool { kind, _ := s.Charter.Binding(l.Code); return kind != "" })
}

// part is what somebody does with agreements.
type part int

const (
	signs part = iota
	receives
	countersigns
)

func (s *Service) holders(p part, b *Bound) []access.Holding {
	a := &s.Charter.Agreements
	switch p {
	case signs:
		return s.Access.InPost(b.Unit.ID, a.Signs...)
	case receives:
		return s.Access.InPost(b.With, a.Receives...)
	}
	return s.Access.InPost(b.With, a.Countersigns...)
}

// holds is the post by which somebody has a part; false where they have none.
func (s *Service) holds(person vault.PersonID, p part, b *Bound) (access.Holding, bool) {
	all := s.holders(p, b)
	i := slices.IndexFunc(all, func(h access.Holding) bool { return h.Person == person })
	if i < 0 || person == 0 || s.Members.Leaving(person) {
		return access.Holding{}, false
	}
	return all[i], true
}

// Part is what somebody may do with a body's agreement, for offering it.
type Part struct {
	Signs, Receives, Countersigns bool
	Post                          string // the code of the post or position by which
}

// Any reports whether there is anything.
func (p Part) Any() bool { return p.Signs || p.Receives || p.Countersigns }

// PartIn says what somebody may do with the agreement of a body.
func (s *Service) PartIn(person vault.PersonID, body unit.ID) (p Part) {
	if b, ok := s.Bound(body); ok {
		for _, one := range []struct {
			part part
			has  *bool
		}{{signs, &p.Signs}, {receives, &p.Receives}, {countersigns, &p.Countersigns}} {
			held, has := s.holds(person, one.part, &b)
			if *one.has = has; has {
				p.Post = held.Basis.Code
			}
		}
	}
	return p
}

// Sees reports whether somebody follows the agreements of all bodies.
func (s *Service) Sees(person vault.PersonID) bool {
	for _, b := range bound(s.Charter, s.Units.Tree()) {
		_, looks := s.holds(person, receives, &b)
		_, counter := s.holds(person, countersigns, &b)
		return looks || counter // the other side is one and the same
	}
	return false
}

// SignsFor lists the bodies for which somebody signs.
func (s *Service) SignsFor(person vault.PersonID) (all []unit.ID) {
	for _, held := range s.Access.Held(person) {
		b, ok := s.Bound(held.Basis.Unit)
		if !ok || !slices.Contains(s.Charter.Agreements.Signs, held.Basis.Code) || slices.Contains(all, b.Unit.ID) {
			continue
		}
		if _, mine := s.holds(person, signs, &b); mine {
			all = append(all, b.Unit.ID)
		}
	}
	return all
}

// require decides that somebody has a part; a denial is journaled.
func (s *Service) require(ctx context.Context, by access.Actor, b *Bound, parts ...part) (access.Scope, access.Holding, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return scope, access.Holding{}, err
	}
	for _, p := range parts {
		if h, ok := s.holds(by.Person, p, b); ok {
			return scope, h, nil
		}
	}
	e := scope.Entry(journal.Denied)
	e.Reason, e.Target = "agreement.denied", uint32(b.Unit.ID)
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return access.Scope{}, access.Holding{}, err
	}
	return access.Scope{}, access.Holding{}, fault.New(fault.Denied, "agreement.denied")
}

// find is the newest agreement of a body, Number 0 where there is none.
func find(q database.Querier, body unit.ID) (Agreement, error) {
	all, err := agreements(q, `unit = $1 AND state <> 'replaced'`, int64(body))
	if err != nil || len(all) == 0 {
		return Agreement{}, err
	}
	return all[0], nil
}

// Current is what a body has: the newest round, and the agreement in force where that
// is another one. It names nobody and is public.
func (s *Service) Current(ctx context.Context, body unit.ID) (now, inForce Agreement, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := agreements(q, `unit = $1 AND state <> 'replaced'`, int64(body))
		for i := range all {
			if i == 0 {
				now = all[i]
			}
			if all[i].State == Concluded && inForce.Number == 0 {
				inForce = all[i]
			}
		}
		return err
	})
	return now, inForce, err
}

// ByNumber finds an agreement by its number.
func (s *Service) ByNumber(ctx context.Context, number int64) (a Agreement, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err := agreements(q, `number = $1`, number)
		if err == nil && len(all) == 0 {
			err = fault.New(fault.NotFound, "agreement.error.none")
		}
		if err == nil {
			a = all[0]
		}
		return err
	})
	return a, err
}

// bodyOf finds what a body must agree on, or refuses.
func (s *Service) bodyOf(body unit.ID) (Bound, error) {
	b, ok := s.Bound(body)
	if !ok {
		return b, fault.New(fault.NotFound, "agreement.error.unbound")
	}
	return b, nil
}

// Dossier tells who signed, to those who have a part in it; it is journaled.
func (s *Service) Dossier(ctx context.Context, by access.Actor, a *Agreement) (d Dossier, err error) {
	b, err := s.bodyOf(a.Unit)
	if err != nil || a.holder == 0 {
		return d, err
	}
	scope, _, err := s.require(ctx, by, &b, signs, receives, countersigns)
	if err != nil {
		return d, err
	}
	if d, err = s.dossier(ctx, a); err != nil {
		return d, err
	}
	e := scope.Entry(journal.Shown)
	e.Persons, e.Number, e.Target = a.persons(), a.Number, uint32(a.Unit)
	_, err = s.Journal.Read(ctx, &e)
	return d, err
}

// persons are those who signed; they are named to those who may see it.
func (a *Agreement) persons() *roaring.Bitmap {
	set := roaring.New()
	for _, p := range []vault.PersonID{a.signer, a.looked, a.counter} {
		if p != 0 {
			set.Add(uint32(p))
		}
	}
	return set
}

func (s *Service) dossier(ctx context.Context, a *Agreement) (d Dossier, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		err := record.Get(s.Records, q, dossiers, a.holder, uint64(a.Number), &d)
		if errors.Is(err, database.ErrNotFound) || errors.Is(err, vault.ErrErased) {
			return nil
		}
		return err
	})
	return d, err
}

// note journals an act about an agreement.
func (s *Service) note(tx *database.Tx, scope access.Scope, act journal.Act, a *Agreement, why string) (int64, error) {
	e := scope.Entry(act)
	e.Persons, e.Target, e.Number, e.Reason = a.persons(), uint32(a.Unit), a.Number, why
	return s.Journal.Append(tx, &e)
}

// Ask opens the round: every body that has no agreement in force or under way is asked
// to sign (N2). It says how many there were.
func (s *Service) Ask(ctx context.Context, by access.Actor) (asked int, err error) {
	all := bound(s.Charter, s.Units.Tree())
	if len(all) == 0 {
		return 0, fault.New(fault.NotFound, "agreement.error.unbound")
	}
	scope, _, err := s.require(ctx, by, &all[0], receives, countersigns)
	if err != nil {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		standing, err := agreements(tx, `state <> 'replaced'`)
		if err != nil {
			return err
		}
		told := roaring.New()
		for i := range all {
			if slices.ContainsFunc(standing, func(a Agreement) bool { return a.Unit == all[i].Unit.ID }) {
				continue
			}
			a, err := s.open(tx, &all[i], First)
			if err != nil {
				return err
			}
			for _, h := range s.holders(signs, &all[i]) {
				told.Add(uint32(h.Person))
			}
			if err := s.tend(tx, &all[i], &a); err != nil {
				return err
			}
			asked++
		}
		if asked == 0 {
			return nil
		}
		e := scope.Entry(journal.AgreementAsk)
		e.Persons, e.Number, e.Reason = told, int64(asked), First
		_, err = s.Journal.Append(tx, &e)
		return err
	})
	return asked, err
}

// open begins an agreement of a body.
func (s *Service) open(tx *database.Tx, b *Bound, why string) (a Agreement, err error) {
	a = Agreement{
		Unit: b.Unit.ID, With: b.With, Kind: b.Kind, Version: Version(b.Kind), State: Open, Why: why, Lang: s.Charter.Languages[0],
		OpenedAt: tx.Now(), DueOn: s.Charter.Today(tx.Now()).AddDays(s.Charter.Agreements.AnswerDays.Value),
	}
	if a.Number, err = tx.Next("agreement"); err != nil {
		return a, err
	}
	return a, insert(tx, &a)
}

// duties of each state, and whose they are.
var dutyOf = map[State]struct {
	kind duty.Kind
	part part
}{
	Open: {duty.SignAgreement, signs}, Returned: {duty.SignAgreement, signs},
	Signed: {duty.ReceiveAgreement, receives}, Accepted: {duty.CountersignAgreement, countersigns},
}

// tend makes the duties of an agreement fit its state and who holds the posts today.
func (s *Service) tend(tx *database.Tx, b *Bound, a *Agreement) error {
	wanted, acts := dutyOf[a.State]
	for _, kind := range []duty.Kind{duty.SignAgreement, duty.ReceiveAgreement, duty.CountersignAgreement} {
		var persons []vault.PersonID
		if acts && wanted.kind == kind {
			for _, h := range s.holders(wanted.part, b) {
				if kind == duty.CountersignAgreement && h.Person == a.signer || slices.Contains(persons, h.Person) {
					continue
				}
				persons = append(persons, h.Person)
			}
		}
		open, err := s.Duties.OpenIn(tx, kind, a.Number)
		if err != nil {
			return err
		}
		for _, d := range open {
			if i := slices.Index(persons, d.Person); i >= 0 {
				persons = slices.Delete(persons, i, i+1)
				continue
			}
			outcome := "done"
			if acts && wanted.kind == kind {
				outcome = "withdrawn" // the post has changed hands
			}
			if _, err := s.Duties.FinishOf(tx, kind, a.Number, d.Person, 0, outcome); err != nil {
				return err
			}
		}
		for _, person := range persons {
			if _, err := s.Duties.Add(tx, duty.Duty{Kind: kind, Subject: a.Number, Unit: b.Unit.ID, Person: person, DueOn: a.DueOn}); err != nil {
				return err
			}
		}
	}
	return nil
}
