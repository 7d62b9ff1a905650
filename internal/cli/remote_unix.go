//go:build linux || darwin || freebsd

package cli

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"kartotek/internal/app"
)

// headSize is the greeting and the length of what follows, in one piece, so that
// the descriptors travel with it.
const headSize = len(greeting) + 4

// mostFiles is how many descriptors a request may carry.
const mostFiles = 16

// office takes requests from a socket and carries them out.
type office struct {
	house    *app.House
	listener *net.UnixListener
	path     string
	ctx      context.Context
	cancel   context.CancelFunc
	working  sync.WaitGroup
}

// openOffice begins to listen in the data directory. Whoever calls it has the
// register, so a socket that lies there was left by a server that is gone.
func openOffice(house *app.House) (*office, error) {
	path := filepath.Join(house.Data, socketName)
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket != 0 {
		if err := os.Remove(path); err != nil {
			return nil, err
		}
	}
	short, release, err := shortPath(path)
	if err != nil {
		return nil, err
	}
	defer release()
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: short, Net: "unix"})
	if err != nil {
		return nil, err
	}
	listener.SetUnlinkOnClose(false) // it would unlink the short path; close does it
	if err := os.Chmod(path, 0o600); err != nil {
		return nil, errors.Join(err, listener.Close())
	}
	o := &office{house: house, listener: listener, path: path}
	o.ctx, o.cancel = context.WithCancel(context.Background())
	o.working.Go(o.listen)
	return o, nil
}

// close takes no more requests, gives those that run a moment and cancels them.
func (o *office) close(within time.Duration) error {
	err := errors.Join(os.Remove(o.path), o.listener.Close())
	finished := make(chan struct{})
	go func() {
		o.working.Wait()
		close(finished)
	}()
	select {
	case <-finished:
	case <-time.After(within):
	}
	o.cancel()
	select {
	case <-finished:
	case <-time.After(within): // one that hangs on a pipe nobody reads ends with the process
	}
	return err
}

func (o *office) listen() {
	for {
		conn, err := o.listener.AcceptUnix()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(tick) // out of descriptors, for one; it passes
			continue
		}
		o.working.Go(func() {
			defer conn.Close()
			if err := o.serve(conn); err != nil {
				o.house.Log.Warn("a command through the socket was turned away", "error", err)
			}
		})
	}
}

// serve carries out one request.
func (o *office) serve(conn *net.UnixConn) error {
	uid, err := peer(conn)
	if err != nil {
		return err
	}
	if uid != os.Geteuid() && uid != 0 {
		return fmt.Errorf("cli: user %d may not use the socket", uid)
	}
	if err := conn.SetReadDeadline(time.Now().Add(heldFor)); err != nil {
		return err
	}
	r, files, err := receive(conn)
	if err != nil {
		return err
	}
	if err := conn.SetReadDeadline(time.Time{}); err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(o.ctx)
	defer cancel()
	go func() { // the client says nothing more: what comes is its end
		_, _ = io.Copy(io.Discard, conn)
		cancel()
	}()
	code := o.carryOut(ctx, r, files, userName(uid))
	_ = json.NewEncoder(conn).Encode(answer{Code: code}) // a client that hung up wants none
	return nil
}

// carryOut is serveRequest; a defect in one command does not end the server.
func (o *office) carryOut(ctx context.Context, r request, files []*os.File, osUser string) (code int) {
	defer func() {
		if defect := recover(); defect != nil {
			o.house.Log.Error("a command through the socket failed", "defect", defect, "stack", string(debug.Stack()))
			code = fails
		}
	}()
	return serveRequest(ctx, o.house, r, files, osUser)
}

