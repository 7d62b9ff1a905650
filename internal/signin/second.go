package signin

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/totp"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Standing is how somebody stands with the door.
type Standing struct {
	Factors []record.Item[Factor] // in the order they were made
	Codes   int                   // printed recovery codes that are left
	Made    time.Time             // when they were made
	Own     string                // the own address, where the card's is shared
	Address string                // the address on the card
	Shared  bool                  // the card's address is shared and there is no own one
}

// Has reports whether there is a factor of a kind.
func (st *Standing) Has(kind FactorKind) bool {
	return slices.ContainsFunc(st.Factors, func(f record.Item[Factor]) bool { return f.Value.Kind == kind })
}

// Standing reads how a person stands with the door. It is for the person
// themselves, and for the door.
func (s *Service) Standing(ctx context.Context, person vault.PersonID) (Standing, error) {
	var st Standing
	err := s.db.Read(ctx, func(q database.Querier) (err error) {
		if st.Factors, err = record.All(s.o.Records, q, Factors, person); err != nil {
			return err
		}
		codes, err := s.codesOf(q, person)
		if err != nil {
			return err
		}
		st.Codes, st.Made = len(codes.Left), codes.Made
		account, err := s.account(q, person)
		st.Own = account.Address
		return err
	})
	if err != nil {
		return st, err
	}
	if st.Address, _, err = s.o.Persons.Address(ctx, person); err != nil {
		return st, err
	}
	st.Shared, err = s.shares(st.Address, st.Own)
	return st, err
}

// Shared reports whether a person has no address of their own: several persons
// read the mail that lets them in.
func (s *Service) Shared(ctx context.Context, person vault.PersonID) (bool, error) {
	st, err := s.Standing(ctx, person)
	return st.Shared, err
}

func (s *Service) shares(card, own string) (bool, error) {
	if own != "" || card == "" {
		return false, nil
	}
	persons, err := s.keys.Find(vault.ClaimEmail, card)
	return len(persons) > 1, err
}

// account is what the door knows of a person; the zero Account where it is nothing.
func (s *Service) account(q database.Querier, person vault.PersonID) (a Account, err error) {
	err = record.Get(s.o.Records, q, Accounts, person, one, &a)
	if errors.Is(err, database.ErrNotFound) {
		return Account{}, nil
	}
	return a, err
}

func (s *Service) codesOf(q database.Querier, person vault.PersonID) (c Codes, err error) {
	err = record.Get(s.o.Records, q, RecoveryCodes, person, one, &c)
	if errors.Is(err, database.ErrNotFound) {
		return Codes{}, nil
	}
	return c, err
}

// AppKey is what an app is given once.
type AppKey struct {
	URL    string // in the square code
	Secret string // the same, to type
}

// NewApp begins the making of an app factor. The ticket is for Session.Setup.
func (s *Service) NewApp(ctx context.Context, person vault.PersonID) (ticket string, err error) {
	secret := make([]byte, 20)
	rand.Read(secret) // never fails
	ticket = newTicket()
	return ticket, s.keepTicket(ctx, forApp, ticket, pass{persons: []vault.PersonID{person}, data: secret}, SetUp)
}

// keepTicket writes what waits for a step.
func (s *Service) keepTicket(ctx context.Context, use, secret string, p pass, life time.Duration) error {
	d := s.drawer(use, secret)
	return s.db.Write(ctx, func(tx *database.Tx) error {
		return insertTicket(tx, d.id, ticket{sealed: d.seal(p.encode()), code: []byte{}, expires: tx.Now().Add(life)})
	})
}

// own opens a ticket that must be the person's.
func (s *Service) own(q database.Querier, use, secret string, person vault.PersonID) (drawer, ticket, pass, error) {
	d := s.drawer(use, secret)
	t, p, err := s.ticket(q, d)
	if err == nil && (len(p.persons) != 1 || p.persons[0] != person) {
		err = fault.New(fault.Gone, "signin.error.over")
	}
	return d, t, p, err
}

// App gives the key of an app that is being made, for its page. Errors: Gone.
func (s *Service) App(ctx context.Context, person vault.PersonID, ticket string) (AppKey, error) {
	var p pass
	err := s.db.Read(ctx, func(q database.Querier) (err error) {
		_, _, p, err = s.own(q, forApp, ticket, person)
		return err
	})
	if err != nil {
		return AppKey{}, err
	}
	// The name says where it is used and not whose register it is (L1).
	key, err := totp.Generate(totp.GenerateOpts{Issuer: "Kartotek", AccountName: s.site, Secret: p.data})
	if err != nil {
		return AppKey{}, err
	}
	return AppKey{URL: key.URL(), Secret: key.Secret()}, nil
}

