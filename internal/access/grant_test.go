package access

import (
	"slices"
	"testing"
	"time"

	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// newsletter is a documented access as an association decides them.
func newsletter(w *world, body string) Grant {
	return Grant{
		Unit: w.bodies[body], Task: "sends the newsletter", Ground: "the newsletter goes to members by name", Purposes: []string{"newsletter"},
		Fields: []string{"email"}, From: w.Today(), Until: w.Today().AddDays(90),
	}
}

// give has somebody with a post in the body enter the decision.
func (w *world) give(by, who vault.PersonID, g Grant) (id uint64, err error) {
	scope, err := w.Decide(Actor{Person: by, Via: Web}, Want{Act: charter.Access, Unit: g.Unit})
	if err != nil {
		return 0, err
	}
	err = w.db.Write(w.t.Context(), func(tx *database.Tx) (err error) {
		id, err = w.Give(tx, scope, who, g)
		return err
	})
	return id, err
}

func (w *world) opens(who vault.PersonID, act charter.Acts, body, purpose string) (Scope, string) {
	scope, err := w.Decide(Actor{Person: who}, Want{Act: act, Unit: w.bodies[body], Purpose: purpose})
	if err != nil {
		return scope, fault.From(err).Key
	}
	return scope, ""
}

// A documented access opens its body, its purposes and its fields, between its dates,
// and nothing else.
func TestD9AGrantOpensWhatWasDecided(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		chair, editor := w.person("gentofte"), w.person("gentofte")
		if err := w.appoint(w.staff("member-service"), chair, "chair", "gentofte", civil.Date{}); err != nil {
			t.Fatal(err)
		}
		id := must(w.give(chair, editor, newsletter(w, "gentofte")))(t)
		scope, denied := w.opens(editor, charter.Pull, "gentofte", "newsletter")
		expect(t, "the newsletter's list", denied, "")
		if got := scope.Purpose().Fields; !slices.Equal(got, []string{"given", "family", "email"}) || scope.Purpose().Set != w.charter.FieldSet("given", "family", "email") {
			t.Errorf("fields %v", got)
		}
		if full, _ := w.charter.Purpose("newsletter"); len(full.Fields) <= 3 || !scope.Narrow() || scope.Basis().Right != ByGrant {
			t.Errorf("the charter's purpose was changed, or nothing is narrow: %v", full.Fields)
		}
		for _, c := range []struct {
			act           charter.Acts
			body, purpose string
			want          string
		}{
			{charter.Pull, "gentofte", "dues", "access.denied.grant_purpose"},
			{charter.Search, "gentofte", "", "access.denied.grant_purpose"},
			{charter.Pull, "lyngby", "newsletter", "access.denied.body"},
			{charter.Pull, "north", "newsletter", "access.denied.body"},
			{charter.View, "gentofte", "newsletter", "access.denied.act"},
			{charter.Appoint, "gentofte", "newsletter", "access.denied.act"},
		} {
			_, denied := w.opens(editor, c.act, c.body, c.purpose)
			expect(t, c.act.String()+" in "+c.body+" for "+c.purpose, denied, c.want)
		}
		all := must(w.Decide(Actor{Person: chair}, Want{Act: charter.Access}))(t)
		if got := must(w.Grants(all, 0))(t); len(got) != 1 || got[0].Grant.Task != "sends the newsletter" {
			t.Errorf("the chair sees %+v", got)
		}
		if got := must(w.Holders(all))(t); len(got) != 2 {
			t.Errorf("holders %+v", got)
		}
		self := must(w.Decide(Actor{Person: w.person("gentofte")}, Want{Self: true}))(t)
		seen := must(w.WhoSees(self, []unit.ID{w.bodies["gentofte"]}))(t)
		if !slices.ContainsFunc(seen, func(h Holding) bool { return h.Person == editor && h.Grant != nil }) {
			t.Errorf("a member is seen by %+v", seen)
		}
		w.clock.addDays(91)
		_, denied = w.opens(editor, charter.Pull, "gentofte", "newsletter")
		expect(t, "after its last day", denied, "access.denied.term")
		past := must(w.HoldersOn(t.Context(), all, date(2026, 12, 1)))(t)
		if !slices.ContainsFunc(past, func(p Past) bool {
			return p.Person == editor && p.Grant != nil && p.Basis.ID == id && p.Began == wordGranted
		}) {
			t.Errorf("on a day of the past: %+v", past)
		}
	})
}

