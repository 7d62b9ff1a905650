package copies

import (
	"context"
	"sync"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/place"
	"kartotek/internal/vault"
)

// Departures tells how many erasures wait for copies.
type Departures interface {
	// Unconfirmed lists, by the ledger's number, the erasures that wait.
	Unconfirmed(ctx context.Context) ([]int64, error)
}

// Parts is what a Service stands on.
type Parts struct {
	Charter    *charter.Charter
	DB         *database.DB
	Keyring    *vault.Keyring
	Journal    *journal.Journal
	Access     *access.Register
	Duties     *duty.Engine
	Departures Departures
	Now        func() time.Time
}

// Service answers for the copies.
type Service struct {
	Parts
	Copies *vault.Copies

	mu   sync.Mutex
	rows []*row
}

// dueDays is how long whoever answers for a copy that is behind has to see to it.
// Erasures wait meanwhile, so it is no longer than it must be (N14).
const dueDays = 1

// Open reads what is known of the places, and takes those that copies are to be
// kept in now.
func Open(ctx context.Context, p Parts, places []place.Place) (*Service, error) {
	s := &Service{Parts: p}
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		s.rows, err = query(q)
		return err
	})
	if err != nil {
		return nil, err
	}
	known := map[string]bool{}
	for _, r := range s.rows {
		known[r.Address] = !r.ConfirmedAt.IsZero()
	}
	s.Copies = s.Keyring.Copies(places, s.Now, func(address string) bool { return known[address] })
	return s, nil
}

// Sweep brings the record up to date: what each place has confirmed, what fails
// and since when, with a duty for each that is behind (D7). A place that is known
// and that the program was not told of is one nobody keeps current any more.
func (s *Service) Sweep(ctx context.Context) error { return s.note(ctx, true) }

// Note is Sweep for a command, which may have been told of fewer places than the
// server is.
func (s *Service) Note(ctx context.Context) error { return s.note(ctx, false) }

