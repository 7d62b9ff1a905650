package vault

import (
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"kartotek/internal/database"
	"kartotek/internal/durable"
)

// mastery is a master key in use.
type mastery struct {
	key    Master
	cipher cipher.AEAD
}

func newMastery(m Master) *mastery { return &mastery{m, newCipher(m.key[:])} }

// Rotated is what a rotation did.
type Rotated struct {
	Number  int64 // the keyring's first rotation is 1
	Keys    int   // of persons
	OneOffs int
	Damaged int // wrapped keys that no master key opens, left as they were
}

// What the files of a rotation are called beside the master key's.
const (
	rotating = ".rotating"   // the key to come
	retired  = ".retired-%d" // the key that was, until every copy of the keyring is under the new one
)

// atOnce is how many drawers a rotation holds at once.
const atOnce = 1024

// Rotate draws another master key, or takes the one at a place, and wraps every key
// of the keyring anew under it: persons' keys, one-off keys, secrets. It is one
// transaction, so whatever stops it leaves a keyring that one of the two opens; the
// register is not touched, and whoever reads meanwhile goes on reading.
//
// The zero Source means "as now": another key in the same file, another passphrase.
// A master key file that was is left as Standing.Retired until DestroyRetired,
// since copies of the keyring may still need it. Shares of the old key end.
//
// A wrapped key that does not open is ErrTampered and nothing is changed, unless
// despite is set: then it stays as it lies, and is counted.
func (k *Keyring) Rotate(ctx context.Context, to Unlock, despite bool) (done Rotated, err error) {
	k.turning.Lock()
	defer k.turning.Unlock()
	target := to.Source
	if target.Kind == "" {
		target = k.Standing().Source
	}
	path, err := target.Path(k.Path())
	if err != nil {
		return done, err
	}
	mine, err := k.sourceFile()
	if err != nil {
		return done, err
	}
	key, inPlace, err := k.drawNext(ctx, &to, target, path, mine)
	if err != nil {
		return done, err
	}
	number := k.Standing().Rotation + 1
	old := k.master.Load().key
	err = k.rewrap(ctx, key.master, despite, &done, func(tx *database.Tx) error {
		return k.amend(tx, func(s *Standing) {
			s.Rotation, s.Since, s.Revision = number, tx.Now(), k.Revision()+1
			s.Source, s.Derivation = key.source, key.derivation
			s.Sets, s.Arranged, s.Grounds = nil, time.Time{}, nil
			switch {
			case inPlace:
				s.Retired = append(s.Retired, Retired{mine + fmt.Sprintf(retired, number), markOf(old)})
			case mine != "":
				s.Retired = append(s.Retired, Retired{mine, markOf(old)})
			}
		})
	})
	if err != nil {
		return done, err
	}
	done.Number = number
	k.from.Store(&key.source)
	return done, errors.Join(k.finishRetiring(), k.db.Forget(context.WithoutCancel(ctx)))
}

// sourceFile is the file that the master key of now came from; "" for none.
func (k *Keyring) sourceFile() (string, error) {
	from := k.From()
	if from.Kind != FromFile {
		return "", nil
	}
	return from.Path(k.Path())
}

// drawNext gets the master key to come. In its own place it lies beside the key
// of now until the keyring is under it.
func (k *Keyring) drawNext(ctx context.Context, to *Unlock, target Source, path, mine string) (key newKey, inPlace bool, err error) {
	inPlace = target.Kind == FromFile && path == mine
	switch {
	case inPlace:
		if err := durable.Destroy(path + rotating); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return key, true, err
		}
		key, err = to.draw(ctx, k.Path(), Source{FromFile, path + rotating})
		key.source = tidySource(k.Path(), path)
	default:
		key, err = to.draw(ctx, k.Path(), target)
	}
	if err != nil {
		return key, inPlace, err
	}
	mark := markOf(key.master)
	if key.master == k.master.Load().key || slices.ContainsFunc(k.Standing().Retired, func(r Retired) bool { return r.Mark == mark }) {
		return key, inPlace, ErrSameMaster
	}
	return key, inPlace, nil
}

