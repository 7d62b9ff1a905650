package place_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"kartotek/internal/place"
	"kartotek/internal/place/placetest"
)

func openBucket(t *testing.T, s *placetest.Server, at string) place.Place {
	t.Helper()
	p, err := place.Open(s.Address(at))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func get(t *testing.T, p place.Place, name string) []byte {
	t.Helper()
	in, err := p.Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err := errors.Join(err, in.Close()); err != nil {
		t.Fatal(err)
	}
	return text
}

func TestABucketKeepsObjects(t *testing.T) {
	s := placetest.New(t, "copies")
	p, beside := openBucket(t, s, "copies/house/keys"), openBucket(t, s, "copies/house2")
	put(t, beside, "a/one", "another place")
	put(t, p, "a/one", "first")
	put(t, p, "a/two", "second")
	put(t, p, "b/three", "third")
	put(t, p, "a/one", "again")
	if text := get(t, p, "a/one"); string(text) != "again" {
		t.Errorf("read %q", text)
	}
	items, err := p.List(t.Context(), "a/")
	if err != nil || len(items) != 2 || items[0].Name != "a/one" || items[1].Size != 6 {
		t.Errorf("listed %v, %v", items, err)
	}
	for range 2 {
		if err := p.Delete(t.Context(), "a/one"); err != nil {
			t.Errorf("deleted: %v", err)
		}
	}
	if _, err := p.Get(t.Context(), "a/one"); !errors.Is(err, place.ErrNone) {
		t.Errorf("a deleted object: %v", err)
	}
	if text := get(t, beside, "a/one"); string(text) != "another place" {
		t.Errorf("the place beside has %q", text)
	}
	if err := p.Forgets(t.Context()); err != nil {
		t.Errorf("a plain bucket: %v", err)
	}
	if strings.Contains(p.Address(), "secret") {
		t.Error("the address holds a secret")
	}
}

// TestABucketTakesWhatIsLarge sends more than one request can hold, and the same
// cut off in the middle: nothing of it stands, no part is left.
func TestABucketTakesWhatIsLarge(t *testing.T) {
	s := placetest.New(t, "copies")
	p := openBucket(t, s, "copies")
	large := bytes.Repeat([]byte("0123456789abcdef"), 35<<20/16)
	if err := p.Put(t.Context(), "large", bytes.NewReader(large)); err != nil {
		t.Fatal(err)
	}
	if text := get(t, p, "large"); !bytes.Equal(text, large) {
		t.Errorf("read back something else: %d bytes of %d", len(text), len(large))
	}
	cut := io.MultiReader(bytes.NewReader(large), broken{})
	if err := p.Put(t.Context(), "cut", cut); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken reader: %v", err)
	}
	if _, err := p.Get(t.Context(), "cut"); !errors.Is(err, place.ErrNone) {
		t.Errorf("half an object: %v", err)
	}
}

// TestD7ABucketThatRemembersIsRefused: what is deleted there must be gone.
func TestD7ABucketThatRemembersIsRefused(t *testing.T) {
	s := placetest.New(t, "plain", "versions", "once", "locks", "retains")
	client := place.Client(openBucket(t, s, "plain"))
	for _, act := range []func() error{
		func() error { return client.EnableVersioning(t.Context(), "versions") },
		func() error { return client.EnableVersioning(t.Context(), "once") },
		func() error { return client.SuspendVersioning(t.Context(), "once") },
		func() error { return client.SetObjectLockConfig(t.Context(), "locks", nil, nil, nil) },
		func() error {
			mode, days, unit := minio.Compliance, uint(30), minio.Days
			return client.SetObjectLockConfig(t.Context(), "retains", &mode, &days, &unit)
		},
	} {
		if err := act(); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"versions", "once", "locks", "retains"} {
		if err := openBucket(t, s, name+"/keys").Forgets(t.Context()); !errors.Is(err, place.ErrRemembers) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := openBucket(t, s, "plain").Forgets(t.Context()); err != nil {
		t.Errorf("plain: %v", err)
	}
	// Turned on behind our back, it shows with the next object.
	if err := openBucket(t, s, "versions").Put(t.Context(), "one", strings.NewReader("x")); !errors.Is(err, place.ErrRemembers) {
		t.Errorf("put into a bucket that keeps versions: %v", err)
	}
	// Who does not answer is not trusted either.
	if err := openBucket(t, s, "missing").Forgets(t.Context()); err == nil {
		t.Error("a bucket that is not there forgets")
	}
	s.Down.Store(true)
	if err := openBucket(t, s, "plain").Forgets(t.Context()); err == nil || errors.Is(err, place.ErrRemembers) {
		t.Errorf("out of reach: %v", err)
	}
}

// TestD7LeftoversOfUploadsAreAborted: no list shows them, and they stay for ever.
func TestD7LeftoversOfUploadsAreAborted(t *testing.T) {
	s := placetest.New(t, "copies")
	p := openBucket(t, s, "copies/keys")
	core := minio.Core{Client: place.Client(p)}
	if _, err := core.NewMultipartUpload(t.Context(), "copies", "keys/half", minio.PutObjectOptions{}); err != nil {
		t.Fatal(err)
	}
	left := func() (n int) {
		for upload := range core.ListIncompleteUploads(t.Context(), "copies", "keys/", true) {
			if upload.Err != nil {
				t.Fatal(upload.Err)
			}
			n++
		}
		return n
	}
	if err := p.Forgets(t.Context()); err != nil || left() != 1 {
		t.Errorf("one that may still be written: %d left, %v", left(), err)
	}
	if err := place.AbortLeftovers(t.Context(), p, time.Now().Add(time.Hour)); err != nil || left() != 0 {
		t.Errorf("one nobody finished: %d left, %v", left(), err)
	}
}

func TestAddressesOfBuckets(t *testing.T) {
	for _, address := range []string{
		"s3://", "s3:///prefix", "s3://key:secret@bucket/prefix", "s3://bucket?secret=x", "s3://bucket?tls=maybe", "s3://bucket?region=",
		"s3://bucket/../up", "s3://bucket/a//b", "s3://bucket?region=a&region=b", "s3://bucket:9000/x", "s3://bucket/x#y", "s3://bucket?endpoint=a/b",
	} {
		if _, err := place.Open(address); !errors.Is(err, place.ErrAddress) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: %v", address, err)
		}
	}
	for _, address := range []string{"s3://bucket", "s3://bucket/a/b/?region=eu-north-1", "s3://bucket?endpoint=minio.example:9000&tls=no"} {
		if p, err := place.Open(address); err != nil || p.Address() != address {
			t.Errorf("%q: %v", address, err)
		}
	}
}
