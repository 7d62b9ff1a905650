// Package place keeps named objects outside the register: in a directory, or in
// a bucket. Copies of the keyring and backups lie in places. A place is accepted
// for keys only if it can forget: what is replaced or deleted there must be gone.
// The package knows names and bytes, never what they mean.
package place

import (
	"context"
	"errors"
	"io"
	"strings"
	"time"
)

// Place holds objects by name. Names are slash-separated, of letters, digits,
// dots, hyphens and underscores. All methods are safe for concurrent use.
type Place interface {
	// Put stores what the reader gives under a name, replacing what was there:
	// afterwards either all of it stands there durably, or what was there before.
	Put(ctx context.Context, name string, from io.Reader) error
	// Get opens an object; ErrNone.
	Get(ctx context.Context, name string) (io.ReadCloser, error)
	// List gives the objects whose names begin with a prefix, in order of their names.
	List(ctx context.Context, prefix string) ([]Item, error)
	// Delete takes an object away; one that is not there is no error.
	Delete(ctx context.Context, name string) error
	// Forgets reports, as an error that says why, that the place would keep what is
	// replaced or deleted: it keeps versions, or locks objects (ErrRemembers).
	Forgets(ctx context.Context) error
	// Tidy overwrites and takes away what a stop left unfinished a day ago or more;
	// no list shows it.
	Tidy(ctx context.Context) error
	// Address is what Open was given, without any secret.
	Address() string
}

// Item is an object in a place.
type Item struct {
	Name string
	Size int64
	At   time.Time // when it was stored, by the place's own clock
}

// What can go wrong, beside what the system and the network report.
var (
	ErrNone      = errors.New("place: no such object")
	ErrRemembers = errors.New("place: keeps what is deleted")
	ErrAddress   = errors.New("place: not an address of a place")
	ErrName      = errors.New("place: not a name for an object")
)

// Open reads an address and opens the place: a directory or file://DIRECTORY,
// which is made if its parent exists, so that a missing mount is noticed; or
// s3://BUCKET/PREFIX?endpoint=HOST:PORT&region=REGION&tls=no, a bucket, which is
// not asked anything yet.
func Open(address string) (Place, error) {
	if strings.HasPrefix(address, "s3://") {
		return openBucket(address)
	}
	path, _ := strings.CutPrefix(address, "file://")
	if path == "" || strings.Contains(path, "://") {
		return nil, ErrAddress
	}
	return openDirectory(path)
}

// checkName refuses what would leave the place or hide in it.
func checkName(name string) error {
	if name == "" || len(name) > 512 {
		return ErrName
	}
	for part := range strings.SplitSeq(name, "/") {
		if part == "" || part[0] == '.' {
			return ErrName
		}
		for _, r := range part {
			switch {
			case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '.', r == '-', r == '_':
			default:
				return ErrName
			}
		}
	}
	return nil
}
