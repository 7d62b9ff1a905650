// Package placetest runs a server that speaks the S3 protocol, for tests of
// whatever stands on places. Objects, versions and uploads in parts are those of
// gofakes3, which has no locks on objects: of those this package answers as
// Amazon's servers do.
package placetest

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
)

// Server is a running server.
type Server struct {
	Down    atomic.Bool // it answers nothing, as if the line were cut
	Backend *s3mem.Backend

	http   *httptest.Server
	mu     sync.Mutex
	locked map[string]string // bucket to its configuration of locks
}

// New starts a server with empty buckets and puts its credentials into the
// environment. It ends with the test.
func New(t *testing.T, buckets ...string) *Server {
	t.Helper()
	t.Setenv("AWS_ACCESS_KEY_ID", "test-key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test-secret")
	s := &Server{Backend: s3mem.New(), locked: map[string]string{}}
	objects := gofakes3.New(s.Backend).Server()
	s.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if s.Down.Load() {
			panic(http.ErrAbortHandler)
		}
		if r.URL.Query().Has("object-lock") {
			s.lock(w, r)
			return
		}
		if r.URL.Query().Has("partNumber") && strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
			unsign(r)
		}
		objects.ServeHTTP(w, r)
	}))
	t.Cleanup(s.http.Close)
	for _, name := range buckets {
		if err := s.Backend.CreateBucket(name); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// Address is the address of a place in a bucket.
func (s *Server) Address(place string) string {
	return "s3://" + place + "?endpoint=" + strings.TrimPrefix(s.http.URL, "http://") + "&region=eu-north-1&tls=no"
}

// Bytes is everything the server holds, of all objects in a bucket together.
func (s *Server) Bytes(t *testing.T, bucket string) map[string][]byte {
	t.Helper()
	all := map[string][]byte{}
	list, err := s.Backend.ListBucket(bucket, &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
	if err != nil {
		t.Fatal(err)
	}
	for _, item := range list.Contents {
		object, err := s.Backend.GetObject(bucket, item.Key, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(object.Contents)
		if err != nil {
			t.Fatal(err)
		}
		all[item.Key] = text
	}
	return all
}

// Empty deletes every object of a bucket.
func (s *Server) Empty(bucket string) error {
	list, err := s.Backend.ListBucket(bucket, &gofakes3.Prefix{}, gofakes3.ListBucketPage{})
	if err != nil {
		return err
	}
	for _, item := range list.Contents {
		if _, err := s.Backend.DeleteObject(bucket, item.Key); err != nil {
			return err
		}
	}
	return nil
}

// unsign takes the signatures out of a part of an upload, which gofakes3 does only
// for whole objects: each chunk is led by its length in hex and its signature.
func unsign(r *http.Request) {
	in := bufio.NewReader(r.Body)
	var text bytes.Buffer
	for {
		head, err := in.ReadString('\n')
		size, _, signed := strings.Cut(head, ";")
		n, bad := strconv.ParseInt(size, 16, 64)
		if err != nil || !signed || bad != nil || n == 0 {
			break
		}
		if _, err := io.CopyN(&text, in, n); err != nil {
			break
		}
		if _, err := in.Discard(len("\r\n")); err != nil {
			break
		}
	}
	r.ContentLength = int64(text.Len())
	r.Header.Set("Content-Length", strconv.Itoa(text.Len()))
	r.Body = io.NopCloser(&text)
}

// lock answers questions about locks on objects as Amazon's servers do.
func (s *Server) lock(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	name := strings.Trim(r.URL.Path, "/")
	if r.Method == http.MethodPut {
		text, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.locked[name] = string(text)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	text, locks := s.locked[name]
	if !locks {
		w.WriteHeader(http.StatusNotFound)
		text = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>ObjectLockConfigurationNotFoundError</Code>` +
			`<Message>Object Lock configuration does not exist for this bucket</Message><BucketName>` + name + `</BucketName></Error>`
	}
	_, _ = w.Write([]byte(text))
}
