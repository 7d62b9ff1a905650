package place_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"kartotek/internal/place"
)

func open(t *testing.T) (place.Place, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "copies")
	p, err := place.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	return p, dir
}

func put(t *testing.T, p place.Place, name, text string) {
	t.Helper()
	if err := p.Put(t.Context(), name, strings.NewReader(text)); err != nil {
		t.Fatal(err)
	}
}

func TestADirectoryKeepsObjects(t *testing.T) {
	p, _ := open(t)
	put(t, p, "a/one", "first")
	put(t, p, "a/two", "second")
	put(t, p, "b/three", "third")
	put(t, p, "a/one", "again")
	in, err := p.Get(t.Context(), "a/one")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err := errors.Join(err, in.Close()); err != nil || string(text) != "again" {
		t.Errorf("read %q, %v", text, err)
	}
	items, err := p.List(t.Context(), "a/")
	if err != nil || len(items) != 2 || items[0].Name != "a/one" || items[1].Size != 6 {
		t.Errorf("listed %v, %v", items, err)
	}
	if err := p.Delete(t.Context(), "a/one"); err != nil {
		t.Error(err)
	}
	if err := p.Delete(t.Context(), "a/one"); err != nil {
		t.Errorf("deleted twice: %v", err)
	}
	if _, err := p.Get(t.Context(), "a/one"); !errors.Is(err, place.ErrNone) {
		t.Errorf("a deleted object: %v", err)
	}
}

// TestD7ADirectoryOverwrites holds the old file by another name, as a snapshot
// would: nothing of what was replaced or deleted may be left in its blocks.
func TestD7ADirectoryOverwrites(t *testing.T) {
	p, dir := open(t)
	for name, act := range map[string]func(){
		"replaced": func() { put(t, p, "replaced", "new") },
		"deleted": func() {
			if err := p.Delete(t.Context(), "deleted"); err != nil {
				t.Error(err)
			}
		},
	} {
		put(t, p, name, strings.Repeat("a secret ", 20_000))
		held := filepath.Join(t.TempDir(), "held")
		if err := os.Link(filepath.Join(dir, name), held); err != nil {
			t.Fatal(err)
		}
		act()
		left, err := os.ReadFile(held)
		if err != nil {
			t.Fatal(err)
		}
		if len(left) == 0 || len(bytes.Trim(left, "\x00")) > 0 {
			t.Errorf("%s: %d bytes, not all zeros", name, len(left))
		}
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestAPutThatBreaksLeavesWhatWas(t *testing.T) {
	p, dir := open(t)
	put(t, p, "one", "first")
	if err := p.Put(t.Context(), "one", io.MultiReader(strings.NewReader("half"), broken{})); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("a broken reader: %v", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("left: %v, %v", entries, err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "one")); err != nil || string(text) != "first" {
		t.Errorf("%q, %v", text, err)
	}
}

func TestNamesStayInThePlace(t *testing.T) {
	p, _ := open(t)
	for _, name := range []string{"", "../out", "/etc", "a//b", ".hidden", "a/.b", "å", "a b", strings.Repeat("x", 513)} {
		if err := p.Put(t.Context(), name, strings.NewReader("x")); !errors.Is(err, place.ErrName) {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := place.Open("ftp://host/path"); !errors.Is(err, place.ErrAddress) {
		t.Errorf("another scheme: %v", err)
	}
	if _, err := place.Open(filepath.Join(t.TempDir(), "missing", "mount")); err == nil {
		t.Error("a directory whose parent is missing was made")
	}
}

// TestD7WhatAStopLeftUnfinishedIsOverwritten: no list shows such a file.
func TestD7WhatAStopLeftUnfinishedIsOverwritten(t *testing.T) {
	p, dir := open(t)
	put(t, p, "a/one", "first")
	left := filepath.Join(dir, "a", ".unfinished-0011223344556677")
	held := filepath.Join(t.TempDir(), "held")
	if err := errors.Join(os.WriteFile(left, []byte("a secret"), 0o600), os.Link(left, held)); err != nil {
		t.Fatal(err)
	}
	if err := p.Forgets(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it still stands: %v", err)
	}
	if text, err := os.ReadFile(held); err != nil || len(bytes.Trim(text, "\x00")) > 0 {
		t.Errorf("%q, %v", text, err)
	}
	// One that is being written is left alone.
	in, out := io.Pipe()
	done := make(chan error)
	go func() { done <- p.Put(t.Context(), "slow", in) }()
	if _, err := out.Write([]byte("half ")); err != nil {
		t.Fatal(err)
	}
	if err := p.Forgets(t.Context()); err != nil {
		t.Error(err)
	}
	if _, err := out.Write([]byte("whole")); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(out.Close(), <-done); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(filepath.Join(dir, "slow")); err != nil || string(text) != "half whole" {
		t.Errorf("%q, %v", text, err)
	}
}
