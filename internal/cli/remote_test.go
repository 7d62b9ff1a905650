//go:build linux || darwin || freebsd

package cli

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kartotek/internal/app/housetest"
	"kartotek/internal/journal"
)

// room is an open house with an office, and a client's streams.
type room struct {
	*housetest.Fixture
	*office
	t *testing.T
}

func open(t *testing.T, options ...func(*housetest.Fixture)) *room {
	t.Helper()
	f := housetest.New(t)
	for _, option := range options {
		option(f)
	}
	o, err := openOffice(f.House)
	f.Must(err)
	t.Cleanup(func() { _ = o.close(time.Second) })
	return &room{Fixture: f, office: o, t: t}
}

// file is a new file with a text.
func file(t *testing.T, text string) *os.File {
	t.Helper()
	f, err := os.CreateTemp(t.TempDir(), "client")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() })
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	return f
}

func text(t *testing.T, f *os.File) string {
	t.Helper()
	all, err := os.ReadFile(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	return string(all)
}

// call has a command carried out through the socket.
func (r *room) call(in string, more map[string]*os.File, args ...string) (code int, out, errs string) {
	r.t.Helper()
	std := []*os.File{file(r.t, in), file(r.t, ""), file(r.t, "")}
	q := request{Args: args, Lang: "en"}
	for part := range more {
		q.Parts = append(q.Parts, part)
	}
	code, served, err := callServer(r.Context(), r.path, q, std, more)
	if err != nil || !served {
		r.t.Fatalf("%v: served %v, %v", args, served, err)
	}
	return code, text(r.t, std[1]), text(r.t, std[2])
}

func TestTheServerActsOnTheClientsFiles(t *testing.T) {
	r := open(t)
	anna := r.staff("anna")
	code, out, errs := r.call("", nil, "search", "quistorff", "--as", anna, "--json")
	var hits []hitLine
	if err := json.Unmarshal([]byte(out), &hits); code != done || err != nil || len(hits) != 1 || hits[0].Unit != "gentofte" || errs != "" {
		t.Fatalf("code %d, %v, %s %s", code, err, out, errs)
	}
	refused := file(t, "")
	code, out, errs = r.call("", map[string]*os.File{
		"file": file(t, "Fornavn;Efternavn;Født;Forening\nNy;Person;;gentofte\nEt;Barn;2020-01-01;gentofte\n"), "refused": refused,
	}, "import", "members.csv", "--as", anna, "--refused", "refused.csv")
	if code != done || !strings.Contains(out, "1 new") || !strings.Contains(text(t, refused), "Et;Barn") {
		t.Errorf("code %d: %s %s", code, out, errs)
	}
	code, out, _ = r.call("Fornavn;Efternavn;Forening\nAnden;Person;gentofte\n", map[string]*os.File{"file": file(t, "Fornavn;Efternavn;Forening\nAnden;Person;gentofte\n")}, "import", "-", "--as", anna)
	if code != done || !strings.Contains(out, "1 new") {
		t.Errorf("from standard input: code %d: %s", code, out)
	}
	if code, _, errs = r.call("", nil, "search", "x", "--as", "nobody@example.dk"); code != fails || !strings.Contains(errs, "Nobody in the register") {
		t.Errorf("a refusal: code %d: %s", code, errs)
	}
	if code, _, errs = r.call("", nil, "search", "x"); code != usage || !strings.Contains(errs, "missing") {
		t.Errorf("wrong usage: code %d: %s", code, errs)
	}
	if code, _, _ = r.call("", nil, "import", "x.csv", "--as", anna); code != fails {
		t.Errorf("a file that was not sent: code %d", code)
	}
	if code, _, _ = r.call("", nil, "charter", "show"); code != fails {
		t.Errorf("a command that is not for the server: code %d", code)
	}
	if code, _, _ = r.call("kviststorff\n", nil, "find", "-", "--as", anna); code != done {
		t.Errorf("find nowhere: code %d", code)
	}
	if code, _, _ = r.call("quistorff\n", nil, "find", "-", "--as", anna); code != found {
		t.Errorf("find: code %d", code)
	}
}

// staff gives the address under which one of the cast acts.
func (r *room) staff(name string) string {
	r.t.Helper()
	scope, err := r.Access.Decide(r.As(name), self)
	r.Must(err)
	own, err := r.Members.Own(r.Context(), scope)
	r.Must(err)
	return own.Number
}

func TestTheJournalNamesWhoTypedTheCommand(t *testing.T) {
	r := open(t)
	r.call("", nil, "search", "quistorff", "--as", r.staff("anna"))
	account, err := r.Journal.About(r.Context(), uint32(r.Person("member")), journal.Page{Limit: 1})
	r.Must(err)
	line := account.Lines[0]
	if line.Act != journal.Search || line.Via != "console" || line.OSUser != ownName() || line.Actor != uint32(r.Person("anna")) {
		t.Errorf("%+v", line)
	}
}

func TestAClientThatHangsUpCancelsTheAct(t *testing.T) {
	r := open(t)
	in, feed, err := os.Pipe()
	r.Must(err)
	ctx, cancel := context.WithCancel(r.Context())
	ended := make(chan error, 1)
	go func() {
		_, _, err := callServer(ctx, r.path, request{Args: []string{"find", "-", "--as", r.staff("anna")}, Lang: "en"},
			[]*os.File{in, file(t, ""), file(t, "")}, nil)
		ended <- err
	}()
	time.Sleep(200 * time.Millisecond) // until it waits for the text
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("the client: %v", err)
	}
	time.Sleep(200 * time.Millisecond) // until the server has noticed
	_, err = feed.WriteString("quistorff\n")
	r.Must(err)
	r.Must(feed.Close())
	r.Must(r.close(5 * time.Second)) // waits for the act
	account, err := r.Journal.About(r.Context(), uint32(r.Person("member")), journal.Page{})
	r.Must(err)
	for _, line := range account.Lines {
		if line.Act == journal.Find {
			t.Error("the search went on after its client had gone")
		}
	}
}

