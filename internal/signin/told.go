package signin

import (
	"context"
	"encoding/base32"
	"errors"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/mail"
	"kartotek/internal/vault"
)

// shared32 is how an app is told its secret.
var shared32 = base32.StdEncoding.WithPadding(base32.NoPadding)

// toldLife is how long a mail about the door is tried.
const toldLife = 3 * 24 * time.Hour

// told does an act of a person on their own means and writes to them of it, in one
// transaction: a change somebody else made in their name must not pass unseen.
func (s *Service) told(ctx context.Context, person vault.PersonID, key string, act func(tx *database.Tx) error) error {
	letter, err := s.letter(ctx, person, key)
	if err != nil {
		return err
	}
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		if err := act(tx); err != nil || letter == nil {
			return err
		}
		return letter.Enqueue(tx)
	})
	if err != nil && letter != nil {
		return errors.Join(err, s.mail.Discard(ctx, letter))
	}
	return err
}

// tell writes to a person without an act.
func (s *Service) tell(ctx context.Context, person vault.PersonID, key string, pairs ...any) error {
	letter, err := s.letter(ctx, person, key, pairs...)
	if err != nil || letter == nil {
		return err
	}
	return s.db.Write(ctx, letter.Enqueue)
}

// letter prepares a mail to a person, to their own address where they have one. To
// somebody without any it goes on paper, where the house writes on paper; nil where
// it does not, and for somebody who is gone.
func (s *Service) letter(ctx context.Context, person vault.PersonID, key string, pairs ...any) (*mail.Prepared, error) {
	to, lang, err := s.mailTo(ctx, person)
	if err != nil || lang == "" || to == "" && !s.mail.OnPaper() {
		return nil, err
	}
	return s.letterTo(ctx, person, to, lang, key, pairs...)
}

func (s *Service) letterTo(ctx context.Context, person vault.PersonID, to, lang, key string, pairs ...any) (*mail.Prepared, error) {
	words := s.o.Words(lang)
	end := words.T("signin.told.not_you", "link", s.o.URL+"/account")
	if key == "signin.told.prepare" { // the only one that tells of something to come
		end = words.T("signin.told.begin", "link", s.o.URL+"/")
	}
	body := words.T("signin.told.hello") + "\n\n" + words.T(key, pairs...) + "\n\n" + end
	return s.mail.Prepare(ctx, mail.Message{
		Person: person, To: to, Subject: words.T("signin.told.subject"), Body: body, Ends: s.o.Clock().Add(toldLife), Kind: key,
	})
}

func (s *Service) mailTo(ctx context.Context, person vault.PersonID) (to, lang string, err error) {
	if !s.keys.Holds(person, vault.Membership) {
		return "", "", nil
	}
	if to, lang, err = s.o.Persons.Address(ctx, person); err != nil {
		return "", "", err
	}
	var account Account
	err = s.db.Read(ctx, func(q database.Querier) (err error) {
		account, err = s.account(q, person)
		return err
	})
	if account.Address != "" {
		to = account.Address
	}
	return to, lang, err
}
