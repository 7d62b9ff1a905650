// Package mail is the outbox: an act enqueues a mail in its own transaction, and
// a worker hands it to the association's mail server until it is accepted or its
// end has come.
//
// It may know addresses and texts only while they wait. Each mail is sealed under
// a one-off key of the keyring with an end, so a copy of the register shows no
// address and no text, and after sending (or at its end) row and key are gone.
//
// That somebody is a member may itself be a special category of data (L1), and
// senders and subjects show on locked screens and in every mail server's log:
// both stay neutral, which New and Prepare enforce against Options.Unsaid.
package mail

import (
	"crypto/x509"
	"log/slog"
	"time"

	"kartotek/internal/vault"
)

// Message is one mail to one address.
type Message struct {
	Person  vault.PersonID // whom it goes to; 0 for nobody in the register, or to keep the row uniform
	To      string         // one bare address; "" for somebody who has none, where Options.Paper takes it
	Subject string         // neutral; never says what the association is
	Body    string         // plain text; wrapped by Prepare
	Ends    time.Time      // not sent after this, and forgotten then
	Kind    string         // which mail it is, for the demo's mailbox: "signin.code"
	// Decoy makes the mail do all the work of a real one without being sent, so
	// that an answer to an unknown address takes the same time and leaves the
	// same rows as one to a known address.
	Decoy bool

	// Of a message that many get. With are the others of a household whom it reaches in
	// the one mailbox; Ref is what it is one of, which Options.Follower is told by;
	// Unsubscribe is the https address that stops that kind of mail (RFC 8058), and
	// ReplyTo where answers go. Lang is of the text.
	With        []vault.PersonID
	Ref         int64
	Unsubscribe string
	ReplyTo     string
	Lang        string
}

// Security is how the connection to the mail server is protected.
type Security string

const (
	StartTLS Security = "starttls" // the default, usually port 587; refused when the server has none
	TLS      Security = "tls"      // TLS from the first byte, usually port 465
	Plain    Security = "plain"    // no protection: only to this machine itself
)

// Options say where mails go and as whom.
type Options struct {
	Host     string // the mail server; empty: mails wait until their end
	Port     int    // 0: 587, 465 with TLS, 25 with Plain
	Security Security
	User     string // empty: no authentication
	Password string
	Roots    *x509.CertPool // certificate authorities; nil: the system's
	From     string         // the sender's bare address
	Name     string         // the sender's neutral display name; may be empty
	ReplyTo  string         // a bare address; may be empty
	Unsaid   []string       // words neither sender name nor subject may hold: the association's names
	Timeout  time.Duration  // for connecting, and again for each mail; 0: 30 seconds
	// Mailbox keeps mails readable here until their end instead of sending them.
	// For the demo only: it needs Host to be empty.
	Mailbox bool
	// Follower is told what becomes of mails that have a Ref; nil: nobody is.
	Follower Follower
	Paper    Paper            // takes what is to somebody without an address; nil: it is refused
	Clock    func() time.Time // the register's clock; nil: time.Now
	Kept     time.Duration    // how long it is remembered that a mail was given up; 0: FailureKept
	Held     func() bool      // whether nothing may end now, since the time is in doubt; nil: never
	Log      *slog.Logger     // nil: slog.Default(). Gets numbers only, never addresses or what servers answer
}

// Shown is a mail in the demo's mailbox.
type Shown struct {
	ID      int64
	Person  vault.PersonID
	To      string
	Subject string
	Body    string
	Kind    string
	At      time.Time // when it would have been sent
	Ends    time.Time
}

// Status is the state of the outbox for whoever runs it.
type Status struct {
	Waiting int64     // mails not sent yet
	Oldest  time.Time // when the oldest of them was written; zero when none waits
	Failed  int64     // mails given up in the last FailureKept
	Trouble time.Time // since when the mail server takes nothing; zero when it does
}

// Undelivered is what remains of a mail that was given up: that it was, not what
// it said or where it went.
type Undelivered struct {
	ID       int64
	Person   vault.PersonID
	Created  time.Time
	Failed   time.Time
	Attempts int
}

// FailureKept is how long it is remembered that a mail was given up, where Options do
// not say.
const FailureKept = 30 * 24 * time.Hour
