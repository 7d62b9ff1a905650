package round

import (
	"context"
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

const (
	// usualDays is how far back newcomers are looked for.
	usualDays = 30
	// most is how many one round has room for: more are a task for several.
	most = 1000
)

// News tells who is new within a Scope; app connects it.
type News interface {
	New(ctx context.Context, scope access.Scope, since time.Time) (*roaring.Bitmap, error)
}

// Parts are what a Service is put together from.
type Parts struct {
	Charter   *charter.Charter
	DB        *database.DB
	Keyring   *vault.Keyring
	Journal   *journal.Journal
	Access    *access.Register
	Directory *member.Directory
	News      News
	Now       func() time.Time
}

// Service does the acts of rounds.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// Callable reports whether a purpose carries a telephone number, so that calls can
// be made for it.
func Callable(p *charter.Purpose) bool {
	for _, code := range p.Fields {
		if code == "phone" || code == "mobile" {
			return true
		}
	}
	return false
}

// scope decides whether somebody may call members of a body for a purpose: it
// takes the right to pull a list of it, which would tell them more.
func (s *Service) scope(ctx context.Context, by access.Actor, id unit.ID, purpose string) (access.Scope, error) {
	p, known := s.Charter.Purpose(purpose)
	if !known || !Callable(p) {
		return access.Scope{}, fault.New(fault.Invalid, "round.error.wish").With("purpose", "round.error.purpose")
	}
	return s.Access.Require(ctx, by, access.Want{Act: charter.Pull, Unit: id, Purpose: purpose})
}

// Begin fixes who is to be called: the purpose's members within the body, without
// those who object to it, are restricted or have no number that may be shown (L8).
// Nobody's data are read for it.
func (s *Service) Begin(ctx context.Context, by access.Actor, w Wish) (Round, error) {
	scope, err := s.scope(ctx, by, w.Unit, w.Purpose)
	if err != nil {
		return Round{}, err
	}
	purpose := scope.Purpose()
	var among *roaring.Bitmap
	switch w.Group {
	case Everybody:
	case Newcomers:
		if among, err = s.fresh(ctx, by, scope, w.Since); err != nil {
			return Round{}, err
		}
	default:
		return Round{}, fault.New(fault.Invalid, "round.error.wish").With("group", "round.error.group")
	}
	persons := s.Directory.Callable(scope, among)
	persons.Remove(uint32(by.Person)) // nobody calls themselves
	switch n := persons.GetCardinality(); {
	case n == 0:
		return Round{}, fault.New(fault.NotFound, "round.error.nobody")
	case n > most:
		return Round{}, fault.New(fault.TooMany, "round.error.crowd", "count", int(n), "most", most)
	}
	var all calls
	for _, person := range persons.ToArray() {
		all = append(all, Call{Person: vault.PersonID(person)})
	}
	r := Round{
		Unit: scope.Unit(), Purpose: purpose.Code, By: by.Person, Members: len(all), Left: len(all),
		EndsOn: s.Access.Today().AddDays(s.Charter.ListDaysFor(purpose)),
	}
	key, err := s.Keyring.OneOff(ctx, s.Charter.Midnight(r.EndsOn.AddDays(1))) // durable before what it seals
	if err != nil {
		return Round{}, err
	}
	sealed, err := s.Keyring.SealOnce(key, all.encode())
	if err != nil {
		return Round{}, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if r.Number, err = tx.Next("round"); err != nil {
			return err
		}
		r.BegunAt = tx.Now()
		e := scope.Entry(journal.Round)
		e.Number = r.Number
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return insert(tx, &r, key, sealed)
	})
	if err != nil {
		return Round{}, errors.Join(err, s.Keyring.DropOneOff(context.WithoutCancel(ctx), key))
	}
	return r, nil
}

// fresh gives the newcomers within a Scope.
func (s *Service) fresh(ctx context.Context, by access.Actor, scope access.Scope, since civil.Date) (*roaring.Bitmap, error) {
	if since.IsZero() {
		since = s.Access.Today().AddDays(-usualDays)
	}
	if !since.IsValid() || since.After(s.Access.Today()) {
		return nil, fault.New(fault.Invalid, "round.error.wish").With("since", "round.error.since")
	}
	searching, err := s.Access.Require(ctx, by, access.Want{Act: charter.Search, Unit: scope.Unit()})
	if err != nil {
		return nil, err
	}
	return s.News.New(ctx, searching, s.Charter.Midnight(since))
}

// Open lists the rounds under way of the bodies whose members somebody may call,
// the newest first.
func (s *Service) Open(ctx context.Context, by access.Actor) ([]Round, error) {
	scope, err := s.Access.Decide(by, access.Want{Act: charter.Pull})
	if err != nil {
		return nil, nil // who may call nobody has no rounds
	}
	var all []Round
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		all, err = open(q)
		return err
	})
	mine := all[:0]
	for _, r := range all {
		if scope.All() || r.Unit != 0 && scope.Covers(r.Unit) {
			mine = append(mine, r)
		}
	}
	return mine, err
}

