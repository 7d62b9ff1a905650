// Package journal is the tamper-evident record: who did what, when, with which
// right, for which purpose, to whose data. No read without a trace: an entry is
// durable before the data it speaks of leave the process. The journal knows no
// members; actors and persons are numbers to it, and it stands on the database
// alone.
//
// An entry is a canonical body, a salted commitment to it and a set of persons.
// The commitments are the leaves of a Merkle tree (golang.org/x/mod/sumdb/tlog)
// in the order of their positions; the tree's root is signed as a C2SP
// checkpoint, which outsiders keep. When the retention of an entry ends, body,
// salt and persons go, and the tree still verifies.
//
// Who holds the database but not the signing key can change nothing that a
// checkpoint stands over without Verify telling. Who cuts off the newest entries
// together with the checkpoints over them leaves a shorter, valid journal: that
// shows only against a checkpoint somebody kept outside.
package journal

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/RoaringBitmap/roaring/v2"
	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/database"
)

// Entry is what is to be put on record. It holds codes and numbers; no name,
// address or other words about a person.
type Entry struct {
	Act     Act
	Actor   uint32          // who; 0 is the system itself
	Post    string          // the actor's post or position then, by its code
	Unit    uint32          // the body the right came from
	Right   string          // which right: "post", "position", "self", "system"
	Via     string          // through which face: "web", "console"
	OSUser  string          // at the console: the operating system's user
	Purpose string          // the purpose's code
	Target  uint32          // the body that was asked for
	Fields  []string        // codes of the fields that were given or changed
	Persons *roaring.Bitmap // whom it concerns; not changed, and not kept after the call
	Reason  string          // a code or message key: why denied, why closed
	Number  int64           // of the list, duty, appointment …
	Reading int64           // the first entry of the reading this one adds to; set by Extend
	Proof   []byte          // what else the entry commits to: a checkpoint, a certificate's hash
	Keep    time.Duration   // how long body and persons are kept; 0 is DefaultKeep
}

// Set is a set of persons, for Entry.Persons.
func Set(persons ...uint32) *roaring.Bitmap { return roaring.BitmapOf(persons...) }

const (
	// DefaultKeep is how long an entry is kept if nobody says otherwise: five
	// years, as long as a claim over it may be raised.
	DefaultKeep = 5 * 365 * 24 * time.Hour
	// Forever keeps an entry for as long as there is a register.
	Forever time.Duration = -1
)

// Line is an entry as it stands in the journal. Persons is nil but from
// Journal.Entry, and Keep is told by KeepUntil.
type Line struct {
	Entry
	ID        int64
	At        time.Time
	KeepUntil time.Time // zero: for ever
	Count     int       // how many persons it concerns
}

// Whatever can be wrong beside the database's own errors.
var (
	ErrTampered = errors.New("journal: what is stored does not continue what was last signed")
	ErrReading  = errors.New("journal: opened for reading only")
	ErrGone     = errors.New("journal: the entry's retention has ended; body and persons are gone")
	errEntry    = errors.New("journal: the entry is malformed")
)

// Journal is an open journal. Its methods are safe for concurrent use.
type Journal struct {
	// Standing is how long an entry is kept whose act says nothing; 0 is DefaultKeep. It
	// is set once, before anything is written.
	Standing time.Duration

	db       *database.DB
	signer   note.Signer // nil: for reading only, or to verify without seals
	verifier note.Verifier
	origin   string
	key      []byte // of the seals; nil without a signer
	readOnly bool

	// mu guards what follows; the values are those of the last commit, so only
	// the writer and its hooks set them.
	mu    sync.Mutex
	tree  frontier
	ahead struct { // the tree as a running act has left it
		tx   *database.Tx
		tree frontier
	}
	newest     int64 // highest id that has a position
	settled    int64 // every entry up to here has its position, or never gets one
	signed     checkpoint
	signedNote string         // of that checkpoint; empty when there is none yet
	suspect    bool           // what is stored is not what we signed: sign no more
	warned     map[int64]bool // entries refused a position, told in the log once
	keep       func([]byte)   // gets every checkpoint signed; nil for nobody

	closed   sync.Once
	closeErr error

	group     group
	readings  readings
	catalogue catalogue
	runner    runner
}

