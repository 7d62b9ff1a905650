package departure

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// Directory is what departure must have done in the search over members.
type Directory interface {
	// Within reports whether the person is a member the Scope reaches, hidden or not.
	Within(s access.Scope, person vault.PersonID) bool
	// ByNumber finds a member within the Scope by the whole member number.
	ByNumber(ctx context.Context, s access.Scope, number string) (vault.PersonID, error)
	// Counted is how many members the Scope reaches.
	Counted(s access.Scope) int
	// Units are the bodies the person belongs to.
	Units(person vault.PersonID) []unit.ID
	Hide(person vault.PersonID)
	Unhide(person vault.PersonID)
	// Forget drops everything the memory holds of the person.
	Forget(person vault.PersonID)
	// Mergeable refuses an entry with itself, and fields that nobody chooses.
	Mergeable(kept, other vault.PersonID, take []string) error
	// Merge makes one entry of two; also is in the same transaction and gives the
	// holdings that moved.
	Merge(ctx context.Context, s access.Scope, kept, other vault.PersonID, take []string, also func(tx *database.Tx) ([]uint64, error)) error
	// Part takes that back for whoever was merged; false for anybody else.
	Part(ctx context.Context, s access.Scope, person vault.PersonID, also func(tx *database.Tx, kept vault.PersonID, posts []uint64) error) (bool, error)
}

// Sessions ends whatever somebody is signed in to, with the closing itself.
type Sessions interface {
	EndAll(tx *database.Tx, person vault.PersonID) error
}

// Letters writes to the person who leaves, while there is still an address.
type Letters interface {
	// Resigned is the receipt for a resignation: what happens now, until when it can be
	// taken back, which lists the person still holds.
	Resigned(ctx context.Context, person vault.PersonID, r Receipt) (Letter, error)
	// Withdrawn tells somebody that a resignation was taken back: the person, or whoever
	// had entered it.
	Withdrawn(ctx context.Context, to vault.PersonID, number string, own bool) (Letter, error)
	// Closed tells that the membership is closed and until when it can be undone.
	Closed(ctx context.Context, d Departure) (Letter, error)
	// Undone tells that the closing was undone.
	Undone(ctx context.Context, d Departure) (Letter, error)
	// Certificates hands certificates over, in their order; nil for whom no letter
	// reaches. When one cannot be written, none is.
	Certificates(ctx context.Context, all []Handing) ([]Letter, error)
	// Delivered reports whether no letter to the person waits to be sent.
	Delivered(ctx context.Context, person vault.PersonID) (bool, error)
	// Held tells that the erasure waits, for what and until when.
	Held(ctx context.Context, d Departure, h Hold) (Letter, error)
	// Cancel destroys the letters to persons who have died that wait to be sent.
	Cancel(ctx context.Context, persons ...vault.PersonID) error
	// Forget destroys every letter to some persons that still lies here.
	Forget(ctx context.Context, persons ...vault.PersonID) error
}

// Handing is a certificate on its way to whoever leaves.
type Handing struct {
	To          Departure
	Certificate Certificate
}

// Letter is a sealed letter: it puts itself into the outbox in the act's own
// transaction. Nil is none, for a person without an address.
type Letter func(tx *database.Tx) error

func (l Letter) enqueue(tx *database.Tx) error {
	if l == nil {
		return nil
	}
	return l(tx)
}

// News is told, in the act's transaction, that somebody left, and that they stayed
// after all.
type News interface {
	Left(tx *database.Tx, person vault.PersonID, reason *charter.Reason) error
	Stayed(tx *database.Tx, person vault.PersonID) error
}

// Lists finds who holds a list with the person on it.
type Lists interface {
	Outstanding(ctx context.Context, person vault.PersonID) ([]Held, error)
	// Holding are the lists the person has not attested yet (D12).
	Holding(q database.Querier, person vault.PersonID) ([]Held, error)
	// Orphan passes on the lists that the person held themselves (D12).
	Orphan(tx *database.Tx, person vault.PersonID) error
}