// Show gives a round and whom to call next, with the purpose's fields; nil where
// nobody is left. Showing is journaled as an opening for the round's purpose.
// Somebody who left, objects or is restricted meanwhile is passed over.
func (s *Service) Show(ctx context.Context, by access.Actor, number int64) (Round, *Person, error) {
	r, all, scope, err := s.underWay(ctx, by, number)
	if err != nil {
		return Round{}, nil, err
	}
	may := s.Directory.Callable(scope, all.persons())
	at := all.next(func(person vault.PersonID) bool { return may.Contains(uint32(person)) })
	if at < 0 {
		return r, nil, nil
	}
	p := &Person{Call: all[at], Place: len(all) - all.left() + 1, Of: len(all)}
	e := scope.Entry(journal.Opened, p.Person)
	e.Number, e.Fields = number, []string{"number", "given", "family", "phone", "mobile", "town", "joined"}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return Round{}, nil, err
	}
	shown := false
	err = s.Directory.Export(ctx, scope, roaring.BitmapOf(uint32(p.Person)), func(row *member.Row) error {
		shown = true
		cell := func(code string) string {
			f, known := s.Charter.Field(code)
			if !known {
				return ""
			}
			return row.Cell(f)
		}
		p.Number, p.Name = cell("number"), cell("given")+" "+cell("family")
		p.Phone, p.Mobile = cell("phone"), cell("mobile")
		p.Town, p.Joined = cell("town"), cell("joined")
		return nil
	})
	if err == nil && !shown { // left in this very moment
		return s.Show(ctx, by, number)
	}
	return r, p, err
}

// Mark ticks off a call. Who declines has their objection recorded elsewhere, by
// whoever may; the round does not call them again.
func (s *Service) Mark(ctx context.Context, by access.Actor, number int64, person vault.PersonID, state State) (Round, error) {
	if state == Waiting || int(state) >= len(codes) {
		return Round{}, fault.New(fault.Invalid, "round.error.answer")
	}
	_, _, scope, err := s.underWay(ctx, by, number)
	if err != nil {
		return Round{}, err
	}
	var r Round
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		row, err := get(tx, number)
		if err != nil {
			return gone(err)
		}
		all, err := s.unseal(row)
		if err != nil {
			return err
		}
		at := all.find(person)
		if at < 0 {
			return fault.New(fault.NotFound, "round.error.person")
		}
		all[at].State, all[at].At = state, tx.Now()
		if row.sealed, err = s.Keyring.SealOnce(row.key, all.encode()); err != nil {
			return err
		}
		row.Left = all.left()
		r = row.Round
		e := scope.Entry(journal.Called, person)
		e.Number, e.Reason = number, state.Code()
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return update(tx, row)
	})
	return r, err
}

// End ends a round before its day: what it knew is gone with its key.
func (s *Service) End(ctx context.Context, by access.Actor, number int64) error {
	_, _, scope, err := s.underWay(ctx, by, number)
	if err != nil {
		return err
	}
	var key int64
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		row, err := get(tx, number)
		if err != nil {
			return gone(err)
		}
		key = row.key
		e := scope.Entry(journal.Round)
		e.Number, e.Reason = number, "ended"
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return end(tx, number, tx.Now())
	})
	if err != nil {
		return err
	}
	return s.Keyring.DropOneOff(context.WithoutCancel(ctx), key)
}

// Due counts the rounds whose last day has passed by a moment, with those that are
// long over, and all there are.
func (s *Service) Due(ctx context.Context, by time.Time) (due, all int, err error) {
	err = s.DB.Read(ctx, func(q database.Querier) error {
		due, all, err = over(q, s.Charter.Today(by), s.longOver(by))
		return err
	})
	return due, all, err
}

// longOver is before when a round must have ended to be forgotten.
func (s *Service) longOver(by time.Time) time.Time {
	return s.Charter.Midnight(s.Charter.Today(by).AddDays(-s.Charter.Parameters.CaseDays.Value))
}

// EndDue ends the rounds whose last day had passed by a moment, forgets those that
// are long over, and says how many.
func (s *Service) EndDue(ctx context.Context, by time.Time) (gone int, err error) {
	var keys []int64
	err = s.DB.Write(ctx, func(tx *database.Tx) (err error) {
		if gone, err = drop(tx, s.longOver(by)); err != nil {
			return err
		}
		keys, err = endBefore(tx, s.Charter.Today(by), tx.Now())
		return err
	})
	if err != nil {
		return 0, err
	}
	return gone + len(keys), s.Keyring.DropOneOff(ctx, keys...)
}

// underWay reads a round that is under way and decides about it. A round one may
// not see and one that never was answer alike.
func (s *Service) underWay(ctx context.Context, by access.Actor, number int64) (Round, calls, access.Scope, error) {
	var row stored
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		row, err = get(q, number)
		return err
	})
	if err != nil {
		return Round{}, nil, access.Scope{}, gone(err)
	}
	scope, err := s.scope(ctx, by, row.Unit, row.Purpose)
	if fault.Is(err, fault.Denied) || err == nil && row.Unit == 0 && !scope.All() {
		return Round{}, nil, access.Scope{}, fault.New(fault.NotFound, "round.error.over").Because(err)
	}
	if err != nil {
		return Round{}, nil, access.Scope{}, err
	}
	all, err := s.unseal(row)
	return row.Round, all, scope, err
}

func (s *Service) unseal(row stored) (calls, error) {
	if !row.EndedAt.IsZero() || row.EndsOn.Before(s.Access.Today()) {
		return nil, fault.New(fault.Gone, "round.error.over")
	}
	plain, err := s.Keyring.OpenOnce(row.key, row.sealed)
	if errors.Is(err, vault.ErrOneOffSpent) {
		return nil, fault.New(fault.Gone, "round.error.over")
	}
	if err != nil {
		return nil, err
	}
	return decode(plain)
}

func gone(err error) error {
	if errors.Is(err, database.ErrNotFound) {
		return fault.New(fault.NotFound, "round.error.over")
	}
	return err
}
