package backup

import (
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/golang-sql/civil"
	"golang.org/x/mod/sumdb/note"

	"kartotek/internal/charter"
	"kartotek/internal/database"
	"kartotek/internal/duty"
	"kartotek/internal/fault"
	"kartotek/internal/journal"
	"kartotek/internal/place"
	"kartotek/internal/vault"
)

// Options are what whoever runs the register decides.
type Options struct {
	Places     []string // addresses; none is no backup
	Recipients []string // age recipients who can read archives, beside our own identity
	Identity   string   // the file of our own identity; made with the first archive where nobody else is named
	Identities []string // files of others that read archives
	At         string   // "02:30", in the charter's zone; "" is that
	Times      int      // a day; 0 is once
	DrillDir   string   // where a drill brings an archive back
}

// Parts are what the service needs.
type Parts struct {
	Options
	Charter *charter.Charter
	DB      *database.DB
	Keyring *vault.Keyring
	Journal *journal.Journal
	Duties  *duty.Engine
	Now     func() time.Time
	Log     *slog.Logger

	// Noted reads how far a register has followed the ledger of erasures.
	Noted func(ctx context.Context, db *database.DB) (entries int64, err error)
	// View opens the journal of another copy of the register.
	View func(db *database.DB) (*journal.Journal, error)
}

// Service writes archives and tries them, one at a time.
type Service struct {
	Parts
	plan  Schedule
	sizes sizes

	patience time.Duration
	known    atomic.Pointer[[]Standing] // as the page last showed it

	mu      sync.Mutex
	job     *Job
	working sync.WaitGroup
	cancel  context.CancelFunc
	base    context.Context
}

// Job is what is being done right now.
type Job struct {
	Kind  Kind
	Place string
	Began time.Time
	Stage string // a word of the code: "reading", "verifying", "loading", "checking"
	Done  int
	Total int // 0: nobody knows yet
}

// Result is an archive written and read back.
type Result struct {
	Verified
	Place  string
	Fresh  int64 // bytes that were not in the place already
	Pruned Pruned
}

// New makes a Service. What a stop left running is noted as stopped.
func New(ctx context.Context, parts Parts) (*Service, error) {
	if parts.At == "" {
		parts.At = "02:30"
	}
	if parts.Times == 0 {
		parts.Times = 1
	}
	s := &Service{Parts: parts, sizes: usualSizes, patience: patience}
	var err error
	if s.plan, err = ParseSchedule(parts.At, parts.Times, parts.Charter.Location()); err != nil {
		return nil, err
	}
	s.base, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	var left []Run
	err = s.DB.Read(ctx, func(q database.Querier) (err error) {
		left, err = query(q, `WHERE ended_at IS NULL`)
		return err
	})
	if err == nil && len(left) > 0 {
		err = s.DB.Write(ctx, stopped)
	}
	return s, err
}

// Close cancels what runs and waits for it.
func (s *Service) Close() error {
	s.cancel()
	s.working.Wait()
	return nil
}

// Running tells what is being done, if anything is.
func (s *Service) Running() (Job, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.job == nil {
		return Job{}, false
	}
	return *s.job, true
}

func (s *Service) tell(stage string, done, total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.job != nil {
		s.job.Stage, s.job.Done, s.job.Total = stage, done, total
	}
}

// take makes the caller the one who works; fault.Conflict while somebody does.
func (s *Service) take(kind Kind, address string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.base.Err() != nil:
		return fault.New(fault.Unavailable, "backup.error.stopped")
	case s.job != nil:
		return fault.New(fault.Conflict, "backup.error.busy")
	}
	s.job = &Job{Kind: kind, Place: address, Began: s.Now(), Stage: "reading"}
	s.working.Add(1)
	return nil
}

func (s *Service) release() {
	s.mu.Lock()
	s.job = nil
	s.mu.Unlock()
	s.working.Done()
}

// within ends with the caller's context or with the service.
func (s *Service) within(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(ctx)
	stop := context.AfterFunc(s.base, cancel)
	return ctx, func() { stop(); cancel() }
}

// Archive writes an archive to a place, reads it back and thins out the place.
// The entry says who wants it; it is journaled with the outcome.
func (s *Service) Archive(ctx context.Context, by journal.Entry, address string) (Result, error) {
	if err := s.take(Archiving, address); err != nil {
		return Result{}, err
	}
	defer s.release()
	ctx, cancel := s.within(ctx)
	defer cancel()
	return s.archive(ctx, by, address)
}

