package vault

import (
	"context"
	"errors"
	"math"
	"slices"
	"time"

	"kartotek/internal/database"
)

// Tx is a running keyring transaction. A call that returned one of this room's
// errors has changed nothing: the act may go on without it.
type Tx struct {
	ring    *Keyring
	tx      *database.Tx
	wrap    wrapper
	keys    drawers
	claims  drawers
	oneOffs drawers

	nextPerson int64 // 0: not read yet
	nextOneOff int64
	numbers    map[mac]PersonID // numbers claimed here; 0: released here
	begun      []PersonID       // pending from now on
	settled    []PersonID       // no longer pending

	// What memory learns once it is durable, in this order.
	entries       []LedgerEntry
	keyChanges    []keyChange
	oneOffChanges []oneOffChange
	claimChanges  []claimChange
}

type keyChange struct {
	name keyName
	key  wrappedKey // zeros: taken away
}

type claimChange struct {
	name   claimName
	person PersonID
	gone   bool
}

type oneOffChange struct {
	id     int64
	oneOff oneOff // zero: taken away
}

// Write runs an act as one transaction of the keyring; when it returns nil all
// of it is durable. An error of act undoes everything.
func (k *Keyring) Write(ctx context.Context, act func(tx *Tx) error) error {
	return k.db.Write(ctx, func(t *database.Tx) error {
		tx := &Tx{
			ring: k, tx: t, wrap: wrapper{master: k.master.Load().cipher}, numbers: map[mac]PersonID{},
			keys: newDrawers(t, keyDrawers), claims: newDrawers(t, claimDrawers), oneOffs: newDrawers(t, oneOffDrawers),
		}
		if err := act(tx); err != nil {
			return err
		}
		version, err := tx.flush()
		if err != nil {
			return err
		}
		t.AfterCommit(func() { k.learn(tx, version) })
		return nil
	})
}

// Now is the time of the transaction in UTC.
func (tx *Tx) Now() time.Time { return tx.tx.Now() }

// NewPerson issues the next person id and draws its keys: Membership always,
// and the classes given. ErrExhausted after four thousand million.
func (tx *Tx) NewPerson(extra ...Class) (PersonID, error) {
	for _, c := range extra {
		if !c.Valid() {
			return 0, errUnknownClass
		}
	}
	if tx.nextPerson == 0 {
		next, err := nextOf(tx.tx, counterPerson)
		if err != nil {
			return 0, err
		}
		tx.nextPerson = next
	}
	if tx.nextPerson > math.MaxUint32 {
		return 0, ErrExhausted
	}
	p := PersonID(tx.nextPerson)
	tx.nextPerson++
	if err := tx.drawKey(keyName{p, Membership}); err != nil {
		return 0, err
	}
	for i, c := range extra {
		if c == Membership || slices.Contains(extra[:i], c) {
			continue
		}
		if err := tx.drawKey(keyName{p, c}); err != nil {
			return 0, err
		}
	}
	return p, nil
}

// NewKey draws a key of a further class for a person. ErrHeld if there is one,
// ErrErased if there was: a class erased does not come back. The person must have
// a Membership key or have had it erased on record, else it is ErrKeyMissing.
func (tx *Tx) NewKey(p PersonID, c Class) error {
	if !c.Valid() {
		return errUnknownClass
	}
	n := keyName{p, c}
	if tx.ring.keys.isErased(n) || tx.erasedHere(n) {
		return ErrErased
	}
	key, err := tx.key(n)
	if err != nil {
		return err
	}
	if !key.none() {
		return ErrHeld
	}
	member := keyName{p, Membership}
	if key, err = tx.key(member); err != nil {
		return err
	}
	if key.none() && !tx.ring.keys.isErased(member) && !tx.erasedHere(member) {
		return tx.ring.keys.absent(member) // never issued, dropped, or lost
	}
	return tx.drawKey(n)
}

// key is the wrapped key in its drawer; not to be changed.
func (tx *Tx) key(n keyName) (*wrappedKey, error) {
	id, slot := keyDrawer(n)
	d, err := tx.keys.open(id)
	if err != nil {
		return nil, err
	}
	return d.key(slot), nil
}

