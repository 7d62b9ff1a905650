package consent

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

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

// Members is what the room must know of members.
type Members interface {
	Leaving(vault.PersonID) bool
	Within(access.Scope, vault.PersonID) bool
	Units(vault.PersonID) []unit.ID
	Names(context.Context, access.Scope, []vault.PersonID) (map[vault.PersonID]string, error)
	Present(access.Scope, *roaring.Bitmap) *roaring.Bitmap // those of a set whom a Scope for searching reaches
	MembersOf(unit.ID) *roaring.Bitmap                     // of one body, by id; nothing is read of them
}

// Declared is a body's declaration as it stands.
type Declared struct {
	Version
	At     time.Time
	Hashes map[string]string // by language
}

// In is the version as it is shown in a language.
func (d *Declared) In(lang string) Version {
	v := d.Version
	v.Hash = d.Hashes[lang]
	return v
}

// Declarations tells which declaration stands for a body: its own, or that of the
// nearest controller above it. app connects the room of declarations.
type Declarations interface {
	Standing(ctx context.Context, body unit.ID) (Declared, bool, error)
}

// Parts are what the room is put together from.
type Parts struct {
	Charter      *charter.Charter
	DB           *database.DB
	Records      *record.Store
	Journal      *journal.Journal
	Units        *unit.Service
	Access       *access.Register
	Duties       *duty.Engine
	Members      Members
	Declarations Declarations
	Letters      Letters
	Signer       Signer
	Now          func() time.Time
}

// Service does the acts of informing and consent.
type Service struct {
	Parts
	ending  sync.RWMutex // held while a consent ends, and while something leaves by one
	reading sync.Mutex   // held while a scan is read
}

// New makes a Service.
func New(p Parts) *Service { return &Service{Parts: p} }

// Hold keeps every consent as it is until release is called: for whoever looks who
// agrees and then lets data go, in one piece of work.
func (s *Service) Hold() (release func()) {
	s.ending.RLock()
	return s.ending.RUnlock
}

// Stands reports whether a person's consent stands now. Whoever is leaving consents to
// nothing any more.
func (s *Service) Stands(q database.Querier, person vault.PersonID, code string) (bool, error) {
	if s.Members.Leaving(person) {
		return false, nil
	}
	all, err := s.of(q, person)
	if err != nil {
		return false, err
	}
	now := s.Now()
	return slices.ContainsFunc(all, func(c Consent) bool { return c.Code == code && c.Stands(s.Charter, now) }), nil
}

// Agreed gives everybody whose consent stands now. It is ids alone: what is shown of
// them goes through a Scope.
func (s *Service) Agreed(ctx context.Context, code string) (*roaring.Bitmap, error) {
	return s.agreed(ctx, code, "")
}

// AgreedFor is Agreed to a kind of recipient for one purpose, as it was asked (D5).
func (s *Service) AgreedFor(ctx context.Context, recipient, purpose string) (*roaring.Bitmap, error) {
	return s.agreed(ctx, charter.DisclosureCode(recipient), purpose)
}

// Among gives those within a Scope whose consent stands now.
func (s *Service) Among(ctx context.Context, scope access.Scope, code string) (*roaring.Bitmap, error) {
	found := roaring.New()
	if !scope.Allowed() {
		return found, nil
	}
	agreed, err := s.agreed(ctx, code, "")
	if err != nil {
		return nil, err
	}
	for it := agreed.Iterator(); it.HasNext(); {
		if person := it.Next(); s.Members.Within(scope, vault.PersonID(person)) {
			found.Add(person)
		}
	}
	return found, nil
}

func (s *Service) agreed(ctx context.Context, code, purpose string) (*roaring.Bitmap, error) {
	agreed, now := roaring.New(), s.Now()
	err := s.each(ctx, func(person vault.PersonID, c *Consent) error {
		if c.Code == code && c.Stands(s.Charter, now) && (purpose == "" || slices.Contains(c.Purposes, purpose)) && !s.Members.Leaving(person) {
			agreed.Add(uint32(person))
		}
		return nil
	})
	return agreed, err
}

// Giving is how somebody says yes.
type Giving struct {
	Code  string
	Lang  string
	Hash  string // of what was shown; "" on paper, where what is printed is what stands
	Known string // how whoever says it was identified
	Paper string // where a signed paper lies, where somebody else enters it
}

// consenter decides who gives or withdraws somebody's consent: they themselves, or
// from paper whoever may change their card. What goes to recipients outside the legal
// body is entered by those alone who reach the whole register.
func (s *Service) consenter(ctx context.Context, by access.Actor, person vault.PersonID, code string) (access.Scope, error) {
	if by.Person == person && by.Person != 0 {
		return s.Access.Require(ctx, by, access.Want{Self: true})
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Edit})
	if err != nil {
		return scope, err
	}
	if k, known := s.Charter.Consent(code); known && k.Recipient != nil && !scope.All() {
		return scope, s.refuse(ctx, scope, "consent.denied.office")
	}
	if !s.Members.Within(scope, person) {
		return scope, fault.New(fault.NotFound, "member.error.not_found")
	}
	return scope, nil
}

