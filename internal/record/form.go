package record

import (
	"errors"
	"maps"
	"slices"
	"time"

	"github.com/golang-sql/civil"
	"google.golang.org/protobuf/encoding/protowire"
)

// The binary form is the Protocol Buffers wire format, written by hand: stable,
// compact, and open to new fields, which an older program skips. A field that
// holds its zero value is left out.

// ErrForm is returned for bytes that are no valid binary form.
var ErrForm = errors.New("record: damaged binary form")

// Writer builds the binary form of one record.
type Writer struct{ Bytes []byte }

// String appends field n, unless s is empty.
func (w *Writer) String(n protowire.Number, s string) *Writer {
	if s != "" {
		w.Bytes = protowire.AppendString(protowire.AppendTag(w.Bytes, n, protowire.BytesType), s)
	}
	return w
}

// Strings appends field n once for every string, empty ones too.
func (w *Writer) Strings(n protowire.Number, all []string) *Writer {
	for _, s := range all {
		w.Bytes = protowire.AppendString(protowire.AppendTag(w.Bytes, n, protowire.BytesType), s)
	}
	return w
}

// Blob appends field n, unless b is empty.
func (w *Writer) Blob(n protowire.Number, b []byte) *Writer {
	if len(b) > 0 {
		w.Bytes = protowire.AppendBytes(protowire.AppendTag(w.Bytes, n, protowire.BytesType), b)
	}
	return w
}

// Uint appends field n, unless u is zero.
func (w *Writer) Uint(n protowire.Number, u uint64) *Writer {
	if u != 0 {
		w.Bytes = protowire.AppendVarint(protowire.AppendTag(w.Bytes, n, protowire.VarintType), u)
	}
	return w
}

// Texts appends field n once for every entry, in the order of the keys.
func (w *Writer) Texts(n protowire.Number, all map[string]string) *Writer {
	for _, key := range slices.Sorted(maps.Keys(all)) {
		var entry Writer
		w.Blob(n, entry.String(1, key).String(2, all[key]).Bytes)
	}
	return w
}

// Bool appends field n if b is true.
func (w *Writer) Bool(n protowire.Number, b bool) *Writer {
	if b {
		return w.Uint(n, 1)
	}
	return w
}

// Date appends field n as year·512 + month·32 + day, unless d is the zero date.
func (w *Writer) Date(n protowire.Number, d civil.Date) *Writer {
	if d.IsZero() {
		return w
	}
	return w.Uint(n, uint64(d.Year)<<9|uint64(d.Month)<<5|uint64(d.Day))
}

// Time appends field n as microseconds since 1970, unless t is the zero time.
func (w *Writer) Time(n protowire.Number, t time.Time) *Writer {
	if t.IsZero() {
		return w
	}
	return w.Uint(n, uint64(t.UnixMicro()))
}

// Reader walks the fields of a binary form:
//
//	for r := NewReader(src); r.Next(); {
//		switch r.Field() { case 1: v.Name = r.String() }
//	}
//	return r.Err()
type Reader struct {
	rest   []byte
	number protowire.Number
	bytes  []byte
	varint uint64
	err    error
}

// NewReader reads src, which must stay unchanged until the walk ends.
func NewReader(src []byte) *Reader { return &Reader{rest: src} }

// Next moves to the next field; false at the end and at the first damage.
func (r *Reader) Next() bool {
	if r.err != nil || len(r.rest) == 0 {
		return false
	}
	number, kind, n := protowire.ConsumeTag(r.rest)
	if n < 0 {
		return r.damaged()
	}
	r.rest, r.number, r.bytes, r.varint = r.rest[n:], number, nil, 0
	switch kind {
	case protowire.VarintType:
		r.varint, n = protowire.ConsumeVarint(r.rest)
	case protowire.BytesType:
		r.bytes, n = protowire.ConsumeBytes(r.rest)
	default:
		n = protowire.ConsumeFieldValue(number, kind, r.rest)
	}
	if n < 0 {
		return r.damaged()
	}
	r.rest = r.rest[n:]
	return true
}

func (r *Reader) damaged() bool {
	r.err = ErrForm
	return false
}

// Field is the number of the field the walk stands on.
func (r *Reader) Field() protowire.Number { return r.number }

// String is the field's text, copied.
func (r *Reader) String() string { return string(r.bytes) }

// Blob is the field's bytes; they belong to the source.
func (r *Reader) Blob() []byte { return r.bytes }

// TextInto puts the field's entry, as Texts wrote it, into all.
func (r *Reader) TextInto(all map[string]string) {
	var key, value string
	entry := NewReader(r.bytes)
	for entry.Next() {
		switch entry.Field() {
		case 1:
			key = entry.String()
		case 2:
			value = entry.String()
		}
	}
	if r.err = entry.Err(); r.err == nil {
		all[key] = value
	}
}

// Uint is the field's number.
func (r *Reader) Uint() uint64 { return r.varint }

// Bool is the field's truth.
func (r *Reader) Bool() bool { return r.varint != 0 }

// Date is the field's civil date; an impossible one ends the walk as damage.
func (r *Reader) Date() civil.Date {
	d := civil.Date{Year: int(r.varint >> 9), Month: time.Month(r.varint >> 5 & 15), Day: int(r.varint & 31)}
	if !d.IsValid() {
		r.err = ErrForm
		return civil.Date{}
	}
	return d
}

// Time is the field's moment.
func (r *Reader) Time() time.Time { return time.UnixMicro(int64(r.varint)).UTC() }

// Err is ErrForm if the walk met damage.
func (r *Reader) Err() error { return r.err }
