package vault

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"time"

	"kartotek/internal/database"
)

// manifest says what a copy of the keyring consists of. It is the only object of
// a copy that changes in place, and a copy is what its manifest says: whole
// before and whole after. Its MAC is made with a secret of the keyring, so
// nobody without the master key can put a copy together.
type manifest struct {
	ring       [16]byte
	generation int64 // of the copy: counts the times it was written
	revision   int64 // of the keyring: counts the acts that changed it
	ledger     link  // its last entry; the signature is not kept
	at         time.Time
	parts      map[part]partEntry
}

// partEntry is one part in a manifest.
type partEntry struct {
	generation int64 // in which it was written
	size       int64
	hash       [sha256.Size]byte
}

const (
	manifestLead  = "kartotek keys 1\n"
	manifestFixed = len(manifestLead) + 16 + 8*4 + 32 + 4
	manifestPart  = 1 + 8 + 8 + 8 + sha256.Size
	macPurpose    = "copy of the keyring"
)

// encode gives the manifest's bytes; mac is Keyring.MAC of the keyring it is of.
func (m *manifest) encode(mac func(purpose string, data []byte) []byte) []byte {
	text := append([]byte(manifestLead), m.ring[:]...)
	for _, n := range []int64{m.generation, m.revision, m.at.UnixMicro(), m.ledger.seq} {
		text = binary.BigEndian.AppendUint64(text, uint64(n))
	}
	text = append(text, m.ledger.hash[:]...)
	text = binary.BigEndian.AppendUint32(text, uint32(len(m.parts)))
	for _, p := range slices.SortedFunc(maps.Keys(m.parts), part.compare) {
		e := m.parts[p]
		text = append(text, p.table)
		for _, n := range []int64{p.number, e.generation, e.size} {
			text = binary.BigEndian.AppendUint64(text, uint64(n))
		}
		text = append(text, e.hash[:]...)
	}
	return append(text, mac(macPurpose, text)...)
}

// decodeManifest reads a manifest's bytes. They prove nothing before verify.
func decodeManifest(text []byte) (m *manifest, err error) {
	if len(text) < manifestFixed+sha256.Size || string(text[:len(manifestLead)]) != manifestLead {
		return nil, database.ErrCorrupt
	}
	text = text[len(manifestLead) : len(text)-sha256.Size]
	number := func() (n int64) {
		n, text = int64(binary.BigEndian.Uint64(text)), text[8:]
		return n
	}
	m = &manifest{parts: map[part]partEntry{}}
	text = text[copy(m.ring[:], text):]
	m.generation, m.revision = number(), number()
	m.at, m.ledger.seq = time.UnixMicro(number()).UTC(), number()
	text = text[copy(m.ledger.hash[:], text):]
	count := int64(binary.BigEndian.Uint32(text))
	if text = text[4:]; int64(len(text)) != count*int64(manifestPart) {
		return nil, database.ErrCorrupt
	}
	for range count {
		p := part{table: text[0]}
		text = text[1:]
		p.number = number()
		e := partEntry{generation: number(), size: number()}
		text = text[copy(e.hash[:], text):]
		if !p.known() || p.number < 0 || e.generation < 1 || e.size < 1 {
			return nil, database.ErrCorrupt
		}
		m.parts[p] = e
	}
	if _, ok := m.parts[head]; !ok || int64(len(m.parts)) != count || m.generation < 1 || m.revision < 0 || m.ledger.seq < 0 {
		return nil, database.ErrCorrupt
	}
	return m, nil
}

// verified reports whether a manifest's bytes carry the MAC of a keyring.
func verified(text []byte, mac func(purpose string, data []byte) []byte) bool {
	at := len(text) - sha256.Size
	return at > 0 && hmac.Equal(text[at:], mac(macPurpose, text[:at]))
}

// ringOf is the keyring a manifest's bytes name, damaged or not.
func ringOf(text []byte) (ring [16]byte, ok bool) {
	if len(text) < len(manifestLead)+len(ring) || string(text[:len(manifestLead)]) != manifestLead {
		return ring, false
	}
	copy(ring[:], text[len(manifestLead):])
	return ring, true
}

func entryFor(generation int64, text []byte) partEntry {
	return partEntry{generation, int64(len(text)), sha256.Sum256(text)}
}

// holds reports whether the entry is of these bytes.
func (e *partEntry) holds(text []byte) bool {
	return e.size == int64(len(text)) && e.hash == sha256.Sum256(text)
}
