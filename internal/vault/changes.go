package vault

import (
	"sync"

	"kartotek/internal/database"
)

// counterRevision counts the acts that have changed the keyring. A copy notes
// up to which it came, so an older keyring is told from a newer one.
const counterRevision = "revision"

// changes remembers at which revision each part was changed last since the
// keyring was opened, so that copies take only what is new.
type changes struct {
	mu       sync.Mutex
	opened   int64 // revision when the keyring was opened
	revision int64
	at       map[part]int64
	all      int64         // revision at which everything may have changed; 0 for never
	next     chan struct{} // closed with the next change
}

func (c *changes) begin(revision int64) {
	c.opened, c.revision = revision, revision
	c.at, c.next = map[part]int64{}, make(chan struct{})
}

// learn notes an act that is durable now.
func (c *changes) learn(revision int64, parts []part, all bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.revision = revision
	for _, p := range parts {
		c.at[p] = revision
	}
	c.at[head] = revision // its counters tell the revision
	if all {
		c.all = revision
	}
	close(c.next)
	c.next = make(chan struct{})
}

// skip makes the next act's revision higher than one.
func (c *changes) skip(revision int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.revision = max(c.revision, revision)
}

// now is the revision the keyring is at, and what is closed with the next.
func (c *changes) now() (revision int64, next <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.revision, c.next
}

// since lists the parts changed after a revision. It reports false where that is
// not known: before the keyring was opened, or when all may have changed.
func (c *changes) since(revision int64) (parts []part, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if revision < c.opened || revision < c.all {
		return nil, false
	}
	for p, at := range c.at {
		if at > revision {
			parts = append(parts, p)
		}
	}
	return parts, true
}

// await waits until memory knows of a revision that stands in the file: the act
// is durable a moment before its hooks have run.
func (c *changes) await(revision int64) {
	for {
		now, next := c.now()
		if now >= revision {
			return
		}
		<-next
	}
}

// touched lists the parts the act has changed.
func (tx *Tx) touched() (parts []part) {
	for _, d := range tx.keys.changed() {
		parts = append(parts, partOfDrawer(partKeys, d.id))
	}
	for _, d := range tx.claims.changed() {
		parts = append(parts, partOfDrawer(partClaims, d.id))
	}
	for _, d := range tx.oneOffs.changed() {
		parts = append(parts, partOfDrawer(partOneOffs, d.id))
	}
	for i := range tx.entries {
		parts = append(parts, partOfEntry(tx.entries[i].Seq))
	}
	return parts
}

// revise counts the act as one that changes the keyring, beside parts where all
// may have changed, and has the copies follow once it is durable.
func (k *Keyring) revise(tx *database.Tx, parts []part, all bool) error {
	revision, _ := k.changes.now()
	revision++
	if err := setNext(tx, counterRevision, revision); err != nil {
		return err
	}
	tx.AfterCommit(func() { k.changes.learn(revision, parts, all) })
	return nil
}

// ChangeAll says, in an act that goes past the drawers a Tx opens, that every
// part of the keyring may be another afterwards: copies then compare it whole. A
// rotation of the master key does so with each of its acts.
func (k *Keyring) ChangeAll(tx *database.Tx) error { return k.revise(tx, nil, true) }
