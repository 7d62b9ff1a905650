package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

// Begin sends a code to an e-mail address and returns the request it answers.
// remote is the network address of the visitor, with or without port; lang the
// language of the mail. Errors: Invalid for what is no address, TooMany.
//
// For an address nobody has, everything happens as for any other, up to a mail
// that the outbox throws away: neither the answer nor its time tells the two apart.
func (s *Service) Begin(ctx context.Context, email, remote, lang string) (request string, err error) {
	address, ok := locale.ParseEmail(email)
	if !ok {
		return "", fault.New(fault.Invalid, "signin.error.email").With("email", "fault.field.email")
	}
	if wait := s.codes.wait(remote); wait > 0 {
		return "", tooMany("signin.error.busy", wait)
	}
	s.codes.take(remote)

	subject := s.keys.MAC("signin.address", []byte(address))
	err = s.db.Read(ctx, func(q database.Querier) error { return s.mayHaveCode(q, subject, s.o.Clock()) })
	if err != nil {
		return "", err
	}
	persons, err := s.keys.Find(vault.ClaimEmail, address)
	if err != nil {
		return "", err
	}
	code, err := newCode()
	if err != nil {
		return "", err
	}
	request = newTicket()
	// To the address as it was looked up, never as it was typed: a look-alike that
	// folds into a member's address must not get that member's code.
	letter, err := s.mail.Prepare(ctx, s.codeMail(address, lang, request, code, len(persons) == 0))
	if err != nil {
		return "", err
	}
	d := s.drawer(forCode, request)
	p := pass{address: subject, lang: lang, persons: persons}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		// Again, now that no other request can come between.
		if err := s.mayHaveCode(tx, subject, tx.Now()); err != nil {
			return err
		}
		if err := take(tx, s.limited(codesPerAddress, subject), codesPerAddress); err != nil {
			return err
		}
		if err := take(tx, s.limited(codesInAll, nil), codesInAll); err != nil {
			return err
		}
		err := insertTicket(tx, d.id, ticket{
			sealed: d.seal(p.encode()), code: s.codeDigest(request, code), expires: tx.Now().Add(codeLife),
		})
		if err != nil {
			return err
		}
		return letter.Enqueue(tx)
	})
	if err != nil {
		return "", errors.Join(err, s.mail.Discard(ctx, letter))
	}
	return request, nil
}

// codeMail is the mail with the code: neither sender nor subject nor text says
// what one signs in to (L1).
func (s *Service) codeMail(address, lang, request, code string, decoy bool) mail.Message {
	words := locale.For(lang)
	return mail.Message{
		To:      address,
		Subject: words.T("signin.mail.subject"),
		Body:    words.T("signin.mail.body", "code", code, "link", s.o.Link(request)),
		Ends:    s.o.Clock().Add(codeLife),
		Kind:    "signin.code",
		Decoy:   decoy,
	}
}

// mayHaveCode refuses a code when the limits on the address or on all are used up.
func (s *Service) mayHaveCode(q database.Querier, address []byte, now time.Time) error {
	for _, l := range []struct {
		limit
		subject []byte
		key     string
	}{
		{codesPerAddress, address, "signin.error.many_codes"},
		{wrongPerAddress, address, "signin.error.many_wrong"},
		{codesInAll, nil, "signin.error.busy"},
	} {
		wait, err := waitFor(q, s.limited(l.limit, l.subject), l.limit, now)
		if err != nil {
			return err
		}
		if wait > 0 {
			return tooMany(l.key, wait)
		}
	}
	return nil
}

// Finish takes the typed code. With one person at the address the sign-in is
// complete and journaled; with several the result holds the open choice. Errors:
// Invalid with how many attempts are left, Gone for a request that is unknown,
// over or used up, TooMany.
func (s *Service) Finish(ctx context.Context, request, typed, remote string) (Result, error) {
	code, ok := parseCode(typed)
	if !ok {
		return Result{}, fault.New(fault.Invalid, "signin.error.digits").With("code", "signin.error.digits")
	}
	if wait := s.wrong.wait(remote); wait > 0 {
		return Result{}, tooMany("signin.error.busy", wait)
	}
	d := s.drawer(forCode, request)
	digest := s.codeDigest(request, code)
	var result Result
	var refused error // a wrong answer is counted: its act commits
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		result, refused = Result{}, nil
		t, p, err := s.ticket(tx, d)
		if err != nil {
			return err
		}
		persons, err := s.ownDoor(tx, s.present(p.persons), p.address)
		if err != nil {
			return err
		}
		// Both sides are always looked at: a decoy's code is as good as any until here.
		match := subtle.ConstantTimeCompare(t.code, digest) == 1
		if !match || len(persons) == 0 {
			refused, err = s.wrongCode(tx, d, t, &p)
			return err
		}
		if err := deleteTicket(tx, d.id); err != nil {
			return err
		}
		result.Lang = p.lang
		if len(persons) > 1 {
			result.Choice = newTicket()
			next := s.drawer(forChoice, result.Choice)
			p.persons = persons
			return insertTicket(tx, next.id, ticket{
				sealed: next.seal(p.encode()), code: []byte{}, expires: tx.Now().Add(codeLife),
			})
		}
		result.Person = persons[0]
		return s.signedIn(tx, result.Person, "")
	})
	if err != nil {
		return Result{}, err
	}
	if refused != nil {
		s.wrong.take(remote)
		return Result{}, refused
	}
	if result.Choice != "" {
		if result.Choose, err = s.Candidates(ctx, result.Choice); err != nil {
			return Result{}, err
		}
	}
	return result, nil
}

