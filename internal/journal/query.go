package journal

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/RoaringBitmap/roaring/v2"
	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/database"
)

// Page is the part of a result that is wanted.
type Page struct {
	Offset int // how many lines to leave out
	Limit  int // how many lines at most; 0 is 50
}

func (p Page) limit() int {
	if p.Limit <= 0 {
		return 50
	}
	return p.Limit
}

// of cuts the page out of a result.
func (p Page) of(ids []int64) []int64 {
	from := min(max(p.Offset, 0), len(ids))
	return ids[from:min(len(ids), from+p.limit())]
}

// Account is what the journal holds about a person: who has seen me.
type Account struct {
	Total    int // entries; the sum of the four below
	Opened   int // the card was opened
	Listed   int // left on a list
	Searched int // passed in a search
	Other    int // changed, closed, denied …
	Lines    []Line
}

// About tells who has done what with a person's data, newest first.
func (j *Journal) About(ctx context.Context, person uint32, p Page) (Account, error) {
	return j.AboutAll(ctx, []uint32{person}, p)
}

// AboutAll is About for somebody who stood under several numbers before their cards
// became one.
func (j *Journal) AboutAll(ctx context.Context, persons []uint32, p Page) (Account, error) {
	var a Account
	err := j.db.Read(ctx, func(q database.Querier) error {
		var found []holding
		for _, person := range persons {
			more, err := entriesHolding(q, person, 0)
			if err != nil {
				return err
			}
			found = append(found, more...)
		}
		var err error
		if len(persons) > 1 { // an entry that holds both is one
			slices.SortFunc(found, func(a, b holding) int { return cmp.Compare(b.entry, a.entry) })
			found = slices.CompactFunc(found, func(a, b holding) bool { return a.entry == b.entry })
		}
		ids := make([]int64, len(found))
		for i, f := range found {
			ids[i] = f.entry
			switch f.act.Kind() {
			case KindOpened:
				a.Opened++
			case KindListed:
				a.Listed++
			case KindSearched:
				a.Searched++
			default:
				a.Other++
			}
		}
		a.Total = len(ids)
		a.Lines, err = readLines(q, p.of(ids))
		return err
	})
	return a, err
}

// Lists returns the numbers of the lists a person left on, newest first: who
// must be told when the person's data change or go (L3).
func (j *Journal) Lists(ctx context.Context, person uint32) ([]int64, error) {
	var numbers []int64
	err := j.db.Read(ctx, func(q database.Querier) error {
		found, err := entriesHolding(q, person, List)
		if err != nil {
			return err
		}
		ids := make([]int64, len(found))
		for i, f := range found {
			ids[i] = f.entry
		}
		numbers, err = readNumbers(q, ids)
		return err
	})
	return numbers, err
}

// Entry returns one entry with its persons. It returns database.ErrNotFound if
// there is none, ErrGone if it was pruned.
func (j *Journal) Entry(ctx context.Context, id int64) (Line, error) {
	var l Line
	err := j.db.Read(ctx, func(q database.Querier) error {
		lines, err := readLines(q, []int64{id})
		if err != nil {
			return err
		}
		if len(lines) == 0 {
			return whyMissing(q, id)
		}
		l = lines[0]
		l.Persons, err = readPersons(q, id)
		return err
	})
	return l, err
}

// Persons returns whom an entry concerns: who was on the list. The errors are Entry's.
func (j *Journal) Persons(ctx context.Context, id int64) (*roaring.Bitmap, error) {
	l, err := j.Entry(ctx, id)
	return l.Persons, err
}

// whyMissing tells an entry that was pruned from one that never was.
func whyMissing(q database.Querier, id int64) error {
	var known int64
	if err := q.QueryRow(`SELECT id FROM journal_entry WHERE id = $1`, id).Scan(&known); err != nil {
		return err
	}
	return ErrGone
}

// holding is an entry that concerns a person.
type holding struct {
	entry int64
	act   Act
}

