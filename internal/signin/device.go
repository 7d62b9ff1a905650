package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"slices"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Remember makes a browser one that is let in without a code by mail, for
// DeviceLife, and gives the value of its cookie. It replaces the mail only: whoever
// holds a post still shows their second factor.
func (s *Service) Remember(ctx context.Context, person vault.PersonID, what string) (cookie string, err error) {
	err = s.db.Write(ctx, func(tx *database.Tx) error {
		n, err := tx.Next("device")
		if err != nil {
			return err
		}
		secret := make([]byte, 16)
		rand.Read(secret) // never fails
		value := append(s.cover("signin.device", person, uint64(n)), secret...)
		cookie = base64.RawURLEncoding.EncodeToString(value)
		d := Device{Digest: s.deviceDigest(value), What: what, Added: tx.Now(), Used: tx.Now(), Until: tx.Now().Add(DeviceLife)}
		return record.Create(s.o.Records, tx, Devices, person, uint64(n), &d)
	})
	return cookie, err
}

func (s *Service) deviceDigest(value []byte) []byte { return s.keys.MAC("signin.device", value) }

// Remembered reports whether a cookie is one of Remember that is still good in a
// browser of that kind. It spends nothing.
func (s *Service) Remembered(ctx context.Context, cookie, what string) bool {
	ok := false
	err := s.db.Read(ctx, func(q database.Querier) error {
		_, _, _, err := s.device(q, cookie, what)
		ok = err == nil
		return nil
	})
	return ok && err == nil
}

var errNoDevice = errors.New("signin: no remembered device")

func (s *Service) device(q database.Querier, cookie, what string) (person vault.PersonID, id uint64, d Device, err error) {
	value, err := base64.RawURLEncoding.DecodeString(cookie)
	if err != nil || len(value) < 16 {
		return 0, 0, d, errNoDevice
	}
	person, id, ok := s.uncover("signin.device", value[:len(value)-16])
	if !ok || len(s.present([]vault.PersonID{person})) == 0 {
		return 0, 0, d, errNoDevice
	}
	if err := record.Get(s.o.Records, q, Devices, person, id, &d); err != nil {
		return 0, 0, d, errNoDevice
	}
	good := subtle.ConstantTimeCompare(d.Digest, s.deviceDigest(value)) == 1 && d.What == what && s.o.Clock().Before(d.Until)
	if !good {
		return 0, 0, d, errNoDevice
	}
	return person, id, d, nil
}

// Return signs in by a remembered device. Errors: Gone.
func (s *Service) Return(ctx context.Context, cookie, what string) (Result, error) {
	var result Result
	err := s.db.Write(ctx, func(tx *database.Tx) error {
		person, id, d, err := s.device(tx, cookie, what)
		if err != nil {
			return fault.New(fault.Gone, "signin.error.device")
		}
		d.Used = tx.Now()
		if err := record.Put(s.o.Records, tx, Devices, person, id, &d); err != nil {
			return err
		}
		result.Person = person
		return s.signedIn(tx, person, "signin.journal.device")
	})
	return result, err
}

// Devices lists the remembered devices of a person.
func (s *Service) Devices(ctx context.Context, person vault.PersonID) (all []record.Item[Device], err error) {
	err = s.db.Read(ctx, func(q database.Querier) (err error) {
		all, err = record.All(s.o.Records, q, Devices, person)
		return err
	})
	now := s.o.Clock()
	return slices.DeleteFunc(all, func(d record.Item[Device]) bool { return !now.Before(d.Value.Until) }), err
}

// Forget ends a remembered device; with 0 all of a person.
func (s *Service) Forget(ctx context.Context, person vault.PersonID, id uint64) error {
	return s.db.Write(ctx, func(tx *database.Tx) error { return s.forget(tx, person, id) })
}

func (s *Service) forget(tx *database.Tx, person vault.PersonID, id uint64) error {
	if id != 0 {
		return record.Remove(tx, Devices, person, id)
	}
	return removeAll(s, tx, Devices, person)
}

func removeAll[T any](s *Service, tx *database.Tx, k *record.Kind[T], person vault.PersonID) error {
	items, err := record.All(s.o.Records, tx, k, person)
	for _, item := range items {
		err = errors.Join(err, record.Remove(tx, k, person, item.ID))
	}
	return err
}
