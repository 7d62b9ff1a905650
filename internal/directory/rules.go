package directory

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"kartotek/internal/charter"
	"kartotek/internal/fault"
)

// Letters a search beyond one's own body needs, names on a page of closed pages, and
// how long an address can be.
const (
	SearchLetters = 3
	PageSize      = 25
	longestText   = 200
	mostOrigins   = 10
)

// fields gives what others see of somebody: what they chose, and until they chose the
// charter's defaults, which are as little as can be (GDPR Art. 25(2)).
func (c *Choice) fields(d *charter.Directory) []string {
	if !c.Made {
		return d.Shows(d.Shown)
	}
	return d.Shows(c.Fields)
}

// settle keeps of a choice what the charter lets members show.
func settle(d *charter.Directory, chosen []string) ([]string, error) {
	var kept []string
	for _, code := range chosen {
		if !slices.Contains(d.Fields, code) {
			return nil, fault.New(fault.Invalid, "directory.error.choice").With("show", "directory.error.field")
		}
		if !slices.Contains(kept, code) {
			kept = append(kept, code)
		}
	}
	slices.Sort(kept)
	return kept, nil
}

// enough reports whether a search text has the letters that are asked for.
func enough(text string) bool {
	return utf8.RuneCountInString(strings.Join(strings.Fields(text), "")) >= SearchLetters
}

// spend counts a look, or refuses it for today.
func (l Looks) spend(d *charter.Directory, contacts, names int) (Looks, error) {
	switch {
	case contacts > 0 && l.Contacts+contacts > d.Contacts.Value:
		return l, fault.New(fault.TooMany, "directory.error.contacts", "count", d.Contacts.Value)
	case names > 0 && l.Names+names > d.Names.Value:
		return l, fault.New(fault.TooMany, "directory.error.names", "count", d.Names.Value)
	}
	l.Contacts += contacts
	l.Names += names
	return l, nil
}

// check settles what a body says of itself, or tells what is wrong with it.
func (p *Page) check(posts func(code string) bool, phone func(string) (string, bool)) error {
	invalid := fault.New(fault.Invalid, "directory.error.page")
	p.Mailbox, p.Phone = strings.TrimSpace(p.Mailbox), strings.TrimSpace(p.Phone)
	if p.Contact != "" && !posts(p.Contact) {
		invalid = invalid.With("contact", "directory.error.post")
	}
	if p.Mailbox != "" && !mailbox(p.Mailbox) {
		invalid = invalid.With("mailbox", "directory.error.mailbox")
	}
	if p.Phone != "" {
		whole, ok := phone(p.Phone)
		if !ok {
			invalid = invalid.With("phone", "directory.error.phone")
		}
		p.Phone = whole
	}
	kept := map[string]string{}
	for post, address := range p.Mailboxes {
		switch address = strings.TrimSpace(address); {
		case address == "":
		case !posts(post) || !mailbox(address):
			invalid = invalid.With("mailbox-"+post, "directory.error.mailbox")
		default:
			kept[post] = address
		}
	}
	p.Mailboxes = kept
	origins, ok := origins(p.Origins)
	if !ok {
		invalid = invalid.With("origins", "directory.error.origins", "count", mostOrigins)
	}
	p.Origins = origins
	if len(invalid.Fields) > 0 {
		return invalid
	}
	return nil
}

// mailbox reports whether a text is one e-mail address and nothing else.
func mailbox(text string) bool {
	parsed, err := mail.ParseAddress(text)
	return err == nil && parsed.Address == text && len(text) <= longestText
}

// origins settles addresses of sites, as a browser names them in its policies: scheme,
// host and port, nothing more. Whatever could end or widen such a policy is refused.
func origins(given []string) (settled []string, ok bool) {
	ok = len(given) <= mostOrigins
	for _, text := range given {
		text = strings.TrimRight(strings.ToLower(strings.TrimSpace(text)), "/")
		if text == "" {
			continue
		}
		at, err := url.Parse(text)
		if err != nil || at.Scheme != "https" && !loopback(at) || at.Host == "" || at.Hostname() == "" || at.User != nil ||
			at.Path != "" || at.RawQuery != "" || at.Fragment != "" || at.Opaque != "" || len(text) > longestText ||
			strings.Trim(at.Host, "abcdefghijklmnopqrstuvwxyz0123456789.-:") != "" {
			ok = false
			continue
		}
		if origin := at.Scheme + "://" + at.Host; !slices.Contains(settled, origin) {
			settled = append(settled, origin)
		}
	}
	return settled, ok
}

// loopback reports whether a site is on the machine itself, where http serves.
func loopback(at *url.URL) bool {
	host := at.Hostname()
	return at.Scheme == "http" && (host == "localhost" || host == "127.0.0.1")
}
