package vault

import (
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
)

// Erase destroys the keys of persons, of the classes given, and with Membership
// their claims (D7). In one transaction the ledger gets its entries and the keys
// are overwritten; then the write-ahead log is emptied, so that no byte of them
// is left in any file of the keyring.
//
// It returns the entry of every person and class, also one that stood already:
// to erase again changes nothing and finishes what a crash cut off. A class other
// than Membership that a person has no key of is passed over. A Membership key
// that is missing without an entry is ErrKeyMissing, and nobody is erased.
//
// Once the keys are gone entries come back even if emptying the log fails; the
// error then says so and the caller erases again.
func (k *Keyring) Erase(ctx context.Context, at time.Time, persons []PersonID, of ...Class) ([]LedgerEntry, error) {
	if len(of) == 0 {
		return nil, errNoClassToErase
	}
	for _, c := range of {
		if !c.Valid() {
			return nil, errUnknownClass
		}
	}
	var entries []LedgerEntry
	err := k.Write(ctx, func(tx *Tx) (err error) {
		entries, err = tx.erase(at.UTC().Truncate(time.Microsecond), persons, of)
		return err
	})
	if err != nil {
		return nil, err
	}
	return entries, k.db.Forget(context.WithoutCancel(ctx)) // it only rolls forward
}

func (tx *Tx) erase(at time.Time, persons []PersonID, of []Class) (entries []LedgerEntry, err error) {
	before, err := tx.lastLink()
	if err != nil {
		return nil, err
	}
	done := map[keyName]bool{}
	for _, p := range persons {
		for _, c := range of {
			n := keyName{p, c}
			if done[n] {
				continue
			}
			done[n] = true
			e, err := tx.eraseKey(n, at, before)
			if err != nil {
				return nil, err
			}
			if e.Seq == 0 {
				continue
			}
			if e.Seq > before.seq {
				before = e.link()
			}
			entries = append(entries, e)
		}
	}
	return entries, nil
}

// eraseKey overwrites one key, with Membership the claims, and enters it in the
// ledger after before. It returns the entry that stands if there is one, and no
// entry (Seq 0) if there is nothing to erase.
func (tx *Tx) eraseKey(n keyName, at time.Time, before link) (e LedgerEntry, err error) {
	if tx.ring.keys.isErased(n) {
		return entryOf(tx.tx, n)
	}
	key, err := tx.key(n)
	if err != nil {
		return e, err
	}
	if key.none() {
		if n.class != Membership {
			return e, nil
		}
		return e, tx.ring.keys.absent(n)
	}
	tx.wrap.sealed = *key
	e = LedgerEntry{Person: n.person, Class: n.class, At: at}
	if e.Fingerprint, err = tx.wrap.fingerprint(n); err != nil {
		return e, err
	}
	e.chain(&before, tx.ring.ledgerKey)
	return e, tx.enter(&e)
}

// enter appends an entry to the ledger and takes away what it calls destroyed.
func (tx *Tx) enter(e *LedgerEntry) error {
	if err := insertEntry(tx.tx, e); err != nil {
		return err
	}
	tx.entries = append(tx.entries, *e)
	return tx.takeAway(keyName{e.Person, e.Class})
}

func (tx *Tx) takeAway(n keyName) error {
	if err := tx.setKey(n, &wrappedKey{}); err != nil || n.class != Membership {
		return err
	}
	tx.settled = append(tx.settled, n.person)
	return tx.dropClaims(n.person, func(claimName) bool { return true })
}

// lastLink is what the next entry is chained to.
func (tx *Tx) lastLink() (link, error) {
	e, err := lastEntry(tx.tx)
	if errors.Is(err, database.ErrNotFound) {
		return genesis(tx.ring.id), nil
	}
	return e.link(), err
}