// drawKey draws a new key; one that is there is never overwritten by another.
func (tx *Tx) drawKey(n keyName) error {
	if key, err := tx.key(n); err != nil {
		return err
	} else if !key.none() {
		return ErrHeld
	}
	var w wrappedKey
	tx.wrap.draw(&w, n.append(tx.wrap.about[:0]))
	return tx.setKey(n, &w)
}

// setKey writes a key into its drawer, or zeros over it.
func (tx *Tx) setKey(n keyName, w *wrappedKey) error {
	id, slot := keyDrawer(n)
	d, err := tx.keys.open(id)
	if err != nil {
		return err
	}
	*d.key(slot) = *w
	d.change()
	tx.keyChanges = append(tx.keyChanges, keyChange{n, *w})
	return nil
}

// Claim ties a value to a person. A number that is another person's is ErrTaken;
// what the person claims already stays as it is. ErrErased, ErrKeyMissing.
func (tx *Tx) Claim(kind ClaimKind, value string, p PersonID) error {
	if kind == 0 || kind >= claimKinds {
		return errUnknownClaim
	}
	n := tx.ring.claim(kind, value)
	member := keyName{p, Membership}
	if key, err := tx.key(member); err != nil {
		return err
	} else if key.none() {
		return tx.absent(member)
	}
	if kind == ClaimNumber {
		owner, ok := tx.numbers[n.mac]
		if !ok {
			owner = tx.ring.claims.owner(n)
		}
		if owner == p {
			return nil
		}
		if owner != 0 {
			return ErrTaken
		}
	}
	if err := tx.putClaim(n, p); err != nil {
		return err
	}
	if kind == ClaimNumber {
		tx.numbers[n.mac] = p
	}
	return nil
}

// putClaim writes a claim into the first free cell of the person's drawers,
// unless it stands in one.
func (tx *Tx) putClaim(n claimName, p PersonID) error {
	var free claimCell
	var freeIn *openDrawer
	cell := tx.ring.cell(n, p)
	first, mark := claimDrawer(p)
	for id := first; id < first+partsOfClaims; id++ {
		d, err := tx.claims.open(id)
		if err != nil {
			return err
		}
		for i := range claimsInDrawer {
			c := d.claim(i)
			if c.is(mark, n.kind) && mac(c.sealed()) == cell {
				return nil
			}
			if free == nil && c.mark() == 0 {
				free, freeIn = c, d
			}
		}
		if !d.stands {
			break // drawers have no gaps: none follows
		}
	}
	if free == nil {
		return errClaimDrawerFull
	}
	free.set(mark, n.kind)
	copy(free.sealed(), cell[:])
	freeIn.change()
	tx.claimChanges = append(tx.claimChanges, claimChange{name: n, person: p})
	return nil
}

// Release ends a claim; one that the person does not have is no error, since
// what is released may be released again.
func (tx *Tx) Release(kind ClaimKind, value string, p PersonID) error {
	if kind == 0 || kind >= claimKinds {
		return errUnknownClaim
	}
	n := tx.ring.claim(kind, value)
	return tx.dropClaims(p, func(of claimName) bool { return of == n })
}

// dropClaims overwrites those claims of a person that match.
func (tx *Tx) dropClaims(p PersonID, match func(n claimName) bool) error {
	first, mark := claimDrawer(p)
	for id := first; id < first+partsOfClaims; id++ {
		d, err := tx.claims.open(id)
		if err != nil || !d.stands {
			return err
		}
		for i := range claimsInDrawer {
			c := d.claim(i)
			if c.mark() != mark {
				continue
			}
			cell := mac(c.sealed())
			n := tx.ring.openCell(c.kind(), cell[:], p)
			if !match(n) {
				continue
			}
			clear(c)
			d.change()
			tx.claimChanges = append(tx.claimChanges, claimChange{n, p, true})
			if n.kind == ClaimNumber {
				tx.numbers[n.mac] = 0
			}
		}
	}
	return nil
}

