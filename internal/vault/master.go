package vault

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"

	"kartotek/internal/durable"
)

const keySize = 32 // AES-256, and every secret of the keyring

// Master is the key that wraps all others. It never prints itself. It is kept
// apart from keyring and register: whoever has two of the three has nothing yet.
type Master struct{ key [keySize]byte }

// NewMaster writes a new random master key to a file that must not exist yet:
// 64 hex digits and a line feed, so that it can be printed and typed, mode 0600.
// It returns when file and directory entry are durable, or ErrExists.
func NewMaster(path string) error {
	var key [keySize]byte
	rand.Read(key[:])
	defer clear(key[:])
	return writeKey(path, key[:])
}

// WriteFile writes the master key to a file, as NewMaster does.
func (m Master) WriteFile(path string) error { return writeKey(path, m.key[:]) }

func writeKey(path string, key []byte) error {
	line := append(hex.AppendEncode(nil, key), '\n')
	defer clear(line)
	err := durable.Create(path, line)
	if errors.Is(err, fs.ErrExist) {
		return fmt.Errorf("%w: %s", ErrExists, path)
	}
	return err
}

// LoadMaster reads a master key: 32 raw bytes, or 64 hex digits with or without
// white space around them. It refuses any other length (ErrMasterLength) and a
// file that group or others may read (ErrMasterExposed, saying what to do).
func LoadMaster(path string) (Master, error) {
	return loadKey(path, func(info fs.FileInfo) error {
		if info.Mode().Perm()&0o077 != 0 {
			return fmt.Errorf("%w (mode %04o): run chmod 600 %s", ErrMasterExposed, info.Mode().Perm(), path)
		}
		return nil
	})
}

func loadKey(path string, allowed func(fs.FileInfo) error) (Master, error) {
	f, err := os.Open(path)
	if err != nil {
		return Master{}, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return Master{}, err
	}
	if err := allowed(info); err != nil {
		return Master{}, err
	}
	text, err := io.ReadAll(io.LimitReader(f, 1024))
	defer clear(text)
	if err != nil {
		return Master{}, err
	}
	var m Master
	if len(text) == keySize {
		copy(m.key[:], text)
		return m, nil
	}
	digits := bytes.TrimSpace(text)
	if len(digits) != hex.EncodedLen(keySize) {
		return Master{}, fmt.Errorf("%w: %s", ErrMasterLength, path)
	}
	if _, err := hex.Decode(m.key[:], digits); err != nil {
		return Master{}, fmt.Errorf("%w: %s", ErrMasterLength, path) // hex's own error quotes a digit
	}
	return m, nil
}

const hidden = "[master key]"

// Format prints the same words whatever the verb.
func (Master) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// LogValue is the same for slog.
func (Master) LogValue() slog.Value { return slog.StringValue(hidden) }

// MarshalText is the same for JSON, TOML and whatever else asks.
func (Master) MarshalText() ([]byte, error) { return []byte(hidden), nil }
