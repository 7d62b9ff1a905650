package app_test

import (
	"sync"
	"testing"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/retention"
	"kartotek/internal/unit"
)

// uptime is how long a test's machine has been up.
type uptime struct {
	mu sync.Mutex
	up time.Duration
}

func (u *uptime) now() time.Duration {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.up
}

func (u *uptime) add(d time.Duration) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.up += d
}

// A clock that jumps over an hour stops every sweep, erasures too, and asks; the
// register's own time goes on. It is swept again when the clock has come back, or
// somebody who answers for the register has confirmed the time.
func TestN14AClockThatJumpsStopsTheSweep(t *testing.T) {
	machine := &uptime{up: time.Hour}
	housetest.Each(t, func(t *testing.T, f *housetest.Fixture) {
		tick := func() { f.Must(f.Retention.Tick(f.Context())) }
		asked := func() bool {
			open, err := f.Duties.Open(f.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{0: charter.Journal}})
			f.Must(err)
			for _, d := range open {
				if d.Kind == duty.CheckClock {
					return true
				}
			}
			return false
		}
		persons := crowd(f, 2)
		tick()
		f.Clock.Add(30 * 24 * time.Hour) // nobody waited so long
		tick()
		sweep(f, false)
		if erased(f) != 0 || !asked() {
			t.Fatalf("%d erased by a clock that jumped; asked: %v", erased(f), asked())
		}
		if err := f.Departures.Undo(f.Context(), f.As("anna"), persons[0]); err != nil {
			t.Errorf("the window is over by a clock nobody believes: %v", err)
		}
		if err := f.Retention.SweepNow(f.Context(), f.As("anna")); !fault.Is(err, fault.Conflict) {
			t.Errorf("swept all the same: %v", err)
		}
		f.Reopen() // a start does not answer
		sweep(f, false)
		if erased(f) != 0 || !asked() {
			t.Fatal("a start has answered what was asked")
		}
		f.Clock.Add(-30 * 24 * time.Hour)
		tick()
		if asked() {
			t.Error("still asked after the clock came back")
		}
		f.Clock.Add(30 * 24 * time.Hour)
		tick()
		if err := f.Retention.ConfirmTime(f.Context(), f.As("officer")); !fault.Is(err, fault.Denied) {
			t.Errorf("an officer confirms: %v", err)
		}
		f.Must(f.Retention.ConfirmTime(f.Context(), f.As("anna")))
		if asked() {
			t.Error("still asked after it was confirmed")
		}
		sweep(f, false)
		if erased(f) != 1 {
			t.Errorf("%d erased after it was confirmed", erased(f))
		}
		machine.add(24 * time.Hour)
		f.Clock.Add(24 * time.Hour)
		tick()
		if asked() {
			t.Error("a day that passed is doubted")
		}
	}, func(c *app.Config) { c.Machine = &retention.Machine{Uptime: machine.now, Boot: "test"} })
}
