package dues

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"sync/atomic"
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

// purpose is what members are looked at for here; a charter with dues has it.
const purpose = "dues"

// Post writes to members, in their language and by letter where they have no
// e-mail. app satisfies it.
type Post interface {
	// Write seals a message to each person; what it gives is done in the act's
	// transaction. Whoever is gone is passed over, and has no place in written.
	Write(ctx context.Context, all []Message) (enqueue func(tx *database.Tx) error, written []bool, err error)
}

// Parts are what a Service is put together from.
type Parts struct {
	Charter   *charter.Charter
	DB        *database.DB
	Keyring   *vault.Keyring
	Records   *record.Store
	Journal   *journal.Journal
	Access    *access.Register
	Directory *member.Directory
	Units     *unit.Service
	Duties    *duty.Engine
	Post      Post
	Now       func() time.Time
}

// Service does the acts of dues.
type Service struct {
	Parts
	references *references

	// booking is held from the first look at an account to the last row written:
	// what an entry may be follows from what stands there.
	booking sync.Mutex
	written atomic.Int64 // acts so far, by which sums in memory know their age
	sums    sums
}

// New makes a Service.
func New(p Parts) (*Service, error) {
	refs, err := newReferences(p.Keyring)
	return &Service{Parts: p, references: refs}, err
}

// Any reports whether members pay dues at all.
func (s *Service) Any() bool { return s.Charter.Dues.Any() }

// root is the association itself.
func (s *Service) root() unit.ID {
	root, _ := s.Units.Tree().Root()
	return root.ID
}

func (s *Service) today() civil.Date { return s.Charter.Today(s.Now()) }

// scope decides that somebody keeps the dues of a body's members, or of all.
func (s *Service) scope(ctx context.Context, by access.Actor, body unit.ID) (access.Scope, error) {
	if !s.Any() {
		return access.Scope{}, fault.New(fault.Conflict, "dues.error.none")
	}
	return s.Access.Require(ctx, by, access.Want{Act: charter.Collect, Unit: body, Purpose: purpose})
}

// covers reports whether a Scope may write in the books of whoever collects: the
// association's own are the secretariat's, a body's are its own (D11).
func (s *Service) covers(scope access.Scope, collector unit.ID) bool {
	return scope.All() || collector != s.root() && scope.Covers(collector)
}

// collects is scope for an act in somebody's books.
func (s *Service) collects(ctx context.Context, by access.Actor, collector unit.ID) (access.Scope, error) {
	scope, err := s.scope(ctx, by, collector)
	if err != nil || s.covers(scope, collector) {
		return scope, err
	}
	return access.Scope{}, s.deny(ctx, scope, "dues.denied.collector")
}

// deny journals a denial before it is told.
func (s *Service) deny(ctx context.Context, scope access.Scope, reason string, persons ...vault.PersonID) error {
	e := scope.Entry(journal.Denied, persons...)
	e.Reason = reason
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, reason)
}

// sees reports whether a charge is one that a Scope shows: of one's own books, or
// what one's own members owe the association itself.
func (s *Service) sees(scope access.Scope, c *Charge) bool {
	if _, self := scope.Self(); self || scope.All() {
		return true
	}
	if c.Unit == s.root() {
		return scope.Covers(c.Body)
	}
	return scope.Covers(c.Unit)
}

// accounts calls fn with the account of each of the persons who has one, in their
// order, as far as may lets lines through. It reads pages of persons and leaves
// nothing of the database open meanwhile.
func (s *Service) accounts(ctx context.Context, persons []vault.PersonID, may func(*Charge) bool, fn func(*Account) error) error {
	for page := range slices.Chunk(persons, record.PageSize) {
		found := make(map[vault.PersonID]*Account, len(page))
		err := record.Fetch(s.Records, ctx, Charges, page, func(person vault.PersonID, id uint64, c *Charge) error {
			if may != nil && !may(c) {
				return nil
			}
			a := found[person]
			if a == nil {
				a = &Account{Person: person}
				found[person] = a
			}
			a.Lines = append(a.Lines, Line{ID: id, Charge: *c})
			return nil
		})
		if err != nil {
			return err
		}
		having := slices.DeleteFunc(slices.Clone(page), func(person vault.PersonID) bool { return found[person] == nil })
		if err := s.entries(ctx, having, found); err != nil {
			return err
		}
		for _, person := range having {
			a := found[person]
			slices.SortFunc(a.Lines, func(x, y Line) int { return cmp.Or(cmp.Compare(x.Year, y.Year), cmp.Compare(x.ID, y.ID)) })
			if err := fn(a); err != nil {
				return err
			}
		}
	}
	return nil
}

// entries puts entries and notices on the charges they are about.
func (s *Service) entries(ctx context.Context, having []vault.PersonID, found map[vault.PersonID]*Account) error {
	if len(having) == 0 {
		return nil
	}
	err := record.Fetch(s.Records, ctx, Entries, having, func(person vault.PersonID, _ uint64, e *Entry) error {
		if l := found[person].line(e.Charge); l != nil {
			l.Entries = append(l.Entries, *e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return record.Fetch(s.Records, ctx, Notices, having, func(person vault.PersonID, _ uint64, n *Notice) error {
		if l := found[person].line(n.Charge); l != nil {
			l.Notices = append(l.Notices, *n)
		}
		return nil
	})
}

// line finds a charge of the account; nil for one it does not show.
func (a *Account) line(id uint64) *Line {
	for i := range a.Lines {
		if a.Lines[i].ID == id {
			return &a.Lines[i]
		}
	}
	return nil
}

// account reads one person's account; without lines where there is none.
func (s *Service) account(ctx context.Context, person vault.PersonID, may func(*Charge) bool) (*Account, error) {
	found := &Account{Person: person}
	err := s.accounts(ctx, []vault.PersonID{person}, may, func(a *Account) error {
		found = a
		return nil
	})
	return found, err
}

// charged gives everybody who was ever charged and is within a Scope, by name.
func (s *Service) charged(ctx context.Context, scope access.Scope) ([]vault.PersonID, error) {
	all := roaring.New()
	err := s.Records.Persons(ctx, Charges.Number, func(person vault.PersonID) error {
		all.Add(uint32(person))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return s.Directory.Debtors(scope, all)
}