func (s *Service) refuse(ctx context.Context, scope access.Scope, key string) error {
	e := scope.Entry(journal.Denied)
	e.Reason = key
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, key)
}

// Give says yes for a person: by themselves on their own page, or by somebody else from
// a signed paper, whose place is written down (GDPR Art. 7(1)). What was shown must be
// what stands: a yes to other words is refused and asked anew.
func (s *Service) Give(ctx context.Context, by access.Actor, person vault.PersonID, g Giving) error {
	scope, err := s.consenter(ctx, by, person, g.Code)
	if err != nil {
		return err
	}
	q, err := s.Ask(ctx, person, g.Code, g.Lang)
	if err != nil {
		return err
	}
	c := q.consent()
	c.GivenBy, c.How, c.Known = by.Person, ByWeb, g.Known
	if by.Via == access.Console {
		c.Known = "console"
	}
	if by.Person != person {
		c.How, c.Known, c.Paper = ByPaper, "signature", strings.TrimSpace(g.Paper)
		if c.Paper == "" || len(c.Paper) > longestPaper {
			return fault.New(fault.Invalid, "consent.error.give").With("paper", "consent.error.paper")
		}
	} else if g.Hash != q.Hash {
		return fault.New(fault.Conflict, "consent.error.changed")
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error { return s.give(tx, scope, person, &c) })
}

// give writes a consent down; one that stands with the same words stays as it is.
func (s *Service) give(tx *database.Tx, scope access.Scope, person vault.PersonID, c *Consent) error {
	if s.Members.Leaving(person) {
		return fault.New(fault.Conflict, "member.error.own_closed")
	}
	all, err := s.of(tx, person)
	if err != nil {
		return err
	}
	for i := range all {
		old := &all[i]
		if old.Code != c.Code || !old.Open(tx.Now()) {
			continue
		}
		if old.State(tx.Now()) == Given {
			return nil // said already
		}
		old.RenewedAt = tx.Now()
		if err := s.put(tx, person, old); err != nil {
			return err
		}
	}
	id, err := tx.Next("consent")
	if err != nil {
		return err
	}
	c.ID, c.GivenAt = uint64(id), tx.Now()
	if k, known := s.Charter.Consent(c.Code); known && k.Months > 0 {
		c.EndsAt = c.GivenAt.AddDate(0, k.Months, 0)
	}
	if err := record.Create(s.Records, tx, Consents, person, c.ID, c); err != nil {
		return err
	}
	return s.note(tx, scope, journal.ConsentGive, person, c.Code)
}

// Withdraw takes a person's yes back, as easily as it was given; from the same moment
// nothing is shown, listed or sent by it (GDPR Art. 7(3)).
func (s *Service) Withdraw(ctx context.Context, by access.Actor, person vault.PersonID, code string) error {
	scope, err := s.consenter(ctx, by, person, code)
	if err != nil {
		return err
	}
	how := ByWeb
	if by.Person != person {
		how = ByPaper
	}
	return s.withdrawing(func() error {
		return s.DB.Write(ctx, func(tx *database.Tx) error { return s.withdraw(tx, scope, person, code, how) })
	})
}

// withdrawing waits for whatever is leaving by a consent.
func (s *Service) withdrawing(act func() error) error {
	s.ending.Lock()
	defer s.ending.Unlock()
	return act()
}

func (s *Service) withdraw(tx *database.Tx, scope access.Scope, person vault.PersonID, code, how string) error {
	all, err := s.of(tx, person)
	if err != nil {
		return err
	}
	for i := range all {
		c := &all[i]
		if c.Code != code || !c.Open(tx.Now()) {
			continue
		}
		c.WithdrawnAt, c.WithdrawnBy, c.WithdrawnHow = tx.Now(), scope.Actor().Person, how
		if err := s.put(tx, person, c); err != nil {
			return err
		}
		if err := s.note(tx, scope, journal.ConsentWithdraw, person, code); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) note(tx *database.Tx, scope access.Scope, act journal.Act, person vault.PersonID, code string) error {
	e := scope.Entry(act, person)
	if code != "" {
		e.Fields = []string{code}
	}
	_, err := s.Journal.Append(tx, &e)
	return err
}

// longestPaper is how long the place of a paper may be said.
const longestPaper = 200

// Of gives a member's consents, withdrawn ones too, the newest first, to themselves and
// to whoever may change their card.
func (s *Service) Of(ctx context.Context, by access.Actor, person vault.PersonID) ([]Consent, error) {
	scope, err := s.consenter(ctx, by, person, "")
	if err != nil {
		return nil, err
	}
	if by.Person != person {
		e := scope.Entry(journal.Opened, person)
		e.Fields = []string{"consent"}
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return nil, err
		}
	}
	var all []Consent
	err = s.DB.Read(ctx, func(q database.Querier) error {
		all, err = s.of(q, person)
		return err
	})
	return all, err
}