// Begin does the same, or a drill, without being waited for; Running tells how
// far it is.
func (s *Service) Begin(by journal.Entry, kind Kind, address string) error {
	if err := s.take(kind, address); err != nil {
		return err
	}
	go func() {
		defer s.release()
		var err error
		if kind == Drilling {
			_, err = s.drill(s.base, by, address)
		} else {
			_, err = s.archive(s.base, by, address)
		}
		if err != nil && s.base.Err() == nil {
			s.Log.Error("a backup or a restore drill failed", "kind", kind, "place", address, "error", err)
		}
	}()
	return nil
}

// archive does the work of Archive.
func (s *Service) archive(ctx context.Context, by journal.Entry, address string) (result Result, err error) {
	result.Place = named(address)
	run, err := s.begin(ctx, Archiving, result.Place)
	if err != nil {
		return result, err
	}
	p, err := OpenPlace(address)
	if err == nil {
		err = s.write(ctx, p, &result)
	}
	run.Archive, run.Rows, run.Bytes, run.Fresh = result.ID, result.Rows, result.Bytes, result.Fresh
	by.Act = journal.Backup
	return result, s.end(ctx, by, &run, err)
}

func (s *Service) begin(ctx context.Context, kind Kind, address string) (run Run, err error) {
	err = s.DB.Write(ctx, func(tx *database.Tx) error {
		run, err = begin(tx, kind, address)
		return err
	})
	return run, err
}

// end notes the outcome, journals it and sees to the duties, in one transaction.
func (s *Service) end(ctx context.Context, by journal.Entry, run *Run, failed error) error {
	run.Outcome = done
	if failed != nil {
		run.Outcome = reason(failed)
		if s.base.Err() != nil || errors.Is(failed, context.Canceled) {
			run.Outcome = "backup.error.stopped"
		}
	}
	by.Number, by.Proof = run.ID, []byte(run.Archive)
	if failed != nil {
		by.Reason = run.Outcome
	}
	err := s.DB.Write(context.WithoutCancel(ctx), func(tx *database.Tx) error {
		if err := end(tx, run); err != nil {
			return err
		}
		if err := s.duties(tx, run); err != nil {
			return err
		}
		_, err := s.Journal.Append(tx, &by)
		return err
	})
	return errors.Join(failed, err)
}

// write writes the archive, reads it back, and thins out.
func (s *Service) write(ctx context.Context, p place.Place, result *Result) error {
	r, to, err := s.reader()
	if err != nil {
		return err
	}
	t := &taking{
		db: s.DB, ring: s.Keyring, signer: s.signer(), place: p, to: to, sizes: s.sizes, patience: s.patience, now: s.Now(), back: r,
		progress: func(done, total int) { s.tell("reading", done, total) },
		contents: contents{Charter: string(s.Charter.Source()), Persons: uint32(s.Keyring.LastPerson())},
	}
	t.contents.Ledger, _ = s.Keyring.LedgerHead()
	if t.contents.Schema, err = s.DB.Version(ctx); err != nil {
		return err
	}
	checkpoint, err := s.Journal.Checkpoint(ctx)
	if err != nil && !errors.Is(err, journal.ErrTampered) { // what is wrong with the journal belongs into the archive too
		return err
	}
	t.contents.Checkpoint = string(checkpoint)
	m, err := t.take(ctx)
	result.Fresh = t.fresh.Load()
	if err != nil {
		return err
	}
	result.Archive = m.Archive
	if result.Verified, err = r.verify(ctx, p, m.ID, t.whole, func(done, total int) { s.tell("verifying", done, total) }); err != nil {
		return err
	}
	s.tell("pruning", 0, 0)
	result.Pruned, err = r.prune(ctx, p, s.Now(), s.Charter.BackupDays)
	return err
}

func (s *Service) signer() note.Signer { return s.Keyring.Signer(origin) }

// reader gives what reads archives here, and for whom they are written. Where no
// recipient was named and there is no identity yet, one is made.
func (s *Service) reader() (*Reader, recipients, error) {
	to := s.Recipients
	own, err := RecipientOf(s.Identity)
	if errors.Is(err, fs.ErrNotExist) && len(to) == 0 {
		own, err = NewIdentity(s.Identity)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, recipients{}, err
	}
	if own != "" {
		to = append([]string{own}, to...)
	}
	parsed, err := parseRecipients(to)
	if err != nil {
		return nil, parsed, err
	}
	r, err := s.Reader()
	return r, parsed, err
}

