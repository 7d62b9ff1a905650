package signin

import (
	"context"
	"crypto/subtle"
	"errors"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/locale"
	"kartotek/internal/mail"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// NewAddress begins to give a person an address of their own: a code is sent
// there. The ticket is for Session.Setup. Errors: Invalid, TooMany.
//
// Whether somebody has the address already is told only to whoever reads its mail:
// until the code comes back, the answer is the same.
func (s *Service) NewAddress(ctx context.Context, person vault.PersonID, email, lang string) (secret string, err error) {
	address, ok := locale.ParseEmail(email)
	if !ok {
		return "", fault.New(fault.Invalid, "signin.error.email").With("email", "fault.field.email")
	}
	card, _, err := s.o.Persons.Address(ctx, person)
	if err != nil {
		return "", err
	}
	if address == card {
		return "", fault.New(fault.Invalid, "signin.error.same_address").With("email", "signin.error.same_address")
	}
	code, err := newCode()
	if err != nil {
		return "", err
	}
	secret = newTicket()
	words := locale.For(lang)
	letter, err := s.mail.Prepare(ctx, mail.Message{
		To: address, Subject: words.T("signin.mail.subject"), Body: words.T("signin.told.confirm", "code", code),
		Ends: s.o.Clock().Add(addressLife), Kind: "signin.address",
	})
	if err != nil {
		return "", err
	}
	d := s.drawer(forAddress, secret)
	p := pass{persons: []vault.PersonID{person}, data: []byte(address)}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		limited := s.limited(addressCodes, personBytes(person))
		wait, err := waitFor(tx, limited, addressCodes, tx.Now())
		if err != nil {
			return err
		}
		if wait > 0 {
			return tooMany("signin.error.many_codes", wait)
		}
		if err := take(tx, limited, addressCodes); err != nil {
			return err
		}
		err = insertTicket(tx, d.id, ticket{sealed: d.seal(p.encode()), code: s.codeDigest(secret, code), expires: tx.Now().Add(addressLife)})
		if err != nil {
			return err
		}
		return letter.Enqueue(tx)
	})
	if err != nil {
		return "", errors.Join(err, s.mail.Discard(ctx, letter))
	}
	return secret, nil
}

// ConfirmAddress takes the code that was sent there; from then on the person signs
// in by that address, and not by the one they share. Errors: Invalid with how many
// attempts are left, Conflict when somebody else has the address, Gone.
func (s *Service) ConfirmAddress(ctx context.Context, person vault.PersonID, secret, typed string) error {
	code, ok := parseCode(typed)
	if !ok {
		return fault.New(fault.Invalid, "signin.error.digits").With("code", "signin.error.digits")
	}
	before, lang, err := s.mailTo(ctx, person)
	if err != nil {
		return err
	}
	var address string
	var refused error
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		refused = nil
		d, t, p, err := s.own(tx, forAddress, secret, person)
		if err != nil {
			return err
		}
		if subtle.ConstantTimeCompare(t.code, s.codeDigest(secret, code)) != 1 {
			left, err := countAttempt(tx, d.id, t.attempts)
			refused = wrongAnswer("code", "signin.error.code", left)
			return err
		}
		address = string(p.data)
		return deleteTicket(tx, d.id)
	})
	if err = errors.Join(err, refused); err != nil {
		return err
	}
	holders, err := s.keys.Find(vault.ClaimEmail, address)
	if err != nil {
		return err
	}
	for _, other := range holders {
		if other != person {
			return fault.New(fault.Conflict, "signin.error.address_taken").With("email", "signin.error.address_taken")
		}
	}
	// The look-up first, as everywhere in the keyring: one without an account behind
	// it is let go by the next change.
	err = s.keys.Write(ctx, func(tx *vault.Tx) error { return tx.Claim(vault.ClaimEmail, address, person) })
	if err != nil {
		return err
	}
	letter, err := s.letterTo(ctx, person, or(before, address), lang, "signin.told.address")
	if err != nil {
		return err
	}
	old := ""
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		err := s.changeAccount(tx, person, func(a *Account) {
			old = a.Address
			a.Address, a.Confirmed = address, tx.Now()
		})
		if err != nil {
			return err
		}
		if err := s.note(tx, journal.OwnAddress, person, ""); err != nil {
			return err
		}
		return letter.Enqueue(tx)
	})
	if err != nil {
		return errors.Join(err, s.mail.Discard(ctx, letter))
	}
	if old == "" || old == address {
		return nil
	}
	return s.letGo(ctx, person, old)
}

// letGo ends the look-up of an address that is the person's no more.
func (s *Service) letGo(ctx context.Context, person vault.PersonID, address string) error {
	card, _, err := s.o.Persons.Address(ctx, person)
	if err != nil || card == address {
		return err
	}
	return s.keys.Write(ctx, func(tx *vault.Tx) error { return tx.Release(vault.ClaimEmail, address, person) })
}

// ownDoor leaves out whoever has an address of their own and was looked for by
// another, where others remain: the mailbox of a household does not open an
// officer's door.
func (s *Service) ownDoor(q database.Querier, persons []vault.PersonID, address []byte) ([]vault.PersonID, error) {
	if len(persons) < 2 {
		return persons, nil
	}
	var these []vault.PersonID
	for _, person := range persons {
		a, err := s.account(q, person)
		if err != nil {
			return nil, err
		}
		if a.Address == "" || string(s.keys.MAC("signin.address", []byte(a.Address))) == string(address) {
			these = append(these, person)
		}
	}
	return these, nil
}

// keepAddresses makes sure that every own address finds its person: a change of the
// card's address to the same and away again lets go of it.
func (s *Service) keepAddresses(ctx context.Context) error {
	type owned struct {
		person  vault.PersonID
		address string
	}
	var lost []owned
	err := record.Scan(s.o.Records, ctx, Accounts, func(person vault.PersonID, _ uint64, a *Account) error {
		if a.Address == "" {
			return nil
		}
		holders, err := s.keys.Find(vault.ClaimEmail, a.Address)
		for _, holder := range holders {
			if holder == person {
				return err
			}
		}
		lost = append(lost, owned{person, a.Address})
		return err
	})
	for _, o := range lost {
		if err == nil {
			err = s.keys.Write(ctx, func(tx *vault.Tx) error { return tx.Claim(vault.ClaimEmail, o.address, o.person) })
		}
	}
	return err
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