// Who wrote a purpose too many, too long a time, no ground, or stands in no such body is
// told which field it is; and nobody gives themselves access, nor another body's.
func TestD9WhatNoGrantCanBe(t *testing.T) {
	eachOnSQLite(t, func(w *world) {
		t := w.t
		boss, chair, editor, other := w.staff("member-service"), w.person("gentofte"), w.person("gentofte"), w.person("lyngby")
		for who, body := range map[vault.PersonID]string{chair: "gentofte", other: "lyngby"} {
			if err := w.appoint(boss, who, "chair", body, civil.Date{}); err != nil {
				t.Fatal(err)
			}
		}
		for field, spoil := range map[string]func(*Grant){
			"task":     func(g *Grant) { g.Task = " " },
			"ground":   func(g *Grant) { g.Ground = "" },
			"purposes": func(g *Grant) { g.Purposes = []string{"newsletter", "bookkeeping"} },
			"fields":   func(g *Grant) { g.Fields = []string{"birth"} },
			"until":    func(g *Grant) { g.Until = g.From.AddDays(366) },
			"from":     func(g *Grant) { g.From = civil.Date{} },
			"unit":     func(g *Grant) { g.Unit = w.bodies["north"] },
		} {
			g := newsletter(w, "gentofte")
			spoil(&g)
			err := w.CheckGrant(editor, &g)
			if err == nil || fault.From(err).Fields[0].Name != field {
				t.Errorf("%s: %v", field, err)
			}
		}
		g := newsletter(w, "gentofte")
		if err := w.CheckGrant(other, &g); err == nil || fault.From(err).Fields[0].Name != "person" {
			t.Errorf("somebody from elsewhere: %v", err)
		}
		for what, by := range map[string]vault.PersonID{"to oneself": editor, "by the secretariat": boss, "by another body": other} {
			scope, _ := w.Decide(Actor{Person: by}, Want{Act: charter.Access})
			if by == editor {
				scope, _ = w.Decide(Actor{Person: chair}, Want{Act: charter.Access})
				scope.actor.Person = editor
			}
			err := w.db.Write(t.Context(), func(tx *database.Tx) error {
				_, err := w.Give(tx, scope, editor, newsletter(w, "gentofte"))
				return err
			})
			expect(t, what, fault.From(err).Key, "access.denied.own")
		}
	})
}

// Whoever leaves the body, or the association, has nothing left of a documented access;
// a closing that is undone gives it back for its own days.
func TestD9AGrantEndsWithBelonging(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		chair, editor := w.person("gentofte"), w.person("gentofte")
		if err := w.appoint(w.staff("member-service"), chair, "chair", "gentofte", civil.Date{}); err != nil {
			t.Fatal(err)
		}
		must(w.give(chair, editor, newsletter(w, "gentofte")))(t)
		act := func(do func(tx *database.Tx) error) {
			t.Helper()
			if err := w.db.Write(t.Context(), do); err != nil {
				t.Fatal(err)
			}
		}
		denied := func() string { _, denied := w.opens(editor, charter.Pull, "gentofte", "newsletter"); return denied }
		act(func(tx *database.Tx) error { return w.Suspend(tx, editor) })
		expect(t, "closed", denied(), "access.denied.none")
		act(func(tx *database.Tx) error { return w.Restore(tx, editor) })
		expect(t, "undone", denied(), "")
		if err := w.Load(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
		expect(t, "after a start", denied(), "")
		act(func(tx *database.Tx) error {
			n, err := w.EndIn(tx, journal.Entry{Right: string(System)}, editor, w.bodies["gentofte"], nil)
			if n != 1 {
				t.Errorf("%d ended", n)
			}
			return err
		})
		expect(t, "moved", denied(), "access.denied.term")
	})
}