// Reader gives what reads archives with the identities here.
func (s *Service) Reader() (*Reader, error) {
	identities, err := LoadIdentities(append([]string{s.Identity}, s.Identities...)...)
	if err != nil {
		return nil, err
	}
	return NewReader(s.Keyring, identities)
}

// duties keeps the duties about backups as they are now: in the act that changed
// something, and once a day.
func (s *Service) duties(tx *database.Tx, run *Run) error {
	today := s.Charter.Today(s.Now())
	all, err := standings(tx)
	if err != nil {
		return err
	}
	late, archived := false, false
	for _, address := range s.addresses() {
		late = late || all[address].late(s.Now())
		archived = archived || !all[address].good.IsZero()
	}
	if err := s.owe(tx, duty.BackupLate, late, today); err != nil {
		return err
	}
	if !archived {
		return nil
	}
	_, open, err := s.Duties.OpenAbout(tx, duty.RestoreDrill, dutyAbout)
	if err != nil {
		return err
	}
	if run != nil && run.Kind == Drilling {
		outcome := "done"
		if !run.Good() {
			outcome = "failed"
		}
		if _, err := s.Duties.Finish(tx, duty.RestoreDrill, dutyAbout, 0, outcome); err != nil {
			return err
		}
		open = false
		if !run.Good() { // and stays to be done, at once
			return s.owe(tx, duty.RestoreDrill, true, today)
		}
	}
	if open {
		return nil
	}
	return s.owe(tx, duty.RestoreDrill, true, drillDay(today, s.Charter.DrillMonths))
}

// dutyAbout is what both duties are about: backups, of which there is one.
const dutyAbout = 1

// owe opens a duty of the administrators unless it is open, or ends it.
func (s *Service) owe(tx *database.Tx, kind duty.Kind, is bool, by civil.Date) error {
	_, open, err := s.Duties.OpenAbout(tx, kind, dutyAbout)
	switch {
	case err != nil:
		return err
	case !is && open:
		_, err = s.Duties.Finish(tx, kind, dutyAbout, 0, "done")
	case is && !open:
		_, err = s.Duties.Add(tx, duty.Duty{Kind: kind, Subject: dutyAbout, Act: charter.Staff.String(), DueOn: by})
	}
	return err
}

// addresses are the places as they name themselves.
func (s *Service) addresses() []string {
	all := make([]string, len(s.Places))
	for i, address := range s.Places {
		all[i] = named(address)
	}
	return all
}

// named is how a place names itself, reached or not.
func named(address string) string {
	if p, err := place.Open(address); err == nil {
		return p.Address()
	}
	path, _ := strings.CutPrefix(address, "file://")
	if whole, err := filepath.Abs(path); err == nil && !strings.Contains(path, "://") {
		return whole
	}
	return address
}

// Sweep begins what is due: an archive, or a drill. It is called every minute or
// so and does not wait for either.
func (s *Service) Sweep(ctx context.Context) error {
	if len(s.Places) == 0 {
		return nil
	}
	if _, busy := s.Running(); busy {
		return nil
	}
	var all map[string]standing
	var drills []Run
	var next duty.Duty
	var owed bool
	err := s.DB.Read(ctx, func(q database.Querier) (err error) {
		if all, err = standings(q); err != nil {
			return err
		}
		if next, owed, err = s.Duties.OpenAbout(q, duty.RestoreDrill, dutyAbout); err != nil {
			return err
		}
		drills, err = query(q, `WHERE kind = $1 ORDER BY began_at DESC LIMIT 1`, string(Drilling))
		return err
	})
	if err != nil {
		return err
	}
	now := s.Now()
	by := journal.Entry{Right: "system", Via: "system"}
	for i, address := range s.addresses() {
		if all[address].due(s.plan, now) {
			return s.Begin(by, Archiving, s.Places[i])
		}
	}
	today := s.Charter.Today(now)
	if owed && next.DueOn.DaysSince(today) <= drillAhead && (len(drills) == 0 || s.Charter.Today(drills[0].Began) != today) {
		for i, address := range s.addresses() {
			if !all[address].good.IsZero() {
				return s.Begin(by, Drilling, s.Places[i])
			}
		}
	}
	return nil
}

// Daily sees to the duties when a day has passed without an archive, and forgets
// what was done long ago.
func (s *Service) Daily(ctx context.Context) error {
	return s.DB.Write(ctx, func(tx *database.Tx) error {
		if err := forget(tx, s.Now().Add(-runsKept)); err != nil {
			return err
		}
		if len(s.Places) == 0 {
			return nil
		}
		return s.duties(tx, nil)
	})
}
