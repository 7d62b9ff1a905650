package cli

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"

	"kartotek/internal/app"
	"kartotek/internal/locale"
)

// A command beside a running server acts inside it, through a socket in the data
// directory that only the server's own user and root may use:
//
//	client → server   the greeting, with the files as descriptors; the request
//	client ← server   the exit code
//
// The files are the three streams and what the client opened itself: paths mean
// what they mean to whoever typed them, and the server reads and writes the
// client's files without opening any. A client that hangs up cancels the act.

// greeting leads a request; its last byte before the line feed is the version.
const greeting = "kartotek 1\n"

// longestRequest is what a request may have, in bytes.
const longestRequest = 1 << 20

// request is one command for the server.
type request struct {
	Args  []string // as typed, without the program's name
	Lang  string
	Parts []string // of the files behind the three streams
}

// answer is what a command came to.
type answer struct{ Code int }

var (
	errForeign = errors.New("cli: the other end of the socket is of another version")
	errHungUp  = errors.New("cli: the server hung up before it answered")
)

// streams are the descriptors every request carries first.
const streams = 3

// serveRequest carries a request out against the open house and gives the exit
// code. The files are closed at the end.
func serveRequest(ctx context.Context, house *app.House, r request, files []*os.File, osUser string) int {
	defer func() {
		for _, f := range files {
			_ = f.Close()
		}
	}()
	d := newDesk(house.Charter.Printer(locale.For(r.Lang).Lang()), files[0], files[1], files[2])
	d.osUser, d.house, d.served = osUser, house, true
	d.files = map[string]*os.File{}
	for i, part := range r.Parts {
		d.files[part] = files[streams+i]
	}
	code := d.code(d.serveCommand(ctx, r.Args))
	if err := d.out.Flush(); err != nil && code == done {
		return d.code(err)
	}
	return code
}

func (d *desk) serveCommand(ctx context.Context, args []string) error {
	call, err := parse(args, d.p)
	if err != nil {
		return err
	}
	c, ok := call.command.(housed)
	if !ok {
		return errForeign // our own clients send no other
	}
	for _, w := range c.needs() {
		if _, sent := d.files[w.part]; !sent && w.path != "" {
			return errForeign
		}
	}
	d.json = call.grammar.JSON
	return c.run(ctx, d)
}

// readRequest reads a request's body.
func readRequest(in io.Reader, size uint32) (request, error) {
	var r request
	if size > longestRequest {
		return r, errForeign
	}
	body := make([]byte, size)
	if _, err := io.ReadFull(in, body); err != nil {
		return r, err
	}
	return r, json.Unmarshal(body, &r)
}
