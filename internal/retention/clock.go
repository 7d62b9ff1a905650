package retention

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/vault"
)

// Jump is how far the clock may be from where it should be.
const Jump = time.Hour

// unseen is how long the register may have been stopped before the time it is
// started at is asked about, on a machine whose clock nothing vouches for.
const unseen = 30 * 24 * time.Hour

// Machine is what a machine knows of time beside what its clock shows.
type Machine struct {
	// Uptime is how long the machine has been up. It goes on while the machine sleeps,
	// so that a laptop closed for a night has no clock that jumps.
	Uptime func() time.Duration
	Boot   string      // names this start of the machine; "" where nobody knows it
	Synced func() bool // whether a time service vouches for the clock right now
}

// Steady is the register's clock. It shows what the machine's clock shows, until
// that jumps by over an hour; from then on it goes on by itself from where it was,
// so that no act gets a time nobody believes, until the clock comes back or somebody
// confirms the new time. Meanwhile it is in doubt.
type Steady struct {
	wall    func() time.Time
	machine *Machine // nil: what the clock shows is true

	quick atomic.Pointer[time.Time] // when the clock was last looked at closely, and right

	mu    sync.Mutex
	at    time.Duration // uptime when the clock was last right
	right time.Time     // what it showed then
	doubt *Doubt
	came  bool // the clock has come back, which is not noted yet
}

// Doubt is a jump of the clock.
type Doubt struct {
	Expected time.Time // what the clock should have shown
	Shown    time.Time // what it did show
	Start    bool      // noticed at a start, not while running
}

// Back reports whether the clock jumped back.
func (d *Doubt) Back() bool { return d.Shown.Before(d.Expected) }

// NewSteady makes a clock over what the machine shows; without a Machine it is that.
func NewSteady(wall func() time.Time, m *Machine) *Steady {
	c := &Steady{wall: wall, machine: m}
	if m != nil {
		c.right, c.at = wall(), m.Uptime()
	}
	return c
}

// Now is the register's time.
func (c *Steady) Now() time.Time {
	shown := c.wall()
	if c.machine == nil || c.agrees(shown) {
		return shown
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	shown, up := c.wall(), c.machine.Uptime()
	expected := c.right.Add(up - c.at)
	if off := shown.Sub(expected); off > Jump || off < -Jump {
		if c.doubt == nil {
			c.doubt = &Doubt{Expected: expected, Shown: shown}
		}
		c.quick.Store(nil)
		return expected
	}
	c.came = c.came || c.doubt != nil
	c.doubt, c.right, c.at = nil, shown, up
	c.look(shown)
	return shown
}

// look keeps when the clock was looked at closely. It is a function of its own so
// that only the time of a close look is moved to the heap: Now is asked for every
// decision, and does not allocate.
func (c *Steady) look(shown time.Time) { c.quick.Store(&shown) }

// agrees reports whether the two clocks that Go reads at once, the one people see and
// the one that never jumps, have gone alike since the last close look: the machine
// need not be asked then. They do not after a sleep.
func (c *Steady) agrees(shown time.Time) bool {
	last := c.quick.Load()
	if last == nil || shown == shown.Round(0) { //nolint:staticcheck // whether it carries the second clock is the question
		return false
	}
	apart := shown.Round(0).Sub(last.Round(0)) - shown.Sub(*last)
	return apart < time.Second && apart > -time.Second
}

// Wall is what the machine's clock shows, believed or not.
func (c *Steady) Wall() time.Time { return c.wall() }

// Doubt is the jump nobody has confirmed; nil where the time is not in doubt.
func (c *Steady) Doubt() *Doubt {
	c.Now()
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.doubt
}

// Doubtful reports whether the time is in doubt.
func (c *Steady) Doubtful() bool { return c.Doubt() != nil }

// believe takes what the clock shows for the time.
func (c *Steady) believe() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doubt, c.came = nil, false
	c.quick.Store(nil)
	if c.machine != nil {
		c.right, c.at = c.wall(), c.machine.Uptime()
	}
}

// suspect goes on from a moment that is believed, and doubts what the clock shows.
func (c *Steady) suspect(from time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.quick.Store(nil)
	c.right, c.at = from, c.machine.Uptime()
	c.doubt = &Doubt{Expected: from, Shown: c.wall(), Start: true}
}

func (c *Steady) back() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	came := c.came
	c.came = false
	return came
}

