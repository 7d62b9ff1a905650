package housetest

import (
	"io"
	"mime"
	"mime/quotedprintable"
	"net"
	"net/mail"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-smtp"

	kartotekmail "kartotek/internal/mail"
)

// Post is a real mail server on this machine that keeps what it accepts.
type Post struct {
	t       testing.TB
	address string

	mu     sync.Mutex
	server *smtp.Server
	got    []Letter
	come   chan struct{}
}

// Letter is a mail as it arrived, its text decoded.
type Letter struct{ To, Subject, Text string }

// NewPost starts a mail server that ends with the test.
func NewPost(t testing.TB) *Post {
	t.Helper()
	p := &Post{t: t, address: "127.0.0.1:0", come: make(chan struct{}, 100)}
	p.Start()
	t.Cleanup(p.Stop)
	return p
}

// Options are what a house hands its mails over with.
func (p *Post) Options() kartotekmail.Options {
	address, err := net.ResolveTCPAddr("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	return kartotekmail.Options{
		Host: "127.0.0.1", Port: address.Port, Security: kartotekmail.Plain, From: "post@kartotek.example", Timeout: 5 * time.Second,
	}
}

// Start lets the server listen, again at the address it had.
func (p *Post) Start() {
	p.t.Helper()
	listener, err := net.Listen("tcp", p.address)
	if err != nil {
		p.t.Fatal(err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.address = listener.Addr().String()
	p.server = smtp.NewServer(p)
	p.server.Domain, p.server.ErrorLog = "mail.test", quiet{}
	go func(s *smtp.Server) { _ = s.Serve(listener) }(p.server)
}

// Stop closes the server: nobody is at home.
func (p *Post) Stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	_ = p.server.Close()
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
func (p *Post) NewSession(*smtp.Conn) (smtp.Session, error) { return &conversation{post: p}, nil }

type conversation struct {
	post *Post
	to   string
}

func (c *conversation) Mail(string, *smtp.MailOptions) error { return nil }
func (c *conversation) Reset()                               {}
func (c *conversation) Logout() error                        { return nil }

func (c *conversation) Rcpt(to string, _ *smtp.RcptOptions) error {
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
	c.post.mu.Lock()
	c.post.got = append(c.post.got, Letter{To: c.to, Subject: subject, Text: strings.ReplaceAll(string(text), "\r\n", "\n")})
	c.post.mu.Unlock()
	c.post.come <- struct{}{}
	return nil
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
