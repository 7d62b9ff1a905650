package handout

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
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

// Members is what the procedure must know of members.
type Members interface {
	Leaving(vault.PersonID) bool
	Within(access.Scope, vault.PersonID) bool
	// Address is where a member is written to, "" for nowhere.
	Address(ctx context.Context, person vault.PersonID) (name, email, lang string, err error)
}

// List is a list that was handed out, as far as its case must know it.
type List struct {
	Number    int64
	Members   int
	DestroyBy civil.Date
	PulledAt  time.Time
	Whole     bool // its file was written to the end
	Digital   bool // its destruction is attested
	Physical  bool
	Destroyed bool // by whoever holds it
}

// Making is how the file is made.
type Making struct {
	Format    string
	Lang      string
	DestroyBy civil.Date
	Name      string
	Only      *roaring.Bitmap
	With      func(tx *database.Tx, l *List) error
}

// Lists makes lists and follows them. app connects the room of lists.
type Lists interface {
	Formats() []string
	// Foresee says how many would be on a list, and how many are left out because they
	// have not consented.
	Foresee(scope access.Scope, only *roaring.Bitmap) (members, without int)
	Make(ctx context.Context, scope access.Scope, m Making) (Delivery, error)
	Numbered(ctx context.Context, numbers ...int64) ([]List, error)
	Attest(tx *database.Tx, number int64, by vault.PersonID, note journal.Entry, digital, physical bool) (List, error)
	// Withheld reports whether a list past its day keeps somebody from one for a purpose.
	Withheld(ctx context.Context, person vault.PersonID, p *charter.Purpose) (bool, error)
}

// Delivery is a list on its way; it can be written once.
type Delivery interface {
	FileName() string
	ContentType() string
	Number() int64
	Write(ctx context.Context, w io.Writer) error
}

// Holders tells those outside who hold data of what changes about it (L3). app
// connects the room of notices.
type Holders interface {
	// Hold records that a recipient who is no member of ours was handed a list.
	Hold(tx *database.Tx, c *Case, list int64) error
	// Gone records that it is destroyed.
	Gone(tx *database.Tx, recipient vault.PersonID, lists ...int64) error
}

// Letters write to recipients. Neither sender nor subject says what it is about (L1).
type Letters interface {
	Write(ctx context.Context, c *Case, kind string, args ...any) (Letter, error)
}

// Letter is sealed and puts itself into the outbox in the act's own transaction.
type Letter func(tx *database.Tx) error

// Eraser takes away a recipient of whom nothing is told any more, key first.
type Eraser interface {
	Discard(ctx context.Context, person vault.PersonID) error
}

// Consents tells who agreed to be handed to a kind of recipient outside the legal body
// (GDPR Art. 9(2)(d)). app connects the room of consents.
type Consents interface {
	AgreedFor(ctx context.Context, recipient, purpose string) (*roaring.Bitmap, error)
	// Hold keeps every consent as it is until release is called.
	Hold() (release func())
}

// Limits hold back strangers who knock at the open page.
type Limits interface {
	Knock(remote string) error
	Take(tx *database.Tx, address string) error
}

// Parts are what the room is put together from.
type Parts struct {
	Charter  *charter.Charter
	DB       *database.DB
	Keyring  *vault.Keyring
	Records  *record.Store
	Journal  *journal.Journal
	Units    *unit.Service
	Members  Members
	Access   *access.Register
	Duties   *duty.Engine
	Lists    Lists
	Holders  Holders
	Letters  Letters
	Eraser   Eraser
	Limits   Limits
	Consents Consents
	URL      func(key string) string // of the recipient's page
	Now      func() time.Time
}

// Service does the acts of requisitions.
type Service struct {
	Parts
}

// New makes a Service.
func New(p Parts) *Service { return &Service{Parts: p} }

// refuse journals a denial that a rule, not a missing right, has caused.
func (s *Service) refuse(ctx context.Context, scope access.Scope, reason string) error {
	e := scope.Entry(journal.Denied)
	e.Reason = reason
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, reason)
}

// office requires the right to decide requisitions, over the whole register: only
// the secretariat hands lists out (D13).
func (s *Service) office(ctx context.Context, by access.Actor) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: s.Charter.Handouts.Decider()})
	if err == nil && !scope.All() {
		err = s.refuse(ctx, scope, "handout.denied.office")
	}
	return scope, err
}

