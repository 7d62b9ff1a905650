package vault

import (
	"context"
	"sync"

	"github.com/RoaringBitmap/roaring/v2"
)

// pendingSet is the set of persons whose keys were written ahead of their rows.
// A mark set is durable with the key. A mark cleared is written with the next
// transaction or at Close, which saves each creation an fsync: the sweep at start
// must look for the row anyway, since a crash may come between row and Settle.
type pendingSet struct {
	mu      sync.Mutex
	set     *roaring.Bitmap
	version uint64 // raised by every Settle
	written uint64 // version that the file has
}

// pendingAfter is the set as it will be after a transaction, and whether the file
// has another.
func (k *Keyring) pendingAfter(begun, settled []PersonID) (set *roaring.Bitmap, version uint64, changed bool) {
	p := &k.pending
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(begun)+len(settled) == 0 && p.version == p.written {
		return nil, p.version, false
	}
	set = p.set.Clone()
	mark(set, begun, settled)
	set.RunOptimize()
	return set, p.version, true
}

func (k *Keyring) learnPending(begun, settled []PersonID, version uint64) {
	p := &k.pending
	p.mu.Lock()
	defer p.mu.Unlock()
	mark(p.set, begun, settled)
	p.written = version
}

func mark(set *roaring.Bitmap, begun, settled []PersonID) {
	for _, person := range begun {
		set.Add(uint32(person))
	}
	for _, person := range settled {
		set.Remove(uint32(person))
	}
}

func (k *Keyring) isPending(p PersonID) bool {
	k.pending.mu.Lock()
	defer k.pending.mu.Unlock()
	return k.pending.set.Contains(uint32(p))
}

// Settle clears the marks of persons whose rows are durable in the register. The
// keyring's file learns it later; after a crash PendingPersons may still name
// them, so whoever sweeps looks for the row first, and drops or settles.
func (k *Keyring) Settle(ctx context.Context, settled ...PersonID) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	k.pending.mu.Lock()
	defer k.pending.mu.Unlock()
	mark(k.pending.set, nil, settled)
	k.pending.version++
	return nil
}

// PendingPersons lists the persons whose keys may have no row, in order.
func (k *Keyring) PendingPersons() []PersonID {
	k.pending.mu.Lock()
	defer k.pending.mu.Unlock()
	return inOrder(k.pending.set)
}

// flushPending writes marks cleared since the last transaction.
func (k *Keyring) flushPending(ctx context.Context) error {
	if _, _, changed := k.pendingAfter(nil, nil); !changed {
		return nil
	}
	return k.Write(ctx, func(*Tx) error { return nil })
}
