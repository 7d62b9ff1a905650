package vault

import (
	"context"
	"crypto/cipher"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"kartotek/internal/database"
)

// oneOff is a key for one thing that is soon over, a mail, with its end.
type oneOff struct {
	key  wrappedKey
	ends int64 // microseconds
}

// oneOffTable holds the one-off keys in memory.
type oneOffTable struct {
	mu        sync.RWMutex
	master    cipher.AEAD // what they are wrapped under
	keys      map[int64]oneOff
	lingering atomic.Bool // the write-ahead log may hold keys that were dropped
}

func (t *oneOffTable) learn(changes []oneOffChange) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range changes {
		t.keys[c.id] = c.oneOff // zeros over it, if it is to go
		if c.oneOff.key.none() {
			delete(t.keys, c.id)
		}
	}
}

// OneOff draws a one-off key that ends at a time, and returns its id.
func (tx *Tx) OneOff(endsAt time.Time) (int64, error) {
	if tx.nextOneOff == 0 {
		next, err := nextOf(tx.tx, counterOneOff)
		if err != nil {
			return 0, err
		}
		tx.nextOneOff = next
	}
	id := tx.nextOneOff
	at, slot := oneOffDrawer(id)
	d, err := tx.oneOffs.open(at)
	if err != nil {
		return 0, err
	}
	tx.nextOneOff++
	cell := d.oneOff(slot)
	tx.wrap.draw(cell.key(), appendOneOff(tx.wrap.about[:0], id))
	cell.setEnd(endsAt)
	d.change()
	tx.oneOffChanges = append(tx.oneOffChanges, oneOffChange{id, oneOff{*cell.key(), cell.ends()}})
	return id, nil
}

// OneOff draws one one-off key in a transaction of its own.
func (k *Keyring) OneOff(ctx context.Context, endsAt time.Time) (id int64, err error) {
	err = k.Write(ctx, func(tx *Tx) error {
		id, err = tx.OneOff(endsAt)
		return err
	})
	return id, err
}

// SealOnce seals under a one-off key; ErrOneOffSpent if it has ended.
func (k *Keyring) SealOnce(id int64, plain []byte) ([]byte, error) {
	aead, about, err := k.onceCipher(id)
	if err != nil {
		return nil, err
	}
	return aead.Seal(append(make([]byte, 0, Overhead+len(plain)), sealFormat), nil, plain, about), nil
}

// OpenOnce opens what SealOnce sealed under the same key. ErrOneOffSpent once the
// key was dropped, ErrTampered.
func (k *Keyring) OpenOnce(id int64, sealed []byte) ([]byte, error) {
	aead, about, err := k.onceCipher(id)
	if err != nil {
		return nil, err
	}
	if len(sealed) < Overhead || sealed[0] != sealFormat {
		return nil, ErrTampered
	}
	plain, err := aead.Open(nil, nil, sealed[1:], about)
	if err != nil {
		return nil, ErrTampered
	}
	return plain, nil
}

// onceCipher is the cipher of a one-off key and the associated data it seals with.
func (k *Keyring) onceCipher(id int64) (cipher.AEAD, []byte, error) {
	k.oneOffs.mu.RLock()
	o, ok := k.oneOffs.keys[id]
	master := k.oneOffs.master
	k.oneOffs.mu.RUnlock()
	if !ok {
		return nil, nil, ErrOneOffSpent
	}
	w := wrapper{master: master, sealed: o.key}
	about := appendOneOff(w.about[:0], id)
	if err := w.unwrap(about); err != nil {
		return nil, nil, err
	}
	defer clear(w.key[:])
	return newCipher(w.key[:]), about, nil
}

// DropOneOff destroys one-off keys that have served; unknown ids are passed over.
// Memory and file lose them at once, the write-ahead log with the next DropOneOffs
// or Erase: a thousand mails sent are not a thousand emptied logs.
func (k *Keyring) DropOneOff(ctx context.Context, ids ...int64) error {
	if len(ids) == 0 {
		return nil
	}
	err := k.Write(ctx, func(tx *Tx) error {
		for _, id := range ids {
			if err := tx.dropOneOff(id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	k.oneOffs.lingering.Store(true)
	return nil
}

// DropOneOffs destroys all one-off keys whose end has come, and returns how many.
// When it returns nil, no file holds one that was dropped.
func (k *Keyring) DropOneOffs(ctx context.Context, now time.Time) (int, error) {
	var ended []int64
	k.oneOffs.mu.RLock()
	for id, o := range k.oneOffs.keys {
		if o.ends <= now.UnixMicro() {
			ended = append(ended, id)
		}
	}
	k.oneOffs.mu.RUnlock()
	slices.Sort(ended)
	if err := k.DropOneOff(ctx, ended...); err != nil {
		return 0, err
	}
	if !k.oneOffs.lingering.Swap(false) {
		return len(ended), nil
	}
	if err := k.db.Forget(ctx); err != nil {
		k.oneOffs.lingering.Store(true)
		return len(ended), err
	}
	return len(ended), nil
}

func (tx *Tx) dropOneOff(id int64) error {
	at, slot := oneOffDrawer(id)
	d, err := tx.oneOffs.open(at)
	if err != nil || !d.stands {
		return err
	}
	clear(d.oneOff(slot))
	d.change()
	tx.oneOffChanges = append(tx.oneOffChanges, oneOffChange{id: id})
	return nil
}

// flushOneOffs writes the changed drawers and throws empty ones away, except the
// one that is being filled.
func (tx *Tx) flushOneOffs() error {
	changed := tx.oneOffs.changed()
	if len(changed) == 0 {
		return nil
	}
	if err := tx.oneOffs.flush(); err != nil {
		return err
	}
	next := tx.nextOneOff
	if next == 0 {
		var err error
		if next, err = nextOf(tx.tx, counterOneOff); err != nil {
			return err
		}
	}
	filling, _ := oneOffDrawer(next)
	for _, d := range changed {
		if d.id < filling && d.empty() {
			if _, err := tx.tx.Exec(oneOffDrawers.drop, d.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// loadOneOffs reads all one-off keys into memory.
func (k *Keyring) loadOneOffs(q database.Querier) error {
	k.oneOffs.keys = map[int64]oneOff{}
	return eachDrawer(q, oneOffDrawers, func(at int64, d *drawer) error {
		for slot := range oneOffsInDrawer {
			if cell := d.oneOff(slot); !cell.key().none() {
				k.oneOffs.keys[at*oneOffsInDrawer+int64(slot)] = oneOff{*cell.key(), cell.ends()}
			}
		}
		return nil
	})
}

// HoldsOneOff reports whether a one-off key is still there: what it sealed has
// neither served nor ended.
func (k *Keyring) HoldsOneOff(id int64) bool {
	k.oneOffs.mu.RLock()
	defer k.oneOffs.mu.RUnlock()
	_, ok := k.oneOffs.keys[id]
	return ok
}
