// Package certificate is the form of an erasure certificate: what it says, the
// exact bytes that are signed, the file and the paper it is handed over as, and
// how anybody checks it without a register (D7, GDPR Art. 17, 19). It names no
// person: the copy is for whoever holds its number and salt. It knows no members
// and reads no register; departure tells it what was done.
package certificate

import (
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/vault"
)

// Statement is what a certificate says.
type Statement struct {
	Number       string
	Salt         string // without it nobody can guess what the register's hash is of
	Language     string
	Organisation string
	Zone         string // in which its times are written out
	ClosedAt     time.Time
	ErasedAt     time.Time // when the erasure began
	CompleteAt   time.Time // when the last step was done; zero while one is open
	Hash         [sha256.Size]byte
	Open         []string // the steps that are not done yet
	Gone         []Gone
	Entries      []vault.LedgerEntry // of the keys that are destroyed
	Kept         []Kept
	Copies       []Copy
	Lists        []List
	Told         []Told
	Beyond       []string // what cannot be reached
}

// Gone is how many records of one kind were erased.
type Gone struct {
	Kind  string // its words are record.kind.<kind>
	Count int
}

// Kept is what a law orders to be kept, and until when.
type Kept struct {
	What  string // the body in whose accounts it stands
	Law   string // in the statement's language
	Until civil.Date
	Count int
	Unit  int64 // the body's number, which the fingerprint is of
}

// Copy is a copy of the keys outside, and when it confirmed that the keys are
// gone from it too; zero where it has not yet.
type Copy struct {
	Kind        string // a word: directory, bucket
	ConfirmedAt time.Time
}

// List is a list with the person on it that was not yet destroyed at the erasure.
type List struct {
	Number    int64
	DestroyBy civil.Date
}

// Told is a holder outside who was told of the erasure by pointer (GDPR Art. 19;
// CJEU C-154/21: recipients are named).
type Told struct {
	Holder  string // the organisation
	Country string
	List    int64 // 0 where the holder was told by the entry's own number
	Line    int   // 0 where the list's order is not kept any more
	ToldAt  time.Time
	DoneAt  time.Time
	State   string // a word: waiting, told, acknowledged, refused, effort
}

// What Kartotek cannot reach.
var Beyond = []string{"snapshots", "remnants", "own_copies", "mailboxes"}

// The steps that can be open.
const (
	OpenKeys   = "keys"
	OpenRows   = "rows"
	OpenTraces = "traces"
	OpenCopies = "copies"
	OpenTold   = "told"
)

// Commitment is the salted hash that the register and its journal keep of a
// certificate. It is the same that certificates had before they were signed.
func (s *Statement) Commitment() [sha256.Size]byte {
	h := sha256.New()
	fmt.Fprintf(h, "kartotek certificate\x00%s\x00%s\x00%d\x00%d\x00", s.Number, s.Salt, s.ClosedAt.UnixMicro(), s.ErasedAt.UnixMicro())
	for _, g := range s.Gone {
		fmt.Fprintf(h, "%s\x00%d\x00", g.Kind, g.Count)
	}
	for _, l := range s.Lists {
		fmt.Fprintf(h, "%d\x00%s\x00", l.Number, l.DestroyBy)
	}
	for _, k := range s.Kept {
		fmt.Fprintf(h, "kept\x00%d\x00%s\x00%d\x00", k.Unit, k.Until, k.Count)
	}
	return [sha256.Size]byte(h.Sum(nil))
}

// Complete reports whether every step is done.
func (s *Statement) Complete() bool { return len(s.Open) == 0 && !s.CompleteAt.IsZero() }

// Certificate is a signed statement.
type Certificate struct {
	Statement
	Key       ed25519.PublicKey
	Signature []byte
}

// Sign makes a certificate of a statement.
func Sign(s Statement, k *vault.Keyring) (*Certificate, error) {
	text, err := s.signed()
	if err != nil {
		return nil, err
	}
	signature := k.Attest(text)
	return &Certificate{Statement: s, Key: k.LedgerKey(), Signature: signature[:]}, nil
}
