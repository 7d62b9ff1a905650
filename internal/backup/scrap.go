package backup

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kartotek/internal/durable"
)

// scrapPrefix begins the names of directories a drill works in.
const scrapPrefix = "kartotek-drill-"

// newScrap makes a directory of its own below one that is made if its parent is
// there, after throwing away what a stop left of an earlier one.
func newScrap(in string) (string, error) {
	if err := os.Mkdir(in, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", err
	}
	left, err := os.ReadDir(in)
	if err != nil {
		return "", err
	}
	for _, entry := range left {
		if entry.IsDir() && strings.HasPrefix(entry.Name(), scrapPrefix) {
			if err := Shred(filepath.Join(in, entry.Name())); err != nil {
				return "", err
			}
		}
	}
	var random [6]byte
	rand.Read(random[:])
	dir := filepath.Join(in, scrapPrefix+hex.EncodeToString(random[:]))
	return dir, os.Mkdir(dir, 0o700)
}

// Shred overwrites every file in a directory with zeros and removes all of it.
// What is not there is no error.
func Shred(dir string) error {
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		return durable.Blank(path)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return errors.Join(err, os.RemoveAll(dir))
}
