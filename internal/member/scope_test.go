package member

import (
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// federation is a random party as a plain model sees it: lists and loops, no
// sets, no index, no Scope.
type federation struct {
	h       *house
	rng     *rand.Rand
	parents map[unit.ID]unit.ID
	people  []*human
	held    []held
	through int // answers that held somebody, given to others than the secretariat
}

type human struct {
	person             vault.PersonID
	bodies             []unit.ID
	hidden, restricted bool
	objects            []string
}

type held struct {
	person      vault.PersonID
	body        unit.ID // 0: a position
	may         []string
	from, until civil.Date
}

// D2, D4, D8–D11, D13, L8: no Scope ever yields a person outside what the model
// allows, and none that it allows is missing.
func TestD11ScopesAgainstModel(t *testing.T) {
	for seed := range uint64(3) {
		f := randomFederation(t, seed)
		for range 300 {
			f.compare(t)
		}
		if f.through < 10 {
			t.Errorf("only %d answers to officers: the test asks too little", f.through)
		}
	}
}

func randomFederation(t *testing.T, seed uint64) *federation {
	h := build(t, sqlite(t))
	f := &federation{h: h, rng: rand.New(rand.NewPCG(seed, 7)), parents: map[unit.ID]unit.ID{}}
	region := h.unit("region", "fyn", h.party)
	for _, code := range []string{"odense", "assens", "nyborg"} {
		h.unit("local", code, region)
	}
	h.unit("abroad", "udland", h.party)
	h.rights.Refresh()
	var locals []unit.ID
	for _, u := range h.units.Tree().All() {
		f.parents[u.ID] = u.Parent
		if u.Level == "local" || u.Level == "abroad" {
			locals = append(locals, u.ID)
		}
	}
	f.held = append(f.held, held{person: h.staff, may: f.position("member-service"), from: day})
	purposes := []string{"newsletter", "invitation"}
	for range 60 {
		p := &human{bodies: []unit.ID{h.party}}
		if f.rng.IntN(10) > 0 {
			p.bodies[0] = locals[f.rng.IntN(len(locals))]
		}
		p.person = h.add(p.bodies[0], "given", givenNames[f.rng.IntN(9)], "family", commonFamilies[f.rng.IntN(9)])
		if second := locals[f.rng.IntN(len(locals))]; f.rng.IntN(5) == 0 && second != p.bodies[0] {
			must(t, h.directory.AddMembership(t.Context(), h.may(charter.Create), p.person, Membership{Unit: second}))
			p.bodies = append(p.bodies, second)
		}
		if f.rng.IntN(6) == 0 {
			must(t, h.directory.Restrict(t.Context(), h.may(charter.Edit), p.person, true))
			p.restricted = true
		}
		if f.rng.IntN(4) == 0 {
			purpose := purposes[f.rng.IntN(2)]
			must(t, h.directory.SetObjection(t.Context(), h.self(p.person), p.person, purpose, true))
			p.objects = append(p.objects, purpose)
		}
		f.people = append(f.people, p)
	}
	f.appoint(t)
	for _, p := range f.people {
		if f.rng.IntN(8) == 0 {
			h.directory.Hide(p.person)
			p.hidden = true
		}
	}
	return f
}

// appoint fills posts at random, with terms that have passed, run or are to come.
func (f *federation) appoint(t *testing.T) {
	by := access.Actor{Person: f.h.staff, Via: access.Web}
	for range 40 {
		p := f.people[f.rng.IntN(len(f.people))]
		post := []string{"chair", "membership-officer", "treasurer", "regional-chair"}[f.rng.IntN(4)]
		body := p.bodies[f.rng.IntN(len(p.bodies))]
		if post == "regional-chair" {
			body = f.parents[body]
		}
		from := day.AddDays(f.rng.IntN(200) - 150)
		until := from.AddDays(f.rng.IntN(200))
		_, err := f.h.rights.Appoint(t.Context(), by, p.person, access.Appointment{Unit: body, Post: post, From: from, Until: until, Ground: "test"})
		if err != nil {
			continue // no such post there, or the seat is taken: the rules of another room
		}
		rule, _ := f.h.directory.charter.Post(post)
		f.held = append(f.held, held{p.person, body, rule.May, from, until})
	}
	staff := f.people[0]
	_, err := f.h.rights.Employ(t.Context(), by, staff.person, access.Position{Code: "dues", From: day, Until: day, Ground: "test"})
	if err == nil {
		f.held = append(f.held, held{person: staff.person, may: f.position("dues"), from: day, until: day})
	}
}

func (f *federation) position(code string) []string {
	p, _ := f.h.directory.charter.Position(code)
	return p.May
}

// compare asks for one act of a random actor and holds the answer against the model.
func (f *federation) compare(t *testing.T) {
	var actor vault.PersonID
	if f.rng.IntN(4) == 0 {
		actor = f.people[f.rng.IntN(len(f.people))].person
	} else {
		actor = f.held[f.rng.IntN(len(f.held))].person
	}
	want := access.Want{Act: []charter.Acts{charter.Search, charter.Pull}[f.rng.IntN(2)]}
	if want.Act == charter.Pull {
		want.Purpose = []string{"newsletter", "invitation", "meeting-notice", "administration"}[f.rng.IntN(4)]
	}
	all := f.h.units.Tree().All()
	want.Unit = all[f.rng.IntN(len(all))].ID
	for _, h := range f.held {
		if h.person == actor && h.body != 0 && f.rng.IntN(2) == 0 { // where a right may be held, often
			want.Unit = h.body
		}
	}
	allowed := f.allowed(actor, want)

	var found []vault.PersonID
	if scope, err := f.h.rights.Decide(access.Actor{Person: actor, Via: access.Web}, want); err == nil {
		if want.Act == charter.Search {
			hits := got(f.h.directory.Search(t.Context(), scope, Query{Size: 500}))(t)
			for _, hit := range hits.Rows {
				found = append(found, hit.Person)
			}
		} else {
			for _, id := range f.h.directory.Select(scope).ToArray() {
				found = append(found, vault.PersonID(id))
			}
		}
	}
	if slices.Sort(found); len(found) > 0 && actor != f.h.staff {
		f.through++
	}
	if !slices.Equal(found, allowed) {
		t.Fatalf("%d asks %s of body %d for %q: %v, the model allows %v", actor, want.Act, want.Unit, want.Purpose, found, allowed)
	}
}

// allowed goes through everybody and asks whether any right of the actor, held
// today, reaches a body they belong to.
func (f *federation) allowed(actor vault.PersonID, want access.Want) []vault.PersonID {
	var allowed []vault.PersonID
	for _, p := range f.people {
		reached := slices.ContainsFunc(f.held, func(h held) bool {
			if h.person != actor || !slices.Contains(h.may, want.Act.String()) || day.Before(h.from) || !h.until.IsZero() && day.After(h.until) {
				return false
			}
			if h.body != 0 && h.body != want.Unit {
				return false
			}
			return slices.ContainsFunc(p.bodies, func(body unit.ID) bool { return f.within(body, want.Unit) })
		})
		statutory := want.Purpose == "meeting-notice"
		leftOut := want.Act == charter.Pull && (p.restricted || !statutory && slices.Contains(p.objects, want.Purpose))
		if reached && !p.hidden && !leftOut {
			allowed = append(allowed, p.person)
		}
	}
	slices.Sort(allowed)
	return allowed
}

// within climbs from a body to the root.
func (f *federation) within(body, above unit.ID) bool {
	for ; body != 0; body = f.parents[body] {
		if body == above {
			return true
		}
	}
	return false
}
