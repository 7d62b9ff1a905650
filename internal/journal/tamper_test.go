package journal

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"kartotek/internal/database"
)

// attacker is somebody with all rights on the database and this source code,
// but without the signing key.
type attacker struct {
	t  *testing.T
	tx *database.Tx
}

// attack runs fn with the guarding triggers gone.
func attack(t *testing.T, db *database.DB, fn func(a attacker)) {
	t.Helper()
	must(t, db.Write(ctx, func(tx *database.Tx) error {
		assault(t, db, tx, fn)
		return nil
	}))
}

func assault(t *testing.T, db *database.DB, tx *database.Tx, fn func(a attacker)) {
	t.Helper()
	a := attacker{t, tx}
	a.disarm(db.Engine())
	fn(a)
}

func (a attacker) disarm(e database.Engine) {
	a.t.Helper()
	if e == database.PostgreSQL {
		for _, table := range []string{"entry", "body", "person", "position", "hash", "checkpoint"} {
			a.do(`ALTER TABLE journal_` + table + ` DISABLE TRIGGER USER`)
		}
		return
	}
	for _, name := range column[string](a, `SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name LIKE 'journal_%'`) {
		a.do(`DROP TRIGGER ` + name)
	}
}

func (a attacker) do(text string, args ...any) {
	a.t.Helper()
	if _, err := a.tx.Exec(text, args...); err != nil {
		a.t.Fatalf("%s: %v", text, err)
	}
}

// column reads the one column of a query.
func column[T any](a attacker, text string, args ...any) []T {
	a.t.Helper()
	found, err := a.tx.Query(text, args...)
	must(a.t, err)
	var all []T
	for found.Next() {
		var v T
		must(a.t, found.Scan(&v))
		all = append(all, v)
	}
	must(a.t, found.Err())
	return all
}

// one reads one value.
func one[T any](a attacker, text string, args ...any) T {
	a.t.Helper()
	all := column[T](a, text, args...)
	if len(all) != 1 {
		a.t.Fatalf("%s: %d rows", text, len(all))
	}
	return all[0]
}

// rewrite changes what an entry says, with its old salt.
func (a attacker) rewrite(id int64, change func(b *body)) {
	a.t.Helper()
	b, err := decodeBody(one[[]byte](a, `SELECT body FROM journal_body WHERE entry = $1`, id))
	must(a.t, err)
	change(b)
	a.do(`UPDATE journal_body SET body = $1 WHERE entry = $2`, appendBody(nil, b), id)
}

// recommit makes an entry's leaf fit its body again.
func (a attacker) recommit(id int64) {
	a.t.Helper()
	salt := one[[]byte](a, `SELECT salt FROM journal_body WHERE entry = $1`, id)
	text := one[[]byte](a, `SELECT body FROM journal_body WHERE entry = $1`, id)
	a.do(`UPDATE journal_entry SET leaf = $1 WHERE id = $2`, commitment(salt, text), id)
}

// rehash makes all stored hashes fit the entries in their positions again, and
// the positions dense.
func (a attacker) rehash() {
	a.t.Helper()
	a.do(`DELETE FROM journal_hash`)
	order := column[int64](a, `SELECT entry FROM journal_position ORDER BY position`)
	a.do(`DELETE FROM journal_position`)
	var tree frontier
	for _, id := range order {
		l := leaf{id, one[int64](a, `SELECT keep_until FROM journal_entry WHERE id = $1`, id), one[[]byte](a, `SELECT leaf FROM journal_entry WHERE id = $1`, id)}
		a.do(`INSERT INTO journal_position (position, entry) VALUES ($1, $2)`, tree.size, id)
		index := tlog.StoredHashIndex(0, tree.size)
		hashes, err := tree.add(l.record())
		must(a.t, err)
		for i, h := range hashes {
			a.do(`INSERT INTO journal_hash (idx, hash) VALUES ($1, $2)`, index+int64(i), h[:])
		}
	}
}

// root is the root over the first entries, by the stored hashes.
func (a attacker) root(size int64) tlog.Hash {
	a.t.Helper()
	tree, err := readFrontier(a.tx, size)
	must(a.t, err)
	root, err := tree.root()
	must(a.t, err)
	return root
}

