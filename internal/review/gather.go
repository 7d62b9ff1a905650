package review

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"github.com/golang-sql/civil"

	"kartotek/internal/access"
	"kartotek/internal/database"
	"kartotek/internal/journal"
	"kartotek/internal/record"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// frozen is what a review writes down when it opens.
type frozen struct {
	lines   []Line
	numbers Numbers
	persons *roaring.Bitmap
}

// evidence is what is read once to judge everybody.
type evidence struct {
	used     map[journal.Use]time.Time
	signedIn map[uint32]time.Time
	known    civil.Date
	factors  map[vault.PersonID][]string
	lists    map[Held]Tally
	renewals map[int64]int
	lost     map[uint64]*access.Finding
	held     map[vault.PersonID]int
	before   map[uint64][]Finding // of the review before, by holding
	last     int64
	was      map[string]int // its numbers of the whole
}

// lookBack is how far the journal is asked back for a last use, in months.
const lookBack = 24

// freeze looks at every access there is. It reads and writes nothing down yet.
func (s *Service) freeze(ctx context.Context, r *Review, last Review, today civil.Date) (*frozen, error) {
	known, err := s.read(ctx, r, last, today)
	if err != nil {
		return nil, err
	}
	f := &frozen{numbers: Numbers{}, persons: roaring.New()}
	for _, h := range s.Access.Standing() {
		if s.Directory.Leaving(h.Person) {
			continue
		}
		known.held[h.Person]++
	}
	for _, h := range s.Access.Standing() {
		if s.Directory.Leaving(h.Person) {
			continue
		}
		name, err := s.Directory.Name(ctx, h.Person)
		if err != nil {
			return nil, err
		}
		e := s.evidence(&h, known, today)
		e.Name, e.Salt = name, salt()
		f.persons.Add(uint32(h.Person))
		f.lines = append(f.lines, Line{
			Unit: h.Basis.Unit, Right: h.Basis.Right, Code: h.Basis.Code, State: Open, Person: h.Person, Evidence: e,
		})
	}
	return f, s.count(ctx, r, f, known)
}

// read gathers what everybody is judged by.
func (s *Service) read(ctx context.Context, r *Review, last Review, today civil.Date) (*evidence, error) {
	e := &evidence{lost: map[uint64]*access.Finding{}, held: map[vault.PersonID]int{}, before: map[uint64][]Finding{}}
	back := monthsOn(today, -max(lookBack, s.Charter.Review.IdleMonths.Value+1))
	var err error
	if e.known, err = s.Access.HistorySince(ctx); err != nil {
		return nil, err
	}
	if e.known.Before(back) {
		e.known = back
	}
	if e.used, e.signedIn, err = s.Journal.Uses(ctx, s.moment(back)); err != nil {
		return nil, err
	}
	if e.factors, err = s.Door.Factors(ctx); err != nil {
		return nil, err
	}
	if e.lists, err = s.Lists.Counted(ctx, s.moment(r.Since)); err != nil {
		return nil, err
	}
	if e.renewals, err = s.Grants.Renewals(ctx); err != nil {
		return nil, err
	}
	lost := s.Access.Lost()
	for i := range lost {
		e.lost[lost[i].Holding.Basis.ID] = &lost[i]
	}
	if e.last = last.ID; last.ID != 0 {
		before, _, err := s.lines(ctx, last.ID)
		if err != nil {
			return nil, err
		}
		if err := s.DB.Read(ctx, func(q database.Querier) error {
			counted, err := numbers(q, last.ID)
			e.was = counted[0]
			return err
		}); err != nil {
			return nil, err
		}
		for i := range before {
			if l := &before[i]; l.Evidence != nil {
				e.before[l.Evidence.Holding] = l.Evidence.Findings
			}
		}
	}
	return e, nil
}

