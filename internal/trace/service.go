package trace

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"maps"
	"slices"

	"github.com/RoaringBitmap/roaring/v2"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/member"
	"kartotek/internal/vault"
)

// Lists are the lists on record; app connects it to the room that has them.
type Lists interface {
	// Recorded lists those within a Scope decided for reading the journal.
	Recorded(ctx context.Context, scope access.Scope) ([]List, error)
}

// Prints makes what a file is known by; the keyring does.
type Prints interface {
	MAC(purpose string, data []byte) []byte
}

// Parts are what a Service is put together from.
type Parts struct {
	Charter   *charter.Charter
	Access    *access.Register
	Directory *member.Directory
	Journal   *journal.Journal
	Lists     Lists
	Prints    Prints
}

// Service traces.
type Service struct{ Parts }

// New makes a Service.
func New(p Parts) *Service { return &Service{p} }

// File is a found file.
type File struct {
	Content io.ReaderAt
	Size    int64
	Options member.FoundOptions
}

// Scope is the right to trace: that of reading the journal, since its sets answer.
// Whoever has it for some bodies traces among their members and lists (D11).
func (s *Service) Scope(ctx context.Context, by access.Actor) (access.Scope, error) {
	return s.Access.Require(ctx, by, access.Want{Act: charter.Journal})
}

// printSize is how much of the keyed hash a file is known by.
const printSize = 16

// Trace names the lists a found file can come from, best first (L2, L4, D12). Before
// it answers it is journaled, with everybody recognised, the number of rows and the
// file's print; nothing of the file is kept.
func (s *Service) Trace(ctx context.Context, by access.Actor, f File) (*Report, error) {
	scope, err := s.Scope(ctx, by)
	if err != nil {
		return nil, err
	}
	if f.Size > member.FoundLimits.File {
		return nil, fault.New(fault.Invalid, "trace.error.large", "limit", int(member.FoundLimits.File>>20))
	}
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(f.Content, 0, f.Size)); err != nil {
		return nil, err
	}
	print := s.Prints.MAC("trace file", sum.Sum(nil))[:printSize]
	found, err := s.Directory.Recognise(ctx, scope, f.Content, f.Size, f.Options)
	if err != nil {
		return nil, err
	}
	lists, err := s.Lists.Recorded(ctx, scope)
	if err != nil {
		return nil, err
	}
	r, who, err := s.compare(ctx, found, lists)
	if err != nil {
		return nil, err
	}
	r.Print = hex.EncodeToString(print)
	if s.Charter.Parameters.TraceMonths.Value > 0 {
		r.Values = s.Directory.KnownSince()
	}
	e := scope.Entry(journal.Trace)
	e.Persons, e.Number, e.Proof, e.Fields = who, int64(r.Rows), print, fieldsOf(found)
	if _, err := s.Journal.Read(ctx, &e); err != nil {
		return nil, err
	}
	return r, nil
}

// fieldsOf are the fields that were understood in a file, each once.
func fieldsOf(f *member.Found) []string {
	fields := map[string]bool{}
	for _, c := range f.Columns {
		for _, code := range c.Fields {
			fields[code] = true
		}
	}
	return slices.Sorted(maps.Keys(fields))
}

// sorted is who a file holds, numbered.
type sorted struct {
	persons map[vault.PersonID][]int32 // rows with this one person, by the person's own number
	several map[vault.PersonID][]int32 // rows that fit this person among others
	values  [][]int                    // of a person: the rows with a value that was theirs for a time
	among   []int
	who     *roaring.Bitmap // recognised
	asked   *roaring.Bitmap // the same, under every id they ever had
}

// sort numbers the persons and rows of a file.
func sort(found *member.Found, r *Report) *sorted {
	in := &sorted{persons: map[vault.PersonID][]int32{}, several: map[vault.PersonID][]int32{}, who: roaring.New(), asked: roaring.New()}
	numbers := map[vault.PersonID]int32{}
	enter := func(to map[vault.PersonID][]int32, person vault.PersonID, n int32) {
		in.who.Add(uint32(person))
		for _, id := range append([]vault.PersonID{person}, found.Once[person]...) {
			if !slices.Contains(to[id], n) {
				to[id] = append(to[id], n)
			}
			in.asked.Add(uint32(id))
		}
	}
	for i := range found.Rows {
		row := &found.Rows[i]
		switch {
		case row.Common:
			r.Common++
		case len(row.Persons) == 0:
			r.Nobody = append(r.Nobody, row.Line)
		case len(row.Persons) > 1:
			n := int32(len(in.among))
			in.among = append(in.among, len(row.Persons))
			for _, person := range row.Persons {
				enter(in.several, person, n)
			}
		default:
			person := row.Persons[0]
			n, known := numbers[person]
			if !known {
				n = int32(len(numbers))
				numbers[person], in.values = n, append(in.values, nil)
			}
			enter(in.persons, person, n)
			if slices.ContainsFunc(row.Values, telling) {
				in.values[n] = append(in.values[n], i)
			}
		}
	}
	r.Rows, r.Passed, r.Persons, r.Several, r.Columns = len(found.Rows), found.Passed, len(numbers), len(in.among), found.Columns
	return in
}

