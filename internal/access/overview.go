package access

import (
	"slices"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Holders lists everybody who has access right now and why, staff first, then
// body by body in the tree's order (D3). The Scope must have been decided for
// charter.Access; it limits the bodies.
func (r *Register) Holders(s Scope) ([]Holding, error) {
	if !s.Allowed() || s.Act() != charter.Access {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Access.String())
	}
	today := r.today().number
	state := r.state.Load()
	return r.list(func(_ vault.PersonID, h *holding) bool {
		return h.may != 0 && today >= h.first && today <= h.last && !state.resting(h.basis.ID, today) && !state.halted(h.basis.ID) &&
			(s.All() || h.basis.InBody() && s.Covers(h.basis.Unit))
	}), nil
}

// Posts lists who holds, covers and will hold the posts of one body, or with
// body 0 of every body the Scope reaches, those that give no access and those of
// the future too; past ones are left out. The Scope must have been decided for
// charter.Access or charter.Appoint.
func (r *Register) Posts(s Scope, body unit.ID) ([]Holding, error) {
	if s.Act()&(charter.Access|charter.Appoint) == 0 || body != 0 && !s.Covers(body) {
		return nil, fault.New(fault.Denied, "access.denied.body", "act", charter.Access.String())
	}
	today := r.today().number
	return r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.OfPost() && (h.basis.Unit == body || body == 0 && s.Covers(h.basis.Unit)) && today <= h.last
	}), nil
}

// Positions lists who holds and will hold a position in the secretariat; past
// ones are left out (D4). The Scope must have been decided for charter.Access
// or charter.Staff and reach the whole register.
func (r *Register) Positions(s Scope) ([]Holding, error) {
	if s.Act()&(charter.Access|charter.Staff) == 0 || !s.All() {
		return nil, fault.New(fault.Denied, "access.denied.body", "act", charter.Access.String())
	}
	today := r.today().number
	return r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.Right == ByPosition && today <= h.last
	}), nil
}

func (r *Register) list(want func(vault.PersonID, *holding) bool) []Holding {
	state, today := r.state.Load(), r.today().number
	var all []Holding
	for person, held := range state.held {
		for i := range held {
			if h := &held[i]; want(person, h) {
				all = append(all, state.told(person, h, today))
			}
		}
	}
	place := map[unit.ID]int{}
	for i, u := range state.tree.All() {
		place[u.ID] = i + 1
	}
	order := map[string]int{}
	for i := range r.charter.Posts {
		order[r.charter.Posts[i].Code] = i
	}
	slices.SortFunc(all, func(a, b Holding) int {
		if d := place[a.Basis.Unit] - place[b.Basis.Unit]; d != 0 {
			return d
		}
		if d := order[a.Basis.Code] - order[b.Basis.Code]; d != 0 {
			return d
		}
		return int(int64(a.Basis.ID) - int64(b.Basis.ID))
	})
	return all
}

// WhoSees lists who can open the card of a member of the given bodies right
// now: the real decision, run for everyone who holds anything. It is what a
// member is told on their own page, so the Scope must be of oneself.
func (r *Register) WhoSees(s Scope, bodies []unit.ID) ([]Holding, error) {
	if _, ok := s.Self(); !ok {
		return nil, fault.New(fault.Denied, "access.denied.none", "act", charter.View.String())
	}
	return r.list(func(person vault.PersonID, h *holding) bool {
		if h.grant != nil {
			return r.seesByGrant(person, h, bodies)
		}
		for _, body := range append([]unit.ID{0}, bodies...) {
			scope, reason := r.decide(Actor{Person: person, As: h.basis.ID}, Want{Act: charter.View, Unit: body})
			if reason == "" && scope.basis.ID == h.basis.ID && (scope.All() || slices.ContainsFunc(bodies, scope.Covers)) {
				return true
			}
		}
		return false
	}), nil
}

// seesByGrant reports whether a documented access opens anything of a member of the
// bodies right now: it opens no card, but what its purposes show (D9).
func (r *Register) seesByGrant(person vault.PersonID, h *holding, bodies []unit.ID) bool {
	for _, purpose := range h.purposes {
		for _, act := range []charter.Acts{charter.Search, charter.Pull} {
			scope, reason := r.decide(Actor{Person: person, As: h.basis.ID}, Want{Act: act, Purpose: purpose.Code})
			if reason == "" && slices.ContainsFunc(bodies, scope.Covers) {
				return true
			}
		}
	}
	return false
}