// wrongCode counts and journals a wrong code and returns what the visitor is told.
// The limit on the address is looked at only here: a right code lets in whoever
// has the mail, however many others guessed.
func (s *Service) wrongCode(tx *database.Tx, d drawer, t ticket, p *pass) (refused, err error) {
	subject := s.limited(wrongPerAddress, p.address)
	wait, err := waitFor(tx, subject, wrongPerAddress, tx.Now())
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		return tooMany("signin.error.many_wrong", wait), deleteTicket(tx, d.id)
	}
	if err := take(tx, subject, wrongPerAddress); err != nil {
		return nil, err
	}
	left, err := countAttempt(tx, d.id, t.attempts)
	if err != nil {
		return nil, err
	}
	return wrongAnswer("code", "signin.error.code", left), s.failed(tx, "signin.journal.code", p.persons...)
}

// ticket opens the row a drawer names; Gone when there is none, or none any more.
func (s *Service) ticket(q database.Querier, d drawer) (ticket, pass, error) {
	var p pass
	t, err := findTicket(q, d.id, s.o.Clock())
	if errors.Is(err, database.ErrNotFound) {
		return t, p, fault.New(fault.Gone, "signin.error.over")
	}
	if err != nil {
		return t, p, err
	}
	plain, err := d.open(t.sealed)
	if err != nil {
		return t, p, err
	}
	return t, p, p.decode(plain)
}

// present leaves out whoever is leaving, or was erased since the code was sent.
func (s *Service) present(persons []vault.PersonID) []vault.PersonID {
	var still []vault.PersonID
	for _, person := range persons {
		if s.keys.Holds(person, vault.Membership) && !s.o.Persons.Leaving(person) {
			still = append(still, person)
		}
	}
	return still
}

// SignOut journals that a person left. Whoever calls it destroys the session.
func (s *Service) SignOut(ctx context.Context, person vault.PersonID) error {
	return s.db.Write(ctx, func(tx *database.Tx) error {
		e := s.entry(journal.SignOut, person)
		_, err := s.journal.Append(tx, &e)
		return err
	})
}

// Tidy is the door's daily upkeep: counts in memory, records of sessions that are no
// more, and addresses whose owner is still theirs.
func (s *Service) Tidy(ctx context.Context) error {
	s.codes.tidy()
	s.wrong.tidy()
	s.sessions.tidy()
	return errors.Join(s.tidyVisits(ctx), s.keepAddresses(ctx))
}

// journaled is how long it is kept who signed in and who failed to, where the charter
// does not say.
const journaled = 365 * 24 * time.Hour

func (s *Service) entry(act journal.Act, person vault.PersonID) journal.Entry {
	return journal.Entry{Act: act, Actor: uint32(person), Right: "self", Via: "web", Keep: s.o.Journaled}
}

func (s *Service) signedIn(tx *database.Tx, person vault.PersonID, reason string) error {
	e := s.entry(journal.SignIn, person)
	e.Reason = reason
	_, err := s.journal.Append(tx, &e)
	return err
}

// failed journals a wrong answer given for persons; nobody's address has none.
func (s *Service) failed(tx *database.Tx, reason string, persons ...vault.PersonID) error {
	e := s.entry(journal.Denied, 0)
	e.Reason = reason
	e.Persons = roaring.New()
	for _, person := range persons {
		e.Persons.Add(uint32(person))
	}
	_, err := s.journal.Append(tx, &e)
	return err
}

// codeDigest is what is kept of a code. The request is part of it, so that the
// million codes cannot be tried out without it, keyring or not.
func (s *Service) codeDigest(request, code string) []byte {
	return s.keys.MAC("signin.digits", []byte(request+" "+code))
}

// limited is the digest under which a limit counts a subject.
func (s *Service) limited(l limit, subject []byte) []byte {
	return s.keys.MAC("signin.limit."+l.name, subject)
}

func tooMany(key string, wait time.Duration) *fault.Error {
	return fault.New(fault.TooMany, key, "count", int((wait+time.Minute-1)/time.Minute))
}

// wrongAnswer is what is told after a wrong answer in that field.
func wrongAnswer(field, key string, left int) *fault.Error {
	if left == 0 {
		return fault.New(fault.Gone, "signin.error.used_up")
	}
	return fault.New(fault.Invalid, key, "count", left).With(field, key, "count", left)
}
