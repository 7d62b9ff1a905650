// Package vault keeps every key of the house and proves their destruction. It
// holds the keyring (random data keys, one a person and retention class, wrapped
// under the master key), seals and opens what is known about a person, looks up
// blind what must be unique (HMAC of member numbers and e-mail), issues person
// ids and public ids, and writes the signed, chained ledger of erasures.
//
// It stands on database alone and may know no member: only ids, keys, digests.
//
// The order of things matters. Creating: the key is durable here first, then the
// row in the register; a key without a row is pending and swept at start.
// Erasing: the journal and the intent stand in the register first, then ledger
// entry and key change here in one transaction, and it only rolls forward.
package vault

import (
	"encoding/binary"
	"errors"
)

// PersonID names a person inside the house. Ids are issued in order and never
// used again; 0 is nobody. Pages and exports show Keyring.PublicID instead.
type PersonID uint32

// Class is a retention class: what is sealed under one key lives and dies together.
type Class uint16

const (
	Membership  Class = 1 // goes with the membership; every person has it
	Bookkeeping Class = 2 // what law keeps without saying until when
	Evidence    Class = 3 // what proves a duty was met
	classes           = 4 // one above the last of those that have no end by themselves; kept.go has those that do
)

// Valid reports whether c is a class known to this version.
func (c Class) Valid() bool { return c >= Membership && c < classes || c.Ends() }

// ClaimKind says what a claim is on.
type ClaimKind uint8

const (
	ClaimNumber ClaimKind = 1 // member number: one person only
	ClaimEmail  ClaimKind = 2 // e-mail address: a family may share it
	claimKinds            = 3
)

// Label says what a sealed record is. Every field is bound to the sealed bytes as
// associated data: a record moved to another row, person or version does not open.
type Label struct {
	Person  PersonID
	Class   Class
	Kind    uint16
	ID      uint64
	Version uint32
}

const labelSize = 1 + 4 + classSize + 2 + 8 + 4

// append adds the label's fixed binary form, led by the format of the seal.
func (l Label) append(dst []byte) []byte {
	dst = append(dst, sealFormat)
	dst = binary.BigEndian.AppendUint32(dst, uint32(l.Person))
	dst = l.Class.append(dst)
	dst = binary.BigEndian.AppendUint16(dst, l.Kind)
	dst = binary.BigEndian.AppendUint64(dst, l.ID)
	return binary.BigEndian.AppendUint32(dst, l.Version)
}

// What can go wrong. None of them carries personal data.
var (
	ErrErased          = errors.New("vault: key erased") // no key, and the ledger says so
	ErrKeyMissing      = errors.New("vault: key missing without a ledger entry")
	ErrTampered        = errors.New("vault: sealed bytes or key altered")
	ErrTaken           = errors.New("vault: claim belongs to another person")
	ErrHeld            = errors.New("vault: person holds a key of this class already")
	ErrNotPending      = errors.New("vault: person is not pending")
	ErrExhausted       = errors.New("vault: no person id left")
	ErrWrongMaster     = errors.New("vault: wrong master key")
	ErrMasterLength    = errors.New("vault: master key is not 32 bytes (raw, or 64 hex digits)")
	ErrMasterExposed   = errors.New("vault: master key readable by others")
	ErrExists          = errors.New("vault: file exists already")
	ErrNoKeyring       = errors.New("vault: no keyring at this path")
	ErrLedgerTampered  = errors.New("vault: ledger altered")
	ErrLedgerOlder     = errors.New("vault: ledger older than a known head")
	ErrLedgerForked    = errors.New("vault: ledger differs from a known head")
	ErrKeyringOlder    = errors.New("vault: keyring older than the register")
	ErrOneOffSpent     = errors.New("vault: one-off key ended")
	errUnknownClass    = errors.New("vault: unknown class")
	errUnknownClaim    = errors.New("vault: unknown claim kind")
	errNoClassToErase  = errors.New("vault: no class to erase")
	errClaimDrawerFull = errors.New("vault: too many claims in one drawer")
)
