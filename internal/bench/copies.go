package bench

import (
	"context"
	"fmt"
	"path/filepath"
	"strconv"
	"time"

	"kartotek/internal/app"
	"kartotek/internal/vault"
)

// mostErased is how many are erased at once; a smaller federation loses a quarter.
const mostErased = 10_000

// windowOver is longer than any charter's window; lettersOver is longer than the
// certificate of somebody without e-mail is waited for.
const (
	windowOver  = 10 * 24 * time.Hour
	lettersOver = 25 * time.Hour
)

// erasures measures many members erased at once, in the time of one durable write
// for each; then with a copy of the keyring in a directory beside the same without,
// first for one member, then for many.
func (r *run) erasures(ctx context.Context) error {
	durable, err := r.durable()
	if err != nil {
		return err
	}
	r.config.Now = func() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }
	if err := r.reopen(ctx); err != nil {
		return err
	}
	many := min(mostErased, r.Members/4)
	next := oneErased
	alone, err := r.eraseMany(ctx, next, many)
	if err != nil {
		return err
	}
	r.against("erasures", "s", alone/1000, float64(many)*durable/1000, 10)
	r.of(many)
	next += many

	r.config.KeyCopies = []string{filepath.Join(r.dir, "copy")}
	if err := r.reopen(ctx); err != nil {
		return err
	}
	copied, err := timed(func() error { return r.house.Copies.Verify(ctx) })
	if err != nil {
		return err
	}
	r.within("key_copy", "s", copied/1000, 0, 30)
	one, err := r.eraseOne(ctx, next)
	if err != nil {
		return err
	}
	without, err := r.withoutCopy()
	if err != nil {
		return err
	}
	r.against("erasure_copied", "ms", one, without, 5)
	next++
	copiedMany, err := r.eraseMany(ctx, next, many)
	if err != nil {
		return err
	}
	r.against("erasures_copied", "s", copiedMany/1000, alone/1000, 1.5)
	r.of(many)
	return nil
}

// withoutCopy is what the erasure of one member took without a copy.
func (r *run) withoutCopy() (ms float64, err error) {
	for _, m := range r.report.Measures {
		if m.Operation == "erasure" {
			return m.Ours, nil
		}
	}
	return 0, fmt.Errorf("bench: one erasure was not measured")
}

// reopen opens the house again, with what its configuration says by now.
func (r *run) reopen(ctx context.Context) (err error) {
	if err := r.house.Close(); err != nil {
		return err
	}
	r.house = nil
	r.house, err = app.Open(ctx, r.config)
	return err
}

// memberFromEnd is the member so far from the last one that came in.
func (r *run) memberFromEnd(at int) (vault.PersonID, error) {
	number := strconv.Itoa(r.house.Charter.NumberFirst + r.Members - 1 - at)
	found, err := r.house.Keyring.Find(vault.ClaimNumber, number)
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("bench: member %d from the end is missing", at+1)
	}
	if err != nil {
		return 0, err
	}
	return found[0], nil
}

// eraseOne closes one member and measures from the second pair of eyes to gone.
func (r *run) eraseOne(ctx context.Context, at int) (ms float64, err error) {
	person, err := r.memberFromEnd(at)
	if err != nil {
		return 0, err
	}
	if _, err := r.house.Departures.Close(ctx, r.people.office, person, "resignation", true); err != nil {
		return 0, err
	}
	return timed(func() error {
		_, err := r.house.Departures.Confirm(ctx, r.people.second, person)
		return err
	})
}

// eraseMany closes members from a place on, lets their window end, and measures
// the erasing.
func (r *run) eraseMany(ctx context.Context, from, many int) (ms float64, err error) {
	for at := from; at < from+many; at++ {
		r.Progress("closing", at-from+1, many)
		person, err := r.memberFromEnd(at)
		if err != nil {
			return 0, err
		}
		if _, err := r.house.Departures.Close(ctx, r.people.office, person, "resignation", false); err != nil {
			return 0, err
		}
	}
	r.tell("erasures")
	erased := 0
	for _, pass := range []time.Duration{windowOver, lettersOver} {
		r.ahead.Add(int64(pass))
		took, err := timed(func() error {
			n, err := r.house.Departures.EraseDue(ctx)
			erased += n
			return err
		})
		if err != nil {
			return 0, err
		}
		ms += took
	}
	if erased != many {
		return 0, fmt.Errorf("bench: %d of %d were erased", erased, many)
	}
	return ms, nil
}
