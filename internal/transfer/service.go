package transfer

import (
	"context"
	"errors"
	"time"

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

// Posts ends what somebody holds in a body they leave, in the move's own
// transaction, unless belonging to the rest carries it.
type Posts interface {
	EndIn(tx *database.Tx, by journal.Entry, person vault.PersonID, left unit.ID, rest []unit.ID) (int, error)
}

// Eraser takes away somebody who never became a member, key first.
type Eraser interface {
	Discard(ctx context.Context, person vault.PersonID) error
}

// Letters write to those who are asked or told. A letter to officers names
// nobody.
type Letters interface {
	Officers(ctx context.Context, body unit.ID, act charter.Acts) ([]Letter, error)
	Member(ctx context.Context, person vault.PersonID, kind string) ([]Letter, error)
}

// Letter is sealed and puts itself into the outbox in the act's own transaction.
type Letter func(tx *database.Tx) error

// Parts are what transfer is put together from.
type Parts struct {
	Charter *charter.Charter
	DB      *database.DB
	Keyring *vault.Keyring
	Records *record.Store
	Journal *journal.Journal
	Units   *unit.Service
	Members *member.Directory
	Access  *access.Register
	Duties  *duty.Engine
	Posts   Posts
	Eraser  Eraser
	Letters Letters
	Now     func() time.Time
}

// Service does the acts of moving.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// The acts by which a body takes in and lets go.
const (
	takesIn  = charter.Create
	letsGo   = charter.PassOn
	officeOf = charter.Create
)

// Wish is a move somebody proposes.
type Wish struct {
	Person vault.PersonID
	From   unit.ID    // 0: the only body of the person within the proposer's reach
	To     unit.ID    //
	On     civil.Date // zero: today
	Keep   bool       // belong to both, where the charter allows
}

// Propose asks the receiving body to take a member: by the body that has them,
// by the secretariat, or by the member themselves.
func (s *Service) Propose(ctx context.Context, by access.Actor, w Wish) (Case, error) {
	scope, side, err := s.proposer(ctx, by, w.Person)
	if err != nil {
		return Case{}, err
	}
	today := s.Charter.Today(s.Now())
	if w.On.IsZero() {
		w.On = today
	}
	if err := s.checkWish(scope, &w, today); err != nil {
		return Case{}, err
	}
	c := Case{Kind: Move, State: Asked, Person: w.Person, DueOn: today.AddDays(s.Charter.Transfers.AnswerDays.Value), Moving: Moving{
		From: w.From, To: w.To, Side: side, By: by.Person, On: w.On, Keep: w.Keep,
	}}
	letters, err := s.Letters.Officers(ctx, w.To, takesIn)
	if err != nil {
		return Case{}, err
	}
	if side != ByMember {
		told, err := s.Letters.Member(ctx, w.Person, "transfer.proposed")
		if err != nil {
			return Case{}, err
		}
		letters = append(letters, told...)
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if open, err := s.openMove(tx, w.Person); err != nil || open {
			return orOpen(err)
		}
		if err := s.begin(tx, &c); err != nil {
			return err
		}
		if err := s.ask(tx, &c, w.To, takesIn); err != nil {
			return err
		}
		e := scope.Entry(journal.Propose, w.Person)
		e.Target, e.Number = uint32(w.To), c.ID
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return enqueue(tx, letters)
	})
	return c, err
}

func orOpen(err error) error {
	if err != nil {
		return err
	}
	return fault.New(fault.Conflict, "transfer.error.open")
}

// begin writes a new case and what is sealed of it.
func (s *Service) begin(tx *database.Tx, c *Case) (err error) {
	if c.ID == 0 {
		if c.ID, err = database.Draw(tx, "transfer"); err != nil {
			return err
		}
	}
	c.MadeAt = tx.Now()
	if err := insert(tx, c); err != nil {
		return err
	}
	return s.keep(tx, c)
}

// ask makes a case the duty of whoever may answer in a body; of the secretariat
// for body 0, and for the association itself.
func (s *Service) ask(tx *database.Tx, c *Case, body unit.ID, act charter.Acts) error {
	if root, ok := s.Units.Tree().Root(); ok && (body == 0 || body == root.ID) {
		body, act = s.office(), officeOf
	}
	_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.Transfer, Subject: c.ID, Unit: body, Act: act.String(), DueOn: c.DueOn})
	return err
}

// office is whose duties the secretariat's are: 0 where the charter has a
// position for it, else the association itself, whose officers reach everybody.
func (s *Service) office() unit.ID {
	for i := range s.Charter.Positions {
		if s.Charter.Positions[i].Acts.Has(officeOf) {
			return 0
		}
	}
	root, _ := s.Units.Tree().Root()
	return root.ID
}