// entriesHolding finds the entries that concern a person, newest first; an act
// of 0 is any. It reads the rows of the person's chunk, but of those with one
// person only that person's own.
func entriesHolding(q database.Querier, person uint32, act Act) ([]holding, error) {
	low := uint16(person & (chunkSize - 1))
	text := `SELECT entry, act, bits FROM journal_person
		WHERE chunk = $1 AND (length(bits) <> 2 OR bits = $2) ORDER BY entry DESC`
	args := []any{int64(person >> chunkShift), encodeChunk([]uint16{low})}
	if act != 0 {
		text = `SELECT entry, act, bits FROM journal_person
			WHERE chunk = $1 AND (length(bits) <> 2 OR bits = $2) AND act = $3 ORDER BY entry DESC`
		args = append(args, int64(act))
	}
	found, err := q.Query(text, args...)
	if err != nil {
		return nil, err
	}
	var all []holding
	for found.Next() {
		var entry, number int64
		var bits []byte
		if err := found.Scan(&entry, &number, &bits); err != nil {
			return nil, err
		}
		if holds(bits, low) {
			all = append(all, holding{entry, Act(number)})
		}
	}
	return all, found.Err()
}

// readPersons reads an entry's set.
func readPersons(q database.Querier, entry int64) (*roaring.Bitmap, error) {
	found, err := q.Query(`SELECT chunk, bits FROM journal_person WHERE entry = $1 ORDER BY chunk`, entry)
	if err != nil {
		return nil, err
	}
	set := roaring.New()
	for found.Next() {
		var c chunk
		if err := found.Scan(&c.number, &c.bits); err != nil {
			return nil, err
		}
		if err := c.addTo(set); err != nil {
			return nil, err
		}
	}
	return set, found.Err()
}

// bodiesAtOnce is how many bodies one query fetches by their ids.
const bodiesAtOnce = 64

var selectBodies = `SELECT entry, body, keep_until FROM journal_body WHERE entry IN (` + placeholders(bodiesAtOnce) + `)`

func placeholders(n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteString(", ")
		}
		b.WriteString("$" + strconv.Itoa(i+1))
	}
	return b.String()
}

// eachBody calls fn with the bodies of the entries, in their order; those
// without one are left out.
func eachBody(q database.Querier, ids []int64, fn func(id int64, text []byte, keepUntil int64) error) error {
	type row struct {
		text      []byte
		keepUntil int64
	}
	args := make([]any, bodiesAtOnce)
	for some := range slices.Chunk(ids, bodiesAtOnce) {
		for i := range args {
			args[i] = some[min(i, len(some)-1)] // the last again and again fills up
		}
		found, err := q.Query(selectBodies, args...)
		if err != nil {
			return err
		}
		bodies := make(map[int64]row, len(some))
		for found.Next() {
			var id int64
			var r row
			if err := found.Scan(&id, &r.text, &r.keepUntil); err != nil {
				return err
			}
			bodies[id] = r
		}
		if err := found.Err(); err != nil {
			return err
		}
		for _, id := range some {
			if r, ok := bodies[id]; ok {
				if err := fn(id, r.text, r.keepUntil); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// readLines reads entries without their persons, in the order of the ids.
func readLines(q database.Querier, ids []int64) ([]Line, error) {
	lines := make([]Line, 0, len(ids))
	err := eachBody(q, ids, func(id int64, text []byte, keepUntil int64) error {
		l, err := newLine(id, text, keepUntil)
		lines = append(lines, l)
		return err
	})
	return lines, err
}

func newLine(id int64, text []byte, keepUntil int64) (Line, error) {
	b, err := decodeBody(text)
	if err != nil {
		return Line{}, errors.Join(err, ErrTampered)
	}
	return Line{Entry: b.Entry, ID: id, At: instant(b.at), KeepUntil: instant(keepUntil), Count: int(b.count)}, nil
}

// readNumbers reads the entries' numbers, in the order of the ids.
func readNumbers(q database.Querier, ids []int64) ([]int64, error) {
	numbers := make([]int64, 0, len(ids))
	err := eachBody(q, ids, func(_ int64, text []byte, _ int64) error {
		return eachField(text, func(n protowire.Number, number uint64, _ []byte) error {
			if n == fieldNumber {
				numbers = append(numbers, int64(number))
			}
			return nil
		})
	})
	return numbers, err
}

// ofAtOnce is how many entries are looked at for the last end.
const ofAtOnce = 200

// Of tells how many entries are about a person's data, and until when the journal
// says so of the newest of them.
func (j *Journal) Of(ctx context.Context, person uint32) (count int, last time.Time, err error) {
	a, err := j.About(ctx, person, Page{Limit: ofAtOnce})
	for i := range a.Lines {
		if a.Lines[i].KeepUntil.After(last) {
			last = a.Lines[i].KeepUntil
		}
	}
	return a.Total, last, err
}
