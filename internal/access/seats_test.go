package access

import (
	"testing"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/vault"
)

func (w *world) findings(by vault.PersonID) map[Why]int {
	w.t.Helper()
	scope, err := w.Decide(Actor{Person: by}, Want{Act: charter.Access})
	if err != nil {
		w.t.Fatal(err)
	}
	found := map[Why]int{}
	for _, f := range must(w.Findings(scope))(w.t) {
		found[f.Why]++
	}
	return found
}

// One too many is refused, and the refusal counts: how many there are, how many the
// charter allows.
func TestD8OneTooManyIsRefusedWithTheCount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss := w.staff("member-service")
		if err := w.appoint(boss, w.person("gentofte"), "treasurer", "gentofte", civil.Date{}); err != nil {
			t.Fatal(err)
		}
		e := fault.From(w.appoint(boss, w.person("gentofte"), "treasurer", "gentofte", civil.Date{}))
		if e.Key != "access.error.seat_taken" || e.Args["count"] != 1 || e.Args["taken"] != 1 {
			t.Errorf("refused with %+v", e)
		}
	})
}

// The extra membership officer is refused at the threshold and under it, with the
// member count beside it.
func TestD10TheExtraOfficerIsRefusedWithTheCount(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss := w.staff("member-service")
		for _, members := range []int{168, 200} {
			w.count[w.bodies["lyngby"]] = members
			e := fault.From(w.appoint(boss, w.person("lyngby"), "extra-membership-officer", "lyngby", civil.Date{}))
			if e.Key != "access.error.too_few_members" || e.Args["limit"] != 200 || e.Args["members"] != members {
				t.Errorf("%d members: refused with %+v", members, e)
			}
		}
	})
}

// An association that shrinks to the threshold keeps its extra officer until somebody
// decides; the seat is a finding, with the counts, until it has its ground again.
func TestD10ASeatThatLosesItsGroundIsAFinding(t *testing.T) {
	each(t, func(t *testing.T, w *world) {
		boss, extra := w.staff("member-service"), w.person("gentofte")
		if err := w.appoint(boss, extra, "extra-membership-officer", "gentofte", civil.Date{}); err != nil {
			t.Fatal(err)
		}
		if got := w.findings(boss); len(got) != 0 {
			t.Errorf("312 members: %v", got)
		}
		w.count[w.bodies["gentofte"]] = 200
		if got := w.findings(boss); got[Shrunk] != 1 {
			t.Errorf("200 members: %v", got)
		}
		expect(t, "no silent removal", w.may(extra, charter.View, "gentofte"), "")
		scope := must(w.Decide(Actor{Person: extra}, Want{Act: charter.Access}))(t)
		own := must(w.Findings(scope))(t)
		if len(own) != 1 || own[0].Members != 200 || own[0].Limit != 200 || own[0].Seats != 0 || own[0].Taken != 1 {
			t.Errorf("the association is told %+v", own)
		}
		w.count[w.bodies["gentofte"]] = 201
		if got := w.findings(boss); len(got) != 0 {
			t.Errorf("201 members: %v", got)
		}
	})
}

// What else takes the ground from a seat is told too: the holder left or may hold no
// post, the charter has no such post, more sit than it gives.
func TestD8EverySeatWithoutGroundIsAFinding(t *testing.T) {
	eachOnSQLite(t, func(w *world) {
		t := w.t
		boss := w.staff("member-service")
		chair, officer, treasurer := w.person("gentofte"), w.person("gentofte"), w.person("gentofte")
		for who, post := range map[vault.PersonID]string{chair: "chair", officer: "membership-officer", treasurer: "treasurer"} {
			if err := w.appoint(boss, who, post, "gentofte", civil.Date{}); err != nil {
				t.Fatal(err)
			}
		}
		w.belongs[chair] = w.bodies["lyngby"]
		w.passive = map[vault.PersonID]bool{officer: true}
		second := Appointment{Unit: w.bodies["gentofte"], Post: "treasurer", From: date(2026, 4, 1), Ground: "elected"}
		w.change(func(s *snapshot) { s.replace(w.person("gentofte"), w.fromAppointment(s.tree, 900, &second)) })
		gone := Appointment{Unit: w.bodies["gentofte"], Post: "bell-ringer", From: date(2026, 4, 1), Ground: "elected"}
		w.change(func(s *snapshot) { s.replace(w.person("gentofte"), w.fromAppointment(s.tree, 901, &gone)) })
		want := map[Why]int{NotAMember: 1, NoPosts: 1, TooMany: 1, NoSuchPost: 1}
		got := w.findings(boss)
		for why, n := range want {
			if got[why] != n {
				t.Errorf("%s: %d", why, got[why])
			}
		}
		if len(got) != len(want) {
			t.Errorf("found %v", got)
		}
	})
}

// A position that the charter gives no task carries no access, and whoever holds it
// is a finding; so is a position without a reason.
func TestD4APositionWithoutATaskIsAFinding(t *testing.T) {
	eachOnSQLite(t, func(w *world) {
		t := w.t
		boss := w.staff("member-service")
		p := w.person("")
		w.change(func(s *snapshot) {
			s.replace(p, w.fromPosition(902, &Position{Code: "press", From: date(2026, 1, 1), Ground: "talks to the press"}))
		})
		expect(t, "press", w.may(p, charter.View, ""), "access.denied.act")
		q := w.person("")
		w.change(func(s *snapshot) { s.replace(q, w.fromPosition(903, &Position{Code: "it", From: date(2026, 1, 1)})) })
		if got := w.findings(boss); got[NoTask] != 1 || got[NoGround] != 1 || len(got) != 2 {
			t.Errorf("found %v", got)
		}
	})
}
