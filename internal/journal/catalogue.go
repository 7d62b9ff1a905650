package journal

import (
	"context"
	"sync"
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	"kartotek/internal/database"
)

// Filter says which entries the log page wants; zero values want all.
type Filter struct {
	Actor uint32
	Unit  uint32 // as the right's body or as the one asked for
	Act   Act
	From  time.Time // at or after
	To    time.Time // before
}

// Excerpt is a part of the journal.
type Excerpt struct {
	Total int // how many entries the filter lets through
	Lines []Line
}

// catalogue is what a filter asks of each entry, 32 bytes an entry, in the
// order of the positions. Bodies are not stored by column; the catalogue is read
// when the log is first asked for, and from then on only what has come since.
type catalogue struct {
	mu   sync.Mutex
	next int64 // the first position it does not hold
	rows []summary
}

type summary struct {
	entry, at           int64
	actor, unit, target uint32
	act                 Act
}

// Recent returns entries for the log page, newest first.
func (j *Journal) Recent(ctx context.Context, f Filter, p Page) (Excerpt, error) {
	var out Excerpt
	// Locked before the snapshot is taken: what Prune deletes afterwards it
	// also forgets here afterwards.
	c := &j.catalogue
	c.mu.Lock()
	defer c.mu.Unlock()
	err := j.db.Read(ctx, func(q database.Querier) error {
		if err := c.catchUp(q); err != nil {
			return err
		}
		var ids []int64
		ids, out.Total = c.matching(f, p)
		var err error
		out.Lines, err = readLines(q, ids)
		return err
	})
	return out, err
}

// matching filters, newest first, and returns the page and how many there are.
func (c *catalogue) matching(f Filter, p Page) (ids []int64, total int) {
	from, to := f.From.UnixMicro(), f.To.UnixMicro()
	for i := len(c.rows) - 1; i >= 0; i-- {
		r := &c.rows[i]
		if (f.Actor == 0 || r.actor == f.Actor) &&
			(f.Unit == 0 || r.unit == f.Unit || r.target == f.Unit) &&
			(f.Act == 0 || r.act == f.Act) &&
			(f.From.IsZero() || r.at >= from) &&
			(f.To.IsZero() || r.at < to) {
			if total >= p.Offset && len(ids) < p.limit() {
				ids = append(ids, r.entry)
			}
			total++
		}
	}
	return ids, total
}

// catchUp reads the entries placed since the last time.
func (c *catalogue) catchUp(q database.Querier) error {
	found, err := q.Query(`SELECT p.position, p.entry, b.body
		FROM journal_position p JOIN journal_body b ON b.entry = p.entry
		WHERE p.position >= $1 ORDER BY p.position`, c.next)
	if err != nil {
		return err
	}
	for found.Next() {
		var position int64
		var s summary
		var text []byte
		if err := found.Scan(&position, &s.entry, &text); err != nil {
			return err
		}
		err := eachField(text, func(n protowire.Number, number uint64, _ []byte) error {
			switch n {
			case fieldAt:
				s.at = int64(number)
			case fieldAct:
				s.act = Act(number)
			case fieldActor:
				s.actor = uint32(number)
			case fieldUnit:
				s.unit = uint32(number)
			case fieldTarget:
				s.target = uint32(number)
			}
			return nil
		})
		if err != nil {
			return err
		}
		c.rows = append(c.rows, s)
		c.next = position + 1
	}
	return found.Err()
}

// forget empties the catalogue, since entries were pruned.
func (c *catalogue) forget() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next, c.rows = 0, nil
}
