package journal

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"math"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
)

// The canonical body is one version byte and protobuf fields in ascending
// order, zero values left out. What is hashed is these bytes, so they can be
// made in one way only: decodeBody refuses any other.
const bodyVersion = 1

const (
	fieldAt       protowire.Number = 1 // Unix microseconds
	fieldAct      protowire.Number = 2
	fieldActor    protowire.Number = 3
	fieldPost     protowire.Number = 4
	fieldUnit     protowire.Number = 5
	fieldRight    protowire.Number = 6
	fieldVia      protowire.Number = 7
	fieldOSUser   protowire.Number = 8
	fieldPurpose  protowire.Number = 9
	fieldTarget   protowire.Number = 10
	fieldFields   protowire.Number = 11 // repeated
	fieldReason   protowire.Number = 12
	fieldNumber   protowire.Number = 13
	fieldReading  protowire.Number = 14
	fieldProof    protowire.Number = 15
	fieldCount    protowire.Number = 16 // how many persons
	fieldPersons  protowire.Number = 17 // digest of their rows
	highestNumber                  = fieldPersons
)

var errBody = errors.New("journal: a body cannot be read")

// body is what an entry says, as it is hashed: the set of persons by count and digest.
type body struct {
	Entry          // Persons and Keep are not part of it
	at      int64  // Unix microseconds
	count   uint64 // of persons
	persons []byte // digest of the set, nil when there is none
}

// appendBody appends the canonical form.
func appendBody(dst []byte, b *body) []byte {
	dst = append(dst, bodyVersion)
	dst = appendVarint(dst, fieldAt, uint64(b.at))
	dst = appendVarint(dst, fieldAct, uint64(b.Act))
	dst = appendVarint(dst, fieldActor, uint64(b.Actor))
	dst = appendText(dst, fieldPost, b.Post)
	dst = appendVarint(dst, fieldUnit, uint64(b.Unit))
	dst = appendText(dst, fieldRight, b.Right)
	dst = appendText(dst, fieldVia, b.Via)
	dst = appendText(dst, fieldOSUser, b.OSUser)
	dst = appendText(dst, fieldPurpose, b.Purpose)
	dst = appendVarint(dst, fieldTarget, uint64(b.Target))
	for _, f := range b.Fields {
		dst = protowire.AppendTag(dst, fieldFields, protowire.BytesType)
		dst = protowire.AppendString(dst, f)
	}
	dst = appendText(dst, fieldReason, b.Reason)
	dst = appendVarint(dst, fieldNumber, uint64(b.Number))
	dst = appendVarint(dst, fieldReading, uint64(b.Reading))
	dst = appendBytes(dst, fieldProof, b.Proof)
	dst = appendVarint(dst, fieldCount, b.count)
	return appendBytes(dst, fieldPersons, b.persons)
}

func appendVarint(dst []byte, n protowire.Number, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return protowire.AppendVarint(protowire.AppendTag(dst, n, protowire.VarintType), v)
}

func appendText(dst []byte, n protowire.Number, v string) []byte {
	if v == "" {
		return dst
	}
	return protowire.AppendString(protowire.AppendTag(dst, n, protowire.BytesType), v)
}

func appendBytes(dst []byte, n protowire.Number, v []byte) []byte {
	if len(v) == 0 {
		return dst
	}
	return protowire.AppendBytes(protowire.AppendTag(dst, n, protowire.BytesType), v)
}

// eachField calls fn with every field of a body in turn; a varint comes as
// number, anything else as data, which points into src.
func eachField(src []byte, fn func(n protowire.Number, number uint64, data []byte) error) error {
	if len(src) == 0 || src[0] != bodyVersion {
		return errBody
	}
	for src = src[1:]; len(src) > 0; {
		n, kind, size := protowire.ConsumeTag(src)
		if size < 0 || n > highestNumber {
			return errBody
		}
		src = src[size:]
		var number uint64
		var data []byte
		switch kind {
		case protowire.VarintType:
			number, size = protowire.ConsumeVarint(src)
		case protowire.BytesType:
			data, size = protowire.ConsumeBytes(src)
		default:
			return errBody
		}
		if size < 0 {
			return errBody
		}
		src = src[size:]
		if err := fn(n, number, data); err != nil {
			return err
		}
	}
	return nil
}

