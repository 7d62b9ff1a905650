package vault

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/durable"
	"kartotek/internal/place"
)

// Rebuilt is what a keyring was rebuilt from.
type Rebuilt struct {
	From       string    // the place whose copy it is
	At         time.Time // when that copy was written
	LastPerson PersonID  // the last person id it knows of
	Ledger     int64     // entries of the ledger
	Newer      int64     // of these, entries only another copy had
	Passed     []Passed  // copies that could not be used
}

// Passed is a copy that was passed over, and why.
type Passed struct {
	Place   string
	Because error
}

// ErrNoCopy says that no place had a copy to rebuild from.
var ErrNoCopy = errors.New("vault: no usable copy of the keyring")

// unborn is what the file being rebuilt is called until it is whole.
const unborn = ".rebuilding"

// oneOffGap keeps ids of one-off keys apart from those that were issued after the
// copy was written: mails sealed under them still lie in the register.
const oneOffGap = 1 << 20

// Rebuild makes the file of a lost keyring from its copies: from the newest that
// is whole, with the newest ledger that any of them has, so that nobody erased
// comes back with an older copy (D7). Chain and every signature are verified and
// the ledger replayed before the file gets its name. Where a file stands already
// it is ErrExists: a damaged keyring is moved away by whoever decides that it is.
//
// Every copy that can be reached should be among the places: one that was written
// later than all that were asked is refused at the next start (ErrCopyNewer).
//
// check looks at the keyring before it gets its name, and may refuse it.
func Rebuild(ctx context.Context, path string, u Unlock, places []place.Place, check func(k *Keyring) error) (done Rebuilt, err error) {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return done, errors.Join(fmt.Errorf("%w: %s", ErrExists, path), err)
	}
	found, passed := manifests(ctx, places)
	done.Passed = passed
	var k *Keyring
	var base *candidate
	for _, x := range found {
		if k, err = assemble(ctx, path+unborn, u, x); err == nil {
			base = x
			break
		}
		if errors.Is(err, ErrWrongMaster) || errors.Is(err, ErrNobodyToAsk) || errors.Is(err, ErrWrongPassphrase) {
			return done, errors.Join(err, discard(path+unborn))
		}
		done.Passed = append(done.Passed, Passed{x.place.Address(), err})
	}
	if k == nil {
		return done, errors.Join(ErrNoCopy, discard(path+unborn))
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, k.Close(), discard(path+unborn))
		}
	}()
	before, _ := k.LedgerHead()
	highest := base.revision
	for _, x := range found {
		if x == base || !verified(x.text, k.MAC) {
			continue
		}
		highest = max(highest, x.revision)
		entries, err := x.entries(ctx, before)
		if err == nil && len(entries) > 0 {
			err = k.Extend(ctx, entries)
		}
		if errors.Is(err, ErrLedgerForked) {
			return done, fmt.Errorf("%s: %w", x.place.Address(), err) // somebody must look before either is believed
		}
		if err != nil {
			done.Passed = append(done.Passed, Passed{x.place.Address(), err})
		}
	}
	if err := k.VerifyLedger(ctx); err != nil {
		return done, err
	}
	if err := errors.Join(k.outdate(ctx, highest), check(k)); err != nil {
		return done, err
	}
	done.From, done.At, done.LastPerson = base.place.Address(), base.at, k.LastPerson()
	done.Ledger, _ = k.LedgerHead()
	done.Newer = done.Ledger - before
	if err := k.Close(); err != nil {
		return done, err
	}
	if err := os.Rename(path+unborn, path); err != nil {
		return done, err
	}
	return done, errors.Join(discard(path+unborn), durable.SyncDir(filepath.Dir(path)))
}

