package backup

import (
	"context"
	"errors"
	"io"

	"kartotek/internal/fault"
	"kartotek/internal/place"
)

// OpenPlace opens a place for archives. What goes wrong with it, then and later,
// is told as such: a place that cannot be reached is not a damaged archive.
func OpenPlace(address string) (place.Place, error) {
	p, err := place.Open(address)
	if errors.Is(err, place.ErrAddress) {
		return nil, fault.New(fault.Invalid, "backup.error.address").Because(err)
	}
	if err != nil {
		return nil, unreached(err)
	}
	return reached{p}, nil
}

// reached is a place whose errors say that it is the place's.
type reached struct{ place.Place }

func unreached(err error) error {
	var known *fault.Error
	if err == nil || errors.Is(err, place.ErrNone) || errors.Is(err, context.Canceled) || errors.As(err, &known) {
		return err
	}
	return fault.New(fault.Unavailable, "backup.error.place").Because(err)
}

func (r reached) Put(ctx context.Context, name string, from io.Reader) error {
	return unreached(r.Place.Put(ctx, name, from))
}

func (r reached) Get(ctx context.Context, name string) (io.ReadCloser, error) {
	in, err := r.Place.Get(ctx, name)
	return in, unreached(err)
}

func (r reached) List(ctx context.Context, prefix string) ([]place.Item, error) {
	items, err := r.Place.List(ctx, prefix)
	return items, unreached(err)
}

func (r reached) Delete(ctx context.Context, name string) error {
	return unreached(r.Place.Delete(ctx, name))
}
