// Package durable makes files that stay where a power cut comes, and takes files away
// so that nothing of them is left in the blocks they lay in. It knows paths and bytes.
package durable

import (
	"errors"
	"io"
	"os"
	"path/filepath"
)

// Create writes a file, mode 0600, that must not exist yet (fs.ErrExist). It returns
// when file and name are durable; a file that was not written whole is removed.
func Create(path string, content []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return SyncDir(filepath.Dir(path))
}

// Replace writes a file, mode 0600, in the place of another: afterwards it is the new
// one or the old, never a part of one.
func Replace(path string, content []byte) error {
	beside := path + ".new"
	f, err := os.OpenFile(beside, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return err
	}
	if err := os.Rename(beside, path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Destroy overwrites a file with zeros and takes its name away (D7). What the file
// system or the disk keeps beside it (snapshots, worn cells) nobody reaches.
func Destroy(path string) error {
	if err := Blank(path); err != nil {
		return err
	}
	if err := os.Remove(path); err != nil {
		return err
	}
	return SyncDir(filepath.Dir(path))
}

// Blank overwrites all of a file with zeros.
func Blank(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(Overwrite(f), f.Close())
}

// IsBlank reports whether a file holds zeros only, as Destroy leaves it when a stop
// comes between zeros and name. Whoever comes after takes it away.
func IsBlank(path string) bool {
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	some, held := make([]byte, 64<<10), false
	for {
		n, err := f.Read(some)
		for _, b := range some[:n] {
			if b != 0 {
				return false
			}
		}
		if held = held || n > 0; err != nil {
			return held && errors.Is(err, io.EOF)
		}
	}
}

// Overwrite writes zeros over all of an open file.
func Overwrite(f *os.File) error {
	info, err := f.Stat()
	if err != nil {
		return err
	}
	zeros := make([]byte, min(64<<10, info.Size()))
	for at := int64(0); at < info.Size(); at += int64(len(zeros)) {
		if _, err := f.WriteAt(zeros[:min(int64(len(zeros)), info.Size()-at)], at); err != nil {
			return err
		}
	}
	return f.Sync()
}

// Sync makes durable what was written to a file.
func Sync(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// SyncDir makes durable which names a directory has.
func SyncDir(path string) error {
	d, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
