package mail

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"strings"
	"syscall"

	gomail "github.com/wneessen/go-mail"
	"github.com/wneessen/go-mail/smtp"
)

// connection is one session with the mail server.
type connection struct {
	o      *Options
	client *gomail.Client
	smtp   *smtp.Client
	net    net.Conn
	err    error       // of the last broken attempt; for reason only
	at     stage       // where the last refusal came
	uncut  func() bool // takes back that the context's end cuts the connection
}

// mechanisms are the ways to sign in at the mail server, best first. The last two
// show the password to the server and are refused by go-mail without TLS, this
// machine itself excepted.
var mechanisms = []gomail.SMTPAuthType{
	gomail.SMTPAuthSCRAMSHA256PLUS, gomail.SMTPAuthSCRAMSHA256,
	gomail.SMTPAuthSCRAMSHA1PLUS, gomail.SMTPAuthSCRAMSHA1,
	gomail.SMTPAuthPlain, gomail.SMTPAuthLogin,
}

// dial connects, protects the connection and signs in, within o.Timeout. The end
// of ctx cuts the connection whenever it comes.
func dial(ctx context.Context, o *Options) (*connection, error) {
	c := &connection{o: o}
	_, domain, _ := strings.Cut(o.From, "@")
	options := []gomail.Option{
		gomail.WithPort(o.Port),
		gomail.WithTimeout(o.Timeout),
		gomail.WithHELO(domain), // not the machine's name: it is nobody's business
		gomail.WithTLSConfig(&tls.Config{ServerName: o.Host, MinVersion: tls.VersionTLS12, RootCAs: o.Roots}),
		gomail.WithDialContextFunc(func(dialing context.Context, network, address string) (net.Conn, error) {
			return c.connect(dialing, ctx, network, address)
		}),
		gomail.WithoutNoop(),
	}
	if o.Security == StartTLS {
		options = append(options, gomail.WithTLSPolicy(gomail.TLSMandatory))
	} else {
		// With TLS the connection is protected before go-mail sees it.
		options = append(options, gomail.WithTLSPolicy(gomail.NoTLS))
	}
	if o.User != "" {
		options = append(options, gomail.WithUsername(o.User), gomail.WithPassword(o.Password),
			gomail.WithOpportunisticSMTPAuth(mechanisms...))
	}
	var err error
	if c.client, err = gomail.NewClient(o.Host, options...); err != nil {
		return nil, err
	}
	if c.smtp, err = c.client.DialToSMTPClientWithContext(ctx); err != nil {
		if c.net != nil { // go-mail leaves it open
			c.hangUp()
		}
		return nil, err
	}
	return c, nil
}

// connect opens the TCP connection, under TLS where that comes first: within the
// time of dialing, and until the end of life.
func (c *connection) connect(dialing, life context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	raw, err := dialer.DialContext(dialing, network, address)
	if err != nil {
		return nil, err
	}
	if c.o.Security == Plain {
		if to, ok := raw.RemoteAddr().(*net.TCPAddr); !ok || !to.IP.IsLoopback() {
			_ = raw.Close()
			return nil, errNotLoopback
		}
	}
	c.net = raw
	// go-mail does not look at a context once it is connected.
	c.uncut = context.AfterFunc(life, func() { _ = raw.Close() })
	if c.o.Security == TLS {
		protected := tls.Client(raw, &tls.Config{ServerName: c.o.Host, MinVersion: tls.VersionTLS12, RootCAs: c.o.Roots})
		if err := protected.HandshakeContext(dialing); err != nil {
			return nil, err
		}
		c.net = protected
	}
	return c.net, nil
}

var errNotLoopback = errors.New("mail: without TLS, and the server is not this machine")

// send hands one mail over, within Options.Timeout. With broken, c.err says what
// happened and the connection is of no more use; otherwise code is the server's
// answer, 0 when it has the mail.
func (c *connection) send(l *letter) (outcome, int) {
	m, err := compose(c.o, l)
	if err != nil {
		// The address passed Prepare's check and not go-mail's: no later attempt will do better.
		return refused, 0
	}
	c.smtp.SkipSMTPUTF8(ascii(l.To))
	err = c.client.SendWithSMTPClient(c.smtp, m)
	if err == nil || m.IsDelivered() { // accepted, although what followed may have failed
		return sent, 0
	}
	at, code := atConnection, 0
	if failed := (*gomail.SendError)(nil); errors.As(err, &failed) {
		code = failed.ErrorCode()
		switch failed.Reason {
		case gomail.ErrSMTPMailFrom:
			at = atSender
		case gomail.ErrSMTPRcptTo:
			at = atRecipient
		case gomail.ErrSMTPData, gomail.ErrSMTPDataClose, gomail.ErrWriteContent:
			at = atContent
		}
	}
	c.at = at
	result := judge(at, code)
	if result == broken {
		c.err = err
	}
	return result, code
}

// close says good-bye if the server still listens.
func (c *connection) close() {
	if c == nil {
		return
	}
	if c.err == nil {
		_ = c.client.CloseWithSMTPClient(c.smtp)
	}
	c.hangUp()
}

func (c *connection) hangUp() {
	c.uncut()
	_ = c.net.Close()
}

// compose makes the message as it goes out: plain text, marked as automatic so
// that nothing answers it, and nothing in it that reports back.
func compose(o *Options, l *letter) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent(), gomail.WithCharset(gomail.CharsetUTF8),
		gomail.WithEncoding(gomail.EncodingQP))
	if err := m.To(l.To); err != nil {
		return nil, err
	}
	m.FromMailAddress(&netmail.Address{Name: o.Name, Address: o.From})
	replyTo := l.ReplyTo
	if replyTo == "" {
		replyTo = o.ReplyTo
	}
	if replyTo != "" {
		if err := m.ReplyTo(replyTo); err != nil {
			return nil, err
		}
	}
	if l.Unsubscribe != "" { // RFC 2369 § 3.2, RFC 8058 § 3.1
		m.SetGenHeader(gomail.HeaderListUnsubscribe, "<"+l.Unsubscribe+">")
		m.SetGenHeader(gomail.HeaderListUnsubscribePost, "List-Unsubscribe=One-Click")
	}
	m.Subject(l.Subject)
	m.SetDateWithValue(o.Clock())
	m.SetMessageIDWithValue(l.MessageID)
	m.SetGenHeader("Auto-Submitted", "auto-generated") // RFC 3834
	m.SetGenHeader(gomail.HeaderXAutoResponseSuppress, "All")
	m.SetBodyString(gomail.TypeTextPlain, l.Body)
	return m, nil
}

// reason says what is wrong with a server in words that hold no address: what
// servers answer quotes it often, so of answers only the number is told.
func reason(err error) string {
	var (
		answer   *textproto.Error
		system   syscall.Errno
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		invalid  x509.CertificateInvalidError
		network  net.Error
		failed   *gomail.SendError
	)
	switch {
	case errors.As(err, &answer):
		return fmt.Sprintf("answer %d", answer.Code)
	case errors.As(err, &failed) && failed.ErrorCode() != 0:
		return fmt.Sprintf("answer %d while %s", failed.ErrorCode(), failed.Reason)
	case errors.As(err, &failed): // it hides what happened
		return fmt.Sprintf("no answer while %s", failed.Reason)
	case errors.As(err, &unknown), errors.As(err, &hostname), errors.As(err, &invalid):
		return "certificate not accepted"
	case errors.Is(err, errNotLoopback):
		return "no TLS, and not this machine"
	case errors.As(err, &system):
		return system.Error()
	case errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	default:
		return fmt.Sprintf("%T", err)
	}
}

func ascii(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 127 })
}