// AddApp makes an app a factor of the person, once it has given a right code.
// Errors: Invalid with the field code, TooMany, Gone.
func (s *Service) AddApp(ctx context.Context, person vault.PersonID, ticket, typed, name string) error {
	code, ok := parseCode(typed)
	if !ok {
		return fault.New(fault.Invalid, "signin.error.app_digits").With("code", "signin.error.app_digits")
	}
	var refused error
	err := s.told(ctx, person, "signin.told.added_app", func(tx *database.Tx) error {
		refused = nil
		d, _, p, err := s.own(tx, forApp, ticket, person)
		if err != nil {
			return err
		}
		step, right := appStep(p.data, code, s.o.Wall(), 0)
		if !right {
			refused = fault.New(fault.Invalid, "signin.error.app_first").With("code", "signin.error.app_first")
			return refused
		}
		if err := deleteTicket(tx, d.id); err != nil {
			return err
		}
		f := Factor{Kind: App, Name: name, Secret: p.data, Step: step, Added: tx.Now(), Used: tx.Now()}
		return s.addFactor(tx, person, &f, "signin.journal.added_app")
	})
	return err
}

func (s *Service) addFactor(tx *database.Tx, person vault.PersonID, f *Factor, reason string) error {
	id, err := tx.Next("factor")
	if err != nil {
		return err
	}
	if err := record.Create(s.o.Records, tx, Factors, person, uint64(id), f); err != nil {
		return err
	}
	return s.note(tx, journal.Passkey, person, reason)
}

// note journals what somebody did at the door about themselves.
func (s *Service) note(tx *database.Tx, act journal.Act, person vault.PersonID, reason string) error {
	e := s.entry(act, person)
	e.Reason = reason
	_, err := s.journal.Append(tx, &e)
	return err
}

// appStep finds which half minute a code is of; only newer ones than after count,
// so that a code looked at over a shoulder is worth nothing once it was used.
func appStep(secret []byte, code string, now time.Time, after uint64) (step uint64, right bool) {
	text := shared32.EncodeToString(secret)
	opts := totp.ValidateOpts{Period: appPeriod, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1}
	present := now.Unix() / appPeriod
	for at := present - appSkew; at <= present+appSkew; at++ {
		want, err := totp.GenerateCodeCustom(text, time.Unix(at*appPeriod, 0), opts)
		if err != nil {
			return 0, false
		}
		if subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 && uint64(at) > after {
			step, right = uint64(at), true
		}
	}
	return step, right
}

// Prove takes a second factor that is typed: six digits of an app, else a printed
// recovery code, which is spent by it. Errors: Invalid, TooMany.
func (s *Service) Prove(ctx context.Context, person vault.PersonID, typed string) error {
	var refused error
	printed := false
	prove := func(tx *database.Tx) error {
		refused, printed = nil, false
		wait, err := s.waitSecond(tx, person)
		if err != nil {
			return err
		}
		if wait > 0 {
			return tooMany("signin.error.many_second", wait)
		}
		var right bool
		if code, digits := parseCode(typed); digits {
			right, err = s.proveApp(tx, person, code)
		} else {
			right, err = s.spendCode(tx, person, typed)
			printed = right
		}
		if err != nil {
			return err
		}
		if !right {
			refused, err = s.wrongAnswer(tx, person)
		}
		return err
	}
	err := s.db.Write(ctx, prove)
	if err == nil {
		err = refused
	}
	switch {
	case printed:
		err = errors.Join(err, s.tell(ctx, person, "signin.told.used_code"))
	case fault.Is(err, fault.TooMany):
		// Told once, when the limit is reached: the tries after it change nothing.
		if refused != nil {
			return errors.Join(err, s.tell(ctx, person, "signin.told.locked"))
		}
	}
	return err
}

// wrongAnswer counts and journals a wrong second factor.
func (s *Service) wrongAnswer(tx *database.Tx, person vault.PersonID) (refused, err error) {
	for _, l := range []limit{wrongSecond, wrongSecondIn} {
		if err := take(tx, s.limited(l, personBytes(person)), l); err != nil {
			return nil, err
		}
	}
	if err := s.failed(tx, "signin.journal.second", person); err != nil {
		return nil, err
	}
	wait, err := s.waitSecond(tx, person)
	if err != nil {
		return nil, err
	}
	if wait > 0 {
		return tooMany("signin.error.many_second", wait), nil
	}
	return fault.New(fault.Invalid, "signin.error.second").With("code", "signin.error.second"), nil
}

