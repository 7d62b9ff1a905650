package app_test

import (
	"fmt"
	"slices"
	"time"

	"pgregory.net/rapid"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// The acts of the model: each is done to the house and to the lists alike.

func (w *world) human(t *rapid.T, states ...string) *human {
	var fit []*human
	for _, h := range w.people {
		if slices.Contains(states, h.state) {
			fit = append(fit, h)
		}
	}
	if len(fit) == 0 {
		t.Skip("nobody")
	}
	return rapid.SampledFrom(fit).Draw(t, "who")
}

// memberBodies are those in which one can be a member: the local ones, those
// abroad, the association itself.
func (w *world) memberBodies() (all []unit.ID) {
	for _, u := range w.Units.Tree().All() {
		if u.Level != "region" {
			all = append(all, u.ID)
		}
	}
	return all
}

var (
	givens   = []string{"Åse", "Anna", "Søren", "Bo", "Bodil", "Birgit Anna", "Aase", "Ærø", "Bo-Anders"}
	families = []string{"Østergård", "Oestergaard", "Hansen", "Hansen Bo", "Åkjær", "Sørensen", "Ærbo"}
)

func (w *world) addBody(t *rapid.T) {
	name := fmt.Sprintf("Forening %d", w.Units.Tree().Len())
	u, err := w.Units.Add(w.ctx, w.Recorder(journal.Entry{Right: "system"}), unit.Draft{
		Parent: w.Bodies[rapid.SampledFrom([]string{"north", "south"}).Draw(t, "region")], Level: "local", Name: name,
	})
	w.ok(t, err)
	w.Bodies[u.Code] = u.ID
}

func (w *world) join(t *rapid.T) {
	h := &human{
		given: rapid.SampledFrom(givens).Draw(t, "given"), family: rapid.SampledFrom(families).Draw(t, "family"),
		bodies: []unit.ID{rapid.SampledFrom(w.memberBodies()).Draw(t, "body")},
	}
	values := map[string]string{"given": h.given, "family": h.family}
	if rapid.Bool().Draw(t, "address") {
		h.email = fmt.Sprintf("zz%d@post.example", len(w.people)%7) // some share one
		values["email"] = h.email
	}
	var err error
	h.person, h.number, err = w.Members.Create(w.ctx, w.may("anna", access.Want{Act: charter.Create}), member.Draft{Unit: h.bodies[0], Values: values})
	w.ok(t, err)
	w.people = append(w.people, h)
}

func (w *world) update(t *rapid.T, h *human, values map[string]string) {
	_, err := w.Members.Update(w.ctx, w.may("bo", access.Want{Act: charter.Edit}), h.person, member.Changes{Values: values})
	w.ok(t, err)
}

func (w *world) rename(t *rapid.T) {
	h := w.human(t, "")
	h.given, h.family = rapid.SampledFrom(givens).Draw(t, "given"), rapid.SampledFrom(families).Draw(t, "family")
	w.update(t, h, map[string]string{"given": h.given, "family": h.family})
}

func (w *world) readdress(t *rapid.T) {
	h := w.human(t, "")
	h.email = rapid.SampledFrom([]string{"", "zz1@post.example", "zz12@post.example", "zz77@sted.example"}).Draw(t, "email")
	w.update(t, h, map[string]string{"email": h.email})
}

func (w *world) belong(t *rapid.T) {
	h, body := w.human(t, ""), rapid.SampledFrom(w.memberBodies()).Draw(t, "body")
	err := w.Members.AddMembership(w.ctx, w.may("anna", access.Want{Act: charter.Create}), h.person, member.Membership{Unit: body})
	if slices.Contains(h.bodies, body) {
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("belongs twice: %v", err)
		}
		return
	}
	w.ok(t, err)
	h.bodies = append(h.bodies, body)
}

func (w *world) unbelong(t *rapid.T) {
	h := w.human(t, "")
	body := rapid.SampledFrom(h.bodies).Draw(t, "body")
	err := w.Members.EndMembership(w.ctx, w.may("anna", access.Want{Act: charter.Close}), h.person, body)
	if len(h.bodies) == 1 {
		if !fault.Is(err, fault.Conflict) {
			t.Fatalf("the last membership: %v", err)
		}
		return
	}
	w.ok(t, err)
	h.bodies = slices.DeleteFunc(h.bodies, func(b unit.ID) bool { return b == body })
	w.left(h, body)
}

// left ends the posts that rested on a body somebody has left.
func (w *world) left(h *human, body unit.ID) {
	parent := func(id unit.ID) unit.ID {
		u, _ := w.Units.Tree().ByID(id)
		return u.Parent
	}
	for _, p := range w.held {
		carries := func(b unit.ID) bool { return b == p.body || p.code == "regional-chair" && parent(b) == p.body }
		if p.person == h.person && carries(body) && !slices.ContainsFunc(h.bodies, carries) {
			w.endNow(p)
		}
	}
}

// endNow ends a post yesterday, unless it is over.
func (w *world) endNow(p *post) {
	if !p.until.IsZero() && p.until.Before(w.today()) {
		return
	}
	if p.until = w.today().AddDays(-1); p.until.Before(p.from) {
		p.until = p.from.AddDays(-1)
	}
}

// refilled ends the posts whose only seat somebody else holds by now, for whoever
// comes back.
func (w *world) refilled(h *human) {
	for _, p := range w.held {
		if p.person != h.person {
			continue
		}
		from := p.from
		if from.Before(w.today()) {
			from = w.today()
		}
		if !p.until.IsZero() && p.until.Before(from) {
			continue
		}
		for _, q := range w.held {
			if q.person != p.person && q.code == p.code && q.body == p.body && w.of(q.person).state == "" &&
				(q.until.IsZero() || !q.until.Before(from)) && (p.until.IsZero() || !p.until.Before(q.from)) && (q.until.IsZero() || !q.until.Before(q.from)) {
				w.endNow(p)
				break
			}
		}
	}
}