// Held is a list somebody still holds.
type Held struct {
	Number    int64
	DestroyBy civil.Date
}

// Parts are what departure is put together from.
type Parts struct {
	Charter    *charter.Charter
	DB         *database.DB
	Keyring    *vault.Keyring
	Records    *record.Store
	Journal    *journal.Journal
	Access     *access.Register
	Duties     *duty.Engine
	Directory  Directory
	Sessions   Sessions
	Letters    Letters
	Lists      Lists
	News       News     // nil: nobody is told
	Keeper     Keeper   // nil: nothing is kept for the accounts
	Evidence   Evidence // nil: nobody's name stands under anything
	Ledger     Ledger   // nil: nobody owes anything
	Units      *unit.Service
	Copies     Copies // nil: there are none
	Voice      Voice
	Recipients Recipients // nil: nobody outside is told
	Now        func() time.Time
}

// Service does the acts of leaving.
type Service struct {
	Parts
	erasing  chan struct{} // capacity one: erasures run one after the other
	replayed Replayed
	at       func(point string) // tests stop the program here
	batching sync.Mutex         // closings of many run one after the other
}

// New makes a Service; Resume must run before the register serves.
func New(p Parts) *Service {
	return &Service{Parts: p, erasing: make(chan struct{}, 1), at: func(string) {}}
}

// handleDays is how long the secretariat has to act on a resignation.
const handleDays = 7

// PassOn records a resignation an association has heard of and puts it before
// the secretariat, which alone can close (D6).
func (s *Service) PassOn(ctx context.Context, by access.Actor, person vault.PersonID, how string, on civil.Date) error {
	_, err := s.Enter(ctx, by, person, Resignation{How: how, On: on})
	return err
}

// Enter is PassOn that gives the receipt: of an association, or of the secretariat that
// got a letter or a call. What was heard can also be that the member has died (D6).
func (s *Service) Enter(ctx context.Context, by access.Actor, person vault.PersonID, v Resignation) (Receipt, error) {
	scope, err := s.within(ctx, by, charter.PassOn, person)
	if err != nil {
		return Receipt{}, err
	}
	v.Unit, v.By = scope.Basis().Unit, by.Person
	return s.resign(ctx, scope, person, v)
}

// Ask records that the member themselves wants to leave (D6).
func (s *Service) Ask(ctx context.Context, by access.Actor) error {
	scope, err := s.Access.Require(ctx, by, access.Want{Self: true})
	if err != nil {
		return err
	}
	_, err = s.resign(ctx, scope, by.Person, Resignation{How: ownWay, On: s.Charter.Today(s.Now()), By: by.Person})
	return err
}

// Close ends a membership: the person is hidden from every search, list and
// page at once, signed out and without rights, and erased when the charter's
// window ends. With now, a second person is asked to end the window at once;
// until they do, the closing can be undone (D6, D7). Lists the person still holds pass
// on to the officers of their bodies (D12).
func (s *Service) Close(ctx context.Context, by access.Actor, person vault.PersonID, why string, now bool) (Departure, error) {
	return s.CloseFor(ctx, by, person, Closing{Reason: why, PassLists: true}, now)
}

