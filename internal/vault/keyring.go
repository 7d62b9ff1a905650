package vault

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/rand"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"
	"sync/atomic"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/sync/errgroup"

	"kartotek/internal/database"
)

//go:embed migrations/*.sql
var embedded embed.FS

// What the keyring keeps by name.
const (
	nameID      = "id"      // 16 random bytes
	namePending = "pending" // a roaring bitmap
	nameMaster  = "master"  // Standing
	nameSecret  = "secret." // + name of a wrapped secret

	counterPerson = "person"
	counterOneOff = "one-off"
)

// The wrapped secrets, by their place in secretNames.
const (
	secretCheck   = iota // opens under the right master key only
	secretClaim          // HMAC of claims
	secretMAC            // HMAC of everything else
	secretCells          // AES of claims in the file
	secretPublic         // AES of public ids
	secretLedger         // Ed25519 of the erasure ledger
	secretJournal        // Ed25519 of the journal's checkpoints
)

var secretNames = [...]string{"check", "claim", "mac", "cells", "public", "ledger", "journal"}

// Keyring is an open keyring. Its methods are safe for concurrent use.
type Keyring struct {
	db *database.DB
	id [16]byte

	master     atomic.Pointer[mastery]  // changed by Rotate alone
	from       atomic.Pointer[Source]   // where the master key came from
	standing   atomic.Pointer[Standing] // what the file says of it
	claimHash  *keyedHash
	macHash    *keyedHash
	claimCells cipher.Block
	public     cipher.Block
	ledgerKey  ed25519.PrivateKey
	journalKey ed25519.PrivateKey

	keys    *keyTable
	claims  *claimIndex
	oneOffs oneOffTable
	pending pendingSet
	head    atomic.Pointer[link] // the ledger's last entry
	last    atomic.Uint32        // the last person id issued
	openers sync.Pool            // of *Opener
	turning sync.Mutex           // one rotation at a time
	changes changes              // what copies have to follow
	closed  func() error
}

// create makes a keyring with fresh secrets under a master key. ErrExists if there is
// one at the path; one that a crash left unfinished is finished.
func create(ctx context.Context, path string, key newKey) (*Keyring, error) {
	db, err := openFile(ctx, path)
	if err != nil {
		return nil, err
	}
	w := wrapper{master: newCipher(key.master.key[:])}
	err = db.Write(ctx, func(tx *database.Tx) error {
		switch _, err := value(tx, nameID); {
		case err == nil:
			return fmt.Errorf("%w: %s", ErrExists, path)
		case !errors.Is(err, database.ErrNotFound):
			return err
		}
		for _, name := range secretNames {
			var secret wrappedKey
			w.draw(&secret, appendSecret(w.about[:0], name))
			if err := setValue(tx, nameSecret+name, secret[:]); err != nil {
				return err
			}
		}
		var id [16]byte
		rand.Read(id[:])
		err := writeStanding(tx, &Standing{Since: tx.Now(), Source: key.source, Derivation: key.derivation})
		return errors.Join(err, setValue(tx, nameID, id[:]))
	})
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return begin(ctx, db, key.master)
}

// Open opens a keyring, verifies the chain of its ledger and replays it: keys
// that the ledger calls destroyed, because a copy brought them back, are destroyed
// again. ErrNoKeyring, ErrWrongMaster, ErrLedgerTampered, database.ErrLocked.
func Open(ctx context.Context, path string, m Master) (*Keyring, error) {
	return open(ctx, path, func(*database.DB) (Master, error) { return m, nil })
}

// open opens a keyring with the master key that find gives, which may look into it.
func open(ctx context.Context, path string, find func(db *database.DB) (Master, error)) (*Keyring, error) {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: %s", ErrNoKeyring, path)
	}
	log, err := os.Stat(path + "-wal")
	unclean := err == nil && log.Size() > 0
	db, err := openFile(ctx, path)
	if err != nil {
		return nil, err
	}
	m, err := find(db)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	k, err := begin(ctx, db, m)
	if err != nil || !unclean {
		return k, err
	}
	// A crash may have come between an erasure and the end of its log.
	if err := db.Forget(ctx); err != nil {
		return nil, errors.Join(err, k.Close())
	}
	return k, nil
}

func openFile(ctx context.Context, path string) (*database.DB, error) {
	migrations, err := fs.Sub(embedded, "migrations")
	if err != nil {
		return nil, err
	}
	return database.OpenFile(ctx, path, migrations, database.Options{})
}