func TestSocketsLeftByACrashAreReplaced(t *testing.T) {
	r := open(t, func(f *housetest.Fixture) {
		left, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(f.Data, socketName), Net: "unix"})
		f.Must(err)
		left.SetUnlinkOnClose(false)
		f.Must(left.Close())
		if _, served, _ := callServer(f.Context(), filepath.Join(f.Data, socketName), request{}, nil, nil); served {
			t.Error("nobody listens there")
		}
	})
	if code, _, _ := r.call("", nil, "unit", "list"); code != done {
		t.Errorf("code %d", code)
	}
	info, err := os.Stat(r.path)
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the socket: %v %v", info.Mode(), err)
	}
	r.Must(r.close(time.Second))
	if _, err := os.Stat(r.path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stays: %v", err)
	}
}

// A directory may lie deeper than a socket's path may be long.
func TestDeepDirectories(t *testing.T) {
	r := open(t, func(f *housetest.Fixture) {
		f.House.Config.Data = filepath.Join(t.TempDir(), strings.Repeat("deep/", 40))
		f.Must(os.MkdirAll(f.House.Config.Data, 0o700))
	})
	if len(r.path) <= longestPath {
		t.Fatal("not deep enough")
	}
	if code, out, _ := r.call("", nil, "unit", "list"); code != done || !strings.Contains(out, "gentofte") {
		t.Errorf("code %d: %s", code, out)
	}
}

// What is no request of ours is turned away, and the next one is served.
func TestForeignRequestsAreTurnedAway(t *testing.T) {
	r := open(t)
	for name, head := range map[string][]byte{
		"another protocol": []byte("GET / HTTP/1.1\r\nHost: x\r\n\r\n"),
		"another version":  binary.BigEndian.AppendUint32([]byte("kartotek 9\n"), 2),
		"too long":         binary.BigEndian.AppendUint32([]byte(greeting), 1<<30),
		"no files":         append(binary.BigEndian.AppendUint32([]byte(greeting), 2), "{}"...),
		"half":             []byte(greeting[:4]),
	} {
		conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: r.path, Net: "unix"})
		r.Must(err)
		_, err = conn.Write(head)
		r.Must(err)
		r.Must(conn.CloseWrite())
		if got, _ := io.ReadAll(conn); len(got) > 0 {
			t.Errorf("%s was answered: %s", name, got)
		}
		_ = conn.Close()
	}
	if code, _, _ := r.call("", nil, "unit", "list"); code != done {
		t.Errorf("code %d", code)
	}
}

func TestThePeerIsKnown(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s")
	listener, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client, err := net.DialUnix("unix", nil, &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	conn, err := listener.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if uid, err := peer(conn); err != nil || uid != os.Geteuid() {
		t.Errorf("uid %d, %v", uid, err)
	}
}