// CloseFor is Close with more than a reason: the day somebody died, and what becomes of
// lists the person still holds. Unless that is said, they are attested first.
func (s *Service) CloseFor(ctx context.Context, by access.Actor, person vault.PersonID, closing Closing, now bool) (Departure, error) {
	scope, err := s.within(ctx, by, charter.Close, person)
	if err != nil {
		return Departure{}, err
	}
	if by.Person == person {
		return Departure{}, s.refuse(ctx, scope, "departure.error.own")
	}
	because, err := reason(s.Charter, closing.Reason)
	if err != nil {
		return Departure{}, err
	}
	if err := checkDied(because, closing.Died, s.Charter.Today(s.Now())); err != nil {
		return Departure{}, err
	}
	d := Departure{Person: person, State: Hidden, ClosedBy: by.Person, Certificate: newNumber()}
	d.closed(s.Charter, closing.Reason, s.Now())
	if err := s.checkLists(ctx, scope, person, because, &closing); err != nil {
		return Departure{}, err
	}
	var letter Letter
	if !because.Silent {
		if letter, err = s.Letters.Closed(ctx, d); err != nil {
			return Departure{}, err
		}
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := s.closeIn(tx, scope, &d, closing, now); err != nil {
			return err
		}
		if s.News != nil {
			if err := s.News.Left(tx, person, because); err != nil {
				return err
			}
		}
		return letter.enqueue(tx)
	})
	if err != nil {
		return Departure{}, err
	}
	if because.OfDeath() {
		// What still waited to be sent to them is not; the closing stands all the same.
		return d, s.Letters.Cancel(context.WithoutCancel(ctx), person)
	}
	return d, nil
}

// Erasure is how far an erasure came and the certificate made for it; the
// latter is empty where it was made before a stop.
type Erasure struct {
	State       State
	Certificate Certificate
	Unconfirmed bool // only copies of the keys that cannot be reached are waited for
}

// handOver is how long Confirm waits for the certificate to leave, so that one
// answer can tell that all is done. After it the scheduled work goes on.
const handOver = 5 * time.Second

// Confirm is the second pair of eyes that ends the window: the erasure begins
// at once. It is never the person who closed (D7).
func (s *Service) Confirm(ctx context.Context, by access.Actor, person vault.PersonID) (Erasure, error) {
	scope, err := s.within(ctx, by, charter.Close, person)
	if err != nil {
		return Erasure{}, err
	}
	if d, _, _, err := s.leaving(ctx, person); err != nil {
		return Erasure{}, err
	} else if key := d.unconfirmable(s.Charter, by.Person); key != "" {
		return Erasure{}, s.refuse(ctx, scope, key)
	}
	if waits, err := s.waits(ctx, person); err != nil {
		return Erasure{}, err
	} else if waits {
		return Erasure{}, errHeld
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		d, err := get(tx, person)
		if err != nil {
			return unknown(err)
		}
		if d.State != Hidden {
			return fault.New(fault.Gone, "departure.error.erasing")
		}
		if key := d.unconfirmable(s.Charter, by.Person); key != "" { // closed anew meanwhile
			return fault.New(fault.Denied, key)
		}
		if err := confirm(tx, person, by.Person); err != nil {
			return err
		}
		if _, err := s.Duties.Finish(tx, duty.ConfirmErasure, int64(person), by.Person, "done"); err != nil {
			return err
		}
		return s.append(tx, scope.Entry(journal.Approve, person), "")
	})
	if err != nil {
		return Erasure{}, err
	}
	e, err := s.erase(ctx, person)
	certificate := e.Certificate
	for end := time.Now().Add(handOver); err == nil && e.State == Erasing && !e.Unconfirmed && ctx.Err() == nil && time.Now().Before(end); {
		time.Sleep(50 * time.Millisecond)
		e, err = s.erase(ctx, person)
	}
	e.Certificate = certificate
	return e, err
}

// leaving reads a departure that can still change, why, and whether nothing is
// written to the person.
func (s *Service) leaving(ctx context.Context, person vault.PersonID) (d Departure, reason string, silent bool, err error) {
	var c Closing
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if d, err = get(q, person); err != nil || d.Step >= stepKeys {
			return err
		}
		err := record.Get(s.Records, q, Closings, person, 0, &c)
		if errors.Is(err, vault.ErrTampered) {
			return nil // nobody can read why; that keeps nobody from going
		}
		return err
	})
	if because, known := s.Charter.Reason(c.Reason); known {
		silent = because.Silent
	}
	return d, c.Reason, silent, unknown(err)
}

