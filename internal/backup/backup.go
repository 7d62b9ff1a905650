// Package backup keeps archives of the register in places outside it, brings one
// back, and tries now and then whether that works (D7, N14, L1, GDPR Art. 32).
//
// An archive is every table of the register as one snapshot saw it, with the
// charter, cut into chunks along the primary keys. A chunk is compressed,
// encrypted with age, and named after what it holds by a keyed hash, so that
// the next archive writes only what has changed. A manifest, signed by the
// keyring, names the chunks in their order. Tables and columns are asked from
// the schema: one added later is covered.
//
// No archive holds a key: rows stay sealed, and the keys that open them stay in
// the keyring. Whoever was erased is in old archives as bytes that nothing opens,
// and a restore replays the ledger before anything is served.
//
//	archives/<time>-<random>         a manifest
//	chunks/<ab>/<content>-<stored>   rows; two hashes, of what it holds and of its bytes
package backup

import (
	"encoding/hex"
	"time"

	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/fault"
	"kartotek/internal/vault"

	"filippo.io/age"
)

// Archive is one archive as its manifest's open part tells it.
type Archive struct {
	ID      string
	Keyring string    // the id of the keyring whose register it is of
	At      time.Time // when its snapshot was taken
	Rows    int64
	Bytes   int64 // stored, chunks shared with other archives included
	Chunks  []Chunk
	Problem error // why it cannot be used; nil for a good one
}

// Chunk is an object with rows.
type Chunk struct {
	Name  string
	Bytes int64 // as stored
}

// Verified is what a verification found.
type Verified struct {
	Archive
	Decrypted bool // false: without an identity only the bytes' hashes were checked
}

// tables whose rows stay behind: what a sign-in leaves for minutes or days. A
// session brought back would sign in whoever has signed out since, and these are
// the only columns of the register that look somebody up blind (keyed hashes of
// addresses and persons).
var stayBehind = map[string]bool{"session": true, "signin_code": true, "signin_limit": true}

// origin names archives in their signatures, so that no signature of the
// journal's key passes for one of an archive.
const origin = "kartotek/backup"

// Reader reads archives of one keyring's register. Without an identity it lists
// and checks bytes, and opens nothing.
type Reader struct {
	ring       *vault.Keyring
	verifier   note.Verifier
	identities []age.Identity
}

// NewReader makes a Reader.
func NewReader(ring *vault.Keyring, identities []age.Identity) (*Reader, error) {
	verifier, err := note.NewVerifier(ring.VerifierKey(origin))
	if err != nil {
		return nil, err
	}
	return &Reader{ring: ring, verifier: verifier, identities: identities}, nil
}

// keyringID is how manifests name the keyring.
func keyringID(ring *vault.Keyring) string {
	id := ring.ID()
	return hex.EncodeToString(id[:])
}

// refused is an archive that cannot be used, with the reason.
func refused(reason, archive string, pairs ...any) *fault.Error {
	return fault.New(fault.Conflict, "backup.error."+reason, append([]any{"archive", archive}, pairs...)...)
}

// The reasons why an archive is refused; keys of the catalogue end with them.
const (
	truncated = "truncated" // the manifest or a chunk ends early
	damaged   = "damaged"   // bytes are not as they were written
	reordered = "reordered" // chunks are not the ones, or not in the order, that were signed
	foreign   = "foreign"   // of another keyring's register
	forged    = "forged"    // not signed by this keyring
	missing   = "missing"   // a chunk is not there
	locked    = "locked"    // no identity here opens it
	newer     = "newer"     // written by a newer Kartotek
)
