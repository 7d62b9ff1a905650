package mail

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"kartotek/internal/database"
	"kartotek/internal/database/databasetest"
	"kartotek/internal/vault"
)

var ctx = context.Background()

// watch is a clock that stands until it is set.
type watch struct {
	mu  sync.Mutex
	now time.Time
}

func (w *watch) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *watch) add(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// house is an outbox with what it stands on.
type house struct {
	*Outbox
	t     *testing.T
	db    *database.DB
	keys  *vault.Keyring
	clock *watch
	log   *bytes.Buffer
}

// each runs body on both engines with an outbox of these options.
func each(t *testing.T, change func(*Options), body func(h *house)) {
	t.Helper()
	clock := &watch{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	databasetest.Each(t, func(t *testing.T, db *database.DB) {
		h := &house{t: t, db: db, keys: ring(t), clock: clock, log: &bytes.Buffer{}}
		o := Options{
			From: "post@kartotek.example", Name: "Kartotek", Unsaid: []string{"Eksempelpartiet"},
			Clock: clock.Now, Log: slog.New(slog.NewTextHandler(h.log, nil)), Timeout: 5 * time.Second,
		}
		if change != nil {
			change(&o)
		}
		var err error
		h.Outbox, err = New(db, h.keys, o)
		h.must(err)
		t.Cleanup(func() { h.Stop(ctx) })
		body(h)
	}, func(o *database.Options) { o.Clock = clock.Now })
}

func ring(t *testing.T) *vault.Keyring {
	t.Helper()
	keys, err := vault.CreateFrom(ctx, filepath.Join(t.TempDir(), "keyring.db"), vault.Unlock{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = keys.Close() })
	return keys
}

// to points an outbox at a test server.
func to(s *server, security Security) func(*Options) {
	return func(o *Options) {
		o.Host, o.Port, o.Security, o.Roots = "127.0.0.1", s.port, security, s.roots
	}
}

func (h *house) must(err error) {
	h.t.Helper()
	if err != nil {
		h.t.Fatal(err)
	}
}

// post enqueues a mail to an address in an act of its own and returns its key.
func (h *house) post(address string, change ...func(*Message)) int64 {
	h.t.Helper()
	m := Message{
		Person: 7, To: address, Subject: "Din kode", Body: "Hej\n\nDin kode er 123456. Blåbærgrød.\n",
		Ends: h.clock.Now().Add(15 * time.Minute), Kind: "signin.code",
	}
	for _, f := range change {
		f(&m)
	}
	p, err := h.Prepare(ctx, m)
	h.must(err)
	h.must(h.db.Write(ctx, p.Enqueue))
	return p.key
}

// work makes one pass.
func (h *house) work() {
	h.t.Helper()
	_, err := h.pass(ctx, nil)
	h.must(err)
}

func (h *house) rows() int {
	h.t.Helper()
	var n int
	h.must(h.db.Read(ctx, func(q database.Querier) error { return q.QueryRow(`SELECT COUNT(*) FROM mail`).Scan(&n) }))
	return n
}

func (h *house) status() Status {
	h.t.Helper()
	s, err := h.Status(ctx)
	h.must(err)
	return s
}

// gone checks that a one-off key was destroyed.
func (h *house) gone(key int64) {
	h.t.Helper()
	if _, err := h.keys.SealOnce(key, nil); !errors.Is(err, vault.ErrOneOffSpent) {
		h.t.Errorf("the key still stands: %v", err)
	}
}

func TestActThatFailsSendsNothing(t *testing.T) {
	each(t, func(o *Options) { o.Mailbox = true }, func(h *house) {
		p, err := h.Prepare(ctx, Message{To: "kari@x.example", Subject: "Din kode", Body: "Hej", Ends: h.clock.Now().Add(time.Minute)})
		h.must(err)
		failure := errors.New("no")
		err = h.db.Write(ctx, func(tx *database.Tx) error {
			h.must(p.Enqueue(tx))
			return failure
		})
		if !errors.Is(err, failure) || h.rows() != 0 {
			h.t.Fatalf("%v, %d rows", err, h.rows())
		}
		h.must(h.Discard(ctx, p))
		h.gone(p.key)
	})
}

// A key made ahead of an act that never came goes at the mail's end.
func TestKeyWithoutRowIsSwept(t *testing.T) {
	each(t, nil, func(h *house) {
		p, err := h.Prepare(ctx, Message{To: "kari@x.example", Subject: "Din kode", Body: "Hej", Ends: h.clock.Now().Add(time.Minute)})
		h.must(err)
		h.clock.add(2 * time.Minute)
		h.Start()
		eventually(h.t, func() bool {
			_, err := h.keys.SealOnce(p.key, nil)
			return errors.Is(err, vault.ErrOneOffSpent)
		})
	})
}

func TestPrepareRefuses(t *testing.T) {
	each(t, nil, func(h *house) {
		good := Message{To: "kari@x.example", Subject: "Din kode", Body: "Hej", Ends: h.clock.Now().Add(time.Minute)}
		for name, change := range map[string]func(*Message){
			"no address":     func(m *Message) { m.To = "kari" },
			"a header":       func(m *Message) { m.To = "kari@x.example\r\nBcc: b@x.example" },
			"no subject":     func(m *Message) { m.Subject = "" },
			"telling (L1)":   func(m *Message) { m.Subject = "Eksempelpartiet" },
			"two lines":      func(m *Message) { m.Subject = "a\nb" },
			"already ended":  func(m *Message) { m.Ends = h.clock.Now() },
			"without an end": func(m *Message) { m.Ends = time.Time{} },
		} {
			m := good
			change(&m)
			if _, err := h.Prepare(ctx, m); err == nil {
				h.t.Errorf("%s: taken", name)
			} else if strings.Contains(err.Error(), "kari@") {
				h.t.Errorf("%s: the error quotes the address", name)
			}
		}
	})
}

func TestMailboxKeepsUntilTheEnd(t *testing.T) {
	each(t, func(o *Options) { o.Mailbox = true }, func(h *house) {
		key := h.post("kari@x.example")
		h.post("ingen@x.example", func(m *Message) { m.Decoy = true })
		h.clock.add(time.Second)
		h.post("ola@x.example", func(m *Message) { m.Person = 0 })
		h.work()
		shown, err := h.Mailbox(ctx)
		h.must(err)
		if len(shown) != 2 || shown[0].To != "ola@x.example" || shown[1].To != "kari@x.example" || shown[1].Person != 7 ||
			shown[0].Person != 0 || !strings.Contains(shown[1].Body, "Blåbærgrød") || shown[1].Kind != "signin.code" {
			h.t.Fatalf("%+v", shown)
		}
		h.clock.add(15 * time.Minute)
		h.work()
		shown, err = h.Mailbox(ctx)
		h.must(err)
		if len(shown) != 0 || h.rows() != 0 || h.status().Failed != 0 {
			h.t.Errorf("%d shown, %d rows, %+v", len(shown), h.rows(), h.status())
		}
		h.gone(key)
	})
}

// D7: with a person go the mails to them, whatever became of those.
func TestD7ForgetsAPersonsMails(t *testing.T) {
	each(t, nil, func(h *house) {
		key := h.post("kari@x.example")
		h.post("kari@x.example", func(m *Message) { m.Ends = h.clock.Now().Add(time.Minute) })
		other := h.post("ola@x.example", func(m *Message) { m.Person = 8 })
		h.clock.add(2 * time.Minute)
		h.work() // the second was given up
		n, err := h.Forget(ctx, 7)
		h.must(err)
		if n != 1 || h.rows() != 1 {
			h.t.Errorf("%d keys, %d rows left", n, h.rows())
		}
		h.gone(key)
		if _, err := h.keys.SealOnce(other, nil); err != nil {
			h.t.Error("another person's mail went too")
		}
	})
}

// Sign-in codes belong to nobody by their row; they go by their address, and
// with them no mail that is somebody else's.
func TestD7ForgetsTheMailsToAnAddress(t *testing.T) {
	each(t, nil, func(h *house) {
		code := h.post("kari@x.example", func(m *Message) { m.Person = 0 })
		decoy := h.post("Kari@X.example", func(m *Message) { m.Person, m.Decoy = 0, true })
		others := []int64{
			h.post("kari@x.example", func(m *Message) { m.Person = 8 }), // who shares the address
			h.post("ola@x.example", func(m *Message) { m.Person = 0 }),
		}
		h.must(h.ForgetTo(ctx, "kari@x.example"))
		h.gone(code)
		h.gone(decoy)
		if h.rows() != len(others) {
			h.t.Errorf("%d rows left", h.rows())
		}
		for _, key := range others {
			if _, err := h.keys.SealOnce(key, nil); err != nil {
				h.t.Error("another person's mail went too")
			}
		}
		h.must(h.ForgetTo(ctx, "kari@x.example"))
	})
}

// A mail whose end comes before a server takes it is given up, and that is counted.
func TestGivesUpAtTheEnd(t *testing.T) {
	each(t, nil, func(h *house) {
		key := h.post("kari@x.example")
		decoy := h.post("ingen@x.example", func(m *Message) { m.Decoy = true })
		h.work()
		if s := h.status(); s.Waiting != 2 || s.Failed != 0 || !s.Oldest.Equal(h.clock.Now()) {
			h.t.Fatalf("%+v", s)
		}
		h.clock.add(15 * time.Minute)
		h.work()
		if s := h.status(); s.Waiting != 0 || s.Failed != 1 {
			h.t.Fatalf("%+v", s)
		}
		h.gone(key)
		h.gone(decoy)
		list, err := h.Undelivered(ctx)
		h.must(err)
		if len(list) != 1 || list[0].Person != 7 || !list[0].Failed.Equal(h.clock.Now()) {
			h.t.Fatalf("%+v", list)
		}
		h.clock.add(FailureKept + time.Second)
		h.work()
		if h.rows() != 0 {
			h.t.Error("a failure is remembered for ever")
		}
	})
}

func TestStartAndStopTwice(t *testing.T) {
	each(t, func(o *Options) { o.Mailbox = true }, func(h *house) {
		h.Stop(ctx)
		for range 2 {
			h.Start()
			h.Start()
			h.post("kari@x.example")
			eventually(h.t, func() bool { return h.status().Waiting == 0 })
			h.Stop(ctx)
			h.Stop(ctx)
		}
		h.post("kari@x.example")
		time.Sleep(20 * time.Millisecond)
		if h.status().Waiting != 1 {
			h.t.Error("a stopped outbox sends")
		}
	})
}

// eventually waits for what another goroutine is to bring about.
func eventually(t *testing.T, holds func() bool) {
	t.Helper()
	for range 1000 {
		if holds() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatal("it did not come about in ten seconds")
}
