// Package hook delivers messages to a receiver's address on the net: an HTTPS POST of
// JSON, signed as the Standard Webhooks specification has it (webhook-id,
// webhook-timestamp, webhook-signature), by a shared key (HMAC-SHA256) or by a private
// one (Ed25519). It follows no redirect, reaches no private address unless the
// settings allow it, and reads no more of an answer than is asked for. It knows no
// members; what it carries is its caller's business.
package hook

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Target is where messages go, and the key they are signed with.
type Target struct {
	URL string
	Key Key
}

// Options are how a Client reaches the world.
type Options struct {
	Private bool           // private and loopback addresses are allowed
	Roots   *x509.CertPool // nil: the system's
	Timeout time.Duration  // of one delivery; 0 is 20 seconds
}

// Answer is what a receiver said.
type Answer struct {
	Status     int
	Body       []byte
	RetryAfter time.Duration // what it asked for; 0 for nothing
}

// Taken reports whether the receiver took the message.
func (a Answer) Taken() bool { return a.Status >= 200 && a.Status < 300 }

// Gone reports whether the receiver wants nothing any more: its address is closed for good.
func (a Answer) Gone() bool { return a.Status == http.StatusGone }

// Whatever can be wrong beside the network's own errors.
var (
	ErrAddress  = errors.New("hook: the address must be https, with a host and without user, query or fragment")
	ErrPrivate  = errors.New("hook: the address is private")
	ErrRedirect = errors.New("hook: the receiver sends elsewhere, which is not followed")
	ErrTooLong  = errors.New("hook: the answer is too long")
)

// Client delivers. It is safe for concurrent use.
type Client struct{ http http.Client }

// New makes a Client.
func New(o Options) *Client {
	if o.Timeout == 0 {
		o.Timeout = 20 * time.Second
	}
	dialer := net.Dialer{Timeout: 10 * time.Second}
	if !o.Private {
		// Looked at when the connection is made, so that no name that changes its mind
		// between two look-ups leads inside.
		dialer.Control = func(_, address string, _ syscall.RawConn) error { return public(address) }
	}
	return &Client{http.Client{
		Timeout: o.Timeout,
		Transport: &http.Transport{
			DialContext: dialer.DialContext, TLSHandshakeTimeout: 10 * time.Second, ResponseHeaderTimeout: o.Timeout,
			TLSClientConfig: &tls.Config{RootCAs: o.Roots, MinVersion: tls.VersionTLS12}, MaxResponseHeaderBytes: 32 << 10,
			DisableCompression: true, // what is read is what was sent, and no bomb unpacks
			DisableKeepAlives:  true,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return ErrRedirect },
	}}
}

// CheckURL refuses an address that is not one of a receiver.
func CheckURL(address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" || u.Hostname() == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return ErrAddress
	}
	return nil
}

// Host is the host of an address, for pages and logs; paths can be secrets.
func Host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// special are the blocks no receiver on the net lies in, beside those netip knows.
var special = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/23"),
}

// public refuses an address of a host that is not one of the open net.
func public(address string) error {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return ErrPrivate
	}
	ip := at.Addr().Unmap()
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || ip.IsLoopback() {
		return ErrPrivate
	}
	for _, block := range special {
		if block.Contains(ip) {
			return ErrPrivate
		}
	}
	return nil
}

// Deliver posts one message and reads at most limit bytes of the answer. The id is the
// same each time a message is sent, so that a receiver takes it once. An answer that
// came is no error, whatever it says.
func (c *Client) Deliver(ctx context.Context, to Target, id string, at time.Time, body []byte, limit int64) (Answer, error) {
	if err := CheckURL(to.URL); err != nil {
		return Answer{}, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, to.URL, bytes.NewReader(body))
	if err != nil {
		return Answer{}, ErrAddress
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("User-Agent", "Kartotek")
	request.Header.Set("webhook-id", id)
	request.Header.Set("webhook-timestamp", stamp)
	request.Header.Set("webhook-signature", to.Key.Sign(id, stamp, body))
	response, err := c.http.Do(request)
	if err != nil {
		return Answer{}, plain(err)
	}
	defer response.Body.Close()
	said, err := io.ReadAll(io.LimitReader(response.Body, limit+1))
	if err != nil {
		return Answer{}, plain(err)
	}
	if int64(len(said)) > limit {
		return Answer{}, ErrTooLong
	}
	return Answer{Status: response.StatusCode, Body: said, RetryAfter: after(response.Header.Get("Retry-After"))}, nil
}

// plain takes the address out of an error: its path can be a secret, and logs hold it.
func plain(err error) error {
	var of *url.Error
	if errors.As(err, &of) {
		return of.Err
	}
	return err
}

// after reads Retry-After in seconds, as far as a day.
func after(value string) time.Duration {
	seconds, err := strconv.ParseUint(strings.TrimSpace(value), 10, 31)
	if err != nil {
		return 0
	}
	return min(time.Duration(seconds)*time.Second, 24*time.Hour)
}