// rewrap wraps everything anew in one transaction, and tells memory.
func (k *Keyring) rewrap(ctx context.Context, m Master, despite bool, done *Rotated, also func(tx *database.Tx) error) error {
	before, after := k.master.Load(), newMastery(m)
	return k.db.Write(ctx, func(tx *database.Tx) error {
		*done = Rotated{}
		fresh := newKeyTable(after.cipher)
		if err := rewrapSecrets(tx, before.cipher, after.cipher); err != nil {
			return err
		}
		damaged, err := rewrapDrawers(tx, keyDrawers, before.cipher, after.cipher, keyCells, func(id int64, d *drawer) {
			for slot := range keysInDrawer {
				if w := d.key(slot); !w.none() {
					fresh.put(keyAt(id, slot), w)
					done.Keys++
				}
			}
		})
		done.Damaged += damaged
		if err != nil {
			return err
		}
		oneOffs := map[int64]oneOff{}
		damaged, err = rewrapDrawers(tx, oneOffDrawers, before.cipher, after.cipher, oneOffCells, func(id int64, d *drawer) {
			for slot := range oneOffsInDrawer {
				if cell := d.oneOff(slot); !cell.key().none() {
					oneOffs[id*oneOffsInDrawer+int64(slot)] = oneOff{*cell.key(), cell.ends()}
					done.OneOffs++
				}
			}
		})
		done.Damaged += damaged
		if err != nil {
			return err
		}
		if done.Damaged > 0 && !despite {
			return fmt.Errorf("%w: %d", ErrDamagedKeys, done.Damaged)
		}
		if err := errors.Join(also(tx), k.ChangeAll(tx)); err != nil {
			return err
		}
		tx.AfterCommit(func() {
			k.master.Store(after)
			k.keys.adopt(fresh)
			k.oneOffs.adopt(oneOffs, after.cipher)
		})
		return nil
	})
}

// adopt takes over the keys of a table that was made anew. Whoever reads has the
// old shelves, whole, or the new.
func (t *keyTable) adopt(fresh *keyTable) {
	t.mu.Lock()
	t.others, t.under = fresh.others, fresh.under
	t.mu.Unlock()
	t.master = fresh.master
	t.shelves.Store(fresh.shelves.Load())
}

func (t *oneOffTable) adopt(keys map[int64]oneOff, master cipher.AEAD) {
	t.mu.Lock()
	t.keys, t.master = keys, master
	t.mu.Unlock()
}

func rewrapSecrets(tx *database.Tx, before, after cipher.AEAD) error {
	open, seal := wrapper{master: before}, wrapper{master: after}
	for _, name := range secretNames {
		if err := tx.QueryRow(`SELECT value FROM keyring WHERE name = $1`, nameSecret+name).Scan(exactly(open.sealed[:])); err != nil {
			return err
		}
		about := appendSecret(open.about[:0], name)
		if err := open.unwrap(about); err != nil {
			return err
		}
		var w wrappedKey
		seal.key = open.key
		clear(open.key[:])
		seal.wrap(&w, about)
		if err := setValue(tx, nameSecret+name, w[:]); err != nil {
			return err
		}
	}
	return nil
}

// cells gives the wrapped keys of a drawer, each with what it is bound to.
type cells func(id int64, d *drawer, visit func(w *wrappedKey, about func(dst []byte) []byte))

func keyCells(id int64, d *drawer, visit func(*wrappedKey, func([]byte) []byte)) {
	for slot := range keysInDrawer {
		visit(d.key(slot), keyAt(id, slot).append)
	}
}

func oneOffCells(id int64, d *drawer, visit func(*wrappedKey, func([]byte) []byte)) {
	for slot := range oneOffsInDrawer {
		visit(d.oneOff(slot).key(), func(dst []byte) []byte { return appendOneOff(dst, id*oneOffsInDrawer+int64(slot)) })
	}
}

type numbered struct {
	id      int64
	drawer  drawer
	damaged int
}

