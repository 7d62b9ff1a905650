package place

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
)

// late is a directory whose disk may come later. It is opened anew for every use,
// so that it is there once the disk is.
type late struct{ path string }

// Later is Open for a place that need not be within reach yet: then each use
// reports why it is not. Only an address that never names a place is refused.
func Later(address string) (Place, error) {
	p, err := Open(address)
	if err == nil || errors.Is(err, ErrAddress) {
		return p, err
	}
	path, _ := strings.CutPrefix(address, "file://")
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	return late{absolute}, nil
}

func (l late) Address() string { return l.path }

func (l late) Put(ctx context.Context, name string, from io.Reader) error {
	d, err := openDirectory(l.path)
	if err != nil {
		return err
	}
	return d.Put(ctx, name, from)
}

func (l late) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	d, err := openDirectory(l.path)
	if err != nil {
		return nil, err
	}
	return d.Get(ctx, name)
}

func (l late) List(ctx context.Context, prefix string) ([]Item, error) {
	d, err := openDirectory(l.path)
	if err != nil {
		return nil, err
	}
	return d.List(ctx, prefix)
}

func (l late) Delete(ctx context.Context, name string) error {
	d, err := openDirectory(l.path)
	if err != nil {
		return err
	}
	return d.Delete(ctx, name)
}

func (l late) Tidy(ctx context.Context) error {
	d, err := openDirectory(l.path)
	if err != nil {
		return err
	}
	return d.Tidy(ctx)
}

func (l late) Forgets(ctx context.Context) error {
	d, err := openDirectory(l.path)
	if err != nil {
		return err
	}
	return d.Forgets(ctx)
}
