package record

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"kartotek/internal/database"
	"kartotek/internal/vault"
)

// Reading many records is a pipeline of two stages: one goroutine reads sealed
// rows from the database into reused pages, the caller's goroutine unseals and
// hands them on. SQLite's scan, not cryptography, is what a list waits for, so
// the two run side by side.

const (
	// PageSize is how many persons one page of Fetch covers.
	PageSize = 4096
	// scanPage is how many rows one page of Scan carries.
	scanPage = 2048
	// sparse: below one wanted person in so many ids of a page's range, looking
	// them up beats reading the range.
	sparse = 12
	// lookedUp is how many persons one query looks up: a list is in the order of
	// names, so that in a large register every page is looked up, and a query for
	// each person would cost more than the reading.
	lookedUp = 64
)

// page is a run of sealed rows.
type page struct {
	rows  []pageRow
	order []vault.PersonID // Fetch: the order in which to hand them on
}

type pageRow struct {
	label  vault.Label
	sealed []byte
}

func (p *page) reset() {
	p.rows, p.order = p.rows[:0], nil
}

func (p *page) add(rows *database.Rows, kind uint16) error {
	var person, id, class, version int64
	var sealed []byte
	if err := rows.Scan(&person, &id, &class, &version, &sealed); err != nil {
		return err
	}
	p.rows = append(p.rows, pageRow{
		label: vault.Label{
			Person: vault.PersonID(person), Class: vault.Class(class), Kind: kind, ID: uint64(id), Version: uint32(version),
		},
		sealed: sealed,
	})
	return nil
}

// Scan calls fn for every record of a kind in the order of (person, id). The
// value is valid only until fn returns. Records of erased persons and records
// whose key is missing are passed over; the keyring counts the latter and
// raises the alarm. A record that does not open under its key ends the scan.
func Scan[T any](s *Store, ctx context.Context, k *Kind[T], fn func(person vault.PersonID, id uint64, v *T) error) error {
	return scan(s, ctx, k, fn, `kind = $1`, int64(k.Number))
}

// ScanBetween is Scan for the records with ids from first to last.
func ScanBetween[T any](s *Store, ctx context.Context, k *Kind[T], first, last uint64, fn func(person vault.PersonID, id uint64, v *T) error) error {
	return scan(s, ctx, k, fn, `kind = $1 AND id BETWEEN $2 AND $3`, int64(k.Number), int64(first), int64(last))
}

func scan[T any](s *Store, ctx context.Context, k *Kind[T], fn func(person vault.PersonID, id uint64, v *T) error, where string, args ...any) error {
	return pipeline(ctx, func(full chan<- *page, free <-chan *page, done <-chan struct{}) error {
		return s.db.Read(ctx, func(q database.Querier) error {
			rows, err := q.Query(`SELECT person, id, class, version, sealed FROM record WHERE `+where+` ORDER BY person, id`, args...)
			if err != nil {
				return err
			}
			defer rows.Close()
			p := take(free, done)
			for p != nil && rows.Next() {
				if err := p.add(rows, k.Number); err != nil {
					return err
				}
				if len(p.rows) == scanPage {
					full <- p
					p = take(free, done)
				}
			}
			if p != nil {
				full <- p
			}
			return rows.Err()
		})
	}, func(p *page, o *opener) error {
		for i := range p.rows {
			if err := deliver(o, k, &p.rows[i], fn); err != nil {
				return err
			}
		}
		return nil
	}, s)
}

// Fetch calls fn for the records of one kind of the given persons, in the
// order given and by id within a person. It reads pages of PageSize persons;
// no read of the database stays open while fn runs, so a slow receiver holds
// nothing up, and whoever is erased meanwhile is passed over.
func Fetch[T any](s *Store, ctx context.Context, k *Kind[T], persons []vault.PersonID, fn func(person vault.PersonID, id uint64, v *T) error) error {
	return pipeline(ctx, func(full chan<- *page, free <-chan *page, done <-chan struct{}) error {
		for wanted := range slices.Chunk(persons, PageSize) {
			p := take(free, done)
			if p == nil {
				return nil
			}
			p.order = wanted
			if err := s.readPage(ctx, p, k.Number); err != nil {
				return err
			}
			full <- p
		}
		return nil
	}, func(p *page, o *opener) error {
		for _, person := range p.order {
			at, _ := slices.BinarySearchFunc(p.rows, person, func(r pageRow, person vault.PersonID) int {
				return int(int64(r.label.Person) - int64(person))
			})
			for ; at < len(p.rows) && p.rows[at].label.Person == person; at++ {
				if err := deliver(o, k, &p.rows[at], fn); err != nil {
					return err
				}
			}
		}
		return nil
	}, s)
}

