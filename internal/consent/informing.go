package consent

import (
	"context"

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

// Letters write to members in their own language. app connects mail and the print
// queue: somebody without e-mail gets a letter.
type Letters interface {
	// Declared tells somebody of the declaration that stands: what is known of them,
	// where it is read, what they can do. nil for somebody who is gone.
	Declared(ctx context.Context, person vault.PersonID, d *Declared) (*Letter, error)
	// Asked tells somebody that a consent of theirs is asked again.
	Asked(ctx context.Context, person vault.PersonID) (*Letter, error)
}

// Letter is one on its way. It puts itself into the outbox in the act's own transaction.
type Letter struct {
	How, Lang string
	Enqueue   func(tx *database.Tx) error
}

// Standing is how the members of one body stand with the declaration.
type Standing struct {
	Body     unit.ID
	Declared *Declared // nil where none stands
	Members  int
	Current  *roaring.Bitmap // informed of the version that stands
	Earlier  *roaring.Bitmap // informed of an earlier one, or when they applied
	Not      *roaring.Bitmap // not informed: their data came from elsewhere (Art. 14)
}

// informs reports whether what somebody was told is of the declaration that stands.
func informs(i *Informed, d *Declared) bool {
	return i.Version.Unit == d.Unit && i.Version.Number >= d.Number
}

// standing works out who among some persons has been informed of what.
func (s *Service) standing(ctx context.Context, body unit.ID, persons *roaring.Bitmap) (Standing, error) {
	st := Standing{Body: body, Members: int(persons.GetCardinality()), Current: roaring.New(), Earlier: roaring.New(), Not: persons.Clone()}
	d, known, err := s.Declarations.Standing(ctx, body)
	if err != nil {
		return st, err
	}
	if known {
		st.Declared = &d
	}
	err = record.Fetch(s.Records, ctx, Informings, ids(persons), func(person vault.PersonID, _ uint64, i *Informed) error {
		st.Not.Remove(uint32(person))
		if known && informs(i, &d) {
			st.Current.Add(uint32(person))
			st.Earlier.Remove(uint32(person))
		} else if !st.Current.Contains(uint32(person)) {
			st.Earlier.Add(uint32(person))
		}
		return nil
	})
	return st, err
}

func ids(set *roaring.Bitmap) []vault.PersonID {
	all := make([]vault.PersonID, 0, set.GetCardinality())
	for it := set.Iterator(); it.HasNext(); {
		all = append(all, vault.PersonID(it.Next()))
	}
	return all
}

// Informing tells an officer how the members of a body stand (L9). It counts; names are
// shown by Named.
func (s *Service) Informing(ctx context.Context, by access.Actor, body unit.ID) (Standing, access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Search, Unit: body})
	if err != nil {
		return Standing{}, scope, err
	}
	st, err := s.standing(ctx, body, s.Members.Present(scope, s.Members.MembersOf(body)))
	return st, scope, err
}

// informed writes down that somebody was informed; the last word of a version is enough.
func (s *Service) informed(tx *database.Tx, person vault.PersonID, i Informed) error {
	items, err := record.All(s.Records, tx, Informings, person)
	if err != nil {
		return err
	}
	next := uint64(1)
	for j := range items {
		if v := &items[j].Value; v.Version.Unit == i.Version.Unit && v.Version.Number == i.Version.Number && (v.Version.Number != 0 || i.Version.Number == 0) {
			return nil // told already: the first time is what counts
		}
		next = max(next, items[j].ID+1)
	}
	i.At = tx.Now()
	if err := record.Remove(tx, Sights, person, 1); err != nil {
		return err
	}
	return record.Create(s.Records, tx, Informings, person, next, &i)
}

// Read writes down that somebody has read the declaration on their own page (Art. 13).
func (s *Service) Read(ctx context.Context, by access.Actor, lang, hash string) error {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return err
	}
	v, err := s.versionFor(ctx, by.Person, lang)
	if err != nil {
		return err
	}
	if v.Number == 0 || v.Hash != hash {
		return fault.New(fault.Conflict, "consent.error.changed")
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := s.informed(tx, by.Person, Informed{Version: v, Lang: lang, How: ByWeb, By: by.Person}); err != nil {
			return err
		}
		return s.note(tx, scope, journal.ConsentInform, by.Person, ByWeb)
	})
}

// Applied writes down, in an application's own transaction, what an applicant was shown
// (N10, Art. 13). Where no declaration stands it is what the form says.
func (s *Service) Applied(tx *database.Tx, person vault.PersonID, v Version, lang string) error {
	return s.informed(tx, person, Informed{Version: v, Lang: lang, How: ByApplication, By: person})
}

// VersionOf is the declaration that stands for a body, as it reads in a language.
func (s *Service) VersionOf(ctx context.Context, body unit.ID, lang string) (Version, error) {
	d, known, err := s.Declarations.Standing(ctx, body)
	if err != nil || !known {
		return Version{}, err
	}
	return d.In(lang), nil
}

