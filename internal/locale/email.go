package locale

import (
	"strings"

	"golang.org/x/net/idna"
)

// ParseEmail checks an e-mail address and brings it into one form: small
// letters, the domain as DNS knows it (xn--…), no "mailto:" and no angle
// brackets. It is stricter than RFC 5322, whose comments, quotes and address
// literals no member has, and refuses letters outside ASCII before the @, which
// mail servers seldom take.
func ParseEmail(s string) (string, bool) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "<"); ok {
		s = strings.TrimSuffix(rest, ">")
	}
	if len(s) > 7 && strings.EqualFold(s[:7], "mailto:") {
		s = s[7:]
	}
	at := strings.LastIndexByte(s, '@')
	if at < 1 || at > 64 || len(s) > 254 {
		return "", false
	}
	local, domain := s[:at], s[at+1:]
	if !validLocal(local) {
		return "", false
	}
	if !ascii(domain) {
		converted, err := idna.Lookup.ToASCII(domain)
		if err != nil {
			return "", false
		}
		domain = converted
		s = local + "@" + domain
	}
	if !validDomain(domain) || len(s) > 254 {
		return "", false
	}
	return strings.ToLower(s), true
}

func ascii(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

func validLocal(local string) bool {
	for i := 0; i < len(local); i++ {
		c := local[i]
		switch {
		case letterOrDigit(c):
		case c == '.':
			if i == 0 || i == len(local)-1 || local[i-1] == '.' {
				return false
			}
		case strings.IndexByte("!#$%&'*+/=?^_`{|}~-", c) < 0:
			return false
		}
	}
	return true
}

func validDomain(domain string) bool {
	labels := 0
	for rest := domain; ; {
		label, after, more := strings.Cut(rest, ".")
		if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
			return false
		}
		for i := 0; i < len(label); i++ {
			if c := label[i]; !letterOrDigit(c) && c != '-' {
				return false
			}
		}
		labels++
		if !more {
			// The last label is never a number: that would be an address literal.
			return labels > 1 && len(label) > 1 && (label[0] < '0' || label[0] > '9')
		}
		rest = after
	}
}

func letterOrDigit(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}