// seen is what is kept of the clock.
type seen struct {
	at     time.Time
	uptime time.Duration
	boot   string
	doubt  *Doubt // open
}

// started judges the clock at a start by what was seen before. It gives the moment
// to go on from where the clock is not believed; zero where it is.
func started(before *seen, shown time.Time, up time.Duration, m *Machine) (from time.Time) {
	if before.boot != "" && before.boot == m.Boot && up >= before.uptime { // the machine has not been off
		expected := before.at.Add(up - before.uptime)
		if off := shown.Sub(expected); off > Jump || off < -Jump {
			return expected
		}
		return time.Time{}
	}
	vouched := m.Synced != nil && m.Synced()
	switch gap := shown.Sub(before.at); {
	case gap < -Jump:
		return before.at // a clock that has lost its battery
	case vouched:
	case before.doubt != nil && !before.doubt.Back() && !shown.Before(before.doubt.Shown.Add(-Jump)):
		return before.at // a start does not answer what was asked before it
	case gap > unseen:
		return before.at
	}
	return time.Time{}
}

// Judge looks at the clock at a start, by what was noted of it before. It comes
// before anything is written, so that no act gets a time that is not believed.
func (c *Steady) Judge(ctx context.Context, db *database.DB) error {
	if c.machine == nil {
		return nil
	}
	before, err := lastSeen(ctx, db)
	if err != nil || before == nil {
		return err
	}
	if from := started(before, c.wall(), c.machine.Uptime(), c.machine); !from.IsZero() {
		c.suspect(from)
		return nil
	}
	c.believe()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.came = before.doubt != nil
	return nil
}

// Settle notes what was made of the clock at a start, once everything is there. A
// long stop of a machine whose clock nothing vouches for is believed where nothing
// would go that is too much at once: the brake guards the rest.
func (s *Service) Settle(ctx context.Context) error {
	c := s.Steady
	if c == nil || c.machine == nil {
		return nil
	}
	before, err := s.seen(ctx)
	if err != nil {
		return err
	}
	if doubt := c.Doubt(); doubt != nil && doubt.Start && !doubt.Back() && before != nil && before.doubt == nil && before.boot != c.machine.Boot {
		harmless, err := s.harmless(ctx, c.wall())
		if err != nil {
			return err
		}
		if harmless {
			c.believe()
		}
	}
	return s.Tick(ctx)
}

// harmless reports whether no rule would be stopped at a moment.
func (s *Service) harmless(ctx context.Context, at time.Time) (bool, error) {
	for i := range s.rules {
		r := &s.rules[i]
		if r.Work == nil || r.Forever {
			continue
		}
		tally, err := r.Work.Due(ctx, at)
		if err != nil || r.stops(s.Charter, tally.Due, tally.All) {
			return false, err
		}
	}
	return true, nil
}

// noted is how often it is noted that the clock is right.
const noted = 10 * time.Minute

// Tick looks at the clock and notes what it sees: that it is right, now and then;
// that it has jumped, with a duty for whoever answers for the register; that it came
// back. It is called at every pass of the scheduled work.
func (s *Service) Tick(ctx context.Context) error {
	c := s.Steady
	if c == nil || c.machine == nil {
		return nil
	}
	now, doubt, came := c.Now(), c.Doubt(), c.back()
	before, err := s.seen(ctx)
	if err != nil {
		return err
	}
	fresh := before == nil || before.boot != c.machine.Boot || now.Sub(before.at) >= noted || now.Before(before.at)
	asked := before != nil && before.doubt != nil
	switch {
	case doubt != nil && !asked:
		return s.note(ctx, now, doubt, func(tx *database.Tx) error {
			if err := s.noteDoubt(tx, doubt); err != nil {
				return err
			}
			_, err := s.Duties.Add(tx, duty.Duty{
				Kind: duty.CheckClock, Subject: 1, Act: charter.Journal.String(), DueOn: s.Charter.Today(now).AddDays(decideDays),
			})
			if err != nil {
				return err
			}
			e := byItself(journal.SweepStop, "clock")
			_, err = s.Journal.Append(tx, &e)
			return err
		})
	case doubt == nil && (asked || came):
		return s.note(ctx, now, nil, func(tx *database.Tx) error {
			return s.settled(tx, 0, "back", byItself(journal.SweepDecide, "clock_back"))
		})
	case fresh:
		return s.note(ctx, now, doubt, nil)
	}
	return nil
}

