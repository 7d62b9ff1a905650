package place

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

// bucket is a place in a bucket of an S3-compatible server.
type bucket struct {
	client  *minio.Client
	address string
	name    string
	prefix  string // "" or ending in a slash
}

const (
	amazon   = "s3.amazonaws.com"
	partSize = 16 << 20 // what is smaller goes in one request; never held larger in memory

	// leftover is how old an upload must be that nobody finished before it is
	// aborted: a younger one may be somebody's who still writes.
	leftover = 24 * time.Hour
)

// openBucket reads s3://BUCKET/PREFIX?endpoint=HOST:PORT&region=REGION&tls=no. The
// credentials stand in the environment (AWS_ACCESS_KEY_ID …) or in AWS's own
// files, never in the address, which is shown and kept.
func openBucket(address string) (*bucket, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "s3" || u.Host == "" || u.Port() != "" || u.User != nil || u.Fragment != "" {
		return nil, ErrAddress // without its text: somebody may have typed a secret into it
	}
	query, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return nil, ErrAddress
	}
	options := minio.Options{Secure: true, MaxRetries: 3, Creds: credentials.NewChainCredentials([]credentials.Provider{
		&credentials.EnvAWS{}, &credentials.FileAWSCredentials{},
	})}
	endpoint := amazon
	for name, values := range query {
		switch value := values[0]; {
		case len(values) != 1 || value == "":
			return nil, ErrAddress
		case name == "endpoint":
			endpoint = value
		case name == "region":
			options.Region = value
		case name == "tls" && (value == "no" || value == "yes"):
			options.Secure = value == "yes"
		default:
			return nil, ErrAddress
		}
	}
	b := &bucket{address: address, name: u.Host, prefix: strings.Trim(u.Path, "/")}
	if b.prefix != "" {
		if err := checkName(b.prefix); err != nil {
			return nil, ErrAddress
		}
		b.prefix += "/"
	}
	if b.client, err = minio.New(endpoint, &options); err != nil {
		return nil, ErrAddress
	}
	return b, nil
}

func (b *bucket) Address() string { return b.address }

// Put sends small objects in one request. Larger ones travel in parts; should the
// program stop in between, Forgets aborts what is left of them.
func (b *bucket) Put(ctx context.Context, name string, from io.Reader) error {
	if err := checkName(name); err != nil {
		return err
	}
	first, err := io.ReadAll(io.LimitReader(from, partSize))
	if err != nil {
		return err
	}
	var body io.Reader = bytes.NewReader(first)
	size := int64(len(first))
	if size == partSize {
		body, size = io.MultiReader(body, whole{from}), -1
	}
	info, err := b.client.PutObject(ctx, b.name, b.prefix+name, body, size, minio.PutObjectOptions{
		ContentType: "application/octet-stream", PartSize: partSize,
	})
	if err != nil {
		return err
	}
	if info.VersionID != "" && info.VersionID != "null" {
		return fmt.Errorf("%w: the bucket has begun to keep versions", ErrRemembers)
	}
	return nil
}

// whole makes an error of a source one that the client does not take for its end:
// it ends an upload at io.ErrUnexpectedEOF as if all had been read.
type whole struct{ from io.Reader }

func (w whole) Read(p []byte) (int, error) {
	n, err := w.from.Read(p)
	if err != nil && err != io.EOF {
		err = fmt.Errorf("place: the source broke off: %w", err)
	}
	return n, err
}

func (b *bucket) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	object, err := b.client.GetObject(ctx, b.name, b.prefix+name, minio.GetObjectOptions{})
	if err != nil {
		return nil, none(err)
	}
	if _, err := object.Stat(); err != nil { // nothing was asked of the server before
		return nil, errors.Join(none(err), object.Close())
	}
	return object, nil
}

// none tells an object that is not there from what else may be wrong.
func none(err error) error {
	if code := minio.ToErrorResponse(err).Code; code == minio.NoSuchKey {
		return ErrNone
	}
	return err
}

func (b *bucket) List(ctx context.Context, prefix string) ([]Item, error) {
	var items []Item
	for object := range b.client.ListObjectsIter(ctx, b.name, minio.ListObjectsOptions{Prefix: b.prefix + prefix, Recursive: true}) {
		if object.Err != nil {
			return nil, object.Err
		}
		name := strings.TrimPrefix(object.Key, b.prefix)
		if checkName(name) == nil { // what somebody else put there is not ours
			items = append(items, Item{Name: name, Size: object.Size, At: object.LastModified.UTC()})
		}
	}
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.Name, b.Name) })
	return items, nil
}

func (b *bucket) Delete(ctx context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	if err := none(b.client.RemoveObject(ctx, b.name, b.prefix+name, minio.RemoveObjectOptions{})); !errors.Is(err, ErrNone) {
		return err
	}
	return nil
}

// Forgets asks the server whether the bucket keeps versions, or did once, and
// whether it locks objects. A server that does not say is not trusted. Parts of
// uploads that nobody finished are aborted, since no list shows them.
func (b *bucket) Forgets(ctx context.Context) error {
	versions, err := b.client.GetBucketVersioning(ctx, b.name)
	if err != nil && !unheardOf(err) {
		return fmt.Errorf("the server does not say whether the bucket keeps versions: %w", err)
	}
	switch versions.Status {
	case "":
	case "Suspended":
		return fmt.Errorf("%w: the bucket kept versions once and may hold them still; take a new one", ErrRemembers)
	default:
		return fmt.Errorf("%w: the bucket keeps versions", ErrRemembers)
	}
	lock, mode, _, _, err := b.client.GetObjectLockConfig(ctx, b.name)
	switch code := minio.ToErrorResponse(err).Code; {
	case err == nil && mode != nil:
		return fmt.Errorf("%w: the bucket locks every object for a time", ErrRemembers)
	case err == nil && lock != "":
		return fmt.Errorf("%w: the bucket can lock objects", ErrRemembers)
	case err != nil && code != "ObjectLockConfigurationNotFoundError" && !unheardOf(err):
		return fmt.Errorf("the server does not say whether the bucket locks objects: %w", err)
	}
	return b.Tidy(ctx)
}

func (b *bucket) Tidy(ctx context.Context) error {
	return b.abortLeftovers(ctx, time.Now().Add(-leftover))
}

// unheardOf reports whether the server says that it has no such thing at all.
func unheardOf(err error) bool { return minio.ToErrorResponse(err).Code == minio.NotImplemented }

// noUploads reports whether a server answers that there are none with an error.
func noUploads(err error) bool { return minio.ToErrorResponse(err).Code == minio.NoSuchUpload }

// abortLeftovers ends uploads in parts that began before a time.
func (b *bucket) abortLeftovers(ctx context.Context, before time.Time) error {
	core := minio.Core{Client: b.client}
	for upload := range b.client.ListIncompleteUploads(ctx, b.name, b.prefix, true) {
		switch {
		case unheardOf(upload.Err), noUploads(upload.Err):
			return nil
		case upload.Err != nil:
			return upload.Err
		case upload.Initiated.After(before):
			continue
		}
		if err := core.AbortMultipartUpload(ctx, b.name, upload.Key, upload.UploadID); err != nil {
			return err
		}
	}
	return nil
}