// replay destroys again what the ledger calls destroyed: keys, and claims of the
// persons that claimed has a bit for. A key other than the one the ledger names
// was made by somebody else: ErrLedgerTampered.
func (k *Keyring) replay(ctx context.Context, claimed []uint64) error {
	claims := func(p PersonID) bool {
		at := int(p / keysInDrawer)
		return at < len(claimed) && claimed[at]>>(p%keysInDrawer)&1 == 1
	}
	var back []keyName
	for _, c := range slices.Sorted(maps.Keys(k.keys.erased)) {
		for p := range roaring.Values(k.keys.erased[c]) {
			if n := (keyName{PersonID(p), c}); k.Holds(n.person, n.class) || c == Membership && claims(n.person) {
				back = append(back, n)
			}
		}
	}
	if len(back) == 0 {
		return nil
	}
	err := k.Write(ctx, func(tx *Tx) error {
		for _, n := range back {
			e, err := entryOf(tx.tx, n)
			if err != nil {
				return err
			}
			if err := tx.replayEntry(&e, ErrLedgerTampered); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	return k.db.Forget(ctx)
}

// replayEntry takes away what an entry calls destroyed; otherwise is the error
// if the key there is not the one the entry names.
func (tx *Tx) replayEntry(e *LedgerEntry, otherwise error) error {
	n := keyName{e.Person, e.Class}
	key, err := tx.key(n)
	if err != nil {
		return err
	}
	if !key.none() {
		tx.wrap.sealed = *key
		fingerprint, err := tx.wrap.fingerprint(n)
		if err != nil {
			return err
		}
		if fingerprint != e.Fingerprint {
			return otherwise
		}
	}
	return tx.takeAway(n)
}

// Extend appends a newer ledger of the same keyring to this older copy of it and
// destroys what it calls destroyed. Entries both have must agree; the first that
// does not, is not signed or does not follow is ErrLedgerForked, and nothing is
// taken over. Ids that the copy had not issued yet count as issued from then on.
func (k *Keyring) Extend(ctx context.Context, newer []LedgerEntry) error {
	err := k.Write(ctx, func(tx *Tx) error {
		before, err := tx.lastLink()
		if err != nil {
			return err
		}
		next, err := nextOf(tx.tx, counterPerson)
		if err != nil {
			return err
		}
		for i := range newer {
			e := &newer[i]
			if e.Seq <= before.seq {
				ours, err := entryAt(tx.tx, e.Seq)
				if err != nil && !errors.Is(err, database.ErrNotFound) {
					return err
				}
				if err != nil || ours.Hash != e.Hash || ours.Signature != e.Signature {
					return ErrLedgerForked
				}
				continue
			}
			if !e.follows(&before) || !e.SignedBy(k.LedgerKey()) {
				return ErrLedgerForked
			}
			if err := insertEntry(tx.tx, e); err != nil {
				return err
			}
			tx.entries = append(tx.entries, *e)
			if err := tx.replayEntry(e, ErrLedgerForked); err != nil {
				return err
			}
			before, next = e.link(), max(next, int64(e.Person)+1)
			tx.nextPerson = next
		}
		return nil
	})
	if err != nil {
		return err
	}
	return k.db.Forget(context.WithoutCancel(ctx))
}

// verifyChain reads the whole ledger and checks that every entry follows the one
// before and that the last is signed, which vouches for all. visit sees each.
func (k *Keyring) verifyChain(q database.Querier, visit func(e *LedgerEntry) error) (head link, err error) {
	head = genesis(k.id)
	var last LedgerEntry
	err = eachEntry(q, 0, func(e *LedgerEntry) error {
		if !e.follows(&head) {
			return fmt.Errorf("%w: entry %d", ErrLedgerTampered, head.seq+1)
		}
		head, last = e.link(), *e
		return visit(e)
	})
	if err != nil {
		return head, err
	}
	if last.Seq != 0 && !last.SignedBy(k.LedgerKey()) {
		return head, fmt.Errorf("%w: entry %d", ErrLedgerTampered, last.Seq)
	}
	return head, nil
}

// VerifyLedger checks the stored ledger anew, every signature too, and that it is
// the one this process has been writing. ErrLedgerTampered names the entry.
func (k *Keyring) VerifyLedger(ctx context.Context) error {
	known := *k.head.Load()
	return k.db.Read(ctx, func(q database.Querier) error {
		agrees := known.seq == 0
		_, err := k.verifyChain(q, func(e *LedgerEntry) error {
			agrees = agrees || e.link() == known
			if !e.SignedBy(k.LedgerKey()) {
				return fmt.Errorf("%w: entry %d", ErrLedgerTampered, e.Seq)
			}
			return ctx.Err()
		})
		if err == nil && !agrees {
			err = fmt.Errorf("%w: entry %d", ErrLedgerTampered, known.seq)
		}
		return err
	})
}

// Ledger returns the entries from a number on, in order; from 1 is all.
func (k *Keyring) Ledger(ctx context.Context, from int64) (entries []LedgerEntry, err error) {
	err = k.db.Read(ctx, func(q database.Querier) error {
		entries = nil
		return eachEntry(q, from, func(e *LedgerEntry) error {
			entries = append(entries, *e)
			return nil
		})
	})
	return entries, err
}

// LedgerHead is how many entries the ledger has and the hash of the last one; what
// others keep of it is held against KnownHead later.
func (k *Keyring) LedgerHead() (size int64, hash [32]byte) {
	head := k.head.Load()
	return head.seq, head.hash
}

// KnownHead holds the ledger against a head seen before, by the register or by a
// checkpoint outside: ErrLedgerOlder if the ledger is shorter, ErrLedgerForked if
// it went another way. A keyring refused so must not serve: keys it still has may
// be destroyed elsewhere. Size 0 fits every ledger.
func (k *Keyring) KnownHead(size int64, hash [32]byte) error {
	head := k.head.Load()
	if size == 0 {
		return nil
	}
	if size > head.seq {
		return fmt.Errorf("%w: %d entries, %d known", ErrLedgerOlder, head.seq, size)
	}
	var e LedgerEntry
	err := k.db.Read(context.Background(), func(q database.Querier) (err error) {
		e, err = entryAt(q, size)
		return err
	})
	if err != nil && !errors.Is(err, database.ErrNotFound) {
		return err
	}
	if err != nil || e.Hash != hash {
		return fmt.Errorf("%w: entry %d", ErrLedgerForked, size)
	}
	return nil
}

// LedgerKey is the public key the ledger's entries are signed with.
func (k *Keyring) LedgerKey() ed25519.PublicKey { return k.ledgerKey.Public().(ed25519.PublicKey) }
