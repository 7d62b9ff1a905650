package mailing

import (
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Receipts are records of whoever got a mailing, numbered as it.
var Receipts = record.Declare(record.Kind[Received]{
	Number: 92, Name: "mailing-received", Class: vault.Membership, Retention: "mailing",
	Encode: func(dst []byte, g *Received) []byte {
		w := record.Writer{Bytes: dst}
		return w.Uint(1, uint64(g.Unit)).String(2, g.Purpose).Time(3, g.At).String(4, string(g.How)).Bytes
	},
	Decode: func(src []byte, g *Received) error {
		*g = Received{}
		r := record.NewReader(src)
		for r.Next() {
			switch r.Field() {
			case 1:
				g.Unit = unit.ID(r.Uint())
			case 2:
				g.Purpose = r.String()
			case 3:
				g.At = r.Time()
			case 4:
				g.How = How(r.String())
			}
		}
		return r.Err()
	},
	Words: func(g *Received) []record.Line { // GDPR Art. 15
		return []record.Line{
			{Key: "mailing.record.purpose", Value: g.Purpose}, {Key: "mailing.record.at", Value: g.At.Format(time.DateOnly)},
			{Key: "mailing.record.how", ValueKey: "mailing.how." + string(g.How)},
		}
	},
})

var errForm = errors.New("mailing: the sealed form cannot be read")

// encodeText gives what somebody wrote, with the grounds of who refused or stopped it.
func (m *Mailing) encodeText() []byte {
	var w record.Writer
	return w.String(1, m.Subject).String(2, m.Text).String(3, m.ReplyTo).String(4, m.Lang).Bool(5, m.Letters).Bool(6, m.Households).
		Time(7, m.SendAt).String(8, m.Grounds).Bytes
}

func (m *Mailing) decodeText(src []byte) error {
	r := record.NewReader(src)
	for r.Next() {
		switch r.Field() {
		case 1:
			m.Subject = r.String()
		case 2:
			m.Text = r.String()
		case 3:
			m.ReplyTo = r.String()
		case 4:
			m.Lang = r.String()
		case 5:
			m.Letters = r.Bool()
		case 6:
			m.Households = r.Bool()
		case 7:
			m.SendAt = r.Time()
		case 8:
			m.Grounds = r.String()
		}
	}
	if r.Err() != nil {
		return errForm
	}
	return nil
}

// encode gives the numbers, which are of nobody and lie clear.
func (c *Counts) encode() []byte {
	w := record.Writer{Bytes: []byte{}}
	for i, n := range c.all() {
		w.Uint(protowire.Number(i+1), uint64(*n))
	}
	return w.Bytes
}

func (c *Counts) decode(src []byte) error {
	all := c.all()
	r := record.NewReader(src)
	for r.Next() {
		if i := int(r.Field()) - 1; i >= 0 && i < len(all) {
			*all[i] = int(r.Uint())
		}
	}
	return r.Err()
}

// all are the numbers in the order of their fields, which never changes.
func (c *Counts) all() []*int {
	return []*int{
		&c.Members, &c.Mails, &c.ByMail, &c.Letters, &c.ByLetter, &c.Accepted, &c.Bounced, &c.Passed,
		&c.Objected, &c.Restricted, &c.LeftOut, &c.Covered, &c.Returned, &c.Nowhere, &c.Unsubscribed,
	}
}

// encodeSet gives who is left; nothing for nobody.
func encodeSet(left *roaring.Bitmap) ([]byte, error) {
	if left == nil || left.IsEmpty() {
		return nil, nil
	}
	left.RunOptimize()
	return left.ToBytes()
}

func decodeSet(src []byte) (*roaring.Bitmap, error) {
	left := roaring.New()
	if len(src) == 0 {
		return left, nil
	}
	return left, left.UnmarshalBinary(src)
}
