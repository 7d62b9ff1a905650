package hook

import (
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"strconv"
	"strings"
	"time"
)

// Key signs messages; its zero value signs nothing. It prints as nothing, so that no
// log holds it.
type Key struct {
	shared  []byte
	private ed25519.PrivateKey
}

// String hides the key.
func (Key) String() string { return "(key)" }

// GoString hides the key.
func (Key) GoString() string { return "(key)" }

// The prefixes by which the specification tells keys apart.
const (
	sharedPrefix  = "whsec_" // HMAC-SHA256, 24 to 64 bytes
	privatePrefix = "whsk_"  // Ed25519, the seed or the whole private key
	publicPrefix  = "whpk_"
)

// ErrKey is told of a key that is none; it never holds it.
var ErrKey = errors.New("hook: the key must be whsec_ and 24 to 64 bytes in base64, or whsk_ and an Ed25519 key in base64")

// ParseKey reads a key as the specification writes it.
func ParseKey(text string) (Key, error) {
	text = strings.TrimSpace(text)
	if raw, ok := strings.CutPrefix(text, sharedPrefix); ok {
		key, err := base64.StdEncoding.DecodeString(raw)
		if err != nil || len(key) < 24 || len(key) > 64 {
			return Key{}, ErrKey
		}
		return Key{shared: key}, nil
	}
	raw, ok := strings.CutPrefix(text, privatePrefix)
	key, err := base64.StdEncoding.DecodeString(raw)
	switch {
	case !ok || err != nil:
		return Key{}, ErrKey
	case len(key) == ed25519.SeedSize:
		return Key{private: ed25519.NewKeyFromSeed(key)}, nil
	case len(key) == ed25519.PrivateKeySize && ed25519.NewKeyFromSeed(key[:ed25519.SeedSize]).Equal(ed25519.PrivateKey(key)):
		return Key{private: key}, nil
	}
	return Key{}, ErrKey
}

// Valid reports whether the key signs.
func (k Key) Valid() bool { return k.shared != nil || k.private != nil }

// Public is what the receiver of messages signed with a private key checks them with;
// "" for a shared one.
func (k Key) Public() string {
	if k.private == nil {
		return ""
	}
	return publicPrefix + base64.StdEncoding.EncodeToString(k.private.Public().(ed25519.PublicKey))
}

func signed(id, stamp string, body []byte) []byte {
	return append([]byte(id+"."+stamp+"."), body...)
}

// Sign gives the header webhook-signature of a message.
func (k Key) Sign(id, stamp string, body []byte) string {
	switch text := signed(id, stamp, body); {
	case k.private != nil:
		return "v1a," + base64.StdEncoding.EncodeToString(ed25519.Sign(k.private, text))
	case k.shared != nil:
		sum := hmac.New(sha256.New, k.shared)
		sum.Write(text)
		return "v1," + base64.StdEncoding.EncodeToString(sum.Sum(nil))
	}
	return ""
}

// tolerance is how far a message's time may lie from a receiver's.
const tolerance = 5 * time.Minute

// ErrSignature is told of a message that its signature does not vouch for.
var ErrSignature = errors.New("hook: the signature does not vouch for the message")

// Verify checks a message as a receiver does: one of the signatures in the header must
// be right, and the time near. For a private key, the public one of it is enough.
func (k Key) Verify(id, stamp, header string, body []byte, now time.Time) error {
	at, err := strconv.ParseInt(stamp, 10, 64)
	if away := now.Sub(time.Unix(at, 0)); err != nil || away > tolerance || away < -tolerance || id == "" {
		return ErrSignature
	}
	for _, one := range strings.Fields(header) {
		version, text, _ := strings.Cut(one, ",")
		signature, err := base64.StdEncoding.DecodeString(text)
		switch {
		case err != nil:
		case version == "v1a" && k.private != nil:
			if ed25519.Verify(k.private.Public().(ed25519.PublicKey), signed(id, stamp, body), signature) {
				return nil
			}
		case version == "v1" && k.shared != nil:
			if subtle.ConstantTimeCompare([]byte(k.Sign(id, stamp, body)), []byte(one)) == 1 {
				return nil
			}
		}
	}
	return ErrSignature
}
