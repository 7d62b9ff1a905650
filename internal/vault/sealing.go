package vault

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
)

const (
	sealFormat  = 1       // leads every sealed record and is bound to it
	gcmOverhead = 12 + 16 // nonce and tag
	wrappedSize = keySize + gcmOverhead

	// Overhead is how many bytes a sealed record is longer than its plain form.
	Overhead = 1 + gcmOverhead
)

// wrappedKey is a key sealed under the master key: nonce, key, tag.
type wrappedKey [wrappedSize]byte

func (w *wrappedKey) none() bool { return *w == wrappedKey{} }

// keyName names a data key.
type keyName struct {
	person PersonID
	class  Class
}

// newCipher is AES-256-GCM that draws a nonce for every seal and puts it first.
func newCipher(key []byte) cipher.AEAD {
	block, err := aes.NewCipher(key)
	if err != nil {
		panic(err) // every key here is 32 bytes long
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err)
	}
	return aead
}

// The first byte of the associated data keeps apart what the master key wraps.
const (
	wrapsKey    = 'k' // + person, class
	wrapsOneOff = 'o' // + id
	wrapsSecret = 's' // + name

	wrapsGrounds = 'g'
)

func (n keyName) append(dst []byte) []byte {
	dst = append(dst, wrapsKey)
	dst = binary.BigEndian.AppendUint32(dst, uint32(n.person))
	return n.class.append(dst)
}

func appendOneOff(dst []byte, id int64) []byte {
	return binary.BigEndian.AppendUint64(append(dst, wrapsOneOff), uint64(id))
}

func appendSecret(dst []byte, name string) []byte {
	return append(append(dst, wrapsSecret), name...)
}

// wrapper wraps and unwraps under the master key with buffers of its own, since
// what is handed to a cipher lies on the heap. Used by one goroutine at a time.
type wrapper struct {
	master cipher.AEAD
	about  [32]byte // associated data
	key    [keySize]byte
	sealed wrappedKey
}

// draw puts a new random key, wrapped, into dst. The associated data is about.
func (w *wrapper) draw(dst *wrappedKey, about []byte) {
	rand.Read(w.key[:])
	w.wrap(dst, about)
}

// wrap puts the key in w.key, wrapped, into dst and forgets it.
func (w *wrapper) wrap(dst *wrappedKey, about []byte) {
	w.master.Seal(w.sealed[:0], nil, w.key[:], about)
	clear(w.key[:])
	*dst = w.sealed
}

// unwrap opens w.sealed, and forgets it, into w.key, which the caller clears.
func (w *wrapper) unwrap(about []byte) error {
	_, err := w.master.Open(w.key[:0], nil, w.sealed[:], about)
	clear(w.sealed[:])
	if err != nil {
		clear(w.key[:])
		return ErrTampered
	}
	return nil
}

// fingerprint names the key in w.sealed for the ledger without telling it.
func (w *wrapper) fingerprint(n keyName) (f [16]byte, err error) {
	about := n.append(w.about[:0])
	if err := w.unwrap(about); err != nil {
		return f, err
	}
	var text [96]byte
	h := sha256.Sum256(append(append(append(text[:0], "kartotek key fingerprint 1\n"...), about...), w.key[:]...))
	clear(text[:])
	clear(w.key[:])
	return [16]byte(h[:]), nil
}

// Opener seals and opens many records with buffers of its own and keeps the last
// person's cipher, so that a scan allocates nothing but what the cipher needs.
// One goroutine uses it at a time. It notices erasures like the keyring itself.
type Opener struct {
	ring       *Keyring
	wrap       wrapper
	label      [labelSize]byte
	name       keyName     // whose cipher
	cipher     cipher.AEAD // nil: none kept
	generation uint64      // of the keyring when the cipher was made
}

// Opener returns a new Opener.
func (k *Keyring) Opener() *Opener {
	return &Opener{ring: k}
}

// Seal appends plain, sealed under the key of the label's person and class, to
// dst, Overhead bytes longer. dst's spare room must not overlap plain.
// Errors: ErrErased, ErrKeyMissing, ErrTampered (the wrapped key).
func (o *Opener) Seal(dst []byte, l Label, plain []byte) ([]byte, error) {
	aead, err := o.cipherFor(keyName{l.Person, l.Class})
	if err != nil {
		return dst, err
	}
	return aead.Seal(append(dst, sealFormat), nil, plain, l.append(o.label[:0])), nil
}

// Open appends what was sealed under this label to dst, whose spare room must
// not overlap sealed. On error dst comes back as it was.
// Errors: ErrErased, ErrKeyMissing, ErrTampered.
func (o *Opener) Open(dst []byte, l Label, sealed []byte) ([]byte, error) {
	aead, err := o.cipherFor(keyName{l.Person, l.Class})
	if err != nil {
		return dst, err
	}
	if len(sealed) < Overhead || sealed[0] != sealFormat {
		return dst, ErrTampered
	}
	plain, err := aead.Open(dst, nil, sealed[1:], l.append(o.label[:0]))
	if err != nil {
		return dst, ErrTampered
	}
	return plain, nil
}

// Forget lets go of the cipher it keeps.
func (o *Opener) Forget() { o.cipher = nil }

// cipherFor is the cipher of a key. The generation is read before the key: an
// erasure raises it after the key is gone, so a cipher kept from before is noticed.
func (o *Opener) cipherFor(n keyName) (cipher.AEAD, error) {
	generation := o.ring.keys.generation.Load()
	if o.cipher != nil && o.name == n && o.generation == generation {
		return o.cipher, nil
	}
	o.cipher = nil
	if o.wrap.master = o.ring.keys.get(&o.wrap.sealed, n); o.wrap.master == nil {
		return nil, o.ring.keys.absent(n)
	}
	if err := o.wrap.unwrap(n.append(o.wrap.about[:0])); err != nil {
		return nil, err
	}
	o.cipher, o.name, o.generation = newCipher(o.wrap.key[:]), n, generation
	clear(o.wrap.key[:])
	return o.cipher, nil
}

// Seal is Opener.Seal for one record; safe for concurrent use.
func (k *Keyring) Seal(dst []byte, l Label, plain []byte) ([]byte, error) {
	o := k.openers.Get().(*Opener)
	dst, err := o.Seal(dst, l, plain)
	o.Forget()
	k.openers.Put(o)
	return dst, err
}

// Open is Opener.Open for one record; safe for concurrent use.
func (k *Keyring) Open(dst []byte, l Label, sealed []byte) ([]byte, error) {
	o := k.openers.Get().(*Opener)
	dst, err := o.Open(dst, l, sealed)
	o.Forget()
	k.openers.Put(o)
	return dst, err
}
