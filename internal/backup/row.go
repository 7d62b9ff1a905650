package backup

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"math"
)

// A chunk's plain form: what it is, table, columns, then row after row, each a
// value for each column. It is read by older and newer versions alike, so what
// stands here is never changed, only a new magic begun.
const magic = "kartotek rows 1"

// The first byte of a value says what it is.
const (
	isNull = iota
	isInt
	isText
	isBytes
	isFloat
	isTrue
	isFalse
)

var errRows = errors.New("backup: rows cannot be read")

func appendText(dst []byte, s string) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(s))), s...)
}

// appendValue adds a value as the database gave it.
func appendValue(dst []byte, v any) ([]byte, error) {
	switch v := v.(type) {
	case nil:
		return append(dst, isNull), nil
	case int64:
		return binary.AppendVarint(append(dst, isInt), v), nil
	case string:
		return appendText(append(dst, isText), v), nil
	case []byte:
		dst = binary.AppendUvarint(append(dst, isBytes), uint64(len(v)))
		return append(dst, v...), nil
	case float64:
		return binary.BigEndian.AppendUint64(append(dst, isFloat), math.Float64bits(v)), nil
	case bool:
		if v {
			return append(dst, isTrue), nil
		}
		return append(dst, isFalse), nil
	}
	return dst, fmt.Errorf("backup: a column holds a %T", v)
}

// source reads what the functions above wrote; after an error it stays so.
type source struct {
	rest []byte
	bad  bool
}

func (s *source) uvarint() uint64 {
	n, size := binary.Uvarint(s.rest)
	if size <= 0 {
		s.bad, s.rest = true, nil
		return 0
	}
	s.rest = s.rest[size:]
	return n
}

func (s *source) take(n uint64) []byte {
	if n > uint64(len(s.rest)) {
		s.bad, s.rest = true, nil
		return nil
	}
	taken := s.rest[:n]
	s.rest = s.rest[n:]
	return taken
}

func (s *source) text() string { return string(s.take(s.uvarint())) }

func (s *source) value() any {
	kind := s.take(1)
	if kind == nil {
		return nil
	}
	switch kind[0] {
	case isNull:
		return nil
	case isInt:
		n, size := binary.Varint(s.rest)
		if size <= 0 {
			s.bad, s.rest = true, nil
			return nil
		}
		s.rest = s.rest[size:]
		return n
	case isText:
		return s.text()
	case isBytes:
		if b := s.take(s.uvarint()); b != nil {
			return b
		}
		return []byte{} // no bytes at all are not NULL
	case isFloat:
		if b := s.take(8); b != nil {
			return math.Float64frombits(binary.BigEndian.Uint64(b))
		}
		return nil
	case isTrue:
		return true
	case isFalse:
		return false
	}
	s.bad, s.rest = true, nil
	return nil
}

// chunkHeader is how a chunk of a table's rows begins.
func chunkHeader(table string, columns []string) []byte {
	header := appendText(appendText(nil, magic), table)
	header = binary.AppendUvarint(header, uint64(len(columns)))
	for _, c := range columns {
		header = appendText(header, c)
	}
	return header
}

// readChunk goes through a chunk's rows. The values of bytes are parts of plain,
// and the slice of values is used again for the next row.
func readChunk(plain []byte, fn func(table string, columns []string, row []any) error) error {
	s := source{rest: plain}
	if s.text() != magic {
		return errRows
	}
	table := s.text()
	count := s.uvarint()
	if s.bad || count == 0 || count > uint64(len(s.rest)) {
		return errRows
	}
	columns := make([]string, count)
	for i := range columns {
		columns[i] = s.text()
	}
	row := make([]any, count)
	for len(s.rest) > 0 {
		for i := range row {
			row[i] = s.value()
		}
		if s.bad {
			return errRows
		}
		if err := fn(table, columns, row); err != nil {
			return err
		}
	}
	if s.bad {
		return errRows
	}
	return nil
}

// countChunk tells whose rows a chunk holds, and how many.
func countChunk(plain []byte) (table string, rows int64, err error) {
	err = readChunk(plain, func(t string, _ []string, _ []any) error {
		table = t
		rows++
		return nil
	})
	return table, rows, err
}

// sizes of chunks, in bytes of their plain form. A row begins a new chunk when
// the hash of its key says so, so that rows added or gone elsewhere leave the
// others' chunks as they were.
type sizes struct{ least, usual, most int }

var usualSizes = sizes{least: 128 << 10, usual: 1 << 20, most: 4 << 20}

// begins reports whether a row of that key and size is the first of a chunk. The
// larger the row the likelier, so that chunks are of the usual size whatever
// the rows'.
func (s sizes) begins(key []byte, size int) bool {
	h := fnv.New64a()
	h.Write(key)
	x := h.Sum64()
	x ^= x >> 33 // FNV's upper bits of short keys are poor
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	x ^= x >> 33
	if size >= s.usual {
		return true
	}
	return x < math.MaxUint64/uint64(s.usual)*uint64(size)
}

// cutter cuts a table's rows into chunks.
type cutter struct {
	sizes  sizes
	header []byte
	emit   func(plain []byte, rows int64) error // plain is the receiver's from then on

	plain []byte
	rows  int64
}

func (c *cutter) add(key, row []byte) error {
	if held := len(c.plain) - len(c.header); c.rows > 0 && (held+len(row) > c.sizes.most || held >= c.sizes.least && c.sizes.begins(key, len(row))) {
		if err := c.flush(); err != nil {
			return err
		}
	}
	if c.rows == 0 {
		c.plain = append((*spare.Get().(*[]byte))[:0], c.header...)
	}
	c.plain = append(c.plain, row...)
	c.rows++
	return nil
}

func (c *cutter) flush() error {
	if c.rows == 0 {
		return nil
	}
	plain, rows := c.plain, c.rows
	c.plain, c.rows = nil, 0
	return c.emit(plain, rows)
}
