package vault

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"

	"golang.org/x/mod/sumdb/note"
)

// signer signs checkpoints of the journal as C2SP notes.
type signer struct {
	name string
	key  ed25519.PrivateKey
}

func (s *signer) Name() string                     { return s.name }
func (s *signer) KeyHash() uint32                  { return noteHash(s.name, s.key.Public().(ed25519.PublicKey)) }
func (s *signer) Sign(text []byte) ([]byte, error) { return ed25519.Sign(s.key, text), nil }

// noteHash is the hash that tells keys of one name apart in a signed note.
func noteHash(name string, key ed25519.PublicKey) uint32 {
	const ed25519Note = 1 // the note format's number of the algorithm
	sum := sha256.Sum256(append(append([]byte(name), '\n', ed25519Note), key...))
	return binary.BigEndian.Uint32(sum[:])
}

// Signer signs notes with the journal's key under a name, which may hold neither
// spaces nor plus signs (note.Sign refuses such a name).
func (k *Keyring) Signer(name string) note.Signer { return &signer{name, k.journalKey} }

// VerifierKey is what others check those notes with (note.NewVerifier): name,
// hash and public key.
func (k *Keyring) VerifierKey(name string) string {
	key, err := note.NewEd25519VerifierKey(name, k.journalKey.Public().(ed25519.PublicKey))
	if err != nil {
		panic(err) // only a key of a wrong length fails
	}
	return key
}
