package journal

import (
	"bytes"
	"slices"
	"testing"

	"github.com/RoaringBitmap/roaring/v2"
	"pgregory.net/rapid"
)

// lows draws a chunk's ids in every density.
func lows(t *rapid.T) []uint16 {
	density := rapid.IntRange(1, chunkSize).Draw(t, "density")
	from := rapid.Uint64().Draw(t, "from")
	var ids []uint16
	for id := range uint16(chunkSize) {
		from = from*6364136223846793005 + 1442695040888963407
		if int(from>>33%chunkSize) < density {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		ids = []uint16{uint16(from >> 33 % chunkSize)}
	}
	return ids
}

func TestChunkIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := lows(t)
		bits := encodeChunk(want)
		if len(bits) > bitmapLength || len(bits) > 1+2*len(want) || (len(bits) == 2) != (len(want) == 1) {
			t.Fatalf("%d ids take %d bytes", len(want), len(bits))
		}
		got, err := decodeChunk(bits)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("%d ids became %d, %v", len(want), len(got), err)
		}
		for id := range uint16(chunkSize) {
			if _, in := slices.BinarySearch(want, id); in != holds(bits, id) {
				t.Fatalf("id %d: holds says %v", id, !in)
			}
		}
	})
}

// The forms as they stand in every journal there is.
func TestChunkForms(t *testing.T) {
	full := make([]uint16, chunkSize)
	for i := range full {
		full[i] = uint16(i)
	}
	for _, c := range []struct {
		ids  []uint16
		want []byte
	}{
		{[]uint16{0}, []byte{0x10, 0}},
		{[]uint16{0xabc}, []byte{0x1a, 0xbc}},
		{[]uint16{1, 0xfff}, []byte{0x20, 0, 1, 0x0f, 0xff}},
		{full, []byte{0x30}},
		{full[1:], []byte{0x30, 0, 0}},
		{full[:256], append(append([]byte{0x40}, bytes.Repeat([]byte{0xff}, 32)...), make([]byte, 480)...)},
	} {
		if got := encodeChunk(c.ids); !bytes.Equal(got, c.want) {
			t.Errorf("%d ids: % x", len(c.ids), got)
		}
	}
	for _, wrong := range [][]byte{nil, {0x10}, {0x20}, {0x20, 0, 1}, {0x20, 0, 2, 0, 1}, {0x20, 0, 1, 0, 1}, {0x20, 0x10, 0, 0x11, 0},
		{0x50, 1}, make([]byte, bitmapLength), append([]byte{0x40}, make([]byte, 512)...)} {
		if ids, err := decodeChunk(wrong); err == nil {
			t.Errorf("% x was read as %d ids", wrong[:min(8, len(wrong))], len(ids))
		}
	}
}

func TestSetIsReadAsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := roaring.New()
		for range rapid.IntRange(0, 4).Draw(t, "ranges") {
			from := rapid.Uint32Range(0, 1<<20).Draw(t, "from")
			want.AddRange(uint64(from), uint64(from)+uint64(rapid.IntRange(1, 20_000).Draw(t, "length")))
		}
		want.AddMany(rapid.SliceOfN(rapid.Uint32(), 0, 50).Draw(t, "ids"))
		got := roaring.New()
		last := int64(-1)
		for _, c := range split(want) {
			if int64(c.number) <= last {
				t.Fatal("chunks are out of order")
			}
			last = int64(c.number)
			if err := c.addTo(got); err != nil {
				t.Fatal(err)
			}
		}
		if !got.Equals(want) {
			t.Fatalf("%d persons became %d", want.GetCardinality(), got.GetCardinality())
		}
	})
}

func FuzzDecodeChunk(f *testing.F) {
	f.Add([]byte{0x10, 7})
	f.Add([]byte{0x20, 0, 1, 0, 2})
	f.Add([]byte{0x30, 0, 1})
	f.Add(append([]byte{0x40}, bytes.Repeat([]byte{0x55}, 512)...))
	f.Fuzz(func(t *testing.T, bits []byte) {
		holds(bits, 4095) // must not panic either
		ids, err := decodeChunk(bits)
		if err == nil && !bytes.Equal(encodeChunk(ids), bits) {
			t.Errorf("% x was read, but is written otherwise", bits)
		}
	})
}