// Office reports whether somebody decides requisitions; it is for offering it only.
func (s *Service) Office(by access.Actor) bool {
	scope, err := s.Access.Decide(by, access.Want{Act: s.Charter.Handouts.Decider()})
	return err == nil && scope.All() && s.Charter.Requisitions()
}

// Body is a body for which somebody can requisition a list, and as what.
type Body struct {
	Unit unit.ID
	Post string
}

// Bodies are those for which a member may requisition a list of their own: they hold
// a post there, and the body has no access of its own (D13).
func (s *Service) Bodies(person vault.PersonID) []Body {
	var all []Body
	for _, h := range s.Access.Held(person) {
		if !h.Basis.OfPost() {
			continue
		}
		body, _ := s.Units.Tree().ByID(h.Basis.Unit)
		if level, known := s.Charter.Level(body.Level); known && level.Requisition && !body.Closed {
			all = append(all, Body{Unit: body.ID, Post: h.Basis.Code})
		}
	}
	return all
}

// entitled reports whether the recipient of a wish holds what it says they are.
func (s *Service) entitled(w *Wish) bool {
	if w.For == 0 {
		_, known := s.Charter.Handouts.Recipient(w.As)
		return known
	}
	for _, b := range s.Bodies(w.For) {
		if b.Unit == w.Unit && b.Post == w.As {
			return true
		}
	}
	return false
}

// Ask writes a requisition: an officer's own, or one that the secretariat took down
// (D5, D13). It gives nothing before the secretariat has decided.
func (s *Service) Ask(ctx context.Context, by access.Actor, w Wish) (Case, error) {
	scope, err := s.asker(ctx, by, &w)
	if err != nil {
		return Case{}, err
	}
	if root, ok := s.Units.Tree().Root(); ok && w.Unit == 0 {
		w.Unit = root.ID
	}
	today := s.Access.Today()
	if err := w.check(s.Charter, today, s.Lists.Formats()); err != nil {
		return Case{}, err
	}
	if body, known := s.Units.Tree().ByID(w.Unit); !known || body.Closed {
		return Case{}, fault.New(fault.Invalid, "handout.error.wish").With("unit", "access.error.unit_unknown")
	}
	c := Case{
		Person: w.For, Wish: w, State: Asked, AskedBy: by.Person, AnswerBy: today.AddDays(s.Charter.Handouts.AnswerDays.Value),
	}
	return c, s.withRecipient(ctx, &c, func(tx *database.Tx) error {
		if c.ID, err = tx.Next("requisition"); err != nil {
			return err
		}
		c.AskedAt = tx.Now()
		if err := record.Create(s.Records, tx, Cases, c.Person, uint64(c.ID), &c); err != nil {
			return err
		}
		if err := s.note(tx, scope.Entry(journal.Requisition, c.Person), &c); err != nil {
			return err
		}
		_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.DecideRequisition, Subject: c.ID, Act: s.Charter.Handouts.Decides, DueOn: c.AnswerBy})
		return err
	})
}

// asker decides who writes a requisition down, and settles for whom.
func (s *Service) asker(ctx context.Context, by access.Actor, w *Wish) (access.Scope, error) {
	if w.For == by.Person && w.For != 0 {
		scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
		if err != nil {
			return scope, err
		}
		w.Channel, w.To = ByPage, Recipient{}
		if !s.entitled(w) {
			return scope, s.refuse(ctx, scope, "handout.denied.ask")
		}
		return scope, nil
	}
	scope, err := s.office(ctx, by)
	if err != nil {
		return scope, err
	}
	if w.For == 0 {
		return scope, nil
	}
	w.To = Recipient{}
	if !s.entitled(w) || s.Members.Leaving(w.For) {
		return scope, fault.New(fault.Invalid, "handout.error.wish").With("as", "handout.error.post")
	}
	return scope, nil
}