// unknown tells of somebody who is not leaving as of somebody who is not there.
func unknown(err error) error {
	if errors.Is(err, database.ErrNotFound) {
		return fault.New(fault.NotFound, "departure.error.none").Because(err)
	}
	return err
}

// Of gives how a person's leaving stands; database.ErrNotFound for a member
// who is not leaving.
func (s *Service) Of(ctx context.Context, scope access.Scope, person vault.PersonID) (d Departure, c Closing, err error) {
	if !s.Directory.Within(scope, person) {
		return d, c, fault.New(fault.NotFound, "departure.error.none")
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if d, err = get(q, person); err != nil {
			return err
		}
		if d.State != Hidden {
			return nil
		}
		return record.Get(s.Records, q, Closings, person, 0, &c)
	})
	return d, c, err
}

// Resigned gives the resignation that waits for the secretariat;
// database.ErrNotFound if there is none.
func (s *Service) Resigned(ctx context.Context, scope access.Scope, person vault.PersonID) (v Resignation, err error) {
	if own, self := scope.Self(); !(self && own == person) && !s.Directory.Within(scope, person) {
		return v, fault.New(fault.NotFound, "departure.error.none")
	}
	err = s.DB.Read(ctx, func(q database.Querier) error { return s.resignation(q, person, &v) })
	return v, err
}

// Waiting lists whoever in the Scope's reach is in the window or being erased,
// the nearest end first, and, to whoever reaches the whole register, erased
// persons' certificates, the newest first. The Scope must be decided for closing.
func (s *Service) Waiting(ctx context.Context, scope access.Scope) (open, erased []Departure, err error) {
	if scope.Act() != charter.Close {
		return nil, nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Close.String())
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if open, err = query(q, `WHERE state <> $1 ORDER BY due_at, person`, string(Erased)); err != nil {
			return err
		}
		if !scope.All() { // nobody can say any more whose member somebody erased was
			open = slices.DeleteFunc(open, func(d Departure) bool { return !s.Directory.Within(scope, d.Person) })
			return nil
		}
		erased, err = query(q, `WHERE state = $1 ORDER BY due_at DESC, person LIMIT 200`, string(Erased))
		return err
	})
	return open, erased, err
}

// HiddenPersons lists everybody who is leaving, for the start.
func (s *Service) HiddenPersons(ctx context.Context) ([]vault.PersonID, error) {
	var persons []vault.PersonID
	err := s.DB.Read(ctx, func(q database.Querier) error {
		all, err := query(q, `WHERE state <> $1`, string(Erased))
		for _, d := range all {
			persons = append(persons, d.Person)
		}
		return err
	})
	return persons, err
}

// within decides an act and makes sure the person is in its reach; outside it
// nobody exists.
func (s *Service) within(ctx context.Context, by access.Actor, act charter.Acts, person vault.PersonID) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: act})
	if err != nil {
		return scope, err
	}
	if s.Directory.Within(scope, person) {
		return scope, nil
	}
	err = s.refuse(ctx, scope, "departure.error.none")
	if fault.Is(err, fault.Denied) {
		err = fault.New(fault.NotFound, "departure.error.none")
	}
	return access.Scope{}, err
}

// refuse journals a denial that a rule, not a missing right, has caused.
func (s *Service) refuse(ctx context.Context, scope access.Scope, why string) error {
	e := scope.Entry(journal.Denied)
	e.Reason = why
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return err
	}
	return fault.New(fault.Denied, why)
}

func (s *Service) resignation(q database.Querier, person vault.PersonID, v *Resignation) error {
	return record.Get(s.Records, q, Resignations, person, 0, v)
}

func (s *Service) append(tx *database.Tx, e journal.Entry, why string) error {
	e.Reason = why
	_, err := s.Journal.Append(tx, &e)
	return err
}