// discard takes a file that was being rebuilt away, with what SQLite has beside it. A
// copy that was behind may have put keys into it that the ledger calls destroyed, so
// it is overwritten first (D7).
func discard(path string) error {
	var failed []error
	for _, end := range []string{"", "-wal", "-shm", ".lock"} {
		if err := durable.Destroy(path + end); !errors.Is(err, fs.ErrNotExist) {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

// candidate is a copy with its manifest, which proves nothing before the keyring
// is open.
type candidate struct {
	place place.Place
	text  []byte
	*manifest
}

// manifests reads what copies there are, the newest first.
func manifests(ctx context.Context, places []place.Place) (found []*candidate, passed []Passed) {
	for _, p := range places {
		text, err := fetch(ctx, p, manifestName)
		if err != nil {
			passed = append(passed, Passed{p.Address(), err})
			continue
		}
		m, err := decodeManifest(text)
		if err != nil {
			passed = append(passed, Passed{p.Address(), err})
			continue
		}
		found = append(found, &candidate{p, text, m})
	}
	slices.SortStableFunc(found, func(a, b *candidate) int { return cmp.Compare(b.revision, a.revision) })
	return found, passed
}

// part reads one part of a copy; database.ErrCorrupt if its bytes are others.
func (x *candidate) part(ctx context.Context, p part) ([]byte, error) {
	e := x.parts[p]
	text, err := fetch(ctx, x.place, p.object(e.generation))
	if err == nil && !e.holds(text) {
		err = fmt.Errorf("%w: part %c%x", database.ErrCorrupt, p.table, p.number)
	}
	return text, err
}

// entries reads the entries of a copy's ledger after a number.
func (x *candidate) entries(ctx context.Context, after int64) (all []LedgerEntry, err error) {
	for seq := after + 1; seq <= x.ledger.seq; {
		p := partOfEntry(seq)
		text, err := x.part(ctx, p)
		if err != nil {
			return nil, err
		}
		entries, err := entriesOf(text)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			if e.Seq >= seq {
				all = append(all, e)
			}
		}
		seq = (p.number+1)*entriesInPart + 1
	}
	return all, nil
}

// assemble writes the parts of a copy into a new file and opens it as a keyring:
// the master key must fit, the manifest be made by it, the ledger be whole. Keys
// the ledger calls destroyed are destroyed in it.
func assemble(ctx context.Context, path string, u Unlock, x *candidate) (*Keyring, error) {
	if err := discard(path); err != nil {
		return nil, err
	}
	db, err := openFile(ctx, path)
	if err != nil {
		return nil, err
	}
	// In order, so that the ledger is appended to.
	parts := make([]part, 0, len(x.parts))
	for p := range x.parts {
		parts = append(parts, p)
	}
	slices.SortFunc(parts, part.compare)
	for _, p := range parts {
		text, err := x.part(ctx, p)
		if err == nil {
			err = db.Write(ctx, func(tx *database.Tx) error { return writePart(tx, p, text) })
		}
		if err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	if err := db.Close(); err != nil {
		return nil, err
	}
	k, err := OpenFrom(ctx, path, u)
	if err != nil {
		return nil, err
	}
	if !verified(x.text, k.MAC) || k.id != x.ring {
		return nil, errors.Join(fmt.Errorf("%w: manifest", ErrTampered), k.Close())
	}
	if size, hash := k.LedgerHead(); size != x.ledger.seq || size > 0 && hash != x.ledger.hash {
		return nil, errors.Join(fmt.Errorf("%w: manifest", ErrLedgerTampered), k.Close())
	}
	return k, nil
}

// outdate makes the keyring newer than every copy it was held against.
func (k *Keyring) outdate(ctx context.Context, highest int64) error {
	return k.Write(ctx, func(tx *Tx) error {
		next, err := nextOf(tx.tx, counterOneOff)
		if err != nil {
			return err
		}
		tx.nextOneOff = next + oneOffGap
		k.changes.skip(highest)
		return nil
	})
}

// Key names a key of a person.
type Key struct {
	Person PersonID
	Class  Class
}

// Accounts reports whether the keyring has a key, or calls it destroyed.
func (k *Keyring) Accounts(key Key) bool {
	return k.Holds(key.Person, key.Class) || k.keys.isErased(keyName{key.Person, key.Class})
}

// Lose says that keys are in no copy: the register has rows under them that nothing
// opens any more. They are entered in the ledger as destroyed, without the
// fingerprint of a key that nobody has, so that whatever follows the ledger takes
// the rows away and no copy that turns up brings the keys back. Ids up to the last
// the register knows count as issued.
func (k *Keyring) Lose(ctx context.Context, at time.Time, last PersonID, lost []Key) error {
	return k.Write(ctx, func(tx *Tx) error {
		next, err := nextOf(tx.tx, counterPerson)
		if err != nil {
			return err
		}
		tx.nextPerson = max(next, int64(last)+1)
		before, err := tx.lastLink()
		if err != nil {
			return err
		}
		for _, of := range lost {
			n := keyName{of.Person, of.Class}
			key, err := tx.key(n)
			if err != nil {
				return err
			}
			if !key.none() || k.keys.isErased(n) {
				return fmt.Errorf("%w: not lost", ErrHeld)
			}
			e := LedgerEntry{Person: of.Person, Class: of.Class, At: at.UTC().Truncate(time.Microsecond)}
			e.chain(&before, k.ledgerKey)
			if err := tx.enter(&e); err != nil {
				return err
			}
			before = e.link()
		}
		return nil
	})
}
