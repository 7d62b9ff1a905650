package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"hash"
	"slices"
	"sync"
)

const macSize = 16

// mac is what the keyring knows of a member number or an e-mail address: enough
// to find it again, useless without the keyring's secret.
type mac [macSize]byte

// claimName names what is claimed.
type claimName struct {
	kind ClaimKind
	mac  mac
}

// keyedHash is HMAC-SHA256 under one secret; safe for concurrent use.
type keyedHash struct{ pool sync.Pool }

type hasher struct {
	hash hash.Hash
	text []byte
	sum  []byte
}

func newKeyedHash(secret [keySize]byte) *keyedHash {
	return &keyedHash{sync.Pool{New: func() any { return &hasher{hash: hmac.New(sha256.New, secret[:])} }}}
}

// sum hashes what write appends.
func (h *keyedHash) sum(write func(text []byte) []byte) (sum [sha256.Size]byte) {
	x := h.pool.Get().(*hasher)
	x.text = write(x.text[:0])
	x.hash.Reset()
	x.hash.Write(x.text)
	x.sum = x.hash.Sum(x.sum[:0])
	copy(sum[:], x.sum)
	clear(x.text)
	h.pool.Put(x)
	return sum
}

// claim names a value. Case and spaces are the caller's to even out.
func (k *Keyring) claim(kind ClaimKind, value string) claimName {
	sum := k.claimHash.sum(func(text []byte) []byte { return append(append(text, byte(kind)), value...) })
	return claimName{kind, mac(sum[:macSize])}
}

// cell encrypts a MAC for the file, tied to kind and person: whoever can write the
// file but lacks the master key cannot give an address to somebody else (a claim
// moved decrypts to no known value), nor see who shares one.
func (k *Keyring) cell(n claimName, p PersonID) (cell mac) {
	cell = tweak(n, p).mac
	k.claimCells.Encrypt(cell[:], cell[:])
	return cell
}

// openCell is the reverse; sealed is overwritten.
func (k *Keyring) openCell(kind ClaimKind, sealed []byte, p PersonID) claimName {
	k.claimCells.Decrypt(sealed, sealed)
	return tweak(claimName{kind, mac(sealed)}, p)
}

// tweak mixes kind and person into a MAC, or out of it.
func tweak(n claimName, p PersonID) claimName {
	n.mac[0] ^= byte(n.kind)
	for i := range 4 {
		n.mac[1+i] ^= byte(p >> (8 * i))
	}
	return n
}

// MAC is HMAC-SHA256 of data under a secret of the keyring, 32 bytes, apart for
// every purpose: for sign-in codes and other values kept only to compare.
func (k *Keyring) MAC(purpose string, data []byte) []byte {
	sum := k.macHash.sum(func(text []byte) []byte {
		text = binary.AppendUvarint(text, uint64(len(purpose)))
		return append(append(text, purpose...), data...)
	})
	return sum[:]
}

// claimIndex finds the persons of a claim in memory.
type claimIndex struct {
	mu    sync.RWMutex
	first [claimKinds]map[mac]PersonID
	more  map[claimName][]PersonID // whoever shares a claim with its first
}

func newClaimIndex(hint int) *claimIndex {
	x := &claimIndex{more: map[claimName][]PersonID{}}
	for kind := range x.first {
		x.first[kind] = make(map[mac]PersonID, hint)
	}
	return x
}

func (x *claimIndex) find(n claimName) []PersonID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	p := x.first[n.kind][n.mac]
	if p == 0 {
		return nil
	}
	found := append([]PersonID{p}, x.more[n]...)
	slices.Sort(found)
	return found
}

// owner is the only person of a claim that is not shared; 0 is nobody.
func (x *claimIndex) owner(n claimName) PersonID {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.first[n.kind][n.mac]
}

// add and remove are called with mu held.
func (x *claimIndex) add(n claimName, p PersonID) {
	switch first := x.first[n.kind]; first[n.mac] {
	case 0:
		first[n.mac] = p
	case p:
	default:
		if !slices.Contains(x.more[n], p) {
			x.more[n] = append(x.more[n], p)
		}
	}
}

func (x *claimIndex) remove(n claimName, p PersonID) {
	first, more := x.first[n.kind], x.more[n]
	if at := slices.Index(more, p); at >= 0 {
		more = slices.Delete(more, at, at+1)
	} else if first[n.mac] == p {
		delete(first, n.mac)
		if len(more) > 0 {
			first[n.mac] = more[0]
			more = slices.Delete(more, 0, 1)
		}
	}
	if len(more) == 0 {
		delete(x.more, n)
	} else {
		x.more[n] = more
	}
}

// Find returns the persons who claim a value, in the order of their ids; none is
// not an error.
func (k *Keyring) Find(kind ClaimKind, value string) ([]PersonID, error) {
	if kind == 0 || kind >= claimKinds {
		return nil, errUnknownClaim
	}
	return k.claims.find(k.claim(kind, value)), nil
}
