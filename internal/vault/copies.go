package vault

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"kartotek/internal/place"
)

// Copies keeps copies of an open keyring in places outside, for the day its file
// is lost. Everything in a copy is wrapped under the master key as in the keyring
// itself; a copy alone opens nothing. Each place has a loop of its own: it waits
// for a change, writes the parts that changed, then the manifest, reads all of
// that back, deletes what the manifest no longer names, and only then counts the
// copy as current. A place that cannot be reached is tried again for as long as
// it takes; nobody waits for it but the completion of an erasure (D7).
type Copies struct {
	ring    *Keyring
	now     func() time.Time
	running atomic.Bool
	copies  []*keyCopy
	halted  chan struct{} // closed when the keyring turns out to be an old one
	halt    sync.Once

	mu   sync.Mutex
	told chan struct{} // closed, and made anew, when a copy has news
}

// keyCopy is the copy in one place.
type keyCopy struct {
	place place.Place
	turn  chan struct{} // capacity one: whoever works on the copy
	poke  chan struct{} // capacity one: somebody waits

	// Of whoever has the turn.
	there *manifest // what lies in the place; nil while that is not known
	stood bool      // there was a copy: one that is not there any more was not made new by us

	mu    sync.Mutex
	state CopyState
}

// CopyState is how one copy stands.
type CopyState struct {
	Address     string
	Ledger      int64     // the last entry it has confirmed; the keys of all up to it are gone there
	Revision    int64     // of the keyring it has confirmed
	ConfirmedAt time.Time // zero: not since the program started
	VerifiedAt  time.Time // when every byte of it was last read back
	Repaired    int       // parts found damaged or missing, and written anew, since the program started
	FailingAt   time.Time // since when it fails; zero while it does not
	Problem     error     // why
}

// Current reports whether the copy has confirmed a revision of the keyring.
func (s *CopyState) Current(revision int64) bool {
	return s.FailingAt.IsZero() && !s.ConfirmedAt.IsZero() && s.Revision >= revision
}

// What can be wrong with a copy, beside what its place reports.
var (
	ErrCopyOther = errors.New("vault: the place holds a copy of another keyring")
	ErrCopyNewer = errors.New("vault: the copy is newer than the keyring")
	ErrCopyGone  = errors.New("vault: the copy that was there is gone")
	errTurned    = errors.New("vault: everything changed meanwhile")
	errReadBack  = errors.New("vault: the place does not give back what was written")
	errStays     = errors.New("vault: the place still has what was deleted")
)

const (
	copyPause    = 200 * time.Millisecond // between two rounds, so that many acts share one
	copyPatience = time.Second            // first wait after a failure; doubled each time
	copyLongest  = time.Minute            // the longest
	copyVerify   = 24 * time.Hour         // how often every byte is read back
	copyAwaited  = 5 * time.Second        // how long Await waits at most
	copyAsked    = 3 * time.Second        // how long a place may take to say what it holds
)

// Copies takes places to keep copies in. Nothing happens before Check, Run or
// CatchUp. stood says of which addresses it is known that a copy was there once: a
// place that is empty all the same, a disk that is not mounted say, is no place
// to begin anew in, since the copy with all its keys lies somewhere else.
func (k *Keyring) Copies(places []place.Place, now func() time.Time, stood func(address string) bool) *Copies {
	c := &Copies{ring: k, now: now, halted: make(chan struct{}), told: make(chan struct{})}
	for _, p := range places {
		c.copies = append(c.copies, &keyCopy{
			place: p, turn: make(chan struct{}, 1), poke: make(chan struct{}, 1),
			stood: stood(p.Address()), state: CopyState{Address: p.Address()},
		})
	}
	return c
}

// Renew begins a copy anew where there was one: whoever says so knows that the
// old one is destroyed. It reports false for an address that has no copy.
func (c *Copies) Renew(ctx context.Context, address string) bool {
	for _, x := range c.copies {
		if x.place.Address() == address && x.take(ctx) == nil {
			x.stood, x.there = false, nil
			x.leave()
			c.wake(x)
			return true
		}
	}
	return false
}

// wake ends the rest of a copy's loop.
func (c *Copies) wake(x *keyCopy) {
	select {
	case x.poke <- struct{}{}:
	default:
	}
}

// Check asks every place that answers within moments what it holds, and refuses,
// before anything is served, a keyring that is older than one of its copies: keys
// that were destroyed since might still be in it (ErrCopyNewer). Places that do
// not answer are not waited for; their loop finds out later.
func (c *Copies) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, copyAsked)
	defer cancel()
	var newer atomic.Pointer[error]
	c.each(func(x *keyCopy) {
		if x.take(ctx) != nil {
			return
		}
		defer x.leave()
		if _, err := c.look(ctx, x); errors.Is(err, ErrCopyNewer) {
			newer.Store(&err)
		}
	})
	if err := newer.Load(); err != nil {
		return *err
	}
	return nil
}

// each does something with all copies at once.
func (c *Copies) each(do func(x *keyCopy)) {
	var all sync.WaitGroup
	for _, x := range c.copies {
		all.Go(func() { do(x) })
	}
	all.Wait()
}

