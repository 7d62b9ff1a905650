// Package signin knows who is at the door: it sends a code to an e-mail address,
// takes it back, and keeps the sessions of those it let in. There are no passwords.
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
	"time"

	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
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
	Persons Persons
	Demo    bool             // DemoLink and DemoSpend work
	Clock   func() time.Time // the register's clock; nil: time.Now
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
}

// New connects the service to the ground. It refuses a subject of its mail that
// says what one signs in to, in any language.
func New(db *database.DB, keys *vault.Keyring, j *journal.Journal, m *mail.Outbox, o Options) (*Service, error) {
	if o.Link == nil || o.Persons == nil {
		return nil, errors.New("signin: Link and Persons are needed")
	}
	for _, lang := range locale.Languages() {
		if err := m.Check(locale.For(lang).T("signin.mail.subject")); err != nil {
			return nil, fmt.Errorf("signin: subject in %s: %w", lang, err)
		}
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	s := &Service{
		db: db, keys: keys, journal: j, mail: m, o: o,
		codes: newNetworks(codesPerNetwork, o.Clock), wrong: newNetworks(wrongPerNetwork, o.Clock),
	}
	s.sessions = &Sessions{s: s, known: map[sessionID]visit{}}
	return s, nil
}

// Sessions is the store of the sessions, for scs.SessionManager.Store.
func (s *Service) Sessions() *Sessions { return s.sessions }
