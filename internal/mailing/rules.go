package mailing

import (
	netmail "net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"kartotek/internal/access"
	"kartotek/internal/charter"
	"kartotek/internal/fault"
	"kartotek/internal/locale"
	"kartotek/internal/unit"
	"kartotek/internal/vault"
)

const (
	longestText = 20_000              // characters of a text
	furthest    = 90 * 24 * time.Hour // how far ahead sending can be set
	longestLine = 78                  // of a subject: RFC 5322 § 2.1.1
)

// transition is one arrow of the package's diagram.
type transition struct{ from, to State }

var transitions = []transition{
	{Drafted, Drafted}, {Refused, Drafted}, {Submitted, Drafted},
	{Drafted, Submitted}, {Drafted, Approved}, {Submitted, Approved}, {Submitted, Refused}, {Submitted, Stopped},
	{Approved, Sending}, {Approved, Stopped}, {Approved, Submitted},
	{Sending, Sent}, {Sending, Stopped}, {Sending, Submitted},
}

func (s State) canBecome(next State) bool { return slices.Contains(transitions, transition{s, next}) }

// check settles what somebody wrote, and tells what is wrong field by field.
func (d *Draft) check(c *charter.Charter, neutral func(subject string) error, now time.Time) error {
	invalid := fault.New(fault.Invalid, "mailing.error.draft")
	if p, known := c.Purpose(d.Purpose); !known || !c.Mailings.MayMail(p.Code) {
		invalid = invalid.With("purpose", "mailing.error.purpose")
	}
	d.Subject, d.Text, d.ReplyTo = strings.TrimSpace(d.Subject), tidy(d.Text), strings.TrimSpace(d.ReplyTo)
	switch {
	case d.Subject == "":
		invalid = invalid.With("subject", "mailing.error.subject_missing")
	case utf8.RuneCountInString(d.Subject) > longestLine || strings.ContainsFunc(d.Subject, unicode.IsControl):
		invalid = invalid.With("subject", "mailing.error.subject_long", "most", longestLine)
	case neutral(d.Subject) != nil:
		invalid = invalid.With("subject", "mailing.error.subject_neutral")
	}
	switch n := utf8.RuneCountInString(d.Text); {
	case n == 0:
		invalid = invalid.With("text", "mailing.error.text_missing")
	case n > longestText:
		invalid = invalid.With("text", "mailing.error.text_long", "most", longestText)
	}
	if d.ReplyTo != "" && !bare(d.ReplyTo) {
		invalid = invalid.With("reply", "mailing.error.reply")
	}
	if d.Lang == "" {
		d.Lang = c.Lang()
	}
	if !slices.Contains(locale.Languages(), d.Lang) {
		invalid = invalid.With("lang", "mailing.error.lang")
	}
	if !d.SendAt.IsZero() && d.SendAt.After(now.Add(furthest)) {
		invalid = invalid.With("at", "mailing.error.at", "days", int(furthest/(24*time.Hour)))
	}
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// tidy gives a text as it is kept: lines end in one way and nothing in it is unseen.
func tidy(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\t", "    ").Replace(strings.ToValidUTF8(text, ""))
	text = strings.Map(func(r rune) rune {
		if r != '\n' && unicode.IsControl(r) {
			return -1
		}
		return r
	}, text)
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \u00a0")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// bare reports whether a text is one e-mail address and nothing else.
func bare(address string) bool {
	parsed, err := netmail.ParseAddress(address)
	return err == nil && parsed.Address == address && parsed.Name == "" && len(address) <= 254
}

// wears finds by which of what somebody holds today they are one of the codes, in a
// body: a position, a post there, or with grants documented access for the purpose.
func wears(held []access.Holding, as uint64, body unit.ID, codes []string, grants bool, purpose string) (access.Basis, bool) {
	hat := slices.IndexFunc(held, func(h access.Holding) bool { return h.Basis.ID == as })
	for i := range held {
		h := &held[i]
		b := h.Basis
		switch {
		case !h.Rests.IsZero():
			continue
		case as != 0 && b.ID != as && !(hat >= 0 && held[hat].Basis.Right == access.ByPosition && b.Right == access.ByPosition):
			continue
		case b.Right == access.ByPosition && slices.Contains(codes, b.Code):
			return b, true
		case b.OfPost() && b.Unit == body && slices.Contains(codes, b.Code):
			return b, true
		case grants && b.Right == access.ByGrant && b.Unit == body && h.Grant != nil && (purpose == "" || slices.Contains(h.Grant.Purposes, purpose)):
			return b, true
		}
	}
	return access.Basis{}, false
}

// may says what somebody can do with a mailing, by what they are for its body.
func (m *Mailing) may(person vault.PersonID, writes, approves bool) May {
	mine := m.WrittenBy == person
	author := writes && mine
	return May{
		Write:  author && (m.State == Drafted || m.State == Refused),
		Submit: author && m.State == Drafted, Drop: author && (m.State == Drafted || m.State == Refused),
		TakeBack: author && m.State == Submitted && m.BegunAt.IsZero(),
		Approve:  approves && m.State == Submitted && !mine,
		Send:     (author || approves) && m.State == Approved,
		Stop:     (author || approves) && (m.State == Approved || m.State == Sending || m.State == Submitted && !m.BegunAt.IsZero()),
		Own:      mine,
	}
}

// allowance is how many messages may leave now, when so many an hour may and some left
// a while ago. At the most five minutes' worth goes at once.
func allowance(perHour int, since time.Duration) int {
	most := max(1, perHour/12)
	if since < 0 {
		return 0
	}
	if since >= 5*time.Minute {
		return most
	}
	return min(most, int(int64(perHour)*int64(since)/int64(time.Hour)))
}
