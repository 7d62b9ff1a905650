package joining

import (
	"context"
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Seen is an application as somebody sees it.
type Seen struct {
	Application
	As      Stance
	Name    string
	Sponsor string     // the name of whoever recommends; "" where nobody does
	Settles civil.Date // whoever is accepted becomes a member that day
	Alike   []Like     // members who seem to be the applicant: to the secretariat all, to a body its own
	Same    *Like      // to the secretariat: the member the applicant is
}

// Like is a member who seems to be the applicant.
type Like struct {
	Person vault.PersonID
	Name   string
	Units  []unit.ID
}

// stance is what an actor stands for with their Scope.
func (s *Service) stance(scope access.Scope, a *Application) Stance {
	return Stance{In: a.Unit != 0 && scope.Covers(a.Unit), Office: s.whole(scope)}
}

// whole reports whether whoever a Scope was decided for reaches every body.
func (s *Service) whole(scope access.Scope) bool {
	root, ok := s.Units.Tree().Root()
	basis := scope.Basis()
	return scope.Allowed() && (scope.All() || ok && scope.Covers(root.ID) || basis.Right == access.ByPosition || ok && basis.Unit == root.ID)
}

// open reads an application that somebody may see. One that they may not and one
// that never was answer alike, and the asking is journaled.
func (s *Service) open(ctx context.Context, by access.Actor, id int64) (Application, access.Scope, Stance, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: s.rules().Act})
	if err != nil {
		return Application{}, scope, Stance{}, err
	}
	var a Application
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		a, err = s.get(q, id)
		return err
	})
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return a, scope, Stance{}, err
	}
	if stance := s.stance(scope, &a); err == nil && a.Sees(stance) {
		return a, scope, stance, nil
	}
	e := scope.Entry(journal.Denied)
	e.Reason = "joining.error.none"
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return Application{}, access.Scope{}, Stance{}, err
	}
	return Application{}, access.Scope{}, Stance{}, fault.New(fault.NotFound, "joining.error.none")
}

// One is an application as somebody sees it; the look is journaled.
func (s *Service) One(ctx context.Context, by access.Actor, id int64) (Seen, error) {
	a, scope, stance, err := s.open(ctx, by, id)
	if err != nil {
		return Seen{}, err
	}
	e := scope.Entry(journal.Opened, a.Person)
	e.Number = a.ID
	for code := range a.Form.Draft.Values {
		e.Fields = append(e.Fields, code)
	}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return Seen{}, err
	}
	seen := []Seen{s.seen(a, stance)}
	return seen[0], s.name(ctx, scope, seen, true)
}

// seen is what somebody may know of an application.
func (s *Service) seen(a Application, st Stance) Seen {
	v := Seen{Application: a, As: st, Settles: s.answeredOn(&a, st.Office)}
	for _, person := range a.Form.Alike {
		if st.Office || s.Members.Belongs(person, a.Unit) {
			v.Alike = append(v.Alike, Like{Person: person})
		}
	}
	if st.Office && a.Form.Same != 0 {
		v.Same = &Like{Person: a.Form.Same}
	}
	// The secret is the applicant's, and what was found out the office's.
	v.Form.Token, v.Form.Alike, v.Form.Same, v.Form.Denied, v.Form.Distinct = "", nil, 0, nil, false
	if v.Form.Reason == unconfirmed && !st.Office {
		v.Form.Reason = ""
	}
	return v
}

// List gives the applications that are somebody's business, what waits first and
// the nearest day; those that are over come last. Only those on the page are
// named, and journaled.
func (s *Service) List(ctx context.Context, by access.Actor, page, size int) (rows []Seen, total int, err error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: s.rules().Act})
	if err != nil {
		return nil, 0, err
	}
	var all []Seen
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := s.applications(q, `ORDER BY made_at DESC, id`)
		for _, a := range found {
			if st := s.stance(scope, &a); a.Sees(st) {
				all = append(all, s.seen(a, st))
			}
		}
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	slices.SortStableFunc(all, func(a, b Seen) int {
		if a.State.Undecided() != b.State.Undecided() {
			if a.State.Undecided() {
				return -1
			}
			return 1
		}
		return max(-1, min(1, a.DueOn.DaysSince(b.DueOn)))
	})
	rows = all[min(page*size, len(all)):min((page+1)*size, len(all))]
	return rows, len(all), s.name(ctx, scope, rows, false)
}

// name puts names to applications, once the journal says that they were shown.
func (s *Service) name(ctx context.Context, scope access.Scope, rows []Seen, whole bool) error {
	applicants := roaring.New()
	var members []vault.PersonID
	for i := range rows {
		r := &rows[i]
		if r.State == Accepted {
			members = append(members, r.Person)
		} else {
			applicants.Add(uint32(r.Person))
		}
		if whole {
			for _, like := range r.Alike {
				members = append(members, like.Person)
			}
			if r.Same != nil {
				members = append(members, r.Same.Person)
			}
			if r.Form.Sponsor != 0 && !r.Form.Recommended.IsZero() {
				members = append(members, r.Form.Sponsor)
			}
		}
	}
	if !applicants.IsEmpty() {
		e := scope.Entry(journal.Shown)
		e.Persons, e.Fields = applicants, []string{"given", "family"}
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return err
		}
	}
	var names map[vault.PersonID]string
	if len(members) > 0 {
		var err error
		if names, err = s.Members.Names(ctx, scope, members); err != nil {
			return err
		}
	}
	for i := range rows {
		r := &rows[i]
		r.Name = r.Form.Name()
		if r.State == Accepted {
			r.Name = names[r.Person]
		}
		if whole {
			r.Sponsor = names[r.Form.Sponsor]
			for j := range r.Alike {
				s.about(&r.Alike[j], names)
			}
			if r.Same != nil {
				s.about(r.Same, names)
			}
		}
	}
	return nil
}

// about says of a member who may be the applicant what is known of them.
func (s *Service) about(like *Like, names map[vault.PersonID]string) {
	like.Name, like.Units = names[like.Person], s.Members.Units(like.Person)
}

// Request is an applicant who asks somebody to recommend them.
type Request struct {
	ID    int64
	Name  string
	Town  string
	Unit  unit.ID
	DueOn civil.Date
}

// Requests are the applicants who ask one for a recommendation. The applicant was
// told that whoever they name sees their name and town; the look is journaled.
func (s *Service) Requests(ctx context.Context, by access.Actor) ([]Request, error) {
	if !s.rules().Sponsor.Value || !s.rules().Open() {
		return nil, nil
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return nil, err
	}
	var all []Request
	shown := roaring.New()
	err = s.DB.Read(ctx, func(q database.Querier) error {
		found, err := s.applications(q, `WHERE state = $1 ORDER BY made_at, id`, string(Unsponsored))
		for i := range found {
			if a := &found[i]; a.Form.Sponsor == by.Person && by.Person != 0 {
				all = append(all, Request{ID: a.ID, Name: a.Form.Name(), Town: a.Form.Draft.Values["town"], Unit: a.Unit, DueOn: a.DueOn})
				shown.Add(uint32(a.Person))
			}
		}
		return err
	})
	if err != nil || len(all) == 0 {
		return nil, err
	}
	e := scope.Entry(journal.Shown)
	e.Persons, e.Fields = shown, []string{"given", "family", "town"}
	_, err = s.Journal.Read(ctx, &e)
	return all, err
}
