package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"sync"

	"kartotek/internal/database"
	"kartotek/internal/fault"
)

// draft is a checked entry with what could be made ready outside the transaction.
type draft struct {
	entry  *Entry
	chunks []chunk
	count  uint64
	digest []byte
}

func (j *Journal) draft(e *Entry) (*draft, error) {
	if j.readOnly {
		return nil, ErrReading
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	d := &draft{entry: e, chunks: split(e.Persons)}
	d.digest = digest(d.chunks)
	if e.Persons != nil {
		d.count = e.Persons.GetCardinality()
	}
	return d, nil
}

// Append puts an entry into the running act, to be committed with it, and
// returns its id. On SQLite it has its place in the tree at once, on PostgreSQL
// within 200 ms after the commit.
func (j *Journal) Append(tx *database.Tx, e *Entry) (int64, error) {
	d, err := j.draft(e)
	if err != nil {
		return 0, err
	}
	ids, err := j.write(tx, []*draft{d})
	if err != nil {
		return 0, err
	}
	return ids[0], nil
}

// write inserts the drafts in their order and returns their ids.
func (j *Journal) write(tx *database.Tx, drafts []*draft) ([]int64, error) {
	ids := make([]int64, len(drafts))
	leaves := make([]leaf, len(drafts))
	entries := rows{into: insertEntries}
	bodies := rows{into: insertBodies}
	persons := rows{into: insertPersons}
	at := tx.Now().UnixMicro()
	for i, d := range drafts {
		id, err := tx.Next(counter)
		if err != nil {
			return nil, err
		}
		keepUntil := d.entry.end(at, j.Standing)
		text := appendBody(nil, &body{Entry: *d.entry, at: at, count: d.count, persons: d.digest})
		salt := make([]byte, nonceLength, saltLength)
		rand.Read(salt) // never fails; it ends the program instead
		salt = append(salt, seal(j.key, id, keepUntil, salt, text)...)
		ids[i] = id
		leaves[i] = leaf{id: id, keepUntil: keepUntil, commitment: commitment(salt, text)}
		entries.add(id, leaves[i].commitment, keepUntil)
		bodies.add(id, salt, text, keepUntil)
		for _, c := range d.chunks {
			persons.add(int64(c.number), id, int64(d.entry.Act), c.bits, keepUntil)
		}
	}
	for _, r := range []*rows{&entries, &bodies, &persons} {
		if err := r.insert(tx); err != nil {
			return nil, err
		}
	}
	if j.db.Engine() == database.SQLite {
		if err := j.place(tx, leaves); err != nil {
			return nil, err
		}
	}
	tx.AfterCommit(j.runner.nudge)
	return ids, nil
}

// group commits the entries of readings that come at the same time in one
// transaction, so that many readers share one wait for the disk.
type group struct {
	commit  sync.Mutex // held by whoever commits for all that wait
	mu      sync.Mutex
	waiting []*reader
}

type reader struct {
	draft *draft
	done  bool // this and the outcome are read and set under commit
	id    int64
	err   error
}

// errUnwritten is a reader's outcome until it has another.
var errUnwritten = errors.New("journal: the entry was not written")

// Read puts a reading on record and returns the entry's id once it is durable;
// only then may the data be given out. Whatever the error, they may not. A
// context that ends while others' entries are being committed does not undo them.
func (j *Journal) Read(ctx context.Context, e *Entry) (int64, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	d, err := j.draft(e)
	if err != nil {
		return 0, err
	}
	r := &reader{draft: d, err: errUnwritten}
	j.group.mu.Lock()
	j.group.waiting = append(j.group.waiting, r)
	j.group.mu.Unlock()

	j.group.commit.Lock()
	defer j.group.commit.Unlock()
	if !r.done { // nobody before us took it along, so we take all that wait by now
		j.commitWaiting(ctx)
	}
	if r.err != nil {
		return 0, fault.New(fault.Unavailable, "journal.error.unwritten").Because(r.err)
	}
	return r.id, nil
}

// commitWaiting writes what waits in one transaction and tells every reader the
// outcome. The caller holds group.commit.
func (j *Journal) commitWaiting(ctx context.Context) {
	j.group.mu.Lock()
	batch := j.group.waiting
	j.group.waiting = nil
	j.group.mu.Unlock()
	drafts := make([]*draft, len(batch))
	for i, r := range batch {
		drafts[i] = r.draft
	}
	var ids []int64
	// One reader's end must not be the neighbours' failure.
	err := j.db.Write(context.WithoutCancel(ctx), func(tx *database.Tx) (err error) {
		ids, err = j.write(tx, drafts)
		return err
	})
	for i, r := range batch {
		r.done, r.err = true, err
		if err == nil {
			r.id = ids[i]
		}
	}
}
