package vault

import (
	"crypto/cipher"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
)

// keyTable holds all wrapped keys in memory, so that opening reads no database:
// sixty bytes a person on shelves for Membership, a map for the rarer classes.
// Readers take a lock for the copy of one key; the keyring's writer is alone.
type keyTable struct {
	shelves    atomic.Pointer[[]*shelf]
	generation atomic.Uint64 // raised after keys were taken away

	master cipher.AEAD // of new shelves; the writer's

	mu      sync.RWMutex
	others  map[keyName]wrappedKey
	keeping map[Class]int             // how many keys there are of each class that ends by itself
	under   cipher.AEAD               // the master key of others
	erased  map[Class]*roaring.Bitmap // persons with a ledger entry
	missing *roaring.Bitmap           // persons met without key and without ledger entry
}

const shelfSize = 4096

// shelf holds the Membership keys of shelfSize persons with ids that follow, and
// the master key they are wrapped under: whoever reads a key while the keyring is
// rotated gets the two that belong together.
type shelf struct {
	mu     sync.RWMutex
	master cipher.AEAD
	keys   [shelfSize]wrappedKey
}

func newKeyTable(master cipher.AEAD) *keyTable {
	t := &keyTable{
		master: master, under: master, others: map[keyName]wrappedKey{}, keeping: map[Class]int{},
		erased: map[Class]*roaring.Bitmap{}, missing: roaring.New(),
	}
	t.shelves.Store(&[]*shelf{})
	t.erased[Membership] = roaring.New()
	return t
}

// get copies a key into dst and returns the master key it is wrapped under; nil
// if there is no key.
func (t *keyTable) get(dst *wrappedKey, n keyName) (master cipher.AEAD) {
	if n.class != Membership {
		t.mu.RLock()
		defer t.mu.RUnlock()
		w, ok := t.others[n]
		*dst = w
		if !ok {
			return nil
		}
		return t.under
	}
	shelves := *t.shelves.Load()
	at := int(n.person / shelfSize)
	if at >= len(shelves) {
		return nil
	}
	s := shelves[at]
	s.mu.RLock()
	*dst, master = s.keys[n.person%shelfSize], s.master
	s.mu.RUnlock()
	if dst.none() {
		return nil
	}
	return master
}

// put stores a key, or overwrites it with zeros.
func (t *keyTable) put(n keyName, w *wrappedKey) {
	if n.class != Membership {
		t.mu.Lock()
		defer t.mu.Unlock()
		_, stood := t.others[n]
		if w.none() && !stood {
			return
		}
		t.others[n] = *w
		if w.none() {
			delete(t.others, n)
		}
		t.count(n.class, stood, !w.none())
		return
	}
	s := t.shelf(int(n.person / shelfSize))
	s.mu.Lock()
	s.keys[n.person%shelfSize] = *w
	s.mu.Unlock()
}

// shelf is the shelf at a place, added if need be. Only the writer calls it.
func (t *keyTable) shelf(at int) *shelf {
	shelves := *t.shelves.Load()
	if at >= len(shelves) {
		grown := append([]*shelf(nil), shelves...) // readers hold the old slice
		for len(grown) <= at {
			grown = append(grown, &shelf{master: t.master})
		}
		t.shelves.Store(&grown)
		shelves = grown
	}
	return shelves[at]
}

// markErased remembers a ledger entry. It comes before put takes the key away,
// so that nobody finds neither.
func (t *keyTable) markErased(n keyName) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.erased[n.class] == nil {
		t.erased[n.class] = roaring.New()
	}
	t.erased[n.class].Add(uint32(n.person))
}

func (t *keyTable) isErased(n keyName) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	erased := t.erased[n.class]
	return erased != nil && erased.Contains(uint32(n.person))
}

// absent says why there is no key, and raises the alarm if nothing explains it.
func (t *keyTable) absent(n keyName) error {
	if t.isErased(n) {
		return ErrErased
	}
	if n.person != 0 && n.class.Valid() { // else the caller errs, not the keyring
		t.mu.Lock()
		t.missing.Add(uint32(n.person))
		t.mu.Unlock()
	}
	return ErrKeyMissing
}

// Missing lists the persons met so far without a key and without a ledger entry.
func (k *Keyring) Missing() []PersonID {
	k.keys.mu.RLock()
	defer k.keys.mu.RUnlock()
	return inOrder(k.keys.missing)
}

// Healthy is nil while every key asked for was there or erased on record, else
// ErrKeyMissing. A destructive job asks before it begins: a keyring that has lost
// keys may be an old copy, and what it fails to open must not be swept.
func (k *Keyring) Healthy() error {
	k.keys.mu.RLock()
	defer k.keys.mu.RUnlock()
	if n := k.keys.missing.GetCardinality(); n > 0 {
		return fmt.Errorf("%w (%d persons)", ErrKeyMissing, n)
	}
	return nil
}

// Holds reports whether a person has a key of a class.
func (k *Keyring) Holds(p PersonID, c Class) bool {
	var w wrappedKey
	return k.keys.get(&w, keyName{p, c}) != nil
}

// inOrder lists a set by id.
func inOrder(set *roaring.Bitmap) []PersonID {
	if set.IsEmpty() {
		return nil
	}
	list := make([]PersonID, 0, set.GetCardinality())
	for p := range roaring.Values(set) {
		list = append(list, PersonID(p))
	}
	return list
}
