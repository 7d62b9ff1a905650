package access

import (
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// passedOn remembers which lists were asked to pass on.
type passedOn struct{ from, to vault.PersonID }

func (p *passedOn) PassOn(_ *database.Tx, _, from, to vault.PersonID, _ unit.ID, _ civil.Date) (int, error) {
	p.from, p.to = from, to
	return 1, nil
}

func (w *world) holdingOf(p vault.PersonID) uint64 {
	w.t.Helper()
	for _, h := range w.state.Load().held[p] {
		if h.basis.Right == ByPost {
			return h.basis.ID
		}
	}
	w.t.Fatal("holds nothing")
	return 0
}

// A whole board on the evening of the meeting: access moves at midnight of the
// day, in the charter's zone, by itself, and whoever leaves has it until then.
func TestHandoverMovesAccessOnTheDay(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss := w.staff("member-service")
		chair, treasurer, helper := w.person("gentofte"), w.person("gentofte"), w.person("gentofte")
		next, officer := w.person("gentofte"), w.person("gentofte")
		for post, p := range map[string]vault.PersonID{"chair": chair, "treasurer": treasurer} {
			if err := w.appoint(boss, p, post, "gentofte", date(2027, 12, 31)); err != nil {
				t.Fatal(err)
			}
		}
		must(w.NameCover(t.Context(), Actor{Person: treasurer}, helper, w.holdingOf(treasurer), Cover{From: date(2026, 11, 23), Until: date(2026, 12, 10), Ground: "holiday"}))(t)
		lists := &passedOn{}
		w.Lists = lists
		b := Board{
			Unit: w.bodies["gentofte"], Met: date(2026, 11, 22), Moves: date(2026, 12, 1), Ground: "elected at the general meeting",
			Lines: []Line{
				{Post: "chair", Holding: w.holdingOf(chair), Do: Fresh, Person: next, Until: date(2028, 11, 30), Pass: true},
				{Post: "treasurer", Holding: w.holdingOf(treasurer), Do: Vacant},
				{Post: "membership-officer", Do: Fresh, Person: officer, Until: date(2028, 11, 30)},
			},
		}
		plans := must(w.Preview(t.Context(), Actor{Person: chair}, b))(t)
		if p := plans[0]; len(p.Leaves) != 3 || len(p.Begins) != 2 || !p.Leaves[2].Cover && !p.Leaves[1].Cover {
			t.Fatalf("the plan: %+v", p)
		}
		expect(t, "the preview changes nothing", w.may(next, charter.View, "gentofte"), "access.denied.none")
		must(w.HandOver(t.Context(), Actor{Person: chair, Via: Web}, b))(t)
		if lists.from != chair || lists.to != next {
			t.Errorf("lists pass from %d to %d", lists.from, lists.to)
		}
		zone := w.charter.Location()
		w.clock.set(time.Date(2026, 11, 30, 23, 59, 59, 0, zone))
		expect(t, "the old chair until the day", w.may(chair, charter.View, "gentofte"), "")
		expect(t, "the new chair before it", w.may(next, charter.View, "gentofte"), "access.denied.term")
		expect(t, "the cover until the day", w.may(helper, charter.View, "gentofte"), "")
		expect(t, "the treasurer while covered", w.may(treasurer, charter.View, "gentofte"), "access.denied.covered")
		w.clock.set(time.Date(2026, 12, 1, 0, 0, 0, 0, zone))
		expect(t, "the old chair on the day", w.may(chair, charter.View, "gentofte"), "access.denied.term")
		expect(t, "the new chair on the day", w.may(next, charter.View, "gentofte"), "")
		expect(t, "the new officer", w.may(officer, charter.View, "gentofte"), "")
		expect(t, "the cover after the post", w.may(helper, charter.View, "gentofte"), "access.denied.term")
		expect(t, "the treasurer", w.may(treasurer, charter.View, "gentofte"), "access.denied.term")
	})
}

// All of it or nothing, and nobody gives themselves access: the holder's own
// new term in the same post is what the meeting decided, anything else is not.
func TestHandoverOwnTermAndAllOrNothing(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss := w.staff("member-service")
		chair, officer := w.person("gentofte"), w.person("gentofte")
		if err := w.appoint(boss, chair, "chair", "gentofte", date(2026, 12, 31)); err != nil {
			t.Fatal(err)
		}
		id := w.holdingOf(chair)
		board := func(lines ...Line) Board {
			return Board{Unit: w.bodies["gentofte"], Met: date(2026, 11, 22), Moves: date(2027, 1, 1), Ground: "elected", Lines: lines}
		}
		for _, c := range []struct {
			what string
			line Line
			want string
		}{
			{"again for the usual term", Line{Post: "chair", Holding: id, Do: Again, Until: date(2028, 12, 31)}, ""},
			{"again for longer", Line{Post: "chair", Holding: id, Do: Again, Until: date(2029, 1, 1)}, "access.denied.own"},
			{"again without end", Line{Post: "chair", Holding: id, Do: Again}, "access.denied.own"},
			{"again after a pause", Line{Post: "chair", Holding: id, Do: Again, From: date(2027, 1, 2), Until: date(2028, 12, 31)}, "access.denied.own"},
			{"another post", Line{Post: "treasurer", Do: Fresh, Person: chair, Until: date(2028, 12, 31)}, "access.denied.own"},
		} {
			_, err := w.Preview(t.Context(), Actor{Person: chair}, board(c.line))
			got := ""
			if err != nil {
				got = fault.From(err).Key
			}
			expect(t, c.what, got, c.want)
		}
		_, err := w.HandOver(t.Context(), Actor{Person: boss}, board(
			Line{Post: "chair", Holding: id, Do: Vacant},
			Line{Post: "treasurer", Do: Fresh, Person: w.person("lyngby"), Until: date(2028, 12, 31)},
		))
		if e := fault.From(err); len(e.Fields) != 1 || e.Fields[0].Name != "person-1" || e.Fields[0].Key != "access.error.not_a_member" {
			t.Fatalf("a stranger: %+v", e)
		}
		w.clock.set(time.Date(2026, 12, 31, 12, 0, 0, 0, time.UTC))
		expect(t, "nothing was done", w.may(chair, charter.View, "gentofte"), "")
		must(w.HandOver(t.Context(), Actor{Person: boss}, board(
			Line{Post: "chair", Holding: id, Do: Vacant},
			Line{Post: "treasurer", Do: Fresh, Person: officer, Until: date(2028, 12, 31)},
		)))(t)
	})
}