// proposer finds out in what role somebody proposes a move for a member.
func (s *Service) proposer(ctx context.Context, by access.Actor, person vault.PersonID) (access.Scope, Side, error) {
	if by.Person == person {
		scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
		return scope, ByMember, err
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: letsGo})
	if err != nil {
		return scope, "", err
	}
	if !s.Members.Within(scope, person) || s.Members.Leaving(person) {
		return scope, "", s.nobody(ctx, scope)
	}
	if s.whole(scope) {
		return scope, BySecretariat, nil
	}
	return scope, BySender, nil
}

// nobody answers for a person out of reach as for one who never was, and
// journals the asking (D11).
func (s *Service) nobody(ctx context.Context, scope access.Scope) error {
	e := scope.Entry(journal.Denied)
	e.Reason = "member.denied.card"
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.NotFound, "member.error.not_found")
}

// whole reports whether whoever a Scope was decided for reaches every body, even
// where they have asked for one only.
func (s *Service) whole(scope access.Scope) bool {
	root, ok := s.Units.Tree().Root()
	basis := scope.Basis()
	return scope.Allowed() && (scope.All() || ok && scope.Covers(root.ID) || basis.Right == access.ByPosition || ok && basis.Unit == root.ID)
}

// checkWish settles which membership moves, and tells what is wrong field by field.
func (s *Service) checkWish(scope access.Scope, w *Wish, today civil.Date) error {
	invalid := fault.New(fault.Invalid, "transfer.error.wish")
	var from []unit.ID
	belongs := map[unit.ID]bool{}
	for _, id := range s.Members.Units(w.Person) {
		belongs[id] = true
		if _, self := scope.Self(); (self || scope.Covers(id)) && (w.From == 0 || w.From == id) {
			from = append(from, id)
		}
	}
	switch {
	case len(from) == 1:
		w.From = from[0]
	case len(from) == 0:
		invalid = invalid.With("from", "member.error.unit_reach")
	default:
		invalid = invalid.With("from", "transfer.error.which")
	}
	to, known := s.Units.Tree().ByID(w.To)
	level, leveled := s.Charter.Level(to.Level)
	switch {
	case w.To == 0:
		invalid = invalid.With("to", "transfer.error.to")
	case !known || !leveled || !level.Members:
		invalid = invalid.With("to", "member.error.unit_level")
	case to.Closed:
		invalid = invalid.With("to", "member.error.unit_closed")
	case belongs[w.To]:
		invalid = invalid.With("to", "member.error.belongs")
	}
	if problem := checkDay(w.On, today); problem != "" {
		invalid = invalid.With("on", problem)
	}
	if w.Keep && !s.Charter.Transfers.Dual.Value {
		invalid = invalid.With("keep", "transfer.error.dual")
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// openMove reports whether a move of the person is under way.
func (s *Service) openMove(q database.Querier, person vault.PersonID) (bool, error) {
	all, err := query(q, `WHERE person = $1 AND kind = $2`, int64(person), string(Move))
	for i := range all {
		if all[i].State.Open() {
			return true, err
		}
	}
	return false, err
}

// Accept says yes for the side that is asked. A move whose day has come happens
// at once. Where the receiving body has proposed, whoever answers says whether
// the old membership stays too, if the charter has that.
func (s *Service) Accept(ctx context.Context, by access.Actor, id int64, keep bool) (Case, error) {
	c, scope, err := s.acting(ctx, by, id, Accept)
	if err != nil {
		return c, err
	}
	if keep && (c.Moving.Side != ByReceiver || !s.Charter.Transfers.Dual.Value) {
		return c, fault.New(fault.Invalid, "transfer.error.wish").With("keep", "transfer.error.dual")
	}
	c.Moving.Keep = c.Moving.Keep || keep
	err = s.answer(ctx, scope, &c, Accept, "", journal.Accept)
	if err != nil || c.Kind == Addition || c.Moving.On.After(s.Charter.Today(s.Now())) {
		return c, err
	}
	return c, s.arrive(ctx, &c)
}

// Refuse says no, for a reason of the catalogue.
func (s *Service) Refuse(ctx context.Context, by access.Actor, id int64, reason string) (Case, error) {
	if err := checkReason(reason); err != nil {
		return Case{}, err
	}
	c, scope, err := s.acting(ctx, by, id, Refuse)
	if err != nil {
		return c, err
	}
	return c, s.answer(ctx, scope, &c, Refuse, reason, journal.Decline)
}

// Cancel takes a proposal back, or an addition.
func (s *Service) Cancel(ctx context.Context, by access.Actor, id int64) (Case, error) {
	c, scope, err := s.acting(ctx, by, id, Cancel)
	if err != nil {
		return c, err
	}
	if err := s.answer(ctx, scope, &c, Cancel, "", journal.Cancel); err != nil || c.Kind != Addition {
		return c, err
	}
	return c, s.discard(ctx, &c)
}

// Distinguish says that somebody added is not the member they seem to be: the
// move that was asked for ends, and the secretariat decides on the addition.
func (s *Service) Distinguish(ctx context.Context, by access.Actor, id int64) (Case, error) {
	c, scope, stance, err := s.open(ctx, by, id)
	if err != nil {
		return c, err
	}
	if c.Kind != Addition || c.State != Waiting || c.Adding.Move == 0 || !stance.Office {
		return c, fault.New(fault.Gone, "transfer.error.over")
	}
	return c, s.DB.Write(ctx, func(tx *database.Tx) error {
		if c, err = s.get(tx, id); err != nil || c.State != Waiting {
			return gone(err)
		}
		if err := s.dropMove(tx, c.Adding.Move, Cancel, ""); err != nil {
			return err
		}
		c.Adding.Move, c.Adding.Distinct = 0, true
		if err := s.keep(tx, &c); err != nil {
			return err
		}
		if err := s.ask(tx, &c, 0, officeOf); err != nil {
			return err
		}
		e := scope.Entry(journal.Edit, c.Person)
		e.Number = c.ID
		_, err := s.Journal.Append(tx, &e)
		return err
	})
}

// answer carries one event out in a transaction: state, seal, duty, journal,
// letters, and the addition or move that hangs on it.
func (s *Service) answer(ctx context.Context, scope access.Scope, c *Case, by Event, reason string, act journal.Act) error {
	letters, err := s.answered(ctx, c, by)
	if err != nil {
		return err
	}
	id, keeps := c.ID, c.Moving.Keep
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		fresh, err := s.get(tx, id)
		if err != nil {
			return gone(err)
		}
		*c = fresh
		if err := c.step(by); err != nil {
			return err
		}
		if c.Kind == Move && (reason != "" || keeps != c.Moving.Keep) {
			c.Moving.Reason, c.Moving.Keep = reason, keeps
			if err := s.keep(tx, c); err != nil {
				return err
			}
		}
		if err := s.settle(tx, c, by, reason, scope.Actor().Person); err != nil {
			return err
		}
		e := scope.Entry(act, c.Person)
		e.Number, e.Reason, e.Target = c.ID, reason, uint32(c.To())
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return enqueue(tx, letters)
	})
}