// note writes what the clock shows, with what happened to it.
func (s *Service) note(ctx context.Context, now time.Time, doubt *Doubt, also func(*database.Tx) error) error {
	up := s.Steady.machine.Uptime()
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		_, err := tx.Exec(`INSERT INTO retention_clock (id, seen_at, uptime, boot, how) VALUES (1, $1, $2, $3, '')
			ON CONFLICT (id) DO UPDATE SET seen_at = $1, uptime = $2, boot = $3`, now.UnixMicro(), up.Microseconds(), s.Steady.machine.Boot)
		if err != nil || also == nil {
			return err
		}
		return also(tx)
	})
}

func (s *Service) noteDoubt(tx *database.Tx, d *Doubt) error {
	_, err := tx.Exec(`UPDATE retention_clock SET doubt_at = $1, shown_at = $2, cleared_at = NULL, cleared_by = NULL, how = '' WHERE id = 1`,
		d.Expected.UnixMicro(), d.Shown.UnixMicro())
	return err
}

// settled ends a doubt that is noted.
func (s *Service) settled(tx *database.Tx, by vault.PersonID, how string, e journal.Entry) error {
	rows, err := tx.Exec(`UPDATE retention_clock SET cleared_at = $1, cleared_by = $2, how = $3 WHERE id = 1 AND doubt_at IS NOT NULL AND cleared_at IS NULL`,
		tx.Now().UnixMicro(), person(by), how)
	if err != nil || rows == 0 {
		return err
	}
	if _, err := s.Duties.Finish(tx, duty.CheckClock, 1, by, "done"); err != nil {
		return err
	}
	_, err = s.Journal.Append(tx, &e)
	return err
}

func (s *Service) seen(ctx context.Context) (*seen, error) { return lastSeen(ctx, s.DB) }

// lastSeen reads what was noted of the clock; nil where nothing was.
func lastSeen(ctx context.Context, db *database.DB) (*seen, error) {
	var at, up int64
	var boot string
	var doubt, shown, cleared *int64
	err := db.Read(ctx, func(q database.Querier) error {
		return q.QueryRow(`SELECT seen_at, uptime, boot, doubt_at, shown_at, cleared_at FROM retention_clock WHERE id = 1`).
			Scan(&at, &up, &boot, &doubt, &shown, &cleared)
	})
	if errors.Is(err, database.ErrNotFound) {
		return nil, nil //nolint:nilnil // a register that has never run
	}
	if err != nil {
		return nil, err
	}
	b := &seen{at: time.UnixMicro(at).UTC(), uptime: time.Duration(up) * time.Microsecond, boot: boot}
	if doubt != nil && shown != nil && cleared == nil {
		b.doubt = &Doubt{Expected: moment(doubt), Shown: moment(shown)}
	}
	return b, nil
}

// Time is how the clock stands.
type Time struct {
	Doubt  *Doubt
	Now    time.Time // the register's
	Wall   time.Time // the machine's
	Synced bool      // a time service vouches for the machine's
}

// Time tells how the clock stands, to whoever answers for the register.
func (s *Service) Time(ctx context.Context, by access.Actor) (Time, error) {
	if _, err := s.keeper(ctx, by); err != nil {
		return Time{}, err
	}
	c := s.Steady
	if c == nil {
		now := s.Now()
		return Time{Now: now, Wall: now}, nil
	}
	t := Time{Doubt: c.Doubt(), Now: c.Now(), Wall: c.Wall()}
	t.Synced = c.machine != nil && c.machine.Synced != nil && c.machine.Synced()
	return t, nil
}

// ConfirmTime takes the time the machine shows for right, after it has jumped, by
// whoever answers for the register. From then on everything is swept again.
func (s *Service) ConfirmTime(ctx context.Context, by access.Actor) error {
	scope, err := s.keeper(ctx, by)
	if err != nil {
		return err
	}
	if s.Steady == nil || s.Steady.Doubt() == nil {
		return fault.New(fault.Conflict, "retention.error.no_doubt")
	}
	if err := s.Tick(ctx); err != nil { // it may not be noted yet
		return err
	}
	s.Steady.believe()
	e := scope.Entry(journal.SweepDecide)
	e.Reason = "clock"
	return s.note(ctx, s.Steady.Now(), nil, func(tx *database.Tx) error { return s.settled(tx, by.Person, "confirmed", e) })
}
