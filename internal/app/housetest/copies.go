package housetest

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"kartotek/internal/app"
	"kartotek/internal/database/databasetest"
)

// OldRegister copies the register as it stands now, write-ahead log included,
// and gives the configuration of a house that stands on the copy and on today's
// keys. The house is open again afterwards.
func (f *Fixture) OldRegister() app.Config {
	f.t.Helper()
	c := f.Config
	c.Data = f.t.TempDir()
	if c.DSN == "" { // while it is open: what a snapshot of the disk would catch
		CopyFiles(f.t, f.Config.Data, c.Data)
		return c
	}
	CopyFiles(f.t, f.Config.Data, c.Data)
	f.Must(f.House.Close())
	c.DSN = databasetest.Copy(f.t, f.Config.DSN)
	f.Must(f.Open())
	return c
}

// OldKeys copies the keyring as it stands now and gives the configuration of a
// house that stands on the copy and on today's register.
func (f *Fixture) OldKeys() app.Config {
	f.t.Helper()
	c := f.Config
	c.Keys = f.t.TempDir()
	CopyFiles(f.t, f.Config.Keys, c.Keys)
	return c
}

// CopyFiles copies the files of a directory, its locks excepted.
func CopyFiles(t testing.TB, from, to string) {
	t.Helper()
	for _, path := range Files(t, from) {
		if filepath.Ext(path) == ".lock" {
			continue
		}
		bytes, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(to, filepath.Base(path)), bytes, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// Files lists every regular file in and below a directory.
func Files(t testing.TB, dir string) (paths []string) {
	t.Helper()
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}