// begin loads a keyring and replays its ledger; the database is closed on error.
func begin(ctx context.Context, db *database.DB, m Master) (*Keyring, error) {
	under := newMastery(m)
	k := &Keyring{db: db, keys: newKeyTable(under.cipher)}
	k.master.Store(under)
	k.from.Store(&Source{})
	k.oneOffs.master = under.cipher
	k.openers.New = func() any { return k.Opener() }
	k.closed = sync.OnceValue(func() error {
		return errors.Join(k.flushPending(context.Background()), db.Close())
	})
	if err := k.loadAll(ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return k, nil
}

// loadAll reads everything into memory and replays the ledger. The claims take
// half the time, so they are read beside the rest; nobody writes yet.
func (k *Keyring) loadAll(ctx context.Context) error {
	err := k.db.Read(ctx, func(q database.Querier) error {
		s, err := readStanding(q)
		k.standing.Store(&s)
		revision, failed := nextOf(q, counterRevision)
		k.changes.begin(revision)
		return errors.Join(err, failed, k.loadSecrets(q))
	})
	if err != nil {
		return err
	}
	var claimed []uint64
	var load errgroup.Group
	load.Go(func() error { return k.db.Read(ctx, k.load) })
	load.Go(func() error {
		return k.db.Read(ctx, func(q database.Querier) (err error) {
			claimed, err = k.loadClaims(q)
			return err
		})
	})
	if err := load.Wait(); err != nil {
		return err
	}
	return k.replay(ctx, claimed)
}

// loadSecrets reads the id and unwraps the secrets: the wrong master key shows here.
func (k *Keyring) loadSecrets(q database.Querier) error {
	err := q.QueryRow(`SELECT value FROM keyring WHERE name = $1`, nameID).Scan(exactly(k.id[:]))
	if errors.Is(err, database.ErrNotFound) {
		return fmt.Errorf("%w: never finished", ErrNoKeyring)
	}
	if err != nil {
		return err
	}
	var secrets [len(secretNames)][keySize]byte
	defer clear(secrets[:])
	w := wrapper{master: k.master.Load().cipher}
	for i, name := range secretNames {
		if err := q.QueryRow(`SELECT value FROM keyring WHERE name = $1`, nameSecret+name).Scan(exactly(w.sealed[:])); err != nil {
			return damagedSecret(err)
		}
		err := w.unwrap(appendSecret(w.about[:0], name))
		if err != nil && i == secretCheck {
			return ErrWrongMaster
		}
		if err != nil {
			return err
		}
		secrets[i] = w.key
	}
	clear(w.key[:])
	k.claimHash = newKeyedHash(secrets[secretClaim])
	k.macHash = newKeyedHash(secrets[secretMAC])
	k.ledgerKey = ed25519.NewKeyFromSeed(secrets[secretLedger][:])
	k.journalKey = ed25519.NewKeyFromSeed(secrets[secretJournal][:])
	var errCells, errPublic error
	k.claimCells, errCells = aes.NewCipher(secrets[secretCells][:])
	k.public, errPublic = aes.NewCipher(secrets[secretPublic][:])
	return errors.Join(errCells, errPublic)
}

// load reads ledger, keys, one-off keys and pending persons.
func (k *Keyring) load(q database.Querier) error {
	if err := k.loadLedger(q); err != nil {
		return err
	}
	if err := k.loadKeys(q); err != nil {
		return err
	}
	if err := k.loadOneOffs(q); err != nil {
		return err
	}
	k.pending.set = roaring.New()
	text, err := value(q, namePending)
	if errors.Is(err, database.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return k.pending.set.UnmarshalBinary(text)
}

func (k *Keyring) loadLedger(q database.Querier) error {
	head, err := k.verifyChain(q, func(e *LedgerEntry) error {
		k.keys.markErased(keyName{e.Person, e.Class})
		return nil
	})
	k.head.Store(&head)
	return err
}

func (k *Keyring) loadKeys(q database.Querier) error {
	next, err := nextOf(q, counterPerson)
	if err != nil {
		return err
	}
	k.last.Store(uint32(next - 1))
	for _, erased := range k.keys.erased {
		if !erased.IsEmpty() && int64(erased.Maximum()) >= next {
			return fmt.Errorf("%w: ids would be issued again", database.ErrCorrupt)
		}
	}
	return eachDrawer(q, keyDrawers, func(id int64, d *drawer) error {
		for slot := range keysInDrawer {
			w, n := d.key(slot), keyAt(id, slot)
			if w.none() {
				continue
			}
			if !n.class.Valid() || int64(n.person) >= next {
				return fmt.Errorf("%w: a key of nobody", database.ErrCorrupt)
			}
			k.keys.put(n, w)
		}
		return nil
	})
}

// loadClaims reads the claims and returns who has any: a bit for each person,
// sixty-four to a drawer.
func (k *Keyring) loadClaims(q database.Querier) (claimed []uint64, err error) {
	var count int
	if err := q.QueryRow(`SELECT count(*) FROM claim_drawer`).Scan(&count); err != nil {
		return nil, err
	}
	k.claims = newClaimIndex(count * keysInDrawer)
	err = eachDrawer(q, claimDrawers, func(id int64, d *drawer) error {
		for len(claimed) <= int(id/partsOfClaims) {
			claimed = append(claimed, 0)
		}
		for i := range claimsInDrawer {
			c := d.claim(i)
			if c.mark() == 0 {
				continue
			}
			if c.mark() > keysInDrawer || c.kind() == 0 || c.kind() >= claimKinds {
				return fmt.Errorf("%w: an unknown claim", database.ErrCorrupt)
			}
			p := claimant(id, c.mark())
			k.claims.add(k.openCell(c.kind(), c.sealed(), p), p)
			claimed[id/partsOfClaims] |= 1 << (c.mark() - 1)
		}
		return nil
	})
	return claimed, err
}

// Close writes what is left to write and closes the file. It may be called again.
func (k *Keyring) Close() error { return k.closed() }

// Path is the keyring's file.
func (k *Keyring) Path() string { return k.db.Path() }

// ID tells keyrings apart; copies of one keyring share it. The register keeps it
// so that the wrong keyring is refused before anything looks tampered with.
func (k *Keyring) ID() [16]byte { return k.id }

// LastPerson is the last person id that was issued.
func (k *Keyring) LastPerson() PersonID { return PersonID(k.last.Load()) }

// KnownPerson refuses (ErrKeyringOlder) a keyring that has not issued a person the
// register has: an older copy, which would issue the id once more.
func (k *Keyring) KnownPerson(p PersonID) error {
	if p > k.LastPerson() {
		return ErrKeyringOlder
	}
	return nil
}
