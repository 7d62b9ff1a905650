package durable_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"kartotek/internal/durable"
)

func TestFilesAreWrittenWhole(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if err := durable.Create(path, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := durable.Create(path, []byte("again")); !errors.Is(err, fs.ErrExist) {
		t.Errorf("created twice: %v", err)
	}
	if err := durable.Replace(path, []byte("second")); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	info, failed := os.Stat(path)
	if err := errors.Join(err, failed); err != nil || string(text) != "second" || info.Mode().Perm() != 0o600 {
		t.Errorf("%q, %v, %v", text, info.Mode(), err)
	}
	if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 1 {
		t.Errorf("left: %v, %v", entries, err)
	}
}

// TestD7NothingIsLeftInTheBlocks holds a destroyed file by another name, as a
// snapshot would.
func TestD7NothingIsLeftInTheBlocks(t *testing.T) {
	for _, size := range []int{0, 1, 64 << 10, 200_001} {
		dir := t.TempDir()
		path, held := filepath.Join(dir, "file"), filepath.Join(dir, "held")
		if err := errors.Join(durable.Create(path, bytes.Repeat([]byte{0xA5}, size)), os.Link(path, held), durable.Destroy(path)); err != nil {
			t.Fatal(err)
		}
		left, err := os.ReadFile(held)
		if err != nil || len(left) != size || len(bytes.Trim(left, "\x00")) > 0 {
			t.Errorf("%d bytes: %d left, not all zeros, %v", size, len(left), err)
		}
		if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the name is still there: %v", err)
		}
	}
}

// A file that was overwritten and still has its name is known for what it is.
func TestABlankFileIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if durable.IsBlank(path) {
		t.Error("a file that is not there is blank")
	}
	for size, text := range map[string][]byte{"one": []byte("x"), "at the end": append(make([]byte, 200_000), 1), "nothing": nil} {
		if err := os.WriteFile(path, text, 0o600); err != nil {
			t.Fatal(err)
		}
		if durable.IsBlank(path) {
			t.Errorf("%s: blank before", size)
		}
		if err := durable.Blank(path); err != nil {
			t.Fatal(err)
		}
		if durable.IsBlank(path) != (len(text) > 0) {
			t.Errorf("%s: not blank after", size)
		}
	}
}
