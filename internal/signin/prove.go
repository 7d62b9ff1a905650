package signin

import (
	"context"
	"crypto/subtle"
	"errors"

	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

// Proving an e-mail address: somebody who is signed in wants another one, and it
// counts only once a code sent there has been typed. The codes are those of the
// sign-in, under the same limits, in rows of the same kind.

const forProof = "signin.proof"

// claim is what is sealed about a proof.
const (
	claimPerson protowire.Number = iota + 1
	claimEmail
)

// BeginProof sends a code to an address that a person says is theirs and returns
// the request it answers. Errors: Invalid for what is no address, TooMany.
func (s *Service) BeginProof(ctx context.Context, person vault.PersonID, email, lang string) (request string, err error) {
	address, ok := locale.ParseEmail(email)
	if !ok {
		return "", fault.New(fault.Invalid, "signin.error.email").With("email", "fault.field.email")
	}
	subject := s.keys.MAC("signin.address", []byte(address))
	code, err := newCode()
	if err != nil {
		return "", err
	}
	request = newTicket()
	words := locale.For(lang)
	letter, err := s.mail.Prepare(ctx, mail.Message{
		To: address, Subject: words.T("signin.mail.subject"), Body: words.T("signin.mail.prove", "code", code),
		Ends: s.o.Clock().Add(codeLife), Kind: "signin.code", Person: person,
	})
	if err != nil {
		return "", err
	}
	d := s.drawer(forProof, request)
	sealed := protowire.AppendVarint(protowire.AppendTag(make([]byte, 0, 2*passStep), claimPerson, protowire.VarintType), uint64(person))
	sealed = protowire.AppendString(protowire.AppendTag(sealed, claimEmail, protowire.BytesType), address)
	sealed = append(sealed, make([]byte, passStep-len(sealed)%passStep)...)
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		if err := s.mayHaveCode(tx, subject, tx.Now()); err != nil {
			return err
		}
		if err := take(tx, s.limited(codesPerAddress, subject), codesPerAddress); err != nil {
			return err
		}
		if err := take(tx, s.limited(codesInAll, nil), codesInAll); err != nil {
			return err
		}
		if err := insertTicket(tx, d.id, ticket{sealed: d.seal(sealed), code: s.codeDigest(request, code), expires: tx.Now().Add(codeLife)}); err != nil {
			return err
		}
		return letter.Enqueue(tx)
	})
	if err != nil {
		return "", errors.Join(err, s.mail.Discard(ctx, letter))
	}
	return request, nil
}

// FinishProof takes the typed code and gives the address it proves. Errors:
// Invalid with how many attempts are left, Gone for a request that is unknown,
// over, used up or somebody else's.
func (s *Service) FinishProof(ctx context.Context, person vault.PersonID, request, typed string) (email string, err error) {
	code, ok := parseCode(typed)
	if !ok {
		return "", fault.New(fault.Invalid, "signin.error.digits").With("code", "signin.error.digits")
	}
	d := s.drawer(forProof, request)
	digest := s.codeDigest(request, code)
	var refused error // a wrong answer is counted: its act commits
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		email, refused = "", nil
		t, err := findTicket(tx, d.id, tx.Now())
		if errors.Is(err, database.ErrNotFound) {
			return fault.New(fault.Gone, "signin.error.over")
		}
		if err != nil {
			return err
		}
		plain, err := d.open(t.sealed)
		if err != nil {
			return err
		}
		var whose vault.PersonID
		var address string
		if err := fields(plain, func(number protowire.Number, text []byte, n uint64) {
			switch number {
			case claimPerson:
				whose = vault.PersonID(n)
			case claimEmail:
				address = string(text)
			}
		}); err != nil {
			return err
		}
		if whose != person {
			return fault.New(fault.Gone, "signin.error.over")
		}
		if subtle.ConstantTimeCompare(t.code, digest) != 1 {
			left, err := countAttempt(tx, d.id, t.attempts)
			if err != nil {
				return err
			}
			refused = wrongAnswer("code", "signin.error.code", left)
			return s.failed(tx, "signin.journal.code", person)
		}
		email = address
		return deleteTicket(tx, d.id)
	})
	if err != nil {
		return "", err
	}
	return email, refused
}