// receive reads a request with its files.
func receive(conn *net.UnixConn) (r request, files []*os.File, err error) {
	head := make([]byte, headSize)
	control := make([]byte, syscall.CmsgSpace(mostFiles*4))
	n, size, _, _, err := conn.ReadMsgUnix(head, control)
	if err != nil {
		return r, nil, err
	}
	defer func() {
		if err != nil {
			for _, f := range files {
				_ = f.Close()
			}
			files = nil
		}
	}()
	if files, err = filesOf(control[:size]); err != nil {
		return r, files, err
	}
	if n < headSize {
		if _, err := io.ReadFull(conn, head[n:]); err != nil {
			return r, files, err
		}
	}
	if string(head[:len(greeting)]) != greeting {
		return r, files, errForeign
	}
	if r, err = readRequest(conn, binary.BigEndian.Uint32(head[len(greeting):])); err != nil {
		return r, files, err
	}
	if len(files) != streams+len(r.Parts) {
		return r, files, errForeign
	}
	return r, files, nil
}

// filesOf takes the descriptors out of a control message.
func filesOf(control []byte) (files []*os.File, err error) {
	messages, err := syscall.ParseSocketControlMessage(control)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		descriptors, err := syscall.ParseUnixRights(&m)
		if err != nil {
			return files, err
		}
		for _, fd := range descriptors {
			syscall.CloseOnExec(fd)
			files = append(files, os.NewFile(uintptr(fd), "client"))
		}
	}
	return files, nil
}

// callServer has a command carried out by the server that listens at the path.
// Without a server served is false and nothing has happened.
func callServer(ctx context.Context, path string, r request, std []*os.File, more map[string]*os.File) (code int, served bool, err error) {
	short, release, err := shortPath(path)
	if err != nil {
		return 0, false, nil // the server could not listen there either
	}
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: short, Net: "unix"})
	release()
	if err != nil {
		return 0, false, nil
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()

	in, fed, err := feed(std[0])
	if err != nil {
		return 0, true, err
	}
	defer fed()
	descriptors := []int{int(in.Fd()), int(std[1].Fd()), int(std[2].Fd())}
	for _, part := range r.Parts {
		if more[part] == std[0] {
			descriptors = append(descriptors, int(in.Fd()))
		} else {
			descriptors = append(descriptors, int(more[part].Fd()))
		}
	}
	body, err := json.Marshal(r)
	if err != nil {
		return 0, true, err
	}
	head := binary.BigEndian.AppendUint32([]byte(greeting), uint32(len(body)))
	_, _, err = conn.WriteMsgUnix(head, syscall.UnixRights(descriptors...), nil)
	if err == nil {
		_, err = conn.Write(body)
	}
	var a answer
	if err == nil {
		err = json.NewDecoder(conn).Decode(&a)
	}
	switch {
	case ctx.Err() != nil:
		return 0, true, ctx.Err()
	case err != nil:
		return 0, true, errHungUp
	}
	return a.Code, true, nil
}

// feed gives the stream the server may read as the client's standard input. A
// terminal is read here and passed on through a pipe: the system stops a server
// in the background of the same terminal that reads it.
func feed(in *os.File) (*os.File, func(), error) {
	if !terminal(in) {
		return in, func() {}, nil
	}
	read, write, err := os.Pipe()
	if err != nil {
		return nil, nil, err
	}
	go func() {
		_, _ = io.Copy(write, in)
		_ = write.Close()
	}()
	return read, func() { _ = read.Close() }, nil
}

// longestPath is what a socket's path may have on every system, in bytes.
const longestPath = 103

// shortPath gives a path by which a socket can be bound and reached however deep
// the directory lies: Linux names an open directory.
func shortPath(path string) (short string, release func(), err error) {
	if len(path) <= longestPath {
		return path, func() {}, nil
	}
	if runtime.GOOS != "linux" {
		return "", nil, fmt.Errorf("cli: %s is too long for a socket", path)
	}
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return "", nil, err
	}
	short = fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path))
	return short, func() { _ = dir.Close() }, nil
}

// standApart keeps a server in the background of a terminal from being stopped
// when it reads or writes the terminal of a client.
func standApart() { signal.Ignore(syscall.SIGTTIN, syscall.SIGTTOU) }
