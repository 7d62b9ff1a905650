package place

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"kartotek/internal/durable"
)

// directory is a place in the file system.
type directory struct{ path string }

// unfinished begins the names of files that a Put has not finished; no object's
// name begins with a dot.
const unfinished = ".unfinished-"

func openDirectory(path string) (*directory, error) {
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	if err := os.Mkdir(absolute, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return &directory{absolute}, nil
}

func (d *directory) Address() string { return d.path }

// writing are the files that a Put of this process has not finished.
var writing sync.Map

// Forgets is always so: what is replaced or deleted is overwritten first. What the
// file system or the disk keeps beside it (snapshots, worn cells) nobody reaches.
// Files that a stop left unfinished are overwritten too, since no list shows them.
func (d *directory) Forgets(ctx context.Context) error {
	return filepath.WalkDir(d.path, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path != d.path { // finished meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		if _, mine := writing.Load(path); mine || !entry.Type().IsRegular() || !strings.HasPrefix(entry.Name(), unfinished) {
			return ctx.Err()
		}
		if err := durable.Destroy(path); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

func (d *directory) file(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }

// Put writes beside the old file, makes both durable and changes names; then the
// old file, still open, is overwritten with zeros before its blocks are given back.
func (d *directory) Put(ctx context.Context, name string, from io.Reader) (err error) {
	if err := checkName(name); err != nil {
		return err
	}
	path := d.file(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	var random [8]byte
	rand.Read(random[:])
	beside := filepath.Join(filepath.Dir(path), unfinished+hex.EncodeToString(random[:]))
	writing.Store(beside, true)
	defer writing.Delete(beside)
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, reader{ctx, from})
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(err, durable.Destroy(beside))
	}
	old, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(err, durable.Destroy(beside))
	}
	if err := os.Rename(beside, path); err != nil {
		if old != nil {
			err = errors.Join(err, old.Close())
		}
		return errors.Join(err, durable.Destroy(beside))
	}
	err = durable.SyncDir(filepath.Dir(path))
	if old != nil {
		err = errors.Join(err, durable.Overwrite(old), old.Close())
	}
	return err
}

func (d *directory) Get(_ context.Context, name string) (io.ReadCloser, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	f, err := os.Open(d.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNone
	}
	return f, err
}

func (d *directory) List(ctx context.Context, prefix string) ([]Item, error) {
	var items []Item
	err := filepath.WalkDir(d.path, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		relative, err := filepath.Rel(d.path, path)
		if err != nil {
			return err
		}
		name := filepath.ToSlash(relative)
		if !entry.Type().IsRegular() || strings.HasPrefix(entry.Name(), ".") || !strings.HasPrefix(name, prefix) {
			return nil
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) { // deleted meanwhile
			return nil
		}
		if err != nil {
			return err
		}
		items = append(items, Item{Name: name, Size: info.Size(), At: info.ModTime().UTC()})
		return nil
	})
	slices.SortFunc(items, func(a, b Item) int { return strings.Compare(a.Name, b.Name) })
	return items, err
}

func (d *directory) Delete(_ context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	err := durable.Destroy(d.file(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// reader stops when the context ends.
type reader struct {
	ctx  context.Context
	from io.Reader
}

func (r reader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.from.Read(p)
}
