package signin

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"

	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/vault"
)

// What a ticket is for. The same letters used elsewhere name another row.
const (
	forCode    = "signin.code"
	forChoice  = "signin.choice"
	forDemo    = "signin.demo"
	forSession = "signin.session"

	forApp     = "signin.app"     // an app's secret, until its first code
	forPasskey = "signin.passkey" // what was asked of a passkey
	forAddress = "signin.address.own"
	forWay     = "signin.way" // the one-time code of a recovery
)

// drawer is the row a ticket names and the key it opens it with.
type drawer struct {
	id   []byte // 32 bytes: keyed digest of the ticket
	aead cipher.AEAD
}

// drawer finds the row of a ticket. Its key is made from the ticket and a secret
// of the keyring and stored nowhere.
func (s *Service) drawer(use, ticket string) drawer {
	block, err := aes.NewCipher(s.keys.MAC(use+".key", []byte(ticket)))
	if err != nil {
		panic(err) // 32 bytes are an AES-256 key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size GCM wants
	}
	return drawer{id: s.keys.MAC(use+".id", []byte(ticket)), aead: aead}
}

func (d drawer) seal(plain []byte) []byte { return d.aead.Seal(nil, nil, plain, d.id) }

func (d drawer) open(sealed []byte) ([]byte, error) { return d.aead.Open(nil, nil, sealed, d.id) }

// pass is what is sealed about a code, a choice, a demo link or another step.
type pass struct {
	address []byte // keyed digest of the address; nil for a demo link
	lang    string
	persons []vault.PersonID // none: the address is nobody's
	data    []byte           // what a step must find again
}

const (
	passAddress protowire.Number = iota + 1
	passLang
	passPerson // one field each
	passData
)

// passStep is what the form is padded to a multiple of, in bytes: its length must
// not tell how many persons have the address.
const passStep = 128

var errForm = errors.New("signin: the sealed form cannot be read")

// encode gives the padded binary form. Zero bytes at the end are padding.
func (p *pass) encode() []byte {
	b := make([]byte, 0, passStep)
	b = protowire.AppendTag(b, passAddress, protowire.BytesType)
	b = protowire.AppendBytes(b, p.address)
	b = protowire.AppendTag(b, passLang, protowire.BytesType)
	b = protowire.AppendString(b, p.lang)
	for _, person := range p.persons {
		b = protowire.AppendTag(b, passPerson, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(person))
	}
	if len(p.data) > 0 {
		b = protowire.AppendTag(b, passData, protowire.BytesType)
		b = protowire.AppendBytes(b, p.data)
	}
	return append(b, make([]byte, passStep-len(b)%passStep)...)
}

func (p *pass) decode(b []byte) error {
	*p = pass{}
	return fields(b, func(number protowire.Number, text []byte, n uint64) {
		switch number {
		case passAddress:
			p.address = text
		case passLang:
			p.lang = string(text)
		case passPerson:
			p.persons = append(p.persons, vault.PersonID(n))
		case passData:
			p.data = text
		}
	})
}

// fields calls fn for each field with its bytes or its number, up to the padding.
func fields(b []byte, fn func(number protowire.Number, text []byte, n uint64)) error {
	for len(b) > 0 && b[0] != 0 {
		number, kind, used := protowire.ConsumeTag(b)
		if used < 0 {
			return errForm
		}
		b = b[used:]
		var text []byte
		var n uint64
		switch kind {
		case protowire.BytesType:
			text, used = protowire.ConsumeBytes(b)
		case protowire.VarintType:
			n, used = protowire.ConsumeVarint(b)
		default:
			return fmt.Errorf("%w: wire type %d", errForm, kind)
		}
		if used < 0 {
			return errForm
		}
		b = b[used:]
		fn(number, text, n)
	}
	return nil
}

// cover makes an opaque name of a person and a number: what a passkey keeps of its
// owner, what a remembered device shows. Two of the same differ, and only this
// keyring reads them, so that no table needs to lead from them to a person.
func (s *Service) cover(use string, person vault.PersonID, id uint64) []byte {
	plain := binary.BigEndian.AppendUint64(personBytes(person), id)
	return s.coverCipher(use).Seal(nil, nil, plain, []byte(use))
}

// uncover reads what cover made; false for anything else.
func (s *Service) uncover(use string, covered []byte) (person vault.PersonID, id uint64, ok bool) {
	plain, err := s.coverCipher(use).Open(nil, nil, covered, []byte(use))
	if err != nil || len(plain) != 12 {
		return 0, 0, false
	}
	return vault.PersonID(binary.BigEndian.Uint32(plain)), binary.BigEndian.Uint64(plain[4:]), true
}

func (s *Service) coverCipher(use string) cipher.AEAD {
	block, err := aes.NewCipher(s.keys.MAC(use+".cover", nil))
	if err != nil {
		panic(err) // 32 bytes are an AES-256 key
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		panic(err) // AES has the block size GCM wants
	}
	return aead
}
