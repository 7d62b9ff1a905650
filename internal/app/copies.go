package app

import (
	"context"
	"errors"
	"time"

	"kartotek/internal/copies"
	"kartotek/internal/departure"
	"kartotek/internal/vault"
)

// leaveWithin is how long a house that closes waits for copies to take what it has
// changed. What is left the next start brings.
const leaveWithin = 30 * time.Second

// awaitWithin is how long an erasure in a command waits for copies that no server
// keeps current.
const awaitWithin = 30 * time.Second

// openCopies takes the places in which copies of the keyring are kept, and refuses
// a keyring that is older than one of them. It runs before anything is served.
func (h *House) openCopies(ctx context.Context) error {
	places, err := placesAt(h.KeyCopies)
	if err != nil {
		return err
	}
	h.Copies, err = copies.Open(ctx, copies.Parts{
		Charter: h.Charter, DB: h.DB, Keyring: h.Keyring, Journal: h.Journal, Access: h.Access, Duties: h.Duties,
		Departures: h.Departures, Now: h.Now,
	}, places)
	if err != nil {
		return err
	}
	h.Departures.Copies = confirmations{h}
	h.closers = append(h.closers, h.leaveCopies)
	return h.Copies.Copies.Check(ctx)
}

// PlaceError says that an address names no place.
type PlaceError struct {
	Address string
	Err     error
}

func (e *PlaceError) Error() string { return "app: " + e.Address + ": " + e.Err.Error() }
func (e *PlaceError) Unwrap() error { return e.Err }

// leaveCopies has the copies take what this process has changed. One that cannot
// be reached keeps nobody from closing.
func (h *House) leaveCopies() error {
	ctx, cancel := context.WithTimeout(context.Background(), leaveWithin)
	defer cancel()
	if err := h.Copies.Copies.Leave(ctx); err != nil {
		h.Log.Warn("a copy of the keyring is behind; it follows with the next start", "error", err)
	}
	if err := h.Copies.Note(ctx); err != nil {
		h.Log.Warn("what the copies of the keyring confirmed is not on record; the next start asks them again", "error", err)
	}
	return nil
}

// runCopies keeps the copies current until the context ends.
func (h *House) runCopies(ctx context.Context) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.Copies.Copies.Run(ctx)
	}()
	return func() { <-done }
}

// sweepCopies notes how the copies stand, and tells the log what is new.
func (h *House) sweepCopies(ctx context.Context) error {
	for _, s := range h.Copies.Copies.States() {
		switch {
		case errors.Is(s.Problem, vault.ErrCopyNewer):
			h.Log.Error("a copy of the keyring is newer than the keyring: stop, and find out which is the right one", "place", s.Address)
		case s.Problem != nil && h.Now().Sub(s.FailingAt) < 2*sweepEvery:
			h.Log.Warn("a copy of the keyring is behind", "place", s.Address, "error", s.Problem)
		}
	}
	return h.Copies.Sweep(ctx)
}

// Halted is closed when the keyring turns out to be older than one of its copies:
// keys that were destroyed may still be in it, so nothing may be served from then
// on.
func (h *House) Halted() <-chan struct{} { return h.Copies.Copies.Halted() }

// confirmations tells an erasure what the copies say.
type confirmations struct{ h *House }

// Await does not wait at a start, which nothing keeps from coming up.
func (c confirmations) Await(ctx context.Context, seq int64) {
	if !c.h.opened {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, awaitWithin)
	defer cancel()
	c.h.Copies.Copies.Await(ctx, seq)
}

func (c confirmations) Confirmed(_ context.Context, seq int64) (bool, []departure.Confirmation, error) {
	all, each := c.h.Copies.Confirmed(seq)
	var said []departure.Confirmation
	for _, s := range each {
		said = append(said, departure.Confirmation{Place: s.Address, At: s.ConfirmedAt})
	}
	return all, said, nil
}
