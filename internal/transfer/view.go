package transfer

import (
	"context"
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Seen is a case as somebody sees it.
type Seen struct {
	Case
	As     Stance
	State  State  // what they may know of it
	Name   string // of whoever it is about; "" where they may not know, or nobody does any more
	Alike  []Like // to the secretariat: members who seem to be the person added
	Waits  bool   // it waits for them
	Cancel bool   // they may take it back
	Refuse bool
	Dual   bool // whoever says yes may keep the old membership too
}

// Like is a member who seems to be the person added.
type Like struct {
	Person vault.PersonID
	Name   string
	Units  []unit.ID
}

// looking is an actor with the Scopes they have, decided once for many cases.
type looking struct {
	by      access.Actor
	in, out access.Scope
	self    access.Scope
	office  bool
}

func (s *Service) looking(by access.Actor) looking {
	l := looking{by: by}
	l.in, _ = s.Access.Decide(by, access.Want{Act: takesIn}) // the zero Scope denies
	l.out, _ = s.Access.Decide(by, access.Want{Act: letsGo})
	l.self, _ = s.Access.Decide(by, access.Want{Self: true})
	l.office = s.whole(l.in)
	return l
}

func (l *looking) at(c *Case) Stance {
	st := Stance{In: l.in.Covers(c.To()), Office: l.office, Self: c.Kind == Move && c.Person == l.by.Person && l.self.Allowed()}
	st.Out = c.Kind == Move && l.out.Covers(c.Moving.From)
	return st
}

// scope is the one an act is journaled under.
func (l *looking) scope(st Stance) access.Scope {
	switch {
	case st.In || st.Office:
		return l.in
	case st.Out:
		return l.out
	}
	return l.self
}

// open reads a case that somebody may see. One that they may not and one that
// never was answer alike, and the asking is journaled.
func (s *Service) open(ctx context.Context, by access.Actor, id int64) (Case, access.Scope, Stance, error) {
	l := s.looking(by)
	var c Case
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		c, err = s.get(q, id)
		return err
	})
	known := err == nil
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return c, access.Scope{}, Stance{}, err
	}
	st := l.at(&c)
	if known && c.Sees(st) {
		return c, l.scope(st), st, nil
	}
	any := l.self
	if l.in.Allowed() {
		any = l.in
	}
	e := any.Entry(journal.Denied)
	e.Actor, e.Via, e.OSUser, e.Reason = uint32(by.Person), string(by.Via), by.OSUser, "transfer.error.none"
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return Case{}, access.Scope{}, Stance{}, err
	}
	return Case{}, access.Scope{}, Stance{}, fault.New(fault.NotFound, "transfer.error.none")
}

// acting is open for somebody who wants to do something.
func (s *Service) acting(ctx context.Context, by access.Actor, id int64, event Event) (Case, access.Scope, error) {
	c, scope, st, err := s.open(ctx, by, id)
	if err != nil {
		return c, scope, err
	}
	if c.May(event, st, &s.Charter.Transfers) {
		return c, scope, nil
	}
	if _, ok := c.State.next(event); !ok && (c.Kind == Move || st.Office) {
		return c, scope, fault.New(fault.Gone, "transfer.error.over")
	}
	e := scope.Entry(journal.Denied)
	e.Reason, e.Number = "transfer.error.not_yours", c.ID
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return c, scope, err
	}
	return c, scope, fault.New(fault.Denied, "transfer.error.not_yours")
}

// One is a case as somebody sees it; the look is journaled.
func (s *Service) One(ctx context.Context, by access.Actor, id int64) (Seen, error) {
	c, _, _, err := s.open(ctx, by, id)
	if err != nil {
		return Seen{}, err
	}
	l := s.looking(by)
	seen := []Seen{s.seen(&l, c)}
	return seen[0], s.name(ctx, &l, seen)
}

// List gives the cases that are somebody's business, what waits for them first,
// then the nearest day; those that are over come last and go after a month. Only
// those on the page are named, and journaled.
func (s *Service) List(ctx context.Context, by access.Actor, page, size int) (rows []Seen, total int, err error) {
	l := s.looking(by)
	if !l.in.Allowed() && !l.out.Allowed() {
		if _, err := s.Access.Require(ctx, by, access.Want{Act: letsGo}); err != nil {
			return nil, 0, err
		}
	}
	all, err := s.all(ctx, &l)
	if err != nil {
		return nil, 0, err
	}
	slices.SortStableFunc(all, func(a, b Seen) int {
		return cmpBool(b.Waits, a.Waits)*4 + cmpBool(b.State.Open(), a.State.Open())*2 + sign(a.DueOn.DaysSince(b.DueOn))
	})
	rows = all[min(page*size, len(all)):min((page+1)*size, len(all))]
	return rows, len(all), s.name(ctx, &l, rows)
}

