package mail

import (
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
)

const (
	lineWidth   = 72  // columns of a body line, URLs excepted
	subjectRune = 78  // longest subject, in runes: RFC 5322 § 2.1.1 asks for lines of 78
	longestTo   = 254 // RFC 5321 § 4.5.3.1.3, the angle brackets taken off
)

// check refuses options that would leak or cannot work.
func (o *Options) check() error {
	switch {
	case o.Mailbox && o.Host != "":
		return errors.New("mail: a mailbox for the demo and a mail server exclude each other")
	case o.Timeout <= 0:
		return errors.New("mail: the timeout must be above zero")
	}
	if _, err := bare(o.From); err != nil {
		return fmt.Errorf("mail: sender: %w", err)
	}
	if o.ReplyTo != "" {
		if _, err := bare(o.ReplyTo); err != nil {
			return fmt.Errorf("mail: reply address: %w", err)
		}
	}
	if err := neutral(o.Name, o.Unsaid); err != nil {
		return fmt.Errorf("mail: sender name: %w", err)
	}
	switch o.Security {
	case StartTLS, TLS:
	case Plain:
		if o.Host != "" && !loopbackName(o.Host) {
			return errors.New("mail: without TLS the mail server must be this machine itself")
		}
	default:
		return fmt.Errorf("mail: unknown security %q", o.Security)
	}
	return nil
}

// withDefaults fills what was left out.
func (o Options) withDefaults() Options {
	if o.Security == "" {
		o.Security = StartTLS
	}
	if o.Port == 0 {
		o.Port = map[Security]int{StartTLS: 587, TLS: 465, Plain: 25}[o.Security]
	}
	if o.Timeout == 0 {
		o.Timeout = 30 * time.Second
	}
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Kept == 0 {
		o.Kept = FailureKept
	}
	return o
}

// loopbackName reports whether a host name can only mean this machine. The
// connection itself is checked again: "localhost" is what a resolver says it is.
func loopbackName(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// bare accepts one address without display name, comment or control character,
// and returns it trimmed.
func bare(address string) (string, error) {
	address = strings.TrimSpace(address)
	parsed, err := netmail.ParseAddress(address)
	if err != nil || parsed.Address != address || parsed.Name != "" || len(address) > longestTo {
		return "", errors.New("not a bare e-mail address") // never the parser's error: it quotes the address
	}
	return address, nil
}

// neutral refuses a subject or sender name that could break out of its header, or
// that says what the association is (L1).
func neutral(s string, unsaid []string) error {
	if utf8.RuneCountInString(s) > subjectRune || !utf8.ValidString(s) {
		return fmt.Errorf("longer than %d characters, or not UTF-8", subjectRune)
	}
	if strings.ContainsFunc(s, unicode.IsControl) {
		return errors.New("holds a control character")
	}
	fold := cases.Fold()
	folded := fold.String(s)
	for _, word := range unsaid {
		if word != "" && strings.Contains(folded, fold.String(word)) {
			return errors.New("names the association")
		}
	}
	return nil
}

// wrap breaks the lines of a plain text at lineWidth columns, between words. A
// word longer than a line (a link) stays whole; indentation carries over to the
// lines a long line is broken into. Line ends become "\n"; the text ends in one.
func wrap(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(text) + len(text)/lineWidth + 1)
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n "), "\n") {
		words := strings.Fields(line)
		indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
		column := 0
		for _, word := range words {
			width := utf8.RuneCountInString(word)
			switch {
			case column == 0:
				b.WriteString(indent)
				column = len(indent)
			case column+1+width > lineWidth:
				b.WriteString("\n" + indent)
				column = len(indent)
			default:
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += width
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// pause is how long to wait after that many failed attempts: 5 s, doubled each
// time, at most 10 minutes. The first ones are close together because a sign-in
// code lives 15 minutes; grey-listing servers let a mail in after one to five.
func pause(attempts int) time.Duration {
	const first, most = 5 * time.Second, 10 * time.Minute
	if attempts < 1 {
		return 0
	}
	if attempts > 7 { // 5 s · 2⁷ is above most
		return most
	}
	return min(first<<(attempts-1), most)
}

// outcome is what became of one attempt to hand a mail over.
type outcome uint8

const (
	sent     outcome = iota // the server has it
	deferred                // the server refused this mail for now
	refused                 // the server refused this mail for good
	broken                  // the server or the connection is in trouble, whichever mail it is
)

// stage is where in the exchange a server's answer came.
type stage uint8

const (
	atSender stage = iota // MAIL FROM
	atRecipient
	atContent
	atConnection
)

// judge reads a server's answer. A refused sender and 421 ("closing") concern the
// server and not the mail: the next mail would meet the same, so none is given up.
func judge(at stage, code int) outcome {
	switch {
	case at == atConnection || at == atSender || code == 421 || code < 400:
		return broken
	case code < 500:
		return deferred
	default:
		return refused
	}
}