// Run keeps the copies current until the context ends. Each is first read whole
// and repaired.
func (c *Copies) Run(ctx context.Context) {
	if c.running.Swap(true) {
		return
	}
	defer c.running.Store(false)
	c.each(func(x *keyCopy) { c.keep(ctx, x) })
}

// keep is the loop of one copy.
func (c *Copies) keep(ctx context.Context, x *keyCopy) {
	var verified time.Time
	patience := copyPatience
	for ctx.Err() == nil {
		whole := verified.IsZero() || c.now().Sub(verified) >= copyVerify
		if err := c.round(ctx, x, whole); err != nil {
			x.rest(ctx, patience, nil)
			patience = min(2*patience, copyLongest)
			continue
		}
		patience = copyPatience
		if whole {
			verified = c.now()
		}
		revision, next := c.ring.changes.now()
		if state := x.now(); state.Revision >= revision && x.rest(ctx, copyVerify, next) {
			continue // somebody waits
		}
		x.rest(ctx, copyPause, nil)
	}
}

// rest waits for a time to pass, for a channel to be closed, or for somebody who
// waits for the copy, and reports whether it was that.
func (x *keyCopy) rest(ctx context.Context, long time.Duration, next <-chan struct{}) (poked bool) {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	case <-next:
	case <-x.poke:
		return true
	}
	return false
}

// CatchUp brings every copy up to date now, and gives what stopped any. A command
// that ends does so, where no server keeps the copies.
func (c *Copies) CatchUp(ctx context.Context) error { return c.allOf(ctx, false) }

// Verify reads every byte of every copy back, holds it against the keyring and
// repairs what differs.
func (c *Copies) Verify(ctx context.Context) error { return c.allOf(ctx, true) }

func (c *Copies) allOf(ctx context.Context, whole bool) error {
	failed := make([]error, len(c.copies))
	var all sync.WaitGroup
	for i, x := range c.copies {
		all.Go(func() { failed[i] = c.round(ctx, x, whole) })
	}
	all.Wait()
	return errors.Join(failed...)
}

// Leave brings up to date what this process has changed, before the keyring is
// closed.
func (c *Copies) Leave(ctx context.Context) error {
	if err := c.ring.flushPending(ctx); err != nil { // else closing would change the keyring once more
		return err
	}
	revision, _ := c.ring.changes.now()
	if revision == c.ring.changes.opened {
		return nil
	}
	failed := make([]error, len(c.copies))
	var all sync.WaitGroup
	for i, x := range c.copies {
		if state := x.now(); state.Current(revision) || !state.FailingAt.IsZero() {
			continue // what fails now fails for as long as nobody sees to it
		}
		all.Go(func() { failed[i] = c.round(ctx, x, false) })
	}
	all.Wait()
	return errors.Join(failed...)
}

// Await has the copies catch up with an entry of the ledger and waits a moment
// for them. It does not wait for a place that failed just before.
func (c *Copies) Await(ctx context.Context, seq int64) {
	if !c.running.Load() {
		if all, _ := c.Confirmed(seq); !all {
			_ = c.CatchUp(ctx) // each copy's state tells
		}
		return
	}
	end := time.NewTimer(copyAwaited)
	defer end.Stop()
	for {
		c.mu.Lock()
		told := c.told
		c.mu.Unlock()
		waiting := false
		for _, x := range c.copies {
			if state := x.now(); state.Ledger < seq && state.FailingAt.IsZero() {
				waiting = true
				c.wake(x)
			}
		}
		if !waiting {
			return
		}
		select {
		case <-told:
		case <-end.C:
			return
		case <-ctx.Done():
			return
		}
	}
}

// Confirmed reports whether every copy has confirmed the ledger up to an entry:
// none of them holds a key any more that it calls destroyed.
func (c *Copies) Confirmed(seq int64) (bool, []CopyState) {
	states, all := c.States(), true
	for i := range states {
		all = all && !states[i].ConfirmedAt.IsZero() && states[i].Ledger >= seq
	}
	return all, states
}

// States tells how every copy stands.
func (c *Copies) States() []CopyState {
	states := make([]CopyState, len(c.copies))
	for i, x := range c.copies {
		states[i] = x.now()
	}
	return states
}

// Revision is how many acts have changed the keyring; a copy that has confirmed
// it is current.
func (k *Keyring) Revision() int64 {
	revision, _ := k.changes.now()
	return revision
}

// Halted is closed when a copy turns out to be newer than the keyring: whoever
// serves must stop, since keys that were destroyed may still open.
func (c *Copies) Halted() <-chan struct{} { return c.halted }

// now is the copy's state.
func (x *keyCopy) now() CopyState {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.state
}

func (x *keyCopy) take(ctx context.Context) error {
	select {
	case x.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (x *keyCopy) leave() { <-x.turn }

// tell changes a copy's state and wakes whoever waits for it.
func (c *Copies) tell(x *keyCopy, change func(s *CopyState)) {
	x.mu.Lock()
	change(&x.state)
	x.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	close(c.told)
	c.told = make(chan struct{})
}
