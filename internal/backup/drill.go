package backup

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"

	"kartotek/internal/database"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/place"
	"kartotek/internal/record"
	"kartotek/internal/vault"
)

// Drill is how a trial of bringing an archive back went.
type Drill struct {
	Archive Archive
	Place   string
	Persons int   // erased since the archive: their rows were deleted again
	Rows    int64 // of theirs
	Entries int64 // of the journal, verified
	Opened  int   // records opened as a sample
}

// sampled is how many records a drill opens.
const sampled = 500

// Drill brings the newest good archive of a place back into a directory of its
// own, replays the ledger there, verifies the journal, compares the counts,
// opens a sample of the records, and throws all of it away again, overwritten.
func (s *Service) Drill(ctx context.Context, by journal.Entry, address string) (Drill, error) {
	if err := s.take(Drilling, address); err != nil {
		return Drill{}, err
	}
	defer s.release()
	ctx, cancel := s.within(ctx)
	defer cancel()
	return s.drill(ctx, by, address)
}

func (s *Service) drill(ctx context.Context, by journal.Entry, address string) (d Drill, err error) {
	d.Place = named(address)
	run, err := s.begin(ctx, Drilling, d.Place)
	if err != nil {
		return d, err
	}
	p, err := OpenPlace(address)
	if err == nil {
		err = s.try(ctx, p, &d)
	}
	run.Archive, run.Rows, run.Bytes = d.Archive.ID, d.Archive.Rows, d.Archive.Bytes
	by.Act, by.Reason = journal.Restore, "backup.kind.drill"
	return d, s.end(ctx, by, &run, err)
}

// try brings an archive back where nobody is served from it.
func (s *Service) try(ctx context.Context, p place.Place, d *Drill) (err error) {
	r, err := s.Reader()
	if err != nil {
		return err
	}
	all, err := r.List(ctx, p)
	if err != nil {
		return err
	}
	if d.Archive, err = Choose(all, "", s.Now()); err != nil {
		return err
	}
	o, err := r.Open(ctx, p, d.Archive.ID)
	if err != nil {
		return err
	}
	dir, err := newScrap(s.DrillDir)
	if err != nil {
		return fault.New(fault.Unavailable, "backup.error.scratch").Because(err)
	}
	defer func() { err = errors.Join(err, Shred(dir)) }()
	path := filepath.Join(dir, "register.db")
	db, err := database.Open(ctx, database.Options{Path: path, Scratch: true, UpTo: o.Schema})
	if errors.Is(err, database.ErrNewer) {
		return refused(newer, o.ID)
	}
	if err != nil {
		return err
	}
	err = r.Load(ctx, p, o, db, func(done, total int) { s.tell("loading", done, total) })
	if err = errors.Join(err, db.Close()); err != nil {
		return err
	}
	// As a start of the program would: the schema of today, then the ledger.
	if db, err = database.Open(ctx, database.Options{Path: path}); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	s.tell("checking", 0, 0)
	if err := s.replay(ctx, db, d); err != nil {
		return err
	}
	if err := s.verifyJournal(ctx, db, o, d); err != nil {
		return err
	}
	d.Opened, err = s.sample(ctx, db)
	return err
}

// replay deletes the rows of whoever was erased since the archive.
func (s *Service) replay(ctx context.Context, db *database.DB, d *Drill) error {
	noted, err := s.Noted(ctx, db)
	if err != nil {
		return err
	}
	entries, err := s.Keyring.Ledger(ctx, noted+1)
	if err != nil {
		return err
	}
	records := record.New(db, s.Keyring)
	persons := map[vault.PersonID]bool{}
	for len(entries) > 0 {
		some := entries[:min(len(entries), 500)]
		entries = entries[len(some):]
		err := db.Write(ctx, func(tx *database.Tx) error {
			for i := range some {
				n, err := records.Delete(tx, some[i].Person, some[i].Class)
				if err != nil {
					return err
				}
				if d.Rows += n; n > 0 {
					persons[some[i].Person] = true
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	d.Persons = len(persons)
	return nil
}

// verifyJournal verifies the archive's journal against the checkpoint that was
// signed right before it.
func (s *Service) verifyJournal(ctx context.Context, db *database.DB, o *Opened, d *Drill) error {
	j, err := s.View(db)
	if err != nil {
		return err
	}
	report, err := j.Verify(ctx, o.Checkpoint)
	if err != nil {
		return err
	}
	d.Entries = report.Entries
	for _, problem := range report.Problems {
		// On PostgreSQL an entry gets its place a moment after it was committed.
		if problem.Kind == journal.SequenceUnfinished && o.Engine == database.PostgreSQL.String() {
			continue
		}
		return refused("journal", o.ID).Because(fmt.Errorf("%s at %d", problem.Kind, problem.Position))
	}
	return nil
}

// sample opens records of every kind, of persons drawn at random.
func (s *Service) sample(ctx context.Context, db *database.DB) (opened int, err error) {
	err = db.Read(ctx, func(q database.Querier) error {
		var kinds []int64
		for last := int64(-1); ; {
			var next *int64
			if err := q.QueryRow(`SELECT min(kind) FROM record WHERE kind > $1`, last).Scan(&next); err != nil {
				return err
			}
			if next == nil {
				break
			}
			kinds, last = append(kinds, *next), *next
		}
		for _, kind := range kinds {
			for range max(1, sampled/len(kinds)/5) {
				from := rand.Int64N(int64(s.Keyring.LastPerson()) + 1)
				n, err := s.openSome(q, kind, from)
				if err != nil {
					return err
				}
				opened += n
			}
		}
		return nil
	})
	return opened, err
}

func (s *Service) openSome(q database.Querier, kind, from int64) (opened int, err error) {
	rows, err := q.Query(`SELECT person, id, class, version, sealed FROM record
		WHERE kind = $1 AND person >= $2 ORDER BY person, id LIMIT 5`, kind, from)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	for rows.Next() {
		l := vault.Label{Kind: uint16(kind)}
		var sealed []byte
		if err := rows.Scan(&l.Person, &l.ID, &l.Class, &l.Version, &sealed); err != nil {
			return opened, err
		}
		// Asked first: to open what has no key would raise the keyring's alarm.
		if !s.Keyring.Holds(l.Person, l.Class) {
			return opened, fault.New(fault.Conflict, "backup.error.sample")
		}
		if _, err := s.Keyring.Open(nil, l, sealed); err != nil {
			return opened, fault.New(fault.Conflict, "backup.error.sample").Because(err)
		}
		opened++
	}
	return opened, rows.Err()
}
