package letter

import (
	"context"
	"errors"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// Parts are what the queue is put together from.
type Parts struct {
	Charter   *charter.Charter
	DB        *database.DB
	Keyring   *vault.Keyring
	Journal   *journal.Journal
	Access    *access.Register
	Directory *member.Directory
	Duties    *duty.Engine
	Sender    func(lang string) string // what the association is called, inside the envelope
	Slips     Slips                    // nil where nothing is returned on paper
	Now       func() time.Time
}

// Service does the acts of the queue.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// Prepared is a sealed letter whose key is durable. It waits to be printed once
// Enqueue's act is committed; otherwise its key goes at its end.
type Prepared struct {
	service *Service
	letter  Letter
}

// Prepare seals letters, with one durable write of the keyring for all; call it
// before the act's transaction begins.
func (s *Service) Prepare(ctx context.Context, drafts ...Draft) ([]*Prepared, error) {
	now := s.Now()
	ends := now.AddDate(0, 0, s.Charter.LetterKeepDays)
	keys := make([]int64, len(drafts))
	err := s.Keyring.Write(ctx, func(tx *vault.Tx) (err error) {
		for i := range keys {
			if keys[i], err = tx.OneOff(ends); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	prepared := make([]*Prepared, len(drafts))
	for i := range drafts {
		d := &drafts[i]
		l := Letter{Person: d.Person, Holds: d.Holds, Ends: ends, DueOn: s.due(now, d.Holds, d.Soon), key: keys[i]}
		if l.sealed, err = s.Keyring.SealOnce(l.key, d.encode()); err != nil {
			return nil, err
		}
		prepared[i] = &Prepared{service: s, letter: l}
	}
	return prepared, nil
}

// due is the day by which a letter written now should be posted. What an erasure
// waits for is printed at once or never.
func (s *Service) due(now time.Time, holds, soon bool) civil.Date {
	switch {
	case holds:
		return s.Charter.Today(now)
	case soon:
		return s.Charter.Today(now).AddDays(1)
	}
	return s.Charter.Today(now).AddDays(s.Charter.LetterDays)
}

// Enqueue writes the letter in the act's transaction, and sees to the duty.
func (p *Prepared) Enqueue(tx *database.Tx) error {
	id, err := tx.Next("letter")
	if err != nil {
		return err
	}
	p.letter.ID = id
	if err := insert(tx, &p.letter); err != nil {
		return err
	}
	return p.service.settle(tx, 0)
}

// Discard drops the key of a letter whose act did not happen.
func (p *Prepared) Discard(ctx context.Context) error {
	return p.service.Keyring.DropOneOff(ctx, p.letter.key)
}

// queueDuty is what the duty to post is about: there is one queue.
const queueDuty = 1

// settle keeps one duty open while letters wait, by the nearest of their days.
func (s *Service) settle(tx *database.Tx, by vault.PersonID) error {
	due, waiting, err := firstDue(tx)
	if err != nil {
		return err
	}
	open, found, err := s.Duties.OpenAbout(tx, duty.PostLetters, queueDuty)
	if err != nil || found && waiting && open.DueOn == due {
		return err
	}
	if found {
		if _, err := s.Duties.Finish(tx, duty.PostLetters, queueDuty, by, "done"); err != nil {
			return err
		}
	}
	if !waiting {
		return nil
	}
	_, err = s.Duties.Add(tx, duty.Duty{Kind: duty.PostLetters, Subject: queueDuty, Act: charter.Edit.String(), DueOn: due})
	return err
}

// require decides that somebody prints: whoever may change every card. An
// officer of a body does not, since the letters are the house's.
func (s *Service) require(ctx context.Context, by access.Actor) (access.Scope, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Edit})
	if err != nil || scope.All() {
		return scope, err
	}
	e := scope.Entry(journal.Denied)
	e.Reason = "letter.denied"
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return access.Scope{}, err
	}
	return access.Scope{}, fault.New(fault.Denied, "letter.denied")
}

// List gives a page of the queue, whether of those that wait, the nearest day
// first, or of those that were posted, the newest first. Their names are
// journaled as shown; addresses are not given.
func (s *Service) List(ctx context.Context, by access.Actor, waiting bool, page, size int) (Queue, error) {
	scope, err := s.require(ctx, by)
	if err != nil {
		return Queue{}, err
	}
	var queue Queue
	var all []Letter
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		if err := count(q, &queue, s.Access.Today()); err != nil {
			return err
		}
		rest := `WHERE state <> $1 ORDER BY state_at DESC, id DESC LIMIT $2 OFFSET $3`
		if waiting {
			rest = `WHERE state = $1 ORDER BY due_on, id LIMIT $2 OFFSET $3`
		}
		all, err = query(q, rest, string(Waiting), int64(size), int64(max(page-1, 0)*size))
		return err
	})
	if err != nil {
		return Queue{}, err
	}
	if queue.Lines, err = s.lines(ctx, scope, all); err != nil || len(all) == 0 {
		return queue, err
	}
	e := scope.Entry(journal.Shown)
	e.Persons, e.Fields = personsOf(all), []string{"given", "family"}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return Queue{}, err
	}
	return queue, nil
}

// Count says how many letters wait, without saying to whom; it is not journaled.
func (s *Service) Count(ctx context.Context) (Queue, error) {
	var queue Queue
	err := s.DB.Read(ctx, func(q database.Querier) error { return count(q, &queue, s.Access.Today()) })
	return queue, err
}