// resign signs all checkpoints anew with another key.
func (a attacker) resign(signer note.Signer) {
	a.t.Helper()
	for _, size := range column[int64](a, `SELECT size FROM journal_checkpoint`) {
		a.do(`DELETE FROM journal_checkpoint WHERE size = $1`, size)
		a.sign(signer, size, a.root(size))
	}
}

func (a attacker) sign(signer note.Signer, size int64, root tlog.Hash) {
	a.t.Helper()
	signed, err := note.Sign(&note.Note{Text: checkpoint{size, root, firstEpoch}.text(origin)}, signer)
	must(a.t, err)
	must(a.t, insertCheckpoint(a.tx, size, string(signed)))
}

// impostor signs with a key of its own under the register's name and key hash.
type impostor struct{ note.Signer }

func (impostor) KeyHash() uint32 { return ownSigner.KeyHash() }

// swap exchanges two rows of a table in one column.
func (a attacker) swap(table, column, key string, x, y int64) {
	a.t.Helper()
	vx := one[any](a, fmt.Sprintf(`SELECT %s FROM %s WHERE %s = $1`, column, table, key), x)
	vy := one[any](a, fmt.Sprintf(`SELECT %s FROM %s WHERE %s = $1`, column, table, key), y)
	set := fmt.Sprintf(`UPDATE %s SET %s = $1 WHERE %s = $2`, table, column, key)
	if n, ok := vx.(int64); ok && column != "keep_until" { // through a value nobody has, for unique columns
		a.do(set, int64(-1), x)
		a.do(set, n, y)
	} else {
		a.do(set, vx, y)
	}
	a.do(set, vy, x)
}

// remove takes an entry out with all that belongs to it.
func (a attacker) remove(id int64) {
	for _, text := range []string{`DELETE FROM journal_entry WHERE id = $1`, `DELETE FROM journal_body WHERE entry = $1`,
		`DELETE FROM journal_person WHERE entry = $1`, `DELETE FROM journal_position WHERE entry = $1`} {
		a.do(text, id)
	}
}

// manipulation is one thing to do to a journal of 40 entries, with checkpoints
// over 10, 25 and 37; entry n stands at position n-1 and concerns persons.
type manipulation struct {
	name string
	do   func(a attacker)
	want []ProblemKind // one of these must be found
	seal bool          // only the seals show it: no checkpoint stands over it yet
	wide bool          // it shows in many places
}

var otherSigner, _ = keys("register")

