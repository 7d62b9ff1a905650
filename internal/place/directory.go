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
	"time"

	"kartotek/internal/durable"
)

// directory is a place in the file system.
type directory struct{ path string }

// unfinished begins the names of files that a Put or a Delete has not finished; no
// object's name begins with a dot. One that a Put lets go stands aside: a second name
// of it, which ends with its own, until the new one has that.
const (
	unfinished = ".unfinished-"
	aside      = unfinished + "old-"
)

// another is a name beside a file that nobody has.
func another(path, prefix, suffix string) string {
	var random [8]byte
	rand.Read(random[:])
	return filepath.Join(filepath.Dir(path), prefix+hex.EncodeToString(random[:])+suffix)
}

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
func (d *directory) Forgets(ctx context.Context) error { return d.tidy(ctx, time.Now().Add(time.Hour)) }

// Tidy leaves alone what another process may be writing right now.
func (d *directory) Tidy(ctx context.Context) error { return d.tidy(ctx, time.Now().Add(-leftover)) }

func (d *directory) tidy(ctx context.Context, before time.Time) error {
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
		info, err := entry.Info()
		if err == nil && info.ModTime().After(before) {
			return nil
		}
		if err == nil {
			err = letGo(path, info)
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	})
}

// letGo destroys an unfinished file. One that a stop left aside before the new one
// had its name is the object itself: it only loses its second name.
func letGo(path string, info fs.FileInfo) error {
	if rest, old := strings.CutPrefix(filepath.Base(path), aside); old {
		_, name, _ := strings.Cut(rest, "-")
		if stands, err := os.Lstat(filepath.Join(filepath.Dir(path), name)); err == nil && os.SameFile(stands, info) {
			return os.Remove(path)
		}
	}
	return durable.Destroy(path)
}

func (d *directory) file(name string) string { return filepath.Join(d.path, filepath.FromSlash(name)) }

// Put writes beside the old file, makes both durable and changes names; then the
// old file, which stands aside, is overwritten with zeros before its blocks are given
// back. Where a file cannot have two names it is held open meanwhile, and a kill in
// that moment leaves its blocks as they are.
func (d *directory) Put(ctx context.Context, name string, from io.Reader) (err error) {
	if err := checkName(name); err != nil {
		return err
	}
	path := d.file(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	beside := another(path, unfinished, "")
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
	was, err := stepAside(path)
	if err != nil {
		return errors.Join(err, durable.Destroy(beside))
	}
	defer was.leave()
	if err := os.Rename(beside, path); err != nil {
		return errors.Join(err, was.stay(), durable.Destroy(beside))
	}
	return errors.Join(durable.SyncDir(filepath.Dir(path)), was.destroy())
}

// old is the file that a Put replaces.
type old struct {
	name string   // its second name; "" for none
	open *os.File // where it cannot have one
}

// stepAside gives the file that is to be replaced a second name.
func stepAside(path string) (o old, err error) {
	o.name = another(path, aside, "-"+filepath.Base(path))
	writing.Store(o.name, true)
	err = os.Link(path, o.name)
	if err == nil {
		return o, nil
	}
	o.leave()
	o.name = ""
	if errors.Is(err, fs.ErrNotExist) {
		return o, nil
	}
	o.open, err = os.OpenFile(path, os.O_WRONLY, 0)
	return o, err
}

func (o *old) leave() { writing.Delete(o.name) }

// stay lets the file keep its place.
func (o *old) stay() error {
	switch {
	case o.name != "":
		return os.Remove(o.name)
	case o.open != nil:
		return o.open.Close()
	}
	return nil
}

// destroy takes the file away.
func (o *old) destroy() error {
	switch {
	case o.name != "":
		return destroy(o.name)
	case o.open != nil:
		return errors.Join(durable.Overwrite(o.open), o.open.Close())
	}
	return nil
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

// Delete changes the name first: no object is ever half overwritten where somebody
// may read it, or write a new archive that relies on it.
func (d *directory) Delete(_ context.Context, name string) error {
	if err := checkName(name); err != nil {
		return err
	}
	path := d.file(name)
	gone := another(path, unfinished, "")
	writing.Store(gone, true)
	defer writing.Delete(gone)
	err := os.Rename(path, gone)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return destroy(gone)
}

// destroy takes away what another process may have tidied away just now.
func destroy(path string) error {
	if err := durable.Destroy(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
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
