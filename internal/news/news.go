// Package news remembers for a while what happened in each body: who joined, who
// came from another body, who left, died or moved away, whose data changed. So
// an officer who comes back is told what is new since they last looked, without
// pulling a list. It knows bodies, persons by id and times, and nobody's data;
// who an item is about is sealed under a key that ends by itself.
package news

import (
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Kind is what happened. Numbers are stored and never used again for another; what
// one act did is told in their order, so that a move ends with the arrival.
type Kind uint8

const (
	Joined  Kind = 1 // new in the association
	Moved   Kind = 2 // belongs elsewhere now
	Arrived Kind = 3 // was a member elsewhere
	Left    Kind = 4 // the membership was closed
	Died    Kind = 5
	Changed Kind = 6 // what is known of the person was changed
	Stayed  Kind = 7 // a closing was taken back
)

// Event is something that happened to a person in a body.
type Event struct {
	Kind   Kind
	Person vault.PersonID
	Unit   unit.ID
	Fields []string // of a change: the charter's codes
}

// Digest is what happened in a Scope since a time. Of who has gone it tells a
// number and no more: they are out of every list (D7).
type Digest struct {
	Since                    time.Time
	Joined, Arrived, Changed *roaring.Bitmap // members the Scope reaches now
	Moved, Left, Died        int
	Fields                   map[vault.PersonID][]string // what was changed, where few were at once
}

// Empty reports whether nothing happened.
func (d *Digest) Empty() bool {
	return d.Joined.IsEmpty() && d.Arrived.IsEmpty() && d.Changed.IsEmpty() && d.Moved+d.Left+d.Died == 0
}

// Look is when an officer last said that they have seen what is new in a body;
// the record's id is the body's, 0 for the whole register.
type Look struct{ At time.Time }

// Looks are records of whoever looks.
var Looks = record.Declare(record.Kind[Look]{
	Number: 70, Name: "look", Class: vault.Membership, Retention: "membership",
	Encode: func(dst []byte, l *Look) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(l.At.UnixMicro())).Bytes
	},
	Decode: func(src []byte, l *Look) error {
		*l = Look{}
		r := record.NewReader(src)
		for r.Next() {
			if r.Field() == 1 {
				l.At = time.UnixMicro(int64(r.Uint())).UTC()
			}
		}
		return r.Err()
	},
	Words: func(l *Look) []record.Line {
		return []record.Line{{Key: "news.record.looked", Value: l.At.Format(time.DateOnly)}}
	},
})
