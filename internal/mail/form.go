package mail

import (
	"errors"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/vault"
)

// letter is the sealed part of a mail.
type letter struct {
	To, Subject, Body, Kind string
	MessageID               string // made once, so that a mail sent twice after a crash is recognised as one
	Ends                    time.Time
	Decoy                   bool

	With                 []vault.PersonID
	Ref                  int64
	Unsubscribe, ReplyTo string
}

// The binary form is protobuf's wire format; numbers are never reused. Zero bytes
// at the end are padding: no field has the number 0.
const (
	fieldTo protowire.Number = iota + 1
	fieldSubject
	fieldBody
	fieldKind
	fieldMessageID
	fieldEnds // Unix microseconds
	fieldDecoy
	fieldWith
	fieldRef
	fieldUnsubscribe
	fieldReplyTo
)

// sealedStep is what the form is padded to a multiple of, in bytes: the length of
// a sealed mail must not tell which mail it is.
const sealedStep = 1024

var errForm = errors.New("mail: the sealed form cannot be read")

// encode gives the padded binary form.
func (l *letter) encode() []byte {
	b := make([]byte, 0, len(l.Body)+sealedStep)
	text := func(number protowire.Number, s string) {
		b = protowire.AppendTag(b, number, protowire.BytesType)
		b = protowire.AppendString(b, s)
	}
	text(fieldTo, l.To)
	text(fieldSubject, l.Subject)
	text(fieldBody, l.Body)
	text(fieldKind, l.Kind)
	text(fieldMessageID, l.MessageID)
	b = protowire.AppendTag(b, fieldEnds, protowire.VarintType)
	b = protowire.AppendVarint(b, uint64(l.Ends.UnixMicro()))
	b = protowire.AppendTag(b, fieldDecoy, protowire.VarintType)
	b = protowire.AppendVarint(b, protowire.EncodeBool(l.Decoy))
	for _, person := range l.With {
		b = protowire.AppendTag(b, fieldWith, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(person))
	}
	if l.Ref != 0 {
		b = protowire.AppendTag(b, fieldRef, protowire.VarintType)
		b = protowire.AppendVarint(b, uint64(l.Ref))
	}
	if l.Unsubscribe != "" {
		text(fieldUnsubscribe, l.Unsubscribe)
	}
	if l.ReplyTo != "" {
		text(fieldReplyTo, l.ReplyTo)
	}
	return append(b, make([]byte, sealedStep-len(b)%sealedStep)...)
}

// decode reads the binary form; unknown fields are skipped.
func (l *letter) decode(b []byte) error {
	*l = letter{}
	texts := map[protowire.Number]*string{
		fieldTo: &l.To, fieldSubject: &l.Subject, fieldBody: &l.Body, fieldKind: &l.Kind, fieldMessageID: &l.MessageID,
		fieldUnsubscribe: &l.Unsubscribe, fieldReplyTo: &l.ReplyTo,
	}
	for len(b) > 0 && b[0] != 0 {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return errForm
		}
		b = b[n:]
		switch text := texts[number]; {
		case text != nil && kind == protowire.BytesType:
			var s string
			if s, n = protowire.ConsumeString(b); n >= 0 {
				*text = s
			}
		case number == fieldEnds && kind == protowire.VarintType:
			var v uint64
			v, n = protowire.ConsumeVarint(b)
			l.Ends = time.UnixMicro(int64(v)).UTC()
		case number == fieldDecoy && kind == protowire.VarintType:
			var v uint64
			v, n = protowire.ConsumeVarint(b)
			l.Decoy = protowire.DecodeBool(v)
		case number == fieldWith && kind == protowire.VarintType:
			var v uint64
			v, n = protowire.ConsumeVarint(b)
			l.With = append(l.With, vault.PersonID(v))
		case number == fieldRef && kind == protowire.VarintType:
			var v uint64
			v, n = protowire.ConsumeVarint(b)
			l.Ref = int64(v)
		default:
			n = protowire.ConsumeFieldValue(number, kind, b)
		}
		if n < 0 {
			return errForm
		}
		b = b[n:]
	}
	return nil
}
