package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"kartotek/internal/access"
	"kartotek/internal/document"
	"kartotek/internal/fault"
	"kartotek/internal/member"
	"kartotek/internal/sheet"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

// A file that is to be imported holds members and their data in clear, so it
// never touches the disk: it lies in memory, belongs to one session, and goes
// when it has been read, when another takes its place, or after a while.

const (
	importSize = 64 << 20         // bytes of a file; larger ones go by the command line
	importKept = 30 * time.Minute // since it was last looked at
	importMost = 4                // files in memory at a time, of all sessions
	importWait = 1200 * time.Millisecond
)

// imports are the files that lie in memory, one a person at most.
type imports struct {
	mu sync.Mutex
	by map[vault.PersonID]*upload
}

// upload is one file with what was chosen for it and what came of it. Its fields
// are guarded by its lock, but for what never changes and what counts.
type upload struct {
	person  vault.PersonID
	session string // token; another session of the person begins anew
	hat     uint64 // a file is imported by the right it was chosen under

	mu      sync.Mutex
	data    []byte            // nil once it is read for good
	columns map[string]string // chosen, by the column's number
	dates   map[string]sheet.Order
	sheet   string
	decode  document.Encoding
	plain   bool                    // no saved mapping
	decided map[int]member.Decision // about rows that look like somebody, by line
	certain bool                    // the same name and birth date is the same person
	unit    string                  // code of the body for rows that name none
	lines   int                     // of the file: how far there is to go, about
	run     *importRun              // nil before the first
	expires *time.Timer
}

// importRun is one reading of a file, a dry one or the real one.
type importRun struct {
	dry  bool
	rows atomic.Int64 // done so far
	stop context.CancelFunc
	done chan struct{} // closed when the rest is there

	result  *member.Result // may be nil
	err     error
	stopped bool
	refused []byte // CSV, gzip
}

// running reports whether the run is still at it.
func (r *importRun) running() bool {
	if r == nil {
		return false
	}
	select {
	case <-r.done:
		return false
	default:
		return true
	}
}

// of gives a session's file, nil where there is none. What another session, or
// another hat, of the same person has left waits for them or for its end.
func (i *imports) of(person vault.PersonID, session string, hat uint64) *upload {
	i.mu.Lock()
	defer i.mu.Unlock()
	u := i.by[person]
	if u == nil || u.session != session || u.hat != hat {
		return nil
	}
	u.expires.Reset(importKept)
	return u
}

// keep takes a place for a file before it is read, so that memory stays bounded.
func (i *imports) keep(person vault.PersonID, session string, hat uint64) (*upload, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if old := i.by[person]; old != nil {
		if old.current().running() {
			return nil, fault.New(fault.Conflict, "import.error.running")
		}
		i.forget(old)
	}
	if len(i.by) >= importMost {
		return nil, fault.New(fault.TooMany, "import.error.busy")
	}
	if i.by == nil {
		i.by = map[vault.PersonID]*upload{}
	}
	u := &upload{person: person, session: session, hat: hat}
	u.expires = time.AfterFunc(importKept, func() { i.expire(u) })
	i.by[person] = u
	return u, nil
}

// expire drops a file that nobody has looked at for a while.
func (i *imports) expire(u *upload) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if u.current().running() {
		u.expires.Reset(importKept)
		return
	}
	i.forget(u)
}

// drop lets go of a file; one that is being read stays until it is done.
func (i *imports) drop(u *upload) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if !u.current().running() {
		i.forget(u)
	}
}

func (i *imports) forget(u *upload) {
	u.expires.Stop()
	if i.by[u.person] == u {
		delete(i.by, u.person)
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.data = nil
}

func (u *upload) current() *importRun {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.run
}

// fill reads the file into its place.
func (u *upload) fill(in io.Reader, about int64) error {
	var b bytes.Buffer
	b.Grow(int(min(max(about, 0), importSize)) + bytes.MinRead)
	n, err := b.ReadFrom(io.LimitReader(in, importSize+1))
	if err != nil {
		return err
	}
	if n > importSize {
		return errTooLarge()
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.data, u.lines = b.Bytes(), bytes.Count(b.Bytes(), []byte{'\n'})
	if bytes.HasPrefix(u.data, []byte("PK")) { // a workbook: nobody knows before it is read
		u.lines = 0
	}
	return nil
}

// errTooLarge says what to do with a file that is too large for a page.
func errTooLarge() error {
	return fault.New(fault.Invalid, "import.error.file").With("file", "import.error.too_large", "size", importSize>>20)
}

// options are how the file is to be read, in the words of the member room.
func (u *upload) options(tree *unit.Tree, lang string) member.Options {
	u.mu.Lock()
	defer u.mu.Unlock()
	body, _ := tree.ByCode(u.unit)
	return member.Options{
		Map: u.columns, Dates: u.dates, Unit: body.ID, Lang: lang, Sheet: u.sheet, Encoding: u.decode, Plain: u.plain,
		Decided: u.decided, Certain: u.certain,
	}
}

// content is the file to read; nil once it is gone.
func (u *upload) content() []byte {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.data
}

// start reads the file, the real one or dry, beside whoever waits for the page.
// There is never more than one run.
func (u *upload) start(v *visit, scope access.Scope, dry bool) (*importRun, error) {
	o := u.options(v.house.Units.Tree(), v.p.Lang())
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.run.running() {
		return nil, fault.New(fault.Conflict, "import.error.running")
	}
	if u.data == nil {
		return nil, fault.New(fault.Gone, "import.error.gone")
	}
	// The page may be closed meanwhile; what was asked for is done all the same.
	ctx, stop := context.WithCancel(context.WithoutCancel(v.ctx()))
	run := &importRun{dry: dry, stop: stop, done: make(chan struct{})}
	o.DryRun = dry
	u.run = run
	go u.read(ctx, v.site, scope, o, run)
	return run, nil
}

// read is the run itself.
func (u *upload) read(ctx context.Context, s *site, scope access.Scope, o member.Options, run *importRun) {
	var refused bytes.Buffer
	packed := gzip.NewWriter(&refused) // reasons repeat: a few per cent remain
	o.Refused = packed
	defer func() {
		if broken := recover(); broken != nil { // its value may hold anything, so only its type is told
			run.err = fmt.Errorf("web: an import panicked: %T", broken)
		}
		if err := packed.Close(); run.err == nil {
			run.err = err
		}
		run.stopped = errors.Is(run.err, context.Canceled)
		if run.err != nil && !run.stopped && fault.From(run.err).Code == fault.Internal {
			s.log.Error("import failed", "error", run.err)
		}
		run.refused = refused.Bytes()
		run.stop()
		if !run.dry && run.result != nil { // else it was refused before its first row
			u.spent()
		}
		close(run.done)
	}()
	run.result, run.err = s.house.Members.Import(ctx, scope, bytes.NewReader(u.content()), o, func(rows int) { run.rows.Store(int64(rows)) })
}

// spent lets go of a file that was read for good.
func (u *upload) spent() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.data = nil
}