// lines puts names to letters, and opens their texts as far as they are there.
func (s *Service) lines(ctx context.Context, scope access.Scope, all []Letter) ([]Line, error) {
	to, err := s.addressees(ctx, scope, all)
	if err != nil {
		return nil, err
	}
	lines := make([]Line, len(all))
	for i := range all {
		if err := s.open(&all[i]); err != nil {
			return nil, err
		}
		lines[i] = Line{Letter: all[i]}
		if e := to[all[i].Person]; e != nil {
			lines[i].Name, lines[i].Trouble = e.To[0].Name(), troubleOf(e)
		}
	}
	return lines, nil
}

func troubleOf(e *member.Envelope) Trouble {
	switch {
	case len(e.Lines) == 0:
		return Nowhere
	case e.Back:
		return Back
	}
	return ""
}

// addressees gives each person's envelope; none for whoever is gone.
func (s *Service) addressees(ctx context.Context, scope access.Scope, all []Letter) (map[vault.PersonID]*member.Envelope, error) {
	persons := make([]vault.PersonID, len(all))
	for i := range all {
		persons[i] = all[i].Person
	}
	to := map[vault.PersonID]*member.Envelope{}
	err := s.Directory.Addressed(ctx, scope, persons, func(e *member.Envelope) error {
		to[e.Persons[0]] = e
		return nil
	})
	return to, err
}

// open unseals a letter; one whose text is gone stays without.
func (s *Service) open(l *Letter) error {
	if l.key == 0 {
		return nil
	}
	plain, err := s.Keyring.OpenOnce(l.key, l.sealed)
	if errors.Is(err, vault.ErrOneOffSpent) {
		return nil
	}
	if err != nil {
		return err
	}
	return l.decode(plain)
}

// Read gives one letter with its text.
func (s *Service) Read(ctx context.Context, by access.Actor, id int64) (Line, error) {
	scope, err := s.require(ctx, by)
	if err != nil {
		return Line{}, err
	}
	var l Letter
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		l, err = get(q, id)
		return err
	})
	if err != nil {
		return Line{}, unknown(err)
	}
	lines, err := s.lines(ctx, scope, []Letter{l})
	if err != nil {
		return Line{}, err
	}
	e := scope.Entry(journal.Letter, l.Person)
	e.Fields = []string{"given", "family"}
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return Line{}, err
	}
	return lines[0], nil
}

func unknown(err error) error {
	if notThere(err) {
		return fault.New(fault.NotFound, "letter.error.none").Because(err)
	}
	return err
}

// Post notes that letters are on their way.
func (s *Service) Post(ctx context.Context, by access.Actor, ids ...int64) error {
	return s.move(ctx, by, Posted, journal.Post, ids)
}

// Drop takes letters out of the queue: the person was told in another way, or
// what the letter says is over.
func (s *Service) Drop(ctx context.Context, by access.Actor, ids ...int64) error {
	return s.move(ctx, by, Dropped, journal.LetterDrop, ids)
}

// Again puts letters back into the queue: they were not posted after all, or came
// back and the address is right by now.
func (s *Service) Again(ctx context.Context, by access.Actor, ids ...int64) error {
	return s.move(ctx, by, Waiting, journal.LetterDrop, ids)
}

// Return notes that a letter came back: the mark goes on the card, where it keeps
// further letters from being sent there until the address changes.
func (s *Service) Return(ctx context.Context, by access.Actor, id int64) error {
	scope, err := s.require(ctx, by)
	if err != nil {
		return err
	}
	var l Letter
	if err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		l, err = get(q, id)
		return err
	}); err != nil {
		return unknown(err)
	}
	if !l.CanBecome(Returned) {
		return fault.New(fault.Conflict, "letter.error.state")
	}
	err = s.Directory.SetReturned(ctx, scope, l.Person, member.ByLetter, s.Access.Today())
	if err != nil && !fault.Is(err, fault.NotFound) { // whoever leaves has no card to mark
		return err
	}
	return s.move(ctx, by, Returned, journal.Post, []int64{id})
}

func (s *Service) move(ctx context.Context, by access.Actor, next State, act journal.Act, ids []int64) error {
	scope, err := s.require(ctx, by)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return fault.New(fault.Invalid, "letter.error.nothing").With("id", "letter.error.nothing")
	}
	var spent []int64
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		spent = nil
		e := scope.Entry(act)
		e.Persons, e.Reason = roaring.New(), "letter.state."+string(next)
		for _, id := range ids {
			l, err := get(tx, id)
			if err != nil {
				return unknown(err)
			}
			if !l.CanBecome(next) {
				return fault.New(fault.Conflict, "letter.error.state")
			}
			if next == Waiting {
				if _, err := s.Keyring.OpenOnce(l.key, l.sealed); err != nil {
					return fault.New(fault.Gone, "letter.error.gone").Because(err)
				}
				err = again(tx, &l, by.Person, s.due(tx.Now(), l.Holds, false))
			} else {
				err = become(tx, &l, next, by.Person)
			}
			if err != nil {
				return err
			}
			if next == Dropped && l.key != 0 {
				spent = append(spent, l.key)
			}
			e.Persons.Add(uint32(l.Person))
		}
		if _, err := s.Journal.Append(tx, &e); err != nil {
			return err
		}
		return s.settle(tx, by.Person)
	})
	if err != nil {
		return err
	}
	return s.Keyring.DropOneOff(ctx, spent...)
}

func personsOf(all []Letter) *roaring.Bitmap {
	persons := roaring.New()
	for i := range all {
		persons.Add(uint32(all[i].Person))
	}
	return persons
}
