// Package signin knows who is at the door: it sends a code to an e-mail address,
// takes it back, asks those who may open member data for a second factor, and keeps
// the sessions of those it let in. There are no passwords.
//
// It may know an address only while it sends a code there; it looks addresses up
// blind and keeps keyed digests of them. It knows no member data: what tells
// persons who share an address apart is asked of Persons.
//
// # A sign-in
//
//	Begin(address)          → request     a mail with six digits, or a decoy of one
//	Finish(request, code)   → Person      one person has the address
//	                        → Choice      several do: who of them is it?
//	Choose(choice, person, proof) → Person   the birth date, or the member number
//
// Whoever holds a post or position that opens member data then shows a second
// factor: a passkey (ProvePasskey), the code of an app or a printed one (Prove).
// A passkey that makes sure who holds it signs in without the mail. What is lost is
// given back by two officers (Vouch) or from the machine's console (Rescue).
//
// A request, a choice and a session token are secrets of a browser. The register
// holds only keyed digests of them, and what it keeps about each is sealed under a
// key made from the secret and the keyring: a copy of the register, even with the
// keyring, opens none of them.
//
// Every step does the same work and gives the same answer for an address nobody
// has as for one somebody has.
package signin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Persons answers what this room may not know. It journals what it shows (D: no
// read without a trace).
type Persons interface {
	// Leaving reports whether the person's membership is closed: such a person
	// is let in no more.
	Leaving(person vault.PersonID) bool
	// Candidates gives the given names of persons who share an address, without
	// those who may not sign in any more.
	Candidates(ctx context.Context, persons []vault.PersonID) ([]Candidate, error)
	// CheckBirth reports whether it is the person's birth date.
	CheckBirth(ctx context.Context, person vault.PersonID, date locale.Date) (bool, error)
	// Address gives the e-mail address on the person's card, "" for none, and the
	// language they are written to in.
	Address(ctx context.Context, person vault.PersonID) (email, lang string, err error)
}

// Rights answers who needs a second factor, and who may vouch for whom.
type Rights interface {
	// Officer reports whether the person holds something today that opens data of
	// others.
	Officer(person vault.PersonID) bool
	// Vouch decides whether somebody may confirm that they have seen the person, by
	// what both hold, and gives the beginning of its journal entry. A denial is
	// journaled.
	Vouch(ctx context.Context, by Voucher, person vault.PersonID) (journal.Entry, error)
}

// Voucher is the officer who confirms having seen somebody.
type Voucher struct {
	Person vault.PersonID
	As     uint64 // the hat worn
	Via    string
	OSUser string
}

// Candidate is one of several persons who share an address.
type Candidate struct {
	Person vault.PersonID
	Given  string // given name
	Birth  bool   // whether the birth date is known; otherwise the member number is asked for
}

// Proof is what only the person is expected to know: the birth date, or the member
// number of somebody whose birth date is not known.
type Proof struct {
	Birth  locale.Date
	Number string
}

// Result is how far somebody has come through the door.
type Result struct {
	Person vault.PersonID // who it is; 0 while a choice is open
	Lang   string         // the language the sign-in was begun in
	Choice string         // the open choice, for Session.Half; never for a URL
	Choose []Candidate    // among whom
}

// Options of the service.
type Options struct {
	// Link gives the address of the page on which the code is typed, with the
	// request filled in. Opening it spends nothing: mail scanners open links.
	Link    func(request string) string
	Words   func(lang string) *locale.Printer // what letters are written with; the plain catalogue when nil
	URL     string                            // where browsers reach the pages: passkeys are bound to it
	Records *record.Store
	Persons Persons
	Rights  Rights
	Demo    bool             // DemoLink and DemoSpend work
	Clock   func() time.Time // the register's clock; nil: time.Now
	Wall    func() time.Time // what telephones show, whose codes hang on it; nil: Clock

	Journaled time.Duration // how long it is kept who signed in; 0: a year
}

// Service lets people in. Its methods are safe for concurrent use.
type Service struct {
	db       *database.DB
	keys     *vault.Keyring
	journal  *journal.Journal
	mail     *mail.Outbox
	o        Options
	codes    *networks // codes asked for, by network address
	wrong    *networks // wrong answers given, by network address
	sessions *Sessions
	passkeys *webauthn.WebAuthn // nil where browsers have none: no https and not this machine
	site     string             // the host, as apps name the account
	prepared sync.Map           // by person: told of what the door asks, so the register need not be
}

// New connects the service to the ground. It refuses a subject of its mail that
// says what one signs in to, in any language.
func New(db *database.DB, keys *vault.Keyring, j *journal.Journal, m *mail.Outbox, o Options) (*Service, error) {
	if o.Link == nil || o.Persons == nil || o.Records == nil || o.Rights == nil {
		return nil, errors.New("signin: Link, Records, Persons and Rights are needed")
	}
	for _, lang := range locale.Languages() {
		for _, key := range []string{"signin.mail.subject", "signin.told.subject"} {
			if err := m.Check(locale.For(lang).T(key)); err != nil {
				return nil, fmt.Errorf("signin: subject in %s: %w", lang, err)
			}
		}
	}
	if o.Words == nil {
		o.Words = locale.For
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Wall == nil {
		o.Wall = o.Clock
	}
	if o.Journaled == 0 {
		o.Journaled = journaled
	}
	s := &Service{
		db: db, keys: keys, journal: j, mail: m, o: o,
		codes: newNetworks(codesPerNetwork, o.Clock), wrong: newNetworks(wrongPerNetwork, o.Clock),
	}
	s.sessions = &Sessions{s: s, known: map[sessionID]visit{}}
	var err error
	if s.site, s.passkeys, err = relyingParty(o.URL); err != nil {
		return nil, err
	}
	return s, nil
}

// Sessions is the store of the sessions, for scs.SessionManager.Store.
func (s *Service) Sessions() *Sessions { return s.sessions }
