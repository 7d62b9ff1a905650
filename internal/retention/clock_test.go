package retention

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

// handset is a machine whose clocks a test sets.
type handset struct {
	shown  time.Time
	up     time.Duration
	synced bool
}

func (h *handset) machine(boot string) *Machine {
	return &Machine{Uptime: func() time.Duration { return h.up }, Boot: boot, Synced: func() bool { return h.synced }}
}

func (h *handset) pass(d time.Duration) { h.shown, h.up = h.shown.Add(d), h.up+d }

var noon = time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)

// Time that passes, small corrections and nights asleep are no jump; what moves the
// clock by over an hour is one, until it comes back.
func TestTheClockJumps(t *testing.T) {
	h := &handset{shown: noon}
	c := NewSteady(func() time.Time { return h.shown }, h.machine("a"))
	h.pass(9 * time.Hour) // asleep: the machine's uptime counts it
	h.shown = h.shown.Add(20 * time.Second)
	if c.Doubtful() || !c.Now().Equal(h.shown) {
		t.Fatal("a night is doubted")
	}
	for _, jump := range []time.Duration{2 * time.Hour, -2 * time.Hour, 365 * 24 * time.Hour} {
		before := c.Now()
		h.pass(30 * time.Second)
		h.shown = h.shown.Add(jump)
		if now := c.Now(); !c.Doubtful() || !now.Equal(before.Add(30*time.Second)) {
			t.Fatalf("%v: doubtful %v, goes on at %v", jump, c.Doubtful(), now)
		}
		if back := c.Doubt().Back(); back != (jump < 0) {
			t.Errorf("%v: back %v", jump, back)
		}
		h.pass(time.Hour)
		if now := c.Now(); !now.Equal(before.Add(time.Hour + 30*time.Second)) {
			t.Errorf("%v: does not go on, %v", jump, now)
		}
		h.shown = h.shown.Add(-jump)
		if c.Doubtful() || !c.back() {
			t.Errorf("%v: the clock came back and is doubted", jump)
		}
	}
	h.shown = h.shown.Add(3 * time.Hour)
	c.believe()
	if c.Doubtful() || !c.Now().Equal(h.shown) {
		t.Error("confirmed, and not believed")
	}
}

// The time is asked for with every decision (300 ns and no allocation are the goal):
// between two close looks it costs neither.
func TestTheClockAllocatesNothing(t *testing.T) {
	up := time.Now()
	c := NewSteady(time.Now, &Machine{Uptime: func() time.Duration { return time.Since(up) }, Boot: "a"})
	c.Now() // the close look
	if n := testing.AllocsPerRun(100, func() { c.Now() }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

// Whatever the clock does: the register's time never moves by more than an hour
// beside what really passed, unless somebody has confirmed it.
func TestTheRegistersTimeIsSteady(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &handset{shown: noon}
		c := NewSteady(func() time.Time { return h.shown }, h.machine("a"))
		last := c.Now()
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			passed := time.Duration(rapid.Int64Range(0, int64(48*time.Hour)).Draw(t, "passed"))
			jump := time.Duration(rapid.Int64Range(int64(-3*time.Hour), int64(3*time.Hour)).Draw(t, "jump"))
			h.pass(passed)
			h.shown = h.shown.Add(jump)
			now := c.Now()
			if off := now.Sub(last) - passed; off > Jump || off < -Jump {
				t.Fatalf("the register's time moved by %v in %v", now.Sub(last), passed)
			}
			if c.Doubtful() == now.Equal(h.shown) && jump != 0 && c.Doubtful() {
				t.Fatal("doubted, and shown all the same")
			}
			last = now
		}
	})
}

// A start is judged by what was seen before it.
func TestAStartIsJudged(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		gap, up time.Duration // since it was seen, by the clock; and how long the machine has been up
		boot    string
		synced  bool
		doubt   *Doubt
		refused bool
	}{
		"the machine was not off":               {gap: day, up: 1000*time.Second + day, boot: "a"},
		"not off, and the clock was set":        {gap: 30 * day, up: 1000*time.Second + day, boot: "a", refused: true},
		"not off, and set back":                 {gap: -30 * day, up: 1000*time.Second + day, boot: "a", refused: true},
		"off for a night":                       {gap: day / 2, up: time.Minute, boot: "b"},
		"off for a holiday":                     {gap: 20 * day, up: time.Minute, boot: "b"},
		"off for half a year":                   {gap: 180 * day, up: time.Minute, boot: "b", refused: true},
		"half a year, and a service vouches":    {gap: 180 * day, up: time.Minute, boot: "b", synced: true},
		"an empty battery":                      {gap: -20 * 365 * day, up: time.Minute, boot: "b", refused: true},
		"an empty battery, whatever is said":    {gap: -2 * day, up: time.Minute, boot: "b", synced: true, refused: true},
		"asked before, and started again":       {gap: 3 * day, up: time.Minute, boot: "b", doubt: &Doubt{Expected: noon, Shown: noon.Add(3 * day)}, refused: true},
		"asked before, and the clock came back": {gap: day, up: time.Minute, boot: "b", doubt: &Doubt{Expected: noon, Shown: noon.Add(400 * day)}},
	} {
		h := &handset{shown: noon.Add(c.gap), up: c.up, synced: c.synced}
		before := &seen{at: noon, uptime: 1000 * time.Second, boot: "a", doubt: c.doubt}
		if from := started(before, h.shown, h.up, h.machine(c.boot)); from.IsZero() == c.refused {
			t.Errorf("%s: goes on from %v", name, from)
		}
	}
}