// withRecipient writes a case of somebody; whoever is known only from requisitions
// and has the address stays the same person, and else there is a new one, key first.
func (s *Service) withRecipient(ctx context.Context, c *Case, act func(tx *database.Tx) error) error {
	if c.Person == 0 {
		known, err := s.all(ctx, func(o *Case) bool {
			return !o.Member() && o.Wish.To.Email == c.Wish.To.Email && o.Wish.To.Name == c.Wish.To.Name
		})
		if err != nil {
			return err
		}
		if len(known) > 0 {
			c.Person = known[0].Person
		}
	}
	if c.Person != 0 {
		return s.DB.Write(ctx, act)
	}
	err := s.Keyring.Write(ctx, func(tx *vault.Tx) (err error) {
		if c.Person, err = tx.NewPerson(); err != nil {
			return err
		}
		return tx.Pending(c.Person)
	})
	if err != nil {
		return err
	}
	after := context.WithoutCancel(ctx)
	if err := s.DB.Write(ctx, act); err != nil {
		return errors.Join(err, s.Keyring.Write(after, func(tx *vault.Tx) error { return tx.Drop(c.Person) }))
	}
	return s.Keyring.Settle(after, c.Person)
}

// note journals an act about a case.
func (s *Service) note(tx *database.Tx, e journal.Entry, c *Case) error {
	e.Target, e.Number, e.Purpose = uint32(c.Wish.Unit), c.ID, c.Wish.Purpose
	_, err := s.Journal.Append(tx, &e)
	return err
}

// Slip says what the list would be, for whoever decides.
type Slip struct {
	Purpose *charter.Purpose
	Members int
	Without int // left out, since they have not consented
}

// Foresee says what the list of a requisition would be now, to whoever may have it
// pulled themselves. It reads no data of anybody.
func (s *Service) Foresee(ctx context.Context, by access.Actor, id int64) (Slip, error) {
	if _, err := s.office(ctx, by); err != nil {
		return Slip{}, err
	}
	c, err := s.find(ctx, id)
	if err != nil {
		return Slip{}, err
	}
	return s.foresee(ctx, by, &c)
}

func (s *Service) foresee(ctx context.Context, by access.Actor, c *Case) (Slip, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Pull, Unit: c.Wish.Unit, Purpose: c.Wish.Purpose})
	if err != nil {
		return Slip{}, err
	}
	only, err := s.only(ctx, c)
	if err != nil {
		return Slip{}, err
	}
	slip := Slip{Purpose: scope.Purpose()}
	slip.Members, slip.Without = s.Lists.Foresee(scope, only)
	return slip, nil
}

// only is who may be on the list of a case; nil where no consent is needed.
func (s *Service) only(ctx context.Context, c *Case) (*roaring.Bitmap, error) {
	if !c.Consented() {
		return nil, nil
	}
	return s.Consents.AgreedFor(ctx, c.Wish.As, c.Wish.Purpose)
}

// Approve lets a requisition be fetched: the recipient gets the mail with the link and
// the notice to destroy (D5, D13). Nobody approves what they get themselves.
func (s *Service) Approve(ctx context.Context, by access.Actor, id int64, grounds string) (Case, error) {
	c, scope, err := s.deciding(ctx, by, id)
	if err != nil {
		return Case{}, err
	}
	switch {
	case !s.entitled(&c.Wish):
		return Case{}, fault.New(fault.Conflict, "handout.error.post")
	case !c.Wish.Until.IsZero() && c.Wish.Until.Before(s.Access.Today()):
		return Case{}, fault.New(fault.Conflict, "handout.error.until_over")
	}
	slip, err := s.foresee(ctx, by, &c)
	if err != nil {
		return Case{}, err
	}
	if slip.Members == 0 {
		return Case{}, fault.New(fault.Conflict, "handout.error.empty")
	}
	if late, err := s.Lists.Withheld(ctx, c.Person, slip.Purpose); err != nil || late {
		if err == nil {
			err = fault.New(fault.Conflict, "handout.error.late") // D12: no new list for whoever has not destroyed the last
		}
		return Case{}, err
	}
	open := c
	open.Link, open.OpenUntil = c.Link+1, s.Access.Today().AddDays(s.Charter.Handouts.OpenDays.Value)
	letter, err := s.linkLetter(ctx, &open, "handout.link")
	if err != nil {
		return Case{}, err
	}
	return s.step(ctx, c, Approved, func(tx *database.Tx, c *Case) error {
		c.DecidedBy, c.DecidedAt, c.Grounds = by.Person, tx.Now(), strings.TrimSpace(grounds)
		c.Link, c.OpenUntil = open.Link, open.OpenUntil
		if err := s.note(tx, scope.Entry(journal.Approve, c.Person), c); err != nil {
			return err
		}
		if _, err := s.Duties.Finish(tx, duty.DecideRequisition, c.ID, by.Person, "done"); err != nil {
			return err
		}
		return letter(tx)
	})
}

