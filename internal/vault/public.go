package vault

import (
	"crypto/aes"
	"encoding/base32"
	"encoding/binary"
)

// publicLength is the length of a public id.
const publicLength = 26

var publicText = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// PublicID is the id of a person that pages, links and exports show: one AES
// block over id and zeros in base32, 26 lower-case characters. It tells neither
// the id nor who joined when, and is the same as long as the keyring lives.
func (k *Keyring) PublicID(p PersonID) string {
	var block [aes.BlockSize]byte
	binary.BigEndian.PutUint32(block[:], uint32(p))
	k.public.Encrypt(block[:], block[:])
	return publicText.EncodeToString(block[:])
}

// PersonOf is the person of a public id. It reports false for everything that
// PublicID did not make: the zeros are 96 bits of proof.
func (k *Keyring) PersonOf(public string) (PersonID, bool) {
	if len(public) != publicLength {
		return 0, false
	}
	block, err := publicText.DecodeString(public)
	if err != nil || len(block) != aes.BlockSize || publicText.EncodeToString(block) != public {
		return 0, false // the last character could be spelled four ways
	}
	k.public.Decrypt(block, block)
	p := PersonID(binary.BigEndian.Uint32(block))
	for _, b := range block[4:] {
		if b != 0 {
			return 0, false
		}
	}
	return p, p != 0
}
