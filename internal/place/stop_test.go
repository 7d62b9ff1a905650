package place_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Wherever a stop comes between, the next one who looks after the place leaves no byte
// of what was let go, and the object as it was or as it was to be: what stands aside
// before the new one has its name is the object, afterwards it is what was.
func TestD7AStopWhileReplacingOrDeleting(t *testing.T) {
	const old, hidden = ".unfinished-old-0011223344556677-one", ".unfinished-8899aabbccddeeff"
	for name, c := range map[string]struct {
		stop func(dir string) error
		want string // the object; "" for none
	}{
		"before the names change": {func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, hidden), []byte("new"), 0o600), os.Link(filepath.Join(dir, "one"), filepath.Join(dir, old)))
		}, "a secret"},
		"after the names change": {func(dir string) error {
			return errors.Join(os.WriteFile(filepath.Join(dir, hidden), []byte("new"), 0o600), os.Link(filepath.Join(dir, "one"), filepath.Join(dir, old)),
				os.Rename(filepath.Join(dir, hidden), filepath.Join(dir, "one")))
		}, "new"},
		"while it is overwritten": {func(dir string) error {
			return errors.Join(os.Rename(filepath.Join(dir, "one"), filepath.Join(dir, old)), os.WriteFile(filepath.Join(dir, "one"), []byte("new"), 0o600),
				os.WriteFile(filepath.Join(dir, old), make([]byte, 4), 0o600))
		}, "new"},
		"while it is deleted": {func(dir string) error {
			return os.Rename(filepath.Join(dir, "one"), filepath.Join(dir, hidden))
		}, ""},
	} {
		for _, daily := range []bool{false, true} {
			p, dir := open(t)
			put(t, p, "one", "a secret")
			held := filepath.Join(t.TempDir(), "held")
			if err := errors.Join(os.Link(filepath.Join(dir, "one"), held), c.stop(dir)); err != nil {
				t.Fatal(err)
			}
			look := p.Forgets
			if daily {
				if err := p.Tidy(t.Context()); err != nil { // another process may be at work
					t.Fatal(err)
				}
				if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) == 0 {
					t.Errorf("%s: what is new was taken for left over: %v", name, err)
				}
				past := time.Now().Add(-48 * time.Hour)
				all, err := filepath.Glob(filepath.Join(dir, ".*"))
				for _, path := range all {
					err = errors.Join(err, os.Chtimes(path, past, past))
				}
				if err != nil {
					t.Fatal(err)
				}
				look = p.Tidy
			}
			if err := look(t.Context()); err != nil {
				t.Fatal(err)
			}
			if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
				t.Errorf("%s: left %v, %v", name, left, err)
			}
			text, err := os.ReadFile(filepath.Join(dir, "one"))
			if string(text) != c.want || (err == nil) != (c.want != "") {
				t.Errorf("%s: the object is %q, %v", name, text, err)
			}
			was, err := os.ReadFile(held)
			if err != nil || c.want != "a secret" && bytes.Contains(was, []byte("secret")) {
				t.Errorf("%s: in its blocks stands %q, %v", name, was, err)
			}
		}
	}
}

// What is replaced and deleted leaves no other name behind.
func TestNothingIsLeftAside(t *testing.T) {
	p, dir := open(t)
	for _, text := range []string{"one", "two", "three"} {
		put(t, p, "a/one", text)
	}
	put(t, p, "a/two", "x")
	if err := p.Delete(t.Context(), "a/two"); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(filepath.Join(dir, "a"))
	if err != nil || len(entries) != 1 || entries[0].Name() != "one" {
		t.Errorf("%v, %v", entries, err)
	}
}