var manipulations = []manipulation{
	// Altered.
	{name: "a byte of a body", want: []ProblemKind{BodyAltered}, do: func(a attacker) {
		text := one[[]byte](a, `SELECT body FROM journal_body WHERE entry = 5`)
		text[len(text)-1] ^= 1
		a.do(`UPDATE journal_body SET body = $1 WHERE entry = 5`, text)
	}},
	{name: "who it was", want: []ProblemKind{BodyAltered}, do: func(a attacker) { a.rewrite(5, func(b *body) { b.Actor = 99 }) }},
	{name: "a salt", want: []ProblemKind{BodyAltered}, do: func(a attacker) {
		a.do(`UPDATE journal_body SET salt = $1 WHERE entry = 5`, make([]byte, saltLength))
	}},
	{name: "who it was, leaf fitted", want: []ProblemKind{EntryAltered}, do: func(a attacker) {
		a.rewrite(5, func(b *body) { b.Actor = 99 })
		a.recommit(5)
	}},
	{name: "who it was, leaf and its hash fitted", want: []ProblemKind{HashWrong}, do: func(a attacker) {
		a.rewrite(5, func(b *body) { b.Actor = 99 })
		a.recommit(5)
		l := leaf{5, one[int64](a, `SELECT keep_until FROM journal_entry WHERE id = 5`), one[[]byte](a, `SELECT leaf FROM journal_entry WHERE id = 5`)}
		h := tlog.RecordHash(l.record())
		a.do(`UPDATE journal_hash SET hash = $1 WHERE idx = $2`, h[:], tlog.StoredHashIndex(0, 4))
	}},
	{name: "who it was, all hashes fitted", want: []ProblemKind{CheckpointWrong}, do: func(a attacker) {
		a.rewrite(5, func(b *body) { b.Actor = 99 })
		a.recommit(5)
		a.rehash()
	}},
	{name: "a body that is none, all hashes fitted", want: []ProblemKind{CheckpointWrong}, do: func(a attacker) {
		a.do(`UPDATE journal_body SET body = $1 WHERE entry = 5`, []byte{7})
		a.recommit(5)
		a.rehash()
	}},
	{name: "a leaf", want: []ProblemKind{BodyAltered}, do: func(a attacker) {
		a.do(`UPDATE journal_entry SET leaf = $1 WHERE id = 5`, make([]byte, 32))
	}},
	// Re-signed.
	{name: "who it was, all fitted, re-signed with another key", want: []ProblemKind{CheckpointUnsigned}, do: func(a attacker) {
		a.rewrite(5, func(b *body) { b.Actor = 99 })
		a.recommit(5)
		a.rehash()
		a.resign(otherSigner)
	}},
	{name: "the same under the register's key hash", want: []ProblemKind{CheckpointUnsigned}, do: func(a attacker) {
		a.rewrite(5, func(b *body) { b.Actor = 99 })
		a.recommit(5)
		a.rehash()
		a.resign(impostor{otherSigner})
	}},
	{name: "nothing but the signatures", want: []ProblemKind{CheckpointUnsigned}, do: func(a attacker) { a.resign(otherSigner) }},
	{name: "who it was, all fitted, checkpoints gone", want: []ProblemKind{NotOurs}, seal: true, do: func(a attacker) {
		a.rewrite(5, func(b *body) { b.Actor = 99 })
		a.recommit(5)
		a.rehash()
		a.do(`DELETE FROM journal_checkpoint`)
	}},
	{name: "a checkpoint's size", want: []ProblemKind{CheckpointWrong}, do: func(a attacker) {
		a.do(`UPDATE journal_checkpoint SET size = 26 WHERE size = 25`)
	}},
	{name: "a checkpoint's text", want: []ProblemKind{CheckpointUnsigned}, do: func(a attacker) {
		text := one[string](a, `SELECT note FROM journal_checkpoint WHERE size = 25`)
		a.do(`UPDATE journal_checkpoint SET note = $1 WHERE size = 25`, string(bytes.Replace([]byte(text), []byte("\n25\n"), []byte("\n26\n"), 1)))
	}},
	{name: "a checkpoint over what does not exist", want: []ProblemKind{CheckpointUnsigned}, do: func(a attacker) {
		a.sign(otherSigner, 90, tlog.Hash{})
	}},
	// Persons.
	{name: "a person taken off a list", want: []ProblemKind{PersonsAltered}, do: func(a attacker) {
		a.do(`UPDATE journal_person SET bits = $1 WHERE entry = 6 AND chunk = 0`, encodeChunk([]uint16{1}))
	}},
	{name: "a chunk of persons taken off", want: []ProblemKind{PersonsAltered}, do: func(a attacker) {
		a.do(`DELETE FROM journal_person WHERE entry = 6 AND chunk = 2`)
	}},
	{name: "all persons taken off", want: []ProblemKind{PersonsAltered}, do: func(a attacker) { a.do(`DELETE FROM journal_person WHERE entry = 6`) }},
	{name: "a chunk of persons put on", want: []ProblemKind{PersonsAltered}, do: func(a attacker) {
		a.do(`INSERT INTO journal_person (chunk, entry, act, bits, keep_until) SELECT 9, entry, act, bits, keep_until FROM journal_person WHERE entry = 6 AND chunk = 0`)
	}},
	{name: "persons in another chunk", want: []ProblemKind{PersonsAltered}, do: func(a attacker) {
		a.do(`UPDATE journal_person SET chunk = 9 WHERE entry = 6 AND chunk = 0`)
	}},
	{name: "persons of another entry", want: []ProblemKind{PersonsAltered}, do: func(a attacker) {
		a.do(`UPDATE journal_person SET entry = 7 WHERE entry = 6 AND chunk = 2`)
	}},
	{name: "a list passed for a search", want: []ProblemKind{PersonsAltered}, do: func(a attacker) {
		a.do(`UPDATE journal_person SET act = 1 WHERE entry = 6 AND chunk = 2`)
	}},
	{name: "persons of no entry", want: []ProblemKind{Stray}, do: func(a attacker) {
		a.do(`INSERT INTO journal_person (chunk, entry, act, bits, keep_until) VALUES (0, 4711, 2, $1, 0)`, encodeChunk([]uint16{1}))
	}},
	{name: "the body of no entry", want: []ProblemKind{Stray}, do: func(a attacker) {
		a.do(`INSERT INTO journal_body (entry, salt, body, keep_until) SELECT 4711, salt, body, keep_until FROM journal_body WHERE entry = 6`)
	}},
	// Removed.
	{name: "a body away before its end", want: []ProblemKind{BodyMissing}, do: func(a attacker) {
		a.do(`DELETE FROM journal_body WHERE entry = 5`)
		a.do(`DELETE FROM journal_person WHERE entry = 5`)
	}},
	{name: "a body away, its end put forward", want: []ProblemKind{EntryAltered}, do: func(a attacker) {
		a.do(`UPDATE journal_entry SET keep_until = 1 WHERE id = 5`)
		a.do(`DELETE FROM journal_body WHERE entry = 5`)
		a.do(`DELETE FROM journal_person WHERE entry = 5`)
	}},
	{name: "a body away, persons left", want: []ProblemKind{Stray}, do: func(a attacker) { a.do(`DELETE FROM journal_body WHERE entry = 6`) }},
	{name: "a body's end", want: []ProblemKind{RetentionAltered}, do: func(a attacker) { a.do(`UPDATE journal_body SET keep_until = 1 WHERE entry = 5`) }},
	{name: "an entry's end", want: []ProblemKind{EntryAltered}, do: func(a attacker) { a.do(`UPDATE journal_entry SET keep_until = 1 WHERE id = 5`) }},
	{name: "persons' end", want: []ProblemKind{RetentionAltered}, do: func(a attacker) {
		a.do(`UPDATE journal_person SET keep_until = 1 WHERE entry = 6 AND chunk = 0`)
	}},
	{name: "an entry away", want: []ProblemKind{PositionWrong}, do: func(a attacker) { a.remove(5) }},
	{name: "an entry's row away", want: []ProblemKind{EntryMissing}, do: func(a attacker) { a.do(`DELETE FROM journal_entry WHERE id = 5`) }},
	{name: "a position away", want: []ProblemKind{PositionWrong}, do: func(a attacker) { a.do(`DELETE FROM journal_position WHERE entry = 5`) }},
	{name: "a position and its hashes away", want: []ProblemKind{PositionWrong}, do: func(a attacker) {
		a.remove(5)
		a.do(`DELETE FROM journal_hash WHERE idx = $1`, tlog.StoredHashIndex(0, 4))
	}},
	{name: "an entry away, all fitted", want: []ProblemKind{CheckpointWrong}, do: func(a attacker) { a.remove(5); a.rehash() }},
	{name: "the first entry away, all fitted", want: []ProblemKind{CheckpointWrong}, do: func(a attacker) { a.remove(1); a.rehash() }},
	{name: "the newest away, a checkpoint left", want: []ProblemKind{CheckpointTooNew}, do: func(a attacker) {
		for id := int64(36); id <= 40; id++ {
			a.remove(id)
		}
		a.rehash()
	}},
	{name: "everything away but the checkpoints", want: []ProblemKind{CheckpointTooNew}, do: func(a attacker) {
		for _, table := range []string{"entry", "body", "person", "position", "hash"} {
			a.do(`DELETE FROM journal_` + table)
		}
	}},
	// Reordered.
	{name: "two places exchanged", want: []ProblemKind{EntryAltered}, do: func(a attacker) { a.swap("journal_position", "entry", "position", 4, 6) }},
	{name: "two places exchanged, all fitted", want: []ProblemKind{CheckpointWrong}, do: func(a attacker) {
		a.swap("journal_position", "entry", "position", 4, 6)
		a.rehash()
	}},
	{name: "two bodies exchanged", want: []ProblemKind{BodyAltered}, do: func(a attacker) {
		a.swap("journal_body", "body", "entry", 5, 8)
		a.swap("journal_body", "salt", "entry", 5, 8)
	}},
	{name: "two entries exchanged under their ids", want: []ProblemKind{EntryAltered}, do: func(a attacker) {
		for _, c := range []string{"body", "salt", "keep_until"} {
			a.swap("journal_body", c, "entry", 5, 8)
		}
		a.swap("journal_entry", "leaf", "id", 5, 8)
		a.swap("journal_entry", "keep_until", "id", 5, 8)
		a.swap("journal_position", "entry", "position", 4, 7)
	}},
	{name: "an entry in two places", want: []ProblemKind{PositionWrong}, do: func(a attacker) {
		a.do(`CREATE TABLE forged AS SELECT * FROM journal_position`)
		a.do(`DROP TABLE journal_position`)
		a.do(`ALTER TABLE forged RENAME TO journal_position`)
		a.do(`UPDATE journal_position SET entry = 5 WHERE position = 7`)
	}},
	{name: "a place given twice", want: []ProblemKind{PositionWrong}, do: func(a attacker) {
		a.do(`CREATE TABLE forged AS SELECT * FROM journal_position`)
		a.do(`DROP TABLE journal_position`)
		a.do(`ALTER TABLE forged RENAME TO journal_position`)
		a.do(`INSERT INTO journal_position (position, entry) VALUES (7, 40)`)
	}},
	{name: "a place before the first", want: []ProblemKind{PositionWrong}, do: func(a attacker) {
		a.do(`UPDATE journal_position SET position = -1 WHERE position = 39`)
	}},
	{name: "a place far away", want: []ProblemKind{PositionWrong}, do: func(a attacker) {
		a.do(`UPDATE journal_position SET position = 4000000000000 WHERE position = 39`)
	}},
	// Inserted.
	{name: "an entry without a place", want: []ProblemKind{NotOurs}, seal: true, do: func(a attacker) { must(a.t, forge(a.tx, 41)) }},
	{name: "an entry at the end, all fitted", want: []ProblemKind{NotOurs}, seal: true, do: func(a attacker) {
		must(a.t, forge(a.tx, 41))
		a.do(`INSERT INTO journal_position (position, entry) VALUES (40, 41)`)
		a.rehash()
	}},
	{name: "an entry in between", want: []ProblemKind{EntryAltered}, wide: true, do: func(a attacker) {
		must(a.t, forge(a.tx, 41))
		a.do(`UPDATE journal_position SET position = position + 1000 WHERE position >= 10`)
		a.do(`UPDATE journal_position SET position = position - 999 WHERE position >= 1000`)
		a.do(`INSERT INTO journal_position (position, entry) VALUES (10, 41)`)
	}},
	{name: "an entry in between, all fitted", want: []ProblemKind{CheckpointWrong}, do: func(a attacker) {
		must(a.t, forge(a.tx, 41))
		a.do(`UPDATE journal_position SET position = position + 1000 WHERE position >= 10`)
		a.do(`INSERT INTO journal_position (position, entry) VALUES (10, 41)`)
		a.rehash()
	}},
	{name: "who it was, above the newest checkpoint, all fitted", want: []ProblemKind{NotOurs}, seal: true, do: func(a attacker) {
		a.rewrite(39, func(b *body) { b.Actor = 99 })
		a.recommit(39)
		a.rehash()
	}},
	// The tree.
	{name: "a leaf's hash", want: []ProblemKind{EntryAltered}, do: func(a attacker) {
		a.do(`UPDATE journal_hash SET hash = $1 WHERE idx = $2`, make([]byte, 32), tlog.StoredHashIndex(0, 4))
	}},
	{name: "an inner hash", want: []ProblemKind{HashWrong}, do: func(a attacker) {
		a.do(`UPDATE journal_hash SET hash = $1 WHERE idx = $2`, make([]byte, 32), tlog.StoredHashIndex(3, 0))
	}},
	{name: "a hash away", want: []ProblemKind{HashWrong}, do: func(a attacker) {
		a.do(`DELETE FROM journal_hash WHERE idx = $1`, tlog.StoredHashIndex(0, 4))
	}},
	{name: "a hash too many", want: []ProblemKind{HashWrong}, do: func(a attacker) {
		a.do(`INSERT INTO journal_hash (idx, hash) VALUES (5000, $1)`, make([]byte, 32))
	}},
	{name: "an epoch nobody began, all fitted", want: []ProblemKind{CheckpointWrong}, do: func(a attacker) {
		a.rewrite(5, func(b *body) { b.Entry = Entry{Act: Epoch, Number: 2} })
		a.recommit(5)
		a.rehash()
	}},
}

func has(r Report, kinds ...ProblemKind) bool {
	return slices.ContainsFunc(r.Problems, func(p Problem) bool { return slices.Contains(kinds, p.Kind) })
}