// waitSecond is how long a person's second factor is not asked for any more.
func (s *Service) waitSecond(q database.Querier, person vault.PersonID) (longest time.Duration, err error) {
	for _, l := range []limit{wrongSecond, wrongSecondIn} {
		wait, err := waitFor(q, s.limited(l, personBytes(person)), l, s.o.Clock())
		if err != nil {
			return 0, err
		}
		longest = max(longest, wait)
	}
	return longest, nil
}

func (s *Service) proveApp(tx *database.Tx, person vault.PersonID, code string) (bool, error) {
	factors, err := record.All(s.o.Records, tx, Factors, person)
	if err != nil {
		return false, err
	}
	for i := range factors {
		f := &factors[i].Value
		if f.Kind != App {
			continue
		}
		step, right := appStep(f.Secret, code, s.o.Wall(), f.Step)
		if !right {
			continue
		}
		f.Step, f.Used = step, tx.Now()
		if err := record.Put(s.o.Records, tx, Factors, person, factors[i].ID, f); err != nil {
			return false, err
		}
		return true, s.signedIn(tx, person, "signin.journal.app")
	}
	return false, nil
}

// spendCode takes a printed recovery code, once.
func (s *Service) spendCode(tx *database.Tx, person vault.PersonID, typed string) (bool, error) {
	codes, err := s.codesOf(tx, person)
	if err != nil {
		return false, err
	}
	digest := s.recoveryDigest(person, plainShort(typed))
	at := -1
	for i, left := range codes.Left {
		if subtle.ConstantTimeCompare(left, digest) == 1 {
			at = i
		}
	}
	if at < 0 {
		return false, nil
	}
	codes.Left = slices.Delete(codes.Left, at, at+1)
	if err := record.Put(s.o.Records, tx, RecoveryCodes, person, one, &codes); err != nil {
		return false, err
	}
	return true, s.note(tx, journal.Recovered, person, "signin.journal.printed")
}

func (s *Service) recoveryDigest(person vault.PersonID, code string) []byte {
	return s.keys.MAC("signin.recovery", append(personBytes(person), code...))
}

// MakeCodes makes new recovery codes; the ones before are good no more. They are
// shown this once.
func (s *Service) MakeCodes(ctx context.Context, person vault.PersonID) ([]string, error) {
	var codes []string
	kept := Codes{}
	for range CodesMade {
		code := newShort(codeGroups)
		codes = append(codes, code)
		kept.Left = append(kept.Left, s.recoveryDigest(person, plainShort(code)))
	}
	slices.SortFunc(kept.Left, bytes.Compare) // the order tells nothing of the paper's
	err := s.told(ctx, person, "signin.told.codes", func(tx *database.Tx) error {
		kept.Made = tx.Now()
		if err := record.Put(s.o.Records, tx, RecoveryCodes, person, one, &kept); err != nil {
			return err
		}
		return s.note(tx, journal.Passkey, person, "signin.journal.codes")
	})
	return codes, err
}

// RemoveFactor takes a factor away. The last one stays while the person holds a
// post or position that needs one. Errors: Conflict, NotFound.
func (s *Service) RemoveFactor(ctx context.Context, person vault.PersonID, id uint64) error {
	return s.told(ctx, person, "signin.told.removed", func(tx *database.Tx) error {
		factors, err := record.All(s.o.Records, tx, Factors, person)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(factors, func(f record.Item[Factor]) bool { return f.ID == id }) {
			return fault.New(fault.NotFound, "signin.error.no_factor")
		}
		if len(factors) == 1 && s.o.Rights.Officer(person) {
			return fault.New(fault.Conflict, "signin.error.last")
		}
		if err := record.Remove(tx, Factors, person, id); err != nil {
			return err
		}
		if len(factors) == 1 { // codes stand in for a factor; without one they would be one
			if err := record.Remove(tx, RecoveryCodes, person, one); err != nil {
				return err
			}
		}
		return s.note(tx, journal.Passkey, person, "signin.journal.removed")
	})
}

// FactorName is what a factor is called: as typed, else otherwise.
func FactorName(typed, otherwise string) string {
	return shortName(strings.TrimSpace(typed), otherwise)
}
