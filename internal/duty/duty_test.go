package duty

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/unit"
)

func each(t *testing.T, body func(t *testing.T, e *Engine)) {
	rules, err := charter.Load("party-dk")
	if err != nil {
		t.Fatal(err)
	}
	databasetest.Each(t, func(t *testing.T, db *database.DB) { body(t, New(rules, db)) })
}

func (e *Engine) mustAdd(t *testing.T, d Duty) {
	t.Helper()
	if err := e.db.Write(t.Context(), func(tx *database.Tx) error {
		_, err := e.Add(tx, d)
		return err
	}); err != nil {
		t.Fatal(err)
	}
}

func day(d int) civil.Date { return civil.Date{Year: 2026, Month: time.November, Day: d} }

func TestD12DutyGoesToWhoeverIsResponsible(t *testing.T) {
	each(t, func(t *testing.T, e *Engine) {
		e.mustAdd(t, Duty{Kind: DestroyList, Subject: 317, Unit: 5, Person: 7, DueOn: day(20)})
		e.mustAdd(t, Duty{Kind: CloseMembership, Subject: 99, Act: "close", DueOn: day(18)})
		e.mustAdd(t, Duty{Kind: DestroyList, Subject: 318, Person: 8, DueOn: day(30)})

		for _, who := range []struct {
			name string
			r    Responsible
			want []int64
		}{
			{"the recipient", Responsible{Person: 7}, []int64{317}},
			{"the secretariat", Responsible{Person: 1, Acts: map[unit.ID]charter.Acts{0: charter.Close | charter.View}}, []int64{99}},
			{"an officer of some body", Responsible{Person: 2, Acts: map[unit.ID]charter.Acts{5: charter.Close}}, nil},
			{"staff without that right", Responsible{Person: 3, Acts: map[unit.ID]charter.Acts{0: charter.View}}, nil},
		} {
			open, err := e.Open(t.Context(), who.r)
			if err != nil {
				t.Fatal(err)
			}
			var got []int64
			for _, d := range open {
				got = append(got, d.Subject)
			}
			if len(got) != len(who.want) || len(got) > 0 && got[0] != who.want[0] {
				t.Errorf("%s answers for %v, want %v", who.name, got, who.want)
			}
		}
	})
}

func TestFinishEndsADutyOnce(t *testing.T) {
	each(t, func(t *testing.T, e *Engine) {
		e.mustAdd(t, Duty{Kind: DestroyList, Subject: 317, Person: 7, DueOn: day(20)})
		for i, want := range []int64{1, 0} {
			err := e.db.Write(t.Context(), func(tx *database.Tx) error {
				n, err := e.Finish(tx, DestroyList, 317, 7, "destroyed")
				if n != want {
					t.Errorf("time %d finished %d", i, n)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		year, err := e.Year(t.Context(), Responsible{Person: 7}, 2026)
		if err != nil || len(year) != 1 || year[0].StateOn(day(22)) != Done || year[0].DoneBy != 7 {
			t.Errorf("the year holds %+v, %v", year, err)
		}
		if open, err := e.Open(t.Context(), Responsible{Person: 7}); err != nil || len(open) != 0 {
			t.Errorf("still open: %+v, %v", open, err)
		}
	})
}

type told struct {
	near, late []int64
	steps      []Step
	fail       bool
}

func (m *told) Remind(_ context.Context, d Duty) error {
	m.near = append(m.near, d.Subject)
	return m.err()
}

func (m *told) Escalate(_ context.Context, d Duty) error {
	m.late = append(m.late, d.Subject)
	return m.err()
}

func (m *told) Step(_ context.Context, d Duty, s Step) error {
	m.steps = append(m.steps, s)
	return m.err()
}

func (m *told) err() error {
	if m.fail {
		return errors.New("no mail server")
	}
	return nil
}

// Each deadline is told of once when it is near and once when it has passed;
// what could not be told is tried again.
func TestRunRemindsAndEscalatesOnce(t *testing.T) {
	each(t, func(t *testing.T, e *Engine) {
		for i, due := range []int{20, 22, 29, 30} {
			e.mustAdd(t, Duty{Kind: DestroyList, Subject: int64(i), Person: 7, DueOn: day(due)})
		}
		now := time.Date(2026, time.November, 22, 9, 0, 0, 0, time.UTC)
		m := &told{fail: true}
		if err := e.Run(t.Context(), now, m); err == nil {
			t.Error("a failed reminder was taken for told")
		}
		m = &told{}
		for range 2 {
			if err := e.Run(t.Context(), now, m); err != nil {
				t.Fatal(err)
			}
		}
		if len(m.near) != 2 || m.near[0] != 1 || m.near[1] != 2 || len(m.late) != 1 || m.late[0] != 0 {
			t.Errorf("near %v, late %v", m.near, m.late)
		}
		if err := e.Run(t.Context(), now.AddDate(0, 0, 1), m); err != nil || len(m.late) != 2 || len(m.near) != 3 {
			t.Errorf("a day later: near %v, late %v, %v", m.near, m.late, err)
		}
		late, err := e.Late(t.Context(), DestroyList, day(22))
		if err != nil || len(late) != 1 {
			t.Errorf("late: %+v, %v", late, err)
		}
	})
}

func TestStateOn(t *testing.T) {
	d := Duty{DueOn: day(20)}
	for today, want := range map[int]State{21: Late, 20: Soon, 13: Soon, 12: Later} {
		if got := d.StateOn(day(today)); got != want {
			t.Errorf("on the %d: %s, want %s", today, got, want)
		}
	}
}
