package departure

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// PreviewMany says what a closing of many would do, and touches nothing: who would be
// closed, which posts and lists they hold, who cannot be closed and why, and whether a
// second person is asked. With pass, lists pass on to the officers of their bodies;
// without, whoever holds one is refused (D6, D12).
func (s *Service) PreviewMany(ctx context.Context, by access.Actor, numbers []string, reasonCode string, pass bool) (Preview, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Close})
	if err != nil {
		return Preview{}, err
	}
	because, err := reason(s.Charter, reasonCode)
	if err != nil {
		return Preview{}, err
	}
	invalid := fault.New(fault.Invalid, "departure.error.batch")
	switch {
	case len(numbers) == 0:
		return Preview{}, invalid.With("numbers", "departure.error.many_none")
	case len(numbers) > longestBatch:
		return Preview{}, invalid.With("numbers", "departure.error.many_most", "limit", longestBatch)
	}
	p := Preview{Within: s.Directory.Counted(scope)}
	seen := map[vault.PersonID]bool{}
	for i, number := range numbers {
		l := Listed{Row: i + 1, Number: number}
		if l.Person, err = s.Directory.ByNumber(ctx, scope, cleaned(number)); fault.Is(err, fault.NotFound) {
			l.Refused, err = "departure.error.many_unknown", nil
		}
		if err != nil {
			return Preview{}, err
		}
		if l.Refused == "" {
			if l.Refused, err = s.listed(ctx, by, &l, seen, pass || because.OfDeath()); err != nil {
				return Preview{}, err
			}
			seen[l.Person] = true
		}
		p.Lines = append(p.Lines, l)
	}
	p.tally()
	p.Second = s.Charter.Closing.AsksSecond(p.Going, p.Within)
	return p, nil
}

// listed says why somebody cannot be closed with the others, and what they hold.
func (s *Service) listed(ctx context.Context, by access.Actor, l *Listed, seen map[vault.PersonID]bool, pass bool) (refused string, err error) {
	switch {
	case seen[l.Person]:
		return "departure.error.many_twice", nil
	case l.Person == by.Person:
		return "departure.error.own", nil
	}
	err = s.DB.Read(ctx, func(q database.Querier) error {
		if _, err := get(q, l.Person); !errors.Is(err, database.ErrNotFound) {
			refused = "departure.error.closed"
			return err
		}
		l.Lists, err = s.Lists.Holding(q, l.Person)
		return err
	})
	if err == nil && refused == "" {
		if l.Posts = len(s.Access.Held(l.Person)); len(l.Lists) > 0 && !pass {
			refused = "departure.error.many_holds"
		}
	}
	return refused, err
}

// CloseMany closes the memberships a preview shows: at once where one person may, else
// it is proposed to a second. Whoever the preview refuses is left out. It gives the
// batch; RunBatch does the work (D6, D7).
func (s *Service) CloseMany(ctx context.Context, by access.Actor, numbers []string, reasonCode string, pass bool) (Batch, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Close})
	if err != nil {
		return Batch{}, err
	}
	p, err := s.PreviewMany(ctx, by, numbers, reasonCode, pass)
	if err != nil {
		return Batch{}, err
	}
	if p.Going == 0 {
		return Batch{}, fault.New(fault.Invalid, "departure.error.batch").With("numbers", "departure.error.many_nobody")
	}
	b := Batch{State: BatchRunning, By: by.Person, Unit: scope.Basis().Unit, Reason: reasonCode, PassLists: pass, Total: p.Going}
	if p.Second {
		b.State = BatchProposed
	}
	for i := range p.Lines {
		if p.Lines[i].Refused == "" {
			b.Persons = append(b.Persons, p.Lines[i].Person)
		}
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		b.On = s.Charter.Today(tx.Now())
		id, err := tx.Next("closing batch")
		if err != nil {
			return err
		}
		b.ID = uint64(id)
		if err := record.Create(s.Records, tx, Batches, b.By, b.ID, &b); err != nil {
			return err
		}
		if b.State == BatchProposed {
			d := duty.Duty{Kind: duty.CloseMany, Subject: id, Act: charter.Close.String(), DueOn: b.On.AddDays(s.Charter.Closing.BatchDays.Value)}
			if _, err := s.Duties.Add(tx, d); err != nil {
				return err
			}
			if d.Unit = b.Unit; d.Unit != 0 {
				if _, err := s.Duties.Add(tx, d); err != nil {
					return err
				}
			}
		}
		return s.noteBatch(tx, scope, &b)
	})
	return b, err
}