// Open opens the register's journal for writing: it gives entries that wait
// their position, then keeps sequencing and signing in the background until Close.
//
// Signer and verifier are the two halves of one Ed25519 key. The origin names
// this register in its checkpoints and stays the same for its life. ErrTampered
// means that so much is missing that the tree cannot be continued; where it can,
// but not from what was signed, Suspect tells.
func Open(ctx context.Context, db *database.DB, signer note.Signer, verifier note.Verifier, origin string) (*Journal, error) {
	if signer == nil {
		return nil, errors.New("journal: no signer")
	}
	j, err := view(db, signer, verifier, origin)
	if err != nil {
		return nil, err
	}
	j.readOnly = false
	if err := j.resume(ctx); err != nil {
		return nil, err
	}
	j.start()
	return j, nil
}

// View gives a journal that only reads and verifies, beside a running server or
// on a copy. Without the signer, which may be nil, Verify knows the entries
// that no checkpoint stands over by their hashes only.
func View(db *database.DB, signer note.Signer, verifier note.Verifier, origin string) (*Journal, error) {
	return view(db, signer, verifier, origin)
}

func view(db *database.DB, signer note.Signer, verifier note.Verifier, origin string) (*Journal, error) {
	if verifier == nil || origin == "" || strings.ContainsAny(origin, "\n\r") {
		return nil, errors.New("journal: no verifier or no origin")
	}
	j := &Journal{db: db, signer: signer, verifier: verifier, origin: origin, readOnly: true, warned: map[int64]bool{}}
	if signer != nil {
		var err error
		if j.key, err = sealKey(signer); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// sealKey derives the key of the seals from the signing key, through the one
// signature that is never given out. Ed25519 signs the same text the same way
// every time, and nobody without the key can make it.
func sealKey(signer note.Signer) ([]byte, error) {
	const text = "kartotek journal: the key of the seals\n"
	first, err := signer.Sign([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("journal: signer: %w", err)
	}
	second, err := signer.Sign([]byte(text))
	if err != nil {
		return nil, fmt.Errorf("journal: signer: %w", err)
	}
	if string(first) != string(second) {
		return nil, errors.New("journal: the signer does not sign the same text alike, as Ed25519 does")
	}
	sum := sha256.Sum256(first)
	return sum[:], nil
}

// resume takes the journal up where it was left.
func (j *Journal) resume(ctx context.Context) error {
	var at int64
	var waiting bool
	err := j.db.Read(ctx, func(q database.Querier) error {
		var err error
		if at, err = lastInstant(q); err != nil {
			return err
		}
		// Ids count from 1 without gaps, positions from 0: if the newest of both
		// agree, nothing waits.
		size, err := treeSize(q)
		if err != nil {
			return err
		}
		newest, err := newestEntry(q)
		if err != nil {
			return err
		}
		waiting = newest != size
		if j.tree, err = readFrontier(q, size); err != nil {
			return err
		}
		if j.newest, err = newestPlaced(q); err != nil {
			return err
		}
		j.settled = j.newest
		return j.recall(q)
	})
	if err != nil {
		return err
	}
	j.db.NotBefore(time.UnixMicro(at))
	if !waiting {
		return nil
	}
	// What waits may be older than what has a place, but nobody else writes now:
	// afterwards nothing below the newest placed can wait any more.
	return j.db.Write(ctx, func(tx *database.Tx) error {
		if err := j.placeWaiting(tx, 0); err != nil {
			return err
		}
		tx.AfterCommit(func() {
			j.mu.Lock()
			j.settled = j.newest
			j.mu.Unlock()
		})
		return nil
	})
}

// recall finds out what was signed last and whether the tree continues it.
func (j *Journal) recall(q database.Querier) error {
	j.signed.epoch = firstEpoch
	stored, found, err := newestCheckpoint(q)
	if err != nil || !found {
		return err
	}
	c, err := j.openCheckpoint([]byte(stored.note))
	if err != nil || c.size != stored.size {
		j.alarm()
		return nil
	}
	j.signed, j.signedNote = c, stored.note
	present := checkpoint{size: j.tree.size, epoch: c.epoch}
	if present.hash, err = j.tree.root(); err != nil {
		return err
	}
	broken, err := discontinued(q, c, stored.note, present)
	if broken {
		j.alarm()
	}
	return err
}

// maximal lengths, in bytes, of an entry's parts.
const (
	maxText  = 256
	maxProof = 4096
	maxCodes = 256
)

// check refuses an entry that could not be read again. The texts of its errors
// hold none of the entry's values.
func (e *Entry) check() error {
	if !e.Act.Known() || e.Keep < 0 && e.Keep != Forever || len(e.Proof) > maxProof || len(e.Fields) > maxCodes {
		return errEntry
	}
	for _, text := range append([]string{e.Post, e.Right, e.Via, e.OSUser, e.Purpose, e.Reason}, e.Fields...) {
		if len(text) > maxText || !utf8.ValidString(text) {
			return errEntry
		}
	}
	return nil
}