// settle writes a case's new state and takes along what hangs on it.
func (s *Service) settle(tx *database.Tx, c *Case, by Event, reason string, person vault.PersonID) error {
	if err := update(tx, c); err != nil {
		return err
	}
	if _, err := s.Duties.Finish(tx, duty.Transfer, c.ID, person, "done"); err != nil {
		return err
	}
	switch {
	case c.Kind == Move && c.Moving.Addition != 0 && by != Arrive:
		if by != Accept { // whoever lets it lapse, or takes a yes back, says no
			by = Refuse
		}
		return s.follow(tx, c.Moving.Addition, by)
	case c.Kind == Addition && c.Adding.Move != 0 && (by == Cancel || by == Lapse):
		return s.dropMove(tx, c.Adding.Move, by, reason)
	}
	return nil
}

// follow lets an addition share the answer to the move it asked for.
func (s *Service) follow(tx *database.Tx, addition int64, by Event) error {
	c, err := s.get(tx, addition)
	if errors.Is(err, database.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if c.step(by) != nil {
		return nil // over already
	}
	return update(tx, &c)
}

// dropMove ends the move an addition asked for.
func (s *Service) dropMove(tx *database.Tx, move int64, by Event, reason string) error {
	c, err := s.get(tx, move)
	if errors.Is(err, database.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if c.step(by) != nil {
		return nil // over already
	}
	c.Moving.Reason = reason
	if err := s.keep(tx, &c); err != nil {
		return err
	}
	if _, err := s.Duties.Finish(tx, duty.Transfer, c.ID, 0, "withdrawn"); err != nil {
		return err
	}
	return update(tx, &c)
}

// answered are the letters that tell of an answer, without names and without
// the answer: those who may know see it when they have signed in.
func (s *Service) answered(ctx context.Context, c *Case, by Event) ([]Letter, error) {
	if c.Kind == Addition {
		return nil, nil // the body is told on the day
	}
	var letters []Letter
	if c.Moving.Side == BySender && by != Cancel {
		told, err := s.Letters.Officers(ctx, c.Moving.From, letsGo)
		if err != nil {
			return nil, err
		}
		letters = told
	}
	told, err := s.Letters.Member(ctx, c.Person, "transfer.answered")
	return append(letters, told...), err
}

func enqueue(tx *database.Tx, letters []Letter) error {
	for _, letter := range letters {
		if err := letter(tx); err != nil {
			return err
		}
	}
	return nil
}

// To is the receiving body.
func (c *Case) To() unit.ID {
	if c.Kind == Addition {
		return c.Unit
	}
	return c.Moving.To
}

func gone(err error) error {
	if err == nil || errors.Is(err, database.ErrNotFound) {
		return fault.New(fault.Gone, "transfer.error.over").Because(err)
	}
	return err
}
