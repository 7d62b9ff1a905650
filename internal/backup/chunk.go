package backup

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"sync"

	"filippo.io/age"
	"github.com/klauspost/compress/zstd"

	"kartotek/internal/place"
	"kartotek/internal/vault"
)

const (
	chunkPrefix   = "chunks/"
	archivePrefix = "archives/"

	// No chunk is larger, stored or opened; what claims to be is damaged.
	longestChunk = 64 << 20
)

// content is a chunk's name by what it holds and for whom: a hash under a secret
// of the keyring, so that nobody else can tell whether rows they guess are in it.
func content(ring *vault.Keyring, to *recipients, plain []byte) string {
	sum := sha256.Sum256(plain)
	return hex.EncodeToString(ring.MAC("backup chunk", append(sum[:], to.mark[:]...)))
}

// stored is the hash of a chunk's bytes as they lie in the place.
func stored(object []byte) string {
	sum := sha256.Sum256(object)
	return hex.EncodeToString(sum[:])
}

func chunkName(content, stored string) string {
	return chunkPrefix + content[:2] + "/" + content + "-" + stored
}

// hashes takes a chunk's name apart.
func hashes(name string) (content, stored string, ok bool) {
	rest, found := strings.CutPrefix(name, chunkPrefix)
	if !found || len(rest) != 2+1+64+1+64 {
		return "", "", false
	}
	content, stored, ok = strings.Cut(rest[3:], "-")
	if !ok || len(content) != 64 || chunkName(content, stored) != name {
		return "", "", false
	}
	for _, text := range []string{content, stored} {
		if _, err := hex.DecodeString(text); err != nil {
			return "", "", false
		}
	}
	return content, stored, true
}

// encoders and decoders hold memory worth keeping.
var (
	encoders = sync.Pool{New: func() any {
		e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest))
		if err != nil {
			panic(err) // the options are constants
		}
		return e
	}}
	decoders = sync.Pool{New: func() any {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(longestChunk))
		if err != nil {
			panic(err)
		}
		return d
	}}
)

// shut compresses and encrypts.
func shut(plain []byte, to *recipients) ([]byte, error) {
	e := encoders.Get().(*zstd.Encoder)
	packed := e.EncodeAll(plain, make([]byte, 0, len(plain)))
	encoders.Put(e)
	var out bytes.Buffer
	out.Grow(len(packed) + 1024)
	w, err := age.Encrypt(&out, to.all...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(packed); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil { // it writes the end
		return nil, err
	}
	return out.Bytes(), nil
}

// errLocked says that none of the identities opens what was encrypted.
var errLocked = errors.New("backup: no identity opens it")

// unshut decrypts and unpacks what shut made; room is memory that may be used for it.
func unshut(object []byte, identities []age.Identity, room []byte) ([]byte, error) {
	if len(identities) == 0 {
		return nil, errLocked
	}
	r, err := age.Decrypt(bytes.NewReader(object), identities...)
	if none := (*age.NoIdentityMatchError)(nil); errors.As(err, &none) {
		return nil, errLocked
	}
	if err != nil {
		return nil, err
	}
	var packed bytes.Buffer
	packed.Grow(len(object) + bytes.MinRead) // it is a little shorter
	if _, err := packed.ReadFrom(io.LimitReader(r, longestChunk)); err != nil {
		return nil, err
	}
	d := decoders.Get().(*zstd.Decoder)
	defer decoders.Put(d)
	return d.DecodeAll(packed.Bytes(), room[:0])
}

// spare keeps the memory of chunks' plain forms: a megabyte each, and emptied by
// the runtime before it is used would cost as much as hashing it.
var spare = sync.Pool{New: func() any { return new([]byte) }}

// fetch reads a chunk and holds its bytes against the hash in its name.
func fetch(ctx context.Context, p place.Place, archive string, c Chunk) ([]byte, error) {
	_, want, ok := hashes(c.Name)
	if !ok {
		return nil, refused(damaged, archive)
	}
	in, err := p.Get(ctx, c.Name)
	if errors.Is(err, place.ErrNone) {
		return nil, refused(missing, archive, "chunk", short(c.Name))
	}
	if err != nil {
		return nil, err
	}
	var object bytes.Buffer
	object.Grow(int(min(max(c.Bytes, 0), longestChunk)) + bytes.MinRead)
	_, err = object.ReadFrom(io.LimitReader(in, longestChunk+1))
	if err = errors.Join(err, in.Close()); err != nil {
		return nil, err
	}
	switch {
	case int64(object.Len()) < c.Bytes:
		return nil, refused(truncated, archive).Because(errors.New(c.Name))
	case int64(object.Len()) != c.Bytes || stored(object.Bytes()) != want:
		return nil, refused(damaged, archive).Because(errors.New(c.Name))
	}
	return object.Bytes(), nil
}

// holds reads a chunk back and holds it against the rows it was made of: the bytes
// against the hash in its name and, with an identity, what opens against what went in.
func (r *Reader) holds(ctx context.Context, p place.Place, archive string, c Chunk, plain []byte) error {
	object, err := fetch(ctx, p, archive, c)
	if err != nil || len(r.identities) == 0 {
		return err
	}
	room := spare.Get().(*[]byte)
	defer spare.Put(room)
	opened, err := unshut(object, r.identities, *room)
	switch {
	case errors.Is(err, errLocked):
		return refused(locked, archive)
	case err != nil:
		return refused(damaged, archive).Because(err)
	}
	*room = opened
	if !bytes.Equal(opened, plain) {
		return refused(damaged, archive).Because(errors.New(c.Name))
	}
	return nil
}

// open fetches a chunk and gives its rows' plain form, held against the hash of
// what it should hold.
func (r *Reader) open(ctx context.Context, p place.Place, m *manifest, c Chunk) ([]byte, error) {
	object, err := fetch(ctx, p, m.ID, c)
	if err != nil {
		return nil, err
	}
	plain, err := unshut(object, r.identities, nil)
	if errors.Is(err, errLocked) {
		return nil, refused(locked, m.ID)
	}
	if err != nil {
		return nil, refused(damaged, m.ID).Because(err)
	}
	want, _, _ := hashes(c.Name)
	if content(r.ring, &recipients{mark: m.mark}, plain) != want {
		return nil, refused(damaged, m.ID).Because(errors.New(c.Name))
	}
	return plain, nil
}

// short is enough of a chunk's name to find it.
func short(name string) string {
	content, _, _ := hashes(name)
	if len(content) < 12 {
		return name
	}
	return content[:12]
}
