package app_test

import (
	"bytes"
	"context"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/app/housetest"
	"kartotek/internal/charter"
	"kartotek/internal/database/faulttest"
	"kartotek/internal/departure"
	"kartotek/internal/duty"
	"kartotek/internal/retention"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// day is how long a step of these tests takes.
const day = 24 * time.Hour

// heard is what the engine of duties has told.
type heard struct{ reminded, escalated map[duty.Kind]int }

func (h heard) Remind(_ context.Context, d duty.Duty) error { h.reminded[d.Kind]++; return nil }
func (h heard) Step(_ context.Context, d duty.Duty, s duty.Step) error {
	if s.After <= 0 {
		return h.Remind(context.Background(), d)
	}
	return h.Escalate(context.Background(), d)
}
func (h heard) Escalate(_ context.Context, d duty.Duty) error { h.escalated[d.Kind]++; return nil }

// A copy is out of reach for a week of random life, with starts in between: whoever
// is erased meanwhile is unreadable at once, stays visibly unfinished, and a duty is
// escalated, once; when the place is back everybody is finished and it holds no key
// of theirs. Nothing acknowledged is lost.
func TestD7ACopyOutOfReachForAWeek(t *testing.T) {
	total, counts := runsOf(2), tally{}
	for run := range total {
		disk := filepath.Join(faulttest.Scratch(t), "disk")
		at := filepath.Join(disk, "copy")
		if err := os.Mkdir(disk, 0o700); err != nil {
			t.Fatal(err)
		}
		l := beginLife(t, uint64(run), keeping(at, filepath.Join(faulttest.Scratch(t), "near")))
		l.disk.Forget()
		l.silent = true
		w := week{chronicle: l, counts: counts, told: heard{map[duty.Kind]int{}, map[duty.Kind]int{}}, waited: map[vault.PersonID]int{}}
		w.Must(w.Copies.Verify(w.Context()))
		l.live(6)
		before := len(w.through())
		l.keep()
		w.Must(os.Rename(disk, disk+" away"))
		w.Must(w.Copies.Verify(w.Context()))
		person := l.pick(l.members) // one for certain; chance has more
		_, err := w.Departures.Close(w.Context(), w.As("anna"), person, "resignation", true)
		w.Must(err)
		_, err = w.Departures.Confirm(w.Context(), w.As("bo"), person)
		w.Must(err)
		w.prune()
		for range 7 + l.rng.IntN(3) {
			w.day()
		}
		gone := w.through()[before:]
		if len(gone) == 0 || w.told.escalated[duty.CopyBehind] != 1 {
			t.Errorf("run %d: %d erased meanwhile, the duty was escalated %d times", run, len(gone), w.told.escalated[duty.CopyBehind])
		}
		if held := l.lying(disk+" away", gone); held == 0 {
			t.Errorf("run %d: the copy that is away holds no key of whoever went", run)
		}
		w.Must(os.Rename(disk+" away", disk))
		n, err := w.EraseDue(w.Context())
		w.Must(err)
		w.Clock.Add(day) // the last certificates
		last, err := w.EraseDue(w.Context())
		w.Must(err)
		n += last
		w.Must(w.Copies.Sweep(w.Context()))
		left, err := erasing(w.House)
		left = slices.DeleteFunc(left, func(p vault.PersonID) bool { return !slices.Contains(gone, p) }) // begun just now
		if err != nil || len(left) > 0 || n < len(gone) || len(behind(t, l.Fixture)) > 0 {
			t.Errorf("run %d: the place is back: %d of %d finished, %v are not, %v", run, n, len(gone), left, err)
		}
		if held := l.lying(disk, gone); held > 0 {
			t.Errorf("run %d: the copy still holds %d keys of %d persons", run, held, len(gone))
		}
		w.sound(run)
		counts["weeks"]++
		counts["finished when it was back"] += len(gone)
		w.Must(w.House.Close())
		w.Must(w.Open())
	}
	faulttest.Tell(t, "%d weeks: %v", total, counts)
	if counts["starts"] == 0 && total > 1 {
		t.Error("nothing was started anew")
	}
}

// week is a life day by day.
type week struct {
	*chronicle
	counts tally
	told   heard
	waited map[vault.PersonID]int // days that a certificate has kept somebody
}

// through lists whose erasure has begun, finished or not.
func (w *week) through() (persons []vault.PersonID) {
	open, erased, err := w.Departures.Waiting(w.Context(), w.may("anna", charter.Close))
	w.Must(err)
	slices.Reverse(erased) // the newest come first
	for _, d := range append(erased, open...) {
		if d.State != departure.Hidden {
			persons = append(persons, d.Person)
		}
	}
	return persons
}

// prune forgets whom nobody can act on any more.
func (w *week) prune() {
	gone := w.through()
	over := func(p vault.PersonID) bool { return slices.Contains(gone, p) }
	w.members, w.closed = slices.DeleteFunc(w.members, over), slices.DeleteFunc(w.closed, over)
	open, _, err := w.Departures.Waiting(w.Context(), w.may("anna", charter.Close))
	w.Must(err)
	for _, d := range open {
		if !d.DueAt.After(w.Now()) {
			w.drop(&w.closed, d.Person) // too late to undo
		}
	}
}

// day is a day of life while a place is out of reach.
func (w *week) day() {
	w.t.Helper()
	ctx := w.Context()
	w.live(1 + w.rng.IntN(4))
	if w.rng.IntN(3) == 0 {
		w.start()
	}
	w.Clock.Add(day)
	before, err := erasing(w.House)
	w.Must(err)
	if n, err := w.EraseDue(ctx); n != 0 || err != nil {
		w.t.Errorf("%d erasures are complete without the copy, %v", n, err)
	}
	now, err := erasing(w.House)
	w.Must(err)
	w.Must(w.Copies.Verify(ctx)) // as the server does every day
	for _, person := range before {
		if !slices.Contains(now, person) {
			w.t.Errorf("person %d is no longer visibly unfinished", person)
		}
	}
	for _, person := range now {
		w.Must(w.unreadable(w.House, person))
		if w.Keyring.Holds(person, vault.Membership) && w.waited[person] == 0 {
			w.waited[person]++ // the certificate may keep them for a day, and no longer
			w.counts["certificates waited for"]++
			continue
		}
		all, said, err := w.Departures.Confirmations(ctx, person)
		if w.Keyring.Holds(person, vault.Membership) || err != nil || all || len(said) != 2 || said[1].At.IsZero() == said[0].At.IsZero() {
			w.t.Errorf("person %d: held %v, confirmed %v %+v, %v", person, w.Keyring.Holds(person, vault.Membership), all, said, err)
		}
	}
	w.prune()
	w.Must(w.Copies.Sweep(ctx))
	if duties := behind(w.t, w.Fixture); len(duties) != 1 {
		w.t.Errorf("%d duties about the copy", len(duties))
	}
	w.Must(w.Duties.Run(ctx, w.Clock.Now(), w.told))
	w.counts["days"]++
	w.counts["met unfinished"] += len(now)
}

// start closes the house and opens it: what was acknowledged is there.
func (w *week) start() {
	w.t.Helper()
	before := truthOf(w.t, w.DB)
	begun, err := erasing(w.House)
	w.Must(err)
	w.Reopen()
	w.counts["starts"]++
	left, err := erasing(w.House)
	w.Must(err)
	if len(left) < len(begun) {
		w.counts["rolled forward by a start"] += len(begun) - len(left)
		return
	}
	now := truthOf(w.t, w.DB)
	for _, table := range told {
		if d := difference(before[table], now[table]); d != "" {
			w.t.Errorf("after a start the table %s is another:\n%s", table, d)
		}
	}
}

// sound looks at the whole once more.
func (w *week) sound(run int) {
	w.t.Helper()
	report, err := w.Journal.Verify(w.Context(), nil)
	if err != nil || !report.Sound() {
		w.t.Errorf("run %d: the journal: %+v, %v", run, report.Problems, err)
	}
	w.Must(w.Keyring.VerifyLedger(w.Context()))
	w.Must(w.Keyring.Healthy())
}

// lying counts whose wrapped keys lie in the files of a directory.
func (l *chronicle) lying(dir string, persons []vault.PersonID) (held int) {
	var all []byte
	for _, path := range housetest.Files(l.t, dir) {
		content, err := os.ReadFile(path)
		l.Must(err)
		all = append(append(all, content...), '\n')
	}
	for _, person := range persons {
		if key := l.keys[person]; len(key) > 0 && bytes.Contains(all, key) {
			held++
		}
	}
	return held
}

// jumping is a machine whose clock can be set wrong. What truly passed is what its
// uptime says.
type jumping struct {
	week
	machine *retention.Machine
	up      time.Duration
	wrong   time.Duration // how far the clock is off
	true    time.Time     // what it would show
}

// The clock jumps, by hours or by a year, back and forth, in a random life with starts
// in between: until it is right again nothing ends, what is done meanwhile gets the
// time that truly is, and a duty asks. Then everything goes on where it was: nobody is
// erased before the window is truly over, and nobody later.
func TestN14ClocksThatJumpThroughALife(t *testing.T) {
	total, counts := runsOf(4), tally{}
	for run := range total {
		j := &jumping{up: 1000 * time.Hour, true: housetest.Noon}
		j.machine = &retention.Machine{Uptime: func() time.Duration { return j.up }, Boot: "first"}
		j.week = week{chronicle: beginLife(t, uint64(run), func(c *app.Config) { c.Machine = j.machine }), counts: counts}
		j.disk.Forget()
		j.silent = true
		j.rng = rand.New(rand.NewPCG(uint64(run), 19))
		j.Must(j.Retention.Tick(j.Context()))
		for range 14 {
			j.step()
		}
		j.back()
		j.sweeps()
		j.sound(run)
	}
	faulttest.Tell(t, "%d lives: %v", total, counts)
	for _, what := range []string{"jumps", "starts while in doubt", "days in doubt", "days", "closed while in doubt", "windows over while in doubt", "erased by the sweep"} {
		if counts[what] == 0 {
			t.Errorf("there were no %s", what)
		}
	}
}

// pass lets time pass, truly.
func (j *jumping) pass(d time.Duration) {
	j.up, j.true = j.up+d, j.true.Add(d)
	j.Clock.Set(j.true.Add(j.wrong))
}

func (j *jumping) step() {
	j.t.Helper()
	if j.wrong == 0 && j.rng.IntN(2) == 0 {
		hours := []int{2, 20, 24 * 3, 24 * 40, 24 * 400}[j.rng.IntN(5)]
		j.wrong = time.Duration(hours) * time.Hour
		if j.rng.IntN(2) == 0 {
			j.wrong = -j.wrong
		}
		j.pass(0)
		j.Must(j.Retention.Tick(j.Context()))
		j.counts["jumps"]++
	} else if j.wrong != 0 && j.rng.IntN(3) == 0 {
		j.back()
	}
	if j.rng.IntN(4) == 0 {
		j.start()
		if j.wrong != 0 {
			j.counts["starts while in doubt"]++
		}
	}
	closed := len(j.closed)
	j.live(1 + j.rng.IntN(3))
	if now := j.Now(); !now.Equal(j.true) {
		j.t.Errorf("the register's time is %v, truly it is %v", now, j.true)
	}
	if j.wrong != 0 && len(j.closed) > closed {
		j.counts["closed while in doubt"]++
	}
	j.pass(day)
	j.Must(j.Retention.Tick(j.Context()))
	j.sweeps()
}

// sweeps works what has ended, and holds it against what should have.
func (j *jumping) sweeps() {
	j.t.Helper()
	before, due := len(j.through()), 0
	open, _, err := j.Departures.Waiting(j.Context(), j.may("anna", charter.Close))
	j.Must(err)
	for _, d := range open {
		if d.State == departure.Hidden && !d.DueAt.After(j.true) {
			due++
		}
		if d.ClosedAt.After(j.true) {
			j.t.Errorf("person %d was closed at %v, and it is %v", d.Person, d.ClosedAt, j.true)
		}
	}
	_, err = j.EraseDue(j.Context())
	j.Must(err)
	j.Must(j.Retention.Sweep(j.Context(), false))
	taken := len(j.through()) - before
	switch asked := j.asked(); {
	case j.wrong != 0 && (taken != 0 || !asked):
		j.t.Errorf("off by %v: %d taken; asked: %v", j.wrong, taken, asked)
	case j.wrong == 0 && (taken != due || asked):
		j.t.Errorf("%d taken, %d were due; asked: %v", taken, due, asked)
	case j.wrong != 0:
		j.counts["days in doubt"]++
		j.counts["windows over while in doubt"] += due
	default:
		j.counts["days"]++
		j.counts["erased by the sweep"] += taken
	}
	j.prune()
}

// back sets the clock right.
func (j *jumping) back() {
	j.wrong = 0
	j.pass(0)
	j.Must(j.Retention.Tick(j.Context()))
}

// asked reports whether a duty asks about the clock.
func (j *jumping) asked() bool {
	open, err := j.Duties.Open(j.Context(), duty.Responsible{Acts: map[unit.ID]charter.Acts{0: charter.Journal}})
	j.Must(err)
	return slices.ContainsFunc(open, func(d duty.Duty) bool { return d.Kind == duty.CheckClock })
}