// Pending marks a person whose keys are written ahead of the register's rows;
// Keyring.Settle clears the mark once they stand.
func (tx *Tx) Pending(p PersonID) error {
	n := keyName{p, Membership}
	if key, err := tx.key(n); err != nil {
		return err
	} else if key.none() {
		return tx.absent(n)
	}
	tx.begun = append(tx.begun, p)
	return nil
}

// Drop sweeps a pending person that never got a row: keys and claims go, without
// a ledger entry, since nothing was ever sealed and kept. ErrNotPending otherwise.
func (tx *Tx) Drop(p PersonID) error {
	if slices.Contains(tx.settled, p) || !slices.Contains(tx.begun, p) && !tx.ring.isPending(p) {
		return ErrNotPending
	}
	of := append([]Class{Membership, Bookkeeping, Evidence}, tx.ring.Keeping(p)...)
	for _, change := range tx.keyChanges {
		if change.name.person == p && change.name.class.Ends() {
			of = append(of, change.name.class)
		}
	}
	for _, c := range of {
		n := keyName{p, c}
		key, err := tx.key(n)
		if err != nil {
			return err
		}
		if key.none() {
			continue
		}
		if err := tx.setKey(n, &wrappedKey{}); err != nil {
			return err
		}
	}
	tx.settled = append(tx.settled, p)
	return tx.dropClaims(p, func(claimName) bool { return true })
}

// absent is keyTable.absent, aware of what this transaction did.
func (tx *Tx) absent(n keyName) error {
	if tx.erasedHere(n) {
		return ErrErased
	}
	return tx.ring.keys.absent(n)
}

func (tx *Tx) erasedHere(n keyName) bool {
	return slices.ContainsFunc(tx.entries, func(e LedgerEntry) bool { return e.Person == n.person && e.Class == n.class })
}

// flush writes what the act has gathered, and returns the version of the set of
// pending persons that it wrote.
func (tx *Tx) flush() (version uint64, err error) {
	if tx.nextPerson != 0 {
		err = setNext(tx.tx, counterPerson, tx.nextPerson)
	}
	if tx.nextOneOff != 0 {
		err = errors.Join(err, setNext(tx.tx, counterOneOff, tx.nextOneOff))
	}
	err = errors.Join(err, tx.keys.flush(), tx.claims.flush(), tx.flushOneOffs())
	if err == nil {
		err = tx.dropEmpty()
	}
	if err != nil {
		return 0, err
	}
	set, version, changed := tx.ring.pendingAfter(tx.begun, tx.settled)
	if changed {
		text, err := set.ToBytes()
		if err != nil {
			return 0, err
		}
		if err := setValue(tx.tx, namePending, text); err != nil {
			return 0, err
		}
	}
	if parts := tx.touched(); changed || len(parts) > 0 || tx.nextPerson != 0 || tx.nextOneOff != 0 {
		return version, tx.ring.revise(tx.tx, parts, false)
	}
	return version, nil
}

// learn brings memory up to what is durable now. Ledger entries come before keys
// go, and the generation rises after, so that no reader sees an unexplained gap
// or keeps a cipher.
func (k *Keyring) learn(tx *Tx, version uint64) {
	for i := range tx.entries {
		k.keys.markErased(keyName{tx.entries[i].Person, tx.entries[i].Class})
	}
	gone := false
	for i := range tx.keyChanges {
		c := &tx.keyChanges[i]
		k.keys.put(c.name, &c.key)
		gone = gone || c.key.none()
		clear(c.key[:])
	}
	if gone {
		k.keys.generation.Add(1)
	}
	k.oneOffs.learn(tx.oneOffChanges)
	k.claims.mu.Lock()
	for _, c := range tx.claimChanges {
		if c.gone {
			k.claims.remove(c.name, c.person)
		} else {
			k.claims.add(c.name, c.person)
		}
	}
	k.claims.mu.Unlock()
	if n := len(tx.entries); n > 0 {
		last := tx.entries[n-1].link()
		k.head.Store(&last)
	}
	if tx.nextPerson != 0 {
		k.last.Store(uint32(tx.nextPerson - 1))
	}
	k.learnPending(tx.begun, tx.settled, version)
}