// noteBatch journals a step of a closing of many: how it stands, and whom it is about
// while it is about somebody.
func (s *Service) noteBatch(tx *database.Tx, scope access.Scope, b *Batch) error {
	e := scope.Entry(journal.CloseMany, b.Persons...)
	e.Number = int64(b.ID)
	return s.append(tx, e, "departure.batch."+string(b.State))
}

// Batch gives a closing of many to whoever closes and reaches those it is about: the
// secretariat, and closers under a post in the same body.
func (s *Service) Batch(ctx context.Context, by access.Actor, id uint64) (Batch, error) {
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Close})
	if err != nil {
		return Batch{}, err
	}
	all, err := s.BatchesIn(ctx, scope)
	if err != nil {
		return Batch{}, err
	}
	for i := range all {
		if all[i].ID == id {
			return all[i], nil
		}
	}
	return Batch{}, fault.New(fault.NotFound, "departure.error.no_batch")
}

// BatchesIn lists the closings of many in the reach of a Scope decided for closing, the
// newest first.
func (s *Service) BatchesIn(ctx context.Context, scope access.Scope) ([]Batch, error) {
	if scope.Act() != charter.Close {
		return nil, fault.New(fault.Denied, "access.denied.act", "act", charter.Close.String())
	}
	all, err := s.batches(ctx)
	all = slices.DeleteFunc(all, func(b Batch) bool { return !scope.All() && (b.Unit == 0 || !scope.Covers(b.Unit)) })
	return all, err
}

func (s *Service) batches(ctx context.Context) (all []Batch, err error) {
	err = record.Scan(s.Records, ctx, Batches, func(person vault.PersonID, id uint64, b *Batch) error {
		b.ID, b.By = id, person
		all = append(all, *b)
		return nil
	})
	slices.SortFunc(all, func(a, b Batch) int { return int(b.ID) - int(a.ID) })
	return all, err
}

// DecideBatch approves or refuses a closing of many, as the second person: never whoever
// proposed it, and only who reaches all it is about.
func (s *Service) DecideBatch(ctx context.Context, by access.Actor, id uint64, yes bool) (Batch, error) {
	b, err := s.Batch(ctx, by, id)
	if err != nil {
		return b, err
	}
	scope, err := s.Access.Require(ctx, by, access.Want{Act: charter.Close})
	if err != nil {
		return b, err
	}
	if yes && (b.By == by.Person || slices.Contains(b.Persons, by.Person)) {
		return b, s.refuse(ctx, scope, "departure.error.many_second")
	}
	next := BatchRunning
	if !yes {
		next = BatchRefused
	}
	return b, s.changeBatch(ctx, &b, next, func(tx *database.Tx) error {
		b.Second, b.DecidedOn = by.Person, s.Charter.Today(tx.Now())
		if _, err := s.Duties.Finish(tx, duty.CloseMany, int64(id), by.Person, string(next)); err != nil {
			return err
		}
		err := s.noteBatch(tx, scope, &b)
		if !yes {
			b.Persons = nil
		}
		return err
	})
}

// changeBatch takes a batch one step on, unless somebody else has meanwhile.
func (s *Service) changeBatch(ctx context.Context, b *Batch, next BatchState, also func(tx *database.Tx) error) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		var now Batch
		if err := record.Get(s.Records, tx, Batches, b.By, b.ID, &now); err != nil {
			return fault.New(fault.NotFound, "departure.error.no_batch").Because(err)
		}
		if !now.State.canBecome(next) {
			return fault.New(fault.Conflict, "departure.error.many_decided")
		}
		b.State = next
		if err := also(tx); err != nil {
			return err
		}
		return record.Put(s.Records, tx, Batches, b.By, b.ID, b)
	})
}

// batchStep is after how many closings a batch notes how far it is.
const batchStep = 20