// A substitute has no access, steps in by one act, and gets the rest of the term.
func TestSubstituteStepsIn(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss, p, s := w.staff("member-service"), w.person("gentofte"), w.person("gentofte")
		if err := w.appoint(boss, p, "treasurer", "gentofte", date(2027, 3, 31)); err != nil {
			t.Fatal(err)
		}
		id := must(w.ElectSubstitute(t.Context(), Actor{Person: boss}, s, Substitute{Unit: w.bodies["gentofte"], From: date(2026, 3, 1), Until: date(2028, 3, 1), Ground: "first substitute"}))(t)
		expect(t, "before", w.may(s, charter.View, "gentofte"), "access.denied.none")
		if len(w.Held(s)) != 0 {
			t.Error("a substitute has a hat")
		}
		if err := w.EndAppointment(t.Context(), Actor{Person: boss}, p, w.holdingOf(p), date(2026, 11, 22)); err != nil {
			t.Fatal(err)
		}
		_, until, err := w.StepsIn(t.Context(), Actor{Person: boss}, s, id, StepIn{Post: "treasurer", From: date(2026, 11, 23), Ground: "moved"})
		if err != nil || until != date(2027, 3, 31) {
			t.Fatalf("until %s, %v", until, err)
		}
		w.clock.addDays(1)
		expect(t, "after", w.may(s, charter.View, "gentofte"), "")
		scope, err := w.Decide(Actor{Person: boss}, Want{Act: charter.Access})
		if err != nil {
			t.Fatal(err)
		}
		if left := must(w.Substitutes(scope, 0))(t); len(left) != 0 {
			t.Errorf("still a substitute: %+v", left)
		}
	})
}

// Covering: the post has one at a time, for a while, and never oneself.
func TestCoverIsOfOnePost(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss, chair, helper := w.staff("member-service"), w.person("gentofte"), w.person("gentofte")
		if err := w.appoint(boss, chair, "chair", "gentofte", date(2027, 12, 31)); err != nil {
			t.Fatal(err)
		}
		of := w.holdingOf(chair)
		try := func(by, who vault.PersonID, c Cover) string {
			_, err := w.NameCover(t.Context(), Actor{Person: by}, who, of, c)
			if err == nil {
				return ""
			}
			e := fault.From(err)
			if len(e.Fields) > 0 {
				return e.Fields[0].Key
			}
			return e.Key
		}
		good := Cover{From: date(2026, 11, 22), Until: date(2026, 12, 1), Ground: "holiday"}
		expect(t, "a member names themselves", try(helper, helper, good), "access.denied.none")
		expect(t, "the holder as cover", try(boss, chair, good), "access.error.cover_self")
		expect(t, "a stranger", try(chair, w.person("lyngby"), good), "access.error.not_a_member")
		expect(t, "no ground", try(chair, helper, Cover{From: good.From, Until: good.Until}), "access.error.cover_ground")
		expect(t, "too long", try(chair, helper, Cover{From: good.From, Until: date(2027, 2, 1), Ground: "g"}), "access.error.cover_days")
		expect(t, "good", try(chair, helper, good), "")
		expect(t, "twice", try(chair, w.person("gentofte"), good), "access.error.cover_twice")
		expect(t, "the helper", w.may(helper, charter.Appoint, "gentofte"), "")
		expect(t, "the chair", w.may(chair, charter.View, "gentofte"), "access.denied.covered")
		if held := w.Held(chair); len(held) != 1 || held[0].May != 0 || held[0].Rests != good.Until {
			t.Errorf("the chair holds %+v", held)
		}
		if err := w.EndCover(t.Context(), Actor{Person: chair}, helper, w.Held(helper)[0].Basis.ID, w.Today().AddDays(-1)); err != nil {
			t.Fatal(err)
		}
		expect(t, "taken back", w.may(chair, charter.View, "gentofte"), "")
		expect(t, "the helper after", w.may(helper, charter.View, "gentofte"), "access.denied.term")
	})
}
