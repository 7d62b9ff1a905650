package backup

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync/atomic"
	"testing"

	"kartotek/internal/fault"
	"kartotek/internal/place"
)

// watched counts what is read of chunks, and may garble one while it is stored.
type watched struct {
	place.Place
	reads  atomic.Int64
	garble atomic.Bool // the next chunk
}

func (w *watched) Put(ctx context.Context, name string, from io.Reader) error {
	if strings.HasPrefix(name, chunkPrefix) && w.garble.CompareAndSwap(true, false) {
		raw, err := io.ReadAll(from)
		if err != nil {
			return err
		}
		raw[len(raw)/2] ^= 1
		from = bytes.NewReader(raw)
	}
	return w.Place.Put(ctx, name, from)
}

func (w *watched) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if strings.HasPrefix(name, chunkPrefix) {
		w.reads.Add(1)
	}
	return w.Place.Get(ctx, name)
}

// Every chunk is read back once, also those that were there, and one that is not as
// it was written keeps the archive from being made.
func TestL1ChunksAreReadBackWhileTheArchiveIsMade(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.fill(1, 400)
		w := &watched{Place: b.place}
		take := func() (*taking, *manifest, error) {
			taking := b.taking()
			taking.place, taking.back = w, b.reader
			m, err := taking.take(t.Context())
			return taking, m, err
		}
		w.garble.Store(true)
		if _, _, err := take(); fault.From(err) == nil || fault.From(err).Key != "backup.error."+damaged {
			t.Errorf("a chunk that was stored as something else: %v", err)
		}
		if _, _, err := take(); fault.From(err) == nil || fault.From(err).Key != "backup.error."+damaged {
			t.Errorf("a chunk that was damaged before: %v", err)
		}
		all, err := b.reader.List(t.Context(), b.place)
		b.must(err)
		if len(all) != 0 {
			t.Errorf("%d archives were made of it", len(all))
		}
		items, err := b.place.List(t.Context(), chunkPrefix)
		b.must(err)
		for _, item := range items {
			b.must(b.place.Delete(t.Context(), item.Name))
		}
		for range 2 { // the second finds all chunks there
			w.reads.Store(0)
			taking, m, err := take()
			b.must(err)
			v, err := b.reader.verify(t.Context(), w, m.ID, taking.whole, func(int, int) {})
			if b.must(err); !v.Decrypted || int(w.reads.Load()) != len(m.Chunks) {
				t.Errorf("%d reads of %d chunks", w.reads.Load(), len(m.Chunks))
			}
		}
	})
}

// What there was no time to read back within the snapshot is read back after it,
// and nothing else.
func TestL1WhatWasNotReadBackIsVerified(t *testing.T) {
	each(t, func(t *testing.T, b *bench) {
		b.fill(1, 500)
		m, _ := b.take()
		w, whole := &watched{Place: b.place}, map[string]bool{}
		for i, c := range m.Chunks {
			whole[c.Name] = i%3 != 0
		}
		_, err := b.reader.verify(t.Context(), w, m.ID, whole, func(int, int) {})
		if want := (len(m.Chunks) + 2) / 3; err != nil || int(w.reads.Load()) != want {
			t.Errorf("%d reads, not %d, %v", w.reads.Load(), want, err)
		}
		b.must(b.place.Delete(t.Context(), m.Chunks[3].Name))
		if _, err := b.reader.verify(t.Context(), w, m.ID, whole, func(int, int) {}); fault.From(err) == nil || fault.From(err).Key != "backup.error."+missing {
			t.Errorf("a chunk that is not there: %v", err)
		}
	})
}
