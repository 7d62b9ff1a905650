package vault

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"kartotek/internal/database"
)

// SourceKind says how a master key is kept.
type SourceKind string

const (
	FromFile       SourceKind = "file"
	FromCredential SourceKind = "credential" // of systemd: a file in $CREDENTIALS_DIRECTORY
	FromPassphrase SourceKind = "passphrase"
)

// DefaultCredential is the name of the credential that is looked for unasked.
const DefaultCredential = "kartotek-master"

// masterFile is where the master key is unless somebody says otherwise: beside
// the keyring.
const masterFile = "master.key"

// Source says where a master key comes from. The zero value leaves it to what the
// keyring remembers.
type Source struct {
	Kind SourceKind
	Name string // a file's path ("" is master.key beside the keyring), a credential's name
}

// ParseSource reads "credential", "credential:NAME", "passphrase", "file:PATH" or a
// path. "" is the zero Source.
func ParseSource(text string) (Source, error) {
	kind, name, _ := strings.Cut(text, ":")
	switch {
	case text == "":
		return Source{}, nil
	case text == string(FromPassphrase):
		return Source{Kind: FromPassphrase}, nil
	case text == string(FromCredential):
		return Source{Kind: FromCredential, Name: DefaultCredential}, nil
	case kind == string(FromCredential):
		if name == "" || name == "." || name == ".." || strings.ContainsAny(name, "/\x00") {
			return Source{}, ErrCredentialName
		}
		return Source{Kind: FromCredential, Name: name}, nil
	case kind == string(FromFile) && name != "":
		text = name
	}
	path, err := filepath.Abs(text)
	return Source{Kind: FromFile, Name: path}, err
}

// tidySource is the Source of a file; the usual one has no path, so that the
// directory may move.
func tidySource(keyring, path string) Source {
	s := Source{Kind: FromFile}
	if usual, _ := s.Path(keyring); usual != path {
		s.Name = path
	}
	return s
}

// String is the form that ParseSource reads.
func (s Source) String() string {
	if s.Name == "" {
		return string(s.Kind)
	}
	return string(s.Kind) + ":" + s.Name
}

// MarshalText and UnmarshalText keep a Source in the keyring.
func (s Source) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText is the reverse of MarshalText.
func (s *Source) UnmarshalText(text []byte) (err error) {
	if string(text) == string(FromFile) {
		*s = Source{Kind: FromFile}
		return nil
	}
	*s, err = ParseSource(string(text))
	return err
}

// Path is the file that a Source names, for a keyring at a path; "" for a
// passphrase. ErrNoCredentials outside a unit that has any.
func (s Source) Path(keyring string) (string, error) {
	switch s.Kind {
	case FromFile:
		if s.Name == "" {
			return filepath.Join(filepath.Dir(keyring), masterFile), nil
		}
		return s.Name, nil
	case FromCredential:
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" {
			return "", ErrNoCredentials
		}
		return filepath.Join(dir, s.Name), nil
	}
	return "", nil
}

// Asking says what a passphrase is asked for.
type Asking struct {
	New     bool // a new one is chosen
	Attempt int  // 1, 2, 3
}

// Unlock says where the master key of a keyring is and who is asked for a
// passphrase.
type Unlock struct {
	Source Source
	Ask    func(ctx context.Context, a Asking) (string, error) // nil: nobody can be asked
}

// attempts is how often a wrong passphrase may be typed.
const attempts = 3

// OpenFrom is Open with the master key from where u says, or where the keyring
// remembers it. What a rotation left half done among the files is finished.
func OpenFrom(ctx context.Context, path string, u Unlock) (*Keyring, error) {
	var from Source
	k, err := open(ctx, path, func(db *database.DB) (m Master, err error) {
		m, from, err = u.find(ctx, db)
		return m, err
	})
	if err != nil {
		return nil, err
	}
	k.from.Store(&from)
	if err := k.finishRetiring(); err != nil {
		return nil, errors.Join(err, k.Close())
	}
	return k, nil
}

// From is where the master key of this open keyring came from; the zero value if
// it was handed to Open.
func (k *Keyring) From() Source { return *k.from.Load() }

// find looks for the master key that opens the keyring.
func (u *Unlock) find(ctx context.Context, db *database.DB) (m Master, from Source, err error) {
	var s Standing
	var opens func(Master) bool
	err = db.Read(ctx, func(q database.Querier) (err error) {
		if s, err = readStanding(q); err == nil {
			opens, err = lockOf(q)
		}
		return err
	})
	if err != nil {
		return m, from, err
	}
	places := []Source{u.Source}
	if u.Source.Kind == "" {
		places = []Source{s.Source}
		for _, other := range []Source{{FromCredential, DefaultCredential}, {FromFile, ""}} {
			if s.Derivation == nil && other != s.Source {
				places = append(places, other)
			}
		}
	}
	var first error
	for _, place := range places {
		m, err = u.try(ctx, db.Path(), place, &s, opens)
		if err == nil {
			return m, place, nil
		}
		absent := errors.Is(err, fs.ErrNotExist) || errors.Is(err, ErrNoCredentials)
		if first == nil || !absent && errors.Is(first, fs.ErrNotExist) {
			first = err
		}
	}
	return m, from, first
}

