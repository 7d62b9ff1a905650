package duty

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"kartotek/internal/database"
)

// Whatever days the engine ran on, everybody whose step has come by the last of them
// has been told, nobody is told twice on one day, and nothing before its day (D12).
func TestD12NobodyIsLostToADayOnWhichNothingRan(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		day := -rapid.IntRange(1, 9).Draw(t, "first")
		plan := Plan{Every: rapid.IntRange(0, 5).Draw(t, "every")}
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			plan.Steps = append(plan.Steps, Step{After: day, Circle: Circle(rapid.IntRange(0, 2).Draw(t, "circle"))})
			day += rapid.IntRange(1, 4).Draw(t, "gap")
		}
		told, today := never, -rapid.IntRange(0, 15).Draw(t, "begin")
		wide := Nobody
		for range rapid.IntRange(1, 12).Draw(t, "runs") {
			today += rapid.IntRange(0, 5).Draw(t, "later")
			for range 2 { // the second time on a day nothing is left to tell
				step, any := plan.due(today, told)
				if !any {
					break
				}
				if step.After > today || step.After <= told {
					t.Fatalf("on day %d, told on %d: %+v", today, told, step)
				}
				told, wide = step.After, max(wide, step.Circle)
			}
			if _, again := plan.due(today, told); again {
				t.Fatalf("day %d tells for ever", today)
			}
		}
		for _, s := range plan.Steps {
			if s.After <= today && (told < s.After || wide < s.Circle) {
				t.Fatalf("%+v is not told by day %d: told %d, circle %d", s, today, told, wide)
			}
		}
	})
}

// A plan goes its way beside the kinds that have none, and a duty with another day is
// told of anew.
func TestD12APlanIsTold(t *testing.T) {
	each(t, func(t *testing.T, e *Engine) {
		e.Plans(map[Kind]Plan{DestroyList: {Steps: []Step{{After: -7}, {After: 0}, {After: 2, Circle: Colleagues}, {After: 5, Circle: Office}}, Every: 3}})
		e.mustAdd(t, Duty{Kind: DestroyList, Subject: 317, Person: 7, DueOn: day(20)})
		e.mustAdd(t, Duty{Kind: CloseMembership, Subject: 9, Person: 7, DueOn: day(20)})
		m := &told{}
		run := func(d int) {
			t.Helper()
			for range 2 {
				if err := e.Run(t.Context(), time.Date(2026, time.November, d, 9, 0, 0, 0, time.UTC), m); err != nil {
					t.Fatal(err)
				}
			}
		}
		var want []Step
		for _, c := range []struct {
			day  int
			step *Step
		}{
			{12, nil}, {13, &Step{After: -7}}, {19, nil}, {20, &Step{After: 0}}, {21, nil}, {22, &Step{2, Colleagues}},
			{25, &Step{5, Office}}, {27, nil}, {28, &Step{8, Nobody}},
		} {
			if run(c.day); c.step != nil {
				want = append(want, *c.step)
			}
			if len(m.steps) != len(want) || len(want) > 0 && m.steps[len(want)-1] != want[len(want)-1] {
				t.Fatalf("by the %d: %+v, want %+v", c.day, m.steps, want)
			}
		}
		if len(m.near) != 1 || len(m.late) != 1 {
			t.Errorf("the other kind: near %v, late %v", m.near, m.late)
		}
		if err := e.db.Write(t.Context(), func(tx *database.Tx) error { return e.Move(tx, DestroyList, 317, day(30)) }); err != nil {
			t.Fatal(err)
		}
		if run(28); len(m.steps) != len(want)+1 || m.steps[len(want)] != (Step{After: -7}) {
			t.Errorf("with another day: %+v", m.steps[len(want):])
		}
	})
}
