package vault

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// LedgerEntry is one erasure: the keys of this person and class are destroyed.
// It tells nothing of the person; the fingerprint is a digest of the key that was.
type LedgerEntry struct {
	Seq         int64 // 1, 2, 3 …
	Person      PersonID
	Class       Class
	Fingerprint [16]byte
	At          time.Time // UTC, microseconds
	Hash        [32]byte  // of the entry, the hash and the signature before it
	Signature   [ed25519.SignatureSize]byte
}

// link is what the next entry of the chain is tied to. Because the signature is
// part of it, the signature of the last entry vouches for every bit before.
type link struct {
	seq       int64
	hash      [32]byte
	signature [ed25519.SignatureSize]byte
}

// genesis is the link before the first entry: one keyring's ledger fits no other.
func genesis(ring [16]byte) link {
	return link{hash: sha256.Sum256(append([]byte("kartotek ledger 1\n"), ring[:]...))}
}

func (e *LedgerEntry) link() link { return link{e.Seq, e.Hash, e.Signature} }

// append adds what the entry says to dst.
func (e *LedgerEntry) append(dst []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(e.Seq))
	dst = binary.BigEndian.AppendUint32(dst, uint32(e.Person))
	dst = e.Class.append(dst)
	dst = append(dst, e.Fingerprint[:]...)
	return binary.BigEndian.AppendUint64(dst, uint64(e.At.UnixMicro()))
}

// digest is the hash of the entry as the one that follows before.
func (e *LedgerEntry) digest(before *link) [32]byte {
	var room [256]byte
	text := append(room[:0], "kartotek ledger entry 1\n"...)
	text = append(text, before.hash[:]...)
	text = append(text, before.signature[:]...)
	return sha256.Sum256(e.append(text))
}

// signed is the text the signature is of: the entry itself and its place in the
// chain, so that a single entry can be shown to somebody.
func (e *LedgerEntry) signed() []byte {
	return append(e.append([]byte("kartotek erasure 1\n")), e.Hash[:]...)
}

// chain gives the entry its number, hash and signature after before.
func (e *LedgerEntry) chain(before *link, key ed25519.PrivateKey) {
	e.Seq = before.seq + 1
	e.Hash = e.digest(before)
	copy(e.Signature[:], ed25519.Sign(key, e.signed()))
}

// follows reports whether the entry is, bit for bit, what came after before. The
// signature is not looked at.
func (e *LedgerEntry) follows(before *link) bool {
	return e.Seq == before.seq+1 && e.Class.Valid() && e.Hash == e.digest(before)
}

// SignedBy reports whether a keyring's ledger key signed the entry. It needs
// nothing else, so a certificate that quotes the entry can be checked anywhere.
func (e *LedgerEntry) SignedBy(key ed25519.PublicKey) bool {
	return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, e.signed(), e.Signature[:])
}
