package departure

import (
	"context"
	"fmt"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Copies are the places outside that hold a copy of the keyring. An erasure is
// complete when every one of them has confirmed that it holds the ledger's
// entries about the person, and the keys no more (D7).
type Copies interface {
	// Await has the copies catch up with an entry of the ledger and waits a moment
	// for them, unless it is known that one cannot be reached.
	Await(ctx context.Context, seq int64)
	// Confirmed reports whether every copy has confirmed the ledger up to an entry,
	// and what each has said so far. It never waits.
	Confirmed(ctx context.Context, seq int64) (bool, []Confirmation, error)
}

// Confirmation is what one copy has said of an entry of the ledger.
type Confirmation struct {
	Place string    // its address, without any secret
	At    time.Time // when it confirmed; zero while it has not
}

// Confirmations gives what each copy of the keyring has said of the erasure of a
// person, and whether that is all there is to wait for. Without copies it is.
func (s *Service) Confirmations(ctx context.Context, person vault.PersonID) (bool, []Confirmation, error) {
	if s.Copies == nil {
		return true, nil, nil
	}
	seqs, err := s.Keyring.Entered(ctx, []vault.PersonID{person})
	if err != nil {
		return false, nil, err
	}
	return s.Copies.Confirmed(ctx, seqs[0])
}

// Unconfirmed lists, by the newest entry of the ledger about them, the persons
// whose erasure waits for copies of the keyring and for nothing else.
func (s *Service) Unconfirmed(ctx context.Context) ([]int64, error) {
	var persons []vault.PersonID
	err := s.DB.Read(ctx, func(q database.Querier) error {
		waiting, err := query(q, `WHERE state = $1 AND step = $2`, string(Erasing), int64(stepForgotten))
		for i := range waiting {
			persons = append(persons, waiting[i].Person)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return s.Keyring.Entered(ctx, persons)
}

// complete is step 5, for those whose keys and rows are gone: the erasure is
// complete when every copy of the keyring has confirmed. Who waits for one is
// asked after again with every sweep.
func (s *Service) complete(ctx context.Context, all []*leaver) error {
	var waiting []*leaver
	var persons []vault.PersonID
	for _, l := range all {
		if l.Step >= stepForgotten {
			waiting, persons = append(waiting, l), append(persons, l.Person)
		}
	}
	confirmed, err := s.confirmed(ctx, persons)
	if err != nil {
		return err
	}
	var done []*leaver
	for i, l := range waiting {
		if l.erasure.Unconfirmed = !confirmed[i]; confirmed[i] {
			done = append(done, l)
		}
	}
	err = s.step(ctx, stepConfirmed, done, func([]vault.PersonID) error { return nil })
	if err != nil {
		return fmt.Errorf("departure: step %d: %w", stepConfirmed, err)
	}
	for _, l := range done {
		l.erasure.State = Erased
	}
	return nil
}

// confirmed says of each person whether every copy has confirmed.
func (s *Service) confirmed(ctx context.Context, persons []vault.PersonID) ([]bool, error) {
	answers := make([]bool, len(persons))
	if s.Copies == nil || len(persons) == 0 {
		for i := range answers {
			answers[i] = true
		}
		return answers, nil
	}
	seqs, err := s.Keyring.Entered(ctx, persons)
	if err != nil {
		return nil, err
	}
	var last int64
	for _, seq := range seqs {
		last = max(last, seq)
	}
	s.Copies.Await(ctx, last)
	for i, seq := range seqs {
		if answers[i], _, err = s.Copies.Confirmed(ctx, seq); err != nil {
			return nil, err
		}
	}
	return answers, nil
}
