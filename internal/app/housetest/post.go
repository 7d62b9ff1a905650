package housetest

import (
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	kartotekmail "kartotek/internal/mail"
)

// Post is a real mail server on this machine that keeps what it accepts.
type Post struct {
	OnLetter func(Letter) // called before the letter is accepted; set it before any comes

	t    testing.TB
	port int
	down atomic.Bool
	no   atomic.Bool

	mu   sync.Mutex
	none map[string]bool // addresses it does not know
	got  []Letter
	come chan struct{}
}

// Letter is a mail as it arrived, its text decoded.
type Letter struct {
	To, Subject, Text string
	ID, ReplyTo       string // headers: of the message, and where answers go
	Stop, OneClick    string // List-Unsubscribe, List-Unsubscribe-Post
}

// NewPost starts a mail server that ends with the test.
func NewPost(t testing.TB) *Post {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &Post{t: t, port: listener.Addr().(*net.TCPAddr).Port, come: make(chan struct{}, 1000)}
	server := smtp.NewServer(p)
	server.Domain, server.ErrorLog = "mail.test", quiet{}
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(func() { _ = server.Close() })
	return p
}

// Options are what a house hands its mails over with.
func (p *Post) Options() kartotekmail.Options {
	return kartotekmail.Options{
		Host: "127.0.0.1", Port: p.port, Security: kartotekmail.Plain, From: "post@kartotek.example", Timeout: 5 * time.Second,
	}
}

// Stop lets the server take nothing until Start.
func (p *Post) Stop() { p.down.Store(true) }

// Start undoes Stop.
func (p *Post) Start() { p.down.Store(false) }

// Reject lets the server refuse every recipient for good.
func (p *Post) Reject() { p.no.Store(true) }

// Unknown lets the server refuse one recipient for good.
func (p *Post) Unknown(to string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.none == nil {
		p.none = map[string]bool{}
	}
	p.none[to] = true
}

// All gives everything that has arrived.
func (p *Post) All() []Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]Letter(nil), p.got...)
}

// Letters gives what has arrived for an address.
func (p *Post) Letters(to string) []Letter {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []Letter
	for _, l := range p.got {
		if l.To == to {
			found = append(found, l)
		}
	}
	return found
}

// Await waits until so many letters have arrived for an address.
func (p *Post) Await(to string, count int) []Letter {
	p.t.Helper()
	patience := time.After(10 * time.Second)
	for {
		if found := p.Letters(to); len(found) >= count {
			return found
		}
		select {
		case <-p.come:
		case <-patience:
			p.t.Fatalf("housetest: %d letters have arrived, not %d", len(p.Letters(to)), count)
		}
	}
}

// NewSession begins a mail server's conversation.
func (p *Post) NewSession(*smtp.Conn) (smtp.Session, error) {
	if p.down.Load() {
		return nil, &smtp.SMTPError{Code: 421, Message: "closing"}
	}
	return &conversation{post: p}, nil
}

type conversation struct {
	post *Post
	to   string
}

func (c *conversation) Mail(string, *smtp.MailOptions) error { return nil }
func (c *conversation) Reset()                               {}
func (c *conversation) Logout() error                        { return nil }

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.post.mu.Lock()
	none := c.post.none[to]
	c.post.mu.Unlock()
	if none || c.post.no.Load() {
		return &smtp.SMTPError{Code: 550, Message: "no such mailbox"}
	}
	c.to = to
	return nil
}

func (c *conversation) Data(r io.Reader) error {
	message, err := mail.ReadMessage(r)
	if err != nil {
		return err
	}
	subject, err := new(mime.WordDecoder).DecodeHeader(message.Header.Get("Subject"))
	if err != nil {
		return err
	}
	body := message.Body
	if message.Header.Get("Content-Transfer-Encoding") == "quoted-printable" {
		body = quotedprintable.NewReader(body)
	}
	text, err := io.ReadAll(body)
	if err != nil {
		return err
	}
	letter := Letter{
		To: c.to, Subject: subject, Text: strings.ReplaceAll(string(text), "\r\n", "\n"), ID: message.Header.Get("Message-ID"),
		ReplyTo: message.Header.Get("Reply-To"), Stop: message.Header.Get("List-Unsubscribe"), OneClick: message.Header.Get("List-Unsubscribe-Post"),
	}
	if c.post.OnLetter != nil {
		c.post.OnLetter(letter)
	}
	c.post.mu.Lock()
	c.post.got = append(c.post.got, letter)
	c.post.mu.Unlock()
	select {
	case c.post.come <- struct{}{}:
	default: // thousands have come that nobody waits for
	}
	return nil
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
