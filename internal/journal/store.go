package journal

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"golang.org/x/mod/sumdb/tlog"

	"kartotek/internal/database"
)

// counter numbers the entries: 1, 2, 3 … without gaps.
const counter = "journal"

// insertion is an INSERT in its texts for 1, 2, 4 … rows, so that few
// statements are prepared whatever the number of rows.
type insertion struct {
	width int
	texts [maxShift + 1]string
}

const maxShift = 6 // 64 rows a statement

func newInsertion(table string, columns ...string) *insertion {
	in := &insertion{width: len(columns)}
	for shift := range in.texts {
		var b strings.Builder
		fmt.Fprintf(&b, "INSERT INTO %s (%s) VALUES ", table, strings.Join(columns, ", "))
		for n := range len(columns) << shift {
			switch {
			case n == 0:
				b.WriteString("(")
			case n%len(columns) == 0:
				b.WriteString("), (")
			default:
				b.WriteString(", ")
			}
			fmt.Fprintf(&b, "$%d", n+1)
		}
		b.WriteString(")")
		in.texts[shift] = b.String()
	}
	return in
}

var (
	insertEntries   = newInsertion("journal_entry", "id", "leaf", "keep_until")
	insertBodies    = newInsertion("journal_body", "entry", "salt", "body", "keep_until")
	insertPersons   = newInsertion("journal_person", "chunk", "entry", "act", "bits", "keep_until")
	insertPositions = newInsertion("journal_position", "position", "entry")
	insertHashes    = newInsertion("journal_hash", "idx", "hash")
)

// rows are rows about to be inserted.
type rows struct {
	into *insertion
	args []any
}

func (r *rows) add(values ...any) { r.args = append(r.args, values...) }

func (r *rows) insert(tx *database.Tx) error {
	args := r.args
	for shift := maxShift; shift >= 0; shift-- {
		for n := r.into.width << shift; len(args) >= n; args = args[n:] {
			if _, err := tx.Exec(r.into.texts[shift], args[:n]...); err != nil {
				return err
			}
		}
	}
	return nil
}

// treeSize is the number of placed entries.
func treeSize(q database.Querier) (size int64, err error) {
	err = q.QueryRow(`SELECT COALESCE(MAX(position) + 1, 0) FROM journal_position`).Scan(&size)
	return size, err
}

// newestEntry is the highest id, 0 when there is none.
func newestEntry(q database.Querier) (id int64, err error) {
	err = q.QueryRow(`SELECT COALESCE(MAX(id), 0) FROM journal_entry`).Scan(&id)
	return id, err
}

// newestPlaced is the highest id that has a position, 0 when there is none.
func newestPlaced(q database.Querier) (id int64, err error) {
	err = q.QueryRow(`SELECT COALESCE(MAX(entry), 0) FROM journal_position`).Scan(&id)
	return id, err
}

// readHashes reads stored hashes; database.ErrNotFound if one is missing.
func readHashes(q database.Querier, indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if err := q.QueryRow(`SELECT hash FROM journal_hash WHERE idx = $1`, index).Scan(&hashes[i]); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

// readFrontier reads the edge of the stored tree.
func readFrontier(q database.Querier, size int64) (frontier, error) {
	f := frontier{size: size}
	levels, indexes := f.indexes()
	hashes, err := readHashes(q, indexes)
	if errors.Is(err, database.ErrNotFound) {
		return f, ErrTampered
	}
	for i, hash := range hashes {
		f.edge[levels[i]] = hash
	}
	return f, err
}

// waiting is an entry without a position; what comes from its body is nil when that is missing.
type waiting struct {
	leaf
	salt, body []byte
	bodyKeep   *int64
}

// readWaiting finds the entries above an id that have no position.
func readWaiting(q database.Querier, above int64) ([]waiting, error) {
	found, err := q.Query(`SELECT e.id, e.leaf, e.keep_until, b.salt, b.body, b.keep_until
		FROM journal_entry e LEFT JOIN journal_body b ON b.entry = e.id
		WHERE e.id > $1 AND NOT EXISTS (SELECT 1 FROM journal_position p WHERE p.entry = e.id)
		ORDER BY e.id`, above)
	if err != nil {
		return nil, err
	}
	var all []waiting
	for found.Next() {
		var w waiting
		if err := found.Scan(&w.id, &w.commitment, &w.keepUntil, &w.salt, &w.body, &w.bodyKeep); err != nil {
			return nil, err
		}
		all = append(all, w)
	}
	return all, found.Err()
}

// storedCheckpoint is a row of journal_checkpoint.
type storedCheckpoint struct {
	size int64
	note string
	at   int64 // Unix microseconds
}

func insertCheckpoint(tx *database.Tx, size int64, note string) error {
	_, err := tx.Exec(`INSERT INTO journal_checkpoint (size, note, created_at) VALUES ($1, $2, $3)`,
		size, note, tx.Now().UnixMicro())
	return err
}

// newestCheckpoint is the one over most entries.
func newestCheckpoint(q database.Querier) (c storedCheckpoint, found bool, err error) {
	err = q.QueryRow(`SELECT size, note, created_at FROM journal_checkpoint ORDER BY size DESC LIMIT 1`).
		Scan(&c.size, &c.note, &c.at)
	if errors.Is(err, database.ErrNotFound) {
		return c, false, nil
	}
	return c, err == nil, err
}

// readCheckpoints reads those with above < size <= upTo, ascending.
func readCheckpoints(q database.Querier, above, upTo int64) ([]storedCheckpoint, error) {
	found, err := q.Query(`SELECT size, note, created_at FROM journal_checkpoint
		WHERE size > $1 AND size <= $2 ORDER BY size`, above, upTo)
	if err != nil {
		return nil, err
	}
	var all []storedCheckpoint
	for found.Next() {
		var c storedCheckpoint
		if err := found.Scan(&c.size, &c.note, &c.at); err != nil {
			return nil, err
		}
		all = append(all, c)
	}
	return all, found.Err()
}

// lastInstant is the newest time the journal knows of, in Unix microseconds.
func lastInstant(q database.Querier) (int64, error) {
	var at int64
	var text []byte
	err := q.QueryRow(`SELECT body FROM journal_body ORDER BY entry DESC LIMIT 1`).Scan(&text)
	if err == nil {
		if b, broken := decodeBody(text); broken == nil { // if it is broken, Verify tells
			at = b.at
		}
	} else if !errors.Is(err, database.ErrNotFound) {
		return 0, err
	}
	c, _, err := newestCheckpoint(q)
	return max(at, c.at), err
}

// everything is above every number of a key.
const everything = math.MaxInt64
