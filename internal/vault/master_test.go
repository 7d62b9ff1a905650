package vault

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestMaster(t *testing.T) {
	dir := t.TempDir()
	file := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, []byte(text), 0o600))
		must(t, os.Chmod(path, mode))
		return path
	}
	raw := strings.Repeat("k", keySize)
	digits := strings.Repeat("6b", keySize)
	for _, path := range []string{file("raw", raw, 0o600), file("hex", digits, 0o400), file("line", digits+"\r\n", 0o600)} {
		m, err := LoadMaster(path)
		must(t, err)
		if string(m.key[:]) != raw {
			t.Errorf("%s read wrongly", path)
		}
	}
	for name, text := range map[string]string{
		"empty": "", "short": raw[1:], "long": raw + "k", "odd": digits[1:], "no digits": strings.Repeat("zz", keySize), "huge": strings.Repeat("6b", 4096),
	} {
		_, err := LoadMaster(file(name, text, 0o600))
		wants(t, err, ErrMasterLength)
		if strings.Contains(err.Error(), "kkk") || strings.Contains(err.Error(), "6b6b") {
			t.Errorf("the error quotes the key: %v", err)
		}
	}
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620} {
		_, err := LoadMaster(file(fmt.Sprintf("open%o", mode), raw, mode))
		wants(t, err, ErrMasterExposed)
		if !strings.Contains(err.Error(), "chmod 600 ") {
			t.Errorf("no advice: %v", err)
		}
	}
	path := filepath.Join(dir, "new")
	must(t, NewMaster(path))
	wants(t, NewMaster(path), ErrExists)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 || info.Size() != 65 {
		t.Errorf("written as %v, %d bytes", info.Mode(), info.Size())
	}
}

func TestMasterNeverPrintsItself(t *testing.T) {
	m := Master{key: [keySize]byte([]byte(strings.Repeat("k", keySize)))}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q", "%d"} {
		fmt.Fprintf(&out, verb+verb, m, &m)
	}
	text, err := json.Marshal(map[string]any{"m": m, "p": &m})
	must(t, err)
	out.Write(text)
	timeless := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey { // a time may hold 107 by chance
			return slog.Attr{}
		}
		return a
	}}
	slog.New(slog.NewTextHandler(&out, timeless)).Info("x", "m", m, "in", struct{ M Master }{m})
	slog.New(slog.NewJSONHandler(&out, timeless)).Info("x", "m", m, "in", struct{ M Master }{m})
	for _, leak := range []string{"kkk", "107", "6b6b", "0x6b"} {
		if strings.Contains(out.String(), leak) {
			t.Errorf("%q in %s", leak, out.String())
		}
	}
}

func TestWrongMasterAndWrongPath(t *testing.T) {
	k, m := testRing(t)
	_, err := Create(ctx, k.Path(), m)
	if err == nil {
		t.Error("created twice")
	}
	must(t, k.Close())
	_, err = Create(ctx, k.Path(), m)
	wants(t, err, ErrExists)
	_, err = Open(ctx, k.Path(), testMaster(t))
	wants(t, err, ErrWrongMaster)
	_, err = Open(ctx, filepath.Join(t.TempDir(), "none.db"), m)
	wants(t, err, ErrNoKeyring)
	empty := filepath.Join(t.TempDir(), "empty.db")
	must(t, os.WriteFile(empty, nil, 0o600))
	_, err = Open(ctx, empty, m)
	wants(t, err, ErrNoKeyring)
	k, err = Create(ctx, empty, m) // a creation that a crash cut off is finished
	must(t, err)
	must(t, k.Close())
	info, err := os.Stat(k.Path())
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("keyring is %v", info.Mode())
	}
}
