// Package faulttest puts a file layer of the tests' own under SQLite: it keeps
// what is written, truncated, synced, created and deleted in one order over all
// files of a directory, and makes of any beginning of it the disk as it would be
// found after a process was killed or the power was cut there (see Loss). It also
// breaks what it is told to: a full disk, one that may only be read, errors of
// reading and syncing, the end of the process at a certain write.
//
// SQLite's own unix layer does the work underneath, so locks, shared memory and
// the write-ahead log are the real ones. The layer is the default of the whole
// process; files outside every watched directory pass it untouched.
package faulttest

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"

	"kartotek/internal/database"
)

// Kind is what was done to a file.
type Kind uint8

const (
	Create Kind = iota + 1
	Write
	Truncate
	Sync
	Delete
	Read // told to whoever breaks things, never kept
	Grow // of the shared memory beside a log, likewise
)

// String names the kind, for what a test prints.
func (k Kind) String() string {
	return [...]string{"?", "create", "write", "truncate", "sync", "delete", "read", "grow"}[k]
}

// Op is one thing done to a file.
type Op struct {
	Kind Kind
	File string // relative to the watched directory
	At   int64  // Write: the offset; Truncate: the size
	Data []byte // Write: what was written
	Firm bool   // Delete: the directory was synced after it
}

// Disk is a watched directory.
type Disk struct {
	root string
	base map[string][]byte // the files as they were when watching began

	mu   sync.Mutex
	live map[string]bool // the files there are
	ops  []Op
	keep bool
	fail func(op *Op) Failure
}

// Failure is how an operation fails; the zero value lets it succeed.
type Failure struct {
	Code int32 // SQLite's result code
	Half bool  // of a write, half is written all the same
}

// How disks fail.
var (
	Full       = Failure{Code: sqlite3.SQLITE_FULL, Half: true}
	FullWhole  = Failure{Code: sqlite3.SQLITE_FULL}
	NoMemory   = Failure{Code: sqlite3.SQLITE_IOERR_SHMSIZE} // no room for the log's index
	ReadFails  = Failure{Code: sqlite3.SQLITE_IOERR_READ}
	WriteFails = Failure{Code: sqlite3.SQLITE_IOERR_WRITE, Half: true}
	SyncFails  = Failure{Code: sqlite3.SQLITE_IOERR_FSYNC}
	Protected  = Failure{Code: sqlite3.SQLITE_READONLY}
)

var (
	layered sync.Once
	under   *sqlite3.Tsqlite3_vfs // SQLite's own layer
	disks   sync.Map              // root → *Disk
	files   sync.Map              // sqlite3_file → *file
	tables  sync.Map              // io_methods of SQLite's own → ours
)

// file is an open file of a watched directory.
type file struct {
	disk    *Disk
	name    string
	methods *sqlite3.Tsqlite3_io_methods // SQLite's own
	table   uintptr                      // the same
}

// Watch keeps from now on what SQLite does to the files in and below a directory.
// No file of it may be open. It ends with the test.
func Watch(t testing.TB, dir string) *Disk {
	t.Helper()
	d, err := Over(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { disks.Delete(d.root) })
	return d
}

// Over is Watch for a process that is no test and ends by itself.
func Over(dir string) (*Disk, error) {
	layered.Do(layer)
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return nil, err
	}
	d := &Disk{root: root, base: map[string][]byte{}, live: map[string]bool{}, keep: true}
	err = filepath.WalkDir(root, func(path string, e os.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || strings.HasSuffix(path, ".lock") {
			return err
		}
		content, err := os.ReadFile(path)
		name := strings.TrimPrefix(path, root+"/")
		d.base[name], d.live[name] = content, true
		return err
	})
	if err == nil {
		disks.Store(root, d)
	}
	return d, err
}

// Break has every operation asked for whether it fails; nil ends it.
func (d *Disk) Break(fail func(op *Op) Failure) {
	d.mu.Lock()
	d.fail = fail
	d.mu.Unlock()
}

// Len is how many operations there were.
func (d *Disk) Len() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.ops)
}

// Ops are the operations so far.
func (d *Disk) Ops() []Op {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.ops[:len(d.ops):len(d.ops)]
}

// Forget no longer keeps operations, where only their failing matters.
func (d *Disk) Forget() {
	d.mu.Lock()
	d.keep, d.ops = false, nil
	d.mu.Unlock()
}