// Refuse says no, with grounds; whoever asked is told them.
func (s *Service) Refuse(ctx context.Context, by access.Actor, id int64, grounds string) (Case, error) {
	c, scope, err := s.deciding(ctx, by, id)
	if err != nil {
		return Case{}, err
	}
	if grounds = strings.TrimSpace(grounds); grounds == "" || len(grounds) > longestNeed {
		return Case{}, fault.New(fault.Invalid, "handout.error.decision").With("grounds", "handout.error.grounds")
	}
	letter, err := s.Letters.Write(ctx, &c, "handout.refusal", "grounds", grounds)
	if err != nil {
		return Case{}, err
	}
	return s.step(ctx, c, Refused, func(tx *database.Tx, c *Case) error {
		c.DecidedBy, c.DecidedAt, c.Grounds, c.EndedAt = by.Person, tx.Now(), grounds, tx.Now()
		if err := s.note(tx, scope.Entry(journal.Refuse, c.Person), c); err != nil {
			return err
		}
		if _, err := s.Duties.Finish(tx, duty.DecideRequisition, c.ID, by.Person, "done"); err != nil {
			return err
		}
		return letter(tx)
	})
}

// deciding is a case for whoever may decide it.
func (s *Service) deciding(ctx context.Context, by access.Actor, id int64) (Case, access.Scope, error) {
	scope, err := s.office(ctx, by)
	if err != nil {
		return Case{}, scope, err
	}
	c, err := s.find(ctx, id)
	if err != nil {
		return c, scope, err
	}
	reason, err := s.MayDecide(ctx, by, &c)
	if err == nil && reason != "" {
		err = s.refuse(ctx, scope, reason)
	}
	if err == nil && !c.State.Open() {
		err = fault.New(fault.Conflict, "handout.error.state")
	}
	return c, scope, err
}

// MayDecide says by which rule somebody of the secretariat does not decide a case; ""
// where they may.
func (s *Service) MayDecide(ctx context.Context, by access.Actor, c *Case) (reason string, err error) {
	same := false
	if !c.Member() {
		_, email, _, err := s.Members.Address(ctx, by.Person)
		if err != nil {
			return "", err
		}
		same = email != "" && strings.EqualFold(email, c.Wish.To.Email)
	}
	return mayDecide(&s.Charter.Handouts, c, by.Person, same), nil
}

// Withdraw takes a requisition back before it was decided, by whoever asked or the
// secretariat; or the approval before it was fetched, by the secretariat. The link
// opens nothing any more.
func (s *Service) Withdraw(ctx context.Context, by access.Actor, id int64, why string) (Case, error) {
	c, scope, err := s.Get(ctx, by, id)
	if err != nil {
		return c, err
	}
	to := Withdrawn
	if c.State.Open() {
		to = TakenBack
	} else if scope, err = s.office(ctx, by); err != nil {
		return Case{}, err
	}
	if why = strings.TrimSpace(why); why == "" || len(why) > longestNeed {
		return Case{}, fault.New(fault.Invalid, "handout.error.withdrawal").With("why", "handout.error.why")
	}
	var letter Letter
	if by.Person != c.Person {
		if letter, err = s.Letters.Write(ctx, &c, "handout.withdrawal", "why", why); err != nil {
			return Case{}, err
		}
	}
	return s.step(ctx, c, to, func(tx *database.Tx, c *Case) error {
		c.EndedBy, c.EndedAt, c.Why, c.Code = by.Person, tx.Now(), why, nil
		if err := s.note(tx, scope.Entry(journal.HandoutWithdraw, c.Person), c); err != nil {
			return err
		}
		if _, err := s.Duties.Finish(tx, duty.DecideRequisition, c.ID, by.Person, "withdrawn"); err != nil || letter == nil {
			return err
		}
		return letter(tx)
	})
}