// Own is how somebody stands with the declaration: which stands, and when they were
// told of it.
type Own struct {
	Declared *Declared
	Informed *Informed // of the version that stands; nil when not
}

// Own tells somebody how they stand.
func (s *Service) Own(ctx context.Context, by access.Actor) (o Own, err error) {
	if _, err := s.Access.Require(ctx, by, access.Want{Self: true}); err != nil {
		return o, err
	}
	d, known, err := s.declared(ctx, by.Person)
	if err != nil || !known {
		return o, err
	}
	o.Declared = &d
	err = s.DB.Read(ctx, func(q database.Querier) error {
		items, err := record.All(s.Records, q, Informings, by.Person)
		for j := range items {
			if informs(&items[j].Value, &d) {
				o.Informed = &items[j].Value
			}
		}
		return err
	})
	return o, err
}

// informAtOnce is how many are informed in one transaction.
const informAtOnce = 50

// Inform writes to everybody in a body who has not been told of the declaration that
// stands: by mail, by letter where there is no address. It says how many (L9, Art. 14).
// A stop in between leaves those who were told told.
func (s *Service) Inform(ctx context.Context, by access.Actor, body unit.ID) (told int, err error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Edit, Unit: body})
	if err != nil {
		return 0, err
	}
	st, err := s.standing(ctx, body, s.Members.MembersOf(body))
	if err != nil {
		return 0, err
	}
	if st.Declared == nil {
		return 0, fault.New(fault.Conflict, "consent.error.nothing_declared")
	}
	rest := ids(roaring.Or(st.Not, st.Earlier))
	for len(rest) > 0 {
		some := rest[:min(informAtOnce, len(rest))]
		rest = rest[len(some):]
		n, err := s.informSome(ctx, scope, st.Declared, some)
		if told += n; err != nil {
			return told, err
		}
	}
	return told, s.settle(ctx, by.Person, body)
}

func (s *Service) informSome(ctx context.Context, scope access.Scope, d *Declared, some []vault.PersonID) (told int, err error) {
	letters := map[vault.PersonID]*Letter{}
	for _, person := range some {
		if s.Members.Leaving(person) || !s.Members.Within(scope, person) {
			continue
		}
		l, err := s.Letters.Declared(ctx, person, d)
		if err != nil {
			return 0, err
		}
		if l != nil {
			letters[person] = l
		}
	}
	if len(letters) == 0 {
		return 0, nil
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		e := scope.Entry(journal.ConsentInform)
		e.Persons = roaring.New()
		for _, person := range some {
			l := letters[person]
			if l == nil {
				continue
			}
			if err := l.Enqueue(tx); err != nil {
				return err
			}
			if err := s.informed(tx, person, Informed{Version: d.In(l.Lang), Lang: l.Lang, How: l.How, By: scope.Actor().Person}); err != nil {
				return err
			}
			e.Persons.Add(uint32(person))
		}
		_, err := s.Journal.Append(tx, &e)
		return err
	})
	if err != nil {
		return 0, err
	}
	return len(letters), nil
}

// Daily opens the duty of every body that has members who were not told, and closes
// those where all were (L9: within a month).
func (s *Service) Daily(ctx context.Context) error {
	if err := s.tellAgain(ctx); err != nil {
		return err
	}
	if err := s.settlePapers(ctx, 0); err != nil {
		return err
	}
	for _, u := range s.Units.Tree().All() {
		if err := s.settle(ctx, 0, u.ID); err != nil {
			return err
		}
	}
	return nil
}

// settle brings the duty of one body to what stands.
func (s *Service) settle(ctx context.Context, by vault.PersonID, body unit.ID) error {
	members := s.Members.MembersOf(body)
	if members.IsEmpty() {
		return s.settled(ctx, by, body, civil.Date{})
	}
	st, err := s.standing(ctx, body, members)
	if err != nil {
		return err
	}
	first, err := s.seen(ctx, st.Not)
	if err != nil || st.Declared == nil {
		return err // what is missing first is the declaration
	}
	if !first.IsValid() {
		return s.settled(ctx, by, body, civil.Date{})
	}
	return s.settled(ctx, by, body, monthAfter(first))
}

// settled keeps the duty by the nearest of the members' days; no day ends it.
func (s *Service) settled(ctx context.Context, by vault.PersonID, body unit.ID, due civil.Date) error {
	var open duty.Duty
	var stands bool
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		open, stands, err = s.Duties.OpenAbout(q, duty.InformMembers, int64(body))
		return err
	})
	if err != nil || !stands && !due.IsValid() || stands && open.DueOn == due {
		return err
	}
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if stands {
			if _, err := s.Duties.Finish(tx, duty.InformMembers, int64(body), by, "done"); err != nil {
				return err
			}
		}
		if !due.IsValid() {
			return nil
		}
		_, err := s.Duties.Add(tx, duty.Duty{Kind: duty.InformMembers, Subject: int64(body), Unit: body, Act: charter.Edit.String(), DueOn: due})
		return err
	})
}