// RunBatch closes those a batch is about, one by one, and may be told how far it is.
// What cannot be closed any more is left out and counted. A stop in between is no harm:
// the scheduled work goes on.
func (s *Service) RunBatch(ctx context.Context, id uint64, told func(done, total int)) error {
	s.batching.Lock()
	defer s.batching.Unlock()
	all, err := s.batches(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(all, func(b Batch) bool { return b.ID == id })
	if i < 0 || all[i].State != BatchRunning {
		return nil
	}
	b := &all[i]
	by := access.Actor{Person: b.By, Via: access.System}
	for len(b.Persons) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		some := b.Persons[:min(batchStep, len(b.Persons))]
		for _, person := range some {
			_, err := s.CloseFor(ctx, by, person, Closing{Reason: b.Reason, PassLists: b.PassLists, Batch: b.ID}, false)
			switch {
			case err == nil, s.closedBy(ctx, person, b.ID):
				b.Closed++
			case fault.Is(err, fault.Conflict), fault.Is(err, fault.NotFound), fault.Is(err, fault.Denied):
				b.Refused++
			default:
				return err
			}
		}
		b.Persons = slices.Clone(b.Persons[len(some):])
		if err := s.DB.Write(ctx, func(tx *database.Tx) error { return record.Put(s.Records, tx, Batches, b.By, b.ID, b) }); err != nil {
			return err
		}
		if told != nil {
			told(b.Closed+b.Refused, b.Total)
		}
	}
	return s.changeBatch(ctx, b, BatchDone, func(*database.Tx) error { return nil })
}

// closedBy reports whether a batch has closed somebody already, before a stop.
func (s *Service) closedBy(ctx context.Context, person vault.PersonID, id uint64) bool {
	var c Closing
	err := s.DB.Read(ctx, func(q database.Querier) error { return record.Get(s.Records, q, Closings, person, 0, &c) })
	return err == nil && c.Batch == id
}

// RunBatches goes on with what runs, and lets lapse what nobody answered. It is part of
// the scheduled work.
func (s *Service) RunBatches(ctx context.Context) error {
	all, err := s.batches(ctx)
	for i := range all {
		b := &all[i]
		switch today := s.Charter.Today(s.Now()); {
		case b.State == BatchRunning:
			err = errors.Join(err, s.RunBatch(ctx, b.ID, nil))
		case b.State == BatchProposed && b.On.AddDays(s.Charter.Closing.BatchDays.Value).Before(today):
			err = errors.Join(err, s.changeBatch(ctx, b, BatchLapsed, func(tx *database.Tx) error {
				b.Persons = nil
				_, err := s.Duties.Finish(tx, duty.CloseMany, int64(b.ID), 0, string(BatchLapsed))
				return err
			}))
		}
	}
	return err
}

// UndoBatch brings back everybody a batch has closed whose window is open. It says how
// many came back, how many could not, and how many seats were taken meanwhile (D7).
func (s *Service) UndoBatch(ctx context.Context, by access.Actor, id uint64) (back, late, lost int, err error) {
	b, err := s.Batch(ctx, by, id)
	if err != nil {
		return 0, 0, 0, err
	}
	if b.State != BatchDone {
		return 0, 0, 0, fault.New(fault.Conflict, "departure.error.many_running")
	}
	open, err := s.HiddenPersons(ctx)
	if err != nil {
		return 0, 0, 0, err
	}
	for _, person := range open {
		if !s.closedBy(ctx, person, id) {
			continue
		}
		gone, err := s.Reopen(ctx, by, person)
		switch {
		case err == nil:
			back, lost = back+1, lost+len(gone)
		case fault.Is(err, fault.Gone):
			late++
		default:
			return back, late, lost, err
		}
	}
	late += max(0, b.Closed-back-late)
	return back, late, lost, nil
}

// BatchesDue counts the batches that are over so long by a moment that they go, and all
// there are (N14).
func (s *Service) BatchesDue(ctx context.Context, by time.Time) (due, all int, err error) {
	batches, err := s.batches(ctx)
	for i := range batches {
		if s.batchOver(&batches[i], by) {
			due++
		}
	}
	return due, len(batches), err
}

// EndBatches forgets the batches that are over so long by a moment, and says how many.
func (s *Service) EndBatches(ctx context.Context, by time.Time) (gone int, err error) {
	batches, err := s.batches(ctx)
	if err != nil {
		return 0, err
	}
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		gone = 0
		for i := range batches {
			b := &batches[i]
			if !s.batchOver(b, by) {
				continue
			}
			if err := record.Remove(tx, Batches, b.By, b.ID); err != nil {
				return err
			}
			gone++
		}
		return nil
	})
	return gone, err
}

func (s *Service) batchOver(b *Batch, by time.Time) bool {
	if len(batchMoves[b.State]) > 0 {
		return false
	}
	last := b.On
	if b.DecidedOn.After(last) {
		last = b.DecidedOn
	}
	return !by.Before(s.Charter.Midnight(last.AddDays(s.Charter.Parameters.CaseDays.Value)))
}

// cleaned is a member number as somebody typed it, without spaces.
func cleaned(number string) string { return strings.Join(strings.Fields(number), "") }