// Held lists what a person holds today, to choose a hat from; rights that open
// nothing (a region's chair, a post that rests) are among them.
func (r *Register) Held(person vault.PersonID) []Holding {
	state, today := r.state.Load(), r.today().number
	var held []Holding
	for i := range state.held[person] {
		if h := &state.held[person][i]; today >= h.first && today <= h.last && h.basis.Right != BySubstitute {
			held = append(held, state.told(person, h, today))
		}
	}
	return held
}

// told is a holding as it is told of; one that rests today opens nothing.
func (s *snapshot) told(person vault.PersonID, h *holding, today int32) Holding {
	t := Holding{Person: person, Basis: h.basis, May: h.may, Ground: h.ground, By: h.by, Grant: h.grant}
	for _, rest := range s.rests[h.basis.ID] {
		if rest.holds(today) {
			t.May, t.Rests = 0, dateOf(rest.last)
		}
	}
	if s.halted(h.basis.ID) {
		t.May, t.Halted = 0, s.halts[h.basis.ID]
	}
	return t
}

// Seats says, for one post in one body, how many seats the charter gives and
// how many are taken today.
func (r *Register) Seats(post *charter.Post, body unit.ID) (seats, taken int) {
	today := r.today().number
	for _, held := range r.state.Load().held {
		for i := range held {
			if h := &held[i]; h.basis.Right == ByPost && h.basis.Code == post.Code && h.basis.Unit == body &&
				today >= h.first && today <= h.last {
				taken++
			}
		}
	}
	return post.SeatsFor(r.members.Count(body)), taken
}

// Officers lists the persons who hold or cover a post in a body today and may do
// the act; duties of a body go to them.
func (r *Register) Officers(body unit.ID, act charter.Acts) []vault.PersonID {
	state, today := r.state.Load(), r.today().number
	var persons []vault.PersonID
	for _, h := range r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.OfPost() && h.basis.Unit == body && h.may.Has(act) && today >= h.first && today <= h.last &&
			!state.resting(h.basis.ID, today) && !state.halted(h.basis.ID)
	}) {
		persons = append(persons, h.Person)
	}
	return slices.Compact(persons)
}

// Employed lists the persons whose position lets them do the act today; duties
// of the secretariat go to them.
func (r *Register) Employed(act charter.Acts) []vault.PersonID {
	state, today := r.state.Load(), r.today().number
	var persons []vault.PersonID
	for _, h := range r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.Right == ByPosition && h.may.Has(act) && today >= h.first && today <= h.last && !state.halted(h.basis.ID)
	}) {
		persons = append(persons, h.Person)
	}
	return slices.Compact(persons)
}

// Today is the civil date in the charter's zone.
func (r *Register) Today() civil.Date { return r.today().date }

// Ended lists the posts and positions whose last day has passed and that gave
// access, the latest first: what somebody who has left office is told of
// themselves. The Scope must be of oneself.
func (r *Register) Ended(s Scope) []Holding {
	person, ok := s.Self()
	if !ok {
		return nil
	}
	state, today := r.state.Load(), r.today().number
	var past []Holding
	for i := range state.held[person] {
		if h := &state.held[person][i]; h.may != 0 && h.last < today && h.first <= h.last {
			past = append(past, state.told(person, h, today))
		}
	}
	slices.SortFunc(past, func(a, b Holding) int { return b.Basis.Until.DaysSince(a.Basis.Until) })
	return past
}

// CoverOf finds who covers a post now or later; the nearest first.
func (r *Register) CoverOf(id uint64) []Holding {
	today := r.today().number
	all := r.list(func(_ vault.PersonID, h *holding) bool {
		return h.basis.Right == ByCover && h.basis.Of == id && today <= h.last && h.first <= h.last
	})
	slices.SortFunc(all, func(a, b Holding) int { return a.Basis.From.DaysSince(b.Basis.From) })
	return all
}