// evidence is what stands about one access, with what is wrong with it.
func (s *Service) evidence(h *access.Holding, known *evidence, today civil.Date) *Evidence {
	b := &h.Basis
	e := &Evidence{
		Holding: b.ID, From: b.From, Until: b.Until, Ground: h.Ground, By: h.By, May: h.May, Rests: !h.Rests.IsZero(),
		SignedIn: s.dayOf(known.signedIn[uint32(h.Person)]),
		Used:     s.dayOf(known.used[journal.Use{Actor: uint32(h.Person), Right: string(b.Right), Unit: uint32(b.Unit)}]),
		Known:    known.known, Factors: known.factors[h.Person], Others: known.held[h.Person] - 1,
	}
	for held, t := range known.lists {
		if held.Person == h.Person && held.Code == b.Code && (b.Unit == 0 || held.Unit == b.Unit) {
			e.Lists.add(t)
		}
	}
	f := facts{lost: known.lost[b.ID], cover: b.Right == access.ByCover, own: h.By == h.Person}
	if h.Grant != nil {
		e.Case, f.renewals = h.Grant.Case, known.renewals[h.Grant.Case]
	}
	if post, is := s.Charter.Post(b.Code); is && b.OfPost() {
		f.post = post
		e.Seats, e.Taken = s.Access.Seats(post, b.Unit)
	}
	if b.Unit != 0 {
		e.Members = s.Directory.Count(b.Unit)
	}
	e.Findings = judge(s.Charter, e, f, today)
	firsts(0, e.Findings, known.before[b.ID])
	return e
}

func (t *Tally) add(o Tally) {
	t.Pulled += o.Pulled
	t.Destroyed += o.Destroyed
	t.Open += o.Open
	t.Overdue += o.Overdue
	t.Kept += o.Kept
}

// dayOf is a moment's day in the charter's zone; none for no moment.
func (s *Service) dayOf(t time.Time) civil.Date {
	if t.IsZero() {
		return civil.Date{}
	}
	return s.Charter.Today(t)
}

// count adds up what stands by body, hand-outs and destruction among it.
func (s *Service) count(ctx context.Context, r *Review, f *frozen, known *evidence) error {
	both := func(body unit.ID, what string, n int) {
		if f.numbers.add(0, what, n); body != 0 {
			f.numbers.add(body, what, n)
		}
	}
	for _, what := range []string{CountPulled, CountDestroyed, CountOpen, CountOverdue, CountHandouts, CountFactor, CountFound} {
		f.numbers.add(0, what, 0)
	}
	for held, t := range known.lists {
		both(held.Unit, CountPulled, t.Pulled)
		both(held.Unit, CountDestroyed, t.Destroyed)
		both(held.Unit, CountOpen, t.Open)
		both(held.Unit, CountOverdue, t.Overdue)
	}
	if known.last != 0 {
		f.numbers.add(0, countLast, int(known.last))
	}
	for what, n := range known.was {
		if what != countLast && !strings.HasPrefix(what, countWas) && !strings.HasPrefix(what, GonePrefix) {
			f.numbers.add(0, countWas+what, n)
		}
	}
	handed, err := s.Lists.Handouts(ctx, s.moment(r.Since))
	if err != nil {
		return err
	}
	for body, n := range handed {
		both(body, CountHandouts, n)
	}
	still := map[uint64]map[Why]bool{}
	for i := range f.lines {
		l := &f.lines[i]
		both(l.Unit, CountAccess, 1)
		both(l.Unit, CountFactor, min(1, len(l.Evidence.Factors)))
		both(l.Unit, CountFound, min(1, len(l.Evidence.Findings)))
		still[l.Evidence.Holding] = map[Why]bool{}
		for _, found := range l.Evidence.Findings {
			still[l.Evidence.Holding][found.Why] = true
			f.numbers.add(0, FoundPrefix+string(found.Why), 1)
		}
	}
	for holding, found := range known.before {
		for _, was := range found {
			if !still[holding][was.Why] {
				f.numbers.add(0, GonePrefix+string(was.Why), 1)
			}
		}
	}
	return nil
}

// write puts lines, evidence and numbers down.
func (s *Service) write(tx *database.Tx, r *Review, f *frozen) error {
	for i := range f.lines {
		l := &f.lines[i]
		id, err := tx.Next("review line")
		if err != nil {
			return err
		}
		l.ID, l.Review, l.At = id, r.ID, tx.Now()
		l.Evidence.Review, l.Evidence.Line = r.ID, id
		for n := range l.Evidence.Findings {
			if found := &l.Evidence.Findings[n]; found.First == 0 {
				found.First = r.ID
			}
		}
		if err := insertLine(tx, l); err != nil {
			return err
		}
		if err := record.Create(s.Records, tx, Evidences, l.Person, uint64(id), l.Evidence); err != nil {
			return err
		}
	}
	for body, counted := range f.numbers {
		for what, n := range counted {
			if n == 0 && body != 0 {
				continue
			}
			if err := addNumber(tx, r.ID, body, what, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// salt makes what a hash is of unguessable.
func salt() []byte {
	b := make([]byte, 16)
	rand.Read(b) // never fails
	return b
}
