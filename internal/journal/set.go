package journal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"
)

// A set of persons is stored in chunks of 4,096 ids, a row each, keyed by
// (chunk, entry): which entries hold a person is then one range of rows.
const (
	chunkShift = 12
	chunkSize  = 1 << chunkShift
)

// The forms a chunk's ids can take; the upper half of the first byte names the
// form and is the version too. Only a chunk of one person is two bytes long,
// so a look-up leaves the openings of a person's neighbours unread in the
// database (see queryHolding).
const (
	formOne    = 0x10 // one id: its upper 4 bits stand in this byte, the lower 8 follow
	formSome   = 0x20 // the ids, ascending, two bytes each
	formMost   = 0x30 // the ids that are missing, likewise
	formBitmap = 0x40 // 512 bytes, id n is bit n%8 of byte n/8

	bitmapLength = 1 + chunkSize/8
)

var errChunk = errors.New("journal: a chunk of persons cannot be read")

// chunk is the part of a set whose ids share person>>12.
type chunk struct {
	number uint32
	bits   []byte
}

// split cuts a set into chunks, ascending.
func split(set *roaring.Bitmap) []chunk {
	if set == nil || set.IsEmpty() {
		return nil
	}
	var chunks []chunk
	lows := make([]uint16, 0, chunkSize)
	var number uint32
	var ids [1024]uint32
	for i := set.ManyIterator(); ; {
		n := i.NextMany(ids[:])
		for _, id := range ids[:n] {
			if id>>chunkShift != number && len(lows) > 0 {
				chunks = append(chunks, chunk{number, encodeChunk(lows)})
				lows = lows[:0]
			}
			number = id >> chunkShift
			lows = append(lows, uint16(id&(chunkSize-1)))
		}
		if n == 0 {
			return append(chunks, chunk{number, encodeChunk(lows)})
		}
	}
}

// encodeChunk writes ascending low ids in their shortest form.
func encodeChunk(lows []uint16) []byte {
	missing := chunkSize - len(lows)
	switch {
	case len(lows) == 1:
		return []byte{formOne | byte(lows[0]>>8), byte(lows[0])}
	case 1+2*len(lows) < bitmapLength:
		return appendLows(make([]byte, 0, 1+2*len(lows)), formSome, lows)
	case 1+2*missing < bitmapLength:
		return appendLows(make([]byte, 0, 1+2*missing), formMost, others(lows))
	}
	bits := make([]byte, bitmapLength)
	bits[0] = formBitmap
	for _, low := range lows {
		bits[1+low/8] |= 1 << (low % 8)
	}
	return bits
}

func appendLows(dst []byte, form byte, lows []uint16) []byte {
	dst = append(dst, form)
	for _, low := range lows {
		dst = binary.BigEndian.AppendUint16(dst, low)
	}
	return dst
}

// others returns the ids of a chunk that are not among the given.
func others(lows []uint16) []uint16 {
	rest := make([]uint16, 0, chunkSize-len(lows))
	for id := range uint16(chunkSize) {
		if len(lows) > 0 && lows[0] == id {
			lows = lows[1:]
			continue
		}
		rest = append(rest, id)
	}
	return rest
}

// decodeChunk reads what encodeChunk wrote and nothing else: a form that is not
// the shortest, or ids out of order, are refused.
func decodeChunk(bits []byte) ([]uint16, error) {
	if len(bits) == 0 {
		return nil, errChunk
	}
	var lows []uint16
	switch form := bits[0]; {
	case form&0xf0 == formOne && len(bits) == 2:
		lows = []uint16{uint16(form&0x0f)<<8 | uint16(bits[1])}
	case (form == formSome || form == formMost) && len(bits)%2 == 1:
		for rest := bits[1:]; len(rest) > 0; rest = rest[2:] {
			lows = append(lows, binary.BigEndian.Uint16(rest))
		}
		for i, low := range lows {
			if low >= chunkSize || i > 0 && low <= lows[i-1] {
				return nil, errChunk
			}
		}
		if form == formMost {
			lows = others(lows)
		}
	case form == formBitmap && len(bits) == bitmapLength:
		for low := range uint16(chunkSize) {
			if bits[1+low/8]&(1<<(low%8)) != 0 {
				lows = append(lows, low)
			}
		}
	}
	if len(lows) == 0 || !slices.Equal(encodeChunk(lows), bits) {
		return nil, errChunk
	}
	return lows, nil
}

// holds tells whether a stored chunk has the id whose low bits are given. It
// trusts the form; Verify does not.
func holds(bits []byte, low uint16) bool {
	if len(bits) == 0 {
		return false
	}
	switch bits[0] & 0xf0 {
	case formOne:
		return len(bits) == 2 && uint16(bits[0]&0x0f)<<8|uint16(bits[1]) == low
	case formSome:
		return among(bits[1:], low)
	case formMost:
		return !among(bits[1:], low)
	case formBitmap:
		return len(bits) == bitmapLength && bits[1+low/8]&(1<<(low%8)) != 0
	}
	return false
}

// among searches ascending two-byte ids.
func among(ids []byte, low uint16) bool {
	from, to := 0, len(ids)/2
	for from < to {
		middle := (from + to) / 2
		switch id := binary.BigEndian.Uint16(ids[2*middle:]); {
		case id == low:
			return true
		case id < low:
			from = middle + 1
		default:
			to = middle
		}
	}
	return false
}

// addTo puts the chunk's persons into the set.
func (c chunk) addTo(set *roaring.Bitmap) error {
	lows, err := decodeChunk(c.bits)
	if err != nil {
		return err
	}
	ids := make([]uint32, len(lows))
	for i, low := range lows {
		ids[i] = c.number<<chunkShift | uint32(low)
	}
	set.AddMany(ids)
	return nil
}

// digest stands for a set in the canonical body: SHA-256 over its stored rows.
func digest(chunks []chunk) []byte {
	if len(chunks) == 0 {
		return nil
	}
	var framed []byte
	for _, c := range chunks {
		framed = binary.BigEndian.AppendUint32(framed, c.number)
		framed = binary.BigEndian.AppendUint32(framed, uint32(len(c.bits)))
		framed = append(framed, c.bits...)
	}
	sum := sha256.Sum256(framed)
	return sum[:]
}
