package access

import (
	"slices"
	"testing"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"
	"pgregory.net/rapid"

	"kartotek/internal/charter"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// The independent model: the clauses said once more, naively, over plain lists,
// without day numbers, bitmaps or snapshots.

type modelPost struct {
	person      int
	body        int // index into bodies; 0 is the root
	post        string
	from, until civil.Date
}

// modelMay says whether a person may view the members of a body.
func modelMay(levels []string, posts []modelPost, staff map[int][2]civil.Date, person, body int, today civil.Date) bool {
	inForce := func(from, until civil.Date) bool {
		return !today.Before(from) && (until.IsZero() || !today.After(until))
	}
	if s, employed := staff[person]; employed && inForce(s[0], s[1]) { // D2, D4
		return true
	}
	for _, p := range posts {
		gives := slices.Contains([]string{"chair", "membership-officer", "treasurer", "extra-membership-officer"}, p.post) // D8, D10
		if p.person == person && gives && levels[p.body] == "local" && p.body == body && inForce(p.from, p.until) {        // D11, D13
			return true
		}
	}
	return false
}

// Random federations, posts and terms: a Scope covers exactly the bodies that
// the model allows, whether one body is asked for or "whatever I have".
func TestD2D8D10D11D13ScopeAgreesWithTheModel(t *testing.T) {
	rules := must(charter.Load("party-dk"))(t)
	tree, ids, levels := modelTree(t)
	codes := []string{"chair", "membership-officer", "treasurer", "extra-membership-officer", "regional-chair"}
	base := civil.Date{Year: 2026, Month: time.June, Day: 1}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(label string) civil.Date { return base.AddDays(rapid.IntRange(-6, 6).Draw(t, label)) }
		end := func(label string) civil.Date {
			if rapid.Bool().Draw(t, label+" open") {
				return civil.Date{}
			}
			return draw(label)
		}
		r := &Register{charter: rules}
		state := blank(tree)
		var posts []modelPost
		staff := map[int][2]civil.Date{}
		for i := range rapid.IntRange(0, 12).Draw(t, "posts") {
			p := modelPost{
				person: rapid.IntRange(1, 5).Draw(t, "person"), body: rapid.IntRange(0, len(ids)-1).Draw(t, "body"),
				post: rapid.SampledFrom(codes).Draw(t, "post"), from: draw("from"), until: end("until"),
			}
			posts = append(posts, p)
			h := r.fromAppointment(tree, uint64(i+1), &Appointment{Unit: ids[p.body], Post: p.post, From: p.from, Until: p.until})
			state.held[vault.PersonID(p.person)] = append(state.held[vault.PersonID(p.person)], h)
		}
		for i := range rapid.IntRange(0, 2).Draw(t, "positions") {
			person, term := rapid.IntRange(1, 5).Draw(t, "employee"), [2]civil.Date{draw("hired"), end("left")}
			staff[person] = term
			h := r.fromPosition(uint64(100+i), &Position{Code: "member-service", From: term[0], Until: term[1]})
			kept := state.held[vault.PersonID(person)]
			for j := len(kept) - 1; j >= 0; j-- {
				if kept[j].basis.Right == ByPosition {
					kept = append(kept[:j:j], kept[j+1:]...)
				}
			}
			state.held[vault.PersonID(person)] = append(kept, h)
		}
		purpose, _ := rules.Purpose("administration")
		for range 20 {
			person, today := rapid.IntRange(1, 6).Draw(t, "who"), draw("today")
			actor := Actor{Person: vault.PersonID(person)}
			covered := roaring.New()
			for i, id := range ids {
				scope, _ := state.decide(rules, actor, Want{Act: charter.View, Unit: id}, day(today), purpose)
				want := modelMay(levels, posts, staff, person, i, today)
				if scope.Covers(id) != want {
					t.Fatalf("person %d, body %d, %s: Scope %v, model %v", person, i, today, scope.Covers(id), want)
				}
				for k, other := range ids { // asking for one body reaches nothing the model denies
					if scope.Covers(other) && !modelMay(levels, posts, staff, person, k, today) {
						t.Fatalf("person %d asked for body %d and reaches %d", person, i, k)
					}
				}
				if want {
					covered.Add(uint32(id))
				}
			}
			scope, _ := state.decide(rules, actor, Want{Act: charter.View}, day(today), purpose)
			for i, id := range ids {
				if scope.Covers(id) && !covered.Contains(uint32(id)) {
					t.Fatalf("person %d reaches body %d by asking for everything", person, i)
				}
			}
			if scope.Allowed() == covered.IsEmpty() {
				t.Fatalf("person %d: allowed %v, the model covers %d bodies", person, scope.Allowed(), covered.GetCardinality())
			}
		}
	})
}

// modelTree is a fixed tree of every level: what is random is who holds what.
func modelTree(t *testing.T) (tree *unit.Tree, ids []unit.ID, levels []string) {
	eachOnSQLite(t, func(w *world) {
		tree = w.units.Tree()
		for _, u := range tree.All() {
			ids, levels = append(ids, u.ID), append(levels, u.Level)
		}
	})
	return tree, ids, levels
}

func TestDecideAllocatesNothing(t *testing.T) {
	eachOnSQLite(t, func(w *world) {
		p := w.person("gentofte")
		if err := w.appoint(w.staff("member-service"), p, "chair", "gentofte", civil.Date{}); err != nil {
			t.Fatal(err)
		}
		want := Want{Act: charter.View, Unit: w.bodies["gentofte"]}
		if n := testing.AllocsPerRun(100, func() { w.Decide(Actor{Person: p}, want) }); n != 0 {
			t.Errorf("%v allocations", n)
		}
	})
}

// The goal is 300 ns and no allocation.
func BenchmarkDecide(b *testing.B) {
	rules, err := charter.Load("party-dk")
	if err != nil {
		b.Fatal(err)
	}
	r := &Register{charter: rules, now: time.Now}
	state := blank(&unit.Tree{})
	for person := range vault.PersonID(1000) {
		h := r.fromPosition(uint64(person), &Position{Code: "member-service", From: civil.Date{Year: 2020, Month: 1, Day: 1}})
		h.reach, h.basis.Right, h.basis.Unit = roaring.BitmapOf(7), ByPost, 7
		state.held[person] = []holding{h}
	}
	r.state.Store(state)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Decide(Actor{Person: 500}, Want{Act: charter.View, Unit: 7}); err != nil {
			b.Fatal(err)
		}
	}
}
