package mailing

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/mail"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Unknown marks the members whose mailbox does not exist, so that nobody writes there
// again until the address changes.
func (s *Service) Unknown(ctx context.Context, r mail.Report) error {
	for _, person := range r.Persons {
		scope, err := s.Access.Decide(access.Actor{Person: person, Via: access.System}, access.Want{Self: true})
		if err != nil {
			return err
		}
		if err := s.Directory.Bounced(ctx, scope); err != nil && !gone(err) {
			return err
		}
	}
	return nil
}

// Settled notes what became of a mail: in the numbers, and with whoever did not get it.
func (s *Service) Settled(tx *database.Tx, r mail.Report) error {
	for _, person := range r.Persons {
		if r.Fate == mail.Taken {
			break
		}
		var got Received
		err := record.Get(s.Records, tx, Receipts, person, uint64(r.Ref), &got)
		if errors.Is(err, database.ErrNotFound) || gone(err) {
			continue
		}
		if err != nil {
			return err
		}
		if r.Fate == mail.Withdrawn {
			err = record.Remove(tx, Receipts, person, uint64(r.Ref))
		} else {
			got.How = CameBack
			err = record.Put(s.Records, tx, Receipts, person, uint64(r.Ref), &got)
		}
		if err != nil {
			return err
		}
	}
	return recount(tx, r.Ref, func(c *Counts) {
		switch r.Fate {
		case mail.Taken:
			c.Accepted++
		case mail.Withdrawn:
			c.Mails, c.ByMail = c.Mails-1, c.ByMail-len(r.Persons)
		default:
			c.Bounced++
		}
	})
}

func gone(err error) bool {
	return errors.Is(err, vault.ErrErased) || fault.Is(err, fault.NotFound)
}

// Unsubscription is what the link of a mail leads to.
type Unsubscription struct {
	Purpose *charter.Purpose
	Done    bool   // they are left out by now
	Undo    string // a token that takes back what was just done; "" where nothing was

	mailing int64
	persons []vault.PersonID
	until   time.Time // of an undo
}

const (
	stopUse = "mailing.stop"
	undoUse = "mailing.undo"
	undoFor = 24 * time.Hour
)

// token seals whom a link is for and what it stops under the keyring: it cannot be
// guessed, tells nothing to whoever reads it, and no table leads from it to anybody.
func (s *Service) token(id int64, purpose string, persons []vault.PersonID) (string, error) {
	return s.cover(stopUse, &Unsubscription{mailing: id, Purpose: &charter.Purpose{Code: purpose}, persons: persons})
}

func (s *Service) cover(use string, u *Unsubscription) (string, error) {
	var w record.Writer
	w.Uint(1, uint64(u.mailing)).String(2, u.Purpose.Code).Time(3, u.until)
	for _, person := range u.persons {
		w.Uint(4, uint64(person))
	}
	aead, err := s.cipher(use)
	if err != nil {
		return "", err
	}
	nonce := make([]byte, aead.NonceSize())
	rand.Read(nonce)
	return base64.RawURLEncoding.EncodeToString(aead.Seal(nonce, nonce, w.Bytes, []byte(use))), nil
}

func (s *Service) uncover(use, token string) (*Unsubscription, error) {
	spent := fault.New(fault.NotFound, "mailing.error.link")
	sealed, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return nil, spent
	}
	aead, err := s.cipher(use)
	if err != nil {
		return nil, err
	}
	if len(sealed) < aead.NonceSize() {
		return nil, spent
	}
	plain, err := aead.Open(nil, sealed[:aead.NonceSize()], sealed[aead.NonceSize():], []byte(use))
	if err != nil {
		return nil, spent
	}
	u := new(Unsubscription)
	code := ""
	r := record.NewReader(plain)
	for r.Next() {
		switch r.Field() {
		case 1:
			u.mailing = int64(r.Uint())
		case 2:
			code = r.String()
		case 3:
			u.until = r.Time()
		case 4:
			u.persons = append(u.persons, vault.PersonID(r.Uint()))
		}
	}
	var known bool
	if u.Purpose, known = s.Charter.Purpose(code); r.Err() != nil || !known || !u.Purpose.Objection || u.Purpose.Statutory {
		return nil, spent
	}
	if !u.until.IsZero() && s.Now().After(u.until) {
		return nil, spent
	}
	return u, nil
}

func (s *Service) cipher(use string) (cipher.AEAD, error) {
	block, err := aes.NewCipher(s.Keyring.MAC(use, nil))
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Look tells what a mail's link would stop. It changes nothing: mail scanners open
// links.
func (s *Service) Look(token string) (*Unsubscription, error) {
	u, err := s.uncover(stopUse, token)
	if err != nil {
		return nil, err
	}
	u.Done = true
	for _, person := range u.persons {
		u.Done = u.Done && s.Directory.Objects(person, u.Purpose.Code)
	}
	return u, nil
}

// Unsubscribe stops a kind of mail for whoever got the mail with the link: an
// objection as they would make it on their own page (GDPR Art. 21), without an account.
// Somebody who is gone answers the same.
func (s *Service) Unsubscribe(ctx context.Context, token string) (*Unsubscription, error) {
	u, err := s.Look(token)
	if err != nil {
		return nil, err
	}
	undo := *u
	if undo.persons, err = s.object(ctx, u, u.persons, true); err != nil {
		return nil, err
	}
	u.Done = true
	if len(undo.persons) > 0 {
		undo.until = s.Now().Add(undoFor)
		u.Undo, err = s.cover(undoUse, &undo)
	}
	return u, err
}

// Resume takes back what Unsubscribe did, and no more than that.
func (s *Service) Resume(ctx context.Context, token string) (*Unsubscription, error) {
	u, err := s.uncover(undoUse, token)
	if err != nil {
		return nil, err
	}
	_, err = s.object(ctx, u, u.persons, false)
	return u, err
}

// object records objections, or ends them, and gives those it changed.
func (s *Service) object(ctx context.Context, u *Unsubscription, persons []vault.PersonID, objects bool) (changed []vault.PersonID, err error) {
	for _, person := range persons {
		if s.Directory.Objects(person, u.Purpose.Code) == objects {
			continue
		}
		scope, err := s.Access.Decide(access.Actor{Person: person, Via: access.Web}, access.Want{Self: true})
		if err != nil {
			return changed, err
		}
		err = s.Directory.SetObjection(ctx, scope, person, u.Purpose.Code, objects)
		switch {
		case gone(err) || fault.Is(err, fault.Denied): // gone, or leaving
		case err != nil:
			return changed, err
		default:
			changed = append(changed, person)
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	n := len(changed)
	if !objects {
		n = -n
	}
	return changed, s.DB.Write(ctx, func(tx *database.Tx) error {
		return recount(tx, u.mailing, func(c *Counts) { c.Unsubscribed = max(0, c.Unsubscribed+n) })
	})
}