// rewrapDrawers wraps the keys of all drawers of a table anew, where they lie. The
// rows are read by the thousand, wrapped on every core and written back; each
// is shown.
func rewrapDrawers(tx *database.Tx, table drawerTable, before, after cipher.AEAD, in cells, show func(id int64, d *drawer)) (damaged int, err error) {
	batch := make([]numbered, 0, atOnce)
	for from := int64(-1); ; {
		batch = batch[:0]
		if batch, err = readDrawers(tx, table, from, batch); err != nil || len(batch) == 0 {
			return damaged, err
		}
		rewrapBatch(batch, before, after, in)
		_, err = tx.ExecEach(table.put, func(yield func([]any) bool) {
			args := make([]any, 2)
			for i := range batch {
				args[0], args[1] = batch[i].id, batch[i].drawer[:]
				if !yield(args) {
					return
				}
			}
		})
		if err != nil {
			return damaged, err
		}
		for i := range batch {
			damaged += batch[i].damaged
			show(batch[i].id, &batch[i].drawer)
		}
		from = batch[len(batch)-1].id
	}
}

func readDrawers(tx *database.Tx, table drawerTable, after int64, batch []numbered) ([]numbered, error) {
	rows, err := tx.Query(table.some, after, atOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		batch = append(batch, numbered{})
		d := &batch[len(batch)-1]
		if err := rows.Scan(&d.id, &d.drawer); err != nil {
			return nil, err
		}
	}
	return batch, rows.Err()
}

// rewrapBatch shares the work among the cores. A key that does not open is left.
func rewrapBatch(batch []numbered, before, after cipher.AEAD, in cells) {
	var work errgroup.Group
	size := max(1, (len(batch)+runtime.GOMAXPROCS(0)-1)/runtime.GOMAXPROCS(0))
	for part := range slices.Chunk(batch, size) {
		work.Go(func() error {
			open, seal := wrapper{master: before}, wrapper{master: after}
			for i := range part {
				in(part[i].id, &part[i].drawer, func(w *wrappedKey, bound func([]byte) []byte) {
					if w.none() {
						return
					}
					open.sealed = *w
					about := bound(open.about[:0])
					if open.unwrap(about) != nil {
						part[i].damaged++
						return
					}
					seal.key = open.key
					clear(open.key[:])
					seal.wrap(w, about)
				})
			}
			return nil
		})
	}
	_ = work.Wait()
}

// finishRetiring gives the files of a rotation their names, once the keyring is
// under the new key. A crash may come before any of its steps.
func (k *Keyring) finishRetiring() error {
	path, err := k.sourceFile()
	if err != nil || path == "" {
		return err
	}
	next, err := LoadMaster(path + rotating)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil || next != k.master.Load().key {
		return durable.Destroy(path + rotating) // of a rotation that never happened
	}
	if was, err := LoadMaster(path); err == nil {
		for _, r := range k.Standing().Retired {
			if r.Mark == markOf(was) && r.Path != path {
				// Durable before the next name changes: else a power cut might let the key
				// of before go without a name, where nobody overwrites it.
				if err := errors.Join(os.Rename(path, r.Path), durable.SyncDir(filepath.Dir(path))); err != nil {
					return err
				}
			}
		}
	}
	if err := os.Rename(path+rotating, path); err != nil {
		return err
	}
	return durable.SyncDir(filepath.Dir(path))
}

// DestroyRetired overwrites and removes the files that hold master keys of before.
// Whoever calls it knows that no copy of the keyring needs them any more. A file
// that holds something else by now is left alone. It returns what is left to do.
func (k *Keyring) DestroyRetired(ctx context.Context) (left []Retired, err error) {
	for _, r := range k.Standing().Retired {
		m, failed := LoadMaster(r.Path)
		switch {
		case failed == nil && markOf(m) == r.Mark, durable.IsBlank(r.Path): // a stop came between zeros and name
			failed = durable.Destroy(r.Path)
		case failed == nil, errors.Is(failed, fs.ErrNotExist), errors.Is(failed, ErrMasterLength):
			failed = nil
		}
		if failed != nil {
			left, err = append(left, r), errors.Join(err, failed)
		}
	}
	if len(left) == len(k.Standing().Retired) {
		return left, err
	}
	written := k.db.Write(ctx, func(tx *database.Tx) error {
		return k.amend(tx, func(s *Standing) { s.Retired = left })
	})
	return left, errors.Join(err, written)
}

// markOf tells master keys apart without telling them.
func markOf(m Master) string {
	h := sha256.Sum256(append([]byte("kartotek master key mark 1\n"), m.key[:]...))
	return hex.EncodeToString(h[:8])
}

var (
	ErrSameMaster  = errors.New("vault: that is the master key of now, or of before")
	ErrDamagedKeys = errors.New("vault: wrapped keys that no master key opens")
)
