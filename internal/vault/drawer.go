package vault

import (
	"encoding/binary"
	"time"
)

// A drawer is what the keyring stores keys, claims and one-off keys in: one blob
// a database page, of one size, changed where it lies. So creating two thousand
// persons writes some sixty rows, opening reads a million keys in a moment, and
// a key overwritten is a key gone. A cell of zeros is empty.
type drawer [drawerSize]byte

const (
	drawerSize = 3840 // fills a 4,096-byte page: never two to a page, never an overflow

	keysInDrawer    = drawerSize / wrappedSize // 64 persons
	claimsInDrawer  = drawerSize / claimSize   // 213 claims of the same 64 persons
	oneOffsInDrawer = drawerSize / oneOffSize  // 56
	partsOfClaims   = 256                      // claim drawers for the same 64 persons, if they need more

	claimSize  = 1 + 1 + macSize // slot + 1, kind, encrypted MAC
	oneOffSize = 8 + wrappedSize // end in microseconds, key
)

func (d *drawer) empty() bool { return *d == drawer{} }

// keyDrawer is the drawer of a key and its slot there.
func keyDrawer(n keyName) (id int64, slot int) {
	return int64(n.class)<<32 | int64(n.person/keysInDrawer), int(n.person % keysInDrawer)
}

// keyAt is the name of the key in a slot of a key drawer.
func keyAt(id int64, slot int) keyName {
	return keyName{PersonID(id&(1<<32-1))*keysInDrawer + PersonID(slot), Class(id >> 32)}
}

func (d *drawer) key(slot int) *wrappedKey {
	return (*wrappedKey)(d[slot*wrappedSize:])
}

// claimDrawer is the first of the drawers that hold a person's claims, and the
// mark the person's claims carry there; the others have the ids that follow.
func claimDrawer(p PersonID) (id int64, mark byte) {
	return int64(p/keysInDrawer) * partsOfClaims, byte(p%keysInDrawer) + 1
}

// claimant is whom a mark in a claim drawer stands for.
func claimant(id int64, mark byte) PersonID {
	return PersonID(id/partsOfClaims)*keysInDrawer + PersonID(mark-1)
}

func (d *drawer) claim(i int) claimCell { return claimCell(d[i*claimSize : (i+1)*claimSize]) }

// claimCell is one claim in its drawer: mark, kind, and the MAC encrypted for
// this person (see Keyring.cell).
type claimCell []byte

func (c claimCell) mark() byte                     { return c[0] }
func (c claimCell) kind() ClaimKind                { return ClaimKind(c[1]) }
func (c claimCell) sealed() []byte                 { return c[2:] }
func (c claimCell) set(mark byte, k ClaimKind)     { c[0], c[1] = mark, byte(k) }
func (c claimCell) is(mark byte, k ClaimKind) bool { return c[0] == mark && c[1] == byte(k) }

// oneOffDrawer is the drawer of a one-off key and its slot there.
func oneOffDrawer(id int64) (drawer int64, slot int) {
	return id / oneOffsInDrawer, int(id % oneOffsInDrawer)
}

func (d *drawer) oneOff(slot int) oneOffCell {
	return oneOffCell(d[slot*oneOffSize : (slot+1)*oneOffSize])
}

// oneOffCell is one one-off key with its end.
type oneOffCell []byte

func (c oneOffCell) ends() int64      { return int64(binary.BigEndian.Uint64(c)) }
func (c oneOffCell) key() *wrappedKey { return (*wrappedKey)(c[8:]) }
func (c oneOffCell) setEnd(t time.Time) {
	binary.BigEndian.PutUint64(c, uint64(t.UnixMicro()))
}