// Random accesses against the clause said once more, naively: a scope is given exactly
// where person, body, purpose and day are among what was decided, with exactly those
// fields of the purpose; a post of the same person in the same body goes before it.
func TestD9GrantsAgreeWithTheModel(t *testing.T) {
	rules := must(charter.Load("party-dk"))(t)
	tree, ids, levels := modelTree(t)
	var locals []int
	for i, level := range levels {
		if level == "local" {
			locals = append(locals, i)
		}
	}
	base := civil.Date{Year: 2026, Month: time.June, Day: 1}
	purposes := []string{"administration", "newsletter", "invitation", "dues", "audit"}
	fields := []string{"given", "family", "email", "mobile", "address", "birth"}
	some := func(t *rapid.T, of []string, label string) []string {
		return rapid.SliceOfNDistinct(rapid.SampledFrom(of), 1, len(of), rapid.ID[string]).Draw(t, label)
	}
	rapid.Check(t, func(t *rapid.T) {
		r := &Register{charter: rules}
		state := blank(tree)
		type decided struct {
			person, body int
			g            Grant
		}
		var all []decided
		for i := range rapid.IntRange(1, 6).Draw(t, "grants") {
			d := decided{rapid.IntRange(1, 3).Draw(t, "person"), rapid.SampledFrom(locals).Draw(t, "body"), Grant{
				Purposes: some(t, purposes, "purposes"), Fields: some(t, fields, "fields"),
				From: base.AddDays(rapid.IntRange(-5, 5).Draw(t, "from")), Until: base.AddDays(rapid.IntRange(-5, 5).Draw(t, "until")),
			}}
			d.g.Unit = ids[d.body]
			all = append(all, d)
			state.held[vault.PersonID(d.person)] = append(state.held[vault.PersonID(d.person)], r.fromGrant(uint64(i+1), &d.g))
		}
		officer := rapid.SampledFrom(locals).Draw(t, "officer's")
		state.held[1] = append(state.held[1], r.fromAppointment(tree, 100, &Appointment{Unit: ids[officer], Post: "chair", From: base}))
		for range 30 {
			person, body := rapid.IntRange(1, 4).Draw(t, "who"), rapid.SampledFrom(locals).Draw(t, "where")
			today, code := base.AddDays(rapid.IntRange(-6, 6).Draw(t, "today")), rapid.SampledFrom(purposes).Draw(t, "what for")
			act := rapid.SampledFrom([]charter.Acts{charter.Search, charter.Pull, charter.View, charter.Edit, charter.Access, charter.Appoint}).Draw(t, "act")
			purpose, _ := rules.Purpose(code)
			scope, _ := state.decide(rules, Actor{Person: vault.PersonID(person)}, Want{Act: act, Unit: ids[body], Purpose: code}, day(today), purpose)
			post := person == 1 && body == officer && !today.Before(base) && mustPost(rules, "chair").Acts.Has(act)
			var shown [][]string
			for _, d := range all {
				if d.person != person || d.body != body || today.Before(d.g.From) || today.After(d.g.Until) || !slices.Contains(d.g.Purposes, code) {
					continue
				}
				var kept []string
				for _, f := range purpose.Fields {
					if slices.Contains(d.g.Fields, f) {
						kept = append(kept, f)
					}
				}
				if len(kept) > 0 && (act == charter.Search || act == charter.Pull) {
					shown = append(shown, kept)
				}
			}
			switch {
			case post:
				if !scope.Allowed() || scope.Narrow() || !slices.Equal(scope.Purpose().Fields, purpose.Fields) {
					t.Fatalf("a chair's own post: %+v", scope.Basis())
				}
			case scope.Allowed() != (len(shown) > 0):
				t.Fatalf("person %d, %s in %d for %s on %s: allowed %v, decided %v", person, act, body, code, today, scope.Allowed(), shown)
			case scope.Allowed() && (!scope.Covers(ids[body]) || scope.Units().GetCardinality() != 1 ||
				!slices.ContainsFunc(shown, func(f []string) bool { return slices.Equal(f, scope.Purpose().Fields) })):
				t.Fatalf("shows %v, decided %v", scope.Purpose().Fields, shown)
			}
		}
	})
}

func mustPost(c *charter.Charter, code string) *charter.Post {
	post, _ := c.Post(code)
	return post
}