func (s *Service) note(ctx context.Context, told bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	states := map[string]*vault.CopyState{}
	rows := make([]*row, 0, len(s.rows))
	for _, r := range s.rows {
		copied := *r
		rows = append(rows, &copied)
	}
	all := s.Copies.States()
	for i := range all {
		states[all[i].Address] = &all[i]
	}
	var changed []*row
	for _, state := range all {
		if find(rows, state.Address) == nil {
			rows = append(rows, &row{Standing: Standing{Address: state.Address}})
		}
	}
	for _, r := range rows {
		before := *r
		if state := states[r.Address]; state != nil {
			r.follow(state)
		} else if told {
			r.leave()
			if r.FailingAt.IsZero() {
				r.FailingAt = s.Now().UTC()
			}
		}
		if *r != before || r.Number == 0 {
			changed = append(changed, r)
		}
	}
	if len(changed) == 0 {
		return nil
	}
	err := s.DB.Write(ctx, func(tx *database.Tx) error {
		for _, r := range changed {
			if err := put(tx, r); err != nil {
				return err
			}
			if err := s.ask(tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.rows = rows
	}
	return err
}

func find(rows []*row, address string) *row {
	for _, r := range rows {
		if r.Address == address {
			return r
		}
	}
	return nil
}

// ask opens the duty about a place that fails, and ends it once it does not.
func (s *Service) ask(tx *database.Tx, r *row) error {
	if r.Problem == "" {
		_, err := s.Duties.Finish(tx, duty.CopyBehind, r.Number, 0, "done")
		return err
	}
	if _, open, err := s.Duties.OpenAbout(tx, duty.CopyBehind, r.Number); err != nil || open {
		return err
	}
	_, err := s.Duties.Add(tx, duty.Duty{
		Kind: duty.CopyBehind, Subject: r.Number, Act: charter.Journal.String(), DueOn: s.Charter.Today(tx.Now()).AddDays(dueDays),
	})
	return err
}

// Confirmed gives what each place has said of an entry of the ledger: when it
// confirmed, zero while it has not. All is true if nobody is waited for.
func (s *Service) Confirmed(seq int64) (all bool, each []Standing) {
	all = true
	for _, standing := range s.standings() {
		if standing.Ledger < seq || standing.ConfirmedAt.IsZero() {
			standing.ConfirmedAt, all = time.Time{}, false
		}
		each = append(each, standing)
	}
	return all, each
}

// Current reports whether every copy there is has confirmed the keyring as it is
// now: whatever the last act took away, a key or a master key of before, is in
// none of them.
func (s *Service) Current() bool {
	for _, standing := range s.standings() {
		if standing.Behind || standing.Problem != "" {
			return false
		}
	}
	return true
}

// standings is the record, with what this run knows beyond it.
func (s *Service) standings() []Standing {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []Standing
	states := s.Copies.States()
	met := map[string]bool{}
	revision := s.Keyring.Revision()
	for i := range states {
		state := &states[i]
		met[state.Address] = true
		r := row{Standing: Standing{Address: state.Address}}
		if known := find(s.rows, state.Address); known != nil {
			r = *known
		}
		r.follow(state)
		r.Behind = !state.Current(revision)
		all = append(all, r.Standing)
	}
	for _, r := range s.rows {
		if !met[r.Address] {
			gone := *r
			gone.leave()
			gone.Behind = true
			all = append(all, gone.Standing)
		}
	}
	return all
}

// List shows how the copies stand, to whoever answers for the machines or reads
// the journal. The Scope is decided for one of the two.
func (s *Service) List(ctx context.Context, scope access.Scope) ([]Standing, error) {
	if !scope.All() || scope.Act() != charter.Staff && scope.Act() != charter.Journal {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Staff.String())
	}
	e := scope.Entry(journal.Log)
	e.Reason = "copies.title"
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return s.Told(ctx)
}

// Told is List for the console of the machine itself.
func (s *Service) Told(ctx context.Context) ([]Standing, error) {
	waiting, err := s.Departures.Unconfirmed(ctx)
	if err != nil {
		return nil, err
	}
	all := s.standings()
	for i := range all {
		for _, seq := range waiting {
			if all[i].Ledger < seq {
				all[i].Waiting++
			}
		}
	}
	return all, nil
}

// Verify reads every byte of every copy back and repairs what differs. What came
// of it is how they stand afterwards.
func (s *Service) Verify(ctx context.Context) error {
	_ = s.Copies.Verify(ctx) // a copy that cannot be read stands so on record
	return s.Note(ctx)
}

// GiveUp forgets a place: the copy in it is deleted first, if it can be reached,
// or somebody answers for its destruction. Where a copy is still to be kept there,
// it is begun anew; its own disk is one that was replaced. The entry of the
// journal says which, by is whoever does it.
func (s *Service) GiveUp(ctx context.Context, by journal.Entry, number int64, destroyed bool) error {
	var of Standing
	for _, standing := range s.standings() {
		if standing.Number == number && number != 0 {
			of = standing
		}
	}
	switch {
	case of.Number == 0:
		return fault.New(fault.NotFound, "copies.error.none")
	case of.Kept && of.Problem != Gone:
		return fault.New(fault.Conflict, "copies.error.kept")
	case of.Kept && !destroyed:
		return fault.New(fault.Invalid, "copies.error.say_destroyed")
	}
	if !of.Kept && !destroyed {
		if err := empty(ctx, of.Address); err != nil {
			return fault.New(fault.Unavailable, "copies.error.not_emptied").Because(err)
		}
	}
	by.Act, by.Number, by.Reason = journal.KeyCopy, number, "copies.journal.emptied"
	if destroyed {
		by.Reason = "copies.journal.destroyed"
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := remove(tx, number); err != nil {
			return err
		}
		if _, err := s.Duties.Finish(tx, duty.CopyBehind, number, 0, "done"); err != nil {
			return err
		}
		_, err := s.Journal.Append(tx, &by)
		return err
	})
	if err != nil {
		return err
	}
	var left []*row
	for _, r := range s.rows {
		if r.Number != number {
			left = append(left, r)
		}
	}
	s.rows = left
	if of.Kept {
		s.Copies.Renew(ctx, of.Address)
	}
	return nil
}

// empty deletes what a copy consists of.
func empty(ctx context.Context, address string) error {
	at, err := place.Open(address)
	if err != nil {
		return err
	}
	return vault.EmptyCopy(ctx, at)
}