// do runs an operation unless it is to fail, and keeps it; all in one order.
func (d *Disk) do(op Op, run func() int32, half func() int32) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail != nil {
		if f := d.fail(&op); f.Code != 0 {
			if f.Half && half != nil && half() == sqlite3.SQLITE_OK && d.keep {
				op.Data = op.Data[:len(op.Data)/2]
				d.ops = append(d.ops, op)
			}
			return f.Code
		}
	}
	code := run()
	if code != sqlite3.SQLITE_OK {
		return code
	}
	if op.Kind == Create || op.Kind == Delete {
		d.live[op.File] = op.Kind == Create
	}
	if d.keep {
		d.ops = append(d.ops, op)
	}
	return code
}

// known says whether a file was there when watching began or was made since; the
// program makes some itself, before SQLite opens them.
func (d *Disk) known(name string) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.live[name]
}

// Scratch is a directory of the test in memory, where the system has one: syncing
// it costs nothing, and what becomes of a sync is this package's to say.
func Scratch(t testing.TB) string {
	t.Helper()
	if info, err := os.Stat("/dev/shm"); err != nil || !info.IsDir() {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp("/dev/shm", "kartotek-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// refuses asks about an operation that is not kept.
func (d *Disk) refuses(kind Kind, name string) int32 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.fail == nil {
		return sqlite3.SQLITE_OK
	}
	return d.fail(&Op{Kind: kind, File: name}).Code
}

// at is what lies at an address of SQLite's memory.
func at[T any](address uintptr) *T { return *(**T)(unsafe.Pointer(&address)) }

// call is the function at an address, as transpiled C keeps them.
func call[F any](address uintptr) F { return *(*F)(unsafe.Pointer(&address)) }

// put stores a function where transpiled C looks for it.
func put[F any](into *uintptr, f F) { *(*F)(unsafe.Pointer(into)) = f }

// layer makes the layer the default of the process.
func layer() {
	tls := libc.NewTLS()
	if code := sqlite3.Xsqlite3_initialize(tls); code != sqlite3.SQLITE_OK {
		panic(fmt.Sprint("faulttest: SQLite does not begin: ", code))
	}
	under = at[sqlite3.Tsqlite3_vfs](sqlite3.Xsqlite3_vfs_find(tls, 0))
	address := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(*under)))
	over := at[sqlite3.Tsqlite3_vfs](address)
	*over = *under
	name, err := libc.CString("kartotek-faults")
	if err != nil {
		panic(err)
	}
	over.FzName, over.FpNext = name, 0
	put(&over.FxOpen, open)
	put(&over.FxDelete, remove)
	database.OnSync(func(path string) {
		if d, name := watchedPath(path); d != nil {
			d.do(Op{Kind: Sync, File: name}, func() int32 { return sqlite3.SQLITE_OK }, nil)
		}
	})
	if code := sqlite3.Xsqlite3_vfs_register(tls, address, 1); code != sqlite3.SQLITE_OK {
		panic(fmt.Sprint("faulttest: the layer is refused: ", code))
	}
}

// watched finds whose a path is.
func watched(path uintptr) (*Disk, string) {
	if path == 0 {
		return nil, ""
	}
	return watchedPath(libc.GoString(path))
}

func watchedPath(full string) (*Disk, string) {
	for dir := filepath.Dir(full); dir != "/" && dir != "."; dir = filepath.Dir(dir) {
		if d, ok := disks.Load(dir); ok {
			return d.(*Disk), strings.TrimPrefix(full, dir+"/")
		}
	}
	return nil, ""
}

func open(tls *libc.TLS, vfs, path, handle uintptr, flags int32, out uintptr) int32 {
	inner := call[func(*libc.TLS, uintptr, uintptr, uintptr, int32, uintptr) int32](under.FxOpen)
	d, name := watched(path)
	if d == nil {
		return inner(tls, vfs, path, handle, flags, out)
	}
	run := func() int32 { return inner(tls, vfs, path, handle, flags, out) }
	var code int32
	if _, err := os.Stat(libc.GoString(path)); err == nil && d.known(name) {
		code = run()
	} else if err == nil || flags&sqlite3.SQLITE_OPEN_CREATE != 0 {
		code = d.do(Op{Kind: Create, File: name}, run, nil)
	} else {
		code = run()
	}
	f := at[sqlite3.Tsqlite3_file](handle)
	if code != sqlite3.SQLITE_OK || f.FpMethods == 0 {
		if code != sqlite3.SQLITE_OK {
			f.FpMethods = 0 // SQLite closes what has methods
		}
		return code
	}
	files.Store(handle, &file{disk: d, name: name, methods: at[sqlite3.Tsqlite3_io_methods](f.FpMethods), table: f.FpMethods})
	f.FpMethods = methods(tls, f.FpMethods)
	return code
}