// decodeBody reads a canonical body; whatever appendBody would have written
// differently is errBody.
func decodeBody(src []byte) (*body, error) {
	b := &body{}
	err := eachField(src, func(n protowire.Number, number uint64, data []byte) error {
		switch n {
		case fieldAt:
			b.at = int64(number)
		case fieldAct:
			b.Act = Act(number)
		case fieldActor:
			b.Actor = uint32(number)
		case fieldPost:
			b.Post = string(data)
		case fieldUnit:
			b.Unit = uint32(number)
		case fieldRight:
			b.Right = string(data)
		case fieldVia:
			b.Via = string(data)
		case fieldOSUser:
			b.OSUser = string(data)
		case fieldPurpose:
			b.Purpose = string(data)
		case fieldTarget:
			b.Target = uint32(number)
		case fieldFields:
			b.Fields = append(b.Fields, string(data))
		case fieldReason:
			b.Reason = string(data)
		case fieldNumber:
			b.Number = int64(number)
		case fieldReading:
			b.Reading = int64(number)
		case fieldProof:
			b.Proof = bytes.Clone(data)
		case fieldCount:
			b.count = number
		case fieldPersons:
			b.persons = bytes.Clone(data)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	// Order, width, a truncated number, a field of the other kind: all show here.
	if !bytes.Equal(appendBody(make([]byte, 0, len(src)), b), src) {
		return nil, errBody
	}
	return b, nil
}

// forever is keep_until of what is never pruned.
const forever = math.MaxInt64

// end is the instant, in Unix microseconds, until which an entry made at that
// instant keeps body and persons; standing is what the journal keeps by itself.
func (e *Entry) end(at int64, standing time.Duration) int64 {
	switch {
	case e.Keep == Forever:
		return forever
	case e.Keep == 0 && standing > 0:
		return at + standing.Microseconds()
	case e.Keep == 0:
		return at + DefaultKeep.Microseconds()
	}
	return at + e.Keep.Microseconds()
}

// instant turns stored microseconds into a time; for ever is the zero time.
func instant(micros int64) time.Time {
	if micros == forever {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// A salt is 16 random bytes, which hide the body in its commitment, and a
// 16-byte seal under the journal's key: what was written past the program, an
// entry that waits for its position above all, shows even where no checkpoint
// stands over it yet.
const (
	nonceLength = 16
	sealLength  = 16
	saltLength  = nonceLength + sealLength
)

const (
	commitmentDomain = "kartotek journal entry 1\x00"
	recordDomain     = "kartotek journal leaf 1\x00"
	sealDomain       = "kartotek journal seal 1\x00"
)

// commitment is the leaf column: it binds salt and body, and tells nothing of
// them once they are pruned.
func commitment(salt, body []byte) []byte {
	h := sha256.New()
	h.Write([]byte(commitmentDomain))
	h.Write(salt)
	h.Write(body)
	return h.Sum(nil)
}

// leaf is a row of journal_entry, which stays when the body is pruned.
type leaf struct {
	id         int64
	keepUntil  int64
	commitment []byte
}

// record is what the Merkle tree hashes: the whole row. With keep_until in it a
// body that is missing before its end cannot pass for pruned.
func (l leaf) record() []byte {
	r := make([]byte, 0, len(recordDomain)+8+8+sha256.Size)
	r = append(r, recordDomain...)
	r = binary.BigEndian.AppendUint64(r, uint64(l.id))
	r = binary.BigEndian.AppendUint64(r, uint64(l.keepUntil))
	return append(r, l.commitment...)
}

// seal authenticates an entry under the journal's key.
func seal(key []byte, id, keepUntil int64, nonce, body []byte) []byte {
	h := hmac.New(sha256.New, key)
	var head [16]byte
	binary.BigEndian.PutUint64(head[:8], uint64(id))
	binary.BigEndian.PutUint64(head[8:], uint64(keepUntil))
	h.Write([]byte(sealDomain))
	h.Write(head[:])
	h.Write(nonce)
	h.Write(body)
	return h.Sum(nil)[:sealLength]
}

// sealed tells whether the salt's seal is the journal's own.
func sealed(key []byte, id, keepUntil int64, salt, body []byte) bool {
	return len(salt) == saltLength &&
		hmac.Equal(salt[nonceLength:], seal(key, id, keepUntil, salt[:nonceLength], body))
}
