package journal

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"kartotek/internal/database"
)

// place gives leaves the next positions and stores the hashes they complete.
// The leaves have none yet: they were inserted in this act, or found waiting.
func (j *Journal) place(tx *database.Tx, leaves []leaf) error {
	size, err := treeSize(tx)
	if err != nil {
		return err
	}
	tree, err := j.treeAt(tx, size)
	if err != nil {
		return err
	}
	positions := rows{into: insertPositions}
	hashes := rows{into: insertHashes}
	for _, l := range leaves {
		positions.add(tree.size, l.id)
		index := tlog.StoredHashIndex(0, tree.size)
		completed, err := tree.add(l.record())
		if err != nil {
			return err
		}
		for i := range completed {
			hashes.add(index+int64(i), completed[i][:])
		}
	}
	if err := positions.insert(tx); err != nil {
		return err
	}
	if err := hashes.insert(tx); err != nil {
		return err
	}
	j.mu.Lock()
	j.ahead.tx, j.ahead.tree = tx, tree
	j.mu.Unlock()
	tx.AfterCommit(func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		j.tree, j.ahead.tx = tree, nil
		for _, l := range leaves {
			j.newest = max(j.newest, l.id)
		}
		if j.newest == tree.size { // as many as there are ids
			j.settled = j.newest
		}
	})
	return nil
}

// treeAt is the tree of the size the act sees: as this act has left it, as the
// last commit has left it, or read from the store, at the start and after an
// act that failed.
func (j *Journal) treeAt(tx *database.Tx, size int64) (frontier, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.ahead.tx == tx && j.ahead.tree.size == size:
		return j.ahead.tree, nil
	case j.tree.size == size:
		return j.tree, nil
	}
	return readFrontier(tx, size)
}

// sequence places every entry that has no position. They are found by having
// none, not by an id cursor: on PostgreSQL a later id may be committed first.
// Below settled nothing can wait any more, as ids have no gaps.
func (j *Journal) sequence(tx *database.Tx) error {
	j.mu.Lock()
	settled := j.settled
	j.mu.Unlock()
	return j.placeWaiting(tx, settled)
}

// placeWaiting places the entries above an id that have no position. Only this
// program can seal an entry, so one put in by hand never gets a place that an
// honest checkpoint would then stand over.
func (j *Journal) placeWaiting(tx *database.Tx, above int64) error {
	found, err := readWaiting(tx, above)
	if err != nil {
		return err
	}
	var leaves []leaf
	for _, w := range found {
		if sealed(j.key, w.id, w.keepUntil, w.salt, w.body) {
			leaves = append(leaves, w.leaf)
		} else {
			j.refuse(w.id)
		}
	}
	if len(leaves) == 0 {
		return nil
	}
	return j.place(tx, leaves)
}

func (j *Journal) refuse(id int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if !j.warned[id] {
		j.warned[id] = true
		slog.Error("journal: an entry that this program did not write was refused a position", "entry", id)
	}
}

// The background work's measures.
const (
	gather          = 30 * time.Millisecond  // so that entries committed together are placed together
	closeWithin     = 10 * time.Second       // what Close waits for its turn to write
	retryAfter      = 100 * time.Millisecond // after a failed attempt
	checkpointSize  = 1000                   // new entries after which a checkpoint is signed …
	checkpointEvery = 10 * time.Minute       // … or after this time, if there is any
)

// runner is the goroutine that places entries on PostgreSQL and signs
// checkpoints now and then on both engines.
type runner struct {
	mu   sync.Mutex
	wake chan struct{} // capacity one; nil when not running
	stop chan struct{}
	done chan struct{}
}

// nudge tells the goroutine, if it runs, that something was committed.
func (r *runner) nudge() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.wake == nil {
		return
	}
	select {
	case r.wake <- struct{}{}:
	default: // told already
	}
}

// start begins the background work; it does nothing when that runs already.
func (j *Journal) start() {
	r := &j.runner
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stop != nil {
		return
	}
	r.wake, r.stop, r.done = make(chan struct{}, 1), make(chan struct{}), make(chan struct{})
	go j.run(r.wake, r.stop, r.done)
}

// halt ends the background work and waits for it; it may be called twice.
func (j *Journal) halt() {
	r := &j.runner
	r.mu.Lock()
	stop, done := r.stop, r.done
	r.wake, r.stop, r.done = nil, nil, nil
	r.mu.Unlock()
	if stop != nil {
		close(stop)
		<-done
	}
}

func (j *Journal) run(wake <-chan struct{}, stop <-chan struct{}, done chan<- struct{}) {
	defer close(done)
	ticker := time.NewTicker(checkpointEvery)
	defer ticker.Stop()
	for {
		sign := false
		select {
		case <-stop:
			return
		case <-wake:
			if !pause(gather, stop) {
				return
			}
		case <-ticker.C:
			sign = true
		}
		for err := j.tend(sign); err != nil; err = j.tend(sign) {
			// What holds until somebody looks is told once, not again and again.
			slog.Error("journal: placing entries or signing a checkpoint failed", "error", err)
			if errors.Is(err, ErrTampered) || errors.Is(err, database.ErrClosed) || errors.Is(err, database.ErrReadOnly) {
				break
			}
			if !pause(retryAfter, stop) {
				return
			}
		}
	}
}

// tend does what is due: positions, and a checkpoint when asked to or when many
// entries have come since the last.
func (j *Journal) tend(sign bool) error {
	ctx := context.Background()
	if j.db.Engine() != database.SQLite {
		if err := j.db.Write(ctx, j.sequence); err != nil {
			return err
		}
	}
	j.mu.Lock()
	fresh := j.tree.size - j.signed.size
	suspect := j.suspect
	j.mu.Unlock()
	if fresh >= checkpointSize && !suspect || sign && fresh > 0 {
		_, err := j.Checkpoint(ctx)
		return err
	}
	return nil
}

// pause waits, or returns false when it is time to stop.
func pause(d time.Duration, stop <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-stop:
		return false
	case <-timer.C:
		return true
	}
}

// Close ends the background work, places what waits and signs a last
// checkpoint. Entries may still be appended afterwards, as a shutdown does; the
// next Open takes care of them. Later calls do nothing more.
func (j *Journal) Close() error {
	j.closed.Do(func() {
		if j.readOnly {
			return
		}
		j.halt()
		ctx, cancel := context.WithTimeout(context.Background(), closeWithin)
		defer cancel()
		_, j.closeErr = j.Checkpoint(ctx)
	})
	return j.closeErr
}