// methods is our table for one of SQLite's own.
func methods(tls *libc.TLS, own uintptr) uintptr {
	if ours, ok := tables.Load(own); ok {
		return ours.(uintptr)
	}
	address := libc.Xmalloc(tls, libc.Tsize_t(unsafe.Sizeof(sqlite3.Tsqlite3_io_methods{})))
	m := at[sqlite3.Tsqlite3_io_methods](address)
	*m = *at[sqlite3.Tsqlite3_io_methods](own)
	put(&m.FxClose, closeFile)
	put(&m.FxRead, read)
	put(&m.FxWrite, write)
	put(&m.FxTruncate, truncate)
	put(&m.FxSync, syncFile)
	put(&m.FxShmMap, mapShared)
	ours, _ := tables.LoadOrStore(own, address)
	return ours.(uintptr)
}

func opened(handle uintptr) *file {
	f, ok := files.Load(handle)
	if !ok {
		panic("faulttest: a file that was never opened")
	}
	return f.(*file)
}

func closeFile(tls *libc.TLS, handle uintptr) int32 {
	f := opened(handle)
	files.Delete(handle)
	at[sqlite3.Tsqlite3_file](handle).FpMethods = f.table
	return call[func(*libc.TLS, uintptr) int32](f.methods.FxClose)(tls, handle)
}

func read(tls *libc.TLS, handle, buffer uintptr, n int32, offset int64) int32 {
	f := opened(handle)
	if code := f.disk.refuses(Read, f.name); code != sqlite3.SQLITE_OK {
		return code
	}
	return call[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](f.methods.FxRead)(tls, handle, buffer, n, offset)
}

func write(tls *libc.TLS, handle, buffer uintptr, n int32, offset int64) int32 {
	f := opened(handle)
	inner := call[func(*libc.TLS, uintptr, uintptr, int32, int64) int32](f.methods.FxWrite)
	op := Op{Kind: Write, File: f.name, At: offset, Data: append([]byte(nil), unsafe.Slice(at[byte](buffer), n)...)}
	return f.disk.do(op,
		func() int32 { return inner(tls, handle, buffer, n, offset) },
		func() int32 { return inner(tls, handle, buffer, n/2, offset) })
}

func truncate(tls *libc.TLS, handle uintptr, size int64) int32 {
	f := opened(handle)
	return f.disk.do(Op{Kind: Truncate, File: f.name, At: size}, func() int32 {
		return call[func(*libc.TLS, uintptr, int64) int32](f.methods.FxTruncate)(tls, handle, size)
	}, nil)
}

func syncFile(tls *libc.TLS, handle uintptr, flags int32) int32 {
	f := opened(handle)
	return f.disk.do(Op{Kind: Sync, File: f.name}, func() int32 {
		return call[func(*libc.TLS, uintptr, int32) int32](f.methods.FxSync)(tls, handle, flags)
	}, nil)
}

func mapShared(tls *libc.TLS, handle uintptr, region, size, extend int32, into uintptr) int32 {
	f := opened(handle)
	if extend != 0 {
		if code := f.disk.refuses(Grow, f.name); code != sqlite3.SQLITE_OK {
			return code
		}
	}
	return call[func(*libc.TLS, uintptr, int32, int32, int32, uintptr) int32](f.methods.FxShmMap)(tls, handle, region, size, extend, into)
}

func remove(tls *libc.TLS, vfs, path uintptr, firm int32) int32 {
	run := func() int32 {
		return call[func(*libc.TLS, uintptr, uintptr, int32) int32](under.FxDelete)(tls, vfs, path, firm)
	}
	d, name := watched(path)
	if d == nil {
		return run()
	}
	return d.do(Op{Kind: Delete, File: name, Firm: firm != 0}, run, nil)
}