// try takes the master key from one place.
func (u *Unlock) try(ctx context.Context, keyring string, place Source, s *Standing, opens func(Master) bool) (m Master, err error) {
	if place.Kind == FromPassphrase {
		return u.askFor(ctx, s, opens)
	}
	path, err := place.Path(keyring)
	if err != nil {
		return m, err
	}
	m, err = loadSource(place.Kind, path)
	if err == nil && opens(m) {
		return m, nil
	}
	if place.Kind == FromFile { // a rotation was cut off before the files changed names
		if next, failed := LoadMaster(path + rotating); failed == nil && opens(next) {
			return next, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("%w: %s", ErrWrongMaster, place)
	}
	return m, err
}

// loadSource reads a key file. Who may read a credential is systemd's to say, and
// it says so by more than the mode.
func loadSource(kind SourceKind, path string) (Master, error) {
	if kind == FromCredential {
		return loadKey(path, func(fs.FileInfo) error { return nil })
	}
	return LoadMaster(path)
}

// askFor asks for the passphrase until it opens the keyring.
func (u *Unlock) askFor(ctx context.Context, s *Standing, opens func(Master) bool) (m Master, err error) {
	if s.Derivation == nil {
		return m, ErrNoPassphrase
	}
	if u.Ask == nil {
		return m, ErrNobodyToAsk
	}
	for n := 1; n <= attempts; n++ {
		text, err := u.Ask(ctx, Asking{Attempt: n})
		if errors.Is(err, ErrNobodyToAsk) && n > 1 {
			break // it was read from where it stands only once
		}
		if err != nil {
			return m, err
		}
		if m, err = s.Derivation.Derive(text); err != nil {
			return m, err
		}
		if opens(m) {
			return m, nil
		}
	}
	return Master{}, ErrWrongPassphrase
}

// lockOf gives what tells whether a master key opens the keyring.
func lockOf(q database.Querier) (opens func(Master) bool, err error) {
	var sealed wrappedKey
	err = q.QueryRow(`SELECT value FROM keyring WHERE name = $1`, nameSecret+secretNames[secretCheck]).Scan(exactly(sealed[:]))
	if errors.Is(err, database.ErrNotFound) {
		return nil, fmt.Errorf("%w: never finished", ErrNoKeyring)
	}
	return func(m Master) bool {
		w := wrapper{master: newCipher(m.key[:]), sealed: sealed}
		defer clear(w.key[:])
		return w.unwrap(appendSecret(w.about[:0], secretNames[secretCheck])) == nil
	}, err
}

// Fits reports, by ErrWrongMaster, whether a master key opens the keyring at a path.
// It only reads, and needs no lock.
func Fits(ctx context.Context, path string, m Master) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%w: %s", ErrNoKeyring, path)
	}
	files, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return err
	}
	db, err := database.OpenFile(ctx, path, files, database.Options{ReadOnly: true})
	if err != nil {
		return err
	}
	err = db.Read(ctx, func(q database.Querier) error {
		opens, err := lockOf(q)
		if err == nil && !opens(m) {
			err = ErrWrongMaster
		}
		return err
	})
	return errors.Join(err, db.Close())
}

// CreateFrom makes a keyring with fresh secrets, its master key from where u says: a file is made if
// there is none, a credential must be there, a passphrase is chosen.
func CreateFrom(ctx context.Context, path string, u Unlock) (*Keyring, error) {
	place := u.Source
	if place.Kind == "" {
		place = Source{Kind: FromFile}
		if file, err := (Source{FromCredential, DefaultCredential}).Path(path); err == nil {
			if _, err := os.Stat(file); err == nil {
				place = Source{FromCredential, DefaultCredential}
			}
		}
	}
	key, err := u.draw(ctx, path, place)
	if err != nil {
		return nil, err
	}
	k, err := create(ctx, path, key)
	if err == nil {
		k.from.Store(&place)
	}
	return k, err
}

// newKey is a master key for a keyring to come under.
type newKey struct {
	master     Master
	source     Source
	derivation *Derivation
}

// draw gets a master key from a place for a keyring that is not under it yet.
func (u *Unlock) draw(ctx context.Context, keyring string, place Source) (key newKey, err error) {
	key.source = place
	if place.Kind == FromPassphrase {
		if u.Ask == nil {
			return key, ErrNobodyToAsk
		}
		text, err := u.Ask(ctx, Asking{New: true, Attempt: 1})
		if err != nil {
			return key, err
		}
		if why := Weakness(text); why != "" {
			return key, &WeakError{why}
		}
		d := newDerivation()
		key.derivation = &d
		key.master, err = d.Derive(text)
		return key, err
	}
	path, err := place.Path(keyring)
	if err != nil {
		return key, err
	}
	if place.Kind == FromFile {
		if err := NewMaster(path); err != nil && !errors.Is(err, ErrExists) {
			return key, err
		}
		key.source = tidySource(keyring, path)
	}
	key.master, err = loadSource(place.Kind, path)
	return key, err
}