// readPage reads the rows of the page's persons, sorted by person and id.
func (s *Store) readPage(ctx context.Context, p *page, kind uint16) error {
	sorted := slices.Clone(p.order)
	slices.Sort(sorted)
	sorted = slices.Compact(sorted)
	first, last := sorted[0], sorted[len(sorted)-1]
	return s.db.Read(ctx, func(q database.Querier) error {
		if int(last-first)+1 > sparse*len(sorted) {
			for some := range slices.Chunk(sorted, lookedUp) {
				if err := s.readSome(q, p, kind, some); err != nil {
					return err
				}
			}
			return nil
		}
		return s.readRange(q, p, kind, first, last, sorted)
	})
}

// readRange reads the rows of persons first to last; those not in only, if it
// is given, are dropped.
func (s *Store) readRange(q database.Querier, p *page, kind uint16, first, last vault.PersonID, only []vault.PersonID) error {
	rows, err := q.Query(`SELECT person, id, class, version, sealed FROM record
		WHERE kind = $1 AND person BETWEEN $2 AND $3 ORDER BY person, id`, int64(kind), int64(first), int64(last))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := p.add(rows, kind); err != nil {
			return err
		}
		if only == nil {
			continue
		}
		added := &p.rows[len(p.rows)-1]
		for len(only) > 0 && only[0] < added.label.Person {
			only = only[1:]
		}
		if len(only) == 0 || only[0] != added.label.Person {
			p.rows = p.rows[:len(p.rows)-1]
		}
	}
	return rows.Err()
}

var selectSome = `SELECT person, id, class, version, sealed FROM record
	WHERE kind = $1 AND person IN ($2` + holes(3, lookedUp+1) + `) ORDER BY person, id`

// holes writes ", $3, $4" from first to last.
func holes(first, last int) string {
	var b strings.Builder
	for n := first; n <= last; n++ {
		b.WriteString(", $" + strconv.Itoa(n))
	}
	return b.String()
}

// readSome reads the rows of at most lookedUp persons, ascending.
func (s *Store) readSome(q database.Querier, p *page, kind uint16, some []vault.PersonID) error {
	args := append(make([]any, 0, 1+lookedUp), int64(kind))
	for i := range lookedUp {
		args = append(args, int64(some[min(i, len(some)-1)])) // the last again and again fills up
	}
	rows, err := q.Query(selectSome, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := p.add(rows, kind); err != nil {
			return err
		}
	}
	return rows.Err()
}

// opener unseals with buffers of its own; one goroutine uses it.
type opener struct {
	*vault.Opener
	plain []byte
}

func deliver[T any](o *opener, k *Kind[T], row *pageRow, fn func(vault.PersonID, uint64, *T) error) error {
	plain, err := o.Open(o.plain[:0], row.label, row.sealed)
	if errors.Is(err, vault.ErrErased) || errors.Is(err, vault.ErrKeyMissing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("record: opening %s %d of person %d: %w", k.Name, row.label.ID, row.label.Person, err)
	}
	o.plain = plain
	var v T
	if err := k.Decode(plain, &v); err != nil {
		return fmt.Errorf("record: reading %s %d of person %d: %w", k.Name, row.label.ID, row.label.Person, err)
	}
	return fn(row.label.Person, row.label.ID, &v)
}

// take waits for a free page; nil once the consumer has stopped. There are no
// more pages than full holds, so handing one on never blocks.
func take(free <-chan *page, done <-chan struct{}) *page {
	select {
	case p := <-free:
		p.reset()
		return p
	case <-done:
		return nil
	}
}

// pipeline runs produce in a goroutine and consume here until the pages end.
func pipeline(ctx context.Context,
	produce func(full chan<- *page, free <-chan *page, done <-chan struct{}) error,
	consume func(*page, *opener) error, s *Store,
) error {
	const pages = 3
	full, free, done := make(chan *page, pages), make(chan *page, pages), make(chan struct{})
	for range pages {
		free <- &page{}
	}
	var failed error
	go func() {
		defer close(full)
		failed = produce(full, free, done)
	}()
	o := &opener{Opener: s.keyring.Opener()}
	for p := range full {
		if err := errors.Join(ctx.Err(), consume(p, o)); err != nil {
			close(done)
			for range full { // the producer must have ended before its pages are let go
			}
			return err
		}
		free <- p
	}
	return failed
}