func (w *world) move(t *rapid.T) {
	h := w.human(t, "")
	from, to := rapid.SampledFrom(h.bodies).Draw(t, "from"), rapid.SampledFrom(w.memberBodies()).Draw(t, "to")
	err := w.Members.Move(w.ctx, w.may("anna", access.Want{Act: charter.Edit}), h.person, from, to)
	if slices.Contains(h.bodies, to) {
		if err == nil {
			t.Fatal("moved to where they are")
		}
		return
	}
	w.ok(t, err)
	h.bodies[slices.Index(h.bodies, from)] = to
	w.left(h, from)
}

func (w *world) object(t *rapid.T) {
	h, purpose := w.human(t, ""), rapid.SampledFrom([]string{"newsletter", "invitation"}).Draw(t, "purpose")
	self, err := w.Access.Decide(access.Actor{Person: h.person, Via: access.Web}, access.Want{Self: true})
	w.ok(t, err)
	objects := !slices.Contains(h.objects, purpose)
	w.ok(t, w.Members.SetObjection(w.ctx, self, h.person, purpose, objects))
	if h.objects = slices.DeleteFunc(h.objects, func(p string) bool { return p == purpose }); objects {
		h.objects = append(h.objects, purpose)
	}
}

func (w *world) restrict(t *rapid.T) {
	h := w.human(t, "")
	h.restricted = !h.restricted
	w.ok(t, w.Members.Restrict(w.ctx, w.may("anna", access.Want{Act: charter.Edit}), h.person, h.restricted))
}

func (w *world) appoint(t *rapid.T) {
	h := w.human(t, "")
	p := &post{
		person: h.person, body: rapid.SampledFrom(h.bodies).Draw(t, "body"),
		code: rapid.SampledFrom([]string{"chair", "membership-officer", "treasurer", "regional-chair"}).Draw(t, "post"),
		from: w.today().AddDays(rapid.IntRange(-20, 10).Draw(t, "from")),
	}
	if p.code == "regional-chair" {
		u, _ := w.Units.Tree().ByID(p.body)
		p.body = u.Parent
	}
	if rapid.Bool().Draw(t, "ends") {
		p.until = p.from.AddDays(rapid.IntRange(0, 30).Draw(t, "days"))
	}
	id, err := w.Access.Appoint(w.ctx, w.As("anna"), h.person, access.Appointment{Unit: p.body, Post: p.code, From: p.from, Until: p.until, Ground: "elected"})
	if fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict) {
		return // no such post there, or the seat is taken: access has its own tests
	}
	w.ok(t, err)
	p.id = id
	w.held = append(w.held, p)
}

func (w *world) dismiss(t *rapid.T) {
	var fit []*post
	for _, p := range w.held {
		if h := w.of(p.person); h.state == "" {
			fit = append(fit, p)
		}
	}
	if len(fit) == 0 {
		t.Skip("nobody holds a post")
	}
	p := rapid.SampledFrom(fit).Draw(t, "post")
	last := w.today().AddDays(rapid.IntRange(-1, 3).Draw(t, "last"))
	w.ok(t, w.Access.EndAppointment(w.ctx, w.As("bo"), p.person, p.id, last))
	p.until = last
	if last.Before(p.from) {
		p.until = p.from.AddDays(-1)
	}
}

func (w *world) of(person vault.PersonID) *human {
	for _, h := range w.people {
		if h.person == person {
			return h
		}
	}
	return nil
}

func (w *world) close(t *rapid.T) {
	h := w.human(t, "")
	h.by = rapid.SampledFrom([]string{"anna", "bo"}).Draw(t, "by")
	d, err := w.Departures.Close(w.ctx, w.As(h.by), h.person, "resignation", rapid.Bool().Draw(t, "now"))
	w.ok(t, err)
	h.state, h.due = "hidden", d.DueAt
}

func (w *world) undo(t *rapid.T) {
	h := w.human(t, "hidden")
	err := w.Departures.Undo(w.ctx, w.As("anna"), h.person)
	if !w.Clock.Now().Before(h.due) {
		if !fault.Is(err, fault.Gone) {
			t.Fatalf("undone after the window: %v", err)
		}
		return
	}
	w.ok(t, err)
	h.state = ""
	w.refilled(h)
}

func (w *world) confirm(t *rapid.T) {
	h, second := w.human(t, "hidden"), rapid.SampledFrom([]string{"anna", "bo"}).Draw(t, "second")
	_, err := w.Departures.Confirm(w.ctx, w.As(second), h.person)
	if second == h.by {
		if !fault.Is(err, fault.Denied) {
			t.Fatalf("confirmed by who closed: %v", err)
		}
		return
	}
	w.ok(t, err)
	h.state = "erased"
}

func (w *world) wait(t *rapid.T) {
	w.Clock.Add(time.Duration(rapid.IntRange(1, 120).Draw(t, "hours")) * time.Hour)
	if rapid.Bool().Draw(t, "sweep") {
		return
	}
	_, err := w.Departures.EraseDue(w.ctx)
	w.ok(t, err)
	for _, h := range w.people {
		if h.state == "hidden" && !w.Clock.Now().Before(h.due) {
			h.state = "erased"
		}
	}
}

func (w *world) start(t *rapid.T) {
	w.ok(t, w.House.Close())
	w.ok(t, w.Open())
}
