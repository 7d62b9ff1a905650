package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"io"
	"math/big"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/emersion/go-sasl"
	"github.com/emersion/go-smtp"
)

// server is a real mail server on this machine that keeps what it accepts.
type server struct {
	mu       sync.Mutex
	got      []received
	dialled  int
	onRcpt   func(to string) error // nil accepts
	onData   func(text string) error
	user     string // needed to sign in; empty: no authentication
	port     int
	roots    *x509.CertPool
	accepted chan received
}

type received struct{ from, to, text, hello string }

// mode is how the test server protects its connections.
type mode uint8

const (
	withStartTLS mode = iota
	withTLS
	without
)

// listen starts a server that ends with the test.
func listen(t *testing.T, m mode, with ...func(*server)) *server {
	t.Helper()
	s := &server{accepted: make(chan received, 100)}
	for _, f := range with {
		f(s)
	}
	smtpServer := smtp.NewServer(s)
	smtpServer.Domain = "mail.test"
	smtpServer.AllowInsecureAuth = m == without
	smtpServer.ErrorLog = quiet{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.port = l.Addr().(*net.TCPAddr).Port
	l = &counted{l, s}
	if m != without {
		certificate, roots := selfSigned(t)
		s.roots = roots
		smtpServer.TLSConfig = &tls.Config{Certificates: []tls.Certificate{certificate}}
		if m == withTLS {
			l = tls.NewListener(l, smtpServer.TLSConfig)
		}
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = smtpServer.Serve(l)
	}()
	t.Cleanup(func() {
		_ = smtpServer.Close()
		<-served
	})
	return s
}

// counted counts the connections of a listener.
type counted struct {
	net.Listener
	server *server
}

func (l *counted) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err == nil {
		l.server.mu.Lock()
		l.server.dialled++
		l.server.mu.Unlock()
	}
	return c, err
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}

func selfSigned(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "mail.test"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AddCert(leaf)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, roots
}

// mails gives what was accepted so far.
func (s *server) mails() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.got...)
}

// connections gives how many connections there were so far.
func (s *server) connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dialled
}

func (s *server) NewSession(c *smtp.Conn) (smtp.Session, error) {
	return &session{server: s, hello: c.Hostname()}, nil
}

type session struct {
	server   *server
	hello    string
	signedIn bool
	mail     received
}

func (c *session) AuthMechanisms() []string {
	if c.server.user == "" {
		return nil
	}
	return []string{sasl.Plain}
}

func (c *session) Auth(string) (sasl.Server, error) {
	return sasl.NewPlainServer(func(_, user, password string) error {
		if user != c.server.user || password != "hemmelig" {
			return errors.New("no")
		}
		c.signedIn = true
		return nil
	}), nil
}

func (c *session) Mail(from string, _ *smtp.MailOptions) error {
	if c.server.user != "" && !c.signedIn {
		return smtp.ErrAuthRequired
	}
	c.mail = received{from: from, hello: c.hello}
	return nil
}

func (c *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	c.mail.to = to
	if c.server.onRcpt != nil {
		return c.server.onRcpt(to)
	}
	return nil
}

func (c *session) Data(r io.Reader) error {
	text, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if c.server.onData != nil {
		if err := c.server.onData(string(text)); err != nil {
			return err
		}
	}
	c.mail.text = string(text)
	c.server.mu.Lock()
	c.server.got = append(c.server.got, c.mail)
	c.server.mu.Unlock()
	c.server.accepted <- c.mail
	return nil
}

func (c *session) Reset()        {}
func (c *session) Logout() error { return nil }