// Own gives the moves of whoever asks, the open one first.
func (s *Service) Own(ctx context.Context, by access.Actor) ([]Seen, error) {
	l := s.looking(by)
	if !l.self.Allowed() {
		return nil, fault.New(fault.Denied, "access.denied.nobody")
	}
	var mine []Seen
	err := s.DB.Read(ctx, func(q database.Querier) error {
		cases, err := s.cases(q, `WHERE person = $1 AND kind = $2 ORDER BY made_at DESC`, int64(by.Person), string(Move))
		for _, c := range cases {
			mine = append(mine, s.seen(&l, c))
		}
		return err
	})
	slices.SortStableFunc(mine, func(a, b Seen) int { return cmpBool(b.State.Open(), a.State.Open()) })
	return mine, err
}

func (s *Service) all(ctx context.Context, l *looking) ([]Seen, error) {
	var all []Seen
	err := s.DB.Read(ctx, func(q database.Querier) error {
		cases, err := s.cases(q, `ORDER BY made_at DESC, id`)
		if err != nil {
			return err
		}
		for _, c := range cases {
			st := l.at(&c)
			st.Self = false // one's own stand on one's own page
			if c.Sees(st) && !(c.Kind == Move && s.Members.Leaving(c.Person)) {
				all = append(all, s.seen(l, c))
			}
		}
		return nil
	})
	return all, err
}

// seen is what somebody may know of a case and do with it.
func (s *Service) seen(l *looking, c Case) Seen {
	st := l.at(&c)
	rules := &s.Charter.Transfers
	v := Seen{
		Case: c, As: st, State: c.Shown(st), Waits: c.May(Accept, st, rules), Refuse: c.May(Refuse, st, rules), Cancel: c.May(Cancel, st, rules),
	}
	v.Dual = v.Waits && c.Kind == Move && c.Moving.Side == ByReceiver && rules.Dual.Value
	if !st.Office { // what was found out stays with those who may know
		v.Adding.Alike, v.Adding.Move, v.Adding.Distinct = nil, 0, false
	}
	return v
}

// name puts names to cases, once the journal says that they were shown.
func (s *Service) name(ctx context.Context, l *looking, rows []Seen) error {
	var members, drafts []vault.PersonID
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Kind == Addition && r.State.Open():
			drafts = append(drafts, r.Person)
			members = append(members, r.Adding.Alike...)
		case r.Kind == Move || r.State == Joined:
			members = append(members, r.Person)
		}
	}
	scope := l.self
	for i := range rows {
		scope = l.scope(rows[i].As)
	}
	names, err := s.Members.Names(ctx, scope, members)
	if err != nil {
		return err
	}
	if len(drafts) > 0 {
		e := scope.Entry(journal.Shown)
		e.Persons, e.Fields = roaring.New(), []string{"given", "family"}
		for _, person := range drafts {
			e.Persons.Add(uint32(person))
		}
		if _, err := s.Journal.Read(ctx, &e); err != nil {
			return err
		}
	}
	for i := range rows {
		r := &rows[i]
		switch {
		case r.Kind == Addition && r.State.Open():
			r.Name = r.Adding.Name()
			for _, person := range r.Adding.Alike {
				r.Alike = append(r.Alike, Like{person, names[person], s.Members.Units(person)})
			}
		case r.Kind == Move || r.State == Joined:
			r.Name = names[r.Person]
		}
	}
	return nil
}

// Draft is what was typed of somebody added, for whoever decides on it.
func (v *Seen) Draft() member.Draft { return v.Adding.Draft }

func cmpBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

func sign(n int) int { return max(-1, min(1, n)) }

// Bodies are those a member can move to, in the tree's order.
func (s *Service) Bodies() []unit.Unit {
	var all []unit.Unit
	for _, u := range s.Units.Tree().All() {
		if level, ok := s.Charter.Level(u.Level); ok && level.Members && !u.Closed {
			all = append(all, u)
		}
	}
	return all
}

// LetsGo is the act by which somebody proposes a move; faces offer it to those
// who have it.
func LetsGo() charter.Acts { return letsGo }