// telling reports whether a value says anything about when: it was theirs, and not
// always.
func telling(v member.FoundValue) bool {
	return len(v.Theirs) > 0 && !slices.ContainsFunc(v.Theirs, func(s member.Span) bool { return !s.Bounded() })
}

// compare holds who a file holds against who was on which list.
func (s *Service) compare(ctx context.Context, found *member.Found, lists []List) (*Report, *roaring.Bitmap, error) {
	r := &Report{Lists: len(lists)}
	in := sort(found, r)
	of := make(map[int64]*hits, len(lists))
	for i := range lists {
		l := &lists[i]
		of[l.Entry] = &hits{list: l}
		if r.Since.IsZero() || l.PulledAt.Before(r.Since) {
			r.Since = l.PulledAt
		}
	}
	err := s.Journal.Overlap(ctx, journal.List, in.asked, func(entry int64, held []uint32) {
		h := of[entry]
		if h == nil {
			return // a list that nothing is known of any more, or out of reach
		}
		for _, id := range held {
			h.on = append(h.on, in.persons[vault.PersonID(id)]...)
			h.among = append(h.among, in.several[vault.PersonID(id)]...)
		}
	})
	if err != nil {
		return nil, nil, err
	}
	file := fieldsOf(found)
	q := &question{all: found.Within, known: r.Persons, among: in.among, lists: len(lists)}
	for _, h := range of {
		claimed := found.Claims[h.list.Number]
		if len(h.on)+len(h.among)+claimed == 0 {
			continue
		}
		slices.Sort(h.on)
		slices.Sort(h.among)
		h.on, h.among = slices.Compact(h.on), slices.Compact(h.among)
		_, _, _, h.other = columns(file, h.list.Fields)
		agree, differ := byDay(h, in, found)
		h.other += max(-mostByDay, min(mostByDay, valueFits*float64(len(agree))+valueNot*float64(len(differ))))
		h.other += ownNumber * float64(claimed) / float64(max(r.Rows, claimed))
		q.answer = append(q.answer, h)
	}
	q.rank()
	told := q.explain()
	r.Explains = told.covers
	for _, h := range told.lists {
		r.Together = append(r.Together, h.list.Number)
	}
	for i, h := range q.answer {
		at := slices.Index(told.lists, h)
		if at < 0 && (h.total <= 0 || i >= mostTold) {
			continue
		}
		c := Candidate{List: *h.list, Score: h.total, On: len(h.on), Further: len(h.among), Claimed: found.Claims[h.list.Number], Level: Weak}
		switch {
		case at >= 0 && told.clear[at]:
			c.Level = Clear
		case at >= 0 || h.total >= q.enough():
			c.Level = Fits
		}
		c.Same, c.Extra, c.Dropped, _ = columns(file, h.list.Fields)
		c.Agree, c.Differ = byDay(h, in, found)
		c.Agree, c.Differ = c.Agree[:min(len(c.Agree), mostValues)], c.Differ[:min(len(c.Differ), mostValues)]
		r.Best = append(r.Best, c)
	}
	slices.SortStableFunc(r.Best, func(a, b Candidate) int { return rankOf(told, a) - rankOf(told, b) })
	return r, in.who, nil
}

// rankOf puts those that explain the file together first.
func rankOf(told explanation, c Candidate) int {
	if at := slices.IndexFunc(told.lists, func(h *hits) bool { return h.list.Number == c.List.Number }); at >= 0 {
		return at
	}
	return len(told.lists)
}

// byDay parts the values of the persons on a list that were theirs for a time only:
// valid on the day it was pulled, or not.
func byDay(h *hits, in *sorted, found *member.Found) (agree, differ []Value) {
	for _, person := range h.on {
		for _, i := range in.values[person] {
			row := &found.Rows[i]
			for _, v := range row.Values {
				if !telling(v) {
					continue
				}
				told := Value{Line: row.Line, Field: v.Field, Theirs: v.Theirs}
				if slices.ContainsFunc(v.Theirs, func(s member.Span) bool { return s.Holds(h.list.PulledAt) }) {
					agree = append(agree, told)
				} else {
					differ = append(differ, told)
				}
			}
		}
	}
	return agree, differ
}
